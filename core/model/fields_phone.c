#include "model/tables.h"

static const char *const protocols[] = {"SIP", "SCCP", NULL};

/* clang-format off */
const struct rl_field rl_phone_fields[RL_PHONE_FIELDS] = {
    [RL_PHONE_NAME] = {
        .name = "name", .label = "Device Name", .kind = RL_F_TEXT, .max = 50, .allowed = "._-",
        .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_IDENT, .section = "Device Information",
        .help = "How the phone names itself, mostly SEP and the 12 digits of its MAC address." },
    [RL_PHONE_TYPE] = {
        .name = "type", .label = "Phone Type", .kind = RL_F_REF, .ref = RL_TYPE,
        .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED,
        .help = "The model, of the catalogue; it decides alone whether the device is trusted (R40)." },
    [RL_PHONE_PROTOCOL] = {
        .name = "protocol", .label = "Device Protocol", .kind = RL_F_ENUM, .values = protocols,
        .def = "SIP", .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED,
        .help = "What the phone speaks; one of the protocols of its type (R62)." },
    [RL_PHONE_DESCRIPTION] = {
        .name = "description", .label = "Description", .kind = RL_F_TEXT, .max = 50,
        .forbidden = RL_DESCRIPTION_FORBIDDEN, .flags = RL_FF_CSV,
        .help = "Any words, up to 50 characters; not \" % & \\ < >." },
    [RL_PHONE_PROFILE] = {
        .name = "profile", .label = "Device Security Profile", .kind = RL_F_REF, .ref = RL_PROFILE,
        .flags = RL_FF_CSV, .section = "Protocol Specific Information",
        .help = "A security profile of the same type and protocol; left empty, the predefined "
                "nonsecure one (R2, R92)." },
    [RL_PHONE_LINES] = {
        .name = "lines", .label = "Lines", .kind = RL_F_LIST, .max = 50, .allowed = "+*#._-",
        .flags = RL_FF_CSV,
        .help = "Directory numbers divided by ';'; phones that have the same number share the "
                "line (R30)." },
    [RL_PHONE_OWNER] = {
        .name = "owner", .label = "Owner User ID", .kind = RL_F_TEXT, .max = 128, .flags = RL_FF_CSV,
        .help = "Whose phone it is; a note for people, no user of ringlock." },
    [RL_PHONE_DIGEST_USER] = {
        .name = "digest_user", .label = "Digest User", .kind = RL_F_REF, .ref = RL_USER,
        .flags = RL_FF_CSV,
        .help = "The user with whose digest credentials a SIP phone answers (R125, R126)." },
    [RL_PHONE_PROTECTED] = {
        .name = "protected", .label = "Protected Device", .kind = RL_F_BOOL, .def = "no",
        .help = "Plays the secure or nonsecure tone to its user, where the type can (R38)." },
    [RL_PHONE_CONFIG_KEY] = {
        .name = "config_key", .label = "Configuration File Key", .kind = RL_F_SECRET, .max = 64,
        .allowed = "",
        .help = "32 or 64 hexadecimal digits that are typed in at the phone, too; for types whose "
                "files are encrypted that way (R129); left empty, what is stored stays." },
    [RL_PHONE_AUTH_MODE] = {
        .name = "auth_mode", .label = "Authentication Mode", .kind = RL_F_ENUM,
        .values = rl_auth_modes, .labels = rl_auth_mode_labels,
        .section = "Certification Authority Proxy Function (CAPF) Information",
        .help = "Of its profile; changed here, the phone gets a profile that has it, made if "
                "there is none." },
    [RL_PHONE_KEY_ORDER] = {
        .name = "key_order", .label = "Key Order", .kind = RL_F_ENUM, .values = rl_key_orders,
        .labels = rl_key_order_labels, .help = "Of its profile, likewise." },
    [RL_PHONE_RSA_SIZE] = {
        .name = "rsa_size", .label = "RSA Key Size", .kind = RL_F_ENUM, .values = rl_rsa_sizes,
        .help = "Of its profile, likewise; not used with EC Only." },
    [RL_PHONE_EC_SIZE] = {
        .name = "ec_size", .label = "EC Key Size", .kind = RL_F_ENUM, .values = rl_ec_sizes,
        .help = "Of its profile, likewise; not used with RSA Only." },
};
