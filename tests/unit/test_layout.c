/* Column widths, cut texts, rows of keys and broken lines, as text without a screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "console/layout.h"
#include "ringlock/buf.h"

static void check_widths(const struct ui_room *room, size_t n, int total, const int *want)
{
    int width[8] = {0};
    ui_layout_columns(room, n, total, width);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(width[i], want[i]);
}

static void columns_share_the_room(void **state)
{
    (void)state;
    const struct ui_room room[] = {
        {.min = 4, .pref = 4,  .prio = 1},
        {.min = 8, .pref = 20, .prio = 1},
        {.min = 5, .pref = 10, .prio = 4},
    };
    check_widths(room, 3, 40, (const int[]){4, 20, 10});
    check_widths(room, 3, 36, (const int[]){4, 20, 10}); /* exactly */
    check_widths(room, 3, 30, (const int[]){4, 19, 5});  /* the first in prio grows first */
    check_widths(room, 3, 18, (const int[]){4, 13, 0});  /* prio 4 is dropped */
    check_widths(room, 3, 10, (const int[]){4, 5, 0});   /* prio 1 is cut, not dropped */
}

static void columns_take_no_more_than_they_need(void **state)
{
    (void)state;
    const struct ui_room room[] = {
        {.min = 4, .pref = 20, .prio = 1, .need = 6 },
        {.min = 4, .pref = 10, .prio = 2, .need = 30},
    };
    check_widths(room, 2, 30, (const int[]){6, 23});
    check_widths(room, 2, 60, (const int[]){6, 30});
}

static void check_fit(const char *text, int width, enum ui_align align, const char *want)
{
    struct rl_buf b = {0};
    ui_fit(&b, text, width, align);
    assert_string_equal(rl_buf_str(&b), want);
    rl_buf_fini(&b);
}

static void texts_are_cut_and_padded(void **state)
{
    (void)state;
    check_fit("Lobby", 8, UI_LEFT, "Lobby   ");
    check_fit("Lobby", 8, UI_RIGHT, "   Lobby");
    check_fit("Lobby", 5, UI_LEFT, "Lobby");
    check_fit("Reception", 5, UI_LEFT, "Rece~");
    check_fit("Reception", 0, UI_LEFT, "");
    check_fit("\u4e2d\u6587\u4e2d", 5, UI_LEFT, "\u4e2d\u6587~"); /* wide: two cells each */
    check_fit("\u4e2d\u6587\u4e2d", 4, UI_LEFT, "\u4e2d~ ");
    check_fit("e\u0301te\u0301", 3, UI_LEFT, "e\u0301te\u0301"); /* marks take none */
}

static void keys_end_with_the_last(void **state)
{
    (void)state;
    const char *const items[] = {"Enter open", "A add", "? help"};
    struct rl_buf b = {0};
    ui_layout_keys(&b, items, 3, 3, 40);
    assert_string_equal(b.data, "Enter open  A add  ? help");
    rl_buf_clear(&b);
    ui_layout_keys(&b, items, 3, 3, 20);
    assert_string_equal(b.data, "Enter open  ? help");
    rl_buf_clear(&b);
    ui_layout_keys(&b, items, 3, 3, 4);
    assert_string_equal(b.data, "? help");
    rl_buf_clear(&b);
    ui_layout_keys(&b, items, 3, 1, 18); /* the way out goes before what is done */
    assert_string_equal(b.data, "A add  ? help");
    rl_buf_clear(&b);
    ui_layout_keys(&b, items, 3, 1, 12);
    assert_string_equal(b.data, "? help");
    rl_buf_fini(&b);
}

static void add_line(void *ctx, const char *line)
{
    rl_buf_addf(ctx, "%s|", line);
}

static void check_wrap(const char *text, int width, const char *want)
{
    struct rl_buf b = {0};
    ui_wrap(text, width, add_line, &b);
    assert_string_equal(rl_buf_str(&b), want);
    rl_buf_fini(&b);
}

static void lines_are_broken_at_blanks(void **state)
{
    (void)state;
    check_wrap("one two three", 7, "one two|three|");
    check_wrap("one two three", 80, "one two three|");
    check_wrap("unbreakable", 4, "unbr|eaka|ble|");
    check_wrap("", 10, "");
    check_wrap("wide \u4e2d\u6587", 2, "wi|de|\u4e2d|\u6587|");
    check_wrap("a", 0, "a|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_share_the_room),
        cmocka_unit_test(columns_take_no_more_than_they_need),
        cmocka_unit_test(texts_are_cut_and_padded),
        cmocka_unit_test(keys_end_with_the_last),
        cmocka_unit_test(lines_are_broken_at_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
