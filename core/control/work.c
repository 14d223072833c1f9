#include "control/work.h"

#include <limits.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "store/store.h"

/* A question under way: it waits, or a worker runs it. */
struct task {
    uv_work_t work;
    struct rl_request *rq; /* owned */
    json_t *result;        /* owned; of the worker until it is done */
    struct worker *worker; /* NULL while it waits */
    struct task *next;     /* of those that wait, in the order they came */
};

struct worker {
    struct rl_store *store; /* NULL until it is needed */
    struct task *task;      /* that runs, or NULL */
};

struct rl_works {
    uv_loop_t *loop;
    struct rl_store *store;
    struct worker worker[RL_WORKERS + 1]; /* the last one writes */
    struct task *waiting;
};

static void start_waiting(struct rl_works *works);

struct rl_works *rl_works_new(uv_loop_t *loop, struct rl_store *store)
{
    struct rl_works *works = rl_alloc(sizeof *works);
    works->loop = loop;
    works->store = works->worker[RL_WORKERS].store = store;
    return works;
}

void rl_works_free(struct rl_works **works)
{
    if (!*works)
        return;
    for (size_t i = 0; i < RL_WORKERS; i++)
        rl_store_close(&(*works)->worker[i].store);
    free(*works);
    *works = NULL;
}

json_t *rl_work_later(struct rl_request *rq, const struct rl_work *work)
{
    rq->work = work;
    return NULL;
}

/* ---- running ---- */

static void finish(struct task *task)
{
    const struct rl_work *work = task->rq->work;
    json_t *result = task->result;
    if (work->finish)
        result = work->finish(task->rq, result);
    rl_request_answer(task->rq, result);
    free(task);
}

static void run(uv_work_t *work)
{
    struct task *task = work->data;
    task->result = task->rq->work->run(task->rq);
}

static void ran(uv_work_t *work, int status)
{
    struct task *task = work->data;
    struct rl_works *works = task->rq->engine->works;
    (void)status; /* what libuv has begun is never taken back */
    task->worker->task = NULL;
    rl_store_interrupt(task->worker->store, false);
    finish(task);
    start_waiting(works);
}

static void start(struct rl_works *works, struct worker *worker, struct task *task)
{
    struct rl_request *rq = task->rq;
    if ((!worker->store && rl_store_open_reader(works->store, &worker->store, &rq->err)) ||
        (rq->work->begin && rq->work->begin(rq))) {
        finish(task);
        return;
    }
    worker->task = task;
    task->worker = worker;
    rq->store = worker->store;
    uv_queue_work(works->loop, &task->work, run, ran);
}

/* ---- whose turn it is ---- */

static struct worker *idle(struct rl_works *works, bool writes)
{
    size_t last = writes ? RL_WORKERS : RL_WORKERS - 1;
    for (size_t i = writes ? RL_WORKERS : 0; i <= last; i++)
        if (!works->worker[i].task)
            return &works->worker[i];
    return NULL;
}

/* How many reading workers this peer's user has (each counted high), and this peer. What the engine
 * does for itself goes last, unless phones wait for it. */
static int load(const struct rl_works *works, const struct rl_request *rq)
{
    const struct rl_peer *peer = rq->peer;
    enum { OF_USER = RL_WORKERS + 1 };
    int n = 0;
    if (!peer)
        return rq->work->urgent ? 0 : INT_MAX - 1;
    for (size_t i = 0; i < RL_WORKERS; i++) {
        const struct task *task = works->worker[i].task;
        const struct rl_peer *other = task ? task->rq->peer : NULL;
        if (other && other->who.uid == peer->who.uid)
            n += OF_USER + (other == peer);
    }
    return n < RL_WORKERS_OF_USER * OF_USER ? n : INT_MAX;
}

/* The link to the one that goes next; NULL if none may. Who writes goes by the order alone. */
static struct task **next_task(struct rl_works *works, bool writes)
{
    struct task **best = NULL;
    int least = INT_MAX;
    for (struct task **at = &works->waiting; *at; at = &(*at)->next) {
        if ((*at)->rq->work->writes != writes)
            continue;
        int n = writes ? 0 : load(works, (*at)->rq);
        if (n < least) {
            least = n;
            best = at;
        }
    }
    return best;
}

static struct task *unlink_task(struct task **at)
{
    struct task *task = *at;
    *at = task->next;
    return task;
}

static void start_waiting(struct rl_works *works)
{
    for (int writes = 0; writes <= 1; writes++) {
        struct worker *worker;
        struct task **at;
        while ((worker = idle(works, writes)) && (at = next_task(works, writes)))
            start(works, worker, unlink_task(at));
    }
}

void rl_works_take(struct rl_works *works, struct rl_request *rq)
{
    struct task *task = rl_alloc(sizeof *task);
    struct task **end = &works->waiting;
    int of_peer = 0;
    task->rq = rq;
    task->work.data = task;
    for (; *end; end = &(*end)->next)
        of_peer += (*end)->rq->peer == rq->peer;
    if (of_peer >= RL_WAITING_OF_PEER) {
        rl_fail(&rq->err, RL_E_BUSY, rq->method,
                "%d questions of this connection wait already: no more are taken.", of_peer);
        finish(task);
        return;
    }
    *end = task;
    start_waiting(works);
}

void rl_works_do(struct rl_engine *engine, const struct rl_work *work, void *ctx)
{
    struct rl_request *rq = rl_alloc(sizeof *rq);
    rq->engine = engine;
    rq->method = "engine";
    rq->work = work;
    rq->ctx = ctx;
    rl_works_take(engine->works, rq);
}

bool rl_works_writing(const struct rl_works *works)
{
    return works->worker[RL_WORKERS].task != NULL;
}

void rl_works_load(const struct rl_works *works, size_t *running, size_t *waiting)
{
    *running = *waiting = 0;
    for (size_t i = 0; i <= RL_WORKERS; i++)
        *running += works->worker[i].task != NULL;
    for (const struct task *t = works->waiting; t; t = t->next)
        ++*waiting;
}

/* ---- cancelling ---- */

static void drop(struct task **at)
{
    struct task *task = unlink_task(at);
    rl_fail(&task->rq->err, RL_E_CANCELLED, task->rq->method, "%s was stopped.", task->rq->method);
    finish(task);
}

static bool asked(const struct task *task, const struct rl_peer *peer, const json_t *id)
{
    return task && task->rq->peer == peer && json_equal(task->rq->id, id);
}

bool rl_works_cancel(struct rl_works *works, const struct rl_peer *peer, const json_t *id)
{
    for (size_t i = 0; i <= RL_WORKERS; i++) {
        if (asked(works->worker[i].task, peer, id)) {
            rl_store_interrupt(works->worker[i].store, true);
            return true;
        }
    }
    for (struct task **at = &works->waiting; *at; at = &(*at)->next) {
        if (asked(*at, peer, id)) {
            drop(at);
            return true;
        }
    }
    return false;
}

void rl_works_forget(struct rl_works *works, const struct rl_peer *peer)
{
    for (size_t i = 0; i <= RL_WORKERS; i++) {
        struct task *task = works->worker[i].task;
        if (task && task->rq->peer == peer) {
            task->rq->peer = NULL;
            rl_store_interrupt(works->worker[i].store, true);
        }
    }
    for (struct task **at = &works->waiting; *at;) {
        if ((*at)->rq->peer == peer) {
            (*at)->rq->peer = NULL;
            drop(at);
            at = &works->waiting; /* what follows of it may have begun others */
        } else {
            at = &(*at)->next;
        }
    }
}
