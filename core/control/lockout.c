#include "control/lockout.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/hash.h"

enum { SETS = 512, WAYS = 8 };

struct address {
    uint8_t ip[RL_LOCKOUT_IP];
    int tries;
    int64_t since_us, until_us; /* of the tries; of the lock-out, 0: none. since_us 0: free */
};

struct rl_lockout {
    struct address at[SETS][WAYS];
};

struct rl_lockout *rl_lockout_new(void)
{
    return rl_alloc(sizeof(struct rl_lockout));
}

void rl_lockout_free(struct rl_lockout **l)
{
    free(*l);
    *l = NULL;
}

static size_t set_of(const uint8_t *ip)
{
    return rl_hash(ip, RL_LOCKOUT_IP) % SETS;
}

static const struct address *find(const struct rl_lockout *l, const uint8_t *ip)
{
    const struct address *set = l->at[set_of(ip)];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].since_us && memcmp(set[i].ip, ip, RL_LOCKOUT_IP) == 0)
            return &set[i];
    return NULL;
}

/* Its place, or that of the one that matters least: no lock-out gives way to a try. */
static struct address *place(struct rl_lockout *l, const uint8_t *ip)
{
    struct address *found = (struct address *)find(l, ip), *set = l->at[set_of(ip)];
    struct address *least = &set[0];
    if (found)
        return found;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].until_us < least->until_us ||
            (set[i].until_us == least->until_us && set[i].since_us < least->since_us))
            least = &set[i];
    *least = (struct address){0};
    memcpy(least->ip, ip, RL_LOCKOUT_IP);
    return least;
}

bool rl_lockout_failed(struct rl_lockout *l, const uint8_t ip[RL_LOCKOUT_IP], int tries,
                       int64_t lock_us, int64_t now_us)
{
    struct address *a = place(l, ip);
    if (now_us - a->since_us >= lock_us || !a->since_us)
        *a = (struct address){.since_us = now_us, .until_us = a->until_us};
    memcpy(a->ip, ip, RL_LOCKOUT_IP);
    if (++a->tries < tries)
        return false;
    a->tries = 0;
    a->until_us = now_us + lock_us;
    return true;
}

bool rl_lockout_is(const struct rl_lockout *l, const uint8_t ip[RL_LOCKOUT_IP], int64_t now_us)
{
    const struct address *a = find(l, ip);
    return a && a->until_us > now_us;
}

size_t rl_lockout_count(const struct rl_lockout *l, int64_t now_us)
{
    size_t n = 0;
    for (size_t i = 0; i < SETS; i++)
        for (size_t j = 0; j < WAYS; j++)
            n += l->at[i][j].until_us > now_us;
    return n;
}
