#include "model/tables.h"

static const char *const classes[] = {"phone",
                                      "conference-phone",
                                      "video-phone",
                                      "wireless-phone",
                                      "softphone",
                                      "room-system",
                                      "third-party-phone",
                                      "analog-adaptor",
                                      "cti",
                                      "gateway",
                                      "trunk",
                                      "analog-port",
                                      "conference-bridge",
                                      "mtp",
                                      "media-server",
                                      NULL};
static const char *const protocols[] = {"SIP", "SCCP", "MGCP", "H.323", NULL};
static const char *const methods[] = {"pki-aes128", "manual-aes-128", "manual-rc4-256", NULL};
static const char *const security_classes[] = {"secure-cisco", "secure-preferred-vendor", "none",
                                               NULL};
static const char *const security_class_labels[] = {
    "Secure Cisco phone", "Secure preferred-vendor phone", "No security support", NULL};
static const char *const cert_modes[] = {"mic-lsc", "lsc",  "per-device", "shared",
                                         "both",    "none", NULL};
static const char *const lifecycles[] = {"end-of-sale", "end-of-software-maintenance",
                                         "end-of-support", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};
static const char *const by_protocol[] = {"yes", "no", "sip", "sccp", NULL};
static const char *const by_protocol_labels[] = {"yes", "no", "SIP only", "SCCP only", NULL};

/* clang-format off */
const struct rl_field rl_type_fields[RL_TYPE_FIELDS] = {
    [RL_TYPE_MODEL] = {
        .name = "model", .label = "Model", .kind = RL_F_TEXT, .max = 60, .allowed = ".-_ ()+/",
        .flags = RL_FF_NEED | RL_FF_IDENT, .section = "Device Type",
        .help = "The name of the type, in the spelling that lists show." },
    [RL_TYPE_CUCM_TYPE] = {
        .name = "cucm_type", .label = "Name in the Type List", .kind = RL_F_TEXT,
        .help = "What the call manager calls the type; two models may share it." },
    [RL_TYPE_VENDOR] = {
        .name = "vendor", .label = "Vendor", .kind = RL_F_TEXT, .flags = RL_FF_NEED,
        .help = "Who makes the device." },
    [RL_TYPE_CLASS] = {
        .name = "class", .label = "Class", .kind = RL_F_ENUM, .values = classes,
        .flags = RL_FF_NEED,
        .help = "Whether devices of the type are phones, gateways or something else." },
    [RL_TYPE_FAMILY] = {
        .name = "family", .label = "Family", .kind = RL_F_TEXT,
        .help = "The series that the model belongs to." },
    [RL_TYPE_PROTOCOLS] = {
        .name = "protocols", .label = "Protocols", .kind = RL_F_LIST, .values = protocols,
        .help = "SIP, SCCP, MGCP, H.323: what devices of the type can speak (R62)." },
    [RL_TYPE_SECURITY_CLASS] = {
        .name = "security_class", .label = "Security Class", .kind = RL_F_ENUM,
        .values = security_classes, .labels = security_class_labels, .flags = RL_FF_TRISTATE,
        .section = "Security",
        .help = "Secure Cisco, secure preferred vendor or none, exactly one (R61)." },
    [RL_TYPE_HAS_MIC] = {
        .name = "has_mic", .label = "MIC From the Factory", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether the device comes with a manufacturer-installed certificate (R66, R72)." },
    [RL_TYPE_LSC_CAPF] = {
        .name = "lsc_capf", .label = "LSC by CAPF", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether CAPF can install a locally significant certificate (R67, R73)." },
    [RL_TYPE_MAX_RSA] = {
        .name = "max_rsa", .label = "Largest RSA Key", .kind = RL_F_INT, .min = 512, .max = 16384,
        .flags = RL_FF_TRISTATE, .help = "Bits of the largest RSA key that the device can make." },
    [RL_TYPE_EC_KEYS] = {
        .name = "ec_keys", .label = "EC Keys", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE, .help = "Whether the device can make keys on elliptic curves." },
    [RL_TYPE_AUTHENTICATION] = {
        .name = "authentication", .label = "Authentication", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether the device security mode Authenticated is possible (R62)." },
    [RL_TYPE_ENCRYPTION] = {
        .name = "encryption", .label = "Encryption", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether the device security mode Encrypted is possible (R62)." },
    [RL_TYPE_TLS] = {
        .name = "tls_to_cucm", .label = "TLS Signaling", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether profiles of the type have a Device Security Mode (R82)." },
    [RL_TYPE_CERT_MODE] = {
        .name = "cert_mode", .label = "Certificate Mode", .kind = RL_F_ENUM, .values = cert_modes,
        .flags = RL_FF_TRISTATE, .help = "Where the certificate of a device comes from (R83)." },
    [RL_TYPE_ENC_CONFIG] = {
        .name = "enc_config", .label = "Encrypted Configuration", .kind = RL_F_ENUM,
        .values = by_protocol, .labels = by_protocol_labels, .flags = RL_FF_TRISTATE,
        .section = "Configuration and Digest",
        .help = "Whether the configuration file can be encrypted (R129)." },
    [RL_TYPE_ENC_CONFIG_METHOD] = {
        .name = "enc_config_method", .label = "Encryption Method", .kind = RL_F_LIST,
        .values = methods, .flags = RL_FF_TRISTATE,
        .help = "How the configuration file is encrypted." },
    [RL_TYPE_MANUAL_KEY] = {
        .name = "manual_key", .label = "Key Typed In", .kind = RL_F_ENUM, .values = by_protocol,
        .labels = by_protocol_labels, .flags = RL_FF_TRISTATE,
        .help = "Whether the key of the configuration file is typed in at the device." },
    [RL_TYPE_DIGEST] = {
        .name = "digest", .label = "Digest Authentication", .kind = RL_F_ENUM,
        .values = by_protocol, .labels = by_protocol_labels, .flags = RL_FF_TRISTATE,
        .help = "Whether the device answers digest challenges (R81)." },
    [RL_TYPE_DIGEST_KEYED_IN] = {
        .name = "digest_keyed_in", .label = "Digest Typed In", .kind = RL_F_ENUM,
        .values = by_protocol, .labels = by_protocol_labels, .flags = RL_FF_TRISTATE,
        .help = "Whether the digest credentials are typed in at the device too (R127)." },
    [RL_TYPE_SIP_OAUTH] = {
        .name = "sip_oauth", .label = "SIP OAuth", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether profiles of the type have Enable OAuth Authentication." },
    [RL_TYPE_SHA256_LSC] = {
        .name = "sha256_lsc", .label = "SHA-256 LSC", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether certificates signed with SHA-256 are accepted (R132)." },
    [RL_TYPE_OTHER_SIG_SHA1] = {
        .name = "other_sig_sha1_only", .label = "Other Signatures SHA-1 Only", .kind = RL_F_ENUM,
        .values = yes_no, .flags = RL_FF_TRISTATE,
        .help = "Whether every other signature has to be SHA-1 (R133)." },
    [RL_TYPE_SECURE_TONE] = {
        .name = "secure_tone", .label = "Secure Tone", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE, .section = "Calls",
        .help = "Whether the device can play the secure tone (R38)." },
    [RL_TYPE_LOCK_ICON] = {
        .name = "lock_icon", .label = "Lock Icon", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether the device can show the lock; unknown counts as no (R34, R56)." },
    [RL_TYPE_SHIELD_ICON] = {
        .name = "shield_icon", .label = "Shield Icon", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "Whether the device can show the shield; unknown counts as no (R34)." },
    [RL_TYPE_TRUSTED] = {
        .name = "trusted", .label = "Trusted", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE,
        .help = "What decides whether a device is trusted; it cannot be set (R41, R46)." },
    [RL_TYPE_SRTP] = {
        .name = "srtp", .label = "SRTP", .kind = RL_F_ENUM, .values = yes_no,
        .flags = RL_FF_TRISTATE, .help = "Whether media can be encrypted." },
    [RL_TYPE_AUTOREG_MIXED] = {
        .name = "autoreg_mixed", .label = "Auto-registration in Mixed Mode", .kind = RL_F_ENUM,
        .values = yes_no, .flags = RL_FF_TRISTATE, .section = "Life",
        .help = "Whether the device may register itself while the cluster is in mixed mode." },
    [RL_TYPE_LIFECYCLE] = {
        .name = "lifecycle", .label = "Life Cycle", .kind = RL_F_ENUM, .values = lifecycles,
        .flags = RL_FF_TRISTATE, .help = "State of sale and support (R135)." },
    [RL_TYPE_LIFECYCLE_DATE] = {
        .name = "lifecycle_date", .label = "Life Cycle Date", .kind = RL_F_TEXT,
        .flags = RL_FF_TRISTATE, .help = "When that state was reached, where it is known (R135)." },
    [RL_TYPE_DEPRECATED_FROM] = {
        .name = "deprecated_from", .label = "Deprecated From", .kind = RL_F_TEXT,
        .flags = RL_FF_TRISTATE,
        .help = "The release from which on the device no longer registers." },
    [RL_TYPE_NOTE] = {
        .name = "note", .label = "Note", .kind = RL_F_TEXT, .max = 1000, .section = "Sources",
        .help = "What else is to know." },
    [RL_TYPE_EVIDENCE] = {
        .name = "evidence", .label = "Evidence", .kind = RL_F_TEXT, .max = 900,
        .help = "For each value its source, A where it is assumed." },
    [RL_TYPE_CRITERIA] = {
        .name = "criteria", .label = "Trust Criteria Passed", .kind = RL_F_TEXT, .max = 900,
        .help = "Encryption, hardening, assurance: what shows that each was passed (R36)." },
    [RL_TYPE_INSTRUCTIONS] = {
        .name = "instructions", .label = "Supplier's Instructions", .kind = RL_F_LIST, .max = 255,
        .help = "How the supplier says that a phone gets its certificate; shown in the wizards "
                "(R75, R95)." },
    [RL_TYPE_PACK] = {
        .name = "pack", .label = "Device Pack", .kind = RL_F_TEXT, .flags = RL_FF_SYSTEM,
        .help = "The pack that the type came with, and its version (R77)." },
};
