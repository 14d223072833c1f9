#include "store/own.h"

#include <stdlib.h>
#include <string.h>

#include "store/db.h"

static const char *const states[] = {"next", "active", "former", "retired"};

const char *rl_own_state_name(enum rl_own_state state)
{
    return states[state];
}

static enum rl_own_state state_of(const char *name)
{
    enum rl_own_state state = RL_OWN_NEXT;
    while (state < RL_OWN_RETIRED && strcmp(states[state], name) != 0)
        state++;
    return state;
}

static enum rl_code check_free(struct rl_store *s, const struct rl_own *own, struct rl_err *err)
{
    int64_t n = 0;
    if (own->state != RL_OWN_NEXT && own->state != RL_OWN_ACTIVE)
        return RL_OK;
    enum rl_code code = rl_db_number(
        s, err, &n, "SELECT count(*) FROM own WHERE role = ? AND key_type = ? AND state = ?",
        own->role, own->ec ? "EC" : "RSA", states[own->state], NULL);
    if (code || !n)
        return code;
    return rl_fail(err, RL_E_EXISTS, own->role, "There is a certificate for %s that is %s already.",
                   own->role, states[own->state]);
}

enum rl_code rl_store_own_add(struct rl_store *s, struct rl_own *own, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    enum rl_code code = check_free(s, own, err);
    if (code)
        return code;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        "INSERT INTO own (role, key_type, state, key_file, fingerprint, made, since, der)"
        " VALUES (?, ?, ?, ?, ?, ?6, ?6, ?)",
        err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, own->role);
    rl_db_bind(stmt, 2, own->ec ? "EC" : "RSA");
    rl_db_bind(stmt, 3, states[own->state]);
    rl_db_bind(stmt, 4, own->key_file);
    rl_db_bind(stmt, 5, own->fingerprint);
    rl_db_bind(stmt, 6, own->since);
    sqlite3_bind_blob(stmt, 7, own->der, (int)own->nder, SQLITE_TRANSIENT);
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_FAILED)
        return err->code;
    own->id = sqlite3_last_insert_rowid(s->db);
    return RL_OK;
}

enum rl_code rl_store_own_move(struct rl_store *s, int64_t id, enum rl_own_state state,
                               const char *when, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, "UPDATE own SET state = ?, since = ? WHERE id = ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, states[state]);
    rl_db_bind(stmt, 2, when);
    sqlite3_bind_int64(stmt, 3, id);
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

static bool give(sqlite3_stmt *stmt, rl_own_fn fn, void *ctx)
{
    const struct rl_own own = {.id = sqlite3_column_int64(stmt, 0),
                               .role = rl_db_text(stmt, 1),
                               .ec = strcmp(rl_db_text(stmt, 2), "EC") == 0,
                               .state = state_of(rl_db_text(stmt, 3)),
                               .key_file = rl_db_text(stmt, 4),
                               .fingerprint = rl_db_text(stmt, 5),
                               .made = rl_db_text(stmt, 6),
                               .since = rl_db_text(stmt, 7),
                               .der = sqlite3_column_blob(stmt, 8),
                               .nder = (size_t)sqlite3_column_bytes(stmt, 8)};
    return fn(ctx, &own);
}

enum rl_code rl_store_owns(struct rl_store *s, const char *role, bool retired, rl_own_fn fn,
                           void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "SELECT id, role, key_type, state, key_file, fingerprint, made, since,"
                      " der FROM own WHERE (?1 = '' OR role = ?1) AND (?2 OR state <> 'retired')"
                      " ORDER BY id DESC",
                      err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, role ? role : "");
    sqlite3_bind_int(stmt, 2, retired);
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        go_on = give(stmt, fn, ctx);
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

void rl_csr_fini(struct rl_csr *csr)
{
    free(csr->key_file);
    free(csr->pem);
    free(csr->made);
    *csr = (struct rl_csr){0};
}

enum rl_code rl_store_csr_put(struct rl_store *s, const char *role, bool ec,
                              const struct rl_csr *csr, struct rl_err *err)
{
    return rl_db_run(s, err,
                     "INSERT OR REPLACE INTO csr (role, key_type, key_file, pem, made)"
                     " VALUES (?, ?, ?, ?, ?)",
                     role, ec ? "EC" : "RSA", csr->key_file, csr->pem, csr->made, NULL);
}

enum rl_code rl_store_csr_get(struct rl_store *s, const char *role, bool ec, struct rl_csr *out,
                              struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    *out = (struct rl_csr){0};
    sqlite3_stmt *stmt = rl_db_prepare(
        s, "SELECT key_file, pem, made FROM csr WHERE role = ? AND key_type = ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, role);
    rl_db_bind(stmt, 2, ec ? "EC" : "RSA");
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        *out = (struct rl_csr){rl_strdup(rl_db_text(stmt, 0)), rl_strdup(rl_db_text(stmt, 1)),
                               rl_strdup(rl_db_text(stmt, 2))};
    rl_db_done(s, &stmt);
    if (step == RL_STEP_DONE)
        return rl_fail(err, RL_E_NOT_FOUND, role, "No signing request for %s is outstanding.",
                       role);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_csr_drop(struct rl_store *s, const char *role, bool ec, struct rl_err *err)
{
    return rl_db_run(s, err, "DELETE FROM csr WHERE role = ? AND key_type = ?", role,
                     ec ? "EC" : "RSA", NULL);
}

enum rl_code rl_store_key_used(struct rl_store *s, const char *file, bool *used, struct rl_err *err)
{
    int64_t n = 0;
    enum rl_code code =
        rl_db_number(s, err, &n,
                     "SELECT (SELECT count(*) FROM own WHERE key_file = ?1 AND state <> 'retired')"
                     " + (SELECT count(*) FROM csr WHERE key_file = ?1)",
                     file, NULL);
    *used = n > 0;
    return code;
}

enum rl_code rl_store_lists_any(struct rl_store *s, bool *any, struct rl_err *err)
{
    int64_t n = 0;
    enum rl_code code = rl_db_number(s, err, &n, "SELECT EXISTS (SELECT 1 FROM trust_list)", NULL);
    *any = n > 0;
    return code;
}
