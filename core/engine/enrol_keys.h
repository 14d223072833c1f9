/* Private-key operations for enrol: a thread that answers its questions (enrol/keyask.h), one at a
 * time, with our own keys of CAPF and TVS, and only such as a TLS handshake asks. */
#ifndef RL_ENGINE_ENROL_KEYS_H
#define RL_ENGINE_ENROL_KEYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rl_engine;
struct rl_enrol_keys;

/* What is allowed, and what was done since the engine began. */
struct rl_enrol_key_use {
    atomic_bool old_tls; /* decrypting, for RSA key exchange */
    atomic_ullong signatures, decryptions, refused;
};

/* Serve the socket (SOCK_SEQPACKET), which is taken, until it is stopped or the other end closes.
 * NULL if there can be no thread. `use` is borrowed. */
struct rl_enrol_keys *rl_enrol_keys_start(const struct rl_engine *engine, int fd,
                                          struct rl_enrol_key_use *use);
/* Wait for the end of its last answer. NULL-safe. */
void rl_enrol_keys_stop(struct rl_enrol_keys **keys);

#endif
