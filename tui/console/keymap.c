#include "console/keymap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/classes.h"
#include "ringlock/text.h"

enum { LINES_MAX = 1000, NAME_SHOWN = 40 };

#define SYSTEM_KEYS "/etc/ringlock/keys"

static struct own {
    const struct ui_action *action; /* of one table; others with its name have its keys, too */
    char *keys;                     /* as in a table; NULL: not taken after all */
    unsigned line;
} * map;
static size_t nmap;

struct reader {
    const char *path;
    unsigned line;
    ui_keymap_fn told;
    void *ctx;
};

static struct own *own_keys(const char *name)
{
    for (size_t i = 0; i < nmap; i++)
        if (map[i].keys && strcmp(map[i].action->name, name) == 0)
            return &map[i];
    return NULL;
}

const char *ui_keys(const struct ui_action *action)
{
    const struct own *own = own_keys(action->name);
    return own ? own->keys : action->keys;
}

__attribute__((format(printf, 2, 3))) static void tell(const struct reader *r, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct rl_buf whole = {0};
    rl_buf_adds(&whole, r->path);
    if (r->line)
        rl_buf_addf(&whole, ":%u", r->line);
    rl_buf_addf(&whole, ": %s", text);
    char *safe = rl_text_safe_dup(rl_buf_str(&whole));
    r->told(r->ctx, safe);
    free(safe);
    rl_buf_fini(&whole);
}

/* Every place where keys act: the screens, then the classes of the layers above them. */
static bool place_at(size_t n, struct ui_view *view)
{
    for (size_t i = 0; ui_screens[i]; i++)
        if (n-- == 0) {
            *view = (struct ui_view){.screen = ui_screens[i], .class = ui_screens[i]->class};
            return true;
        }
    for (size_t i = 0; ui_classes[i]; i++)
        if (n-- == 0) {
            *view = (struct ui_view){.class = ui_classes[i]};
            return true;
        }
    return false;
}

static const struct ui_action *action_by_name(const char *name)
{
    struct ui_view place;
    const struct ui_action *a;
    for (size_t p = 0; place_at(p, &place); p++)
        for (size_t i = 0; (a = ui_action_at(&place, i, NULL)); i++)
            if (strcmp(a->name, name) == 0)
                return a;
    return NULL;
}

/* The first key of `keys` that `others` hold: its length; 0 if there is none. */
static size_t shared_key(const char *keys, const char *others, const char **key)
{
    for (*key = keys; **key;) {
        size_t n = strcspn(*key, ",");
        if (ui_keys_hold(others, ui_key_parse(*key, n)))
            return n;
        *key += n + ((*key)[n] == ',');
    }
    return 0;
}

static bool clashes_at(const struct own *own, const struct ui_view *place, struct reader *r)
{
    const struct ui_action *a;
    const char *key;
    bool here = false;
    for (size_t i = 0; (a = ui_action_at(place, i, NULL)); i++)
        here = here || strcmp(a->name, own->action->name) == 0;
    for (size_t i = 0; here && (a = ui_action_at(place, i, NULL)); i++) {
        size_t n =
            strcmp(a->name, own->action->name) == 0 ? 0 : shared_key(own->keys, ui_keys(a), &key);
        if (n == 0)
            continue;
        r->line = own->line;
        tell(r, "%.*s is the key of %s where %s acts; %s keeps its default", (int)n, key, a->name,
             own->action->name, own->action->name);
        return true;
    }
    return false;
}

static bool clashes(const struct own *own, struct reader *r)
{
    struct ui_view place;
    for (size_t p = 0; own->keys && place_at(p, &place); p++)
        if (clashes_at(own, &place, r))
            return true;
    return false;
}

/* The later line gives way. What is dropped has its default again, which may clash with a line that
 * was good before: again, until nothing does. */
static void drop_clashes(struct reader *r)
{
    bool dropped = true;
    while (dropped) {
        dropped = false;
        for (size_t i = nmap; i-- > 0;)
            if (clashes(&map[i], r)) {
                free(map[i].keys);
                map[i].keys = NULL;
                dropped = true;
            }
    }
}

/* The names of keys, divided by blanks, as a table has them; false after telling what is none. */
static bool read_keys(char *words, const struct reader *r, struct rl_buf *keys)
{
    char *rest = NULL;
    for (char *w = strtok_r(words, " \t", &rest); w; w = strtok_r(NULL, " \t", &rest)) {
        int key = ui_key_parse(w, strlen(w));
        if (key == UI_KEY_NONE || key == UI_KEY_PASTE || key == ',') {
            tell(r, "\"%.*s\" is no key; keys are called as in ringlock --list-keys", NAME_SHOWN,
                 w);
            return false;
        }
        rl_buf_addf(keys, "%s%s", keys->len ? "," : "", w);
    }
    if (keys->len == 0)
        tell(r, "no key stands behind the name");
    return keys->len > 0;
}

static void read_line(char *line, const struct reader *r)
{
    char *name = line + strspn(line, " \t");
    name[strcspn(name, "\r\n")] = '\0';
    if (*name == '\0' || *name == '#')
        return;
    size_t n = strcspn(name, " \t");
    char *words = name + n + (name[n] != '\0');
    name[n] = '\0';
    const struct ui_action *action = action_by_name(name);
    struct rl_buf keys = {0};
    if (!action)
        tell(r, "no action is called \"%.*s\"; ringlock --list-keys has their names", NAME_SHOWN,
             name);
    else if (strcmp(name, "screen") == 0)
        tell(r, "the keys of the screens are their numbers");
    else if (own_keys(name))
        tell(r, "%s stands here a second time", name);
    else if (read_keys(words, r, &keys)) {
        map = rl_realloc(map, (nmap + 1) * sizeof *map);
        map[nmap++] = (struct own){action, rl_buf_take(&keys), r->line};
    }
    rl_buf_fini(&keys);
}

static void forget_all(void)
{
    for (size_t i = 0; i < nmap; i++)
        free(map[i].keys);
    free(map);
    map = NULL;
    nmap = 0;
}

static void read_file(const char *path, ui_keymap_fn told, void *ctx)
{
    struct reader r = {.path = path, .told = told, .ctx = ctx};
    char *line = NULL;
    size_t size = 0;
    forget_all();
    FILE *f = fopen(path, "re");
    if (!f) {
        tell(&r, "cannot be read: %s", strerror(errno));
        return;
    }
    while (r.line < LINES_MAX && getline(&line, &size, f) > 0) {
        r.line++;
        read_line(line, &r);
    }
    free(line);
    fclose(f);
    drop_clashes(&r);
}

/* The file that counts, in `path`; false if there is none. */
static bool find_file(bool locked, char *path, size_t size)
{
    const char *named = getenv("RINGLOCK_KEYS"), *config = getenv("XDG_CONFIG_HOME"),
               *home = getenv("HOME");
    if (!locked && named) {
        snprintf(path, size, "%s", named);
        return *path != '\0';
    }
    *path = '\0';
    if (!locked && config && *config)
        snprintf(path, size, "%s/ringlock/keys", config);
    else if (!locked && home && *home)
        snprintf(path, size, "%s/.config/ringlock/keys", home);
    if (*path && access(path, F_OK) == 0)
        return true;
    snprintf(path, size, SYSTEM_KEYS);
    return access(path, F_OK) == 0;
}

void ui_keymap_start(bool locked, ui_keymap_fn told, void *ctx)
{
    char path[4096];
    if (find_file(locked, path, sizeof path))
        read_file(path, told, ctx);
}
