#include "ringlock/hardening.h"

#include <string.h>

const char *const rl_settings_access[] = {"disabled", "restricted", "enabled", NULL};
const char *const rl_settings_access_labels[] = {"Disabled", "Restricted", "Enabled", NULL};
const char *const rl_web_access[] = {"disabled", "read-only", "https-only", "enabled", NULL};
const char *const rl_web_access_labels[] = {"Disabled", "Read Only", "HTTPS Only", "Enabled", NULL};
const char *const rl_onoff[] = {"disabled", "enabled", NULL};
const char *const rl_onoff_labels[] = {"Disabled", "Enabled", NULL};

/* clang-format off */
const struct rl_hardening rl_hardenings[RL_HARDENINGS] = {
    {RL_PROFILE_SETTINGS_ACCESS,   "settingsAccess",  rl_settings_access, "021",  1, 2},
    {RL_PROFILE_WEB_ACCESS,        "webAccess",       rl_web_access,      "1200", 0, 0},
    {RL_PROFILE_SSH_ACCESS,        "sshAccess",       rl_onoff,           "10",   0, 0},
    {RL_PROFILE_PC_PORT,           "pcPort",          rl_onoff,           "10",   0, 1},
    {RL_PROFILE_SPAN_TO_PC,        "spanToPCPort",    rl_onoff,           "10",   0, 0},
    {RL_PROFILE_VOICE_VLAN_ACCESS, "voiceVlanAccess", rl_onoff,           "10",   0, 1},
    {RL_PROFILE_GARP,              "garp",            rl_onoff,           "10",   0, 0},
};

/* Which classes have them, and the models of these that do not (profiles.md 8). */
static const struct offer {
    const char *class;
    bool desk;                /* a wire to a PC: ports and VLAN */
    bool menu;                /* settings at the phone, pages and a shell */
} offers[] = {
    {"phone",            true,  true },
    {"video-phone",      true,  true },
    {"conference-phone", false, true },
    {"wireless-phone",   false, true },
    {"analog-adaptor",   false, true },
    {"softphone",        false, false},
    {"room-system",      false, false},
};

static const struct {
    const char *model;
    int field;
} lacks[] = {
    {"Cisco 7940", RL_PROFILE_SPAN_TO_PC},
    {"Cisco 7960", RL_PROFILE_SPAN_TO_PC},
    {"Cisco 7912", RL_PROFILE_VOICE_VLAN_ACCESS},
};
/* clang-format on */

static const struct offer *offer_of(const struct rl_row *type)
{
    if (!rl_row_is(type, RL_TYPE_VENDOR, "Cisco"))
        return NULL;
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++)
        if (rl_row_is(type, RL_TYPE_CLASS, offers[i].class))
            return &offers[i];
    return NULL;
}

bool rl_type_takes_files(const struct rl_row *type)
{
    return offer_of(type) != NULL;
}

bool rl_type_has_setting(const struct rl_row *type, int field)
{
    const struct offer *o = offer_of(type);
    bool wired = field == RL_PROFILE_PC_PORT || field == RL_PROFILE_SPAN_TO_PC ||
                 field == RL_PROFILE_VOICE_VLAN_ACCESS;
    if (!o || !(wired ? o->desk : o->menu))
        return false;
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (lacks[i].field == field && rl_row_is(type, RL_TYPE_MODEL, lacks[i].model))
            return false;
    return true;
}

const struct rl_hardening *rl_hardening_of(int field)
{
    for (size_t i = 0; i < RL_HARDENINGS; i++)
        if (rl_hardenings[i].field == field)
            return &rl_hardenings[i];
    return NULL;
}

int rl_hardening_value(const struct rl_hardening *h, const struct rl_row *profile, int site)
{
    for (int i = 0; h->values[i]; i++)
        if (rl_row_is(profile, h->field, h->values[i]))
            return i;
    return site;
}
