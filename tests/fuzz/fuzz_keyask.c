/* What enrol asks the engine's keys to do, of which nothing may be believed: any bytes are a
 * question or none, and what may be signed has the form of a TLS handshake. */
#include <assert.h>
#include <string.h>

#include "enrol/keyask.h"
#include "policy/tlsform.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_keyask ask;

    if (!rl_keyask_decode(bytes, n, &ask))
        return 0;
    assert(ask.op <= RL_KEYASK_DECRYPT && ask.data.n > 0);
    if (rl_policy_tls_signable(ask.scheme, ask.data.p, ask.data.n))
        assert(ask.data.n >= 100 && ask.data.n <= 201 &&
               (ask.data.p[64] == 3 || memcmp(ask.data.p + 64, "TLS 1.3, server", 15) == 0));
    return 0;
}
