/* Who signed a certificate, among those on file. */
#ifndef RL_CONTROL_CERTCHAIN_H
#define RL_CONTROL_CERTCHAIN_H

#include <jansson.h>

#include "pki/cert.h"
#include "store/store.h"

/* The one of a trust store whose key proves the signature of `cert`; one that counts at `now`
 * (RFC 3339) goes before one that does not. `row` and `issuer` are initialised on RL_OK. False in
 * *found: there is none. */
enum rl_code rl_cert_find_issuer(struct rl_store *store, const char *name,
                                 const struct rl_cert *cert, const char *now, struct rl_row *row,
                                 struct rl_cert *issuer, bool *found, struct rl_err *err);

/* Members "pem", "chain" and "used_by" of a certificate in object.show (protocol.h). */
void rl_json_add_cert(struct rl_store *store, const struct rl_row *row, json_t *object);

#endif
