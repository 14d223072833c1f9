#include "commands/fetches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ringlock/text.h"
#include "ringlock/time.h"

enum { LINE_MAX_BYTES = 4096, US = 1000000 };

/* ---- the file ---- */

static bool is_end_of_name(char c)
{
    return c == '\0' || c == ' ' || c == '\t' || c == '"' || c == '?' || c == ',' || c == ';';
}

/* A word that is the name of a list, its directory left off. */
static bool take_name(const char *word, size_t n, struct rl_fetch *out)
{
    static const char suffix[] = ".tlv";
    const char *begin = word;
    size_t end = sizeof suffix - 1;
    for (size_t i = 0; i < n; i++)
        if (word[i] == '/')
            begin = word + i + 1;
    n -= (size_t)(begin - word);
    if (n <= 3 + end || n >= sizeof out->file || memcmp(begin + n - end, suffix, end) != 0 ||
        (memcmp(begin, "CTL", 3) != 0 && memcmp(begin, "ITL", 3) != 0))
        return false;
    memcpy(out->file, begin, n);
    out->file[n] = '\0';
    return true;
}

/* The first such word behind `at`; where the line goes on, or NULL. */
static const char *find_name(const char *at, struct rl_fetch *out)
{
    while (*at) {
        size_t n = 0;
        while (!is_end_of_name(at[n]))
            n++;
        if (take_name(at, n, out))
            return at + n;
        at += n + (at[n] != '\0');
    }
    return NULL;
}

/* ---- the time ---- */

/* "2026-11-30T13:48:19.123+01:00", also with the zone as "+0100" (journalctl). */
static const char *take_rfc3339(const char *line, int64_t *us)
{
    char text[48];
    size_t n = strcspn(line, " \t");
    if (n < 20 || n + 2 > sizeof text)
        return NULL;
    memcpy(text, line, n);
    text[n] = '\0';
    if ((text[n - 5] == '+' || text[n - 5] == '-') && text[n - 3] != ':') {
        memmove(text + n - 1, text + n - 2, 3);
        text[n - 2] = ':';
    }
    *us = rl_time_parse(text);
    return *us >= 0 ? line + n : NULL;
}

/* "Nov", whatever the language here; behind it, or NULL. */
static const char *take_month(const char *text, struct tm *tm)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (tm->tm_mon = 0; tm->tm_mon < 12; tm->tm_mon++)
        if (strncmp(text, months[tm->tm_mon], 3) == 0)
            return text + 3;
    return NULL;
}

/* "Nov 30 13:48:19" */
static const char *take_syslog(const char *line, int64_t now_us, int64_t *us)
{
    time_t now = (time_t)(now_us / US);
    struct tm tm = {0}, today;
    const char *rest = take_month(line, &tm);
    rest = rest ? strptime(rest, " %d %H:%M:%S", &tm) : NULL;
    if (!rest || *rest != ' ')
        return NULL;
    localtime_r(&now, &today);
    for (int back = 0; back < 2; back++) {
        struct tm local = tm;
        local.tm_year = today.tm_year - back;
        local.tm_isdst = -1;
        *us = (int64_t)mktime(&local) * US;
        if (*us <= now_us + (int64_t)RL_DAY_S * US)
            return rest;
    }
    return NULL;
}

/* "[30/Nov/2026:13:48:19 +0000]" within the line */
static const char *take_clf(const char *line, int64_t *us)
{
    struct tm tm = {0};
    const char *open = strchr(line, '[');
    const char *rest = open ? strptime(open + 1, "%d/", &tm) : NULL;
    rest = rest ? take_month(rest, &tm) : NULL;
    rest = rest ? strptime(rest, "/%Y:%H:%M:%S %z", &tm) : NULL;
    if (!rest || *rest != ']')
        return NULL;
    long zone = tm.tm_gmtoff;
    *us = ((int64_t)timegm(&tm) - zone) * US;
    return rest + 1;
}

/* ---- was it given ---- */

/* Of a web server: a GET that was answered with 200. */
static bool is_given(const char *request, const char *behind)
{
    const char *quote = strstr(request, "\"GET ");
    const char *end = strchr(behind, '"');
    return quote && quote < behind && end && strncmp(end, "\" 200 ", 6) == 0;
}

static bool is_refused(const char *line)
{
    static const char *const words[] = {"not found", "denied", "error", "NAK", "rejected"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(line, words[i]))
            return true;
    return false;
}

static bool read_line(const char *line, int64_t now_us, struct rl_fetch *out)
{
    const char *rest = take_clf(line, &out->at_us);
    if (rest) {
        const char *behind = find_name(rest, out);
        return behind && is_given(rest, behind);
    }
    rest = take_rfc3339(line, &out->at_us);
    if (!rest)
        rest = take_syslog(line, now_us, &out->at_us);
    return rest && find_name(rest, out) && !is_refused(rest);
}

bool rl_fetch_read(const char *line, size_t n, int64_t now_us, struct rl_fetch *out)
{
    char text[LINE_MAX_BYTES];
    if (n >= sizeof text || memchr(line, '\0', n) || !rl_text_is_utf8(line, n))
        return false;
    memcpy(text, line, n);
    text[n] = '\0';
    return read_line(text, now_us, out);
}
