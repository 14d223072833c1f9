#include "ringlock/inifile.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"

struct scan {
    struct rl_ini *ini;
    const char *file;
    enum rl_code code;
    struct rl_problems *problems;
    size_t section; /* index of the section that is open; SIZE_MAX before the first */
    int line;
};

static void refuse(struct scan *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void refuse(struct scan *s, const char *fmt, ...)
{
    struct rl_err err;
    char what[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    rl_fail(&err, s->code, s->file, "%s line %d: %s.", s->file, s->line, what);
    err.line = s->line;
    rl_problems_add(s->problems, &err);
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without the blanks around it. */
static char *strip(char *text)
{
    size_t n;
    while (blank(*text))
        text++;
    for (n = strlen(text); n && blank(text[n - 1]);)
        text[--n] = '\0';
    return text;
}

/* Letters, digits and . _ - only; lower-cased in place. */
static bool is_name(char *name)
{
    static const char marks[] = "._-";
    if (!*name)
        return false;
    for (; *name; name++) {
        if (!isalnum((unsigned char)*name) && !strchr(marks, *name))
            return false;
        *name = (char)tolower((unsigned char)*name);
    }
    return true;
}

/* Keys are compared with those of their section, sections with all: from..n. */
static void add(struct scan *s, char *name, const char *key, size_t from)
{
    struct rl_ini *ini = s->ini;
    for (size_t i = from; i < ini->n; i++) {
        if (!strcmp(ini->entry[i].name, name)) {
            refuse(s, "%s is given here and in line %d", key ? key : name, ini->entry[i].line);
            break;
        }
    }
    if (ini->n == ini->cap) {
        ini->cap = ini->cap ? ini->cap * 2 : 64;
        ini->entry = rl_realloc(ini->entry, ini->cap * sizeof *ini->entry);
    }
    ini->entry[ini->n++] = (struct rl_ini_entry){name, key, s->line};
}

static void section_line(struct scan *s, char *line)
{
    size_t n = strlen(line);
    if (line[n - 1] != ']') {
        refuse(s, "a section stands alone on its line, as [name]");
        return;
    }
    line[n - 1] = '\0';
    char *name = strip(line + 1);
    if (!is_name(name)) {
        refuse(s, "a section's name has letters, digits and . _ - only");
        return;
    }
    add(s, rl_strdup(name), NULL, 0);
    s->section = s->ini->n - 1;
}

/* What may follow a quoted value. */
static bool is_rest(const char *rest)
{
    while (blank(*rest))
        rest++;
    return !*rest || *rest == ';' || *rest == '#';
}

static bool value_is_plain(struct scan *s, const char *key, const char *value)
{
    if (*value == '"' || *value == '\'') {
        const char *end = strchr(value + 1, *value);
        if (!end || !is_rest(end + 1))
            refuse(s, "the value of %s begins with a quote and does not end with it", key);
        return end && is_rest(end + 1);
    }
    for (const char *p = value; (p = strpbrk(p, ";#")); p++) {
        if (p == value || blank(p[-1]))
            return true;
        refuse(s, "the value of %s holds %c: put it in quotes", key, *p);
        return false;
    }
    return true;
}

static void key_line(struct scan *s, char *line)
{
    char *equals = strchr(line, '=');
    if (!equals) {
        refuse(s, "this is neither [section] nor key = value nor a comment");
        return;
    }
    *equals = '\0';
    char *key = strip(line), *value = strip(equals + 1);
    if (!is_name(key)) {
        refuse(s, "a key has letters, digits and . _ - only");
    } else if (s->section == SIZE_MAX) {
        refuse(s, "%s stands before the first [section]", key);
    } else if (value_is_plain(s, key, value)) {
        const char *section = s->ini->entry[s->section].name;
        char *name = rl_asprintf("%s:%s", section, key);
        add(s, name, name + strlen(section) + 1, s->section + 1);
    }
}

static void scan_line(struct scan *s, const char *start, size_t n)
{
    char copy[RL_INI_LINE_MAX + 1], *line;
    if (n > RL_INI_LINE_MAX) {
        refuse(s, "the line is longer than %d bytes", RL_INI_LINE_MAX);
        return;
    }
    if (memchr(start, '\0', n) || !rl_text_is_utf8(start, n)) {
        refuse(s, "the text is not UTF-8");
        return;
    }
    memcpy(copy, start, n);
    copy[n] = '\0';
    line = strip(copy);
    n = strlen(line);
    if (n && line[n - 1] == '\\')
        refuse(s, "a backslash at the end would join this line to the next");
    else if (*line == '[')
        section_line(s, line);
    else if (*line && *line != ';' && *line != '#')
        key_line(s, line);
}

void rl_ini_scan(struct rl_ini *ini, const char *text, size_t n, const char *file,
                 enum rl_code code, struct rl_problems *problems)
{
    struct scan s = {ini, file, code, problems, SIZE_MAX, 0};
    *ini = (struct rl_ini){0};
    for (const char *p = text, *end = text + n; p < end;) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        s.line++;
        scan_line(&s, p, (size_t)((eol ? eol : end) - p));
        p = eol ? eol + 1 : end;
    }
}

void rl_ini_fini(struct rl_ini *ini)
{
    for (size_t i = 0; i < ini->n; i++)
        free(ini->entry[i].name);
    free(ini->entry);
    *ini = (struct rl_ini){0};
}

int rl_ini_line(const struct rl_ini *ini, const char *name)
{
    for (size_t i = 0; i < ini->n; i++)
        if (!strcmp(ini->entry[i].name, name))
            return ini->entry[i].line;
    return 0;
}

enum rl_code rl_ini_read(const char *path, char **text, size_t *n, struct rl_err *err)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return rl_fail(err, RL_E_IO, path, "%s cannot be read: %s.", path, strerror(errno));
    *text = rl_alloc(RL_INI_FILE_MAX + 1);
    *n = fread(*text, 1, RL_INI_FILE_MAX + 1, f);
    int failed = ferror(f) ? errno : 0;
    fclose(f);
    if (!failed && *n <= RL_INI_FILE_MAX)
        return RL_OK;
    free(*text);
    *text = NULL;
    if (failed)
        return rl_fail(err, RL_E_IO, path, "%s cannot be read: %s.", path, strerror(failed));
    return rl_fail(err, RL_E_IO, path, "%s is larger than 1 MiB.", path);
}
