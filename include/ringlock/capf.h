/* Certificate operations of phones by CAPF (profiles.md 5): what can be ordered, and what is told
 * of it. One table for engine, commands and console. */
#ifndef RINGLOCK_CAPF_H
#define RINGLOCK_CAPF_H

#include <stdbool.h>
#include <stddef.h>

enum rl_capf_operation {
    RL_CAPF_NONE, /* No Pending Operation */
    RL_CAPF_INSTALL,
    RL_CAPF_DELETE,
    RL_CAPF_TROUBLESHOOT,
    RL_CAPF_OPERATIONS
};
/* "none", "install", "delete", "troubleshoot"; NULL-terminated. And as windows call them. */
extern const char *const rl_capf_operation_names[];
extern const char *const rl_capf_operation_labels[];

enum rl_capf_state {
    RL_CAPF_IDLE, /* nothing was ever ordered, or it was taken back */
    RL_CAPF_PENDING,
    RL_CAPF_SUCCESS,
    RL_CAPF_REFUSED, /* failed */
    RL_CAPF_STATES
};
/* "none", "pending", "success", "failed"; NULL-terminated. */
extern const char *const rl_capf_state_names[];

/* Why an operation failed. */
enum rl_capf_why {
    RL_CAPF_WHY_NONE,
    RL_CAPF_INVALID_LSC,
    RL_CAPF_INVALID_STRING,
    RL_CAPF_INVALID_MIC,
    RL_CAPF_INVALID_CREDENTIALS,
    RL_CAPF_COMMUNICATION,
    RL_CAPF_KEY_GENERATION,
    RL_CAPF_LATE,
    RL_CAPF_CA_COMMUNICATION,
    RL_CAPF_CA_REJECTED,
    RL_CAPF_NO_EC,
    RL_CAPF_WHYS
};
/* "", "invalid-lsc", ...; NULL-terminated. */
extern const char *const rl_capf_why_names[];

/* Index of a name in one of these lists; -1 if it is not there. */
int rl_capf_index(const char *const *names, const char *name);

/* True if a status can be told: failures have the reasons of their operation, others have none. */
bool rl_capf_status_exists(enum rl_capf_operation done, enum rl_capf_state state,
                           enum rl_capf_why why);

enum { RL_CAPF_STATUS_TEXT = 80 };
/* "Upgrade Failed: Invalid LSC", "Operation Pending", ... into `out`. `done` is the operation that
 * the status is of. Returns out. */
char *rl_capf_status_text(enum rl_capf_operation done, enum rl_capf_state state,
                          enum rl_capf_why why, char out[RL_CAPF_STATUS_TEXT]);

enum { RL_CAPF_STRING_MIN = 4, RL_CAPF_STRING_MAX = 10 };
/* True if the text is an authentication string: 4 to 10 digits. */
bool rl_capf_string_ok(const char *text);

#endif
