/* The verbs that all kinds of objects share: list, show, add, set, remove. Which kind is meant, and
 * which fields it has, the command's row in the table says. */
#ifndef RL_COMMANDS_OBJECT_H
#define RL_COMMANDS_OBJECT_H

#include "commands/cli.h"

/* Ask for one object; as rl_cli_ask. */
int rl_cmd_object_ask(struct rl_cli *cli, enum rl_kind kind, const char *name, json_t **object);

/* object.add or object.set with these values (taken), told by its result. */
int rl_cmd_object_write(struct rl_cli *cli, const char *method, const char *name, json_t *values);

/* True unless exactly one name was given, on the command line. */
bool rl_cmd_names_several(const struct rl_cli *cli);
/* object.set_many or object.remove_many for all names given, there and by --names-from, with a
 * result for each; `params` (taken) is the same for all, `did` is "changed" or "removed". The exit
 * status: of the first refusal. */
int rl_cmd_object_many(struct rl_cli *cli, const char *method, const char *did, json_t *params);

/* A field's value as people read it: choices by their labels, what nobody knows as "unknown".
 * Owned. */
char *rl_cmd_shown(const struct rl_field *field, const json_t *value);

/* Print objects as their list does; the exit status. */
int rl_cmd_object_table(struct rl_cli *cli, enum rl_kind kind, const json_t *objects);

/* One criterion from "FIELD OP VALUE" or "FIELD=VALUE", which means "is". New; NULL if it is
 * neither. */
json_t *rl_cmd_object_criterion(const struct rl_object *obj, const char *text);

/* Criteria of a list from --filter "FIELD OP VALUE" or FIELD=VALUE, as the engine takes them; NULL
 * when one was refused: *status. */
json_t *rl_cmd_object_criteria(struct rl_cli *cli, const struct rl_object *obj, int *status);

/* The name of a field that lists can find and sort by, or "trusted", from n characters in which
 * dashes stand for underscores. Static; NULL if there is none. */
const char *rl_cmd_object_field_name(const struct rl_object *obj, const char *text, size_t n);

/* Where the next page begins: after this object. New. */
json_t *rl_cmd_object_place(const struct rl_object *obj, const char *sort, const json_t *object);

#endif
