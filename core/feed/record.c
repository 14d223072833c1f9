#include "feed/record.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "pki/cert.h"

/* A frame is a 32-bit length and as many bytes; numbers are big-endian, texts have an 8-bit length.
 * 14 texts of 255 bytes and eight media lines, the longest record, are half of FRAME_MAX. */
enum { FRAME_HEAD = 4, FRAME_MAX = 8192, TEXT_MAX = 255, HASH_TEXT = 65 };

static const uint8_t v4_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct out {
    uint8_t *p;
    uint8_t bytes[FRAME_MAX];
};

static void put8(struct out *o, uint8_t v)
{
    *o->p++ = v;
}

static void put16(struct out *o, uint16_t v)
{
    v = htons(v);
    memcpy(o->p, &v, sizeof v);
    o->p += sizeof v;
}

static void put32(struct out *o, uint32_t v)
{
    v = htonl(v);
    memcpy(o->p, &v, sizeof v);
    o->p += sizeof v;
}

static void put64(struct out *o, uint64_t v)
{
    put32(o, (uint32_t)(v >> 32));
    put32(o, (uint32_t)v);
}

static void put_bytes(struct out *o, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(o->p, bytes, n);
    o->p += n;
}

static void put_text(struct out *o, struct rl_str s)
{
    char hash[1 + HASH_TEXT];

    if (s.n > TEXT_MAX) {
        hash[0] = '#';
        rl_pki_sha256(s.p, s.n, hash + 1);
        s = (struct rl_str){hash, HASH_TEXT};
    }
    put8(o, (uint8_t)s.n);
    put_bytes(o, s.p, s.n);
}

static void put_addr(struct out *o, const struct rl_addr *a)
{
    put_bytes(o, a->ip, sizeof a->ip);
    put16(o, a->port);
    put8(o, a->transport);
}

static void put_media(struct out *o, const struct rl_media *m)
{
    put8(o, m->kind);
    put8(o, m->dir);
    put16(o, m->port);
    put16(o, m->flags);
    put32(o, m->tags);
}

/* The texts of a record, in the order in which they are written and read. */
#define SIP_TEXTS(X, s)   \
    X((s)->call_id)       \
    X((s)->from_tag)      \
    X((s)->to_tag)        \
    X((s)->from_user)     \
    X((s)->from_name)     \
    X((s)->to_user)       \
    X((s)->ruri_user)     \
    X((s)->branch)        \
    X((s)->parent_branch) \
    X((s)->contact)       \
    X((s)->correlation)   \
    X((s)->refer_to)      \
    X((s)->replaces)

#define FACT_TEXTS(X, f) \
    X((f)->why)          \
    X((f)->device)       \
    X((f)->con)          \
    X((f)->cn)           \
    X((f)->san)          \
    X((f)->serial)       \
    X((f)->fp)           \
    X((f)->tls)          \
    X((f)->cipher)       \
    X((f)->call_id)

enum {
    SIP_REQUEST = 1,
    SIP_STAR = 2,
    SIP_ISFOCUS = 4,
    SIP_CREDENTIALS = 8,
    SIP_PRACK = 16,
    SIP_STALE = 32
};
enum { FACT_VERIFIED = 1, FACT_SELFSIGNED = 2 };

static void put_sip(struct out *o, const struct rl_rec_sip *s)
{
    put8(o, (uint8_t)((s->request ? SIP_REQUEST : 0) | (s->contact_star ? SIP_STAR : 0) |
                      (s->isfocus ? SIP_ISFOCUS : 0) | (s->credentials ? SIP_CREDENTIALS : 0) |
                      (s->need_prack ? SIP_PRACK : 0) | (s->stale ? SIP_STALE : 0)));
    put8(o, s->method);
    put16(o, s->status);
    put32(o, s->cseq);
    put8(o, s->vias);
    put32(o, (uint32_t)s->expires);
    put32(o, s->session_expires);
    put32(o, s->rack_cseq);
    put8(o, s->sdp);
    put8(o, s->nmedia);
    for (size_t i = 0; i < s->nmedia; i++)
        put_media(o, &s->media[i]);
#define PUT(text) put_text(o, text);
    SIP_TEXTS(PUT, s)
}

static void put_fact(struct out *o, const struct rl_rec_fact *f)
{
    put8(o, (uint8_t)((f->verified ? FACT_VERIFIED : 0) | (f->selfsigned ? FACT_SELFSIGNED : 0)));
    put8(o, f->event);
    put8(o, f->method);
    put16(o, f->status);
    put32(o, (uint32_t)f->bits);
    put_addr(o, &f->peer);
    FACT_TEXTS(PUT, f)
#undef PUT
}

static void put_stats(struct out *o, const struct rl_rec_stats *s)
{
#define PUT(name) put64(o, s->name);
    RL_REC_COUNTERS(PUT)
#undef PUT
}

void rl_rec_encode(const struct rl_rec *rec, struct rl_buf *out)
{
    struct out o;

    o.p = o.bytes + FRAME_HEAD;
    put8(&o, rec->kind);
    put8(&o, rec->listed);
    put64(&o, (uint64_t)rec->time_us);
    put_addr(&o, &rec->src);
    put_addr(&o, &rec->dst);
    put_text(&o, rec->hep_correlation);
    if (rec->kind == RL_REC_SIP)
        put_sip(&o, &rec->sip);
    else if (rec->kind == RL_REC_FACT)
        put_fact(&o, &rec->fact);
    else
        put_stats(&o, &rec->stats);

    size_t n = (size_t)(o.p - o.bytes);
    o.p = o.bytes;
    put32(&o, (uint32_t)(n - FRAME_HEAD));
    rl_buf_add(out, o.bytes, n);
}

/* A value of an enum with `count` values; anything else makes the record bad. */
static uint8_t get_enum(struct rl_cur *c, unsigned count)
{
    uint8_t v = rl_cur_u8(c);

    if (v >= count)
        c->bad = true;
    return v;
}

static struct rl_str get_text(struct rl_cur *c)
{
    uint8_t n = rl_cur_u8(c);

    return (struct rl_str){(const char *)rl_cur_bytes(c, n), n};
}

static void get_addr(struct rl_cur *c, struct rl_addr *a)
{
    const uint8_t *ip = rl_cur_bytes(c, sizeof a->ip);

    if (ip != NULL)
        memcpy(a->ip, ip, sizeof a->ip);
    a->port = rl_cur_u16(c);
    a->transport = get_enum(c, RL_TP_SCTP + 1);
}

static void get_media(struct rl_cur *c, struct rl_media *m)
{
    m->kind = get_enum(c, RL_MEDIA_OTHER + 1);
    m->dir = get_enum(c, RL_DIR_INACTIVE + 1);
    m->port = rl_cur_u16(c);
    m->flags = rl_cur_u16(c);
    m->tags = rl_cur_u32(c);
}

static void get_sip(struct rl_cur *c, struct rl_rec_sip *s)
{
    uint8_t flags = rl_cur_u8(c);

    s->request = flags & SIP_REQUEST;
    s->contact_star = flags & SIP_STAR;
    s->isfocus = flags & SIP_ISFOCUS;
    s->credentials = flags & SIP_CREDENTIALS;
    s->need_prack = flags & SIP_PRACK;
    s->stale = flags & SIP_STALE;
    s->method = get_enum(c, RL_M_MESSAGE + 1);
    s->status = rl_cur_u16(c);
    s->cseq = rl_cur_u32(c);
    s->vias = rl_cur_u8(c);
    s->expires = (int32_t)rl_cur_u32(c);
    s->session_expires = rl_cur_u32(c);
    s->rack_cseq = rl_cur_u32(c);
    s->sdp = get_enum(c, RL_SDP_BAD + 1);
    s->nmedia = get_enum(c, RL_REC_MEDIA + 1);
    for (size_t i = 0; i < s->nmedia && !c->bad; i++)
        get_media(c, &s->media[i]);
#define GET(text) text = get_text(c);
    SIP_TEXTS(GET, s)
}

static void get_fact(struct rl_cur *c, struct rl_rec_fact *f)
{
    uint8_t flags = rl_cur_u8(c);

    f->verified = flags & FACT_VERIFIED;
    f->selfsigned = flags & FACT_SELFSIGNED;
    f->event = get_enum(c, RL_FACT_CLOSED + 1);
    f->method = get_enum(c, RL_M_MESSAGE + 1);
    f->status = rl_cur_u16(c);
    f->bits = (int32_t)rl_cur_u32(c);
    get_addr(c, &f->peer);
    FACT_TEXTS(GET, f)
#undef GET
}

static void get_stats(struct rl_cur *c, struct rl_rec_stats *s)
{
#define GET(name) s->name = rl_cur_u64(c);
    RL_REC_COUNTERS(GET)
#undef GET
}

long rl_rec_decode(const uint8_t *bytes, size_t n, struct rl_rec *rec)
{
    struct rl_cur c = rl_cur_make(bytes, n);
    size_t length = rl_cur_u32(&c);

    if (n < FRAME_HEAD)
        return 0;
    if (length > FRAME_MAX - FRAME_HEAD)
        return -1;
    if (n - FRAME_HEAD < length)
        return 0;

    c = rl_cur_make(bytes + FRAME_HEAD, length);
    *rec = (struct rl_rec){.kind = get_enum(&c, RL_REC_STATS + 1)};
    rec->listed = get_enum(&c, 2);
    rec->time_us = (int64_t)rl_cur_u64(&c);
    get_addr(&c, &rec->src);
    get_addr(&c, &rec->dst);
    rec->hep_correlation = get_text(&c);
    if (rec->kind == RL_REC_SIP)
        get_sip(&c, &rec->sip);
    else if (rec->kind == RL_REC_FACT)
        get_fact(&c, &rec->fact);
    else
        get_stats(&c, &rec->stats);
    return c.bad || rl_cur_left(&c) > 0 ? -1 : (long)(FRAME_HEAD + length);
}

const char *rl_transport_text(enum rl_transport t)
{
    static const char *const names[] = {"unknown", "udp", "tcp", "tls", "sctp"};

    return (size_t)t < sizeof names / sizeof *names ? names[t] : names[RL_TP_UNKNOWN];
}

char *rl_addr_text(const struct rl_addr *a, char *out)
{
    char ip[INET6_ADDRSTRLEN];
    bool v4 = memcmp(a->ip, v4_mapped, sizeof v4_mapped) == 0;

    inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->ip + sizeof v4_mapped : a->ip, ip, sizeof ip);
    snprintf(out, RL_ADDR_TEXT, v4 ? "%s:%s:%u" : "%s:[%s]:%u", rl_transport_text(a->transport), ip,
             a->port);
    return out;
}

bool rl_addr_equal(const struct rl_addr *a, const struct rl_addr *b)
{
    return memcmp(a->ip, b->ip, sizeof a->ip) == 0 && a->port == b->port &&
           a->transport == b->transport;
}
