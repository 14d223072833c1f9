#include "pki/cert.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki/chain.h"
#include "pki/crt.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

enum { CERT_FILE_MAX = 256 * 1024 };

static const struct {
    unsigned bit;
    const char *name;
} roles[] = {
    {RL_CERT_CALLMANAGER, "CallManager"},
    {RL_CERT_TFTP,        "TFTP"       },
    {RL_CERT_CAPF,        "CAPF"       },
    {RL_CERT_TVS,         "TVS"        },
    {RL_CERT_ITLRECOVERY, "ITLRecovery"},
};

const char *rl_cert_role_name(size_t i, unsigned *bit)
{
    if (i >= sizeof roles / sizeof *roles)
        return NULL;
    *bit = roles[i].bit;
    return roles[i].name;
}

static void hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void rl_pki_sha256(const void *bytes, size_t n, char out[65])
{
    uint8_t digest[32] = {0};
    gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, n, digest);
    hex(digest, sizeof digest, out);
}

void rl_pki_random(void *bytes, size_t n)
{
    gnutls_rnd(GNUTLS_RND_NONCE, bytes, n);
}

/* Safe text; a blank at the end, which RFC 4514 2.4 escapes, stands as two digits. */
static char *dn_text(const char *bytes, size_t n)
{
    struct rl_buf out = {0};
    bool blank = n > 1 && bytes[n - 2] == '\\' && bytes[n - 1] == ' ';
    rl_text_safe(&out, bytes, blank ? n - 1 : n);
    rl_buf_adds(&out, blank ? "20" : "");
    return out.len ? rl_buf_take(&out) : rl_strdup("");
}

static void escape(struct rl_buf *out, char c)
{
    rl_buf_addf(out, "\\x%02x", (unsigned char)c);
}

/* Safe text in which a backslash, a ';' and blanks at the ends are escaped: names are divided by
 * ';', and they are compared. */
static char *name_text(const char *bytes, size_t n)
{
    struct rl_buf out = {0};
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        bool end = i == 0 || i == n - 1;
        if (bytes[i] != '\\' && bytes[i] != ';' && !(end && bytes[i] == ' '))
            continue;
        rl_text_safe(&out, bytes + from, i - from);
        escape(&out, bytes[i]);
        from = i + 1;
    }
    rl_text_safe(&out, bytes + from, n - from);
    return out.len ? rl_buf_take(&out) : rl_strdup("");
}

/* The same for a DNS name, which is ASCII without blanks (RFC 5280 4.2.1.6). */
static char *dns_text(const char *bytes, size_t n)
{
    struct rl_buf out = {0};
    for (size_t i = 0; i < n; i++)
        if (bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != '\\' && bytes[i] != ';')
            rl_buf_addc(&out, bytes[i]);
        else
            escape(&out, bytes[i]);
    return out.len ? rl_buf_take(&out) : rl_strdup("");
}

static int read_dn(gnutls_x509_crt_t crt, int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned),
                   char **out)
{
    gnutls_datum_t text = {0};
    int rc = get(crt, &text, 0);
    /* a certificate may have no subject at all: its names are in the SAN then */
    if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        *out = rl_strdup("");
        return 0;
    }
    if (rc < 0)
        return rc;
    *out = dn_text((const char *)text.data, text.size);
    gnutls_free(text.data);
    return 0;
}

/* The value that GnuTLS escaped as RFC 4514 2.4 says, in place; its new length. */
static size_t unescape(char *text, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {0};
        if (text[i] == '\\' && i + 2 < n && isxdigit((unsigned char)text[i + 1]) &&
            isxdigit((unsigned char)text[i + 2])) {
            memcpy(pair, text + i + 1, 2);
            text[out++] = (char)strtol(pair, NULL, 16);
            i += 2;
        } else {
            i += text[i] == '\\' && i + 1 < n;
            text[out++] = text[i];
        }
    }
    return out;
}

/* Of several the last, which is the most specific (RFC 6125 1.8). */
static int read_common_name(gnutls_x509_crt_t crt, char **out)
{
    *out = rl_strdup("");
    for (unsigned i = 0;; i++) {
        char text[1024];
        size_t n = sizeof text;
        int rc = gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, i, 0, text, &n);
        if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return 0;
        if (rc < 0)
            return rc;
        free(*out);
        *out = name_text(text, unescape(text, n));
    }
}

static int read_names(gnutls_x509_crt_t crt, struct rl_cert *out)
{
    uint8_t serial[64];
    char text[2 * sizeof serial + 1];
    size_t n = sizeof serial;
    int rc = gnutls_x509_crt_get_serial(crt, serial, &n);
    if (rc < 0)
        return rc;
    hex(serial, n, text);
    out->serial = rl_strdup(text);
    rc = read_dn(crt, gnutls_x509_crt_get_dn3, &out->subject);
    if (rc >= 0)
        rc = read_common_name(crt, &out->common_name);
    if (rc < 0)
        return rc;
    return read_dn(crt, gnutls_x509_crt_get_issuer_dn3, &out->issuer);
}

/* It may sign others: by its basic constraints, and by its key usage if it states one. */
static int read_ca(gnutls_x509_crt_t crt, struct rl_cert *out)
{
    unsigned critical, ca = 0, usage = 0;
    int path, rc = gnutls_x509_crt_get_basic_constraints(crt, &critical, &ca, &path);
    if (rc < 0 && rc != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return rc;
    rc = gnutls_x509_crt_get_key_usage(crt, &usage, &critical);
    if (rc < 0 && rc != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return rc;
    out->ca = ca && (rc < 0 || usage & GNUTLS_KEY_KEY_CERT_SIGN);
    return 0;
}

static int read_key(gnutls_x509_crt_t crt, struct rl_cert *out)
{
    int sig, rc = rl_crt_key(crt, &out->key_type, &out->key_bits);
    if (rc < 0)
        return rc;
    sig = gnutls_x509_crt_get_signature_algorithm(crt);
    if (sig < 0)
        return sig;
    const char *hash = gnutls_digest_get_name(gnutls_sign_get_hash_algorithm(sig));
    out->signature_hash = hash ? hash : "none";
    return 0;
}

static int read_validity(gnutls_x509_crt_t crt, struct rl_cert *out)
{
    return rl_crt_validity(crt, &out->not_before_us, &out->not_after_us);
}

static const char *san_type(int type)
{
    switch (type) {
    case GNUTLS_SAN_DNSNAME:
        return "DNS";
    case GNUTLS_SAN_RFC822NAME:
        return "email";
    case GNUTLS_SAN_URI:
        return "URI";
    case GNUTLS_SAN_IPADDRESS:
        return "IP";
    case GNUTLS_SAN_DN:
        return "DN";
    default:
        return "other";
    }
}

static char *san_text(int type, const char *bytes, size_t n)
{
    char ip[INET6_ADDRSTRLEN] = "";
    if (type == GNUTLS_SAN_IPADDRESS && (n == 4 || n == 16))
        return rl_strdup(inet_ntop(n == 4 ? AF_INET : AF_INET6, bytes, ip, sizeof ip));
    return type == GNUTLS_SAN_DNSNAME ? dns_text(bytes, n) : name_text(bytes, n);
}

static int read_san(gnutls_x509_crt_t crt, struct rl_cert *out)
{
    for (unsigned i = 0;; i++) {
        char bytes[2048];
        size_t n = sizeof bytes;
        int type = gnutls_x509_crt_get_subject_alt_name(crt, i, bytes, &n, NULL);
        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return 0;
        if (type < 0)
            return type;
        out->san = rl_realloc(out->san, (out->nsan + 1) * sizeof *out->san);
        out->san[out->nsan++] = (struct rl_san){san_type(type), san_text(type, bytes, n)};
    }
}

static int read_body(gnutls_x509_crt_t crt, struct rl_cert *out)
{
    gnutls_datum_t der = {0}, pem = {0};
    int rc = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der);
    if (rc >= 0)
        rc = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
    if (rc >= 0) {
        out->nder = der.size;
        out->der = rl_strndup((const char *)der.data, der.size);
        out->pem = rl_strndup((const char *)pem.data, pem.size);
        rl_pki_sha256(der.data, der.size, out->fingerprint);
        rl_pki_sha256(pem.data, pem.size, out->pem_fingerprint);
        bool names_itself = gnutls_x509_crt_check_issuer(crt, crt);
        out->self_signed = names_itself && rl_crt_signed(crt, crt);
        out->forged = names_itself && !out->self_signed;
    }
    gnutls_free(der.data);
    gnutls_free(pem.data);
    return rc;
}

static int import(gnutls_x509_crt_t crt, const void *bytes, size_t n)
{
    gnutls_datum_t in = {(void *)bytes, (unsigned)n};
    bool pem = memmem(bytes, n, "-----BEGIN", 10) != NULL;
    return gnutls_x509_crt_import(crt, &in, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER);
}

enum rl_code rl_cert_parse(const void *bytes, size_t n, const char *object, struct rl_cert *out,
                           struct rl_err *err)
{
    static int (*const readers[])(gnutls_x509_crt_t, struct rl_cert *) = {
        read_names, read_key, read_ca, read_validity, read_san, read_body};
    gnutls_x509_crt_t crt;
    *out = (struct rl_cert){0};
    if (gnutls_x509_crt_init(&crt) < 0)
        return rl_fail(err, RL_E_INTERNAL, object, "GnuTLS could not be used.");
    int rc = import(crt, bytes, n);
    for (size_t i = 0; rc >= 0 && i < sizeof readers / sizeof *readers; i++)
        rc = readers[i](crt, out);
    gnutls_x509_crt_deinit(crt);
    if (rc >= 0)
        return RL_OK;
    rl_cert_fini(out);
    return rl_fail(err, RL_E_CERT_PARSE, object, "%s cannot be read as a certificate: %s", object,
                   gnutls_strerror(rc));
}

enum rl_code rl_cert_load(const char *path, struct rl_cert *out, struct rl_err *err)
{
    *out = (struct rl_cert){0};
    FILE *f = fopen(path, "re");
    if (!f)
        return rl_fail(err, RL_E_IO, path, "%s cannot be read: %s.", path, strerror(errno));
    char *bytes = rl_alloc(CERT_FILE_MAX);
    size_t n = fread(bytes, 1, CERT_FILE_MAX, f);
    fclose(f);
    enum rl_code code = rl_cert_parse(bytes, n, path, out, err);
    free(bytes);
    return code;
}

void rl_cert_fini(struct rl_cert *cert)
{
    for (size_t i = 0; i < cert->nsan; i++)
        free(cert->san[i].value);
    free(cert->san);
    free(cert->subject);
    free(cert->issuer);
    free(cert->common_name);
    free(cert->serial);
    free(cert->pem);
    free(cert->der);
    *cert = (struct rl_cert){0};
}
