#include "policy/capf.h"

#include <stdlib.h>
#include <string.h>

/* --- who a phone is --- */

static struct rl_capf_verdict proven(const char *by)
{
    return (struct rl_capf_verdict){RL_CAPF_GO_ON, RL_CAPF_WHY_NONE, false, by};
}

static struct rl_capf_verdict refused(enum rl_capf_why why, bool counts)
{
    return (struct rl_capf_verdict){RL_CAPF_TURN_AWAY, why, counts, NULL};
}

static struct rl_capf_verdict by_string(const struct rl_capf_login *l)
{
    return l->string == RL_CAPF_GOOD ? proven("string")
                                     : refused(RL_CAPF_INVALID_STRING, l->string == RL_CAPF_BAD);
}

static struct rl_capf_verdict by_nothing(const struct rl_capf_login *l)
{
    (void)l;
    return proven("null-string");
}

/* One certificate counts at a time: the other one is looked at where the first is not there, and
 * never makes up for one that is bad. */
static struct rl_capf_verdict first_of(enum rl_capf_proof first, enum rl_capf_proof second,
                                       const char *const by[2], const enum rl_capf_why bad[2])
{
    if (first == RL_CAPF_ABSENT && second == RL_CAPF_ABSENT)
        return refused(RL_CAPF_INVALID_CREDENTIALS, true);
    int i = first == RL_CAPF_ABSENT;
    enum rl_capf_proof counts = i ? second : first;
    return counts == RL_CAPF_GOOD ? proven(by[i]) : refused(bad[i], true);
}

static struct rl_capf_verdict by_lsc(const struct rl_capf_login *l)
{
    return first_of(l->lsc, l->mic, (const char *const[]){"lsc", "mic"},
                    (const enum rl_capf_why[]){RL_CAPF_INVALID_LSC, RL_CAPF_INVALID_MIC});
}

static struct rl_capf_verdict by_mic(const struct rl_capf_login *l)
{
    return first_of(l->mic, l->lsc, (const char *const[]){"mic", "lsc"},
                    (const enum rl_capf_why[]){RL_CAPF_INVALID_MIC, RL_CAPF_INVALID_LSC});
}

static const struct {
    const char *mode; /* RL_PROFILE_AUTH_MODE */
    struct rl_capf_verdict (*judge)(const struct rl_capf_login *l);
} modes[] = {
    {"string",      by_string },
    {"null-string", by_nothing},
    {"lsc",         by_lsc    },
    {"mic",         by_mic    },
};

struct rl_capf_verdict rl_policy_capf_login(const struct rl_capf_login *l)
{
    if (l->locked)
        return refused(RL_CAPF_WHY_NONE, false);
    if (l->operation == RL_CAPF_NONE)
        return (struct rl_capf_verdict){.next = RL_CAPF_NOTHING};
    if (l->late)
        return refused(RL_CAPF_LATE, false);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (rl_row_is(l->profile, RL_PROFILE_AUTH_MODE, modes[i].mode))
            return modes[i].judge(l);
    return refused(RL_CAPF_INVALID_CREDENTIALS, false);
}

/* "CP-8861-SEP001122334455" */
static bool is_model_form(const char *name, const char *device)
{
    size_t n = strlen(name), nd = strlen(device);
    return n > nd + 4 && strncmp(name, "CP-", 3) == 0 && name[n - nd - 1] == '-' &&
           strcmp(name + n - nd, device) == 0;
}

static bool has_uri(const char *san, const char *device)
{
    size_t nd = strlen(device);
    while (*san) {
        size_t n = strcspn(san, ";");
        if (n == nd + 4 && strncmp(san, "URI:", 4) == 0 && strncmp(san + 4, device, nd) == 0)
            return true;
        san += san[n] ? n + 1 : n;
    }
    return false;
}

bool rl_policy_capf_names(const char *common_name, const char *san, const char *device)
{
    return *device && (strcmp(common_name, device) == 0 || is_model_form(common_name, device) ||
                       has_uri(san, device));
}

/* --- keys --- */

/* EC where nothing else is wanted, or where the type is known to make it. */
static bool asks_ec(const struct rl_row *profile, const struct rl_row *type, bool backup)
{
    if (rl_row_is(profile, RL_PROFILE_KEY_ORDER, "ec"))
        return true;
    return rl_row_is(profile, RL_PROFILE_KEY_ORDER, "ec-rsa") && !backup &&
           rl_type_says(type, RL_TYPE_EC_KEYS, rl_row_get(profile, RL_PROFILE_PROTOCOL)) == RL_YES;
}

bool rl_policy_capf_order(const struct rl_row *profile, const struct rl_row *type, bool backup,
                          struct rl_capf_order *out)
{
    out->ec = asks_ec(profile, type, backup);
    if (backup && !rl_row_is(profile, RL_PROFILE_KEY_ORDER, "ec-rsa"))
        return false;
    out->bits = atoi(rl_row_get(profile, out->ec ? RL_PROFILE_EC_SIZE : RL_PROFILE_RSA_SIZE));
    return out->bits > 0;
}

/* --- what an end means --- */

#define INSTALL RL_CAPF_INSTALL
#define DELETE  RL_CAPF_DELETE
#define TROUBLE RL_CAPF_TROUBLESHOOT
#define GOOD    RL_CAPF_SUCCESS
#define BAD     RL_CAPF_REFUSED

enum { ANY = -1, NO_ACTION = 0, DONE = 1, FAILED = 7 }; /* capf.md 9 */

/* The first that fits answers. A phone that fails comes again, as long as the operation waits. */
static const struct {
    int operation;
    enum rl_capf_event event;
    struct rl_capf_outcome out;
} outcomes[] = {
    {INSTALL, RL_CAPF_EV_STORED,      {GOOD, RL_CAPF_WHY_NONE, false, DONE}        },
    {INSTALL, RL_CAPF_EV_NOT_STORED,  {BAD, RL_CAPF_INVALID_LSC, true, FAILED}     },
    {INSTALL, RL_CAPF_EV_NO_KEY,      {BAD, RL_CAPF_KEY_GENERATION, true, FAILED}  },
    {INSTALL, RL_CAPF_EV_WRONG_KEY,   {BAD, RL_CAPF_KEY_GENERATION, true, FAILED}  },
    {INSTALL, RL_CAPF_EV_NO_EC,       {BAD, RL_CAPF_NO_EC, false, FAILED}          },
    {INSTALL, RL_CAPF_EV_NO_CA,       {BAD, RL_CAPF_CA_COMMUNICATION, true, FAILED}},
    {INSTALL, RL_CAPF_EV_NOT_SIGNED,  {BAD, RL_CAPF_CA_REJECTED, true, FAILED}     },
    {DELETE,  RL_CAPF_EV_DELETED,     {GOOD, RL_CAPF_WHY_NONE, false, DONE}        },
    {DELETE,  RL_CAPF_EV_NOTHING,     {BAD, RL_CAPF_INVALID_LSC, true, DONE}       },
    {TROUBLE, RL_CAPF_EV_FETCHED,     {GOOD, RL_CAPF_WHY_NONE, false, NO_ACTION}   },
    {TROUBLE, RL_CAPF_EV_NOTHING,     {BAD, RL_CAPF_INVALID_LSC, true, NO_ACTION}  },
    {TROUBLE, RL_CAPF_EV_BAD_FETCHED, {BAD, RL_CAPF_INVALID_LSC, true, NO_ACTION}  },
    {ANY,     RL_CAPF_EV_LATE,        {BAD, RL_CAPF_LATE, false, FAILED}           },
    {ANY,     RL_CAPF_EV_LOST,        {BAD, RL_CAPF_COMMUNICATION, true, FAILED}   },
};

/* What does not belong to the operation is a phone that cannot be spoken with. */
struct rl_capf_outcome rl_policy_capf_outcome(enum rl_capf_operation operation,
                                              enum rl_capf_event event)
{
    size_t n = sizeof outcomes / sizeof *outcomes;
    for (size_t i = 0; i < n; i++)
        if (outcomes[i].event == event &&
            (outcomes[i].operation == ANY || outcomes[i].operation == (int)operation))
            return outcomes[i].out;
    return outcomes[n - 1].out;
}

/* --- releases (R131) --- */

enum { PARTS = 4 }; /* major, minor, maintenance, service update */

static bool number(const char **p, long *out)
{
    char *end;
    if (**p < '0' || **p > '9')
        return false;
    *out = strtol(*p, &end, 10);
    *p = end;
    return *out < 100000;
}

/* MAJOR[.MINOR][(MAINTENANCE)][SU[N]] */
static bool read_release(const char *text, long part[PARTS])
{
    memset(part, 0, PARTS * sizeof *part);
    if (!number(&text, &part[0]))
        return false;
    if (*text == '.' && (text++, !number(&text, &part[1])))
        return false;
    if (*text == '(' && (text++, !number(&text, &part[2]) || *text++ != ')'))
        return false;
    if (strncmp(text, "SU", 2) == 0) {
        text += 2;
        part[3] = 1;
        if (*text && !number(&text, &part[3]))
            return false;
    }
    return *text == '\0';
}

bool rl_policy_release_compare(const char *a, const char *b, int *order)
{
    long of_a[PARTS], of_b[PARTS];
    if (!read_release(a, of_a) || !read_release(b, of_b))
        return false;
    *order = 0;
    for (int i = 0; i < PARTS && !*order; i++)
        *order = (of_a[i] > of_b[i]) - (of_a[i] < of_b[i]);
    return true;
}

bool rl_policy_capf_sha256(const char *release)
{
    int order;
    return !rl_policy_release_compare(release, "11.5(1)SU1", &order) || order >= 0;
}
