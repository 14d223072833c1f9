/* The wizards from options: the same steps as in the console, by the same methods. */
#include "commands/wizard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

/* Bytes of certificates that go into one message. */
enum { DATA_MAX = RL_LINE_MAX / 2 };

/* Which answer an option gives. */
static const struct {
    const char *option, *key;
} answers[] = {
    {"type",                "phone.type"         },
    {"protocol",            "phone.protocol"     },
    {"store",               "cert.store"         },
    {"origin",              "cert.origin"        },
    {"cert-description",    "cert.description"   },
    {"profile",             "profile.name"       },
    {"profile-description", "profile.description"},
    {"mode",                "profile.mode"       },
    {"digest",              "profile.digest"     },
    {"transport",           "profile.transport"  },
    {"description",         "phone.description"  },
    {"owner",               "phone.owner"        },
    {"digest-user",         "phone.digest_user"  },
    {"assign",              "phone.profile"      },
};

struct wizard {
    struct rl_cli *cli;
    const struct rl_wizard *table;
    json_t *cert;   /* shared: {"file", "data"}, or NULL; owned */
    json_t *phones; /* owned */
    json_t *draft;  /* as told last; owned */
};

static json_t *draft_params(const json_t *draft)
{
    return json_pack("{s:O, s:O}", "id", json_object_get(draft, "id"), "rev",
                     json_object_get(draft, "rev"));
}

/* --- answering --- */

static int save(struct wizard *w, const char *step, json_t *given)
{
    json_t *params = draft_params(w->draft), *draft;
    json_object_set_new(params, "step", json_string(step));
    json_object_set_new(params, "answers", given);
    json_object_set_new(params, "accept", rl_cli_accepted(w->cli));
    int status = rl_cli_ask(w->cli, "wizard.save", params, &draft);
    if (status)
        return status;
    json_decref(w->draft);
    w->draft = draft;
    return 0;
}

/* The phones as they stand in an answer, with as many certificates from `first` on as a message
 * takes; *next is the first that is left. */
static json_t *phones_part(const json_t *phones, size_t first, size_t *next)
{
    json_t *part = json_array();
    const json_t *phone;
    size_t i, bytes = 0;
    bool full = false;
    *next = json_array_size(phones);
    json_array_foreach (phones, i, phone) {
        json_t *row = json_copy((json_t *)(uintptr_t)phone);
        size_t n = json_string_length(json_object_get(row, "data"));
        full = full || (i > first && bytes + n > DATA_MAX);
        if (full && i < *next)
            *next = i;
        if (i < first || full)
            json_object_del(row, "data");
        else
            bytes += n;
        json_array_append_new(part, row);
    }
    return part;
}

/* Certificates of many phones go in several messages; all but the last of them stay at the step. */
static int save_phones(struct wizard *w, const char *here, const char *step, json_t *given)
{
    size_t at = 0, n = json_array_size(w->phones);
    do {
        json_t *part = json_copy(given);
        json_object_set_new(part, "phones", phones_part(w->phones, at, &at));
        int status = save(w, at < n ? here : step, part);
        if (status) {
            json_decref(given);
            return status;
        }
    } while (at < n);
    json_decref(given);
    return 0;
}

static const char *option_of(const struct wizard *w, const char *key)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (!strcmp(answers[i].key, key))
            return rl_parsed_option(w->cli->args, answers[i].option);
    return NULL;
}

/* The one DNS SAN of the certificate that was read; NULL if there are none or several. Owned. */
static char *only_name(const json_t *draft)
{
    const json_t *san, *found = NULL;
    size_t i;
    json_array_foreach (json_object_get(json_object_get(draft, "certificate"), "san"), i, san) {
        if (strncmp(json_string_value(san), "DNS:", 4))
            continue;
        if (found)
            return NULL;
        found = san;
    }
    return found ? rl_strdup(json_string_value(found) + 4) : NULL;
}

static json_t *answers_of(const struct wizard *w, const struct rl_wizard_step *step)
{
    json_t *given = json_object();
    for (size_t i = 0; i < step->nfields; i++) {
        const struct rl_object *obj = rl_object(step->fields[i].kind);
        char *key = rl_asprintf("%s.%s", obj->name, obj->fields[step->fields[i].field].name);
        const char *value = option_of(w, key);
        if (value)
            json_object_set_new(given, key, json_string(value));
        free(key);
    }
    if (!strcmp(step->id, "name") && !json_object_get(given, "profile.name")) {
        char *name = only_name(w->draft);
        if (name)
            json_object_set_new(given, "profile.name", json_string(name));
        free(name);
    }
    return given;
}

static int answer(struct wizard *w, size_t i)
{
    const struct rl_wizard_step *step = &w->table->steps[i];
    const char *next = i + 1 < w->table->nsteps ? w->table->steps[i + 1].id : "check";
    json_t *given = answers_of(w, step);
    if (step->page == RL_PAGE_CERTIFICATE && w->cert)
        json_object_set(given, "certificate", w->cert);
    if (step->page == RL_PAGE_UPLOADS || step->page == RL_PAGE_PHONES)
        return save_phones(w, step->id, next, given);
    return save(w, next, given);
}

/* --- from the first step to the end check --- */

static int start(struct wizard *w)
{
    const char *type = rl_parsed_option(w->cli->args, "type");
    const char *name = rl_parsed_option(w->cli->args, "name");
    json_t *params = json_pack("{s:s}", "kind", w->table->kind);
    if (type)
        json_object_set_new(params, "type", json_string(type));
    if (name)
        json_object_set_new(params, "name", json_string(name));
    return rl_cli_ask(w->cli, "wizard.start", params, &w->draft);
}

static int go(struct wizard *w)
{
    bool plain = w->cli->args->format == RL_PLAIN;
    int status = 0;
    if (plain)
        rl_print_line(w->cli, w->table->title);
    for (size_t i = 0; i < w->table->nsteps && status == 0; i++) {
        status = answer(w, i);
        if (status == 0 && plain)
            rl_cmd_wizard_step(w->cli, w->draft, i);
    }
    if (status == 0 && plain) {
        rl_cmd_wizard_review(w->cli, w->draft);
        rl_cmd_wizard_check(w->cli, w->draft);
    }
    return status;
}

static int drop(struct wizard *w)
{
    json_t *result;
    int status = rl_cli_ask(w->cli, "wizard.drop",
                            json_pack("{s:O}", "id", json_object_get(w->draft, "id")), &result);
    json_decref(result);
    return status;
}

/* What applying would be refused with. */
static int try_out(struct wizard *w)
{
    const json_t *refusal = json_object_get(w->draft, "refusal");
    struct rl_err err = {0};
    if (w->cli->args->format == RL_PLAIN)
        rl_cmd_wizard_outlook(w->cli, w->draft);
    if (json_is_object(refusal)) {
        rl_fail(&err, rl_code_by_tag(rl_cmd_str(refusal, "code")), rl_cmd_str(refusal, "object"),
                "%s", rl_cmd_str(refusal, "message"));
        rl_err_remedy(&err, "%s", rl_cmd_str(refusal, "remedy"));
        return rl_cli_fail(w->cli, &err, NULL);
    }
    rl_cli_warnings(w->cli, w->draft);
    if (w->cli->args->format == RL_JSON)
        rl_print_json(w->draft, false);
    return 0;
}

static void print_applied(const struct rl_cli *cli, const json_t *result)
{
    const json_t *row;
    size_t i;
    rl_print_heading(cli, "Applied");
    json_array_foreach (json_object_get(result, "done"), i, row) {
        char *line = rl_asprintf("  %-8s  %s %s", rl_cmd_str(row, "what"), rl_cmd_str(row, "kind"),
                                 rl_cmd_str(row, "name"));
        rl_print_line(cli, line);
        free(line);
    }
    rl_print_line(cli, json_is_true(json_object_get(result, "enabled")) ? "security enabled"
                                                                        : "security not enabled");
}

static int apply(struct rl_cli *cli, const json_t *draft)
{
    json_t *params = draft_params(draft);
    json_object_set_new(params, "accept", rl_cli_accepted(cli));
    int status = rl_cli_change(cli, "wizard.apply", params, print_applied);
    if (status && cli->args->format == RL_PLAIN)
        rl_print_line(cli, "security not enabled");
    return status;
}

/* A run that is refused leaves nothing, unless it is to be finished later. */
static int run(struct wizard *w)
{
    bool keep = rl_parsed_option(w->cli->args, "keep") != NULL;
    bool dry = rl_parsed_option(w->cli->args, "dry-run") != NULL;
    int status = start(w), dropped;
    if (status)
        return status;
    status = go(w);
    if (status == 0)
        status = dry ? try_out(w) : apply(w->cli, w->draft);
    if (keep && (status || dry))
        fprintf(stderr, "The draft is kept: ringlock wizard apply %lld\n",
                json_integer_value(json_object_get(w->draft, "id")));
    else if (status || dry)
        status = (dropped = drop(w)) && !status ? dropped : status;
    return status;
}

int rl_cmd_wizard(struct rl_cli *cli)
{
    struct wizard w = {.cli = cli, .table = rl_wizard_find(cli->args->cmd->verb)};
    const char *cert = rl_parsed_option(cli->args, "certificate");
    int status = 0;
    w.phones = rl_cmd_wizard_phones(cli, w.table, &status);
    if (status == 0 && cert)
        w.cert = rl_cmd_wizard_file(cli, cert, &status);
    if (status == 0)
        status = run(&w);
    json_decref(w.cert);
    json_decref(w.phones);
    json_decref(w.draft);
    return status;
}

/* --- drafts --- */

static int open_draft(struct rl_cli *cli, json_t **draft)
{
    const char *id = cli->args->arg[0];
    char *end;
    long long n = strtoll(id, &end, 10);
    bool take = rl_parsed_option(cli->args, "take") != NULL;
    if (*end || n < 1)
        return rl_cli_usage(cli, "A draft has a number, not \"%s\".", id);
    return rl_cli_ask(cli, "wizard.open",
                      json_pack("{s:I, s:b}", "id", (json_int_t)n, "take", take), draft);
}

int rl_cmd_wizard_apply(struct rl_cli *cli)
{
    json_t *draft;
    int status = open_draft(cli, &draft);
    if (status)
        return status;
    if (cli->args->format == RL_PLAIN) {
        rl_cmd_wizard_review(cli, draft);
        rl_cmd_wizard_check(cli, draft);
    }
    status = apply(cli, draft);
    json_decref(draft);
    return status;
}

int rl_cmd_wizard_drop(struct rl_cli *cli)
{
    json_t *draft;
    int status = open_draft(cli, &draft);
    if (status)
        return status;
    status = rl_cli_change(cli, "wizard.drop",
                           json_pack("{s:O}", "id", json_object_get(draft, "id")), NULL);
    json_decref(draft);
    return status;
}
