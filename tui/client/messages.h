/* Messages of the control protocol (ringlock/protocol.h), read and written. No I/O. */
#ifndef RL_CLIENT_MESSAGES_H
#define RL_CLIENT_MESSAGES_H

#include "client/client.h"

/* What hello answered. */
void rl_message_info(struct rl_client_info *info, const json_t *result);

/* What changes of it: of hello, and of a notification "site". */
void rl_message_site(struct rl_client_info *info, const json_t *site);

/* An error of JSON-RPC as an error of ours; the engine puts our code into its data. */
void rl_message_error(const json_t *error, struct rl_err *err);

/* The line of a request, line feed included; owned. NULL if a text in it is not UTF-8. Takes
 * params, which may be NULL. */
char *rl_message_request(unsigned number, const char *method, json_t *params);

#endif
