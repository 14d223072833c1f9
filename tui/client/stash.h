/* Drafts of forms while no engine can keep them (tui.md A8): a file of mode 0600 for each form, in
 * the user's own state directory ($XDG_STATE_HOME, else ~/.local/state). */
#ifndef RL_CLIENT_STASH_H
#define RL_CLIENT_STASH_H

#include <jansson.h>

#include "ringlock/err.h"

struct rl_stash {
    const char *site; /* as the engine named it */
    bool locked;      /* the environment does not count: the home is that of the password file */
};

/* The members "kind", "act" and "name" of the parameters of draft.save say which form it is. */

/* Write the parameters down, in place of what was there. E-IO. */
enum rl_code rl_stash_put(const struct rl_stash *at, const json_t *params, struct rl_err *err);
/* What was written of the form that `params` name; owned. NULL: nothing that can be read. */
json_t *rl_stash_get(const struct rl_stash *at, const json_t *params);
/* Forget it. */
void rl_stash_drop(const struct rl_stash *at, const json_t *params);

#endif
