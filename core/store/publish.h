/* What phones' configuration files are made of, what was published for them, and what has to be
 * looked at again. While publishing is off nothing of this costs anything: the triggers that note
 * changes are made when it is turned on. */
#ifndef RL_STORE_PUBLISH_H
#define RL_STORE_PUBLISH_H

#include "ringlock/buf.h"
#include "store/store.h"

/* Named text: "on" once configuration files are published. */
#define RL_META_PUBLISH "publish"
/* Named text: what the site says to all phones, as it was published last. */
#define RL_META_PUBLISH_SITE "publish_site"

/* Inside the open transaction: from now on each change notes what it touches, in its own
 * transaction; and everything is due. */
enum rl_code rl_store_publish_on(struct rl_store *s, struct rl_err *err);

/* What a note is about: phones that are alike in this. */
#define RL_DUE_PHONE   "phone" /* its key: the name */
#define RL_DUE_PROFILE "profile"
#define RL_DUE_TYPE    "type"
#define RL_DUE_USER    "user"
#define RL_DUE_ALL     "all" /* its key: "" */

/* A note; texts are borrowed. `n` grows each time it is noted again. */
struct rl_due {
    const char *scope, *key;
    int64_t n;
};
typedef bool (*rl_due_fn)(void *ctx, const struct rl_due *due);
/* Single phones that are due, by name, those behind `after`; and the next note of another scope
 * behind `after` (scope and key). False stops. */
enum rl_code rl_store_due_phones(struct rl_store *s, const char *after, size_t limit, rl_due_fn fn,
                                 void *ctx, struct rl_err *err);
enum rl_code rl_store_due_wide(struct rl_store *s, const struct rl_due *after, rl_due_fn fn,
                               void *ctx, struct rl_err *err);
/* Is a phone due, by whichever note? */
enum rl_code rl_store_due_is(struct rl_store *s, const struct rl_row *phone, bool *is,
                             struct rl_err *err);
/* How many notes there are; no more than a million are counted. */
enum rl_code rl_store_due_count(struct rl_store *s, int64_t *n, struct rl_err *err);
/* How many phones have files that another certificate than the active one of TFTP signed. Looks at
 * all that is published: for workers. */
enum rl_code rl_store_signed_otherwise(struct rl_store *s, int64_t *n, struct rl_err *err);
/* Inside the open transaction: make a note; or take it back, unless it was made again since. */
enum rl_code rl_store_due_note(struct rl_store *s, const char *scope, const char *key,
                               struct rl_err *err);
enum rl_code rl_store_due_done(struct rl_store *s, const struct rl_due *due, struct rl_err *err);
/* Names of the phones of a note, those behind `after`. */
typedef bool (*rl_name_fn)(void *ctx, const char *name);
enum rl_code rl_store_due_names(struct rl_store *s, const char *scope, const char *key,
                                const char *after, size_t limit, rl_name_fn fn, void *ctx,
                                struct rl_err *err);

/* What a phone's files are made of, beside its rows. */
struct rl_phone_facts {
    struct rl_device_rows rows;
    char *digest_password; /* of its digest user; a secret; "" = none */
    char *config_key;      /* typed in at the phone; a secret; "" = none */
    char *capf_operation;  /* "none", ... */
    struct rl_buf cert;    /* DER: its LSC, else its MIC; empty = none on file */
    char *cert_name, *cert_fingerprint, *cert_origin; /* of it; "" */
};
/* All initialised by a hit; rl_phone_facts_fini wipes and frees. E-NOT-FOUND. */
enum rl_code rl_store_phone_facts(struct rl_store *s, const char *name, struct rl_phone_facts *out,
                                  struct rl_err *err);
void rl_phone_facts_fini(struct rl_phone_facts *facts);

/* What was published for a phone. */
struct rl_published {
    char *name;        /* of the phone */
    char *digest;      /* of all that the files are made of */
    char *made;        /* when, RFC 3339 */
    char *form;        /* "signed", "encrypted", "typed-key", "short" */
    char *signer;      /* fingerprint of the certificate that signed */
    char *certificate; /* that of the phone's they are encrypted for; "" */
    char *code, *why;  /* why not what the profile asks for; "" */
    char *files;       /* "NAME BYTES;NAME BYTES" */
};
void rl_published_fini(struct rl_published *p);
/* E-NOT-FOUND; owned by the caller. */
enum rl_code rl_store_published(struct rl_store *s, const char *name, struct rl_published *out,
                                struct rl_err *err);
/* Inside the open transaction. */
enum rl_code rl_store_published_put(struct rl_store *s, const struct rl_published *p,
                                    struct rl_err *err);
enum rl_code rl_store_published_drop(struct rl_store *s, const char *name, struct rl_err *err);
/* Those behind `after`, by name; borrowed. */
typedef bool (*rl_published_fn)(void *ctx, const struct rl_published *p);
enum rl_code rl_store_published_list(struct rl_store *s, const char *after, size_t limit,
                                     rl_published_fn fn, void *ctx, struct rl_err *err);
/* How many phones have files of each form: told by form; reads them all. */
typedef bool (*rl_form_fn)(void *ctx, const char *form, const char *code, int64_t n);
enum rl_code rl_store_published_forms(struct rl_store *s, rl_form_fn fn, void *ctx,
                                      struct rl_err *err);

#endif
