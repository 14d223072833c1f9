/* A trust list as it is told to clients: TRUST LIST of ringlock/protocol.h. */
#ifndef RL_CONTROL_TRUSTTOLD_H
#define RL_CONTROL_TRUSTTOLD_H

#include "control/rpc.h"

/* Read and check the bytes of `file`, whose name is safe; the signer is looked for among "signers"
 * of the request, if it has some, else among the site's own. Owned; NULL and rq->err. For work. */
json_t *rl_trust_told(struct rl_request *rq, const char *file, const struct rl_buf *bytes);

#endif
