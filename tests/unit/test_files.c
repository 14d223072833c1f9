#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/files.h"
#include "client/stash.h"
#include "ringlock/buf.h"

/* A directory with "a.pem" ("hello"), "ab.pem" (empty), ".hidden", "sub/", a pipe, and a link to
 * a.pem; it is the working directory. */
static char folder[64];

static void put(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/rl-files-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    put("a.pem", "hello");
    put("ab.pem", "");
    put(".hidden", "x");
    assert_int_equal(mkdir("sub", 0700), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(symlink("a.pem", "link"), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const names[] = {"a.pem", "ab.pem", ".hidden", "pipe", "link", "new"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
    rmdir("sub");
    assert_int_equal(chdir("/"), 0);
    return rmdir(folder);
}

static enum rl_code read_code(const char *path, size_t max, struct rl_err *err)
{
    char *bytes = NULL;
    size_t n;
    enum rl_code code = rl_file_read(path, max, &bytes, &n, err);
    free(bytes);
    return code;
}

static void test_reads_the_whole_file_up_to_its_limit(void **state)
{
    (void)state;
    char *bytes;
    size_t n;
    struct rl_err err = {0};
    assert_int_equal(rl_file_read("a.pem", 5, &bytes, &n, &err), RL_OK);
    assert_int_equal(n, 5);
    assert_string_equal(bytes, "hello");
    free(bytes);
    assert_int_equal(rl_file_read("ab.pem", 5, &bytes, &n, &err), RL_OK);
    assert_int_equal(n, 0);
    assert_string_equal(bytes, "");
    free(bytes);
    assert_int_equal(read_code("a.pem", 4, &err), RL_E_VALUE);
    assert_string_equal(err.object, "a.pem");
    assert_int_equal(read_code("link", 5, &err), RL_OK);
}

static void test_refuses_what_is_not_a_file(void **state)
{
    (void)state;
    static const char *const names[] = {"sub", "pipe", "/dev/null", "nowhere"};
    struct rl_err err = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(read_code(names[i], 100, &err), RL_E_IO);
    assert_int_equal(read_code("", 100, &err), RL_E_VALUE);
    read_code("pipe", 100, &err);
    assert_non_null(strstr(err.text, "it is a pipe"));
}

static void test_home_is_known(void **state)
{
    (void)state;
    struct rl_err err = {0};
    setenv("HOME", folder, 1);
    assert_int_equal(read_code("~/a.pem", 100, &err), RL_OK);
    json_t *list = rl_files_list("~/a.");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "~/a.pem");
    json_decref(list);
}

static void test_finds_what_another_file_names(void **state)
{
    (void)state;
    static const struct {
        const char *of, *path, *found;
    } cases[] = {
        {"list.csv",        "a.pem",      "a.pem"       },
        {"sub/list.csv",    "a.pem",      "sub/a.pem"   },
        {"sub/list.csv",    "../a.pem",   "sub/../a.pem"},
        {"/srv/x/list.csv", "a.pem",      "/srv/x/a.pem"},
        {"/srv/x/list.csv", "/etc/a.pem", "/etc/a.pem"  },
        {"sub/list.csv",    "~/a.pem",    "~/a.pem"     },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = rl_file_beside(cases[i].of, cases[i].path);
        assert_string_equal(path, cases[i].found);
        free(path);
    }
}

static void test_writes_only_what_is_not_there(void **state)
{
    (void)state;
    struct rl_err err = {0};
    struct stat st;
    assert_int_equal(rl_file_write("new", "text", 4, &err), RL_OK);
    assert_int_equal(stat("new", &st), 0);
    assert_int_equal(st.st_size, 4);
    assert_int_equal(st.st_mode & 077, 0);
    assert_int_equal(rl_file_write("new", "other", 5, &err), RL_E_EXISTS);
    assert_int_equal(rl_file_write("nowhere/new", "text", 4, &err), RL_E_IO);
}

static void assert_holds(const char *name, const char *text)
{
    char *bytes = NULL;
    size_t n;
    struct rl_err err;
    assert_int_equal(rl_file_read(name, 100, &bytes, &n, &err), RL_OK);
    assert_string_equal(bytes, text);
    free(bytes);
}

static enum rl_code save(const char *path, bool replace, struct rl_err *err)
{
    struct rl_saving s;
    enum rl_code code = rl_saving_begin(path, replace, &s, err);
    if (code == RL_OK)
        code = rl_saving_add(&s, "saved ", 6, err);
    if (code == RL_OK)
        code = rl_saving_add(&s, "whole", 5, err);
    return code == RL_OK ? rl_saving_end(&s, err) : code;
}

static void test_saves_whole_or_not_at_all(void **state)
{
    (void)state;
    struct rl_err err = {0};
    struct rl_saving s;
    assert_int_equal(rl_saving_begin("new", false, &s, &err), RL_OK);
    assert_int_equal(rl_saving_add(&s, "half", 4, &err), RL_OK);
    assert_false(rl_file_is_there("new"));
    rl_saving_drop(&s);
    rl_saving_drop(&s);
    assert_int_equal(save("new", false, &err), RL_OK);
    assert_holds("new", "saved whole");
    assert_int_equal(save("a.pem", false, &err), RL_E_EXISTS);
    assert_holds("a.pem", "hello");
    assert_int_equal(save("a.pem", true, &err), RL_OK);
    assert_holds("a.pem", "saved whole");
    assert_int_equal(save("link", true, &err), RL_E_EXISTS);
    assert_int_equal(save("sub", true, &err), RL_E_EXISTS);
    assert_int_equal(save("nowhere/new", false, &err), RL_E_IO);
}

static void test_saves_over_nothing_that_came_meanwhile(void **state)
{
    (void)state;
    struct rl_err err = {0};
    struct rl_saving s;
    assert_int_equal(rl_saving_begin("new", false, &s, &err), RL_OK);
    assert_int_equal(rl_saving_add(&s, "ours", 4, &err), RL_OK);
    put("new", "theirs");
    assert_int_equal(rl_saving_end(&s, &err), RL_E_EXISTS);
    assert_holds("new", "theirs");
}

static void test_bytes_travel_as_text(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *text;
    } cases[] = {
        {"x\n-----BEGIN CERTIFICATE-----\n", 30, "x\n-----BEGIN CERTIFICATE-----\n"},
        {"-----BEGIN \xff",                  12, "LS0tLS1CRUdJTiD/"                },
        {"\x30\x82\0\1",                     4,  "MIIAAQ=="                        },
        {"",                                 0,  ""                                },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = rl_file_data(cases[i].bytes, cases[i].n);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static void test_knows_what_is_there(void **state)
{
    (void)state;
    setenv("HOME", folder, 1);
    assert_true(rl_file_is_there("a.pem") && rl_file_is_there("~/sub"));
    assert_false(rl_file_is_there("nowhere") || rl_file_is_there(""));
}

static void assert_list(const char *text, const char *want)
{
    json_t *list = rl_files_list(text), *item;
    struct rl_buf got = {0};
    size_t i;
    json_array_foreach (list, i, item)
        rl_buf_addf(&got, "%s%s", i ? " " : "", json_string_value(item));
    assert_string_equal(rl_buf_str(&got), want);
    rl_buf_fini(&got);
    json_decref(list);
}

static void test_lists_what_can_be_opened(void **state)
{
    (void)state;
    assert_list("", "a.pem ab.pem link sub/");
    assert_list("a", "a.pem ab.pem");
    assert_list(".h", ".hidden");
    assert_list("./su", "./sub/");
    assert_list("sub/", "");
    assert_list("nowhere/", "");
}

static void assert_completes(const char *text, const char *want)
{
    char *got = rl_files_complete(text);
    if (want)
        assert_string_equal(got, want);
    else
        assert_null(got);
    free(got);
}

static void test_completes_as_a_shell_does(void **state)
{
    (void)state;
    assert_completes("a", "a");
    assert_completes("ab", "ab.pem");
    assert_completes("s", "sub/");
    assert_completes("x", NULL);
    put("new\303\244", "");
    put("new\303\266", "");
    assert_completes("n", "new");
    unlink("new\303\244");
    unlink("new\303\266");
}

/* Confining cannot be taken back: it is tested in a process of its own. */
static void in_child(void (*test)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        test();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void require(bool holds)
{
    if (!holds)
        _exit(1);
}

static void one_folder(void)
{
    struct rl_err err = {0};
    char *absolute = rl_asprintf("%s/a.pem", folder);
    require(rl_files_confine(folder, &err) == RL_OK);
    require(chdir("/") == 0);
    require(read_code("a.pem", 100, &err) == RL_OK);
    require(read_code(absolute, 100, &err) == RL_E_VALUE);
    require(read_code("sub/../a.pem", 100, &err) == RL_E_VALUE);
    require(read_code("..", 100, &err) == RL_E_VALUE);
    require(read_code("link", 100, &err) == RL_E_IO);
    require(read_code("pipe", 100, &err) == RL_E_IO);
    require(rl_file_write("new", "text", 4, &err) == RL_OK);
    require(rl_file_write("../new", "text", 4, &err) == RL_E_VALUE);
    json_t *list = rl_files_list(""), *above = rl_files_list("/");
    require(json_array_size(list) == 3); /* a.pem ab.pem new */
    require(json_array_size(above) == 0);
    json_decref(list);
    json_decref(above);
    free(absolute);
}

static void no_folder(void)
{
    struct rl_err err = {0};
    require(rl_files_confine(NULL, &err) == RL_OK);
    require(read_code("a.pem", 100, &err) == RL_E_VALUE);
    require(rl_file_write("new", "text", 4, &err) == RL_E_VALUE);
    json_t *list = rl_files_list("");
    require(json_array_size(list) == 0);
    json_decref(list);
}

static void test_a_locked_client_has_one_folder(void **state)
{
    (void)state;
    struct rl_err err = {0};
    in_child(one_folder);
    in_child(no_folder);
    assert_int_equal(read_code("a.pem", 100, &err), RL_OK);
}

static json_t *draft_of(const char *name, const char *text)
{
    return json_pack("{s:s, s:s, s:s, s:{s:s}}", "kind", "phone", "act", "set", "name", name,
                     "values", "description", text);
}

/* One file of mode 0600 for each form of each site, which only its own form reads. */
static void test_keeps_drafts_while_there_is_no_engine(void **state)
{
    (void)state;
    const struct rl_stash at = {"/site", false}, other = {"/other", false};
    json_t *one = draft_of("SEP1", "one"), *two = draft_of("SEP2", "two"), *found;
    struct rl_err err;
    setenv("XDG_STATE_HOME", folder, 1);
    assert_null(rl_stash_get(&at, one));
    assert_int_equal(rl_stash_put(&at, one, &err), RL_OK);
    assert_int_equal(rl_stash_put(&at, two, &err), RL_OK);
    assert_int_equal(rl_stash_put(&at, two, &err), RL_OK); /* in place of it */
    assert_null(rl_stash_get(&other, one));
    found = rl_stash_get(&at, one);
    assert_true(json_equal(found, one));
    json_decref(found);
    rl_stash_drop(&at, one);
    assert_null(rl_stash_get(&at, one));
    json_t *list = rl_files_list("ringlock/");
    assert_int_equal(json_array_size(list), 1);
    const char *file = json_string_value(json_array_get(list, 0));
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("../a.pem", file), 0);
    assert_null(rl_stash_get(&at, two)); /* what is no file of its own is not read */
    rl_stash_drop(&at, two);
    rmdir("ringlock");
    setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
    assert_int_equal(rl_stash_put(&at, one, &err), RL_E_IO);
    unsetenv("XDG_STATE_HOME");
    json_decref(list);
    json_decref(one);
    json_decref(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reads_the_whole_file_up_to_its_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_what_is_not_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_home_is_known, setup, teardown),
        cmocka_unit_test(test_finds_what_another_file_names),
        cmocka_unit_test_setup_teardown(test_writes_only_what_is_not_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_saves_whole_or_not_at_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_saves_over_nothing_that_came_meanwhile, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_bytes_travel_as_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_knows_what_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists_what_can_be_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(test_completes_as_a_shell_does, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_locked_client_has_one_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keeps_drafts_while_there_is_no_engine, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
