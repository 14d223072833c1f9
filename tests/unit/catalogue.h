/* For tests of rules: types of the shipped catalogue, and rows written as "field=value,
 * field=value". */
#ifndef TESTS_UNIT_CATALOGUE_H
#define TESTS_UNIT_CATALOGUE_H

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "control/pack.h"
#include "ringlock/buf.h"

enum { CATALOGUE_MAX = 32 };
static struct rl_pack catalogue[CATALOGUE_MAX];
static size_t catalogue_packs;

static void read_packs(const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found))
        return;
    for (size_t i = 0; i < found.gl_pathc && catalogue_packs < CATALOGUE_MAX; i++) {
        struct rl_problems problems = {0};
        rl_pack_read(found.gl_pathv[i], true, &catalogue[catalogue_packs++], &problems);
        rl_problems_fini(&problems);
    }
    globfree(&found);
}

static int catalogue_open(void **state)
{
    (void)state;
    read_packs("data/packs/*.ini");
    read_packs("data/packs/vendor/*.ini");
    return catalogue_packs ? 0 : -1;
}

static int catalogue_close(void **state)
{
    (void)state;
    while (catalogue_packs)
        rl_pack_fini(&catalogue[--catalogue_packs]);
    return 0;
}

/* NULL if there is none. */
static const struct rl_row *catalogue_type(const char *model)
{
    for (size_t p = 0; p < catalogue_packs; p++)
        for (size_t i = 0; i < catalogue[p].n; i++)
            if (rl_row_is(&catalogue[p].type[i], RL_TYPE_MODEL, model))
                return &catalogue[p].type[i];
    return NULL;
}

/* Set fields of a row from "mode=encrypted, digest=yes". True if `field` was among them. */
static bool row_set(struct rl_row *row, const char *spec, int field)
{
    char *copy = rl_strdup(spec), *rest = copy, *part;
    bool among = false;
    while ((part = strsep(&rest, ","))) {
        char *value = strchr(part, '=');
        if (!value)
            continue;
        *value++ = '\0';
        int at = rl_field_index(row->obj, part + strspn(part, " "));
        rl_row_set(row, at, value);
        among |= at == field;
    }
    free(copy);
    return among;
}

/* The codes in a list, divided by blanks. Frees the list. Owned by the caller. */
static char *codes_of(struct rl_problems *problems)
{
    struct rl_buf out = {0};
    for (size_t i = 0; i < problems->n; i++)
        rl_buf_addf(&out, "%s%s", i ? " " : "", rl_code_info(problems->item[i].code)->tag);
    rl_problems_fini(problems);
    return rl_buf_take(&out);
}

#endif
