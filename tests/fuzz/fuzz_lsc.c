/* What phones send to be certified or to prove who they are: any bytes are no key, or one of a kind
 * that CAPF orders; any bytes are no certificate that proves anything. */
#include <assert.h>

#include "pki/lsc.h"
#include "pki/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    bool ec = false;
    unsigned bits = 0;
    const struct rl_bytes piece = {(const uint8_t *)"SEP", 4};
    const struct rl_bytes end = {n > 256 ? bytes + n - 256 : bytes, n > 256 ? 256 : n};
    if (rl_lsc_key(bytes, n, &ec, &bits))
        assert(ec ? bits == 256 || bits == 384 || bits == 521 : bits > 0);
    for (int hash = RL_RSA_SHA1; hash <= RL_RSA_SHA512; hash++)
        assert(!rl_proof_holds(bytes, n, (enum rl_rsa_hash)hash, &piece, 1, &end));
    return 0;
}
