/* The table of configuration keys; see config.h for what is done with it. */
#ifndef RL_ENGINE_CONFIG_KEYS_H
#define RL_ENGINE_CONFIG_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/config.h"

enum rl_config_kind {
    RL_CONF_TEXT,
    RL_CONF_PATH,     /* absolute, or empty */
    RL_CONF_RELEASE,  /* "11.5(1)SU1", or empty */
    RL_CONF_TOKEN,    /* letters, digits, '-' and '_', or empty */
    RL_CONF_SECRET,   /* as text; never repeated in a message */
    RL_CONF_LIST,     /* names divided by blanks or commas */
    RL_CONF_NUMBERS,  /* a list of whole numbers, each min..max */
    RL_CONF_NETWORKS, /* a list of addresses and networks: 10.0.0.0/8, ::1 */
    RL_CONF_HOSTS,    /* a list of names or addresses of servers, at most RL_CONFIG_SERVERS */
    RL_CONF_URL,      /* http or https, printable ASCII, or empty */
    RL_CONF_ENDPOINT, /* HOST:PORT with a numeric address; empty where the default is */
    RL_CONF_ENUM,     /* one of values[], stored as its index */
    RL_CONF_NUMBER,   /* min..max */
    RL_CONF_SIZE,     /* bytes, with K, M or G: min..max */
    RL_CONF_DURATION  /* with s, m, h or d, stored as microseconds; min..max in seconds */
};

struct rl_config_key {
    const char *section, *name;
    enum rl_config_kind kind;
    size_t at; /* offset in struct rl_config */
    const char *def;
    int64_t min, max;
    const char *const *values;
    const char *help; /* one sentence */
};

extern const struct rl_config_key rl_config_keys[];
extern const size_t rl_config_nkeys;

/* Set one value of `config` from text. On failure *why is a static text: what the value must be. */
bool rl_config_set(struct rl_config *config, const struct rl_config_key *key, const char *text,
                   const char **why);

#endif
