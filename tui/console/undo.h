/* Undo of the last change: told first, then asked for. */
#ifndef RL_CONSOLE_UNDO_H
#define RL_CONSOLE_UNDO_H

#include "console/ui.h"

/* Said behind what was done, where the engine can undo it. */
#define UI_UNDOES "; U undoes"

/* Ask what would be undone, and whether to. */
unsigned ui_undo(struct ui_view *view);

#endif
