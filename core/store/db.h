/* Inside the store: the connection, its statements and how SQLite's answers become codes. */
#ifndef RL_STORE_DB_H
#define RL_STORE_DB_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "ringlock/buf.h"
#include "store/store.h"

enum {
    RL_APPLICATION_ID = 0x524c4f4b,
    RL_STATEMENTS = 64,
    RL_NARROW = 4096 /* rows that are read and sorted in a few milliseconds */
};

/* One step of the schema: what leads from version - 1 to version. */
struct rl_migration {
    int version;
    const char *sql;
};
extern const struct rl_migration rl_migrations[RL_SCHEMA_VERSION];

/* Texts of statements made from the field tables, once for each kind. */
enum rl_sql_text {
    RL_SQL_GET,    /* by key */
    RL_SQL_READ,   /* by rid */
    RL_SQL_INSERT, /* all fields but secrets, in their order */
    RL_SQL_REMOVE, /* by key */
    RL_SQL_DEVICE, /* phone or gateway by name: its row, its type's, a phone's profile's */
    RL_SQL_TEXTS
};

struct rl_store {
    sqlite3 *db;
    char *path;                              /* safe to show */
    bool writing;                            /* a transaction is open */
    bool many;                               /* transactions are parts of a larger one */
    int64_t begun;                           /* transactions so far, parts not counted */
    int64_t changes;                         /* rows changed before the latest of them */
    char *text[RL_SQL_TEXTS][RL_KIND_COUNT]; /* owned; NULL until asked for */
    struct rl_buf aside; /* SQL of the indexes that rl_store_bulk dropped, to be run at commit */
    struct rl_statement {
        char *sql;        /* owned */
        const char *from; /* where the text was when it was last asked for: found first */
        sqlite3_stmt *stmt;
        bool busy; /* handed out */
        uint64_t used;
    } cache[RL_STATEMENTS];
    int narrow;     /* RL_NARROW; tests set it to take the other way */
    uint64_t clock; /* of uses, to find the statement unused for longest */
    atomic_bool interrupted;
};

/* migrate.c: bring a database from `from` (0: a new one) to the version of the last of `n`
 * migrations, in one transaction. */
enum rl_code rl_db_migrate(struct rl_store *s, const struct rl_migration *steps, size_t n, int from,
                           struct rl_err *err);

/* The error that SQLite holds, as a code: damaged, busy, or input/output. */
enum rl_code rl_db_fail(struct rl_store *s, struct rl_err *err);

/* SQLite ended the transaction by itself, with all that was in it, and this statement would write:
 * alone, it would be kept at once. */
bool rl_db_is_taken_back(const struct rl_store *s, sqlite3_stmt *stmt);
/* E-CANCELLED if the handle is interrupted, else E-IO (a full disk or the like). */
enum rl_code rl_db_taken_back(struct rl_store *s, struct rl_err *err);

/* A statement for this text, reset and without bindings, borrowed until rl_db_done; NULL (and err)
 * if it cannot be made. Texts are kept, so they hold '?' and no values. */
sqlite3_stmt *rl_db_prepare(struct rl_store *s, const char *sql, struct rl_err *err);
void rl_db_done(struct rl_store *s, sqlite3_stmt **stmt);

/* Step to the next row. What writes fails when SQLite took the transaction back. */
enum rl_step { RL_STEP_ROW, RL_STEP_DONE, RL_STEP_FAILED };
enum rl_step rl_db_step(struct rl_store *s, sqlite3_stmt *stmt, struct rl_err *err);

/* Prepare, bind the texts in order (NULL-terminated; "" counts as a text), run, forget the rows. */
enum rl_code rl_db_run(struct rl_store *s, struct rl_err *err, const char *sql, ...)
    __attribute__((sentinel));

/* One number: the first column of the first row of `sql` with its texts bound; 0 without a row. */
enum rl_code rl_db_number(struct rl_store *s, struct rl_err *err, int64_t *out, const char *sql,
                          ...) __attribute__((sentinel));

/* One text, in the same way: owned, NULL without a row. */
enum rl_code rl_db_one_text(struct rl_store *s, struct rl_err *err, char **out, const char *sql,
                            ...) __attribute__((sentinel));

/* Bind a copy of the text to parameter `index`, from 1; NULL binds NULL. */
void rl_db_bind(sqlite3_stmt *stmt, int index, const char *text);

/* Text of a column, "" for NULL; borrowed until the next step. */
const char *rl_db_text(sqlite3_stmt *stmt, int column);

/* object.c: a text of the store's own, kept until it is closed. */
const char *rl_db_sql(struct rl_store *s, enum rl_sql_text which, enum rl_kind kind);

/* object.c: columns of a kind for SELECT, with `alias` ("p") before each: "rid", "rev", then the
 * fields. Read them from `column` on into a row, which is initialised by it. */
void rl_db_columns(struct rl_buf *sql, const struct rl_object *obj, const char *alias);
int rl_db_read_row(sqlite3_stmt *stmt, int column, const struct rl_object *obj, struct rl_row *row);

#endif
