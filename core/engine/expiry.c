#include "engine/expiry.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/time.h"
#include "store/certs.h"
#include "store/expiry.h"

enum { NOTICES_MAX = 64, LOOK_S = 3600, AT_ONCE = 50, SENTENCE = 400 };

#define SECOND 1000000LL
#define PATH   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* One pass goes through the notices from the shortest to the longest, and through the certificates
 * in the order of their ends; it waits while a command runs. */
struct rl_expiry {
    struct rl_engine *engine;
    int days[NOTICES_MAX]; /* ascending */
    size_t ndays;
    bool woken, looking;
    int64_t began_us, began_mono_us, due_us; /* of the latest pass; due: the next notice */
    size_t at;                               /* index of the notice */
    char *end, *name;                        /* the place among the certificates */
    uv_process_t *process;                   /* of the command that runs, or NULL */
    char *told;                              /* the certificate that it is told of */
    bool late;                               /* it was killed */
    uv_timer_t timer;
};

/* --- which notices there are --- */

static int by_days(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void read_days(struct rl_expiry *x)
{
    char *const *list = x->engine->config.notice_days;
    for (x->ndays = 0; list[x->ndays] && x->ndays < NOTICES_MAX; x->ndays++)
        x->days[x->ndays] = atoi(list[x->ndays]);
    qsort(x->days, x->ndays, sizeof *x->days, by_days);
}

int rl_expiry_horizon(const struct rl_expiry *x)
{
    return x->ndays ? x->days[x->ndays - 1] : 0;
}

static char *in_days(int64_t us, int days, char out[RL_TIME_TEXT])
{
    return rl_time_text(us + days * (RL_DAY_S * SECOND), 0, out);
}

/* --- the command --- */

static void process_closed(uv_handle_t *handle)
{
    free(handle);
}

static void forget_process(struct rl_expiry *x)
{
    x->process->data = NULL;
    uv_close((uv_handle_t *)x->process, process_closed);
    x->process = NULL;
    free(x->told);
    x->told = NULL;
    uv_timer_stop(&x->timer);
}

static void look_on(struct rl_expiry *x);

static void ended(uv_process_t *process, int64_t status, int signal)
{
    struct rl_expiry *x = process->data;
    if (!x)
        return;
    if (x->late)
        rl_log(RL_LOG_WARNING, "the notice command was killed: it ran too long for %s", x->told);
    else if (status || signal)
        rl_log(RL_LOG_WARNING, "the notice command failed for %s (status %d, signal %d)", x->told,
               (int)status, signal);
    forget_process(x);
    look_on(x);
}

/* With all that it started: it leads a process group of its own. */
static void too_long(uv_timer_t *timer)
{
    struct rl_expiry *x = timer->data;
    x->late = true;
    kill(-x->process->pid, SIGKILL);
}

static int spawn(struct rl_expiry *x, char **args, char **env)
{
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE}, {.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
    uv_process_options_t options = {.exit_cb = ended,
                                    .file = args[0],
                                    .args = args,
                                    .env = env,
                                    .cwd = "/",
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio = stdio,
                                    .stdio_count = 3};
    x->process = rl_alloc(sizeof *x->process);
    x->process->data = x;
    return uv_spawn(x->engine->loop, x->process, &options);
}

/* Arguments and environment are those of ringlock.conf(5); no shell reads them. */
static void run_command(struct rl_expiry *x, const struct rl_row *cert, int64_t left, int days)
{
    char *number = rl_asprintf("%lld", (long long)left);
    char *site = rl_asprintf("RINGLOCK_SITE=%s", x->engine->site.dir);
    char *notice = rl_asprintf("RINGLOCK_NOTICE_DAYS=%d", days);
    char *args[] = {x->engine->config.notice_command,
                    (char *)rl_row_get(cert, RL_CERTIFICATE_NAME),
                    (char *)rl_row_get(cert, RL_CERTIFICATE_FINGERPRINT),
                    (char *)rl_row_get(cert, RL_CERTIFICATE_DEVICE),
                    number,
                    (char *)rl_row_get(cert, RL_CERTIFICATE_NOT_AFTER),
                    NULL};
    char *env[] = {PATH, site, notice, NULL};
    x->late = false;
    x->told = rl_strdup(args[1]);
    int rc = spawn(x, args, env);
    if (rc == 0) {
        uv_timer_start(&x->timer, too_long, (uint64_t)(x->engine->config.notice_timeout_us / 1000),
                       0);
    } else {
        rl_log(RL_LOG_ERROR, "the notice command %s cannot be run: %s", args[0], uv_strerror(rc));
        forget_process(x);
    }
    free(number);
    free(site);
    free(notice);
}

/* --- one notice --- */

static enum rl_code record(struct rl_expiry *x, const struct rl_row *cert, int days, bool *is_new,
                           struct rl_err *err)
{
    char now[RL_TIME_TEXT];
    struct rl_store *store = x->engine->store;
    enum rl_code code = rl_store_begin(store, err);
    if (code != RL_OK)
        return code;
    code = rl_store_cert_notice(store, rl_row_get(cert, RL_CERTIFICATE_FINGERPRINT), days,
                                rl_time_text(rl_now_us(), 0, now), is_new, err);
    if (code == RL_OK)
        code = rl_store_commit(store, err);
    if (code != RL_OK)
        rl_store_rollback(store);
    return code;
}

static void say(struct rl_expiry *x, const struct rl_row *cert, int64_t left)
{
    char text[SENTENCE];
    const char *name = rl_row_get(cert, RL_CERTIFICATE_NAME);
    const char *end = rl_row_get(cert, RL_CERTIFICATE_NOT_AFTER);
    if (left < 0)
        snprintf(text, sizeof text, "The certificate %s has ended: %s.", name, end);
    else
        snprintf(text, sizeof text, "The certificate %s ends in less than %lld day%s: %s.", name,
                 (long long)left + 1, left ? "s" : "", end);
    rl_log(RL_LOG_WARNING, "%s", text);
    rl_events_certificate(&x->engine->events, rl_now_us(), rl_row_get(cert, RL_CERTIFICATE_DEVICE),
                          text);
}

/* Recorded before it is told: whatever happens, nobody is told twice. */
static enum rl_code notify(struct rl_expiry *x, const struct rl_row *cert, int days,
                           struct rl_err *err)
{
    bool is_new = false;
    int64_t end = rl_time_parse(rl_row_get(cert, RL_CERTIFICATE_NOT_AFTER));
    int64_t left = rl_days_until(rl_now_us(), end);
    enum rl_code code = record(x, cert, days, &is_new, err);
    if (code != RL_OK || !is_new)
        return code;
    say(x, cert, left);
    if (*x->engine->config.notice_command)
        run_command(x, cert, left, days);
    return RL_OK;
}

/* --- a pass --- */

static void move_to(struct rl_expiry *x, const char *end, const char *name)
{
    char *e = rl_strdup(end), *n = rl_strdup(name);
    free(x->end);
    free(x->name);
    x->end = e;
    x->name = n;
}

static void begin(struct rl_expiry *x)
{
    read_days(x);
    x->looking = true;
    x->woken = false;
    x->began_us = rl_now_us();
    x->began_mono_us = rl_monotonic_us();
    x->at = 0;
    move_to(x, "", "");
}

/* When the next certificate comes within a notice. */
static void plan(struct rl_expiry *x)
{
    struct rl_err err;
    char from[RL_TIME_TEXT], *end;
    x->looking = false;
    x->due_us = x->began_us + LOOK_S * SECOND;
    for (size_t i = 0; i < x->ndays; i++) {
        in_days(x->began_us, x->days[i], from);
        if (rl_store_cert_end(x->engine->reader, from, &end, &err) != RL_OK || !end)
            continue;
        int64_t due = rl_time_parse(end) - x->days[i] * (RL_DAY_S * SECOND);
        x->due_us = due < x->due_us ? due : x->due_us;
        free(end);
    }
}

/* The next certificate of the pass; false when the pass is over, or failed. */
static bool look_at_next(struct rl_expiry *x)
{
    struct rl_err err;
    struct rl_row cert;
    char until[RL_TIME_TEXT];
    int days = x->days[x->at];
    const struct rl_cert_place place = {x->end, x->name};
    in_days(x->began_us, days, until);
    enum rl_code code = rl_store_cert_untold(x->engine->reader, &place, until, days, &cert, &err);
    if (code == RL_E_NOT_FOUND) {
        move_to(x, until, "");
        return ++x->at < x->ndays;
    }
    if (code == RL_OK) {
        move_to(x, rl_row_get(&cert, RL_CERTIFICATE_NOT_AFTER),
                rl_row_get(&cert, RL_CERTIFICATE_NAME));
        code = notify(x, &cert, days, &err);
        rl_row_fini(&cert);
    }
    if (code != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    return code == RL_OK;
}

/* As far as it goes without waiting; a notice is written down, so others must not be writing. */
static void look_on(struct rl_expiry *x)
{
    for (int n = 0; x->looking && !x->process && rl_engine_may_write(x->engine) && n < AT_ONCE; n++)
        if (x->at >= x->ndays || !look_at_next(x))
            plan(x);
}

void rl_expiry_tick(struct rl_expiry *x)
{
    int64_t now = rl_now_us();
    bool due = x->woken || now >= x->due_us || now < x->began_us ||
               rl_monotonic_us() - x->began_mono_us >= LOOK_S * SECOND;
    if (!x->looking && due)
        begin(x);
    look_on(x);
}

void rl_expiry_wake(struct rl_expiry *x)
{
    x->woken = true;
}

struct rl_expiry *rl_expiry_new(struct rl_engine *engine)
{
    struct rl_expiry *x = rl_alloc(sizeof *x);
    x->engine = engine;
    x->woken = true;
    x->timer.data = x;
    uv_timer_init(engine->loop, &x->timer);
    read_days(x);
    return x;
}

static void expiry_closed(uv_handle_t *handle)
{
    struct rl_expiry *x = handle->data;
    free(x->end);
    free(x->name);
    free(x);
}

void rl_expiry_close(struct rl_expiry **expiry)
{
    struct rl_expiry *x = *expiry;
    if (!x)
        return;
    *expiry = NULL;
    if (x->process)
        forget_process(x);
    uv_close((uv_handle_t *)&x->timer, expiry_closed);
}
