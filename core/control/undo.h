/* Undoing what the audit log says was done: each entry of an act put back as an ordinary, checked
 * change, the latest first. */
#ifndef RL_CONTROL_UNDO_H
#define RL_CONTROL_UNDO_H

#include <jansson.h>

#include "control/objects.h"
#include "ringlock/protocol.h"

/* What somebody did last: entries of one transaction. */
struct rl_undo {
    int64_t act;     /* number of its first entry; 0: there is nothing to undo */
    json_t *entries; /* as audit.list tells them, the latest first; owned */
};
void rl_undo_fini(struct rl_undo *undo);

/* The latest act of `who` that was not undone yet. Acts that set the site up and changes of
 * ringlock.conf, which the console did not make, are passed over. E-UNDO-NONE; E-UNDO for an act of
 * more entries than RL_UNDO_MAX. */
enum rl_code rl_undo_find(struct rl_store *store, const char *who, struct rl_undo *out,
                          struct rl_err *err);

/* The role that undoing it needs. */
bool rl_undo_needs_admin(const struct rl_undo *undo);
/* The cluster security mode that was changed back from: true, and the mode before. */
bool rl_undo_is_mode(const struct rl_undo *undo, bool *mixed);

/* Does putting it back touch so much that it takes long: many entries, or a profile of many phones?
 */
bool rl_undo_is_wide(struct rl_store *store, const struct rl_undo *undo);
/* E-CONFLICT if somebody changed one of its objects since: who, what and when. */
enum rl_code rl_undo_untouched(struct rl_store *store, const struct rl_undo *undo,
                               struct rl_err *err);

/* Put it all back, inside rl_store_begin_many. E-UNDO for what the log does not have (secrets, the
 * body of a certificate) or what belongs to a type; else what the rules refuse. `who` in `act` is
 * the one who undoes. */
enum rl_code rl_undo_run(const struct rl_act *act, const struct rl_undo *undo, int64_t now_us,
                         struct rl_problems *problems);

#endif
