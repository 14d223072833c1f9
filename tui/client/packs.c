#include "client/packs.h"

#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "ringlock/buf.h"
#include "ringlock/protocol.h"
#include "ringlock/text.h"

static enum rl_code read_pack(const char *path, json_t *params, struct rl_err *err)
{
    char *bytes;
    size_t n;
    enum rl_code code = rl_file_read(path, RL_PACK_BYTES, &bytes, &n, err);
    if (code != RL_OK)
        return code;
    if (rl_text_is_utf8(bytes, n) && !memchr(bytes, '\0', n))
        json_object_set_new(params, "pack", json_stringn(bytes, n));
    else
        code = rl_fail(err, RL_E_COP_INVALID, path, "%s is no UTF-8 text, as a pack is.", path);
    free(bytes);
    return code;
}

static enum rl_code read_signature(const char *path, json_t *params, struct rl_err *err)
{
    char *bytes;
    size_t n;
    enum rl_code code = rl_file_read(path, RL_SIGNATURE_BYTES, &bytes, &n, err);
    if (code != RL_OK)
        return code;
    char *data = rl_file_data(bytes, n);
    json_object_set_new(params, "signature", json_string(data));
    free(data);
    free(bytes);
    return RL_OK;
}

enum rl_code rl_client_pack(const char *path, const char *signature, json_t **params,
                            struct rl_err *err)
{
    char *beside = rl_asprintf("%s.p7s", path);
    *params = json_pack("{s:s}", "file", path);
    enum rl_code code = read_pack(path, *params, err);
    if (code == RL_OK && !signature && rl_file_is_there(beside))
        signature = beside;
    if (code == RL_OK && signature)
        code = read_signature(signature, *params, err);
    if (code != RL_OK) {
        json_decref(*params);
        *params = NULL;
    }
    free(beside);
    return code;
}
