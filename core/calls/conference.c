/* Calls with one focus (Contact with isfocus, RFC 4579) are one conference: its level is the least
 * of its members' and rises again when the weakest leaves (R57-R59). */
#include <stdlib.h>

#include "calls/track.h"

enum { COUNTS_NOT = RL_ENCRYPTED + 1 }; /* a member that is not answered */

void rl_conf_join(struct rl_tracker *t, struct rl_live *c, struct rl_str uri)
{
    uint64_t key = rl_hash(uri.p, uri.n);
    struct rl_conf *conf = rl_map_get(&t->confs, key);

    if (c->conf)
        return;
    if (!conf) {
        conf = rl_alloc(sizeof *conf);
        conf->key = key;
        conf->uri = rl_strndup(uri.p, uri.n);
        conf->last = &conf->members;
        rl_map_put(&t->confs, key, conf);
    }
    c->conf = conf;
    c->conf_level = COUNTS_NOT;
    c->conf_next = NULL;
    c->conf_at = conf->last;
    *conf->last = c;
    conf->last = &c->conf_next;
}

enum rl_security rl_conf_level(const struct rl_conf *conf, const struct rl_live *but)
{
    for (int level = RL_NONSECURE; level < RL_ENCRYPTED; level++)
        if (conf->level[level] > (size_t)(but && but->conf == conf && but->conf_level == level))
            return (enum rl_security)level;
    return RL_ENCRYPTED;
}

void rl_conf_weakest(const struct rl_tracker *t, const struct rl_conf *conf,
                     const struct rl_live *but, struct rl_weakest *out)
{
    int level = (int)rl_conf_level(conf, but);
    const struct rl_live *m = conf->members;

    while (m && (m == but || m->conf_level != level))
        m = m->conf_next;
    if (!m)
        return;
    rl_call_id(t, m, out->call);
    out->who = m->weak;
    out->device = m->weak_device;
    out->more = conf->level[level] - 1 - (but->conf == conf && but->conf_level == level);
}

/* One member's level went from `was` to `now`, the lowest from `lowest`: judge those whose icon or
 * reason that may change. */
static void judge_members(struct rl_tracker *t, struct rl_conf *conf, const struct rl_live *but,
                          int lowest, int was, int now)
{
    int low = (int)rl_conf_level(conf, NULL);
    bool all = low != lowest;

    if (!all && (low == RL_ENCRYPTED || (was != low && now != low)))
        return;
    for (struct rl_live *m = conf->members, *next; m; m = next) {
        next = m->conf_next;
        if (m != but && (all || (m->conf_level > low && m->conf_level != COUNTS_NOT)))
            rl_judge(t, m, NULL);
    }
}

static void count_as(struct rl_conf *conf, struct rl_live *c, int level)
{
    if (c->conf_level <= RL_ENCRYPTED)
        conf->level[c->conf_level]--;
    c->conf_level = (uint8_t)level;
    if (level <= RL_ENCRYPTED)
        conf->level[level]++;
}

void rl_conf_set(struct rl_tracker *t, struct rl_live *c, enum rl_security level, bool counts,
                 bool renamed)
{
    struct rl_conf *conf = c->conf;
    int was = c->conf_level, now = counts ? (int)level : COUNTS_NOT, lowest;

    if (!conf || (was == now && !renamed))
        return;
    lowest = (int)rl_conf_level(conf, NULL);
    count_as(conf, c, now);
    judge_members(t, conf, c, lowest, was, now);
}

void rl_conf_leave(struct rl_tracker *t, struct rl_live *c)
{
    struct rl_conf *conf = c->conf;
    int was = c->conf_level, lowest;

    if (!conf)
        return;
    lowest = (int)rl_conf_level(conf, NULL);
    count_as(conf, c, COUNTS_NOT);
    *c->conf_at = c->conf_next;
    if (c->conf_next)
        c->conf_next->conf_at = c->conf_at;
    else
        conf->last = c->conf_at;
    c->conf = NULL;
    if (!conf->members) {
        rl_map_remove(&t->confs, conf->key);
        free(conf->uri);
        free(conf);
        return;
    }
    judge_members(t, conf, NULL, lowest, was, COUNTS_NOT);
}
