/* The enrol process, its listening sockets, its records and its keys. It runs while at least one of
 * CAPF and TVS has a place to listen at. */
#ifndef RL_ENGINE_ENROL_CHILD_H
#define RL_ENGINE_ENROL_CHILD_H

#include "engine/listen.h"
#include "enrol/record.h"

struct rl_engine;
struct rl_enrol_child;

struct rl_enrol_status {
    int pid;                                        /* 0 = not running */
    unsigned restarts;                              /* since the engine began */
    int64_t restarted_us;                           /* the last of them, wall clock; 0 = none */
    struct rl_enr_stats stats;                      /* totals over all its lives; `open` is now */
    uint64_t signatures, decryptions, keys_refused; /* of private-key operations */
    char capf[RL_LISTEN_TEXT], tvs[RL_LISTEN_TEXT]; /* "127.0.0.1:3804"; "" = off */
};

/* Make the sockets and start the process, as the engine's configuration says; what it says goes to
 * `record`, on the loop. E-IO names the address that cannot be had. */
enum rl_code rl_enrol_open(struct rl_engine *engine,
                           void (*record)(struct rl_engine *engine, const struct rl_enr *rec),
                           struct rl_enrol_child **out, struct rl_err *err);
/* The configuration changed. Other addresses are listened at (the old ones stay if they cannot be
 * had), and the process starts anew if it has to know. */
enum rl_code rl_enrol_configure(struct rl_enrol_child *enrol, struct rl_err *err);
/* The engine's own certificates changed: those of CAPF and TVS are shown from now on. NULL-safe. */
void rl_enrol_certificates(struct rl_enrol_child *enrol);
/* Say something to a session; nobody hears it once that is gone. */
void rl_enrol_send(struct rl_enrol_child *enrol, const struct rl_enr *rec);
/* About once a second. */
void rl_enrol_tick(struct rl_enrol_child *enrol);
/* End it; memory goes when the loop has run once more. NULL-safe. */
void rl_enrol_close(struct rl_enrol_child **enrol);

/* All zero and empty for NULL. */
void rl_enrol_status(const struct rl_enrol_child *enrol, struct rl_enrol_status *out);

#endif
