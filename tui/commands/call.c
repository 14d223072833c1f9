#include "commands/call.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/pages.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/time.h"

enum { READER_CHECK_MS = 500 };

/* ---- the contract for scripts ---- */

static const char *const call_members[] = {"id",      "sip_call_ids", "state",   "security",
                                           "icon",    "started",      "ended",   "conference",
                                           "parties", "criteria",     "reasons", NULL};
static const char *const party_members[] = {"number",    "device", "type", "trusted",
                                            "signaling", "media",  NULL};
static const char *const reason_members[] = {"code", "party", "device", "text", "remedy", NULL};

static json_t *only(const json_t *object, const char *const *members)
{
    json_t *out = json_object();
    for (; *members; members++) {
        json_t *value = json_object_get(object, *members);
        json_object_set_new(out, *members, value ? json_incref(value) : json_null());
    }
    return out;
}

static json_t *only_each(const json_t *list, const char *const *members)
{
    json_t *out = json_array();
    size_t i;
    const json_t *item;
    json_array_foreach ((json_t *)list, i, item)
        json_array_append_new(out, only(item, members));
    return out;
}

/* The call with the members of the contract for scripts alone. New. */
static json_t *contract_of(const json_t *call)
{
    json_t *out = only(call, call_members);
    json_object_set_new(out, "parties", only_each(json_object_get(call, "parties"), party_members));
    json_object_set_new(out, "reasons",
                        only_each(json_object_get(call, "reasons"), reason_members));
    return out;
}

/* ---- columns ---- */

const char *rl_cmd_call_word(const json_t *call)
{
    const char *icon = rl_cmd_str(call, "icon");
    if (strcmp(rl_cmd_str(call, "state"), "ringing") == 0)
        return "";
    for (int s = RL_NONSECURE; s <= RL_ENCRYPTED; s++)
        if (strcmp(rl_security_icon((enum rl_security)s), icon) == 0)
            return rl_security_word((enum rl_security)s);
    return "";
}

static char *word_text(const json_t *call)
{
    return rl_strdup(rl_cmd_call_word(call));
}

/* The texts of one member of each item, divided by `between`. */
static char *join(const json_t *list, const char *member, const char *otherwise,
                  const char *between)
{
    struct rl_buf out = {0};
    size_t i;
    const json_t *item;
    json_array_foreach ((json_t *)list, i, item) {
        char *text = rl_cmd_text(json_object_get(item, member));
        const char *shown = *text || !otherwise ? text : rl_cmd_str(item, otherwise);
        if (i > 0)
            rl_buf_adds(&out, between);
        rl_buf_adds(&out, *shown || !otherwise ? shown : "?");
        free(text);
    }
    return out.data ? rl_buf_take(&out) : rl_strdup("");
}

char *rl_cmd_call_parties(const json_t *call)
{
    const json_t *parties = json_object_get(call, "parties");
    bool pair = json_array_size(parties) == 2 && !*rl_cmd_str(call, "conference");
    return join(parties, "number", "device", pair ? " -> " : ", ");
}

static char *numbers_text(const json_t *call)
{
    return join(json_object_get(call, "parties"), "number", NULL, ";");
}

static char *devices_text(const json_t *call)
{
    return join(json_object_get(call, "parties"), "device", NULL, ";");
}

static char *reasons_text(const json_t *call)
{
    return join(json_object_get(call, "reasons"), "code", NULL, ";");
}

static char *why_text(const json_t *call)
{
    const json_t *reasons = json_object_get(call, "reasons");
    size_t n = json_array_size(reasons);
    const char *code = rl_cmd_str(json_array_get(reasons, 0), "code");
    return n > 1 ? rl_asprintf("%s +%zu", code, n - 1) : rl_strdup(code);
}

static char *criterion_text(const json_t *call, const char *name)
{
    return rl_cmd_text(json_object_get(json_object_get(call, "criteria"), name));
}

static char *trusted_text(const json_t *call)
{
    return criterion_text(call, "trusted");
}

static char *signaling_text(const json_t *call)
{
    return criterion_text(call, "signaling");
}

static char *media_text(const json_t *call)
{
    return criterion_text(call, "media");
}

/* "07:03:40" of "2026-11-23T07:03:40Z": the day is in --json and --csv. */
static char *started_text(const json_t *call)
{
    const char *text = rl_cmd_str(call, "started");
    return strlen(text) > 19 ? rl_strndup(text + 11, 8) : rl_strdup(text);
}

static const struct rl_column call_columns[] = {
    {"lock",         "Lock",             RL_COL_PLAIN | RL_COL_LOCK, word_text          },
    {"call",         "Call",             RL_COL_PLAIN,               rl_cmd_call_parties},
    {"state",        "State",            RL_COL_PLAIN,               NULL               },
    {"why",          "Why not",          RL_COL_PLAIN,               why_text           },
    {"started",      "Started",          RL_COL_PLAIN,               started_text       },
    {"id",           "ID",               RL_COL_WHOLE,               NULL               },
    {"state",        "State",            RL_COL_DATA,                NULL               },
    {"security",     "Security",         RL_COL_DATA,                NULL               },
    {"icon",         "Icon",             RL_COL_DATA,                NULL               },
    {"started",      "Started",          RL_COL_DATA,                NULL               },
    {"ended",        "Ended",            RL_COL_DATA,                NULL               },
    {"numbers",      "Numbers",          RL_COL_DATA,                numbers_text       },
    {"devices",      "Devices",          RL_COL_DATA,                devices_text       },
    {"trusted",      "Devices trusted",  RL_COL_DATA,                trusted_text       },
    {"signaling",    "Signaling secure", RL_COL_DATA,                signaling_text     },
    {"media",        "Media secure",     RL_COL_DATA,                media_text         },
    {"reasons",      "Reasons",          RL_COL_DATA,                reasons_text       },
    {"conference",   "Conference",       RL_COL_DATA,                NULL               },
    {"sip_call_ids", "SIP Call-IDs",     RL_COL_DATA,                NULL               },
};
enum { NCALL_COLUMNS = sizeof call_columns / sizeof *call_columns };

int rl_cmd_call_row(struct rl_cli *cli, const json_t *call)
{
    return rl_cmd_row(cli, call_columns, NCALL_COLUMNS, call);
}

static void print_call(struct rl_listing *listing, const json_t *call)
{
    json_t *contract = contract_of(call);
    rl_listing_row(listing, contract);
    json_decref(contract);
}

/* ---- list ---- */

static void before_call(json_t *params, const json_t *last, const void *ctx)
{
    (void)ctx;
    json_object_set(params, "before", json_object_get(last, "serial"));
}

int rl_cmd_call_list(struct rl_cli *cli)
{
    bool all = rl_parsed_option(cli->args, "all") != NULL;
    return rl_cmd_pages(cli, &(struct rl_pages){.method = "call.list",
                                                .params = json_pack("{s:b}", "all", all),
                                                .column = call_columns,
                                                .ncolumns = NCALL_COLUMNS,
                                                .next = before_call,
                                                .row = contract_of});
}

/* ---- watch ---- */

struct watch {
    struct rl_listing listing;
    bool stopped;
};

/* "07:03:40 LOCK connected 1001 -> 1002  c1a2b3-17" */
static void print_change(const struct rl_cli *cli, const json_t *call)
{
    char now[RL_TIME_TEXT], *parties = rl_cmd_call_parties(call), *why = why_text(call);
    const char *word = rl_cmd_call_word(call);
    rl_time_text(rl_now_us(), 0, now);
    char *line = rl_asprintf("%.8s %-4s %-9s %s  %s%s%s", now + 11, word, rl_cmd_str(call, "state"),
                             parties, rl_cmd_str(call, "id"), *why ? "  " : "", why);
    rl_print_line(cli, line);
    free(line);
    free(why);
    free(parties);
}

static void calls_changed(struct rl_cli *cli, const char *method, const json_t *params)
{
    struct watch *w = cli->ctx;
    size_t i;
    const json_t *call;
    if (strcmp(method, "calls") != 0)
        return;
    json_array_foreach (json_object_get(params, "changed"), i, call) {
        if (cli->args->format == RL_CSV || cli->args->fields) {
            print_call(&w->listing, call);
        } else if (cli->args->format == RL_JSON) {
            json_t *contract = contract_of(call);
            rl_print_json(contract, true);
            json_decref(contract);
        } else {
            print_change(cli, call);
        }
    }
    rl_listing_part(&w->listing);
    if (fflush(stdout) != 0)
        w->stopped = true;
}

static void stop_watch(uv_signal_t *handle, int number)
{
    (void)number;
    ((struct watch *)handle->data)->stopped = true;
}

/* A reader that went away is noticed even while no call changes. */
static void check_reader(uv_timer_t *timer)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    if (poll(&out, 1, 0) > 0 && out.revents & (POLLERR | POLLHUP))
        ((struct watch *)timer->data)->stopped = true;
}

static int run_watch(struct rl_cli *cli, struct watch *w)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    uv_signal_t on_signal[3];
    uv_timer_t timer;
    for (int i = 0; i < 3; i++) {
        uv_signal_init(&cli->loop, &on_signal[i]);
        on_signal[i].data = w;
        uv_signal_start(&on_signal[i], stop_watch, ending[i]);
    }
    uv_timer_init(&cli->loop, &timer);
    timer.data = w;
    uv_timer_start(&timer, check_reader, READER_CHECK_MS, READER_CHECK_MS);
    while (!w->stopped && rl_client_state(cli->client) == RL_CLIENT_UP)
        uv_run(&cli->loop, UV_RUN_ONCE);
    for (int i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&on_signal[i], NULL);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&cli->loop, UV_RUN_NOWAIT);
    struct rl_err err = {0};
    if (w->stopped)
        return 0;
    rl_fail(&err, RL_E_NO_ENGINE, "ringlockd", "The engine ended, or its connection was lost.");
    return rl_cli_fail(cli, &err, NULL);
}

int rl_cmd_call_watch(struct rl_cli *cli)
{
    struct watch w = {0};
    json_t *result;
    int status = 0;
    if (cli->args->format == RL_CSV || cli->args->fields)
        status = rl_listing_begin(&w.listing, cli, call_columns, NCALL_COLUMNS);
    if (status)
        return status;
    w.listing.each_line = true;
    fflush(stdout);
    cli->ctx = &w;
    cli->notification = calls_changed;
    status = rl_cli_ask(cli, "call.watch", json_pack("{s:b, s:b}", "on", 1, "all", 0), &result);
    json_decref(result);
    if (status == 0)
        status = run_watch(cli, &w);
    cli->notification = NULL;
    rl_listing_drop(&w.listing);
    return status;
}
