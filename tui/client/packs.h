/* Device packs on their way to the engine. */
#ifndef RL_CLIENT_PACKS_H
#define RL_CLIENT_PACKS_H

#include <jansson.h>

#include "ringlock/err.h"

/* Read a pack, and its signature: the file `signature`, or with NULL PATH.p7s where there is one.
 * *params, owned, is what type.import takes beside "accept". E-IO, E-VALUE as rl_file_read,
 * E-COP-INVALID for a pack that is no text. */
enum rl_code rl_client_pack(const char *path, const char *signature, json_t **params,
                            struct rl_err *err);

#endif
