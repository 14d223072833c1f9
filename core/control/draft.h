/* Drafts of wizards (R93): what was answered, when, and which steps were gone through. The store
 * keeps them as one text. */
#ifndef RL_CONTROL_DRAFT_H
#define RL_CONTROL_DRAFT_H

#include <jansson.h>

#include "ringlock/wizard.h"
#include "store/drafts.h"

enum { RL_DRAFT_PHONES = 500 };

/* The step after the last: review and end check. */
#define RL_DRAFT_CHECK "check"

struct rl_draft {
    struct rl_draft_row row; /* its answers are not kept up to date */
    const struct rl_wizard *wizard;
    json_t *answers;  /* as in a DRAFT (protocol.h), with the certificates; owned */
    json_t *changed;  /* revision at which an answer changed last; owned */
    json_t *seen;     /* revision at which a step was gone through last; owned */
    json_t *accepted; /* W-codes that were said yes to; owned */
};

/* A new one, not stored yet; `wizard` is static. */
void rl_draft_init(struct rl_draft *draft, const struct rl_wizard *wizard, const char *name,
                   const char *owner);
/* E-NOT-FOUND, E-SITE-DAMAGED for answers that cannot be read. On success rl_draft_fini frees. */
enum rl_code rl_draft_read(struct rl_store *store, int64_t id, struct rl_draft *out,
                           struct rl_err *err);
void rl_draft_fini(struct rl_draft *draft);

/* Take answers over, by their keys; null takes one back. Refused: E-FIELD, E-VALUE, also for more
 * than a draft holds; then the draft is not to be written. What is sent as a certificate is read at
 * once: what is none is not kept, only why (R9). */
enum rl_code rl_draft_answer(struct rl_draft *draft, const json_t *answers, struct rl_err *err);
/* Go to a step, or to RL_DRAFT_CHECK. E-VALUE. */
enum rl_code rl_draft_go(struct rl_draft *draft, const char *step, struct rl_err *err);
void rl_draft_accept(struct rl_draft *draft, const json_t *codes);
/* Add it, or save it at the revision it was read at, inside the open transaction. E-CONFLICT. */
enum rl_code rl_draft_write(struct rl_draft *draft, struct rl_store *store, struct rl_err *err);

/* The answer to "profile.name" and the like as text, owned by the caller; "" if there is none. */
char *rl_draft_text(const struct rl_draft *draft, const char *key);
/* The list of phones, an array; borrowed. */
const json_t *rl_draft_phones(const struct rl_draft *draft);

/* True if the step was gone through, and if something it rests on was answered otherwise since. */
bool rl_draft_seen(const struct rl_draft *draft, int step);
bool rl_draft_again(const struct rl_draft *draft, int step);

/* Why what was sent as a certificate, {"file", "data"}, is not kept; false if it is, or nothing was
 * sent. */
bool rl_draft_cert_refused(const json_t *answer, struct rl_err *err);

/* Once a second: each hour those that nobody touched for as long as the configuration says go, but
 * for those that somebody has open. */
struct rl_engine;
void rl_drafts_tick(struct rl_engine *engine, int64_t wall_us);

#endif
