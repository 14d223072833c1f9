/* What CAPF and TVS have in common on the wire: big-endian numbers, and bodies of elements, each a
 * tag (1 byte), a length (2) and a value. */
#ifndef RL_ENROL_WIRE_H
#define RL_ENROL_WIRE_H

#include "ringlock/buf.h"

enum {
    RL_WIRE_BODY_MAX = 16 * 1024, /* taken from a phone */
    RL_WIRE_TAGS = 32             /* elements of higher tags are skipped */
};

struct rl_wire_body {
    struct rl_bytes element[RL_WIRE_TAGS]; /* borrowed from the message; p NULL = not there */
};

/* Read a whole body: unknown tags are skipped, of a repeated one the last counts. False if it does
 * not consist of elements to its very end. */
bool rl_wire_read(const uint8_t *bytes, size_t n, struct rl_wire_body *body);

/* The value of an element that is one byte: 0 if it is not there; *bad is set if it is longer or
 * empty. */
uint8_t rl_wire_u8(const struct rl_wire_body *body, unsigned tag, bool *bad);
/* A text without its final NUL. */
struct rl_bytes rl_wire_text(const struct rl_wire_body *body, unsigned tag);

/* Append an element. */
void rl_wire_put(struct rl_buf *out, unsigned tag, const void *value, size_t n);
void rl_wire_put_u8(struct rl_buf *out, unsigned tag, uint8_t value);

#endif
