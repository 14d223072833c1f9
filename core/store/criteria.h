/* Criteria of Find and List, as SQL. */
#ifndef RL_STORE_CRITERIA_H
#define RL_STORE_CRITERIA_H

#include "store/db.h"

enum { RL_CRITERIA_MAX = 16, RL_BINDS_MAX = 2 * RL_CRITERIA_MAX + 4 };

/* SQL in the making, with the texts for its '?'. */
struct rl_sql {
    struct rl_buf text;
    char *bind[RL_BINDS_MAX]; /* owned */
    size_t nbind;
};

void rl_sql_bind(struct rl_sql *sql, const char *text); /* copies */
void rl_sql_fini(struct rl_sql *sql);
/* Prepare it and bind its texts, then one number if limit is not 0. NULL on failure. */
sqlite3_stmt *rl_sql_prepare(struct rl_store *s, const struct rl_sql *sql, int64_t limit,
                             struct rl_err *err);

/* E-FIELD if a criterion or the order names a field that cannot be searched, E-VALUE if there are
 * too many. */
enum rl_code rl_criteria_check(const struct rl_query *q, struct rl_err *err);

/* The column of a field, of table p: "p.\"owner\"". Not for RL_COL_TRUSTED. */
void rl_sql_column(struct rl_sql *sql, const struct rl_object *obj, int field);

/* How a condition is to be met. */
enum rl_use {
    RL_USE_ANY,   /* SQLite may choose an index */
    RL_USE_DRIVE, /* its index finds the rows */
    RL_USE_FILTER /* rows come by another index and are tested */
};
/* True for those that no index can find: every entry must be looked at. */
bool rl_criterion_scans(const struct rl_criterion *c);

/* One condition, without AND. "1" if the criterion is met by all: an empty text finds everything.
 */
void rl_sql_condition(struct rl_sql *sql, const struct rl_object *obj, const struct rl_criterion *c,
                      enum rl_use use);

/* The criterion that fewest rows meet, if they are so few that sorting them is quick; else -1.
 * *rids (owned) holds the rows that met one for which every entry had to be looked at, so that they
 * need not be looked for again: a JSON array; else NULL. */
enum rl_code rl_criteria_narrowest(struct rl_store *s, const struct rl_query *q, int *out,
                                   char **rids, struct rl_err *err);

#endif
