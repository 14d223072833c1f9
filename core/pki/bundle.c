#include "pki/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pki/der.h"
#include "ringlock/base64.h"
#include "ringlock/text.h"

enum { SEQUENCE = 0x30, INTEGER = 0x02, OCTETS = 0x04, OBJECT_ID = 0x06, LABEL = 48, NAME = 60 };

#define BEGIN "-----BEGIN "
#define END   "-----END "

/* --- what DER bytes are, by their first elements; they may be cut off after those --- */

/* RFC 5958: an encrypted key is an algorithm and octets. Certificates and requests begin with a
 * number or a version, public keys go on with bits. */
static bool is_encrypted_key(struct rl_cur inner)
{
    struct rl_cur algorithm;
    size_t length;
    rl_der_head(&inner, &length);
    algorithm = inner;
    if (rl_der_head(&algorithm, &(size_t){0}) != OBJECT_ID)
        return false;
    rl_cur_bytes(&inner, length);
    return rl_der_head(&inner, &length) == OCTETS && !inner.bad;
}

/* E-CERT-PRIVATE-KEY for PKCS#1, PKCS#8, SEC 1 and DSA keys, all of which begin with the version 0
 * or 1; E-CERT-PKCS12 for version 3 (RFC 7292 4); else RL_OK. */
static enum rl_code kind_of(struct rl_cur cur)
{
    size_t length;
    if (rl_der_head(&cur, &length) != SEQUENCE)
        return RL_OK;
    struct rl_cur inner = cur;
    uint8_t tag = rl_der_head(&cur, &length);
    if (tag == INTEGER && length == 1) {
        uint8_t version = rl_cur_u8(&cur);
        return cur.bad        ? RL_OK
               : version <= 1 ? RL_E_CERT_PRIVATE_KEY
               : version == 3 ? RL_E_CERT_PKCS12
                              : RL_OK;
    }
    return tag == SEQUENCE && is_encrypted_key(inner) ? RL_E_CERT_PRIVATE_KEY : RL_OK;
}

static enum rl_code refuse_kind(enum rl_code code, const char *object, struct rl_err *err)
{
    return rl_fail(err, code, object,
                   code == RL_E_CERT_PKCS12
                       ? "%s is a PKCS#12 file: nothing of it was taken."
                       : "%s holds a private key: nothing of it was taken, and the key should be "
                         "replaced if others could read the file.",
                   object);
}

/* One element after the other, so that a key is seen behind a certificate, too. */
static enum rl_code check_der(const void *bytes, size_t n, const char *object, struct rl_err *err)
{
    struct rl_cur cur = rl_cur_make(bytes, n);
    while (rl_cur_left(&cur) && !cur.bad) {
        enum rl_code code = kind_of(cur);
        size_t length;
        if (code)
            return refuse_kind(code, object, err);
        rl_der_head(&cur, &length);
        rl_cur_bytes(&cur, length);
    }
    return RL_OK;
}

/* --- PEM --- */

/* In any case of letters. */
static bool has(const char *line, size_t n, const char *word)
{
    size_t len = strlen(word);
    for (; n >= len; line++, n--)
        if (!strncasecmp(line, word, len))
            return true;
    return false;
}

/* Any line that begins or ends a private key, in any armour: PEM, OpenSSH, PuTTY, SSH2. */
static bool tells_key(const char *line, size_t n)
{
    return (has(line, n, "--") && has(line, n, "PRIVATE KEY")) ||
           has(line, n, "PuTTY-User-Key-File");
}

static const char *line_end(const char *p, const char *end)
{
    while (p < end && *p != '\n' && *p != '\r')
        p++;
    return p;
}

static enum rl_code check_lines(const char *text, size_t n, const char *object, struct rl_err *err)
{
    const char *end = text + n;
    for (const char *p = text; p < end;) {
        const char *stop = line_end(p, end);
        if (tells_key(p, (size_t)(stop - p)))
            return refuse_kind(RL_E_CERT_PRIVATE_KEY, object, err);
        p = stop + (stop < end);
    }
    return RL_OK;
}

/* One armoured part of the file. */
struct block {
    char label[LABEL]; /* safe */
    const char *body;  /* what stands between its two lines */
    size_t n;
};

/* The next part from *at on, which goes past it. RL_OK with an empty label: there is none. */
static enum rl_code next_block(const char **at, const char *end, const char *object,
                               struct block *out, struct rl_err *err)
{
    const char *begin = memmem(*at, (size_t)(end - *at), BEGIN, strlen(BEGIN));
    *out = (struct block){0};
    if (!begin)
        return RL_OK;
    const char *label = begin + strlen(BEGIN);
    const char *stop = memmem(label, (size_t)(end - label), "-----", 5);
    if (!stop || stop - label >= LABEL || line_end(label, end) < stop)
        return rl_fail(err, RL_E_CERT_PARSE, object, "%s has a broken BEGIN line.", object);
    snprintf(out->label, sizeof out->label, "%.*s", (int)(stop - label), label);
    char closing[LABEL + 20];
    snprintf(closing, sizeof closing, END "%s-----", out->label);
    out->body = stop + 5;
    const char *close = memmem(out->body, (size_t)(end - out->body), closing, strlen(closing));
    if (!close)
        return rl_fail(err, RL_E_CERT_PARSE, object,
                       "%s is cut off: a part that begins in it does not end.", object);
    out->n = (size_t)(close - out->body);
    *at = close + strlen(closing);
    return RL_OK;
}

static enum rl_code refuse_label(const struct block *b, const char *object, struct rl_err *err)
{
    char *label = rl_text_safe_dup(b->label);
    rl_fail(err, strstr(label, "PKCS12") ? RL_E_CERT_PKCS12 : RL_E_CERT_PARSE, object,
            "%s holds a part \"%s\", which is no certificate.", object, label);
    free(label);
    return err->code;
}

static enum rl_code add_cert(struct rl_bundle *out, const void *der, size_t n, const char *object,
                             struct rl_err *err)
{
    if (out->n == RL_BUNDLE_MAX)
        return rl_fail(err, RL_E_CERT_CHAIN, object, "%s holds more than %d certificates.", object,
                       RL_BUNDLE_MAX);
    struct rl_cert *cert = &out->cert[out->n];
    enum rl_code code = check_der(der, n, object, err);
    if (!code)
        code = rl_cert_parse(der, n, object, cert, err);
    if (code)
        return code;
    out->n++;
    if (cert->nder != n || memcmp(cert->der, der, n) != 0)
        return rl_fail(err, RL_E_CERT_PARSE, object, "%s holds a certificate that is no DER.",
                       object);
    return RL_OK;
}

static enum rl_code read_pem(const char *text, size_t n, const char *object, struct rl_bundle *out,
                             struct rl_err *err)
{
    const char *at = text;
    struct block b;
    enum rl_code code;
    while (!(code = next_block(&at, text + n, object, &b, err)) && *b.label) {
        struct rl_buf der = {0};
        if (strcmp(b.label, "CERTIFICATE") != 0 && strcmp(b.label, "X509 CERTIFICATE") != 0)
            return refuse_label(&b, object, err);
        if (rl_base64_decode(&der, b.body, b.n))
            code = add_cert(out, rl_buf_str(&der), der.len, object, err);
        else
            code =
                rl_fail(err, RL_E_CERT_PARSE, object,
                        "Certificate %zu in %s is damaged: it is no base64.", out->n + 1, object);
        rl_buf_fini(&der);
        if (code)
            return code;
    }
    return code;
}

/* --- the chain --- */

static const char *name_of(const struct rl_cert *cert, char out[NAME])
{
    size_t cells = NAME - 4, n;
    while ((n = rl_text_cut(cert->subject, strlen(cert->subject), cells, NULL)) > NAME - 4)
        cells--;
    snprintf(out, NAME, "%.*s%s", (int)n, cert->subject, cert->subject[n] ? "..." : "");
    return out;
}

static enum rl_code check_each(const struct rl_bundle *b, const char *object, struct rl_err *err)
{
    char name[NAME];
    for (size_t i = 0; i < b->n; i++) {
        if (b->cert[i].forged)
            return rl_fail(err, RL_E_CERT_CHAIN, object,
                           "The certificate of %s in %s names itself as its issuer, and its "
                           "signature is wrong.",
                           name_of(&b->cert[i], name), object);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(b->cert[i].fingerprint, b->cert[k].fingerprint))
                return rl_fail(err, RL_E_CERT_CHAIN, object,
                               "%s holds the certificate of %s twice.", object,
                               name_of(&b->cert[i], name));
    }
    return RL_OK;
}

/* The certificate from `from` on that signed `cert`; b->n if none did. */
static size_t issuer_of(const struct rl_bundle *b, const struct rl_cert *cert, size_t from)
{
    size_t i = from;
    while (i < b->n && (&b->cert[i] == cert || !rl_cert_issued(cert, &b->cert[i])))
        i++;
    return i;
}

static bool signed_any(const struct rl_bundle *b, size_t issuer)
{
    for (size_t i = 0; i < b->n; i++)
        if (i != issuer && rl_cert_issued(&b->cert[i], &b->cert[issuer]))
            return true;
    return false;
}

static void swap(struct rl_cert *a, struct rl_cert *b)
{
    struct rl_cert t = *a;
    *a = *b;
    *b = t;
}

/* The one that signed none of the others goes to the front, then whoever signed the one before. */
static enum rl_code put_in_order(struct rl_bundle *b, const char *object, struct rl_err *err)
{
    char name[NAME], other[NAME];
    size_t leaf = 0;
    while (leaf < b->n && signed_any(b, leaf))
        leaf++;
    if (leaf == b->n)
        return rl_fail(err, RL_E_CERT_CHAIN, object,
                       "The certificates in %s sign each other in a circle.", object);
    swap(&b->cert[0], &b->cert[leaf]);
    for (size_t i = 1; i < b->n; i++) {
        size_t next = issuer_of(b, &b->cert[i - 1], i);
        if (next == b->n)
            return rl_fail(err, RL_E_CERT_CHAIN, object,
                           "The certificates in %s make no single chain: that of %s is not signed "
                           "by %s%s.",
                           object, name_of(&b->cert[i - 1], name), name_of(&b->cert[i], other),
                           b->n > i + 1 ? " or another of them" : "");
        swap(&b->cert[i], &b->cert[next]);
    }
    return RL_OK;
}

enum rl_code rl_bundle_read(const void *bytes, size_t n, const char *object, struct rl_bundle *out,
                            struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    out->n = 0;
    bool pem = memmem(bytes, n, "-----BEGIN", 10) != NULL;
    enum rl_code code = check_lines(bytes, n, object, err);
    if (!code && n == 0)
        code = rl_fail(err, RL_E_CERT_PARSE, object, "%s is empty.", object);
    if (!code && pem && memchr(bytes, '\0', n))
        code = rl_fail(err, RL_E_CERT_PARSE, object, "%s is neither text nor DER.", object);
    if (!code)
        code = pem ? read_pem(bytes, n, object, out, err) : add_cert(out, bytes, n, object, err);
    if (!code && !out->n)
        code = rl_fail(err, RL_E_CERT_PARSE, object, "%s holds no certificate.", object);
    if (!code)
        code = check_each(out, object, err);
    if (!code)
        code = put_in_order(out, object, err);
    if (code)
        rl_bundle_fini(out);
    return code;
}

void rl_bundle_fini(struct rl_bundle *bundle)
{
    for (size_t i = 0; i < bundle->n; i++)
        rl_cert_fini(&bundle->cert[i]);
    bundle->n = 0;
}
