#include "commands/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/text.h"

enum { LABEL_WIDTH = 29 };

static char *list_text(const json_t *list)
{
    struct rl_buf buf = {0};
    size_t i;
    const json_t *item;
    json_array_foreach ((json_t *)list, i, item) {
        char *text = rl_cmd_text(item);
        if (i > 0)
            rl_buf_addc(&buf, ';');
        rl_buf_adds(&buf, text);
        free(text);
    }
    return rl_buf_take(&buf);
}

char *rl_cmd_text(const json_t *value)
{
    if (!value)
        return rl_strdup("");
    switch (json_typeof(value)) {
    case JSON_STRING:
        return rl_strdup(json_string_value(value));
    case JSON_TRUE:
        return rl_strdup("yes");
    case JSON_FALSE:
        return rl_strdup("no");
    case JSON_INTEGER:
        return rl_asprintf("%lld", (long long)json_integer_value(value));
    case JSON_REAL:
        return rl_asprintf("%g", json_real_value(value));
    case JSON_ARRAY:
        return list_text(value);
    case JSON_OBJECT:
        return json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);
    default:
        return rl_strdup("");
    }
}

char *rl_cmd_words(const json_t *value)
{
    static const char *const words[][2] = {
        {"no-fact",                   "not proven"                          },
        {"not-tls",                   "not TLS"                             },
        {"no-certificate",            "TLS without a certificate"           },
        {"certificate-unproven",      "TLS, certificate not proven"         },
        {"certificate-other",         "TLS, certificate of another device"  },
        {"certificate-not-own",       "TLS, not its certificate on file"    },
        {"certificate-not-yet-valid", "TLS, certificate not valid yet"      },
        {"certificate-expired",       "TLS, certificate expired"            },
        {"certificate-removed",       "TLS, certificate removed here"       },
        {"certificate-missing",       "TLS, no certificate on file"         },
        {"certificate-name",          "TLS, certificate of another name"    },
        {"null-cipher",               "TLS with a NULL cipher"              },
        {"closed",                    "connection closed"                   },
        {"unlisted",                  "source not listed"                   },
        {"udp",                       "UDP"                                 },
        {"tcp",                       "TCP"                                 },
        {"tls",                       "TLS"                                 },
        {"mic-lsc",                   "MIC and LSC"                         },
        {"lsc",                       "LSC"                                 },
        {"per-device",                "each device has its own"             },
        {"shared",                    "shared by the phones of a profile"   },
        {"both",                      "each device its own, or a shared one"},
    };
    const char *text = json_string_value(value);
    for (size_t i = 0; text && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], text) == 0)
            return rl_strdup(words[i][1]);
    return rl_cmd_text(value);
}

const char *rl_cmd_str(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

void rl_print_json(const json_t *value, bool line)
{
    json_dumpf(value, stdout,
               JSON_ENSURE_ASCII | JSON_ENCODE_ANY | (line ? JSON_COMPACT : JSON_INDENT(2)));
    putchar('\n');
}

/* Bytes of `text` that fit into `cells`, ended at a blank where there is one. */
static size_t fitting(const char *text, size_t cells)
{
    size_t n = strlen(text), at = rl_text_cut(text, n, cells, NULL), fits = at;
    while (at < n && at > 0 && text[at] != ' ')
        at--;
    return at > 0 ? at : fits;
}

void rl_print_wrapped(const struct rl_cli *cli, int indent, const char *text)
{
    struct rl_buf safe = {0};
    int cells = cli->width - indent;
    (cli->utf8 ? rl_text_safe : rl_text_ascii)(&safe, text, strlen(text));
    const char *rest = rl_buf_str(&safe);
    for (size_t n;
         cli->wrap && cells > 0 && (n = fitting(rest, (size_t)cells)) < strlen(rest) && n;) {
        printf("%.*s\n%*s", (int)n, rest, indent, "");
        rest += n + strspn(rest + n, " ");
    }
    puts(rest);
    rl_buf_fini(&safe);
}

void rl_print_line(const struct rl_cli *cli, const char *text)
{
    rl_print_wrapped(cli, 0, text);
}

void rl_print_notes(const struct rl_cli *cli, const json_t *result)
{
    size_t i;
    const json_t *note;
    json_array_foreach (json_object_get(result, "notes"), i, note)
        rl_print_line(cli, json_string_value(note));
}

void rl_print_field(const struct rl_cli *cli, const char *label, const char *value)
{
    printf("%-*s  ", LABEL_WIDTH, label);
    rl_print_wrapped(cli, LABEL_WIDTH + 2, value && *value ? value : "-");
}

void rl_print_heading(const struct rl_cli *cli, const char *title)
{
    putchar('\n');
    rl_print_line(cli, title);
}

bool rl_output_broken(void)
{
    return ferror(stdout) != 0;
}

/* Only a pipe or socket can lose its reader; it is no failure of ours. */
static bool reader_has_gone(void)
{
    struct stat st;
    return fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

int rl_output_finish(void)
{
    struct rl_err err = {0};
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || reader_has_gone())
        return 0;
    rl_fail(&err, RL_E_IO, "", "Standard output cannot be written%s%s.", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return rl_tell_failure(RL_PLAIN, &err);
}
