/* A set of texts, each with the line of the file where it came first. */
#ifndef RL_CONTROL_NAMES_H
#define RL_CONTROL_NAMES_H

#include <stdint.h>

#include "ringlock/buf.h"

struct rl_names {
    struct rl_buf text; /* all texts, each with its NUL */
    struct rl_name {
        size_t at; /* in text */
        int line;
    } * item; /* in the order they came */
    size_t n, cap;
    uint32_t *slot; /* index + 1 of an item; 0 = free */
    size_t slots;   /* a power of two */
};

/* 0 if the text is new; else the line where it came first. Copies. */
int rl_names_add(struct rl_names *set, const char *text, size_t n, int line);
/* Borrowed until the set changes. */
const char *rl_names_text(const struct rl_names *set, size_t i);
void rl_names_fini(struct rl_names *set);

#endif
