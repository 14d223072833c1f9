#include "control/values.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/base64.h"
#include "ringlock/text.h"

enum { CRITERIA_MAX = 32, FILE_NAME = 80 };

static char *join(const json_t *list)
{
    struct rl_buf b = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text) {
            rl_buf_fini(&b);
            return NULL;
        }
        if (i > 0)
            rl_buf_addc(&b, ';');
        rl_buf_adds(&b, text);
    }
    return b.len ? rl_buf_take(&b) : rl_strdup("");
}

char *rl_value_text(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return rl_strdup(json_string_value(value));
    case JSON_TRUE:
        return rl_strdup("yes");
    case JSON_FALSE:
        return rl_strdup("no");
    case JSON_NULL:
        return rl_strdup("");
    case JSON_INTEGER:
        return rl_asprintf("%lld", (long long)json_integer_value(value));
    case JSON_ARRAY:
        return join(value);
    default:
        return NULL;
    }
}

char *rl_value_file(const json_t *path, const char *otherwise)
{
    const char *text = json_string_value(path);
    const char *slash = text ? strrchr(text, '/') : NULL;
    char *name = rl_text_safe_dup(slash ? slash + 1 : text);
    name[rl_text_cut(name, strlen(name), FILE_NAME, NULL)] = '\0';
    if (*name)
        return name;
    free(name);
    return rl_strdup(otherwise);
}

void rl_value_data(const json_t *value, struct rl_buf *out)
{
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);
    if (text && (memmem(text, n, "-----BEGIN", 10) || !rl_base64_decode(out, text, n)))
        rl_buf_add(out, text, n);
}

enum rl_code rl_values_read(struct rl_request *rq, struct rl_values *out)
{
    json_t *values = json_object_get(rq->params, "values"), *value;
    const char *name;
    *out = (struct rl_values){.item = rl_alloc((json_object_size(values) + 1) * sizeof *out->item)};
    json_object_foreach (values, name, value) {
        char *text = rl_value_text(value);
        if (!text) {
            rl_values_fini(out);
            return rl_fail_field(&rq->err, RL_E_VALUE, NULL, name,
                                 "The value of %s is neither text, number, list nor yes or no.",
                                 name);
        }
        out->item[out->n++] = (struct rl_value){name, text};
    }
    return RL_OK;
}

void rl_values_fini(struct rl_values *values)
{
    for (size_t i = 0; i < values->n; i++)
        free((char *)values->item[i].value);
    free(values->item);
    *values = (struct rl_values){0};
}

static bool has_trust(enum rl_kind kind)
{
    return kind == RL_PHONE || kind == RL_GATEWAY;
}

static enum rl_code find_field(struct rl_request *rq, enum rl_kind kind, const char *name,
                               int *field)
{
    const struct rl_object *obj = rl_object(kind);
    *field = name ? rl_field_index(obj, name) : -1;
    if (*field < 0 && name && has_trust(kind) && strcmp(name, "trusted") == 0)
        *field = RL_COL_TRUSTED;
    if (*field >= 0 && (*field == RL_COL_TRUSTED || (size_t)*field < obj->nstored))
        return RL_OK;
    return rl_fail_field(&rq->err, RL_E_FIELD, obj->name, name, "A %s has no field %s.", obj->name,
                         name ? name : "without a name");
}

static int find_op(const char *name)
{
    for (int i = 0; name && rl_op_names[i]; i++)
        if (strcmp(rl_op_names[i], name) == 0)
            return i;
    return -1;
}

/* A text member; "" if it is left out. Texts only: other kinds would be compared as something else.
 */
static enum rl_code read_text(struct rl_request *rq, const json_t *in, const char *name,
                              const char **out)
{
    const json_t *value = json_object_get(in, name);
    *out = json_is_string(value) ? json_string_value(value) : "";
    if (!value || json_is_null(value) || json_is_string(value))
        return RL_OK;
    return rl_fail_field(&rq->err, RL_E_USAGE, "list", name, "%s must be a text.", name);
}

static enum rl_code read_criterion(struct rl_request *rq, enum rl_kind kind, const json_t *in,
                                   struct rl_criterion *out)
{
    const char *name = json_string_value(json_object_get(in, "op"));
    int op = find_op(name);
    enum rl_code code = read_text(rq, in, "value", &out->value);
    if (code != RL_OK)
        return code;
    if (op < 0)
        return rl_fail_field(&rq->err, RL_E_USAGE, "criteria", "op",
                             "There is no way to compare: %s.", name ? name : "op is missing");
    out->op = (enum rl_op)op;
    return find_field(rq, kind, json_string_value(json_object_get(in, "field")), &out->field);
}

static enum rl_code read_criteria(struct rl_request *rq, struct rl_listing *out)
{
    const json_t *list = json_object_get(rq->params, "criteria");
    size_t n = json_array_size(list);
    enum rl_code code = RL_OK;
    if (n > CRITERIA_MAX)
        return rl_fail_field(&rq->err, RL_E_USAGE, "criteria", "criteria",
                             "A list takes at most %d criteria.", CRITERIA_MAX);
    out->criteria = rl_alloc((n + 1) * sizeof *out->criteria);
    for (size_t i = 0; i < n && code == RL_OK; i++)
        code = read_criterion(rq, out->query.kind, json_array_get(list, i), &out->criteria[i]);
    out->query.criteria = out->criteria;
    out->query.ncriteria = n;
    return code;
}

enum rl_code rl_listing_read(struct rl_request *rq, struct rl_listing *out)
{
    const json_t *place = json_object_get(rq->params, "after");
    const json_t *after = json_is_object(place) ? place : NULL;
    const char *sort = rl_param_text(rq, "sort");
    *out = (struct rl_listing){
        .query = {.descending = rl_param_bool(rq, "descending"),
                  .backwards = rl_param_bool(rq, "backwards")}
    };
    enum rl_code code = rl_param_kind(rq, &out->query.kind);
    if (code == RL_OK && sort)
        code = find_field(rq, out->query.kind, sort, &out->query.sort);
    if (code == RL_OK)
        code = read_criteria(rq, out);
    if (code == RL_OK && after)
        code = read_text(rq, after, "value", &out->query.after_value);
    if (code == RL_OK && after)
        code = read_text(rq, after, "key", &out->query.after_key);
    if (code == RL_OK && after && !*out->query.after_key)
        code = rl_fail_field(&rq->err, RL_E_USAGE, "list", "after", "after needs a key.");
    if (code != RL_OK)
        rl_listing_fini(out);
    return code;
}

void rl_listing_fini(struct rl_listing *list)
{
    free(list->criteria);
    *list = (struct rl_listing){0};
}

enum rl_tristate rl_row_trust(struct rl_store *store, const struct rl_row *row)
{
    bool phone = row->obj->kind == RL_PHONE;
    struct rl_row type;
    if (!has_trust(row->obj->kind))
        return RL_UNKNOWN;
    const char *model = rl_row_get(row, phone ? RL_PHONE_TYPE : RL_GATEWAY_TYPE);
    const char *protocol = rl_row_get(row, phone ? RL_PHONE_PROTOCOL : RL_GATEWAY_PROTOCOL);
    if (rl_store_get(store, RL_TYPE, model, &type, NULL) != RL_OK)
        return RL_UNKNOWN;
    enum rl_tristate trusted = rl_type_says(&type, RL_TYPE_TRUSTED, protocol);
    rl_row_fini(&type);
    return trusted;
}
