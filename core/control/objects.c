#include "control/objects.h"

#include <stdlib.h>
#include <string.h>

#include "control/certs.h"
#include "control/change.h"
#include "control/types.h"
#include "policy/objects.h"
#include "ringlock/time.h"
#include "store/certs.h"

/* What remains of an act is in its list of problems. */
static enum rl_code fail(struct rl_problems *problems, const struct rl_err *err)
{
    rl_problems_add(problems, err);
    return err->code;
}

static enum rl_code begin(const struct rl_act *act, struct rl_problems *problems)
{
    struct rl_err err;
    return rl_store_begin(act->store, &err) ? fail(problems, &err) : RL_OK;
}

/* Types come by packs only (R77); a value that speaks of trust is refused for that (R41). */
static enum rl_code refuse_type(enum rl_kind kind, const struct rl_value *values, size_t n,
                                struct rl_problems *problems)
{
    struct rl_err err;
    if (kind != RL_TYPE)
        return RL_OK;
    for (size_t i = 0; i < n; i++)
        if (rl_field_is_trust(values[i].field)) {
            rl_fail_field(&err, RL_E_TRUST_READONLY, "type", "trusted",
                          "Trust cannot be set: it comes with the type's pack.");
            return fail(problems, &err);
        }
    rl_fail(&err, RL_E_TYPE_NEEDS_COP, "type", "A type cannot be made or changed by hand.");
    return fail(problems, &err);
}

/* Certificates come as files: what they say is not typed in (R76). */
static enum rl_code refuse_cert(enum rl_kind kind, const char *key, struct rl_problems *problems)
{
    struct rl_err err;
    if (kind != RL_CERTIFICATE || key)
        return RL_OK;
    rl_fail(&err, RL_E_CERT_UPLOAD, "cert", "A certificate cannot be typed in.");
    return fail(problems, &err);
}

/* Write and look at the lines, inside the open transaction. */
static enum rl_code apply(struct rl_change *c, int64_t rev)
{
    enum rl_code code = rl_change_write(c, rev);
    if (!code)
        code = rl_change_check_lines(c);
    return code ? code : rl_problems_verdict(c->act, c->problems);
}

/* Takes a checked change into the store, whole or not at all. */
static enum rl_code commit(struct rl_change *c, int64_t rev)
{
    struct rl_err err;
    enum rl_code code = begin(c->act, c->problems);
    if (code)
        return code;
    code = apply(c, rev);
    if (!code)
        code = rl_change_audit(c);
    if (!code && (code = rl_store_commit(c->act->store, &err)) != RL_OK)
        fail(c->problems, &err);
    if (code)
        rl_store_rollback(c->act->store);
    return code;
}

/* The change with its values judged, up to the transaction. RL_OK: `c` is begun. */
static enum rl_code prepare(struct rl_change *c, const struct rl_act *act, struct rl_lookup *lookup,
                            enum rl_kind kind, const char *key, const struct rl_value *values,
                            size_t n, struct rl_problems *problems)
{
    enum rl_code code = refuse_type(kind, values, n, problems);
    if (!code)
        code = refuse_cert(kind, key, problems);
    if (!code)
        code = rl_change_begin(c, act, lookup, kind, key, problems);
    if (code)
        return code;
    rl_change_values(c, values, n);
    rl_change_check(c);
    return RL_OK;
}

/* What is told of a row carries no secret: only whether it is set. */
static void give(struct rl_row *out, const struct rl_change *c)
{
    if (!out)
        return;
    rl_row_copy(out, &c->row);
    for (size_t i = 0; i < c->obj->nfields; i++)
        if (c->obj->fields[i].kind == RL_F_SECRET) {
            bool set = *rl_row_get(&c->row, (int)i) ||
                       (!rl_change_is_new(c) && *rl_row_get(&c->old, (int)i));
            rl_row_set(out, (int)i, set ? "set" : "");
        }
}

static enum rl_code change(const struct rl_act *act, enum rl_kind kind, const char *key,
                           int64_t rev, const struct rl_value *values, size_t n, struct rl_row *out,
                           struct rl_problems *problems)
{
    struct rl_change c;
    struct rl_lookup *lookup = rl_alloc(sizeof *lookup);
    rl_lookup_init(lookup, act->store);
    enum rl_code code = prepare(&c, act, lookup, kind, key, values, n, problems);
    if (!code) {
        const struct rl_err *refusal = rl_problems_first_error(problems);
        code = refusal ? refusal->code : RL_OK;
        if (!code && !(rl_change_is_same(&c) && (!rev || rev == c.old.rev)))
            code = commit(&c, rev); /* warnings, too, are judged there: lines may add some */
        if (!code)
            give(out, &c);
        rl_change_end(&c);
    }
    rl_lookup_fini(lookup);
    free(lookup);
    return code;
}

enum rl_code rl_object_add(const struct rl_act *act, enum rl_kind kind,
                           const struct rl_value *values, size_t n, struct rl_row *out,
                           struct rl_problems *problems)
{
    return change(act, kind, NULL, 0, values, n, out, problems);
}

enum rl_code rl_object_set(const struct rl_act *act, enum rl_kind kind, const char *key,
                           int64_t rev, const struct rl_value *values, size_t n, struct rl_row *out,
                           struct rl_problems *problems)
{
    return change(act, kind, key, rev, values, n, out, problems);
}

enum rl_code rl_object_check(const struct rl_act *act, enum rl_kind kind, const char *key,
                             const struct rl_value *values, size_t n, struct rl_row *out,
                             struct rl_problems *problems)
{
    struct rl_change c;
    struct rl_lookup *lookup = rl_alloc(sizeof *lookup);
    rl_lookup_init(lookup, act->store);
    enum rl_code code = prepare(&c, act, lookup, kind, key, values, n, problems);
    if (!code) {
        if (!rl_problems_first_error(problems) && !begin(act, problems)) {
            apply(&c, 0);
            rl_store_rollback(act->store);
            c.row.rev = rl_change_is_new(&c) ? 0 : c.old.rev; /* of what is there still */
        }
        code = rl_problems_verdict(act, problems);
        give(out, &c);
        rl_change_end(&c);
    }
    rl_lookup_fini(lookup);
    free(lookup);
    return code;
}

/* --- removing --- */

struct users {
    struct rl_buf first; /* names of the first few */
    size_t named, total;
};

enum { USERS_NAMED = 3 };

static bool name_user(void *ctx, const char *kind, const char *name)
{
    struct users *u = ctx;
    (void)kind;
    rl_buf_addf(&u->first, "%s%s", u->named ? ", " : "", name);
    return ++u->named < USERS_NAMED;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static enum rl_code refuse_in_use(enum rl_kind kind, const char *label, const struct users *u,
                                  struct rl_err *err)
{
    return rl_fail(err, kind == RL_PROFILE ? RL_E_PROFILE_IN_USE : RL_E_USER_IN_USE, label,
                   "The %s is used by %zu phone%s: %s%s.", label, u->total, plural(u->total),
                   rl_buf_str(&u->first), u->total > USERS_NAMED ? ", ..." : "");
}

static enum rl_code check_unused(const struct rl_act *act, const struct rl_change *c,
                                 struct rl_err *err)
{
    struct users u = {0};
    const char *key = rl_row_get(&c->old, 0);
    enum rl_kind kind = c->obj->kind;
    if (kind == RL_PROFILE && rl_row_yes(&c->old, RL_PROFILE_PREDEFINED))
        return rl_fail(err, RL_E_PROFILE_FIXED, c->label, "The %s is predefined.", c->label);
    enum rl_code code = rl_store_count_users(act->store, kind, key, &u.total, err);
    if (!code && u.total)
        code = rl_store_users_of(act->store, kind, key, name_user, &u, err);
    if (!code && u.total)
        code = refuse_in_use(kind, c->label, &u, err);
    rl_buf_fini(&u.first);
    return code;
}

/* Its digest stays known as removed (R109). */
static enum rl_code remove_cert(struct rl_change *c, struct rl_err *err)
{
    char now[RL_TIME_TEXT];
    int64_t now_us = rl_now_us();
    enum rl_code code = rl_cert_before_removal(c->act, &c->old, now_us, c->problems);
    if (code)
        return code;
    code = rl_store_cert_remove(c->act->store, rl_row_get(&c->old, 0), rl_time_text(now_us, 0, now),
                                err);
    return code ? fail(c->problems, err) : RL_OK;
}

/* Inside the transaction. */
static enum rl_code remove_checked(struct rl_change *c)
{
    struct rl_err err;
    if (c->obj->kind == RL_CERTIFICATE)
        return remove_cert(c, &err);
    enum rl_code code = c->obj->kind == RL_TYPE ? rl_type_let_go(c->act, &c->old, &err)
                                                : check_unused(c->act, c, &err);
    if (!code)
        code = rl_store_remove(c->act->store, c->obj->kind, rl_row_get(&c->old, 0), &err);
    return code ? fail(c->problems, &err) : RL_OK;
}

enum rl_code rl_object_remove(const struct rl_act *act, enum rl_kind kind, const char *key,
                              struct rl_problems *problems)
{
    struct rl_change c;
    struct rl_err err;
    enum rl_code code = rl_change_begin(&c, act, NULL, kind, key, problems);
    if (code)
        return code;
    rl_row_fini(&c.row); /* nothing is left after a removal */
    code = begin(act, problems);
    if (!code) {
        code = remove_checked(&c);
        if (!code)
            code = rl_change_audit(&c);
        if (!code && (code = rl_store_commit(act->store, &err)) != RL_OK)
            fail(problems, &err);
        if (code)
            rl_store_rollback(act->store);
    }
    rl_change_end(&c);
    return code;
}
