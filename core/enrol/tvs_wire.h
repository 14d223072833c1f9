/* TVS messages: bytes to records and back. Pure: no TLS, no clock. */
#ifndef RL_ENROL_TVS_WIRE_H
#define RL_ENROL_TVS_WIRE_H

#include "enrol/record.h"
#include "enrol/wire.h"

enum rl_wire_tvs_command {
    RL_WIRE_VERIFY_REQUEST = 1,
    RL_WIRE_VERIFY_RESPONSE = 2,
    RL_WIRE_QUERY_REQUEST = 3,
    RL_WIRE_QUERY_RESPONSE = 4
};

struct rl_wire_tvs_message {
    uint8_t command;
    uint32_t session; /* the client's; the answer repeats it */
    struct rl_wire_body body;
};

/* Read one message. Returns the bytes used, 0 if more are needed, -1 if they are none, or too many.
 * The body is borrowed from `bytes`. */
long rl_wire_tvs_read(const uint8_t *bytes, size_t n, struct rl_wire_tvs_message *message);

/* The question; false if it is none. All is borrowed from the message. */
bool rl_wire_tvs_record(const struct rl_wire_tvs_message *question, struct rl_enr *rec);

/* Append the answer to a question. */
void rl_wire_tvs_write(struct rl_buf *out, uint8_t question, uint32_t session,
                       const struct rl_enr_answer *answer);

#endif
