/* Certificate files on their way to the engine. */
#ifndef RL_CLIENT_CERTS_H
#define RL_CLIENT_CERTS_H

#include <jansson.h>

#include "ringlock/err.h"

/* Read a certificate file (NULL: standard input) into the member "data" of `answer`, as cert.upload
 * and wizards take it. A key that came along is refused there, and not kept here. E-IO, E-VALUE as
 * rl_file_read; then `answer` is as it was. */
enum rl_code rl_client_cert(const char *path, json_t *answer, struct rl_err *err);

#endif
