/* What the wizard commands share: phones and their files, and how a draft is printed. */
#ifndef RL_COMMANDS_WIZARD_H
#define RL_COMMANDS_WIZARD_H

#include "commands/cli.h"
#include "ringlock/wizard.h"

/* The phones of --phone and --phones as the answer "phones"; owned, NULL after a failure that was
 * told (*status). */
json_t *rl_cmd_wizard_phones(struct rl_cli *cli, const struct rl_wizard *wizard, int *status);
/* {"file", "data"} of a certificate file; owned, NULL after a failure that was told. */
json_t *rl_cmd_wizard_file(struct rl_cli *cli, const char *path, int *status);

/* Step number `i` of a draft, with its problems; the review; the end check point by point, and what
 * it comes to while nothing is applied. For people. */
void rl_cmd_wizard_step(const struct rl_cli *cli, const json_t *draft, size_t i);
void rl_cmd_wizard_review(const struct rl_cli *cli, const json_t *draft);
void rl_cmd_wizard_check(const struct rl_cli *cli, const json_t *draft);
void rl_cmd_wizard_outlook(const struct rl_cli *cli, const json_t *draft);

#endif
