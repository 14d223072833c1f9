/* Certificate operations of phones, in the phone's window and as a list. */
#ifndef RL_SCREENS_CAPF_H
#define RL_SCREENS_CAPF_H

#include "console/detail.h"

/* Order one for the marked phones, or what is under the cursor or shown: which, and where the
 * first of them asks for it, its authentication string. */
unsigned capf_order(struct ui_view *view);

/* Tab "CAPF" of a phone: capf.show. */
json_t *capf_tab_params(struct ui_detail *d);
void capf_tab_build(struct ui_detail *d, struct ui_lines *out);

#endif
