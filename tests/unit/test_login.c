#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "commands/login.h"
#include "ringlock/buf.h"

/* What was read: the tag of a refusal, or the words behind "ringlock", divided by '|'. */
static char *words_of(const struct rl_login *login)
{
    struct rl_buf out = {0};
    for (int i = 1; i < login->argc; i++)
        rl_buf_addf(&out, "%s%s", i > 1 ? "|" : "", login->argv[i]);
    return rl_buf_take(&out);
}

static char *split(const char *line)
{
    struct rl_login login = {0};
    struct rl_err err = {0};
    char *text = NULL;
    if (rl_login_split(&login, "ringlock", &err) != RL_OK ||
        rl_login_split(&login, line, &err) != RL_OK)
        text = rl_strdup(rl_code_info(err.code)->tag);
    else
        text = words_of(&login);
    rl_login_fini(&login);
    return text;
}

static void a_line_is_words_and_nothing_is_expanded(void **state)
{
    static const struct {
        const char *line, *words;
    } rows[] = {
        {"",                     ""                    },
        {"  \t\n ",              ""                    },
        {"call list --json",     "call|list|--json"    },
        {"  call\t list\n",      "call|list"           },
        {"phone show 'A B'",     "phone|show|A B"      },
        {"phone show \"A  B\"c", "phone|show|A  Bc"    },
        {"x ''",                 "x|"                  },
        {"a\\ b \\' \\\\",       "a b|'|\\"            },
        {"\"a\\\"b\\\\c\\d\"",   "a\"b\\c\\d"          },
        {"'a\\b'",               "a\\b"                },
        {"$HOME ~ `id` $(id) *", "$HOME|~|`id`|$(id)|*"},
        {"a;b|c&d>e<f",          "a;b|c&d>e<f"         },
        {"a && b || c",          "a|&&|b||||c"         },
        {"ends with \\",         "ends|with|\\"        },
        {"'no end",              "E-USAGE"             },
        {"a \"no end",           "E-USAGE"             },
        {"a 'b\"c",              "E-USAGE"             },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *words = split(rows[i].line);
        assert_string_equal(words, rows[i].words);
        free(words);
    }
}

enum { WORDS = 8 };

static char *login(const char *const *argv, const char *original, bool *locked)
{
    struct rl_login read;
    struct rl_parsed args;
    struct rl_err err = {0};
    int argc = 0;
    while (argv[argc])
        argc++;
    if (original)
        setenv("SSH_ORIGINAL_COMMAND", original, 1);
    else
        unsetenv("SSH_ORIGINAL_COMMAND");
    enum rl_code code = rl_login_read(argc, (char *const *)argv, &read, &args, &err);
    char *text = code == RL_OK ? words_of(&read) : rl_strdup(rl_code_info(code)->tag);
    *locked = args.locked;
    rl_parsed_fini(&args);
    rl_login_fini(&read);
    return text;
}

static void who_is_held_to_ringlock_stays_there(void **state)
{
    static const struct {
        const char *argv[WORDS], *original, *words;
        bool locked;
    } rows[] = {
  /* as it stands */
        {{"ringlock", "call", "list"},                           NULL,               "call|list",                                 false},
        {{"ringlock", "call", "list"},                           "phone list",       "call|list",                                 false},
        {{"ringlock"},                                           "phone list",       "",                                          false},
 /* a login shell */
        {{"-ringlock"},                                          NULL,               "--locked",                                  true },
        {{"ringlock", "-c", "call list --json"},                 NULL,               "--locked|call|list|--json",                 true },
        {{"-ringlock", "-c", "status"},                          NULL,               "--locked|status",                           true },
        {{"ringlock", "-c", "ringlock status"},                  NULL,               "--locked|status",                           true },
        {{"ringlock", "-c", "/usr/bin/ringlock status"},         NULL,               "--locked|status",                           true },
        {{"ringlock", "-c", ""},                                 NULL,               "--locked",                                  true },
        {{"ringlock", "-c"},                                     NULL,               "E-USAGE",                                   false},
        {{"ringlock", "-c", "status", "x"},                      NULL,               "E-USAGE",                                   false},
        {{"-ringlock", "--site", "/x"},                          NULL,               "E-USAGE",                                   false},
        {{"ringlock", "-c", "--site /x status"},                 NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "-c", "status --site=/x"},                 NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "-c", "status --socket /x"},               NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "-c", "import phones f --files /"},        NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "-c", "phone set x --description --site"},
         NULL,                                                                       "--locked|phone|set|x|--description|--site",
         true                                                                                                                          },
        {{"ringlock", "-c", "init"},                             NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "-c", "init --name x"},                    NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "-c", "hep replay x --to 192.0.2.1:9"},    NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "-c", "sh"},                               NULL,               "E-USAGE",                                   true },
        {{"ringlock", "-c", "status; sh"},                       NULL,               "E-USAGE",                                   true },
        {{"ringlock", "-c", "status | sh"},                      NULL,               "E-USAGE",                                   true },
        {{"ringlock", "-c", "/bin/sh"},                          NULL,               "E-NOT-ALLOWED",                             false},
        {{"ringlock", "-c", "/usr/lib/openssh/sftp-server"},     NULL,               "E-NOT-ALLOWED",                             false},
        {{"ringlock", "-c", "scp -t ."},                         NULL,               "E-NOT-ALLOWED",                             false},
        {{"ringlock", "-c", "rsync --server . ."},               NULL,               "E-NOT-ALLOWED",                             false},
        {{"ringlock", "-c", "status 'x"},                        NULL,               "E-USAGE",                                   false},
 /* ForceCommand */
        {{"ringlock", "--locked"},                               NULL,               "--locked",                                  true },
        {{"ringlock", "--locked", "--site", "/x"},               "",                 "--locked|--site|/x",                        true },
        {{"ringlock", "--locked", "--site", "/x"},               "status",           "--locked|--site|/x|status",                 true },
        {{"ringlock", "--locked", "--files", "/f"},
         "import phones f",                                                          "--locked|--files|/f|import|phones|f",
         true                                                                                                                          },
        {{"ringlock", "--locked", "--site", "/x"},               "status --site /y", "E-NOT-ALLOWED",                             true },
        {{"ringlock", "--locked", "call", "list"},               "phone list",       "--locked|call|list",                        true },
        {{"ringlock", "--locked"},                               "internal-sftp",    "E-NOT-ALLOWED",                             false},
        {{"ringlock", "--locked", "init"},                       NULL,               "E-NOT-ALLOWED",                             true },
        {{"ringlock", "--files", "/f"},                          NULL,               "E-USAGE",                                   false},
        {{"ringlock", "--files", "/f", "status"},                NULL,               "E-USAGE",                                   false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool locked;
        char *words = login(rows[i].argv, rows[i].original, &locked);
        if (strcmp(words, rows[i].words) != 0 || locked != rows[i].locked)
            print_error("row %zu: %s %d\n", i, words, locked);
        assert_string_equal(words, rows[i].words);
        assert_int_equal(locked, rows[i].locked);
        free(words);
    }
}

static void a_locked_console_cleans_its_environment(void **state)
{
    (void)state;
    static const char *const gone[] = {"TERMINFO", "HOME", "GCONV_PATH",
                                       "LOCPATH",  "LD_X", "TERMX"};
    static const char *const kept[] = {"TERM", "LANG", "LC_TIME", "RINGLOCK_SITE"};
    char *form = getenv("CMOCKA_MESSAGE_OUTPUT"); /* how results are to be told */
    form = form ? rl_strdup(form) : NULL;
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        setenv(gone[i], "/x", 1);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        setenv(kept[i], "x", 1);
    rl_login_clean_environment();
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        assert_null(getenv(gone[i]));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_string_equal(getenv(kept[i]), "x");
    if (form)
        setenv("CMOCKA_MESSAGE_OUTPUT", form, 1);
    free(form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_words_and_nothing_is_expanded),
        cmocka_unit_test(who_is_held_to_ringlock_stays_there),
        cmocka_unit_test(a_locked_console_cleans_its_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
