#include "ringlock/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { BLOCK = 4096 }; /* characters, or bytes, that are appended at once: whole groups */

void rl_base64_encode(struct rl_buf *out, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    char block[BLOCK];
    size_t used = 0;
    for (; n > 0; p += 3, n -= n < 3 ? n : 3) {
        unsigned word =
            (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
        block[used++] = digits[word >> 18];
        block[used++] = digits[word >> 12 & 63];
        block[used++] = n > 1 ? digits[word >> 6 & 63] : '=';
        block[used++] = n > 2 ? digits[word & 63] : '=';
        if (used == BLOCK || n <= 3) {
            rl_buf_add(out, block, used);
            used = 0;
        }
    }
}

/* Groups of four digits, of which the last may end in one or two '='; the bytes they give. */
struct groups {
    unsigned word, digits, pads;
    char block[BLOCK];
    size_t used;
};

/* -1: no digit. */
static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool take(struct rl_buf *out, struct groups *g, char c)
{
    int value = value_of(c);
    if (c == '=')
        g->pads++;
    else if (value < 0 || g->pads)
        return false;
    g->word = g->word << 6 | (value > 0 ? (unsigned)value : 0);
    if (++g->digits % 4)
        return true;
    if (g->pads > 2 || (g->pads && g->word & ((1u << 8 * g->pads) - 1)))
        return false;
    for (unsigned i = 0; i < 3 - g->pads; i++)
        g->block[g->used++] = (char)(g->word >> (16 - 8 * i) & 255);
    g->word = 0;
    if (g->used > BLOCK - 3) {
        rl_buf_add(out, g->block, g->used);
        g->used = 0;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool rl_base64_decode(struct rl_buf *out, const char *text, size_t n)
{
    struct groups g = {0};
    struct rl_buf bytes = {0};
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = is_blank(text[i]) || take(&bytes, &g, text[i]);
    good = good && g.digits % 4 == 0;
    rl_buf_add(&bytes, g.block, g.used);
    if (good)
        rl_buf_add(out, bytes.data, bytes.len);
    rl_buf_fini(&bytes);
    return good;
}
