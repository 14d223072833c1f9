/* Where a site comes to be: made whole in a directory beside its place, then moved there. */
#ifndef RL_ENGINE_PLACE_H
#define RL_ENGINE_PLACE_H

#include <stdbool.h>

#include "ringlock/err.h"

struct rl_place {
    char *dir;  /* where it shall be; without a '/' at the end */
    char *work; /* where it is made: DIR.new */
    int fd;     /* of work, locked: who dies leaves it to the next */
};

/* True for a directory that holds something, and for whatever is no directory. */
bool rl_place_taken(const char *dir);

/* Make the empty directory that is worked in, mode 0700; what an attempt before left there is taken
 * away. E-SITE-BUSY if another one is at it, E-IO. rl_place_fini frees. */
enum rl_code rl_place_begin(const char *dir, struct rl_place *out, struct rl_err *err);
/* Move it to its place, mode 0750. With `old` what is there is kept beside it, and *old is its new
 * path (owned); else E-IO if something is there. E-IO: nothing was changed. */
enum rl_code rl_place_finish(struct rl_place *place, char **old, struct rl_err *err);
/* Free; what was not finished is removed. */
void rl_place_fini(struct rl_place *place);

/* "E-IO: PATH cannot be made: why", from errno. */
enum rl_code rl_place_fail(struct rl_err *err, const char *path);

#endif
