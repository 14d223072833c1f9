/* Live changes for those who watch: the first at once, then at most 20 messages a second for each
 * connection. What changed is remembered by call, so a flood of changes becomes the latest state of
 * each. */
#ifndef RL_CONTROL_WATCH_H
#define RL_CONTROL_WATCH_H

#include "calls/tracker.h"
#include "control/rpc.h"

/* From now on the peer is told of calls that change, and with ended_too of those that end.
 * Beginning again changes what it is told; ending what never began does nothing. */
void rl_watch_begin(struct rl_peer *peer, bool ended_too);
void rl_watch_end(struct rl_peer *peer);

/* To all who watch; sent by rl_watch_pump. */
void rl_watch_call(struct rl_rpc *rpc, const struct rl_call *call);
void rl_watch_forgotten(struct rl_rpc *rpc, const char *id);
/* Forget what was made for those who watch. */
void rl_watch_close(struct rl_engine *engine);
/* Send what is due: once in each turn of the loop. */
void rl_watch_pump(struct rl_rpc *rpc);
/* To all connections: {"mixed"}. */
void rl_watch_site(struct rl_rpc *rpc, bool mixed);

#endif
