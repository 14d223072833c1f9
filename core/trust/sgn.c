#include "trust/sgn.h"

enum rl_code rl_sgn_read(const void *bytes, size_t n, const char *object, const char *name,
                         struct rl_sgn *out, struct rl_problems *warnings, struct rl_err *err)
{
    struct rl_tlv_file file = {.bytes = bytes,
                               .n = n,
                               .object = object,
                               .kind = RL_TLV_SIGNED,
                               .warnings = warnings,
                               .err = err};
    enum rl_code code = rl_trust_header_read(&file, name, &out->header, &out->over);
    if (!code)
        out->body = (struct rl_bytes){file.bytes + out->header.size, n - out->header.size};
    return code;
}
