/* What an entry of the audit log changed, field by field. */
#ifndef RL_CLIENT_CHANGES_H
#define RL_CLIENT_CHANGES_H

#include <jansson.h>

/* One field; all borrowed until it returns. `before` or `after` is "" where there was, or is, none.
 */
typedef void (*rl_client_change_fn)(void *ctx, const char *field, const char *before,
                                    const char *after);

/* Call `fn` for each field of an entry (audit.list) that differs, in the order of what it is now.
 */
void rl_client_changes(const json_t *entry, rl_client_change_fn fn, void *ctx);

#endif
