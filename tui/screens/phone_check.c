#include "screens/phone_check.h"

#include <string.h>

#include "screens/common.h"

json_t *phone_check_params(struct ui_detail *d)
{
    return json_pack("{s:s}", "name", d->object);
}

/* Where a step is done, by the kind of object that the engine names: with its name, or the list. */
static const struct {
    const char *kind, *one, *list, *words;
} places[] = {
    {"cluster",     "cluster", "cluster",  "Enter opens the cluster."      },
    {"certificate", "cert",    "certs",    "Enter opens certificates."     },
    {"profile",     "profile", "profiles", "Enter opens security profiles."},
    {"user",        "user",    "users",    "Enter opens the digest user."  },
    {"phone",       NULL,      NULL,       "e changes the phone."          },
    {"capf",        NULL,      NULL,       "L orders an LSC by CAPF."      },
};
enum { PLACES = sizeof places / sizeof *places };

static unsigned style_of(const char *state)
{
    if (strcmp(state, "done") == 0)
        return UI_LOCKED;
    return strcmp(state, "not applicable") == 0 ? UI_FAINT : UI_OPEN;
}

/* Index of the place; as many as there are if a step has none. */
static size_t place_of(const json_t *step)
{
    size_t i = 0;
    while (i < PLACES && strcmp(places[i].kind, member(step, "kind")) != 0)
        i++;
    return i;
}

static void add_step(const json_t *step, struct ui_lines *out)
{
    const char *state = member(step, "state"), *remedy = member(step, "remedy");
    bool open = strcmp(state, "open") == 0 || strcmp(state, "blocked") == 0;
    const char *name = member(step, "name");
    size_t at = place_of(step);
    const char *screen = at == PLACES ? NULL : *name ? places[at].one : places[at].list;
    ui_line(out, UI_NORMAL, " %lld  %-14s  %s", (long long)number(step, "step"), state,
            member(step, "label"));
    ui_line_span(out, 4, 14, style_of(state));
    ui_line_focus(out, screen, screen && *name ? name : NULL);
    ui_line_wrap(out, UI_NORMAL, 5, member(step, "message"));
    if (*remedy)
        ui_line_wrap(out, UI_FAINT, 5, remedy);
    if (open && at < PLACES)
        ui_line_wrap(out, UI_FAINT, 5, places[at].words);
}

void phone_check_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *answer = d->more[d->tab], *step;
    size_t i;
    if (!answer)
        return;
    ui_line(out, UI_STRONG, " The eight steps, %lld open", (long long)number(answer, "open"));
    json_array_foreach (json_object_get(answer, "steps"), i, step)
        add_step(step, out);
}

json_t *cluster_check_params(struct ui_detail *d)
{
    (void)d;
    return json_object();
}

void cluster_check_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *answer = d->more[d->tab], *step;
    size_t i;
    if (!answer)
        return;
    ui_line(out, UI_STRONG, " The eight steps of %lld phones", (long long)number(answer, "phones"));
    ui_line(out, UI_STRONG, "    %-32s%9s%9s%9s%9s", "", "done", "open", "blocked", "no step");
    json_array_foreach (json_object_get(answer, "steps"), i, step) {
        bool open = number(step, "open") + number(step, "blocked") > 0;
        ui_line(out, UI_NORMAL, " %lld  %-32s%9lld%9lld%9lld%9lld", (long long)number(step, "step"),
                member(step, "label"), (long long)number(step, "done"),
                (long long)number(step, "open"), (long long)number(step, "blocked"),
                (long long)number(step, "not_applicable"));
        ui_line_focus(out, open ? "phone" : NULL, open ? member(step, "phone") : NULL);
    }
    ui_line_wrap(out, UI_FAINT, 4, "Enter opens a phone that has not done the step.");
}
