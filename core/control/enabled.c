#include "control/enabled.h"

#include "ringlock/profile.h"
#include "ringlock/time.h"
#include "store/certs.h"

static bool add_own(void *ctx, const struct rl_row *row)
{
    struct rl_gathered *g = ctx;
    rl_row_copy(&g->own[g->nown], row);
    g->owns[g->nown] = &g->own[g->nown];
    return ++g->nown < RL_OWN_MAX;
}

static bool get(struct rl_store *store, enum rl_kind kind, const char *key, struct rl_row *row)
{
    return *key && rl_store_get(store, kind, key, row, NULL) == RL_OK;
}

void rl_gather(struct rl_store *store, const struct rl_row *phone, struct rl_gathered *g)
{
    *g = (struct rl_gathered){0};
    g->has_type = get(store, RL_TYPE, rl_row_get(phone, RL_PHONE_TYPE), &g->type);
    g->has_profile = get(store, RL_PROFILE, rl_row_get(phone, RL_PHONE_PROFILE), &g->profile);
    g->has_shared =
        g->has_profile &&
        get(store, RL_CERTIFICATE, rl_row_get(&g->profile, RL_PROFILE_CERTIFICATE), &g->shared);
    rl_store_device_certs(store, rl_row_get(phone, RL_PHONE_NAME), add_own, g, NULL);
    rl_store_device_cert_removed(store, rl_row_get(phone, RL_PHONE_NAME), &g->removed, NULL);
}

void rl_gathered_fini(struct rl_gathered *g)
{
    for (size_t i = 0; i < g->nown; i++)
        rl_row_fini(&g->own[i]);
    if (g->has_shared)
        rl_row_fini(&g->shared);
    if (g->has_profile)
        rl_row_fini(&g->profile);
    if (g->has_type)
        rl_row_fini(&g->type);
}

static json_t *certificates_json(const struct rl_gathered *g)
{
    json_t *list = json_array();
    for (size_t i = 0; i < g->nown; i++)
        json_array_append_new(list, rl_json_object(&g->own[i], RL_UNKNOWN));
    if (g->has_shared)
        json_array_append_new(list, rl_json_object(&g->shared, RL_UNKNOWN));
    return list;
}

json_t *rl_json_point(const struct rl_point *p)
{
    const struct rl_err *why = p->ok ? NULL : &p->why;
    return json_pack("{s:s, s:s, s:b, s:o, s:s, s:o, s:o, s:o}", "id", p->id, "label", p->label,
                     "ok", p->ok, "value", rl_json_text(p->value), "step", p->step, "code",
                     rl_json_text(why ? rl_code_info(why->code)->tag : NULL), "message",
                     rl_json_text(why ? why->text : NULL), "remedy",
                     rl_json_text(why ? why->remedy : NULL));
}

json_t *rl_json_points(const struct rl_enabled *enabled)
{
    json_t *points = json_array();
    for (size_t i = 0; i < enabled->n; i++)
        json_array_append_new(points, rl_json_point(&enabled->point[i]));
    return points;
}

bool rl_gathered_enabled(const struct rl_gathered *g, const struct rl_row *phone, bool mixed,
                         struct rl_enabled *out)
{
    char now[RL_TIME_TEXT];
    const struct rl_enabled_in in = {.phone = phone,
                                     .type = &g->type,
                                     .profile = g->has_profile ? &g->profile : NULL,
                                     .own = g->owns,
                                     .nown = g->nown,
                                     .removed = g->removed,
                                     .shared = g->has_shared ? &g->shared : NULL,
                                     .mixed = mixed,
                                     .now = rl_time_text(rl_now_us(), 0, now)};
    if (!g->has_type || !rl_type_is_preferred_vendor(&g->type))
        return false;
    rl_policy_enabled(&in, out);
    return true;
}

void rl_json_add_enabled(struct rl_store *store, bool mixed, const struct rl_row *phone,
                         json_t *object)
{
    struct rl_gathered g;
    struct rl_enabled enabled;
    rl_gather(store, phone, &g);
    json_object_set_new(object, "certificates", certificates_json(&g));
    json_object_set_new(
        object, "enabled",
        rl_gathered_enabled(&g, phone, mixed, &enabled)
            ? json_pack("{s:b, s:o}", "ok", enabled.ok, "points", rl_json_points(&enabled))
            : json_null());
    rl_gathered_fini(&g);
}
