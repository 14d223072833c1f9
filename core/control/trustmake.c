#include "control/trustfile.h"
#include "pki/rsa.h"

static const struct {
    enum rl_tlv_kind kind;
    struct rl_tlv_version version;
} versions[] = {
    {RL_TLV_LIST,      {1, 2}},
    {RL_TLV_SIGNED,    {1, 0}},
    {RL_TLV_ENCRYPTED, {2, 0}},
};

static struct rl_bytes bytes_of(const struct rl_buf *buf)
{
    return (struct rl_bytes){(const uint8_t *)rl_buf_str(buf), buf->len};
}

enum rl_code rl_trust_entry_make(const void *der, size_t n, enum rl_trust_role role,
                                 const char *object, struct rl_trust_entry *out, struct rl_err *err)
{
    *out = (struct rl_trust_entry){0};
    enum rl_code code = rl_cert_parts_read(der, n, object, &out->parts, err);
    if (!code && !out->parts.rsa && !out->parts.ec)
        code = rl_fail(err, RL_E_VALUE, object,
                       "The certificate %s cannot go into a trust list: its key is neither RSA nor "
                       "EC.",
                       object);
    if (!code)
        code = rl_dn_write(&out->parts.subject, object, &out->subject, err);
    if (!code)
        code = rl_dn_write(&out->parts.issuer, object, &out->issuer, err);
    if (code) {
        rl_trust_entry_fini(out);
        return code;
    }
    rl_buf_add(&out->certificate, der, n);
    out->record = (struct rl_trust_record){.role = (uint16_t)role,
                                           .subject = bytes_of(&out->subject),
                                           .issuer = bytes_of(&out->issuer),
                                           .serial = bytes_of(&out->parts.serial),
                                           .key = bytes_of(&out->parts.key),
                                           .signature = bytes_of(&out->parts.signature),
                                           .certificate = bytes_of(&out->certificate)};
    return RL_OK;
}

void rl_trust_entry_fini(struct rl_trust_entry *entry)
{
    rl_cert_parts_fini(&entry->parts);
    rl_buf_fini(&entry->subject);
    rl_buf_fini(&entry->issuer);
    rl_buf_fini(&entry->certificate);
}

enum rl_code rl_trust_header_make(const struct rl_trust_entry *entry, enum rl_tlv_kind kind,
                                  const char *object, struct rl_trust_header *out,
                                  struct rl_err *err)
{
    int size_code = rl_trust_size_code(entry->parts.key_bytes);
    *out = (struct rl_trust_header){.signer = entry->record.subject,
                                    .issuer = entry->record.issuer,
                                    .serial = entry->record.serial};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (versions[i].kind == kind)
            out->version = versions[i].version;
    if (size_code < 0)
        return rl_fail(err, RL_E_VALUE, object,
                       "The key of %s cannot sign for phones: they take RSA with 512, 1024, 2048 "
                       "or 4096 bits.",
                       object);
    out->size_code = (uint8_t)size_code;
    if (kind == RL_TLV_LIST) {
        out->has = RL_TRUST_HAS_SIGNER_VERSION;
        out->signer_version = (struct rl_tlv_version){1, 0};
    }
    return RL_OK;
}

enum rl_code rl_trust_sign(void *ctx, uint8_t hash, const struct rl_trust_signed *over,
                           uint8_t *out, size_t n, struct rl_err *err)
{
    const struct rl_key *key = ctx;
    if (rl_key_bytes(key) != n)
        return rl_fail(err, RL_E_VALUE, "",
                       "The key has %zu bytes, and the certificate of the signer %zu.",
                       rl_key_bytes(key), n);
    return rl_rsa_sign(key, hash == RL_TRUST_SHA512 ? RL_RSA_SHA512 : RL_RSA_SHA1, over->part, 2,
                       out, err);
}
