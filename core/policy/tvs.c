#include "policy/tvs.h"

/* Numbers of roles as in trust lists: SAST 0, CCM 1, CAPF 4, APP-SERVER 7, TVS 21. */
static const struct {
    const char *store;
    int role;
} stores[] = {
    {RL_STORE_PHONES,    1 }, /* other call managers and their CAs */
    {"CAPF-trust",       4 }, /* also CAPF certificates of before, until all LSCs are renewed */
    {"TVS-trust",        21},
    {"Phone-SAST-trust", 0 }, /* signers of other clusters: a phone moves (security-model 13) */
    {"tomcat-trust",     7 }, /* HTTPS servers */
    {"Phone-trust",      7 },
};

int rl_policy_tvs_role(const struct rl_row *cert, bool used)
{
    if (used || *rl_row_get(cert, RL_CERTIFICATE_DEVICE) ||
        *rl_row_get(cert, RL_CERTIFICATE_ORIGIN))
        return RL_TVS_NO_ROLE;
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        if (rl_row_is(cert, RL_CERTIFICATE_STORE, stores[i].store))
            return stores[i].role;
    return RL_TVS_NO_ROLE;
}

size_t rl_policy_tvs_roles(uint32_t roles, uint8_t *out)
{
    size_t n = 0;

    for (uint8_t role = 0; role < 32; role++)
        if (roles >> role & 1)
            out[n++] = role;
    return n;
}
