#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/feed_child.h"

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

json_t *rl_method_cancel(struct rl_request *rq)
{
    const json_t *question = json_object_get(rq->params, "question");
    return json_pack("{s:b}", "cancelled", rl_works_cancel(rq->engine->works, rq->peer, question));
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
