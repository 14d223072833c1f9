#include "commands/parse.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"

struct reader {
    int argc, at, typed;
    char *const *argv;
    struct rl_parsed *out;
    struct rl_err *err;
};

static const struct rl_option *find_option(const struct rl_option *list, const char *name)
{
    for (; list && list->name; list++)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

/* The command as people name it: "phone list". Static until the next call. */
static const char *command_name(const struct rl_parsed *p)
{
    static char name[64];
    const char *verb = p->cmd && p->cmd->verb ? p->cmd->verb : "";
    snprintf(name, sizeof name, "ringlock%s%s%s%s", p->noun ? " " : "", p->noun ? p->noun : "",
             *verb ? " " : "", verb);
    return name;
}

static void add_given(struct rl_parsed *p, const char *name, const char *value, bool is_field)
{
    p->given = rl_realloc(p->given, (p->ngiven + 1) * sizeof *p->given);
    p->given[p->ngiven++] = (struct rl_given){name, value, is_field};
}

static void add_text(const char ***list, size_t *n, const char *text)
{
    *list = rl_realloc(*list, (*n + 2) * sizeof **list);
    (*list)[(*n)++] = text;
    (*list)[*n] = NULL;
}

static bool already_given(const struct rl_parsed *p, const char *name)
{
    for (size_t i = 0; i < p->ngiven; i++)
        if (strcmp(p->given[i].name, name) == 0)
            return true;
    return false;
}

static enum rl_code set_format(struct reader *r, enum rl_format format)
{
    if (r->out->format != RL_PLAIN && r->out->format != format)
        return rl_fail(r->err, RL_E_USAGE, "", "--json and --csv exclude one another.");
    r->out->format = format;
    return RL_OK;
}

/* Who mistypes the code of a warning has not accepted it; a refusal cannot be accepted. */
static enum rl_code take_accepted(struct reader *r, const char *code)
{
    if (!rl_code_is_warning(rl_code_by_tag(code)))
        return rl_fail(r->err, RL_E_USAGE, "", "There is no warning \"%s\" to accept.", code);
    add_text(&r->out->accepted, &r->out->naccepted, code);
    return RL_OK;
}

/* Where the value of a global option goes; flags are told by their names. */
static enum rl_code take_global(struct reader *r, const char *name, const char *value)
{
    struct rl_parsed *p = r->out;
    const struct {
        const char *name;
        const char **value;
        bool *flag;
    } places[] = {
        {"site",          &p->site,   NULL             },
        {"socket",        &p->socket, NULL             },
        {"files",         &p->files,  NULL             },
        {"color",         &p->color,  NULL             },
        {"fields",        &p->fields, NULL             },
        {"help",          NULL,       &p->help         },
        {"version",       NULL,       &p->version      },
        {"list-commands", NULL,       &p->list_commands},
        {"list-keys",     NULL,       &p->list_keys    },
        {"locked",        NULL,       &p->locked       },
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(places[i].name, name) == 0) {
            if (places[i].flag)
                *places[i].flag = true;
            else
                *places[i].value = value;
            return RL_OK;
        }
    }
    if (strcmp(name, "accept") == 0)
        return take_accepted(r, value);
    assert(strcmp(name, "csv") == 0 || strcmp(name, "json") == 0);
    return set_format(r, name[0] == 'c' ? RL_CSV : RL_JSON);
}

static enum rl_code option_value(struct reader *r, const char *name, const char *arg,
                                 const char *inline_value, const char **value)
{
    *value = inline_value ? inline_value : "";
    if (!arg && inline_value)
        return rl_fail(r->err, RL_E_USAGE, "", "--%s takes no value.", name);
    if (!arg || inline_value)
        return RL_OK;
    if (r->at >= r->argc)
        return rl_fail(r->err, RL_E_USAGE, "", "--%s needs a value: %s.", name, arg);
    *value = r->argv[r->at++];
    return RL_OK;
}

/* Who is held to ringlock is held to its site and folder, too. */
static bool leads_elsewhere(const char *name)
{
    return strcmp(name, "site") == 0 || strcmp(name, "socket") == 0 || strcmp(name, "files") == 0;
}

/* One word that begins with two dashes. */
static enum rl_code take_option(struct reader *r, const char *word)
{
    const struct rl_command *cmd = r->out->cmd;
    bool typed = r->at > r->typed;
    const char *equals = strchr(word, '='), *value = "";
    char *name = equals ? rl_strndup(word, (size_t)(equals - word)) : rl_strdup(word);
    const struct rl_option *global = find_option(rl_global_options, name);
    const struct rl_option *own = global || !cmd ? NULL : find_option(cmd->options, name);
    const struct rl_field *field = global || own || !cmd ? NULL : rl_command_field(cmd, name);
    const struct rl_option *option = global ? global : own;
    const char *known = option ? option->name : field ? field->name : NULL;
    enum rl_code code;
    if (!known)
        code =
            rl_fail(r->err, RL_E_USAGE, "", "%s has no option --%s.", command_name(r->out), name);
    else
        code = option_value(r, known, option ? option->arg : field->label,
                            equals ? equals + 1 : NULL, &value);
    free(name);
    if (code != RL_OK)
        return code;
    if (global && typed && leads_elsewhere(known))
        return rl_fail(r->err, RL_E_NOT_ALLOWED, "", "--%s is not for you to choose here.", known);
    if (global)
        return take_global(r, known, value);
    if (!(own && own->many) && already_given(r->out, known))
        return rl_fail(r->err, RL_E_USAGE, "", "--%s is given twice.", known);
    add_given(r->out, known, value, field != NULL);
    return RL_OK;
}

static enum rl_code take_word(struct reader *r, const char *word)
{
    struct rl_parsed *p = r->out;
    if (p->cmd) {
        add_text(&p->arg, &p->nargs, word);
        return RL_OK;
    }
    if (!p->noun) {
        if (!rl_command_is_noun(word))
            return rl_fail(r->err, RL_E_USAGE, "", "There is no command \"%s\".", word);
        p->noun = word;
        p->cmd = rl_command_find(word, NULL);
        return RL_OK;
    }
    p->cmd = rl_command_find(p->noun, word);
    if (!p->cmd)
        return rl_fail(r->err, RL_E_USAGE, "", "ringlock %s has no \"%s\".", p->noun, word);
    return RL_OK;
}

static enum rl_code read_words(struct reader *r)
{
    bool options = true;
    enum rl_code code = RL_OK;
    while (code == RL_OK && r->at < r->argc) {
        const char *word = r->argv[r->at++];
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strcmp(word, "-h") == 0)
            r->out->help = true;
        else if (options && strncmp(word, "--", 2) == 0)
            code = take_option(r, word + 2);
        else if (options && word[0] == '-' && word[1])
            code =
                rl_fail(r->err, RL_E_USAGE, "", "%s has no option %s.", command_name(r->out), word);
        else
            code = take_word(r, word);
    }
    return code;
}

static bool is_choice(const char *spec, size_t n, const char *word)
{
    size_t len = strlen(word);
    for (const char *s = spec; s < spec + n; s++) {
        size_t k = strcspn(s, "|] ");
        if (k == len && strncmp(s, word, k) == 0)
            return true;
        s += k;
    }
    return false;
}

/* Hold the words against the command's args: "NAME", "[NAME]", "NAME...", "one|other". */
static enum rl_code check_words(struct reader *r)
{
    const struct rl_parsed *p = r->out;
    size_t i = 0;
    for (const char *s = p->cmd->args; *s;) {
        size_t n = strcspn(s, " ");
        bool optional = s[0] == '[', many = n > 3 && strncmp(s + n - 3, "...", 3) == 0;
        if (i >= p->nargs && !optional)
            return rl_fail(r->err, RL_E_USAGE, "", "%s needs %.*s.", command_name(p), (int)n, s);
        if (i < p->nargs && islower((unsigned char)s[optional]) &&
            !is_choice(s + optional, n - optional, p->arg[i]))
            return rl_fail(r->err, RL_E_USAGE, "", "%s takes %.*s, not \"%s\".", command_name(p),
                           (int)n, s, p->arg[i]);
        i = many ? p->nargs : i + 1;
        s += n + strspn(s + n, " ");
    }
    if (i < p->nargs)
        return rl_fail(r->err, RL_E_USAGE, "", "%s: \"%s\" is too many.", command_name(p),
                       p->arg[i]);
    return RL_OK;
}

static enum rl_code check_format(struct reader *r)
{
    const struct rl_parsed *p = r->out;
    if (p->format == RL_CSV && !(p->cmd->flags & RL_CMD_READ))
        return rl_fail(r->err, RL_E_USAGE, "", "%s has no --csv.", command_name(p));
    if (p->fields && !(p->cmd->flags & RL_CMD_READ))
        return rl_fail(r->err, RL_E_USAGE, "", "%s has no --fields.", command_name(p));
    if (p->format != RL_PLAIN && (p->cmd->flags & RL_CMD_TEXT))
        return rl_fail(r->err, RL_E_USAGE, "", "%s has no --%s.", command_name(p),
                       p->format == RL_CSV ? "csv" : "json");
    return RL_OK;
}

static enum rl_code check_color(struct reader *r)
{
    const char *color = r->out->color;
    if (color && !is_choice("auto|always|never", 17, color))
        return rl_fail(r->err, RL_E_USAGE, "", "--color takes auto, always or never, not \"%s\".",
                       color);
    return RL_OK;
}

static enum rl_code check_locked(struct reader *r)
{
    const struct rl_parsed *p = r->out;
    if (p->files && !p->locked)
        return rl_fail(r->err, RL_E_USAGE, "", "--files goes with --locked.");
    if (p->locked && p->cmd && p->cmd->flags & RL_CMD_OUTSIDE)
        return rl_fail(r->err, RL_E_NOT_ALLOWED, "", "%s is not for a locked console.",
                       command_name(p));
    return RL_OK;
}

static enum rl_code read_all(struct reader *r)
{
    const struct rl_parsed *p = r->out;
    enum rl_code code = read_words(r);
    if (code == RL_OK)
        code = check_color(r);
    if (code == RL_OK)
        code = check_locked(r);
    if (code != RL_OK || p->help || p->version || p->list_commands || p->list_keys || !p->noun)
        return code;
    if (!p->cmd)
        return rl_fail(r->err, RL_E_USAGE, "", "ringlock %s needs a verb.", p->noun);
    code = check_format(r);
    return code == RL_OK ? check_words(r) : code;
}

enum rl_code rl_parse_args(int argc, char *const *argv, int typed, struct rl_parsed *out,
                           struct rl_err *err)
{
    struct reader r = {.argc = argc, .at = 1, .typed = typed, .argv = argv, .out = out, .err = err};
    *out = (struct rl_parsed){0};
    enum rl_code code = read_all(&r);
    for (int i = 1; code != RL_OK && i < argc; i++)
        if (strcmp(argv[i], "--json") ==
            0) /* behind the mistake it counts for the message all the same */
            out->format = RL_JSON;
    return code;
}

void rl_parsed_fini(struct rl_parsed *p)
{
    free(p->arg);
    free(p->given);
    free(p->accepted);
    *p = (struct rl_parsed){0};
}

const char *rl_parsed_option(const struct rl_parsed *p, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < p->ngiven; i++)
        if (!p->given[i].is_field && strcmp(p->given[i].name, name) == 0)
            value = p->given[i].value;
    return value;
}
