/* Texts of the wizards' pages: the line of steps, and where a name leaves the one wanted (R102). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "console/wizard_text.h"

static void check_steps(const char *kind, const char *const *states, int at, int width, bool brief,
                        const char *want)
{
    struct rl_buf b = {0};
    ui_wizard_steps(rl_wizard_find(kind), states, at, width, brief, &b);
    assert_string_equal(rl_buf_str(&b), want);
    rl_buf_fini(&b);
}

static void steps_are_always_there(void **state)
{
    (void)state;
    static const char *const fresh[] = {"open", "open", "open", "open", "open", "open", "open"};
    static const char *const fourth[] = {"ok",   "ok",   "ok",   "problem", "open",
                                         "open", "open", "open", "open",    "open"};
    static const char *const mixed[] = {"ok", "problem", "again", "open", "open", "open", "open"};
    check_steps("per-device", fresh, 0, 80, false,
                " >1 Upload  2 Profiles  3 New profile  4 Add phone  5 Type  6 Fields  7 Assign\n"
                " End check");
    check_steps("shared", fourth, 3, 80, false,
                " 1 Certificate ok  2 Upload ok  3 Profiles ok >4 Name  5 Mode  6 Transport\n"
                " 7 Add phone  8 Type  9 Fields  10 Assign  End check");
    check_steps("per-device", mixed, 7, 60, false,
                " 1 Upload ok  2 Profiles !!  3 New profile again\n"
                " 4 Add phone  5 Type  6 Fields  7 Assign >End check");
    check_steps("shared", fourth, 3, 60, true,
                " 1 ok  2 ok  3 ok >4 Name  5  6  7  8  9  10  End check");
}

static void check_difference(const char *wanted, const char *given, int character, int cells,
                             const char *words)
{
    struct ui_difference d;
    assert_true(ui_wizard_difference(wanted, given, &d));
    assert_int_equal(d.character, character);
    assert_int_equal(d.cells, cells);
    assert_string_equal(d.words, words);
}

static void first_differences_are_named(void **state)
{
    (void)state;
    static const char san[] = "AscomGroup01.acme.com";
    struct ui_difference d;
    assert_false(ui_wizard_difference(san, san, &d));
    assert_false(ui_wizard_difference("", "", &d));
    check_difference(san, "Ascomgroup01.acme.com", 6, 5,
                     "character 6: \"G\" is wanted, \"g\" is here");
    check_difference(san, "AscomGroup01", 13, 12, "character 13: \".\" is wanted, the end is here");
    check_difference(san, "AscomGroup01.acme.com.", 22, 21,
                     "character 22: the end is wanted, \".\" is here");
    check_difference(san, "AscomGroup01.acme.com ", 22, 21,
                     "character 22: the end is wanted, a blank is here");
    check_difference(san, " AscomGroup01.acme.com", 1, 0,
                     "character 1: \"A\" is wanted, a blank is here");
    check_difference(san, "*.acme.com", 1, 0, "character 1: \"A\" is wanted, \"*\" is here");
    check_difference(san, "", 1, 0, "character 1: \"A\" is wanted, the end is here");
    check_difference(san, "AscomGroup01.acme.c\xd0\xbem", 20, 19,
                     "character 20: \"o\" is wanted, \"\xd0\xbe\" (U+043E) is here");
    check_difference(san, "AscomGroup01\xe2\x80\x8b.acme.com", 13, 12,
                     "character 13: \".\" is wanted, \"\\u200b\" (U+200B) is here");
    check_difference("\xe4\xb8\xad.x", "\xe4\xb8\xad.y", 3, 3,
                     "character 3: \"x\" is wanted, \"y\" is here");
    check_difference("a", "\xff", 1, 0, "character 1: \"a\" is wanted, \"\\xff\" is here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_always_there),
        cmocka_unit_test(first_differences_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
