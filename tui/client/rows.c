#include "client/rows.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/profile.h"

static char *joined(const json_t *list)
{
    struct rl_buf b = {0};
    const json_t *item;
    size_t i;
    json_array_foreach (list, i, item)
        rl_buf_addf(&b, "%s%s", i ? ";" : "", json_string_value(item));
    return b.len ? rl_buf_take(&b) : rl_strdup("");
}

char *rl_client_text(const json_t *object, const struct rl_field *field)
{
    const json_t *v = json_object_get(object, field->name);
    if (!v || field->kind == RL_F_SECRET)
        return rl_strdup("");
    switch (json_typeof(v)) {
    case JSON_STRING:
        return rl_strdup(json_string_value(v));
    case JSON_TRUE:
        return rl_strdup("yes");
    case JSON_FALSE:
        return rl_strdup("no");
    case JSON_INTEGER:
        return rl_asprintf("%lld", (long long)json_integer_value(v));
    default:
        return joined(v);
    }
}

void rl_client_choice(const struct rl_field *field, const char *value, struct rl_buf *out)
{
    for (size_t i = 0; field->values && field->labels && field->values[i]; i++)
        if (strcmp(field->values[i], value) == 0) {
            value = field->labels[i];
            break;
        }
    rl_buf_adds(out, value);
}

void rl_client_shown(const json_t *object, const struct rl_field *field, struct rl_buf *out)
{
    const json_t *v = json_object_get(object, field->name), *item;
    char *text = rl_client_text(object, field);
    size_t i;
    if (field->kind == RL_F_SECRET)
        rl_buf_adds(out, json_is_true(v) ? "******** (set)" : "not set");
    else if (json_is_array(v))
        json_array_foreach (v, i, item)
            rl_buf_addf(out, "%s%s", i ? ", " : "", json_string_value(item));
    else if (!*text && field->flags & RL_FF_TRISTATE)
        rl_buf_adds(out, "unknown");
    else
        rl_client_choice(field, text, out);
    free(text);
}

void rl_client_row(struct rl_row *row, enum rl_kind kind, const json_t *object)
{
    const struct rl_object *obj = rl_object(kind);
    rl_row_init(row, obj);
    for (size_t i = 0; i < obj->nfields; i++)
        row->value[i] = rl_client_text(object, &obj->fields[i]);
}

bool rl_client_shows(enum rl_kind kind, const json_t *object, int field)
{
    struct rl_row type;
    if (kind != RL_PROFILE && kind != RL_PHONE)
        return true;
    const char *protocol = json_string_value(json_object_get(object, "protocol"));
    rl_client_row(&type, RL_TYPE, json_object_get(object, "type_info"));
    bool yes = (kind == RL_PROFILE ? rl_profile_has : rl_phone_has)(&type, protocol ? protocol : "",
                                                                    field);
    rl_row_fini(&type);
    return yes;
}
