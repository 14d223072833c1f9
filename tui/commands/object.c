#include "commands/object.h"

#include <stdlib.h>
#include <string.h>

#include "client/rows.h"
#include "commands/cert.h"
#include "commands/fields.h"
#include "commands/pages.h"
#include "commands/phone.h"
#include "commands/profile.h"
#include "commands/secret.h"
#include "commands/type.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

static const struct rl_object *object_of(const struct rl_cli *cli)
{
    return rl_object(cli->args->cmd->kind);
}

/* ---- values as people read them ---- */

char *rl_cmd_shown(const struct rl_field *field, const json_t *value)
{
    char *text = rl_cmd_text(value);
    const char *shown = NULL;
    if (field->kind == RL_F_SECRET)
        shown = json_is_true(value) ? "set" : "";
    else if (!*text && field->flags & RL_FF_TRISTATE)
        shown = "unknown";
    for (size_t i = 0; !shown && field->labels && field->values[i]; i++)
        if (strcmp(field->values[i], text) == 0)
            shown = field->labels[i];
    if (!shown)
        return text;
    free(text);
    return rl_strdup(shown);
}

static char *mode_text(const json_t *object)
{
    return rl_cmd_shown(&rl_object(RL_PROFILE)->fields[RL_PROFILE_MODE],
                        json_object_get(object, "mode"));
}

static char *usage_text(const json_t *object)
{
    return rl_cmd_shown(&rl_object(RL_CERTIFICATE)->fields[RL_CERTIFICATE_USAGE],
                        json_object_get(object, "usage"));
}

static char *expiration_text(const json_t *object)
{
    const char *time = rl_cmd_str(object, "not_after");
    return rl_strndup(time, strcspn(time, "T"));
}

static char *trusted_text(const json_t *object)
{
    const json_t *trusted = json_object_get(object, "trusted");
    char *text = rl_cmd_text(trusted);
    if (*text)
        return text;
    free(text);
    return rl_strdup("unknown");
}

static char *secret_set_text(const json_t *object)
{
    return rl_strdup(json_is_true(json_object_get(object, "digest_password")) ? "set" : "");
}

static char *secret_text(const json_t *object)
{
    (void)object;
    return rl_strdup("");
}

/* ---- list ---- */

#define WHOLE (RL_COL_PLAIN | RL_COL_WHOLE)
static const struct rl_column phone_columns[] = {
    {"name",        "Name",        WHOLE,        NULL        },
    {"type",        "Type",        RL_COL_PLAIN, NULL        },
    {"protocol",    "Prot",        RL_COL_PLAIN, NULL        },
    {"lines",       "Lines",       RL_COL_PLAIN, NULL        },
    {"profile",     "Profile",     RL_COL_PLAIN, NULL        },
    {"trusted",     "Trusted",     RL_COL_PLAIN, trusted_text},
    {"description", "Description", RL_COL_PLAIN, NULL        },
};
static const struct rl_column gateway_columns[] = {
    {"name",        "Name",        WHOLE,        NULL        },
    {"type",        "Type",        RL_COL_PLAIN, NULL        },
    {"protocol",    "Prot",        RL_COL_PLAIN, NULL        },
    {"address",     "Address",     RL_COL_PLAIN, NULL        },
    {"trusted",     "Trusted",     RL_COL_PLAIN, trusted_text},
    {"description", "Description", RL_COL_PLAIN, NULL        },
};
static const struct rl_column profile_columns[] = {
    {"name",      "Name",      WHOLE,        NULL     },
    {"type",      "Type",      RL_COL_PLAIN, NULL     },
    {"protocol",  "Prot",      RL_COL_PLAIN, NULL     },
    {"mode",      "Mode",      RL_COL_PLAIN, mode_text},
    {"transport", "Transport", RL_COL_PLAIN, NULL     },
    {"digest",    "Digest",    RL_COL_PLAIN, NULL     },
};
static const struct rl_column type_columns[] = {
    {"model",          "Model",      WHOLE,        NULL        },
    {"class",          "Class",      RL_COL_PLAIN, NULL        },
    {"protocols",      "Protocols",  RL_COL_PLAIN, NULL        },
    {"security_class", "Security",   RL_COL_PLAIN, NULL        },
    {"trusted",        "Trusted",    RL_COL_PLAIN, trusted_text},
    {"lifecycle",      "Life cycle", RL_COL_PLAIN, NULL        },
};
static const struct rl_column cert_columns[] = {
    {"name",      "Name",       WHOLE,                       NULL             },
    {"usage",     "Usage",      RL_COL_PLAIN,                usage_text       },
    {"device",    "Device",     RL_COL_PLAIN,                NULL             },
    {"not_after", "Expiration", RL_COL_PLAIN,                expiration_text  },
    {"state",     "State",      RL_COL_PLAIN | RL_COL_WHOLE, rl_cmd_cert_state},
};
static const struct rl_column user_columns[] = {
    {"id",              "User ID",            WHOLE,        NULL           },
    {"name",            "Name",               RL_COL_PLAIN, NULL           },
    {"digest_password", "Digest credentials", RL_COL_PLAIN, secret_set_text},
};

#define COLUMNS(list) list, sizeof list / sizeof *list
static const struct {
    const struct rl_column *column;
    size_t n;
} people_columns[RL_KIND_COUNT] = {
    [RL_PHONE] = {COLUMNS(phone_columns)},     [RL_GATEWAY] = {COLUMNS(gateway_columns)},
    [RL_PROFILE] = {COLUMNS(profile_columns)}, [RL_TYPE] = {COLUMNS(type_columns)},
    [RL_USER] = {COLUMNS(user_columns)},       [RL_CERTIFICATE] = {COLUMNS(cert_columns)},
};

/* Columns for people, then one for each field for CSV, those of the contract first. Owned. */
static struct rl_column *columns_of(const struct rl_object *obj, size_t *n)
{
    size_t people = people_columns[obj->kind].n;
    struct rl_column *list = rl_alloc((people + obj->nstored) * sizeof *list);
    memcpy(list, people_columns[obj->kind].column, people * sizeof *list);
    *n = people;
    for (int contract = 1; contract >= 0; contract--) {
        for (size_t i = 0; i < obj->nstored; i++) {
            const struct rl_field *field = &obj->fields[i];
            if (!(field->flags & RL_FF_CSV) == !contract)
                list[(*n)++] = (struct rl_column){field->name, field->label, RL_COL_DATA,
                                                  field->kind == RL_F_SECRET ? secret_text : NULL};
        }
    }
    return list;
}

struct place {
    const struct rl_object *obj;
    const char *sort;
};

static void after_object(json_t *params, const json_t *last, const void *ctx)
{
    const struct place *place = ctx;
    json_object_set_new(params, "after", rl_cmd_object_place(place->obj, place->sort, last));
}

/* --sort, as a field's name; NULL, told, if there is no such field. */
static const char *sort_field(struct rl_cli *cli, const struct rl_object *obj, int *status)
{
    const char *given = rl_parsed_option(cli->args, "sort");
    if (!given)
        return obj->fields[0].name;
    const char *name = rl_cmd_object_field_name(obj, given, strlen(given));
    if (!name)
        *status = rl_cli_usage(cli, "There is no field \"%s\" to sort %s by.", given, obj->plural);
    return name;
}

int rl_cmd_object_list(struct rl_cli *cli)
{
    const struct rl_object *obj = object_of(cli);
    int status = 0;
    struct place place = {obj, sort_field(cli, obj, &status)};
    json_t *criteria = place.sort ? rl_cmd_object_criteria(cli, obj, &status) : NULL;
    if (!criteria)
        return status;
    bool desc = rl_parsed_option(cli->args, "desc") != NULL;
    struct rl_pages pages = {
        .method = "object.list",
        .params = json_pack("{s:s, s:o, s:s, s:b}", "kind", obj->name, "criteria", criteria, "sort",
                            place.sort, "descending", desc),
        .next = after_object,
        .ctx = &place,
    };
    struct rl_column *columns = columns_of(obj, &pages.ncolumns);
    pages.column = columns;
    status = rl_cmd_pages(cli, &pages);
    free(columns);
    return status;
}

/* ---- show ---- */

int rl_cmd_object_ask(struct rl_cli *cli, enum rl_kind kind, const char *name, json_t **object)
{
    *object = NULL;
    int status = rl_cli_need_utf8(cli, rl_object(kind)->name, name);
    if (status)
        return status;
    json_t *params = json_pack("{s:s, s:s}", "kind", rl_object(kind)->name, "name", name);
    return rl_cli_ask(cli, "object.show", params, object);
}

/* The security features of a type are shown under a heading of their own. */
static bool is_feature(const json_t *object, const char *field)
{
    size_t i;
    const json_t *feature;
    json_array_foreach (json_object_get(object, "features"), i, feature) {
        if (strcmp(rl_cmd_str(feature, "name"), field) == 0)
            return true;
    }
    return false;
}

/* Instructions are sentences, one below the other. */
static bool is_told_below(enum rl_kind kind, int field)
{
    return kind == RL_TYPE && field == RL_TYPE_INSTRUCTIONS;
}

/* The fields that it has for people, under the headings of its table. */
static void print_fields(const struct rl_cli *cli, enum rl_kind kind, const json_t *object)
{
    const struct rl_object *obj = rl_object(kind);
    for (size_t i = 0; i < obj->nfields; i++) {
        const struct rl_field *field = &obj->fields[i];
        if (is_feature(object, field->name) || is_told_below(kind, (int)i) ||
            !rl_client_shows(kind, object, (int)i))
            continue;
        char *shown = rl_cmd_shown(field, json_object_get(object, field->name));
        rl_print_field(cli, field->label, shown);
        free(shown);
    }
    const char *trust = rl_cmd_str(object, "trust_message");
    if (*trust)
        rl_print_field(cli, "Trust", trust);
}

int rl_cmd_object_table(struct rl_cli *cli, enum rl_kind kind, const json_t *objects)
{
    size_t n;
    struct rl_column *columns = columns_of(rl_object(kind), &n);
    int status = rl_cmd_rows(cli, columns, n, objects);
    free(columns);
    return status;
}

/* What some kinds show below their fields. */
static void (*const details[RL_KIND_COUNT])(const struct rl_cli *cli, const json_t *object) = {
    [RL_PHONE] = rl_cmd_phone_details,
    [RL_PROFILE] = rl_cmd_profile_details,
    [RL_TYPE] = rl_cmd_type_details,
    [RL_CERTIFICATE] = rl_cmd_cert_details,
};

int rl_cmd_object_show(struct rl_cli *cli)
{
    const struct rl_object *obj = object_of(cli);
    json_t *object;
    int status = rl_cmd_object_ask(cli, obj->kind, cli->args->arg[0], &object);
    if (status)
        return status;
    if (cli->args->format == RL_CSV) {
        size_t n;
        struct rl_column *columns = columns_of(obj, &n);
        status = rl_cmd_row(cli, columns, n, object);
        free(columns);
    } else if (rl_fields_document(cli, object, obj, &status)) {
        ;
    } else if (cli->args->format == RL_JSON) {
        rl_print_json(object, false);
    } else {
        print_fields(cli, obj->kind, object);
        if (details[obj->kind])
            details[obj->kind](cli, object);
    }
    json_decref(object);
    return status;
}

/* ---- add, set, remove ---- */

static int read_secret(struct rl_cli *cli, json_t *values, const char *name)
{
    struct rl_err err = {0};
    char secret[RL_SECRET_MAX];
    if (rl_secret_read("Digest credentials: ", secret, &err) != RL_OK)
        return rl_cli_fail(cli, &err, NULL);
    json_object_set_new(values, name, json_string(secret));
    explicit_bzero(secret, sizeof secret);
    return 0;
}

/* Secrets come from standard input: arguments are seen by every user of the machine. */
static int set_secret(struct rl_cli *cli, json_t *values, const struct rl_given *given)
{
    if (strcmp(given->value, "-") != 0)
        return rl_cli_usage(cli,
                            "A secret is no argument: give \"-\", and it is read from standard "
                            "input.");
    return read_secret(cli, values, given->name);
}

int rl_cmd_user_digest(struct rl_cli *cli)
{
    json_t *values = json_object();
    int status = rl_cli_need_utf8(cli, "user", cli->args->arg[0]);
    if (status == 0)
        status = read_secret(cli, values, "digest_password");
    if (status == 0)
        return rl_cmd_object_write(cli, "object.set", cli->args->arg[0], values);
    json_decref(values);
    return status;
}

/* The --FIELD options as a new JSON object of texts; reads a secret that was asked for with '-'.
 * NULL when one was refused, which was told. */
static json_t *values_given(struct rl_cli *cli, int *status)
{
    const struct rl_object *obj = object_of(cli);
    json_t *values = json_object();
    *status = 0;
    for (size_t i = 0; i < cli->args->ngiven && *status == 0; i++) {
        const struct rl_given *given = &cli->args->given[i];
        int field = rl_field_index(obj, given->name);
        if (!given->is_field)
            continue;
        *status = rl_cli_need_utf8(cli, given->name, given->value);
        if (*status == 0 && field >= 0 && obj->fields[field].kind == RL_F_SECRET)
            *status = set_secret(cli, values, given);
        else if (*status == 0)
            json_object_set_new(values, given->name, json_string(given->value));
    }
    if (*status == 0)
        return values;
    json_decref(values);
    return NULL;
}

int rl_cmd_object_write(struct rl_cli *cli, const char *method, const char *name, json_t *values)
{
    json_t *params = json_pack("{s:s, s:o, s:o}", "kind", object_of(cli)->name, "values", values,
                               "accept", rl_cli_accepted(cli));
    if (name)
        json_object_set_new(params, "name", json_string(name));
    return rl_cli_change(cli, method, params, rl_print_notes);
}

int rl_cmd_object_add(struct rl_cli *cli)
{
    int status = rl_cli_need_utf8(cli, object_of(cli)->name, cli->args->arg[0]);
    json_t *values = status ? NULL : values_given(cli, &status);
    if (!values)
        return status;
    json_object_set_new(values, object_of(cli)->fields[0].name, json_string(cli->args->arg[0]));
    return rl_cmd_object_write(cli, "object.add", NULL, values);
}

/* The fields that a copy begins with: its own that may be written and are not empty. A profile's
 * certificate goes by the name, which is another (R103). */
static json_t *copied_values(const struct rl_object *obj, const json_t *object)
{
    json_t *values = json_object();
    for (size_t i = 0; i < (obj->kind == RL_PHONE ? obj->nstored : obj->nfields); i++) {
        const struct rl_field *field = &obj->fields[i];
        bool named = obj->kind == RL_PROFILE && i == RL_PROFILE_CERTIFICATE;
        char *text = rl_cmd_text(json_object_get(object, field->name));
        if (!(field->flags & RL_FF_SYSTEM) && !named && *text)
            json_object_set_new(values, field->name, json_string(text));
        free(text);
    }
    return values;
}

int rl_cmd_object_copy(struct rl_cli *cli)
{
    const struct rl_object *obj = object_of(cli);
    json_t *object, *given;
    int status = rl_cli_need_utf8(cli, "the new name", cli->args->arg[1]);
    if (status == 0)
        status = rl_cmd_object_ask(cli, obj->kind, cli->args->arg[0], &object);
    if (status)
        return status;
    json_t *values = copied_values(obj, object);
    json_decref(object);
    if (!(given = values_given(cli, &status))) {
        json_decref(values);
        return status;
    }
    json_object_update(values, given);
    json_decref(given);
    json_object_set_new(values, obj->fields[0].name, json_string(cli->args->arg[1]));
    return rl_cmd_object_write(cli, "object.add", NULL, values);
}

/* What all names of an act have in common. */
static json_t *act_params(const struct rl_cli *cli)
{
    return json_pack("{s:s, s:o}", "kind", object_of(cli)->name, "accept", rl_cli_accepted(cli));
}

static int set_several(struct rl_cli *cli, json_t *values)
{
    json_t *params = act_params(cli);
    json_object_set_new(params, "values", values);
    return rl_cmd_object_many(cli, "object.set_many", "changed", params);
}

int rl_cmd_object_set(struct rl_cli *cli)
{
    bool several = rl_cmd_names_several(cli);
    int status = several ? 0 : rl_cli_need_utf8(cli, object_of(cli)->name, cli->args->arg[0]);
    json_t *values = status ? NULL : values_given(cli, &status);
    if (!values)
        return status;
    if (json_object_size(values) == 0) {
        json_decref(values);
        return rl_cli_usage(cli, "%s set needs a field to set.", object_of(cli)->name);
    }
    return several ? set_several(cli, values)
                   : rl_cmd_object_write(cli, "object.set", cli->args->arg[0], values);
}

int rl_cmd_object_remove(struct rl_cli *cli)
{
    if (rl_cmd_names_several(cli))
        return rl_cmd_object_many(cli, "object.remove_many", "removed", act_params(cli));
    int status = rl_cli_need_utf8(cli, object_of(cli)->name, cli->args->arg[0]);
    if (status)
        return status;
    json_t *params = act_params(cli);
    json_object_set_new(params, "name", json_string(cli->args->arg[0]));
    return rl_cli_change(cli, "object.remove", params, NULL);
}
