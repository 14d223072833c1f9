/* Every class of views: what the list of keys walks. */
#ifndef RL_CONSOLE_CLASSES_H
#define RL_CONSOLE_CLASSES_H

#include "console/ui.h"

extern const struct ui_view_class ui_list_class, ui_detail_class, ui_form_class, ui_filter_class,
    ui_menu_class, ui_help_class, ui_question_class, ui_prompt_class, ui_messages_class,
    ui_palette_class, ui_batch_class, ui_conflict_class, ui_review_class, ui_wizard_class,
    ui_start_class, ui_vendor_class, ui_columns_class, ui_assign_class, ui_walk_class,
    ui_backup_class, ui_importing_class;

/* All of them, NULL at the end; keylist.c. */
extern const struct ui_view_class *const ui_classes[];

#endif
