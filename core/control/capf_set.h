/* Certificate operations as they are ordered and taken back, and as they are told. */
#ifndef RL_CONTROL_CAPF_SET_H
#define RL_CONTROL_CAPF_SET_H

#include <jansson.h>

#include "control/objects.h"
#include "store/capf.h"

struct rl_capf_request {
    enum rl_capf_operation operation;
    const char *string; /* a secret, or NULL */
    bool generate;
    int64_t by_us, now_us; /* wall clock */
    bool service;          /* CAPF is on */
};

/* Order it for a phone, in a transaction of its own that may be part of many, with its entry. The
 * string that was generated comes into `made`, else "" does. What is refused is in the problems. */
enum rl_code rl_capf_order(const struct rl_act *act, const char *phone,
                           const struct rl_capf_request *request, char made[RL_CAPF_STRING_MAX + 1],
                           struct rl_problems *problems);

/* CAPF of protocol.h. */
json_t *rl_json_capf(const struct rl_capf *capf);

#endif
