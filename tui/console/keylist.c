#include "console/classes.h"
#include "console/console.h"
#include "console/keymap.h"
#include "console/ui.h"

static void list_table(FILE *out, const char *context, const struct ui_action *actions)
{
    for (const struct ui_action *a = actions; a && a->name; a++) {
        struct rl_buf keys = {0};
        ui_action_keys(a, &keys);
        fprintf(out, "%s\t%s\t%s\t%s\t%s\n", context, a->name, rl_buf_str(&keys),
                a->label ? a->label : "", a->sentence);
        rl_buf_fini(&keys);
    }
}

const struct ui_view_class *const ui_classes[] = {
    &ui_list_class,      &ui_detail_class,
    &ui_form_class,      &ui_filter_class,
    &ui_menu_class,      &ui_help_class,
    &ui_question_class,  &ui_prompt_class,
    &ui_messages_class,  &ui_palette_class,
    &ui_batch_class,     &ui_conflict_class,
    &ui_review_class,    &ui_wizard_class,
    &ui_start_class,     &ui_vendor_class,
    &ui_columns_class,   &ui_assign_class,
    &ui_walk_class,      &ui_backup_class,
    &ui_importing_class, NULL,
};

static void tell_line(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "ringlock: %s\n", text);
}

void rl_console_list_keys(FILE *out, bool locked)
{
    ui_keymap_start(locked, tell_line, NULL);
    for (size_t i = 0; ui_screens[i]; i++)
        list_table(out, ui_screens[i]->name, ui_screens[i]->actions);
    for (size_t i = 0; ui_classes[i]; i++)
        list_table(out, ui_classes[i]->name, ui_classes[i]->actions);
    list_table(out, "everywhere", ui_global_actions);
    list_table(out, "everywhere", ui_terminal_actions);
}
