/* The site's trust lists, as the engine knows them: which are published, what is in them, and the
 * acts that change that. The database is the truth; tftp/ is brought up to it, at start too.
 * The CTL is there in mixed mode, and withdrawn in nonsecure mode (security-model 2); the ITL is
 * there once configuration files are published. All on the loop, unless it says otherwise. */
#ifndef RL_CONTROL_LISTS_H
#define RL_CONTROL_LISTS_H

#include <jansson.h>

#include "control/listmake.h"
#include "ringlock/time.h"

struct rl_lists; /* of the engine */

/* The newest version of a list. */
struct rl_listed {
    bool published; /* phones may get it */
    bool placed;    /* and it is in its place */
    int64_t version;
    char made[RL_TIME_TEXT];
    struct rl_list_content content;
};

/* When the engine opens: what there is, and the directory settled with it. E-IO is logged only. */
enum rl_code rl_lists_open(struct rl_engine *e, struct rl_err *err);
void rl_lists_close(struct rl_lists **lists); /* NULL-safe */
/* About once a second: what could not be put into its place, and the names of phones. */
void rl_lists_tick(struct rl_engine *e);

/* Borrowed. */
const struct rl_listed *rl_lists_now(const struct rl_engine *e, enum rl_list_kind kind);
/* Publish a new version of each list that is published, or is to be: `force` makes one also where
 * nothing differs. rl_lists_tick does so by itself for the ITL, and for a CTL that lacks nothing in
 * use. One transaction with its audit entries; phones get the files when it is
 * committed. Warnings are added to `warnings` (may be NULL). E-CTL-SIGNER, E-SHA1-ONLY (R133),
 * E-CTL-NONE if the site has no list in its mode, E-CONFLICT, E-IO. After own certificates were
 * added or moved this is what brings them to the phones, before anything is signed with them. */
enum rl_code rl_lists_publish(struct rl_engine *e, const char *who, bool force,
                              struct rl_problems *warnings, struct rl_err *err);
/* New versions of what follows the site's own certificates by itself: of the ITL in any case, of
 * the CTL where it lacks nothing that is in use. What fails is logged, and tried again. */
void rl_lists_follow(struct rl_engine *e);
/* The cluster security mode and, for mixed, a new CTL: both or neither (R121). */
enum rl_code rl_lists_set_mode(struct rl_engine *e, const char *who, bool mixed,
                               struct rl_err *err);

/* From any thread: since which version without a break a list has this certificate; 0: the newest
 * does not have it, or there is none. */
enum rl_code rl_lists_since(struct rl_store *store, enum rl_list_kind kind, const char *fingerprint,
                            int64_t *since, struct rl_err *err);

/* Was the phone last seen with a CTL that lacks the active CallManager certificate (R16)? */
bool rl_lists_is_locked_out(struct rl_engine *e, const char *phone);

/* What a console tells all the time until it is mended: "no CTL file", "CTL out of date", "ITL out
 * of date"; NULL if nothing is (R14). Static. */
const char *rl_lists_alert(struct rl_engine *e);

/* The members of the status: "ctl" for people, "lists" for scripts. */
void rl_lists_status(struct rl_engine *e, json_t *status);
/* One list; owned. */
json_t *rl_json_listed(struct rl_engine *e, enum rl_list_kind kind);

#endif
