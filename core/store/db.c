#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"

enum {
    BUSY_MS = 2000,                /* for a backup that holds the file a moment */
    CACHE_KIB = 128 * 1024,        /* pages kept in memory */
    LARGE = 20000,                 /* rows changed by a transaction */
    SMALL_FILE = 16 * 1024 * 1024, /* checked in full at each opening: a blink */
    LOOK_UP_OPS = 4000 /* of SQLite's machine until it sees that it was interrupted: below 1 ms */
};

static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA journal_size_limit = 16777216;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;";

/* There are several that read: the system keeps what they read often anyway. */
static const char reading[] = "PRAGMA query_only = ON;"
                              "PRAGMA cache_size = -24576;";

enum rl_code rl_db_fail(struct rl_store *s, struct rl_err *err)
{
    switch (sqlite3_errcode(s->db)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return rl_fail(err, RL_E_SITE_DAMAGED, s->path, "The database %s is damaged: %s.", s->path,
                       sqlite3_errmsg(s->db));
    case SQLITE_INTERRUPT:
        return rl_fail(err, RL_E_CANCELLED, s->path, "The search was stopped.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return rl_fail(err, RL_E_SITE_BUSY, s->path, "Another program is using the database %s.",
                       s->path);
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return rl_fail(err, RL_E_IO, s->path, "The database %s cannot be used: %s.", s->path,
                       sqlite3_errmsg(s->db));
    default:
        return rl_fail(err, RL_E_INTERNAL, s->path, "The database %s refused a statement: %s.",
                       s->path, sqlite3_errmsg(s->db));
    }
}

static enum rl_code exec(struct rl_store *s, const char *sql, struct rl_err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RL_OK : rl_db_fail(s, err);
}

/* A flag, since sqlite3_interrupt is lost between two statements. */
static int interrupted(void *store)
{
    return rl_store_interrupted(store);
}

void rl_store_interrupt(struct rl_store *s, bool on)
{
    s->interrupted = on;
}

bool rl_store_interrupted(const struct rl_store *s)
{
    return s->interrupted;
}

/* Nobody asks SQLite how much memory it has, and counting takes a lock for each piece. */
static void set_up(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static struct rl_store *connect(const char *path, struct rl_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct rl_store *s = rl_alloc(sizeof *s);
    pthread_once(&once, set_up);
    s->path = rl_text_safe_dup(path);
    s->narrow = RL_NARROW;
    int rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        char cache[48];
        snprintf(cache, sizeof cache, "PRAGMA cache_size = -%d", CACHE_KIB);
        sqlite3_extended_result_codes(s->db, 0);
        sqlite3_busy_timeout(s->db, BUSY_MS);
        sqlite3_progress_handler(s->db, LOOK_UP_OPS, interrupted, s);
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        if (!exec(s, settings, err) && !exec(s, cache, err))
            return s;
    } else {
        rl_db_fail(s, err);
    }
    rl_store_close(&s);
    return NULL;
}

/* A new file holds nothing yet but its mode; SQLite gives its log the same. */
static enum rl_code make_file(const char *path, struct rl_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return rl_fail(err, RL_E_SITE_EXISTS, path, "There is a database already: %s.", path);
    if (fd < 0)
        return rl_fail(err, RL_E_IO, path, "Cannot make %s: %s.", path, strerror(errno));
    close(fd);
    return RL_OK;
}

enum rl_code rl_store_create(const char *path, struct rl_err *err)
{
    enum rl_code code = make_file(path, err);
    if (code)
        return code;
    char identity[80];
    snprintf(identity, sizeof identity, "PRAGMA journal_mode = WAL; PRAGMA application_id = %d",
             RL_APPLICATION_ID);
    struct rl_err mine;
    struct rl_store *s = connect(path, &mine);
    code = s ? exec(s, identity, &mine) : mine.code;
    if (!code)
        code = rl_db_migrate(s, rl_migrations, RL_SCHEMA_VERSION, 0, &mine);
    if (s)
        rl_store_close(&s);
    if (code) {
        unlink(path);
        if (err)
            *err = mine;
    }
    return code;
}

/* SQLite removes its log when a database is closed; one that is there tells of a crash. */
static bool closed_cleanly(const char *path)
{
    char *log = rl_asprintf("%s-wal", path);
    struct stat st;
    bool clean = stat(log, &st) != 0 || st.st_size == 0;
    free(log);
    return clean;
}

static enum rl_code check_pages(struct rl_store *s, bool small, struct rl_err *err)
{
    sqlite3_stmt *stmt =
        rl_db_prepare(s, small ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)", err);
    if (!stmt)
        return err->code;
    enum rl_code code = RL_OK;
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_FAILED)
        code = err->code;
    else if (step == RL_STEP_ROW && strcmp(rl_db_text(stmt, 0), "ok") != 0)
        code = rl_fail(err, RL_E_SITE_DAMAGED, s->path, "The database %s is damaged: %s.", s->path,
                       rl_db_text(stmt, 0));
    rl_db_done(s, &stmt);
    return code;
}

/* Every table must be there, with the columns of its field table. */
static enum rl_code check_tables(struct rl_store *s, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (int kind = 0; kind < RL_KIND_COUNT && !code; kind++) {
        struct rl_buf sql = {0};
        rl_buf_adds(&sql, "SELECT ");
        rl_db_columns(&sql, rl_object(kind), "p");
        rl_buf_addf(&sql, " FROM \"%s\" p LIMIT 0", rl_object(kind)->name);
        sqlite3_stmt *stmt = NULL;
        if (sqlite3_prepare_v2(s->db, rl_buf_str(&sql), -1, &stmt, NULL) != SQLITE_OK)
            code = rl_fail(err, RL_E_SITE_DAMAGED, s->path, "The database %s is damaged: %s.",
                           s->path, sqlite3_errmsg(s->db));
        sqlite3_finalize(stmt);
        rl_buf_fini(&sql);
    }
    return code;
}

static enum rl_code check(struct rl_store *s, bool clean, struct rl_err *err)
{
    int64_t id = 0, version = 0, pages = 0, page_size = 0;
    enum rl_code code = rl_db_number(s, err, &id, "PRAGMA application_id", NULL);
    if (!code)
        code = rl_db_number(s, err, &version, "PRAGMA user_version", NULL);
    if (!code)
        code = rl_db_number(s, err, &pages, "PRAGMA page_count", NULL);
    if (!code)
        code = rl_db_number(s, err, &page_size, "PRAGMA page_size", NULL);
    if (code)
        return code;
    if (id != RL_APPLICATION_ID)
        return rl_fail(err, RL_E_SITE_DAMAGED, s->path, "%s is no database of ringlock.", s->path);
    if (version > RL_SCHEMA_VERSION)
        return rl_fail(err, RL_E_SITE_NEWER, s->path,
                       "The database %s was written by a newer release: its schema is %lld, this "
                       "release knows %d.",
                       s->path, (long long)version, RL_SCHEMA_VERSION);
    bool small = pages * page_size <= SMALL_FILE;
    if (small || !clean)
        code = check_pages(s, small, err);
    if (!code && version < RL_SCHEMA_VERSION)
        code = rl_db_migrate(s, rl_migrations, RL_SCHEMA_VERSION, (int)version, err);
    return code ? code : check_tables(s, err);
}

enum rl_code rl_store_open(const char *path, struct rl_store **out, struct rl_err *err)
{
    struct rl_err mine;
    *out = NULL;
    if (access(path, F_OK) != 0)
        return rl_fail(err, RL_E_SITE_MISSING, path, "There is no database %s.", path);
    bool clean = closed_cleanly(path);
    struct rl_store *s = connect(path, &mine);
    enum rl_code code = s ? check(s, clean, &mine) : mine.code;
    if (code) {
        if (s)
            rl_store_close(&s);
        if (err)
            *err = mine;
        return code;
    }
    *out = s;
    return RL_OK;
}

enum rl_code rl_store_open_reader(const struct rl_store *store, struct rl_store **out,
                                  struct rl_err *err)
{
    struct rl_err mine;
    *out = connect(sqlite3_db_filename(store->db, "main"), &mine);
    enum rl_code code = *out ? exec(*out, reading, &mine) : mine.code;
    if (code && *out)
        rl_store_close(out);
    if (code && err)
        *err = mine;
    return code;
}

void rl_store_close(struct rl_store **store)
{
    struct rl_store *s = *store;
    if (!s)
        return;
    for (size_t i = 0; i < RL_STATEMENTS; i++) {
        sqlite3_finalize(s->cache[i].stmt);
        free(s->cache[i].sql);
    }
    for (size_t i = 0; i < RL_SQL_TEXTS * RL_KIND_COUNT; i++)
        free(s->text[i / RL_KIND_COUNT][i % RL_KIND_COUNT]);
    sqlite3_close(s->db);
    rl_buf_fini(&s->aside);
    free(s->path);
    free(s);
    *store = NULL;
}

enum rl_code rl_db_taken_back(struct rl_store *s, struct rl_err *err)
{
    if (rl_store_interrupted(s))
        return rl_fail(err, RL_E_CANCELLED, s->path, "The changes were stopped: none is kept.");
    return rl_fail(err, RL_E_IO, s->path, "The database %s could not keep the changes.", s->path);
}

enum rl_code rl_store_begin(struct rl_store *s, struct rl_err *err)
{
    if (s->writing) {
        rl_fail(err, RL_E_CONFLICT, NULL, "Another change is under way.");
        rl_err_remedy(err, "Try again when it is done.");
        return RL_E_CONFLICT;
    }
    if (s->many && sqlite3_get_autocommit(s->db))
        return rl_db_taken_back(s, err);
    enum rl_code code = rl_db_run(s, err, s->many ? "SAVEPOINT part" : "BEGIN IMMEDIATE", NULL);
    s->writing = !code;
    s->begun += !code && !s->many;
    if (!s->many)
        s->changes = sqlite3_total_changes64(s->db);
    return code;
}

int64_t rl_store_transaction(const struct rl_store *s)
{
    return s->begun;
}

/* Put an index aside: its SQL is kept, and it is dropped. */
static enum rl_code drop_index(struct rl_store *s, const char *name, struct rl_err *err)
{
    sqlite3_stmt *stmt =
        rl_db_prepare(s, "SELECT sql || ';' FROM sqlite_schema WHERE name = ?", err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, name);
    enum rl_step step = rl_db_step(s, stmt, err);
    if (step == RL_STEP_ROW)
        rl_buf_adds(&s->aside, rl_db_text(stmt, 0));
    rl_db_done(s, &stmt);
    if (step != RL_STEP_ROW)
        return step == RL_STEP_DONE ? RL_OK : err->code;
    char *sql = rl_asprintf("DROP INDEX \"%s\"", name);
    enum rl_code code = exec(s, sql, err);
    free(sql);
    return code;
}

enum rl_code rl_store_bulk(struct rl_store *s, enum rl_kind kind, struct rl_err *err)
{
    struct rl_err mine;
    struct rl_buf names = {0};
    enum rl_step step;
    enum rl_code code = RL_OK;
    err = err ? err : &mine;
    sqlite3_stmt *stmt = rl_db_prepare(s,
                                       "SELECT name FROM sqlite_schema WHERE type = 'index'"
                                       " AND name LIKE ? || '\\_by\\_%' ESCAPE '\\'",
                                       err);
    if (!stmt)
        return err->code;
    rl_db_bind(stmt, 1, rl_object(kind)->name);
    while ((step = rl_db_step(s, stmt, err)) == RL_STEP_ROW)
        rl_buf_add(&names, rl_db_text(stmt, 0), strlen(rl_db_text(stmt, 0)) + 1);
    rl_db_done(s, &stmt);
    if (step == RL_STEP_FAILED)
        code = err->code;
    for (size_t at = 0; at < names.len && !code; at += strlen(names.data + at) + 1)
        code = drop_index(s, names.data + at, err);
    rl_buf_fini(&names);
    return code;
}

/* What a large transaction wrote goes from the log into the database at once, as soon as nobody
 * reads what was before, and the log is cut: else the next commit would do both, on the loop. */
static void take_in(struct rl_store *s)
{
    if (!s->many && sqlite3_total_changes64(s->db) - s->changes > LARGE)
        sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

enum rl_code rl_store_commit(struct rl_store *s, struct rl_err *err)
{
    bool bulk = s->aside.len > 0;
    enum rl_code code = RL_OK;
    if (sqlite3_get_autocommit(s->db))
        code = rl_db_taken_back(s, err);
    if (!code && bulk)
        code = exec(s, rl_buf_str(&s->aside), err);
    if (!code)
        code = rl_db_run(s, err, s->many ? "RELEASE part" : "COMMIT", NULL);
    if (code)
        rl_store_rollback(s);
    else
        take_in(s);
    if (bulk) { /* it filled its cache with what nobody asks for */
        sqlite3_db_release_memory(s->db);
        malloc_trim(0);
    }
    rl_buf_fini(&s->aside);
    s->writing = false;
    return code;
}

void rl_store_rollback(struct rl_store *s)
{
    if (s->writing && !sqlite3_get_autocommit(s->db))
        rl_db_run(s, NULL, s->many ? "ROLLBACK TO part" : "ROLLBACK", NULL);
    if (s->writing && s->many && !sqlite3_get_autocommit(s->db))
        rl_db_run(s, NULL, "RELEASE part", NULL);
    rl_buf_fini(&s->aside);
    s->writing = false;
}

enum rl_code rl_store_begin_many(struct rl_store *s, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(s, err);
    if (code)
        return code;
    s->many = true;
    s->writing = false;
    return RL_OK;
}

void rl_store_rollback_many(struct rl_store *s)
{
    s->many = false;
    s->writing = true;
    rl_store_rollback(s);
}

enum rl_code rl_store_commit_many(struct rl_store *s, struct rl_err *err)
{
    bool lost = sqlite3_get_autocommit(s->db);
    s->many = false;
    s->writing = !lost;
    return lost ? rl_db_taken_back(s, err) : rl_store_commit(s, err);
}
