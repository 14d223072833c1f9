/* Bytes of a terminal into keys, with the clock handed in; key names; typed lines; criteria. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console/criteria.h"
#include "console/edit.h"
#include "console/input.h"
#include "ringlock/buf.h"

struct keys {
    struct ui_input *in;
    struct rl_buf seen; /* names, each followed by a blank; pasted text in brackets */
};

static void on_key(void *ctx, int key, const char *text)
{
    struct keys *k = ctx;
    char name[UI_KEY_NAME];
    if (text)
        rl_buf_addf(&k->seen, "[%s] ", text);
    else
        rl_buf_addf(&k->seen, "%s ", key == UI_KEY_BROKEN ? "broken" : ui_key_name(key, name));
}

static int begin(void **state)
{
    struct keys *k = rl_alloc(sizeof *k);
    k->in = ui_input_new(100, on_key, k);
    *state = k;
    return 0;
}

static int end(void **state)
{
    struct keys *k = *state;
    ui_input_free(&k->in);
    rl_buf_fini(&k->seen);
    free(k);
    return 0;
}

static void bytes(struct keys *k, const char *s, int64_t at_ms)
{
    ui_input_bytes(k->in, s, strlen(s), at_ms);
}

static void saw(struct keys *k, const char *want)
{
    assert_string_equal(rl_buf_str(&k->seen), want);
    rl_buf_clear(&k->seen);
}

static void sequences_of_common_terminals(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033[A\033OB\033[1~\033[H\033OF\033[4~", 0);
    saw(k, "Up Down Home Home End End ");
    bytes(k, "\033[[A\033[11~\033OP\033[24~\033[Z\0331", 10);
    saw(k, "F1 F1 F1 F12 S-Tab F1 ");
    bytes(k, "aZ\r\n\t\x7f\x08\x01", 20);
    saw(k, "a Z Enter Enter Tab Backspace Backspace ^A ");
}

static void a_described_sequence_wins(void **state)
{
    struct keys *k = *state;
    ui_input_define(k->in, "\033[A", UI_KEY_F1);
    ui_input_define(k->in, NULL, UI_KEY_F1);
    bytes(k, "\033[A", 0);
    saw(k, "F1 ");
}

static void pieces_within_the_wait_are_one_key(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033", 0);
    assert_int_equal(ui_input_wait(k->in, 40), 60);
    bytes(k, "[", 80);
    bytes(k, "A", 160);
    saw(k, "Up ");
    assert_int_equal(ui_input_wait(k->in, 160), -1);
}

static void a_lone_escape_counts_after_the_wait(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033", 0);
    ui_input_tick(k->in, 99);
    saw(k, "");
    ui_input_tick(k->in, 100);
    saw(k, "Esc ");
    bytes(k, "\033\033", 1000);
    saw(k, "Esc ");
}

static void a_late_rest_is_dropped(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033", 0);
    ui_input_tick(k->in, 100);
    bytes(k, "[B", 140);
    bytes(k, "q", 150);
    saw(k, "Esc broken q ");
    bytes(k, "\033", 1000);
    ui_input_tick(k->in, 1100);
    bytes(k, "O", 1300); /* too late to belong to it */
    saw(k, "Esc O ");
}

/* Esc O A, a byte every 150 ms: no upper-case letter comes of it. */
static void a_slow_arrow_acts_on_nothing(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033", 0);
    ui_input_tick(k->in, 100);
    bytes(k, "O", 150);
    bytes(k, "A", 300);
    saw(k, "Esc broken ");
    bytes(k, "\033", 1000);
    ui_input_tick(k->in, 1100);
    bytes(k, "[", 1150);
    bytes(k, "[", 1300);
    bytes(k, "A", 1450);
    bytes(k, "A", 1451);
    saw(k, "Esc broken A ");
    bytes(k, "\033", 2000);
    ui_input_tick(k->in, 2100);
    bytes(k, "[", 2200);
    bytes(k, "q", 3300); /* nothing followed: a key of its own */
    saw(k, "Esc q ");
}

/* Gaps of 20 to 80 ms, a wait of 100 ms: whole keys of every kind. */
static void slow_lines_bring_whole_keys(void **state)
{
    static const char *const sent[] = {"\033OA", "\033[B", "\033[1~", "\033[[E", "\033[24~"};
    struct keys *k = *state;
    for (int64_t gap = 20; gap <= 80; gap += 20)
        for (size_t i = 0, at = 0; i < sizeof sent / sizeof sent[0]; i++)
            for (const char *p = sent[i]; *p; p++) {
                at += (size_t)gap;
                ui_input_bytes(k->in, p, 1, (int64_t)at + gap * 10000);
            }
    const char *all =
        "Up Down Home F5 F12 Up Down Home F5 F12 Up Down Home F5 F12 Up Down Home F5 F12 ";
    saw(k, all);
}

static void much_text_at_once_was_pasted(void **state)
{
    static const char line[] = "phone-delete\rSEP0011\r";
    (void)state;
    assert_true(ui_input_is_burst(line, sizeof line - 1));
    assert_false(ui_input_is_burst("jjjjjjjjjjjjjjjjjjjjjjjj", 24));
    assert_false(ui_input_is_burst("a name\r", 7));
    assert_false(ui_input_is_burst("\033[B\033[B\033[B\033[B\033[B\033[B", 18));
}

static void unknown_sequences_type_nothing(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033[999~\033[1;5C\033x\033OzA", 0);
    saw(k, "A ");
}

static void text_is_utf8(void **state)
{
    struct keys *k = *state;
    bytes(k, "\xc3", 0);
    bytes(k, "\xa9", 5);
    saw(k, "U+00E9 ");
    bytes(k, "\xe4\xb8\xad\xff\x80z", 10);
    saw(k, "U+4E2D z "); /* what is none, an 8-bit terminal's, takes nothing else with it */
    bytes(k, "\xc3", 20);
    bytes(k, "\033[A", 30);
    bytes(k, "\xe4", 1000);
    bytes(k, "\xb8", 1500);
    bytes(k, "\xad", 2000);
    saw(k, "Up U+4E2D ");
}

static void pasted_text_comes_whole(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033[200~one\033[Atwo\nQ\033[2", 0);
    saw(k, "");
    bytes(k, "01~x", 500);
    saw(k, "[one\033[Atwo\nQ] x ");
}

/* A terminal that dies, or a line that loses bytes, in the middle of a paste: keys work again. */
static void a_paste_without_an_end_ends(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033[200~one", 0);
    assert_int_equal(ui_input_wait(k->in, 1000), 2000);
    bytes(k, "two", 2000);
    ui_input_tick(k->in, 4999);
    saw(k, "");
    bytes(k, "q", 5000);
    saw(k, "[onetwo] q ");
    bytes(k, "\033[201~q", 5010);
    saw(k, "q ");
}

/* What a terminal answers to the program before: nobody's keys. */
static void answers_of_the_terminal_are_dropped(void **state)
{
    struct keys *k = *state;
    bytes(k, "\033]11;rgb:1e1e/1e1e/1e1e\033\\q", 0);
    bytes(k, "\033]52;c;UUQ=\aq\033P>|tmux 3.3a\033\\q\033[?1;2cq\033[I", 10);
    saw(k, "q q q q ");
    bytes(k, "\033]", 1000); /* Alt+] */
    bytes(k, "qq", 1900);
    bytes(k, "q", 2010);
    saw(k, "q ");
}

static void eight_bit_controls_begin_sequences(void **state)
{
    struct keys *k = *state;
    bytes(k,
          "\x9b"
          "A\x8fQ\x9b"
          "5~A",
          0);
    saw(k, "Up F2 PgUp A ");
}

/* Every sequence, split at each place, with pauses shorter and longer than the wait: the key, or
 * none after a lone Esc. */
static void sequences_split_anywhere(void **state)
{
    static const struct {
        const char *bytes, *key;
    } rows[] = {
        {"\033[A",   "Up "   },
        {"\033OA",   "Up "   },
        {"\033[D",   "Left " },
        {"\033[1~",  "Home " },
        {"\033[7~",  "Home " },
        {"\033OF",   "End "  },
        {"\033[6~",  "PgDn " },
        {"\033[[A",  "F1 "   },
        {"\033[11~", "F1 "   },
        {"\033OP",   "F1 "   },
        {"\033[24~", "F12 "  },
        {"\033[3~",  "Del "  },
        {"\033OM",   "Enter "},
        {"\033Op",   "0 "    },
        {"\033[Z",   "S-Tab "},
    };
    struct keys *k = *state;
    int64_t at = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t cut = 1; cut < strlen(rows[i].bytes); cut++)
            for (int64_t gap = 20; gap <= 900; gap += 110) {
                bool late = cut == 1 && gap > 100;
                at += 10000;
                ui_input_bytes(k->in, rows[i].bytes, cut, at);
                ui_input_tick(k->in, at + (gap < 110 ? gap : 110));
                bytes(k, rows[i].bytes + cut, at + gap);
                if (!late)
                    saw(k, rows[i].key);
                else if (gap < 260)
                    saw(k, "Esc broken ");
                rl_buf_clear(&k->seen);
            }
}

static void check_name(int key)
{
    char name[UI_KEY_NAME];
    ui_key_name(key, name);
    assert_int_equal(ui_key_parse(name, strlen(name)), key);
}

static void names_and_numbers(void **state)
{
    (void)state;
    assert_int_equal(ui_key_parse("Enter", 5), UI_KEY_ENTER);
    assert_int_equal(ui_key_parse("F10", 3), UI_KEY_F1 + 9);
    assert_int_equal(ui_key_parse("F13", 3), UI_KEY_NONE);
    assert_int_equal(ui_key_parse("F", 1), 'F');
    assert_int_equal(ui_key_parse("^F", 2), 6);
    assert_int_equal(ui_key_parse("Nonsense", 8), UI_KEY_NONE);
    assert_true(ui_keys_hold("Enter,F3,/", '/'));
    assert_false(ui_keys_hold("Enter,F3,/", 'F'));
    assert_false(ui_keys_hold(NULL, 'F'));
    for (int key = 1; key < 0x7f; key++)
        check_name(key);
    for (int key = UI_KEY_UP; key <= UI_KEY_F12; key++)
        check_name(key);
}

static void type(struct ui_edit *e, const char *keys)
{
    for (; *keys; keys++)
        assert_true(ui_edit_key(e, *keys));
}

static void lines_are_edited(void **state)
{
    struct ui_edit *e = rl_alloc(sizeof *e);
    (void)state;
    type(e, "one two");
    ui_edit_key(e, UI_CTRL('A'));
    type(e, "x");
    ui_edit_key(e, UI_KEY_RIGHT);
    ui_edit_key(e, UI_KEY_DEL);
    assert_string_equal(e->text, "xoe two");
    ui_edit_key(e, UI_KEY_END);
    ui_edit_key(e, UI_CTRL('W'));
    assert_string_equal(e->text, "xoe ");
    ui_edit_key(e, UI_CTRL('U'));
    ui_edit_key(e, 0xe9);
    ui_edit_key(e, 0x4e2d);
    assert_string_equal(e->text, "\u00e9\u4e2d");
    ui_edit_key(e, UI_KEY_BACKSPACE);
    assert_string_equal(e->text, "\u00e9");
    ui_edit_key(e, UI_KEY_LEFT);
    ui_edit_key(e, UI_CTRL('K'));
    assert_string_equal(e->text, "");
    assert_false(ui_edit_key(e, UI_KEY_F1));
    assert_false(ui_edit_key(e, UI_KEY_TAB));
    free(e);
}

static void pasted_lines_become_one(void **state)
{
    struct ui_edit *e = rl_alloc(sizeof *e);
    (void)state;
    assert_int_equal(ui_edit_paste(e, "one\ntwo\x1b[A\n"), 0);
    assert_string_equal(e->text, "one two[A");
    char *much = rl_alloc(UI_EDIT_MAX + 100);
    memset(much, 'x', UI_EDIT_MAX + 99);
    ui_edit_set(e, "");
    assert_int_equal(ui_edit_paste(e, much), 100);
    assert_int_equal(e->len, UI_EDIT_MAX - 1);
    free(much);
    free(e);
}

static void the_cursor_stays_in_sight(void **state)
{
    struct ui_edit *e = rl_alloc(sizeof *e);
    struct rl_buf b = {0};
    int cursor;
    (void)state;
    ui_edit_set(e, "0123456789");
    ui_edit_show(e, 6, false, &b, &cursor);
    assert_string_equal(rl_buf_str(&b), "56789");
    assert_int_equal(cursor, 5);
    rl_buf_clear(&b);
    ui_edit_show(e, 20, true, &b, &cursor);
    assert_string_equal(rl_buf_str(&b), "**********");
    rl_buf_fini(&b);
    free(e);
}

static void criteria_know_the_operators(void **state)
{
    static const struct {
        enum ui_op op;
        const char *value, *text;
        bool holds;
    } rows[] = {
        {UI_OP_BEGINS,    "sep",   "SEP0011", true },
        {UI_OP_BEGINS,    "0011",  "SEP0011", false},
        {UI_OP_CONTAINS,  "p00",   "SEP0011", true },
        {UI_OP_IS,        "sep",   "SEP",     true },
        {UI_OP_IS,        "sep",   "SEP1",    false},
        {UI_OP_ENDS,      "11",    "SEP0011", true },
        {UI_OP_ENDS,      "x0011", "0011",    false},
        {UI_OP_EMPTY,     "",      "",        true },
        {UI_OP_EMPTY,     "",      "x",       false},
        {UI_OP_NOT_EMPTY, "",      "x",       true },
        {UI_OP_CONTAINS,  "",      "x",       true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ui_criterion c = {.op = rows[i].op};
        strcpy(c.value, rows[i].value);
        assert_int_equal(ui_criterion_holds(&c, rows[i].text), rows[i].holds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sequences_of_common_terminals, begin, end),
        cmocka_unit_test_setup_teardown(a_described_sequence_wins, begin, end),
        cmocka_unit_test_setup_teardown(pieces_within_the_wait_are_one_key, begin, end),
        cmocka_unit_test_setup_teardown(a_lone_escape_counts_after_the_wait, begin, end),
        cmocka_unit_test_setup_teardown(a_late_rest_is_dropped, begin, end),
        cmocka_unit_test_setup_teardown(a_slow_arrow_acts_on_nothing, begin, end),
        cmocka_unit_test_setup_teardown(slow_lines_bring_whole_keys, begin, end),
        cmocka_unit_test(much_text_at_once_was_pasted),
        cmocka_unit_test_setup_teardown(unknown_sequences_type_nothing, begin, end),
        cmocka_unit_test_setup_teardown(text_is_utf8, begin, end),
        cmocka_unit_test_setup_teardown(pasted_text_comes_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_paste_without_an_end_ends, begin, end),
        cmocka_unit_test_setup_teardown(answers_of_the_terminal_are_dropped, begin, end),
        cmocka_unit_test_setup_teardown(eight_bit_controls_begin_sequences, begin, end),
        cmocka_unit_test_setup_teardown(sequences_split_anywhere, begin, end),
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(lines_are_edited),
        cmocka_unit_test(pasted_lines_become_one),
        cmocka_unit_test(the_cursor_stays_in_sight),
        cmocka_unit_test(criteria_know_the_operators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
