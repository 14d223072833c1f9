/* Certificates on file, beyond what all objects have in common: their bodies, their names, and how
 * they are found by what a phone presents. Rows are of rl_object(RL_CERTIFICATE). */
#ifndef RL_STORE_CERTS_H
#define RL_STORE_CERTS_H

#include "ringlock/buf.h"
#include "store/store.h"

/* Add a certificate inside the open transaction: its row (sets id and rev), its DER form and the
 * names a profile may equal: DNS SANs, else the CN. A digest that was in CallManager-trust once and
 * removed counts again when it comes back there. E-EXISTS for a name, or a digest in its store,
 * that is there. */
enum rl_code rl_store_cert_add(struct rl_store *s, struct rl_row *row, const void *der, size_t n,
                               const char *const *names, size_t nnames, struct rl_err *err);
/* Remove it inside the open transaction: profiles lose their reference, its digests are remembered
 * as removed at `when` (RFC 3339) if phones could present it. E-NOT-FOUND. */
enum rl_code rl_store_cert_remove(struct rl_store *s, const char *name, const char *when,
                                  struct rl_err *err);
/* The DER form; appended to `der`. E-NOT-FOUND. */
enum rl_code rl_store_cert_der(struct rl_store *s, const char *name, struct rl_buf *der,
                               struct rl_err *err);
/* The DER of one that was removed from CallManager-trust, by its fingerprint. E-NOT-FOUND. */
enum rl_code rl_store_cert_gone_der(struct rl_store *s, const char *fingerprint, struct rl_buf *der,
                                    struct rl_err *err);

/* By what people type: the name, the SHA-256 of the DER form or the PEM text (any case, with or
 * without colons), or at least 8 digits that one fingerprint alone begins with. `row` as in
 * rl_store_get. E-NOT-FOUND, E-VALUE if several begin so. */
enum rl_code rl_store_cert_find(struct rl_store *s, const char *text, struct rl_row *row,
                                struct rl_err *err);

/* By a digest of 64 hexadecimal digits in lower case, of DER form or PEM text: what a phone
 * presents. Of several stores, CallManager-trust leads. *removed tells if it was in
 * CallManager-trust once and is not now, whatever other store has it (true with E-NOT-FOUND, too).
 */
enum rl_code rl_store_cert_by_digest(struct rl_store *s, const char *digest, struct rl_row *row,
                                     bool *removed, struct rl_err *err);

/* True (in *has) if the store has the digest of a DER form. */
enum rl_code rl_store_cert_has(struct rl_store *s, const char *fingerprint, const char *store,
                               bool *has, struct rl_err *err);

typedef bool (*rl_cert_fn)(void *ctx, const struct rl_row *row); /* borrowed; false stops */
/* Those bound to a device, by name. */
enum rl_code rl_store_device_certs(struct rl_store *s, const char *device, rl_cert_fn fn, void *ctx,
                                   struct rl_err *err);
/* True (in *was) if a certificate of the device was on file and is removed. */
enum rl_code rl_store_device_cert_removed(struct rl_store *s, const char *device, bool *was,
                                          struct rl_err *err);
/* Those of CallManager-trust that are nobody's own and have exactly this name (R100, R101). */
enum rl_code rl_store_certs_named(struct rl_store *s, const char *name, rl_cert_fn fn, void *ctx,
                                  struct rl_err *err);
/* All of a trust store, with their DER form. */
typedef bool (*rl_cert_der_fn)(void *ctx, const struct rl_row *row, const void *der, size_t n);
enum rl_code rl_store_certs_in(struct rl_store *s, const char *store, rl_cert_der_fn fn, void *ctx,
                               struct rl_err *err);
/* Those that may sign others and have this subject: who may have issued what names it. A name alone
 * proves nothing (R10). */
enum rl_code rl_store_cert_issuers(struct rl_store *s, const char *store, const char *subject,
                                   rl_cert_der_fn fn, void *ctx, struct rl_err *err);
/* One certificate in whatever stores it is, by its fingerprint. */
enum rl_code rl_store_certs_same(struct rl_store *s, const char *fingerprint, rl_cert_der_fn fn,
                                 void *ctx, struct rl_err *err);
/* Those of this serial number, hexadecimal in lower case, without zero bytes in front: those that
 * have one are found as well. Issuers may share it. */
enum rl_code rl_store_certs_numbered(struct rl_store *s, const char *serial, rl_cert_der_fn fn,
                                     void *ctx, struct rl_err *err);
/* The first moment after `after` at which a certificate begins or ceases to be valid; *next is
 * owned by the caller, NULL if there is none. Both RFC 3339 in UTC. */
enum rl_code rl_store_cert_next(struct rl_store *s, const char *after, char **next,
                                struct rl_err *err);

/* Profiles whose certificate ends at `now` or before (R109): `fn` gets the profile's name and the
 * certificate's. */
enum rl_code rl_store_profiles_ended(struct rl_store *s, const char *now, rl_line_fn fn, void *ctx,
                                     struct rl_err *err);

/* Notices of expiry that were given (profiles.md 9). *is_new is true if this one was not; it is
 * recorded inside the open transaction. */
enum rl_code rl_store_cert_notice(struct rl_store *s, const char *fingerprint, int days,
                                  const char *when, bool *is_new, struct rl_err *err);

#endif
