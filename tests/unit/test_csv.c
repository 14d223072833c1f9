#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/csv.h"

/* Rows are noted as "LINE[a|b|c]"; problems as "LINE:field!". */
static void note_row(void *ctx, const struct rl_csv_row *row)
{
    struct rl_buf *out = ctx;
    rl_buf_addf(out, "%d%s[", row->line, row->header ? "H" : "");
    for (size_t i = 0; i < row->n; i++)
        rl_buf_addf(out, "%s%s", i ? "|" : "", row->field[i]);
    rl_buf_adds(out, "]");
}

static char *read_in_parts(const char *text, size_t n, size_t part)
{
    struct rl_buf out = {0};
    struct rl_problems problems = {0};
    struct rl_csv *csv = rl_csv_new(note_row, &out);
    for (size_t i = 0; i < n; i += part)
        rl_csv_feed(csv, text + i, n - i < part ? n - i : part, &problems);
    rl_csv_end(csv, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        assert_int_equal(problems.item[i].code, RL_E_CSV);
        rl_buf_addf(&out, "%d:%s!", problems.item[i].line, problems.item[i].field);
    }
    rl_csv_free(&csv);
    rl_problems_fini(&problems);
    return rl_buf_take(&out);
}

#define T(in, out)             \
    {                          \
        in, sizeof in - 1, out \
    }
static const struct {
    const char *in;
    size_t n;
    const char *out;
} cases[] = {
    T("a,b\n1,2\n", "1H[a|b]2[1|2]"),
    T("a,b\r\n1,2\r\n", "1H[a|b]2[1|2]"),
    T("a,b\n1,2", "1H[a|b]2[1|2]"),
    T("\xef\xbb\xbf"
      "a,b\n1,2",
      "1H[a|b]2[1|2]"),
    T("\xef\xbb\xbf\"a\",b\n", "1H[a|b]"),
    T("a,b\n,\n", "1H[a|b]2[|]"),
    T("a\n\"\"\n", "1H[a]2[]"),
    T("a,b\n\n\r\n1,2\n\n", "1H[a|b]4[1|2]"),
    T("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "1H[a|b]2[x,y|say \"hi\"]"),
    T("a,b\n\"two\nlines\",2\n3,4\n", "1H[a|b]2[two\nlines|2]4[3|4]"),
    T("a,b\n =1+2 ,@x\n", "1H[a|b]2[ =1+2 |@x]"),
    T("a,b\ngr\xc3\xbc\xc3\x9f,2\n", "1H[a|b]2[gr\xc3\xbc\xc3\x9f|2]"),
    /* rows that are lost alone */
    T("a,b\n1\n3,4\n", "1H[a|b]3[3|4]2:b!"),
    T("a,b\n1,2,3\n4,5\n", "1H[a|b]3[4|5]2:column 3!"),
    T("a,b\n1,\xff\n4,5\n", "1H[a|b]3[4|5]2:b!"),
    T("a,b\n\xef\xbb,2\n", "1H[a|b]2:a!"),
    /* what loses the place */
    T("a,b\n1,x\"y\n3,4\n", "1H[a|b]2:b!"),
    T("a,b\n\"x\"y,2\n3,4\n", "1H[a|b]2:a!"),
    T("a,b\n1,2\n\"x,y\n3,4\n", "1H[a|b]2[1|2]3:a!"),
    T("a,b\n1,2\r3,4\n", "1H[a|b]2:b!"),
    T("a,b\n1,2\r", "1H[a|b]2:b!"),
    T("a,b\n1,2\0\n3,4\n", "1H[a|b]2:b!"),
    T("a,\xff\n1,2\n", "1:column 2!"),
    T("", "1:column 1!"),
    T("\n\n", "1:column 1!"),
    T("\xef", "1:column 1!"),
};

static void files_are_read_in_parts_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t part = 1; part <= cases[i].n + 1; part++) {
            char *out = read_in_parts(cases[i].in, cases[i].n, part);
            if (strcmp(out, cases[i].out))
                fail_msg("case %zu in parts of %zu: %s, not %s", i, part, out, cases[i].out);
            free(out);
        }
    }
}

static void a_row_has_a_limit(void **state)
{
    struct rl_buf text = {0};
    (void)state;
    rl_buf_adds(&text, "a\n");
    for (int i = 0; i < RL_CSV_ROW_MAX / 8; i++)
        rl_buf_adds(&text, "12345678");
    rl_buf_adds(&text, "x\nb\n");
    char *out = read_in_parts(text.data, text.len, 1000);
    assert_string_equal(out, "1H[a]2:a!");
    free(out);
    rl_buf_fini(&text);
}

static void what_is_written_reads_the_same(void **state)
{
    static const char *const rows[][3] = {
        {"name", "type",       "note"              },
        {"",     "",           ""                  },
        {"a,b",  "say \"hi\"", " two\r\nlines "    },
        {"=1+1", "+49",        "gr\xc3\xbc\xc3\x9f"},
    };
    struct rl_buf text = {0};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        rl_csv_line(&text, rows[i], 3);
    char *out = read_in_parts(text.data, text.len, 7);
    assert_string_equal(out, "1H[name|type|note]2[||]3[a,b|say \"hi\"| two\r\nlines ]"
                             "5[=1+1|+49|gr\xc3\xbc\xc3\x9f]");
    free(out);
    rl_buf_clear(&text);
    rl_csv_line(&text, (const char *[]){"SEP1", "Cisco 8841"}, 2);
    rl_csv_line(&text, (const char *[]){""}, 1);
    assert_string_equal(rl_buf_str(&text), "SEP1,Cisco 8841\r\n\"\"\r\n");
    rl_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_in_parts_of_any_size),
        cmocka_unit_test(a_row_has_a_limit),
        cmocka_unit_test(what_is_written_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
