/* A secret from standard input: typed unseen at a terminal, or one line of a file or pipe. */
#ifndef RL_COMMANDS_SECRET_H
#define RL_COMMANDS_SECRET_H

#include <stdbool.h>

#include "ringlock/err.h"

enum { RL_SECRET_MAX = 256 }; /* bytes with the NUL */

/* Read into `out`, which the caller wipes. Codes: E-REQUIRED (nothing came), E-VALUE (too long, or
 * no UTF-8). A signal that ends the program first restores the terminal. */
enum rl_code rl_secret_read(const char *prompt, char out[RL_SECRET_MAX], struct rl_err *err);

/* A passphrase, in the same way: the first line of `file` ("-": standard input), or (NULL) what
 * rl_secret_read gives, at a terminal `twice`. Codes as above, and those of rl_file_read. */
enum rl_code rl_passphrase_read(const char *file, bool twice, char out[RL_SECRET_MAX],
                                struct rl_err *err);

#endif
