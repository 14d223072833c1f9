#include "console/edit.h"

#include <string.h>

#include "console/keys.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

void ui_edit_set(struct ui_edit *e, const char *text)
{
    size_t n = strlen(text);
    if (n >= UI_EDIT_MAX)
        n = rl_text_cut(text, UI_EDIT_MAX - 1, UI_EDIT_MAX, NULL);
    memcpy(e->text, text, n);
    e->text[n] = '\0';
    e->len = e->at = n;
}

static bool is_inner_byte(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t before(const struct ui_edit *e, size_t at)
{
    while (at > 0 && is_inner_byte(e->text[--at]))
        ;
    return at;
}

static size_t after(const struct ui_edit *e, size_t at)
{
    while (at < e->len && is_inner_byte(e->text[++at]))
        ;
    return at;
}

static void cut(struct ui_edit *e, size_t from, size_t to)
{
    memmove(e->text + from, e->text + to, e->len - to + 1);
    e->len -= to - from;
    e->at = from;
}

static bool insert(struct ui_edit *e, const char *bytes, size_t n)
{
    if (e->len + n >= UI_EDIT_MAX)
        return false;
    memmove(e->text + e->at + n, e->text + e->at, e->len - e->at + 1);
    memcpy(e->text + e->at, bytes, n);
    e->len += n;
    e->at += n;
    return true;
}

static size_t encode(int cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)(lead[n] | cp);
    return n;
}

static size_t word_begin(const struct ui_edit *e)
{
    size_t at = e->at;
    while (at > 0 && e->text[at - 1] == ' ')
        at--;
    while (at > 0 && e->text[at - 1] != ' ')
        at--;
    return at;
}

bool ui_edit_key(struct ui_edit *e, int key)
{
    char bytes[4];
    switch (key) {
    case UI_KEY_LEFT:
        e->at = before(e, e->at);
        return true;
    case UI_KEY_RIGHT:
        e->at = after(e, e->at);
        return true;
    case UI_KEY_HOME:
    case UI_CTRL('A'):
        e->at = 0;
        return true;
    case UI_KEY_END:
    case UI_CTRL('E'):
        e->at = e->len;
        return true;
    case UI_KEY_BACKSPACE:
        cut(e, before(e, e->at), e->at);
        return true;
    case UI_KEY_DEL:
    case UI_CTRL('D'):
        cut(e, e->at, after(e, e->at));
        return true;
    case UI_CTRL('U'):
        cut(e, 0, e->len);
        return true;
    case UI_CTRL('K'):
        cut(e, e->at, e->len);
        return true;
    case UI_CTRL('W'):
        cut(e, word_begin(e), e->at);
        return true;
    default:
        return ui_key_is_text(key) && (insert(e, bytes, encode(key, bytes)), true);
    }
}

size_t ui_edit_paste(struct ui_edit *e, const char *text)
{
    size_t n = strlen(text), lost = 0;
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        int len = rl_text_decode(text + i, n - i, &cp);
        size_t step = len > 0 ? (size_t)len : 1;
        bool blank = len > 0 && (cp == '\n' || cp == '\r' || cp == '\t');
        if (blank && i + 1 < n)
            lost += !lost && insert(e, " ", 1) ? 0 : 1;
        else if (!blank && len > 0 && ui_key_is_text((int)cp))
            lost += !lost && insert(e, text + i, step) ? 0 : step;
        i += step;
    }
    return lost;
}

/* Shown text of the first n bytes. */
static void safe_part(const struct ui_edit *e, size_t from, size_t to, bool secret,
                      struct rl_buf *out)
{
    if (!secret) {
        rl_text_safe(out, e->text + from, to - from);
        return;
    }
    for (size_t i = from; i < to; i = after(e, i))
        rl_buf_addc(out, '*');
}

static int width_of(const struct ui_edit *e, size_t from, size_t to, bool secret)
{
    struct rl_buf b = {0};
    safe_part(e, from, to, secret, &b);
    int width = (int)rl_text_width(rl_buf_str(&b), b.len);
    rl_buf_fini(&b);
    return width;
}

void ui_edit_show(const struct ui_edit *e, int cells, bool secret, struct rl_buf *out, int *cursor)
{
    size_t from = 0;
    while (from < e->at && width_of(e, from, e->at, secret) >= cells)
        from = after(e, from);
    *cursor = width_of(e, from, e->at, secret);
    struct rl_buf all = {0};
    safe_part(e, from, e->len, secret, &all);
    rl_buf_add(out, rl_buf_str(&all), rl_text_cut(rl_buf_str(&all), all.len, (size_t)cells, NULL));
    rl_buf_fini(&all);
}
