/* Import of a device pack, the only way for a type to enter a site's catalogue (R77): whole or not
 * at all. */
#ifndef RL_CONTROL_PACKIMPORT_H
#define RL_CONTROL_PACKIMPORT_H

#include "control/objects.h"

/* What is imported; borrowed. */
struct rl_pack_file {
    const char *name; /* as problems call it */
    const char *text;
    size_t n;
    const void *signature; /* detached PKCS#7, PEM or DER; NULL = not signed */
    size_t nsignature;
};

enum rl_pack_change { RL_PACK_SAME, RL_PACK_ADDED, RL_PACK_CHANGED, RL_PACK_REMOVED };
/* "same", "added", "changed", "removed". Static. */
const char *rl_pack_change_text(enum rl_pack_change what);

struct rl_pack_result {
    char *name, *version;
    struct rl_pack_type {
        char *model;
        enum rl_pack_change what;
    } * type; /* those of the file in its order, then those that went */
    size_t n;
    size_t devices; /* whose trust was decided anew (R43) */
};

/* Import a pack in one transaction with its audit entries. Refused by line and reason: what
 * rl_pack_parse refuses; E-COP-INVALID for a type that came from elsewhere, the same version with
 * other data, a lower version, a bad signature (R80); E-CATALOGUE-TRUST for a claim of trust that
 * no signer on file vouches for (R37); E-TYPE-IN-USE for a type in use that a higher version leaves
 * out; and what the rules say of devices and profiles that the new data contradicts. W-TRUST-LOST
 * needs a yes (R43). `out` is initialised on success; rl_pack_result_fini frees what is in it. */
enum rl_code rl_pack_import(const struct rl_act *act, const struct rl_pack_file *file,
                            struct rl_pack_result *out, struct rl_problems *problems);
void rl_pack_result_fini(struct rl_pack_result *result);

#endif
