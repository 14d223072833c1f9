/* The audit log: every change, each entry chained to the one before by hash (R141).
 * The database is the truth: an entry is written there in the transaction of its change.
 * SITE/log/audit.log repeats it as one line of JSON for other programs, over rotation: hash =
 * SHA-256(hex of the hash before, text). Where the oldest entries are dropped, the chain begins at
 * an anchor: the number and hash of the last entry that went. */
#ifndef RL_ENGINE_AUDIT_H
#define RL_ENGINE_AUDIT_H

#include <stdbool.h>

#include "control/objects.h"
#include "store/store.h"

struct rl_audit {
    struct rl_store *store;  /* borrowed: entries are added here */
    struct rl_store *reader; /* borrowed: committed entries are read here; may be the same */
    const char *log_dir;     /* borrowed */
    int64_t rotate_size, rotate_age_us, keep; /* bytes; of the first entry, 0 = any; files */
    int64_t keep_days;                        /* of entries; 0 = all */
    int64_t look_us;                          /* monotonic: when rl_audit_tick looks again */
    int64_t written;                          /* seq of the last entry in the file */
    char written_hash[65];
    const char *const *accepted; /* W-codes of the act under way, or NULL; borrowed */
    int64_t undoes;              /* the act that the one under way undoes, or 0 */
    unsigned notes;              /* rl_audit_note: walks under way */
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

/* Rotate audit.log if it has grown as large or as old as it may, and remove what is more than
 * `keep` files. E-IO. */
enum rl_code rl_audit_rotate(const struct rl_audit *audit, struct rl_err *err);

/* About once a second, while the loop may write: rotate what is old enough, and drop entries that
 * are older than keep_days, some thousands at a time. Failures are logged. */
void rl_audit_tick(struct rl_audit *audit, int64_t now_us);

/* Where the chain begins: the last entry that was dropped, and its hash. 0 and "": at its first. */
struct rl_audit_anchor {
    int64_t seq;
    char hash[65];
};
enum rl_code rl_audit_anchor(const struct rl_audit *audit, struct rl_audit_anchor *out,
                             struct rl_err *err);
/* What an entry that tells of dropped ones is called; "after" has entries, through and hash. */
#define RL_AUDIT_DROP "audit.drop"

/* What audit.log and the files that it was rotated to take, bytes, and how many they are. */
struct rl_audit_size {
    int64_t bytes, files;
};
void rl_audit_size(const struct rl_audit *audit, struct rl_audit_size *out);

/* How far table and files go at this moment: what is walked by another thread while they grow and
 * rotate; entries are not dropped meanwhile. Owned (rl_audit_note_free); holds each file open. */
struct rl_audit_note;
enum rl_code rl_audit_note(struct rl_audit *audit, struct rl_audit_note **out, struct rl_err *err);
void rl_audit_note_free(struct rl_audit_note **note); /* NULL-safe */

/* What a walk along the chain found. */
struct rl_audit_found {
    size_t entries; /* of the table */
    int64_t anchor; /* entry after which the chain begins; 0: at the first */
};
/* Walk table, through `reader`, and files as noted, from the anchor on, once. E-AUDIT-CHAIN is the
 * code of a broken chain, and the text says which entry is missing or changed and where;
 * E-CANCELLED if the reader was interrupted; others mean that it could not be read. */
enum rl_code rl_audit_walk(struct rl_audit_note *note, struct rl_store *reader,
                           struct rl_audit_found *found, struct rl_err *err);
/* Both at once. */
enum rl_code rl_audit_verify(struct rl_audit *audit, struct rl_audit_found *found,
                             struct rl_err *err);

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

/* When an entry was made, by its text: microseconds since 1970; -1 if it is none of ours. */
int64_t rl_audit_time(const char *text, size_t n);

/* Named texts of the database: seq of the last entry whose file was removed; the anchor, "SEQ
 * HASH".
 */
#define RL_AUDIT_RETIRED "audit_retired"
#define RL_AUDIT_ANCHOR  "audit_anchor"
enum rl_code rl_audit_retired(const struct rl_audit *audit, int64_t *seq, struct rl_err *err);
/* Inside the open transaction. */
enum rl_code rl_audit_set_retired(const struct rl_audit *audit, int64_t seq, struct rl_err *err);

/* Path of audit.log (0) or of its n-th predecessor; owned by the caller. */
char *rl_audit_path(const struct rl_audit *audit, int64_t number);
/* The number of the oldest; 0: there is none but audit.log. */
int64_t rl_audit_oldest(const struct rl_audit *audit);
/* The last entry of the newest predecessor that ends at `through` or before; 0: none does. */
int64_t rl_audit_ends(const struct rl_audit *audit, int64_t through);
/* Remove the predecessors that end at `through` or before. What cannot be removed is logged. */
void rl_audit_unlink(const struct rl_audit *audit, int64_t through);

#endif
