#include <osipparser2/sdp_message.h>
#include <stdlib.h>
#include <string.h>

#include "feed/parts.h"

enum { SDP_MAX = 16384, M_LINE_MAX = 1000, TAG_MAX = 31 };

/* Suites of RFC 4568, 6188, 7714 with the bytes of key and salt, under every spelling in use. */
static const struct {
    const char *name;
    uint8_t key;
} suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", 30},
    {"AES_CM_128_HMAC_SHA1_32", 30},
    {"F8_128_HMAC_SHA1_80",     30},
    {"AES_192_CM_HMAC_SHA1_80", 38},
    {"AES_192_CM_HMAC_SHA1_32", 38},
    {"AES_256_CM_HMAC_SHA1_80", 46},
    {"AES_256_CM_HMAC_SHA1_32", 46},
    {"AES_CM_192_HMAC_SHA1_80", 38},
    {"AES_CM_192_HMAC_SHA1_32", 38},
    {"AES_CM_256_HMAC_SHA1_80", 46},
    {"AES_CM_256_HMAC_SHA1_32", 46},
    {"AEAD_AES_128_GCM",        28},
    {"AEAD_AES_256_GCM",        44},
};

/* Session parameters of a=crypto (RFC 4568 6.3): what they do, whole or as a beginning. */
enum effect { HARMLESS, CIPHER_OFF, RTCP_OFF, AUTH_OFF };
static const struct {
    const char *name;
    bool prefix;
    enum effect effect;
} parameters[] = {
    {"UNENCRYPTED_SRTP",     false, CIPHER_OFF},
    {"UNENCRYPTED_SRTCP",    false, RTCP_OFF  },
    {"UNAUTHENTICATED_SRTP", false, AUTH_OFF  },
    {"KDR=",                 true,  HARMLESS  },
    {"WSH=",                 true,  HARMLESS  },
    {"FEC_ORDER=",           true,  HARMLESS  },
    {"FEC_KEY=",             true,  HARMLESS  },
    {"-",                    true,  HARMLESS  }, /* "-" marks what may be ignored */
};

/* Transport protocols of m= lines that carry SRTP or run over TLS or DTLS. */
static const struct {
    const char *name;
    uint16_t flags;
} protocols[] = {
    {"RTP/SAVP",           RL_MF_SAVP      },
    {"RTP/SAVPF",          RL_MF_SAVP      },
    {"UDP/TLS/RTP/SAVP",   RL_MF_DTLS_PROTO},
    {"UDP/TLS/RTP/SAVPF",  RL_MF_DTLS_PROTO},
    {"TCP/DTLS/RTP/SAVP",  RL_MF_DTLS_PROTO},
    {"TCP/DTLS/RTP/SAVPF", RL_MF_DTLS_PROTO},
    {"TCP/TLS/BFCP",       RL_MF_DTLS_PROTO},
    {"UDP/TLS/BFCP",       RL_MF_DTLS_PROTO},
    {"TCP/DTLS/BFCP",      RL_MF_DTLS_PROTO},
    {"UDP/DTLS/UDT/IX",    RL_MF_DTLS_PROTO},
};

static const struct {
    const char *name;
    uint8_t dir;
} directions[] = {
    {"sendrecv", RL_DIR_SENDRECV},
    {"sendonly", RL_DIR_SENDONLY},
    {"recvonly", RL_DIR_RECVONLY},
    {"inactive", RL_DIR_INACTIVE},
};

static const struct {
    const char *name;
    uint8_t bytes;
} fingerprints[] = {
    {"sha-1",   20},
    {"sha-224", 28},
    {"sha-256", 32},
    {"sha-384", 48},
    {"sha-512", 64}
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool is(struct rl_str s, const char *what)
{
    return s.n == strlen(what) && strncasecmp(s.p, what, s.n) == 0;
}

/* The next word of a value; empty at the end. */
static struct rl_str token(const char **p)
{
    *p += strspn(*p, " \t");
    struct rl_str s = {*p, (uint16_t)strcspn(*p, " \t")};
    *p += s.n;
    return s;
}

/* "inline:" and base64 of exactly `bytes`, then perhaps "|lifetime" and "|MKI:length". */
static bool key_ok(struct rl_str s, size_t bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    if (s.n < 7 || strncasecmp(s.p, "inline:", 7) != 0)
        return false;
    const char *p = s.p + 7, *end = s.p + s.n;
    size_t digits = strspn(p, alphabet);
    p += digits;
    size_t padding = strspn(p, "=");
    p += padding;
    return p <= end && padding <= 2 && digits * 3 / 4 == bytes && (p == end || *p == '|');
}

static bool keys_ok(struct rl_str s, size_t bytes)
{
    const char *end = s.p + s.n;

    for (const char *p = s.p;; p++) {
        const char *semicolon = memchr(p, ';', (size_t)(end - p));
        const char *stop = semicolon == NULL ? end : semicolon;
        if (!key_ok((struct rl_str){p, (uint16_t)(stop - p)}, bytes))
            return false;
        if (semicolon == NULL)
            return true;
        p = semicolon;
    }
}

static size_t suite_key(struct rl_str name)
{
    for (size_t i = 0; i < COUNT(suites); i++)
        if (is(name, suites[i].name))
            return suites[i].key;
    return 0;
}

/* False if a parameter is unknown and may not be ignored: the line then counts for nothing. */
static bool read_parameters(const char *p, uint16_t *flags)
{
    static const uint16_t effects[] = {0, RL_MF_CRYPTO_OFF, RL_MF_RTCP_CLEAR, RL_MF_UNAUTH};

    for (struct rl_str s = token(&p); s.n > 0; s = token(&p)) {
        size_t i = 0;
        for (; i < COUNT(parameters); i++) {
            const char *name = parameters[i].name;
            if (parameters[i].prefix ? strncasecmp(s.p, name, strlen(name)) == 0 : is(s, name))
                break;
        }
        if (i == COUNT(parameters))
            return false;
        *flags |= effects[parameters[i].effect];
    }
    return true;
}

/* One a=crypto line (RFC 4568 9.1). `seen` has the tags so far: a tag used twice is good for
 * nothing. */
static void read_crypto(const char *value, struct rl_media *m, uint32_t *seen)
{
    const char *p = value;
    struct rl_str tag_text = token(&p), suite = token(&p), keys = token(&p);
    uint16_t flags = 0;
    uint32_t tag, bit;

    if (!rl_number_read(tag_text.p, tag_text.n, 999999999, &tag))
        return;
    bit = tag >= 1 && tag <= TAG_MAX ? 1U << tag : 0;
    bool twice = *seen & bit;
    *seen |= bit;
    bool readable = read_parameters(p, &flags);
    if (suite.n >= 4 && strncasecmp(suite.p, "NULL", 4) == 0)
        flags |= RL_MF_CRYPTO_OFF;
    if (twice && (m->tags &= ~bit) == 0)
        m->flags &= (uint16_t)~RL_MF_CRYPTO;
    size_t bytes = suite_key(suite);
    if ((flags & RL_MF_CRYPTO_OFF) == 0) {
        if (twice || !readable || bytes == 0 || !keys_ok(keys, bytes))
            return;
        flags |= RL_MF_CRYPTO;
        m->tags |= bit;
    }
    m->flags |= flags;
}

/* "sha-256 AB:CD:..." with as many bytes as the hash has (RFC 8122). */
static bool fingerprint_ok(const char *value)
{
    const char *p = value;
    struct rl_str hash = token(&p), hex = token(&p);
    size_t bytes = 0;

    for (size_t i = 0; i < COUNT(fingerprints); i++)
        if (is(hash, fingerprints[i].name))
            bytes = fingerprints[i].bytes;
    if (bytes == 0 || hex.n != bytes * 3 - 1)
        return false;
    for (size_t i = 0; i < hex.n; i++)
        if (i % 3 == 2 ? hex.p[i] != ':' : strchr("0123456789abcdefABCDEF", hex.p[i]) == NULL)
            return false;
    return true;
}

/* One a= line at a media or (seen NULL) session level. */
static void read_attribute(const sdp_attribute_t *a, struct rl_media *m, uint32_t *seen)
{
    struct rl_str name = {a->a_att_field, (uint16_t)strlen(a->a_att_field)};

    if (a->a_att_value == NULL) {
        for (size_t i = 0; i < COUNT(directions); i++)
            if (is(name, directions[i].name))
                m->dir = directions[i].dir;
    } else if (is(name, "crypto") && seen != NULL) {
        read_crypto(a->a_att_value, m, seen);
    } else if (is(name, "fingerprint") && fingerprint_ok(a->a_att_value)) {
        m->flags |= RL_MF_FINGERPRINT;
    } else if (is(name, "setup")) {
        m->flags |= RL_MF_SETUP;
    }
}

static void read_attributes(osip_list_t *list, struct rl_media *m, uint32_t *seen)
{
    osip_list_iterator_t it;

    for (const sdp_attribute_t *a = osip_list_get_first(list, &it); osip_list_iterator_has_elem(it);
         a = osip_list_get_next(&it))
        if (a->a_att_field != NULL)
            read_attribute(a, m, seen);
}

static uint8_t media_kind(const char *media, const char *proto)
{
    size_t n = strlen(proto);

    if (strcasecmp(media, "audio") == 0)
        return RL_MEDIA_AUDIO;
    if (strcasecmp(media, "video") == 0)
        return RL_MEDIA_VIDEO;
    if (strcasecmp(media, "application") != 0)
        return RL_MEDIA_OTHER;
    if (n >= 5 && strcasecmp(proto + n - 5, "/BFCP") == 0)
        return RL_MEDIA_BFCP;
    if (n >= 3 && strcasecmp(proto + n - 3, "/IX") == 0)
        return RL_MEDIA_IX;
    return RL_MEDIA_OTHER;
}

/* A host name or address; libosip2 takes any text for one. */
static bool connection_ok(const sdp_connection_t *c)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:-";

    return c != NULL && c->c_nettype != NULL && strcmp(c->c_nettype, "IN") == 0 &&
           c->c_addrtype != NULL &&
           (strcmp(c->c_addrtype, "IP4") == 0 || strcmp(c->c_addrtype, "IP6") == 0) &&
           c->c_addr != NULL && *c->c_addr != '\0' && c->c_addr[strspn(c->c_addr, allowed)] == '\0';
}

static bool read_media(const sdp_message_t *sdp, sdp_media_t *line, struct rl_media *m)
{
    osip_list_iterator_t it;
    uint32_t port, seen = 0;

    if (line->m_media == NULL || line->m_proto == NULL || line->m_port == NULL ||
        !rl_number_read(line->m_port, strlen(line->m_port), UINT16_MAX, &port))
        return false;
    const sdp_connection_t *c = osip_list_get_first(&line->c_connections, &it);
    if (!osip_list_iterator_has_elem(it))
        c = sdp->c_connection;
    if ((c != NULL || port != 0) && !connection_ok(c))
        return false;
    m->kind = media_kind(line->m_media, line->m_proto);
    m->port = (uint16_t)port;
    for (size_t i = 0; i < COUNT(protocols); i++)
        if (strcasecmp(line->m_proto, protocols[i].name) == 0)
            m->flags |= protocols[i].flags;
    read_attributes(&line->a_attributes, m, &seen);
    if (c != NULL && strcmp(c->c_addr, "0.0.0.0") == 0 && m->dir == RL_DIR_SENDRECV)
        m->dir = RL_DIR_SENDONLY;
    return true;
}

static bool read_all(sdp_message_t *sdp, struct rl_rec_sip *out)
{
    struct rl_media session = {.dir = RL_DIR_SENDRECV};
    osip_list_iterator_t it;

    if (sdp->v_version == NULL || strcmp(sdp->v_version, "0") != 0)
        return false;
    read_attributes(&sdp->a_attributes, &session, NULL);
    for (sdp_media_t *line = osip_list_get_first(&sdp->m_medias, &it);
         osip_list_iterator_has_elem(it); line = osip_list_get_next(&it)) {
        if (out->nmedia == RL_REC_MEDIA)
            return false;
        out->media[out->nmedia] = session;
        if (!read_media(sdp, line, &out->media[out->nmedia++]))
            return false;
    }
    return true;
}

/* What libosip2 stumbles over without need: an empty session name, a last line without its end. */
static void mend(char *to, const char *body, size_t n)
{
    const char *empty = NULL;

    for (const char *p = body; (p = memchr(p, '\n', n - (size_t)(p - body))) != NULL && !empty;) {
        p++;
        size_t left = n - (size_t)(p - body);
        if (left > 2 && p[0] == 's' && p[1] == '=' && (p[2] == '\r' || p[2] == '\n'))
            empty = p + 2;
    }
    size_t first = empty == NULL ? n : (size_t)(empty - body);
    memcpy(to, body, first);
    to += first;
    if (empty != NULL) {
        *to++ = '-';
        memcpy(to, empty, n - first);
        to += n - first;
    }
    if (to[-1] != '\n')
        *to++ = '\r', *to++ = '\n';
    *to = '\0';
}

/* Few enough lines, and no m= line with more formats than there are. */
static bool bounded(const char *body, size_t n)
{
    const char *end = body + n, *nl;

    if (n > SDP_MAX || rl_count(body, n, '\n') > RL_SDP_LINES_MAX)
        return false;
    for (const char *p = body; p < end; p = nl + 1) {
        nl = memchr(p, '\n', (size_t)(end - p));
        if (nl == NULL)
            nl = end - 1;
        if (*p == 'm' && nl - p > M_LINE_MAX)
            return false;
    }
    return true;
}

void rl_sdp_read(char *scratch, const char *body, size_t n, struct rl_rec_sip *out)
{
    sdp_message_t *sdp = NULL;

    out->sdp = RL_SDP_BAD;
    out->nmedia = 0;
    if (n == 0 || !bounded(body, n) || memchr(body, '\0', n) != NULL || sdp_message_init(&sdp) != 0)
        return;
    mend(scratch, body, n);
    if (sdp_message_parse(sdp, scratch) == 0 && read_all(sdp, out))
        out->sdp = RL_SDP_OK;
    else
        out->nmedia = 0;
}
