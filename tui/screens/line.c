#include "screens/common.h"
#include "screens/jumps.h"
#include "screens/screens.h"

/* A line and the phones that have it. */

static json_t *line_params(struct ui_detail *d)
{
    return json_pack("{s:s}", "number", d->object);
}

static void line_summary(struct ui_detail *d, struct ui_lines *out)
{
    size_t n = json_array_size(json_object_get(d->data, "phones"));
    ui_line(out, UI_NORMAL,
            n > 1 ? "shared by %zu phones; each keeps its own security mode (R29)" : "on %zu phone",
            n);
}

static void phones_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *phone;
    size_t i;
    ui_line(out, UI_STRONG, " %-18s %-24s %s", " Phone", "Profile", "Description");
    json_array_foreach (json_object_get(d->data, "phones"), i, phone) {
        ui_line(out, UI_NORMAL, "  %-17s %-24s %s", member(phone, "name"), member(phone, "profile"),
                member(phone, "description"));
        ui_line_focus(out, "phone", member(phone, "name"));
    }
}

static const struct ui_tab line_tabs[] = {
    {"Phones", NULL, NULL, phones_build, NULL},
};

static const struct ui_detail_spec line_spec = {
    .one = "line",
    .method = "line.show",
    .params = line_params,
    .tabs = line_tabs,
    .ntabs = 1,
    .summary = line_summary,
};

static struct ui_view *line_new(struct ui_app *app, const struct ui_screen *screen,
                                const char *object)
{
    return &ui_detail_new(app, screen, &line_spec, object)->view;
}

const struct ui_screen line_screen = {
    .name = "line",
    .title = "Line",
    .about = "A directory number and the phones that have it.",
    .jumps = line_jumps,
    .class = &ui_detail_class,
    .open = line_new,
};
