/* Device packs: INI files that bring types into the catalogue (ringlock-pack(5); R77 to R80).
 * A pack is taken whole or refused whole. */
#ifndef RL_CONTROL_PACK_H
#define RL_CONTROL_PACK_H

#include <stdint.h>

#include "ringlock/inifile.h"
#include "ringlock/model.h"

struct rl_pack {
    char *name, *version, *vendor, *source, *date; /* of [pack]; owned */
    struct rl_row *type;                           /* the rows, RL_TYPE_PACK is "NAME VERSION" */
    int *line;                                     /* where each begins */
    size_t n;
    struct rl_ini ini; /* where things stand; owned */
};

/* [pack], beside the indexes of types. */
#define RL_PACK_HEADER SIZE_MAX
/* The line of a key of a type or of [pack]; where its section begins, if the key is not there. */
int rl_pack_line(const struct rl_pack *pack, size_t type, const char *key);

/* Read a pack. `shipped`: it belongs to ringlock's own catalogue, see rl_policy_type. Problems name
 * file, line ("x.ini line 7: ...") and key: E-COP-INVALID, E-CATALOGUE-CLASS, E-CATALOGUE-TRUST,
 * E-VENDOR-MIC, E-VENDOR-CAPF. Returns the code of the first; then `pack` is empty. On success free
 * it with rl_pack_fini. */
enum rl_code rl_pack_read(const char *path, bool shipped, struct rl_pack *pack,
                          struct rl_problems *problems);
/* The same from memory; `file` is what problems call it. */
enum rl_code rl_pack_parse(const char *text, size_t n, const char *file, bool shipped,
                           struct rl_pack *pack, struct rl_problems *problems);
void rl_pack_fini(struct rl_pack *pack);

/* Compare two versions: runs of digits as numbers, the rest by character without regard to case;
 * "1.10" is higher than "1.9", and "1.0" higher than "1". As strcmp. */
int rl_pack_version_cmp(const char *a, const char *b);

#endif
