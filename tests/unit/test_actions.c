/* Every key that can be pressed on a screen does one thing there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "console/ui.h"

/* The first key of `a` that `b` has, too: its length; 0 if there is none. */
static size_t shared_key(const struct ui_action *a, const struct ui_action *b, const char **key)
{
    for (*key = a->keys; *key && **key;) {
        size_t n = strcspn(*key, ",");
        if (ui_keys_hold(b->keys, ui_key_parse(*key, n)))
            return n;
        *key += n + ((*key)[n] == ',');
    }
    return 0;
}

static int count_shadowed(const struct ui_view *view)
{
    const struct ui_action *a, *b;
    const char *key;
    int bad = 0;
    for (size_t i = 0; (a = ui_action_at(view, i, NULL)); i++)
        for (size_t j = i + 1; (b = ui_action_at(view, j, NULL)); j++) {
            size_t n = shared_key(a, b, &key);
            if (n > 0) {
                print_error("%s: %.*s is %s and %s\n", view->screen->name, (int)n, key, a->name,
                            b->name);
                bad++;
            }
        }
    return bad;
}

static void no_key_is_shadowed(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; ui_screens[i]; i++) {
        const struct ui_view view = {.class = ui_screens[i]->class, .screen = ui_screens[i]};
        bad += count_shadowed(&view);
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_key_is_shadowed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
