/* Trust lists and signed files: any bytes are refused with a sentence, or have a meaning that is
 * written, read and written again as the same bytes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/trustfile.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    try_list(bytes, n);
    try_file(bytes, n);
    return 0;
}
