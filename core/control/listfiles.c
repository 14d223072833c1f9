#include "control/listfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/buf.h"

enum { MODE = 0644, TARGET_MAX = 32 };

#define ASIDE  ".new" /* behind the name of a file that is not in its place yet */
#define SUFFIX ".tlv"

static enum rl_code fail(struct rl_err *err, const char *path, const char *what)
{
    return rl_fail(err, RL_E_IO, path, "%s cannot be %s: %s.", path, what, strerror(errno));
}

static char *path_of(const char *dir, enum rl_list_kind kind, const char *more)
{
    return rl_asprintf("%s/%s%s", dir, rl_list_files[kind], more);
}

/* ---- the files ---- */

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

static bool sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

enum rl_code rl_listfile_stage(const char *dir, enum rl_list_kind kind, const void *bytes, size_t n,
                               struct rl_err *err)
{
    char *path = path_of(dir, kind, ASIDE);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
    bool ok = fd >= 0 && write_all(fd, bytes, n) && fchmod(fd, MODE) == 0 && fsync(fd) == 0;
    enum rl_code code = ok ? RL_OK : fail(err, path, "written");
    if (fd >= 0)
        close(fd);
    if (code)
        unlink(path);
    free(path);
    return code;
}

enum rl_code rl_listfile_place(const char *dir, enum rl_list_kind kind, struct rl_err *err)
{
    char *aside = path_of(dir, kind, ASIDE), *path = path_of(dir, kind, "");
    bool ok = rename(aside, path) == 0 && sync_dir(dir);
    enum rl_code code = ok ? RL_OK : fail(err, path, "put into its place");
    free(aside);
    free(path);
    return code;
}

void rl_listfile_drop(const char *dir, enum rl_list_kind kind)
{
    char *path = path_of(dir, kind, ASIDE);
    unlink(path);
    free(path);
}

static bool is_as(const char *path, const void *bytes, size_t n)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool same =
        fd >= 0 && fstat(fd, &st) == 0 && (size_t)st.st_size == n && (st.st_mode & 07777) == MODE;
    char *has = rl_alloc(n + 1);
    same = same && read(fd, has, n) == (ssize_t)n && memcmp(has, bytes, n) == 0;
    free(has);
    if (fd >= 0)
        close(fd);
    return same;
}

static enum rl_code take_away(const char *dir, enum rl_list_kind kind, struct rl_err *err)
{
    char *path = path_of(dir, kind, "");
    enum rl_code code = RL_OK;
    if (unlink(path) != 0 && errno != ENOENT)
        code = fail(err, path, "removed");
    else if (!sync_dir(dir))
        code = fail(err, dir, "written");
    free(path);
    return code;
}

enum rl_code rl_listfile_settle(const char *dir, enum rl_list_kind kind, const void *bytes,
                                size_t n, struct rl_err *err)
{
    rl_listfile_drop(dir, kind);
    if (!bytes)
        return take_away(dir, kind, err);
    char *path = path_of(dir, kind, "");
    bool same = is_as(path, bytes, n);
    free(path);
    if (same)
        return RL_OK;
    enum rl_code code = rl_listfile_stage(dir, kind, bytes, n, err);
    return code ? code : rl_listfile_place(dir, kind, err);
}

/* ---- the names of phones ---- */

static bool leads_to(int dir, const char *name, const char *file)
{
    char target[TARGET_MAX];
    ssize_t n = readlinkat(dir, name, target, sizeof target);
    return n == (ssize_t)strlen(file) && memcmp(target, file, (size_t)n) == 0;
}

static bool replace(int dir, const char *name, const char *file)
{
    char *aside = rl_asprintf("%s" ASIDE, name);
    unlinkat(dir, aside, 0);
    bool ok = symlinkat(file, dir, aside) == 0 && renameat(dir, aside, dir, name) == 0;
    free(aside);
    return ok;
}

static bool settle(int dir, const char *name, const char *file, bool there)
{
    if (!there)
        return unlinkat(dir, name, 0) == 0 || errno == ENOENT;
    if (symlinkat(file, dir, name) == 0)
        return true;
    return errno == EEXIST && (leads_to(dir, name, file) || replace(dir, name, file));
}

enum rl_code rl_listlink_settle(int dir, const char *phone, bool there, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (int kind = 0; kind < RL_LIST_KINDS && !code; kind++) {
        char *name = rl_asprintf("%s%s" SUFFIX, rl_list_names[kind], phone);
        bool own = strcmp(name, rl_list_files[kind]) == 0; /* of a phone that is called File */
        if (!own && !settle(dir, name, rl_list_files[kind], there))
            code = fail(err, name, there ? "made" : "removed");
        free(name);
    }
    return code;
}

bool rl_listlink_is(const char *file, const char **phone, size_t *n)
{
    size_t all = strlen(file);
    for (int kind = 0; kind < RL_LIST_KINDS; kind++) {
        size_t begin = strlen(rl_list_names[kind]), end = strlen(SUFFIX);
        if (all <= begin + end || strncmp(file, rl_list_names[kind], begin) != 0 ||
            strcmp(file + all - end, SUFFIX) != 0 || strcmp(file, rl_list_files[kind]) == 0)
            continue;
        *phone = file + begin;
        *n = all - begin - end;
        return true;
    }
    return false;
}
