#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "feed/process.h"

enum { FILES = 256 }; /* descriptors: more than connections are ever accepted */

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

/* What the loop needs once it runs. write, mmap and mprotect are let through by what they are asked
 * for. */
static const int allowed[] = {
    SCMP_SYS(read),           SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),       SCMP_SYS(recvfrom),
    SCMP_SYS(epoll_wait),     SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),      SCMP_SYS(accept4),
    SCMP_SYS(close),          SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),     SCMP_SYS(poll),
    SCMP_SYS(ppoll),          SCMP_SYS(brk),
    SCMP_SYS(munmap),         SCMP_SYS(mremap),
    SCMP_SYS(madvise),        SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),  SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),           SCMP_SYS(exit_group),
};

static const int writable[] = {STDERR_FILENO, RL_FEED_ENGINE_FD};

static int fill(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp not_executable = {
        .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
    int bad = 0;

    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < sizeof writable / sizeof *writable; i++) {
        struct scmp_arg_cmp to = {
            .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)writable[i], .datum_b = 0};
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, to);
    }
    return bad | seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable);
}

static bool load_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

    if (filter == NULL)
        return false;
    bool loaded = fill(filter) == 0 && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded;
}

bool rl_feed_sandbox(const char **why)
{
    const struct rlimit none = {0, 0}, files = {FILES, FILES};

    *why = "feed: limits cannot be set";
    if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0 ||
        setrlimit(RLIMIT_NOFILE, &files) != 0)
        return false;
    *why = "feed: privileges cannot be given up";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    if (sanitized)
        return true;
    *why = "feed: the kernel takes no seccomp filter";
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && load_filter();
}

void rl_feed_log(const char *line)
{
    char text[160];
    size_t n = strlen(line);

    if (n > sizeof text - 1)
        n = sizeof text - 1;
    memcpy(text, line, n);
    text[n] = '\n';
    ssize_t written = write(STDERR_FILENO, text, n + 1);
    (void)written;
}
