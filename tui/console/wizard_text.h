/* Texts of a wizard's pages. Pure: no screen, so that tests read them as text. */
#ifndef RL_CONSOLE_WIZARD_TEXT_H
#define RL_CONSOLE_WIZARD_TEXT_H

#include "ringlock/buf.h"
#include "ringlock/wizard.h"

/* The steps in lines of at most `width` cells, divided by line feeds: " 1 Upload ok  >2 Profiles
 * 3 New profile". `state` has the engine's word for each step ("open", "ok", "problem", "again");
 * `at` is the open one, nsteps for the end check. Brief: the open step alone has its label. */
void ui_wizard_steps(const struct rl_wizard *w, const char *const *state, int at, int width,
                     bool brief, struct rl_buf *out);

/* Where a given name leaves the one that is wanted (R102). */
struct ui_difference {
    int character; /* the first that differs, from 1 */
    int cells;     /* of both before it, made safe */
    char words[96];
};

/* False if they are the same. `words`: character 6: "G" is wanted, "g" is here. What is not ASCII,
 * or not seen, is told by its number too. */
bool ui_wizard_difference(const char *wanted, const char *given, struct ui_difference *out);

#endif
