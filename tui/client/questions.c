#include "client/questions.h"

#include <stdlib.h>

#include "ringlock/buf.h"

struct rl_question *rl_question_add(struct rl_questions *list, rl_answer_fn fn, void *ctx)
{
    struct rl_question *q = rl_alloc(sizeof *q), **end = &list->first;
    while (*end)
        end = &(*end)->next;
    *end = q;
    q->number = ++list->last_number;
    q->fn = fn;
    q->ctx = ctx;
    return q;
}

static struct rl_question *unlink_at(struct rl_question **at)
{
    struct rl_question *q = *at;
    *at = q->next;
    q->next = NULL;
    return q;
}

const struct rl_question *rl_question_find(const struct rl_questions *list, unsigned number)
{
    const struct rl_question *q = list->first;
    while (q && q->number != number)
        q = q->next;
    return q;
}

struct rl_question *rl_question_take(struct rl_questions *list, unsigned number)
{
    for (struct rl_question **at = &list->first; *at; at = &(*at)->next)
        if ((*at)->number == number)
            return unlink_at(at);
    return NULL;
}

struct rl_question *rl_question_take_overdue(struct rl_questions *list, int64_t now_us)
{
    for (struct rl_question **at = &list->first; *at; at = &(*at)->next)
        if ((*at)->deadline_us <= now_us)
            return unlink_at(at);
    return NULL;
}

int64_t rl_question_first_deadline(const struct rl_questions *list)
{
    int64_t first = INT64_MAX;
    for (const struct rl_question *q = list->first; q; q = q->next)
        first = q->deadline_us < first ? q->deadline_us : first;
    return first;
}

void rl_question_answer(struct rl_question *q, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    if (q->fn)
        q->fn(q->ctx, result, err, problems);
    free(q);
}

void rl_questions_fail(struct rl_questions *list, const struct rl_err *err)
{
    unsigned last = list->last_number;
    while (list->first && list->first->number <= last)
        rl_question_answer(unlink_at(&list->first), NULL, err, NULL);
}
