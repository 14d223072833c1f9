/* Questions that wait for an answer, in the order asked. No I/O and no clock: both are the
 * client's. */
#ifndef RL_CLIENT_QUESTIONS_H
#define RL_CLIENT_QUESTIONS_H

#include "client/client.h"

struct rl_question {
    struct rl_question *next;
    unsigned number;
    rl_answer_fn fn;
    void *ctx;
    int64_t asked_us, deadline_us;
    bool sent;         /* the engine has it */
    struct rl_err why; /* the answer when the deadline passes */
};

struct rl_questions {
    struct rl_question *first;
    unsigned last_number;
};

/* Append one; borrowed until it is taken. The caller sets asked_us, deadline_us and why. */
struct rl_question *rl_question_add(struct rl_questions *list, rl_answer_fn fn, void *ctx);

/* The one with this number, borrowed; NULL if it does not wait. */
const struct rl_question *rl_question_find(const struct rl_questions *list, unsigned number);

/* Take out one by its number, or the first whose deadline is not after `now_us`; NULL if there is
 * none. Owned by the caller: rl_question_answer, or free(). */
struct rl_question *rl_question_take(struct rl_questions *list, unsigned number);
struct rl_question *rl_question_take_overdue(struct rl_questions *list, int64_t now_us);

/* The earliest deadline; INT64_MAX when nothing waits. */
int64_t rl_question_first_deadline(const struct rl_questions *list);

/* Tell whoever asked, and free the question (taken). */
void rl_question_answer(struct rl_question *q, const json_t *result, const struct rl_err *err,
                        const json_t *problems);

/* Answer all that wait now with err; questions asked meanwhile stay. */
void rl_questions_fail(struct rl_questions *list, const struct rl_err *err);

#endif
