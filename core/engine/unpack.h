/* The archive inside a backup, as it comes out of the stream (ringlock-backup(5)). */
#ifndef RL_ENGINE_UNPACK_H
#define RL_ENGINE_UNPACK_H

#include <jansson.h>

#include "pki/seal.h"

struct rl_archive {
    struct rl_unseal *stream; /* borrowed; unlocked */
    const char *name;         /* borrowed; of the file, for errors */
    json_t *manifest;         /* owned by who made the struct */
    size_t files;             /* unpacked so far, without the manifest */
    int64_t bytes;            /* of the archive, so far */
    /* the rest is unpack.c's */
    const uint8_t *part;
    size_t left;
};

/* Read the manifest, which comes first. E-BACKUP-DAMAGED; E-SITE-NEWER if a later release made it.
 */
enum rl_code rl_archive_manifest(struct rl_archive *a, struct rl_err *err);
/* Read the rest to its end, into the directories below `dir` (NULL: only read). Every file is
 * synchronised to the disk. E-BACKUP-DAMAGED, E-IO. */
enum rl_code rl_archive_unpack(struct rl_archive *a, const char *dir, struct rl_err *err);

#endif
