/* What was changed of an object, who did it and when: from the audit log, under its earlier names
 * too. */
#ifndef RL_SCREENS_HISTORY_H
#define RL_SCREENS_HISTORY_H

#include "console/detail.h"

/* Tab "History" of a detail: the newest changes, and where the older ones are. */
json_t *history_params(struct ui_detail *d);
void history_build(struct ui_detail *d, struct ui_lines *out);

/* The fields of an entry of the log, what they were before and are after it, by the labels of their
 * object. */
void history_fields(const json_t *entry, struct ui_lines *out);

/* The same of a row of a list, in one line. */
void history_change(const json_t *row, struct rl_buf *out);

#endif
