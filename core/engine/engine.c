#include "engine/engine.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/certs.h"
#include "control/draft.h"
#include "control/enrolment.h"
#include "control/lists.h"
#include "control/methods.h"
#include "control/own.h"
#include "control/publish.h"
#include "control/ring.h"
#include "control/watch.h"
#include "control/work.h"
#include "engine/backup.h"
#include "engine/config_audit.h"
#include "engine/directory.h"
#include "engine/enrol_child.h"
#include "engine/expiry.h"
#include "engine/feed_child.h"
#include "engine/log.h"
#include "engine/notify.h"
#include "engine/phones.h"
#include "engine/upgrade.h"
#include "ringlock/time.h"
#include "store/certs.h"

enum {
    TICK_MS = 1000,
    COME_MS = 10000,
    LINGER_MS = 200,
    SWEEP_US = 8000,   /* of each turn of the loop, for judging again */
    SWEEP_SHARE = 1000 /* between two looks at the clock */
};

static struct rl_tracker_config tracker_config(const struct rl_engine *e)
{
    const struct rl_config *c = &e->config;
    return (struct rl_tracker_config){.mixed = e->mixed,
                                      .policy = (enum rl_display_policy)c->display_policy,
                                      .silence_us = c->silence_us,
                                      .ringing_us = c->ringing_us,
                                      .ended_keep_us = c->ended_age_us,
                                      .ended_keep = (size_t)c->ended_count,
                                      .max_calls = (size_t)c->max_calls};
}

static void rejudge(struct rl_engine *e, const char *const *devices, size_t n)
{
    struct rl_tracker_config config = tracker_config(e);
    rl_tracker_rejudge(e->tracker, &config, devices, n, rl_now_us());
}

void rl_engine_devices_changed(struct rl_engine *e, const char *const *names, size_t n)
{
    rl_devices_forget(e->devices);
    e->certs_turn_us = 0;
    rejudge(e, names, n);
}

void rl_engine_certificate_changed(struct rl_engine *e, const struct rl_row *cert)
{
    rl_devices_forget_certificate(e->devices, cert);
    e->certs_turn_us = 0;
    rl_tracker_recheck(e->tracker, rl_now_us());
}

bool rl_engine_may_write(const struct rl_engine *e)
{
    return !e->importing && !(e->works && rl_works_writing(e->works));
}

enum rl_code rl_engine_may_change(const struct rl_engine *e, struct rl_err *err)
{
    if (rl_engine_may_write(e))
        return RL_OK;
    if (!e->importing)
        return rl_fail(err, RL_E_CONFLICT, "site", "The site is being changed at this moment.");
    return rl_fail(err, RL_E_CONFLICT, "site",
                   "%s is importing; nothing else is changed meanwhile.", rl_importing_user(e));
}

void rl_engine_after_change(struct rl_engine *e)
{
    struct rl_err err = {0};
    if (rl_engine_may_write(e) && rl_audit_flush(&e->audit, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
}

enum rl_code rl_engine_set_mode(struct rl_engine *e, const char *who, bool mixed,
                                struct rl_err *err)
{
    enum rl_code code = rl_engine_may_change(e, err);
    if (code != RL_OK || e->mixed == mixed)
        return code;
    code = rl_lists_set_mode(e, who, mixed, err);
    if (code != RL_OK)
        return code;
    rejudge(e, NULL, 0);
    rl_watch_site(e->rpc, mixed);
    return RL_OK;
}

/* ---- what the tracker tells ---- */

static void call_changed(void *ctx, const struct rl_call *call)
{
    struct rl_engine *e = ctx;
    if (e->rpc)
        rl_watch_call(e->rpc, call);
}

static void call_forgotten(void *ctx, const char *id)
{
    struct rl_engine *e = ctx;
    if (e->rpc)
        rl_watch_forgotten(e->rpc, id);
}

static void seen(void *ctx, const struct rl_seen *what)
{
    struct rl_engine *e = ctx;
    rl_events_add(&e->events, what);
}

static void record(void *ctx, const struct rl_rec *rec)
{
    struct rl_engine *e = ctx;
    rl_tracker_feed(e->tracker, rec, rl_monotonic_us(), rl_now_us());
}

/* Profiles whose certificate ended may have another one of their name on file (R109). */
static void turn_profiles(struct rl_engine *e, int64_t now_us)
{
    const struct rl_act act = {
        .store = e->store, .audit = &e->auditor, .who = "ringlockd", .mixed = e->mixed};
    struct rl_err err = {0};
    bool changed;
    if (rl_certs_turn(&act, now_us, &changed, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    else if (changed)
        rl_devices_forget(e->devices);
    rl_engine_after_change(e);
}

/* A certificate begins or ceases to count: running calls are judged again at that moment. */
static void turn_certs(struct rl_engine *e, int64_t now_us)
{
    char now[RL_TIME_TEXT], *next = NULL;
    struct rl_err err = {0};
    bool set_back = now_us < e->certs_us;
    e->certs_us = now_us;
    if (now_us <= e->certs_turn_us && !set_back)
        return;
    bool may_write = rl_engine_may_write(e); /* else profiles follow later */
    if (may_write)
        turn_profiles(e, now_us);
    rl_tracker_recheck(e->tracker, now_us);
    if (rl_store_cert_next(e->reader, rl_time_text(now_us, 0, now), &next, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    e->certs_turn_us = !may_write ? 0 : next ? rl_time_parse(next) : INT64_MAX;
    free(next);
}

/* ---- the loop ---- */

/* What a dashboard shows of the feed is stale once it is in trouble. */
static void watch_feed(struct rl_engine *e, int64_t wall)
{
    struct rl_feed_status feed;
    rl_feed_status(e->feed, &feed);
    if (rl_pulse_feed(&e->pulse, &feed, wall))
        rl_watch_site(e->rpc, e->mixed);
}

static void hurry(uv_idle_t *idle)
{
    (void)idle; /* while it is on, the loop does not wait */
}

/* Judge again what changes have left, as much as does not hold others up. */
static void sweep(struct rl_engine *e)
{
    int64_t until = rl_monotonic_us() + SWEEP_US;
    while (rl_tracker_sweep(e->tracker, SWEEP_SHARE, rl_now_us()))
        if (rl_monotonic_us() >= until) {
            uv_idle_start(&e->hurry, hurry);
            return;
        }
    uv_idle_stop(&e->hurry);
}

static void turn(uv_prepare_t *prepare)
{
    struct rl_engine *e = prepare->data;
    if (rl_tracker_sweeping(e->tracker))
        sweep(e);
    rl_watch_pump(e->rpc);
    rl_pulse_turn(&e->pulse, e->loop, rl_monotonic_us());
}

static void stop(struct rl_engine *e, const char *why)
{
    if (e->stopping)
        return;
    e->stopping = true;
    rl_site_leave(&e->site);
    rl_log(RL_LOG_NOTICE, "ending: %s", why);
    rl_notify("STOPPING=1");
    uv_stop(e->loop);
}

static void leave(uv_timer_t *timer)
{
    struct rl_engine *e = timer->data;
    if (rl_rpc_npeers(e->rpc) == 0)
        stop(e, e->had_client ? "the last client left" : "no client came");
}

void rl_engine_client_came(struct rl_engine *e)
{
    e->had_client = true;
}

/* A private engine lives as long as its clients; the next command may come right after this one. */
void rl_engine_client_left(struct rl_engine *e)
{
    if (e->private_engine && e->had_client && !e->stopping)
        uv_timer_start(&e->leave, leave, LINGER_MS, 0);
}

static void end_signal(uv_signal_t *handle, int signal)
{
    stop(handle->data, signal == SIGTERM ? "SIGTERM" : "SIGINT");
}

/* ---- configuration ---- */

static void apply_log(const struct rl_engine *e, const struct rl_engine_options *o)
{
    rl_log_setup((enum rl_log_target)(o->log_target >= 0 ? o->log_target : e->config.log_target),
                 (enum rl_log_level)(o->log_level >= 0 ? o->log_level : e->config.log_level));
}

/* A private engine takes what is free on loopback, and is found in its site. */
static void make_private(struct rl_config *c)
{
    char **const endpoints[] = {&c->listen_udp, &c->listen_tcp, &c->listen_capf, &c->listen_tvs};
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        bool off = !**endpoints[i];
        free(*endpoints[i]);
        *endpoints[i] = rl_strdup(off ? "" : "127.0.0.1:0");
    }
    free(c->socket);
    c->socket = rl_strdup("");
}

static enum rl_code load_config(struct rl_engine *e, struct rl_config *out, struct rl_err *err)
{
    struct rl_problems problems = {0};
    enum rl_code code = rl_config_load(e->site.conf, out, &problems);
    for (size_t i = 0; i < problems.n; i++)
        rl_log_err(RL_LOG_ERROR, &problems.item[i]);
    if (code != RL_OK && problems.n > 0)
        *err = problems.item[0];
    rl_problems_fini(&problems);
    return code;
}

/* What changed in the file is told in the audit log; then a private engine goes its own ways. */
static enum rl_code note_config(struct rl_engine *e, struct rl_config *config, struct rl_err *err)
{
    struct stat st = {0};
    stat(e->site.conf, &st);
    char *who = rl_user_name(st.st_uid);
    enum rl_code code = rl_config_audit(&e->audit, config, who, err);
    free(who);
    if (e->private_engine)
        make_private(config);
    return code;
}

static bool same_lists(char *const *a, char *const *b)
{
    while (*a && *b && strcmp(*a, *b) == 0) {
        a++;
        b++;
    }
    return !*a && !*b;
}

static bool same_feed(const struct rl_config *a, const struct rl_config *b)
{
    return strcmp(a->listen_udp, b->listen_udp) == 0 && strcmp(a->listen_tcp, b->listen_tcp) == 0 &&
           strcmp(a->hep_key, b->hep_key) == 0 && same_lists(a->sources, b->sources) &&
           strcmp(a->correlation_header, b->correlation_header) == 0 &&
           a->receive_buffer == b->receive_buffer;
}

static void take_config(struct rl_engine *e, struct rl_config *fresh)
{
    struct rl_config old = e->config;
    struct rl_err err = {0};
    e->config = *fresh;
    rl_config_set_audit(&e->audit, &e->config);
    if (strcmp(old.socket, e->config.socket) != 0)
        rl_log(RL_LOG_NOTICE, "[control] socket takes effect when the engine starts again");
    if (!same_feed(&old, &e->config) && rl_feed_configure(e->feed, &e->config, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    if (rl_enrol_configure(e->enrol, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    rl_config_fini(&old);
    rl_rpc_recheck(e->rpc);
    rl_expiry_wake(e->expiry);
    rejudge(e, NULL, 0);
}

static void reload(struct rl_engine *e)
{
    struct rl_config fresh;
    struct rl_err err = {0};
    char state[64];
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)rl_monotonic_us());
    rl_notify(state);
    if (load_config(e, &fresh, &err) == RL_OK) {
        if (note_config(e, &fresh, &err) != RL_OK)
            rl_log_err(RL_LOG_ERROR, &err);
        take_config(e, &fresh);
        apply_log(e, e->options);
        rl_log(RL_LOG_NOTICE, "%s was read again", e->site.conf);
    } else {
        rl_config_fini(&fresh);
        rl_log(RL_LOG_ERROR, "%s was not taken: the configuration stays as it was", e->site.conf);
    }
    rl_notify("READY=1");
}

/* What changed in the configuration is written down: not while others have the store. */
static void reload_now(struct rl_engine *e)
{
    if (!e->reload || !rl_engine_may_write(e))
        return;
    e->reload = false;
    e->drafts_us = 0;
    reload(e);
}

static void reload_signal(uv_signal_t *handle, int signal)
{
    struct rl_engine *e = handle->data;
    (void)signal;
    rl_log_reopen();
    e->reload = true;
    reload_now(e);
}

static void tick(uv_timer_t *timer)
{
    struct rl_engine *e = timer->data;
    int64_t now = rl_monotonic_us(), wall = rl_now_us();
    rl_tracker_tick(e->tracker, now, wall);
    turn_certs(e, wall);
    rl_rpc_tick(e->rpc, now);
    rl_importing_tick(e, now);
    rl_backing_tick(e, now);
    rl_expiry_tick(e->expiry);
    rl_enrol_tick(e->enrol);
    rl_drafts_tick(e, wall);
    rl_lists_tick(e);
    rl_publisher_tick(e);
    reload_now(e);
    if (rl_engine_may_write(e))
        rl_audit_tick(&e->audit, now);
    rl_enrolment_tick(e->enrolment, now);
    watch_feed(e, wall);
}

/* ---- start and end ---- */

static enum rl_code open_store(struct rl_engine *e, struct rl_err *err)
{
    char *mode = NULL;
    enum rl_code code = rl_store_open(e->site.db, &e->store, err);
    if (code == RL_OK)
        code = rl_store_open_reader(e->store, &e->reader, err);
    if (code == RL_OK)
        code = rl_store_get_meta(e->reader, "cluster_mode", &mode, err);
    if (code == RL_OK)
        code = rl_store_get_meta(e->reader, "name", &e->name, err);
    if (!e->name)
        e->name = rl_strdup("unknown");
    e->mixed = mode && strcmp(mode, "mixed") == 0;
    free(mode);
    return code;
}

static enum rl_code open_audit(struct rl_engine *e, struct rl_err *err)
{
    e->audit = (struct rl_audit){.store = e->store, .reader = e->reader, .log_dir = e->site.log};
    rl_config_set_audit(&e->audit, &e->config);
    e->auditor = (struct rl_auditor){&e->audit, rl_audit_add};
    enum rl_code code = rl_audit_open(&e->audit, err);
    return code ? code : rl_upgrade_note(&e->audit, err);
}

static enum rl_code open_config(struct rl_engine *e, struct rl_err *err)
{
    return note_config(e, &e->config, err);
}

static enum rl_code open_certs(struct rl_engine *e, struct rl_err *err)
{
    const struct rl_act act = {
        .store = e->store, .audit = &e->auditor, .who = "ringlockd", .mixed = e->mixed};
    enum rl_code code = rl_own_complete(&act, e->site.keys, e->name, err);
    if (code == RL_OK)
        code = rl_ring_renew(e, err);
    return code ? code : rl_audit_flush(&e->audit, err);
}

static enum rl_code open_tracker(struct rl_engine *e, struct rl_err *err)
{
    struct rl_tracker_hooks hooks = {e, call_changed, call_forgotten, seen};
    struct rl_tracker_config config = tracker_config(e);
    (void)err;
    e->devices = rl_devices_new(e->reader);
    struct rl_directory directory = rl_devices_directory(e->devices);
    e->tracker = rl_tracker_new(&config, &directory, &hooks);
    return RL_OK;
}

static enum rl_code open_feed(struct rl_engine *e, struct rl_err *err)
{
    struct rl_feed_hooks hooks = {e, record};
    return rl_feed_open(e->loop, &e->config, &hooks, &e->feed, err);
}

static enum rl_code open_expiry(struct rl_engine *e, struct rl_err *err)
{
    (void)err;
    e->expiry = rl_expiry_new(e);
    return RL_OK;
}

static enum rl_code open_rpc(struct rl_engine *e, struct rl_err *err)
{
    e->works = rl_works_new(e->loop, e->store);
    e->publisher = rl_publisher_new(e);
    char *path =
        *e->config.socket ? rl_strdup(e->config.socket) : rl_site_path(&e->site, RL_SOCKET_NAME);
    enum rl_code code = rl_rpc_open(e, e->loop, path, &e->rpc, err);
    free(path);
    return code;
}

static void open_loop(struct rl_engine *e)
{
    uv_timer_init(e->loop, &e->tick);
    uv_timer_init(e->loop, &e->leave);
    uv_prepare_init(e->loop, &e->turn);
    uv_idle_init(e->loop, &e->hurry);
    uv_signal_init(e->loop, &e->term);
    uv_signal_init(e->loop, &e->intr);
    uv_signal_init(e->loop, &e->hup);
    e->tick.data = e->leave.data = e->turn.data = e->term.data = e->intr.data = e->hup.data = e;
    uv_timer_start(&e->tick, tick, TICK_MS, TICK_MS);
    uv_prepare_start(&e->turn, turn);
    uv_signal_start(&e->term, end_signal, SIGTERM);
    uv_signal_start(&e->intr, end_signal, SIGINT);
    uv_signal_start(&e->hup, reload_signal, SIGHUP);
    if (e->private_engine)
        uv_timer_start(&e->leave, leave, COME_MS, 0);
}

static void close_loop(struct rl_engine *e)
{
    uv_handle_t *const handles[] = {(uv_handle_t *)&e->tick, (uv_handle_t *)&e->leave,
                                    (uv_handle_t *)&e->turn, (uv_handle_t *)&e->hurry,
                                    (uv_handle_t *)&e->term, (uv_handle_t *)&e->intr,
                                    (uv_handle_t *)&e->hup};
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
        if (handles[i]->loop)
            uv_close(handles[i], NULL);
    uv_run(e->loop, UV_RUN_DEFAULT); /* until the child is reaped and all handles are closed */
    uv_loop_close(e->loop);
}

static void engine_close(struct rl_engine *e)
{
    e->stopping = true;
    rl_rpc_close(&e->rpc);
    rl_feed_close(&e->feed);
    rl_enrol_close(&e->enrol);
    rl_expiry_close(&e->expiry);
    close_loop(e);
    rl_works_free(&e->works);
    rl_enrolment_free(&e->enrolment);
    rl_lists_close(&e->lists);
    rl_publisher_free(&e->publisher);
    rl_backing_close(e);
    rl_watch_close(e);
    if (e->tracker)
        rl_tracker_free(&e->tracker);
    rl_devices_free(&e->devices);
    rl_events_fini(&e->events);
    rl_ring_free(&e->ring);
    rl_store_close(&e->reader);
    rl_store_close(&e->store);
    rl_config_fini(&e->config);
    rl_site_close(&e->site);
    free(e->name);
    free(e);
}

static enum rl_code engine_open(struct rl_engine *e, struct rl_err *err)
{
    static enum rl_code (*const steps[])(struct rl_engine *, struct rl_err *) = {
        open_store,   open_audit, open_config,    open_certs,  rl_lists_open,
        open_tracker, open_feed,  rl_phones_open, open_expiry, open_rpc};
    enum rl_code code = rl_site_open(e->options->dir, &e->site, err);
    if (code == RL_OK)
        code = rl_site_lock(&e->site, err);
    if (code == RL_OK) {
        rl_backup_clean(&e->site);
        code = load_config(e, &e->config, err);
    }
    if (code == RL_OK)
        apply_log(e, e->options);
    for (size_t i = 0; code == RL_OK && i < sizeof steps / sizeof *steps; i++)
        code = steps[i](e, err);
    return code;
}

enum rl_code rl_engine_run(const struct rl_engine_options *options, struct rl_err *err)
{
    struct rl_engine *e = rl_alloc(sizeof *e);
    struct rl_feed_status feed;
    uv_loop_t loop;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is a full disk */
    umask(077);
    uv_loop_init(&loop);
    uv_loop_configure(&loop, UV_METRICS_IDLE_TIME);
    e->loop = &loop;
    e->options = options;
    e->private_engine = options->private_engine;
    e->site.lock_fd = -1;
    e->started_us = rl_monotonic_us();
    enum rl_code code = engine_open(e, err);
    if (code == RL_OK) {
        open_loop(e);
        rl_feed_status(e->feed, &feed);
        rl_log(RL_LOG_NOTICE, "serving %s (%s); HEP at UDP %s, TCP %s", e->name, e->site.dir,
               feed.udp, feed.tcp);
        rl_notify("READY=1");
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    engine_close(e);
    return code;
}
