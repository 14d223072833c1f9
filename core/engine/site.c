#include "engine/site.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/log.h"
#include "ringlock/buf.h"

enum { LEAVE_PAUSES = 500 }; /* of 10 ms: so long an engine may take to end */

char *rl_user_name(unsigned uid)
{
    const struct passwd *pw = getpwuid(uid);
    return pw ? rl_strdup(pw->pw_name) : rl_asprintf("%u", uid);
}

char *rl_site_path(const struct rl_site *site, const char *name)
{
    return rl_asprintf("%s/%s", site->dir, name);
}

static enum rl_code check_dir(const char *dir, struct rl_err *err)
{
    struct stat st;
    if (stat(dir, &st) != 0)
        return rl_fail(err, RL_E_SITE_MISSING, dir, "There is no site at %s: %s.", dir,
                       strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return rl_fail(err, RL_E_SITE_MISSING, dir, "%s is no directory.", dir);
    if (st.st_uid != geteuid() && st.st_uid != 0) {
        rl_fail(err, RL_E_SITE_OPEN, dir,
                "%s belongs to user %u, neither to this user nor to root.", dir,
                (unsigned)st.st_uid);
        rl_err_remedy(err, "Start the engine as the owner of the site.");
        return RL_E_SITE_OPEN;
    }
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return rl_fail(err, RL_E_SITE_OPEN, dir, "Others may write to %s (mode %04o).", dir,
                       (unsigned)(st.st_mode & 07777));
    return RL_OK;
}

enum rl_code rl_site_open(const char *dir, struct rl_site *out, struct rl_err *err)
{
    *out = (struct rl_site){.lock_fd = -1};
    enum rl_code code = check_dir(dir, err);
    if (code != RL_OK)
        return code;
    char *real = realpath(dir, NULL);
    if (!real)
        return rl_fail(err, RL_E_SITE_MISSING, dir, "%s cannot be reached: %s.", dir,
                       strerror(errno));
    out->dir = real;
    out->conf = rl_site_path(out, "ringlock.conf");
    out->db = rl_site_path(out, "site.db");
    out->keys = rl_site_path(out, "keys");
    out->log = rl_site_path(out, "log");
    if (access(out->db, F_OK) == 0)
        return RL_OK;
    if (errno == EACCES)
        code = rl_fail(err, RL_E_NOT_ALLOWED, dir, "You may not use the site %s: %s.", dir,
                       strerror(errno));
    else
        code = rl_fail(err, RL_E_SITE_MISSING, dir, "%s holds no site: there is no site.db in it.",
                       dir);
    rl_site_close(out);
    return code;
}

static enum rl_code busy(const struct rl_site *site, int fd, struct rl_err *err)
{
    char pid[16] = "";
    ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
    pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
    return rl_fail(err, RL_E_SITE_BUSY, site->dir, "Process %s serves the site %s already.",
                   *pid ? pid : "unknown", site->dir);
}

/* True once the lock is ours. Who leaves empties the file first: that is waited for. */
static bool take_lock(int fd)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    struct stat st;
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
        if (i == LEAVE_PAUSES || fstat(fd, &st) != 0 || st.st_size > 0)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

enum rl_code rl_site_lock(struct rl_site *site, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    char *path = rl_site_path(site, "engine.lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        code = rl_fail(err, RL_E_IO, path, "%s cannot be opened: %s.", path, strerror(errno));
    else if (!take_lock(fd))
        code = busy(site, fd, err);
    else if (ftruncate(fd, 0) != 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        code = rl_fail(err, RL_E_IO, path, "%s cannot be written: %s.", path, strerror(errno));
    free(path);
    if (code == RL_OK)
        site->lock_fd = fd;
    else if (fd >= 0)
        close(fd);
    return code;
}

void rl_site_leave(const struct rl_site *site)
{
    if (ftruncate(site->lock_fd, 0) != 0)
        rl_log(RL_LOG_WARNING, "engine.lock cannot be emptied: %s", strerror(errno));
}

void rl_site_close(struct rl_site *site)
{
    if (site->lock_fd >= 0)
        close(site->lock_fd);
    free(site->dir);
    free(site->conf);
    free(site->db);
    free(site->keys);
    free(site->log);
    *site = (struct rl_site){.lock_fd = -1};
}
