/* Objects as the engine tells them, as rows of the model: so that console and commands ask the same
 * tables as the engine. */
#ifndef RL_CLIENT_ROWS_H
#define RL_CLIENT_ROWS_H

#include <jansson.h>

#include "ringlock/buf.h"
#include "ringlock/model.h"

/* A field's value in its stored form: "yes" and "no", lists joined by ';', null as "". Secrets are
 * never told: "". Owned by the caller. */
char *rl_client_text(const json_t *object, const struct rl_field *field);

/* Append what people read for a stored value of a field: its label where it is one of a choice. */
void rl_client_choice(const struct rl_field *field, const char *value, struct rl_buf *out);

/* Append the object's value as people read it: labels of choices, "********" for secrets, "unknown"
 * where the catalogue does not know. */
void rl_client_shown(const json_t *object, const struct rl_field *field, struct rl_buf *out);

/* The whole row; `row` is initialised by it. NULL is an object without values. */
void rl_client_row(struct rl_row *row, enum rl_kind kind, const json_t *object);

/* True if the object, as object.show tells it with its "type_info", has the field: its type and
 * protocol decide (R73, R82). */
bool rl_client_shows(enum rl_kind kind, const json_t *object, int field);

#endif
