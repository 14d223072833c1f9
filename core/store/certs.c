/* Certificates: rows as all objects, with bodies, names and digests beside them. */
#include "store/certs.h"

#include <ctype.h>
#include <stdlib.h>

#include "ringlock/text.h"
#include "store/db.h"

enum { DIGEST_DIGITS = 64, DIGITS_MIN = 8 };

/* CallManager-trust, where phones' certificates are, comes before the other stores. */
#define LEADING " ORDER BY p.store <> '" RL_STORE_PHONES "', p.name"

/* A SELECT of whole rows of table p, "cert", with `rest` after its FROM. */
static sqlite3_stmt *prepare(struct rl_store *s, const char *rest, struct rl_err *err)
{
    struct rl_buf sql = {0};
    rl_buf_adds(&sql, "SELECT ");
    rl_db_columns(&sql, rl_object(RL_CERTIFICATE), "p");
    rl_buf_addf(&sql, " FROM %s", rest);
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_buf_str(&sql), err);
    rl_buf_fini(&sql);
    return stmt;
}

/* Tells the rows of a bound statement, and ends it. */
static enum rl_code tell(struct rl_store *s, sqlite3_stmt *stmt, rl_cert_fn fn, void *ctx,
                         struct rl_err *err)
{
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_row row;
        rl_db_read_row(stmt, 0, rl_object(RL_CERTIFICATE), &row);
        go_on = fn(ctx, &row);
        rl_row_fini(&row);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

static enum rl_code not_found(struct rl_err *err, const char *text)
{
    char *safe = rl_text_safe_dup(text);
    char *object = rl_asprintf("cert %s", safe);
    rl_fail(err, RL_E_NOT_FOUND, object, "There is no %s.", object);
    free(object);
    free(safe);
    return RL_E_NOT_FOUND;
}

/* The first row of a bound statement, which is ended. */
static enum rl_code first(struct rl_store *s, sqlite3_stmt *stmt, const char *text,
                          struct rl_row *row, struct rl_err *err)
{
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        rl_db_read_row(stmt, 0, rl_object(RL_CERTIFICATE), row);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_ROW)
        return RL_OK;
    return step == RL_STEP_FAILED ? err->code : not_found(err, text);
}

/* E-EXISTS, naming what is there, for a digest that the store has. */
static enum rl_code refuse_twice(struct rl_store *s, const struct rl_row *row, struct rl_err *err)
{
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "SELECT name FROM cert WHERE fingerprint = ? AND store = ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, rl_row_get(row, RL_CERTIFICATE_FINGERPRINT));
    rl_db_bind(stmt, 2, rl_row_get(row, RL_CERTIFICATE_STORE));
    enum rl_step step = rl_db_step(s, stmt, err);
    enum rl_code code = step == RL_STEP_FAILED ? err->code : RL_OK;
    if (step == RL_STEP_ROW) {
        char *object = rl_asprintf("cert %s", rl_db_text(stmt, 0));
        code = rl_fail(err, RL_E_EXISTS, object, "The certificate is in %s already, as %s.",
                       rl_row_get(row, RL_CERTIFICATE_STORE), rl_db_text(stmt, 0));
        rl_err_remedy(err, "Nothing is to be done: it is on file.");
        free(object);
    }
    rl_db_done(s, &stmt);
    return code;
}

/* Run a bound statement that gives no rows, and end it. */
static enum rl_code run(struct rl_store *s, sqlite3_stmt *stmt, struct rl_err *err)
{
    enum rl_step step = rl_db_step(s, stmt, err);
    rl_db_done(s, &stmt);
    return step == RL_STEP_FAILED ? err->code : RL_OK;
}

static enum rl_code add_body(struct rl_store *s, int64_t cert, const void *der, size_t n,
                             struct rl_err *err)
{
    sqlite3_stmt *stmt = rl_db_prepare(s, "INSERT INTO cert_body (cert, der) VALUES (?, ?)", err);
    if (!stmt)
        return err->code;
    sqlite3_bind_int64(stmt, 1, cert);
    sqlite3_bind_blob64(stmt, 2, der, n, SQLITE_STATIC);
    return run(s, stmt, err);
}

static enum rl_code add_name(struct rl_store *s, int64_t cert, const char *name, struct rl_err *err)
{
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "INSERT OR IGNORE INTO cert_name (value, cert) VALUES (?, ?)", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, name);
    sqlite3_bind_int64(stmt, 2, cert);
    return run(s, stmt, err);
}

enum rl_code rl_store_cert_add(struct rl_store *s, struct rl_row *row, const void *der, size_t n,
                               const char *const *names, size_t nnames, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    enum rl_code code = refuse_twice(s, row, err);
    if (!code)
        code = rl_store_insert(s, row, err);
    if (!code)
        code = add_body(s, row->id, der, n, err);
    for (size_t i = 0; i < nnames && !code; i++)
        code = add_name(s, row->id, names[i], err);
    if (!code)
        code = rl_db_run(s, err,
                         "DELETE FROM cert_gone"
                         " WHERE fingerprint = ? AND ? = '" RL_STORE_PHONES "'",
                         rl_row_get(row, RL_CERTIFICATE_FINGERPRINT),
                         rl_row_get(row, RL_CERTIFICATE_STORE), NULL);
    return code;
}

enum rl_code rl_store_cert_remove(struct rl_store *s, const char *name, const char *when,
                                  struct rl_err *err)
{
    enum rl_code code = rl_db_run(s, err,
                                  "INSERT OR REPLACE INTO cert_gone"
                                  " (fingerprint, pem_fingerprint, name, device, removed, der)"
                                  " SELECT fingerprint, pem_fingerprint, name, device, ?2, der"
                                  " FROM cert LEFT JOIN cert_body ON cert = rid"
                                  " WHERE name = ?1 AND store = '" RL_STORE_PHONES "'",
                                  name, when, NULL);
    if (!code)
        code = rl_db_run(s, err,
                         "UPDATE profile SET certificate = NULL, rev = rev + 1"
                         " WHERE certificate = ?",
                         name, NULL);
    return code ? code : rl_store_remove(s, RL_CERTIFICATE, name, err);
}

/* The body that the statement finds by a text. */
static enum rl_code read_der(struct rl_store *s, const char *sql, const char *by,
                             struct rl_buf *der, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s, sql, err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, by);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        rl_buf_add(der, sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
    rl_db_done(s, &stmt);
    if (step == RL_STEP_ROW)
        return RL_OK;
    return step == RL_STEP_FAILED ? err->code : not_found(err, by);
}

enum rl_code rl_store_cert_der(struct rl_store *s, const char *name, struct rl_buf *der,
                               struct rl_err *err)
{
    return read_der(s,
                    "SELECT b.der FROM cert p JOIN cert_body b ON b.cert = p.rid WHERE p.name = ?",
                    name, der, err);
}

enum rl_code rl_store_cert_gone_der(struct rl_store *s, const char *fingerprint, struct rl_buf *der,
                                    struct rl_err *err)
{
    return read_der(s, "SELECT der FROM cert_gone WHERE fingerprint = ? AND der IS NOT NULL",
                    fingerprint, der, err);
}

/* Hexadecimal digits of `text` in lower case, without colons; their number, 0 if it holds anything
 * else or more than a digest has. */
static size_t digits_of(const char *text, char out[DIGEST_DIGITS + 1])
{
    size_t n = 0;
    for (; *text; text++) {
        if (*text == ':')
            continue;
        if (!isxdigit((unsigned char)*text) || n == DIGEST_DIGITS)
            return 0;
        out[n++] = (char)tolower((unsigned char)*text);
    }
    out[n] = '\0';
    return n;
}

/* The one row whose fingerprint, of either form, begins with `digits`. */
static enum rl_code by_prefix(struct rl_store *s, const char *digits, const char *text,
                              struct rl_row *row, struct rl_err *err)
{
    int64_t n;
    enum rl_code code =
        rl_db_number(s, err, &n,
                     "SELECT count(*) FROM (SELECT fingerprint FROM cert"
                     "  WHERE fingerprint >= ?1 AND fingerprint < ?1 || 'g'"
                     " UNION SELECT fingerprint FROM cert"
                     "  WHERE pem_fingerprint >= ?1 AND pem_fingerprint < ?1 || 'g' LIMIT 2)",
                     digits, NULL);
    if (code)
        return code;
    if (n > 1) {
        char *object = rl_asprintf("cert %s", digits);
        rl_fail(err, RL_E_VALUE, object,
                "Fingerprints of several certificates begin with %s: give more of its digits.",
                digits);
        free(object);
        return RL_E_VALUE;
    }
    sqlite3_stmt *stmt =
        prepare(s,
                "cert p WHERE p.rid IN (SELECT rid FROM cert"
                "  WHERE fingerprint >= ?1 AND fingerprint < ?1 || 'g'"
                " UNION SELECT rid FROM cert"
                "  WHERE pem_fingerprint >= ?1 AND pem_fingerprint < ?1 || 'g')" LEADING,
                err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, digits);
    return first(s, stmt, text, row, err);
}

enum rl_code rl_store_cert_find(struct rl_store *s, const char *text, struct rl_row *row,
                                struct rl_err *err)
{
    struct rl_err mine;
    char digits[DIGEST_DIGITS + 1];
    err = err ? err : &mine;
    enum rl_code code = rl_store_get(s, RL_CERTIFICATE, text, row, err);
    if (code != RL_E_NOT_FOUND || digits_of(text, digits) < DIGITS_MIN)
        return code;
    return by_prefix(s, digits, text, row, err);
}

static enum rl_code was_on_file(struct rl_store *s, const char *digest, bool *removed,
                                struct rl_err *err)
{
    int64_t n;
    enum rl_code code = rl_db_number(s, err, &n,
                                     "SELECT EXISTS (SELECT 1 FROM cert_gone"
                                     " WHERE fingerprint = ?1 OR pem_fingerprint = ?1)",
                                     digest, NULL);
    *removed = n != 0;
    return code;
}

enum rl_code rl_store_cert_by_digest(struct rl_store *s, const char *digest, struct rl_row *row,
                                     bool *removed, struct rl_err *err)
{
    struct rl_err mine, other;
    err = err ? err : &mine;
    *removed = false;
    sqlite3_stmt *stmt =
        prepare(s, "cert p WHERE p.fingerprint = ?1 OR p.pem_fingerprint = ?1" LEADING, err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, digest);
    enum rl_code code = first(s, stmt, digest, row, err);
    bool trusted = !code && rl_row_is(row, RL_CERTIFICATE_STORE, RL_STORE_PHONES);
    if ((code && code != RL_E_NOT_FOUND) || trusted || !was_on_file(s, digest, removed, &other))
        return code;
    if (!code)
        rl_row_fini(row);
    *err = other;
    return other.code;
}

enum rl_code rl_store_cert_has(struct rl_store *s, const char *fingerprint, const char *store,
                               bool *has, struct rl_err *err)
{
    int64_t n;
    enum rl_code code = rl_db_number(
        s, err, &n, "SELECT EXISTS (SELECT 1 FROM cert WHERE fingerprint = ? AND store = ?)",
        fingerprint, store, NULL);
    *has = n != 0;
    return code;
}

enum rl_code rl_store_device_certs(struct rl_store *s, const char *device, rl_cert_fn fn, void *ctx,
                                   struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt =
        prepare(s, "cert p WHERE p.device = ? AND p.device <> '' ORDER BY p.name", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, device);
    return tell(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_device_cert_removed(struct rl_store *s, const char *device, bool *was,
                                          struct rl_err *err)
{
    int64_t n;
    enum rl_code code = rl_db_number(
        s, err, &n, "SELECT EXISTS (SELECT 1 FROM cert_gone WHERE device = ? AND device <> '')",
        device, NULL);
    *was = n != 0;
    return code;
}

enum rl_code rl_store_certs_named(struct rl_store *s, const char *name, rl_cert_fn fn, void *ctx,
                                  struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = prepare(s,
                                 "cert_name n CROSS JOIN cert p ON p.rid = n.cert"
                                 " WHERE n.value = ? AND p.store = '" RL_STORE_PHONES "'"
                                 " AND p.device = '' ORDER BY p.name",
                                 err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, name);
    return tell(s, stmt, fn, ctx, err);
}

/* Tells rows and bodies of a bound statement, whose first column is the body, and ends it. */
static enum rl_code tell_bodies(struct rl_store *s, sqlite3_stmt *stmt, rl_cert_der_fn fn,
                                void *ctx, struct rl_err *err)
{
    enum rl_step step;
    bool go_on = true;
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW) {
        struct rl_row row;
        int body = rl_db_read_row(stmt, 0, rl_object(RL_CERTIFICATE), &row);
        go_on = fn(ctx, &row, sqlite3_column_blob(stmt, body),
                   (size_t)sqlite3_column_bytes(stmt, body));
        rl_row_fini(&row);
    }
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

/* Rows and bodies of a store, those with the texts of `where`. */
static enum rl_code with_bodies(struct rl_store *s, const char *where, const char *store,
                                const char *subject, rl_cert_der_fn fn, void *ctx,
                                struct rl_err *err)
{
    struct rl_buf sql = {0};
    rl_buf_adds(&sql, "SELECT ");
    rl_db_columns(&sql, rl_object(RL_CERTIFICATE), "p");
    rl_buf_addf(&sql, ", b.der FROM cert p JOIN cert_body b ON b.cert = p.rid WHERE %s", where);
    sqlite3_stmt *stmt = rl_db_prepare(s, rl_buf_str(&sql), err);
    rl_buf_fini(&sql);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, store);
    if (subject)
        rl_db_bind(stmt, 2, subject);
    return tell_bodies(s, stmt, fn, ctx, err);
}

enum rl_code rl_store_certs_in(struct rl_store *s, const char *store, rl_cert_der_fn fn, void *ctx,
                               struct rl_err *err)
{
    struct rl_err mine;
    return with_bodies(s, "p.store COLLATE NOCASE = ? ORDER BY p.name", store, NULL, fn, ctx,
                       err ? err : &mine);
}

enum rl_code rl_store_cert_issuers(struct rl_store *s, const char *store, const char *subject,
                                   rl_cert_der_fn fn, void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    return with_bodies(s, "p.store = ? AND p.subject COLLATE NOCASE = ? AND p.ca = 'yes'", store,
                       subject, fn, ctx, err ? err : &mine);
}

enum rl_code rl_store_certs_same(struct rl_store *s, const char *fingerprint, rl_cert_der_fn fn,
                                 void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    return with_bodies(s, "p.fingerprint = ?", fingerprint, NULL, fn, ctx, err ? err : &mine);
}

enum rl_code rl_store_certs_numbered(struct rl_store *s, const char *serial, rl_cert_der_fn fn,
                                     void *ctx, struct rl_err *err)
{
    struct rl_err mine;
    return with_bodies(s, "p.serial IN (?1, '00' || ?1)", serial, NULL, fn, ctx, err ? err : &mine);
}

enum rl_code rl_store_cert_next(struct rl_store *s, const char *after, char **next,
                                struct rl_err *err)
{
    return rl_db_one_text(
        s, err, next,
        "SELECT * FROM (SELECT not_before AS t FROM cert WHERE not_before COLLATE NOCASE > ?1"
        "  ORDER BY not_before COLLATE NOCASE LIMIT 1)"
        " UNION ALL SELECT * FROM (SELECT not_after FROM cert WHERE not_after COLLATE NOCASE > ?1"
        "  ORDER BY not_after COLLATE NOCASE LIMIT 1) ORDER BY t LIMIT 1",
        after, NULL);
}

enum rl_code rl_store_profiles_ended(struct rl_store *s, const char *now, rl_line_fn fn, void *ctx,
                                     struct rl_err *err)
{
    struct rl_err mine;
    enum rl_step step;
    bool go_on = true;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s,
        "SELECT f.name, f.certificate FROM profile f CROSS JOIN cert c ON c.name = f.certificate"
        " WHERE f.certificate IS NOT NULL AND c.not_after <= ? ORDER BY f.certificate",
        err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, now);
    while (go_on && (step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        go_on = fn(ctx, rl_db_text(stmt, 0), rl_db_text(stmt, 1));
    rl_db_done(s, &stmt);
    return go_on && step == RL_STEP_FAILED ? err->code : RL_OK;
}

enum rl_code rl_store_cert_notice(struct rl_store *s, const char *fingerprint, int days,
                                  const char *when, bool *is_new, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(
        s, "INSERT OR IGNORE INTO cert_notice (fingerprint, days, told) VALUES (?, ?, ?)", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, fingerprint);
    sqlite3_bind_int(stmt, 2, days);
    rl_db_bind(stmt, 3, when);
    enum rl_code code = run(s, stmt, err);
    *is_new = !code && sqlite3_changes(s->db) > 0;
    return code;
}
