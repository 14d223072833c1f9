#include "engine/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/backup.h"
#include "engine/place.h"
#include "engine/tar.h"
#include "ringlock/protocol.h"

static enum rl_code damaged(const struct rl_archive *a, struct rl_err *err, const char *what)
{
    return rl_fail(err, RL_E_BACKUP_DAMAGED, a->name, "The backup %s is damaged: %s.", a->name,
                   what);
}

/* Up to n bytes, borrowed until the next call. *n is 0 at the end. */
static enum rl_code some(struct rl_archive *a, const uint8_t **bytes, size_t *n, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    if (a->left == 0)
        code = rl_unseal_next(a->stream, &a->part, &a->left, err);
    if (*n > a->left)
        *n = a->left;
    *bytes = a->part;
    if (*n > 0)
        a->part += *n;
    a->left -= *n;
    a->bytes += (int64_t)*n;
    return code;
}

/* Exactly n bytes, to a buffer or (NULL) nowhere. */
static enum rl_code take(struct rl_archive *a, uint8_t *out, size_t n, struct rl_err *err)
{
    while (n > 0) {
        const uint8_t *bytes;
        size_t part = n;
        enum rl_code code = some(a, &bytes, &part, err);
        if (code != RL_OK)
            return code;
        if (part == 0)
            return damaged(a, err, "its archive has no end");
        if (out) {
            memcpy(out, bytes, part);
            out += part;
        }
        n -= part;
    }
    return RL_OK;
}

/* ---- the manifest ---- */

static enum rl_code check_manifest(const struct rl_archive *a, struct rl_err *err)
{
    const char *release = json_string_value(json_object_get(a->manifest, "release"));
    int64_t schema = json_integer_value(json_object_get(a->manifest, "schema"));
    if (!release || schema < 1)
        return damaged(a, err, "its manifest names no release");
    if (schema <= RL_SCHEMA_VERSION)
        return RL_OK;
    return rl_fail(err, RL_E_SITE_NEWER, a->name,
                   "The backup %s was made by a newer release, %s: its schema is %lld, this "
                   "release (" RL_RELEASE ") knows %d.",
                   a->name, release, (long long)schema, RL_SCHEMA_VERSION);
}

enum rl_code rl_archive_manifest(struct rl_archive *a, struct rl_err *err)
{
    uint8_t block[RL_TAR_BLOCK];
    char text[RL_BACKUP_MANIFEST_MAX];
    struct rl_tar_entry entry;
    enum rl_code code = take(a, block, sizeof block, err);
    if (code != RL_OK)
        return code;
    if (!rl_tar_read(block, &entry) || strcmp(entry.name, RL_BACKUP_MANIFEST) != 0 ||
        entry.size > (int64_t)sizeof text)
        return damaged(a, err, "it does not begin with its manifest");
    code = take(a, (uint8_t *)text, (size_t)entry.size, err);
    if (code == RL_OK)
        code = take(a, NULL, rl_tar_padding(entry.size), err);
    if (code != RL_OK)
        return code;
    a->manifest = json_loadb(text, (size_t)entry.size, JSON_REJECT_DUPLICATES, NULL);
    return json_is_object(a->manifest) ? check_manifest(a, err)
                                       : damaged(a, err, "its manifest is no JSON object");
}

/* ---- its files ---- */

static bool write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno != EINTR)
            return false;
        bytes += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* The bytes of one file, written to fd unless that is -1. */
static enum rl_code copy_out(struct rl_archive *a, int64_t size, int fd, const char *path,
                             struct rl_err *err)
{
    enum rl_code code = RL_OK;
    while (code == RL_OK && size > 0) {
        const uint8_t *bytes;
        size_t n = size > RL_SEAL_CHUNK ? RL_SEAL_CHUNK : (size_t)size;
        code = some(a, &bytes, &n, err);
        if (code == RL_OK && n == 0)
            code = damaged(a, err, "its archive has no end");
        if (code == RL_OK && fd >= 0 && !write_all(fd, bytes, n))
            code = rl_place_fail(err, path);
        size -= (int64_t)n;
    }
    return code;
}

static enum rl_code unpack_file(struct rl_archive *a, const struct rl_tar_entry *entry,
                                const char *dir, struct rl_err *err)
{
    if (!rl_backup_is_name(entry->name))
        return damaged(a, err, "it holds a file that no site has");
    if (!dir)
        return copy_out(a, entry->size, -1, NULL, err);
    char *path = rl_asprintf("%s/%s", dir, entry->name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum rl_code code = fd < 0 ? rl_place_fail(err, path) : copy_out(a, entry->size, fd, path, err);
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = entry->mtime_s}};
    if (code == RL_OK &&
        (fchmod(fd, entry->mode & 0755) != 0 || futimens(fd, times) != 0 || fsync(fd) != 0))
        code = rl_place_fail(err, path);
    if (fd >= 0 && close(fd) != 0 && code == RL_OK)
        code = rl_place_fail(err, path);
    free(path);
    return code;
}

/* The second block of the end, and nothing behind it. */
static enum rl_code read_end(struct rl_archive *a, struct rl_err *err)
{
    uint8_t block[RL_TAR_BLOCK];
    const uint8_t *bytes;
    size_t n = 1;
    enum rl_code code = take(a, block, sizeof block, err);
    if (code == RL_OK && !rl_tar_is_end(block))
        return damaged(a, err, "its archive ends half");
    if (code == RL_OK)
        code = some(a, &bytes, &n, err);
    if (code == RL_OK && n > 0)
        return damaged(a, err, "something follows its archive");
    return code;
}

enum rl_code rl_archive_unpack(struct rl_archive *a, const char *dir, struct rl_err *err)
{
    uint8_t block[RL_TAR_BLOCK];
    struct rl_tar_entry entry;
    enum rl_code code = RL_OK;
    while (code == RL_OK) {
        code = take(a, block, sizeof block, err);
        if (code == RL_OK && rl_tar_is_end(block))
            return read_end(a, err);
        if (code == RL_OK && !rl_tar_read(block, &entry))
            return damaged(a, err, "its archive holds what is no file");
        if (code == RL_OK)
            code = unpack_file(a, &entry, dir, err);
        if (code == RL_OK)
            code = take(a, NULL, rl_tar_padding(entry.size), err);
        a->files++;
    }
    return code;
}
