/* Growing byte buffers, and cursors over foreign bytes. */
#ifndef RINGLOCK_BUF_H
#define RINGLOCK_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that cannot be had ends the program with one line on stderr: no caller of these tests for
 * NULL. rl_alloc zeroes. All are freed with free(). */
void *rl_alloc(size_t size);
void *rl_realloc(void *p, size_t size);
char *rl_strdup(const char *s);            /* NULL gives NULL */
char *rl_strndup(const char *s, size_t n); /* n bytes and a NUL */
char *rl_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* free() that leaves nothing of what was there: for what may hold a secret. NULL-safe. */
void rl_wipe_free(void *p);

/* Bytes that grow. data is NUL-terminated whenever len > 0, and "" is given by rl_buf_str when
 * empty. */
struct rl_buf {
    char *data;
    size_t len, cap;
};

/* Append bytes, a string, a character, formatted text. Memory that runs out ends the program. */
void rl_buf_add(struct rl_buf *b, const void *bytes, size_t n);
void rl_buf_adds(struct rl_buf *b, const char *s);
void rl_buf_addc(struct rl_buf *b, char c);
void rl_buf_addf(struct rl_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void rl_buf_drop(struct rl_buf *b, size_t n);   /* the first n bytes */
void rl_buf_clear(struct rl_buf *b);            /* keeps the memory */
void rl_buf_fini(struct rl_buf *b);             /* frees; b may be used again */
const char *rl_buf_str(const struct rl_buf *b); /* borrowed until b changes */
char *rl_buf_take(struct rl_buf *b);            /* owned by the caller; b is empty after */

/* Bytes of somebody else: borrowed. */
struct rl_bytes {
    const uint8_t *p;
    size_t n;
};

/* A cursor over bytes from outside, big-endian. The first overrun sticks: reads after it give
 * zeros, and `bad` is tested once at the end. */
struct rl_cur {
    const uint8_t *p, *end;
    bool bad;
};

/* A cursor over n borrowed bytes; what is left; the next number; the next n bytes. */
struct rl_cur rl_cur_make(const void *bytes, size_t n);
size_t rl_cur_left(const struct rl_cur *c);
uint8_t rl_cur_u8(struct rl_cur *c);
uint16_t rl_cur_u16(struct rl_cur *c);
uint32_t rl_cur_u32(struct rl_cur *c);
uint64_t rl_cur_u64(struct rl_cur *c);
const uint8_t *rl_cur_bytes(struct rl_cur *c,
                            size_t n); /* borrowed from the input; NULL on overrun */

/* Big-endian writers. */
void rl_buf_u16(struct rl_buf *b, uint16_t v);
void rl_buf_u32(struct rl_buf *b, uint32_t v);

#endif
