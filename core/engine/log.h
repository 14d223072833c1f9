/* The engine's log: one line for each event, to stderr or syslog, nothing foreign unescaped. */
#ifndef RL_ENGINE_LOG_H
#define RL_ENGINE_LOG_H

#include <stdbool.h>

#include "ringlock/err.h"

enum rl_log_level { RL_LOG_ERROR, RL_LOG_WARNING, RL_LOG_NOTICE, RL_LOG_INFO, RL_LOG_DEBUG };
extern const char *const rl_log_level_names[]; /* "error", ... NULL-terminated */

enum rl_log_target { RL_LOG_STDERR, RL_LOG_SYSLOG };
extern const char *const rl_log_target_names[]; /* "stderr", "syslog"; NULL-terminated */

/* Where lines go, and the least important level that is written; the last call counts. */
void rl_log_setup(enum rl_log_target target, enum rl_log_level level);

/* If stderr is a file: open it anew under the name that it had at the first rl_log_setup, since
 * others have rotated it. Where that fails the old one stays in use, and is told so. */
void rl_log_reopen(void);

/* Write one line. The whole text passes rl_text_safe, so arguments may be foreign; secrets may not.
 */
void rl_log(enum rl_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "CODE: sentence (remedy)" of an error. */
void rl_log_err(enum rl_log_level level, const struct rl_err *err);

#endif
