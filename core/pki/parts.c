#include "pki/parts.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pki/crt.h"
#include "pki/der.h"
#include "ringlock/text.h"

enum {
    UNIVERSAL_STRING = 28,
    BMP_STRING = 30,
    OBJECT_ID = 0x06,
    SET = 0x31,
    SERIAL_MAX = 64,
    SIGNATURE_MAX = 4096
};

static const struct {
    const char *oid, *type;
} types[] = {
    {"2.5.4.3",                    "CN"    },
    {"2.5.4.10",                   "O"     },
    {"2.5.4.11",                   "OU"    },
    {"2.5.4.7",                    "L"     },
    {"2.5.4.8",                    "ST"    },
    {"2.5.4.6",                    "C"     },
    {"2.5.4.9",                    "STREET"},
    {"0.9.2342.19200300.100.1.25", "DC"    },
    {"0.9.2342.19200300.100.1.1",  "UID"   },
};

/* ---- names ---- */

/* "2.5.4.3" (X.690 8.19); false if it is no OID. */
static bool read_oid(struct rl_cur oid, struct rl_buf *out)
{
    uint64_t arc = 0;
    bool first = true, open = false;
    while (rl_cur_left(&oid)) {
        uint8_t byte = rl_cur_u8(&oid);
        if (arc >> 57 || (!open && byte == 0x80))
            return false;
        arc = arc << 7 | (byte & 0x7f);
        open = byte & 0x80;
        if (open)
            continue;
        uint64_t top = arc < 80 ? arc / 40 : 2;
        if (first)
            rl_buf_addf(out, "%" PRIu64 ".%" PRIu64, top, arc - 40 * top);
        else
            rl_buf_addf(out, ".%" PRIu64, arc);
        first = false;
        arc = 0;
    }
    return !first && !open;
}

/* Owned; NULL if it is no OID. */
static char *type_of(struct rl_cur oid)
{
    struct rl_buf text = {0};
    const char *type = NULL;
    bool good = read_oid(oid, &text);
    for (size_t i = 0; good && !type && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].oid, rl_buf_str(&text)) == 0)
            type = types[i].type;
    if (good && !type)
        return rl_buf_take(&text);
    rl_buf_fini(&text);
    return rl_strdup(type);
}

static void add_character(struct rl_buf *out, uint32_t c)
{
    if (c < 0x80) {
        rl_buf_addc(out, (char)c);
    } else if (c < 0x800) {
        rl_buf_add(out, (uint8_t[]){(uint8_t)(0xc0 | c >> 6), (uint8_t)(0x80 | (c & 63))}, 2);
    } else if (c < 0x10000) {
        rl_buf_add(out,
                   (uint8_t[]){(uint8_t)(0xe0 | c >> 12), (uint8_t)(0x80 | (c >> 6 & 63)),
                               (uint8_t)(0x80 | (c & 63))},
                   3);
    } else {
        rl_buf_add(out,
                   (uint8_t[]){(uint8_t)(0xf0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 63)),
                               (uint8_t)(0x80 | (c >> 6 & 63)), (uint8_t)(0x80 | (c & 63))},
                   4);
    }
}

/* The next character of a text in big-endian units of two bytes (UTF-16) or four. */
static uint32_t next_character(struct rl_cur *cur, int tag)
{
    if (tag == UNIVERSAL_STRING)
        return rl_cur_u32(cur);
    uint32_t c = rl_cur_u16(cur);
    if (c >= 0xd800 && c < 0xdc00 && rl_cur_left(cur) >= 2)
        c = 0x10000 + ((c - 0xd800) << 10) + (rl_cur_u16(cur) - 0xdc00u);
    return c;
}

/* The value in UTF-8; false if it is no text. */
static bool read_text(struct rl_cur value, int tag, struct rl_buf *out)
{
    if (tag == BMP_STRING || tag == UNIVERSAL_STRING)
        while (rl_cur_left(&value))
            add_character(out, next_character(&value, tag));
    else if (rl_cur_left(&value))
        rl_buf_add(out, value.p, rl_cur_left(&value));
    return !value.bad && rl_text_is_utf8(rl_buf_str(out), out->len);
}

/* AttributeTypeAndValue (RFC 5280 4.1.2.4). */
static bool add_part(struct rl_dn *dn, unsigned rdn, struct rl_cur ava)
{
    struct rl_buf text = {0};
    struct rl_cur value, oid = ava;
    size_t n;
    if (!rl_der_enter(&oid, OBJECT_ID, &value))
        return false;
    int tag = rl_der_head(&value, &n);
    char *type = value.bad || n != rl_cur_left(&value) ? NULL : type_of(oid);
    if (!type || !read_text(value, tag, &text)) {
        free(type);
        rl_buf_fini(&text);
        return false;
    }
    if ((dn->n & (dn->n - 1)) == 0)
        dn->part = rl_realloc(dn->part, (dn->n ? 2 * dn->n : 1) * sizeof *dn->part);
    struct rl_dn_part *part = &dn->part[dn->n++];
    *part = (struct rl_dn_part){.type = type, .n = text.len, .rdn = rdn};
    part->value = rl_buf_take(&text);
    return true;
}

/* Name: a SEQUENCE of SETs of SEQUENCEs. */
static int read_dn(const gnutls_datum_t *der, struct rl_dn *dn)
{
    struct rl_cur name = rl_cur_make(der->data, der->size), rest;
    if (!rl_der_enter(&name, RL_DER_SEQUENCE, &rest) || rl_cur_left(&rest))
        return GNUTLS_E_ASN1_DER_ERROR;
    for (unsigned rdn = 0; rl_cur_left(&name); rdn++, name = rest) {
        struct rl_cur ava;
        if (!rl_der_enter(&name, SET, &rest) || !rl_cur_left(&name))
            return GNUTLS_E_ASN1_DER_ERROR;
        for (; rl_cur_left(&name); name = ava) {
            struct rl_cur one = name;
            if (!rl_der_enter(&one, RL_DER_SEQUENCE, &ava) || !add_part(dn, rdn, one))
                return GNUTLS_E_ASN1_DER_ERROR;
        }
    }
    return 0;
}

static int read_name(gnutls_x509_crt_t crt, int (*get)(gnutls_x509_crt_t, gnutls_datum_t *),
                     struct rl_dn *dn)
{
    gnutls_datum_t der = {0};
    int rc = get(crt, &der);
    if (rc >= 0)
        rc = read_dn(&der, dn);
    gnutls_free(der.data);
    return rc;
}

static int read_names(gnutls_x509_crt_t crt, struct rl_cert_parts *out)
{
    int rc = read_name(crt, gnutls_x509_crt_get_raw_dn, &out->subject);
    return rc < 0 ? rc : read_name(crt, gnutls_x509_crt_get_raw_issuer_dn, &out->issuer);
}

/* ---- serial, key, signature ---- */

static int read_serial(gnutls_x509_crt_t crt, struct rl_cert_parts *out)
{
    uint8_t serial[SERIAL_MAX];
    size_t n = sizeof serial, zeros = 0;
    int rc = gnutls_x509_crt_get_serial(crt, serial, &n);
    if (rc < 0)
        return rc;
    while (zeros + 1 < n && serial[zeros] == 0)
        zeros++;
    rl_buf_add(&out->serial, serial + zeros, n - zeros);
    return 0;
}

/* SubjectPublicKeyInfo: what the key is for, then a BIT STRING that begins with 0 unused bits. */
static int read_bits(const gnutls_datum_t *spki, struct rl_buf *out)
{
    struct rl_cur cur = rl_cur_make(spki->data, spki->size), behind;
    struct rl_cur algorithm;
    if (!rl_der_enter(&cur, RL_DER_SEQUENCE, NULL))
        return GNUTLS_E_ASN1_DER_ERROR;
    algorithm = cur;
    if (!rl_der_enter(&algorithm, RL_DER_SEQUENCE, &behind) ||
        !rl_der_enter(&behind, RL_DER_BITS, NULL) || rl_cur_u8(&behind) != 0 || behind.bad)
        return GNUTLS_E_ASN1_DER_ERROR;
    rl_buf_add(out, behind.p, rl_cur_left(&behind));
    return 0;
}

static int read_key(gnutls_x509_crt_t crt, struct rl_cert_parts *out)
{
    gnutls_pubkey_t key;
    gnutls_datum_t spki = {0};
    int rc = gnutls_pubkey_init(&key);
    if (rc < 0)
        return rc;
    rc = gnutls_pubkey_import_x509(key, crt, 0);
    if (rc >= 0)
        rc = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &spki);
    if (rc >= 0)
        rc = read_bits(&spki, &out->key);
    if (rc >= 0)
        rc = rl_crt_key(crt, &out->key_type, &out->key_bits);
    int algorithm = gnutls_pubkey_get_pk_algorithm(key, NULL);
    out->rsa = algorithm == GNUTLS_PK_RSA;
    out->ec = algorithm == GNUTLS_PK_ECDSA;
    out->key_bytes = out->rsa ? (out->key_bits + 7) / 8 : 0;
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(key);
    return rc;
}

static int read_validity(gnutls_x509_crt_t crt, struct rl_cert_parts *out)
{
    return rl_crt_validity(crt, &out->not_before_us, &out->not_after_us);
}

static int read_signature(gnutls_x509_crt_t crt, struct rl_cert_parts *out)
{
    char bytes[SIGNATURE_MAX];
    size_t n = sizeof bytes;
    int rc = gnutls_x509_crt_get_signature(crt, bytes, &n);
    if (rc >= 0)
        rl_buf_add(&out->signature, bytes, n);
    return rc;
}

static int read_all(gnutls_x509_crt_t crt, const void *der, size_t n, struct rl_cert_parts *out)
{
    static int (*const readers[])(gnutls_x509_crt_t, struct rl_cert_parts *) = {
        read_names, read_serial, read_key, read_validity, read_signature};
    gnutls_datum_t in = {(void *)der, (unsigned)n};
    struct rl_cur cur = rl_cur_make(der, n), behind;
    if (!rl_der_enter(&cur, RL_DER_SEQUENCE, &behind) || rl_cur_left(&behind))
        return GNUTLS_E_ASN1_DER_ERROR;
    int rc = gnutls_x509_crt_import(crt, &in, GNUTLS_X509_FMT_DER);
    for (size_t i = 0; rc >= 0 && i < sizeof readers / sizeof *readers; i++)
        rc = readers[i](crt, out);
    return rc;
}

enum rl_code rl_cert_parts_read(const void *der, size_t n, const char *object,
                                struct rl_cert_parts *out, struct rl_err *err)
{
    gnutls_x509_crt_t crt;
    *out = (struct rl_cert_parts){0};
    if (gnutls_x509_crt_init(&crt) < 0)
        return rl_fail(err, RL_E_INTERNAL, object, "GnuTLS could not be used.");
    int rc = read_all(crt, der, n, out);
    gnutls_x509_crt_deinit(crt);
    if (rc >= 0)
        return RL_OK;
    rl_cert_parts_fini(out);
    return rl_fail(err, RL_E_CERT_PARSE, object, "%s is no certificate in DER: %s", object,
                   gnutls_strerror(rc));
}

void rl_cert_parts_fini(struct rl_cert_parts *parts)
{
    rl_dn_fini(&parts->subject);
    rl_dn_fini(&parts->issuer);
    rl_buf_fini(&parts->serial);
    rl_buf_fini(&parts->key);
    rl_buf_fini(&parts->signature);
    *parts = (struct rl_cert_parts){0};
}
