#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iniparser/iniparser.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringlock/buf.h"
#include "ringlock/inifile.h"

/* Entries are noted as "LINE:name ", problems as "LINE! ". */
static char *scan(const char *text, size_t n)
{
    struct rl_ini ini;
    struct rl_problems problems = {0};
    struct rl_buf out = {0};
    rl_ini_scan(&ini, text, n, "x.conf", RL_E_CONFIG, &problems);
    for (size_t i = 0; i < ini.n; i++) {
        assert_int_equal(ini.entry[i].key == NULL, strchr(ini.entry[i].name, ':') == NULL);
        rl_buf_addf(&out, "%d:%s ", ini.entry[i].line, ini.entry[i].name);
    }
    for (size_t i = 0; i < problems.n; i++) {
        assert_int_equal(problems.item[i].code, RL_E_CONFIG);
        assert_string_equal(problems.item[i].object, "x.conf");
        rl_buf_addf(&out, "%d! ", problems.item[i].line);
    }
    rl_ini_fini(&ini);
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
    T("", ""),
    T("; comment\n\n[Feed]\nListen = 1.2.3.4 ; where\n", "3:feed 4:feed:listen "),
    T("[feed]\r\nlisten = \"a;b#c\" # why\r\n", "1:feed 2:feed:listen "),
    T("[a]\nx=\n[b]\nx='1'\n  y = \"\"", "1:a 2:a:x 3:b 4:b:x 5:b:y "),
    T("[a]\nx = a\xc3\xa4\n", "1:a 2:a:x "),
    /* refused */
    T("[a]\nx = 1\nX = 2\n", "1:a 2:a:x 3:a:x 3! "),
    T("[a]\nx = 1\n[A]\n", "1:a 2:a:x 3:a 3! "),
    T("x = 1\n", "1! "),
    T("[a]\nnothing\n", "1:a 2! "),
    T("[a]\nx = 1;2\n", "1:a 2! "),
    T("[a]\nx = \"1\n", "1:a 2! "),
    T("[a]\nx = \"1\" 2\n", "1:a 2! "),
    T("[a]\nx = 1 \\\ny = 2\n", "1:a 3:a:y 2! "),
    T("[a] x\n", "1! "),
    T("[a:b]\n", "1! "),
    T("[]\n", "1! "),
    T("[a]\nx y = 1\n", "1:a 2! "),
    T("[a]\n= 1\n", "1:a 2! "),
    T("[a]\nx = \xff\n", "1:a 2! "),
    T("[a]\nx = \0\n", "1:a 2! "),
};

static void names_have_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *out = scan(cases[i].in, cases[i].n);
        if (strcmp(out, cases[i].out))
            fail_msg("case %zu: %s, not %s", i, out, cases[i].out);
        free(out);
    }
}

static void duplicates_name_both_lines(void **state)
{
    static const char text[] = "[a]\nkey = 1\n\nkey = 2\n";
    struct rl_ini ini;
    struct rl_problems problems = {0};
    (void)state;
    rl_ini_scan(&ini, text, sizeof text - 1, "x.conf", RL_E_CONFIG, &problems);
    assert_string_equal(problems.item[0].text, "x.conf line 4: key is given here and in line 2.");
    assert_int_equal(rl_ini_line(&ini, "a:key"), 2);
    assert_int_equal(rl_ini_line(&ini, "a"), 1);
    assert_int_equal(rl_ini_line(&ini, "a:other"), 0);
    rl_ini_fini(&ini);
    rl_problems_fini(&problems);
}

/* What is accepted here, iniparser reads under the same names. */
static void iniparser_agrees(void **state)
{
    char path[] = "/tmp/ringlock-ini-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    close(fd);
    for (size_t i = 0; i < 5; i++) {
        struct rl_ini ini;
        struct rl_problems problems = {0};
        char *text;
        size_t n;
        FILE *f = fopen(path, "w");
        fwrite(cases[i].in, 1, cases[i].n, f);
        fclose(f);
        assert_int_equal(rl_ini_read(path, &text, &n, NULL), RL_OK);
        rl_ini_scan(&ini, text, n, path, RL_E_CONFIG, &problems);
        assert_int_equal(problems.n, 0);
        dictionary *d = iniparser_load(path);
        assert_non_null(d);
        for (size_t e = 0; e < ini.n; e++)
            assert_true(iniparser_find_entry(d, ini.entry[e].name));
        assert_int_equal(d->n, ini.n);
        iniparser_freedict(d);
        rl_ini_fini(&ini);
        free(text);
    }
    unlink(path);
}

static void files_that_are_not_there(void **state)
{
    struct rl_err err;
    char *text;
    size_t n;
    (void)state;
    assert_int_equal(rl_ini_read("/nonexistent/x.conf", &text, &n, &err), RL_E_IO);
    assert_non_null(strstr(err.text, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_lines),
        cmocka_unit_test(duplicates_name_both_lines),
        cmocka_unit_test(iniparser_agrees),
        cmocka_unit_test(files_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
