/* The site's database: the only room that knows SQLite. Rows of all kinds go through the field
 * tables. One writer; a handle is used by one thread at a time. Every function fills `err` (may be
 * NULL) when it does not return RL_OK. */
#ifndef RL_STORE_STORE_H
#define RL_STORE_STORE_H

#include <stdatomic.h>

#include "ringlock/model.h"

struct rl_store;

enum { RL_SCHEMA_VERSION = 4 };

/* Make a new database file (mode 0600); fails if one is there. */
enum rl_code rl_store_create(const char *path, struct rl_err *err);

/* Open, check (E-SITE-DAMAGED), migrate in one transaction, refuse a newer schema (E-SITE-NEWER).
 * A migration that changed the mode of a device (E-UPGRADE-MODE-DRIFT, R3) or a certificate
 * (E-UPGRADE-CERT-REISSUED, R13) is undone. WAL, synchronous FULL, foreign keys. */
enum rl_code rl_store_open(const char *path, struct rl_store **out, struct rl_err *err);
/* A handle beside `store` that only reads what is committed: while an import holds the transaction
 * of one, lists and the tracker read the other. */
enum rl_code rl_store_open_reader(const struct rl_store *store, struct rl_store **out,
                                  struct rl_err *err);
void rl_store_close(struct rl_store **store);
/* Named text of a database that opening has migrated: the schema it had before. */
#define RL_META_MIGRATED "migrated_from"
/* Named text: when a backup was taken last, RFC 3339. */
#define RL_META_BACKUP "last_backup"

/* snapshot.c: a reader that goes on seeing what is committed at this moment, whatever is changed
 * later; may be used by another thread from now on. Close it soon: the log of changes grows. */
enum rl_code rl_store_snapshot(const struct rl_store *store, struct rl_store **out,
                               struct rl_err *err);
/* Copy what a snapshot sees into the empty file `path`, until `*stop` (may be NULL) becomes true.
 * The file loses that name as soon as it is open, whatever becomes of the copy: who wants it has
 * opened it before. E-IO. */
enum rl_code rl_store_copy(struct rl_store *snapshot, const char *path, const atomic_bool *stop,
                           struct rl_err *err);
/* Check all pages, indexes and references: E-SITE-DAMAGED. */
enum rl_code rl_store_verify(struct rl_store *s, struct rl_err *err);
/* Make a copy what an engine expects: in WAL mode, all of it in the one file. */
enum rl_code rl_store_settle(struct rl_store *s, struct rl_err *err);

/* From any thread, while the handle is open: what it does fails with E-CANCELLED soon, and all that
 * it is asked, until it is let go on. */
void rl_store_interrupt(struct rl_store *s, bool on);
bool rl_store_interrupted(const struct rl_store *s);

/* One transaction at a time; rows are only written inside one. */
enum rl_code rl_store_begin(struct rl_store *s, struct rl_err *err);
enum rl_code rl_store_commit(struct rl_store *s, struct rl_err *err);
void rl_store_rollback(struct rl_store *s);
/* The number of the transaction begun last: what has the same belongs together. */
int64_t rl_store_transaction(const struct rl_store *s);

/* Several changes as one transaction, each of them whole or not at all: between these two a
 * transaction is a part of the whole, and what is rolled back is that part alone. All is durable
 * when the end returns RL_OK; nothing is kept when it fails. */
enum rl_code rl_store_begin_many(struct rl_store *s, struct rl_err *err);
enum rl_code rl_store_commit_many(struct rl_store *s, struct rl_err *err);
void rl_store_rollback_many(struct rl_store *s);

/* Many new rows of a kind are coming in this transaction: the indexes of its lists are put aside
 * and built anew, sorted, by the commit. Lists of the kind by this handle are slow until then. */
enum rl_code rl_store_bulk(struct rl_store *s, enum rl_kind kind, struct rl_err *err);

/* Named texts of the site: "name", "cluster_mode", "release", "installed_at", "upgraded_from", ...
 * *out is owned by the caller; NULL if not set. */
enum rl_code rl_store_get_meta(struct rl_store *s, const char *key, char **out, struct rl_err *err);
enum rl_code rl_store_set_meta(struct rl_store *s, const char *key, const char *value,
                               struct rl_err *err);

/* Objects. Keys are found character by character, types in any ASCII case. `row` is initialised by
 * get (owned by the caller, rl_row_fini). Secret fields are never read back: get gives "set" or "".
 * E-NOT-FOUND, E-EXISTS. */
enum rl_code rl_store_get(struct rl_store *s, enum rl_kind kind, const char *key,
                          struct rl_row *row, struct rl_err *err);
enum rl_code rl_store_insert(struct rl_store *s, struct rl_row *row,
                             struct rl_err *err); /* sets id, rev */
/* Replaces the row with row->id; the key may differ (rename). `rev` must be the stored one, or 0 to
 * take any: else E-CONFLICT. An empty secret keeps what is stored. */
enum rl_code rl_store_update(struct rl_store *s, struct rl_row *row, int64_t rev,
                             struct rl_err *err);
enum rl_code rl_store_remove(struct rl_store *s, enum rl_kind kind, const char *key,
                             struct rl_err *err);

/* Find and List: criteria joined by AND, compared without regard to ASCII case. */
enum rl_op {
    RL_OP_BEGINS,
    RL_OP_CONTAINS,
    RL_OP_IS,
    RL_OP_ENDS,
    RL_OP_BEFORE, /* comes before in order; of moments: "2026-12-31", or "30d", in 30 days */
    RL_OP_EMPTY,
    RL_OP_NOT_EMPTY
};
/* "begins with", "contains", "is exactly", "ends with", "is before", "is empty", "is not empty";
 * NULL-terminated. */
extern const char *const rl_op_names[];
/* An empty value finds everything. In a list field (lines) any entry may meet the criterion. */
struct rl_criterion {
    int field; /* of the kind's table, or RL_COL_TRUSTED */
    enum rl_op op;
    const char *value;
};
/* Pseudo column of phones and gateways: the trust of their type, "yes", "no", "" (R48). */
enum { RL_COL_TRUSTED = 1000 };

struct rl_query {
    enum rl_kind kind;
    const struct rl_criterion *criteria;
    size_t ncriteria;
    int sort; /* field, or RL_COL_TRUSTED; ties by key. 0 = key */
    bool descending;
    /* keyset: begin after the row with this value in the field sorted by and this key, in reading
     * order; NULL = at the start */
    const char *after_value, *after_key;
    bool backwards; /* towards the start: the page before after_*; rows still come in list order */
    size_t limit;   /* 0 = all */
};
/* Called for each row in order; `trusted` is that of its type. Return false to stop. Row is
 * borrowed. */
typedef bool (*rl_row_fn)(void *ctx, const struct rl_row *row, enum rl_tristate trusted);
enum rl_code rl_store_list(struct rl_store *s, const struct rl_query *query, rl_row_fn fn,
                           void *ctx, struct rl_err *err);
enum rl_code rl_store_count(struct rl_store *s, const struct rl_query *query, size_t *out,
                            struct rl_err *err);

/* Lines: which phones have a number. `limit` counts numbers; 0 = all. */
typedef bool (*rl_line_fn)(void *ctx, const char *number, const char *phone);
enum rl_code rl_store_lines(struct rl_store *s, const char *after_number, size_t limit,
                            rl_line_fn fn, void *ctx, struct rl_err *err);
enum rl_code rl_store_line_phones(struct rl_store *s, const char *number, rl_line_fn fn, void *ctx,
                                  struct rl_err *err);
/* The phones of a number that several have, with what decides whether the line is mixed (R30) and
 * what would mend it (R32). Borrowed texts. */
struct rl_line_user {
    const char *phone, *type, *protocol;
    const char *mode;       /* of its profile */
    const char *encryption; /* of its type: "yes", "no", "" */
};
typedef bool (*rl_line_user_fn)(void *ctx, const struct rl_line_user *user);
enum rl_code rl_store_line_users(struct rl_store *s, const char *number, rl_line_user_fn fn,
                                 void *ctx, struct rl_err *err);
/* A phone of a number that phones of different modes have (R33). Borrowed texts. */
struct rl_mixed_line {
    const char *number, *phone, *mode, *profile, *type;
};
typedef bool (*rl_mixed_line_fn)(void *ctx, const struct rl_mixed_line *line);
/* All of them by number and phone, those after a number's phone ("" and "": from the first on);
 * goes over every line of the site. */
enum rl_code rl_store_mixed_lines(struct rl_store *s, const char *number, const char *phone,
                                  size_t limit, rl_mixed_line_fn fn, void *ctx, struct rl_err *err);
/* The numbers that phones of a profile share with others; `fn` gets number and "". */
enum rl_code rl_store_shared_lines(struct rl_store *s, const char *profile, rl_line_fn fn,
                                   void *ctx, struct rl_err *err);
/* Another phone than `phone` that has the digest user; with `third_party`, only phones of
 * third-party types. *other is owned by the caller; NULL if there is none. */
enum rl_code rl_store_digest_sharer(struct rl_store *s, const char *user, const char *phone,
                                    bool third_party, char **other, struct rl_err *err);

/* What depends on an object: phones of a profile, phones, gateways and profiles of a type, phones
 * of a user, certificates of a phone or gateway; of a certificate its phone, or its profiles and
 * their phones. `fn` gets the kind's name ("phone") and the key. */
enum rl_code rl_store_users_of(struct rl_store *s, enum rl_kind kind, const char *key,
                               rl_line_fn fn, void *ctx, struct rl_err *err);
/* The same, without the first `skip`: for lists in parts. */
enum rl_code rl_store_users_from(struct rl_store *s, enum rl_kind kind, const char *key,
                                 size_t skip, rl_line_fn fn, void *ctx, struct rl_err *err);
/* How many phones use a profile or a user: counted; 0 for other kinds. */
enum rl_code rl_store_count_users(struct rl_store *s, enum rl_kind kind, const char *key, size_t *n,
                                  struct rl_err *err);
/* How many phones use a profile. */
enum rl_code rl_store_profile_phones(struct rl_store *s, const char *profile, size_t *n,
                                     struct rl_err *err);

/* What the tracker asks, by one indexed query: the device's row, its type's row and its profile's
 * row (the last empty for gateways). All initialised by a hit, owned by the caller. E-NOT-FOUND. */
struct rl_device_rows {
    enum rl_kind kind; /* RL_PHONE or RL_GATEWAY */
    struct rl_row device, type, profile;
};
enum rl_code rl_store_device(struct rl_store *s, const char *name, struct rl_device_rows *out,
                             struct rl_err *err);
void rl_device_rows_fini(struct rl_device_rows *rows);
enum rl_code rl_store_gateway_by_address(struct rl_store *s, const char *address, char **name,
                                         struct rl_err *err);

/* Phones that are alike in what decides how secure they can be, how many they are, and the first of
 * them by name; reads every phone. Borrowed texts. */
struct rl_phone_group {
    const char *type, *protocol, *profile, *first;
    bool credentials; /* they have digest users, who have credentials */
    size_t n;
};
typedef bool (*rl_phone_group_fn)(void *ctx, const struct rl_phone_group *group);
enum rl_code rl_store_phone_groups(struct rl_store *s, rl_phone_group_fn fn, void *ctx,
                                   struct rl_err *err);

/* Devices per mode (of their profile), for the status view. */
struct rl_mode_counts {
    size_t phones, gateways, profiles, users, types, by_mode[3];
};
enum rl_code rl_store_mode_counts(struct rl_store *s, struct rl_mode_counts *out,
                                  struct rl_err *err);

/* What the database takes on disk, bytes: of its pages, of those of them that hold nothing, and of
 * its log. */
struct rl_store_size {
    int64_t bytes, unused, log;
};
enum rl_code rl_store_size(struct rl_store *s, struct rl_store_size *out, struct rl_err *err);

/* Audit: entries in one chain. The text is one JSON object; hash and prev are hexadecimal SHA-256
 * made by the caller. Written inside the transaction of the change itself. */
struct rl_audit_row {
    int64_t seq;
    const char *text, *hash;
};
/* What is found by, beside the text that has it, too. Borrowed. */
struct rl_audit_entry {
    const char *text, *hash;
    const char *object, *who;
    const char *renamed; /* the name that the object has from now on, as `object`; or NULL */
    int64_t undoes;      /* the entry that is undone; or 0 */
};
enum rl_code rl_store_audit_add(struct rl_store *s, const struct rl_audit_entry *entry,
                                int64_t *seq, struct rl_err *err);
enum rl_code rl_store_audit_last(struct rl_store *s, int64_t *seq, char **hash, struct rl_err *err);
/* Drop the entries up to this one, inside the open transaction; with those of removed certificates
 * their names and bodies go, too. The newest has to stay. */
enum rl_code rl_store_audit_drop(struct rl_store *s, int64_t through, struct rl_err *err);
typedef bool (*rl_audit_fn)(void *ctx, const struct rl_audit_row *row);
/* Ascending from after_seq; or the newest first, those before `after_seq`, when `newest_first`. */
enum rl_code rl_store_audit_list(struct rl_store *s, int64_t after_seq, bool newest_first,
                                 size_t limit, rl_audit_fn fn, void *ctx, struct rl_err *err);

/* Which entries are asked for, the newest first; a NULL asks for any. All borrowed. */
struct rl_audit_query {
    const char *object; /* as entries name it: "phone SEP0011"; with what it was called before */
    const char *kind;   /* the first word of that */
    const char *who;
    const char *since; /* RFC 3339 in UTC with milliseconds */
    int64_t before;    /* only older ones than this entry; 0: from the newest on */
    size_t limit;      /* 0: none */
};
/* By indexes: as fast in a log of a million. False of `fn` stops. */
enum rl_code rl_store_audit_find(struct rl_store *s, const struct rl_audit_query *q, rl_audit_fn fn,
                                 void *ctx, struct rl_err *err);
/* The newest entry of who made it below `below` (0: of all); 0 if there is none. */
enum rl_code rl_store_audit_newest(struct rl_store *s, const char *who, int64_t below, int64_t *seq,
                                   struct rl_err *err);
/* The entry that undid this one; 0 if none did. */
enum rl_code rl_store_audit_undone(struct rl_store *s, int64_t seq, int64_t *by,
                                   struct rl_err *err);

#endif
