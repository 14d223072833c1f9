/* What may be ordered of phones. */
#include <string.h>

#include "policy/capf.h"
#include "ringlock/profile.h"

#define BLAME(w, problems, field, code, ...)                                            \
    do {                                                                                \
        struct rl_err refused;                                                          \
        rl_fail_field(&refused, (code), rl_row_get((w)->phone, RL_PHONE_NAME), (field), \
                      __VA_ARGS__);                                                     \
        rl_problems_add((problems), &refused);                                          \
    } while (0)

static const char *name(const struct rl_capf_wish *w)
{
    return rl_row_get(w->phone, RL_PHONE_NAME);
}

static const char *profile(const struct rl_capf_wish *w)
{
    return rl_row_get(w->profile, RL_PROFILE_NAME);
}

static bool has_mode(const struct rl_capf_wish *w, const char *mode)
{
    return rl_row_is(w->profile, RL_PROFILE_AUTH_MODE, mode);
}

/* R73: what is no phone of ours to enrol. */
static bool refuse_type(const struct rl_capf_wish *w, struct rl_problems *problems)
{
    const char *protocol = rl_row_get(w->phone, RL_PHONE_PROTOCOL);
    if (rl_profile_has(w->type, protocol, RL_PROFILE_AUTH_MODE))
        return false;
    struct rl_err err;
    rl_fail_field(&err, rl_profile_refusal(w->type, protocol, RL_PROFILE_AUTH_MODE), name(w),
                  "operation", "Phones of %s have no CAPF: nothing can be ordered for %s.",
                  rl_row_get(w->type, RL_TYPE_MODEL), name(w));
    rl_err_remedy(&err, "Upload its certificate instead: ringlock cert upload FILE --device %s.",
                  name(w));
    rl_problems_add(problems, &err);
    return true;
}

static void refuse_string(const struct rl_capf_wish *w, struct rl_problems *problems)
{
    struct rl_err err;
    rl_fail_field(&err, RL_E_VALUE, name(w), "string",
                  "Profile %s of %s does not authenticate by string.", profile(w), name(w));
    rl_err_remedy(&err,
                  "Leave the string out, or let the phone ask for one: ringlock phone set %s "
                  "--auth-mode string.",
                  name(w));
    rl_problems_add(problems, &err);
}

static void check_string(const struct rl_capf_wish *w, struct rl_problems *problems)
{
    bool asked = has_mode(w, "string");
    if (!asked && (w->string_given || w->generate))
        refuse_string(w, problems);
    else if (asked && w->string_given && !rl_capf_string_ok(w->string))
        BLAME(w, problems, "string", RL_E_VALUE,
              "The authentication string of %s is not %d to %d "
              "digits.",
              name(w), RL_CAPF_STRING_MIN, RL_CAPF_STRING_MAX);
    else if (asked && !w->string_given && !w->generate && !w->string_kept)
        BLAME(w, problems, "string", RL_E_REQUIRED,
              "Profile %s of %s authenticates by string: give one, or have it generated.",
              profile(w), name(w));
}

static void check_proof(const struct rl_capf_wish *w, struct rl_problems *problems)
{
    bool mic =
        w->mic == RL_YES ||
        (w->mic == RL_UNKNOWN &&
         rl_type_says(w->type, RL_TYPE_HAS_MIC, rl_row_get(w->phone, RL_PHONE_PROTOCOL)) == RL_YES);
    if (has_mode(w, "null-string"))
        BLAME(w, problems, "operation", RL_W_NULL_STRING,
              "Profile %s of %s asks for no proof at all: only in closed networks.", profile(w),
              name(w));
    else if (!has_mode(w, "string") && !mic && w->lsc != RL_YES)
        BLAME(w, problems, "operation", RL_W_CAPF_PROOF,
              "Profile %s asks for an LSC or MIC, and neither is known of %s.", profile(w),
              name(w));
}

/* R70: registers no more where nothing is left. */
static void check_loss(const struct rl_capf_wish *w, struct rl_problems *problems)
{
    bool mic =
        rl_type_says(w->type, RL_TYPE_HAS_MIC, rl_row_get(w->phone, RL_PHONE_PROTOCOL)) == RL_YES ||
        w->mic == RL_YES;
    if (w->operation == RL_CAPF_DELETE && !mic && rl_profile_mode(w->profile) != RL_NONSECURE)
        BLAME(w, problems, "operation", RL_W_SECURITY_LOST,
              "Without its LSC %s cannot register as profile %s demands.", name(w), profile(w));
}

void rl_policy_capf_wish(const struct rl_capf_wish *w, struct rl_problems *problems)
{
    if (refuse_type(w, problems) || w->operation == RL_CAPF_NONE)
        return;
    if (!w->service)
        BLAME(w, problems, "operation", RL_E_CAPF_DOWN,
              "The CAPF service is off: no phone could come for it.");
    if (w->past)
        BLAME(w, problems, "completes_by", RL_E_VALUE,
              "The time by which the operation of %s completes is over.", name(w));
    check_string(w, problems);
    check_proof(w, problems);
    check_loss(w, problems);
}
