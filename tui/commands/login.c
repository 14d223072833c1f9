#include "commands/login.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/files.h"
#include "ringlock/buf.h"

static const char blanks[] = " \t\r\n";

static void add_word(struct rl_login *login, char *word)
{
    login->argv = rl_realloc(login->argv, ((size_t)login->argc + 2) * sizeof *login->argv);
    login->argv[login->argc++] = word;
    login->argv[login->argc] = NULL;
}

/* What stands between two quotes; returns the place behind the second, NULL if there is none. */
static const char *quoted(const char *s, char quote, struct rl_buf *word)
{
    for (; *s && *s != quote; s++) {
        if (quote == '"' && *s == '\\' && (s[1] == '"' || s[1] == '\\'))
            s++;
        rl_buf_addc(word, *s);
    }
    return *s ? s + 1 : NULL;
}

/* One word; returns the place behind it, NULL if a quote does not end. */
static const char *one_word(const char *s, struct rl_buf *word)
{
    while (s && *s && !strchr(blanks, *s)) {
        if (*s == '\'' || *s == '"') {
            s = quoted(s + 1, *s, word);
        } else {
            s += *s == '\\' && s[1];
            rl_buf_addc(word, *s++);
        }
    }
    return s;
}

enum rl_code rl_login_split(struct rl_login *login, const char *line, struct rl_err *err)
{
    for (line += strspn(line, blanks); *line; line += strspn(line, blanks)) {
        struct rl_buf word = {0};
        const char *rest = one_word(line, &word);
        if (!rest) {
            rl_buf_fini(&word);
            return rl_fail(err, RL_E_USAGE, "", "A quote has no end: %s.", line);
        }
        add_word(login, rl_buf_take(&word));
        line = rest;
    }
    return RL_OK;
}

static bool moves_files(const char *program)
{
    static const char *const known[] = {"scp", "sftp", "sftp-server", "internal-sftp", "rsync"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(rl_file_name(program), known[i]) == 0)
            return true;
    return false;
}

/* What the user typed: words of ringlock, of which the first may be its name. */
static enum rl_code take_line(struct rl_login *login, const char *line, struct rl_err *err)
{
    int first = login->argc;
    login->typed = first;
    enum rl_code code = rl_login_split(login, line, err);
    if (code != RL_OK || login->argc == first)
        return code;
    const char *word = login->argv[first];
    if (strcmp(rl_file_name(word), "ringlock") == 0) {
        free(login->argv[first]);
        memmove(&login->argv[first], &login->argv[first + 1],
                (size_t)(login->argc - first) * sizeof *login->argv);
        login->argc--;
    } else if (moves_files(word) || strchr(word, '/')) {
        rl_fail(err, RL_E_NOT_ALLOWED, "", "%s does not run here: only ringlock does.", word);
        rl_err_remedy(err, "%s", "");
        return RL_E_NOT_ALLOWED;
    }
    return RL_OK;
}

static enum rl_code take_login_shell(int argc, char *const *argv, struct rl_login *login,
                                     struct rl_err *err)
{
    bool given = argc > 1 && strcmp(argv[1], "-c") == 0;
    add_word(login, rl_strdup("ringlock"));
    add_word(login, rl_strdup("--locked"));
    login->typed = login->argc;
    if (argc != (given ? 3 : 1))
        return rl_fail(err, RL_E_USAGE, "", "As a login shell ringlock takes -c LINE, or nothing.");
    return given ? take_line(login, argv[2], err) : RL_OK;
}

static void take_all(int argc, char *const *argv, struct rl_login *login)
{
    for (int i = 0; i < argc; i++)
        add_word(login, rl_strdup(argv[i]));
    login->typed = login->argc;
}

static bool is_login_shell(int argc, char *const *argv)
{
    return argc > 0 && (argv[0][0] == '-' || (argc > 1 && strcmp(argv[1], "-c") == 0));
}

/* Nothing to do, so what sshd set aside for us is meant. */
static bool has_no_command(const struct rl_parsed *args)
{
    return !args->noun && !args->help && !args->version && !args->list_commands && !args->list_keys;
}

enum rl_code rl_login_read(int argc, char *const *argv, struct rl_login *login,
                           struct rl_parsed *args, struct rl_err *err)
{
    const char *original = getenv("SSH_ORIGINAL_COMMAND");
    enum rl_code code = RL_OK;
    *login = (struct rl_login){0};
    *args = (struct rl_parsed){0};
    if (is_login_shell(argc, argv))
        code = take_login_shell(argc, argv, login, err);
    else
        take_all(argc, argv, login);
    if (code == RL_OK)
        code = rl_parse_args(login->argc, login->argv, login->typed, args, err);
    if (code != RL_OK || !args->locked || !original || !has_no_command(args))
        return code;
    code = take_line(login, original, err);
    rl_parsed_fini(args);
    return code == RL_OK ? rl_parse_args(login->argc, login->argv, login->typed, args, err) : code;
}

void rl_login_fini(struct rl_login *login)
{
    for (int i = 0; i < login->argc; i++)
        free(login->argv[i]);
    free(login->argv);
    *login = (struct rl_login){0};
}

/* What says how to show things, and which site; nothing that names files or code. */
static bool stays(const char *variable)
{
    static const char *const kept[] = {
        "TERM=", "LANG=", "LC_", "TZ=", "NO_COLOR=", "ESCDELAY=", "PATH=", "RINGLOCK_SITE="};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strncmp(variable, kept[i], strlen(kept[i])) == 0)
            return true;
    return false;
}

void rl_login_clean_environment(void)
{
    char **to = environ;
    for (char **from = environ; *from; from++)
        if (stays(*from))
            *to++ = *from;
    *to = NULL;
}
