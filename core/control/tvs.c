#include "control/tvs.h"

#include <stdio.h>
#include <string.h>

#include "control/ring.h"
#include "engine/engine.h"
#include "engine/enrol_child.h"
#include "engine/log.h"
#include "pki/parts.h"
#include "policy/tvs.h"
#include "ringlock/time.h"
#include "store/certs.h"
#include "trust/listing.h"

enum { SERIAL_BYTES = 64, ROLES_MAX = 32 };

struct search {
    const struct rl_enr_ask *ask;
    struct rl_store *store;
    int64_t now_us;
    bool query;
    char fingerprint[65];              /* VERIFY: of the certificate asked for */
    char serial[2 * SERIAL_BYTES + 1]; /* QUERY: without zero bytes in front */
    char found[65];                    /* fingerprint of the one that the answer is about */
    struct rl_buf der;
    uint32_t roles; /* a bit for each */
};

static void write_serial(const struct rl_bytes *serial, char *out)
{
    size_t i = 0;
    while (i + 1 < serial->n && serial->p[i] == 0)
        i++;
    for (; i < serial->n && i < SERIAL_BYTES; i++, out += 2)
        snprintf(out, 3, "%02x", serial->p[i]);
}

/* Zero bytes in front are no part of a number. */
static bool same_serial(const struct search *s, const char *serial)
{
    while (strncmp(serial, "00", 2) == 0 && serial[2])
        serial += 2;
    return strcmp(serial, s->serial) == 0;
}

static bool issued_by(const struct search *s, const void *der, size_t n)
{
    struct rl_cert_parts parts;
    if (rl_cert_parts_read(der, n, "certificate", &parts, NULL) != RL_OK)
        return false;
    bool same = rl_dn_is(&parts.issuer, s->ask->issuer.p, s->ask->issuer.n);
    rl_cert_parts_fini(&parts);
    return same;
}

static bool is_it(const struct search *s, const char *fingerprint, const char *serial,
                  const void *der, size_t n)
{
    if (!s->query)
        return strcmp(fingerprint, s->fingerprint) == 0;
    return same_serial(s, serial) && issued_by(s, der, n);
}

/* One serves as the answer; it may have a role in several places. */
static void found(struct search *s, const char *fingerprint, const void *der, size_t n,
                  uint32_t roles)
{
    if (roles == 0 || (s->roles != 0 && strcmp(s->found, fingerprint) != 0))
        return;
    s->roles |= roles;
    if (s->der.len == 0)
        rl_buf_add(&s->der, der, n);
    snprintf(s->found, sizeof s->found, "%s", fingerprint);
}

/* ---- our own ---- */

static const char *role_name(enum rl_cert_role role)
{
    unsigned bit;
    const char *name;
    for (size_t i = 0; (name = rl_cert_role_name(i, &bit)) != NULL; i++)
        if (bit == (unsigned)role)
            return name;
    return "";
}

static enum rl_listing_state listing_state(enum rl_own_state state)
{
    return state == RL_OWN_NEXT     ? RL_LISTING_NEXT
           : state == RL_OWN_ACTIVE ? RL_LISTING_ACTIVE
                                    : RL_LISTING_FORMER;
}

/* The roles that lists give to entry `i`, whichever list it is in. */
static uint32_t listed_roles(const struct rl_ring *ring, size_t i)
{
    struct rl_listing_cert *certs = rl_alloc((ring->n + 1) * sizeof *certs);
    struct rl_listing listing;
    uint32_t roles = 0;
    for (size_t k = 0; k < ring->n; k++)
        certs[k] = (struct rl_listing_cert){role_name(ring->entry[k].role), ring->entry[k].ec,
                                            listing_state(ring->entry[k].state),
                                            ring->entry[k].cert.fingerprint};
    for (int kind = 0; kind < RL_LIST_KINDS; kind++) {
        if (!rl_listing_make((enum rl_list_kind)kind, true, certs, ring->n, &listing))
            continue;
        for (size_t k = 0; k < listing.n; k++)
            if (strcmp(certs[listing.record[k].cert].fingerprint, certs[i].fingerprint) == 0)
                roles |= UINT32_C(1) << listing.record[k].role;
    }
    free(certs);
    return roles;
}

static void search_own(const struct rl_engine *e, struct search *s)
{
    struct rl_ring *ring = rl_ring_take(e);
    for (size_t i = 0; i < ring->n; i++) {
        const struct rl_cert *cert = &ring->entry[i].cert;
        if (s->now_us >= cert->not_before_us && s->now_us <= cert->not_after_us &&
            is_it(s, cert->fingerprint, cert->serial, cert->der, cert->nder))
            found(s, cert->fingerprint, cert->der, cert->nder, listed_roles(ring, i));
    }
    rl_ring_free(&ring);
}

/* ---- on file ---- */

static bool note_user(void *ctx, const char *kind, const char *name)
{
    (void)kind, (void)name;
    *(bool *)ctx = true;
    return false;
}

/* Has a phone or a profile this certificate? One of which that cannot be known has. */
static bool is_used(struct rl_store *store, const struct rl_row *row)
{
    bool used = false;
    const char *name = rl_row_get(row, RL_CERTIFICATE_NAME);
    return rl_store_users_of(store, RL_CERTIFICATE, name, note_user, &used, NULL) != RL_OK || used;
}

static bool on_file(void *ctx, const struct rl_row *row, const void *der, size_t n)
{
    struct search *s = ctx;
    int role = rl_policy_tvs_role(row, is_used(s->store, row));
    const char *fingerprint = rl_row_get(row, RL_CERTIFICATE_FINGERPRINT);
    if (role != RL_TVS_NO_ROLE &&
        s->now_us >= rl_time_parse(rl_row_get(row, RL_CERTIFICATE_NOT_BEFORE)) &&
        s->now_us <= rl_time_parse(rl_row_get(row, RL_CERTIFICATE_NOT_AFTER)) &&
        is_it(s, fingerprint, rl_row_get(row, RL_CERTIFICATE_SERIAL), der, n))
        found(s, fingerprint, der, n, UINT32_C(1) << role);
    return true;
}

static void search_file(struct search *s)
{
    struct rl_err err = {0};
    enum rl_code code = s->query ? rl_store_certs_numbered(s->store, s->serial, on_file, s, &err)
                                 : rl_store_certs_same(s->store, s->fingerprint, on_file, s, &err);
    if (code != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
}

void rl_tvs_ask(struct rl_engine *e, const struct rl_enr *question)
{
    struct search s = {.store = e->reader,
                       .ask = &question->ask,
                       .now_us = rl_now_us(),
                       .query = question->kind == RL_ENR_QUERY};
    struct rl_enr rec = {.kind = RL_ENR_ANSWER, .session = question->session};
    uint8_t roles[ROLES_MAX];
    if (s.query)
        write_serial(&s.ask->serial, s.serial);
    else
        rl_pki_sha256(s.ask->der.p, s.ask->der.n, s.fingerprint);
    search_own(e, &s);
    search_file(&s);
    rec.answer = (struct rl_enr_answer){
        .status = s.roles == 0,
        .roles = {roles, rl_policy_tvs_roles(s.roles, roles)},
        .ttl = (uint32_t)(e->config.tvs_ttl_us / 1000000),
        .der = {(const uint8_t *)s.der.data,     s.der.len     }
    };
    rl_enrol_send(e->enrol, &rec);
    rl_buf_fini(&s.der);
}
