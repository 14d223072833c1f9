/* Views: how somebody likes a list, kept by name. What the text of one means is the console's. */
#ifndef RL_STORE_VIEWS_H
#define RL_STORE_VIEWS_H

#include "store/store.h"

/* Which one: `owner` is who made it, "" for one that all share. Names differ in more than ASCII
 * case. All borrowed. */
struct rl_view_key {
    const char *list, *owner, *name;
};
struct rl_view {
    struct rl_view_key key;
    const char *updated; /* RFC 3339 in UTC */
    const char *text;    /* JSON */
};

/* Keep it inside the open transaction, in place of one of the same key. */
enum rl_code rl_store_view_save(struct rl_store *s, const struct rl_view *view, struct rl_err *err);
/* Inside the open transaction: E-NOT-FOUND, E-EXISTS. */
enum rl_code rl_store_view_rename(struct rl_store *s, const struct rl_view_key *key, const char *to,
                                  struct rl_err *err);
enum rl_code rl_store_view_remove(struct rl_store *s, const struct rl_view_key *key,
                                  struct rl_err *err);
/* How many somebody keeps. */
enum rl_code rl_store_view_count(struct rl_store *s, const char *owner, int64_t *n,
                                 struct rl_err *err);

/* Those of the owner and those that all share, by name; `list` NULL: of all lists. Borrowed; false
 * stops. */
typedef bool (*rl_view_fn)(void *ctx, const struct rl_view *view);
enum rl_code rl_store_views(struct rl_store *s, const char *owner, const char *list, rl_view_fn fn,
                            void *ctx, struct rl_err *err);

/* The name of the view that somebody used last in a list, built in or kept; inside the open
 * transaction. */
enum rl_code rl_store_view_use(struct rl_store *s, const struct rl_view_key *key,
                               struct rl_err *err);
/* Owned; NULL if none is known. */
enum rl_code rl_store_view_used(struct rl_store *s, const char *owner, const char *list, char **out,
                                struct rl_err *err);

#endif
