#include "ringlock/model.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"

enum { LIST_MAX = 200, SHOWN = 64, TEXT_MAX = 255, HOST_LABEL_MAX = 63 };

/* One value under test. */
struct subject {
    const struct rl_object *obj;
    const struct rl_field *field;
    struct rl_err *err;
};

#define REFUSE(s, ...) \
    rl_fail_field((s)->err, RL_E_VALUE, (s)->obj->name, (s)->field->name, __VA_ARGS__)

/* Foreign text as it may stand in a sentence: safe, and no longer than fits. */
static const char *shown(const char *text, char out[SHOWN])
{
    char *safe = rl_text_safe_dup(text);
    size_t cells = SHOWN - 4, n;
    while ((n = rl_text_cut(safe, strlen(safe), cells, NULL)) > SHOWN - 4)
        cells--;
    snprintf(out, SHOWN, "%.*s%s", (int)n, safe, safe[n] ? "..." : "");
    free(safe);
    return out;
}

static char *trimmed(const char *text)
{
    size_t n;
    text += strspn(text, " \t");
    for (n = strlen(text); n && strchr(" \t", text[n - 1]);)
        n--;
    return rl_strndup(text, n);
}

/* Choices are compared without regard to case, blanks and hyphens: "Non Secure" is "nonsecure". */
static bool same_choice(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " -");
        b += strspn(b, " -");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

/* "yes" or "no" for yes/no, true/false, 1/0, on/off in any case; NULL for other texts. */
static const char *bool_text(const char *text)
{
    static const char *const words[][2] = {
        {"yes",   "yes"},
        {"no",    "no" },
        {"true",  "yes"},
        {"false", "no" },
        {"1",     "yes"},
        {"0",     "no" },
        {"on",    "yes"},
        {"off",   "no" }
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!rl_text_casecmp(text, words[i][0]))
            return words[i][1];
    return NULL;
}

static enum rl_code read_bool(const struct subject *s, const char *text, char **out)
{
    char *word = trimmed(text), cut[SHOWN];
    const char *said = bool_text(word);
    free(word);
    if (!said)
        return REFUSE(s, "%s is \"%s\": it takes yes or no.", s->field->label, shown(text, cut));
    *out = rl_strdup(said);
    return RL_OK;
}

static enum rl_code read_int(const struct subject *s, const char *text, char **out)
{
    char *word = trimmed(text), cut[SHOWN];
    size_t digits = strspn(word, "0123456789");
    bool whole = digits && !word[digits] && digits <= 10;
    long value = whole ? atol(word) : 0;
    free(word);
    if (!whole || value < s->field->min || value > s->field->max)
        return REFUSE(s, "%s is \"%s\": it takes a whole number from %ld to %ld.", s->field->label,
                      shown(text, cut), s->field->min, s->field->max);
    *out = rl_asprintf("%ld", value);
    return RL_OK;
}

static enum rl_code read_enum(const struct subject *s, const char *text, char **out)
{
    const struct rl_field *f = s->field;
    const char *const *labels = f->labels ? f->labels : f->values;
    struct rl_buf list = {0};
    char cut[SHOWN];
    for (size_t i = 0; f->values[i]; i++) {
        if (same_choice(text, f->values[i]) || same_choice(text, labels[i])) {
            *out = rl_strdup(f->values[i]);
            rl_buf_fini(&list);
            return RL_OK;
        }
        rl_buf_addf(&list, "%s%s", i ? ", " : "", f->values[i]);
    }
    REFUSE(s, "%s is \"%s\": it takes one of %s.", f->label, shown(text, cut), rl_buf_str(&list));
    rl_buf_fini(&list);
    return RL_E_VALUE;
}

/* Characters, counted; 0 for a text that is not UTF-8 or cannot be shown as it is. */
static size_t printable(const char *text)
{
    char *safe = rl_text_safe_dup(text);
    bool same = !strcmp(safe, text);
    size_t n = strlen(text), count = 0;
    uint32_t cp;
    for (int step; same && (step = rl_text_decode(text, n, &cp)) > 0; count++) {
        text += step;
        n -= (size_t)step;
    }
    free(safe);
    return count;
}

static bool ascii_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The first character of `text` that the field does not take; its end if there is none. */
static const char *first_refused(const struct rl_field *f, const char *text)
{
    for (; *text; text++) {
        if (f->allowed && !ascii_alnum(*text) && !strchr(f->allowed, *text))
            return text;
        if (f->forbidden && strchr(f->forbidden, *text))
            return text;
    }
    return text;
}

static enum rl_code refuse_character(const struct subject *s, const char *at)
{
    const struct rl_field *f = s->field;
    char one[SHOWN];
    uint32_t cp;
    int n = rl_text_decode(at, strlen(at), &cp);
    char *character = rl_strndup(at, n > 0 ? (size_t)n : 1);
    shown(character, one);
    free(character);
    if (!f->allowed)
        return REFUSE(s, "%s does not take %s: none of %s may stand in it.", f->label, one,
                      f->forbidden);
    return REFUSE(s, "%s does not take \"%s\": it takes letters, digits%s%s.", f->label, one,
                  *f->allowed ? " and any of " : " only", f->allowed);
}

/* Labels of letters, digits and inner hyphens, divided by single dots (RFC 1123, 2.1). */
static bool is_host_name(const char *text)
{
    for (;; text++) {
        size_t n = strcspn(text, ".");
        if (n == 0 || n > HOST_LABEL_MAX || text[0] == '-' || text[n - 1] == '-' ||
            memchr(text, ':', n))
            return false;
        text += n;
        if (!*text)
            return true;
    }
}

/* The address as the engine writes it, owned; NULL if it is none. What has digits and dots only is
 * no name, but an IPv4 address or a mistake. */
static char *host_form(const char *text)
{
    char ip[16], form[INET6_ADDRSTRLEN];
    if (!text[strspn(text, "0123456789.")])
        return inet_pton(AF_INET, text, ip) == 1 ? rl_strdup(text) : NULL;
    if (inet_pton(AF_INET6, text, ip) == 1)
        return rl_strdup(inet_ntop(AF_INET6, ip, form, sizeof form));
    return is_host_name(text) ? rl_strdup(text) : NULL;
}

/* Check a text and give its copy. Secrets are never repeated in the sentence. */
static enum rl_code read_text(const struct subject *s, const char *text, char **out)
{
    const struct rl_field *f = s->field;
    size_t bytes = strlen(text), most = f->max ? (size_t)f->max : TEXT_MAX;
    size_t characters = printable(text);
    char cut[SHOWN];
    const char *bad = first_refused(f, text);
    if (!characters)
        return REFUSE(s, "%s holds what cannot be shown: it takes printable UTF-8 only.", f->label);
    if (*bad)
        return f->kind == RL_F_SECRET ? REFUSE(s, "%s takes letters and digits only.", f->label)
                                      : refuse_character(s, bad);
    if (characters > most)
        return REFUSE(s, "%s has %zu characters: it takes %zu at most.", f->label, characters,
                      most);
    if (strchr(" \t", text[0]) || strchr(" \t", text[bytes - 1]))
        return REFUSE(s, "%s begins or ends with a blank.", f->label);
    if (f->flags & RL_FF_IDENT && !ascii_alnum(text[0]))
        return REFUSE(s, "%s begins with \"%c\": it begins with a letter or digit.", f->label,
                      text[0]);
    *out = f->flags & RL_FF_HOST ? host_form(text) : rl_strdup(text);
    if (!*out)
        return REFUSE(s, "%s is \"%s\": it takes an IPv4 or IPv6 address or the name of a host.",
                      f->label, shown(text, cut));
    return RL_OK;
}

/* The entries of a list as far as it was read. */
struct entries {
    char *item[LIST_MAX];
    size_t n;
};

static enum rl_code add_entry(const struct subject *s, const char *item, struct entries *have)
{
    char cut[SHOWN], *entry;
    if (!*item)
        return REFUSE(s, "%s has an empty entry: one ';' divides two entries.", s->field->label);
    if (have->n == LIST_MAX)
        return REFUSE(s, "%s has more than %d entries.", s->field->label, LIST_MAX);
    enum rl_code code = s->field->values ? read_enum(s, item, &entry) : read_text(s, item, &entry);
    if (code != RL_OK)
        return code;
    for (size_t i = 0; i < have->n; i++) {
        if (!strcmp(have->item[i], entry)) {
            free(entry);
            return REFUSE(s, "%s names %s twice.", s->field->label, shown(item, cut));
        }
    }
    have->item[have->n++] = entry;
    return RL_OK;
}

static enum rl_code read_list(const struct subject *s, const char *text, char **out)
{
    struct entries have = {.n = 0};
    struct rl_buf list = {0};
    enum rl_code code = RL_OK;
    for (const char *rest = text; rest && code == RL_OK;) {
        size_t len = strcspn(rest, ";");
        char *part = rl_strndup(rest, len), *item = trimmed(part);
        code = add_entry(s, item, &have);
        free(part);
        free(item);
        rest = rest[len] ? rest + len + 1 : NULL;
    }
    for (size_t i = 0; i < have.n; i++) {
        rl_buf_addf(&list, "%s%s", i ? ";" : "", have.item[i]);
        free(have.item[i]);
    }
    if (code == RL_OK)
        *out = rl_buf_take(&list);
    rl_buf_fini(&list);
    return code;
}

static enum rl_code (*const readers[])(const struct subject *, const char *, char **) = {
    [RL_F_TEXT] = read_text,   [RL_F_INT] = read_int,   [RL_F_BOOL] = read_bool,
    [RL_F_ENUM] = read_enum,   [RL_F_LIST] = read_list, [RL_F_REF] = read_text,
    [RL_F_SECRET] = read_text,
};

enum rl_code rl_field_normalise(const struct rl_object *obj, int field, const char *text,
                                char **out, struct rl_err *err)
{
    const struct subject s = {obj, &obj->fields[field], err};
    *out = NULL;
    if (*text)
        return readers[s.field->kind](&s, text, out);
    if (s.field->flags & RL_FF_NEED)
        return rl_fail_field(err, RL_E_REQUIRED, obj->name, s.field->name,
                             "%s is empty: a %s needs it.", s.field->label, obj->name);
    *out = rl_strdup("");
    return RL_OK;
}

void rl_row_check(struct rl_row *row, struct rl_problems *problems)
{
    char key[SHOWN];
    for (size_t i = 0; i < row->obj->nfields; i++) {
        struct rl_err err = {0};
        char *value;
        if (rl_field_normalise(row->obj, (int)i, rl_row_get(row, (int)i), &value, &err)) {
            snprintf(err.object, sizeof err.object, "%s %s", row->obj->name,
                     shown(rl_row_get(row, 0), key));
            rl_problems_add(problems, &err);
            continue;
        }
        free(row->value[i]);
        row->value[i] = value;
    }
}
