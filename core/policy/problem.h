/* How the rules on objects report. */
#ifndef RL_POLICY_PROBLEM_H
#define RL_POLICY_PROBLEM_H

#include "ringlock/model.h"

/* Add a problem with `row` and one of its fields. */
void rl_policy_problem(struct rl_problems *problems, const struct rl_row *row, int field,
                       enum rl_code code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
