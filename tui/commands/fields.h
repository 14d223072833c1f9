/* --fields NAME,...: which of what is read is told, and in which order. */
#ifndef RL_COMMANDS_FIELDS_H
#define RL_COMMANDS_FIELDS_H

#include "commands/output.h"

/* The columns that --fields names, as a new array (*chosen, owned); NULL if it was not given. For
 * people the column that is made for them counts, else the one with the value as it is. 0, or the
 * exit status of a refusal that was told: it names those that there are. */
int rl_fields_columns(struct rl_cli *cli, const struct rl_column *column, size_t n,
                      struct rl_column **chosen, size_t *nchosen);

/* The same for one document, whose members are the fields: printed as JSON or for people, with the
 * labels of `obj` (may be NULL). False if --fields was not given, or with --csv, where a listing of
 * one row does it; else *status is the exit status. */
bool rl_fields_document(struct rl_cli *cli, const json_t *document, const struct rl_object *obj,
                        int *status);

/* One name of the list at *at, which moves on; false at the end. A name is borrowed. */
bool rl_fields_next(const char **at, const char **name, size_t *n);
/* A name of --fields is this field; dashes stand for underscores. */
bool rl_fields_same(const char *name, size_t n, const char *field);

#endif
