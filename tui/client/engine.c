#include "client/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/buf.h"

enum { LOG_MAX = 1 << 20 }; /* bytes */

struct rl_engine_child {
    uv_process_t process;
    int log; /* where it writes */
    off_t log_start;
    rl_engine_ended_fn ended;
    void *ctx;
};

char *rl_engine_path(const char *given)
{
    static const char *const places[] = {"ringlockd", "../sbin/ringlockd"};
    char self[PATH_MAX];
    if (given)
        return rl_strdup(given);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
        char *path = rl_asprintf("%.*s/%s", (int)(slash - self), self, places[i]);
        if (access(path, X_OK) == 0)
            return path;
        free(path);
    }
    return rl_strdup("ringlockd");
}

/* Length of a tag such as E-SITE-BUSY at `s`, if ": " follows it; else 0. */
static size_t tag_length(const char *s)
{
    if (s[0] != 'E' || s[1] != '-')
        return 0;
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    return strncmp(s + n, ": ", 2) == 0 ? n : 0;
}

enum rl_code rl_engine_said(const char *text, const char *otherwise, struct rl_err *err)
{
    const char *found = NULL;
    for (const char *s = text; *s; s++)
        if ((s == text || strchr(" \n", s[-1])) && tag_length(s))
            found = s;
    if (!found)
        return rl_fail(err, RL_E_IO, "ringlockd", "%s", otherwise);
    size_t n = tag_length(found);
    char *tag = rl_strndup(found, n);
    const char *sentence = found + n + 2;
    int len = (int)strcspn(sentence, "\n");
    enum rl_code code = rl_fail(err, rl_code_by_tag(tag), "", "%.*s", len, sentence);
    free(tag);
    return code;
}

static void child_closed(uv_handle_t *handle)
{
    struct rl_engine_child *child = handle->data;
    close(child->log);
    free(child);
}

static void child_exited(uv_process_t *process, int64_t status, int signal)
{
    struct rl_engine_child *child = process->data;
    if (child->ended) {
        char text[4096];
        ssize_t n = pread(child->log, text, sizeof text - 1, child->log_start);
        text[n > 0 ? n : 0] = '\0';
        char *otherwise =
            signal ? rl_asprintf("The private engine was ended by signal %d.", signal)
                   : rl_asprintf("The private engine ended with status %d.", (int)status);
        struct rl_err why = {0};
        rl_engine_said(text, otherwise, &why);
        free(otherwise);
        child->ended(child->ctx, &why);
    }
    uv_close((uv_handle_t *)process, child_closed);
}

/* What private engines wrote may not grow for ever: one file more is kept. */
static void rotate_log(const char *path)
{
    struct stat st;
    char *before = rl_asprintf("%s.1", path);
    if (lstat(path, &st) == 0 && st.st_size > LOG_MAX)
        (void)!rename(path, before); /* else it goes on growing */
    free(before);
}

/* The file that the engine writes to; in memory when the site has no place for it. */
static int open_log(const char *site)
{
    char *path = rl_asprintf("%s/log/engine.log", site);
    rotate_log(path);
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    free(path);
    return fd >= 0 ? fd : memfd_create("ringlockd", MFD_CLOEXEC);
}

static int spawn(uv_loop_t *loop, const char *path, char *site, struct rl_engine_child *child)
{
    char *args[] = {"ringlockd", "--private", "--site", site, NULL};
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE    },
        { .flags = UV_INHERIT_FD, .data.fd = child->log},
        { .flags = UV_INHERIT_FD, .data.fd = child->log},
    };
    uv_process_options_t options = {
        .exit_cb = child_exited,
        .file = path,
        .args = args,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = stdio,
    };
    return uv_spawn(loop, &child->process, &options);
}

enum rl_code rl_engine_start(uv_loop_t *loop, const char *path, const char *site,
                             rl_engine_ended_fn ended, void *ctx, struct rl_engine_child **out,
                             struct rl_err *err)
{
    *out = NULL;
    char *real = realpath(site, NULL);
    if (!real)
        return rl_fail(err, errno == ENOENT ? RL_E_SITE_MISSING : RL_E_IO, site,
                       "The site %s cannot be used: %s.", site, strerror(errno));
    struct rl_engine_child *child = rl_alloc(sizeof *child);
    *child = (struct rl_engine_child){.log = open_log(real), .ended = ended, .ctx = ctx};
    child->process.data = child;
    struct stat st = {0};
    if (fstat(child->log, &st) == 0)
        child->log_start = st.st_size;
    int rc = spawn(loop, path, real, child);
    free(real);
    if (rc < 0) {
        child->ended = NULL;
        uv_close((uv_handle_t *)&child->process, child_closed);
        return rl_fail(err, RL_E_IO, path, "%s cannot be started: %s.", path, uv_strerror(rc));
    }
    uv_unref((uv_handle_t *)&child->process);
    *out = child;
    return RL_OK;
}

void rl_engine_forget(struct rl_engine_child **child)
{
    if (*child) {
        (*child)->ended = NULL;
        uv_close((uv_handle_t *)&(*child)->process, child_closed);
        *child = NULL;
    }
}
