#include "trust/listing.h"

#include <string.h>

const char *const rl_list_names[] = {"CTL", "ITL"};
const char *const rl_list_files[] = {"CTLFile.tlv", "ITLFile.tlv"};

const char *const rl_list_hash_names[] = {"sha1", "sha512", NULL};
const char *const rl_signer_version_names[] = {"1.0", "1.1", NULL};

enum { CTL = 1 << RL_LIST_CTL, ITL = 1 << RL_LIST_ITL };

static const struct part {
    const char *role;
    bool ec;
    enum rl_trust_role listed;
    unsigned in;
    size_t max; /* records; 0: as many as there are */
} parts[] = {
    {"ITLRecovery", false, RL_TRUST_SAST, CTL | ITL, RL_TRUST_SAST_MAX},
    {"CallManager", false, RL_TRUST_CCM,  CTL | ITL, 0                },
    {"TFTP",        false, RL_TRUST_TFTP, CTL | ITL, 0                },
    {"CAPF",        false, RL_TRUST_CAPF, CTL | ITL, 0                },
    {"TVS",         false, RL_TRUST_TVS,  ITL,       0                },
    {"CallManager", true,  RL_TRUST_CCM,  CTL | ITL, 0                },
};
enum { PARTS = sizeof parts / sizeof *parts };

/* Among the certificates one that this part lists, too? */
static bool has_twin(const struct part *part, const struct rl_listing_cert *cert, size_t n,
                     const char *fingerprint)
{
    for (size_t i = 0; i < n; i++)
        if (cert[i].ec == part->ec && strcmp(cert[i].role, part->role) == 0 &&
            strcmp(cert[i].fingerprint, fingerprint) == 0)
            return true;
    return false;
}

/* One certificate in both roles is one record, in the place of the first. */
static bool role_of(const struct part *part, const struct rl_listing_cert *cert, size_t n,
                    const char *fingerprint, enum rl_trust_role *role)
{
    const struct part *ccm = &parts[1], *tftp = &parts[2];
    *role = part->listed;
    if (part == ccm && has_twin(tftp, cert, n, fingerprint))
        *role = RL_TRUST_CCM_TFTP;
    return part != tftp || !has_twin(ccm, cert, n, fingerprint);
}

static void add_state(const struct part *part, enum rl_listing_state state,
                      const struct rl_listing_cert *cert, size_t n, size_t *room,
                      struct rl_listing *out)
{
    enum rl_trust_role role;
    for (size_t i = 0; i < n; i++) {
        bool fits = cert[i].state == state && cert[i].ec == part->ec &&
                    strcmp(cert[i].role, part->role) == 0;
        if (!fits || !*room || out->n == RL_LISTED_MAX ||
            !role_of(part, cert, n, cert[i].fingerprint, &role))
            continue;
        out->record[out->n].cert = i;
        out->record[out->n++].role = role;
        --*room;
    }
}

bool rl_listing_make(enum rl_list_kind kind, bool ec, const struct rl_listing_cert *cert, size_t n,
                     struct rl_listing *out)
{
    static const enum rl_listing_state order[] = {RL_LISTING_ACTIVE, RL_LISTING_NEXT,
                                                  RL_LISTING_FORMER};
    *out = (struct rl_listing){0};
    for (const struct part *p = parts; p < parts + PARTS; p++) {
        size_t room = p->max ? p->max : RL_LISTED_MAX;
        for (size_t i = 0; i < 3 && (p->in & 1U << kind) && (ec || !p->ec); i++)
            add_state(p, order[i], cert, n, &room, out);
    }
    return out->n && out->record[0].role == RL_TRUST_SAST &&
           cert[out->record[0].cert].state == RL_LISTING_ACTIVE;
}
