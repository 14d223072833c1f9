/* gen CALLS PREFIX [--legs 1|2] [--facts] [--open] [--seed N]: synthetic SIP load.
 *
 * Writes the same messages as PREFIX.pcap (Ethernet, IPv4, UDP 5060) and PREFIX.hep (a recording of
 * HEPv3). A call has 5 to 7 messages a leg: INVITE, 100 (two of three), 180 (three of four), 200,
 * ACK, BYE, 200; one in ten is busy. Media are SRTP by SDES or DTLS, or plain; legs are TLS, TCP or
 * UDP. --legs 2 writes each message as received and as sent on by the proxy, --facts adds what the
 * proxy knows of its TLS peers (.hep only), --open leaves the calls up: no BYE, none busy. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"

enum { MAX_STEPS = 7, MAX_OVERLAP = 2000, PROXY_PORT = 5060, PROXY_TLS_PORT = 5061 };
#define PROXY_IP 0x7f000001u
#define START_US 1700000000000000u

enum transport { UDP = 17, TCP = 6, TLS = 22 }; /* HEP's protocol numbers */
enum media { SDES, DTLS, PLAIN };
enum what { INVITE, TRYING, RINGING, OK_INVITE, BUSY, ACK, BYE, OK_BYE };

static const struct {
    const char *line; /* method, or status and reason */
    bool from_caller, body, to_tag;
    const char *cseq;
    uint32_t pause_us, spread_us; /* since the step before */
} steps[] = {
    [INVITE] = {"INVITE",        true,  true,  false, "1 INVITE", 2000,    1500   },
    [TRYING] = {"100 Trying",    false, false, false, "1 INVITE", 2000,    1500   },
    [RINGING] = {"180 Ringing",   false, false, true,  "1 INVITE", 2000,    1500   },
    [OK_INVITE] = {"200 OK",        false, true,  true,  "1 INVITE", 900000,  1500   },
    [BUSY] = {"486 Busy Here", false, false, true,  "1 INVITE", 2000,    1500   },
    [ACK] = {"ACK",           true,  false, true,  "1 ACK",    2000,    1500   },
    [BYE] = {"BYE",           true,  false, true,  "2 BYE",    3000000, 9000000},
    [OK_BYE] = {"200 OK",        false, false, true,  "2 BYE",    900,     1500   },
};

struct end {
    enum transport transport;
    uint32_t ip;
    unsigned port, number;
};

struct call {
    uint64_t at_us; /* of the next step */
    enum what step[MAX_STEPS];
    int nsteps, next;
    enum media media;
    struct end end[2]; /* caller, callee */
    char call_id[33], from_tag[9], to_tag[9];
    char sdp[2][640];
};

struct load {
    FILE *pcap, *hep;
    int legs;
    bool facts, open;
    uint64_t random, npcap, nhep;
    struct call *heap[MAX_OVERLAP + 1];
    size_t nheap;
    struct rl_buf text, packet;
};

static uint32_t draw(struct load *l, uint32_t below)
{
    l->random ^= l->random << 13;
    l->random ^= l->random >> 7;
    l->random ^= l->random << 17;
    return (uint32_t)(l->random >> 32) % below;
}

static void draw_hex(struct load *l, char *out, size_t digits)
{
    for (size_t i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[draw(l, 16)];
    out[digits] = '\0';
}

static const char *ip_text(uint32_t ip, char out[INET_ADDRSTRLEN])
{
    struct in_addr addr = {htonl(ip)};
    return inet_ntop(AF_INET, &addr, out, INET_ADDRSTRLEN);
}

static const char *transport_text(enum transport t, bool upper)
{
    return t == UDP   ? (upper ? "UDP" : "udp")
           : t == TCP ? (upper ? "TCP" : "tcp")
                      : (upper ? "TLS" : "tls");
}

/* --- the calls --- */

static void protection(struct load *l, enum media media, char *out, size_t size)
{
    char key[41], print[96];
    if (media == SDES) {
        draw_hex(l, key, 40);
        snprintf(out, size, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\n", key);
    } else if (media == DTLS) {
        for (int i = 0; i < 32; i++)
            snprintf(print + 3 * i, 4, "%02X:", draw(l, 256));
        print[95] = '\0';
        snprintf(out, size, "a=setup:actpass\r\na=fingerprint:SHA-256 %s\r\n", print);
    } else {
        *out = '\0';
    }
}

static void write_sdp(struct load *l, struct call *c, int side)
{
    static const char *const profile[] = {"RTP/SAVP", "UDP/TLS/RTP/SAVP", "RTP/AVP"};
    char ip[INET_ADDRSTRLEN], keys[160];
    ip_text(c->end[side].ip, ip);
    protection(l, c->media, keys, sizeof keys);
    snprintf(c->sdp[side], sizeof c->sdp[side],
             "v=0\r\no=- %u 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %u %s 0 8 101\r\n"
             "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
             "%sa=sendrecv\r\n",
             draw(l, 1u << 31), ip, ip, 20000 + 2 * draw(l, 9000), profile[c->media], keys);
}

static void plan(struct load *l, struct call *c)
{
    bool busy = !l->open && draw(l, 10) == 0;
    c->step[c->nsteps++] = INVITE;
    if (busy || draw(l, 3) > 0)
        c->step[c->nsteps++] = TRYING;
    if (busy || draw(l, 4) > 0)
        c->step[c->nsteps++] = RINGING;
    c->step[c->nsteps++] = busy ? BUSY : OK_INVITE;
    c->step[c->nsteps++] = ACK;
    if (!busy && !l->open) {
        c->step[c->nsteps++] = BYE;
        c->step[c->nsteps++] = OK_BYE;
    }
}

static struct call *new_call(struct load *l, uint64_t at_us)
{
    static const enum transport choice[] = {TLS, TLS, TLS, UDP, TCP};
    static const enum media medias[] = {SDES, SDES, DTLS, PLAIN};
    struct call *c = rl_alloc(sizeof *c);
    c->at_us = at_us;
    c->media = medias[draw(l, 4)];
    for (int i = 0; i < 2; i++) {
        struct end *e = &c->end[i];
        e->transport = choice[draw(l, i ? 4 : 5)];
        e->number = 10000 + 30000u * (unsigned)i + draw(l, 20000);
        e->ip = 0x7f010000u + ((uint32_t)i << 16) + (e->number & 0xffff);
        e->port = e->transport == UDP ? 5060 : 32768 + draw(l, 28000);
    }
    draw_hex(l, c->call_id, 32);
    draw_hex(l, c->from_tag, 8);
    draw_hex(l, c->to_tag, 8);
    write_sdp(l, c, 0);
    write_sdp(l, c, 1);
    plan(l, c);
    return c;
}

/* --- messages --- */

static void write_message(struct load *l, const struct call *c, enum what what, int leg)
{
    char ip[2][INET_ADDRSTRLEN];
    const struct end *a = &c->end[0], *b = &c->end[1];
    bool request = steps[what].from_caller;
    const char *body = steps[what].body ? c->sdp[request ? 0 : 1] : "";
    struct rl_buf *t = &l->text;
    rl_buf_clear(t);
    ip_text(a->ip, ip[0]);
    ip_text(b->ip, ip[1]);
    if (request)
        rl_buf_addf(t, "%s sip:%u@%s SIP/2.0\r\n", steps[what].line, b->number,
                    leg ? ip[1] : "127.0.0.1");
    else
        rl_buf_addf(t, "SIP/2.0 %s\r\n", steps[what].line);
    if (leg)
        rl_buf_addf(t, "Via: SIP/2.0/%s 127.0.0.1:5060;branch=z9hG4bK%.12s1\r\n",
                    transport_text(b->transport, true), c->call_id);
    rl_buf_addf(t, "Via: SIP/2.0/%s %s:%u;branch=z9hG4bK%.12s0\r\n",
                transport_text(a->transport, true), ip[0], a->port, c->call_id);
    rl_buf_addf(t, "From: <sip:%u@ringlock.lab>;tag=%s\r\nTo: <sip:%u@ringlock.lab>%s%s\r\n",
                a->number, c->from_tag, b->number, steps[what].to_tag ? ";tag=" : "",
                steps[what].to_tag ? c->to_tag : "");
    rl_buf_addf(t, "Call-ID: %s\r\nCSeq: %s\r\n", c->call_id, steps[what].cseq);
    if (request)
        rl_buf_adds(t, "Max-Forwards: 70\r\n");
    if (*body)
        rl_buf_addf(t, "Contact: <sip:%u@%s:%u>\r\nContent-Type: application/sdp\r\n",
                    (request ? a : b)->number, ip[request ? 0 : 1], (request ? a : b)->port);
    rl_buf_addf(t, "User-Agent: load/1.0\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

static void write_fact(struct load *l, const struct call *c, enum what what, int leg)
{
    const struct end *e = &c->end[leg];
    char ip[INET_ADDRSTRLEN];
    struct rl_buf *t = &l->text;
    rl_buf_clear(t);
    rl_buf_addf(
        t,
        "{\"v\":1,\"ev\":\"%s\",\"why\":\"\",\"m\":\"INVITE\",\"st\":\"%.*s\",\"dev\":\"SEP%012u\","
        "\"proto\":\"%s\",\"src\":\"%s:%u\",\"con\":\"%u\"",
        leg ? "reply" : "request", leg ? 3 : 0, steps[what].line, e->number,
        transport_text(e->transport, false), ip_text(e->ip, ip), e->port, e->number);
    if (e->transport == TLS)
        rl_buf_addf(
            t,
            ",\"verified\":\"1\",\"selfsigned\":\"0\",\"cn\":\"SEP%012u\",\"san\":\"SEP%012u\","
            "\"serial\":\"%u\",\"fp\":\"%064x\",\"tls\":\"TLSv1.3\","
            "\"cipher\":\"TLS_AES_256_GCM_SHA384\",\"bits\":\"256\"",
            e->number, e->number, e->number, e->number);
    rl_buf_addc(t, '}');
}

/* --- files --- */

static void chunk(struct rl_buf *b, unsigned type, size_t n)
{
    rl_buf_u16(b, 0);
    rl_buf_u16(b, (uint16_t)type);
    rl_buf_u16(b, (uint16_t)(n + 6));
}

static void chunk_u32(struct rl_buf *b, unsigned type, uint32_t value)
{
    chunk(b, type, 4);
    rl_buf_u32(b, value);
}

static void chunk_u16(struct rl_buf *b, unsigned type, unsigned value)
{
    chunk(b, type, 2);
    rl_buf_u16(b, (uint16_t)value);
}

static void chunk_u8(struct rl_buf *b, unsigned type, unsigned value)
{
    chunk(b, type, 1);
    rl_buf_addc(b, (char)value);
}

static void chunk_bytes(struct rl_buf *b, unsigned type, const void *bytes, size_t n)
{
    chunk(b, type, n);
    rl_buf_add(b, bytes, n);
}

/* One record of the HEP recording: l->text from `src` to `dst`; type 1 is SIP, 100 a log event. */
static void put_hep(struct load *l, uint64_t us, const struct end *src, const struct end *dst,
                    unsigned type, const char *correlation)
{
    struct rl_buf *b = &l->packet;
    rl_buf_clear(b);
    rl_buf_u32(b, (uint32_t)(us >> 32));
    rl_buf_u32(b, (uint32_t)us);
    rl_buf_u32(b, 0);
    rl_buf_adds(b, "HEP3");
    rl_buf_u16(b, 0);
    chunk_u8(b, 1, 2);
    chunk_u8(b, 2, src->transport);
    chunk_u32(b, 3, src->ip);
    chunk_u32(b, 4, dst->ip);
    chunk_u16(b, 7, src->port);
    chunk_u16(b, 8, dst->port);
    chunk_u32(b, 9, (uint32_t)(us / 1000000));
    chunk_u32(b, 10, (uint32_t)(us % 1000000));
    chunk_u8(b, 11, type);
    chunk_u32(b, 12, 2001);
    if (correlation)
        chunk_bytes(b, 17, correlation, strlen(correlation));
    chunk_bytes(b, 14, "labkey", 6);
    chunk_bytes(b, 15, l->text.data, l->text.len);
    uint32_t record = htonl((uint32_t)(b->len - 12));
    uint16_t packet = htons((uint16_t)(b->len - 12));
    memcpy(b->data + 8, &record, sizeof record);
    memcpy(b->data + 16, &packet, sizeof packet);
    fwrite(b->data, 1, b->len, l->hep);
    l->nhep++;
}

static uint16_t checksum(const uint8_t *p, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_pcap(struct load *l, uint64_t us, const struct end *src, const struct end *dst)
{
    enum { ETHERNET = 14, IP = 20, UDP_HEADER = 8 };
    struct rl_buf *b = &l->packet;
    size_t n = l->text.len;
    rl_buf_clear(b);
    rl_buf_add(b, "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0", ETHERNET);
    rl_buf_u16(b, 0x4500);
    rl_buf_u16(b, (uint16_t)(IP + UDP_HEADER + n));
    rl_buf_u32(b, (uint32_t)(l->npcap & 0xffff) << 16);
    rl_buf_u32(b, 64u << 24 | 17u << 16);
    rl_buf_u32(b, src->ip);
    rl_buf_u32(b, dst->ip);
    uint16_t sum = htons(checksum((const uint8_t *)b->data + ETHERNET, IP));
    memcpy(b->data + ETHERNET + 10, &sum, sizeof sum);
    rl_buf_u16(b, 5060);
    rl_buf_u16(b, 5060);
    rl_buf_u16(b, (uint16_t)(UDP_HEADER + n));
    rl_buf_u16(b, 0);
    rl_buf_add(b, l->text.data, n);
    uint32_t head[4] = {(uint32_t)(us / 1000000), (uint32_t)(us % 1000000), (uint32_t)b->len,
                        (uint32_t)b->len};
    fwrite(head, sizeof head, 1, l->pcap);
    fwrite(b->data, 1, b->len, l->pcap);
    l->npcap++;
}

/* One message on one leg: as received from, or sent to, the party at that end. */
static void put_message(struct load *l, const struct call *c, enum what what, int leg, uint64_t us)
{
    static const struct end log_from = {UDP, PROXY_IP, PROXY_PORT, 0},
                            log_to = {UDP, PROXY_IP, 9060, 0};
    const struct end *party = &c->end[leg];
    const struct end proxy = {party->transport, PROXY_IP,
                              party->transport == TLS ? PROXY_TLS_PORT : PROXY_PORT, 0};
    bool received = steps[what].from_caller == (leg == 0);
    const struct end *src = received ? party : &proxy, *dst = received ? &proxy : party;
    write_message(l, c, what, leg);
    put_pcap(l, us, src, dst);
    put_hep(l, us, src, dst, 1, NULL);
    if (l->facts && received && (what == INVITE || what == RINGING || what == OK_INVITE)) {
        write_fact(l, c, what, leg);
        put_hep(l, us + 1, &log_from, &log_to, 100, c->call_id);
    }
}

/* --- many calls at a time: a heap by the time of their next step --- */

static void sift_down(struct load *l, size_t i)
{
    struct call *moving = l->heap[i];
    for (size_t kid; (kid = 2 * i) <= l->nheap; i = kid) {
        if (kid < l->nheap && l->heap[kid + 1]->at_us < l->heap[kid]->at_us)
            kid++;
        if (moving->at_us <= l->heap[kid]->at_us)
            break;
        l->heap[i] = l->heap[kid];
    }
    l->heap[i] = moving;
}

static void heap_add(struct load *l, struct call *c)
{
    size_t i = ++l->nheap;
    for (; i > 1 && c->at_us < l->heap[i / 2]->at_us; i /= 2)
        l->heap[i] = l->heap[i / 2];
    l->heap[i] = c;
}

/* Write the next step of the call that is due first. */
static void advance(struct load *l)
{
    struct call *c = l->heap[1];
    enum what what = c->step[c->next++];
    for (int leg = 0; leg < (what == TRYING ? 1 : l->legs); leg++) /* the proxy's own 100 */
        put_message(l, c, what, leg, c->at_us + 150 * (unsigned)leg);
    if (c->next < c->nsteps) {
        enum what then = c->step[c->next];
        c->at_us += steps[then].pause_us + draw(l, steps[then].spread_us);
    } else {
        l->heap[1] = l->heap[l->nheap--];
        free(c);
    }
    if (l->nheap)
        sift_down(l, 1);
}

static void generate(struct load *l, unsigned calls)
{
    unsigned overlap = calls / 100 < 1 ? 1 : calls / 100 > MAX_OVERLAP ? MAX_OVERLAP : calls / 100;
    uint64_t step = 9000000 / overlap, begin = START_US;
    for (unsigned made = 0; made < calls || l->nheap;) {
        bool room = made < calls && l->nheap < MAX_OVERLAP;
        if (room && (!l->nheap || begin <= l->heap[1]->at_us)) {
            heap_add(l, new_call(l, begin));
            begin += step;
            made++;
        } else {
            advance(l);
        }
    }
}

static FILE *open_output(const char *prefix, const char *suffix)
{
    char *path = rl_asprintf("%s%s", prefix, suffix);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    free(path);
    return file;
}

int main(int argc, char **argv)
{
    struct load load = {.legs = 1, .random = 88172645463325252u};
    if (argc < 3) {
        fprintf(stderr, "usage: gen CALLS PREFIX [--legs 1|2] [--facts] [--open] [--seed N]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--facts") == 0)
            load.facts = true;
        else if (strcmp(argv[i], "--open") == 0)
            load.open = true;
        else if (strcmp(argv[i], "--legs") == 0 && i + 1 < argc)
            load.legs = atoi(argv[++i]) == 2 ? 2 : 1;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            load.random ^= strtoull(argv[++i], NULL, 10) << 20;
    }
    load.pcap = open_output(argv[2], ".pcap");
    load.hep = open_output(argv[2], ".hep");
    const uint32_t head[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1};
    fwrite(head, sizeof head, 1, load.pcap);
    generate(&load, (unsigned)strtoul(argv[1], NULL, 10));
    bool failed = fclose(load.pcap) != 0;
    failed |= fclose(load.hep) != 0;
    rl_buf_fini(&load.text);
    rl_buf_fini(&load.packet);
    printf("%llu messages, %llu HEP packets\n", (unsigned long long)load.npcap,
           (unsigned long long)load.nhep);
    return failed ? 1 : 0;
}
