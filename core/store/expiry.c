#include "store/expiry.h"

#include "ringlock/buf.h"
#include "store/db.h"

/* The first comparison lets the index begin at the place. */
#define BEHIND                                                                                 \
    " FROM cert p WHERE p.not_after COLLATE NOCASE >= ?1 AND p.not_after COLLATE NOCASE <= ?3" \
    " AND (p.not_after COLLATE NOCASE, p.name) > (?1 COLLATE NOCASE, ?2)"
#define IN_ORDER " ORDER BY p.not_after COLLATE NOCASE, p.name"

/* The phone that it is bound to, and those of the profiles that share it. */
#define PHONES                                                                       \
    ", (SELECT count(*) FROM phone n WHERE n.name = p.device)"                       \
    " + (SELECT ifnull(sum(t.n), 0) FROM profile f JOIN tally t ON t.kind = 'phone'" \
    "  AND t.type = f.type AND t.profile = f.name WHERE f.certificate = p.name)"

/* SELECT of whole rows, then `more`; what follows binds the place and `until`. */
static sqlite3_stmt *prepare(struct rl_store *s, const char *more, const char *rest,
                             const struct rl_cert_place *place, const char *until,
                             struct rl_err *err)
{
    struct rl_buf sql = {0};
    rl_buf_adds(&sql, "SELECT ");
    rl_db_columns(&sql, rl_object(RL_CERTIFICATE), "p");
    rl_buf_addf(&sql, "%s" BEHIND "%s" IN_ORDER " LIMIT ?4", more, rest);
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_buf_str(&sql), err);
    rl_buf_fini(&sql);
    if (!stmt)
        return NULL;
    rl_db_bind(stmt, 1, place->end);
    rl_db_bind(stmt, 2, place->name);
    rl_db_bind(stmt, 3, until);
    return stmt;
}

enum rl_code rl_store_cert_untold(struct rl_store *s, const struct rl_cert_place *place,
                                  const char *until, int days, struct rl_row *row,
                                  struct rl_err *err)
{
    sqlite3_stmt *stmt = prepare(s, "",
                                 " AND NOT EXISTS (SELECT 1 FROM cert_notice n"
                                 "  WHERE n.fingerprint = p.fingerprint AND n.days <= ?5)",
                                 place, until, err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int(stmt, 4, 1);
    sqlite3_bind_int(stmt, 5, days);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        rl_db_read_row(stmt, 0, rl_object(RL_CERTIFICATE), row);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_DONE)
        return rl_fail(err, RL_E_NOT_FOUND, "certificates", "No notice is due.");
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_cert_end(struct rl_store *s, const char *after, char **end,
                               struct rl_err *err)
{
    return rl_db_one_text(s, err, end,
                          "SELECT not_after FROM cert WHERE not_after COLLATE NOCASE > ?"
                          " ORDER BY not_after COLLATE NOCASE LIMIT 1",
                          after, NULL);
}

enum rl_code rl_store_certs_ending(struct rl_store *s, const struct rl_cert_place *place,
                                   const char *until, size_t limit, rl_cert_end_fn fn, void *ctx,
                                   struct rl_err *err)
{
    enum rl_step step;
    bool go_on = true;
    sqlite3_stmt *stmt = prepare(s, PHONES, "", place, until, err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 4, limit ? (int64_t)limit : -1);
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_row row;
        int phones = rl_db_read_row(stmt, 0, rl_object(RL_CERTIFICATE), &row);
        go_on = fn(ctx, &row, (size_t)sqlite3_column_int64(stmt, phones));
        rl_row_fini(&row);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

static enum rl_code count_until(struct rl_store *s, const char *until, int64_t *n,
                                struct rl_err *err)
{
    return rl_db_number(s, err, n, "SELECT count(*) FROM cert WHERE not_after COLLATE NOCASE <= ?",
                        until, NULL);
}

enum rl_code rl_store_count_ends(struct rl_store *s, const char *now, const char *soon,
                                 struct rl_cert_ends *out, struct rl_err *err)
{
    int64_t expired = 0, ending = 0, all = 0;
    enum rl_code code = count_until(s, now, &expired, err);
    if (!code)
        code = count_until(s, soon, &ending, err);
    if (!code)
        code = rl_db_number(s, err, &all, "SELECT count(*) FROM cert", NULL);
    *out = (struct rl_cert_ends){.expired = (size_t)expired,
                                 .soon = (size_t)(ending - expired),
                                 .valid = (size_t)(all - ending)};
    return code;
}
