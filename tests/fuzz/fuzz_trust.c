/* Trust lists and signed files: any bytes are refused with a sentence, or have a meaning that is
 * written, read and written again as the same bytes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/trustfile.h"
#include "trust/enc.h"
#include "trust/sgn.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { RECORDS_MAX = 3000 };

/* The signature that was there. */
static enum rl_code sign(void *ctx, uint8_t hash, const struct rl_trust_signed *over, uint8_t *out,
                         size_t n, struct rl_err *err)
{
    const struct rl_bytes *signature = ctx;
    (void)err;
    assert((hash == RL_TRUST_SHA1 || hash == RL_TRUST_SHA512) && over->part[0].n);
    assert(signature->n == n);
    memcpy(out, signature->p, n);
    return RL_OK;
}

static void write_list(const struct rl_trust_list *list, struct rl_buf *out)
{
    static struct rl_trust_record record[RECORDS_MAX];
    struct rl_bytes signature = list->header.signature;
    struct rl_trust_signer signer = {sign, &signature};
    struct rl_err err = {0};
    size_t at = 0, begins, n = 0;
    while (rl_trust_list_next(list, &at, &record[n], &begins))
        n++;
    assert(at == list->n && n == list->nrecords);
    /* in another order the padding may be what does not fit any more */
    if (rl_trust_list_write(&list->header, record, n, "it", &signer, out, &err))
        assert(err.code == RL_E_VALUE && list->header.size > RL_TLV_SIZE_MAX - 4);
}

static void write_file(const struct rl_sgn *sgn, struct rl_buf *out)
{
    struct rl_bytes signature = sgn->header.signature;
    struct rl_trust_signer signer = {sign, &signature};
    struct rl_err err = {0};
    if (rl_trust_file_write(&sgn->header, RL_TLV_SIGNED, "it", sgn->body.p, sgn->body.n, &signer,
                            out, &err))
        assert(err.code == RL_E_VALUE && sgn->header.size > RL_TLV_SIZE_MAX - 4);
}

/* "Decrypting" leaves the text as it is, and finds the digest right. */
static enum rl_code open_text(void *ctx, const struct rl_trust_header *header, uint8_t *text,
                              size_t padded, struct rl_err *err)
{
    (void)ctx, (void)text, (void)err;
    assert(header->sealed.iv.n == RL_TRUST_BLOCK && padded % RL_TRUST_BLOCK == 0);
    return RL_OK;
}

static enum rl_code digest(void *ctx, uint8_t hash, const uint8_t *text, size_t n, uint8_t *out,
                           struct rl_err *err)
{
    const struct rl_bytes *known = ctx;
    (void)text, (void)n, (void)err;
    assert(known->n == rl_trust_digest_bytes(hash));
    memcpy(out, known->p, known->n);
    return RL_OK;
}

/* What was there. */
static enum rl_code seal(void *ctx, uint8_t hash, uint8_t *text, size_t n, size_t padded,
                         struct rl_enc_sealed *out, struct rl_err *err)
{
    const struct rl_sealed_header *s = ctx;
    (void)text, (void)err;
    assert(padded > n && padded - n <= RL_TRUST_BLOCK);
    memcpy(out->iv, s->iv.p, s->iv.n);
    memcpy(out->key, s->key.p, s->key.n);
    out->nkey = s->key.n;
    memset(out->digest, hash, sizeof out->digest);
    return RL_OK;
}

static void try_list(const uint8_t *bytes, size_t n)
{
    struct rl_trust_list list, again;
    struct rl_problems warnings = {0};
    struct rl_trust_check check;
    struct rl_buf first = {0}, second = {0};
    struct rl_err err = {0};
    if (rl_trust_list_read(bytes, n, "it", &list, &warnings, &err) == RL_OK) {
        rl_trust_check(&list, &check);
        assert(check.signer.p || check.problems.errors);
        rl_trust_check_fini(&check);
        write_list(&list, &first);
        if (first.len) {
            assert(!rl_trust_list_read(first.data, first.len, "it", &again, NULL, &err));
            write_list(&again, &second);
            assert(first.len == second.len && !memcmp(first.data, second.data, first.len));
        }
    } else {
        assert(err.code == RL_E_TRUST_FILE && *err.text);
    }
    rl_problems_fini(&warnings);
    rl_buf_fini(&first);
    rl_buf_fini(&second);
}

static void try_file(const uint8_t *bytes, size_t n)
{
    struct rl_sgn sgn, again;
    struct rl_buf first = {0}, second = {0};
    struct rl_err err = {0};
    if (rl_sgn_read(bytes, n, "it", NULL, &sgn, NULL, &err) == RL_OK) {
        write_file(&sgn, &first);
        if (first.len) {
            assert(!rl_sgn_read(first.data, first.len, "it", NULL, &again, NULL, &err));
            assert(again.body.n == sgn.body.n);
            write_file(&again, &second);
            assert(first.len == second.len && !memcmp(first.data, second.data, first.len));
        }
    } else {
        assert(err.code == RL_E_TRUST_FILE && *err.text);
    }
    rl_buf_fini(&first);
    rl_buf_fini(&second);
}

/* Opened and written again it is read again, and has the same text. */
static void write_encrypted(struct rl_enc *enc, const struct rl_buf *text, struct rl_buf *out)
{
    struct rl_bytes signature = enc->header.signature;
    struct rl_trust_signer signer = {sign, &signature};
    struct rl_enc_sealer sealer = {seal, &enc->header.sealed};
    struct rl_err err = {0};
    if (rl_enc_write(&enc->header, "it", rl_buf_str(text), text->len, &sealer, &signer, out, &err))
        assert(err.code == RL_E_VALUE && enc->header.size > RL_TLV_SIZE_MAX - 64);
}

static void try_encrypted(const uint8_t *bytes, size_t n)
{
    struct rl_enc enc, again;
    struct rl_buf text = {0}, made = {0};
    struct rl_err err = {0};
    if (rl_enc_read(bytes, n, "it", NULL, &enc, NULL, &err) == RL_OK) {
        struct rl_enc_opener opener = {open_text, digest, &enc.header.sealed.digest};
        assert(!rl_enc_open(&enc, "it", &opener, &text, &err));
        assert(text.len == enc.text.n - enc.header.sealed.pad_count);
        if (enc.header.sealed.key.n <= RL_TRUST_SIGNATURE_MAX)
            write_encrypted(&enc, &text, &made);
        if (made.len) {
            assert(!rl_enc_read(made.data, made.len, "it", NULL, &again, NULL, &err));
            assert(again.text.n - again.header.sealed.pad_count == text.len);
            assert(!memcmp(again.text.p, rl_buf_str(&text), text.len));
        }
    } else {
        assert(err.code == RL_E_TRUST_FILE && *err.text);
    }
    rl_buf_fini(&text);
    rl_buf_fini(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    try_list(bytes, n);
    try_encrypted(bytes, n);
    try_file(bytes, n);
    return 0;
}
