#include "trust/list.h"

#include <string.h>

/* clang-format off */
enum {
    SIZE = 1, DNS_NAME = 2, SUBJECT = 3, ROLE = 4, ISSUER = 5, SERIAL = 6, KEY = 7, SIGNATURE = 8,
    CERTIFICATE = 9, ADDRESS = 10, HASH = 11, HASH_ALGORITHM = 12
};

#define L    RL_TLV_LIST
#define AT(member) offsetof(struct rl_trust_record, member)

static const struct rl_tlv_element elements[] = {
    {SIZE,           0, RL_TLV_U16,   2, L, L, AT(size),           "record length"},
    {DNS_NAME,       0, RL_TLV_TEXT,  0, L, 0, AT(dns_name),       "DNS name"},
    {SUBJECT,        0, RL_TLV_TEXT,  0, L, L, AT(subject),        "subject name"},
    {ISSUER,         0, RL_TLV_TEXT,  0, L, L, AT(issuer),         "issuer name"},
    {SERIAL,         0, RL_TLV_BYTES, 0, L, L, AT(serial),         "serial number"},
    {ROLE,           0, RL_TLV_U16,   2, L, L, AT(role),           "role"},
    {KEY,            0, RL_TLV_BYTES, 0, L, L, AT(key),            "public key"},
    {SIGNATURE,      0, RL_TLV_BYTES, 0, L, 0, AT(signature),      "signature"},
    {CERTIFICATE,    0, RL_TLV_BYTES, 0, L, 0, AT(certificate),    "certificate"},
    {ADDRESS,        0, RL_TLV_BYTES, 0, L, 0, AT(address),        "IP address"},
    {HASH,           0, RL_TLV_BYTES, 0, L, 0, AT(hash),           "certificate hash"},
    {HASH_ALGORITHM, 0, RL_TLV_U8,    1, L, 0, AT(hash_algorithm), "hash algorithm"},
    {0},
};
/* clang-format on */

static const struct rl_tlv_table table = {"record", SIZE, AT(has), elements};

static const struct {
    unsigned role;
    const char *name;
} roles[] = {
    {RL_TRUST_SAST,     "SAST"      },
    {RL_TRUST_CCM,      "CCM"       },
    {RL_TRUST_CCM_TFTP, "CCM+TFTP"  },
    {RL_TRUST_TFTP,     "TFTP"      },
    {RL_TRUST_CAPF,     "CAPF"      },
    {RL_TRUST_APP,      "APP-SERVER"},
    {RL_TRUST_TVS,      "TVS"       },
};

const char *rl_trust_role_name(unsigned role)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (roles[i].role == role)
            return roles[i].name;
    return NULL;
}

/* A bit for each of the optional elements. */
static uint32_t there(const struct rl_trust_record *record)
{
    return (uint32_t)(record->dns_name.p != NULL) << DNS_NAME |
           (uint32_t)(record->signature.p != NULL) << SIGNATURE |
           (uint32_t)(record->certificate.p != NULL) << CERTIFICATE |
           (uint32_t)(record->address.p != NULL) << ADDRESS |
           (uint32_t)(record->hash.p != NULL) << HASH |
           (uint32_t)(record->hash_algorithm != 0) << HASH_ALGORITHM;
}

static bool is_hash_length(size_t n)
{
    return n == 20 || n == 32 || n == 64; /* SHA-1, SHA-256, SHA-512 */
}

/* What is legal, and odd. */
static void warn_of_record(struct rl_tlv_file *file, const struct rl_trust_record *record)
{
    if (!rl_trust_role_name(record->role))
        rl_tlv_warn(file, &table, ROLE, "is %u, which nobody knows", record->role);
    if (!record->certificate.p && !record->hash.p)
        rl_tlv_warn(file, &table, SIZE, "is that of a record without certificate");
    if (record->address.p && record->address.n != 4)
        rl_tlv_warn(file, &table, ADDRESS, "has length %zu and not 4", record->address.n);
    if (record->hash.p && !is_hash_length(record->hash.n))
        rl_tlv_warn(file, &table, HASH, "has length %zu, as no hash that is known", record->hash.n);
}

static void warn_of_signers(struct rl_tlv_file *file, size_t n)
{
    struct rl_err warning = {0};
    if (!file->warnings || n <= RL_TRUST_SAST_MAX)
        return;
    rl_fail(&warning, RL_W_TRUST_FILE, file->object,
            "%s has %zu records with role SAST; phones are said to take %d.", file->object, n,
            RL_TRUST_SAST_MAX);
    rl_problems_add(file->warnings, &warning);
}

enum rl_code rl_trust_list_read(const void *bytes, size_t n, const char *object,
                                struct rl_trust_list *out, struct rl_problems *warnings,
                                struct rl_err *err)
{
    struct rl_tlv_file file = {.bytes = bytes,
                               .n = n,
                               .object = object,
                               .kind = RL_TLV_LIST,
                               .warnings = warnings,
                               .err = err};
    struct rl_trust_record record;
    size_t signers = 0, size = 0;
    *out = (struct rl_trust_list){.bytes = bytes, .n = n, .object = object};
    enum rl_code code = rl_trust_header_read(&file, NULL, &out->header, &out->over);
    for (size_t at = out->header.size; !code && at < n; at += size) {
        code = rl_tlv_read(&file, &table, at, &record, sizeof record, &size);
        if (code)
            break;
        out->nrecords++;
        signers += record.role == RL_TRUST_SAST;
        warn_of_record(&file, &record);
    }
    if (!code && !out->nrecords)
        code = rl_fail(err, RL_E_TRUST_FILE, object, "%s, byte %zu: no record follows the header.",
                       object, n);
    if (!code)
        warn_of_signers(&file, signers);
    return code;
}

bool rl_trust_list_next(const struct rl_trust_list *list, size_t *at,
                        struct rl_trust_record *record, size_t *begins)
{
    struct rl_tlv_file file = {
        .bytes = list->bytes, .n = list->n, .object = list->object, .kind = RL_TLV_LIST};
    size_t size;
    *begins = *at ? *at : list->header.size;
    if (*begins >= list->n ||
        rl_tlv_read(&file, &table, *begins, record, sizeof *record, &size) != RL_OK)
        return false;
    *at = *begins + size;
    return true;
}

enum rl_code rl_trust_list_write(const struct rl_trust_header *header,
                                 const struct rl_trust_record *record, size_t nrecords,
                                 const char *object, const struct rl_trust_signer *signer,
                                 struct rl_buf *out, struct rl_err *err)
{
    struct rl_tlv_file file = {.object = object, .kind = RL_TLV_LIST, .err = err};
    struct rl_buf body = {0};
    enum rl_code code = RL_OK;
    for (size_t i = 0; !code && i < nrecords; i++) {
        struct rl_trust_record r = record[i];
        r.has = there(&r);
        code = rl_tlv_write(&file, &table, &r, &body);
    }
    if (!code)
        code =
            rl_trust_file_write(header, RL_TLV_LIST, object, body.data, body.len, signer, out, err);
    rl_buf_fini(&body);
    return code;
}
