/* Reports over the device catalogue: which types can do something, which are at their end. */
#include <stdlib.h>
#include <string.h>

#include "commands/fields.h"
#include "commands/object.h"
#include "commands/pages.h"
#include "commands/report.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"

struct report {
    struct rl_cli *cli;
    int field;        /* of the type: must say something, and not that it cannot */
    const char *only; /* this model, or NULL */
    bool used;        /* only types that devices have */
    json_t *rows;
};

static bool says_no(const char *text)
{
    return !*text || strcmp(text, "no") == 0 || strcmp(text, "none") == 0 ||
           strcmp(text, "end-of-sale") == 0; /* alone it is no end of life (R135) */
}

static int count(struct rl_cli *cli, const char *kind, const char *model, json_int_t *devices)
{
    json_t *result, *params = json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "kind", kind, "criteria",
                                        "field", "type", "op", "is exactly", "value", model);
    int status = rl_cli_ask(cli, "object.count", params, &result);
    *devices += json_integer_value(json_object_get(result, "count"));
    json_decref(result);
    return status;
}

static int add_type(struct report *r, const json_t *type)
{
    const struct rl_field *field = &rl_object(RL_TYPE)->fields[r->field];
    const char *model = rl_cmd_str(type, "model");
    char *said = rl_cmd_text(json_object_get(type, field->name));
    json_int_t devices = 0;
    int status = 0;
    if (!says_no(said) && (!r->only || strcasecmp(r->only, model) == 0)) {
        status = count(r->cli, "phone", model, &devices);
        if (status == 0)
            status = count(r->cli, "gateway", model, &devices);
        if (status == 0 && (devices > 0 || !r->used))
            json_array_append_new(
                r->rows, json_pack("{s:s, s:O*, s:s, s:O*, s:I}", "model", model, "protocols",
                                   json_object_get(type, "protocols"), "value", said, "date",
                                   json_object_get(type, "lifecycle_date"), "devices", devices));
    }
    free(said);
    return status;
}

/* All types of the catalogue, in parts. */
static int read_types(struct report *r)
{
    int status = 0;
    bool more = true;
    json_t *params = json_pack("{s:s, s:i}", "kind", "type", "limit", RL_PART), *part;
    while (status == 0 && more) {
        size_t i;
        const json_t *type = NULL;
        status = rl_cli_ask(r->cli, "object.list", json_deep_copy(params), &part);
        json_array_foreach (json_object_get(part, "rows"), i, type)
            status = status ? status : add_type(r, type);
        more = json_is_true(json_object_get(part, "more")) && type;
        if (more)
            json_object_set_new(params, "after",
                                rl_cmd_object_place(rl_object(RL_TYPE), "model", type));
        json_decref(part);
    }
    json_decref(params);
    return status;
}

static int print_report(struct report *r, const struct rl_column *columns, size_t n)
{
    r->rows = json_array();
    int status = read_types(r);
    if (status == 0)
        status = rl_cmd_rows(r->cli, columns, n, r->rows);
    if (status == 0 && json_array_size(r->rows) == 0 && r->cli->args->format == RL_PLAIN)
        rl_print_line(r->cli, "none");
    json_decref(r->rows);
    return status;
}

/* The field of a feature's name (R136); -1, told with those that there are, if it is none. */
static int feature_of(struct rl_cli *cli, const char *name, int *status)
{
    size_t n;
    const int *features = rl_type_features(&n);
    struct rl_buf there = {0};
    struct rl_err err = {0};
    for (size_t i = 0; i < n; i++) {
        const char *known = rl_object(RL_TYPE)->fields[features[i]].name;
        rl_buf_addf(&there, "%s%s", i ? ", " : "", known);
        if (rl_fields_same(name, strlen(name), known)) {
            rl_buf_fini(&there);
            return features[i];
        }
    }
    rl_fail(&err, RL_E_FEATURE, name, "The catalogue knows no feature \"%s\", but %s.", name,
            rl_buf_str(&there));
    rl_buf_fini(&there);
    *status = rl_cli_fail(cli, &err, NULL);
    return -1;
}

int rl_cmd_report_features(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"model",     "Model",     RL_COL_WHOLE, NULL},
        {"protocols", "Protocols", 0,            NULL},
        {"value",     "Feature",   0,            NULL},
        {"devices",   "Devices",   0,            NULL},
    };
    int status = 0;
    struct report r = {.cli = cli, .only = rl_parsed_option(cli->args, "product")};
    if (r.only)
        status = rl_cli_need_utf8(cli, "--product", r.only);
    r.field = status ? -1 : feature_of(cli, cli->args->arg[0], &status);
    return r.field < 0 ? status : print_report(&r, columns, 4);
}

int rl_cmd_report_eol(struct rl_cli *cli)
{
    static const struct rl_column columns[] = {
        {"model",   "Model",      RL_COL_WHOLE, NULL},
        {"value",   "Life cycle", 0,            NULL},
        {"date",    "Since",      0,            NULL},
        {"devices", "Devices",    0,            NULL},
    };
    struct report r = {.cli = cli, .field = RL_TYPE_LIFECYCLE, .used = true};
    return print_report(&r, columns, 4);
}

int rl_report_types_in_use(struct rl_cli *cli, json_t *rows)
{
    struct report r = {.cli = cli, .field = RL_TYPE_MODEL, .used = true, .rows = rows};
    return read_types(&r);
}
