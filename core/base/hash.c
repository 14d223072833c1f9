#include "ringlock/hash.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ringlock/buf.h"

static uint64_t rotl(uint64_t x, int b)
{
    return x << b | x >> (64 - b);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

/* Without kernel randomness there is no safe table: end, as rl_alloc does without memory. */
static const uint64_t *process_key(void)
{
    static uint64_t key[2];
    static bool made;

    if (!made) {
        if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key)
            abort();
        made = true;
    }
    return key;
}

uint64_t rl_hash(const void *bytes, size_t n)
{
    const uint64_t *key = process_key();
    const uint8_t *p = bytes;
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
                     key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
    uint64_t m = 0;
    size_t left = n;

    for (; left >= 8; left -= 8, p += 8) {
        memcpy(&m, p, 8);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    m = 0;
    if (left)
        memcpy(&m, p, left);
    m |= (uint64_t)n << 56;
    v[3] ^= m;
    sip_round(v);
    v[0] ^= m;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    m = v[0] ^ v[1] ^ v[2] ^ v[3];
    return m ? m : 1;
}

/* Keys are hashes already; the multiplication spreads those that are counters. */
static size_t home(const struct rl_map *map, uint64_t key)
{
    return (size_t)(key * 0x9e3779b97f4a7c15 >> 32) & (map->cap - 1);
}

static struct rl_map_slot *find(const struct rl_map *map, uint64_t key)
{
    size_t i = home(map, key);

    while (map->slot[i].key && map->slot[i].key != key)
        i = (i + 1) & (map->cap - 1);
    return &map->slot[i];
}

static void grow(struct rl_map *map)
{
    struct rl_map old = *map;

    map->cap = old.cap ? old.cap * 2 : 64;
    map->slot = rl_alloc(map->cap * sizeof *map->slot);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slot[i].key)
            *find(map, old.slot[i].key) = old.slot[i];
    free(old.slot);
}

void *rl_map_get(const struct rl_map *map, uint64_t key)
{
    return map->cap ? find(map, key)->value : NULL;
}

void rl_map_put(struct rl_map *map, uint64_t key, void *value)
{
    struct rl_map_slot *s;

    assert(key && value);
    if ((map->n + 1) * 4 > map->cap * 3)
        grow(map);
    s = find(map, key);
    map->n += s->key == 0;
    *s = (struct rl_map_slot){key, value};
}

void *rl_map_remove(struct rl_map *map, uint64_t key)
{
    struct rl_map_slot *s = map->cap ? find(map, key) : NULL;
    void *value;
    size_t hole, mask = map->cap - 1;

    if (!s || !s->key)
        return NULL;
    value = s->value;
    hole = (size_t)(s - map->slot);
    for (size_t i = (hole + 1) & mask; map->slot[i].key; i = (i + 1) & mask) {
        size_t want = home(map, map->slot[i].key);
        if (((i - want) & mask) >= ((i - hole) & mask)) {
            map->slot[hole] = map->slot[i];
            hole = i;
        }
    }
    map->slot[hole] = (struct rl_map_slot){0};
    map->n--;
    return value;
}

void rl_map_fini(struct rl_map *map)
{
    free(map->slot);
    *map = (struct rl_map){0};
}
