/* The eight steps that make a phone secure: a tab of its page (R116 to R130). */
#ifndef RL_SCREENS_PHONE_CHECK_H
#define RL_SCREENS_PHONE_CHECK_H

#include "console/detail.h"

/* Tab "Check": what is asked for it, and its lines; each step leads to where it is mended (R119).
 */
json_t *phone_check_params(struct ui_detail *d);
void phone_check_build(struct ui_detail *d, struct ui_lines *out);

/* The same of the cluster: how many phones are where; a step leads to one that is not done (R120).
 */
json_t *cluster_check_params(struct ui_detail *d);
void cluster_check_build(struct ui_detail *d, struct ui_lines *out);

#endif
