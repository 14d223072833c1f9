#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/help.h"
#include "commands/object.h"
#include "commands/parse.h"
#include "policy/callsec.h"
#include "ringlock/buf.h"

enum { WORDS = 12 };

/* A command line in one text, words divided by '|'. What was read, in one text. */
static char *read_line(const char *line, struct rl_err *err)
{
    char *copy = rl_strdup(line), *argv[WORDS + 1] = {"ringlock"}, *save = NULL;
    int argc = 1;
    for (char *w = strtok_r(copy, "|", &save); w && argc < WORDS; w = strtok_r(NULL, "|", &save))
        argv[argc++] = w;
    struct rl_parsed p;
    struct rl_buf out = {0};
    enum rl_code code = rl_parse_args(argc, argv, argc, &p, err);
    if (code != RL_OK) {
        rl_buf_adds(&out, rl_code_info(code)->tag);
    } else {
        rl_buf_addf(&out, "%s", p.cmd ? p.cmd->noun : p.noun ? p.noun : "-");
        if (p.cmd && p.cmd->verb)
            rl_buf_addf(&out, ".%s", p.cmd->verb);
        for (size_t i = 0; i < p.nargs; i++)
            rl_buf_addf(&out, " %s", p.arg[i]);
        for (size_t i = 0; i < p.ngiven; i++)
            rl_buf_addf(&out, " %s%s=%s", p.given[i].is_field ? "." : "", p.given[i].name,
                        p.given[i].value);
        for (size_t i = 0; i < p.naccepted; i++)
            rl_buf_addf(&out, " accept:%s", p.accepted[i]);
        const bool flag[] = {p.help, p.version, p.list_commands, p.list_keys, p.locked};
        const char *const name[] = {"help", "version", "list-commands", "list-keys", "locked"};
        for (size_t i = 0; i < 5; i++)
            rl_buf_addf(&out, "%s%s", flag[i] ? " " : "", flag[i] ? name[i] : "");
        rl_buf_addf(&out, "%s%s%s", p.site ? " site:" : "", p.site ? p.site : "",
                    p.format == RL_JSON  ? " json"
                    : p.format == RL_CSV ? " csv"
                                         : "");
    }
    rl_parsed_fini(&p);
    free(copy);
    return rl_buf_take(&out);
}

static const struct {
    const char *line, *read;
} lines[] = {
    {"",                                                                 "-"                               },
    {"--site|/x",                                                        "- site:/x"                       },
    {"--site=/x",                                                        "- site:/x"                       },
    {"--version",                                                        "- version"                       },
    {"--list-keys",                                                      "- list-keys"                     },
    {"--list-commands",                                                  "- list-commands"                 },
    {"--locked",                                                         "- locked"                        },
    {"phone|--help",                                                     "phone help"                      },
    {"phone|list|-h",                                                    "phone.list help"                 },
    {"phone|list",                                                       "phone.list"                      },
    {"--json|phone|list",                                                "phone.list json"                 },
    {"phone|list|--csv|--limit|5",                                       "phone.list limit=5 csv"          },
    {"phone|list|--filter|a=b|--filter|c=d",                             "phone.list filter=a=b filter=c=d"},
    {"phone|list|--filter=name=SEP",                                     "phone.list filter=name=SEP"      },
    {"phone|list|--desc",                                                "phone.list desc="                },
    {"phone|show|SEP1",                                                  "phone.show SEP1"                 },
    {"phone|show|--|--odd",                                              "phone.show --odd"                },
    {"phone|add|SEP1|--type|Cisco 8841|--lines|1001;1002",
     "phone.add SEP1 .type=Cisco 8841 .lines=1001;1002"                                                    },
    {"phone|set|SEP1|--digest-user|u",                                   "phone.set SEP1 .digest_user=u"   },
    {"phone|set|SEP1|--digest_user=u",                                   "phone.set SEP1 .digest_user=u"   },
    {"phone|set|SEP1|--description|",                                    "E-USAGE"                         },
    {"phone|set|SEP1|--description=",                                    "phone.set SEP1 .description="    },
    {"phone|set|SEP1|--trusted|yes",                                     "phone.set SEP1 .trusted=yes"     }, /* R41: refused by rule */
    {"phone|set|SEP1|--accept|W-A",                                      "E-USAGE"                         },
    {"phone|set|SEP1|--accept|W-TRUST-LOST|--accept|W-NO-SAN|--owner|x",
     "phone.set SEP1 .owner=x accept:W-TRUST-LOST accept:W-NO-SAN"                                         },
    {"user|set|u|--digest-password|-",                                   "user.set u .digest_password=-"   },
    {"profile|copy|a|b",                                                 "profile.copy a b"                },
    {"cluster|mode|mixed",                                               "cluster.mode mixed"              },
    {"import|phones|-|--dry-run",                                        "import phones - dry-run="        },
    {"export|users",                                                     "export users"                    },
    {"hep|replay|a|b|--speed|max|--tcp",                                 "hep.replay a b speed=max tcp="   },
    {"help|phone|list",                                                  "help phone list"                 },
    {"init|--site|/x|--name|N",                                          "init name=N site:/x"             },
 /* wrong usage */
    {"phon",                                                             "E-USAGE"                         },
    {"phone",                                                            "E-USAGE"                         },
    {"phone|lst",                                                        "E-USAGE"                         },
    {"phone|list|extra",                                                 "E-USAGE"                         },
    {"phone|show",                                                       "E-USAGE"                         },
    {"phone|list|--all",                                                 "E-USAGE"                         },
    {"phone|list|--limit",                                               "E-USAGE"                         },
    {"phone|list|--desc=yes",                                            "E-USAGE"                         },
    {"phone|list|-x",                                                    "E-USAGE"                         },
    {"phone|list|--limit|1|--limit|2",                                   "E-USAGE"                         },
    {"phone|list|--json|--csv",                                          "E-USAGE"                         },
    {"phone|add|SEP1|--csv",                                             "E-USAGE"                         },
    {"phone|add|SEP1|--name|x",                                          "E-USAGE"                         },
    {"phone|add|SEP1|--typ|x",                                           "E-USAGE"                         },
    {"phone|show|SEP1|--type|x",                                         "E-USAGE"                         },
    {"profile|add|p|--predefined|yes",                                   "E-USAGE"                         },
    {"--limit|5|phone|list",                                             "E-USAGE"                         },
    {"--json=yes|phone|list",                                            "E-USAGE"                         },
    {"--site",                                                           "E-USAGE"                         },
    {"--color|blue|status",                                              "E-USAGE"                         },
    {"cluster|mode",                                                     "cluster.mode"                    },
    {"phone|list|--fields|name,lines|--csv",                             "phone.list csv"                  },
    {"phone|remove|a|b|c",                                               "phone.remove a b c"              },
    {"phone|remove|--names-from|f",                                      "phone.remove names-from=f"       },
    {"phone|add|a|--fields|name",                                        "E-USAGE"                         },
    {"cluster|mode|odd",                                                 "E-USAGE"                         },
    {"cluster|mode|mixed|nonsecure",                                     "E-USAGE"                         },
    {"cluster|mode|mixed|nonsecure",                                     "E-USAGE"                         },
    {"import|types|f",                                                   "E-USAGE"                         },
    {"import|phones",                                                    "E-USAGE"                         },
    {"export|phones|--json",                                             "export phones json"              },
    {"hep|replay",                                                       "E-USAGE"                         },
};

static void command_lines_are_read_by_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct rl_err err = {0};
        char *read = read_line(lines[i].line, &err);
        if (strcmp(read, lines[i].read) != 0)
            print_error("%s\n  is read as %s %s\n", lines[i].line, read, err.text);
        assert_string_equal(read, lines[i].read);
        free(read);
    }
}

static void a_mistake_before_json_is_told_in_json(void **state)
{
    (void)state;
    char *argv[] = {"ringlock", "phone", "list", "--bad", "--json"};
    struct rl_parsed p;
    struct rl_err err = {0};
    assert_int_equal(rl_parse_args(5, argv, 5, &p, &err), RL_E_USAGE);
    assert_int_equal(p.format, RL_JSON);
    rl_parsed_fini(&p);
}

static void count_names(const struct rl_option *list, const char *name, int *n)
{
    for (; list && list->name; list++)
        *n += strcmp(list->name, name) == 0;
}

/* A name that two tables have would never reach the second of them. */
static void every_option_has_one_meaning(void **state)
{
    (void)state;
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++) {
        for (const struct rl_option *o = cmd->options; o && o->name; o++) {
            int n = rl_command_field(cmd, o->name) != NULL;
            count_names(rl_global_options, o->name, &n);
            count_names(cmd->options, o->name, &n);
            assert_int_equal(n, 1);
        }
        const struct rl_object *obj = rl_object(cmd->kind);
        for (size_t i = 0; cmd->flags & RL_CMD_FIELDS && i < obj->nfields; i++) {
            int n = 0;
            count_names(rl_global_options, obj->fields[i].name, &n);
            assert_int_equal(n, 0);
        }
    }
}

static void every_command_is_whole(void **state)
{
    (void)state;
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++) {
        assert_non_null(cmd->run);
        assert_non_null(cmd->args);
        assert_true(strlen(cmd->help) > 10);
        assert_int_equal(cmd->help[strlen(cmd->help) - 1], '.');
        assert_ptr_equal(rl_command_find(cmd->noun, cmd->verb), cmd);
        if (cmd->verb) /* a noun stands alone or has verbs, never both */
            assert_null(rl_command_find(cmd->noun, NULL));
    }
}

/* The contract: every verb that reads takes --json and --csv. */
static void every_reading_verb_takes_csv(void **state)
{
    static const char *const reading[] = {"list", "show", "watch", "security", "verify"};
    (void)state;
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++)
        for (size_t i = 0; cmd->verb && i < sizeof reading / sizeof *reading; i++)
            if (strcmp(cmd->verb, reading[i]) == 0)
                assert_true(cmd->flags & RL_CMD_READ);
}

static void the_list_for_completion_has_every_command(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0, rows = 1, lines_printed = 0;
    FILE *out = open_memstream(&text, &n);
    rl_help_list_commands(out);
    fclose(out);
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++)
        rows++;
    for (size_t i = 0; i < n; i++)
        lines_printed += text[i] == '\n';
    assert_int_equal(lines_printed, rows);
    assert_non_null(strstr(text, "\nphone add --type= "));
    assert_non_null(strstr(text, " --digest-user="));
    assert_null(strstr(text, "--trusted"));
    assert_null(strstr(text, "--predefined"));
    free(text);
}

/* ---- filters ---- */

static const struct {
    const char *filter, *criterion;
} filters[] = {
    {"name begins SEP",          "{\"field\":\"name\",\"op\":\"begins with\",\"value\":\"SEP\"}" },
    {"name=SEP1",                "{\"field\":\"name\",\"op\":\"is exactly\",\"value\":\"SEP1\"}" },
    {"digest-user empty",        "{\"field\":\"digest_user\",\"op\":\"is empty\",\"value\":\"\"}"},
    {"owner before M",           "{\"field\":\"owner\",\"op\":\"is before\",\"value\":\"M\"}"    },
    {"owner not-empty",          "{\"field\":\"owner\",\"op\":\"is not empty\",\"value\":\"\"}"  },
    {"description contains a b",
     "{\"field\":\"description\",\"op\":\"contains\",\"value\":\"a b\"}"                         },
    {"lines ends 7",             "{\"field\":\"lines\",\"op\":\"ends with\",\"value\":\"7\"}"    },
    {"trusted=no",               "{\"field\":\"trusted\",\"op\":\"is exactly\",\"value\":\"no\"}"},
    {"owner=",                   "{\"field\":\"owner\",\"op\":\"is exactly\",\"value\":\"\"}"    },
    {"name",                     NULL                                                            },
    {"nonsense=x",               NULL                                                            },
    {"name like x",              NULL                                                            },
    {"name begins",              NULL                                                            },
    {"owner empty x",            NULL                                                            },
    {"",                         NULL                                                            },
};

static void filters_become_criteria(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        json_t *one = rl_cmd_object_criterion(rl_object(RL_PHONE), filters[i].filter);
        char *text = one ? json_dumps(one, JSON_COMPACT) : NULL;
        if (filters[i].criterion)
            assert_string_equal(text, filters[i].criterion);
        else
            assert_null(text);
        free(text);
        json_decref(one);
    }
}

/* Each "ringlock NOUN VERB" in the text is a command, so that it can be typed. */
static void names_commands(const char *text)
{
    static const char program[] = "ringlock ";
    char noun[32], verb[32];
    for (const char *p = text; (p = strstr(p, program)); p++) {
        int n = sscanf(p + strlen(program), "%31[a-z] %31[a-z]", noun, verb);
        if (n > 0 && !rl_command_find(noun, NULL) && (n < 2 || !rl_command_find(noun, verb)))
            fail_msg("there is no such command: %s", p);
    }
}

static void every_remedy_names_a_command_that_is_there(void **state)
{
    (void)state;
    for (int c = 0; c < RL_WHY_COUNT; c++) {
        const char *remedy = rl_reason_info((enum rl_reason_code)c)->remedy;
        names_commands(remedy);
        assert_null(strstr(remedy, "set %P")); /* names of profiles have blanks */
    }
    for (int c = 0; c < RL_CODE_COUNT; c++)
        names_commands(rl_code_info((enum rl_code)c)->remedy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines_are_read_by_the_table),
        cmocka_unit_test(a_mistake_before_json_is_told_in_json),
        cmocka_unit_test(every_option_has_one_meaning),
        cmocka_unit_test(every_command_is_whole),
        cmocka_unit_test(every_reading_verb_takes_csv),
        cmocka_unit_test(the_list_for_completion_has_every_command),
        cmocka_unit_test(filters_become_criteria),
        cmocka_unit_test(every_remedy_names_a_command_that_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
