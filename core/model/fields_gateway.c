#include "model/tables.h"

static const char *const protocols[] = {"SIP", "SCCP", "MGCP", "H.323", NULL};

/* clang-format off */
const struct rl_field rl_gateway_fields[RL_GATEWAY_FIELDS] = {
    [RL_GATEWAY_NAME] = {
        .name = "name", .label = "Device Name", .kind = RL_F_TEXT, .max = 64, .allowed = "._-",
        .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_IDENT, .section = "Device Information",
        .help = "How the gateway, trunk or bridge names itself." },
    [RL_GATEWAY_TYPE] = {
        .name = "type", .label = "Gateway Type", .kind = RL_F_REF, .ref = RL_TYPE,
        .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED,
        .help = "The model, of the catalogue; it decides alone whether the device is trusted (R46)." },
    [RL_GATEWAY_PROTOCOL] = {
        .name = "protocol", .label = "Device Protocol", .kind = RL_F_ENUM, .values = protocols,
        .def = "SIP", .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED,
        .help = "What the gateway speaks; one of the protocols of its type (R62)." },
    [RL_GATEWAY_DESCRIPTION] = {
        .name = "description", .label = "Description", .kind = RL_F_TEXT, .max = 50,
        .forbidden = RL_DESCRIPTION_FORBIDDEN, .flags = RL_FF_CSV,
        .help = "Any words, up to 50 characters; not \" % & \\ < >." },
    [RL_GATEWAY_ADDRESS] = {
        .name = "address", .label = "Address", .kind = RL_F_TEXT, .max = 253, .allowed = ".:-",
        .flags = RL_FF_CSV | RL_FF_HOST,
        .help = "The address of its calls: IPv4, IPv6 or the name of a host; only an IP address "
                "tells which calls are its own." },
    [RL_GATEWAY_SRTP_ALLOWED] = {
        .name = "srtp_allowed", .label = "SRTP Allowed", .kind = RL_F_BOOL, .def = "no",
        .section = "Protocol Specific Information",
        .help = "Whether the gateway may offer and answer encrypted media." },
};
