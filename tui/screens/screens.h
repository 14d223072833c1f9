/* The screens, one file each. */
#ifndef RL_SCREENS_SCREENS_H
#define RL_SCREENS_SCREENS_H

#include "console/ui.h"

extern const struct ui_screen dashboard_screen, phones_screen, phone_screen, gateways_screen,
    gateway_screen, profiles_screen, profile_screen, types_screen, type_screen, certs_screen,
    cert_screen, users_screen, user_screen, calls_screen, call_screen, audit_screen, entry_screen,
    history_screen, line_screen, cluster_screen, wizards_screen, wizard_screen, drafts_screen,
    import_screen, holders_screen, capf_screen, renewal_screen;

#endif
