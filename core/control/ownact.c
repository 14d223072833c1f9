#include "control/ownact.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringlock/text.h"
#include "ringlock/time.h"

const struct rl_own_kind *rl_own_kind_typed(const char *text, struct rl_err *err)
{
    const struct rl_own_kind *kind;
    struct rl_buf names = {0};
    for (size_t i = 0; (kind = rl_own_kind(i)); i++) {
        if (rl_text_casecmp(kind->name, text) == 0) {
            rl_buf_fini(&names);
            return kind;
        }
        rl_buf_addf(&names, "%s%s", i ? ", " : "", kind->name);
    }
    rl_fail_field(err, RL_E_NOT_FOUND, "cert", "role",
                  "%s is no certificate of this server's own; they are %s.", text,
                  rl_buf_str(&names));
    rl_buf_fini(&names);
    return NULL;
}

/* ---- keys that nothing has any more ---- */

static void leave(struct rl_own_left *left, const char *file)
{
    left->file = rl_realloc(left->file, (left->n + 1) * sizeof *left->file);
    left->file[left->n++] = rl_strdup(file);
}

void rl_own_left_remove(struct rl_own_left *left, const char *keys)
{
    for (size_t i = 0; i < left->n; i++) {
        char *path = rl_asprintf("%s/%s", keys, left->file[i]);
        unlink(path);
        free(path);
        free(left->file[i]);
    }
    free(left->file);
    *left = (struct rl_own_left){0};
}

/* ---- what they have in common ---- */

struct change {
    const struct rl_act *act;
    const struct rl_own_kind *kind;
    char now[RL_TIME_TEXT];
    struct rl_own_left *left;
    struct rl_problems *problems;
};

static enum rl_code fail(struct change *c, enum rl_code code, const struct rl_err *err)
{
    if (code)
        rl_problems_add(c->problems, err);
    return code;
}

static enum rl_code begin(struct change *c, const struct rl_act *act,
                          const struct rl_own_kind *kind, int64_t now_us, struct rl_own_left *left,
                          struct rl_problems *problems)
{
    struct rl_err err;
    *c = (struct change){.act = act, .kind = kind, .left = left, .problems = problems};
    rl_time_text(now_us, 0, c->now);
    return fail(c, rl_store_begin(act->store, &err), &err);
}

static enum rl_code end(struct change *c, enum rl_code code)
{
    struct rl_err err;
    if (!code)
        code = fail(c, rl_store_commit(c->act->store, &err), &err);
    if (!code)
        return RL_OK;
    rl_store_rollback(c->act->store);
    for (size_t i = 0; i < c->left->n; i++)
        free(c->left->file[i]);
    free(c->left->file);
    *c->left = (struct rl_own_left){0};
    return code;
}

/* Fingerprints are of the digits and letters that JSON takes as they are. */
static char *told(const char *fingerprint, const char *state)
{
    return rl_asprintf("{\"fingerprint\":\"%s\",\"state\":\"%s\"}", fingerprint, state);
}

static enum rl_code audit(struct change *c, const char *what, const char *before, const char *after)
{
    struct rl_err err;
    char *entry = rl_asprintf("cert %s", what), *object = rl_asprintf("cert %s", c->kind->name);
    enum rl_code code =
        c->act->audit->add(c->act->audit->ctx, c->act->who, entry, object, before, after, &err);
    free(entry);
    free(object);
    return fail(c, code, &err);
}

/* ---- rows ---- */

/* Those of a kind in a state. */
struct rows {
    const struct rl_own_kind *kind;
    enum rl_own_state state;
    struct row {
        int64_t id;
        char *key_file, *fingerprint; /* owned */
        struct rl_buf der;
    } * row;
    size_t n;
};

static bool take(void *ctx, const struct rl_own *own)
{
    struct rows *rows = ctx;
    if (own->ec != rows->kind->ec || own->state != rows->state)
        return true;
    rows->row = rl_realloc(rows->row, (rows->n + 1) * sizeof *rows->row);
    struct row *r = &rows->row[rows->n++];
    *r = (struct row){own->id, rl_strdup(own->key_file), rl_strdup(own->fingerprint), {0}};
    rl_buf_add(&r->der, own->der, own->nder);
    return true;
}

static enum rl_code find(struct change *c, enum rl_own_state state, struct rows *out)
{
    struct rl_err err;
    *out = (struct rows){.kind = c->kind, .state = state};
    return fail(c, rl_store_owns(c->act->store, rl_own_role_name(c->kind), false, take, out, &err),
                &err);
}

static void rows_fini(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        free(rows->row[i].key_file);
        free(rows->row[i].fingerprint);
        rl_buf_fini(&rows->row[i].der);
    }
    free(rows->row);
}

static enum rl_code move(struct change *c, const struct row *row, enum rl_own_state state)
{
    struct rl_err err;
    if (state == RL_OWN_RETIRED)
        leave(c->left, row->key_file);
    return fail(c, rl_store_own_move(c->act->store, row->id, state, c->now, &err), &err);
}

/* ---- acts ---- */

enum rl_code rl_own_keep_csr(const struct rl_act *act, const struct rl_own_kind *kind,
                             const struct rl_csr *csr, struct rl_own_left *left, struct rl_err *err)
{
    struct rl_problems problems = {0};
    struct change c;
    struct rl_csr before;
    const char *role = rl_own_role_name(kind);
    enum rl_code code = begin(&c, act, kind, rl_time_parse(csr->made), left, &problems);
    if (!code && !rl_store_csr_get(act->store, role, kind->ec, &before, NULL)) {
        leave(left, before.key_file);
        rl_csr_fini(&before);
    }
    if (!code)
        code = fail(&c, rl_store_csr_put(act->store, role, kind->ec, csr, err), err);
    if (!code)
        code = audit(&c, "csr", NULL, "{\"state\":\"outstanding\"}");
    code = end(&c, code);
    if (code)
        *err = problems.item[0];
    rl_problems_fini(&problems);
    return code;
}

/* The active one gives way to another one. Without lists nobody needs it any more, but what a CA
 * has signed is known by its certificate. */
static enum rl_code replace(struct change *c, const char *what, const char *fingerprint,
                            const struct rl_cert *cert)
{
    struct rows active;
    struct rl_err err;
    bool listed = false;
    enum rl_code code = find(c, RL_OWN_ACTIVE, &active);
    if (!code)
        code = fail(c, rl_store_lists_any(c->act->store, &listed, &err), &err);
    bool needed = listed || c->kind->role == RL_CERT_CAPF;
    for (size_t i = 0; i < active.n && !code; i++)
        code = move(c, &active.row[i], needed ? RL_OWN_FORMER : RL_OWN_RETIRED);
    if (!code) {
        char *before = active.n ? told(active.row[0].fingerprint, "active") : NULL;
        char *after = told(fingerprint, "active");
        code = audit(c, what, before, after);
        free(before);
        free(after);
    }
    rows_fini(&active);
    return code ? code : rl_own_put_on_file(c->act, c->kind, cert, c->now, c->problems);
}

/* Two signers at most stand in a list: the active one and one other. */
static enum rl_code check_room(struct change *c)
{
    struct rows next, former;
    struct rl_err err;
    enum rl_code code = find(c, RL_OWN_NEXT, &next);
    code = find(c, RL_OWN_FORMER, &former) ? RL_E_IO : code;
    if (!code && next.n) {
        rl_fail(&err, RL_E_EXISTS, c->kind->name, "There is a next certificate for %s already.",
                c->kind->name);
        rl_err_remedy(&err, "Activate it, or give it up: ringlock cert retire ROLE --next.");
        code = fail(c, RL_E_EXISTS, &err);
    } else if (!code && former.n && c->kind->role == RL_CERT_ITLRECOVERY) {
        rl_fail(&err, RL_E_CERT_ROLLOVER, c->kind->name,
                "The certificate of %s before this one is still in the lists, and a list takes two "
                "signers.",
                c->kind->name);
        code = fail(c, RL_E_CERT_ROLLOVER, &err);
    }
    rows_fini(&next);
    rows_fini(&former);
    return code;
}

static enum rl_code add_row(struct change *c, const struct rl_own_new *added)
{
    struct rl_err err;
    struct rl_own own = {.role = rl_own_role_name(c->kind),
                         .ec = c->kind->ec,
                         .state = added->at_once ? RL_OWN_ACTIVE : RL_OWN_NEXT,
                         .key_file = added->file,
                         .fingerprint = added->cert->fingerprint,
                         .der = added->cert->der,
                         .nder = added->cert->nder,
                         .since = c->now};
    enum rl_code code = fail(c, rl_store_own_add(c->act->store, &own, &err), &err);
    if (!code && added->answers)
        code = fail(c, rl_store_csr_drop(c->act->store, own.role, own.ec, &err), &err);
    if (code || added->at_once)
        return code;
    char *after = told(own.fingerprint, "next");
    code = audit(c, added->what, NULL, after);
    free(after);
    return code;
}

enum rl_code rl_own_add(const struct rl_act *act, const struct rl_own_new *added,
                        enum rl_code (*before)(void *ctx, struct rl_problems *problems), void *ctx,
                        struct rl_own_left *left, struct rl_problems *problems)
{
    struct change c;
    enum rl_code code = begin(&c, act, added->kind, added->now_us, left, problems);
    if (code)
        return code;
    code = check_room(&c);
    if (!code && before)
        code = before(ctx, problems);
    if (!code && added->at_once)
        code = replace(&c, added->what, added->cert->fingerprint, added->cert);
    if (!code)
        code = add_row(&c, added);
    return end(&c, code);
}

static enum rl_code use_next(struct change *c, const struct row *next)
{
    struct rl_cert cert;
    struct rl_err err;
    enum rl_code code =
        fail(c, rl_cert_parse(next->der.data, next->der.len, c->kind->name, &cert, &err), &err);
    if (code)
        return code;
    code = replace(c, "activate", next->fingerprint, &cert);
    rl_cert_fini(&cert);
    return code ? code : move(c, next, RL_OWN_ACTIVE);
}

static enum rl_code none(struct change *c, enum rl_own_state state)
{
    struct rl_err err;
    rl_fail(&err, RL_E_NOT_FOUND, c->kind->name, "There is no %s certificate for %s.",
            rl_own_state_name(state), c->kind->name);
    rl_err_remedy(&err, state == RL_OWN_NEXT
                            ? "Make one first: ringlock cert regenerate ROLE, or cert install."
                            : "Nothing is to be done: phones are listed the one in use alone.");
    return fail(c, RL_E_NOT_FOUND, &err);
}

enum rl_code rl_own_activate(const struct rl_act *act, const struct rl_own_kind *kind,
                             int64_t now_us, struct rl_own_left *left, struct rl_problems *problems)
{
    struct change c;
    struct rows next;
    enum rl_code code = begin(&c, act, kind, now_us, left, problems);
    if (code)
        return code;
    code = find(&c, RL_OWN_NEXT, &next);
    if (!code)
        code = next.n ? use_next(&c, &next.row[0]) : none(&c, RL_OWN_NEXT);
    rows_fini(&next);
    return end(&c, code);
}

enum rl_code rl_own_retire(const struct rl_act *act, const struct rl_own_kind *kind,
                           enum rl_own_state state, int64_t now_us, struct rl_own_left *left,
                           struct rl_problems *problems)
{
    struct change c;
    struct rows rows;
    enum rl_code code = begin(&c, act, kind, now_us, left, problems);
    if (code)
        return code;
    code = find(&c, state, &rows);
    if (!code && !rows.n)
        code = none(&c, state);
    for (size_t i = 0; i < rows.n && !code; i++) {
        char *before = told(rows.row[i].fingerprint, rl_own_state_name(state));
        char *after = told(rows.row[i].fingerprint, "retired");
        code = move(&c, &rows.row[i], RL_OWN_RETIRED);
        if (!code)
            code = audit(&c, "retire", before, after);
        free(before);
        free(after);
    }
    rows_fini(&rows);
    return end(&c, code);
}
