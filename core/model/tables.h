/* The field tables of the objects; the rest of the program reaches them by rl_object(). */
#ifndef RL_MODEL_TABLES_H
#define RL_MODEL_TABLES_H

#include "ringlock/model.h"

extern const struct rl_field rl_phone_fields[RL_PHONE_FIELDS];
extern const struct rl_field rl_gateway_fields[RL_GATEWAY_FIELDS];
extern const struct rl_field rl_profile_fields[RL_PROFILE_FIELDS];
extern const struct rl_field rl_user_fields[RL_USER_FIELDS];
extern const struct rl_field rl_certificate_fields[RL_CERTIFICATE_FIELDS];
extern const struct rl_field rl_type_fields[RL_TYPE_FIELDS];

/* Choices of CAPF, which profiles and phones have alike. */
extern const char *const rl_auth_modes[], *const rl_auth_mode_labels[];
extern const char *const rl_key_orders[], *const rl_key_order_labels[];
extern const char *const rl_rsa_sizes[], *const rl_ec_sizes[];

/* What a description never holds (profiles.md 1). */
#define RL_DESCRIPTION_FORBIDDEN "\"%&\\<>"

#endif
