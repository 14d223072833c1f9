/* Which form the configuration file of a phone has (profiles.md 6, R129). Pure. */
#ifndef RL_POLICY_PUBLISH_H
#define RL_POLICY_PUBLISH_H

#include "ringlock/model.h"

enum rl_file_form {
    RL_FILE_SIGNED,    /* whole, readable */
    RL_FILE_ENCRYPTED, /* for the key of the phone's certificate; a short one beside it */
    RL_FILE_TYPED_KEY, /* for a key that is typed in at the phone, likewise */
    RL_FILE_SHORT      /* the short one alone: it shall be encrypted, and cannot be */
};
/* "signed", "encrypted", "typed-key", "short"; in the order of the enum. Static. */
extern const char *const rl_file_form_names[];

/* All borrowed. */
struct rl_file_in {
    const struct rl_row *phone, *type, *profile;
    bool certificate;  /* one of its own is on file */
    size_t key_digits; /* of the key typed in; 0 = none */
};

/* The form of a phone's files; `why` says what keeps it from the one that the profile asks for
 * (W-ENC-KEY), and is left alone else. */
enum rl_file_form rl_policy_file_form(const struct rl_file_in *in, struct rl_err *why);

/* True if digest credentials go into a file of this form: they are asked for, not excluded, and
 * never in the short one. */
bool rl_policy_file_credentials(const struct rl_row *profile, enum rl_file_form form);

/* By SHA-512, where the site says so and the type knows more than SHA-1 (R133). */
bool rl_policy_file_sha512(const struct rl_row *type, bool site);

/* capfAuthMode of a phone for which an operation waits, by its profile: 1 to 4. */
int rl_policy_capf_auth_mode(const struct rl_row *profile);

#endif
