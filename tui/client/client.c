#include "client/client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "client/engine.h"
#include "client/messages.h"
#include "client/questions.h"
#include "ringlock/buf.h"
#include "ringlock/time.h"

enum {
    ANSWER_S = 30,       /* a question waits so long for its answer */
    LONG_ANSWER_S = 600, /* those that read or write everything */
    START_S = 20,        /* a private engine has so long until it answers */
    BUSY_S = 3,          /* and one that another program started, so long from then on */
    START_TRY_MS = 20,
    PAUSE_MAX_S = 30
};

/* Methods whose answer may take long; a dot at the end stands for all that begin so. */
static const char *const long_methods[] = {"import.", "export", "audit.verify", "object.count"};

/* One try to connect, and the connection that came of it. Freed when its handle is closed. */
struct link {
    uv_pipe_t pipe;
    uv_connect_t connect;
    struct rl_client *client; /* NULL once it was given up */
};

struct rl_client {
    uv_loop_t *loop;
    struct rl_client_hooks hooks;
    char *site, *socket, *engine_path;
    bool start_private;

    enum rl_client_state state;
    struct rl_err why;
    struct rl_client_info info;
    struct link *link;
    struct rl_engine_child *child;
    int64_t connecting_us;  /* since when it is being tried */
    int64_t start_until_us; /* a private engine was started and has until then; else 0 */
    struct rl_err busy;     /* another engine serves the site, at a socket that is not ours */
    unsigned hello, probe;  /* numbers of their questions, 0 when answered */

    uv_timer_t retry_timer, question_timer;
    int open_timers;
    int pause_s;

    struct rl_questions questions;
    struct rl_buf in;
    size_t scanned; /* bytes of `in` known to hold no line feed */
};

static void try_connect(uv_timer_t *timer);
static void plan_deadline(struct rl_client *c);

static void set_state(struct rl_client *c, enum rl_client_state state, const struct rl_err *why)
{
    c->state = state;
    if (why)
        c->why = *why;
    if (c->hooks.state)
        c->hooks.state(c->hooks.ctx, state, why);
}

static void link_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void drop_link(struct rl_client *c)
{
    if (c->link) {
        c->link->client = NULL;
        uv_close((uv_handle_t *)&c->link->pipe, link_closed);
        c->link = NULL;
    }
    free(rl_question_take(&c->questions, c->hello));
    c->hello = 0;
    rl_buf_clear(&c->in);
    c->scanned = 0;
}

static void plan_try(struct rl_client *c, uint64_t ms)
{
    uv_update_time(c->loop);
    uv_timer_start(&c->retry_timer, try_connect, ms, 0);
}

/* A private engine that was just started is asked again at once; so is one that took the connection
 * and ended before it answered, for its last client had gone. */
static bool try_at_once(const struct rl_client *c)
{
    int64_t until = c->start_until_us;
    if (!until && c->hello)
        until = c->connecting_us + (int64_t)START_S * 1000000;
    return c->start_private && c->state == RL_CLIENT_CONNECTING && rl_monotonic_us() < until;
}

/* No connection, or none any more. */
static void lose(struct rl_client *c, const struct rl_err *why)
{
    struct rl_err copy = c->busy.code != RL_OK ? c->busy : *why;
    bool at_once = try_at_once(c);
    drop_link(c);
    if (at_once) {
        plan_try(c, START_TRY_MS);
        return;
    }
    c->start_until_us = 0;
    c->busy.code = RL_OK;
    c->pause_s = c->pause_s ? c->pause_s * 2 : 1;
    if (c->pause_s > PAUSE_MAX_S)
        c->pause_s = PAUSE_MAX_S;
    plan_try(c, (uint64_t)c->pause_s * 1000);
    set_state(c, RL_CLIENT_LOST, &copy);
    rl_questions_fail(&c->questions, &copy);
    plan_deadline(c);
}

static void refuse(struct rl_client *c, const struct rl_err *why)
{
    struct rl_err copy = *why;
    drop_link(c);
    uv_timer_stop(&c->retry_timer);
    set_state(c, RL_CLIENT_REFUSED, &copy);
    rl_questions_fail(&c->questions, &copy);
    plan_deadline(c);
}

static void lose_with(struct rl_client *c, enum rl_code code, const char *reason)
{
    struct rl_err why = {0};
    rl_fail(&why, code, c->socket, "No engine at %s: %s.", c->socket, reason);
    lose(c, &why);
}

/* ---- the private engine ---- */

/* Two programs may start one at the same time: the one that was too late uses the other's. */
static void engine_ended(void *ctx, const struct rl_err *why)
{
    struct rl_client *c = ctx;
    c->child = NULL;
    if (c->state != RL_CLIENT_CONNECTING)
        return;
    if (why->code != RL_E_SITE_BUSY) {
        c->start_until_us = 0;
        lose(c, why);
        return;
    }
    c->start_until_us = rl_monotonic_us() + (int64_t)BUSY_S * 1000000;
    c->busy = *why;
    rl_err_remedy(&c->busy, "If ringlock.conf names another socket, give it with --socket.");
}

static enum rl_code start_engine(struct rl_client *c, struct rl_err *err)
{
    char *path = rl_engine_path(c->engine_path);
    enum rl_code code = rl_engine_start(c->loop, path, c->site, engine_ended, c, &c->child, err);
    free(path);
    return code;
}

/* Nothing answers at the socket. */
static void not_there(struct rl_client *c, int status)
{
    struct rl_err err = {0};
    if (status == UV_EACCES || status == UV_EPERM) {
        rl_fail(&err, RL_E_NOT_ALLOWED, c->socket, "You may not connect to %s.", c->socket);
        refuse(c, &err);
        return;
    }
    bool startable = c->start_private && (status == UV_ENOENT || status == UV_ECONNREFUSED);
    if (startable && !c->child && c->start_until_us == 0) {
        if (start_engine(c, &err) != RL_OK) {
            lose(c, &err);
            return;
        }
        c->start_until_us = rl_monotonic_us() + (int64_t)START_S * 1000000;
    }
    lose_with(c, RL_E_NO_ENGINE, uv_strerror(status));
}

/* ---- lines in ---- */

static void hello_answered(void *ctx, const json_t *result, const struct rl_err *err,
                           const json_t *problems)
{
    struct rl_client *c = ctx;
    (void)problems;
    c->hello = 0;
    if (err) {
        bool final = err->code == RL_E_NOT_ALLOWED || err->code == RL_E_PROTOCOL;
        (final ? refuse : lose)(c, err);
        return;
    }
    json_int_t version = json_integer_value(json_object_get(result, "version"));
    if (version != RL_PROTOCOL_VERSION) {
        struct rl_err why = {0};
        rl_fail(&why, RL_E_PROTOCOL, c->socket, "The engine speaks version %d, this program %d.",
                (int)version, RL_PROTOCOL_VERSION);
        refuse(c, &why);
        return;
    }
    rl_message_info(&c->info, result);
    if (!c->info.private_engine)
        c->start_private = false; /* somebody serves the site and brings its engine back */
    c->pause_s = 0;
    c->start_until_us = 0;
    c->busy.code = RL_OK;
    set_state(c, RL_CLIENT_UP, NULL);
}

int rl_client_silent_s(const struct rl_client *client)
{
    const struct rl_question *q = client->questions.first;
    if (!q || client->state != RL_CLIENT_UP)
        return 0;
    int64_t heard = client->info.last_answer_us, since = q->asked_us > heard ? q->asked_us : heard;
    int64_t silent = (rl_monotonic_us() - since) / 1000000;
    return silent > 0 ? (int)silent : -1;
}

int rl_client_waiting_ms(const struct rl_client *client)
{
    const struct rl_question *q = client->questions.first;
    return q ? (int)((rl_monotonic_us() - q->asked_us) / 1000) : -1;
}

static void take_answer(struct rl_client *c, const json_t *message, const json_t *id)
{
    struct rl_question *q = rl_question_take(&c->questions, (unsigned)json_integer_value(id));
    if (!q)
        return; /* dropped meanwhile */
    c->info.round_trip_ms = (int)((c->info.last_answer_us - q->asked_us) / 1000);
    const json_t *error = json_object_get(message, "error");
    struct rl_err err = {0};
    if (error)
        rl_message_error(error, &err);
    rl_question_answer(q, json_object_get(message, "result"), error ? &err : NULL,
                       json_object_get(json_object_get(error, "data"), "problems"));
    plan_deadline(c);
}

/* False if the line is no message of the protocol. */
static bool take_line(struct rl_client *c, const char *line, size_t n)
{
    json_t *message = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *id = json_object_get(message, "id");
    const char *method = json_string_value(json_object_get(message, "method"));
    const json_t *params = json_object_get(message, "params");
    bool good = json_is_integer(id) || method;
    c->info.last_answer_us = rl_monotonic_us();
    if (method && strcmp(method, "site") == 0)
        rl_message_site(&c->info, params);
    if (json_is_integer(id))
        take_answer(c, message, id);
    else if (method && c->state == RL_CLIENT_UP && c->hooks.notification)
        c->hooks.notification(c->hooks.ctx, method, params);
    json_decref(message);
    return good;
}

/* Take all whole lines of `in`. A callback may lose or close the connection: then stop. */
static void take_lines(struct rl_client *c, const struct link *link)
{
    size_t start = 0;
    const char *lf;
    bool good = true;
    while (good && c->link == link &&
           (lf = memchr(c->in.data + c->scanned, '\n', c->in.len - c->scanned))) {
        size_t end = (size_t)(lf - c->in.data);
        c->scanned = end + 1;
        good = take_line(c, c->in.data + start, end - start);
        start = end + 1;
    }
    if (c->link != link)
        return;
    rl_buf_drop(&c->in, start);
    c->scanned = c->in.len;
    if (!good || c->in.len >= RL_LINE_MAX)
        lose_with(c, RL_E_PROTOCOL, "it sent something that is no answer");
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    static char room[65536]; /* used up before the loop reads again */
    (void)handle;
    (void)wanted;
    *buf = uv_buf_init(room, sizeof room);
}

static void bytes_came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct link *link = stream->data;
    struct rl_client *c = link->client;
    if (!c)
        return;
    if (n < 0) {
        lose_with(c, RL_E_NO_ENGINE, "it closed the connection");
        return;
    }
    rl_buf_add(&c->in, buf->base, (size_t)n);
    take_lines(c, link);
}

/* ---- lines out ---- */

struct outgoing {
    uv_write_t write;
    char *line; /* owned */
};

static void written(uv_write_t *write, int status)
{
    (void)status; /* a connection that broke is told by reading */
    struct outgoing *out = write->data;
    rl_wipe_free(out->line);
    free(out);
}

static void send_line(struct rl_client *c, char *line, size_t n)
{
    struct outgoing *out = rl_alloc(sizeof *out);
    out->line = line;
    out->write.data = out;
    uv_buf_t buf = uv_buf_init(line, (unsigned)n);
    if (uv_write(&out->write, (uv_stream_t *)&c->link->pipe, &buf, 1, written) < 0)
        written(&out->write, 0);
}

/* Its answer is dropped when it comes: nobody asks whether there was something to cancel. */
static void send_cancel(struct rl_client *c, const struct rl_question *q)
{
    if (!q || !q->sent || c->state != RL_CLIENT_UP)
        return;
    char *line = rl_message_request(++c->questions.last_number, "cancel",
                                    json_pack("{s:i}", "question", (int)q->number));
    send_line(c, line, strlen(line));
}

static int answer_seconds(const char *method)
{
    for (size_t i = 0; i < sizeof long_methods / sizeof *long_methods; i++)
        if (strncmp(method, long_methods[i], strlen(long_methods[i])) == 0)
            return LONG_ANSWER_S;
    return ANSWER_S;
}

static unsigned ask(struct rl_client *c, const char *method, json_t *params, rl_answer_fn fn,
                    void *ctx)
{
    int seconds = answer_seconds(method);
    struct rl_question *q = rl_question_add(&c->questions, fn, ctx);
    char *line = rl_message_request(q->number, method, params);
    q->asked_us = rl_monotonic_us();
    q->deadline_us = q->asked_us; /* unless it is sent */
    if (!line) {
        rl_fail(&q->why, RL_E_VALUE, "", "A text is not valid UTF-8.");
    } else if (strlen(line) > RL_LINE_MAX) {
        rl_fail(&q->why, RL_E_VALUE, "", "The request %s is longer than %d bytes.", method,
                RL_LINE_MAX);
        rl_wipe_free(line);
    } else {
        q->deadline_us += (int64_t)seconds * 1000000;
        rl_fail(&q->why, RL_E_NO_ENGINE, c->socket, "The engine did not answer %s within %d s.",
                method, seconds);
        q->sent = true;
        send_line(c, line, strlen(line));
    }
    plan_deadline(c);
    return q->number;
}

static void deadline_passed(uv_timer_t *timer)
{
    struct rl_client *c = timer->data;
    int64_t now = rl_monotonic_us();
    struct rl_question *q;
    while ((q = rl_question_take_overdue(&c->questions, now))) {
        send_cancel(c, q);
        rl_question_answer(q, NULL, &q->why, NULL);
    }
    plan_deadline(c);
}

static void plan_deadline(struct rl_client *c)
{
    int64_t first = rl_question_first_deadline(&c->questions), now = rl_monotonic_us();
    if (uv_is_closing((uv_handle_t *)&c->question_timer))
        return;
    if (first == INT64_MAX) {
        uv_timer_stop(&c->question_timer);
        return;
    }
    uv_update_time(c->loop);
    uv_timer_start(&c->question_timer, deadline_passed,
                   first > now ? (uint64_t)(first - now + 999) / 1000 : 0, 0);
}

/* ---- connecting ---- */

static void connected(uv_connect_t *connect, int status)
{
    struct link *link = connect->data;
    struct rl_client *c = link->client;
    if (!c)
        return;
    if (status < 0) {
        not_there(c, status);
        return;
    }
    uv_read_start((uv_stream_t *)&link->pipe, give_room, bytes_came);
    json_t *params =
        json_pack("{s:i, s:s}", "version", RL_PROTOCOL_VERSION, "client", "ringlock " RL_RELEASE);
    c->hello = ask(c, "hello", params, hello_answered, c);
}

static void try_connect(uv_timer_t *timer)
{
    struct rl_client *c = timer->data;
    struct link *link = rl_alloc(sizeof *link);
    link->client = c;
    link->pipe.data = link;
    link->connect.data = link;
    uv_pipe_init(c->loop, &link->pipe, 0);
    c->link = link;
    if (c->state != RL_CLIENT_CONNECTING) {
        c->connecting_us = rl_monotonic_us();
        set_state(c, RL_CLIENT_CONNECTING, NULL);
    }
    if (strlen(c->socket) >= sizeof((struct sockaddr_un *)0)->sun_path) {
        struct rl_err why = {0};
        rl_fail(&why, RL_E_VALUE, c->socket, "The path of the socket is too long: %s.", c->socket);
        rl_err_remedy(&why, "Use a site with a shorter path, or name the socket with --socket.");
        refuse(c, &why);
        return;
    }
    uv_pipe_connect(&link->connect, &link->pipe, c->socket, connected);
}

struct rl_client *rl_client_new(uv_loop_t *loop, const struct rl_client_config *config,
                                const struct rl_client_hooks *hooks)
{
    struct rl_client *c = rl_alloc(sizeof *c);
    c->loop = loop;
    if (hooks)
        c->hooks = *hooks;
    c->site = rl_strdup(config->site);
    c->socket = config->socket ? rl_strdup(config->socket)
                               : rl_asprintf("%s/%s", config->site, RL_SOCKET_NAME);
    c->engine_path = rl_strdup(config->engine_path);
    c->start_private = config->start_private && config->site;
    c->info.round_trip_ms = -1;
    rl_fail(&c->why, RL_E_NO_ENGINE, c->socket, "The engine at %s is not connected yet.",
            c->socket);
    uv_timer_init(loop, &c->retry_timer);
    uv_timer_init(loop, &c->question_timer);
    c->retry_timer.data = c->question_timer.data = c;
    c->open_timers = 2;
    c->connecting_us = rl_monotonic_us();
    plan_try(c, 0);
    return c;
}

static void timer_closed(uv_handle_t *handle)
{
    struct rl_client *c = handle->data;
    if (--c->open_timers > 0)
        return;
    free(c->site);
    free(c->socket);
    free(c->engine_path);
    rl_buf_fini(&c->in);
    free(c);
}

void rl_client_free(struct rl_client **client)
{
    struct rl_client *c = *client;
    if (!c)
        return;
    *client = NULL;
    drop_link(c);
    rl_engine_forget(&c->child);
    struct rl_question *q;
    while ((q = rl_question_take_overdue(&c->questions, INT64_MAX)))
        free(q);
    uv_close((uv_handle_t *)&c->retry_timer, timer_closed);
    uv_close((uv_handle_t *)&c->question_timer, timer_closed);
}

enum rl_client_state rl_client_state(const struct rl_client *c)
{
    return c->state;
}

const struct rl_client_info *rl_client_info(const struct rl_client *c)
{
    return &c->info;
}

void rl_client_retry(struct rl_client *c)
{
    if (c->state == RL_CLIENT_LOST) {
        c->pause_s = 0;
        plan_try(c, 0);
    }
}

unsigned rl_client_call(struct rl_client *c, const char *method, json_t *params, rl_answer_fn fn,
                        void *ctx)
{
    if (c->state == RL_CLIENT_UP)
        return ask(c, method, params, fn, ctx);
    json_decref(params);
    struct rl_question *q = rl_question_add(&c->questions, fn, ctx);
    q->asked_us = q->deadline_us = rl_monotonic_us();
    q->why = c->why;
    plan_deadline(c);
    return q->number;
}

void rl_client_drop(struct rl_client *c, unsigned number)
{
    struct rl_question *q = rl_question_take(&c->questions, number);
    send_cancel(c, q);
    free(q);
    plan_deadline(c);
}

void rl_client_cancel(struct rl_client *c, unsigned number)
{
    send_cancel(c, rl_question_find(&c->questions, number));
}

static void probed(void *ctx, const json_t *result, const struct rl_err *err,
                   const json_t *problems)
{
    struct rl_client *c = ctx;
    (void)result, (void)err, (void)problems;
    c->probe = 0;
}

/* No question has the number 0: the loop says so at once, whatever its workers do. */
void rl_client_probe(struct rl_client *c)
{
    if (c->state == RL_CLIENT_UP && !c->probe)
        c->probe = ask(c, "cancel", json_pack("{s:i}", "question", 0), probed, c);
}

enum rl_code rl_client_wait_up(struct rl_client *c, struct rl_err *err)
{
    while (c->state == RL_CLIENT_CONNECTING)
        uv_run(c->loop, UV_RUN_ONCE);
    if (c->state != RL_CLIENT_UP && err)
        *err = c->why;
    return c->state == RL_CLIENT_UP ? RL_OK : c->why.code;
}

struct waiting {
    bool done;
    json_t *result, *problems;
    struct rl_err err;
};

static void waited_for(void *ctx, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    struct waiting *w = ctx;
    w->done = true;
    w->result = json_incref((json_t *)result);
    w->problems = json_incref((json_t *)problems);
    if (err)
        w->err = *err;
}

enum rl_code rl_client_ask(struct rl_client *c, const char *method, json_t *params, json_t **result,
                           struct rl_err *err, json_t **problems)
{
    struct waiting w = {0};
    rl_client_call(c, method, params, waited_for, &w);
    while (!w.done)
        uv_run(c->loop, UV_RUN_ONCE);
    if (result)
        *result = json_incref(w.result);
    if (problems)
        *problems = json_incref(w.problems);
    json_decref(w.result);
    json_decref(w.problems);
    if (err)
        *err = w.err;
    return w.err.code;
}
