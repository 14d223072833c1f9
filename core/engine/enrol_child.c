#include "engine/enrol_child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/ring.h"
#include "engine/child.h"
#include "engine/engine.h"
#include "engine/enrol_keys.h"
#include "engine/log.h"

#define META_SESSION "capf_session" /* no session of this number or a later one began yet */

enum {
    SESSIONS = 65536,  /* numbers taken from the site at a time */
    UNTOLD = 65536 / 4 /* as many could have begun in a life that ended before it told us */
};

struct rl_enrol_child {
    struct rl_engine *engine;
    void (*record)(struct rl_engine *engine, const struct rl_enr *rec);
    struct rl_listener capf, tvs;
    struct rl_child *child; /* NULL = both are off */
    const void *current;    /* the life that is heard; one before it may still be read */
    struct rl_enrol_key_use keys;
    struct rl_enr_stats stats;  /* of all lives */
    uint32_t next, taken;       /* session numbers: free from here, and not beyond this */
    unsigned long long refused; /* private-key operations that were told of */
    int64_t connections;        /* as the one that runs was told first */
    bool closing;
};

/* What one life said of itself last, and the thread that signs for it. */
struct life {
    struct rl_enr_stats told;
    struct rl_enrol_keys *keys;
};

/* ---- session numbers ---- */

/* They are never repeated in a site, as what phones sign is bound to nothing else (capf.md 6). */
static enum rl_code take_numbers(struct rl_enrol_child *c, struct rl_err *err)
{
    struct rl_store *store = c->engine->store;
    char text[16];
    uint32_t taken = c->next + SESSIONS;
    snprintf(text, sizeof text, "%u", taken);
    enum rl_code code = rl_store_begin(store, err);
    if (code != RL_OK)
        return code;
    code = rl_store_set_meta(store, META_SESSION, text, err);
    if (code == RL_OK)
        code = rl_store_commit(store, err);
    if (code != RL_OK)
        rl_store_rollback(store);
    else
        c->taken = taken;
    return code;
}

static enum rl_code first_numbers(struct rl_enrol_child *c, struct rl_err *err)
{
    char *text = NULL;
    enum rl_code code = rl_store_get_meta(c->engine->reader, META_SESSION, &text, err);
    c->next = text ? (uint32_t)strtoul(text, NULL, 10) : 1;
    free(text);
    return code ? code : take_numbers(c, err);
}

static void tell_refusals(struct rl_enrol_child *c)
{
    unsigned long long refused = c->keys.refused;
    if (refused > c->refused)
        rl_log(RL_LOG_WARNING, "enrol asked %llu times for what no TLS handshake needs of a key",
               refused - c->refused);
    c->refused = refused;
}

void rl_enrol_tick(struct rl_enrol_child *c)
{
    struct rl_err err = {0};
    tell_refusals(c);
    uint32_t left = c->taken - c->next;
    if (!c->child || (left > SESSIONS / 2 && left <= SESSIONS) || !rl_engine_may_write(c->engine))
        return;
    if (take_numbers(c, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
}

/* ---- what the child is told ---- */

static struct rl_bytes shown(const struct rl_ring *ring, enum rl_cert_role role)
{
    const struct rl_ring_entry *e = rl_ring_find(ring, role, false, RL_OWN_ACTIVE);
    return e ? (struct rl_bytes){e->cert.der, e->cert.nder} : (struct rl_bytes){0};
}

static uint32_t ms(int64_t us)
{
    return (uint32_t)(us / 1000);
}

static void send_setup(struct rl_child *child, struct rl_enrol_child *c)
{
    const struct rl_config *config = &c->engine->config;
    struct rl_ring *ring = rl_ring_take(c->engine);
    struct rl_enr rec = {.kind = RL_ENR_SETUP};
    struct rl_buf bytes = {0};
    rec.setup = (struct rl_enr_setup){.first_session = c->next,
                                      .old_tls = config->old_tls != 0,
                                      .connections = (uint32_t)config->enrol_connections,
                                      .per_address = (uint32_t)config->enrol_per_address,
                                      .handshake_ms = ms(config->handshake_us),
                                      .message_ms = ms(config->message_us),
                                      .key_ms = ms(config->key_us),
                                      .session_ms = ms(config->session_us),
                                      .capf = shown(ring, RL_CERT_CAPF),
                                      .tvs = shown(ring, RL_CERT_TVS)};
    c->keys.old_tls = config->old_tls != 0;
    rl_enr_encode(&rec, &bytes);
    rl_child_send(child, bytes.data, bytes.len);
    rl_buf_fini(&bytes);
    rl_ring_free(&ring);
}

void rl_enrol_certificates(struct rl_enrol_child *c)
{
    if (c && c->child)
        send_setup(c->child, c);
}

void rl_enrol_send(struct rl_enrol_child *c, const struct rl_enr *rec)
{
    struct rl_buf bytes = {0};
    if (!c->child)
        return;
    rl_enr_encode(rec, &bytes);
    rl_child_send(c->child, bytes.data, bytes.len);
    rl_buf_fini(&bytes);
}

/* ---- its lives ---- */

static bool descriptors(void *ctx, void *life, int sockets[2], int *more)
{
    struct rl_enrol_child *c = ctx;
    struct life *l = life;
    int pair[2];
    sockets[0] = c->capf.fd;
    sockets[1] = c->tvs.fd;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    l->keys = rl_enrol_keys_start(c->engine, pair[0], &c->keys);
    *more = pair[1];
    return l->keys != NULL;
}

/* Its sessions are gone; a new life has its own. */
static void forget_life(struct rl_enrol_child *c)
{
    struct rl_enr all_gone = {.kind = RL_ENR_GONE, .gone = {RL_GONE_PROCESS}};
    if (c->current && !c->closing)
        c->record(c->engine, &all_gone);
    c->current = NULL;
    c->stats.open = 0;
}

static void begin(struct rl_child *child, void *ctx, void *life)
{
    struct rl_enrol_child *c = ctx;
    forget_life(c);
    c->current = life;
    send_setup(child, c);
    c->connections = c->engine->config.enrol_connections;
    c->next += UNTOLD; /* for the life after this one; what it tells does not lead back */
}

static void take_stats(struct rl_enrol_child *c, struct life *life, const struct rl_enr_stats *now)
{
#define ADD(name) c->stats.name += now->name - life->told.name;
    RL_ENR_COUNTERS(ADD)
#undef ADD
    if (life == c->current)
        c->stats.open = now->open;
    life->told = *now;
}

static long take(void *ctx, void *life, const uint8_t *bytes, size_t n)
{
    struct rl_enrol_child *c = ctx;
    struct rl_enr rec;
    long used = rl_enr_decode(bytes, n, &rec);
    if (used <= 0)
        return used;
    if (rec.kind == RL_ENR_STATS)
        take_stats(c, life, &rec.stats);
    else if (rec.kind > RL_ENR_STATS)
        return -1;
    else if (life == c->current)
        c->record(c->engine, &rec);
    if (rec.kind == RL_ENR_HELLO && rec.session + UNTOLD - c->next < SESSIONS)
        c->next = rec.session + UNTOLD;
    return used;
}

static void over(void *ctx, void *life)
{
    struct rl_enrol_child *c = ctx;
    struct life *l = life;
    rl_enrol_keys_stop(&l->keys);
    if (life == c->current)
        forget_life(c);
}

static const struct rl_child_kind kind = {.name = "enrol",
                                          .option = "--enrol",
                                          .life_bytes = sizeof(struct life),
                                          .descriptors = descriptors,
                                          .begin = begin,
                                          .take = take,
                                          .over = over};

/* ---- configuration ---- */

static enum rl_code listen_both(struct rl_enrol_child *c, struct rl_err *err)
{
    enum rl_code code = rl_listener_set(&c->capf, c->engine->config.listen_capf, err);
    return code == RL_OK ? rl_listener_set(&c->tvs, c->engine->config.listen_tvs, err) : code;
}

/* Whether it runs is a question of the sockets alone. */
static enum rl_code run(struct rl_enrol_child *c, struct rl_err *err)
{
    bool wanted = c->capf.fd >= 0 || c->tvs.fd >= 0;
    enum rl_code code = RL_OK;
    if (!wanted)
        rl_child_close(&c->child);
    else if (c->child)
        rl_child_renew(c->child);
    else if ((code = first_numbers(c, err)) == RL_OK)
        c->child = rl_child_open(c->engine->loop, &kind, c);
    return code;
}

enum rl_code rl_enrol_open(struct rl_engine *engine,
                           void (*record)(struct rl_engine *engine, const struct rl_enr *rec),
                           struct rl_enrol_child **out, struct rl_err *err)
{
    struct rl_enrol_child *c = rl_alloc(sizeof *c);
    c->engine = engine;
    c->record = record;
    c->capf = (struct rl_listener){.type = SOCK_STREAM, .section = "enrol", .fd = -1};
    c->tvs = (struct rl_listener){.type = SOCK_STREAM, .section = "enrol", .fd = -1};
    enum rl_code code = listen_both(c, err);
    if (code == RL_OK)
        code = run(c, err);
    if (code != RL_OK)
        rl_enrol_close(&c);
    *out = c;
    return code;
}

enum rl_code rl_enrol_configure(struct rl_enrol_child *c, struct rl_err *err)
{
    int capf = c->capf.fd, tvs = c->tvs.fd;
    enum rl_code code = listen_both(c, err);
    bool more = c->child && c->engine->config.enrol_connections > c->connections;
    if (capf != c->capf.fd || tvs != c->tvs.fd || more)
        code = run(c, code == RL_OK ? err : &(struct rl_err){0});
    else
        rl_enrol_certificates(c);
    return code;
}

void rl_enrol_close(struct rl_enrol_child **enrol)
{
    struct rl_enrol_child *c = *enrol;
    *enrol = NULL;
    if (!c)
        return;
    c->closing = true;
    rl_child_close(&c->child);
    rl_listener_close(&c->capf);
    rl_listener_close(&c->tvs);
    free(c);
}

void rl_enrol_status(const struct rl_enrol_child *c, struct rl_enrol_status *out)
{
    struct rl_child_status child;
    *out = (struct rl_enrol_status){0};
    if (!c)
        return;
    rl_child_status(c->child, &child);
    out->pid = child.pid;
    out->restarts = child.restarts;
    out->restarted_us = child.restarted_us;
    out->stats = c->stats;
    out->signatures = c->keys.signatures;
    out->decryptions = c->keys.decryptions;
    out->keys_refused = c->keys.refused;
    snprintf(out->capf, sizeof out->capf, "%s", c->capf.where);
    snprintf(out->tvs, sizeof out->tvs, "%s", c->tvs.where);
}
