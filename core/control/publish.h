/* The publisher: brings the configuration files of phones up to the database. Changes note what
 * they touch (store/publish.h); workers look at what is due, make the files anew where something in
 * them differs, and put them into tftp/; the loop writes down what they did. All on the loop. */
#ifndef RL_CONTROL_PUBLISH_H
#define RL_CONTROL_PUBLISH_H

#include <jansson.h>
#include <stdbool.h>

#include "ringlock/err.h"

struct rl_engine;
struct rl_publisher;

/* With the engine, when its works are there; what a crash left in tftp/ is taken away, and what is
 * missing there is due. NULL-safe free, after the loop has run to its end. */
struct rl_publisher *rl_publisher_new(struct rl_engine *e);
void rl_publisher_free(struct rl_publisher **publisher);
/* Once a second, and when there may be something to do. */
void rl_publisher_tick(struct rl_engine *e);

/* Inside the engine's open transaction: publish from now on, and look at everything. */
enum rl_code rl_publisher_all(struct rl_engine *e, struct rl_err *err);
/* After that was committed. */
void rl_publisher_wake(struct rl_engine *e);
/* True once something is published. */
bool rl_publisher_is_on(const struct rl_engine *e);

/* PUBLISHING of protocol.h; owned. */
json_t *rl_json_publishing(const struct rl_engine *e);

#endif
