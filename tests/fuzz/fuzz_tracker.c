/* The tracker under any row of records: datagrams through the parser ('D': 16-bit length and bytes
 * each), or records built from a small alphabet ('R': 8 bytes each), which meets far more of its
 * states. What must hold after each: the counts add up; only what is answered, proven on both sides
 * and without a reason is locked. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/tracker.h"
#include "feed/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static bool proof; /* a fact that may prove something was fed */

static const struct rl_device *any_device(void *ctx, const char *name, size_t n)
{
    static struct rl_device dev = {.kind = "phone",
                                   .type = "T",
                                   .profile = "P",
                                   .trusted = RL_YES,
                                   .lock_icon = RL_YES,
                                   .mode = RL_ENCRYPTED};
    static char names[4][24];
    static int turn;

    (void)ctx;
    if (n == 0 || n >= sizeof names[0] || name[0] == '9')
        return NULL;
    dev.name = names[turn = (turn + 1) % 4];
    snprintf(names[turn], sizeof names[turn], "%.*s", (int)n, name);
    dev.trusted = name[0] == '8' ? RL_NO : RL_YES;
    return &dev;
}

static const struct rl_device *no_address(void *ctx, const struct rl_addr *addr)
{
    (void)ctx;
    (void)addr;
    return NULL;
}

/* The letter of the digest is the name of its device; 8's was removed, 9's has expired. */
static const struct rl_filed *any_digest(void *ctx, const uint8_t digest[RL_DIGEST_BYTES])
{
    static struct rl_filed filed;
    static char name[2];

    (void)ctx;
    if (!digest[0])
        return NULL;
    name[0] = (char)('0' + digest[0] % 16);
    filed = (struct rl_filed){.there = *name != '8',
                              .removed = *name == '8',
                              .name = name,
                              .device = name,
                              .to_us = *name == '9' ? 0 : INT64_MAX};
    return &filed;
}

static void check_call(const struct rl_call *c)
{
    const struct rl_verdict *v = c->verdict;

    assert(v->icon <= v->security);
    if (c->state == RL_CALL_RINGING)
        assert(v->security == RL_NONSECURE);
    if (v->security != RL_ENCRYPTED)
        return;
    assert(proof && c->answered_us && c->nparties >= 2);
    assert(v->trusted && v->signaling && v->media);
    assert(v->nreasons == (v->icon < v->security));
    for (size_t i = 0; i < c->nparties && i < RL_POLICY_PARTIES; i++)
        assert(c->party[i].in.sig == RL_SIG_ENCRYPTED && c->party[i].peer.transport == RL_TP_TLS);
}

static void changed(void *ctx, const struct rl_call *c)
{
    (void)ctx;
    check_call(c);
}

static void check_all(struct rl_tracker *t)
{
    struct rl_tracker_counts n;
    const struct rl_call *c;
    size_t live = 0, ended = 0;
    uint64_t serial = 0;

    rl_tracker_counts(t, &n);
    assert(n.live == n.ringing + n.locked + n.shielded + n.open);
    while ((c = rl_tracker_next(t, serial, true))) {
        check_call(c);
        serial = c->serial;
        *(c->state == RL_CALL_ENDED ? &ended : &live) += 1;
    }
    assert(live == n.live && ended == n.ended);
}

static void feed_datagrams(struct rl_tracker *t, const uint8_t *p, size_t n, int64_t *clock)
{
    static const struct rl_feed_config config = {NULL, "X-Correlation"};
    struct rl_parser *parser = rl_parser_new(&config);
    struct rl_rec rec;

    while (n >= 2) {
        size_t len = (size_t)p[0] << 8 | p[1];
        len = len < n - 2 ? len : n - 2;
        if (rl_parse(parser, p + 2, len, &rec) == RL_FEED_RECORD) {
            rec.listed = true;
            proof |= rec.kind == RL_REC_FACT;
            *clock += 1000;
            rl_tracker_feed(t, &rec, *clock, *clock);
        }
        p += 2 + len;
        n -= 2 + len;
    }
    rl_parser_free(&parser);
}

/* --- records of a small alphabet --- */
static struct rl_str word(const char *const *words, unsigned i, unsigned n)
{
    const char *s = words[i % n];

    return (struct rl_str){s, (uint16_t)strlen(s)};
}

static struct rl_addr place(unsigned i)
{
    struct rl_addr a = {.port = (uint16_t)(5060 + i % 4),
                        .transport = i & 4 ? RL_TP_UDP : RL_TP_TLS};

    a.ip[15] = 1;
    return a;
}

static const char *const tags[] = {"", "a", "b", "c"};
static const char *const branches[] = {"", "z1", "z2", "z3"};
static const char *const names[] = {"1", "2", "8", "9"};
static const char *const call_ids[] = {"k", "l"};
#define DIGEST(c) c c c c c c c c c c c c c c c c
static const char *const fps[] = {
    "", "a", DIGEST("1111"), DIGEST("2222"), DIGEST("8888"), DIGEST("9999")};

static void make_fact(const uint8_t *p, struct rl_rec *rec)
{
    struct rl_rec_fact *f = &rec->fact;

    rec->kind = RL_REC_FACT;
    f->event = p[1] % 8;
    f->method = p[1] & 8 ? RL_M_INVITE : RL_M_REGISTER;
    f->status = p[1] & 16 ? 200 : 0;
    f->device = word(names, p[2], 4);
    f->peer = place(p[3]);
    f->verified = p[4] & 1;
    f->selfsigned = p[4] & 2;
    f->fp = word(fps, p[4] >> 2, 6);
    f->cipher = word(branches, p[4] >> 3, 2);
    f->bits = p[4] & 16 ? 0 : 256;
    f->cn = word(names, p[5], 4);
    f->call_id = word(call_ids, p[6], 2);
    proof |= f->verified || f->selfsigned || f->fp.n > 1;
}

static void make_sip(const uint8_t *p, struct rl_rec *rec)
{
    static const uint8_t methods[] = {RL_M_INVITE, RL_M_INVITE, RL_M_ACK,   RL_M_BYE,
                                      RL_M_CANCEL, RL_M_UPDATE, RL_M_PRACK, RL_M_REGISTER};
    static const uint16_t statuses[] = {0, 0, 100, 180, 183, 200, 200, 407, 486};
    static const uint16_t flags[] = {0, RL_MF_CRYPTO, RL_MF_SAVP | RL_MF_CRYPTO,
                                     RL_MF_DTLS_PROTO | RL_MF_FINGERPRINT};
    struct rl_rec_sip *m = &rec->sip;

    m->method = methods[p[1] % 8];
    m->status = statuses[p[2] % 9];
    m->request = m->status == 0;
    m->cseq = 1 + p[1] / 8;
    m->rack_cseq = 1;
    m->call_id = word(call_ids, p[6], 2);
    m->from_tag = word(tags, p[3], 4);
    m->to_tag = word(tags, p[3] >> 2, 4);
    m->from_user = word(names, p[3] >> 4, 4);
    m->to_user = word(names, p[3] >> 6, 4);
    m->branch = word(branches, p[4], 4);
    m->parent_branch = word(branches, p[4] >> 2, 4);
    m->vias = (uint8_t)(1 + (m->parent_branch.n > 0));
    m->need_prack = p[4] & 16;
    m->credentials = p[4] & 32;
    m->isfocus = p[4] & 64;
    m->contact = word(branches, 1, 2);
    m->expires = p[4] & 128 ? 0 : 300;
    m->session_expires = p[2] & 128 ? 90 : 0;
    m->sdp = p[5] & 3 ? RL_SDP_OK : p[5] & 4 ? RL_SDP_BAD : RL_SDP_NONE;
    m->nmedia = m->sdp == RL_SDP_OK;
    m->media[0] =
        (struct rl_media){RL_MEDIA_AUDIO, p[5] >> 6, p[5] & 8 ? 0 : 9, flags[p[5] >> 4 & 3], 2};
    if (p[6] & 64)
        m->correlation = word(call_ids, p[6] >> 1, 2);
    rec->src = place(p[7]);
    rec->dst = place(p[7] >> 3);
}

static void feed_records(struct rl_tracker *t, const uint8_t *p, size_t n, int64_t *clock)
{
    for (; n >= 8; p += 8, n -= 8) {
        struct rl_rec rec = {
            .kind = RL_REC_SIP, .listed = p[0] % 16 != 15, .time_us = *clock += 1000};

        if (p[0] < 16) {
            *clock += (int64_t)p[1] * 1000000;
            rl_tracker_tick(t, *clock, *clock);
            continue;
        }
        if (p[0] & 1)
            make_fact(p, &rec);
        else
            make_sip(p, &rec);
        rl_tracker_feed(t, &rec, *clock, *clock);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct rl_tracker_config config = {.mixed = true,
                                             .silence_us = 100 * (int64_t)1000000,
                                             .ringing_us = 60 * (int64_t)1000000,
                                             .ended_keep_us = 30 * (int64_t)1000000,
                                             .ended_keep = 4,
                                             .max_calls = 4};
    const struct rl_directory dir = {NULL, any_device, any_device, no_address, any_digest};
    const struct rl_tracker_hooks hooks = {NULL, changed, NULL, NULL};
    struct rl_tracker *t = rl_tracker_new(&config, &dir, &hooks);
    int64_t clock = 1000000000;

    proof = false;
    if (n && bytes[0] == 'D')
        feed_datagrams(t, bytes + 1, n - 1, &clock);
    else if (n)
        feed_records(t, bytes + 1, n - 1, &clock);
    check_all(t);
    rl_tracker_rejudge(t, &config, NULL, 0, clock);
    rl_tracker_sweep(t, 40, clock);
    rl_tracker_recheck(t, clock);
    rl_tracker_tick(t, clock + 50000000, clock + 50000000);
    while (rl_tracker_sweep(t, 40, clock + 50000000))
        ;
    check_all(t);
    rl_tracker_free(&t);
    return 0;
}
