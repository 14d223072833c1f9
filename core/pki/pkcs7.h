/* Detached PKCS#7 signatures (RFC 5652): whether somebody we know vouches for the bytes of a file.
 */
#ifndef RL_PKI_PKCS7_H
#define RL_PKI_PKCS7_H

#include <stddef.h>
#include <stdint.h>

/* A certificate whose holder may sign. */
struct rl_signer {
    const void *der;
    size_t n;
};

/* The nearer to good, the higher. */
enum rl_signature_state {
    RL_SIGNATURE_UNREADABLE, /* neither PEM nor DER, or no signature in it */
    RL_SIGNATURE_FOREIGN,    /* by none of the signers given */
    RL_SIGNATURE_BROKEN,     /* of other bytes than these */
    RL_SIGNATURE_WEAK,       /* made with a hash that is broken */
    RL_SIGNATURE_OUTDATED,   /* the signer's certificate is not valid now */
    RL_SIGNATURE_GOOD
};

enum { RL_SIGNATURE_BY = 160 };
struct rl_signature {
    enum rl_signature_state state;
    size_t signer;            /* whose it is, from RL_SIGNATURE_BROKEN on: index of the signer */
    char by[RL_SIGNATURE_BY]; /* issuer and serial number that it names, from FOREIGN on; safe */
};

/* Verify a signature, PEM or DER, over `n` bytes. One good signature is enough; else the one that
 * came nearest is told. All arguments are borrowed. `now_us` is the time to judge validity by. */
void rl_pkcs7_verify(const void *signature, size_t nsignature, const void *bytes, size_t n,
                     const struct rl_signer *signer, size_t nsigners, int64_t now_us,
                     struct rl_signature *out);

/* What it is, as the end of a sentence about the signature: "is by nobody ...". Static. */
const char *rl_signature_text(enum rl_signature_state state);

#endif
