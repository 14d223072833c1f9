/* The directory that phones are served from: each file is there as it was or as it is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/publish_make.h"

/* What is written beside its place has a name that no phone asks for. */
#define BESIDE ".publish-"

enum { FEW = 8 }; /* files that are synchronised one by one; else the file system as a whole */

static void beside(const char *name, char out[NAME_MAX + 1])
{
    snprintf(out, NAME_MAX + 1, BESIDE "%s", name);
}

static enum rl_code fail(struct rl_made *made, const char *name)
{
    made->what = RL_MADE_FAILED;
    return rl_fail(&made->err, RL_E_IO, name, "%s cannot be published: %s.", name, strerror(errno));
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, bytes, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

/* Servers run as other users: they may read. */
static enum rl_code write_beside(int dir, struct rl_made *made, size_t i, bool sync)
{
    char name[NAME_MAX + 1];
    const struct rl_made_file *file = &made->file[i];
    beside(file->name, name);
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && write_all(fd, rl_buf_str(&file->bytes), file->bytes.len) &&
              fchmod(fd, 0644) == 0 && (!sync || fsync(fd) == 0);
    enum rl_code code = ok ? RL_OK : fail(made, file->name);
    if (fd >= 0)
        close(fd);
    if (!ok)
        unlinkat(dir, name, 0);
    return code;
}

static void place(int dir, struct rl_made *made)
{
    char from[NAME_MAX + 1];
    for (size_t i = 0; i < made->nfiles && made->what == RL_MADE_NEW; i++) {
        beside(made->file[i].name, from);
        if (renameat(dir, from, dir, made->file[i].name) != 0)
            fail(made, made->file[i].name);
    }
    for (size_t i = 0; i < made->nstale && made->what != RL_MADE_FAILED; i++)
        if (unlinkat(dir, made->stale[i], 0) != 0 && errno != ENOENT)
            fail(made, made->stale[i]);
}

static size_t count_files(const struct rl_made *made, size_t n)
{
    size_t files = 0;
    for (size_t i = 0; i < n; i++)
        files += made[i].what == RL_MADE_NEW ? made[i].nfiles : 0;
    return files;
}

static void fail_all(struct rl_made *made, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (made[i].what == RL_MADE_NEW || made[i].what == RL_MADE_GONE)
            fail(&made[i], made[i].row.name);
}

void rl_publish_place(int dir, struct rl_made *made, size_t n)
{
    size_t files = count_files(made, n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < made[i].nfiles && made[i].what == RL_MADE_NEW; k++)
            write_beside(dir, &made[i], k, files <= FEW);
    if (files > FEW && syncfs(dir) != 0)
        fail_all(made, n);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (made[i].what != RL_MADE_NEW && made[i].what != RL_MADE_GONE)
            continue;
        place(dir, &made[i]);
        any = true;
    }
    if (any && fsync(dir) != 0)
        fail_all(made, n);
}

void rl_publish_sweep(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    while (names && (entry = readdir(names)))
        if (strncmp(entry->d_name, BESIDE, strlen(BESIDE)) == 0)
            unlinkat(dir, entry->d_name, 0);
    if (names)
        closedir(names);
    else if (fd >= 0)
        close(fd);
}

bool rl_publish_is_placed(int dir, const struct rl_published *row)
{
    char name[NAME_MAX + 1];
    struct stat st;
    for (const char *p = row->files; *p;) {
        size_t n = strcspn(p, " ");
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
            st.st_size != atoll(p + n))
            return false;
        p += strcspn(p, ";");
        p += *p == ';';
    }
    return *row->files != '\0';
}
