#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/trustfile.h"
#include "control/trusttold.h"
#include "control/values.h"
#include "control/work.h"
#include "pki/bundle.h"
#include "ringlock/base64.h"
#include "ringlock/text.h"
#include "store/own.h"
#include "trust/enc.h"
#include "trust/sgn.h"

enum { TEXT_MAX = 2000, PROBLEMS_MAX = 100 };

/* A list under way to its answer. */
struct reading {
    struct rl_request *rq;
    const char *file; /* its name, safe */
    struct rl_trust_list list;
    struct rl_trust_check check;
    char signer[65];       /* fingerprint, or "" */
    const char *known;     /* who vouches for the signer: "given", "on-file"; NULL: nobody */
    struct rl_err unknown; /* why nobody does; code RL_OK: somebody does */
};

/* ---- texts ---- */

static json_t *text_json(const struct rl_bytes *bytes)
{
    struct rl_buf safe = {0};
    if (!bytes->p)
        return json_null();
    rl_text_safe(&safe, (const char *)bytes->p, bytes->n);
    if (safe.len > TEXT_MAX) {
        safe.data[rl_text_cut(safe.data, TEXT_MAX, TEXT_MAX, NULL)] = '\0';
        safe.len = strlen(safe.data);
        rl_buf_adds(&safe, "...");
    }
    json_t *text = json_string(rl_buf_str(&safe));
    rl_buf_fini(&safe);
    return text;
}

static json_t *hex_json(const struct rl_bytes *bytes)
{
    struct rl_buf hex = {0};
    for (size_t i = 0; i < bytes->n && i < TEXT_MAX / 2; i++)
        rl_buf_addf(&hex, "%02x", bytes->p[i]);
    json_t *text = bytes->p ? json_string(rl_buf_str(&hex)) : json_null();
    rl_buf_fini(&hex);
    return text;
}

static json_t *version_json(const struct rl_tlv_version *v)
{
    char text[16];
    snprintf(text, sizeof text, "%u.%u", v->major, v->minor);
    return json_string(text);
}

static json_t *address_json(const struct rl_bytes *a)
{
    char text[32];
    if (!a->p || a->n != 4)
        return hex_json(a);
    snprintf(text, sizeof text, "%u.%u.%u.%u", a->p[0], a->p[1], a->p[2], a->p[3]);
    return json_string(text);
}

static json_t *role_json(unsigned role)
{
    const char *name = rl_trust_role_name(role);
    char number[16];
    snprintf(number, sizeof number, "%u", role);
    return json_string(name ? name : number);
}

/* ---- records ---- */

/* What the certificate itself tells; nothing where there is none, or it cannot be read. */
static void add_certificate(json_t *row, const struct rl_bytes *der)
{
    static const char *const members[] = {"fingerprint", "key_type", "key_bits", "not_before",
                                          "not_after"};
    struct rl_cert_parts parts;
    char fingerprint[65];
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set_new(row, members[i], json_null());
    if (!der->p || rl_cert_parts_read(der->p, der->n, "", &parts, NULL) != RL_OK)
        return;
    rl_pki_sha256(der->p, der->n, fingerprint);
    json_object_set_new(row, "fingerprint", json_string(fingerprint));
    json_object_set_new(row, "key_type", json_string(parts.key_type));
    json_object_set_new(row, "key_bits", json_integer(parts.key_bits));
    json_object_set_new(row, "not_before", rl_json_time(parts.not_before_us));
    json_object_set_new(row, "not_after", rl_json_time(parts.not_after_us));
    rl_cert_parts_fini(&parts);
}

static json_t *record_json(const struct reading *r, const struct rl_trust_record *record,
                           size_t number, size_t begins)
{
    json_t *row = json_pack(
        "{s:I, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "number", (json_int_t)number,
        "at", (json_int_t)begins, "bytes", record->size, "role", role_json(record->role), "subject",
        text_json(&record->subject), "issuer", text_json(&record->issuer), "serial",
        hex_json(&record->serial), "dns_name", text_json(&record->dns_name), "address",
        address_json(&record->address), "certificate_hash", hex_json(&record->hash), "signs",
        record->certificate.p && record->certificate.p == r->check.signer.p);
    add_certificate(row, &record->certificate);
    return row;
}

static json_t *records_json(const struct reading *r, bool *more)
{
    struct rl_page page = {.rows = json_array()};
    struct rl_trust_record record;
    size_t at = 0, begins, number = 0;
    while (rl_trust_list_next(&r->list, &at, &record, &begins) &&
           rl_page_add(&page, record_json(r, &record, ++number, begins)))
        ;
    *more = page.full;
    return page.rows;
}

/* ---- who vouches for the signer ---- */

static enum rl_code is_given(struct reading *r, bool *is)
{
    size_t i;
    json_t *given, *list = json_object_get(r->rq->params, "signers");
    json_array_foreach (list, i, given) {
        struct rl_bundle bundle;
        struct rl_buf bytes = {0};
        const char *text = json_string_value(given);
        if (text)
            rl_value_data(given, &bytes);
        enum rl_code code = rl_bundle_read(rl_buf_str(&bytes), bytes.len,
                                           "The signer's certificate", &bundle, &r->rq->err);
        rl_buf_fini(&bytes);
        if (code)
            return code;
        *is |= *r->signer && strcmp(bundle.cert[0].fingerprint, r->signer) == 0;
        rl_bundle_fini(&bundle);
    }
    return RL_OK;
}

struct own_signer {
    const char *fingerprint;
    bool is;
};

static bool is_own(void *ctx, const struct rl_own *own)
{
    struct own_signer *s = ctx;
    s->is = strcmp(own->fingerprint, s->fingerprint) == 0;
    return !s->is;
}

/* The site's own certificates that are not history; those of phones may not sign. */
static enum rl_code is_on_file(struct reading *r, bool *is)
{
    struct own_signer s = {r->signer, false};
    enum rl_code code = rl_store_owns(r->rq->store, NULL, false, is_own, &s, &r->rq->err);
    *is = s.is;
    return code;
}

static enum rl_code look_for_signer(struct reading *r)
{
    size_t n = json_array_size(json_object_get(r->rq->params, "signers"));
    bool given = false, on_file = false;
    if (r->check.signer.p)
        rl_pki_sha256(r->check.signer.p, r->check.signer.n, r->signer);
    enum rl_code code = is_given(r, &given);
    if (!code && !n && *r->signer)
        code = is_on_file(r, &on_file);
    if (code)
        return code;
    r->known = given ? "given" : on_file ? "on-file" : NULL;
    if (n && !given)
        rl_fail(&r->unknown, RL_E_TRUST_SIGNER, r->file,
                "%s is not signed by the certificate%s that you trust.", r->file,
                n == 1 ? "" : "s");
    else if (!r->known)
        rl_fail(&r->unknown, RL_W_TRUST_SIGNER, r->file,
                "%s vouches for itself alone: nobody known here has signed it. Anybody can make "
                "such a list; that it is whole proves nothing about trust.",
                r->file);
    return RL_OK;
}

/* ---- the answer ---- */

static json_t *problems_json(const struct rl_problems *problems)
{
    json_t *list = json_array();
    for (size_t i = 0; i < problems->n && i < PROBLEMS_MAX; i++)
        json_array_append_new(list, rl_json_problem(&problems->item[i]));
    return list;
}

/* What lists, signed and encrypted files say alike. */
static json_t *header_json(const char *file, size_t n, const struct rl_trust_header *h)
{
    return json_pack(
        "{s:s, s:I, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:s, s:i, s:o}", "file", file, "bytes",
        (json_int_t)n, "name", text_json(&h->file_name), "version", version_json(&h->version),
        "signer_version",
        h->has & RL_TRUST_HAS_SIGNER_VERSION ? version_json(&h->signer_version) : json_null(),
        "header_bytes", h->size, "signer", text_json(&h->signer), "issuer", text_json(&h->issuer),
        "serial", hex_json(&h->serial), "hash", h->hash == RL_TRUST_SHA512 ? "SHA-512" : "SHA-1",
        "key_bits", (int)(8 * h->signature.n), "time", rl_json_time(h->time * 1000000LL));
}

static void add_verdict(json_t *told, const struct reading *r, const struct rl_problems *problems)
{
    json_object_set_new(told, "verdict",
                        json_string(problems->errors     ? "reject"
                                    : problems->warnings ? "warn"
                                                         : "accept"));
    json_object_set_new(told, "problems", problems_json(problems));
    json_object_set_new(told, "fingerprint", rl_json_text_or_null(r->signer));
    json_object_set_new(told, "known", rl_json_text_or_null(r->known));
    json_object_set_new(told, "unknown",
                        r->unknown.code ? rl_json_problem(&r->unknown) : json_null());
}

static json_t *list_json(struct reading *r)
{
    const struct rl_trust_header *h = &r->list.header;
    const struct rl_problems *problems = &r->check.problems;
    bool more, wrong = false;
    for (size_t i = 0; i < problems->n; i++)
        wrong |= problems->item[i].code == RL_E_TRUST_SIGNATURE;
    json_t *records = records_json(r, &more);
    json_t *list = header_json(r->file, r->list.n, h);
    json_object_set_new(list, "count", json_integer((json_int_t)r->list.nrecords));
    json_object_set_new(list, "records", records);
    json_object_set_new(list, "more", json_boolean(more));
    json_object_set_new(list, "signature", json_string(wrong ? "wrong" : "right"));
    add_verdict(list, r, problems);
    return list;
}

json_t *rl_trust_told(struct rl_request *rq, const char *file, const struct rl_buf *bytes)
{
    struct reading r = {.rq = rq, .file = file};
    struct rl_problems warnings = {0};
    json_t *answer = NULL;
    enum rl_code code =
        rl_trust_list_read(rl_buf_str(bytes), bytes->len, r.file, &r.list, &warnings, &rq->err);
    if (!code) {
        rl_trust_check(&r.list, &r.check);
        for (size_t i = 0; i < warnings.n; i++)
            rl_problems_add(&r.check.problems, &warnings.item[i]);
        if (look_for_signer(&r) == RL_OK)
            answer = list_json(&r);
        rl_trust_check_fini(&r.check);
    }
    rl_problems_fini(&warnings);
    return answer;
}

/* ---- signed and encrypted files ---- */

/* One on its way to its answer; it holds no certificate, so who signed it has to be tried. */
struct trying {
    struct reading r;
    struct rl_trust_header header;
    struct rl_trust_signed over;
    struct rl_err err; /* of the certificate that says it is the signer */
};

/* False once it is clear. */
static bool try_signer(struct trying *t, const void *der, size_t n, const char *known)
{
    struct rl_err err = {0};
    enum rl_code code = rl_trust_signed_by(&t->header, &t->over, der, n, t->r.file, &err);
    if (code == RL_E_TRUST_SIGNER)
        return true;
    rl_pki_sha256(der, n, t->r.signer);
    t->r.known = known;
    t->err = err;
    return false;
}

static bool try_own(void *ctx, const struct rl_own *own)
{
    return own->ec || strcmp(own->role, "TFTP") != 0 ||
           try_signer(ctx, own->der, own->nder, "on-file");
}

static enum rl_code try_given(struct trying *t)
{
    size_t i;
    json_t *given, *list = json_object_get(t->r.rq->params, "signers");
    enum rl_code code = RL_OK;
    json_array_foreach (list, i, given) {
        struct rl_bundle bundle;
        struct rl_buf bytes = {0};
        if (json_is_string(given))
            rl_value_data(given, &bytes);
        code = rl_bundle_read(rl_buf_str(&bytes), bytes.len, "The signer's certificate", &bundle,
                              &t->r.rq->err);
        rl_buf_fini(&bytes);
        if (code)
            return code;
        bool clear = !try_signer(t, bundle.cert[0].der, bundle.cert[0].nder, "given");
        rl_bundle_fini(&bundle);
        if (clear)
            break;
    }
    return code;
}

static enum rl_code find_signer(struct trying *t)
{
    size_t n = json_array_size(json_object_get(t->r.rq->params, "signers"));
    enum rl_code code =
        n ? try_given(t) : rl_store_owns(t->r.rq->store, NULL, true, try_own, t, &t->r.rq->err);
    if (n && !t->r.known)
        rl_fail(&t->r.unknown, RL_E_TRUST_SIGNER, t->r.file,
                "%s is not signed by the certificate%s that you trust.", t->r.file,
                n == 1 ? "" : "s");
    else if (!t->r.known)
        rl_fail(&t->r.unknown, RL_W_TRUST_SIGNER, t->r.file,
                "Nobody known here has signed %s: its signature cannot be checked.", t->r.file);
    return code;
}

/* Else what was signed for one phone could be given to another. The folder is the server's. */
static void check_own_name(const struct trying *t, struct rl_problems *problems)
{
    struct rl_err err = {0};
    struct rl_buf name = {0};
    rl_text_safe(&name, (const char *)t->header.file_name.p, t->header.file_name.n);
    const char *text = rl_buf_str(&name), *slash = strrchr(text, '/');
    if (strcmp(slash ? slash + 1 : text, t->r.file) != 0) {
        rl_fail(&err, RL_E_TRUST_FILE, t->r.file,
                "%s: element 14 (file name) of the header is \"%.100s\": it was signed under "
                "another name.",
                t->r.file, text);
        rl_problems_add(problems, &err);
    }
    rl_buf_fini(&name);
}

static json_t *signed_json(struct trying *t, size_t n, struct rl_problems *problems)
{
    check_own_name(t, problems);
    if (t->err.code)
        rl_problems_add(problems, &t->err);
    json_t *told = header_json(t->r.file, n, &t->header);
    json_object_set_new(told, "count", json_integer(0));
    json_object_set_new(told, "records", json_array());
    json_object_set_new(told, "more", json_false());
    json_object_set_new(told, "signature",
                        json_string(!t->r.known   ? "unknown"
                                    : t->err.code ? "wrong"
                                                  : "right"));
    add_verdict(told, &t->r, problems);
    return told;
}

static enum rl_code read_signed(struct trying *t, const struct rl_buf *bytes, bool encrypted,
                                struct rl_problems *problems)
{
    struct rl_sgn sgn;
    struct rl_enc enc;
    struct rl_err *err = &t->r.rq->err;
    enum rl_code code =
        encrypted
            ? rl_enc_read(rl_buf_str(bytes), bytes->len, t->r.file, NULL, &enc, problems, err)
            : rl_sgn_read(rl_buf_str(bytes), bytes->len, t->r.file, NULL, &sgn, problems, err);
    if (code)
        return code;
    t->header = encrypted ? enc.header : sgn.header;
    t->over = encrypted ? enc.over : sgn.over;
    return find_signer(t);
}

static json_t *signed_told(struct rl_request *rq, const char *file, const struct rl_buf *bytes,
                           bool encrypted)
{
    struct trying t = {
        .r = {.rq = rq, .file = file}
    };
    struct rl_problems problems = {0};
    json_t *told = read_signed(&t, bytes, encrypted, &problems)
                       ? NULL
                       : signed_json(&t, bytes->len, &problems);
    rl_problems_fini(&problems);
    return told;
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* By its name, as the file is asked for. */
static json_t *told_by_name(struct rl_request *rq, const char *file, const struct rl_buf *bytes)
{
    if (ends_in(file, ".sgn") || ends_in(file, ".sha512"))
        return signed_told(rq, file, bytes, ends_in(file, ".enc.sgn"));
    return rl_trust_told(rq, file, bytes);
}

static json_t *read_list(struct rl_request *rq)
{
    const json_t *data = json_object_get(rq->params, "data");
    char *file = rl_param_file(rq, "The file");
    struct rl_buf bytes = {0};
    json_t *answer = NULL;
    if (!rl_base64_decode(&bytes, json_string_value(data), json_string_length(data)))
        rl_fail_field(&rq->err, RL_E_VALUE, file, "data", "The bytes of %s are not in base64.",
                      file);
    else if (bytes.len > RL_TRUST_BYTES)
        rl_fail_field(&rq->err, RL_E_VALUE, file, "data",
                      "%s has %zu bytes: %d at most are taken for a trust list.", file, bytes.len,
                      RL_TRUST_BYTES);
    else
        answer = told_by_name(rq, file, &bytes);
    rl_buf_fini(&bytes);
    free(file);
    return answer;
}

json_t *rl_method_trust_read(struct rl_request *rq)
{
    static const struct rl_work reading = {.run = read_list};
    return rl_work_later(rq, &reading);
}
