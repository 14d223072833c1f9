/* Certificate operations of phones by CAPF, as they are kept: one record for each phone of which
 * anything is known. Times are RFC 3339 in UTC, "" for none. */
#ifndef RL_STORE_CAPF_H
#define RL_STORE_CAPF_H

#include "ringlock/capf.h"
#include "ringlock/time.h"
#include "store/store.h"

enum { RL_CAPF_PHONE = 64 }; /* bytes of a phone's name with its NUL */

struct rl_capf {
    int64_t phone; /* rid */
    char name[RL_CAPF_PHONE];
    enum rl_capf_operation operation; /* that waits */
    enum rl_capf_operation done;      /* that the status is of */
    enum rl_capf_state state;
    enum rl_capf_why why;
    int tries;                 /* logins that failed, since the last lock-out */
    enum rl_tristate lsc, mic; /* installed, as far as the phone has shown */
    char sent[65];             /* fingerprint of an LSC that was sent and is not confirmed, or "" */
    char locked_until[RL_TIME_TEXT], completes_by[RL_TIME_TEXT];
    char renew_at[RL_TIME_TEXT]; /* two thirds of the validity of its LSC */
    char updated[RL_TIME_TEXT];
};

/* Of a phone by its name; where nothing is kept yet all is none. E-NOT-FOUND: no such phone. */
enum rl_code rl_store_capf_get(struct rl_store *s, const char *phone, struct rl_capf *out,
                               struct rl_err *err);
/* Keep it, inside the open transaction. */
enum rl_code rl_store_capf_put(struct rl_store *s, const struct rl_capf *capf, struct rl_err *err);

/* The authentication string of a phone (rid): *out is owned, a secret, NULL if there is none. */
enum rl_code rl_store_capf_string(struct rl_store *s, int64_t phone, char **out,
                                  struct rl_err *err);
/* Keep or (NULL) forget it, inside the open transaction. */
enum rl_code rl_store_capf_set_string(struct rl_store *s, int64_t phone, const char *text,
                                      struct rl_err *err);

typedef bool (*rl_capf_fn)(void *ctx, const struct rl_capf *capf); /* borrowed; false stops */
/* Those of a state (-1: of any), by name, those after `after` ("" begins). 0: no limit. */
enum rl_code rl_store_capf_list(struct rl_store *s, int state, const char *after, size_t limit,
                                rl_capf_fn fn, void *ctx, struct rl_err *err);
/* Operations that were to be complete by `now`. */
enum rl_code rl_store_capf_late(struct rl_store *s, const char *now, size_t limit, rl_capf_fn fn,
                                void *ctx, struct rl_err *err);
/* Phones whose LSC is due to be renewed at `now` and for which nothing waits, the longest due
 * first, behind `after` (a time and a rid). */
struct rl_capf_place {
    char renew_at[RL_TIME_TEXT];
    int64_t phone;
};
enum rl_code rl_store_capf_due(struct rl_store *s, const char *now,
                               const struct rl_capf_place *after, size_t limit, rl_capf_fn fn,
                               void *ctx, struct rl_err *err);

struct rl_capf_counts {
    size_t pending, failed;
    size_t due; /* LSCs to be renewed, for which nothing waits */
};
/* By indexes. */
enum rl_code rl_store_capf_count(struct rl_store *s, const char *now, struct rl_capf_counts *out,
                                 struct rl_err *err);

/* Of how many phones is it known what they have (R138)? Reads every record. */
struct rl_capf_known {
    size_t lsc, no_lsc, mic, no_mic, phones; /* phones: all there are */
};
enum rl_code rl_store_capf_known(struct rl_store *s, struct rl_capf_known *out, struct rl_err *err);

#endif
