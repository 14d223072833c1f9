#include "commands/replay_ids.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ringlock/buf.h"

enum {
    SHORTEST = 6, /* shorter tags and branches stay: they might be any word or number */
    FIRST_SLOTS = 256,
    CHUNK_SECONDS = 0x09,
    CHUNK_MICROSECONDS = 0x0a,
    CHUNK_PROTOCOL = 0x0b,
    CHUNK_PAYLOAD = 0x0f,
    CHUNK_CORRELATION = 0x11,
    PROTOCOL_SIP = 1
};

/* A set of names by their hash: open addressing, never more than half full. */
struct rl_replay_ids {
    uint64_t *slot; /* 0 = free */
    size_t nslots, used;
};

struct text {
    char *p;
    size_t n;
};

/* ---- names and tokens ---- */

static int hex_value(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static bool is_escape(const char *p, const char *end)
{
    return end - p >= 3 && p[0] == '%' && isxdigit((unsigned char)p[1]) &&
           isxdigit((unsigned char)p[2]);
}

/* Hash of a name, in which "%40" counts as "@": Refer-To escapes the Call-ID of Replaces. Never 0.
 */
static uint64_t hash_name(struct text name)
{
    uint64_t h = 14695981039346656037u;
    for (const char *p = name.p, *end = p + name.n; p < end; p++) {
        char c = *p;
        if (is_escape(p, end)) {
            c = (char)(hex_value(p[1]) * 16 + hex_value(p[2]));
            p += 2;
        }
        h = (h ^ (unsigned char)c) * 1099511628211u;
    }
    return h ? h : 1;
}

/* Bytes that stand at p and divide names: 0 if it belongs to a name, 3 for an escaped ';' '=' '>'.
 */
static size_t divider(const char *p, const char *end)
{
    if ((unsigned char)*p <= ' ' || strchr(";,=<>\"(){}[]\\", *p))
        return 1;
    if (!is_escape(p, end))
        return 0;
    char c = (char)(hex_value(p[1]) * 16 + hex_value(p[2]));
    return strchr(";=&<>", c) ? 3 : 0;
}

/* The next name at or after *at; false at the end. *at moves behind it. */
static bool next_token(struct text in, size_t *at, struct text *token)
{
    const char *end = in.p + in.n;
    size_t i = *at, skip;
    while (i < in.n && (skip = divider(in.p + i, end)))
        i += skip;
    token->p = in.p + i;
    while (i < in.n && !divider(in.p + i, end))
        i++;
    token->n = (size_t)(in.p + i - token->p);
    *at = i;
    return token->n > 0;
}

static size_t slot_of(const struct rl_replay_ids *ids, uint64_t hash)
{
    size_t i = hash & (ids->nslots - 1);
    while (ids->slot[i] && ids->slot[i] != hash)
        i = (i + 1) & (ids->nslots - 1);
    return i;
}

static void grow(struct rl_replay_ids *ids)
{
    struct rl_replay_ids old = *ids;
    ids->nslots = old.nslots ? old.nslots * 2 : FIRST_SLOTS;
    ids->slot = rl_alloc(ids->nslots * sizeof *ids->slot);
    for (size_t i = 0; i < old.nslots; i++)
        if (old.slot[i])
            ids->slot[slot_of(ids, old.slot[i])] = old.slot[i];
    free(old.slot);
}

static void add_name(struct rl_replay_ids *ids, struct text name)
{
    if (2 * (ids->used + 1) > ids->nslots)
        grow(ids);
    size_t i = slot_of(ids, hash_name(name));
    ids->used += ids->slot[i] == 0;
    ids->slot[i] = hash_name(name);
}

static bool is_known(const struct rl_replay_ids *ids, uint64_t hash)
{
    return ids->nslots > 0 && ids->slot[slot_of(ids, hash)] != 0;
}

/* ---- the parts of a HEP datagram ---- */

/* Data of a generic chunk; n is 0 if there is none. */
static struct text find_chunk(uint8_t *datagram, size_t n, unsigned type)
{
    for (size_t at = 6; at + 6 <= n;) {
        unsigned vendor = datagram[at] << 8 | datagram[at + 1];
        unsigned kind = datagram[at + 2] << 8 | datagram[at + 3];
        size_t len = (size_t)datagram[at + 4] << 8 | datagram[at + 5];
        if (len < 6 || at + len > n)
            break;
        if (vendor == 0 && kind == type)
            return (struct text){(char *)datagram + at + 6, len - 6};
        at += len;
    }
    return (struct text){NULL, 0};
}

/* The SIP message's head, or the whole log event. */
static struct text find_text(uint8_t *datagram, size_t n, bool *is_sip)
{
    struct text protocol = find_chunk(datagram, n, CHUNK_PROTOCOL);
    struct text payload = find_chunk(datagram, n, CHUNK_PAYLOAD);
    *is_sip = protocol.n == 1 && protocol.p[0] == PROTOCOL_SIP;
    char *body = *is_sip && payload.n ? memmem(payload.p, payload.n, "\r\n\r\n", 4) : NULL;
    if (body)
        payload.n = (size_t)(body - payload.p);
    return payload;
}

/* ---- noting ---- */

/* The value of a Call-ID header; n is 0 for other lines. */
static struct text call_id_of(struct text line)
{
    char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    struct text name = {line.p, colon ? (size_t)(colon - line.p) : 0};
    while (name.n && isblank((unsigned char)name.p[name.n - 1]))
        name.n--;
    bool is_it = (name.n == 7 && strncasecmp(name.p, "Call-ID", 7) == 0) ||
                 (name.n == 1 && tolower((unsigned char)*name.p) == 'i');
    if (!is_it)
        return (struct text){NULL, 0};
    struct text value = {colon + 1, line.n - (size_t)(colon + 1 - line.p)};
    while (value.n && isspace((unsigned char)*value.p))
        value.p++, value.n--;
    while (value.n && isspace((unsigned char)value.p[value.n - 1]))
        value.n--;
    return value;
}

static enum rl_code note_call_id(struct rl_replay_ids *ids, struct text value, struct rl_err *err)
{
    size_t at = 0;
    struct text token = {NULL, 0};
    if (value.n < SHORTEST || !next_token(value, &at, &token) || token.n != value.n)
        return rl_fail(err, RL_E_HEP_FILE, "",
                       "The Call-ID \"%.*s\" cannot be made new for a loop.", (int)value.n,
                       value.p);
    add_name(ids, value);
    return RL_OK;
}

static void note_parameters(struct rl_replay_ids *ids, struct text line)
{
    size_t at = 0;
    struct text token;
    bool names_id = false;
    while (next_token(line, &at, &token)) {
        if (names_id && token.n >= SHORTEST)
            add_name(ids, token);
        names_id = at < line.n && line.p[at] == '=' &&
                   ((token.n == 3 && strncasecmp(token.p, "tag", 3) == 0) ||
                    (token.n == 6 && strncasecmp(token.p, "branch", 6) == 0));
    }
}

enum rl_code rl_replay_ids_note(struct rl_replay_ids *ids, const uint8_t *datagram, size_t n,
                                struct rl_err *err)
{
    bool is_sip;
    struct text head = find_text((uint8_t *)datagram, n, &is_sip);
    enum rl_code code = RL_OK;
    while (is_sip && head.n > 0 && code == RL_OK) {
        char *lf = memchr(head.p, '\n', head.n);
        struct text line = {head.p, lf ? (size_t)(lf - head.p) : head.n};
        struct text call_id = call_id_of(line);
        if (call_id.p)
            code = note_call_id(ids, call_id, err);
        else
            note_parameters(ids, line);
        size_t taken = line.n + (lf != NULL);
        head.p += taken;
        head.n -= taken;
    }
    return code;
}

/* ---- renaming ---- */

static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Letters become letters and digits digits; what is neither stays, as does the magic cookie of a
 * branch (RFC 3261 8.1.1.7). */
static void rename_token(struct text token, uint64_t hash, uint64_t round)
{
    static const char cookie[] = "z9hG4bK";
    uint64_t state = hash + round * 0xd1342543de82ef95u;
    size_t i = token.n > 7 && memcmp(token.p, cookie, 7) == 0 ? 7 : 0;
    for (; i < token.n; i++) {
        char *c = &token.p[i];
        if (is_escape(c, token.p + token.n))
            i += 2;
        else if (isdigit((unsigned char)*c))
            *c = (char)('0' + mix(&state) % 10);
        else if (islower((unsigned char)*c))
            *c = (char)('a' + mix(&state) % 26);
        else if (isupper((unsigned char)*c))
            *c = (char)('A' + mix(&state) % 26);
    }
}

static void rename_text(const struct rl_replay_ids *ids, uint64_t round, struct text in)
{
    size_t at = 0;
    struct text token;
    while (in.n > 0 && next_token(in, &at, &token)) {
        uint64_t hash = hash_name(token);
        if (token.n >= SHORTEST && is_known(ids, hash))
            rename_token(token, hash, round);
    }
}

/* Header names are no part of the first value: "Call-ID:abc" may be written without a blank. */
static void rename_head(const struct rl_replay_ids *ids, uint64_t round, struct text head)
{
    while (head.n > 0) {
        char *lf = memchr(head.p, '\n', head.n);
        size_t n = lf ? (size_t)(lf - head.p) + 1 : head.n;
        char *colon = memchr(head.p, ':', n);
        size_t name = colon ? (size_t)(colon - head.p) + 1 : 0;
        rename_text(ids, round, (struct text){head.p + name, n - name});
        head.p += n;
        head.n -= n;
    }
}

void rl_replay_ids_rename(const struct rl_replay_ids *ids, uint64_t round, uint8_t *datagram,
                          size_t n)
{
    bool is_sip;
    struct text text = find_text(datagram, n, &is_sip);
    (is_sip ? rename_head : rename_text)(ids, round, text);
    rename_text(ids, round, find_chunk(datagram, n, CHUNK_CORRELATION));
}

/* ---- times ---- */

static uint32_t read_u32(struct text chunk)
{
    struct rl_cur cur = rl_cur_make(chunk.p, chunk.n);
    return rl_cur_u32(&cur);
}

static void write_u32(struct text chunk, uint32_t value)
{
    for (size_t i = 0; chunk.n == 4 && i < 4; i++)
        chunk.p[i] = (char)(value >> (24 - 8 * i));
}

int64_t rl_replay_time(const uint8_t *datagram, size_t n)
{
    struct text seconds = find_chunk((uint8_t *)datagram, n, CHUNK_SECONDS);
    struct text micros = find_chunk((uint8_t *)datagram, n, CHUNK_MICROSECONDS);
    return seconds.n == 4 ? (int64_t)read_u32(seconds) * 1000000 + read_u32(micros) : 0;
}

void rl_replay_set_time(uint8_t *datagram, size_t n, int64_t us)
{
    write_u32(find_chunk(datagram, n, CHUNK_SECONDS), (uint32_t)(us / 1000000));
    write_u32(find_chunk(datagram, n, CHUNK_MICROSECONDS), (uint32_t)(us % 1000000));
}

struct rl_replay_ids *rl_replay_ids_new(void)
{
    return rl_alloc(sizeof(struct rl_replay_ids));
}

void rl_replay_ids_free(struct rl_replay_ids **ids)
{
    if (*ids) {
        free((*ids)->slot);
        free(*ids);
        *ids = NULL;
    }
}
