/* Shared lines: if one phone of a line is encrypted, all should be (R30). The check is of what is
 * stored, so that it runs inside the transaction, after the change. */
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "policy/objects.h"

enum { OFFERED = 3 }; /* profiles named in a remedy */

struct members {
    struct rl_line_member *item; /* its phone is owned */
    struct kind_of_phone {
        char *type, *protocol; /* owned */
    } * kind;                  /* parallel */
    size_t n, cap;
};

static bool add_member(void *ctx, const struct rl_line_user *user)
{
    struct members *m = ctx;
    struct rl_line_member member = {.can_encrypt = !strcmp(user->encryption, "yes")};
    if (!rl_security_parse(user->mode, &member.mode))
        member.mode = RL_NONSECURE;
    member.phone = rl_strdup(user->phone);
    if (m->n == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 8;
        m->item = rl_realloc(m->item, m->cap * sizeof *m->item);
        m->kind = rl_realloc(m->kind, m->cap * sizeof *m->kind);
    }
    m->item[m->n] = member;
    m->kind[m->n++] = (struct kind_of_phone){rl_strdup(user->type), rl_strdup(user->protocol)};
    return true;
}

static void forget_members(struct members *m)
{
    for (size_t i = 0; i < m->n; i++) {
        free((char *)m->item[i].phone);
        free(m->kind[i].type);
        free(m->kind[i].protocol);
    }
    free(m->item);
    free(m->kind);
}

static bool add_name(void *ctx, const struct rl_row *profile, enum rl_tristate trusted)
{
    struct rl_buf *names = ctx;
    (void)trusted;
    rl_buf_addf(names, "%s%s", names->len ? ", " : "", rl_row_get(profile, RL_PROFILE_NAME));
    return true;
}

/* The Encrypted profiles that fit a phone, in the remedy of its warning (R32). */
static void offer_profiles(struct rl_store *store, const struct kind_of_phone *kind,
                           struct rl_err *warning)
{
    const struct rl_criterion fit[] = {
        {RL_PROFILE_TYPE,     RL_OP_IS, kind->type    },
        {RL_PROFILE_PROTOCOL, RL_OP_IS, kind->protocol},
        {RL_PROFILE_MODE,     RL_OP_IS, "encrypted"   }
    };
    struct rl_query q = {.kind = RL_PROFILE, .criteria = fit, .ncriteria = 3, .limit = OFFERED};
    struct rl_buf names = {0};
    rl_store_list(store, &q, add_name, &names, NULL);
    if (names.len)
        rl_err_remedy(warning, "Give it an Encrypted profile: %s.", rl_buf_str(&names));
    else
        rl_err_remedy(warning, "Make an Encrypted profile for %s with %s and give it that.",
                      kind->type, kind->protocol);
    rl_buf_fini(&names);
}

/* The warnings from `first` on are of the members that are not encrypted, in their order. */
static void offer(struct rl_store *store, const struct members *m, struct rl_problems *problems,
                  size_t first)
{
    for (size_t i = 0; i < m->n && first < problems->n; i++) {
        if (m->item[i].mode == RL_ENCRYPTED)
            continue;
        if (m->item[i].can_encrypt)
            offer_profiles(store, &m->kind[i], &problems->item[first]);
        first++;
    }
}

enum rl_code rl_change_check_number(struct rl_store *store, const char *number,
                                    struct rl_problems *problems)
{
    struct members m = {0};
    struct rl_err err;
    size_t first = problems->n;
    enum rl_code code = rl_store_line_users(store, number, add_member, &m, &err);
    if (code) {
        rl_problems_add(problems, &err);
    } else {
        rl_policy_shared_line(number, m.item, m.n, problems);
        offer(store, &m, problems, first);
    }
    forget_members(&m);
    return code;
}

static bool collect_number(void *ctx, const char *number, const char *unused)
{
    (void)unused;
    rl_buf_add(ctx, number, strlen(number) + 1);
    return true;
}

static void collect_lines(struct rl_buf *numbers, const char *list)
{
    for (size_t n; *list; list += list[n] ? n + 1 : n) {
        n = strcspn(list, ";");
        rl_buf_add(numbers, list, n);
        rl_buf_addc(numbers, '\0');
    }
}

enum rl_code rl_change_check_lines(struct rl_change *c)
{
    struct rl_buf numbers = {0};
    struct rl_err err;
    enum rl_code code = RL_OK;
    if (!rl_change_moves_lines(c))
        return RL_OK;
    if (c->obj->kind == RL_PHONE)
        collect_lines(&numbers, rl_row_get(&c->row, RL_PHONE_LINES));
    else
        code = rl_store_shared_lines(c->act->store, rl_row_get(&c->row, RL_PROFILE_NAME),
                                     collect_number, &numbers, &err);
    if (code)
        rl_problems_add(c->problems, &err);
    for (size_t at = 0; at < numbers.len && !code; at += strlen(numbers.data + at) + 1)
        code = rl_change_check_number(c->act->store, numbers.data + at, c->problems);
    rl_buf_fini(&numbers);
    return code;
}
