/* The status: what the site is, what is there, and every counter that an operator watches. What a
 * number is called by people and by Prometheus, tui/commands/status.c says. */
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "control/json.h"
#include "control/lists.h"
#include "control/methods.h"
#include "control/publish.h"
#include "control/ring.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/feed_child.h"
#include "ringlock/time.h"

/* A named text of the site; what is not known says so, never blank (R7). */
static json_t *meta_json(struct rl_request *rq, const char *key)
{
    char *text = NULL;
    struct rl_err ignored;
    if (rl_store_get_meta(rq->engine->reader, key, &text, &ignored) != RL_OK || !text || !*text) {
        free(text);
        return json_string("unknown");
    }
    json_t *value = rl_json_text(text);
    free(text);
    return value;
}

/* When, by a named text of the site; 0 if that is not set. */
static int64_t meta_time(const struct rl_engine *e, const char *key)
{
    char *text = NULL;
    rl_store_get_meta(e->reader, key, &text, NULL);
    int64_t us = text ? rl_time_parse(text) : 0;
    free(text);
    return us > 0 ? us : 0;
}

/* Too old, or none was taken since the site was made. */
static bool backup_overdue(const struct rl_engine *e)
{
    int64_t last = meta_time(e, RL_META_BACKUP);
    int64_t since = last ? last : meta_time(e, "installed_at");
    return e->config.backup_days > 0 && since &&
           rl_days_until(since, rl_now_us()) >= e->config.backup_days;
}

static json_t *devices_json(struct rl_request *rq)
{
    struct rl_mode_counts n;
    if (rl_store_mode_counts(rq->engine->reader, &n, &rq->err) != RL_OK)
        return NULL;
    json_t *modes = json_object();
    for (int m = RL_NONSECURE; m <= RL_ENCRYPTED; m++)
        json_object_set_new(modes, rl_security_text((enum rl_security)m),
                            json_integer((json_int_t)n.by_mode[m]));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "phones", (json_int_t)n.phones, "gateways",
                     (json_int_t)n.gateways, "profiles", (json_int_t)n.profiles, "users",
                     (json_int_t)n.users, "types", (json_int_t)n.types, "by_mode", modes);
}

static json_t *icons_json(const size_t by[3])
{
    return json_pack("{s:I, s:I, s:I}", "unlock", (json_int_t)by[RL_NONSECURE], "shield",
                     (json_int_t)by[RL_AUTHENTICATED], "lock", (json_int_t)by[RL_ENCRYPTED]);
}

static json_t *calls_json(const struct rl_engine *e)
{
    struct rl_tracker_counts n;
    rl_tracker_counts(e->tracker, &n);
    json_t *calls = rl_json_counts(&n);
    json_object_set_new(calls, "connected", icons_json(n.connected));
    json_object_set_new(calls, "held", icons_json(n.held));
    json_object_set_new(calls, "registrations", json_integer((json_int_t)n.registrations));
    json_object_set_new(calls, "dialogs", json_integer((json_int_t)n.dialogs));
    json_object_set_new(calls, "connections", json_integer((json_int_t)n.peers));
    json_object_set_new(calls, "records", json_integer((json_int_t)n.records));
    json_object_set_new(calls, "dropped", json_integer((json_int_t)n.dropped_calls));
    return calls;
}

static json_t *refused_json(const struct rl_rec_stats *s)
{
    uint64_t sip = s->sip_head + s->sip_syntax + s->sip_start + s->sip_parties;
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "source", (json_int_t)s->refused_source,
                     "key", (json_int_t)s->refused_key, "frame", (json_int_t)s->refused_frame,
                     "unfinished", (json_int_t)s->refused_unfinished, "sip", (json_int_t)sip,
                     "fact", (json_int_t)s->refused_fact);
}

static json_t *errors_json(const struct rl_rec_stats *s)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "head", (json_int_t)s->sip_head, "syntax",
                     (json_int_t)s->sip_syntax, "start", (json_int_t)s->sip_start, "parties",
                     (json_int_t)s->sip_parties, "sdp", (json_int_t)s->sdp);
}

static json_t *feed_json(const struct rl_engine *e, const struct rl_feed_status *f)
{
    const struct rl_rec_stats *s = &f->stats;
    json_t *feed =
        json_pack("{s:b, s:i, s:i, s:o, s:I, s:i}", "running", f->pid > 0, "pid", f->pid,
                  "restarts", (int)f->restarts, "restarted_at", rl_json_time(f->restarted_us),
                  "memory", (json_int_t)rl_process_memory(f->pid), "pipe", f->pipe);
    json_object_set_new(feed, "datagrams",
                        json_integer((json_int_t)(s->udp_packets + s->tcp_packets)));
    json_object_set_new(feed, "udp",
                        json_pack("{s:I, s:I}", "packets", (json_int_t)s->udp_packets, "bytes",
                                  (json_int_t)s->udp_bytes));
    json_object_set_new(feed, "tcp",
                        json_pack("{s:I, s:I, s:I}", "packets", (json_int_t)s->tcp_packets, "bytes",
                                  (json_int_t)s->tcp_bytes, "connections",
                                  (json_int_t)s->tcp_connections));
    json_object_set_new(feed, "records", json_integer((json_int_t)s->records));
    json_object_set_new(feed, "ignored", json_integer((json_int_t)s->ignored));
    json_object_set_new(feed, "refused", refused_json(s));
    json_object_set_new(feed, "parse_errors", errors_json(s));
    json_object_set_new(feed, "kernel_drops", json_integer((json_int_t)f->kernel_drops));
    json_object_set_new(feed, "dropped_at", rl_json_time(e->pulse.drops_us));
    return feed;
}

static json_t *hep_json(const struct rl_feed_status *f)
{
    return json_pack("{s:s, s:s, s:i, s:I, s:I}", "udp", f->udp, "tcp", f->tcp, "receive_buffer",
                     f->receive_buffer, "waiting", (json_int_t)f->memory.waiting, "room",
                     (json_int_t)f->memory.room);
}

/* Who is connected, and what waits for those who read slowly. */
static json_t *control_json(const struct rl_engine *e)
{
    json_int_t watching = 0, queued = 0, longest = 0;
    size_t running, waiting;
    for (const struct rl_peer *p = rl_rpc_peers(e->rpc); p; p = p->next) {
        json_int_t n = (json_int_t)uv_stream_get_write_queue_size((const uv_stream_t *)&p->pipe);
        watching += p->watch != NULL;
        queued += n;
        longest = n > longest ? n : longest;
    }
    rl_works_load(e->works, &running, &waiting);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "working", (json_int_t)running,
                     "waiting", (json_int_t)waiting, "connections",
                     (json_int_t)rl_rpc_npeers(e->rpc), "watching", watching, "queued", queued,
                     "queued_longest", longest, "importing", e->importing != NULL);
}

static json_t *certs_json(const struct rl_engine *e)
{
    struct rl_ring *ring = rl_ring_take(e);
    json_t *list = json_array();
    for (size_t i = 0; i < ring->n; i++)
        if (ring->entry[i].state == RL_OWN_ACTIVE)
            json_array_append_new(list, rl_json_cert(&ring->entry[i].cert));
    rl_ring_free(&ring);
    return list;
}

static json_t *database_json(struct rl_request *rq)
{
    struct rl_store_size size;
    if (rl_store_size(rq->engine->reader, &size, &rq->err) != RL_OK)
        return NULL;
    return json_pack("{s:I, s:I, s:I}", "bytes", (json_int_t)size.bytes, "unused",
                     (json_int_t)size.unused, "log", (json_int_t)size.log);
}

static json_t *audit_json(struct rl_request *rq)
{
    struct rl_audit_size size;
    struct rl_audit_anchor anchor;
    int64_t last = 0;
    char *hash = NULL;
    if (rl_store_audit_last(rq->engine->reader, &last, &hash, &rq->err) != RL_OK)
        return NULL;
    free(hash);
    if (rl_audit_anchor(&rq->engine->audit, &anchor, &rq->err) != RL_OK)
        return NULL;
    rl_audit_size(&rq->engine->audit, &size);
    return json_pack("{s:I, s:I, s:I}", "entries", (json_int_t)(last - anchor.seq), "bytes",
                     (json_int_t)size.bytes, "files", (json_int_t)size.files);
}

/* Of the file system that the site is on. */
static json_t *disk_json(const struct rl_engine *e)
{
    struct statvfs fs;
    if (statvfs(e->site.dir, &fs) != 0)
        return json_null();
    return json_pack("{s:I, s:I}", "bytes", (json_int_t)(fs.f_blocks * fs.f_frsize), "free",
                     (json_int_t)(fs.f_bavail * fs.f_frsize));
}

static json_t *process_json(const struct rl_engine *e)
{
    return json_pack("{s:I, s:I, s:f, s:f}", "pid", (json_int_t)getpid(), "memory",
                     (json_int_t)rl_process_memory((int)getpid()), "busy",
                     (double)e->pulse.busy_us / 1e6, "longest_turn",
                     (double)rl_pulse_longest(&e->pulse) / 1e6);
}

static void add_site(struct rl_request *rq, json_t *o)
{
    const struct rl_engine *e = rq->engine;
    json_object_set_new(o, "release", json_string(RL_RELEASE));
    json_object_set_new(o, "site", rl_json_text(e->site.dir));
    json_object_set_new(o, "name", rl_json_text(e->name));
    json_object_set_new(o, "cluster_mode", json_string(e->mixed ? "mixed" : "nonsecure"));
    json_object_set_new(o, "installed_at", meta_json(rq, "installed_at"));
    json_object_set_new(o, "installed_release", meta_json(rq, "release"));
    json_object_set_new(o, "upgraded_from", meta_json(rq, "upgraded_from"));
    json_object_set_new(o, "last_backup", rl_json_time(meta_time(e, RL_META_BACKUP)));
    json_object_set_new(o, "backup_overdue", json_boolean(backup_overdue(e)));
    rl_lists_status(rq->engine, o);
    json_object_set_new(o, "uptime", json_integer((rl_monotonic_us() - e->started_us) / 1000000));
    json_object_set_new(o, "private", json_boolean(e->private_engine));
}

json_t *rl_method_status(struct rl_request *rq)
{
    const struct rl_engine *e = rq->engine;
    struct rl_feed_status feed;
    json_t *o = json_object();
    add_site(rq, o);
    rl_feed_status(e->feed, &feed);
    bool whole = json_object_set_new(o, "devices", devices_json(rq)) == 0 &&
                 json_object_set_new(o, "expiry", rl_json_expiry(rq->engine, &rq->err)) == 0 &&
                 json_object_set_new(o, "capf", rl_json_capf_status(rq->engine, &rq->err)) == 0 &&
                 json_object_set_new(o, "database", database_json(rq)) == 0 &&
                 json_object_set_new(o, "audit", audit_json(rq)) == 0;
    if (!whole) {
        json_decref(o);
        return NULL;
    }
    json_object_set_new(o, "publishing", rl_json_publishing(e));
    json_object_set_new(o, "calls", calls_json(e));
    json_object_set_new(o, "certificates", certs_json(e));
    json_object_set_new(o, "feed", feed_json(e, &feed));
    json_object_set_new(o, "hep", hep_json(&feed));
    json_object_set_new(o, "enrol", rl_json_enrol(e->enrol));
    json_object_set_new(o, "control", control_json(e));
    json_object_set_new(o, "disk", disk_json(e));
    json_object_set_new(o, "process", process_json(e));
    return o;
}
