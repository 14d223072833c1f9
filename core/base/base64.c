#include "ringlock/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void rl_base64_encode(struct rl_buf *out, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (; n > 0; p += 3, n -= n < 3 ? n : 3) {
        unsigned word =
            (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
        rl_buf_addc(out, digits[word >> 18]);
        rl_buf_addc(out, digits[word >> 12 & 63]);
        rl_buf_addc(out, n > 1 ? digits[word >> 6 & 63] : '=');
        rl_buf_addc(out, n > 2 ? digits[word & 63] : '=');
    }
}

/* Groups of four digits, of which the last may end in one or two '='. */
struct group {
    unsigned word, digits, pads;
};

static bool take(struct rl_buf *out, struct group *g, char c)
{
    const char *at = c ? strchr(digits, c) : NULL;
    if (c == '=')
        g->pads++;
    else if (!at || g->pads)
        return false;
    g->word = g->word << 6 | (at ? (unsigned)(at - digits) : 0);
    if (++g->digits % 4)
        return true;
    if (g->pads > 2 || (g->pads && g->word & ((1u << 8 * g->pads) - 1)))
        return false;
    for (unsigned i = 0; i < 3 - g->pads; i++)
        rl_buf_addc(out, (char)(g->word >> (16 - 8 * i) & 255));
    g->word = 0;
    return true;
}

bool rl_base64_decode(struct rl_buf *out, const char *text, size_t n)
{
    struct group g = {0};
    struct rl_buf bytes = {0};
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = strchr(" \t\r\n", text[i]) ? text[i] != '\0' : take(&bytes, &g, text[i]);
    good = good && g.digits % 4 == 0;
    if (good)
        rl_buf_add(out, bytes.data, bytes.len);
    rl_buf_fini(&bytes);
    return good;
}
