/* Device types: what their screens share. */
#ifndef RL_SCREENS_TYPES_H
#define RL_SCREENS_TYPES_H

#include "console/ui.h"

/* type_import.c: ask for a pack, have it imported, show what came of it. See struct ui_action. */
unsigned type_import(struct ui_view *view);

#endif
