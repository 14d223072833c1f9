#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "enrol/process.h"
#include "enrol/wire.h"

enum {
    ACCEPTS = 64, /* in one turn of the loop */
    ROOM = RL_WIRE_BODY_MAX + 16,
    HEARS = 8,           /* records in one turn */
    HEARD_MAX = 1 << 20, /* bytes in one session */
    LINGER_MS = 2000     /* so long may the other side take to close after our last word */
};

static void ready(uv_poll_t *poll, int status, int events);

/* ---- numbers ---- */

static struct rl_conn **bucket(struct rl_enrol *e, enum rl_enrol_service service, uint32_t session)
{
    return &e->by_session[service][session % RL_ENROL_BUCKETS];
}

struct rl_conn *rl_conn_find(struct rl_enrol *e, enum rl_enrol_service service, uint32_t session)
{
    struct rl_conn *c = *bucket(e, service, session);

    while (c != NULL && c->session != session)
        c = c->next_of;
    return c;
}

void rl_conn_number(struct rl_conn *c)
{
    uint32_t *next = &c->enrol->next[c->service];

    c->session = (*next)++;
    if (c->session == 0)
        c->session = (*next)++;
    c->at_of = bucket(c->enrol, c->service, c->session);
    c->next_of = *c->at_of;
    if (c->next_of != NULL)
        c->next_of->at_of = &c->next_of;
    *c->at_of = c;
}

static void forget_number(struct rl_conn *c)
{
    if (c->at_of == NULL)
        return;
    *c->at_of = c->next_of;
    if (c->next_of != NULL)
        c->next_of->at_of = c->at_of;
    c->at_of = NULL;
}

/* ---- the end ---- */

static void wipe(struct rl_buf *b)
{
    if (b->cap > 0)
        explicit_bzero(b->data, b->cap);
    rl_buf_fini(b);
}

static void timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void poll_closed(uv_handle_t *handle)
{
    struct rl_conn *c = handle->data;

    close(c->fd);
    rl_enrol_tls_close(&c->secure);
    wipe(&c->in);
    wipe(&c->out);
    uv_close((uv_handle_t *)&c->timer, timer_closed);
}

static void drop(struct rl_conn *c)
{
    if (uv_is_closing((uv_handle_t *)&c->poll))
        return;
    forget_number(c);
    *c->at = c->next;
    if (c->next != NULL)
        c->next->at = c->at;
    c->enrol->stats.open--;
    uv_timer_stop(&c->timer);
    uv_close((uv_handle_t *)&c->poll, poll_closed);
}

/* Nothing more is said; a close at once could destroy what is on its way. */
static void linger(struct rl_conn *c)
{
    c->phase = RL_CONN_LINGER;
    if (shutdown(c->fd, SHUT_WR) != 0) {
        drop(c);
        return;
    }
    rl_conn_wait(c, LINGER_MS);
    uv_poll_start(&c->poll, UV_READABLE, ready);
}

static void linger_more(struct rl_conn *c)
{
    char ignored[4096];
    ssize_t n = recv(c->fd, ignored, sizeof ignored, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        drop(c);
}

/* ---- writing ---- */

/* What is still to be written; false while there is some. */
static bool flush(struct rl_conn *c)
{
    while (c->out.len > 0) {
        ssize_t n = gnutls_record_send(c->tls, c->out.data, c->out.len);
        if (n == GNUTLS_E_INTERRUPTED)
            continue;
        if (n == GNUTLS_E_AGAIN)
            return false;
        if (n < 0) {
            if (c->phase == RL_CONN_TALK)
                rl_conn_end(c, RL_GONE_CLOSED);
            else
                drop(c);
            return true;
        }
        explicit_bzero(c->out.data, (size_t)n);
        rl_buf_drop(&c->out, (size_t)n);
    }
    return true;
}

static void last_words(struct rl_conn *c)
{
    if (!flush(c)) {
        uv_poll_start(&c->poll, UV_WRITABLE, ready);
        return;
    }
    if (uv_is_closing((uv_handle_t *)&c->poll))
        return;
    if (gnutls_bye(c->tls, GNUTLS_SHUT_WR) == GNUTLS_E_AGAIN)
        uv_poll_start(&c->poll, UV_WRITABLE, ready);
    else
        linger(c);
}

static void listen_on(struct rl_conn *c)
{
    int events = (c->deaf ? UV_DISCONNECT : UV_READABLE) | (c->out.len > 0 ? UV_WRITABLE : 0);

    if (!uv_is_closing((uv_handle_t *)&c->poll))
        uv_poll_start(&c->poll, events, ready);
}

void rl_conn_send(struct rl_conn *c, struct rl_buf *message)
{
    rl_buf_add(&c->out, message->data, message->len);
    wipe(message);
    if (c->phase == RL_CONN_TALK && !flush(c))
        listen_on(c);
}

void rl_conn_end(struct rl_conn *c, enum rl_gone why)
{
    uint64_t *const counters[] = {[RL_GONE_ENDED] = &c->enrol->stats.ended,
                                  [RL_GONE_CLOSED] = &c->enrol->stats.lost,
                                  [RL_GONE_TIMEOUT] = &c->enrol->stats.slow,
                                  [RL_GONE_PROTOCOL] = &c->enrol->stats.wrong};

    if (c->phase > RL_CONN_TALK || uv_is_closing((uv_handle_t *)&c->poll))
        return;
    ++*counters[why];
    c->phase = RL_CONN_LAST_WORDS;
    c->protocol->end(c, why);
    forget_number(c);
    if (why == RL_GONE_CLOSED) {
        drop(c);
        return;
    }
    c->ends_ms = uv_now(&c->enrol->loop) + LINGER_MS;
    rl_conn_wait(c, LINGER_MS);
    last_words(c);
}

/* ---- time ---- */

static void late(uv_timer_t *timer)
{
    struct rl_conn *c = timer->data;

    if (c->phase == RL_CONN_TALK) {
        rl_conn_end(c, RL_GONE_TIMEOUT);
        return;
    }
    if (c->phase == RL_CONN_HANDSHAKE)
        c->enrol->stats.handshake_slow++;
    drop(c);
}

void rl_conn_wait(struct rl_conn *c, uint32_t ms)
{
    uint64_t now = uv_now(&c->enrol->loop), left = c->ends_ms > now ? c->ends_ms - now : 0;

    uv_timer_start(&c->timer, late, ms < left ? ms : left, 0);
}

/* ---- reading ---- */

/* Take all messages that are whole. */
static void take(struct rl_conn *c)
{
    while (c->phase == RL_CONN_TALK && c->in.len > 0) {
        long used = c->protocol->take(c, (const uint8_t *)c->in.data, c->in.len);
        if (used < 0)
            rl_conn_end(c, RL_GONE_PROTOCOL);
        if (used <= 0)
            return;
        explicit_bzero(c->in.data, (size_t)used);
        rl_buf_drop(&c->in, (size_t)used);
    }
}

/* The next piece of what the other side says: false when there is none now. */
static bool hear(struct rl_conn *c)
{
    uint8_t bytes[ROOM];
    ssize_t n = gnutls_record_recv(c->tls, bytes, ROOM - c->in.len);

    if (n > 0) {
        c->heard += (size_t)n;
        rl_buf_add(&c->in, bytes, (size_t)n);
        explicit_bzero(bytes, (size_t)n);
        take(c);
        if (c->heard > HEARD_MAX)
            rl_conn_end(c, RL_GONE_PROTOCOL);
        return c->phase == RL_CONN_TALK && !c->deaf;
    }
    if (n == GNUTLS_E_AGAIN)
        return false;
    if (n == GNUTLS_E_INTERRUPTED ||
        (n < 0 && !gnutls_error_is_fatal((int)n) && n != GNUTLS_E_REHANDSHAKE))
        return true;
    if (n == 0 || n == GNUTLS_E_PREMATURE_TERMINATION || n == GNUTLS_E_PULL_ERROR)
        rl_conn_end(c, RL_GONE_CLOSED);
    else
        rl_conn_end(c, RL_GONE_PROTOCOL);
    return false;
}

/* A share of what there is to be heard, so that others are heard, too; but what GnuTLS has read
 * already no event would tell of again. */
static void hear_some(struct rl_conn *c)
{
    for (int i = 0; i < HEARS || gnutls_record_check_pending(c->tls) > 0; i++)
        if (c->phase != RL_CONN_TALK || c->deaf || !hear(c))
            return;
}

void rl_conn_hear(struct rl_conn *c)
{
    c->deaf = false;
    take(c);
    hear_some(c);
    listen_on(c);
}

static void talk(struct rl_conn *c, int events)
{
    if ((events & UV_DISCONNECT) && c->deaf) {
        rl_conn_end(c, RL_GONE_CLOSED);
        return;
    }
    if (events & UV_WRITABLE)
        flush(c);
    if (events & UV_READABLE)
        hear_some(c);
    if (c->phase == RL_CONN_TALK)
        listen_on(c);
}

static void shake(struct rl_conn *c)
{
    int rc = rl_enrol_tls_shake(c->secure);

    if (rc == GNUTLS_E_AGAIN) {
        bool writing = gnutls_record_get_direction(c->tls) == 1;
        uv_poll_start(&c->poll, writing ? UV_WRITABLE : UV_READABLE, ready);
    } else if (rc < 0) {
        c->enrol->stats.handshake_failed++;
        gnutls_alert_send_appropriate(c->tls, rc);
        linger(c);
    } else {
        c->enrol->stats.handshakes++;
        c->phase = RL_CONN_TALK;
        c->ends_ms = uv_now(&c->enrol->loop) + c->enrol->setup.session_ms;
        rl_conn_wait(c, c->enrol->setup.message_ms);
        c->protocol->begin(c);
        if (c->phase == RL_CONN_TALK)
            talk(c, UV_READABLE);
    }
}

static void ready(uv_poll_t *poll, int status, int events)
{
    struct rl_conn *c = poll->data;

    if (c->phase == RL_CONN_TALK && status < 0)
        rl_conn_end(c, RL_GONE_CLOSED);
    else if (status < 0)
        drop(c);
    else if (c->phase == RL_CONN_HANDSHAKE)
        shake(c);
    else if (c->phase == RL_CONN_TALK)
        talk(c, events);
    else if (c->phase == RL_CONN_LAST_WORDS)
        last_words(c);
    else
        linger_more(c);
}

/* ---- the beginning ---- */

static void read_peer(const struct sockaddr_storage *peer, struct rl_conn *c)
{
    const struct sockaddr_in *v4 = (const void *)peer;
    const struct sockaddr_in6 *v6 = (const void *)peer;

    if (peer->ss_family == AF_INET) {
        memset(c->ip + 10, 0xff, 2);
        memcpy(c->ip + 12, &v4->sin_addr, 4);
        c->port = ntohs(v4->sin_port);
    } else {
        memcpy(c->ip, &v6->sin6_addr, sizeof c->ip);
        c->port = ntohs(v6->sin6_port);
    }
}

static uint32_t from_address(const struct rl_enrol *e, const uint8_t ip[16])
{
    uint32_t n = 0;

    for (const struct rl_conn *c = e->conns; c != NULL; c = c->next)
        n += memcmp(c->ip, ip, sizeof c->ip) == 0;
    return n;
}

/* May it come in? Otherwise the counter that says why not. */
static uint64_t *refusal(struct rl_enrol *e, enum rl_enrol_service service, const uint8_t ip[16])
{
    if (e->cred[service] == NULL)
        return &e->stats.refused_certificate;
    if (e->stats.open >= e->setup.connections)
        return &e->stats.refused_total;
    if (from_address(e, ip) >= e->setup.per_address)
        return &e->stats.refused_address;
    return NULL;
}

static void admit(struct rl_conn *c)
{
    struct rl_enrol *e = c->enrol;
    const int on = 1;

    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    uv_timer_init(&e->loop, &c->timer);
    uv_poll_init(&e->loop, &c->poll, c->fd);
    c->timer.data = c->poll.data = c;
    c->next = e->conns;
    c->at = &e->conns;
    if (c->next != NULL)
        c->next->at = &c->next;
    e->conns = c;
    e->stats.open++;
    c->ends_ms = uv_now(&e->loop) + e->setup.handshake_ms;
    rl_conn_wait(c, e->setup.handshake_ms);
    shake(c);
}

static void come(struct rl_enrol *e, enum rl_enrol_service service, int fd,
                 const struct sockaddr_storage *peer)
{
    struct rl_conn *c = rl_alloc(sizeof *c);

    c->enrol = e;
    c->service = service;
    c->protocol = service == RL_ENROL_CAPF ? &rl_enrol_capf : &rl_enrol_tvs;
    c->fd = fd;
    read_peer(peer, c);
    ++*(service == RL_ENROL_CAPF ? &e->stats.capf_connections : &e->stats.tvs_connections);
    uint64_t *no = refusal(e, service, c->ip);
    if (no == NULL && (c->secure = rl_enrol_tls_open(e, e->cred[service], fd)) != NULL) {
        c->tls = rl_enrol_tls_session(c->secure);
        admit(c);
        return;
    }
    if (no != NULL)
        ++*no;
    close(fd);
    free(c);
}

static void on_listener(uv_poll_t *poll, int status, int events)
{
    struct rl_enrol *e = poll->data;
    enum rl_enrol_service service = poll == &e->listener[RL_ENROL_TVS];
    int fd = service == RL_ENROL_CAPF ? RL_ENROL_CAPF_FD : RL_ENROL_TVS_FD;

    (void)events;
    for (int i = 0; status == 0 && i < ACCEPTS; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t n = sizeof peer;
        int it = accept4(fd, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (it >= 0)
            come(e, service, it, &peer);
        else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

bool rl_conn_listen(struct rl_enrol *e, enum rl_enrol_service service, int fd)
{
    e->listener[service].data = e;
    return uv_poll_init(&e->loop, &e->listener[service], fd) == 0 &&
           uv_poll_start(&e->listener[service], UV_READABLE, on_listener) == 0;
}
