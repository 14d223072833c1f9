/* CAPF messages: bytes to records and back. Pure: no TLS, no session, no clock. */
#ifndef RL_ENROL_CAPF_WIRE_H
#define RL_ENROL_CAPF_WIRE_H

#include "enrol/record.h"
#include "enrol/wire.h"

enum rl_wire_capf_command {
    RL_WIRE_AUTH_REQUEST = 1,
    RL_WIRE_AUTH_RESPONSE = 2,
    RL_WIRE_KEY_REQUEST = 3,
    RL_WIRE_KEY_RESPONSE = 4,
    RL_WIRE_STORE_REQUEST = 9,
    RL_WIRE_STORE_RESPONSE = 10,
    RL_WIRE_FETCH_REQUEST = 11,
    RL_WIRE_FETCH_RESPONSE = 12,
    RL_WIRE_DELETE_REQUEST = 13,
    RL_WIRE_DELETE_RESPONSE = 14,
    RL_WIRE_END_SESSION = 15,
    RL_WIRE_IN_PROGRESS = 17
};

struct rl_wire_capf_message {
    uint8_t command;
    uint32_t session;
    struct rl_wire_body body;
};

/* Read one message. Returns the bytes used, 0 if more are needed, -1 if they are none, or too many.
 * The body is borrowed from `bytes`. */
long rl_wire_capf_read(const uint8_t *bytes, size_t n, struct rl_wire_capf_message *message);

/* What a phone's answer tells the engine; false if its command is none of a phone, or an element is
 * missing or malformed. All is borrowed from the message. */
bool rl_wire_capf_record(const struct rl_wire_capf_message *message, struct rl_enr *rec);

/* Append AUTH_REQUEST, with which every session begins. */
void rl_wire_capf_write_hello(struct rl_buf *out, uint32_t session);
/* Append the message for an order of the engine: KEYGEN, STORE, FETCH, DELETE, END. False if it is
 * none of these, or says what cannot be said. */
bool rl_wire_capf_write(struct rl_buf *out, const struct rl_enr *order);

#endif
