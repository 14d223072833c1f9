#include "control/json.h"
#include "engine/enrol_child.h"
#include "engine/pulse.h"

static json_t *refused_json(const struct rl_enr_stats *s)
{
    return json_pack("{s:I, s:I, s:I}", "total", (json_int_t)s->refused_total, "address",
                     (json_int_t)s->refused_address, "certificate",
                     (json_int_t)s->refused_certificate);
}

static json_t *ends_json(const struct rl_enr_stats *s)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "ended", (json_int_t)s->ended, "lost",
                     (json_int_t)s->lost, "wrong", (json_int_t)s->wrong, "slow",
                     (json_int_t)s->slow, "handshake_failed", (json_int_t)s->handshake_failed,
                     "handshake_slow", (json_int_t)s->handshake_slow);
}

json_t *rl_json_enrol(const struct rl_enrol_child *enrol)
{
    struct rl_enrol_status f;
    rl_enrol_status(enrol, &f);
    const struct rl_enr_stats *s = &f.stats;
    json_t *all =
        json_pack("{s:b, s:i, s:i, s:o, s:I, s:s, s:s}", "running", f.pid > 0, "pid", f.pid,
                  "restarts", (int)f.restarts, "restarted_at", rl_json_time(f.restarted_us),
                  "memory", (json_int_t)rl_process_memory(f.pid), "capf", *f.capf ? f.capf : "off",
                  "tvs", *f.tvs ? f.tvs : "off");
    json_object_set_new(all, "connections",
                        json_pack("{s:I, s:I, s:I, s:I}", "open", (json_int_t)s->open, "capf",
                                  (json_int_t)s->capf_connections, "tvs",
                                  (json_int_t)s->tvs_connections, "secured",
                                  (json_int_t)s->handshakes));
    json_object_set_new(all, "refused", refused_json(s));
    json_object_set_new(all, "ends", ends_json(s));
    json_object_set_new(all, "keys",
                        json_pack("{s:I, s:I, s:I}", "signatures", (json_int_t)f.signatures,
                                  "decryptions", (json_int_t)f.decryptions, "refused",
                                  (json_int_t)f.keys_refused));
    return all;
}
