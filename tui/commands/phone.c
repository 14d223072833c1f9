#include "commands/phone.h"

#include <stdlib.h>
#include <string.h>

#include "commands/object.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

struct line {
    const char *label, *member;
};

static void print_registration(const struct rl_cli *cli, const json_t *phone)
{
    static const struct line lines[] = {
        {"  State",     "state"    },
        {"  Transport", "transport"},
        {"  Address",   "address"  },
        {"  Signaling", "signaling"},
        {"  Cipher",    "cipher"   },
        {"  Since",     "since"    },
        {"  Expires",   "expires"  },
    };
    const json_t *registration = json_object_get(phone, "registration");
    rl_print_heading(cli, "Registration");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *text = rl_cmd_words(json_object_get(registration, lines[i].member));
        rl_print_field(cli, lines[i].label, *text ? text : "unknown");
        free(text);
    }
}

static void print_denials(const struct rl_cli *cli, const json_t *phone)
{
    const json_t *denials = json_object_get(phone, "denials"), *denial;
    size_t i;
    rl_print_heading(cli, "Refusals");
    if (json_array_size(denials) == 0)
        rl_print_line(cli, "  none seen");
    json_array_foreach ((json_t *)denials, i, denial) {
        char *line =
            rl_asprintf("  %s  %s", rl_cmd_str(denial, "time"), rl_cmd_str(denial, "message"));
        rl_print_line(cli, line);
        free(line);
    }
}

void rl_cmd_phone_details(const struct rl_cli *cli, const json_t *phone)
{
    print_registration(cli, phone);
    print_denials(cli, phone);
}

/* ---- security settings (R111-R115) ---- */

/* One line of the view: where its value comes from. */
struct setting {
    const char *label;
    const char *part; /* member of the phone: "profile_info", ...; NULL = the phone itself */
    enum rl_kind kind;
    int field; /* of the kind's table; -1: `member` of the part */
    const char *member;
};

static const struct setting settings[] = {
    {"Device is a",               NULL,           RL_PHONE,   RL_PHONE_TYPE,          "type"          },
    {"Trust",                     NULL,           RL_PHONE,   -1,                     "trust_message" },
    {"Device Security Profile",   NULL,           RL_PHONE,   RL_PHONE_PROFILE,       "profile"       },
    {"Device Security Mode",      "profile_info", RL_PROFILE, RL_PROFILE_MODE,        "mode"          },
    {"Transport Type",            "profile_info", RL_PROFILE, RL_PROFILE_TRANSPORT,   "transport"     },
    {"Digest Authentication",     "profile_info", RL_PROFILE, RL_PROFILE_DIGEST,      "digest"        },
    {"TFTP Encrypted Config",     "profile_info", RL_PROFILE, RL_PROFILE_ENC_CONFIG,
     "encrypted_config"                                                                               },
    {"Registered",                "registration", RL_PHONE,   -1,                     "state"         },
    {"Registered over",           "registration", RL_PHONE,   -1,                     "transport"     },
    {"Registered as",             "registration", RL_PHONE,   -1,                     "signaling"     },
    {"Certificate in use",        "registration", RL_PHONE,   -1,                     "certificate"   },
    {"Cipher",                    "registration", RL_PHONE,   -1,                     "cipher"        },
    {"Can authenticate",          "type_info",    RL_TYPE,    RL_TYPE_AUTHENTICATION, "authentication"},
    {"Can encrypt",               "type_info",    RL_TYPE,    RL_TYPE_ENCRYPTION,     "encryption"    },
    {"Type comes with a MIC",     "type_info",    RL_TYPE,    RL_TYPE_HAS_MIC,        "has_mic"       },
    {"Type takes an LSC by CAPF", "type_info",    RL_TYPE,    RL_TYPE_LSC_CAPF,       "lsc_capf"      },
    {"Certificate comes from",    "type_info",    RL_TYPE,    -1,                     "cert_mode"     },
    {"Can show the lock",         "type_info",    RL_TYPE,    RL_TYPE_LOCK_ICON,      "lock_icon"     },
    {"Can show the shield",       "type_info",    RL_TYPE,    RL_TYPE_SHIELD_ICON,    "shield_icon"   },
    {"Can play the secure tone",  "type_info",    RL_TYPE,    RL_TYPE_SECURE_TONE,    "secure_tone"   },
};

static char *setting_text(const struct setting *s, const json_t *phone, enum rl_format format)
{
    const json_t *part = s->part ? json_object_get(phone, s->part) : phone;
    const json_t *value = json_object_get(part, s->member);
    char *text = s->field >= 0        ? rl_cmd_shown(&rl_object(s->kind)->fields[s->field], value)
                 : format == RL_PLAIN ? rl_cmd_words(value)
                                      : rl_cmd_text(value);
    if (*text)
        return text;
    free(text);
    return rl_strdup("unknown");
}

/* What the phone itself has shown by CAPF (R112); those of preferred vendors have none (R72, R73).
 */
static const struct {
    const char *label, *type; /* member of the type that says whether it can */
    const char *capf;         /* of what CAPF knows */
} shown_by_capf[] = {
    {"MIC installed", "has_mic",  "mic"},
    {"LSC installed", "lsc_capf", "lsc"},
};

/* "yes", "no", "unknown" or "not for this type". Static. */
static const char *installed(const json_t *phone, size_t i)
{
    const json_t *known = json_object_get(json_object_get(phone, "capf"), shown_by_capf[i].capf);
    if (json_is_boolean(known))
        return json_is_true(known) ? "yes" : "no";
    return json_is_false(
               json_object_get(json_object_get(phone, "type_info"), shown_by_capf[i].type))
               ? "not for this type"
               : "unknown";
}

static bool is_unknown(const json_t *phone, size_t i)
{
    return strcmp(installed(phone, i), "unknown") == 0;
}

/* "R111: no support: the view says so." */
static const char *support_text(const json_t *phone)
{
    const char *class = rl_cmd_str(json_object_get(phone, "type_info"), "security_class");
    if (!*class)
        return "It is not known whether this type supports security.";
    return strcmp(class, "none") == 0 ? "This type does not support security."
                                      : "This type supports security.";
}

static json_t *security_row(const char *setting, const char *value)
{
    return json_pack("{s:s, s:s}", "setting", setting, "value", value);
}

static void add_certificates(json_t *rows, const json_t *phone)
{
    const json_t *certificates = json_object_get(phone, "certificates"), *cert;
    size_t i;
    json_array_foreach ((json_t *)certificates, i, cert) {
        char *text = rl_asprintf("%s, valid from %s to %s", rl_cmd_str(cert, "name"),
                                 rl_cmd_str(cert, "not_before"), rl_cmd_str(cert, "not_after"));
        json_array_append_new(rows, security_row("Uploaded certificate", text));
        free(text);
    }
}

/* R94, R110: "security enabled", or each missing point by name. */
static void add_enabled(json_t *rows, const json_t *phone)
{
    const json_t *enabled = json_object_get(phone, "enabled"), *point;
    size_t i;
    if (!json_is_object(enabled))
        return;
    json_array_append_new(
        rows, security_row("Security enabled",
                           json_is_true(json_object_get(enabled, "ok")) ? "yes" : "no"));
    json_array_foreach (json_object_get(enabled, "points"), i, point) {
        bool ok = json_is_true(json_object_get(point, "ok"));
        char *text = ok ? rl_asprintf("ok: %s", rl_cmd_str(point, "value"))
                        : rl_asprintf("%s: %s %s", rl_cmd_str(point, "code"),
                                      rl_cmd_str(point, "message"), rl_cmd_str(point, "remedy"));
        json_array_append_new(rows, security_row(rl_cmd_str(point, "label"), text));
        free(text);
    }
}

/* All settings as rows {setting, value}. New. */
static json_t *security_rows(const json_t *phone, enum rl_format format)
{
    json_t *rows = json_array();
    json_array_append_new(rows, security_row("Support", support_text(phone)));
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        char *text = setting_text(&settings[i], phone, format);
        json_array_append_new(rows, security_row(settings[i].label, text));
        free(text);
    }
    for (size_t i = 0; i < sizeof shown_by_capf / sizeof *shown_by_capf; i++)
        json_array_append_new(rows, security_row(shown_by_capf[i].label, installed(phone, i)));
    add_certificates(rows, phone);
    add_enabled(rows, phone);
    return rows;
}

static void print_security(const struct rl_cli *cli, const json_t *rows, const json_t *phone)
{
    size_t i;
    const json_t *row;
    json_array_foreach ((json_t *)rows, i, row)
        rl_print_field(cli, rl_cmd_str(row, "setting"), rl_cmd_str(row, "value"));
    putchar('\n');
    if (is_unknown(phone, 0) || is_unknown(phone, 1))
        rl_print_line(cli, "Whether a MIC and an LSC are installed only the phone can tell: ask it "
                           "with ringlock capf set NAME --operation troubleshoot.");
    rl_print_line(cli, "The security menu and the icons of the phone are described in the "
                       "documentation of its model.");
}

int rl_cmd_phone_security(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"setting", "Setting", 0, NULL},
        {"value",   "Value",   0, NULL}
    };
    json_t *phone;
    int status = rl_cmd_object_ask(cli, RL_PHONE, cli->args->arg[0], &phone);
    if (status)
        return status;
    json_t *rows = security_rows(phone, cli->args->format);
    if (cli->args->format == RL_PLAIN && !cli->args->fields)
        print_security(cli, rows, phone);
    else
        status = rl_cmd_rows(cli, columns, 2, rows);
    json_decref(rows);
    json_decref(phone);
    return status;
}

/* ---- the eight steps (R116-R130) ---- */

static void print_step(const struct rl_cli *cli, const json_t *step)
{
    const char *remedy = rl_cmd_str(step, "remedy");
    char *head =
        rl_asprintf("%lld  %-14s  %s (%s)", json_integer_value(json_object_get(step, "step")),
                    rl_cmd_str(step, "state"), rl_cmd_str(step, "label"), rl_cmd_str(step, "rule"));
    rl_print_line(cli, head);
    free(head);
    fputs("     ", stdout);
    rl_print_wrapped(cli, 5, rl_cmd_str(step, "message"));
    if (!*remedy)
        return;
    fputs("     ", stdout);
    rl_print_wrapped(cli, 5, remedy);
}

static void print_steps(const struct rl_cli *cli, const json_t *result)
{
    size_t i;
    const json_t *step;
    json_array_foreach (json_object_get(result, "steps"), i, step)
        print_step(cli, step);
    char *line =
        rl_asprintf("%lld of 8 steps open.", json_integer_value(json_object_get(result, "open")));
    rl_print_line(cli, line);
    free(line);
}

int rl_cmd_phone_check(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"step",    "Step",    0,           NULL},
        {"state",   "State",   0,           NULL},
        {"label",   "What",    0,           NULL},
        {"rule",    "Rule",    RL_COL_DATA, NULL},
        {"code",    "Code",    RL_COL_DATA, NULL},
        {"message", "Message", 0,           NULL},
        {"remedy",  "Remedy",  RL_COL_DATA, NULL},
        {"id",      "Id",      RL_COL_DATA, NULL},
        {"kind",    "Kind",    RL_COL_DATA, NULL},
        {"name",    "Name",    RL_COL_DATA, NULL},
    };
    const char *name = cli->args->arg[0];
    bool typed_in = rl_parsed_option(cli->args, "typed-in") != NULL;
    json_t *result;
    int status = rl_cli_need_utf8(cli, "phone", name);
    if (status == 0)
        status = rl_cli_ask(cli, typed_in ? "phone.typed_in" : "phone.check",
                            json_pack("{s:s}", "name", name), &result);
    if (status)
        return status;
    if (cli->args->format == RL_PLAIN && !cli->args->fields)
        print_steps(cli, result);
    else
        status = rl_cmd_rows(cli, columns, sizeof columns / sizeof *columns,
                             json_object_get(result, "steps"));
    json_decref(result);
    return status;
}

int rl_cmd_cluster_check(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"step",           "Step",    0,            NULL},
        {"label",          "What",    RL_COL_WHOLE, NULL},
        {"done",           "Done",    0,            NULL},
        {"open",           "Open",    0,            NULL},
        {"blocked",        "Blocked", 0,            NULL},
        {"not_applicable", "No step", 0,            NULL},
        {"phone",          "Such as", RL_COL_WHOLE, NULL},
        {"rule",           "Rule",    RL_COL_DATA,  NULL},
        {"id",             "Id",      RL_COL_DATA,  NULL},
    };
    json_t *result;
    int status = rl_cli_ask(cli, "cluster.check", json_object(), &result);
    if (status)
        return status;
    status = rl_cmd_rows(cli, columns, sizeof columns / sizeof *columns,
                         json_object_get(result, "steps"));
    if (cli->args->format == RL_PLAIN && json_array_size(json_object_get(result, "steps")) == 0)
        rl_print_line(cli, "There are no phones.");
    json_decref(result);
    return status;
}
