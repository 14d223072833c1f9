/* Signatures of packs: any bytes are refused, or are a signature that names its signer in safe
 * text. Input: length of a signer's certificate (two bytes), the certificate, the signature. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pki/pkcs7.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char signed_text[] = "[pack]\n";
enum { NOW_S = 1795424400 }; /* 2026-11-23 */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_cur cur = rl_cur_make(bytes, n);
    struct rl_signer signer = {.n = rl_cur_u16(&cur)};
    struct rl_signature found;
    signer.der = rl_cur_bytes(&cur, signer.n);
    if (cur.bad)
        return 0;
    rl_pkcs7_verify(cur.p, rl_cur_left(&cur), signed_text, strlen(signed_text), &signer, 1,
                    NOW_S * 1000000LL, &found);
    assert(found.signer == 0 && rl_signature_text(found.state));
    assert(memchr(found.by, '\0', sizeof found.by));
    assert((found.state == RL_SIGNATURE_UNREADABLE) == !*found.by);
    char *safe = rl_text_safe_dup(found.by);
    assert(strcmp(safe, found.by) == 0);
    free(safe);
    return 0;
}
