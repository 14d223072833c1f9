/* The table of methods is what ringlock/protocol.h says, name by name, with role and parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/rpc.h"

static char contract[65536];

static int read_contract(void **state)
{
    FILE *f = fopen("include/ringlock/protocol.h", "r");
    (void)state;
    assert_non_null(f);
    contract[fread(contract, 1, sizeof contract - 1, f)] = '\0';
    fclose(f);
    return 0;
}

/* The entry of one method: its row and those that continue it. Owned by the caller. */
static char *entry_of(const char *name)
{
    char *start = rl_asprintf("\n *  %s ", name);
    const char *row = strstr(contract, start), *end;
    free(start);
    if (!row)
        return NULL;
    for (end = strchr(row + 1, '\n'); strncmp(end, "\n *          ", 12) == 0;)
        end = strchr(end + 1, '\n');
    return rl_strndup(row, (size_t)(end - row));
}

static void every_method_is_in_the_contract(void **state)
{
    (void)state;
    for (size_t i = 0; i < rl_rpc_nmethods; i++) {
        const struct rl_rpc_method *m = &rl_rpc_methods[i];
        char *entry = entry_of(m->name), role[32], name[32];
        if (!entry)
            fail_msg("%s is not in protocol.h", m->name);
        assert_int_equal(sscanf(entry, "\n * %31s %31s", name, role), 2);
        assert_string_equal(role, m->role == RL_ROLE_NONE ? "-" : rl_role_names[m->role]);
        for (const struct rl_param *p = m->params; p->name; p++)
            if (!strstr(entry, p->name))
                fail_msg("%s: protocol.h does not name %s", m->name, p->name);
        free(entry);
    }
}

static void every_method_of_the_contract_is_there(void **state)
{
    size_t rows = 0;
    char name[32], role[32];
    (void)state;
    for (const char *row = contract; (row = strstr(row, "\n *  ")); row++)
        if (sscanf(row, "\n *  %31[a-z._] %31[a-z-]", name, role) == 2 &&
            (strcmp(role, "-") == 0 || strcmp(role, "viewer") == 0 ||
             strcmp(role, "operator") == 0 || strcmp(role, "administrator") == 0))
            rows++;
    assert_int_equal(rows, rl_rpc_nmethods);
}

static void names_are_unique_and_reading_needs_no_more_than_viewer(void **state)
{
    (void)state;
    for (size_t i = 0; i < rl_rpc_nmethods; i++) {
        const char *name = rl_rpc_methods[i].name;
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(name, rl_rpc_methods[k].name);
        if (strstr(name, ".list") || strstr(name, ".show") || strstr(name, ".count"))
            assert_int_equal(rl_rpc_methods[i].role, RL_ROLE_VIEWER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_is_in_the_contract),
        cmocka_unit_test(every_method_of_the_contract_is_there),
        cmocka_unit_test(names_are_unique_and_reading_needs_no_more_than_viewer),
    };
    return cmocka_run_group_tests(tests, read_contract, NULL);
}
