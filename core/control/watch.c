#include "control/watch.h"

#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/lists.h"
#include "engine/engine.h"
#include "engine/log.h"

enum {
    PAUSE_MS = 50,
    EVENTS_AT_ONCE = 20,
    FORGOTTEN_AT_ONCE = 2000,
    UNREAD_MAX = 64 << 10,
    CALLS_BYTES = 700 * 1024, /* of one message: the rest of it is well below RL_LINE_MAX */
    TEXTS = 4096
};

/* What is told of a call, as JSON, made once for all who watch; by serial number, the latest of
 * those that share a place. Gone when the call changes. */
struct rl_told {
    struct text {
        uint64_t serial;
        char *json; /* owned; NULL = none */
    } text[TEXTS];
};

/* Serial numbers of calls to tell about, each once: a queue, and a hash set (open addressing, 0 =
 * free). */
struct serials {
    uint64_t *queue, *slot;
    size_t head, n, cap, mask;
};

struct rl_watch {
    uv_timer_t timer; /* runs while the pause since the last message lasts */
    bool ended_too;
    struct serials changed;
    struct rl_buf forgotten; /* ids, each with its NUL */
    uint64_t told_event;     /* number of the last event told */
};

static size_t slot_of(const struct serials *s, uint64_t serial)
{
    size_t i = (size_t)(serial * 0x9e3779b97f4a7c15u >> 20) & s->mask;
    while (s->slot[i] && s->slot[i] != serial)
        i = (i + 1) & s->mask;
    return i;
}

/* Make room, at most half full; what was taken from the queue is forgotten by the way. */
static void serials_grow(struct serials *s)
{
    size_t left = s->n - s->head;
    if (left > 0)
        memmove(s->queue, s->queue + s->head, left * sizeof *s->queue);
    s->head = 0;
    s->n = left;
    if (left * 2 >= s->cap)
        s->cap = s->cap ? s->cap * 2 : 64;
    s->queue = rl_realloc(s->queue, s->cap * sizeof *s->queue);
    free(s->slot);
    s->slot = rl_alloc(2 * s->cap * sizeof *s->slot);
    s->mask = 2 * s->cap - 1;
    for (size_t i = 0; i < left; i++)
        s->slot[slot_of(s, s->queue[i])] = s->queue[i];
}

static void serials_add(struct serials *s, uint64_t serial)
{
    if (s->n == s->cap)
        serials_grow(s);
    size_t i = slot_of(s, serial);
    if (s->slot[i])
        return;
    s->slot[i] = serial;
    s->queue[s->n++] = serial;
}

static void serials_clear(struct serials *s)
{
    s->head = s->n = 0;
    if (s->slot)
        memset(s->slot, 0, (s->mask + 1) * sizeof *s->slot);
}

static void watch_freed(uv_handle_t *handle)
{
    struct rl_watch *w = handle->data;
    free(w->changed.queue);
    free(w->changed.slot);
    rl_buf_fini(&w->forgotten);
    free(w);
}

static void pause_over(uv_timer_t *timer)
{
    (void)timer; /* a timer that has run out is what rl_watch_pump looks for */
}

void rl_watch_begin(struct rl_peer *peer, bool ended_too)
{
    struct rl_engine *engine = rl_rpc_engine(peer->rpc);
    if (!peer->watch) {
        peer->watch = rl_alloc(sizeof *peer->watch);
        uv_timer_init(engine->loop, &peer->watch->timer);
        peer->watch->timer.data = peer->watch;
        peer->watch->told_event = engine->events.number;
    }
    peer->watch->ended_too = ended_too;
}

void rl_watch_end(struct rl_peer *peer)
{
    if (peer->watch)
        uv_close((uv_handle_t *)&peer->watch->timer, watch_freed);
    peer->watch = NULL;
}

static struct text *text_at(struct rl_engine *engine, uint64_t serial)
{
    if (!engine->told)
        engine->told = rl_alloc(sizeof *engine->told);
    return &engine->told->text[serial % TEXTS];
}

static void forget_text(struct text *text)
{
    free(text->json);
    text->json = NULL;
}

void rl_watch_close(struct rl_engine *engine)
{
    for (size_t i = 0; engine->told && i < TEXTS; i++)
        forget_text(&engine->told->text[i]);
    free(engine->told);
    engine->told = NULL;
}

/* Borrowed until the call changes. */
static const char *call_text(struct rl_engine *engine, const struct rl_call *call)
{
    struct text *text = text_at(engine, call->serial);
    if (text->json && text->serial == call->serial)
        return text->json;
    forget_text(text);
    json_t *row = rl_json_call(call, false);
    *text = (struct text){call->serial, json_dumps(row, JSON_COMPACT)};
    json_decref(row);
    return text->json;
}

void rl_watch_call(struct rl_rpc *rpc, const struct rl_call *call)
{
    struct text *text = text_at(rl_rpc_engine(rpc), call->serial);
    if (text->serial == call->serial)
        forget_text(text);
    for (struct rl_peer *p = rl_rpc_peers(rpc); p; p = p->next)
        if (p->watch)
            serials_add(&p->watch->changed, call->serial);
}

void rl_watch_forgotten(struct rl_rpc *rpc, const char *id)
{
    for (struct rl_peer *p = rl_rpc_peers(rpc); p; p = p->next)
        if (p->watch)
            rl_buf_add(&p->watch->forgotten, id, strlen(id) + 1);
}

static json_t *take_forgotten(struct rl_buf *forgotten)
{
    json_t *ids = json_array();
    size_t at = 0;
    for (size_t i = 0; at < forgotten->len && i < FORGOTTEN_AT_ONCE; i++) {
        json_array_append_new(ids, json_string(forgotten->data + at));
        at += strlen(forgotten->data + at) + 1;
    }
    rl_buf_drop(forgotten, at);
    return ids;
}

/* The calls as they are now; those that do not fit into one message wait for the next. */
static void take_changed(struct serials *s, struct rl_engine *engine, struct rl_buf *out)
{
    size_t begin = out->len;
    for (; s->head < s->n; s->head++) {
        uint64_t serial = s->queue[s->head];
        const struct rl_call *c = rl_tracker_next(engine->tracker, serial + 1, true);
        if (!c || c->serial != serial)
            continue;
        const char *text = call_text(engine, c);
        if (out->len > begin && out->len - begin + strlen(text) > CALLS_BYTES)
            break;
        rl_buf_adds(out, out->len > begin ? "," : "");
        rl_buf_adds(out, text);
    }
    if (s->head == s->n)
        serials_clear(s);
    else
        serials_grow(s);
}

/* Takes the value. */
static void add_json(struct rl_buf *out, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    rl_buf_adds(out, text);
    free(text);
    json_decref(value);
}

static void tell_calls(struct rl_peer *peer, struct rl_engine *engine)
{
    struct rl_tracker_counts counts;
    struct rl_watch *w = peer->watch;
    rl_tracker_counts(engine->tracker, &counts);
    struct rl_buf line = {0};
    rl_buf_adds(&line, "{\"jsonrpc\":\"2.0\",\"method\":\"calls\",\"params\":{\"changed\":[");
    take_changed(&w->changed, engine, &line);
    rl_buf_adds(&line, "],\"forgotten\":");
    add_json(&line, take_forgotten(&w->forgotten));
    rl_buf_adds(&line, ",\"counts\":");
    add_json(&line, rl_json_counts(&counts));
    rl_buf_adds(&line, "}}");
    rl_peer_send_text(peer, &line);
}

/* A flood is cut to its newest events; event.list has them all. */
static void tell_events(struct rl_peer *peer, struct rl_engine *engine)
{
    const struct rl_event *list[EVENTS_AT_ONCE], *e;
    size_t n = 0;
    uint64_t before = 0;
    while (n < EVENTS_AT_ONCE && (e = rl_events_before(&engine->events, before, NULL, false)) &&
           e->number > peer->watch->told_event) {
        list[n++] = e;
        before = e->number;
    }
    peer->watch->told_event = engine->events.number;
    while (n > 0 && peer->watch)
        rl_peer_notify(peer, "event", rl_json_event(list[--n]));
}

static bool has_news(const struct rl_watch *w, const struct rl_engine *engine)
{
    return w->changed.head < w->changed.n || w->forgotten.len > 0 ||
           w->told_event < engine->events.number;
}

/* A reader slower than the changes is told less often, and then the latest. */
static bool is_behind(struct rl_peer *peer)
{
    if (uv_stream_get_write_queue_size((uv_stream_t *)&peer->pipe) <= UNREAD_MAX)
        return false;
    if (peer->watch->forgotten.len > RL_PEER_QUEUE) {
        rl_log(RL_LOG_WARNING, "%s does not read its news: connection closed", peer->who.user);
        rl_peer_close(peer, "it does not read");
    }
    return true;
}

void rl_watch_pump(struct rl_rpc *rpc)
{
    struct rl_engine *engine = rl_rpc_engine(rpc);
    struct rl_peer *next;
    for (struct rl_peer *p = rl_rpc_peers(rpc); p; p = next) {
        struct rl_watch *w = p->watch;
        next = p->next;
        if (!w || uv_is_active((uv_handle_t *)&w->timer) || !has_news(w, engine) || is_behind(p))
            continue;
        uv_timer_start(&w->timer, pause_over, PAUSE_MS, 0);
        if (w->changed.head < w->changed.n || w->forgotten.len > 0)
            tell_calls(p, engine);
        if (p->watch)
            tell_events(p, engine);
    }
}

void rl_watch_site(struct rl_rpc *rpc, bool mixed)
{
    struct rl_peer *next;
    for (struct rl_peer *p = rl_rpc_peers(rpc); p; p = next) {
        next = p->next;
        if (p->greeted)
            rl_peer_notify(p, "site",
                           json_pack("{s:b, s:o}", "mixed", mixed, "lists",
                                     rl_json_text(rl_lists_alert(rl_rpc_engine(rpc)))));
    }
}
