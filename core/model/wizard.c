#include "ringlock/wizard.h"

#include <string.h>

#define N(a) (a), sizeof(a) / sizeof *(a)
#define NONE NULL, 0

#define CERTIFICATES "OS Administration, Security > Certificate Management"
#define PROFILES     "System > Security > Phone Security Profile"
#define PHONES       "Device > Phone, Add New"

static const struct rl_wizard_field certificate_fields[] = {
    {RL_CERTIFICATE, RL_CERTIFICATE_STORE      },
    {RL_CERTIFICATE, RL_CERTIFICATE_ORIGIN     },
    {RL_CERTIFICATE, RL_CERTIFICATE_DESCRIPTION},
};
static const struct rl_wizard_field profile_fields[] = {
    {RL_PROFILE, RL_PROFILE_NAME       },
    {RL_PROFILE, RL_PROFILE_DESCRIPTION},
    {RL_PROFILE, RL_PROFILE_MODE       },
    {RL_PROFILE, RL_PROFILE_DIGEST     },
};
static const struct rl_wizard_field name_fields[] = {
    {RL_PROFILE, RL_PROFILE_NAME       },
    {RL_PROFILE, RL_PROFILE_DESCRIPTION},
};
static const struct rl_wizard_field mode_fields[] = {
    {RL_PROFILE, RL_PROFILE_MODE  },
    {RL_PROFILE, RL_PROFILE_DIGEST},
};
static const struct rl_wizard_field transport_fields[] = {
    {RL_PROFILE, RL_PROFILE_TRANSPORT}
};
static const struct rl_wizard_field type_fields[] = {
    {RL_PHONE, RL_PHONE_TYPE    },
    {RL_PHONE, RL_PHONE_PROTOCOL},
};
static const struct rl_wizard_field phone_fields[] = {
    {RL_PHONE, RL_PHONE_DESCRIPTION},
    {RL_PHONE, RL_PHONE_LINES      },
    {RL_PHONE, RL_PHONE_OWNER      },
    {RL_PHONE, RL_PHONE_DIGEST_USER},
};
static const struct rl_wizard_field assign_fields[] = {
    {RL_PHONE, RL_PHONE_PROFILE}
};

/* clang-format off */
static const struct rl_wizard_step per_device[] = {
    {"upload", "Upload", "Upload one certificate for each phone.", CERTIFICATES,
     "Each phone has a certificate of its own: the same file never counts for two phones.",
     "R86", RL_PAGE_UPLOADS, N(certificate_fields)},
    {"profiles", "Profiles", "Look at the security profiles of the type.", PROFILES,
     "The next step makes a new one; those that are there stay as they are.",
     "R87", RL_PAGE_PROFILES, NONE},
    {"profile", "New profile", "Make a security profile for exactly this type.", PROFILES ", Add New",
     "The mode must be Encrypted or Authenticated.",
     "R88", RL_PAGE_FIELDS, N(profile_fields)},
    {"phones", "Add phone", "Name the phones to be added.", PHONES,
     "A phone that is there already is changed: it gets the profile.",
     "R90", RL_PAGE_PHONES, NONE},
    {"type", "Type", "Choose the phone type.", PHONES,
     "The type decides which profiles fit; it came with the supplier's device pack.",
     "R90", RL_PAGE_FIELDS, N(type_fields)},
    {"fields", "Fields", "Fill in the fields of each phone.", PHONES,
     "Required fields carry a *.",
     "R91", RL_PAGE_PHONES, N(phone_fields)},
    {"assign", "Assign", "Choose the profile in Device Security Profile.", PHONES,
     "Only profiles of the type and protocol are listed.",
     "R92", RL_PAGE_FIELDS, N(assign_fields)},
};
static const struct rl_wizard_step shared[] = {
    {"certificate", "Certificate", "Make a certificate with a DNS name, and read it here.", "",
     "The SAN must be of type DNS; the profile will carry exactly that name.",
     "R95", RL_PAGE_CERTIFICATE, NONE},
    {"upload", "Upload", "Upload the shared certificate.", CERTIFICATES,
     "All phones of the profile will present it.",
     "R98", RL_PAGE_CERTIFICATE, N(certificate_fields)},
    {"profiles", "Profiles", "Look at the security profiles of the type.", PROFILES,
     "The next step makes a new one; those that are there stay as they are.",
     "R99", RL_PAGE_PROFILES, NONE},
    {"name", "Name", "Name the security profile exactly as the certificate is named.",
     PROFILES ", Add New",
     "Every character counts: upper and lower case, no blank before or after, no dot at the end, "
     "no wildcard.",
     "R100", RL_PAGE_FIELDS, N(name_fields)},
    {"mode", "Mode", "Choose the Device Security Mode.", PROFILES ", Add New",
     "The mode must be Encrypted or Authenticated.",
     "R105", RL_PAGE_FIELDS, N(mode_fields)},
    {"transport", "Transport", "Choose the Transport Type.", PROFILES ", Add New",
     "It must be TLS.",
     "R106", RL_PAGE_FIELDS, N(transport_fields)},
    {"phones", "Add phone", "Name the phones to be added.", PHONES,
     "A phone that is there already is changed: it gets the profile.",
     "R107", RL_PAGE_PHONES, NONE},
    {"type", "Type", "Choose the phone type.", PHONES,
     "The type decides which profiles fit; it came with the supplier's device pack.",
     "R107", RL_PAGE_FIELDS, N(type_fields)},
    {"fields", "Fields", "Fill in the fields of each phone.", PHONES,
     "Required fields carry a *.",
     "R107", RL_PAGE_PHONES, N(phone_fields)},
    {"assign", "Assign", "Choose the profile in Device Security Profile.", PHONES,
     "Many phones may share it.",
     "R108", RL_PAGE_FIELDS, N(assign_fields)},
};

const struct rl_wizard rl_wizards[] = {
    {"per-device", "Per-device certificates", N(per_device)},
    {"shared",     "Shared certificate",      N(shared)},
    {NULL, NULL, NONE},
};
/* clang-format on */

const struct rl_wizard *rl_wizard_find(const char *kind)
{
    for (const struct rl_wizard *w = rl_wizards; w->kind; w++)
        if (!strcmp(w->kind, kind))
            return w;
    return NULL;
}

int rl_wizard_step(const struct rl_wizard *w, const char *id)
{
    for (size_t i = 0; i < w->nsteps; i++)
        if (!strcmp(w->steps[i].id, id))
            return (int)i;
    return -1;
}
