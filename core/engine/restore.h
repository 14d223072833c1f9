/* Restoring a site from a backup (ringlock-backup(5)). */
#ifndef RL_ENGINE_RESTORE_H
#define RL_ENGINE_RESTORE_H

#include <jansson.h>

#include "pki/seal.h"

struct rl_restore_request {
    const char *file;       /* "-": standard input */
    const char *dir;        /* of the site; NULL: only read the file to its end */
    struct rl_seal_key key; /* all borrowed */
    bool replace;           /* a site that is there is kept beside it */
    bool accept_audit;      /* W-AUDIT-CHAIN was accepted */
};

/* Make the site that the backup holds, or nothing. *report is owned: the manifest, "bytes" and
 * "files" of it, and with a site "audit" (entries) and "kept" (where the old site is). A site of an
 * older schema is migrated.
 * E-BACKUP-FOREIGN, E-BACKUP-DAMAGED, E-BACKUP-KEY; E-SITE-EXISTS, E-SITE-BUSY, E-SITE-NEWER,
 * E-SITE-DAMAGED, W-AUDIT-CHAIN, E-IO. */
enum rl_code rl_restore(const struct rl_restore_request *request, json_t **report,
                        struct rl_err *err);

#endif
