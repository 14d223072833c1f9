/* Device packs: a pack is taken whole or refused whole, what is taken has passed the field tables,
 * and iniparser sees the keys where the locator saw them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/pack.h"
#include "ringlock/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void assert_type_is_good(const struct rl_row *type)
{
    for (int f = 0; f < RL_TYPE_FIELDS; f++) {
        char *value;
        assert(rl_field_normalise(type->obj, f, rl_row_get(type, f), &value, NULL) == RL_OK);
        assert(strcmp(value, rl_row_get(type, f)) == 0);
        free(value);
    }
    assert(*rl_row_get(type, RL_TYPE_PROTOCOLS));
    assert(!rl_row_yes(type, RL_TYPE_TRUSTED) || *rl_row_get(type, RL_TYPE_CRITERIA)); /* R37 */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_problems problems = {0};
    struct rl_pack pack;
    enum rl_code code = rl_pack_parse((const char *)bytes, n, "pack.ini", false, &pack, &problems);
    assert((code == RL_OK) == (problems.n == 0) && (code == RL_OK) == (pack.n > 0));
    for (size_t i = 0; i < pack.n; i++)
        assert_type_is_good(&pack.type[i]);
    for (size_t i = 0; i < problems.n; i++)
        assert(problems.item[i].line > 0 &&
               rl_text_is_utf8(problems.item[i].text, strlen(problems.item[i].text)));
    rl_pack_fini(&pack);
    rl_problems_fini(&problems);
    return 0;
}
