#include "screens/screens.h"

const struct ui_screen *const ui_screens[] = {
    &dashboard_screen,
    &calls_screen,
    &call_screen,
    NULL,
};
