#include "model/tables.h"

/* clang-format off */
const struct rl_field rl_user_fields[RL_USER_FIELDS] = {
    [RL_USER_ID] = {
        .name = "id", .label = "User ID", .kind = RL_F_TEXT, .max = 128, .allowed = "._-+@",
        .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_IDENT, .section = "User Information",
        .help = "The name that the phone gives when it is challenged." },
    [RL_USER_NAME] = {
        .name = "name", .label = "Name", .kind = RL_F_TEXT, .max = 128, .flags = RL_FF_CSV,
        .help = "The name of the person or place." },
    [RL_USER_DIGEST_PASSWORD] = {
        .name = "digest_password", .label = "Digest Credentials", .kind = RL_F_SECRET, .max = 128,
        .allowed = "", .flags = RL_FF_CSV, .section = "Digest Authentication",
        .help = "Letters and digits; left empty, what is stored stays (R125)." },
};
