#include "commands/help.h"

#include <string.h>

#include "commands/verbs.h"

enum {
    LEFT = 27,
    RIGHT = 51
}; /* columns of names and of what they mean; together one line of 80 */

/* Bytes of the longest start of `text` that ends before a blank and fits. */
static size_t fitting(const char *text)
{
    size_t n = strlen(text), at = RIGHT;
    if (n <= RIGHT)
        return n;
    while (at > 0 && text[at] != ' ')
        at--;
    return at ? at : RIGHT;
}

static void print_left(FILE *out, const char *name, const char *arg, const char *help)
{
    char left[100];
    snprintf(left, sizeof left, "%s%s%s", name, arg && *arg ? " " : "", arg ? arg : "");
    fprintf(out, "  %-*s", LEFT - 2, left);
    if (strlen(left) > LEFT - 3)
        fprintf(out, "\n%*s", LEFT, "");
    for (size_t n; (n = fitting(help)) > 0 && n < strlen(help);) {
        fprintf(out, "%.*s\n%*s", (int)n, help, LEFT, "");
        help += n + strspn(help + n, " ");
    }
    fprintf(out, "%s\n", help);
}

static void print_option(FILE *out, const struct rl_option *option)
{
    char name[80];
    snprintf(name, sizeof name, "--%s", option->name);
    print_left(out, name, option->arg, option->help);
}

static void field_option(const struct rl_field *field, char name[80])
{
    int n = snprintf(name, 80, "--%s", field->name);
    for (int i = 0; i < n && i < 79; i++)
        if (name[i] == '_')
            name[i] = '-';
}

/* The fields that an add or set command takes as options: all but the key and the system's. */
static bool offered(const struct rl_command *cmd, const struct rl_field *field)
{
    return cmd->flags & RL_CMD_FIELDS && rl_command_field(cmd, field->name) == field;
}

static void print_fields(FILE *out, const struct rl_command *cmd)
{
    const struct rl_object *obj = rl_object(cmd->kind);
    for (size_t i = 0; i < obj->nfields; i++) {
        char name[80];
        field_option(&obj->fields[i], name);
        if (offered(cmd, &obj->fields[i]))
            print_left(out, name, obj->fields[i].kind == RL_F_SECRET ? "-" : "VALUE",
                       obj->fields[i].help);
    }
}

static void print_command(FILE *out, const struct rl_command *cmd)
{
    fprintf(out, "ringlock %s%s%s%s%s\n  %s\n", cmd->noun, cmd->verb ? " " : "",
            cmd->verb ? cmd->verb : "", *cmd->args ? " " : "", cmd->args, cmd->help);
    for (const struct rl_option *o = cmd->options; o && o->name; o++)
        print_option(out, o);
    if (cmd->flags & RL_CMD_FIELDS)
        print_fields(out, cmd);
    fputc('\n', out);
}

static void print_all(FILE *out)
{
    fputs("ringlock: which calls are really secure, and if not, why not\n\n"
          "ringlock [--site DIR | --socket PATH]   the console\n\nCommands:\n",
          out);
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s%s", cmd->noun, cmd->verb ? " " : "",
                 cmd->verb ? cmd->verb : "");
        print_left(out, name, cmd->args, cmd->help);
    }
    fputs("\nOptions of every command:\n", out);
    for (const struct rl_option *o = rl_global_options; o->name; o++)
        print_option(out, o);
    fputs("\nExit status: 0 done, 1 refused by a rule, 2 wrong usage, 3 no engine,\n"
          "4 not allowed, 5 other failure. `ringlock help NOUN` and ringlock(1) tell more.\n",
          out);
}

void rl_help_print(FILE *out, const char *noun, const char *verb)
{
    if (!noun) {
        print_all(out);
        return;
    }
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++)
        if (strcmp(cmd->noun, noun) == 0 && (!verb || !cmd->verb || strcmp(cmd->verb, verb) == 0))
            print_command(out, cmd);
}

static void list_options(FILE *out, const struct rl_option *list)
{
    for (; list && list->name; list++)
        fprintf(out, " --%s%s", list->name, list->arg ? "=" : "");
}

void rl_help_list_commands(FILE *out)
{
    fputs("ringlock", out);
    list_options(out, rl_global_options);
    fputc('\n', out);
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++) {
        fprintf(out, "%s%s%s", cmd->noun, cmd->verb ? " " : "", cmd->verb ? cmd->verb : "");
        list_options(out, cmd->options);
        const struct rl_object *obj = rl_object(cmd->kind);
        for (size_t i = 0; i < obj->nfields; i++) {
            char name[80];
            field_option(&obj->fields[i], name);
            if (offered(cmd, &obj->fields[i]))
                fprintf(out, " %s=", name);
        }
        fputc('\n', out);
    }
}

int rl_cmd_help(struct rl_cli *cli)
{
    const struct rl_parsed *args = cli->args;
    const char *noun = args->nargs > 0 ? args->arg[0] : NULL;
    const char *verb = args->nargs > 1 ? args->arg[1] : NULL;
    if (noun && !rl_command_is_noun(noun))
        return rl_cli_usage(cli, "There is no command \"%s\".", noun);
    if (verb && !rl_command_find(noun, verb))
        return rl_cli_usage(cli, "ringlock %s has no \"%s\".", noun, verb);
    rl_help_print(stdout, noun, verb);
    return 0;
}
