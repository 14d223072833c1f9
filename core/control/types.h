/* Types of the catalogue inside an open transaction: which of them an import brought, who uses
 * them, and the predefined profiles that come and go with them. */
#ifndef RL_CONTROL_TYPES_H
#define RL_CONTROL_TYPES_H

#include "control/objects.h"

/* Before a type is removed: its predefined profiles are gone, with their entries. E-READONLY for
 * one of the catalogue that came with ringlock, E-TYPE-IN-USE with counts (R85). */
enum rl_code rl_type_let_go(const struct rl_act *act, const struct rl_row *type,
                            struct rl_err *err);

/* Bring the predefined profiles in line with a type that is new or has changed, or remove them
 * (profiles.md 4.1). */
enum rl_code rl_type_predefined(const struct rl_act *act, const struct rl_row *type, bool keep,
                                struct rl_err *err);

/* The version of a pack that was imported; *version is owned by the caller, NULL if none of that
 * name was. Packs are found in any ASCII case. */
enum rl_code rl_pack_imported(struct rl_store *store, const char *name, char **version,
                              struct rl_err *err);
/* Note the version that is imported; NULL: its last type is gone. */
enum rl_code rl_pack_note(struct rl_store *store, const char *name, const char *version,
                          struct rl_err *err);
/* The types that a pack brought: fn as in rl_store_list. */
enum rl_code rl_pack_types(struct rl_store *store, const char *name, rl_row_fn fn, void *ctx,
                           struct rl_err *err);

#endif
