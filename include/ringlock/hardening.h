/* Settings of phones that shut doors (profiles.md 8, R130): fields of the security profile,
 * elements of the configuration file. One table for forms, checklist, configuration and files.
 * Pure. */
#ifndef RINGLOCK_HARDENING_H
#define RINGLOCK_HARDENING_H

#include "ringlock/model.h"

enum { RL_HARDENINGS = 7 };

struct rl_hardening {
    int field;                 /* of the profile; "" there is the site's default */
    const char *element;       /* of vendorConfig (signed-config.md 5.3) */
    const char *const *values; /* as the field has them, the hardest first; NULL-terminated */
    const char *numbers;       /* what the element holds for each of them: one digit */
    int shut;                  /* up to this index of `values` the door is shut */
    int usual;                 /* which one a site has that says nothing: an index of `values` */
};

/* Their table. Static. */
extern const struct rl_hardening rl_hardenings[RL_HARDENINGS];

/* The choices of each, by the names of the fields. */
extern const char *const rl_settings_access[], *const rl_web_access[], *const rl_onoff[];
extern const char *const rl_settings_access_labels[], *const rl_web_access_labels[];
extern const char *const rl_onoff_labels[];

/* True if phones of the type take their configuration from files of the server. */
bool rl_type_takes_files(const struct rl_row *type);
/* True if phones of the type have the setting; else it is not offered (R130). */
bool rl_type_has_setting(const struct rl_row *type, int field);
/* The row of a profile's field; NULL if it is no such setting. Static. */
const struct rl_hardening *rl_hardening_of(int field);
/* Which value counts, an index of `values`: the profile's, or the site's default (likewise). */
int rl_hardening_value(const struct rl_hardening *h, const struct rl_row *profile, int site);

#endif
