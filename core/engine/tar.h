/* The plain text of a backup: a tar archive of regular files (POSIX.1-1988, "ustar"). */
#ifndef RL_ENGINE_TAR_H
#define RL_ENGINE_TAR_H

#include <stdint.h>

#include "ringlock/buf.h"

enum { RL_TAR_BLOCK = 512, RL_TAR_NAME = 100 };

struct rl_tar_entry {
    char name[RL_TAR_NAME + 1];
    unsigned mode;   /* permission bits */
    int64_t size;    /* bytes, below 8 GiB */
    int64_t mtime_s; /* since 1970 */
};

/* Append the header of a file. False if its name or size does not fit in one. */
bool rl_tar_head(struct rl_buf *out, const struct rl_tar_entry *entry);
/* Zeros between so many bytes of a file and the next header. */
size_t rl_tar_padding(int64_t size);

/* Read the header of a file. False if it is none, of anything else than a regular file, or its
 * checksum does not fit. */
bool rl_tar_read(const uint8_t block[RL_TAR_BLOCK], struct rl_tar_entry *entry);
/* True for a block of zeros: two of them end the archive. */
bool rl_tar_is_end(const uint8_t block[RL_TAR_BLOCK]);

#endif
