#include "control/certchain.h"

#include <string.h>

#include "control/json.h"
#include "policy/certs.h"
#include "ringlock/time.h"
#include "store/certs.h"

enum { CHAIN_MAX = 16 };

struct search {
    const struct rl_cert *cert;
    const char *now;
    struct rl_row *row;
    struct rl_cert *issuer;
    bool found, valid;
};

/* The name brought it here; the signature decides. */
static bool try_issuer(void *ctx, const struct rl_row *row, const void *der, size_t n)
{
    struct search *s = ctx;
    struct rl_cert cert;
    if (rl_cert_parse(der, n, "", &cert, NULL))
        return true;
    if (!rl_cert_issued(s->cert, &cert)) {
        rl_cert_fini(&cert);
        return true;
    }
    if (s->found) {
        rl_row_fini(s->row);
        rl_cert_fini(s->issuer);
    }
    s->found = true;
    rl_row_copy(s->row, row);
    *s->issuer = cert;
    return rl_cert_validity(row, s->now) != RL_CERT_VALID;
}

enum rl_code rl_cert_find_issuer(struct rl_store *store, const char *name,
                                 const struct rl_cert *cert, const char *now, struct rl_row *row,
                                 struct rl_cert *issuer, bool *found, struct rl_err *err)
{
    struct search s = {.cert = cert, .now = now, .row = row, .issuer = issuer};
    enum rl_code code = rl_store_cert_issuers(store, name, cert->issuer, try_issuer, &s, err);
    if (code && s.found) {
        rl_row_fini(row);
        rl_cert_fini(issuer);
    }
    *found = !code && s.found;
    return code;
}

/* From the issuer of `cert` up; takes `cert`. */
static json_t *chain_json(struct rl_store *store, const char *name, struct rl_cert *cert)
{
    char now[RL_TIME_TEXT];
    bool found = true;
    json_t *list = json_array();
    rl_time_text(rl_now_us(), 0, now);
    while (found && !cert->self_signed && json_array_size(list) < CHAIN_MAX) {
        struct rl_row row;
        struct rl_cert issuer;
        if (rl_cert_find_issuer(store, name, cert, now, &row, &issuer, &found, NULL) || !found)
            break;
        json_array_append_new(list, json_pack("{s:o, s:o, s:s}", "name",
                                              rl_json_text(rl_row_get(&row, RL_CERTIFICATE_NAME)),
                                              "subject", rl_json_text(issuer.subject), "state",
                                              rl_cert_validity_text(rl_cert_validity(&row, now))));
        rl_row_fini(&row);
        rl_cert_fini(cert);
        *cert = issuer;
    }
    rl_cert_fini(cert);
    return list;
}

static bool add_user(void *ctx, const char *kind, const char *name)
{
    return rl_page_add(ctx, json_pack("{s:s, s:o}", "kind", kind, "name", rl_json_text(name)));
}

void rl_json_add_cert(struct rl_store *store, const struct rl_row *row, json_t *object)
{
    const char *name = rl_row_get(row, RL_CERTIFICATE_NAME);
    struct rl_buf der = {0};
    struct rl_cert cert;
    struct rl_page users = {.rows = json_array()};
    bool read = !rl_store_cert_der(store, name, &der, NULL) &&
                !rl_cert_parse(der.data, der.len, name, &cert, NULL);
    rl_buf_fini(&der);
    json_object_set_new(object, "pem", read ? json_string(cert.pem) : json_null());
    json_object_set_new(object, "chain",
                        read ? chain_json(store, rl_row_get(row, RL_CERTIFICATE_STORE), &cert)
                             : json_array());
    rl_store_users_of(store, RL_CERTIFICATE, name, add_user, &users, NULL);
    json_object_set_new(object, "used_by", users.rows);
}
