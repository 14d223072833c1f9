#include <string.h>

#include "feed/parts.h"

static const struct {
    const char *name;
    char compact; /* RFC 3261 7.3.3, RFC 4028, RFC 3515; 0 = none */
    bool once;    /* two of them make the message bad */
} headers[RL_HEADERS] = {
    [RL_H_VIA] = {"Via",                 'v', false},
    [RL_H_FROM] = {"From",                'f', true },
    [RL_H_TO] = {"To",                  't', true },
    [RL_H_CSEQ] = {"CSeq",                0,   true },
    [RL_H_CONTACT] = {"Contact",             'm', false},
    [RL_H_CALL_ID] = {"Call-ID",             'i', true },
    [RL_H_CONTENT_TYPE] = {"Content-Type",        'c', true },
    [RL_H_CONTENT_LENGTH] = {"Content-Length",      'l', true },
    [RL_H_CONTENT_ENCODING] = {"Content-Encoding",    'e', false},
    [RL_H_EXPIRES] = {"Expires",             0,   false},
    [RL_H_SESSION_EXPIRES] = {"Session-Expires",     'x', false},
    [RL_H_REFER_TO] = {"Refer-To",            'r', false},
    [RL_H_REPLACES] = {"Replaces",            0,   false},
    [RL_H_REQUIRE] = {"Require",             0,   false},
    [RL_H_RACK] = {"RAck",                0,   false},
    [RL_H_AUTHORIZATION] = {"Authorization",       0,   false},
    [RL_H_PROXY_AUTHORIZATION] = {"Proxy-Authorization", 0,   false},
    [RL_H_WWW_AUTHENTICATE] = {"WWW-Authenticate",    0,   false},
    [RL_H_PROXY_AUTHENTICATE] = {"Proxy-Authenticate",  0,   false},
    [RL_H_CORRELATION] = {"",                    0,   false}, /* named by the configuration */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t rl_count(const char *p, size_t n, char c)
{
    const char *end = p + n;
    size_t count = 0;

    for (; (p = memchr(p, c, (size_t)(end - p))) != NULL; p++)
        count++;
    return count;
}

struct rl_str rl_trim(const char *p, size_t n)
{
    while (n > 0 && blank(p[n - 1]))
        n--;
    while (n > 0 && blank(*p))
        p++, n--;
    return (struct rl_str){p, (uint16_t)n};
}

struct rl_str rl_word(struct rl_str s)
{
    uint16_t n = 0;

    while (n < s.n && !blank(s.p[n]) && s.p[n] != ';' && s.p[n] != ',')
        n++;
    return (struct rl_str){s.p, n};
}

bool rl_word_is(struct rl_str s, const char *what)
{
    s = rl_word(s);
    return s.n == strlen(what) && strncasecmp(s.p, what, s.n) == 0;
}

size_t rl_head_length(const char *text, size_t n, size_t *line)
{
    const char *end = text + n;

    for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;) {
        p++;
        *line = end - p > 1 && p[0] == '\r' && p[1] == '\n' ? 2 : 1;
        if (end - p >= (long)*line && p[*line - 1] == '\n')
            return (size_t)(p - text);
    }
    return 0;
}

/* The header lines on their way through this file. */
struct lines {
    char *next, *end; /* in sip->head */
    struct rl_sip *sip;
    struct rl_head *head;
};

/* The next line, folded ones made one, without its end. False if a stray CR is in it. */
static bool next_line(struct lines *l, struct rl_str *line)
{
    char *begin = l->next, *nl;

    do {
        nl = memchr(l->next, '\n', (size_t)(l->end - l->next));
        l->next = nl == NULL ? l->end : nl + 1;
        bool folded = l->next < l->end && (*l->next == ' ' || *l->next == '\t');
        if (!folded)
            break;
        nl[0] = ' ';
        if (nl > begin && nl[-1] == '\r')
            nl[-1] = ' ';
    } while (true);
    size_t n = (size_t)(l->next - begin);
    if (n > 0 && begin[n - 1] == '\n')
        n--;
    if (n > 0 && begin[n - 1] == '\r')
        n--;
    *line = (struct rl_str){begin, (uint16_t)n};
    return memchr(begin, '\r', n) == NULL;
}

static int find_header(struct rl_str name)
{
    for (int i = 0; i < RL_H_CORRELATION; i++) {
        const char *known = headers[i].name;
        if (name.n == 1 ? (name.p[0] | 0x20) == headers[i].compact
                        : strncasecmp(name.p, known, name.n) == 0 && known[name.n] == '\0')
            return i;
    }
    return RL_HEADERS;
}

bool rl_head_keep(struct rl_sip *sip, struct rl_head *head, const char *name, struct rl_str value)
{
    size_t n = strlen(name);
    char *to = sip->text + head->kept;

    head->separators += rl_count(value.p, value.n, ';') + rl_count(value.p, value.n, ',');
    if (head->kept + n + value.n + 4 > RL_SIP_KEPT_MAX || head->separators > RL_SIP_SEPARATORS_MAX)
        return false;
    memcpy(to, name, n);
    memcpy(to + n, ": ", n > 0 ? 2 : 0);
    n += n > 0 ? 2 : 0;
    memcpy(to + n, value.p, value.n);
    memcpy(to + n + value.n, "\r\n", 2);
    head->kept += n + value.n + 2;
    return true;
}

static bool take(struct lines *l, struct rl_str line, const char *correlation, bool with_contact)
{
    const char *colon = memchr(line.p, ':', line.n);
    struct rl_str *known = l->head->value;

    if (colon == NULL)
        return true;
    struct rl_str name = rl_trim(line.p, (size_t)(colon - line.p));
    struct rl_str value = rl_trim(colon + 1, (size_t)(line.p + line.n - colon - 1));
    if (strlen(correlation) == name.n && strncasecmp(name.p, correlation, name.n) == 0 &&
        known[RL_H_CORRELATION].p == NULL)
        known[RL_H_CORRELATION] = value;
    int id = find_header(name);
    if (id == RL_HEADERS)
        return true;
    if (headers[id].once && known[id].p != NULL)
        return false;
    if (known[id].p == NULL)
        known[id] = value;
    return id > RL_H_CONTACT || (id == RL_H_CONTACT && !with_contact) ||
           rl_head_keep(l->sip, l->head, headers[id].name, value);
}

bool rl_head_pick(struct rl_sip *sip, size_t n, const char *correlation, bool with_contact,
                  struct rl_head *out)
{
    struct lines l = {sip->head, sip->head + n, sip, out};
    struct rl_str line;

    memset(out, 0, sizeof *out);
    if (!next_line(&l, &line) || !rl_head_keep(sip, out, "", line))
        return false;
    while (l.next < l.end)
        if (!next_line(&l, &line) || !take(&l, line, correlation, with_contact))
            return false;
    return true;
}
