/* The trust lists of the site, on the screen of the cluster. */
#ifndef RL_SCREENS_LISTS_H
#define RL_SCREENS_LISTS_H

#include "console/detail.h"

/* The tab: how each list stands, and how many phones have it. */
json_t *lists_params(struct ui_detail *d);
void lists_build(struct ui_detail *d, struct ui_lines *out);

/* The action: publish new versions. */
unsigned lists_update(struct ui_view *view);

#endif
