#include "engine/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

const char *const rl_log_level_names[] = {"error", "warning", "notice", "info", "debug", NULL};
const char *const rl_log_target_names[] = {"stderr", "syslog", NULL};

static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};
static enum rl_log_target log_target = RL_LOG_STDERR;
static enum rl_log_level log_level = RL_LOG_NOTICE;

static char log_file[PATH_MAX]; /* that stderr is; "" = none */

static void remember_file(void)
{
    static bool done;
    struct stat st;
    if (done)
        return;
    done = true;
    if (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink > 0 &&
        readlink("/proc/self/fd/2", log_file, sizeof log_file - 1) < 0)
        log_file[0] = '\0';
}

void rl_log_setup(enum rl_log_target target, enum rl_log_level level)
{
    remember_file();
    if (target == RL_LOG_SYSLOG && log_target != RL_LOG_SYSLOG)
        openlog("ringlockd", LOG_PID, LOG_DAEMON);
    log_target = target;
    log_level = level;
}

void rl_log_reopen(void)
{
    if (!log_file[0])
        return;
    int fd = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
        rl_log(RL_LOG_ERROR, "the log stays in the file that it is in: %s cannot be opened: %s",
               log_file, strerror(errno));
    if (fd >= 0)
        close(fd);
}

static void to_stderr(enum rl_log_level level, const char *text)
{
    char at[RL_TIME_TEXT];
    struct rl_buf line = {0};
    rl_buf_addf(&line, "%s ringlockd[%d] %s: %s\n", rl_time_text(rl_now_us(), 1, at), (int)getpid(),
                rl_log_level_names[level], text);
    /* one write, so that lines of several processes do not mix; there is nowhere to report a
     * failure */
    if (write(STDERR_FILENO, line.data, line.len) < 0)
        log_level = RL_LOG_ERROR;
    rl_buf_fini(&line);
}

void rl_log(enum rl_log_level level, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    if (level > log_level)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    char *safe = rl_text_safe_dup(text);
    if (log_target == RL_LOG_SYSLOG)
        syslog(priorities[level], "%s", safe);
    else
        to_stderr(level, safe);
    free(safe);
}

void rl_log_err(enum rl_log_level level, const struct rl_err *err)
{
    rl_log(level, "%s: %s (%s)", rl_code_info(err->code)->tag, err->text, err->remedy);
}
