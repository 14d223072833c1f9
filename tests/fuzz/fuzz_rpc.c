/* The control socket: lines from a peer go to the dispatcher of an engine on a real site. Whatever
 * they are, the engine lives on, its store stays whole and no import is left behind. The first byte
 * chooses the role. */
#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/lists.h"
#include "control/methods.h"
#include "control/publish.h"
#include "control/ring.h"
#include "control/watch.h"
#include "control/work.h"
#include "engine/directory.h"
#include "engine/engine.h"
#include "engine/expiry.h"
#include "engine/log.h"
#include "engine/phones.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static struct rl_engine engine;
static char base[] = "/tmp/ringlock-fuzz-XXXXXX";

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void remove_site(void)
{
    nftw(base, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void call_changed(void *ctx, const struct rl_call *call)
{
    (void)ctx, (void)call;
}

static void call_forgotten(void *ctx, const char *id)
{
    (void)ctx, (void)id;
}

static void seen(void *ctx, const struct rl_seen *what)
{
    rl_events_add(&((struct rl_engine *)ctx)->events, what);
}

static void open_tracker(struct rl_engine *e)
{
    struct rl_tracker_config config = {.max_calls = 100, .ended_keep = 10};
    struct rl_tracker_hooks hooks = {e, call_changed, call_forgotten, seen};
    e->devices = rl_devices_new(e->reader);
    struct rl_directory directory = rl_devices_directory(e->devices);
    e->tracker = rl_tracker_new(&config, &directory, &hooks);
}

/* All of an engine but the feed process. */
static void open_engine(struct rl_engine *e)
{
    struct rl_err err = {0};
    assert(mkdtemp(base));
    atexit(remove_site);
    char *dir = rl_asprintf("%s/site", base), *path = rl_asprintf("%s/socket", base);
    struct rl_site_request rq = {.dir = dir, .packs_dir = "data/packs"};
    rl_log_setup(RL_LOG_STDERR, RL_LOG_ERROR);
    assert(rl_site_init(&rq, &err) == RL_OK && rl_site_open(dir, &e->site, &err) == RL_OK);
    rl_config_init(&e->config);
    assert(rl_store_open(e->site.db, &e->store, &err) == RL_OK);
    assert(rl_store_open_reader(e->store, &e->reader, &err) == RL_OK);
    e->loop = uv_default_loop();
    e->works = rl_works_new(e->loop, e->store);
    e->publisher = rl_publisher_new(e);
    e->name = rl_strdup("fuzz");
    e->audit = (struct rl_audit){.store = e->store,
                                 .reader = e->reader,
                                 .log_dir = e->site.log,
                                 .rotate_size = 1 << 20,
                                 .keep = 2};
    e->auditor = (struct rl_auditor){&e->audit, rl_audit_add};
    open_tracker(e);
    e->expiry = rl_expiry_new(e);
    assert(rl_audit_open(&e->audit, &err) == RL_OK);
    assert(rl_ring_renew(e, &err) == RL_OK && rl_lists_open(e, &err) == RL_OK);
    assert(rl_phones_open(e, &err) == RL_OK);
    assert(rl_rpc_open(e, e->loop, path, &e->rpc, &err) == RL_OK);
    free(dir);
    free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (!engine.loop)
        open_engine(&engine);
    if (n == 0)
        return 0;
    /* closing: answers are made and then dropped, as there is no connection */
    struct rl_peer peer = {.rpc = engine.rpc, .greeted = true, .closing = true};
    peer.who = (struct rl_identity){.role = bytes[0] % 4, .user = "fuzz"};
    const char *line = (const char *)bytes + 1, *end = (const char *)bytes + n, *lf;
    for (bool good = true; good && line < end; line = lf + 1) {
        lf = memchr(line, '\n', (size_t)(end - line));
        lf = lf ? lf : end;
        good = rl_dispatch(&peer, line, (size_t)(lf - line));
    }
    rl_importing_end(&peer);
    rl_works_forget(engine.works, &peer);
    rl_backing_end(&peer);
    rl_watch_end(&peer);
    while (engine.importing || rl_works_writing(engine.works))
        uv_run(engine.loop, UV_RUN_ONCE);
    uv_run(engine.loop, UV_RUN_NOWAIT);
    assert(!engine.importing);
    return 0;
}
