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

static enum rl_code failed(struct rl_saving *s, struct rl_err *err)
{
    int why = errno;
    rl_saving_drop(s);
    if (why == EEXIST)
        return rl_fail(err, RL_E_EXISTS, s->path, "%s is there already.", s->path);
    return rl_fail(err, RL_E_IO, s->path, "%s cannot be written: %s.", s->path, strerror(why));
}

static void give_temp_name(struct rl_saving *s)
{
    s->temp = rl_asprintf("%s.part", s->base);
    unlinkat(s->folder, s->temp, 0);
}

enum rl_code rl_saving_begin(const char *path, bool replace, struct rl_saving *out,
                             struct rl_err *err)
{
    struct stat st;
    *out = (struct rl_saving){
        .path = path, .base = rl_file_name(path), .folder = -1, .fd = -1, .replace = replace};
    enum rl_code code = rl_file_folder(path, &out->folder, err);
    if (code != RL_OK)
        return code;
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
    s->temp = NULL;
    s->fd = s->folder = -1;
}
