#include "control/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "policy/objects.h"
#include "ringlock/text.h"

/* Add a refusal or warning on the object of a change. */
#define REFUSE(c, code, field, ...)                                        \
    do {                                                                   \
        struct rl_err refused;                                             \
        rl_fail_field(&refused, (code), (c)->label, (field), __VA_ARGS__); \
        rl_problems_add((c)->problems, &refused);                          \
    } while (0)

char *rl_object_label(const struct rl_object *obj, const char *key, char out[RL_LABEL])
{
    char *safe = rl_text_safe_dup(key);
    size_t n = rl_text_cut(safe, strlen(safe), RL_LABEL / 2, NULL);
    snprintf(out, RL_LABEL, "%s %.*s", obj->name, (int)n, safe);
    free(safe);
    return out;
}

bool rl_field_is_trust(const char *name)
{
    return strcasestr(name, "trust") != NULL;
}

bool rl_field_is_status(const struct rl_object *obj, const char *name)
{
    static const char *const names[] = {
        "mode",      "security",        "security_mode", "device_security_mode",
        "status",    "security_status", "encryption",    "authentication",
        "encrypted", "authenticated"};
    if (obj->kind == RL_PROFILE || obj->kind == RL_TYPE)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!rl_text_casecmp(name, names[i]))
            return true;
    return false;
}

bool rl_change_is_new(const struct rl_change *c)
{
    return c->old.obj == NULL;
}

static bool differs(const struct rl_change *c, int field)
{
    return strcmp(rl_row_get(&c->old, field), rl_row_get(&c->row, field)) != 0;
}

/* What is stored of a secret never comes back: the row holds a new one, or nothing. */
static void drop_secrets(struct rl_row *row)
{
    for (size_t i = 0; i < row->obj->nfields; i++)
        if (row->obj->fields[i].kind == RL_F_SECRET)
            rl_row_set(row, (int)i, NULL);
}

void rl_change_begin_with(struct rl_change *c, const struct rl_act *act, struct rl_lookup *lookup,
                          enum rl_kind kind, struct rl_row *old, struct rl_problems *problems)
{
    *c = (struct rl_change){
        .act = act, .lookup = lookup, .problems = problems, .obj = rl_object(kind)};
    rl_object_label(c->obj, old ? rl_row_get(old, 0) : "", c->label);
    if (!old) {
        rl_row_init(&c->row, c->obj);
        return;
    }
    c->old = *old;
    rl_row_copy(&c->row, &c->old);
    drop_secrets(&c->row);
}

enum rl_code rl_change_begin(struct rl_change *c, const struct rl_act *act,
                             struct rl_lookup *lookup, enum rl_kind kind, const char *key,
                             struct rl_problems *problems)
{
    struct rl_err err;
    struct rl_row old;
    enum rl_code code = key ? rl_store_get(act->store, kind, key, &old, &err) : RL_OK;
    if (code)
        rl_problems_add(problems, &err);
    else
        rl_change_begin_with(c, act, lookup, kind, key ? &old : NULL, problems);
    return code;
}

void rl_change_end(struct rl_change *c)
{
    rl_row_fini(&c->row);
    rl_row_fini(&c->old);
    rl_row_fini(&c->made);
}

/* --- values --- */

static bool is_given(const struct rl_change *c, int field)
{
    return c->given >> field & 1;
}

/* The system's own fields may be repeated as they are, so that an export can be imported. */
static void take_system(struct rl_change *c, int field, const char *value)
{
    const struct rl_field *f = &c->obj->fields[field];
    const char *is = rl_change_is_new(c) ? (f->def ? f->def : "") : rl_row_get(&c->old, field);
    if (strcmp(value, is) != 0)
        REFUSE(c, RL_E_READONLY, f->name, "%s of the %s cannot be set.", f->label, c->obj->name);
}

static void take(struct rl_change *c, const struct rl_value *v)
{
    int field = rl_field_index(c->obj, v->field);
    char *name = rl_text_safe_dup(v->field);
    if (rl_field_is_trust(name)) {
        REFUSE(c, RL_E_TRUST_READONLY, name, "Trust cannot be set: the type alone decides it.");
    } else if (rl_field_is_status(c->obj, name)) {
        REFUSE(c, RL_E_STATUS_OWNER, name,
               "A %s has no security mode of its own: that is the security profile's.",
               c->obj->name);
    } else if (field < 0) {
        REFUSE(c, RL_E_FIELD, name, "A %s has no field \"%s\".", c->obj->name, name);
    } else if (is_given(c, field)) {
        REFUSE(c, RL_E_FIELD, name, "The field \"%s\" is given twice.", name);
    } else if (c->obj->fields[field].flags & RL_FF_SYSTEM) {
        take_system(c, field, v->value);
    } else {
        c->given |= (uint64_t)1 << field;
        rl_row_set(&c->row, field, v->value);
    }
    free(name);
}

void rl_change_values(struct rl_change *c, const struct rl_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        take(c, &values[i]);
    c->transport_given = c->obj->kind == RL_PROFILE && is_given(c, RL_PROFILE_TRANSPORT);
    rl_object_label(c->obj, rl_row_get(rl_change_is_new(c) ? &c->row : &c->old, 0), c->label);
}

/* --- checks --- */

/* Fields without which nothing can be judged get their default first; profiles have rules for the
 * others. */
static void fill(struct rl_change *c)
{
    if (c->obj->kind != RL_PROFILE)
        rl_row_defaults(&c->row);
    else if (!*rl_row_get(&c->row, RL_PROFILE_PROTOCOL))
        rl_row_set(&c->row, RL_PROFILE_PROTOCOL, c->obj->fields[RL_PROFILE_PROTOCOL].def);
}

/* Keys stay, but for a profile's (its phones follow); and what is fixed stays. */
static void check_fixed(struct rl_change *c)
{
    for (size_t i = 0; i < c->obj->nfields; i++) {
        const struct rl_field *f = &c->obj->fields[i];
        bool key = i == 0 && c->obj->kind != RL_PROFILE;
        if (!(f->flags & RL_FF_FIXED || key) ||
            !rl_text_casecmp(rl_row_get(&c->old, (int)i), rl_row_get(&c->row, (int)i)))
            continue;
        struct rl_err err;
        rl_fail_field(&err, RL_E_READONLY, c->label, f->name,
                      "%s of the %s is \"%s\" and cannot change once it is made.", f->label,
                      c->label, rl_row_get(&c->old, (int)i));
        rl_err_remedy(&err, "Remove the %s and %s it anew.", c->obj->name,
                      c->obj->kind == RL_CERTIFICATE ? "upload" : "add");
        rl_problems_add(c->problems, &err);
        rl_row_set(&c->row, (int)i, rl_row_get(&c->old, (int)i));
    }
}

/* True if the value of a field passed by itself, so that it can be looked up. */
static bool is_sound(const struct rl_change *c, int field)
{
    for (size_t i = c->checked; i < c->problems->n; i++)
        if (!strcmp(c->problems->item[i].field, c->obj->fields[field].name))
            return false;
    return true;
}

static void find_type(struct rl_change *c, int field)
{
    const char *model = rl_row_get(&c->row, field);
    if (!is_sound(c, field))
        return;
    c->type = rl_lookup_type(c->lookup, model);
    if (c->type)
        rl_row_set(&c->row, field, rl_row_get(c->type, RL_TYPE_MODEL));
    else
        REFUSE(c, RL_E_UNKNOWN_TYPE, c->obj->fields[field].name,
               "The catalogue has no type \"%s\".", model);
}

/* A phone without a profile gets the predefined nonsecure one (R2). */
static void choose_profile(struct rl_change *c)
{
    const char *model = rl_row_get(c->type, RL_TYPE_MODEL);
    const char *protocol = rl_row_get(&c->row, RL_PHONE_PROTOCOL);
    char *name = rl_policy_default_profile_name(model, protocol);
    c->profile = rl_lookup_profile(c->lookup, name);
    if (c->profile)
        rl_row_set(&c->row, RL_PHONE_PROFILE, name);
    else
        REFUSE(c, RL_E_NO_DEFAULT_PROFILE, "profile",
               "There is no predefined profile for %s with %s.", model, protocol);
    free(name);
}

static void find_profile(struct rl_change *c)
{
    const char *name = rl_row_get(&c->row, RL_PHONE_PROFILE);
    if (!is_sound(c, RL_PHONE_PROFILE))
        return;
    if (!*name) {
        if (c->type && rl_type_has_protocol(c->type, rl_row_get(&c->row, RL_PHONE_PROTOCOL)))
            choose_profile(c);
        return;
    }
    c->profile = rl_lookup_profile(c->lookup, name);
    if (!c->profile)
        REFUSE(c, RL_E_NOT_FOUND, "profile", "There is no profile \"%s\".", name);
}

static bool is_third_party(const struct rl_row *type)
{
    return !strcmp(rl_row_get(type, RL_TYPE_CLASS), "third-party-phone");
}

/* Third-party phones name themselves by their digest user: one user for one phone (R81). */
static void check_sharer(struct rl_change *c, const char *user)
{
    char *other = NULL;
    struct rl_err err;
    bool third_party = c->type && is_third_party(c->type);
    if (rl_store_digest_sharer(c->act->store, user, rl_row_get(&c->row, 0), !third_party, &other,
                               &err))
        rl_problems_add(c->problems, &err);
    else if (other)
        REFUSE(c, RL_E_DIGEST_SHARED, "digest_user",
               "The digest user %s is that of the phone %s; a third-party phone needs its own.",
               user, other);
    free(other);
}

static void check_digest_user(struct rl_change *c)
{
    struct rl_row user;
    const char *id = rl_row_get(&c->row, RL_PHONE_DIGEST_USER);
    bool kept = !rl_change_is_new(c) && !differs(c, RL_PHONE_DIGEST_USER);
    if (!*id || kept || !is_sound(c, RL_PHONE_DIGEST_USER))
        return;
    if (rl_store_get(c->act->store, RL_USER, id, &user, NULL)) {
        REFUSE(c, RL_E_NOT_FOUND, "digest_user", "There is no user \"%s\".", id);
        return;
    }
    if (!*rl_row_get(&user, RL_USER_DIGEST_PASSWORD))
        REFUSE(c, RL_E_DIGEST_NO_CRED, "digest_user", "The user %s has no digest credentials.", id);
    rl_row_fini(&user);
    check_sharer(c, id);
}

/* Phones and gateways are found by one name, so that a name means one device. */
static void check_name(struct rl_change *c, enum rl_kind other)
{
    struct rl_row row;
    const char *name = rl_row_get(&c->row, 0);
    if (!rl_change_is_new(c) || !is_sound(c, 0) ||
        rl_store_get(c->act->store, other, name, &row, NULL))
        return;
    REFUSE(c, RL_E_EXISTS, "name", "There is a %s with the name %s.", rl_object(other)->name, name);
    rl_row_fini(&row);
}

/* What is named must be there. */
static void find_named(struct rl_change *c)
{
    static const int types[RL_KIND_COUNT] = {
        [RL_PHONE] = RL_PHONE_TYPE, [RL_GATEWAY] = RL_GATEWAY_TYPE, [RL_PROFILE] = RL_PROFILE_TYPE};
    if (types[c->obj->kind])
        find_type(c, types[c->obj->kind]);
    if (c->obj->kind == RL_PHONE) {
        find_profile(c);
        check_digest_user(c);
        check_name(c, RL_GATEWAY);
    } else if (c->obj->kind == RL_GATEWAY) {
        check_name(c, RL_PHONE);
    }
}

/* The rules of policy, for a row whose values all passed. */
static void judge(struct rl_change *c)
{
    const struct rl_row *old = rl_change_is_new(c) ? NULL : &c->old;
    if (c->obj->kind == RL_PHONE) {
        rl_policy_phone(&c->row, old, c->type, c->profile, c->act->mixed, c->problems);
    } else if (c->obj->kind == RL_GATEWAY) {
        rl_policy_gateway(&c->row, old, c->type, c->problems);
    } else if (c->obj->kind == RL_PROFILE) {
        rl_policy_profile_fill(&c->row, old, c->type, c->transport_given);
        rl_policy_profile(&c->row, old, c->type, c->problems);
        rl_policy_profile_ciphers(&c->row, old, c->act->ciphers, c->problems);
    }
}

void rl_change_check(struct rl_change *c)
{
    c->checked = c->problems->n;
    fill(c);
    rl_row_check(&c->row, c->problems);
    if (!rl_change_is_new(c))
        check_fixed(c);
    bool sound = c->problems->n == c->checked;
    find_named(c);
    if (sound && c->type && c->obj->kind == RL_PHONE)
        rl_change_capf(c);
    if (sound && c->type)
        judge(c);
    if (c->type)
        rl_change_check_certificate(c);
}

/* --- what it does --- */

bool rl_change_is_same(const struct rl_change *c)
{
    if (rl_change_is_new(c))
        return false;
    for (size_t i = 0; i < c->obj->nfields; i++) {
        bool secret = c->obj->fields[i].kind == RL_F_SECRET;
        if (secret ? *rl_row_get(&c->row, (int)i) != '\0' : differs(c, (int)i))
            return false;
    }
    return true;
}

bool rl_change_moves_lines(const struct rl_change *c)
{
    if (c->obj->kind == RL_PHONE)
        return rl_change_is_new(c) || differs(c, RL_PHONE_LINES) || differs(c, RL_PHONE_PROFILE);
    return c->obj->kind == RL_PROFILE && !rl_change_is_new(c) && differs(c, RL_PROFILE_MODE);
}

enum rl_code rl_change_write(struct rl_change *c, int64_t rev)
{
    struct rl_err err;
    enum rl_code code =
        c->made.obj ? rl_change_put(c->act, RL_PROFILE, NULL, &c->made, c->problems) : RL_OK;
    if (code)
        return code;
    code = rl_change_is_new(c) ? rl_store_insert(c->act->store, &c->row, &err)
                               : rl_store_update(c->act->store, &c->row, rev, &err);
    if (code)
        rl_problems_add(c->problems, &err);
    return code;
}

/* One more member of an object that is being written. */
static void add_name(struct rl_buf *object, const char *name)
{
    rl_buf_addf(object, "%s\"%s\":", object->len ? "," : "{", name);
}

static void add_text(struct rl_buf *object, const char *name, const char *value)
{
    add_name(object, name);
    rl_json_quote(object, value);
}

/* Owned. */
static char *end_object(struct rl_buf *object)
{
    rl_buf_adds(object, object->len ? "}" : "{}");
    return rl_buf_take(object);
}

/* The fields of `row` that the change is about: all that are filled of a new or removed object. */
static void add_fields(struct rl_buf *object, const struct rl_change *c, const struct rl_row *row)
{
    for (size_t i = 0; i < c->obj->nfields; i++) {
        const struct rl_field *f = &c->obj->fields[i];
        const char *value = rl_row_get(row, (int)i);
        if (f->kind == RL_F_SECRET) {
            if (*value && (row == &c->row || !c->row.obj))
                add_text(object, f->name, row == &c->row ? "(changed)" : "(set)");
        } else if (rl_change_is_new(c) || !c->row.obj ? *value != '\0' : differs(c, (int)i)) {
            add_text(object, f->name, value);
        }
    }
}

/* Warnings that were said yes to, each once. */
static void add_accepted(struct rl_buf *object, const struct rl_problems *problems)
{
    bool any = false;
    for (size_t i = 0; i < problems->n; i++) {
        enum rl_code code = problems->item[i].code;
        bool known = !rl_code_is_warning(code) || rl_code_informs(code);
        for (size_t k = 0; k < i && !known; k++)
            known = problems->item[k].code == code;
        if (known)
            continue;
        if (!any)
            add_name(object, "accepted");
        rl_buf_addf(object, "%s\"%s\"", any ? "," : "[", rl_code_info(code)->tag);
        any = true;
    }
    rl_buf_adds(object, any ? "]" : "");
}

/* Trust is decided, and the decision written down, when a device is added (R40). */
static void add_trust(struct rl_buf *object, const struct rl_change *c)
{
    if (rl_change_is_new(c) && (c->obj->kind == RL_PHONE || c->obj->kind == RL_GATEWAY))
        add_text(object, "trust", rl_policy_trust_text(rl_policy_trust(c->type)));
}

enum rl_code rl_change_audit(struct rl_change *c)
{
    struct rl_err err;
    char what[48], *before = NULL, *after = NULL;
    bool removed = !c->row.obj, renamed = !rl_change_is_new(c) && !removed && differs(c, 0);
    snprintf(what, sizeof what, "%s %s", c->obj->name,
             removed               ? "remove"
             : renamed             ? "rename"
             : rl_change_is_new(c) ? "add"
                                   : "set");
    if (!rl_change_is_new(c)) {
        struct rl_buf object = {0};
        add_fields(&object, c, &c->old);
        before = end_object(&object);
    }
    if (!removed) {
        struct rl_buf object = {0};
        add_fields(&object, c, &c->row);
        add_trust(&object, c);
        add_accepted(&object, c->problems);
        after = end_object(&object);
    }
    enum rl_code code =
        c->act->audit->add(c->act->audit->ctx, c->act->who, what, c->label, before, after, &err);
    if (code)
        rl_problems_add(c->problems, &err);
    free(before);
    free(after);
    return code;
}

static enum rl_code remove_row(struct rl_change *c)
{
    struct rl_err err;
    rl_row_fini(&c->row);
    enum rl_code code = rl_store_remove(c->act->store, c->obj->kind, rl_row_get(&c->old, 0), &err);
    if (code)
        rl_problems_add(c->problems, &err);
    return code;
}

enum rl_code rl_change_put(const struct rl_act *act, enum rl_kind kind, const struct rl_row *old,
                           const struct rl_row *row, struct rl_problems *problems)
{
    struct rl_change c;
    struct rl_row was;
    if (old)
        rl_row_copy(&was, old);
    rl_change_begin_with(&c, act, NULL, kind, old ? &was : NULL, problems);
    rl_object_label(c.obj, rl_row_get(old ? old : row, 0), c.label);
    for (size_t i = 0; row && i < c.obj->nfields; i++)
        rl_row_set(&c.row, (int)i, rl_row_get(row, (int)i));
    enum rl_code code = RL_OK;
    if (!row || !rl_change_is_same(&c)) {
        code = row ? rl_change_write(&c, 0) : remove_row(&c);
        if (!code)
            code = rl_change_audit(&c);
    }
    rl_change_end(&c);
    return code;
}

enum rl_code rl_problems_verdict(const struct rl_act *act, const struct rl_problems *problems)
{
    const struct rl_err *error = rl_problems_first_error(problems);
    if (error)
        return error->code;
    for (size_t i = 0; i < problems->n; i++) {
        enum rl_code code = problems->item[i].code;
        bool yes = rl_code_informs(code);
        for (size_t k = 0; act->accepted && act->accepted[k] && !yes; k++)
            yes = !rl_text_casecmp(act->accepted[k], rl_code_info(code)->tag);
        if (!yes)
            return code;
    }
    return RL_OK;
}
