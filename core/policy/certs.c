#include "policy/certs.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/profile.h"

static const char *text(const struct rl_row *cert, int field)
{
    return rl_row_get(cert, field);
}

/* RFC 3339 in UTC sorts as text. */
enum rl_validity rl_cert_validity(const struct rl_row *cert, const char *now)
{
    if (strcmp(now, text(cert, RL_CERTIFICATE_NOT_BEFORE)) < 0)
        return RL_CERT_NOT_YET;
    return strcmp(now, text(cert, RL_CERTIFICATE_NOT_AFTER)) > 0 ? RL_CERT_EXPIRED : RL_CERT_VALID;
}

const char *rl_cert_validity_text(enum rl_validity validity)
{
    static const char *const texts[] = {"valid", "expired", "not-yet-valid"};
    return texts[validity];
}

static void check_dates(const struct rl_row *cert, const char *now, struct rl_problems *problems)
{
    enum rl_validity validity = rl_cert_validity(cert, now);
    if (validity == RL_CERT_EXPIRED)
        rl_row_problem(problems, cert, RL_CERTIFICATE_NOT_AFTER, RL_E_CERT_DATES,
                       "The certificate of %s expired at %s.", text(cert, RL_CERTIFICATE_SUBJECT),
                       text(cert, RL_CERTIFICATE_NOT_AFTER));
    else if (validity == RL_CERT_NOT_YET)
        rl_row_problem(problems, cert, RL_CERTIFICATE_NOT_BEFORE, RL_E_CERT_DATES,
                       "The certificate of %s is not valid before %s.",
                       text(cert, RL_CERTIFICATE_SUBJECT), text(cert, RL_CERTIFICATE_NOT_BEFORE));
}

/* The keys that may be on file, and their sizes in bits (profiles.md 9). */
static const struct {
    const char *type;
    long min, max;
} keys[] = {
    {"RSA",     2048, 4096},
    {"RSA-PSS", 2048, 4096},
    {"EC",      256,  521 },
    {"Ed25519", 256,  256 },
    {"Ed448",   448,  456 },
};

static void check_key(const struct rl_row *cert, struct rl_problems *problems)
{
    const char *type = text(cert, RL_CERTIFICATE_KEY_TYPE);
    long bits = atol(text(cert, RL_CERTIFICATE_KEY_BITS));
    size_t i = 0;
    while (i < sizeof keys / sizeof *keys && strcmp(keys[i].type, type) != 0)
        i++;
    if (i == sizeof keys / sizeof *keys)
        rl_row_problem(problems, cert, RL_CERTIFICATE_KEY_TYPE, RL_E_CERT_WEAK,
                       "The certificate of %s has a key of type %s: it takes RSA or EC.",
                       text(cert, RL_CERTIFICATE_SUBJECT), type);
    else if (bits < keys[i].min || bits > keys[i].max)
        rl_row_problem(problems, cert, RL_CERTIFICATE_KEY_BITS, RL_E_CERT_WEAK,
                       "The certificate of %s has a key of %s with %ld bits: it takes %ld to %ld.",
                       text(cert, RL_CERTIFICATE_SUBJECT), type, bits, keys[i].min, keys[i].max);
}

/* Who signs itself is known by its digest: there SHA-1 proves nothing, and does no harm. */
static void check_hash(const struct rl_row *cert, struct rl_problems *problems)
{
    static const char *const strong[] = {"SHA224",   "SHA256",   "SHA384",   "SHA512",   "SHA3-224",
                                         "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE-256"};
    const char *hash = text(cert, RL_CERTIFICATE_SIGNATURE_HASH);
    bool good = !strcmp(hash, "SHA1") && rl_row_yes(cert, RL_CERTIFICATE_SELF_SIGNED);
    for (size_t i = 0; i < sizeof strong / sizeof *strong && !good; i++)
        good = !strcmp(hash, strong[i]);
    if (!good)
        rl_row_problem(problems, cert, RL_CERTIFICATE_SIGNATURE_HASH, RL_E_CERT_WEAK,
                       "The certificate of %s is signed with %s, which can be forged.",
                       text(cert, RL_CERTIFICATE_SUBJECT), hash);
}

static void check_wildcard(const struct rl_row *cert, struct rl_problems *problems)
{
    static const int fields[] = {RL_CERTIFICATE_COMMON_NAME, RL_CERTIFICATE_SAN};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strchr(text(cert, fields[i]), '*')) {
            rl_row_problem(problems, cert, fields[i], RL_E_CERT_WILDCARD,
                           "The certificate of %s has a name with a wildcard: %s.",
                           text(cert, RL_CERTIFICATE_SUBJECT), text(cert, fields[i]));
            return;
        }
}

static void check_binding(const struct rl_row *cert, const struct rl_row *type,
                          struct rl_problems *problems)
{
    const char *device = text(cert, RL_CERTIFICATE_DEVICE);
    if (!rl_type_is_preferred_vendor(type))
        return;
    if (rl_row_is(type, RL_TYPE_CERT_MODE, "shared"))
        rl_row_problem(problems, cert, RL_CERTIFICATE_DEVICE, RL_E_CERT_MODE,
                       "The phone %s is of type %s, whose phones share a certificate.", device,
                       text(type, RL_TYPE_MODEL));
    if (!*text(cert, RL_CERTIFICATE_ORIGIN))
        rl_row_problem(problems, cert, RL_CERTIFICATE_ORIGIN, RL_W_CERT_ORIGIN,
                       "It is not stated where the certificate of %s came from.", device);
}

void rl_policy_cert(const struct rl_row *cert, const struct rl_row *type, const char *now,
                    struct rl_problems *problems)
{
    check_dates(cert, now, problems);
    check_key(cert, problems);
    check_hash(cert, problems);
    check_wildcard(cert, problems);
    if (type)
        check_binding(cert, type, problems);
}
