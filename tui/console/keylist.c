#include "console/classes.h"
#include "console/console.h"
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

void rl_console_list_keys(FILE *out)
{
    static const struct ui_view_class *const classes[] = {
        &ui_list_class,     &ui_detail_class, &ui_form_class,     &ui_filter_class,
        &ui_menu_class,     &ui_help_class,   &ui_question_class, &ui_prompt_class,
        &ui_messages_class, &ui_batch_class,  &ui_conflict_class, &ui_wizard_class,
        &ui_start_class,    &ui_vendor_class, &ui_columns_class,
    };
    for (size_t i = 0; ui_screens[i]; i++)
        list_table(out, ui_screens[i]->name, ui_screens[i]->actions);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        list_table(out, classes[i]->name, classes[i]->actions);
    list_table(out, "everywhere", ui_global_actions);
    list_table(out, "everywhere", ui_terminal_actions);
}
