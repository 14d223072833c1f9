#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/lists.h"
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
    return json_pack("{s:i, s:s, s:o, s:o, s:o, s:s, s:b, s:b, s:{s:s, s:s}, s:I, s:o}", "version",
                     RL_PROTOCOL_VERSION, "release", RL_RELEASE, "site", rl_json_text(e->site.dir),
                     "name", rl_json_text(e->name), "user", rl_json_text(who->user), "role",
                     rl_role_names[who->role], "mixed", e->mixed, "private", e->private_engine,
                     "hep", "udp", feed.udp, "tcp", feed.tcp, "idle",
                     (json_int_t)(e->config.idle_us / 1000000), "lists",
                     rl_json_text(rl_lists_alert(rq->engine)));
}

json_t *rl_method_cancel(struct rl_request *rq)
{
    const json_t *question = json_object_get(rq->params, "question");
    return json_pack("{s:b}", "cancelled", rl_works_cancel(rq->engine->works, rq->peer, question));
}

/* The mode that the site has now, and what is to be done for it. */
static json_t *mode_json(struct rl_engine *e, const char *mode)
{
    const struct rl_listed *ctl = rl_lists_now(e, RL_LIST_CTL);
    json_t *result =
        json_pack("{s:s, s:o}", "mode", mode, "ctl",
                  ctl->published ? json_integer((json_int_t)ctl->version) : json_null());
    char *note = NULL;
    if (ctl->published)
        note = rl_asprintf("CTL file version %lld is published: reset the phones, so that they "
                           "take it.",
                           (long long)ctl->version);
    else if (e->mixed)
        note = rl_strdup(rl_code_info(RL_W_CTL_MISSING)->remedy);
    if (e->mixed && !ctl->published)
        json_object_set_new(result, "code", json_string(rl_code_info(RL_W_CTL_MISSING)->tag));
    json_object_set_new(result, "note", json_string(note ? note : ""));
    free(note);
    return result;
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
    return mode_json(rq->engine, mode);
}
