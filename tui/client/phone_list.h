/* Lists of phones for a wizard, in a file of CSV (RFC 4180, header line first). */
#ifndef RL_CLIENT_PHONE_LIST_H
#define RL_CLIENT_PHONE_LIST_H

#include <jansson.h>

#include "ringlock/err.h"

/* Read a list: a column "name", any fields of phones, and with `certificates` a column
 * "certificate", which names a file from the folder of the list on. `*phones` becomes a new array
 * of {"name", FIELD..., "file", "data"} as wizards take it, without what is empty; owned by the
 * caller. Otherwise the code of the first of `problems`, each with its line, and nothing is owned:
 * E-CSV, E-CSV-COLUMN, E-REQUIRED, E-IO, E-VALUE. */
enum rl_code rl_client_phone_list(const char *path, bool certificates, json_t **phones,
                                  struct rl_problems *problems);

#endif
