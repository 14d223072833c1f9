#include "ringlock/protocol.h"

const char *const rl_role_names[] = {"none", "viewer", "operator", "administrator", 0};
