#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "commands/fields.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/base64.h"
#include "ringlock/buf.h"
#include "ringlock/protocol.h"

/* ---- asking ---- */

static int read_file(struct rl_cli *cli, const char *path, size_t max, char **bytes, size_t *n)
{
    struct rl_err err = {0};
    enum rl_code code = strcmp(path, "-") == 0 ? rl_input_read(max, bytes, n, &err)
                                               : rl_file_read(path, max, bytes, n, &err);
    return code == RL_OK ? 0 : rl_cli_fail(cli, &err, NULL);
}

static int add_signer(struct rl_cli *cli, const char *path, json_t *signers)
{
    char *bytes;
    size_t n;
    if (json_array_size(signers) == RL_SIGNERS_MAX)
        return rl_cli_usage(cli, "--signer may be given %d times.", RL_SIGNERS_MAX);
    int status = read_file(cli, path, RL_SIGNER_BYTES, &bytes, &n);
    if (status)
        return status;
    char *data = rl_file_data(bytes, n);
    json_array_append_new(signers, json_string(data));
    explicit_bzero(bytes, n);
    explicit_bzero(data, strlen(data));
    free(bytes);
    free(data);
    return 0;
}

static int add_signers(struct rl_cli *cli, json_t *params)
{
    json_t *signers = json_array();
    int status = 0;
    json_object_set_new(params, "signers", signers);
    for (size_t i = 0; status == 0 && i < cli->args->ngiven; i++)
        if (strcmp(cli->args->given[i].name, "signer") == 0)
            status = add_signer(cli, cli->args->given[i].value, signers);
    return status;
}

/* Of a file; always in base64: its bytes may look like anything. */
static int add_file(struct rl_cli *cli, const char *path, json_t *params)
{
    struct rl_buf data = {0};
    char *bytes = NULL;
    size_t n;
    int status = rl_cli_need_utf8(cli, "the name of the file", path);
    if (status == 0)
        status = read_file(cli, path, RL_TRUST_BYTES, &bytes, &n);
    if (status)
        return status;
    rl_base64_encode(&data, bytes, n);
    json_object_set_new(params, "file", json_string(path));
    json_object_set_new(params, "data", json_string(rl_buf_str(&data)));
    free(bytes);
    rl_buf_fini(&data);
    return 0;
}

/* Of one that the site publishes. */
static int add_published(struct rl_cli *cli, json_t *params)
{
    const char *list = rl_parsed_option(cli->args, "list");
    long version;
    if (!rl_cli_number(cli, "number", 1, LONG_MAX, 0, &version))
        return rl_code_info(RL_E_USAGE)->exit_status;
    if (list)
        json_object_set_new(params, "list", json_string(list));
    if (version)
        json_object_set_new(params, "version", json_integer(version));
    return 0;
}

/* The list as the engine reads it; owned. */
static int ask(struct rl_cli *cli, json_t **list)
{
    const char *path = cli->args->nargs ? cli->args->arg[0] : NULL;
    json_t *params = json_object();
    *list = NULL;
    int status = path ? add_file(cli, path, params) : add_published(cli, params);
    if (status == 0)
        status = add_signers(cli, params);
    if (status == 0)
        return rl_cli_ask(cli, path ? "trust.read" : "ctl.show", params, list);
    json_decref(params);
    return status;
}

/* ---- telling ---- */

static char *key_text(const json_t *record)
{
    const char *type = rl_cmd_str(record, "key_type");
    return *type ? rl_asprintf("%s %lld", type,
                               json_integer_value(json_object_get(record, "key_bits")))
                 : rl_strdup("");
}

static char *end_text(const json_t *record)
{
    const char *time = rl_cmd_str(record, "not_after");
    return rl_strndup(time, strcspn(time, "T"));
}

static const struct rl_column columns[] = {
    {"number",           "No.",        RL_COL_WHOLE,                NULL    },
    {"role",             "Role",       RL_COL_WHOLE,                NULL    },
    {"subject",          "Subject",    0,                           NULL    },
    {"key",              "Key",        RL_COL_WHOLE | RL_COL_PLAIN, key_text},
    {"expires",          "Expiration", RL_COL_WHOLE | RL_COL_PLAIN, end_text},
    {"issuer",           "Issuer",     RL_COL_DATA,                 NULL    },
    {"serial",           "Serial",     RL_COL_DATA,                 NULL    },
    {"dns_name",         "DNS name",   RL_COL_DATA,                 NULL    },
    {"address",          "Address",    RL_COL_DATA,                 NULL    },
    {"fingerprint",      "SHA-256",    RL_COL_DATA,                 NULL    },
    {"key_type",         "Key type",   RL_COL_DATA,                 NULL    },
    {"key_bits",         "Key bits",   RL_COL_DATA,                 NULL    },
    {"not_before",       "Valid from", RL_COL_DATA,                 NULL    },
    {"not_after",        "Valid to",   RL_COL_DATA,                 NULL    },
    {"certificate_hash", "Hash",       RL_COL_DATA,                 NULL    },
    {"signs",            "Signs",      RL_COL_DATA,                 NULL    },
    {"at",               "At byte",    RL_COL_DATA,                 NULL    },
    {"bytes",            "Bytes",      RL_COL_DATA,                 NULL    },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* Who vouches for the signer, for people. */
static const char *known_text(const json_t *list)
{
    const char *known = rl_cmd_str(list, "known");
    return strcmp(known, "given") == 0     ? "yes, given with --signer"
           : strcmp(known, "on-file") == 0 ? "yes, a certificate of this site"
                                           : "no";
}

static const char *signature_text(const json_t *list)
{
    const char *signature = rl_cmd_str(list, "signature");
    return strcmp(signature, "right") == 0     ? "right"
           : strcmp(signature, "unknown") == 0 ? "not checked: its signer is not known here"
                                               : "WRONG";
}

static void print_list(const struct rl_cli *cli, const json_t *list)
{
    static const struct {
        const char *key, *label;
    } fields[] = {
        {"name",           "File name"       },
        {"time",           "Made"            },
        {"version",        "Header version"  },
        {"signer_version", "Signer version"  },
        {"signer",         "Signer"          },
        {"issuer",         "Issuer of signer"},
        {"serial",         "Serial number"   },
        {"hash",           "Hash"            },
        {"key_bits",       "Bits of the key" },
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char *text = rl_cmd_text(json_object_get(list, fields[i].key));
        rl_print_field(cli, fields[i].label, text);
        free(text);
    }
    rl_print_field(cli, "Signature", signature_text(list));
    rl_print_field(cli, "Signer known here", known_text(list));
    if (json_array_size(json_object_get(list, "records")))
        rl_print_heading(cli, "Records");
}

static void tell_problems(struct rl_cli *cli, const json_t *list)
{
    size_t i;
    const json_t *problem;
    json_array_foreach (json_object_get(list, "problems"), i, problem)
        rl_cli_problem(cli, problem, false);
}

int rl_cmd_ctl_show(struct rl_cli *cli)
{
    json_t *list;
    int status = ask(cli, &list);
    if (status)
        return status;
    const json_t *records = json_object_get(list, "records");
    tell_problems(cli, list);
    if (rl_fields_document(cli, list, NULL, &status)) {
        ;
    } else if (cli->args->format == RL_JSON) {
        rl_print_json(list, false);
    } else {
        if (cli->args->format == RL_PLAIN)
            print_list(cli, list);
        status = rl_cmd_rows(cli, columns, COLUMNS, records);
    }
    json_decref(list);
    return status;
}

/* ---- verify ---- */

static bool is_accepted(const struct rl_cli *cli, const char *code)
{
    for (size_t i = 0; i < cli->args->naccepted; i++)
        if (strcmp(cli->args->accepted[i], code) == 0)
            return true;
    return false;
}

/* The first problem that refuses the list; NULL if none does. That nobody known has signed it is
 * one: a list that only proves itself is not verified. */
static const json_t *refusal(const struct rl_cli *cli, const json_t *list)
{
    size_t i;
    const json_t *problem, *unknown = json_object_get(list, "unknown");
    json_array_foreach (json_object_get(list, "problems"), i, problem)
        if (!rl_code_is_warning(rl_code_by_tag(rl_cmd_str(problem, "code"))))
            return problem;
    return json_is_object(unknown) && !is_accepted(cli, rl_cmd_str(unknown, "code")) ? unknown
                                                                                     : NULL;
}

static void print_verified(const struct rl_cli *cli, const json_t *list)
{
    rl_print_field(cli, "File", rl_cmd_str(list, "file"));
    rl_print_field(cli, "Signer", rl_cmd_str(list, "signer"));
    rl_print_field(cli, "Signature", signature_text(list));
    rl_print_field(cli, "Signer known here", known_text(list));
}

static int tell_verified(struct rl_cli *cli, const json_t *list)
{
    static const struct rl_column row[] = {
        {"file",        "File",        0, NULL},
        {"verdict",     "Verdict",     0, NULL},
        {"signature",   "Signature",   0, NULL},
        {"known",       "Known",       0, NULL},
        {"signer",      "Signer",      0, NULL},
        {"fingerprint", "Fingerprint", 0, NULL},
    };
    int status = 0;
    if (rl_fields_document(cli, list, NULL, &status))
        return status;
    if (cli->args->format == RL_CSV)
        return rl_cmd_row(cli, row, sizeof row / sizeof *row, list);
    if (cli->args->format == RL_JSON)
        rl_print_json(list, false);
    else
        print_verified(cli, list);
    return 0;
}

/* Refused, with all that is wrong or odd. */
static int tell_refused(struct rl_cli *cli, const json_t *list, const json_t *refused)
{
    struct rl_err err = {0};
    const json_t *unknown = json_object_get(list, "unknown");
    json_t *problems = json_copy(json_object_get(list, "problems"));
    if (json_is_object(unknown))
        json_array_append(problems, (json_t *)unknown);
    rl_fail(&err, rl_code_by_tag(rl_cmd_str(refused, "code")), rl_cmd_str(refused, "object"), "%s",
            rl_cmd_str(refused, "message"));
    int status = rl_cli_fail(cli, &err, problems);
    json_decref(problems);
    return status;
}

int rl_cmd_ctl_verify(struct rl_cli *cli)
{
    json_t *list;
    int status = ask(cli, &list);
    if (status)
        return status;
    const json_t *refused = refusal(cli, list), *unknown = json_object_get(list, "unknown");
    if (refused) {
        if (cli->args->format == RL_PLAIN && !cli->args->fields)
            print_verified(cli, list);
        status = tell_refused(cli, list, refused);
    } else {
        status = tell_verified(cli, list);
        tell_problems(cli, list);
        if (json_is_object(unknown))
            rl_cli_problem(cli, unknown, false);
    }
    json_decref(list);
    return status;
}
