#include "screens/screens.h"

#include "console/bulk.h"

/* In the order of help and of the list of keys. */
const struct ui_screen *const ui_screens[] = {
    &dashboard_screen,
    &phones_screen,
    &phone_screen,
    &gateways_screen,
    &gateway_screen,
    &profiles_screen,
    &profile_screen,
    &certs_screen,
    &cert_screen,
    &renewal_screen,
    &types_screen,
    &type_screen,
    &users_screen,
    &user_screen,
    &calls_screen,
    &call_screen,
    &audit_screen,
    &entry_screen,
    &history_screen,
    &line_screen,
    &cluster_screen,
    &wizards_screen,
    &wizard_screen,
    &drafts_screen,
    &results_screen,
    &import_screen,
    &holders_screen,
    &capf_screen,
    NULL,
};
