#include "policy/tlsform.h"

#include <string.h>

#include "ringlock/buf.h"

enum {
    BLANKS = 64,
    RANDOMS = 64, /* the client's and the server's */
    NAMED_CURVE = 3,
    SEQUENCE = 0x30,
    TBS_PARTS = 6 /* serial number, signature, issuer, validity, subject, key (RFC 5280 4.1) */
};

static const struct {
    uint16_t scheme;
    bool pss;
} schemes[] = {
    {0x0804, true },
    {0x0805, true },
    {0x0806, true },
    {0x0401, false},
    {0x0501, false},
    {0x0601, false},
};

/* Groups and the bytes of their points (RFC 8422 5.1.1, 5.4.1). */
static const struct {
    uint16_t group;
    uint8_t point;
} groups[] = {
    {23, 65 },
    {24, 97 },
    {25, 133},
    {29, 32 },
};

static bool is_tls13(const uint8_t *data, size_t n)
{
    static const char context[] = "TLS 1.3, server CertificateVerify"; /* with its NUL */
    size_t hash = n - BLANKS - sizeof context;

    if (n < BLANKS + sizeof context || (hash != 32 && hash != 48))
        return false;
    for (size_t i = 0; i < BLANKS; i++)
        if (data[i] != ' ')
            return false;
    return memcmp(data + BLANKS, context, sizeof context) == 0;
}

/* A DER length; *bad where it is none, or indefinite. */
static size_t der_length(struct rl_cur *c)
{
    size_t n = rl_cur_u8(c), digits = n & 0x7f;

    if (n < 0x80)
        return n;
    if (digits == 0 || digits > 3)
        c->bad = true;
    for (n = 0; digits > 0 && !c->bad; digits--)
        n = n << 8 | rl_cur_u8(c);
    return n;
}

/* A SEQUENCE from the first byte to the last that consists of as many elements as the signed part
 * of a certificate has. */
static bool may_be_certificate(const uint8_t *data, size_t n)
{
    struct rl_cur c = rl_cur_make(data, n);
    size_t parts = 0;

    if (rl_cur_u8(&c) != SEQUENCE || der_length(&c) != rl_cur_left(&c))
        return false;
    while (rl_cur_left(&c) > 0) {
        rl_cur_u8(&c);
        rl_cur_bytes(&c, der_length(&c));
        parts++;
    }
    return !c.bad && parts >= TBS_PARTS;
}

static bool is_tls12(const uint8_t *data, size_t n)
{
    struct rl_cur c = rl_cur_make(data, n);

    rl_cur_bytes(&c, RANDOMS);
    uint8_t type = rl_cur_u8(&c);
    uint16_t group = rl_cur_u16(&c);
    uint8_t point = rl_cur_u8(&c);
    if (c.bad || type != NAMED_CURVE || rl_cur_left(&c) != point || may_be_certificate(data, n))
        return false;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (groups[i].group == group)
            return groups[i].point == point;
    return false;
}

bool rl_policy_tls_signable(uint16_t scheme, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (schemes[i].scheme == scheme)
            return (schemes[i].pss && is_tls13(data, n)) || is_tls12(data, n);
    return false;
}
