/* Shared lines: if one phone of a line is encrypted, all should be (R30). The check is of what is
 * stored, so that it runs inside the transaction, after the change. */
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "policy/objects.h"

struct members {
    struct rl_line_member *item;
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
    }
    m->item[m->n++] = member;
    return true;
}

enum rl_code rl_change_check_number(struct rl_store *store, const char *number,
                                    struct rl_problems *problems)
{
    struct members m = {0};
    struct rl_err err;
    enum rl_code code = rl_store_line_users(store, number, add_member, &m, &err);
    if (code)
        rl_problems_add(problems, &err);
    else
        rl_policy_shared_line(number, m.item, m.n, problems);
    for (size_t i = 0; i < m.n; i++)
        free((char *)m.item[i].phone);
    free(m.item);
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
