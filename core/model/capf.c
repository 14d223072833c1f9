#include "ringlock/capf.h"

#include <stdio.h>
#include <string.h>

const char *const rl_capf_operation_names[] = {"none", "install", "delete", "troubleshoot", NULL};
const char *const rl_capf_operation_labels[] = {"No Pending Operation", "Install/Upgrade", "Delete",
                                                "Troubleshoot", NULL};
const char *const rl_capf_state_names[] = {"none", "pending", "success", "failed", NULL};

/* In the words of status lines; a finished operation is called by its own. */
static const char *const done_words[RL_CAPF_OPERATIONS] = {
    [RL_CAPF_INSTALL] = "Upgrade",
    [RL_CAPF_DELETE] = "Delete",
    [RL_CAPF_TROUBLESHOOT] = "Troubleshoot",
};

#define BIT(operation) (1u << (operation))
#define ALL            (BIT(RL_CAPF_INSTALL) | BIT(RL_CAPF_DELETE) | BIT(RL_CAPF_TROUBLESHOOT))
#define CHANGES        (BIT(RL_CAPF_INSTALL) | BIT(RL_CAPF_DELETE))

const char *const rl_capf_why_names[] = {"",
                                         "invalid-lsc",
                                         "invalid-string",
                                         "invalid-mic",
                                         "invalid-credentials",
                                         "communication",
                                         "key-generation",
                                         "late",
                                         "ca-communication",
                                         "ca-rejected",
                                         "no-ec",
                                         NULL};

/* Which operations fail for it. */
static const struct {
    const char *text;
    unsigned of;
} whys[RL_CAPF_WHYS] = {
    [RL_CAPF_WHY_NONE] = {"",                                         ALL                 },
    [RL_CAPF_INVALID_LSC] = {"Invalid LSC",                              ALL                 },
    [RL_CAPF_INVALID_STRING] = {"Invalid Authentication String",            ALL                 },
    [RL_CAPF_INVALID_MIC] = {"Invalid MIC",                              ALL                 },
    [RL_CAPF_INVALID_CREDENTIALS] = {"Invalid Credentials",                      ALL                 },
    [RL_CAPF_COMMUNICATION] = {"Phone Communication Failure",              ALL                 },
    [RL_CAPF_KEY_GENERATION] = {"Key Generation Failed/Timeout",            ALL                 },
    [RL_CAPF_LATE] = {"User Initiated Request Late/Timedout",     ALL                 },
    [RL_CAPF_CA_COMMUNICATION] = {"CA Communication Failure",                 CHANGES             },
    [RL_CAPF_CA_REJECTED] = {"CA Rejected Connection",                   CHANGES             },
    [RL_CAPF_NO_EC] = {"No Support for EC only in CAPF version 3", BIT(RL_CAPF_INSTALL)},
};

int rl_capf_index(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

bool rl_capf_status_exists(enum rl_capf_operation done, enum rl_capf_state state,
                           enum rl_capf_why why)
{
    if (state == RL_CAPF_IDLE || state == RL_CAPF_PENDING)
        return why == RL_CAPF_WHY_NONE;
    if (!done_words[done])
        return false;
    return state == RL_CAPF_SUCCESS ? why == RL_CAPF_WHY_NONE : (whys[why].of & BIT(done)) != 0;
}

char *rl_capf_status_text(enum rl_capf_operation done, enum rl_capf_state state,
                          enum rl_capf_why why, char out[RL_CAPF_STATUS_TEXT])
{
    static const char *const words[RL_CAPF_STATES] = {"None", "Operation Pending", "Success",
                                                      "Failed"};
    if (!done_words[done] || state == RL_CAPF_IDLE || state == RL_CAPF_PENDING)
        snprintf(out, RL_CAPF_STATUS_TEXT, "%s", words[state]);
    else
        snprintf(out, RL_CAPF_STATUS_TEXT, "%s %s%s%s", done_words[done], words[state],
                 why ? ": " : "", whys[why].text);
    return out;
}

bool rl_capf_string_ok(const char *text)
{
    size_t n = strlen(text);
    return n >= RL_CAPF_STRING_MIN && n <= RL_CAPF_STRING_MAX && strspn(text, "0123456789") == n;
}
