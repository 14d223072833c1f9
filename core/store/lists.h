/* Trust lists as they were published, who was seen with which, and which phones still need their
 * own names for them. `kind` is "CTL" or "ITL". Times are RFC 3339 in UTC with milliseconds. */
#ifndef RL_STORE_LISTS_H
#define RL_STORE_LISTS_H

#include "store/store.h"

/* One version; all borrowed. */
struct rl_list_row {
    int64_t version;    /* from 1 */
    const char *made;   /* when it was put into the database */
    const char *placed; /* since when phones get it; "" for not yet */
    const void *body;
    size_t n;
};

/* The versions of a list, the newest first. False stops. */
typedef bool (*rl_list_fn)(void *ctx, const struct rl_list_row *row);
enum rl_code rl_store_lists(struct rl_store *s, const char *kind, rl_list_fn fn, void *ctx,
                            struct rl_err *err);

/* Add the next version inside the open transaction; sets row->version. With the first one the names
 * of all phones are due. */
enum rl_code rl_store_list_add(struct rl_store *s, const char *kind, struct rl_list_row *row,
                               struct rl_err *err);
/* Inside the open transaction: phones get it since then. */
enum rl_code rl_store_list_placed(struct rl_store *s, const char *kind, int64_t version,
                                  const char *when, struct rl_err *err);

/* Inside the open transaction: a phone was seen with a version; what was seen of it later stays.
 * E-NOT-FOUND if there is no such phone. */
enum rl_code rl_store_list_seen(struct rl_store *s, const char *kind, const char *phone,
                                int64_t version, const char *when, struct rl_err *err);
/* The version that a phone was seen with last: 0 if it was not. */
enum rl_code rl_store_list_of(struct rl_store *s, const char *kind, const char *phone,
                              int64_t *version, struct rl_err *err);

/* Phones that were last seen with a version below `below`, or (*unknown) were never seen. */
struct rl_list_counts {
    size_t phones, older, unknown;
};
enum rl_code rl_store_list_counts(struct rl_store *s, const char *kind, int64_t below,
                                  struct rl_list_counts *out, struct rl_err *err);

/* The same phones one by one: by version, those never seen (version 0) last. */
struct rl_list_holder {
    const char *phone; /* borrowed */
    const char *seen;  /* "" for never */
    int64_t version;
    int64_t place; /* with `version`: where to go on behind it */
};
struct rl_list_query {
    const char *kind;
    int64_t below;
    int64_t version, place; /* begin behind it; -1 and 0: at the first */
    size_t limit;
};
typedef bool (*rl_list_holder_fn)(void *ctx, const struct rl_list_holder *holder);
enum rl_code rl_store_list_holders(struct rl_store *s, const struct rl_list_query *query,
                                   rl_list_holder_fn fn, void *ctx, struct rl_err *err);

/* Phones whose names for the lists are due, at most `limit`, in the order they were noted: `there`
 * tells if the phone is. The name "" stands for all phones. */
typedef bool (*rl_link_fn)(void *ctx, int64_t id, const char *name, bool there);
enum rl_code rl_store_links_due(struct rl_store *s, size_t limit, rl_link_fn fn, void *ctx,
                                struct rl_err *err);
/* Those of all phones are due, inside the open transaction. */
enum rl_code rl_store_links_all(struct rl_store *s, struct rl_err *err);
/* Inside the open transaction. */
enum rl_code rl_store_link_done(struct rl_store *s, int64_t id, struct rl_err *err);

/* Types of which every signature but that of an LSC has to be SHA-1 (R133): how many phones have
 * them, and the first by name. Borrowed; false stops. */
typedef bool (*rl_sha1_only_fn)(void *ctx, const char *type, size_t phones, const char *first);
enum rl_code rl_store_sha1_only(struct rl_store *s, rl_sha1_only_fn fn, void *ctx,
                                struct rl_err *err);

#endif
