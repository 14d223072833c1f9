#include "store/drafts.h"

#include <stdlib.h>

#include "ringlock/buf.h"
#include "store/db.h"

#define COLUMNS "SELECT id, rev, kind, name, owner, step, updated, answers FROM draft"

void rl_draft_row_fini(struct rl_draft_row *draft)
{
    char *const texts[] = {draft->kind, draft->name,    draft->owner,
                           draft->step, draft->updated, draft->answers};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    *draft = (struct rl_draft_row){0};
}

static void read_row(sqlite3_stmt *stmt, struct rl_draft_row *out)
{
    *out = (struct rl_draft_row){.id = sqlite3_column_int64(stmt, 0),
                                 .rev = sqlite3_column_int64(stmt, 1),
                                 .kind = rl_strdup(rl_db_text(stmt, 2)),
                                 .name = rl_strdup(rl_db_text(stmt, 3)),
                                 .owner = rl_strdup(rl_db_text(stmt, 4)),
                                 .step = rl_strdup(rl_db_text(stmt, 5)),
                                 .updated = rl_strdup(rl_db_text(stmt, 6)),
                                 .answers = rl_strdup(rl_db_text(stmt, 7))};
}

static enum rl_code no_draft(int64_t id, struct rl_err *err)
{
    return rl_fail(err, RL_E_NOT_FOUND, "draft", "There is no draft %lld.", (long long)id);
}

enum rl_code rl_store_draft_add(struct rl_store *s, struct rl_draft_row *draft, struct rl_err *err)
{
    enum rl_code code = rl_db_run(s, err,
                                  "INSERT INTO draft (kind, name, owner, step, updated, answers)"
                                  " VALUES (?, ?, ?, ?, ?, ?)",
                                  draft->kind, draft->name, draft->owner, draft->step,
                                  draft->updated, draft->answers, NULL);
    if (code)
        return code;
    draft->id = sqlite3_last_insert_rowid(s->db);
    draft->rev = 1;
    return RL_OK;
}

static enum rl_code changed(struct rl_store *s, const struct rl_draft_row *draft,
                            struct rl_err *err)
{
    struct rl_draft_row now;
    enum rl_code code = rl_store_draft_get(s, draft->id, &now, err);
    if (code)
        return code;
    rl_fail(err, RL_E_CONFLICT, "draft",
            "Draft %lld was changed meanwhile: its revision is %lld, not %lld.",
            (long long)draft->id, (long long)now.rev, (long long)draft->rev);
    rl_draft_row_fini(&now);
    return RL_E_CONFLICT;
}

enum rl_code rl_store_draft_save(struct rl_store *s, struct rl_draft_row *draft, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "UPDATE draft SET rev = rev + 1, step = ?, updated = ?, answers = ?,"
                      " owner = ? WHERE id = ? AND rev = ?",
                      err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, draft->step);
    rl_db_bind(stmt, 2, draft->updated);
    rl_db_bind(stmt, 3, draft->answers);
    rl_db_bind(stmt, 4, draft->owner);
    sqlite3_bind_int64(stmt, 5, draft->id);
    sqlite3_bind_int64(stmt, 6, draft->rev);
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_FAILED)
        return err->code;
    if (!sqlite3_changes(s->db))
        return changed(s, draft, err);
    draft->rev++;
    return RL_OK;
}

enum rl_code rl_store_draft_get(struct rl_store *s, int64_t id, struct rl_draft_row *out,
                                struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, COLUMNS " WHERE id = ?", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, id);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        read_row(stmt, out);
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : step == RL_STEP_ROW ? RL_OK : no_draft(id, err);
}

enum rl_code rl_store_draft_drop(struct rl_store *s, int64_t id, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, "DELETE FROM draft WHERE id = ?", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, id);
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_FAILED)
        return err->code;
    return sqlite3_changes(s->db) ? RL_OK : no_draft(id, err);
}

enum rl_code rl_store_drafts(struct rl_store *s, const char *kind, const char *before,
                             rl_draft_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s, COLUMNS " WHERE kind LIKE ? AND updated < ? ORDER BY updated DESC, id DESC", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, kind ? kind : "%");
    rl_db_bind(stmt, 2, before ? before : "~"); /* behind every time */
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_draft_row draft;
        read_row(stmt, &draft);
        go_on = fn(ctx, &draft);
        rl_draft_row_fini(&draft);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}
