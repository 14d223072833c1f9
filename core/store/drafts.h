/* Drafts: wizards under way, kept after every step (R93), and what was typed into forms. What the
 * answers mean is control's. */
#ifndef RL_STORE_DRAFTS_H
#define RL_STORE_DRAFTS_H

#include "store/store.h"

/* All owned by it; rl_draft_row_fini frees them. */
struct rl_draft_row {
    int64_t id, rev;
    char *kind, *name, *owner, *step;
    char *updated; /* RFC 3339 in UTC */
    char *answers; /* JSON */
};
void rl_draft_row_fini(struct rl_draft_row *draft);

/* Add one inside the open transaction; sets id and rev. */
enum rl_code rl_store_draft_add(struct rl_store *s, struct rl_draft_row *draft, struct rl_err *err);
/* Keep step, updated, answers and owner inside the open transaction. draft->rev must be the stored
 * one, and grows by one: else E-CONFLICT. E-NOT-FOUND. */
enum rl_code rl_store_draft_save(struct rl_store *s, struct rl_draft_row *draft,
                                 struct rl_err *err);
/* `out` is initialised on success. E-NOT-FOUND. */
enum rl_code rl_store_draft_get(struct rl_store *s, int64_t id, struct rl_draft_row *out,
                                struct rl_err *err);
/* Remove it inside the open transaction. E-NOT-FOUND. */
enum rl_code rl_store_draft_drop(struct rl_store *s, int64_t id, struct rl_err *err);

typedef bool (*rl_draft_fn)(void *ctx, const struct rl_draft_row *draft); /* borrowed */
/* Those of a kind (as SQL's LIKE has it; NULL: any), last touched before a time (RFC 3339; NULL:
 * whenever), the latest first; false stops. Only they are read: the answers of wizards may be long.
 */
enum rl_code rl_store_drafts(struct rl_store *s, const char *kind, const char *before,
                             rl_draft_fn fn, void *ctx, struct rl_err *err);

#endif
