#include "screens/jumps.h"

#include <string.h>

#include "screens/common.h"
#include "screens/screens.h"

/* All changes of the object, by the engine's own list of them: the screen of its history. */
static const char *changes_of(const char *kind, const char *name, struct rl_buf *out)
{
    rl_buf_addf(out, "%s %s", kind, name);
    return history_screen.name;
}

static const char *phone_changes(const json_t *object, struct rl_buf *out)
{
    return changes_of("phone", member(object, "name"), out);
}

static const char *gateway_changes(const json_t *object, struct rl_buf *out)
{
    return changes_of("gateway", member(object, "name"), out);
}

static const char *profile_changes(const json_t *object, struct rl_buf *out)
{
    return changes_of("profile", member(object, "name"), out);
}

static const char *type_changes(const json_t *object, struct rl_buf *out)
{
    return changes_of("type", member(object, "model"), out);
}

static const char *user_changes(const json_t *object, struct rl_buf *out)
{
    return changes_of("user", member(object, "id"), out);
}

static const char *cert_changes(const json_t *object, struct rl_buf *out)
{
    return changes_of("cert", member(object, "name"), out);
}

/* clang-format off */
const struct ui_jump phone_jumps[] = {
    {"Its security profile",     "profile", "profile",     NULL,        UI_OP_IS,       NULL},
    {"Its device type",          "type",    "type",        NULL,        UI_OP_IS,       NULL},
    {"Its digest user",          "user",    "digest_user", NULL,        UI_OP_IS,       NULL},
    {"Its certificates",         "certs",   "name",        "device",    UI_OP_IS,       NULL},
    {"Its calls",                "calls",   "name",        "devices",   UI_OP_CONTAINS, NULL},
    {"Phones with its profile",  "phones",  "profile",     "profile",   UI_OP_IS,       NULL},
    {"Phones of its type",       "phones",  "type",        "type",      UI_OP_IS,       NULL},
    {"Phones of its owner",      "phones",  "owner",       "owner",     UI_OP_IS,       NULL},
    {"Its changes",              NULL,       NULL,          NULL,       UI_OP_IS,       phone_changes},
    {.label = NULL},
};

const struct ui_jump gateway_jumps[] = {
    {"Its device type",          "type",     "type",       NULL,        UI_OP_IS,       NULL},
    {"Its certificates",         "certs",    "name",       "device",    UI_OP_IS,       NULL},
    {"Its calls",                "calls",    "name",       "devices",   UI_OP_CONTAINS, NULL},
    {"Gateways of its type",     "gateways", "type",       "type",      UI_OP_IS,       NULL},
    {"Its changes",              NULL,       NULL,          NULL,       UI_OP_IS,       gateway_changes},
    {.label = NULL},
};

const struct ui_jump profile_jumps[] = {
    {"Phones that have it",      "phones",   "name",        "profile",  UI_OP_IS,       NULL},
    {"Its device type",          "type",     "type",        NULL,       UI_OP_IS,       NULL},
    {"Its certificate",          "cert",     "certificate", NULL,       UI_OP_IS,       NULL},
    {"Profiles of its type",     "profiles", "type",        "type",     UI_OP_IS,       NULL},
    {"Its changes",              NULL,       NULL,          NULL,       UI_OP_IS,       profile_changes},
    {.label = NULL},
};

const struct ui_jump type_jumps[] = {
    {"Phones of this type",      "phones",   "model",       "type",     UI_OP_IS,       NULL},
    {"Gateways of this type",    "gateways", "model",       "type",     UI_OP_IS,       NULL},
    {"Profiles for this type",   "profiles", "model",       "type",     UI_OP_IS,       NULL},
    {"Its changes",              NULL,       NULL,          NULL,       UI_OP_IS,       type_changes},
    {.label = NULL},
};

const struct ui_jump user_jumps[] = {
    {"Phones that answer as it", "phones",   "id",          "digest_user", UI_OP_IS,    NULL},
    {"Its changes",              NULL,       NULL,          NULL,       UI_OP_IS,       user_changes},
    {.label = NULL},
};

const struct ui_jump line_jumps[] = {
    {"Phones that have it",      "phones",   "number",      "lines",    UI_OP_IS,       NULL},
    {.label = NULL},
};
/* clang-format on */

/* Whose it is: named as a phone's by its screen, where it is no gateway that is known. */
static const char *of_party(const json_t *call, size_t i, struct rl_buf *out)
{
    const json_t *party = json_array_get(json_object_get(call, "parties"), i);
    const char *device = member(party, "device");
    rl_buf_adds(out, device);
    if (!*device)
        return NULL;
    return strcmp(member(party, "kind"), "gateway") == 0 ? "gateway" : "phone";
}

static const char *first_party(const json_t *call, struct rl_buf *out)
{
    return of_party(call, 0, out);
}

static const char *second_party(const json_t *call, struct rl_buf *out)
{
    return of_party(call, 1, out);
}

static const char *third_party(const json_t *call, struct rl_buf *out)
{
    return of_party(call, 2, out);
}

/* clang-format off */
const struct ui_jump call_jumps[] = {
    {"Device of party A", NULL, NULL, NULL, UI_OP_IS, first_party},
    {"Device of party B", NULL, NULL, NULL, UI_OP_IS, second_party},
    {"Device of party C", NULL, NULL, NULL, UI_OP_IS, third_party},
    {.label = NULL},
};

const struct ui_jump cert_jumps[] = {
    {"The phone that it belongs to",  "phone",    "device",  NULL,          UI_OP_IS, NULL},
    {"The profile that shares it",    "profile",  "profile", NULL,          UI_OP_IS, NULL},
    {"Profiles that share it",        "profiles", "name",    "certificate", UI_OP_IS, NULL},
    {"Phones with that profile",      "phones",   "profile", "profile",     UI_OP_IS, NULL},
    {"Certificates of the same CA",   "certs",    "issuer",  "issuer",      UI_OP_IS, NULL},
    {"Its changes",                   NULL,       NULL,      NULL,          UI_OP_IS, cert_changes},
    {.label = NULL},
};
/* clang-format on */

/* "phone SEP0011" of the log: what it names now may be gone. */
static const char *of_entry(const json_t *entry, struct rl_buf *out)
{
    static const char *const kinds[] = {"phone", "gateway", "profile", "type", "user", "cert"};
    const char *object = member(entry, "object");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = strlen(kinds[i]);
        if (strncmp(object, kinds[i], n) != 0 || object[n] != ' ')
            continue;
        rl_buf_adds(out, object + n + 1);
        return kinds[i];
    }
    return NULL;
}

/* clang-format off */
const struct ui_jump entry_jumps[] = {
    {"What was changed",                 NULL,    NULL,     NULL,     UI_OP_IS, of_entry},
    {"All changes of the same object",   "history", "object", NULL,   UI_OP_IS, NULL},
    {"All changes by the same person",   "audit", "who",    "who",    UI_OP_IS, NULL},
    {.label = NULL},
};
/* clang-format on */
