/* Work beside the loop. A handler that may take long hands its question to a thread of libuv's pool
 * and returns; calls, keys and other questions go on meanwhile, and the answer goes out from the
 * loop when the work is done:
 *
 *     static const struct rl_work counting = {.run = count_objects};
 *     json_t *rl_method_object_count(struct rl_request *rq) { return rl_work_later(rq, &counting);
 * }
 *
 * Work that reads has a reading handle of the store of its own. At most RL_WORKERS run at once, for
 * one user at most RL_WORKERS_OF_USER; of those that wait, the one goes next whose user, and then
 * whose connection, has the fewest running. Work that writes runs one at a time, in the order it
 * was asked for, with the engine's writing handle, which the loop must leave alone as long.
 *
 * A connection that ends, or asks `cancel`, ends what it asked for: what waits is not begun, what
 * runs is interrupted inside the store. Its answer is E-CANCELLED. */
#ifndef RL_CONTROL_WORK_H
#define RL_CONTROL_WORK_H

#include "control/rpc.h"

struct rl_works;

enum {
    RL_WORKERS = 3, /* that read; with the one that writes as many as libuv has threads */
    RL_WORKERS_OF_USER = 2,
    RL_WAITING_OF_PEER = 64 /* questions; more are refused with E-BUSY */
};

struct rl_work {
    /* In a thread, with nothing but rq->params, rq->store, rq->ctx, rq->err and rq->problems: the
     * engine and the peer belong to the loop. Returns as a handler does. */
    json_t *(*run)(struct rl_request *rq);
    /* On the loop right before: notes in rq->ctx what `run` may not look at itself. If it fails,
     * its rq->err is the answer. NULL: there is nothing to note. */
    enum rl_code (*begin)(struct rl_request *rq);
    /* On the loop afterwards, once for every question, also for one that was cancelled before it
     * began (NULL and rq->err) or whose connection is gone (rq->peer is NULL). Takes the result of
     * `run` and returns the one to be told. NULL: there is nothing to add. */
    json_t *(*finish)(struct rl_request *rq, json_t *result);
    bool writes;
    bool urgent; /* of the engine's own: before all questions, not after them */
};

/* `store` is the writing handle, borrowed; reading ones are opened beside it when first needed. */
struct rl_works *rl_works_new(uv_loop_t *loop, struct rl_store *store);
/* When all connections are closed and the loop has run to its end. NULL-safe. */
void rl_works_free(struct rl_works **works);

/* For a handler: answer later. Always NULL, to be returned. */
json_t *rl_work_later(struct rl_request *rq, const struct rl_work *work);

/* Work of the engine's own, which nobody asked for and nobody can cancel. */
void rl_works_do(struct rl_engine *engine, const struct rl_work *work, void *ctx);

/* For dispatch.c: take a question that rl_work_later marked; it is answered and freed from here. */
void rl_works_take(struct rl_works *works, struct rl_request *rq);
/* Has a worker the writing handle now? */
bool rl_works_writing(const struct rl_works *works);
/* How many questions workers are at, and how many wait for one. */
void rl_works_load(const struct rl_works *works, size_t *running, size_t *waiting);
/* Cancel what a peer asked under this id. False: nothing of it is under way. */
bool rl_works_cancel(struct rl_works *works, const struct rl_peer *peer, const json_t *id);
/* The peer is gone: all that it asked is cancelled and answered to nobody. */
void rl_works_forget(struct rl_works *works, const struct rl_peer *peer);

#endif
