#include <stdlib.h>
#include <string.h>

#include "feed/parts.h"

enum { FP_DIGITS = 64 };

static const struct {
    const char *name;
    enum rl_fact_event event;
} events[] = {
    {"request",      RL_FACT_REQUEST     },
    {"reply",        RL_FACT_REPLY       },
    {"registered",   RL_FACT_REGISTERED  },
    {"unregistered", RL_FACT_UNREGISTERED},
    {"challenge",    RL_FACT_CHALLENGE   },
    {"deny",         RL_FACT_DENY        },
    {"closed",       RL_FACT_CLOSED      },
};

/* As the SIP server names transports. Web sockets count as what carries them, as in its HEP
 * packets' number for TLS; that of ws is the same number there, so ws never matches and proves
 * nothing. */
static const struct {
    const char *name;
    enum rl_transport transport;
} protos[] = {
    {"udp",  RL_TP_UDP },
    {"tcp",  RL_TP_TCP },
    {"tls",  RL_TP_TLS },
    {"ws",   RL_TP_TCP },
    {"sctp", RL_TP_SCTP},
    {"wss",  RL_TP_TLS },
};

/* Names of members whose value is text. */
static const char *const names[] = {"ev",     "why", "m",        "st",         "dev", "proto",
                                    "src",    "con", "verified", "selfsigned", "cn",  "san",
                                    "serial", "fp",  "tls",      "cipher",     "bits"};

/* The member's text; "" if the server had none. Never NULL. */
static const char *text(const json_t *event, const char *name)
{
    const char *s = json_string_value(json_object_get(event, name));

    return s == NULL || strcmp(s, "<null>") == 0 ? "" : s;
}

static struct rl_str str(const json_t *event, const char *name)
{
    const char *s = text(event, name);
    size_t n = strlen(s);

    return (struct rl_str){s, (uint16_t)n};
}

static bool yes(const json_t *event, const char *name)
{
    return strcmp(text(event, name), "1") == 0;
}

/* A number, or `missing` if there is none. */
static int number(const json_t *event, const char *name, uint32_t max, int missing)
{
    const char *s = text(event, name);
    uint32_t v;

    return rl_number_read(s, strlen(s), max, &v) ? (int)v : missing;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent escapes undone in the text of `event` itself: it only gets shorter. */
static struct rl_str unescaped(json_t *event, const char *name)
{
    char *s = (char *)text(event, name), *to = s;

    if (strchr(s, '%') == NULL)
        return str(event, name);
    for (const char *p = s; *p != '\0'; p++) {
        int high = *p == '%' ? hex_digit(p[1]) : -1;
        int low = high < 0 ? -1 : hex_digit(p[2]);
        *to++ = low < 0 ? *p : (char)(high << 4 | low);
        p += low < 0 ? 0 : 2;
    }
    return (struct rl_str){s, (uint16_t)(to - s)};
}

/* 64 hexadecimal digits in lower case, else "". */
static struct rl_str fingerprint(struct rl_fact *fact)
{
    const char *s = text(fact->event, "fp");

    if (strlen(s) != FP_DIGITS)
        return (struct rl_str){"", 0};
    for (size_t i = 0; i < FP_DIGITS; i++) {
        if (hex_digit(s[i]) < 0)
            return (struct rl_str){"", 0};
        fact->fp[i] = (char)(s[i] >= 'A' && s[i] <= 'F' ? s[i] | 0x20 : s[i]);
    }
    return (struct rl_str){fact->fp, FP_DIGITS};
}

static void fill_peer(const json_t *event, struct rl_addr *peer)
{
    const char *proto = text(event, "proto");

    if (!rl_addr_read(text(event, "src"), peer))
        *peer = (struct rl_addr){0};
    for (size_t i = 0; i < sizeof protos / sizeof *protos; i++)
        if (strcmp(protos[i].name, proto) == 0)
            peer->transport = (uint8_t)protos[i].transport;
}

/* Version 1, and every member that is read is text. */
static bool well_formed(const json_t *event)
{
    const json_t *version = json_object_get(event, "v");

    if (json_integer_value(version) != 1 &&
        (!json_is_string(version) || strcmp(json_string_value(version), "1") != 0))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *value = json_object_get(event, names[i]);
        if (value != NULL && !json_is_string(value))
            return false;
    }
    return json_object_get(event, "ev") != NULL;
}

static void fill(struct rl_fact *fact, struct rl_rec_fact *out)
{
    json_t *event = fact->event;
    const char *ev = text(event, "ev");

    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i].name, ev) == 0)
            out->event = (uint8_t)events[i].event;
    out->method = (uint8_t)rl_method_find(text(event, "m"));
    out->status = (uint16_t)number(event, "st", 699, 0);
    out->why = str(event, "why");
    out->device = str(event, "dev");
    fill_peer(event, &out->peer);
    out->con = str(event, "con");
    out->verified = yes(event, "verified");
    out->selfsigned = yes(event, "selfsigned");
    out->cn = unescaped(event, "cn");
    out->san = unescaped(event, "san");
    out->serial = str(event, "serial");
    out->fp = fingerprint(fact);
    out->tls = str(event, "tls");
    out->cipher = str(event, "cipher");
    out->bits = number(event, "bits", 65535, -1);
}

void rl_fact_fini(struct rl_fact *fact)
{
    json_decref(fact->event);
    fact->event = NULL;
}

bool rl_fact_read(struct rl_fact *fact, const char *json, size_t n, struct rl_rec_fact *out)
{
    rl_fact_fini(fact);
    *out = (struct rl_rec_fact){.bits = -1};
    fact->event = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(fact->event) || !well_formed(fact->event))
        return false;
    fill(fact, out);
    return true;
}
