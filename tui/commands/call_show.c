#include <stdlib.h>
#include <string.h>

#include "commands/call.h"
#include "commands/fields.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

struct line {
    const char *label, *member;
};

static void print_members(const struct rl_cli *cli, const json_t *object, const struct line *lines,
                          char *(*text_of)(const json_t *))
{
    for (; lines->label; lines++) {
        char *text = text_of(json_object_get(object, lines->member));
        rl_print_field(cli, lines->label, text);
        free(text);
    }
}

static void print_trust(const struct rl_cli *cli, const json_t *party)
{
    const json_t *trusted = json_object_get(party, "trusted");
    rl_print_field(cli, "  Trusted",
                   json_is_true(trusted)    ? "yes"
                   : json_is_false(trusted) ? "no"
                                            : "unknown");
}

static void print_party(const struct rl_cli *cli, const json_t *party, size_t number)
{
    static const struct line device[] = {
        {"  Number", "number"},
        {"  Device",          "device"},
        {"  Type","type"},
        {"  Profile",   "profile"},
        {0         },
    };
    static const struct line rest[] = {
        {"  Signaling", "signaling"},
        {"  Transport",             "transport"},
        {"  Address","address"},
        {"  Proven",   "sig"},
        {"  Cipher",             "cipher"},
        {"  Media",      "media"},
        {"  Streams",    "protection"},
        {"  Its phone shows",             "icon"},
        {"  Its phone plays", "tone"},
        {0  },
    };
    char *title = rl_asprintf("Party %zu", number);
    rl_print_heading(cli, title);
    free(title);
    print_members(cli, party, device, rl_cmd_text);
    print_trust(cli, party);
    print_members(cli, party, rest, rl_cmd_words);
}

/* Which party's answer made a criterion fail is in the reasons (R53). */
static void print_criteria(const struct rl_cli *cli, const json_t *call)
{
    static const struct line lines[] = {
        {"  All devices trusted", "trusted"},
        {"  All signaling secure",                       "signaling"},
        {"  All media secure","media"},
        {0   },
    };
    rl_print_heading(cli, "A lock needs all three");
    print_members(cli, json_object_get(call, "criteria"), lines, rl_cmd_text);
}

static void print_reason(const struct rl_cli *cli, const json_t *reason)
{
    static const char *const sentences[] = {"text", "remedy"};
    const char *rule = rl_cmd_str(reason, "rule");
    char *head = rl_asprintf("  %s%s%s", rl_cmd_str(reason, "code"), *rule ? "  " : "", rule);
    rl_print_line(cli, head);
    free(head);
    for (size_t i = 0; i < 2; i++) {
        printf("    ");
        rl_print_wrapped(cli, 4, rl_cmd_str(reason, sentences[i]));
    }
}

static void print_event(const struct rl_cli *cli, const json_t *event)
{
    char *line =
        rl_asprintf("  %s  %-9s %-13s %s", rl_cmd_str(event, "at"), rl_cmd_str(event, "state"),
                    rl_cmd_str(event, "security"), rl_cmd_str(event, "text"));
    rl_print_line(cli, line);
    free(line);
}

static void print_head(const struct rl_cli *cli, const json_t *call)
{
    static const struct line lines[] = {
        {"Call",      "id"},
        {"State",           "state"},
        {"Security","security"},
        {"Icon",  "icon"},
        {"Started",           "started"},
        {"Answered",    "answered"},
        {"Ended",   "ended"},
        {"Ended by",           "end_reason"},
        {"Conference","conference"},
        {"SIP Call-IDs",     "sip_call_ids"},
        {0          },
    };
    const char *word = rl_cmd_call_word(call);
    char *parties = rl_cmd_call_parties(call);
    char *head = rl_asprintf("%s%s%s", word, *word ? " " : "", parties);
    rl_print_line(cli, head);
    putchar('\n');
    print_members(cli, call, lines, rl_cmd_text);
    free(head);
    free(parties);
}

static void print_call(const struct rl_cli *cli, const json_t *call)
{
    const json_t *reasons = json_object_get(call, "reasons"), *item;
    size_t i;
    print_head(cli, call);
    print_criteria(cli, call);
    json_array_foreach (json_object_get(call, "parties"), i, item)
        print_party(cli, item, i + 1);
    if (json_array_size(reasons) > 0)
        rl_print_heading(cli, "Why it is not locked");
    json_array_foreach ((json_t *)reasons, i, item)
        print_reason(cli, item);
    rl_print_heading(cli, "Events");
    json_array_foreach (json_object_get(call, "events"), i, item)
        print_event(cli, item);
}

int rl_cmd_call_show(struct rl_cli *cli)
{
    json_t *call;
    int status = rl_cli_need_utf8(cli, "the call", cli->args->arg[0]);
    if (status)
        return status;
    status = rl_cli_ask(cli, "call.show", json_pack("{s:s}", "id", cli->args->arg[0]), &call);
    if (status)
        return status;
    if (cli->args->format == RL_CSV)
        status = rl_cmd_call_row(cli, call);
    else if (rl_fields_document(cli, call, NULL, &status))
        ;
    else if (cli->args->format == RL_JSON)
        rl_print_json(call, false);
    else
        print_call(cli, call);
    json_decref(call);
    return status;
}
