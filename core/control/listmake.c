#include "control/listmake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/trustfile.h"
#include "pki/rsa.h"
#include "ringlock/time.h"

enum { SIGNER_BITS_MAX = 2048 };

/* ---- which certificates ---- */

static const char *role_text(enum rl_cert_role role)
{
    const char *name;
    unsigned bit;
    for (size_t i = 0; (name = rl_cert_role_name(i, &bit)); i++)
        if (bit == (unsigned)role)
            return name;
    return "";
}

static bool list(const struct rl_ring *ring, enum rl_list_kind kind, bool ec,
                 struct rl_listing *out)
{
    static const enum rl_listing_state states[] = {[RL_OWN_NEXT] = RL_LISTING_NEXT,
                                                   [RL_OWN_ACTIVE] = RL_LISTING_ACTIVE,
                                                   [RL_OWN_FORMER] = RL_LISTING_FORMER};
    struct rl_listing_cert *cert = rl_alloc((ring->n + 1) * sizeof *cert);
    for (size_t i = 0; i < ring->n; i++) {
        const struct rl_ring_entry *e = &ring->entry[i];
        cert[i] = (struct rl_listing_cert){role_text(e->role), e->ec, states[e->state],
                                           e->cert.fingerprint};
    }
    bool signs = rl_listing_make(kind, ec, cert, ring->n, out);
    free(cert);
    return signs;
}

/* ---- may it be made ---- */

static bool is_valid(const struct rl_cert *cert, int64_t now_us)
{
    return now_us >= cert->not_before_us && now_us <= cert->not_after_us;
}

static enum rl_code need(const struct rl_ring *ring, enum rl_cert_role role, enum rl_list_kind kind,
                         int64_t now_us, struct rl_err *err)
{
    const struct rl_ring_entry *e = rl_ring_find(ring, role, false, RL_OWN_ACTIVE);
    const char *name = role_text(role);
    char from[RL_TIME_TEXT], to[RL_TIME_TEXT];
    if (!e || !e->key)
        return rl_fail(err, RL_E_CTL_SIGNER, name,
                       "The %s cannot be made: there is no active %s certificate with its key.",
                       rl_list_names[kind], name);
    if (is_valid(&e->cert, now_us))
        return RL_OK;
    return rl_fail(err, RL_E_CTL_SIGNER, name,
                   "The %s cannot be made: the active %s certificate is valid from %s to %s, not "
                   "now.",
                   rl_list_names[kind], name, rl_time_text(e->cert.not_before_us, 0, from),
                   rl_time_text(e->cert.not_after_us, 0, to));
}

static void warn(struct rl_problems *warnings, enum rl_list_kind kind, const char *text)
{
    struct rl_err err = {0};
    if (!warnings)
        return;
    rl_fail(&err, RL_W_TRUST_FILE, rl_list_files[kind], "%s %s.", rl_list_files[kind], text);
    rl_problems_add(warnings, &err);
}

static void warn_of_size(struct rl_problems *warnings, enum rl_list_kind kind, size_t certs,
                         size_t bytes)
{
    char text[160];
    snprintf(text, sizeof text,
             "has %zu certificates and %zu bytes; beyond %d or %d phones no longer load it", certs,
             bytes, RL_LIST_CERTS_MAX, RL_LIST_BYTES_MAX);
    if (certs > RL_LIST_CERTS_MAX || bytes > RL_LIST_BYTES_MAX)
        warn(warnings, kind, text);
}

/* ---- making ---- */

struct making {
    enum rl_list_kind kind;
    size_t n;
    struct rl_trust_entry entry[RL_LISTED_MAX];
    struct rl_trust_record record[RL_LISTED_MAX];
};

static void making_free(struct making *m)
{
    for (size_t i = 0; i < m->n; i++)
        rl_trust_entry_fini(&m->entry[i]);
    free(m);
}

static enum rl_code add_records(struct making *m, const struct rl_ring *ring,
                                const struct rl_listing *listing, struct rl_err *err)
{
    for (; m->n < listing->n; m->n++) {
        const struct rl_cert *cert = &ring->entry[listing->record[m->n].cert].cert;
        enum rl_code code = rl_trust_entry_make(cert->der, cert->nder, listing->record[m->n].role,
                                                rl_list_files[m->kind], &m->entry[m->n], err);
        if (code)
            return code;
        m->record[m->n] = m->entry[m->n].record;
    }
    return RL_OK;
}

static enum rl_code write_list(const struct making *m, const struct rl_list_rules *rules,
                               uint32_t time, const struct rl_key *key, struct rl_buf *out,
                               struct rl_err *err)
{
    const char *name = rl_list_files[m->kind];
    const struct rl_trust_signer signer = {rl_trust_sign, (void *)key};
    struct rl_trust_header header;
    enum rl_code code = rl_trust_header_make(&m->entry[0], RL_TLV_LIST, name, &header, err);
    if (code)
        return code;
    header.signer_version.minor = rules->ec;
    header.hash = rules->sha512 ? RL_TRUST_SHA512 : RL_TRUST_SHA1;
    header.file_name = (struct rl_bytes){(const uint8_t *)name, strlen(name)};
    header.time = time;
    return rl_trust_list_write(&header, m->record, m->n, name, &signer, out, err);
}

/* What phones get is read back, and its signature verified. What the records repeat was taken from
 * their certificates a moment ago. */
static enum rl_code prove(const struct rl_buf *out, enum rl_list_kind kind,
                          const struct rl_cert *signer, struct rl_err *err)
{
    struct rl_trust_list made;
    enum rl_code code =
        rl_trust_list_read(rl_buf_str(out), out->len, rl_list_files[kind], &made, NULL, err);
    if (code)
        return code;
    enum rl_rsa_hash hash = made.header.hash == RL_TRUST_SHA512 ? RL_RSA_SHA512 : RL_RSA_SHA1;
    return rl_rsa_verify(signer->der, signer->nder, hash, made.over.part, 2, &made.header.signature)
               ? RL_OK
               : rl_fail(err, RL_E_CTL_SIGNER, rl_list_files[kind],
                         "The %s that was made does not verify with the certificate of its signer.",
                         rl_list_names[kind]);
}

static enum rl_code make(const struct rl_ring *ring, enum rl_list_kind kind,
                         const struct rl_list_rules *rules, uint32_t time, struct rl_buf *out,
                         struct rl_problems *warnings, struct rl_err *err)
{
    struct rl_listing listing;
    struct making *m = rl_alloc(sizeof *m);
    m->kind = kind;
    list(ring, kind, rules->ec, &listing);
    const struct rl_ring_entry *signer = &ring->entry[listing.record[0].cert];
    enum rl_code code = add_records(m, ring, &listing, err);
    if (!code)
        code = write_list(m, rules, time, signer->key, out, err);
    if (!code)
        code = prove(out, kind, &signer->cert, err);
    if (!code && signer->cert.key_bits > SIGNER_BITS_MAX)
        warn(warnings, kind, "is signed with more than 2048 bits, which no phone is known to take");
    if (!code)
        warn_of_size(warnings, kind, m->n, out->len);
    making_free(m);
    return code;
}

enum rl_code rl_list_make(const struct rl_ring *ring, enum rl_list_kind kind,
                          const struct rl_list_rules *rules, uint32_t time, int64_t now_us,
                          struct rl_buf *out, struct rl_problems *warnings, struct rl_err *err)
{
    enum rl_code code = need(ring, RL_CERT_ITLRECOVERY, kind, now_us, err);
    if (!code)
        code = need(ring, RL_CERT_CALLMANAGER, kind, now_us, err);
    return code ? code : make(ring, kind, rules, time, out, warnings, err);
}

/* ---- what is in one ---- */

static void digest_of(const struct rl_bytes *der, char out[65])
{
    *out = '\0';
    if (der->p)
        rl_pki_sha256(der->p, der->n, out);
}

bool rl_list_content(const void *bytes, size_t n, struct rl_list_content *out)
{
    struct rl_trust_list list;
    struct rl_trust_record record;
    size_t at = 0, begins;
    *out = (struct rl_list_content){.bytes = n};
    if (rl_trust_list_read(bytes, n, "", &list, NULL, NULL) != RL_OK)
        return false;
    out->time = list.header.time;
    out->sha512 = list.header.hash == RL_TRUST_SHA512;
    out->ec = list.header.signer_version.minor > 0;
    for (; out->n < RL_LISTED_MAX && rl_trust_list_next(&list, &at, &record, &begins); out->n++) {
        out->record[out->n].role = (enum rl_trust_role)record.role;
        digest_of(&record.certificate, out->record[out->n].fingerprint);
    }
    memcpy(out->signer, out->record[0].fingerprint,
           sizeof out->signer); /* the first, as we make it */
    return true;
}

bool rl_list_has(const struct rl_list_content *content, const char *fingerprint)
{
    for (size_t i = 0; i < content->n; i++)
        if (strcmp(content->record[i].fingerprint, fingerprint) == 0)
            return true;
    return false;
}

/* ---- what it differs in ---- */

static bool has_record(const struct rl_list_content *content, enum rl_trust_role role,
                       const char *fingerprint)
{
    for (size_t i = 0; i < content->n; i++)
        if (content->record[i].role == role &&
            strcmp(content->record[i].fingerprint, fingerprint) == 0)
            return true;
    return false;
}

static bool in_ring(const struct rl_ring *ring, const char *fingerprint)
{
    for (size_t i = 0; i < ring->n; i++)
        if (strcmp(ring->entry[i].cert.fingerprint, fingerprint) == 0)
            return true;
    return false;
}

static void add_stale(struct rl_problems *out, enum rl_list_kind kind, const char *role,
                      const char *fingerprint, const char *what)
{
    struct rl_err err = {0};
    rl_fail(&err, RL_W_CTL_STALE, rl_list_names[kind],
            "The %s is out of date: %s %s certificate %.16s.", rl_list_names[kind], what, role,
            fingerprint);
    rl_problems_add(out, &err);
}

void rl_list_stale(const struct rl_ring *ring, enum rl_list_kind kind,
                   const struct rl_list_content *content, struct rl_problems *out)
{
    struct rl_listing wanted;
    list(ring, kind, content->ec, &wanted);
    for (size_t i = 0; i < wanted.n; i++) {
        const struct rl_ring_entry *e = &ring->entry[wanted.record[i].cert];
        if (e->state == RL_OWN_ACTIVE && !rl_list_has(content, e->cert.fingerprint))
            add_stale(out, kind, role_text(e->role), e->cert.fingerprint, "it lacks the active");
    }
    for (size_t i = 0; i < content->n; i++)
        if (!in_ring(ring, content->record[i].fingerprint))
            add_stale(out, kind, rl_trust_role_name(content->record[i].role),
                      content->record[i].fingerprint, "it still has the retired");
}

bool rl_list_is_current(const struct rl_ring *ring, enum rl_list_kind kind,
                        const struct rl_list_rules *rules, const struct rl_list_content *content)
{
    struct rl_listing wanted;
    list(ring, kind, rules->ec, &wanted);
    bool same =
        wanted.n == content->n && rules->ec == content->ec && rules->sha512 == content->sha512;
    for (size_t i = 0; same && i < wanted.n; i++)
        same = has_record(content, wanted.record[i].role,
                          ring->entry[wanted.record[i].cert].cert.fingerprint);
    return same &&
           strcmp(content->signer, ring->entry[wanted.record[0].cert].cert.fingerprint) == 0;
}
