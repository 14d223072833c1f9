/* What requests bring for the store: values of an object, criteria of a list. */
#ifndef RL_CONTROL_VALUES_H
#define RL_CONTROL_VALUES_H

#include "control/methods.h"

/* A value as the text that a field takes; owned by the caller. NULL if it is of no such kind. */
char *rl_value_text(const json_t *value);

/* The last part of a file's name, safe and not too long for a sentence; owned by the caller. */
char *rl_value_file(const json_t *path, const char *otherwise);
/* The bytes of a file that travelled as a text (PEM as it is, else base64), appended to `out`. */
void rl_value_data(const json_t *value, struct rl_buf *out);

/* "values": texts as they are, true and false as yes and no, numbers in digits, arrays joined by
 * ';', null as empty. Anything else is refused with E-VALUE into rq->err. rl_values_fini frees. */
struct rl_values {
    struct rl_value *item; /* `field` is borrowed from the request, `value` is owned */
    size_t n;
};
enum rl_code rl_values_read(struct rl_request *rq, struct rl_values *out);
void rl_values_fini(struct rl_values *values);

/* kind, criteria, sort, descending, after, backwards: for object.list and object.count. Texts are
 * borrowed from the request. E-USAGE, E-FIELD. */
struct rl_listing {
    struct rl_query query;
    struct rl_criterion *criteria; /* owned */
};
enum rl_code rl_listing_read(struct rl_request *rq, struct rl_listing *out);
void rl_listing_fini(struct rl_listing *list);

/* Trust of a stored device, by its type (R34 to R48); RL_UNKNOWN for other kinds. */
enum rl_tristate rl_row_trust(struct rl_store *store, const struct rl_row *row);

#endif
