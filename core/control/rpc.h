/* The control socket: JSON-RPC 2.0, one object a line (ringlock/protocol.h). A bad peer loses its
 * connection. */
#ifndef RL_CONTROL_RPC_H
#define RL_CONTROL_RPC_H

#include <jansson.h>
#include <stdbool.h>
#include <uv.h>

#include "engine/config.h"
#include "ringlock/err.h"
#include "ringlock/protocol.h"

struct rl_engine;
struct rl_rpc;

enum {
    RL_PEERS_MAX = 256,      /* connections */
    RL_PEERS_OF_USER = 32,   /* of one uid */
    RL_PEER_QUEUE = 8 << 20, /* bytes that may wait for a peer that does not read */
    RL_PEER_HELLO_S = 10     /* so long may it take until hello */
};

/* Who is at the other end, by the kernel's word. */
struct rl_identity {
    unsigned uid;
    enum rl_role role;
    char *user; /* owned */
};

struct rl_watch;
struct rl_importing;

/* One connection. */
struct rl_peer {
    struct rl_rpc *rpc;
    struct rl_peer *next;
    struct rl_identity who;
    bool greeted;                   /* hello was accepted */
    struct rl_watch *watch;         /* owned by watch.c; NULL = watches nothing */
    struct rl_importing *importing; /* owned by methods_import.c; NULL = imports nothing */
    int64_t draft;                  /* wizard that is open here, told of its changes; 0 = none */
    bool holds_draft;               /* and answers it */
    /* the rest is rpc.c's */
    uv_pipe_t pipe;
    struct rl_buf in;
    bool closing;
    int64_t since_us;
};

struct rl_store;
struct rl_work;

/* One question. A handler returns the result (owned by the caller), or NULL with err filled, or
 * rl_work_later (control/work.h): then the question lives on until its work is done. */
struct rl_request {
    struct rl_engine *engine;
    struct rl_peer *peer;       /* NULL: gone while the work was under way */
    struct rl_store *store;     /* to read with: the engine's reader, or that of the work */
    const char *method;         /* of `message`, as are id and params */
    const json_t *id, *params;  /* the parameters are checked against the method's table */
    json_t *message;            /* owned */
    const struct rl_work *work; /* NULL: the handler answers */
    void *ctx;                  /* the handler's own, for its work */
    struct rl_err err;
    struct rl_problems problems; /* told with err, if there are any */
};
typedef json_t *(*rl_rpc_fn)(struct rl_request *rq);

enum rl_param_kind { RL_P_TEXT, RL_P_INT, RL_P_BOOL, RL_P_LIST, RL_P_OBJECT, RL_P_ID };
struct rl_param {
    const char *name;
    enum rl_param_kind kind;
    bool need;
};
enum { RL_PARAMS_MAX = 10 };
struct rl_rpc_method {
    const char *name;
    enum rl_role role;
    rl_rpc_fn run;
    struct rl_param params[RL_PARAMS_MAX]; /* ends with a NULL name */
};
extern const struct rl_rpc_method rl_rpc_methods[];
extern const size_t rl_rpc_nmethods;

/* Listen at `path`; a socket that a dead engine left there is replaced. E-IO. */
enum rl_code rl_rpc_open(struct rl_engine *engine, uv_loop_t *loop, const char *path,
                         struct rl_rpc **out, struct rl_err *err);
/* Close all connections and the socket, and remove it. Frees when the loop has run once more. */
void rl_rpc_close(struct rl_rpc **rpc);

/* Look at every peer's role again: the configuration changed. Who has none any more is put out. */
void rl_rpc_recheck(struct rl_rpc *rpc);
/* Once a second: connections without hello. */
void rl_rpc_tick(struct rl_rpc *rpc, int64_t now_us);

/* Who is connected, and the engine that all work for: borrowed. */
size_t rl_rpc_npeers(const struct rl_rpc *rpc);
struct rl_peer *rl_rpc_peers(struct rl_rpc *rpc); /* the first; peers are linked by `next` */
struct rl_engine *rl_rpc_engine(struct rl_rpc *rpc);

/* Send one message; takes it. A peer that reads too slowly is closed, never waited for. */
void rl_peer_send(struct rl_peer *peer, json_t *message);
void rl_peer_send_text(struct rl_peer *peer,
                       struct rl_buf *message); /* JSON; takes what it holds */
void rl_peer_notify(struct rl_peer *peer, const char *method, json_t *params); /* takes params */
void rl_peer_close(struct rl_peer *peer, const char *why);

/* Take one line of a peer (dispatch.c). False: it is no request, close the connection. */
bool rl_dispatch(struct rl_peer *peer, const char *line, size_t n);

/* Tell the result (taken), or rq->err where it is NULL, and free the question (dispatch.c). */
void rl_request_answer(struct rl_request *rq, json_t *result);

/* The one message of who may not: E-NOT-ALLOWED, if the peer's role is below `role` (dispatch.c).
 */
enum rl_code rl_peer_need_role(const struct rl_peer *peer, enum rl_role role, struct rl_err *err);

/* The user and role of the process at the other end of a connected Unix socket (identity.c). */
void rl_identity_read(int fd, const struct rl_config *config, struct rl_identity *out);

#endif
