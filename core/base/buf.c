#include "ringlock/buf.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void)
{
    static const char line[] = "ringlock: out of memory\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);

    (void)written;
    _exit(5);
}

void *rl_alloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);

    if (!p)
        out_of_memory();
    return p;
}

void *rl_realloc(void *p, size_t size)
{
    p = realloc(p, size ? size : 1);
    if (!p)
        out_of_memory();
    return p;
}

void rl_wipe_free(void *p)
{
    if (p)
        explicit_bzero(p, malloc_usable_size(p));
    free(p);
}

char *rl_strdup(const char *s)
{
    return s ? rl_strndup(s, strlen(s)) : NULL;
}

char *rl_strndup(const char *s, size_t n)
{
    char *copy = rl_alloc(n + 1);

    if (n)
        memcpy(copy, s, n);
    return copy;
}

char *rl_asprintf(const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        out_of_memory();
    va_end(ap);
    return text;
}

/* Room for n more bytes and the NUL behind them. */
static void reserve(struct rl_buf *b, size_t n)
{
    size_t need = b->len + n + 1, cap = b->cap ? b->cap : 64;

    if (need < n)
        out_of_memory();
    if (need <= b->cap)
        return;
    while (cap < need)
        cap += cap / 2;
    b->data = rl_realloc(b->data, cap);
    b->cap = cap;
}

void rl_buf_add(struct rl_buf *b, const void *bytes, size_t n)
{
    if (!n)
        return;
    reserve(b, n);
    memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void rl_buf_adds(struct rl_buf *b, const char *s)
{
    rl_buf_add(b, s, strlen(s));
}

void rl_buf_addc(struct rl_buf *b, char c)
{
    rl_buf_add(b, &c, 1);
}

void rl_buf_addf(struct rl_buf *b, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n > 0) {
        reserve(b, (size_t)n);
        vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void rl_buf_drop(struct rl_buf *b, size_t n)
{
    if (n >= b->len) {
        rl_buf_clear(b);
        return;
    }
    memmove(b->data, b->data + n, b->len - n + 1);
    b->len -= n;
}

void rl_buf_clear(struct rl_buf *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

void rl_buf_fini(struct rl_buf *b)
{
    free(b->data);
    *b = (struct rl_buf){0};
}

const char *rl_buf_str(const struct rl_buf *b)
{
    return b->len ? b->data : "";
}

char *rl_buf_take(struct rl_buf *b)
{
    char *text = b->data ? b->data : rl_strdup("");

    *b = (struct rl_buf){0};
    return text;
}

void rl_buf_u16(struct rl_buf *b, uint16_t v)
{
    rl_buf_add(b, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

void rl_buf_u32(struct rl_buf *b, uint32_t v)
{
    rl_buf_u16(b, (uint16_t)(v >> 16));
    rl_buf_u16(b, (uint16_t)v);
}

struct rl_cur rl_cur_make(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    return (struct rl_cur){p, n ? p + n : p, false};
}

size_t rl_cur_left(const struct rl_cur *c)
{
    return c->bad ? 0 : (size_t)(c->end - c->p);
}

const uint8_t *rl_cur_bytes(struct rl_cur *c, size_t n)
{
    const uint8_t *at = c->p;

    if (c->bad || rl_cur_left(c) < n) {
        c->bad = true;
        return NULL;
    }
    c->p += n;
    return at;
}

static uint64_t number(struct rl_cur *c, size_t n)
{
    const uint8_t *p = rl_cur_bytes(c, n);
    uint64_t v = 0;

    for (size_t i = 0; p && i < n; i++)
        v = v << 8 | p[i];
    return v;
}

uint8_t rl_cur_u8(struct rl_cur *c)
{
    return (uint8_t)number(c, 1);
}

uint16_t rl_cur_u16(struct rl_cur *c)
{
    return (uint16_t)number(c, 2);
}

uint32_t rl_cur_u32(struct rl_cur *c)
{
    return (uint32_t)number(c, 4);
}

uint64_t rl_cur_u64(struct rl_cur *c)
{
    return number(c, 8);
}
