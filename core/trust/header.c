#include "trust/header.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/text.h"

/* clang-format off */
enum {
    VERSION = 1, SIZE = 2, SIGNER_INFO = 3, SIGNER = 4, SERIAL = 5, ISSUER = 6, SIGNATURE_INFO = 7,
    HASH = 8, ALGORITHM_INFO = 9, ALGORITHM = 10, SIZE_CODE = 11, SIGNATURE = 12, PADDING = 13,
    FILE_NAME = 14, TIME = 15, ENCRYPTION_INFO = 16, IV_INFO = 17, MODE = 18, IV = 19,
    PAD_COUNT = 20, KEY_INFO = 21, KEY_MODE = 22, KEY_SIZE = 23, KEY_ALGORITHM = 24,
    WRAPPED_KEY = 25, DIGEST_ALGORITHM = 26, DIGEST = 27, SIGNER_VERSION = 28
};

#define L    RL_TLV_LIST
#define E    RL_TLV_ENCRYPTED
#define ALL  (RL_TLV_LIST | RL_TLV_SIGNED | RL_TLV_ENCRYPTED)
#define AT(member) offsetof(struct rl_trust_header, member)

static const struct rl_tlv_element elements[] = {
    {VERSION,          0,               RL_TLV_VERSION, 2,  ALL, ALL, AT(version),        "header version"},
    {SIZE,             0,               RL_TLV_U16,     2,  ALL, ALL, AT(size),           "header length"},
    {SIGNER_VERSION,   0,               RL_TLV_VERSION, 2,  L,   0,   AT(signer_version), "signer version"},
    {SIGNER_INFO,      0,               RL_TLV_GROUP,   0,  ALL, ALL, 0,                  "signer info"},
    {SIGNER,           SIGNER_INFO,     RL_TLV_TEXT,    0,  ALL, ALL, AT(signer),         "signer name"},
    {ISSUER,           SIGNER_INFO,     RL_TLV_TEXT,    0,  ALL, ALL, AT(issuer),         "issuer name"},
    {SERIAL,           SIGNER_INFO,     RL_TLV_BYTES,   0,  ALL, ALL, AT(serial),         "serial number"},
    {SIGNATURE_INFO,   0,               RL_TLV_GROUP,   15, ALL, ALL, 0,                  "signature info"},
    {HASH,             SIGNATURE_INFO,  RL_TLV_U8,      1,  ALL, ALL, AT(hash),           "hash algorithm"},
    {ALGORITHM_INFO,   SIGNATURE_INFO,  RL_TLV_GROUP,   8,  ALL, ALL, 0,                  "signature algorithm info"},
    {ALGORITHM,        ALGORITHM_INFO,  RL_TLV_U8,      1,  ALL, ALL, AT(algorithm),      "signature algorithm"},
    {SIZE_CODE,        ALGORITHM_INFO,  RL_TLV_U8,      1,  ALL, ALL, AT(size_code),      "modulus size code"},
    {SIGNATURE,        0,               RL_TLV_BYTES,   0,  ALL, ALL, AT(signature),      "signature"},
    {FILE_NAME,        0,               RL_TLV_TEXT,    0,  ALL, ALL, AT(file_name),      "file name"},
    {TIME,             0,               RL_TLV_U32,     4,  ALL, ALL, AT(time),           "timestamp"},
    {ENCRYPTION_INFO,  0,               RL_TLV_GROUP,   0,  E,   E,   0,                  "encryption info"},
    {IV_INFO,          ENCRYPTION_INFO, RL_TLV_GROUP,   28, E,   E,   0,                  "IV info"},
    {MODE,             IV_INFO,         RL_TLV_U8,      1,  E,   E,   AT(sealed.mode),    "mode"},
    {IV,               IV_INFO,         RL_TLV_BYTES,   16, E,   E,   AT(sealed.iv),      "IV"},
    {PAD_COUNT,        IV_INFO,         RL_TLV_U16,     2,  E,   E,   AT(sealed.pad_count), "pad count"},
    {KEY_INFO,         ENCRYPTION_INFO, RL_TLV_GROUP,   0,  E,   E,   0,                  "key info"},
    {KEY_MODE,         KEY_INFO,        RL_TLV_U8,      1,  E,   E,   AT(sealed.key_mode), "key mode"},
    {KEY_SIZE,         KEY_INFO,        RL_TLV_U16,     2,  E,   E,   AT(sealed.key_size), "key size"},
    {KEY_ALGORITHM,    KEY_INFO,        RL_TLV_U8,      1,  E,   E,   AT(sealed.key_algorithm), "key algorithm"},
    {WRAPPED_KEY,      KEY_INFO,        RL_TLV_BYTES,   0,  E,   E,   AT(sealed.key),     "wrapped key"},
    {DIGEST_ALGORITHM, 0,               RL_TLV_U8,      1,  E,   E,   AT(sealed.digest_algorithm), "digest algorithm"},
    {DIGEST,           0,               RL_TLV_BYTES,   0,  E,   E,   AT(sealed.digest),  "digest"},
    {PADDING,          0,               RL_TLV_PADDING, 0,  ALL, 0,   0,                  "padding"},
    {0},
};
/* clang-format on */

static const struct rl_tlv_table table = {"header", SIZE, AT(has), elements};

/* What versions there are: further minor ones are taken with a warning. */
static const struct {
    enum rl_tlv_kind kind;
    uint8_t major, minor;
} versions[] = {
    {RL_TLV_LIST,      1, 2},
    {RL_TLV_SIGNED,    1, 0},
    {RL_TLV_ENCRYPTED, 2, 0},
};

int rl_trust_size_code(size_t n)
{
    for (int code = 0; code <= 3; code++)
        if (n == (size_t)64 << code)
            return code;
    return -1;
}

static enum rl_code check_version(struct rl_tlv_file *file, const struct rl_trust_header *h)
{
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (versions[i].kind != file->kind)
            continue;
        if (versions[i].major != h->version.major)
            return rl_tlv_refuse(file, &table, VERSION, "is %u.%u, and such a file has %u",
                                 h->version.major, h->version.minor, versions[i].major);
        if (h->version.minor > versions[i].minor)
            rl_tlv_warn(file, &table, VERSION, "is %u.%u, which nobody is known to use",
                        h->version.major, h->version.minor);
    }
    if (h->has & RL_TRUST_HAS_SIGNER_VERSION &&
        (h->signer_version.major != 1 || h->signer_version.minor > 1))
        rl_tlv_warn(file, &table, SIGNER_VERSION, "is %u.%u; known are 1.0 and 1.1",
                    h->signer_version.major, h->signer_version.minor);
    return RL_OK;
}

static enum rl_code check_signature(struct rl_tlv_file *file, const struct rl_trust_header *h)
{
    int code = rl_trust_size_code(h->signature.n);
    if (h->hash != RL_TRUST_SHA1 && h->hash != RL_TRUST_SHA512)
        return rl_tlv_refuse(file, &table, HASH, "is %u; phones take 1 (SHA-1) and 3 (SHA-512)",
                             h->hash);
    if (h->algorithm != 0)
        return rl_tlv_refuse(file, &table, ALGORITHM, "is %u; there is 0 (RSA) only", h->algorithm);
    if (h->size_code > 3)
        return rl_tlv_refuse(file, &table, SIZE_CODE, "is %u; there are 0 to 3", h->size_code);
    if (code != h->size_code)
        return rl_tlv_refuse(file, &table, SIZE_CODE, "is %u, and the signature has %zu bytes",
                             h->size_code, h->signature.n);
    if (h->serial.p[0] == 0)
        return rl_tlv_refuse(file, &table, SERIAL, "begins with a zero byte");
    return RL_OK;
}

/* Nobody knows what they are for, but their values are always these. */
static void check_modes(struct rl_tlv_file *file, const struct rl_sealed_header *s)
{
    const struct {
        uint8_t tag, value, known;
    } modes[] = {
        {MODE,          s->mode,          0},
        {KEY_MODE,      s->key_mode,      0},
        {KEY_ALGORITHM, s->key_algorithm, 1}
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (modes[i].value != modes[i].known)
            rl_tlv_warn(file, &table, modes[i].tag, "is %u; known is %u", modes[i].value,
                        modes[i].known);
}

static enum rl_code check_sealed(struct rl_tlv_file *file, const struct rl_sealed_header *s)
{
    if (s->pad_count == 0)
        return rl_tlv_refuse(file, &table, PAD_COUNT, "is 0; the text would be lost");
    if (s->key_size != 8 * s->key.n)
        return rl_tlv_refuse(file, &table, KEY_SIZE, "is %u, and the wrapped key has %zu bits",
                             s->key_size, 8 * s->key.n);
    if (s->digest_algorithm != RL_TRUST_SHA1 && s->digest_algorithm != RL_TRUST_SHA512)
        return rl_tlv_refuse(file, &table, DIGEST_ALGORITHM,
                             "is %u; there are 1 (SHA-1) and 3 (SHA-512)", s->digest_algorithm);
    if (s->digest.n != rl_trust_digest_bytes(s->digest_algorithm))
        return rl_tlv_refuse(file, &table, DIGEST, "has %zu bytes, which its algorithm does not",
                             s->digest.n);
    if (s->pad_count > RL_TRUST_BLOCK)
        rl_tlv_warn(file, &table, PAD_COUNT, "is %u: more than a block", s->pad_count);
    check_modes(file, s);
    return RL_OK;
}

size_t rl_trust_digest_bytes(uint8_t hash)
{
    return hash == RL_TRUST_SHA512 ? 64 : 20;
}

/* Else what was signed for one phone could be given to another. */
static enum rl_code check_name(struct rl_tlv_file *file, const struct rl_trust_header *h,
                               const char *name)
{
    struct rl_buf said = {0};
    if (!name ||
        (strlen(name) == h->file_name.n && memcmp(name, h->file_name.p, h->file_name.n) == 0))
        return RL_OK;
    rl_text_safe(&said, (const char *)h->file_name.p, h->file_name.n);
    char *asked = rl_text_safe_dup(name);
    rl_tlv_refuse(file, &table, FILE_NAME, "is \"%.100s\", and %.100s was asked for",
                  rl_buf_str(&said), asked);
    free(asked);
    rl_buf_fini(&said);
    return RL_E_TRUST_FILE;
}

static void split(const struct rl_tlv_file *file, size_t at, const struct rl_bytes *signature,
                  struct rl_trust_signed *over)
{
    const uint8_t *behind = signature->p + signature->n;
    over->part[0] = (struct rl_bytes){file->bytes, at};
    over->part[1] = (struct rl_bytes){behind, (size_t)(file->bytes + file->n - behind)};
}

enum rl_code rl_trust_header_read(struct rl_tlv_file *file, const char *name,
                                  struct rl_trust_header *out, struct rl_trust_signed *over)
{
    size_t size;
    if (file->n == 0)
        return rl_fail(file->err, RL_E_TRUST_FILE, file->object,
                       "%s is empty: to a phone that is no file at all.", file->object);
    enum rl_code code = rl_tlv_read(file, &table, 0, out, sizeof *out, &size);
    if (!code)
        code = check_version(file, out);
    if (!code)
        code = check_signature(file, out);
    if (!code)
        code = check_name(file, out, name);
    if (!code && file->kind == RL_TLV_ENCRYPTED)
        code = check_sealed(file, &out->sealed);
    if (!code)
        split(file, file->at[SIGNATURE], &out->signature, over);
    return code;
}

enum rl_code rl_trust_file_write(const struct rl_trust_header *header, enum rl_tlv_kind kind,
                                 const char *object, const void *body, size_t n,
                                 const struct rl_trust_signer *signer, struct rl_buf *out,
                                 struct rl_err *err)
{
    uint8_t signature[RL_TRUST_SIGNATURE_MAX] = {0};
    struct rl_trust_header h = *header;
    struct rl_tlv_file file = {.object = object, .kind = kind, .err = err};
    struct rl_trust_signed over;
    struct rl_buf made = {0};
    if (h.size_code > 3)
        return rl_fail(err, RL_E_VALUE, object, "%s: no signing key has the size code %u.", object,
                       h.size_code);
    h.signature = (struct rl_bytes){signature, (size_t)64 << h.size_code};
    enum rl_code code = rl_tlv_write(&file, &table, &h, &made);
    if (!code) {
        size_t at = file.at[SIGNATURE];
        if (n)
            rl_buf_add(&made, body, n);
        file.bytes = (const uint8_t *)made.data;
        file.n = made.len;
        h.signature.p = file.bytes + at + 3;
        split(&file, at, &h.signature, &over);
        code = signer->sign(signer->ctx, h.hash, &over, (uint8_t *)made.data + at + 3,
                            h.signature.n, err);
    }
    if (!code)
        rl_buf_add(out, made.data, made.len);
    rl_buf_fini(&made);
    return code;
}
