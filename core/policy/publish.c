#include "policy/publish.h"

#include <string.h>

#include "ringlock/profile.h"

const char *const rl_file_form_names[] = {"signed", "encrypted", "typed-key", "short", NULL};

/* The catalogue divides methods by ';'. */
static bool has_method(const struct rl_row *type, const char *begin)
{
    const char *method = rl_row_get(type, RL_TYPE_ENC_CONFIG_METHOD);
    while (*method) {
        if (strncmp(method, begin, strlen(begin)) == 0)
            return true;
        method += strcspn(method, ";");
        method += *method == ';';
    }
    return false;
}

static enum rl_file_form without(const struct rl_file_in *in, struct rl_err *why)
{
    const char *name = rl_row_get(in->phone, RL_PHONE_NAME);
    const char *model = rl_row_get(in->type, RL_TYPE_MODEL);
    if (has_method(in->type, "manual-rc4"))
        rl_fail(why, RL_W_ENC_KEY, name,
                "The file of %s cannot be encrypted: %s takes RC4 only, which is not made.", name,
                model);
    else if (has_method(in->type, "manual"))
        rl_fail(why, RL_W_ENC_KEY, name,
                "The file of %s cannot be encrypted: %s needs a key that is typed in at the phone, "
                "and none is set.",
                name, model);
    else
        rl_fail(why, RL_W_ENC_KEY, name,
                "The file of %s cannot be encrypted: neither an LSC nor a MIC of it is on file.",
                name);
    return RL_FILE_SHORT;
}

enum rl_file_form rl_policy_file_form(const struct rl_file_in *in, struct rl_err *why)
{
    const char *protocol = rl_row_get(in->phone, RL_PHONE_PROTOCOL);
    bool typed = has_method(in->type, "manual") && !has_method(in->type, "manual-rc4");
    if (!rl_row_yes(in->profile, RL_PROFILE_ENC_CONFIG) ||
        rl_type_says(in->type, RL_TYPE_ENC_CONFIG, protocol) != RL_YES)
        return RL_FILE_SIGNED;
    if (in->certificate && has_method(in->type, "pki"))
        return RL_FILE_ENCRYPTED;
    if (typed && in->key_digits)
        return RL_FILE_TYPED_KEY;
    return without(in, why);
}

bool rl_policy_file_credentials(const struct rl_row *profile, enum rl_file_form form)
{
    return form != RL_FILE_SHORT && rl_row_yes(profile, RL_PROFILE_DIGEST) &&
           !rl_row_yes(profile, RL_PROFILE_EXCLUDE_DIGEST);
}

bool rl_policy_file_sha512(const struct rl_row *type, bool site)
{
    return site && !rl_row_yes(type, RL_TYPE_OTHER_SIG_SHA1);
}

int rl_policy_capf_auth_mode(const struct rl_row *profile)
{
    static const char *const modes[] = {"string", "null-string", "lsc", "mic"};
    for (int i = 0; i < 4; i++)
        if (rl_row_is(profile, RL_PROFILE_AUTH_MODE, modes[i]))
            return i + 1;
    return 0;
}
