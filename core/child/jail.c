#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "child/child.h"

enum { FD_SCAN = 4096 };

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SANITIZED)
enum { sanitized = 1 }; /* the sanitizers' own run time opens files and traces the process */
#else
enum { sanitized = 0 };
#endif

/* What every loop needs. write, mmap and ioctl are let through by what they are asked for. */
static const int common[] = {
    SCMP_SYS(read),           SCMP_SYS(recvfrom),        SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),    SCMP_SYS(epoll_ctl),       SCMP_SYS(accept4),
    SCMP_SYS(close),          SCMP_SYS(getpeername),     SCMP_SYS(getsockopt),
    SCMP_SYS(poll),           SCMP_SYS(ppoll),           SCMP_SYS(brk),
    SCMP_SYS(munmap),         SCMP_SYS(mremap),          SCMP_SYS(madvise),
    SCMP_SYS(futex),          SCMP_SYS(clock_gettime),   SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static int allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
    int bad = 0;

    for (size_t i = 0; i < n; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return bad;
}

static int allow_write(scmp_filter_ctx filter, int fd)
{
    const struct scmp_arg_cmp to = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)fd};

    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, to);
}

static int fill(scmp_filter_ctx filter, const struct rl_jail *jail)
{
    const struct scmp_arg_cmp not_executable = {
        .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
    const struct scmp_arg_cmp nonblocking = {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = FIONBIO};
    int bad = allow(filter, common, sizeof common / sizeof *common) |
              allow(filter, jail->calls, jail->ncalls) | allow_write(filter, STDERR_FILENO);

    for (size_t i = 0; i < jail->nwritable; i++)
        bad |= allow_write(filter, jail->writable[i]);
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, nonblocking);
    return bad | seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable);
}

static bool load_filter(const struct rl_jail *jail)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

    if (filter == NULL)
        return false;
    bool loaded = fill(filter, jail) == 0 && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded;
}

static bool limit_files(unsigned files)
{
    struct rlimit now;

    if (getrlimit(RLIMIT_NOFILE, &now) != 0)
        return false;
    if (now.rlim_max > files)
        now.rlim_max = files;
    now.rlim_cur = now.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &now) == 0;
}

bool rl_child_jail(const struct rl_jail *jail, const char **why)
{
    const struct rlimit none = {0, 0};

    *why = "limits cannot be set";
    if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0 ||
        !limit_files(jail->files))
        return false;
    *why = "privileges cannot be given up";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    if (sanitized)
        return true;
    *why = "the kernel takes no seccomp filter";
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && load_filter(jail);
}

void rl_child_begin(int last_fd)
{
    signal(SIGINT, SIG_IGN); /* of the terminal: the engine decides */
    signal(SIGPIPE, SIG_IGN);
    if (close_range((unsigned)last_fd + 1, ~0U, 0) == 0)
        return;
    for (int fd = last_fd + 1; fd < FD_SCAN; fd++)
        close(fd);
}

static size_t put(char *to, size_t room, const char *text)
{
    size_t n = strlen(text);

    if (n > room)
        n = room;
    memcpy(to, text, n);
    return n;
}

void rl_child_log(const char *name, const char *sentence)
{
    char line[160];
    size_t n = put(line, 20, name);

    n += put(line + n, sizeof line - n, ": ");
    n += put(line + n, sizeof line - n - 1, sentence);
    line[n++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, n);
    (void)written;
}
