#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "feed/parts.h"

enum { HEAD = 6, CHUNK_HEAD = 6, US = 1000000 };
enum { FAMILY_V4 = 2, FAMILY_V6 = 10 }; /* the Linux numbers */

/* Chunks of vendor 0 that are read; the rest is skipped. */
enum chunk {
    FAMILY = 0x01,
    PROTO,
    SRC4,
    DST4,
    SRC6,
    DST6,
    SPORT,
    DPORT,
    SECONDS,
    MICROS,
    TYPE,
    KEY = 0x0e,
    PAYLOAD = 0x0f,
    CORRELATION = 0x11,
    CHUNKS
};

struct chunks {
    const uint8_t *data[CHUNKS]; /* NULL: not there */
    uint16_t n[CHUNKS];
};

/* Sizes of the chunks that have one. */
static const uint8_t sizes[CHUNKS] = {
    [FAMILY] = 1, [PROTO] = 1, [SRC4] = 4,    [DST4] = 4,   [SRC6] = 16, [DST6] = 16,
    [SPORT] = 2,  [DPORT] = 2, [SECONDS] = 4, [MICROS] = 4, [TYPE] = 1,
};

static const struct {
    uint8_t number, transport;
} transports[] = {
    {17,  RL_TP_UDP },
    {6,   RL_TP_TCP },
    {22,  RL_TP_TLS },
    {132, RL_TP_SCTP}
};

/* One chunk; a second one of the same type, or a wrong size, makes the packet bad. */
static void read_chunk(struct rl_cur *c, struct chunks *chunks)
{
    uint16_t vendor = rl_cur_u16(c), type = rl_cur_u16(c), length = rl_cur_u16(c);

    if (length < CHUNK_HEAD)
        c->bad = true;
    if (c->bad)
        return;
    uint16_t n = (uint16_t)(length - CHUNK_HEAD);
    const uint8_t *data = rl_cur_bytes(c, n);
    if (data == NULL || vendor != 0 || type >= CHUNKS)
        return;
    if (chunks->data[type] != NULL || (sizes[type] != 0 && sizes[type] != n))
        c->bad = true;
    chunks->data[type] = data;
    chunks->n[type] = n;
}

static uint32_t number(const struct chunks *chunks, enum chunk type)
{
    uint32_t v = 0;

    for (size_t i = 0; chunks->data[type] != NULL && i < chunks->n[type]; i++)
        v = v << 8 | chunks->data[type][i];
    return v;
}

static struct rl_str text(const struct chunks *chunks, enum chunk type)
{
    return (struct rl_str){(const char *)chunks->data[type], chunks->n[type]};
}

static uint8_t transport(uint32_t proto)
{
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++)
        if (transports[i].number == proto)
            return transports[i].transport;
    return RL_TP_UNKNOWN;
}

static void set_v4(struct rl_addr *a, const void *ip)
{
    memset(a->ip, 0, 10);
    memset(a->ip + 10, 0xff, 2);
    memcpy(a->ip + 12, ip, 4);
}

static bool addresses(const struct chunks *c, struct rl_hep_frame *f)
{
    uint32_t family = number(c, FAMILY);

    if (family == FAMILY_V4 && c->data[SRC4] != NULL && c->data[DST4] != NULL) {
        set_v4(&f->src, c->data[SRC4]);
        set_v4(&f->dst, c->data[DST4]);
    } else if (family == FAMILY_V6 && c->data[SRC6] != NULL && c->data[DST6] != NULL) {
        memcpy(f->src.ip, c->data[SRC6], sizeof f->src.ip);
        memcpy(f->dst.ip, c->data[DST6], sizeof f->dst.ip);
    } else {
        return false;
    }
    f->src.port = (uint16_t)number(c, SPORT);
    f->dst.port = (uint16_t)number(c, DPORT);
    f->src.transport = f->dst.transport = transport(number(c, PROTO));
    return c->data[SPORT] != NULL && c->data[DPORT] != NULL;
}

bool rl_hep_read(const uint8_t *bytes, size_t n, struct rl_hep_frame *frame)
{
    struct chunks chunks = {0};
    struct rl_cur c = rl_cur_make(bytes, n);

    if (n < HEAD || memcmp(bytes, "HEP3", 4) != 0)
        return false;
    rl_cur_u32(&c);
    if (rl_cur_u16(&c) != n)
        return false;
    while (!c.bad && rl_cur_left(&c) > 0)
        read_chunk(&c, &chunks);
    if (c.bad || chunks.data[TYPE] == NULL || !addresses(&chunks, frame))
        return false;
    frame->type = (uint8_t)number(&chunks, TYPE);
    frame->time_us = (int64_t)number(&chunks, SECONDS) * US + number(&chunks, MICROS);
    frame->key = text(&chunks, KEY);
    frame->correlation = text(&chunks, CORRELATION);
    frame->payload = (const char *)chunks.data[PAYLOAD];
    frame->n = chunks.n[PAYLOAD];
    return true;
}

bool rl_hep_key_ok(struct rl_str key, const char *want)
{
    size_t n = want == NULL ? 0 : strlen(want);
    unsigned differs = key.n != n;

    for (size_t i = 0; i < n; i++)
        differs |= (unsigned)(uint8_t)want[i] ^ (i < key.n ? (uint8_t)key.p[i] : 0U);
    return n == 0 || differs == 0;
}

bool rl_addr_read(const char *text, struct rl_addr *a)
{
    char host[INET6_ADDRSTRLEN];
    uint8_t v4[4];
    const char *colon = strrchr(text, ':');
    uint32_t port;

    if (colon == NULL || !rl_number_read(colon + 1, strlen(colon + 1), UINT16_MAX, &port))
        return false;
    bool v6 = *text == '[' && colon > text && colon[-1] == ']';
    size_t n = (size_t)(colon - text) - (v6 ? 2 : 0);
    if (n >= sizeof host)
        return false;
    memcpy(host, text + v6, n);
    host[n] = '\0';
    a->port = (uint16_t)port;
    if (v6)
        return inet_pton(AF_INET6, host, a->ip) == 1;
    if (inet_pton(AF_INET, host, v4) != 1)
        return false;
    set_v4(a, v4);
    return true;
}
