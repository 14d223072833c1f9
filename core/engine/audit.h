/* The audit log: every change, each entry chained to the one before by hash (R141).
 * The database is the truth: an entry is written there in the transaction of its change.
 * SITE/log/audit.log repeats it as one line of JSON for other programs, over rotation: hash =
 * SHA-256(hex of the hash before, text). */
#ifndef RL_ENGINE_AUDIT_H
#define RL_ENGINE_AUDIT_H

#include <stdbool.h>

#include "control/objects.h"
#include "store/store.h"

struct rl_audit {
    struct rl_store *store;    /* borrowed: entries are added here */
    struct rl_store *reader;   /* borrowed: committed entries are read here; may be the same */
    const char *log_dir;       /* borrowed */
    int64_t rotate_size, keep; /* bytes; files */
    int64_t written;           /* seq of the last entry in the file */
    char written_hash[65];
    const char *const *accepted; /* W-codes of the act under way, or NULL; borrowed */
    int64_t undoes;              /* the act that the one under way undoes, or 0 */
    int64_t transaction, act;    /* of the latest entry */
};

/* Find out what the file holds, cut a line that a crash tore, and add what it lacks. */
enum rl_code rl_audit_open(struct rl_audit *audit, struct rl_err *err);

/* Write one entry inside the open transaction; the form that struct rl_auditor takes (ctx = struct
 * rl_audit). `before` and `after` are JSON as json_dumps gives it, or NULL. Entries of one
 * transaction are one act: but for the first, each names it by the number of the first ("act"). */
enum rl_code rl_audit_add(void *ctx, const char *who, const char *what, const char *object,
                          const char *before, const char *after, struct rl_err *err);

/* Bring the file up to the table: after every change. */
enum rl_code rl_audit_flush(struct rl_audit *audit, struct rl_err *err);

/* What audit.log and the files that it was rotated to take, bytes, and how many they are. */
struct rl_audit_size {
    int64_t bytes, files;
};
void rl_audit_size(const struct rl_audit *audit, struct rl_audit_size *out);

/* How far table and files go at this moment: what is walked by another thread while they grow and
 * rotate. Owned (free); holds each file open. */
struct rl_audit_note;
enum rl_code rl_audit_note(const struct rl_audit *audit, struct rl_audit_note **out,
                           struct rl_err *err);
void rl_audit_note_free(struct rl_audit_note **note); /* NULL-safe */

/* Walk table, through `reader`, and files as noted, once. `entries` counts those of the table.
 * E-AUDIT-CHAIN is the code of a broken chain, and the text says which entry is missing or changed
 * and where; E-CANCELLED if the reader was interrupted; others mean that it could not be read. */
enum rl_code rl_audit_walk(struct rl_audit_note *note, struct rl_store *reader, size_t *entries,
                           struct rl_err *err);
/* Both at once. */
enum rl_code rl_audit_verify(const struct rl_audit *audit, size_t *entries, struct rl_err *err);

/* Hash of an entry: 64 hexadecimal digits and a NUL. `prev` is "" for the first. */
void rl_audit_hash(const char *prev, const char *text, char out[65]);

/* One line of the file, as written: where its parts are. Borrowed from the line. */
struct rl_audit_line {
    int64_t seq;
    char prev[65], hash[65];
    const char *text;
    size_t ntext;
};
bool rl_audit_line_read(const char *line, size_t n, struct rl_audit_line *out);

/* Named text of the database: seq of the last entry whose file was deleted by rotation. */
#define RL_AUDIT_RETIRED "audit_retired"

/* Path of audit.log (0) or of its n-th predecessor; owned by the caller. */
char *rl_audit_path(const struct rl_audit *audit, int64_t number);

#endif
