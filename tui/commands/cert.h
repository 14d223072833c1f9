/* Certificates: what they show below their fields, and uploading. */
#ifndef RL_COMMANDS_CERT_H
#define RL_COMMANDS_CERT_H

#include "commands/cli.h"

/* How it stands, who signed it and what uses it, for people. */
void rl_cmd_cert_details(const struct rl_cli *cli, const json_t *cert);

/* "valid, 364 days left", "expired 3 days ago", "not valid yet". Owned. */
char *rl_cmd_cert_state(const json_t *cert);

#endif
