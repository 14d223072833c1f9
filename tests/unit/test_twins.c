/* What the console does, a script does, too: every action names the command that does the same, or
 * says why it is of the screen alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "console/classes.h"

static const char moving[] = "moves the cursor";
static const char marking[] = "commands take names, also from a file";
static const char answering[] = "an answer on the way to what has a twin of its own";
static const char screens[] = "commands have no screens";
static const char keeping[] = "a command is not left while it waits";
static const char printing[] = "what a command prints can be copied and saved as it is";
static const char stopping[] = "^C ends a command, and what it asked for";

/* An action that ends in '*' is all that begin so; the first row that fits counts. */
static const struct {
    const char *action, *noun, *verb, *option, *why;
} twins[] = {
    {"attention-open",    "report",  "overview",   NULL,          NULL     },
    {"cluster-open",      "status",  NULL,         NULL,          NULL     },
    {"cluster-mode",      "cluster", "mode",       NULL,          NULL     },
    {"ctl-update",        "ctl",     "update",     NULL,          NULL     },
    {"publish-all",       "publish", NULL,         "all",         NULL     },
    {"holder-open",       "ctl",     "holders",    NULL,          NULL     },
    {"cluster-backup",    "backup",  NULL,         NULL,          NULL     },
    {"backup-stop",       NULL,      NULL,         NULL,          stopping },

    {"phone-open",        "phone",   "show",       NULL,          NULL     },
    {"phone-add",         "phone",   "add",        NULL,          NULL     },
    {"phone-import",      "import",  NULL,         "dry-run",     NULL     },
    {"phone-edit",        "phone",   "set",        NULL,          NULL     },
    {"phone-copy",        "phone",   "copy",       NULL,          NULL     },
    {"phone-profile",     "phone",   "set",        "names-from",  NULL     },
    {"phone-assign",      "phone",   "set",        "names-from",  NULL     },
    {"phone-delete",      "phone",   "remove",     "names-from",  NULL     },
    {"phone-wizard",      "wizard",  "per-device", "phone",       NULL     },
    {"phone-certificate", "cert",    "upload",     "device",      NULL     },
    {"phone-capf",        "capf",    "set",        "operation",   NULL     },
    {"capf-open",         "capf",    "show",       NULL,          NULL     },
    {"capf-order",        "capf",    "set",        "names-from",  NULL     },
    {"capf-cancel",       "capf",    "cancel",     "names-from",  NULL     },
    {"gateway-open",      "gateway", "show",       NULL,          NULL     },
    {"gateway-add",       "gateway", "add",        NULL,          NULL     },
    {"gateway-import",    "import",  NULL,         "dry-run",     NULL     },
    {"gateway-edit",      "gateway", "set",        NULL,          NULL     },
    {"gateway-assign",    "gateway", "set",        "names-from",  NULL     },
    {"gateway-delete",    "gateway", "remove",     "names-from",  NULL     },
    {"profile-open",      "profile", "show",       NULL,          NULL     },
    {"profile-add",       "profile", "add",        NULL,          NULL     },
    {"profile-import",    "import",  NULL,         "dry-run",     NULL     },
    {"profile-edit",      "profile", "set",        NULL,          NULL     },
    {"profile-copy",      "profile", "copy",       NULL,          NULL     },
    {"profile-assign",    "profile", "set",        "names-from",  NULL     },
    {"profile-delete",    "profile", "remove",     "names-from",  NULL     },
    {"cert-open",         "cert",    "show",       NULL,          NULL     },
    {"cert-upload",       "cert",    "upload",     NULL,          NULL     },
    {"cert-edit",         "cert",    "set",        NULL,          NULL     },
    {"cert-delete",       "cert",    "remove",     "names-from",  NULL     },
    {"cert-pem",          "cert",    "show",       "pem",         NULL     },
    {"cert-renew",        "cert",    "impact",     NULL,          NULL     },
    {"renewal-step",      "cert",    "activate",   NULL,          NULL     },
    {"renewal-now",       "cert",    "regenerate", "now",         NULL     },
    {"renewal-drop",      "cert",    "retire",     "next",        NULL     },
    {"type-open",         "type",    "show",       NULL,          NULL     },
    {"type-import",       "type",    "import",     "signature",   NULL     },
    {"type-delete",       "type",    "remove",     NULL,          NULL     },
    {"users-open",        "user",    "list",       NULL,          NULL     },
    {"user-open",         "user",    "show",       NULL,          NULL     },
    {"user-add",          "user",    "add",        NULL,          NULL     },
    {"user-import",       "import",  NULL,         "dry-run",     NULL     },
    {"user-edit",         "user",    "set",        NULL,          NULL     },
    {"user-assign",       "user",    "set",        "names-from",  NULL     },
    {"user-delete",       "user",    "remove",     "names-from",  NULL     },

    {"call-why",          "call",    "show",       NULL,          NULL     },
    {"calls-follow",      "call",    "watch",      NULL,          NULL     },
    {"calls-pause",       NULL,      NULL,         NULL,          moving   },
    {"calls-ended",       "call",    "list",       "all",         NULL     },
    {"entry-open",        "audit",   "list",       NULL,          NULL     },
    {"audit-verify",      "audit",   "verify",     NULL,          NULL     },
    {"history-open",      "audit",   "list",       "object",      NULL     },

    {"wizard-open",       "wizard",  "apply",      "take",        NULL     },
    {"wizard-begin",      "wizard",  "shared",     NULL,          NULL     },
    {"wizard-drop",       "wizard",  "drop",       NULL,          NULL     },
    {"draft-open",        NULL,      NULL,         NULL,          answering},
    {"draft-drop",        "draft",   "drop",       NULL,          NULL     },
    {"wizard-next",       "wizard",  "apply",      NULL,          NULL     },
    {"wizard-upload",     "wizard",  "shared",     "certificate", NULL     },
    {"wizard-csv",        "wizard",  "per-device", "phones",      NULL     },
    {"wizard-take",       "wizard",  "apply",      "take",        NULL     },
    {"wizard-leave",      "wizard",  "per-device", "keep",        NULL     },
    {"wizard-vendor",     "type",    "show",       NULL,          NULL     },
    {"wizard-copy",       "wizard",  "show",       NULL,          NULL     },
    {"wizard-*",          NULL,      NULL,         NULL,          answering},
    {"start-*",           NULL,      NULL,         NULL,          answering},
    {"instructions-*",    NULL,      NULL,         NULL,          moving   },

    {"import-go",         "import",  NULL,         NULL,          NULL     },
    {"importing-stop",    NULL,      NULL,         NULL,          stopping },
    {"result-open",       NULL,      NULL,         NULL,          screens  },
    {"results-retry",     "phone",   "set",        "names-from",  NULL     },
    {"results-mark",      NULL,      NULL,         NULL,          marking  },

    {"list-filter",       "phone",   "list",       "filter",      NULL     },
    {"list-sort",         "phone",   "list",       "sort",        NULL     },
    {"list-views",        "view",    "save",       "columns",     NULL     },
    {"list-columns",      "phone",   "list",       "fields",      NULL     },
    {"list-export",       "phone",   "list",       "csv",         NULL     },
    {"list-jump",         "profile", "users",      NULL,          NULL     },
    {"list-copy",         NULL,      NULL,         NULL,          printing },
    {"list-mark*",        NULL,      NULL,         NULL,          marking  },
    {"list-unmark",       NULL,      NULL,         NULL,          marking  },
    {"list-*",            NULL,      NULL,         NULL,          moving   },
    {"detail-copy",       NULL,      NULL,         NULL,          printing },
    {"detail-*",          NULL,      NULL,         NULL,          moving   },

    {"form-*",            NULL,      NULL,         NULL,          answering},
    {"conflict-*",        NULL,      NULL,         NULL,          answering},
    {"review-*",          NULL,      NULL,         NULL,          answering},
    {"assign-*",          NULL,      NULL,         NULL,          answering},
    {"filter-*",          NULL,      NULL,         NULL,          answering},
    {"columns-*",         NULL,      NULL,         NULL,          answering},
    {"question-*",        NULL,      NULL,         NULL,          answering},
    {"prompt-*",          NULL,      NULL,         NULL,          answering},
    {"menu-*",            NULL,      NULL,         NULL,          answering},
    {"batch-stop",        NULL,      NULL,         NULL,          stopping },
    {"walk-stop",         NULL,      NULL,         NULL,          stopping },

    {"help",              "help",    NULL,         NULL,          NULL     },
    {"help-*",            NULL,      NULL,         NULL,          moving   },
    {"command",           "help",    NULL,         NULL,          NULL     },
    {"palette-*",         NULL,      NULL,         NULL,          answering},
    {"messages*",         NULL,      NULL,         NULL,          printing },
    {"undo",              "undo",    NULL,         "dry-run",     NULL     },
    {"save-page",         NULL,      NULL,         NULL,          printing },
    {"read",              NULL,      NULL,         NULL,          screens  },
    {"screen",            NULL,      NULL,         NULL,          screens  },
    {"redraw",            NULL,      NULL,         NULL,          screens  },
    {"back",              NULL,      NULL,         NULL,          screens  },
    {"stop",              NULL,      NULL,         NULL,          stopping },
    {"suspend",           NULL,      NULL,         NULL,          keeping  },
    {"leave",             NULL,      NULL,         NULL,          keeping  },
    {"quit",              NULL,      NULL,         NULL,          keeping  },
};
enum { TWINS = sizeof twins / sizeof *twins };

static bool fits(const char *pattern, const char *action)
{
    size_t n = strlen(pattern) - 1;
    return pattern[n] == '*' ? strncmp(pattern, action, n) == 0 : strcmp(pattern, action) == 0;
}

static bool has_option(const struct rl_option *options, const char *name)
{
    for (; options && options->name; options++)
        if (strcmp(options->name, name) == 0)
            return true;
    return false;
}

static bool used[TWINS];

static void has_twin(const struct ui_action *a)
{
    size_t i = 0;
    while (i < TWINS && !fits(twins[i].action, a->name))
        i++;
    if (i == TWINS)
        fail_msg("no command does what %s does, and nothing says why", a->name);
    used[i] = true;
    bool writes = a->needs & (UI_NEED_WRITE | UI_NEED_ADMIN);
    if (!twins[i].noun && writes && twins[i].why != answering)
        fail_msg("%s changes something: it needs a command", a->name);
    assert_true(!twins[i].noun == (twins[i].why != NULL));
}

static void all_of(const struct ui_action *a)
{
    for (; a && a->name; a++)
        has_twin(a);
}

static void every_action_has_a_twin_or_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; ui_screens[i]; i++)
        all_of(ui_screens[i]->actions);
    for (size_t i = 0; ui_classes[i]; i++)
        all_of(ui_classes[i]->actions);
    all_of(ui_global_actions);
    all_of(ui_terminal_actions);
    for (size_t i = 0; i < TWINS; i++)
        if (!used[i])
            fail_msg("there is no action %s any more", twins[i].action);
}

static void the_commands_are_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < TWINS; i++) {
        if (!twins[i].noun)
            continue;
        const struct rl_command *cmd = rl_command_find(twins[i].noun, twins[i].verb);
        const char *option = twins[i].option;
        if (!cmd)
            fail_msg("%s: there is no such command", twins[i].action);
        if (option && !has_option(cmd->options, option) && !has_option(rl_global_options, option))
            fail_msg("%s: the command takes no --%s", twins[i].action, option);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_has_a_twin_or_a_reason),
        cmocka_unit_test(the_commands_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
