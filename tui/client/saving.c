#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/files.h"
#include "ringlock/buf.h"

enum { MODE = 0600 };

/* By errno; nothing is left. */
static enum rl_code failed(struct rl_saving *s, struct rl_err *err)
{
    enum rl_code code =
        errno == EEXIST
            ? rl_fail(err, RL_E_EXISTS, s->path, "%s is there already.", s->path)
            : rl_fail(err, RL_E_IO, s->path, "%s cannot be written: %s.", s->path, strerror(errno));
    rl_saving_drop(s);
    return code;
}

/* The name is this process's own: what has it is left of one that was killed. */
static void give_temp_name(struct rl_saving *s)
{
    s->temp = rl_asprintf("%s.part%ld", s->base, (long)getpid());
    unlinkat(s->folder, s->temp, 0);
}

enum rl_code rl_saving_begin(const char *path, bool replace, struct rl_saving *out,
                             struct rl_err *err)
{
    struct stat st;
    *out = (struct rl_saving){.folder = -1, .fd = -1, .replace = replace};
    enum rl_code code = rl_file_folder(path, &out->folder, err);
    if (code != RL_OK)
        return code;
    out->path = rl_strdup(path);
    out->base = rl_file_name(out->path);
    bool there = fstatat(out->folder, out->base, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && (!replace || !S_ISREG(st.st_mode))) {
        errno = EEXIST;
        return failed(out, err);
    }
    out->fd = openat(out->folder, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, MODE);
    if (out->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        give_temp_name(out);
        out->fd = openat(out->folder, out->temp,
                         O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE);
    }
    return out->fd < 0 ? failed(out, err) : RL_OK;
}

enum rl_code rl_saving_add(struct rl_saving *s, const void *bytes, size_t n, struct rl_err *err)
{
    const char *p = bytes;
    while (n > 0) {
        ssize_t done = write(s->fd, p, n);
        if (done < 0 && errno != EINTR)
            return failed(s, err);
        p += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return RL_OK;
}

/* From no name to this one; never over what is there. */
static int name_it(const struct rl_saving *s, const char *name)
{
    char self[40];
    snprintf(self, sizeof self, "/proc/self/fd/%d", s->fd);
    return linkat(AT_FDCWD, self, s->folder, name, AT_SYMLINK_FOLLOW);
}

static bool put_in_place(struct rl_saving *s)
{
    if (!s->temp && !s->replace)
        return name_it(s, s->base) == 0;
    if (!s->temp) {
        give_temp_name(s);
        if (name_it(s, s->temp) != 0)
            return false;
    }
    unsigned flags = s->replace ? 0 : RENAME_NOREPLACE;
    if (renameat2(s->folder, s->temp, s->folder, s->base, flags) != 0)
        return false;
    free(s->temp);
    s->temp = NULL;
    return true;
}

enum rl_code rl_saving_end(struct rl_saving *s, struct rl_err *err)
{
    if (fsync(s->fd) != 0 || !put_in_place(s))
        return failed(s, err);
    fsync(s->folder);
    rl_saving_drop(s);
    return RL_OK;
}

void rl_saving_drop(struct rl_saving *s)
{
    if (s->temp)
        unlinkat(s->folder, s->temp, 0);
    if (s->fd >= 0)
        close(s->fd);
    if (s->folder >= 0)
        close(s->folder);
    free(s->temp);
    free(s->path);
    *s = (struct rl_saving){.folder = -1, .fd = -1};
}

enum rl_code rl_file_write(const char *path, const char *bytes, size_t n, struct rl_err *err)
{
    struct rl_saving saving;
    enum rl_code code = rl_saving_begin(path, false, &saving, err);
    if (code == RL_OK)
        code = rl_saving_add(&saving, bytes, n, err);
    return code == RL_OK ? rl_saving_end(&saving, err) : code;
}
