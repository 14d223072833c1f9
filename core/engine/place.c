#include "engine/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/buf.h"
#include "ringlock/time.h"

enum rl_code rl_place_fail(struct rl_err *err, const char *path)
{
    return rl_fail(err, RL_E_IO, path, "%s cannot be made: %s.", path, strerror(errno));
}

/* Every file of a tree and every directory after what is in it. */
static bool each(const char *path, int (*act)(const FTSENT *entry, const struct stat *owner),
                 const struct stat *owner)
{
    char *const roots[] = {(char *)path, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool good = tree != NULL;
    for (FTSENT *entry; tree && (entry = fts_read(tree));)
        if (entry->fts_info != FTS_D && act(entry, owner) != 0)
            good = false;
    if (tree)
        fts_close(tree);
    return good;
}

static int remove_entry(const FTSENT *entry, const struct stat *owner)
{
    (void)owner;
    return remove(entry->fts_accpath);
}

static void remove_tree(const char *path)
{
    each(path, remove_entry, NULL);
}

static int give_entry(const FTSENT *entry, const struct stat *owner)
{
    return lchown(entry->fts_accpath, owner->st_uid, owner->st_gid);
}

/* What root makes belongs to whom the place belongs. */
static bool give_tree(const char *path, const char *place)
{
    struct stat owner;
    if (geteuid() != 0 || stat(place, &owner) != 0 || owner.st_uid == 0)
        return true;
    return each(path, give_entry, &owner);
}

bool rl_place_taken(const char *dir)
{
    struct stat st;
    if (lstat(dir, &st) != 0)
        return false;
    DIR *d = S_ISDIR(st.st_mode) ? opendir(dir) : NULL;
    if (!d)
        return true;
    size_t n = 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n > 2;
}

/* Open and lock a directory; -1 with errno. */
static int lock_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static enum rl_code begin_work(struct rl_place *place, struct rl_err *err)
{
    int left = lock_dir(place->work);
    if (left < 0 && errno == EWOULDBLOCK)
        return rl_fail(err, RL_E_SITE_BUSY, place->work, "Another program is making a site in %s.",
                       place->work);
    if (left >= 0) {
        remove_tree(place->work);
        close(left);
    }
    if (mkdir(place->work, 0700) != 0 || (place->fd = lock_dir(place->work)) < 0)
        return rl_place_fail(err, place->work);
    return RL_OK;
}

enum rl_code rl_place_begin(const char *dir, struct rl_place *out, struct rl_err *err)
{
    char *real = realpath(dir, NULL); /* an empty directory may be there, as "." */
    *out = (struct rl_place){.dir = real ? real : rl_strdup(dir), .fd = -1};
    for (size_t n = strlen(out->dir); n > 1 && out->dir[n - 1] == '/'; n--)
        out->dir[n - 1] = '\0';
    out->work = rl_asprintf("%s.new", out->dir);
    return begin_work(out, err);
}

static void sync_parent(const char *dir)
{
    const char *slash = strrchr(dir, '/');
    char *parent = slash && slash != dir ? rl_strndup(dir, (size_t)(slash - dir))
                                         : rl_strdup(slash ? "/" : ".");
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(parent);
}

/* A path beside the place that nothing has: DIR.old-20261130T101500Z. */
static char *old_path(const char *dir)
{
    char now[RL_TIME_TEXT], *path = NULL;
    struct stat st;
    rl_time_text(rl_now_us(), 0, now);
    for (int i = 0; !path || lstat(path, &st) == 0; i++) {
        free(path);
        path = i ? rl_asprintf("%s.old-%s-%d", dir, now, i) : rl_asprintf("%s.old-%s", dir, now);
    }
    return path;
}

/* The two change places in one step, so that there is a site at every moment. What is in `aside`
 * when it fails, or dies, is the new one. */
static bool change_places(const char *aside, const char *dir)
{
    if (renameat2(AT_FDCWD, aside, AT_FDCWD, dir, RENAME_EXCHANGE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    char *third = rl_asprintf("%s.tmp", aside); /* some file systems need three steps */
    bool done = rename(dir, third) == 0;
    if (done && rename(aside, dir) != 0) {
        rename(third, dir);
        done = false;
    }
    done = done && rename(third, aside) == 0;
    free(third);
    return done;
}

static bool replace(struct rl_place *place, char **old)
{
    char *aside = old_path(place->dir);
    bool done = rename(place->work, aside) == 0;
    if (done && !change_places(aside, place->dir)) {
        int why = errno;
        rename(aside, place->work);
        errno = why;
        done = false;
    }
    if (done)
        *old = aside;
    else
        free(aside);
    return done;
}

enum rl_code rl_place_finish(struct rl_place *place, char **old, struct rl_err *err)
{
    bool taken = old && rl_place_taken(place->dir);
    fsync(place->fd);
    bool done = give_tree(place->work, place->dir) && chmod(place->work, 0750) == 0 &&
                (taken ? replace(place, old) : rename(place->work, place->dir) == 0);
    if (!done)
        return rl_place_fail(err, place->dir);
    free(place->work);
    place->work = NULL;
    sync_parent(place->dir);
    return RL_OK;
}

void rl_place_fini(struct rl_place *place)
{
    if (place->work && place->fd >= 0)
        remove_tree(place->work);
    if (place->fd >= 0)
        close(place->fd);
    free(place->dir);
    free(place->work);
    *place = (struct rl_place){.fd = -1};
}
