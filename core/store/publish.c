/* Notes of what is due, made by triggers, and what was published. */
#include "store/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/certs.h"
#include "store/db.h"

/* ---- the triggers ---- */

#define NOTE                      "INSERT INTO publish_due (scope, key) "
#define AGAIN                     " ON CONFLICT (scope, key) DO UPDATE SET n = n + 1; "
#define VALUE(scope, key)         NOTE "VALUES ('" scope "', " key ")" AGAIN
#define OF_PHONE(rid)             NOTE "SELECT 'phone', name FROM phone WHERE rid = " rid AGAIN
#define OF_USER(rid)              NOTE "SELECT 'user', id FROM user WHERE rid = " rid AGAIN
#define TRIGGER(name, when, what) "CREATE TRIGGER " name " AFTER " when " BEGIN " what "END;"

static const char *const triggers[] = {
    TRIGGER("publish_phone_1", "INSERT ON phone", VALUE("phone", "new.name")),
    TRIGGER("publish_phone_2",
            "UPDATE OF name, type, protocol, description, profile, lines, digest_user ON phone",
            VALUE("phone", "new.name")),
    TRIGGER("publish_phone_3", "UPDATE OF name ON phone WHEN old.name <> new.name",
            VALUE("phone", "old.name")),
    TRIGGER("publish_phone_4", "DELETE ON phone", VALUE("phone", "old.name")),
    TRIGGER("publish_key_1", "INSERT ON phone_secret", OF_PHONE("new.owner")),
    TRIGGER("publish_key_2", "UPDATE ON phone_secret", OF_PHONE("new.owner")),
    TRIGGER("publish_key_3", "DELETE ON phone_secret", OF_PHONE("old.owner")),
    TRIGGER("publish_profile",
            "UPDATE OF mode, transport, digest, encrypted_config, sip_port, exclude_digest,"
            " auth_mode, settings_access, web_access, ssh_access, pc_port, span_to_pc,"
            " voice_vlan_access, garp ON profile",
            VALUE("profile", "new.name")),
    TRIGGER("publish_type",
            "UPDATE OF vendor, class, enc_config, enc_config_method, other_sig_sha1_only ON type",
            VALUE("type", "new.model")),
    TRIGGER("publish_user_1", "INSERT ON user_secret", OF_USER("new.owner")),
    TRIGGER("publish_user_2", "UPDATE ON user_secret", OF_USER("new.owner")),
    TRIGGER("publish_cert_1", "INSERT ON cert WHEN new.device <> ''", VALUE("phone", "new.device")),
    TRIGGER("publish_cert_2", "UPDATE OF device, origin ON cert WHEN new.device <> ''",
            VALUE("phone", "new.device")),
    TRIGGER("publish_cert_3", "DELETE ON cert WHEN old.device <> ''", VALUE("phone", "old.device")),
    TRIGGER("publish_capf_1", "INSERT ON capf WHEN new.operation <> 'none'", OF_PHONE("new.phone")),
    TRIGGER("publish_capf_2", "UPDATE OF operation ON capf WHEN old.operation <> new.operation",
            OF_PHONE("new.phone")),
    TRIGGER("publish_capf_3", "UPDATE OF sent ON capf WHEN old.sent <> new.sent",
            OF_PHONE("new.phone")),
    TRIGGER("publish_capf_4", "DELETE ON capf WHEN old.operation <> 'none'", OF_PHONE("old.phone")),
    TRIGGER("publish_own_1", "INSERT ON own WHEN new.role = 'TFTP' AND new.state = 'active'",
            VALUE("all", "''")),
    TRIGGER("publish_own_2",
            "UPDATE OF state ON own WHEN new.role = 'TFTP' AND new.state = 'active'",
            VALUE("all", "''")),
    TRIGGER("publish_mode",
            "UPDATE ON meta WHEN new.key = 'cluster_mode' AND new.value <> old.value",
            VALUE("all", "''")),
    TRIGGER("publish_list", "INSERT ON trust_list WHEN (SELECT count(*) FROM trust_list) = 1",
            VALUE("all", "''")),
};

static bool is_on(struct rl_store *s, struct rl_err *err)
{
    char *on = NULL;
    rl_store_get_meta(s, RL_META_PUBLISH, &on, err);
    bool is = on && strcmp(on, "on") == 0;
    free(on);
    return is;
}

enum rl_code rl_store_publish_on(struct rl_store *s, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    bool on = is_on(s, err);
    for (size_t i = 0; !on && !code && i < sizeof triggers / sizeof *triggers; i++)
        code = rl_db_run(s, err, triggers[i], NULL);
    if (!code && !on)
        code = rl_store_set_meta(s, RL_META_PUBLISH, "on", err);
    return code ? code : rl_store_due_note(s, RL_DUE_ALL, "", err);
}

/* ---- notes ---- */

enum rl_code rl_store_due_note(struct rl_store *s, const char *scope, const char *key,
                               struct rl_err *err)
{
    return rl_db_run(s, err, NOTE "VALUES (?, ?) ON CONFLICT (scope, key) DO UPDATE SET n = n + 1",
                     scope, key, NULL);
}

enum rl_code rl_store_due_done(struct rl_store *s, const struct rl_due *due, struct rl_err *err)
{
    char n[24];
    snprintf(n, sizeof n, "%lld", (long long)due->n);
    return rl_db_run(s, err,
                     "DELETE FROM publish_due WHERE scope = ? AND key = ?"
                     " AND n = CAST(? AS INTEGER)",
                     due->scope, due->key, n, NULL);
}

enum rl_code rl_store_signed_otherwise(struct rl_store *s, int64_t *n, struct rl_err *err)
{
    return rl_db_number(s, err, n,
                        "SELECT count(*) FROM published WHERE signer NOT IN (SELECT fingerprint"
                        " FROM own WHERE role = 'TFTP' AND state = 'active')",
                        NULL);
}

enum rl_code rl_store_due_count(struct rl_store *s, int64_t *n, struct rl_err *err)
{
    return rl_db_number(s, err, n, "SELECT count(*) FROM (SELECT 1 FROM publish_due LIMIT 1000000)",
                        NULL);
}

enum rl_code rl_store_due_is(struct rl_store *s, const struct rl_row *phone, bool *is,
                             struct rl_err *err)
{
    int64_t n = 0;
    enum rl_code code = rl_db_number(
        s, err, &n,
        "SELECT EXISTS (SELECT 1 FROM publish_due WHERE (scope, key) IN"
        " (VALUES ('all', ''), ('phone', ?), ('profile', ?), ('type', ?),"
        " ('user', ?)))",
        rl_row_get(phone, RL_PHONE_NAME), rl_row_get(phone, RL_PHONE_PROFILE),
        rl_row_get(phone, RL_PHONE_TYPE), rl_row_get(phone, RL_PHONE_DIGEST_USER), NULL);
    *is = n != 0;
    return code;
}

/* Tells the notes of a bound statement, and ends it. */
static enum rl_code tell_due(struct rl_store *s, sqlite3_stmt *stmt, rl_due_fn fn, void *ctx,
                             struct rl_err *err)
{
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_due due = {rl_db_text(stmt, 0), rl_db_text(stmt, 1),
                             sqlite3_column_int64(stmt, 2)};
        go_on = fn(ctx, &due);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_due_phones(struct rl_store *s, const char *after, size_t limit, rl_due_fn fn,
                                 void *ctx, struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "SELECT scope, key, n FROM publish_due"
                                       " WHERE scope = 'phone' AND key > ? ORDER BY key LIMIT ?",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, (int64_t)limit);
    return tell_due(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_due_wide(struct rl_store *s, const struct rl_due *after, rl_due_fn fn,
                               void *ctx, struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "SELECT scope, key, n FROM publish_due"
                                       " WHERE (scope, key) > (?, ?) AND scope <> 'phone'"
                                       " ORDER BY scope, key LIMIT 1",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, after->scope);
    rl_db_bind(stmt, 2, after->key);
    return tell_due(s, stmt, fn, ctx, err);
}

static const struct {
    const char *scope, *sql;
} of_scope[] = {
    {RL_DUE_ALL,     "SELECT name FROM phone WHERE ?1 = '' AND name > ?2 ORDER BY name LIMIT ?3"  },
    {RL_DUE_PROFILE, "SELECT name FROM phone WHERE profile = ?1 AND name > ?2"
                     " ORDER BY name LIMIT ?3"                                },
    {RL_DUE_TYPE,    "SELECT name FROM phone WHERE type = ?1 AND name > ?2 ORDER BY name LIMIT ?3"},
    {RL_DUE_USER,    "SELECT name FROM phone WHERE digest_user = ?1 AND name > ?2"
                  " ORDER BY name LIMIT ?3"                                      },
};

enum rl_code rl_store_due_names(struct rl_store *s, const char *scope, const char *key,
                                const char *after, size_t limit, rl_name_fn fn, void *ctx,
                                struct rl_err *err)
{
    const char *sql = of_scope[0].sql;
    enum rl_step step;
    bool go_on = true;
    for (size_t i = 0; i < sizeof of_scope / sizeof *of_scope; i++)
        if (strcmp(of_scope[i].scope, scope) == 0)
            sql = of_scope[i].sql;
    sqlite3_stmt *stmt = rl_db_prepare(s, sql, err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, key);
    rl_db_bind(stmt, 2, after);
    sqlite3_bind_int64(stmt, 3, (int64_t)limit);
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        go_on = fn(ctx, rl_db_text(stmt, 0));
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

/* ---- what files are made of ---- */

/* One text, "" where there is none. */
static enum rl_code text_of(struct rl_store *s, char **out, const char *sql, const char *key,
                            struct rl_err *err)
{
    enum rl_code code = rl_db_one_text(s, err, out, sql, key, NULL);
    if (!code && !*out)
        *out = rl_strdup("");
    return code;
}

/* The LSC counts before the MIC, and the later one before those that it took the place of; but not
 * one that the phone was sent and has not said to have. */
static enum rl_code read_cert(struct rl_store *s, const char *device, struct rl_phone_facts *f,
                              struct rl_err *err)
{
    sqlite3_stmt *stmt =
        rl_db_prepare(s,
                      "SELECT p.name, p.fingerprint, p.origin, b.der FROM cert p"
                      " JOIN cert_body b ON b.cert = p.rid"
                      " WHERE p.device = ? AND p.device <> '' AND p.store = '" RL_STORE_PHONES "'"
                      " AND p.origin IN ('capf', 'mic', 'with-device')"
                      " AND p.fingerprint NOT IN (SELECT c.sent FROM capf c JOIN phone d"
                      " ON d.rid = c.phone WHERE d.name = p.device)"
                      " ORDER BY p.origin = 'capf' DESC, p.not_before DESC, p.rid DESC LIMIT 1",
                      err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, device);
    enum rl_step step = rl_db_step(s, stmt, err);
    bool found = step == RL_STEP_ROW;
    f->cert_name = rl_strdup(found ? rl_db_text(stmt, 0) : "");
    f->cert_fingerprint = rl_strdup(found ? rl_db_text(stmt, 1) : "");
    f->cert_origin = rl_strdup(found ? rl_db_text(stmt, 2) : "");
    if (found)
        rl_buf_add(&f->cert, sqlite3_column_blob(stmt, 3), (size_t)sqlite3_column_bytes(stmt, 3));
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

static enum rl_code read_facts(struct rl_store *s, const char *name, struct rl_phone_facts *f,
                               struct rl_err *err)
{
    enum rl_code code = text_of(s, &f->digest_password,
                                "SELECT x.value FROM user u JOIN user_secret x ON x.owner = u.rid"
                                " WHERE u.id = ? AND x.field = 'digest_password'",
                                rl_row_get(&f->rows.device, RL_PHONE_DIGEST_USER), err);
    if (!code)
        code = text_of(s, &f->config_key,
                       "SELECT x.value FROM phone p JOIN phone_secret x ON x.owner = p.rid"
                       " WHERE p.name = ? AND x.field = 'config_key'",
                       name, err);
    if (!code)
        code = text_of(s, &f->capf_operation,
                       "SELECT c.operation FROM phone p JOIN capf c ON c.phone = p.rid"
                       " WHERE p.name = ?",
                       name, err);
    return code ? code : read_cert(s, name, f, err);
}

enum rl_code rl_store_phone_facts(struct rl_store *s, const char *name, struct rl_phone_facts *out,
                                  struct rl_err *err)
{
    *out = (struct rl_phone_facts){0};
    enum rl_code code = rl_store_device(s, name, &out->rows, err);
    if (code)
        return code;
    code = out->rows.kind == RL_PHONE ? read_facts(s, name, out, err)
                                      : rl_fail(err, RL_E_NOT_FOUND, name, "%s is no phone.", name);
    if (code)
        rl_phone_facts_fini(out);
    return code;
}

void rl_phone_facts_fini(struct rl_phone_facts *facts)
{
    rl_device_rows_fini(&facts->rows);
    rl_wipe_free(facts->digest_password);
    rl_wipe_free(facts->config_key);
    free(facts->capf_operation);
    rl_buf_fini(&facts->cert);
    free(facts->cert_name);
    free(facts->cert_fingerprint);
    free(facts->cert_origin);
    *facts = (struct rl_phone_facts){0};
}

/* ---- what was published ---- */

#define PUBLISHED "name, digest, made, form, signer, certificate, code, why, files"
enum { PUBLISHED_TEXTS = 9 };

/* Its texts, in the order of the columns. */
static void slots(struct rl_published *p, char **slot[PUBLISHED_TEXTS])
{
    char **all[PUBLISHED_TEXTS] = {&p->name,        &p->digest, &p->made, &p->form, &p->signer,
                                   &p->certificate, &p->code,   &p->why,  &p->files};
    memcpy(slot, all, sizeof all);
}

void rl_published_fini(struct rl_published *p)
{
    char **slot[PUBLISHED_TEXTS];
    slots(p, slot);
    for (size_t i = 0; i < PUBLISHED_TEXTS; i++)
        free(*slot[i]);
    *p = (struct rl_published){0};
}

static void read_published(sqlite3_stmt *stmt, struct rl_published *out)
{
    char **slot[PUBLISHED_TEXTS];
    slots(out, slot);
    for (size_t i = 0; i < PUBLISHED_TEXTS; i++)
        *slot[i] = rl_strdup(rl_db_text(stmt, (int)i));
}

enum rl_code rl_store_published(struct rl_store *s, const char *name, struct rl_published *out,
                                struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    *out = (struct rl_published){0};
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "SELECT " PUBLISHED " FROM published WHERE name = ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, name);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        read_published(stmt, out);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_ROW)
        return RL_OK;
    return step == RL_STEP_FAILED
               ? err->code
               : rl_fail(err, RL_E_NOT_FOUND, name, "Nothing is published for %s.", name);
}

enum rl_code rl_store_published_put(struct rl_store *s, const struct rl_published *p,
                                    struct rl_err *err)
{
    return rl_db_run(s, err,
                     "INSERT OR REPLACE INTO published (" PUBLISHED ")"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     p->name, p->digest, p->made, p->form, p->signer, p->certificate, p->code,
                     p->why, p->files, NULL);
}

enum rl_code rl_store_published_drop(struct rl_store *s, const char *name, struct rl_err *err)
{
    return rl_db_run(s, err, "DELETE FROM published WHERE name = ?", name, NULL);
}

enum rl_code rl_store_published_list(struct rl_store *s, const char *after, size_t limit,
                                     rl_published_fn fn, void *ctx, struct rl_err *err)
{
    enum rl_step step;
    bool go_on = true;
    sqlite3_stmt *stmt = rl_db_prepare(
        s, "SELECT " PUBLISHED " FROM published WHERE name > ? ORDER BY name LIMIT ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, (int64_t)limit);
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_published p = {0};
        read_published(stmt, &p);
        go_on = fn(ctx, &p);
        rl_published_fini(&p);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_published_forms(struct rl_store *s, rl_form_fn fn, void *ctx,
                                      struct rl_err *err)
{
    enum rl_step step;
    bool go_on = true;
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "SELECT form, code, count(*) FROM published GROUP BY form, code", err);
    if (!stmt)
        return err->code;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        go_on = fn(ctx, rl_db_text(stmt, 0), rl_db_text(stmt, 1), sqlite3_column_int64(stmt, 2));
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}
