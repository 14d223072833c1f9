#include "screens/files.h"

#include <stdio.h>
#include <string.h>

#include "screens/common.h"

/* ---- of a phone ---- */

static const char *form_text(const char *form)
{
    static const struct {
        const char *form, *text;
    } forms[] = {
        {"signed",    "signed, readable"                  },
        {"encrypted", "signed and encrypted"              },
        {"typed-key", "signed and encrypted, typed-in key"},
        {"short",     "short only: it cannot be encrypted"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].form, form) == 0)
            return forms[i].text;
    return "none published yet";
}

void phone_files_build(const json_t *answer, struct ui_lines *out)
{
    const json_t *file;
    size_t i;
    if (!answer || !json_is_true(json_object_get(answer, "takes")))
        return;
    ui_line_rule(out);
    if (!json_is_true(json_object_get(answer, "on"))) {
        ui_line(out, UI_NORMAL, " Configuration files  not published here");
        return;
    }
    ui_line(out, UI_NORMAL, " Configuration files  %s%s", form_text(member(answer, "form")),
            json_is_true(json_object_get(answer, "due")) ? ", to be made anew" : "");
    json_array_foreach (json_object_get(answer, "files"), i, file) {
        ui_line(out, UI_NORMAL, "  %s, %lld bytes, %.19sZ", member(file, "name"),
                (long long)number(file, "bytes"), member(answer, "made"));
        ui_line_focus(out, NULL, NULL);
    }
    if (*member(answer, "why"))
        ui_line_wrap(out, UI_WARNING, 2, member(answer, "why"));
}

/* ---- of the cluster ---- */

const char *publishing_text(const json_t *status, char *out, size_t n)
{
    const json_t *publishing = json_object_get(status, "publishing");
    const json_t *problem = json_object_get(publishing, "problem");
    if (!json_is_true(json_object_get(publishing, "on")))
        return "not published";
    if (json_is_object(problem))
        snprintf(out, n, "!! %s", member(problem, "message"));
    else if (number(publishing, "due") > 0)
        snprintf(out, n, "published; %lld changes still due", (long long)number(publishing, "due"));
    else
        return "published, as all is now";
    return out;
}

static void published(struct ui_view *view, const json_t *result, const struct rl_err *err,
                      const json_t *problems)
{
    (void)problems;
    (void)result;
    if (err)
        ui_say_error(view->app, err);
    else
        ui_say(view->app, "i",
               "The files of all phones are looked at; changes are published from "
               "now on.");
    ui_load(view);
}

unsigned files_publish(struct ui_view *view)
{
    ui_ask(view, "publish", json_pack("{s:b}", "all", true), published);
    return UI_REDRAW;
}

void files_question(const json_t *status, struct rl_buf *out)
{
    bool on = json_is_true(json_object_get(json_object_get(status, "publishing"), "on"));
    rl_buf_adds(out,
                on ? "The configuration files of all phones are looked at, and made anew where "
                     "something differs. Do it?"
                   : "The trust list and a signed configuration file for each phone are put "
                     "where servers give them to phones, and from then on every change is. "
                     "Publish them?");
}
