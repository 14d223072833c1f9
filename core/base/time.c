#include "ringlock/time.h"

#include <stdio.h>
#include <time.h>

static int64_t clock_us(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t rl_now_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

int64_t rl_monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

char *rl_time_text(int64_t us, int ms, char *out)
{
    time_t sec = (time_t)(us / 1000000);
    struct tm tm;
    size_t n;

    out[0] = '\0';
    if (us <= 0 || !gmtime_r(&sec, &tm))
        return out;
    n = strftime(out, RL_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    if (ms)
        snprintf(out + n, RL_TIME_TEXT - n, ".%03dZ", (int)(us % 1000000 / 1000));
    else
        snprintf(out + n, RL_TIME_TEXT - n, "Z");
    return out;
}

/* Microseconds of ".25" at *text, which moves behind it. */
static long fraction(const char **text)
{
    long us = 0, unit = 100000;

    if (**text != '.')
        return 0;
    for ((*text)++; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
        us += (**text - '0') * unit;
    return us;
}

int64_t rl_time_parse(const char *text)
{
    struct tm tm = {0};
    const char *rest;
    long us, offset = 0;
    int hours, minutes, used = 0;

    rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest)
        return -1;
    us = fraction(&rest);
    if (*rest == '+' || *rest == '-') {
        if (sscanf(rest + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || used != 5)
            return -1;
        offset = (hours * 3600L + minutes * 60L) * (*rest == '-' ? -1 : 1);
        rest += 6;
    } else if (*rest++ != 'Z') {
        return -1;
    }
    if (*rest)
        return -1;
    return ((int64_t)timegm(&tm) - offset) * 1000000 + us;
}

int64_t rl_days_until(int64_t from_us, int64_t to_us)
{
    const int64_t day = RL_DAY_S * 1000000LL;
    int64_t left = to_us - from_us;
    return left >= 0 ? left / day : -((-left + day - 1) / day);
}
