#include "model/tables.h"
#include "ringlock/hardening.h"

static const char *const protocols[] = {"SIP", "SCCP", NULL};
static const char *const modes[] = {"nonsecure", "authenticated", "encrypted", NULL};
static const char *const mode_labels[] = {"Non Secure", "Authenticated", "Encrypted", NULL};
static const char *const transports[] = {"tcp", "udp", "tcp+udp", "tls", NULL};
static const char *const transport_labels[] = {"TCP", "UDP", "TCP+UDP", "TLS", NULL};
const char *const rl_auth_modes[] = {"string", "null-string", "lsc", "mic", NULL};
const char *const rl_auth_mode_labels[] = {"By Authentication String", "By Null String",
                                           "By Existing Certificate (precedence to LSC)",
                                           "By Existing Certificate (precedence to MIC)", NULL};
const char *const rl_key_orders[] = {"rsa", "ec", "ec-rsa", NULL};
const char *const rl_key_order_labels[] = {"RSA Only", "EC Only", "EC Preferred, RSA Backup", NULL};
const char *const rl_rsa_sizes[] = {"512", "1024", "2048", "3072", "4096", NULL};
const char *const rl_ec_sizes[] = {"256", "384", "521", NULL};

/* clang-format off */
const struct rl_field rl_profile_fields[RL_PROFILE_FIELDS] = {
    [RL_PROFILE_NAME] = {
        .name = "name", .label = "Name", .kind = RL_F_TEXT, .max = 75, .allowed = ".-_ ()+/",
        .flags = RL_FF_NEED | RL_FF_CSV, .section = "Phone Security Profile Information",
        .help = "Up to 75 letters, digits, blanks and . - _ ( ) + /; for a shared certificate its "
                "DNS name, character by character (R100, R102)." },
    [RL_PROFILE_TYPE] = {
        .name = "type", .label = "Phone Type", .kind = RL_F_REF, .ref = RL_TYPE,
        .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED,
        .help = "The model that the profile is for; it decides which fields there are (R82, R88)." },
    [RL_PROFILE_PROTOCOL] = {
        .name = "protocol", .label = "Device Protocol", .kind = RL_F_ENUM, .values = protocols,
        .def = "SIP", .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED,
        .help = "SIP or SCCP; one of the protocols of the type (R62)." },
    [RL_PROFILE_DESCRIPTION] = {
        .name = "description", .label = "Description", .kind = RL_F_TEXT, .max = 50,
        .forbidden = RL_DESCRIPTION_FORBIDDEN, .flags = RL_FF_CSV,
        .help = "Any words, up to 50 characters; not \" % & \\ < >." },
    [RL_PROFILE_MODE] = {
        .name = "mode", .label = "Device Security Mode", .kind = RL_F_ENUM, .values = modes,
        .labels = mode_labels, .def = "nonsecure", .flags = RL_FF_CSV,
        .help = "How the phones register; there only for types that have TLS (R82)." },
    [RL_PROFILE_TRANSPORT] = {
        .name = "transport", .label = "Transport Type", .kind = RL_F_ENUM, .values = transports,
        .labels = transport_labels, .def = "tcp+udp", .flags = RL_FF_CSV,
        .help = "TLS with a secure mode, set by the system; else TCP, UDP or both (R106)." },
    [RL_PROFILE_DIGEST] = {
        .name = "digest", .label = "Enable Digest Authentication", .kind = RL_F_BOOL, .def = "no",
        .flags = RL_FF_CSV,
        .help = "Every request of a SIP phone is challenged; gives neither integrity nor "
                "secrecy (R81, R126)." },
    [RL_PROFILE_ENC_CONFIG] = {
        .name = "encrypted_config", .label = "TFTP Encrypted Config", .kind = RL_F_BOOL,
        .def = "no", .flags = RL_FF_CSV,
        .help = "The phone's configuration file is encrypted, where the type can (R129)." },
    [RL_PROFILE_SIP_PORT] = {
        .name = "sip_port", .label = "SIP Phone Port", .kind = RL_F_INT, .min = 1, .max = 65535,
        .def = "5060", .flags = RL_FF_CSV, .section = "Parameters Used in Phone",
        .help = "Where the phone listens with UDP, 1 to 65535; TCP and TLS ignore it." },
    [RL_PROFILE_NONCE_VALIDITY] = {
        .name = "nonce_validity", .label = "Nonce Validity Time", .kind = RL_F_INT, .min = 1,
        .max = 2147483647, .def = "600", .section = "Phone Security Profile Information",
        .help = "Seconds after which a challenge is made anew." },
    [RL_PROFILE_OAUTH] = {
        .name = "oauth", .label = "Enable OAuth Authentication", .kind = RL_F_BOOL, .def = "no",
        .help = "Only with mode Encrypted and transport TLS, without digest and encrypted "
                "configuration." },
    [RL_PROFILE_EXCLUDE_DIGEST] = {
        .name = "exclude_digest", .label = "Exclude Digest Credentials in Configuration File",
        .kind = RL_F_BOOL, .def = "no",
        .help = "For phones at which the credentials are typed in (R127)." },
    [RL_PROFILE_AUTH_MODE] = {
        .name = "auth_mode", .label = "Authentication Mode", .kind = RL_F_ENUM,
        .values = rl_auth_modes, .labels = rl_auth_mode_labels, .def = "null-string",
        .section = "Phone Security Profile CAPF Information",
        .help = "How CAPF knows the phone when it installs an LSC (R67, R73); use a MIC to get the "
                "LSC only, and the LSC for TLS (R71)." },
    [RL_PROFILE_KEY_ORDER] = {
        .name = "key_order", .label = "Key Order", .kind = RL_F_ENUM, .values = rl_key_orders,
        .labels = rl_key_order_labels, .def = "rsa",
        .help = "Which kind of key the phone makes for its LSC." },
    [RL_PROFILE_RSA_SIZE] = {
        .name = "rsa_size", .label = "RSA Key Size", .kind = RL_F_ENUM, .values = rl_rsa_sizes,
        .def = "2048",
        .help = "Bits of an RSA key; not used with EC Only, and at most what the type can." },
    [RL_PROFILE_EC_SIZE] = {
        .name = "ec_size", .label = "EC Key Size", .kind = RL_F_ENUM, .values = rl_ec_sizes,
        .help = "Bits of an EC key; not used with RSA Only." },
    [RL_PROFILE_SETTINGS_ACCESS] = {
        .name = "settings_access", .label = "Settings Access", .kind = RL_F_ENUM,
        .values = rl_settings_access, .labels = rl_settings_access_labels,
        .section = "Product Specific Configuration",
        .help = "Disabled: no settings at the phone, the volume cannot be saved; Restricted: "
                "contrast and ringer only; empty: as the site (R130)." },
    [RL_PROFILE_WEB_ACCESS] = {
        .name = "web_access", .label = "Web Access", .kind = RL_F_ENUM,
        .values = rl_web_access, .labels = rl_web_access_labels,
        .help = "Disabled: the phone's pages are off, quality report tool and web-based "
                "serviceability stop; empty: as the site (R130)." },
    [RL_PROFILE_SSH_ACCESS] = {
        .name = "ssh_access", .label = "SSH Access", .kind = RL_F_ENUM,
        .values = rl_onoff, .labels = rl_onoff_labels,
        .help = "Disabled: no shell, which support staff may need; empty: as the site (R130)." },
    [RL_PROFILE_PC_PORT] = {
        .name = "pc_port", .label = "PC Port", .kind = RL_F_ENUM,
        .values = rl_onoff, .labels = rl_onoff_labels,
        .help = "Disabled: the port behind the phone is dead, a PC on it loses its network; "
                "empty: as the site (R130)." },
    [RL_PROFILE_SPAN_TO_PC] = {
        .name = "span_to_pc", .label = "Span to PC Port", .kind = RL_F_ENUM,
        .values = rl_onoff, .labels = rl_onoff_labels,
        .help = "Disabled: no copy of the phone's traffic at the PC port, recording by it stops; "
                "empty: as the site (R130)." },
    [RL_PROFILE_VOICE_VLAN_ACCESS] = {
        .name = "voice_vlan_access", .label = "PC Voice VLAN Access", .kind = RL_F_ENUM,
        .values = rl_onoff, .labels = rl_onoff_labels,
        .help = "Disabled: the PC cannot reach the voice VLAN, and monitoring there sees nothing; "
                "empty: as the site (R130)." },
    [RL_PROFILE_GARP] = {
        .name = "garp", .label = "Gratuitous ARP", .kind = RL_F_ENUM,
        .values = rl_onoff, .labels = rl_onoff_labels,
        .help = "Disabled: the phone believes no ARP that it did not ask for; empty: as the site "
                "(R130)." },
    [RL_PROFILE_CERTIFICATE] = {
        .name = "certificate", .label = "Shared Certificate", .kind = RL_F_REF,
        .ref = RL_CERTIFICATE, .section = "Phone Security Profile Information",
        .help = "The certificate on file whose DNS name the profile's name equals; found by the "
                "system when left empty (R100, R103)." },
    [RL_PROFILE_PREDEFINED] = {
        .name = "predefined", .label = "Predefined", .kind = RL_F_BOOL, .def = "no",
        .flags = RL_FF_SYSTEM, .section = "Phone Security Profile Information",
        .help = "Made at installation; can be copied, not changed or removed." },
};
