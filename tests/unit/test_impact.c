/* What replacing one of the server's own certificates does to phones, and the safe order: each row
 * names its source. [13] is security-model.md 13. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/impact.h"

enum {
    CM = RL_IMPACT_CALLMANAGER,
    TFTP = RL_IMPACT_TFTP,
    CAPF = RL_IMPACT_CAPF,
    TVS = RL_IMPACT_TVS,
    REC = RL_IMPACT_ITLRECOVERY,
    REGENERATE = RL_IMPACT_REGENERATE,
    ACTIVATE = RL_IMPACT_ACTIVATE,
    RETIRE = RL_IMPACT_RETIRE,
    REMOVE = RL_IMPACT_REMOVE
};

enum { LISTS = 1, FILES = 2, NEXT = 4, FORMER = 8, LISTED = 16, TVS_MOVES = 32 };

/* A site of ten phones. */
struct row {
    const char *source;
    int role, act;
    unsigned is;
    size_t holders, lacking, secure, lscs, unsigned_yet;
    const char *wanted;
};

static struct rl_impact_facts facts_of(const struct row *r)
{
    return (struct rl_impact_facts){.name = "X",
                                    .role = (enum rl_impact_role)r->role,
                                    .act = (enum rl_impact_act)r->act,
                                    .lists = r->is & LISTS,
                                    .files = r->is & FILES,
                                    .next = r->is & NEXT,
                                    .former = r->is & FORMER,
                                    .listed = r->is & LISTED,
                                    .tvs_moves = r->is & TVS_MOVES,
                                    .phones = 10,
                                    .holders = r->holders,
                                    .lacking = r->lacking,
                                    .secure = r->secure,
                                    .lscs = r->lscs,
                                    .unsigned_yet = r->unsigned_yet};
}

/* clang-format off */
/* source, role, act, what is; holders, lacking, secure, LSCs, files another one signed; "kind phones" of each effect */
static const struct row rows[] = {
    /* nobody has a list: nobody trusts anything yet */
    {"R15", CM, REGENERATE, 0, 0, 0, 6, 0, 0, ""},
    {"R15", REC, REMOVE, 0, 0, 0, 6, 0, 0, ""},
    /* at once: no list has it */
    {"R16", CM, REGENERATE, LISTS, 10, 0, 6, 0, 0, "register 6"},
    {"R12", CM, REMOVE, LISTS, 10, 0, 20, 0, 0, "register 10"},
    {"R16 nonsecure phones", CM, REGENERATE, LISTS, 10, 0, 0, 0, 0, ""},
    {"[13] TFTP", TFTP, REGENERATE, LISTS | FILES, 10, 0, 6, 0, 0, "files 10"},
    {"[13] TFTP, no files", TFTP, REGENERATE, LISTS, 10, 0, 6, 0, 0, ""},
    {"[13] ITLRecovery", REC, REGENERATE, LISTS, 10, 0, 6, 0, 0, "trust 10"},
    {"[13] TVS", TVS, REGENERATE, LISTS, 10, 0, 6, 0, 0, "ask 10"},
    {"[13] CAPF", CAPF, REGENERATE, LISTS, 10, 0, 6, 4, 0, "enrol 10"},
    /* in order: only those that have not got the list with the next one */
    {"R16", CM, ACTIVATE, LISTS | LISTED | NEXT, 10, 2, 6, 0, 0, "register 2"},
    {"R16 all have it", CM, ACTIVATE, LISTS | LISTED | NEXT, 10, 0, 6, 0, 0, ""},
    {"[13] ITLRecovery", REC, ACTIVATE, LISTS | LISTED | NEXT, 10, 3, 6, 0, 0, "trust 3"},
    /* phones that nobody saw may have any list */
    {"R16 never seen", REC, ACTIVATE, LISTS | NEXT, 7, 1, 6, 0, 0, "trust 4"},
    {"R16 never seen", CM, ACTIVATE, LISTS | NEXT, 0, 0, 6, 0, 0, "register 6"},
    {"R16 no next one", REC, ACTIVATE, LISTS, 10, 10, 6, 0, 0, ""},
    {"R16 no former one", REC, RETIRE, LISTS, 10, 10, 6, 0, 0, ""},
    /* the former one goes: [13] 5, keep the old CAPF certificate until all LSCs are renewed */
    {"[13] 5", CAPF, RETIRE, FORMER, 10, 0, 6, 4, 0, "register 4"},
    {"[13] 5", CAPF, RETIRE, LISTS | FORMER, 10, 1, 6, 0, 0, "enrol 1"},
    {"[13] 5", CAPF, REMOVE, 0, 10, 0, 6, 4, 0, "register 4"},
    {"[13]", REC, RETIRE, LISTS | FORMER, 10, 1, 6, 0, 0, "trust 1"},
    {"[13]", TFTP, RETIRE, LISTS | FORMER | FILES, 10, 0, 6, 0, 0, ""},
    {"[13] signed before", TFTP, RETIRE, LISTS | FORMER | FILES, 10, 0, 6, 0, 3, "files 3"},
    {"[13] to be signed", TFTP, ACTIVATE, LISTS | NEXT | FILES, 10, 0, 6, 0, 3, ""},
};
/* clang-format on */

static void each_role_does_what_its_source_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_impact_effect effects[RL_IMPACT_EFFECTS];
        char text[256] = "";
        struct rl_impact_facts f = facts_of(&rows[i]);
        size_t n = rl_policy_impact(&f, effects);
        for (size_t k = 0; k < n; k++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %zu", k ? " " : "",
                     rl_impact_kind_name(effects[k].kind), effects[k].phones);
        if (strcmp(text, rows[i].wanted) != 0)
            fail_msg("row %zu (%s): \"%s\", not \"%s\"", i, rows[i].source, text, rows[i].wanted);
    }
}

/* Phones judge the ITL by the CTL that they hold (ctl-itl.md 14), also when none is published. */
static void a_withdrawn_ctl_counts_for_the_signer(void **state)
{
    static const struct row row = {"", REC, ACTIVATE, LISTS | LISTED | NEXT, 10, 0, 6, 0, 0, ""};
    struct rl_impact_effect e[RL_IMPACT_EFFECTS];
    struct rl_impact_facts f = facts_of(&row);
    (void)state;
    f.kept = 3;
    assert_int_equal(rl_policy_impact(&f, e), 1);
    assert_int_equal(e[0].kind, RL_IMPACT_TRUST);
    assert_string_equal(e[0].text, "3 phones would judge the ITL by a CTL from the time of mixed "
                                   "mode: it lacks the signer, so that they have to ask TVS.");
    f.role = RL_IMPACT_CALLMANAGER;
    assert_int_equal(rl_policy_impact(&f, e), 0);
}

static void sentences_say_who_is_known(void **state)
{
    struct rl_impact_effect e[RL_IMPACT_EFFECTS];
    (void)state;
    const struct row row = {"", REC, ACTIVATE, LISTS | NEXT, 7, 1, 6, 0, 0, ""};
    struct rl_impact_facts f = facts_of(&row);
    rl_policy_impact(&f, e);
    assert_memory_equal(e[0].text, "1 phone, and up to 3 never seen with a list, would refuse", 57);
    f.holders = 10;
    rl_policy_impact(&f, e);
    assert_memory_equal(e[0].text, "1 phone would refuse", 20);
    f.lacking = 0;
    f.holders = 9;
    rl_policy_impact(&f, e);
    assert_memory_equal(e[0].text, "Up to 1 phone never seen with a list would refuse", 49);
}

/* Each step: its letter, in upper case if it is done, with a '>' before the next one. */
/* clang-format off */
static const struct row orders[] = {
    {"begin", CM, REGENERATE, LISTS | LISTED, 10, 0, 6, 0, 0, "T >m l w a r"},
    {"TVS first ([13] 4)", TFTP, REGENERATE, LISTS | TVS_MOVES, 10, 0, 6, 0, 0, ">t m l w a f r"},
    {"TVS itself", TVS, REGENERATE, LISTS | NEXT | TVS_MOVES, 10, 10, 6, 0, 0, "M >l w a r"},
    {"made, not listed", CM, REGENERATE, LISTS | NEXT, 10, 10, 6, 0, 0, "T M >l w a r"},
    {"listed, phones lack", CM, REGENERATE, LISTS | NEXT | LISTED, 10, 2, 6, 0, 0, "T M L >w a r"},
    {"listed, some unseen", CM, REGENERATE, LISTS | NEXT | LISTED, 9, 0, 6, 0, 0, "T M L >w a r"},
    {"all have it", CM, REGENERATE, LISTS | NEXT | LISTED, 10, 0, 6, 0, 0, "T M L W >a r"},
    {"no lists", CM, REGENERATE, NEXT, 0, 0, 6, 0, 0, "T M L W >a r"},
    {"used", CM, REGENERATE, LISTS | FORMER | LISTED, 10, 0, 6, 0, 0, "T M L W A >r"},
    {"used, files due", TFTP, REGENERATE, LISTS | FORMER | LISTED, 10, 0, 6, 0, 1, "T M L W A >f r"},
    {"used, files signed", TFTP, REGENERATE, LISTS | FORMER | LISTED, 10, 0, 6, 0, 0, "T M L W A F >r"},
    {"LSCs left ([13] 5)", CAPF, REGENERATE, LISTS | FORMER | LISTED, 10, 0, 6, 3, 0, "T M L W A >n r"},
    {"LSCs renewed", CAPF, REGENERATE, LISTS | FORMER | LISTED, 10, 0, 6, 0, 0, "T M L W A N >r"},
};
/* clang-format on */

static char letter(const struct rl_impact_step *s)
{
    char c = strcmp(s->id, "renew") == 0 ? 'n' : s->id[0];
    return s->done ? (char)(c - 'a' + 'A') : c;
}

static void the_order_is_found_in_the_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct rl_impact_step steps[RL_IMPACT_STEPS];
        char text[64] = "";
        struct rl_impact_facts f = facts_of(&orders[i]);
        size_t n = rl_policy_impact_steps(&f, steps);
        for (size_t k = 0; k < n; k++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%c", k ? " " : "",
                     steps[k].next ? ">" : "", letter(&steps[k]));
        if (strcmp(text, orders[i].wanted) != 0)
            fail_msg("row %zu (%s): \"%s\", not \"%s\"", i, orders[i].source, text,
                     orders[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_does_what_its_source_says),
        cmocka_unit_test(a_withdrawn_ctl_counts_for_the_signer),
        cmocka_unit_test(sentences_say_who_is_known),
        cmocka_unit_test(the_order_is_found_in_the_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
