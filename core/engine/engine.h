/* The engine: everything that one site needs while it is served. One loop, which is never held up:
 * what takes long is done beside it (control/work.h). */
#ifndef RL_ENGINE_ENGINE_H
#define RL_ENGINE_ENGINE_H

#include <uv.h>

#include "calls/tracker.h"
#include "control/objects.h"
#include "control/rpc.h"
#include "engine/audit.h"
#include "engine/config.h"
#include "engine/events.h"
#include "engine/pulse.h"
#include "engine/site.h"

struct rl_backing;
struct rl_devices;
struct rl_enrol_child;
struct rl_enrolment;
struct rl_expiry;
struct rl_feed;
struct rl_lists;
struct rl_publisher;
struct rl_ring;
struct rl_works;
struct rl_told;
struct rl_untold;

struct rl_engine_options;

struct rl_engine {
    uv_loop_t *loop;
    const struct rl_engine_options *options;
    struct rl_site site;
    struct rl_config config;
    struct rl_store *store;  /* writes; an import may hold its transaction for long */
    struct rl_store *reader; /* sees what is committed: for lists, the tracker and the audit file */
    struct rl_audit audit;
    struct rl_auditor auditor;  /* writes to `audit` */
    struct rl_ring *ring;       /* of control/ring.h, which alone touches it */
    struct rl_devices *devices; /* what the tracker asks */
    struct rl_tracker *tracker;
    struct rl_events events;
    struct rl_feed *feed;
    struct rl_enrol_child *enrol;
    struct rl_expiry *expiry;
    struct rl_enrolment *enrolment; /* of phones, by CAPF */
    struct rl_lists *lists;         /* CTL and ITL, of control/lists.h */
    struct rl_works *works;         /* questions that are answered later */
    struct rl_publisher *publisher;
    struct rl_rpc *rpc;
    struct rl_told *told;           /* of control/watch.c */
    struct rl_importing *importing; /* the import under way, or NULL: it alone writes */
    struct rl_backing *backing;     /* the backup under way, or NULL; of methods_backup.c, as is: */
    struct rl_untold *untold;       /* what the audit log was not told yet */
    struct rl_pulse pulse;
    char *name; /* of the site */
    bool mixed;
    int64_t started_us;              /* monotonic */
    int64_t certs_us, certs_turn_us; /* wall clock: when certificates were looked at last, and when
                                        the next one begins or ceases to count */
    int64_t drafts_us;               /* wall clock: when old drafts were looked for last */

    /* the rest is engine.c's */
    bool private_engine, had_client, stopping;
    bool reload; /* ringlock.conf, when the import under way has ended */
    uv_timer_t tick, leave;
    uv_prepare_t turn;
    uv_idle_t hurry; /* on while there is more to do than one turn's share */
    uv_signal_t term, intr, hup;
};

struct rl_engine_options {
    const char *dir;
    bool private_engine;
    int log_level;  /* enum rl_log_level; -1 = as the configuration says */
    int log_target; /* enum rl_log_target; -1 likewise */
};

/* Serve a site until a signal, or in a private engine its last client, ends it. */
enum rl_code rl_engine_run(const struct rl_engine_options *options, struct rl_err *err);

/* Is the writing handle the loop's now? No import has its transaction and no worker writes. */
bool rl_engine_may_write(const struct rl_engine *e);
/* For control: E-CONFLICT while an import is under way, which has the writing store to itself. */
enum rl_code rl_engine_may_change(const struct rl_engine *e, struct rl_err *err);
/* What a request changed. */
void rl_engine_after_change(struct rl_engine *e); /* brings audit.log up to the database */
/* The cluster security mode, with its CTL: E-CTL-SIGNER, E-SHA1-ONLY, E-CONFLICT. */
enum rl_code rl_engine_set_mode(struct rl_engine *e, const char *who, bool mixed,
                                struct rl_err *err);
/* `n` devices changed (NULL: any may have): forget what was remembered; the loop judges their calls
 * again, a share at each turn. */
void rl_engine_devices_changed(struct rl_engine *e, const char *const *names, size_t n);
/* A certificate came on file or was taken off it: judge the calls that it concerns again. */
void rl_engine_certificate_changed(struct rl_engine *e, const struct rl_row *cert);
void rl_engine_client_came(struct rl_engine *e);
void rl_engine_client_left(struct rl_engine *e);

#endif
