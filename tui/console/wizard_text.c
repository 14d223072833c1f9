#include "console/wizard_text.h"

#include <stdio.h>
#include <string.h>

#include "ringlock/text.h"

static const char *state_mark(const char *state)
{
    static const char *const marks[][2] = {
        {"ok",      " ok"   },
        {"problem", " !!"   },
        {"again",   " again"}
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strcmp(marks[i][0], state) == 0)
            return marks[i][1];
    return "";
}

static void step_text(const struct rl_wizard *w, const char *const *state, int step, int at,
                      bool brief, struct rl_buf *out)
{
    bool last = step == (int)w->nsteps, here = step == at;
    rl_buf_clear(out);
    if (here)
        rl_buf_addc(out, '>');
    if (last) {
        rl_buf_adds(out, "End check");
        return;
    }
    rl_buf_addf(out, "%d", step + 1);
    if (here || !brief)
        rl_buf_addf(out, " %s", w->steps[step].label);
    if (!here)
        rl_buf_adds(out, state_mark(state[step]));
}

void ui_wizard_steps(const struct rl_wizard *w, const char *const *state, int at, int width,
                     bool brief, struct rl_buf *out)
{
    struct rl_buf item = {0};
    size_t used = 0;
    for (int i = 0; i <= (int)w->nsteps; i++) {
        step_text(w, state, i, at, brief, &item);
        if (used > 0 && used + 2 + item.len > (size_t)width) {
            rl_buf_addc(out, '\n');
            used = 0;
        }
        const char *before = used == 0 ? " " : "  ";
        if (i == at && used > 0)
            before = " "; /* its mark stands where the second blank would */
        rl_buf_addf(out, "%s%s", before, rl_buf_str(&item));
        used += strlen(before) + item.len;
    }
    rl_buf_fini(&item);
}

/* The next character, or a byte that is none; its length into *n, 0 at the end. */
static uint32_t next(const char *s, size_t *n)
{
    uint32_t cp = 0;
    int len = rl_text_decode(s, strlen(s), &cp);
    if (len < 0)
        cp = (unsigned char)*s;
    *n = len < 0 ? 1 : (size_t)len;
    return cp;
}

static void describe(const char *at, struct rl_buf *out)
{
    size_t n;
    uint32_t cp = next(at, &n);
    if (n == 0) {
        rl_buf_adds(out, "the end");
    } else if (cp == ' ') {
        rl_buf_adds(out, "a blank");
    } else {
        rl_buf_addc(out, '"');
        rl_text_safe(out, at, n);
        rl_buf_addc(out, '"');
        if (cp > '~' && rl_text_is_utf8(at, n))
            rl_buf_addf(out, " (U+%04X)", (unsigned)cp);
    }
}

bool ui_wizard_difference(const char *wanted, const char *given, struct ui_difference *out)
{
    struct rl_buf text = {0};
    const char *a = wanted, *b = given;
    size_t na = 0, nb = 0;
    *out = (struct ui_difference){.character = 1};
    while (next(a, &na) == next(b, &nb) && na == nb && na > 0) {
        a += na;
        b += nb;
        out->character++;
    }
    if (na == 0 && nb == 0)
        return false;
    rl_text_safe(&text, wanted, (size_t)(a - wanted));
    out->cells = (int)rl_text_width(rl_buf_str(&text), text.len);
    rl_buf_clear(&text);
    rl_buf_addf(&text, "character %d: ", out->character);
    describe(a, &text);
    rl_buf_adds(&text, " is wanted, ");
    describe(b, &text);
    rl_buf_adds(&text, " is here");
    snprintf(out->words, sizeof out->words, "%s", rl_buf_str(&text));
    rl_buf_fini(&text);
    return true;
}
