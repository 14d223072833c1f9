/* What the files of the trust lists share (lists.c, listpublish.c, listlinks.c). */
#ifndef RL_CONTROL_LISTS_OWN_H
#define RL_CONTROL_LISTS_OWN_H

#include "control/lists.h"
#include "store/lists.h"

enum { RL_LISTS_RETRY_US = 10 * 1000 * 1000 }; /* after what the directory did not take */

struct rl_lists {
    char *dir; /* tftp/ of the site; owned */
    struct rl_listed now[RL_LIST_KINDS];
    bool unsettled[RL_LIST_KINDS]; /* the file is not as the database says */
    bool linking;                  /* a worker is at the names of phones */
    const char *alert;             /* what consoles were told last; static */
    int64_t retry_us;              /* monotonic: nothing is tried again before */
};

/* lists.c: read what the database has of a list, and bring its file up to that. */
enum rl_code rl_lists_load(struct rl_engine *e, enum rl_list_kind kind, struct rl_err *err);
enum rl_code rl_lists_settle(struct rl_engine *e, enum rl_list_kind kind, struct rl_err *err);

/* listlinks.c: when the engine opens, have all names made if those of the first phone are not
 * there: the site was restored, or somebody emptied the directory. */
void rl_lists_look_at_links(struct rl_engine *e);
/* listlinks.c: have a worker make the names that are due, if there are any. */
void rl_lists_link(struct rl_engine *e);

#endif
