#include <string.h>

#include "control/change.h"
#include "ringlock/text.h"

void rl_lookup_init(struct rl_lookup *l, struct rl_store *store)
{
    memset(l, 0, sizeof *l);
    l->store = store;
}

void rl_lookup_fini(struct rl_lookup *l)
{
    for (size_t i = 0; i < RL_LOOKUP_SLOTS; i++) {
        rl_row_fini(&l->type[i]);
        rl_row_fini(&l->profile[i]);
    }
}

/* FNV-1a, without regard to ASCII case. */
static size_t slot_of(const char *key)
{
    uint32_t h = 2166136261u;
    for (; *key; key++)
        h = (h ^ ((unsigned char)*key | 0x20)) * 16777619u;
    return h % RL_LOOKUP_SLOTS;
}

static const struct rl_row *look_up(struct rl_lookup *l, struct rl_row *slots, enum rl_kind kind,
                                    const char *key, int (*differ)(const char *, const char *))
{
    struct rl_row *row = &slots[slot_of(key)];
    if (row->obj && !differ(rl_row_get(row, 0), key))
        return row;
    rl_row_fini(row);
    return rl_store_get(l->store, kind, key, row, NULL) == RL_OK ? row : NULL;
}

const struct rl_row *rl_lookup_type(struct rl_lookup *l, const char *model)
{
    return look_up(l, l->type, RL_TYPE, model, rl_text_casecmp);
}

const struct rl_row *rl_lookup_profile(struct rl_lookup *l, const char *name)
{
    return look_up(l, l->profile, RL_PROFILE, name, strcmp);
}
