/* The connection to the engine: asynchronous, reconnecting, knows how old its data is. */
#ifndef RL_CLIENT_CLIENT_H
#define RL_CLIENT_CLIENT_H

#include <jansson.h>
#include <uv.h>

#include "ringlock/err.h"
#include "ringlock/protocol.h"

struct rl_client;

enum rl_client_state {
    RL_CLIENT_CONNECTING,
    RL_CLIENT_UP,
    RL_CLIENT_LOST,   /* trying again with growing pauses: 1, 2, 4 .. 30 s */
    RL_CLIENT_REFUSED /* other version, or not allowed: no more tries */
};

struct rl_client_config {
    const char *site;        /* directory, or NULL */
    const char *socket;      /* path, or NULL: SITE/ringlock.sock */
    bool start_private;      /* start an own engine when nothing serves the site */
    const char *engine_path; /* of ringlockd; NULL: beside this program, then PATH */
};

struct rl_client_hooks {
    void *ctx;
    void (*state)(void *ctx, enum rl_client_state state,
                  const struct rl_err *why); /* why NULL when up */
    void (*notification)(void *ctx, const char *method, const json_t *params); /* borrowed */
};

/* Who we are and whom we talk to: filled by hello. Owned by the client. */
struct rl_client_info {
    char site[256], name[128], user[64], release[32], hep_udp[64], hep_tcp[64];
    enum rl_role role;
    bool mixed, private_engine;
    char lists[24];         /* "CTL out of date", or "": shown until it is mended */
    int idle_s;             /* a console without a key for so long ends; 0 = never */
    int64_t last_answer_us; /* monotonic: when the engine was heard last */
    int round_trip_ms;      /* of the latest answer, -1 unknown */
};

struct rl_client *rl_client_new(
    uv_loop_t *loop, const struct rl_client_config *config,
    const struct rl_client_hooks *hooks);       /* copies config; begins to connect */
void rl_client_free(struct rl_client **client); /* closes; run the loop once more for its handles */

/* How the connection is, and what the engine said about itself when it was last up: borrowed. */
enum rl_client_state rl_client_state(const struct rl_client *client);
const struct rl_client_info *rl_client_info(const struct rl_client *client);
/* Seconds since the engine was heard while a question waits for its answer; 0 if none does, -1 if
 * one does, but not for a second yet. */
int rl_client_silent_s(const struct rl_client *client);
/* Milliseconds since the question was asked that waits longest; -1 if none does. */
int rl_client_waiting_ms(const struct rl_client *client);
/* Ask for a sign of life, for the sake of rl_client_silent_s while an answer takes long. */
void rl_client_probe(struct rl_client *client);
void rl_client_retry(struct rl_client *client); /* try now */

/* Called once: with the result (borrowed), or with err when the engine refused, was lost, or did
 * not answer in time. */
typedef void (*rl_answer_fn)(void *ctx, const json_t *result, const struct rl_err *err,
                             const json_t *problems);

/* Ask. `params` is taken; NULL is none. Returns a number by which the question can be dropped.
 * While the engine is not up the answer is E-NO-ENGINE, given from the loop, never from inside this
 * call. */
unsigned rl_client_call(struct rl_client *client, const char *method, json_t *params,
                        rl_answer_fn fn, void *ctx);
/* Forget a question: fn will not be called, and the engine stops working on it. */
void rl_client_drop(struct rl_client *client, unsigned number);
/* Have the engine stop, but wait for its answer: E-CANCELLED, unless it was done already. */
void rl_client_cancel(struct rl_client *client, unsigned number);

/* For commands: wait for the connection, ask, run the loop until the answer. *result is owned by
 * the caller. */
enum rl_code rl_client_wait_up(struct rl_client *client, struct rl_err *err);
enum rl_code rl_client_ask(struct rl_client *client, const char *method, json_t *params,
                           json_t **result, struct rl_err *err, json_t **problems);

#endif
