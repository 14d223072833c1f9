#include "control/names.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash(const char *text, size_t n)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    return h;
}

const char *rl_names_text(const struct rl_names *set, size_t i)
{
    return set->text.data + set->item[i].at;
}

/* The slot of a text, or the free one where it belongs. */
static uint32_t *find(const struct rl_names *set, const char *text, size_t n)
{
    for (size_t at = hash(text, n);; at++) {
        uint32_t *slot = &set->slot[at & (set->slots - 1)];
        if (!*slot)
            return slot;
        const char *have = rl_names_text(set, *slot - 1);
        if (!strncmp(have, text, n) && !have[n])
            return slot;
    }
}

static void grow(struct rl_names *set)
{
    set->slots = set->slots ? 2 * set->slots : 1024;
    free(set->slot);
    set->slot = rl_alloc(set->slots * sizeof *set->slot);
    for (size_t i = 0; i < set->n; i++) {
        const char *text = rl_names_text(set, i);
        *find(set, text, strlen(text)) = (uint32_t)i + 1;
    }
}

int rl_names_add(struct rl_names *set, const char *text, size_t n, int line)
{
    if (2 * (set->n + 1) > set->slots)
        grow(set);
    uint32_t *slot = find(set, text, n);
    if (*slot)
        return set->item[*slot - 1].line;
    if (set->n == set->cap) {
        set->cap = set->cap ? 2 * set->cap : 512;
        set->item = rl_realloc(set->item, set->cap * sizeof *set->item);
    }
    set->item[set->n] = (struct rl_name){set->text.len, line};
    rl_buf_add(&set->text, text, n);
    rl_buf_addc(&set->text, '\0');
    *slot = (uint32_t)++set->n;
    return 0;
}

void rl_names_fini(struct rl_names *set)
{
    rl_buf_fini(&set->text);
    free(set->item);
    free(set->slot);
    memset(set, 0, sizeof *set);
}
