#include "client/certs.h"

#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "ringlock/protocol.h"

enum rl_code rl_client_cert(const char *path, json_t *answer, struct rl_err *err)
{
    char *bytes;
    size_t n;
    enum rl_code code = path ? rl_file_read(path, RL_CERT_BYTES, &bytes, &n, err)
                             : rl_input_read(RL_CERT_BYTES, &bytes, &n, err);
    if (code != RL_OK)
        return code;
    char *data = rl_file_data(bytes, n);
    json_object_set_new(answer, "data", json_string(data));
    explicit_bzero(bytes, n);
    explicit_bzero(data, strlen(data));
    free(bytes);
    free(data);
    return RL_OK;
}
