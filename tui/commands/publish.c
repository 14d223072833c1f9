/* Configuration files of phones: publish them, and tell what is published. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands/fields.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

/* ---- publish ---- */

static json_int_t count_of(const json_t *object, const char *member)
{
    return json_integer_value(json_object_get(object, member));
}

/* Ask again until there is nothing to do or something fails. */
static int wait_for_end(struct rl_cli *cli, json_t **status)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    int exit_status = 0;
    for (;;) {
        json_decref(*status);
        *status = NULL;
        exit_status = rl_cli_ask(cli, "publish.status", json_object(), status);
        if (exit_status || !json_is_true(json_object_get(*status, "busy")) ||
            json_is_object(json_object_get(*status, "problem")))
            return exit_status;
        nanosleep(&pause, NULL);
    }
}

static const char *form_text(const char *form)
{
    static const struct {
        const char *form, *text;
    } forms[] = {
        {"signed",    "signed"                                    },
        {"encrypted", "signed and encrypted"                      },
        {"typed-key", "signed and encrypted with a typed-in key"  },
        {"short",     "short only, since they cannot be encrypted"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].form, form) == 0)
            return forms[i].text;
    return form;
}

static void print_forms(const struct rl_cli *cli, const json_t *status)
{
    size_t i;
    const json_t *form;
    json_array_foreach (json_object_get(status, "forms"), i, form) {
        const char *code = rl_cmd_str(form, "code");
        char *line = rl_asprintf("%lld phones: %s%s%s", (long long)count_of(form, "phones"),
                                 form_text(rl_cmd_str(form, "form")), *code ? ", " : "", code);
        rl_print_line(cli, line);
        free(line);
    }
}

static void print_status(const struct rl_cli *cli, const json_t *status)
{
    static const struct {
        const char *member, *label;
    } counts[] = {
        {"due",     "Still due"            },
        {"looked",  "Phones looked at"     },
        {"written", "Phones with new files"},
        {"removed", "Phones without files" },
        {"failed",  "Phones that failed"   },
    };
    rl_print_field(cli, "Publishing", json_is_true(json_object_get(status, "on")) ? "on" : "off");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char *text = rl_cmd_text(json_object_get(status, counts[i].member));
        rl_print_field(cli, counts[i].label, text);
        free(text);
    }
    print_forms(cli, status);
}

static int tell_status(struct rl_cli *cli, const json_t *status)
{
    const json_t *problem = json_object_get(status, "problem");
    struct rl_err err = {0};
    int exit_status = 0;
    if (json_is_object(problem)) {
        rl_fail(&err, rl_code_by_tag(rl_cmd_str(problem, "code")), rl_cmd_str(problem, "object"),
                "%s", rl_cmd_str(problem, "message"));
        return rl_cli_fail(cli, &err, NULL);
    }
    if (rl_fields_document(cli, status, NULL, &exit_status))
        return exit_status;
    if (cli->args->format == RL_JSON)
        rl_print_json(status, false);
    else
        print_status(cli, status);
    return 0;
}

int rl_cmd_publish(struct rl_cli *cli)
{
    bool all = rl_parsed_option(cli->args, "all") != NULL;
    json_t *status = NULL;
    int exit_status = rl_cli_ask(cli, "publish", json_pack("{s:b}", "all", all), &status);
    if (exit_status == 0)
        exit_status = wait_for_end(cli, &status);
    if (exit_status == 0)
        exit_status = tell_status(cli, status);
    json_decref(status);
    return exit_status;
}

/* ---- phone files ---- */

static void print_files(const struct rl_cli *cli, const json_t *phone)
{
    static const struct {
        const char *member, *label;
    } fields[] = {
        {"made",        "Published"                  },
        {"form",        "Form"                       },
        {"signer",      "Signed by (SHA-256)"        },
        {"certificate", "Encrypted for (SHA-256)"    },
        {"why",         "Why not as the profile says"},
    };
    size_t i;
    const json_t *file;
    rl_print_field(cli, "Phone", rl_cmd_str(phone, "name"));
    for (i = 0; i < sizeof fields / sizeof *fields; i++)
        rl_print_field(cli, fields[i].label, rl_cmd_str(phone, fields[i].member));
    rl_print_field(cli, "Due",
                   !json_is_true(json_object_get(phone, "takes")) ? "no, it takes no such files"
                   : !json_is_true(json_object_get(phone, "on"))  ? "no, publishing is off"
                   : json_is_true(json_object_get(phone, "due"))  ? "yes"
                                                                  : "no");
    rl_print_heading(cli, "Files");
    json_array_foreach (json_object_get(phone, "files"), i, file) {
        char *line = rl_asprintf("  %s  %lld bytes", rl_cmd_str(file, "name"),
                                 (long long)count_of(file, "bytes"));
        rl_print_line(cli, line);
        free(line);
    }
}

int rl_cmd_phone_files(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"name",        "Phone",         RL_COL_WHOLE, NULL},
        {"form",        "Form",          0,            NULL},
        {"made",        "Published",     0,            NULL},
        {"due",         "Due",           0,            NULL},
        {"signer",      "Signed by",     0,            NULL},
        {"certificate", "Encrypted for", 0,            NULL},
        {"code",        "Code",          0,            NULL},
        {"why",         "Why",           0,            NULL},
    };
    json_t *phone = NULL;
    int status =
        rl_cli_ask(cli, "phone.files", json_pack("{s:s}", "name", cli->args->arg[0]), &phone);
    if (status == 0 && !rl_fields_document(cli, phone, NULL, &status)) {
        if (cli->args->format == RL_CSV)
            status = rl_cmd_row(cli, columns, sizeof columns / sizeof *columns, phone);
        else if (cli->args->format == RL_JSON)
            rl_print_json(phone, false);
        else
            print_files(cli, phone);
    }
    json_decref(phone);
    return status;
}
