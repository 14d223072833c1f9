#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/base64.h"
#include "ringlock/buf.h"
#include "ringlock/err.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

static void every_code_is_complete(void **state)
{
    (void)state;
    for (int c = 0; c < RL_CODE_COUNT; c++) {
        const struct rl_code_info *info = rl_code_info((enum rl_code)c);

        assert_non_null(info->tag);
        assert_int_equal(rl_code_by_tag(info->tag), c);
        assert_in_range(info->exit_status, 0, 5);
        assert_true(c == RL_OK || info->remedy[0]);
        assert_int_equal(rl_code_is_warning((enum rl_code)c), info->tag[0] == 'W');
        assert_true(!rl_code_informs((enum rl_code)c) || info->tag[0] == 'W');
    }
    assert_int_equal(rl_code_by_tag("E-NONE-SUCH"), RL_E_INTERNAL);
    assert_true(rl_code_informs(RL_W_CERT_ORIGIN)); /* R74 */
    assert_false(rl_code_informs(RL_W_SECURITY_LOST));
}

static void failing_fills_code_object_and_remedy(void **state)
{
    struct rl_err err;

    (void)state;
    assert_int_equal(rl_fail_field(&err, RL_E_VALUE, "phone X", "lines", "bad %d", 7), RL_E_VALUE);
    assert_string_equal(err.text, "bad 7");
    assert_string_equal(err.field, "lines");
    assert_string_equal(err.remedy, rl_code_info(RL_E_VALUE)->remedy);
    assert_int_equal(rl_fail(NULL, RL_E_IO, NULL, "nobody listens"), RL_E_IO);
}

static void problems_are_counted_beyond_those_kept(void **state)
{
    struct rl_problems list = {0};
    struct rl_err err;

    (void)state;
    rl_fail(&err, RL_W_KEY_SIZE, NULL, "small");
    rl_problems_add(&list, &err);
    assert_null(rl_problems_first_error(&list));
    rl_fail(&err, RL_E_VALUE, NULL, "bad");
    for (int i = 0; i < RL_PROBLEMS_MAX + 5; i++)
        rl_problems_add(&list, &err);
    assert_int_equal(list.n, RL_PROBLEMS_MAX);
    assert_int_equal(list.errors, RL_PROBLEMS_MAX + 5);
    assert_int_equal(list.warnings, 1);
    assert_int_equal(rl_problems_first_error(&list)->code, RL_E_VALUE);
    rl_problems_fini(&list);
}

static void buffers_grow_drop_and_give_away(void **state)
{
    struct rl_buf b = {0};
    char *text;

    (void)state;
    assert_string_equal(rl_buf_str(&b), "");
    for (int i = 0; i < 1000; i++)
        rl_buf_addf(&b, "%d;", i);
    assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
    rl_buf_drop(&b, 2);
    assert_memory_equal(b.data, "1;2;", 4);
    rl_buf_drop(&b, b.len + 1);
    assert_string_equal(rl_buf_str(&b), "");
    rl_buf_u16(&b, 0x4142);
    text = rl_buf_take(&b);
    assert_string_equal(text, "AB");
    free(text);
    rl_buf_fini(&b);
}

static void the_first_overrun_sticks(void **state)
{
    struct rl_cur c = rl_cur_make("\1\2\3\4\5", 5);

    (void)state;
    assert_int_equal(rl_cur_u16(&c), 0x0102);
    assert_int_equal(rl_cur_u32(&c), 0);
    assert_true(c.bad);
    assert_int_equal(rl_cur_u8(&c), 0);
    assert_int_equal(rl_cur_left(&c), 0);
}

static void nothing_foreign_acts_on_a_terminal(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain 1001",                                "plain 1001"                              },
        {"a\x1b[2Jb",                                 "a\\x1b[2Jb"                              },
        {"\r\n\t\x7f",                                "\\x0d\\x0a\\x09\\x7f"                    },
        {"\xc2\x9b"
         "1m",                               "\\x9b1m"                                 },
        {"\xe2\x80\xae"
         "evil",                             "\\u202eevil"                             },
        {"zero\xe2\x80\x8bwidth",                     "zero\\u200bwidth"                        },
        {"\xff\xc0\xaf",                              "\\xff\\xc0\\xaf"                         },
        {"\xed\xa0\x80",                              "\\xed\\xa0\\x80"                         },
        {"\xcc\x81"
         "e",                                "\\u0301e"                                },
        {"e\xcc\x81",                                 "e\xcc\x81"                               },
        {"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\\u0301"},
        {"\xf3\xa0\x80\x81",                          "\\U000e0001"                             },
        {"\xf0\x93\x90\xb0",                          "\\U00013430"                             },
        {"M\xc3\xbcller \xe6\xbc\xa2",                "M\xc3\xbcller \xe6\xbc\xa2"              },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *safe = rl_text_safe_dup(cases[i].in);

        assert_string_equal(safe, cases[i].out);
        assert_true(rl_text_is_utf8(safe, strlen(safe)));
        free(safe);
    }
}

static void width_and_cut_agree(void **state)
{
    static const char text[] = "a\xe6\xbc\xa2"
                               "e\xcc\x81z"; /* 1 + 2 + 1 + 1 cells */
    size_t used;

    (void)state;
    assert_int_equal(rl_text_width(text, strlen(text)), 5);
    assert_int_equal(rl_text_cut(text, strlen(text), 2, &used), 1);
    assert_int_equal(used, 1);
    assert_int_equal(rl_text_cut(text, strlen(text), 4, &used), 7);
    assert_int_equal(used, 4);
    assert_int_equal(rl_text_cut(text, strlen(text), 5, &used), 8);
}

/* What stands in a cell as the C library has it, and so curses. */
static void widths_are_those_of_curses(void **state)
{
    static const struct {
        const char *text;
        size_t cells;
    } rows[] = {
        {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",
         2                                        }, /* Hangul in parts, as names of files have it */
        {"\xed\x95\x9c",                         2},
        {"\xe4\xb7\x80",                         2}, /* a hexagram */
        {"\xe2\x80\xa6",                         1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *safe = rl_text_safe_dup(rows[i].text);
        assert_string_equal(safe, rows[i].text);
        assert_int_equal(rl_text_width(safe, strlen(safe)), rows[i].cells);
        free(safe);
    }
}

static void ascii_keeps_the_cells(void **state)
{
    struct rl_buf out = {0};

    (void)state;
    rl_text_ascii(&out, "M\xc3\xbc\xe6\xbc\xa2", 6);
    assert_string_equal(rl_buf_str(&out), "M???");
    rl_buf_fini(&out);
}

static void times_go_there_and_back(void **state)
{
    char text[RL_TIME_TEXT];

    (void)state;
    assert_string_equal(rl_time_text(1795410698741739, 0, text), "2026-11-23T05:11:38Z");
    assert_string_equal(rl_time_text(1795410698741739, 1, text), "2026-11-23T05:11:38.741Z");
    assert_int_equal(rl_time_parse(text), 1795410698741000);
    assert_int_equal(rl_time_parse("2026-11-23T06:11:38+01:00"), 1795410698000000);
    assert_int_equal(rl_time_parse("2026-11-23 05:31"), -1);
    assert_int_equal(rl_time_parse("2026-11-23T05:31:38"), -1);
    assert_string_equal(rl_time_text(0, 0, text), "");
}

/* Pairs of RFC 4648, section 10, and what is none; `bytes` NULL = refused. */
static const struct {
    const char *text, *bytes;
} base64[] = {
    {"",               ""      },
    {"Zg==",           "f"     },
    {"Zm8=",           "fo"    },
    {"Zm9v",           "foo"   },
    {"Zm9vYg==",       "foob"  },
    {"Zm9vYmE=",       "fooba" },
    {"Zm9vYmFy",       "foobar"},
    {"Zm9v\r\n Ym Fy", "foobar"},
    {"Zg",             NULL    },
    {"Zg=",            NULL    },
    {"Z===",           NULL    },
    {"Zh==",           NULL    },
    {"Zg==Zg==",       NULL    },
    {"Zg======",       NULL    },
    {"Zm9*",           NULL    },
    {"=",              NULL    },
};

static void base64_is_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof base64 / sizeof *base64; i++) {
        struct rl_buf out = {0}, back = {0};
        bool good = rl_base64_decode(&out, base64[i].text, strlen(base64[i].text));
        if (good != (base64[i].bytes != NULL))
            fail_msg("%s", base64[i].text);
        assert_string_equal(rl_buf_str(&out), good ? base64[i].bytes : "");
        rl_base64_encode(&back, rl_buf_str(&out), out.len);
        if (good && !strpbrk(base64[i].text, " \r\n"))
            assert_string_equal(rl_buf_str(&back), base64[i].text);
        rl_buf_fini(&out);
        rl_buf_fini(&back);
    }
    struct rl_buf out = {0};
    assert_false(rl_base64_decode(&out, "Zm9v\0Zm9v", 9));
}

/* Every byte and every length about the pieces that it is made in. */
static void base64_takes_any_length(void **state)
{
    char bytes[9000];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    for (size_t n = 0; n < sizeof bytes; n += n % 1000 < 100 ? 1 : 97) {
        struct rl_buf text = {0}, back = {0};
        rl_base64_encode(&text, bytes, n);
        assert_int_equal(text.len, (n + 2) / 3 * 4);
        assert_true(rl_base64_decode(&back, rl_buf_str(&text), text.len));
        assert_int_equal(back.len, n);
        if (n > 0)
            assert_memory_equal(back.data, bytes, n);
        rl_buf_fini(&text);
        rl_buf_fini(&back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_complete),
        cmocka_unit_test(base64_is_read_and_written),
        cmocka_unit_test(base64_takes_any_length),
        cmocka_unit_test(failing_fills_code_object_and_remedy),
        cmocka_unit_test(problems_are_counted_beyond_those_kept),
        cmocka_unit_test(buffers_grow_drop_and_give_away),
        cmocka_unit_test(the_first_overrun_sticks),
        cmocka_unit_test(nothing_foreign_acts_on_a_terminal),
        cmocka_unit_test(width_and_cut_agree),
        cmocka_unit_test(widths_are_those_of_curses),
        cmocka_unit_test(ascii_keeps_the_cells),
        cmocka_unit_test(times_go_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
