#include "control/typechange.h"

#include <stdlib.h>

#include "control/change.h"
#include "policy/objects.h"
#include "ringlock/profile.h"

enum { NAMED = 3 };

static const enum rl_kind device_kinds[] = {RL_PHONE, RL_GATEWAY};

struct judged {
    const struct rl_act *act;
    const struct rl_row *old, *type;
    struct rl_problems *problems;
};

/* --- profiles --- */

struct profiles {
    struct rl_row *item;
    size_t n;
};

static bool add_profile(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct profiles *list = ctx;
    (void)trusted;
    list->item = rl_realloc(list->item, (list->n + 1) * sizeof *list->item);
    rl_row_copy(&list->item[list->n++], row);
    return true;
}

/* Profiles of a type that people made. */
static enum rl_code read_profiles(struct rl_store *store, const struct rl_row *type,
                                  struct profiles *out, struct rl_err *err)
{
    const char *model = rl_row_get(type, RL_TYPE_MODEL);
    const struct rl_criterion own[] = {
        {RL_PROFILE_TYPE,       RL_OP_IS, model},
        {RL_PROFILE_PREDEFINED, RL_OP_IS, "no" },
    };
    const struct rl_query q = {.kind = RL_PROFILE, .criteria = own, .ncriteria = 2};
    *out = (struct profiles){0};
    return rl_store_list(store, &q, add_profile, out, err);
}

static void profiles_fini(struct profiles *list)
{
    for (size_t i = 0; i < list->n; i++)
        rl_row_fini(&list->item[i]);
    free(list->item);
}

static bool has_mode(const struct rl_row *type, const char *mode)
{
    return rl_cert_mode_takes(rl_row_get(type, RL_TYPE_CERT_MODE), mode);
}

/* Phones that are secure by certificates of their own do not take the shared one that is asked for
 * now; the reverse is in the rules of profiles. */
static void check_cert_mode(const struct judged *j, const struct rl_row *profile)
{
    if (rl_profile_mode(profile) != RL_NONSECURE && has_mode(j->old, "per-device") &&
        !has_mode(j->type, "per-device") && rl_row_is(profile, RL_PROFILE_CERTIFICATE, ""))
        rl_row_problem(j->problems, profile, RL_PROFILE_CERTIFICATE, RL_E_CERT_MODE,
                       "Its phones are secure by certificates of their own, which %s does not take "
                       "any more.",
                       rl_row_get(j->type, RL_TYPE_MODEL));
}

static void check_profile(const struct judged *j, const struct rl_row *profile)
{
    struct rl_problems found = {0};
    struct rl_row filled;
    rl_row_copy(&filled, profile);
    rl_policy_profile_fill(&filled, profile, j->type, true);
    rl_policy_profile(&filled, profile, j->type, &found);
    for (size_t i = 0; i < found.n; i++)
        if (!rl_code_is_warning(found.item[i].code))
            rl_problems_add(j->problems, &found.item[i]);
    check_cert_mode(j, profile);
    rl_problems_fini(&found);
    rl_row_fini(&filled);
}

static void check_profiles(const struct judged *j)
{
    struct profiles list;
    struct rl_err err;
    if (read_profiles(j->act->store, j->type, &list, &err))
        rl_problems_add(j->problems, &err);
    for (size_t i = 0; i < list.n; i++)
        check_profile(j, &list.item[i]);
    profiles_fini(&list);
}

static enum rl_code fill_profiles(const struct rl_act *act, const struct rl_row *type,
                                  struct rl_problems *problems)
{
    struct profiles list;
    struct rl_err err;
    enum rl_code code = read_profiles(act->store, type, &list, &err);
    if (code)
        rl_problems_add(problems, &err);
    for (size_t i = 0; i < list.n && !code; i++) {
        struct rl_row filled;
        rl_row_copy(&filled, &list.item[i]);
        rl_policy_profile_fill(&filled, &list.item[i], type, true);
        code = rl_change_put(act, RL_PROFILE, &list.item[i], &filled, problems);
        rl_row_fini(&filled);
    }
    profiles_fini(&list);
    return code;
}

/* --- devices --- */

/* Devices of a type, with a protocol if one is given. */
struct device_query {
    struct rl_criterion of[2];
    struct rl_query q;
};

static void query_devices(struct device_query *d, enum rl_kind kind, const char *model,
                          const char *protocol)
{
    d->of[0] = (struct rl_criterion){RL_PHONE_TYPE, RL_OP_IS, model};
    d->of[1] = (struct rl_criterion){RL_PHONE_PROTOCOL, RL_OP_IS, protocol};
    d->q = (struct rl_query){.kind = kind, .criteria = d->of, .ncriteria = protocol ? 2 : 1};
}

/* How many there are, and the names of the first. */
struct named {
    struct rl_buf names;
    size_t listed, n;
};

static bool add_name(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct named *named = ctx;
    (void)trusted;
    rl_buf_addf(&named->names, "%s%s", named->listed++ ? ", " : "", rl_row_get(row, 0));
    return named->listed < NAMED;
}

static void name_devices(const struct judged *j, enum rl_kind kind, const char *protocol,
                         struct named *named)
{
    struct device_query d;
    struct rl_err err;
    size_t n = 0;
    query_devices(&d, kind, rl_row_get(j->type, RL_TYPE_MODEL), protocol);
    enum rl_code code = rl_store_count(j->act->store, &d.q, &n, &err);
    named->n += n;
    if (!code && n && named->listed < NAMED)
        code = rl_store_list(j->act->store, &d.q, add_name, named, &err);
    if (code)
        rl_problems_add(j->problems, &err);
}

/* "a, b, c and 7 more"; borrowed from `named`. */
static const char *names_of(struct named *named)
{
    if (named->n > named->listed)
        rl_buf_addf(&named->names, " and %zu more", named->n - named->listed);
    return rl_buf_str(&named->names);
}

/* A phone stays a phone, and a gateway a gateway. */
static void check_class(const struct judged *j)
{
    struct named named = {0};
    bool gateway = rl_type_is_gateway(j->old);
    if (gateway == rl_type_is_gateway(j->type))
        return;
    name_devices(j, gateway ? RL_GATEWAY : RL_PHONE, NULL, &named);
    if (named.n)
        rl_row_problem(j->problems, j->type, RL_TYPE_CLASS, RL_E_TYPE_CLASS,
                       "%s is the type of %zu %s%s: %s.", rl_row_get(j->type, RL_TYPE_MODEL),
                       named.n, gateway ? "gateway" : "phone", named.n == 1 ? "" : "s",
                       names_of(&named));
    rl_buf_fini(&named.names);
}

static void check_protocol(const struct judged *j, const char *protocol)
{
    struct named named = {0};
    if (!rl_type_has_protocol(j->old, protocol) || rl_type_has_protocol(j->type, protocol))
        return;
    for (size_t i = 0; i < 2; i++)
        name_devices(j, device_kinds[i], protocol, &named);
    if (named.n)
        rl_row_problem(j->problems, j->type, RL_TYPE_PROTOCOLS, RL_E_TYPE_PROTOCOL,
                       "%zu device%s of type %s speak%s %s: %s.", named.n, named.n == 1 ? "" : "s",
                       rl_row_get(j->type, RL_TYPE_MODEL), named.n == 1 ? "s" : "", protocol,
                       names_of(&named));
    rl_buf_fini(&named.names);
}

/* --- trust (R43) --- */

static bool trust_changes(const struct rl_row *old, const struct rl_row *type)
{
    return (rl_policy_trust(old) == RL_YES) != (rl_policy_trust(type) == RL_YES);
}

static void warn_trust_lost(const struct judged *j)
{
    struct named named = {0};
    if (!trust_changes(j->old, j->type) || rl_policy_trust(j->type) == RL_YES)
        return;
    for (size_t i = 0; i < 2; i++)
        name_devices(j, device_kinds[i], NULL, &named);
    if (named.n)
        rl_row_problem(j->problems, j->type, RL_TYPE_TRUSTED, RL_W_TRUST_LOST,
                       "%s is not trusted any more, so %zu device%s lose%s trust: %s.",
                       rl_row_get(j->type, RL_TYPE_MODEL), named.n, named.n == 1 ? "" : "s",
                       named.n == 1 ? "s" : "", names_of(&named));
    rl_buf_fini(&named.names);
}

/* Devices under decision. */
struct decision {
    const struct rl_act *act;
    char *before, *after; /* JSON */
    size_t n;
    enum rl_code code;
    struct rl_err err;
};

static bool decide(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct decision *d = ctx;
    char label[RL_LABEL], *what = rl_asprintf("%s trust", row->obj->name);
    (void)trusted;
    rl_object_label(row->obj, rl_row_get(row, 0), label);
    d->code = d->act->audit->add(d->act->audit->ctx, d->act->who, what, label, d->before, d->after,
                                 &d->err);
    d->n++;
    free(what);
    return !d->code;
}

static char *trust_json(const struct rl_row *type)
{
    return rl_asprintf("{\"trust\":\"%s\"}", rl_policy_trust_text(rl_policy_trust(type)));
}

static enum rl_code decide_anew(const struct rl_act *act, const struct rl_row *old,
                                const struct rl_row *type, size_t *devices,
                                struct rl_problems *problems)
{
    struct decision d = {.act = act, .before = trust_json(old), .after = trust_json(type)};
    for (size_t i = 0; i < 2 && !d.code; i++) {
        struct device_query q;
        struct rl_err err;
        query_devices(&q, device_kinds[i], rl_row_get(type, RL_TYPE_MODEL), NULL);
        enum rl_code code = rl_store_list(act->store, &q.q, decide, &d, &err);
        if (code && !d.code) {
            d.code = code;
            d.err = err;
        }
    }
    if (d.code)
        rl_problems_add(problems, &d.err);
    *devices += d.n;
    free(d.before);
    free(d.after);
    return d.code;
}

/* --- both --- */

void rl_type_change_judge(const struct rl_act *act, const struct rl_row *old,
                          const struct rl_row *type, struct rl_problems *problems)
{
    const struct judged j = {act, old, type, problems};
    const char *const *protocol = rl_object(RL_TYPE)->fields[RL_TYPE_PROTOCOLS].values;
    check_profiles(&j);
    check_class(&j);
    for (; *protocol; protocol++)
        check_protocol(&j, *protocol);
    warn_trust_lost(&j);
}

enum rl_code rl_type_change_apply(const struct rl_act *act, const struct rl_row *old,
                                  const struct rl_row *type, size_t *devices,
                                  struct rl_problems *problems)
{
    enum rl_code code = fill_profiles(act, type, problems);
    if (!code && trust_changes(old, type))
        code = decide_anew(act, old, type, devices, problems);
    return code;
}
