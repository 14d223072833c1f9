#include "commands/complete.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "commands/cli.h"
#include "commands/output.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

enum { NAMES = 50, PATIENCE_MS = 300 };

/* The line so far. All borrowed. */
struct line {
    const char *noun;
    const struct rl_command *cmd; /* NULL until its verb is there */
    size_t nargs;                 /* words behind it */
    const char *option;           /* the word under way is the value of this; NULL: of none */
    const char *site, *socket;
    const char *word; /* under way */
};

static void say(const struct line *l, const char *candidate)
{
    if (strncmp(candidate, l->word, strlen(l->word)) == 0)
        puts(candidate);
}

/* "mixed|nonsecure", "[mixed|nonsecure]": each of them. */
static void say_choices(const struct line *l, const char *spec, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t k = strcspn(spec + at, "|[] ");
        char *one = rl_strndup(spec + at, k < n - at ? k : n - at);
        if (islower((unsigned char)*one))
            say(l, one);
        free(one);
        at += k + 1;
    }
}

/* ---- names, of an engine that is there ---- */

static void print_names(const struct line *l, const json_t *rows, const char *member)
{
    const json_t *row;
    size_t i;
    json_array_foreach ((json_t *)rows, i, row) {
        char *name = rl_cmd_text(json_object_get(row, member));
        char *safe = rl_text_safe_dup(name);
        if (strcmp(safe, name) == 0) /* another could not be typed */
            say(l, name);
        free(safe);
        free(name);
    }
}

/* A member of each row that the engine gives; `params` are taken. Whoever waits for a shell waits
 * for a moment only: the alarm ends the program. */
static void say_rows(const struct line *l, const char *method, json_t *params, const char *member)
{
    const struct itimerval patience = {.it_value = {.tv_usec = PATIENCE_MS * 1000}};
    struct rl_parsed args = {.site = l->site, .socket = l->socket};
    struct rl_client_config config = rl_cli_config(&args);
    struct rl_client_hooks hooks = {0};
    struct rl_err err = {0};
    uv_loop_t loop;
    json_t *result = NULL, *problems = NULL;
    fflush(stdout);
    setitimer(ITIMER_REAL, &patience, NULL);
    config.start_private = false;
    uv_loop_init(&loop);
    struct rl_client *client = rl_client_new(&loop, &config, &hooks);
    if (rl_client_wait_up(client, &err) == RL_OK &&
        rl_client_ask(client, method, json_incref(params), &result, &err, &problems) == RL_OK)
        print_names(l, json_object_get(result, "rows"), member);
    json_decref(params);
    json_decref(result);
    json_decref(problems);
    rl_client_free(&client);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

static void say_names(const struct line *l, enum rl_kind kind)
{
    const struct rl_object *obj = rl_object(kind);
    if (rl_text_is_utf8(l->word, strlen(l->word)))
        say_rows(l, "object.list",
                 json_pack("{s:s, s:[{s:s, s:s, s:s}], s:i}", "kind", obj->name, "criteria",
                           "field", obj->fields[0].name, "op", "begins with", "value", l->word,
                           "limit", NAMES),
                 obj->fields[0].name);
}

/* Numbers of drafts; those of wizards alone for the noun "wizard". */
static void say_drafts(const struct line *l)
{
    if (strcmp(l->cmd->noun, "draft") == 0)
        say_rows(l, "draft.list", NULL, "id");
    say_rows(l, "wizard.list", NULL, "id");
}

/* ---- values ---- */

static void say_field_value(const struct line *l, const struct rl_field *field)
{
    for (size_t i = 0; field->values && field->values[i]; i++)
        say(l, field->values[i]);
    if (field->kind == RL_F_BOOL)
        say_choices(l, "yes|no", 6);
    if (field->kind == RL_F_REF)
        say_names(l, field->ref);
}

static void say_field_names(const struct line *l, enum rl_kind kind)
{
    for (size_t i = 0; i < rl_object(kind)->nstored; i++)
        say(l, rl_object(kind)->fields[i].name);
}

static void say_warnings(const struct line *l)
{
    for (int code = 0; code < RL_CODE_COUNT; code++)
        if (rl_code_is_warning((enum rl_code)code) && !rl_code_informs((enum rl_code)code))
            say(l, rl_code_info((enum rl_code)code)->tag);
}

static const struct rl_option *find_option(const struct rl_option *list, const char *name, size_t n)
{
    for (; list && list->name; list++)
        if (strlen(list->name) == n && strncmp(list->name, name, n) == 0)
            return list;
    return NULL;
}

/* Options whose value is the name of an object. */
static bool say_option_names(const struct line *l)
{
    static const struct {
        const char *option;
        enum rl_kind kind;
    } kinds[] = {
        {"device",  RL_PHONE  },
        {"phone",   RL_PHONE  },
        {"type",    RL_TYPE   },
        {"profile", RL_PROFILE},
        {"assign",  RL_PROFILE},
        {"owner",   RL_USER   },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].option, l->option) == 0)
            return say_names(l, kinds[i].kind), true;
    return false;
}

static void say_option_value(const struct line *l)
{
    size_t n = strlen(l->option);
    const struct rl_option *own = l->cmd ? find_option(l->cmd->options, l->option, n) : NULL;
    const struct rl_field *field = l->cmd ? rl_command_field(l->cmd, l->option) : NULL;
    if (strcmp(l->option, "color") == 0)
        say_choices(l, "auto|always|never", 17);
    else if (strcmp(l->option, "accept") == 0)
        say_warnings(l);
    else if (field)
        say_field_value(l, field);
    else if (own && own->arg && islower((unsigned char)*own->arg))
        say_choices(l, own->arg, strlen(own->arg));
    else if (own && strcmp(own->name, "sort") == 0)
        say_field_names(l, l->cmd->kind);
    else
        say_option_names(l);
}

/* ---- words ---- */

static void say_option(const struct line *l, const char *name)
{
    char *option = rl_asprintf("--%s", name);
    for (char *p = option; *p; p++)
        *p = *p == '_' ? '-' : *p;
    say(l, option);
    free(option);
}

static void say_options(const struct line *l)
{
    const struct rl_object *obj = l->cmd ? rl_object(l->cmd->kind) : NULL;
    for (const struct rl_option *o = rl_global_options; o->name; o++)
        say_option(l, o->name);
    for (const struct rl_option *o = l->cmd ? l->cmd->options : NULL; o && o->name; o++)
        say_option(l, o->name);
    for (size_t i = 0; obj && i < obj->nfields; i++)
        if (rl_command_field(l->cmd, obj->fields[i].name) == &obj->fields[i])
            say_option(l, obj->fields[i].name);
}

static void say_words(const struct line *l)
{
    const char *last = "";
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++) {
        if (!l->noun && strcmp(cmd->noun, last) != 0)
            say(l, last = cmd->noun);
        else if (l->noun && cmd->verb && strcmp(cmd->noun, l->noun) == 0)
            say(l, cmd->verb);
    }
}

static bool names_an_object(const char *spec, size_t n)
{
    static const char *const words[] = {"NAME", "ID", "MODEL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (n == strlen(words[i]) && strncmp(spec, words[i], n) == 0)
            return true;
    return false;
}

static bool is_of_objects(const struct rl_command *cmd)
{
    return strcmp(cmd->noun, rl_object(cmd->kind)->name) == 0 || cmd->kind == RL_CERTIFICATE;
}

static bool is_of_drafts(const struct rl_command *cmd)
{
    return strcmp(cmd->noun, "draft") == 0 || strcmp(cmd->noun, "wizard") == 0;
}

/* The words behind a command, by its args: "NAME", "[NAME]...", "KIND FILE", "one|other". */
static void say_argument(const struct line *l)
{
    const char *s = l->cmd->args;
    size_t n = strcspn(s, " ");
    for (size_t i = 0; i < l->nargs && !(n > 3 && strncmp(s + n - 3, "...", 3) == 0); i++) {
        s += n + strspn(s + n, " ");
        n = strcspn(s, " ");
    }
    size_t skip = *s == '[';
    size_t bare = strcspn(s + skip, "]. ");
    if (n > 0 && islower((unsigned char)s[skip]))
        say_choices(l, s, n);
    else if (names_an_object(s + skip, bare) && is_of_objects(l->cmd) &&
             strcmp(l->cmd->verb, "add") != 0)
        say_names(l, l->cmd->kind);
    else if (strncmp(s, "ID", 2) == 0 && is_of_drafts(l->cmd))
        say_drafts(l);
}

static bool takes_value(const struct line *l, const char *name, size_t n)
{
    char *copy = rl_strndup(name, n);
    const struct rl_option *global = find_option(rl_global_options, name, n);
    const struct rl_option *own = l->cmd ? find_option(l->cmd->options, name, n) : NULL;
    bool takes =
        (global && global->arg) || (own && own->arg) || (l->cmd && rl_command_field(l->cmd, copy));
    free(copy);
    return takes;
}

static void take_word(struct line *l, const char *word)
{
    if (l->option) {
        if (strcmp(l->option, "site") == 0)
            l->site = word;
        else if (strcmp(l->option, "socket") == 0)
            l->socket = word;
        l->option = NULL;
    } else if (strncmp(word, "--", 2) == 0) {
        if (takes_value(l, word + 2, strlen(word + 2)))
            l->option = word + 2;
    } else if (l->cmd) {
        l->nargs++;
    } else if (l->noun) {
        l->cmd = rl_command_find(l->noun, word);
    } else {
        l->noun = word;
        l->cmd = rl_command_find(word, NULL);
    }
}

int rl_complete(int nwords, char *const *words)
{
    struct line l = {.word = nwords > 0 ? words[nwords - 1] : ""};
    for (int i = 0; i + 1 < nwords; i++)
        take_word(&l, words[i]);
    if (l.option)
        say_option_value(&l);
    else if (*l.word == '-')
        say_options(&l);
    else if (l.cmd)
        say_argument(&l);
    else
        say_words(&l);
    return rl_output_finish();
}
