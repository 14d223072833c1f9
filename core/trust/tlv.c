#include "trust/tlv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ringlock/text.h"

enum { HEAD = 3, ALIGNMENT = 4 };

static const struct rl_tlv_element *find(const struct rl_tlv_table *table, uint8_t tag)
{
    for (const struct rl_tlv_element *e = table->element; e->name; e++)
        if (e->tag == tag)
            return e;
    return NULL;
}

static uint32_t bit(uint8_t tag)
{
    return 1u << tag;
}

/* ---- telling ---- */

static void describe(struct rl_tlv_file *file, const struct rl_tlv_table *table, uint8_t tag,
                     enum rl_code code, struct rl_err *err, const char *fmt, va_list ap)
    __attribute__((format(printf, 6, 0)));

static void describe(struct rl_tlv_file *file, const struct rl_tlv_table *table, uint8_t tag,
                     enum rl_code code, struct rl_err *err, const char *fmt, va_list ap)
{
    const struct rl_tlv_element *e = find(table, tag);
    char text[300];
    vsnprintf(text, sizeof text, fmt, ap);
    rl_fail(err, code, file->object, "%s, byte %zu: element %u (%s) of the %s %s.", file->object,
            tag < RL_TLV_TAGS ? file->at[tag] : 0, tag, e ? e->name : "unknown", table->what, text);
}

enum rl_code rl_tlv_refuse(struct rl_tlv_file *file, const struct rl_tlv_table *table, uint8_t tag,
                           const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    describe(file, table, tag, RL_E_TRUST_FILE, file->err, fmt, ap);
    va_end(ap);
    return RL_E_TRUST_FILE;
}

void rl_tlv_warn(struct rl_tlv_file *file, const struct rl_tlv_table *table, uint8_t tag,
                 const char *fmt, ...)
{
    struct rl_err warning = {0};
    va_list ap;
    if (!file->warnings)
        return;
    va_start(ap, fmt);
    describe(file, table, tag, RL_W_TRUST_FILE, &warning, fmt, ap);
    va_end(ap);
    rl_problems_add(file->warnings, &warning);
}

/* ---- reading ---- */

struct reading {
    struct rl_tlv_file *file;
    const struct rl_tlv_table *table;
    uint8_t *out;
    uint32_t seen;
};

static size_t offset(const struct reading *r, const uint8_t *p)
{
    return (size_t)(p - r->file->bytes);
}

static enum rl_code refuse_at(const struct reading *r, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static enum rl_code refuse_at(const struct reading *r, size_t at, const char *fmt, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return rl_fail(r->file->err, RL_E_TRUST_FILE, r->file->object, "%s, byte %zu: %s.",
                   r->file->object, at, text);
}

static enum rl_code check_text(struct reading *r, uint8_t tag, const uint8_t *p, size_t n)
{
    if (n == 0)
        return rl_tlv_refuse(r->file, r->table, tag, "is no text: it has not even a NUL");
    if (p[n - 1] != '\0')
        return rl_tlv_refuse(r->file, r->table, tag, "is a text that does not end in NUL");
    if (memchr(p, '\0', n - 1))
        return rl_tlv_refuse(r->file, r->table, tag, "is a text with a NUL inside");
    if (!rl_text_is_utf8((const char *)p, n - 1))
        return rl_tlv_refuse(r->file, r->table, tag, "is a text that is not UTF-8");
    return RL_OK;
}

static enum rl_code keep(struct reading *r, const struct rl_tlv_element *e, const uint8_t *p,
                         size_t n)
{
    void *to = r->out + e->member;
    struct rl_cur cur = rl_cur_make(p, n);
    enum rl_code code = e->form == RL_TLV_TEXT ? check_text(r, e->tag, p, n) : RL_OK;
    if (code)
        return code;
    switch (e->form) {
    case RL_TLV_VERSION:
        *(struct rl_tlv_version *)to = (struct rl_tlv_version){p[0], p[1]};
        break;
    case RL_TLV_U8:
        *(uint8_t *)to = rl_cur_u8(&cur);
        break;
    case RL_TLV_U16:
        *(uint16_t *)to = rl_cur_u16(&cur);
        break;
    case RL_TLV_U32:
        *(uint32_t *)to = rl_cur_u32(&cur);
        break;
    default:
        *(struct rl_bytes *)to = (struct rl_bytes){p, n - (e->form == RL_TLV_TEXT)};
    }
    return RL_OK;
}

static enum rl_code check_place(struct reading *r, const struct rl_tlv_element *e, uint8_t group)
{
    const struct rl_tlv_element *inside = find(r->table, e->group);
    if (e->group != group)
        return inside
                   ? rl_tlv_refuse(r->file, r->table, e->tag, "stands outside of element %u (%s)",
                                   inside->tag, inside->name)
                   : rl_tlv_refuse(r->file, r->table, e->tag, "stands inside of element %u", group);
    if (r->seen & bit(e->tag))
        return rl_tlv_refuse(r->file, r->table, e->tag, "is there twice");
    r->seen |= bit(e->tag);
    return RL_OK;
}

/* Nothing but padding may follow padding. */
static enum rl_code read_padding(struct reading *r, struct rl_cur *cur, uint8_t tag)
{
    for (; rl_cur_left(cur); cur->p++)
        if (*cur->p != tag)
            return refuse_at(
                r, offset(r, cur->p),
                "the padding of the %s is followed by byte %u, where the %s should end",
                r->table->what, *cur->p, r->table->what);
    return RL_OK;
}

static enum rl_code read_all(struct reading *r, struct rl_cur *cur, uint8_t group);

static enum rl_code read_value(struct reading *r, struct rl_cur *cur,
                               const struct rl_tlv_element *e, uint8_t group)
{
    size_t n = rl_cur_u16(cur), left = rl_cur_left(cur); /* bad: 0 */
    const uint8_t *p = rl_cur_bytes(cur, n);
    enum rl_code code = check_place(r, e, group);
    if (code)
        return code;
    if (cur->bad && !left)
        return rl_tlv_refuse(r->file, r->table, e->tag, "is cut off");
    if (cur->bad)
        return rl_tlv_refuse(r->file, r->table, e->tag, "has length %zu, and %zu bytes follow", n,
                             left);
    if (e->length && n != e->length)
        return rl_tlv_refuse(r->file, r->table, e->tag, "has length %zu and not %u", n, e->length);
    if (e->form == RL_TLV_GROUP) {
        struct rl_cur inner = rl_cur_make(p, n);
        return read_all(r, &inner, e->tag);
    }
    if (e->form == RL_TLV_BYTES && n == 0)
        return rl_tlv_refuse(r->file, r->table, e->tag, "is empty");
    return keep(r, e, p, n);
}

static enum rl_code read_one(struct reading *r, struct rl_cur *cur, uint8_t group)
{
    size_t at = offset(r, cur->p);
    uint8_t tag = rl_cur_u8(cur);
    const struct rl_tlv_element *e = find(r->table, tag);
    if (!e)
        return refuse_at(r, at, "there is no element %u in a %s", tag, r->table->what);
    r->file->at[tag] = at;
    if (!(e->may & r->file->kind))
        return rl_tlv_refuse(r->file, r->table, tag, "does not belong into a file of this kind");
    if (e->form == RL_TLV_PADDING)
        return group ? rl_tlv_refuse(r->file, r->table, tag, "stands inside of element %u", group)
                     : read_padding(r, cur, tag);
    return read_value(r, cur, e, group);
}

static enum rl_code read_all(struct reading *r, struct rl_cur *cur, uint8_t group)
{
    enum rl_code code = RL_OK;
    while (!code && rl_cur_left(cur))
        code = read_one(r, cur, group);
    return code;
}

/* The elements that come first, and the length of the run that the last of them tells. */
static enum rl_code read_first(struct reading *r, struct rl_cur *cur, size_t *size)
{
    const struct rl_tlv_element *last = find(r->table, r->table->size);
    const uint8_t *start = cur->p;
    size_t left = rl_cur_left(cur);
    for (uint8_t tag = 1; tag <= last->tag; tag++) {
        const struct rl_tlv_element *e = find(r->table, tag);
        if (!rl_cur_left(cur))
            return refuse_at(r, offset(r, cur->p), "the file ends before the %s", e->name);
        if (*cur->p != tag)
            return refuse_at(r, offset(r, cur->p), "a %s has element %u (%s) here, not %u",
                             r->table->what, tag, e->name, *cur->p);
        enum rl_code code = read_one(r, cur, 0);
        if (code)
            return code;
    }
    *size = *(uint16_t *)(void *)(r->out + last->member);
    if (*size < (size_t)(cur->p - start))
        return rl_tlv_refuse(r->file, r->table, last->tag, "says %zu, which is less than it takes",
                             *size);
    if (*size > left)
        return rl_tlv_refuse(r->file, r->table, last->tag,
                             "says %zu bytes, and the file has %zu from here on", *size, left);
    cur->end = start + *size;
    return RL_OK;
}

static enum rl_code check_there(const struct reading *r, size_t from)
{
    for (const struct rl_tlv_element *e = r->table->element; e->name; e++)
        if (e->must & r->file->kind && !(r->seen & bit(e->tag)))
            return refuse_at(r, from, "the %s that begins here has no element %u (%s)",
                             r->table->what, e->tag, e->name);
    return RL_OK;
}

enum rl_code rl_tlv_read(struct rl_tlv_file *file, const struct rl_tlv_table *table, size_t from,
                         void *out, size_t nout, size_t *size)
{
    struct reading r = {.file = file, .table = table, .out = out};
    struct rl_cur cur = rl_cur_make(file->bytes + from, file->n - from);
    memset(out, 0, nout);
    memset(file->at, 0, sizeof file->at);
    enum rl_code code = read_first(&r, &cur, size);
    if (!code)
        code = read_all(&r, &cur, 0);
    if (!code)
        code = check_there(&r, from);
    memcpy((uint8_t *)out + table->has, &r.seen, sizeof r.seen);
    return code;
}

/* ---- writing ---- */

struct writing {
    struct rl_tlv_file *file;
    const struct rl_tlv_table *table;
    const uint8_t *in;
    struct rl_buf *out;
    size_t start; /* of the run */
    uint32_t has;
};

static enum rl_code refuse_value(const struct writing *w, const struct rl_tlv_element *e,
                                 const char *why)
{
    return rl_fail(w->file->err, RL_E_VALUE, w->file->object, "%s: the %s cannot be written: %s.",
                   w->file->object, e->name, why);
}

static enum rl_code write_bytes(struct writing *w, const struct rl_tlv_element *e,
                                const struct rl_bytes *value)
{
    bool text = e->form == RL_TLV_TEXT;
    if (value->n + text > RL_TLV_SIZE_MAX)
        return refuse_value(w, e, "it is longer than 65535 bytes");
    if (text && value->n &&
        (memchr(value->p, '\0', value->n) || !rl_text_is_utf8((const char *)value->p, value->n)))
        return refuse_value(w, e, "it is no UTF-8 without NUL");
    if (e->length ? value->n != e->length : !text && !value->n)
        return refuse_value(w, e, "its length is wrong");
    rl_buf_u16(w->out, (uint16_t)(value->n + text));
    if (value->n)
        rl_buf_add(w->out, value->p, value->n);
    if (text)
        rl_buf_addc(w->out, '\0');
    return RL_OK;
}

static void put_u16(struct rl_buf *out, size_t at, size_t value)
{
    out->data[at] = (char)(value >> 8);
    out->data[at + 1] = (char)value;
}

static enum rl_code write_rows(struct writing *w, uint8_t group);

static enum rl_code write_group(struct writing *w, const struct rl_tlv_element *e)
{
    size_t at = w->out->len;
    rl_buf_u16(w->out, 0);
    enum rl_code code = write_rows(w, e->tag);
    size_t n = w->out->len - at - 2;
    if (!code && n > RL_TLV_SIZE_MAX)
        code = refuse_value(w, e, "it is longer than 65535 bytes");
    put_u16(w->out, at, n);
    return code;
}

static enum rl_code write_one(struct writing *w, const struct rl_tlv_element *e)
{
    const void *from = w->in + e->member;
    const struct rl_tlv_version *version = from;
    if (e->form == RL_TLV_PADDING) {
        while ((w->out->len - w->start) % ALIGNMENT)
            rl_buf_addc(w->out, (char)e->tag);
        return RL_OK;
    }
    w->file->at[e->tag] = w->out->len;
    rl_buf_addc(w->out, (char)e->tag);
    switch (e->form) {
    case RL_TLV_GROUP:
        return write_group(w, e);
    case RL_TLV_TEXT:
    case RL_TLV_BYTES:
        return write_bytes(w, e, from);
    default:
        rl_buf_u16(w->out, e->length);
    }
    if (e->form == RL_TLV_VERSION)
        rl_buf_add(w->out, (uint8_t[]){version->major, version->minor}, 2);
    else if (e->form == RL_TLV_U8)
        rl_buf_addc(w->out, *(const char *)from);
    else if (e->form == RL_TLV_U16)
        rl_buf_u16(w->out, *(const uint16_t *)from);
    else
        rl_buf_u32(w->out, *(const uint32_t *)from);
    return RL_OK;
}

static bool is_there(const struct writing *w, const struct rl_tlv_element *e)
{
    return e->may & w->file->kind &&
           (e->must & w->file->kind || w->has & bit(e->tag) || e->form == RL_TLV_PADDING);
}

static enum rl_code write_rows(struct writing *w, uint8_t group)
{
    enum rl_code code = RL_OK;
    for (const struct rl_tlv_element *e = w->table->element; !code && e->name; e++)
        if (e->group == group && is_there(w, e))
            code = write_one(w, e);
    return code;
}

enum rl_code rl_tlv_write(struct rl_tlv_file *file, const struct rl_tlv_table *table,
                          const void *in, struct rl_buf *out)
{
    struct writing w = {.file = file, .table = table, .in = in, .out = out, .start = out->len};
    memcpy(&w.has, w.in + table->has, sizeof w.has);
    enum rl_code code = write_rows(&w, 0);
    size_t n = out->len - w.start;
    if (code)
        return code;
    if (n > RL_TLV_SIZE_MAX)
        return rl_fail(file->err, RL_E_VALUE, file->object,
                       "%s: a %s of %zu bytes cannot be written: it takes 65535 at most.",
                       file->object, table->what, n);
    put_u16(out, file->at[table->size] + HEAD, n);
    return RL_OK;
}
