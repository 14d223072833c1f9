#include <stdlib.h>
#include <string.h>

#include "commands/object.h"
#include "commands/output.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

/* What people type, and what the engine calls it (as Find and List does). */
static const struct {
    const char *word, *op;
    bool needs_value;
} operators[] = {
    {"begins",    "begins with",  true },
    {"contains",  "contains",     true },
    {"is",        "is exactly",   true },
    {"ends",      "ends with",    true },
    {"before",    "is before",    true },
    {"empty",     "is empty",     false},
    {"not-empty", "is not empty", false},
};

enum { NOPERATORS = sizeof operators / sizeof *operators };

const char *rl_cmd_object_field_name(const struct rl_object *obj, const char *text, size_t n)
{
    char name[64];
    if (n >= sizeof name)
        return NULL;
    for (size_t i = 0; i <= n; i++)
        name[i] = i == n ? '\0' : text[i] == '-' ? '_' : text[i];
    int field = rl_field_index(obj, name);
    if (field >= 0 && (size_t)field < obj->nstored && obj->fields[field].kind != RL_F_SECRET)
        return obj->fields[field].name;
    bool has_trust = obj->kind == RL_PHONE || obj->kind == RL_GATEWAY;
    return has_trust && strcmp(name, "trusted") == 0 ? "trusted" : NULL;
}

static int operator_of(const char *text, size_t n)
{
    for (int i = 0; i < NOPERATORS; i++)
        if (strlen(operators[i].word) == n && strncmp(operators[i].word, text, n) == 0)
            return i;
    return -1;
}

static json_t *criterion(const char *field, int op, const char *value)
{
    return json_pack("{s:s, s:s, s:s}", "field", field, "op", operators[op].op, "value", value);
}

json_t *rl_cmd_object_criterion(const struct rl_object *obj, const char *text)
{
    size_t n = strcspn(text, " =");
    const char *field = rl_cmd_object_field_name(obj, text, n), *rest = text + n;
    if (!field || !*rest)
        return NULL;
    if (*rest == '=')
        return criterion(field, operator_of("is", 2), rest + 1);
    rest += strspn(rest, " ");
    size_t word = strcspn(rest, " ");
    int op = operator_of(rest, word);
    const char *value = rest[word] ? rest + word + 1 : "";
    if (op < 0 || operators[op].needs_value != (*value != '\0'))
        return NULL;
    return criterion(field, op, value);
}

json_t *rl_cmd_object_criteria(struct rl_cli *cli, const struct rl_object *obj, int *status)
{
    json_t *list = json_array();
    for (size_t i = 0; i < cli->args->ngiven; i++) {
        const struct rl_given *given = &cli->args->given[i];
        if (strcmp(given->name, "filter") != 0)
            continue;
        *status = rl_cli_need_utf8(cli, "--filter", given->value);
        json_t *one = *status ? NULL : rl_cmd_object_criterion(obj, given->value);
        if (!*status && !one)
            *status =
                rl_cli_usage(cli,
                             "--filter takes \"FIELD OP VALUE\" with begins, contains, is, ends, "
                             "before, empty or not-empty, or FIELD=VALUE, not \"%s\".",
                             given->value);
        if (!one) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, one);
    }
    return list;
}

json_t *rl_cmd_object_place(const struct rl_object *obj, const char *sort, const json_t *object)
{
    char *value = rl_cmd_text(json_object_get(object, sort));
    char *key = rl_cmd_text(json_object_get(object, obj->fields[0].name));
    json_t *place = json_pack("{s:s, s:s}", "value", value, "key", key);
    free(value);
    free(key);
    return place;
}
