#include "policy/evidence.h"

#include <string.h>

#include "policy/names.h"

static bool is(const char *a, const char *b)
{
    return a && b && *a && strcmp(a, b) == 0;
}

/* R96, R101: a SAN that is not of type DNS lets no CN count. Of what is not on file the SIP server
 * tells no other types. */
static bool cn_counts(const struct rl_evidence *e)
{
    return e->certs.shared && e->certs.shared->nameless && (!e->found.there || e->found.nameless);
}

const char *rl_policy_presented_name(const struct rl_evidence *e)
{
    if (e->san && *e->san)
        return e->san;
    return cn_counts(e) && e->cn ? e->cn : "";
}

static bool nothing_presented(const struct rl_evidence *e)
{
    return !e->presented;
}

static bool found(const struct rl_evidence *e)
{
    return e->found.there;
}

static bool found_of_another(const struct rl_evidence *e)
{
    return found(e) && e->found.device && *e->found.device && !is(e->found.device, e->device);
}

static bool found_too_early(const struct rl_evidence *e)
{
    return found(e) && e->now_us < e->found.from_us;
}

static bool found_too_late(const struct rl_evidence *e)
{
    return found(e) && e->now_us > e->found.to_us;
}

static bool found_its_own(const struct rl_evidence *e)
{
    return found(e) && is(e->found.device, e->device);
}

static bool shared(const struct rl_evidence *e)
{
    return e->certs.shared && e->certs.shared->there;
}

static bool found_its_shared(const struct rl_evidence *e)
{
    return found(e) && shared(e) && is(e->found.name, e->certs.shared->name);
}

static bool was_removed(const struct rl_evidence *e)
{
    return e->found.removed;
}

static bool has_its_own(const struct rl_evidence *e)
{
    return e->certs.own;
}

/* The SIP server tells the first DNS SAN only; what is on file has them all (R103). */
static bool found_has_name(const struct rl_evidence *e)
{
    const char *at = e->found.san ? e->found.san : "", *entry;
    size_t n;
    while ((entry = rl_name_next_dns(&at, &n)) != NULL)
        if (n > 0 && strlen(e->profile) == n && !memcmp(entry, e->profile, n))
            return true;
    return is(rl_policy_presented_name(e), e->profile);
}

/* The next shared certificate of the profile, while the profile still names the one before. */
static bool found_of_same_name(const struct rl_evidence *e)
{
    return found(e) && shared(e) && found_has_name(e);
}

static bool shared_too_early(const struct rl_evidence *e)
{
    return shared(e) && e->now_us < e->certs.shared->from_us;
}

static bool shared_too_late(const struct rl_evidence *e)
{
    return shared(e) && e->now_us > e->certs.shared->to_us;
}

static bool shared_unverified(const struct rl_evidence *e)
{
    return shared(e) && !e->verified;
}

static bool shared_misnamed(const struct rl_evidence *e)
{
    return shared(e) && !is(rl_policy_presented_name(e), e->profile);
}

static bool vendor(const struct rl_evidence *e)
{
    return e->certs.vendor;
}

static bool unpinned(const struct rl_evidence *e)
{
    return !e->verified && !e->selfsigned;
}

static bool names_other(const struct rl_evidence *e)
{
    return e->names_other;
}

/* The first that holds answers. What is on file leads; what the SIP server says by itself, that
 * the chain was verified or the certificate was pinned, is enough for types whose certificates do
 * not come on file. */
static const struct {
    bool (*holds)(const struct rl_evidence *e);
    enum rl_sig_state says;
} rules[] = {
    {nothing_presented,  RL_SIG_NO_CERT      },
    {found_of_another,   RL_SIG_CERT_OTHER   },
    {found_too_early,    RL_SIG_CERT_EARLY   },
    {found_too_late,     RL_SIG_CERT_EXPIRED },
    {found_its_own,      RL_SIG_ENCRYPTED    },
    {found_its_shared,   RL_SIG_ENCRYPTED    },
    {was_removed,        RL_SIG_CERT_REMOVED },
    {has_its_own,        RL_SIG_CERT_NOT_OWN },
    {found_of_same_name, RL_SIG_ENCRYPTED    },
    {shared_too_early,   RL_SIG_CERT_EARLY   },
    {shared_too_late,    RL_SIG_CERT_EXPIRED },
    {shared_unverified,  RL_SIG_CERT_UNPROVEN},
    {shared_misnamed,    RL_SIG_CERT_NAME    },
    {shared,             RL_SIG_ENCRYPTED    },
    {vendor,             RL_SIG_CERT_MISSING },
    {unpinned,           RL_SIG_CERT_UNPROVEN},
    {names_other,        RL_SIG_CERT_OTHER   },
};

enum rl_sig_state rl_policy_evidence(const struct rl_evidence *e)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].holds(e))
            return rules[i].says;
    return RL_SIG_ENCRYPTED;
}
