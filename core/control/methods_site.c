#include <string.h>
#include <sys/stat.h>

#include "control/json.h"
#include "control/methods.h"
#include "engine/engine.h"
#include "engine/feed_child.h"
#include "ringlock/time.h"

json_t *rl_method_hello(struct rl_request *rq)
{
    const struct rl_engine *e = rq->engine;
    const struct rl_identity *who = &rq->peer->who;
    struct rl_feed_status feed;
    int64_t version = rl_param_int(rq, "version", 0);
    if (version != RL_PROTOCOL_VERSION) {
        rl_fail(&rq->err, RL_E_PROTOCOL, "ringlockd", "The engine speaks version %d, not %lld.",
                RL_PROTOCOL_VERSION, (long long)version);
        return NULL;
    }
    if (who->role == RL_ROLE_NONE) {
        rl_fail(&rq->err, RL_E_NOT_ALLOWED, who->user, "User %s has no role in the site %s.",
                who->user, e->name);
        return NULL;
    }
    rq->peer->greeted = true;
    rl_feed_status(e->feed, &feed);
    return json_pack("{s:i, s:s, s:o, s:o, s:o, s:s, s:b, s:b, s:{s:s, s:s}, s:I}", "version",
                     RL_PROTOCOL_VERSION, "release", RL_RELEASE, "site", rl_json_text(e->site.dir),
                     "name", rl_json_text(e->name), "user", rl_json_text(who->user), "role",
                     rl_role_names[who->role], "mixed", e->mixed, "private", e->private_engine,
                     "hep", "udp", feed.udp, "tcp", feed.tcp, "idle",
                     (json_int_t)(e->config.idle_us / 1000000));
}

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

static json_t *calls_json(const struct rl_engine *e)
{
    struct rl_tracker_counts n;
    rl_tracker_counts(e->tracker, &n);
    json_t *calls = rl_json_counts(&n);
    json_object_set_new(calls, "registrations", json_integer((json_int_t)n.registrations));
    json_object_set_new(calls, "dialogs", json_integer((json_int_t)n.dialogs));
    json_object_set_new(calls, "connections", json_integer((json_int_t)n.peers));
    json_object_set_new(calls, "records", json_integer((json_int_t)n.records));
    json_object_set_new(calls, "dropped", json_integer((json_int_t)n.dropped_calls));
    return calls;
}

static json_t *feed_json(const struct rl_feed_status *f)
{
    const struct rl_rec_stats *s = &f->stats;
    return json_pack("{s:b, s:i, s:i, s:I, s:{s:I, s:I, s:I, s:I, s:I}, s:I}", "running",
                     f->pid > 0, "pid", f->pid, "restarts", (int)f->restarts, "datagrams",
                     (json_int_t)s->datagrams, "refused", "frame", (json_int_t)s->refused_frame,
                     "source", (json_int_t)s->refused_source, "key", (json_int_t)s->refused_key,
                     "sip", (json_int_t)s->refused_sip, "fact", (json_int_t)s->refused_fact,
                     "kernel_drops", (json_int_t)s->kernel_drops);
}

static json_t *certs_json(const struct rl_engine *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < RL_ENGINE_CERTS; i++)
        if (e->cert[i].pem)
            json_array_append_new(list, rl_json_cert(&e->cert[i]));
    return list;
}

static json_int_t file_size(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (json_int_t)st.st_size : 0;
}

json_t *rl_method_status(struct rl_request *rq)
{
    const struct rl_engine *e = rq->engine;
    struct rl_feed_status feed;
    json_t *devices = devices_json(rq);
    json_t *expiry = devices ? rl_json_expiry(rq->engine, &rq->err) : NULL;
    if (!expiry) {
        json_decref(devices);
        return NULL;
    }
    rl_feed_status(e->feed, &feed);
    json_t *o =
        json_pack("{s:s, s:o, s:o, s:s}", "release", RL_RELEASE, "site", rl_json_text(e->site.dir),
                  "name", rl_json_text(e->name), "cluster_mode", e->mixed ? "mixed" : "nonsecure");
    json_object_set_new(o, "installed_at", meta_json(rq, "installed_at"));
    json_object_set_new(o, "installed_release", meta_json(rq, "release"));
    json_object_set_new(o, "upgraded_from", meta_json(rq, "upgraded_from"));
    json_object_set_new(o, "ctl", json_string("not published yet"));
    json_object_set_new(o, "devices", devices);
    json_object_set_new(o, "calls", calls_json(e));
    json_object_set_new(o, "certificates", certs_json(e));
    json_object_set_new(o, "expiry", expiry);
    json_object_set_new(o, "feed", feed_json(&feed));
    json_object_set_new(o, "hep",
                        json_pack("{s:s, s:s, s:i}", "udp", feed.udp, "tcp", feed.tcp,
                                  "receive_buffer", feed.receive_buffer));
    json_object_set_new(o, "database", json_pack("{s:I}", "bytes", file_size(e->site.db)));
    json_object_set_new(o, "uptime", json_integer((rl_monotonic_us() - e->started_us) / 1000000));
    json_object_set_new(o, "private", json_boolean(e->private_engine));
    return o;
}

json_t *rl_method_cluster_mode(struct rl_request *rq)
{
    struct rl_act act;
    const char *mode = rl_param_text(rq, "mode");
    bool mixed = strcmp(mode, "mixed") == 0;
    if (!mixed && strcmp(mode, "nonsecure") != 0) {
        rl_fail_field(&rq->err, RL_E_VALUE, "cluster", "mode",
                      "The cluster security mode is mixed or nonsecure, not %s.", mode);
        return NULL;
    }
    if (rl_request_act(rq, NULL, &act) != RL_OK ||
        rl_engine_set_mode(rq->engine, act.who, mixed, &rq->err) != RL_OK)
        return NULL;
    const struct rl_code_info *info = rl_code_info(RL_W_CTL_MISSING);
    json_t *result = json_pack("{s:s, s:s}", "mode", mode, "note", mixed ? info->remedy : "");
    if (mixed)
        json_object_set_new(result, "code", json_string(info->tag));
    return result;
}
