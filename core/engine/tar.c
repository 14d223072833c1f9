#include "engine/tar.h"

#include <stdio.h>
#include <string.h>

/* IEEE Std 1003.1, pax, "ustar Interchange Format". */
struct ustar {
    char name[RL_TAR_NAME];
    char mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
    char type, link[100], magic[6], version[2];
    char user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct ustar) == RL_TAR_BLOCK, "the header fills a block");

#define SIZE_MAX_OCTAL ((int64_t)1 << 33)

static unsigned sum(const struct ustar *h)
{
    const unsigned char *p = (const unsigned char *)h;
    unsigned n = 0;
    for (size_t i = 0; i < sizeof *h; i++)
        n += p[i];
    for (size_t i = 0; i < sizeof h->checksum; i++)
        n += ' ' - (unsigned char)h->checksum[i];
    return n;
}

/* Octal digits that fill all but the last byte. */
static void put(char *field, size_t n, uint64_t value)
{
    for (size_t i = n - 1; i-- > 0; value /= 8)
        field[i] = (char)('0' + value % 8);
}

bool rl_tar_head(struct rl_buf *out, const struct rl_tar_entry *entry)
{
    struct ustar h = {
        .type = '0', .magic = "ustar", .version = {'0', '0'}
    };
    size_t n = strlen(entry->name);
    if (n > sizeof h.name || entry->size >= SIZE_MAX_OCTAL)
        return false;
    memcpy(h.name, entry->name, n);
    put(h.mode, sizeof h.mode, entry->mode);
    put(h.uid, sizeof h.uid, 0);
    put(h.gid, sizeof h.gid, 0);
    put(h.size, sizeof h.size, (uint64_t)entry->size);
    put(h.mtime, sizeof h.mtime, entry->mtime_s > 0 ? (uint64_t)entry->mtime_s : 0);
    put(h.checksum, sizeof h.checksum - 1, sum(&h));
    h.checksum[7] = ' ';
    rl_buf_add(out, &h, sizeof h);
    return true;
}

size_t rl_tar_padding(int64_t size)
{
    return (size_t)(-size & (RL_TAR_BLOCK - 1));
}

/* Octal digits up to NUL, blank or the end of the field. */
static bool get(const char *field, size_t n, int64_t *value)
{
    size_t i = 0;
    *value = 0;
    for (; i < n && field[i] >= '0' && field[i] <= '7'; i++)
        *value = *value * 8 + (field[i] - '0');
    return i > 0 && (i == n || field[i] == '\0' || field[i] == ' ');
}

bool rl_tar_read(const uint8_t block[RL_TAR_BLOCK], struct rl_tar_entry *entry)
{
    struct ustar h;
    int64_t mode, checksum;
    memcpy(&h, block, sizeof h);
    if (memcmp(h.magic, "ustar", 6) != 0 || h.type != '0' || h.prefix[0] ||
        !get(h.checksum, sizeof h.checksum, &checksum) || checksum != sum(&h) ||
        !get(h.mode, sizeof h.mode, &mode) || !get(h.size, sizeof h.size, &entry->size) ||
        !get(h.mtime, sizeof h.mtime, &entry->mtime_s))
        return false;
    entry->mode = (unsigned)mode & 0777;
    memcpy(entry->name, h.name, sizeof h.name);
    entry->name[sizeof h.name] = '\0';
    return true;
}

bool rl_tar_is_end(const uint8_t block[RL_TAR_BLOCK])
{
    static const uint8_t zeros[RL_TAR_BLOCK];
    return memcmp(block, zeros, RL_TAR_BLOCK) == 0;
}
