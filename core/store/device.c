/* Devices by name, address and number, what uses an object, and counts of devices. */
#include <stdlib.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"
#include "store/db.h"

/* Calls `fn` with the first two columns of each row of a bound statement, and ends it. */
static enum rl_code tell_pairs(struct rl_store *s, sqlite3_stmt *stmt, rl_line_fn fn, void *ctx,
                               struct rl_err *err)
{
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        go_on = fn(ctx, rl_db_text(stmt, 0), rl_db_text(stmt, 1));
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_lines(struct rl_store *s, const char *after_number, size_t limit,
                            rl_line_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        "SELECT l.number, p.name FROM"
        " (SELECT DISTINCT number FROM phone_line WHERE number > ? ORDER BY number LIMIT ?) n"
        " CROSS JOIN phone_line l ON l.number = n.number CROSS JOIN phone p ON p.rid = l.phone"
        " ORDER BY n.number, p.name",
        err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, after_number ? after_number : "");
    sqlite3_bind_int64(stmt, 2, limit ? (int64_t)limit : -1);
    return tell_pairs(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_line_phones(struct rl_store *s, const char *number, rl_line_fn fn, void *ctx,
                                  struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        "SELECT l.number, p.name FROM phone_line l CROSS JOIN phone p ON p.rid = l.phone"
        " WHERE l.number = ? ORDER BY p.name",
        err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, number);
    return tell_pairs(s, stmt, fn, ctx, err);
}

#define MODE(profile) "ifnull(nullif(" profile ".mode, ''), 'nonsecure')"

enum rl_code rl_store_mixed_lines(struct rl_store *s, const char *number, const char *phone,
                                  size_t limit, rl_mixed_line_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    enum rl_step step = RL_STEP_DONE;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        "SELECT l.number, p.name, " MODE(
            "r") ", p.profile, p.type FROM"
                 " (SELECT f.number FROM phone_line f CROSS JOIN phone q ON q.rid = f.phone"
                 "  CROSS JOIN profile m ON m.name = q.profile WHERE f.number >= ?1"
                 "  GROUP BY f.number HAVING min(" MODE("m") ") <> max(" MODE(
                     "m") ")) n"
                          " CROSS JOIN phone_line l ON l.number = n.number CROSS JOIN phone p ON "
                          "p.rid = l.phone"
                          " CROSS JOIN profile r ON r.name = p.profile WHERE l.number > ?1 OR "
                          "p.name > ?2"
                          " ORDER BY n.number, p.name LIMIT ?3",
        err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, number);
    rl_db_bind(stmt, 2, phone);
    sqlite3_bind_int64(stmt, 3, (int64_t)limit);
    for (bool go_on = true; go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW;)
        go_on = fn(ctx, &(struct rl_mixed_line){rl_db_text(stmt, 0), rl_db_text(stmt, 1),
                                                rl_db_text(stmt, 2), rl_db_text(stmt, 3),
                                                rl_db_text(stmt, 4)});
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_line_users(struct rl_store *s, const char *number, rl_line_user_fn fn,
                                 void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        "SELECT p.name, p.type, p.protocol, f.mode, t.encryption FROM phone_line l"
        " CROSS JOIN phone p ON p.rid = l.phone CROSS JOIN profile f ON f.name = p.profile"
        " CROSS JOIN type t ON t.model = p.type WHERE l.number = ?1 AND EXISTS"
        " (SELECT 1 FROM phone_line o WHERE o.number = ?1 AND o.phone <> l.phone)"
        " ORDER BY p.name",
        err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, number);
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_line_user user = {rl_db_text(stmt, 0), rl_db_text(stmt, 1), rl_db_text(stmt, 2),
                                    rl_db_text(stmt, 3), rl_db_text(stmt, 4)};
        go_on = fn(ctx, &user);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

/* By the phones of the profile, or where they are many by the lines that are shared. */
enum rl_code rl_store_shared_lines(struct rl_store *s, const char *profile, rl_line_fn fn,
                                   void *ctx, struct rl_err *err)
{
    static const char by_phones[] =
        "SELECT DISTINCT l.number, '' FROM phone p CROSS JOIN phone_line l ON l.phone = p.rid"
        " WHERE p.profile = ? AND EXISTS (SELECT 1 FROM phone_line o"
        "  WHERE o.number = l.number AND o.phone <> l.phone) ORDER BY l.number";
    static const char by_lines[] =
        "SELECT n.number, '' FROM"
        " (SELECT number FROM phone_line GROUP BY number HAVING count(*) > 1) n"
        " WHERE EXISTS (SELECT 1 FROM phone_line l CROSS JOIN phone p ON p.rid = l.phone"
        "  WHERE l.number = n.number AND p.profile = ?) ORDER BY n.number";
    struct rl_err mine;
    size_t phones;
    err = err ? err : &mine;
    enum rl_code code = rl_store_profile_phones(s, profile, &phones, err);
    if (code)
        return code;
    sqlite3_stmt *stmt = rl_db_prepare(s, (int64_t)phones > s->narrow ? by_lines : by_phones, err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, profile);
    return tell_pairs(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_digest_sharer(struct rl_store *s, const char *user, const char *phone,
                                    bool third_party, char **other, struct rl_err *err)
{
    return rl_db_one_text(
        s, err, other,
        third_party ? "SELECT name FROM phone WHERE digest_user = ? AND name <> ? AND type IN"
                      " (SELECT model FROM type WHERE class = 'third-party-phone') LIMIT 1"
                    : "SELECT name FROM phone WHERE digest_user = ? AND name <> ? LIMIT 1",
        user, phone, NULL);
}

enum rl_code rl_store_users_from(struct rl_store *s, enum rl_kind kind, const char *key,
                                 size_t skip, rl_line_fn fn, void *ctx, struct rl_err *err)
{
    static const char *const users[RL_KIND_COUNT] = {
        [RL_PHONE] =
            "SELECT 'cert', name FROM cert WHERE device = ?1 AND device <> '' ORDER BY name",
        [RL_GATEWAY] =
            "SELECT 'cert', name FROM cert WHERE device = ?1 AND device <> '' ORDER BY name",
        [RL_PROFILE] = "SELECT 'phone', name FROM phone WHERE profile = ?1 ORDER BY name",
        [RL_TYPE] = "SELECT * FROM (SELECT 'phone', name FROM phone WHERE type = ?1 ORDER BY name)"
                    " UNION ALL"
                    " SELECT * FROM (SELECT 'gateway', name FROM gateway WHERE type = ?1"
                    "  ORDER BY name)"
                    " UNION ALL"
                    " SELECT * FROM (SELECT 'profile', name FROM profile WHERE type = ?1"
                    "  ORDER BY name)",
        [RL_USER] = "SELECT 'phone', name FROM phone WHERE digest_user = ?1 ORDER BY name",
        [RL_CERTIFICATE] =
            "SELECT 'phone', p.name FROM cert c CROSS JOIN phone p ON p.name = c.device"
            " WHERE c.name = ?1"
            " UNION ALL"
            " SELECT * FROM (SELECT 'profile', name FROM profile WHERE certificate = ?1"
            "  ORDER BY name)"
            " UNION ALL"
            " SELECT * FROM (SELECT 'phone', p.name FROM profile f CROSS JOIN phone p"
            "  ON p.profile = f.name WHERE f.certificate = ?1 ORDER BY p.name)",
    };
    struct rl_err mine;
    err = err ? err : &mine;
    if (!users[kind])
        return RL_OK;
    struct rl_buf sql = {0};
    rl_buf_addf(&sql, "SELECT * FROM (%s) LIMIT -1 OFFSET ?2", users[kind]);
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_buf_str(&sql), err);
    rl_buf_fini(&sql);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, key);
    sqlite3_bind_int64(stmt, 2, (int64_t)skip);
    return tell_pairs(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_count_users(struct rl_store *s, enum rl_kind kind, const char *key, size_t *n,
                                  struct rl_err *err)
{
    int64_t users = 0;
    enum rl_code code = RL_OK;
    if (kind == RL_PROFILE)
        code =
            rl_db_number(s, err, &users, "SELECT count(*) FROM phone WHERE profile = ?", key, NULL);
    else if (kind == RL_USER)
        code = rl_db_number(s, err, &users, "SELECT count(*) FROM phone WHERE digest_user = ?", key,
                            NULL);
    *n = (size_t)users;
    return code;
}

enum rl_code rl_store_users_of(struct rl_store *s, enum rl_kind kind, const char *key,
                               rl_line_fn fn, void *ctx, struct rl_err *err)
{
    return rl_store_users_from(s, kind, key, 0, fn, ctx, err);
}

enum rl_code rl_store_profile_phones(struct rl_store *s, const char *profile, size_t *n,
                                     struct rl_err *err)
{
    int64_t phones = 0;
    struct rl_err mine;
    enum rl_code code = rl_db_number(
        s, err ? err : &mine, &phones,
        "SELECT t.n FROM profile f JOIN tally t ON t.kind = 'phone' AND t.type = f.type"
        " AND t.profile = f.name WHERE f.name = ?",
        profile, NULL);
    *n = (size_t)phones;
    return code;
}

static enum rl_code nothing(struct rl_err *err, const char *what, const char *name)
{
    char *safe = rl_text_safe_dup(name);
    rl_fail(err, RL_E_NOT_FOUND, safe, "There is no %s %s.", what, safe);
    free(safe);
    return RL_E_NOT_FOUND;
}

static enum rl_code find_device(struct rl_store *s, enum rl_kind kind, const char *name,
                                struct rl_device_rows *out, struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_db_sql(s, RL_SQL_DEVICE, kind), err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, name);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW) {
        out->kind = kind;
        int column = rl_db_read_row(stmt, 0, rl_object(kind), &out->device);
        column = rl_db_read_row(stmt, column, rl_object(RL_TYPE), &out->type);
        if (kind == RL_PHONE)
            rl_db_read_row(stmt, column, rl_object(RL_PROFILE), &out->profile);
        else
            rl_row_init(&out->profile, rl_object(RL_PROFILE));
    }
    rl_db_done(s, &stmt);
    if (step == RL_STEP_DONE)
        return nothing(err, "phone or gateway", name);
    return step == RL_STEP_ROW ? RL_OK : err->code;
}

enum rl_code rl_store_device(struct rl_store *s, const char *name, struct rl_device_rows *out,
                             struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    *out = (struct rl_device_rows){0};
    enum rl_code code = find_device(s, RL_PHONE, name, out, err);
    return code == RL_E_NOT_FOUND ? find_device(s, RL_GATEWAY, name, out, err) : code;
}

void rl_device_rows_fini(struct rl_device_rows *rows)
{
    rl_row_fini(&rows->device);
    rl_row_fini(&rows->type);
    rl_row_fini(&rows->profile);
}

enum rl_code rl_store_gateway_by_address(struct rl_store *s, const char *address, char **name,
                                         struct rl_err *err)
{
    enum rl_code code = rl_db_one_text(s, err, name,
                                       "SELECT name FROM gateway WHERE address COLLATE NOCASE = ?"
                                       " AND address <> '' ORDER BY name LIMIT 1",
                                       address, NULL);
    return code || *name ? code : nothing(err, "gateway with the address", address);
}

static enum rl_code tallied(struct rl_store *s, const char *what, size_t *out, struct rl_err *err)
{
    int64_t n;
    enum rl_code code =
        rl_db_number(s, err, &n, "SELECT sum(n) FROM tally WHERE kind = ?", what, NULL);
    *out = (size_t)n;
    return code;
}

static enum rl_code rows_of(struct rl_store *s, const char *sql, size_t *out, struct rl_err *err)
{
    int64_t n;
    enum rl_code code = rl_db_number(s, err, &n, sql, NULL);
    *out = (size_t)n;
    return code;
}

enum rl_code rl_store_mode_counts(struct rl_store *s, struct rl_mode_counts *out,
                                  struct rl_err *err)
{
    struct rl_err mine;
    enum rl_code code;
    err = err ? err : &mine;
    *out = (struct rl_mode_counts){0};
    if ((code = tallied(s, "phone", &out->phones, err)) ||
        (code = tallied(s, "gateway", &out->gateways, err)) ||
        (code = tallied(s, "user", &out->users, err)) ||
        (code = rows_of(s, "SELECT count(*) FROM profile", &out->profiles, err)) ||
        (code = rows_of(s, "SELECT count(*) FROM type", &out->types, err)))
        return code;
    for (int mode = RL_NONSECURE; mode <= RL_ENCRYPTED && !code; mode++) {
        int64_t n;
        code = rl_db_number(s, err, &n,
                            "SELECT sum(n) FROM tally JOIN profile f ON f.name = tally.profile"
                            " WHERE kind = 'phone' AND f.mode = ?",
                            rl_security_text((enum rl_security)mode), NULL);
        out->by_mode[mode] = (size_t)n;
    }
    out->by_mode[RL_NONSECURE] =
        out->phones - out->by_mode[RL_AUTHENTICATED] - out->by_mode[RL_ENCRYPTED];
    return code;
}

enum rl_code rl_store_phone_groups(struct rl_store *s, rl_phone_group_fn fn, void *ctx,
                                   struct rl_err *err)
{
    struct rl_err mine;
    enum rl_step step = RL_STEP_DONE;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "SELECT p.type, p.protocol, p.profile, p.digest_user IS NOT NULL AND EXISTS"
                      " (SELECT 1 FROM user u JOIN user_secret x ON x.owner = u.rid"
                      "  WHERE u.id = p.digest_user) AS credentials, min(p.name), count(*)"
                      " FROM phone p GROUP BY p.type, p.protocol, p.profile, credentials",
                      err);
    if (!stmt)
        return err->code;
    for (bool go_on = true; go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW;) {
        const struct rl_phone_group group = {.type = rl_db_text(stmt, 0),
                                             .protocol = rl_db_text(stmt, 1),
                                             .profile = rl_db_text(stmt, 2),
                                             .credentials = sqlite3_column_int(stmt, 3),
                                             .first = rl_db_text(stmt, 4),
                                             .n = (size_t)sqlite3_column_int64(stmt, 5)};
        go_on = fn(ctx, &group);
    }
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}
