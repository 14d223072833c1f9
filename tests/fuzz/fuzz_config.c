/* ringlock.conf: taken whole or refused whole; every problem has a line; what is taken is in range.
 */
#include <assert.h>
#include <string.h>

#include "engine/config_keys.h"
#include "ringlock/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void assert_number(const struct rl_config *config, const struct rl_config_key *key)
{
    const int64_t *value = (const void *)((const char *)config + key->at);
    int64_t unit = key->kind == RL_CONF_DURATION ? 1000000 : 1;
    assert(*value >= key->min * unit && *value <= key->max * unit);
}

static void assert_taken(const struct rl_config *config)
{
    for (size_t i = 0; i < rl_config_nkeys; i++) {
        const struct rl_config_key *key = &rl_config_keys[i];
        const void *at = (const char *)config + key->at;
        if (key->kind >= RL_CONF_NUMBER)
            assert_number(config, key);
        else if (key->kind != RL_CONF_ENUM)
            assert(*(void *const *)at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_problems problems = {0};
    struct rl_config config;
    enum rl_code code =
        rl_config_parse((const char *)bytes, n, "ringlock.conf", &config, &problems);
    assert((code == RL_OK) == (problems.n == 0));
    for (size_t i = 0; i < problems.n; i++)
        assert(problems.item[i].line > 0);
    assert_taken(&config);
    rl_config_fini(&config);
    rl_problems_fini(&problems);
    return 0;
}
