#include "store/views.h"

#include "ringlock/text.h"
#include "store/db.h"

#define WHICH " WHERE list = ? AND owner = ? AND name = ?"

static enum rl_code no_view(const char *name, struct rl_err *err)
{
    return rl_fail(err, RL_E_NOT_FOUND, name, "There is no view %s of this list.", name);
}

enum rl_code rl_store_view_save(struct rl_store *s, const struct rl_view *view, struct rl_err *err)
{
    return rl_db_run(s, err,
                     "INSERT OR REPLACE INTO view (list, owner, name, updated, text)"
                     " VALUES (?, ?, ?, ?, ?)",
                     view->key.list, view->key.owner, view->key.name, view->updated, view->text,
                     NULL);
}

static enum rl_code is_there(struct rl_store *s, const struct rl_view_key *key, bool *there,
                             struct rl_err *err)
{
    int64_t n = 0;
    enum rl_code code = rl_db_number(s, err, &n, "SELECT count(*) FROM view" WHICH, key->list,
                                     key->owner, key->name, NULL);
    *there = n > 0;
    return code;
}

enum rl_code rl_store_view_rename(struct rl_store *s, const struct rl_view_key *key, const char *to,
                                  struct rl_err *err)
{
    bool there, taken;
    struct rl_view_key other = {key->list, key->owner, to};
    enum rl_code code = is_there(s, key, &there, err);
    if (!code)
        code = is_there(s, &other, &taken, err);
    if (code || !there)
        return code ? code : no_view(key->name, err);
    if (taken && rl_text_casecmp(key->name, to) != 0)
        return rl_fail(err, RL_E_EXISTS, to, "There is a view %s of this list already.", to);
    return rl_db_run(s, err, "UPDATE view SET name = ?" WHICH, to, key->list, key->owner, key->name,
                     NULL);
}

enum rl_code rl_store_view_remove(struct rl_store *s, const struct rl_view_key *key,
                                  struct rl_err *err)
{
    bool there;
    enum rl_code code = is_there(s, key, &there, err);
    if (code || !there)
        return code ? code : no_view(key->name, err);
    return rl_db_run(s, err, "DELETE FROM view" WHICH, key->list, key->owner, key->name, NULL);
}

enum rl_code rl_store_view_count(struct rl_store *s, const char *owner, int64_t *n,
                                 struct rl_err *err)
{
    return rl_db_number(s, err, n, "SELECT count(*) FROM view WHERE owner = ?", owner, NULL);
}

enum rl_code rl_store_views(struct rl_store *s, const char *owner, const char *list, rl_view_fn fn,
                            void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "SELECT list, owner, name, updated, text FROM view"
                                       " WHERE owner IN ('', ?1) AND (?2 = '' OR list = ?2)"
                                       " ORDER BY list, name, owner DESC",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, owner);
    rl_db_bind(stmt, 2, list ? list : "");
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        const struct rl_view view = {
            {rl_db_text(stmt, 0), rl_db_text(stmt, 1), rl_db_text(stmt, 2)},
            rl_db_text(stmt, 3),
            rl_db_text(stmt, 4)
        };
        go_on = fn(ctx, &view);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_view_use(struct rl_store *s, const struct rl_view_key *key,
                               struct rl_err *err)
{
    return rl_db_run(s, err,
                     "INSERT OR REPLACE INTO view_used (owner, list, name) VALUES (?, ?, ?)",
                     key->owner, key->list, key->name, NULL);
}

enum rl_code rl_store_view_used(struct rl_store *s, const char *owner, const char *list, char **out,
                                struct rl_err *err)
{
    return rl_db_one_text(s, err, out, "SELECT name FROM view_used WHERE owner = ? AND list = ?",
                          owner, list, NULL);
}
