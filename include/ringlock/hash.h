/* Keyed hashing, and a map from 64-bit keys. The key is random for each process, so that who
 * chooses Call-IDs and tags cannot choose where they collide: equal hashes stand for equal bytes.
 */
#ifndef RINGLOCK_HASH_H
#define RINGLOCK_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-1-3 of the bytes under the process's key; never 0. Not for files: it differs in each
 * process. */
uint64_t rl_hash(const void *bytes, size_t n);

/* Open addressing; a zeroed struct is an empty map. Keys are not 0, values not NULL; values are
 * borrowed. */
struct rl_map {
    struct rl_map_slot {
        uint64_t key;
        void *value;
    } * slot;
    size_t cap, n;
};

void *rl_map_get(const struct rl_map *map, uint64_t key);       /* NULL if there is none */
void rl_map_put(struct rl_map *map, uint64_t key, void *value); /* replaces */
void *rl_map_remove(struct rl_map *map, uint64_t key);          /* what was there, or NULL */
void rl_map_fini(struct rl_map *map);

#endif
