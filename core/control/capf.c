/* CAPF settings that are given for a phone (profiles.md 4.8): they are its profile's, so the phone
 * goes to a profile that has them, which is made if there is none. */
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "policy/objects.h"
#include "ringlock/profile.h"

enum { NAMES_TRIED = 1000 };

#define FIRST RL_PHONE_STORED
#define END   RL_PHONE_FIELDS

static bool is_given(const struct rl_change *c)
{
    for (int i = FIRST; i < END; i++)
        if (*rl_row_get(&c->row, i))
            return true;
    return false;
}

/* Phones of the type have no CAPF (R73). */
static bool refuse_missing(struct rl_change *c)
{
    const char *protocol = rl_row_get(&c->row, RL_PHONE_PROTOCOL);
    size_t before = c->problems->n;
    for (int i = FIRST; i < END; i++) {
        int field = rl_profile_field_of_phone(i);
        if (*rl_row_get(&c->row, i) && !rl_profile_has(c->type, protocol, field))
            rl_row_problem(c->problems, &c->row, i, rl_profile_refusal(c->type, protocol, field),
                           "Phones of %s have no CAPF: there is no %s.",
                           rl_row_get(c->type, RL_TYPE_MODEL), c->obj->fields[i].label);
    }
    return c->problems->n > before;
}

/* The phone's profile with the settings given; what follows from them is filled in. */
static void want(const struct rl_change *c, struct rl_row *out)
{
    rl_row_copy(out, c->profile);
    out->id = out->rev = 0;
    for (int i = FIRST; i < END; i++)
        if (*rl_row_get(&c->row, i))
            rl_row_set(out, rl_profile_field_of_phone(i), rl_row_get(&c->row, i));
    rl_policy_profile_fill(out, c->profile, c->type, true);
}

/* The same in all that matters to a phone. */
static bool is_like(const struct rl_row *a, const struct rl_row *b)
{
    for (int i = 0; i < RL_PROFILE_FIELDS; i++)
        if (i != RL_PROFILE_NAME && i != RL_PROFILE_DESCRIPTION && i != RL_PROFILE_PREDEFINED &&
            i != RL_PROFILE_CERTIFICATE && !rl_row_is(a, i, rl_row_get(b, i)))
            return false;
    return true;
}

struct search {
    const struct rl_row *wanted;
    char *name; /* of the first that is like it; owned */
};

static bool compare(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct search *s = ctx;
    (void)trusted;
    if (is_like(row, s->wanted))
        s->name = rl_strdup(rl_row_get(row, RL_PROFILE_NAME));
    return s->name == NULL;
}

/* Owned by the caller; NULL if there is none, or the store failed, which is a problem then. */
static char *find_like(struct rl_change *c, const struct rl_row *wanted)
{
    const struct rl_criterion alike[] = {
        {RL_PROFILE_TYPE,      RL_OP_IS, rl_row_get(wanted, RL_PROFILE_TYPE)     },
        {RL_PROFILE_PROTOCOL,  RL_OP_IS, rl_row_get(wanted, RL_PROFILE_PROTOCOL) },
        {RL_PROFILE_KEY_ORDER, RL_OP_IS, rl_row_get(wanted, RL_PROFILE_KEY_ORDER)},
    };
    struct rl_query q = {
        .kind = RL_PROFILE, .criteria = alike, .ncriteria = sizeof alike / sizeof *alike};
    struct search s = {.wanted = wanted};
    struct rl_err err;
    if (rl_store_list(c->act->store, &q, compare, &s, &err))
        rl_problems_add(c->problems, &err);
    return s.name;
}

static void name_it(struct rl_change *c, struct rl_row *profile)
{
    bool taken = true;
    for (int n = 1; taken && n < NAMES_TRIED; n++) {
        char *name = rl_policy_capf_profile_name(profile, n);
        struct rl_row other;
        taken = rl_store_get(c->act->store, RL_PROFILE, name, &other, NULL) == RL_OK;
        if (taken)
            rl_row_fini(&other);
        rl_row_set(profile, RL_PROFILE_NAME, name);
        free(name);
    }
}

/* Takes `wanted`: the profile to be written with the phone. */
static void make(struct rl_change *c, struct rl_row *wanted)
{
    struct rl_row old;
    rl_row_copy(&old, c->profile);
    rl_row_set(&old, RL_PROFILE_PREDEFINED, "no"); /* it is not the one that changes */
    rl_row_set(wanted, RL_PROFILE_PREDEFINED, "no");
    rl_row_set(wanted, RL_PROFILE_DESCRIPTION, "");
    rl_row_set(wanted, RL_PROFILE_CERTIFICATE, "");
    name_it(c, wanted);
    rl_policy_profile(wanted, &old, c->type, c->problems);
    rl_row_fini(&old);
    c->made = *wanted;
    c->profile = &c->made;
}

static void tell(struct rl_change *c, const char *from, bool made)
{
    const char *to = rl_row_get(c->profile, RL_PROFILE_NAME);
    rl_row_problem(c->problems, &c->row, RL_PHONE_PROFILE, RL_W_PROFILE_CAPF,
                   made ? "The phone's profile is %s instead of %s: it is made for these settings."
                        : "The phone's profile is %s instead of %s: it has these settings.",
                   to, from);
}

static void move(struct rl_change *c)
{
    struct rl_row wanted;
    want(c, &wanted);
    if (is_like(&wanted, c->profile)) {
        rl_row_fini(&wanted);
        return;
    }
    char *from = rl_strdup(rl_row_get(c->profile, RL_PROFILE_NAME));
    char *name = find_like(c, &wanted);
    const struct rl_row *like = name ? rl_lookup_profile(c->lookup, name) : NULL;
    if (like) {
        c->profile = like;
        rl_row_fini(&wanted);
    } else {
        make(c, &wanted);
    }
    rl_row_set(&c->row, RL_PHONE_PROFILE, rl_row_get(c->profile, RL_PROFILE_NAME));
    if (!rl_problems_first_error(c->problems))
        tell(c, from, !like);
    free(name);
    free(from);
}

void rl_change_capf(struct rl_change *c)
{
    if (!is_given(c))
        return;
    if (!refuse_missing(c) && c->profile)
        move(c);
    for (int i = FIRST; i < END; i++)
        rl_row_set(&c->row, i, "");
}
