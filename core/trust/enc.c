#include "trust/enc.h"

#include <string.h>

enum { PAD = 0x0d };

enum rl_code rl_enc_read(const void *bytes, size_t n, const char *object, const char *name,
                         struct rl_enc *out, struct rl_problems *warnings, struct rl_err *err)
{
    struct rl_tlv_file file = {.bytes = bytes,
                               .n = n,
                               .object = object,
                               .kind = RL_TLV_ENCRYPTED,
                               .warnings = warnings,
                               .err = err};
    enum rl_code code = rl_trust_header_read(&file, name, &out->header, &out->over);
    if (code)
        return code;
    out->text = (struct rl_bytes){file.bytes + out->header.size, n - out->header.size};
    if (out->text.n == 0 || out->text.n % RL_TRUST_BLOCK)
        return rl_fail(err, RL_E_TRUST_FILE, object,
                       "%s, byte %u: %zu bytes of cipher text are no whole number of blocks.",
                       object, out->header.size, out->text.n);
    if (out->header.sealed.pad_count > out->text.n)
        return rl_fail(err, RL_E_TRUST_FILE, object,
                       "%s, byte %u: %zu bytes of cipher text, of which %u are padding.", object,
                       out->header.size, out->text.n, out->header.sealed.pad_count);
    return RL_OK;
}

enum rl_code rl_enc_write(const struct rl_trust_header *header, const char *object,
                          const void *plain, size_t n, const struct rl_enc_sealer *sealer,
                          const struct rl_trust_signer *signer, struct rl_buf *out,
                          struct rl_err *err)
{
    struct rl_trust_header h = *header;
    struct rl_enc_sealed sealed = {0};
    struct rl_buf text = {0};
    size_t pad = RL_TRUST_BLOCK - n % RL_TRUST_BLOCK;
    rl_buf_add(&text, plain, n);
    for (size_t i = 0; i < pad; i++)
        rl_buf_addc(&text, PAD);
    enum rl_code code =
        sealer->seal(sealer->ctx, h.hash, (uint8_t *)text.data, n, text.len, &sealed, err);
    h.sealed = (struct rl_sealed_header){
        .iv = {sealed.iv,     sizeof sealed.iv             },
        .pad_count = (uint16_t)pad,
        .key_size = (uint16_t)(8 * sealed.nkey),
        .key_algorithm = 1,
        .key = {sealed.key,    sealed.nkey                  },
        .digest_algorithm = h.hash,
        .digest = {sealed.digest, rl_trust_digest_bytes(h.hash)}
    };
    if (!code)
        code = rl_trust_file_write(&h, RL_TLV_ENCRYPTED, object, text.data, text.len, signer, out,
                                   err);
    rl_wipe_free(rl_buf_take(&text));
    return code;
}

enum rl_code rl_enc_open(const struct rl_enc *enc, const char *object,
                         const struct rl_enc_opener *opener, struct rl_buf *out, struct rl_err *err)
{
    const struct rl_sealed_header *s = &enc->header.sealed;
    size_t n = enc->text.n - s->pad_count;
    uint8_t digest[RL_TRUST_DIGEST_MAX];
    struct rl_buf text = {0};
    rl_buf_add(&text, enc->text.p, enc->text.n);
    uint8_t *bytes = (uint8_t *)text.data;
    enum rl_code code = opener->open(opener->ctx, &enc->header, bytes, text.len, err);
    if (!code)
        code = opener->digest(opener->ctx, s->digest_algorithm, bytes, n, digest, err);
    if (!code && memcmp(digest, s->digest.p, s->digest.n) != 0)
        code = rl_fail(err, RL_E_TRUST_FILE, object,
                       "%s: the text is not what its digest says; it was encrypted for another "
                       "key, or damaged.",
                       object);
    if (!code)
        rl_buf_add(out, bytes, n);
    rl_wipe_free(rl_buf_take(&text));
    return code;
}
