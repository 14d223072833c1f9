#include "client/stash.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/buf.h"

enum { STASH_MAX = 1 << 20 }; /* bytes */

static const char *member(const json_t *params, const char *key)
{
    const char *text = json_string_value(json_object_get(params, key));
    return text ? text : "";
}

/* Two forms never have one key: the parts are divided by what no name holds. Owned. */
static char *key_of(const char *site, const json_t *params)
{
    return rl_asprintf("%s\n%s\n%s\n%s", site, member(params, "kind"), member(params, "act"),
                       member(params, "name"));
}

/* FNV-1a: a name of a file; what is in it says which form it is. */
static uint64_t hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3;
    return h;
}

/* Owned; NULL where there is no home. */
static char *path_of(const struct rl_stash *at, const char *key)
{
    const struct passwd *user = at->locked ? getpwuid(geteuid()) : NULL;
    const char *state = at->locked ? NULL : getenv("XDG_STATE_HOME");
    const char *home = !at->locked ? getenv("HOME") : user ? user->pw_dir : NULL;
    bool given = state && *state == '/';
    if (!given && !(home && *home == '/'))
        return NULL;
    return rl_asprintf("%s%s/ringlock/draft-%016llx.json", given ? state : home,
                       given ? "" : "/.local/state", (unsigned long long)hash(key));
}

/* The directories above the file. */
static void make_folders(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(path, 0700); /* that it fails is told by opening the file */
        *at = '/';
    }
}

static bool write_all(int fd, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno != EINTR)
            return false;
        text += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* Whole or not at all. */
static bool replace(const char *path, const char *text)
{
    char *temp = rl_asprintf("%s.%ld", path, (long)getpid());
    unlink(temp);
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = fd >= 0 && write_all(fd, text);
    if (fd >= 0)
        done = close(fd) == 0 && done;
    done = done && rename(temp, path) == 0;
    int why = errno;
    if (!done && fd >= 0)
        unlink(temp);
    free(temp);
    errno = why;
    return done;
}

enum rl_code rl_stash_put(const struct rl_stash *at, const json_t *params, struct rl_err *err)
{
    char *key = key_of(at->site, params), *path = path_of(at, key);
    json_t *whole = json_pack("{s:s, s:O}", "key", key, "draft", params);
    char *text = json_dumps(whole, JSON_COMPACT);
    enum rl_code code = RL_OK;
    errno = EILSEQ; /* why there would be no text */
    if (!path)
        code = rl_fail(err, RL_E_IO, "draft",
                       "The draft cannot be written down: there is no home directory.");
    else
        make_folders(path);
    if (!code && !(text && replace(path, text)))
        code = rl_fail(err, RL_E_IO, "draft", "The draft cannot be written to %s: %s.", path,
                       strerror(errno));
    json_decref(whole);
    free(text);
    free(path);
    free(key);
    return code;
}

/* The file as JSON, if it is a plain one of ours; owned, or NULL. */
static json_t *read_file(const char *path)
{
    struct stat st;
    json_t *whole = NULL;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        st.st_size <= STASH_MAX)
        whole = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
    close(fd);
    return whole;
}

json_t *rl_stash_get(const struct rl_stash *at, const json_t *params)
{
    char *key = key_of(at->site, params), *path = path_of(at, key);
    json_t *whole = path ? read_file(path) : NULL, *draft = json_object_get(whole, "draft");
    bool same = json_is_object(draft) && strcmp(member(whole, "key"), key) == 0;
    draft = same ? json_incref(draft) : NULL;
    json_decref(whole);
    free(path);
    free(key);
    return draft;
}

void rl_stash_drop(const struct rl_stash *at, const json_t *params)
{
    char *key = key_of(at->site, params), *path = path_of(at, key);
    if (path)
        unlink(path);
    free(path);
    free(key);
}
