#include "client/changes.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Numbers stand in `room`. */
static const char *text_of(const json_t *values, const char *field, char room[32])
{
    const json_t *v = json_object_get(values, field);
    if (json_is_integer(v)) {
        snprintf(room, 32, "%lld", (long long)json_integer_value(v));
        return room;
    }
    return json_is_string(v) ? json_string_value(v) : "";
}

/* Fields of `values`; with `beside`, only those that it has not. */
static void tell(const json_t *values, const json_t *beside, const json_t *before,
                 const json_t *after, rl_client_change_fn fn, void *ctx)
{
    const char *field;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)values, field, value) {
        char was[32], is[32];
        if (json_is_array(value) || json_object_get(beside, field))
            continue;
        const char *b = text_of(before, field, was), *a = text_of(after, field, is);
        if (strcmp(b, a) != 0)
            fn(ctx, field, b, a);
    }
}

void rl_client_changes(const json_t *entry, rl_client_change_fn fn, void *ctx)
{
    const json_t *before = json_object_get(entry, "before"),
                 *after = json_object_get(entry, "after");
    tell(after, NULL, before, after, fn, ctx);
    tell(before, after, before, after, fn, ctx);
}
