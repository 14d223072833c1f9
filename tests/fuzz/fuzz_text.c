/* Safe text: whatever goes in, what comes out is one line of valid UTF-8 that nothing can act on,
 * its width is that of its parts, and making it safe again changes nothing. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Characters that move, hide or reverse; written down here once more, apart from the table tested.
 */
static void assert_harmless(uint32_t c)
{
    assert(c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0));
    assert(c != 0x200b && !(c >= 0x200e && c <= 0x200f) && c != 0x061c);
    assert(!(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2060 && c <= 0x2069));
    assert(c != 0xfeff && !(c >= 0xe000 && c <= 0xf8ff) && c < 0xe0000);
}

static void check_characters(const char *s, size_t n)
{
    uint32_t c;
    for (size_t at = 0; at < n;) {
        int used = rl_text_decode(s + at, n - at, &c);
        assert(used > 0 && at + (size_t)used <= n);
        assert_harmless(c);
        at += (size_t)used;
    }
}

static void check_cuts(const char *s, size_t n)
{
    size_t width = rl_text_width(s, n), used;
    for (size_t cells = 0; cells <= width && cells < 40; cells++) {
        size_t bytes = rl_text_cut(s, n, cells, &used);
        assert(bytes <= n && used <= cells && cells - used <= 1);
        assert(rl_text_is_utf8(s, bytes));
        assert(rl_text_width(s, bytes) == used);
        assert(rl_text_width(s + bytes, n - bytes) == width - used);
    }
    assert(rl_text_cut(s, n, width, NULL) == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_buf safe = {0}, again = {0}, ascii = {0};
    rl_text_safe(&safe, (const char *)bytes, n);
    const char *text = rl_buf_str(&safe);
    assert(strlen(text) == safe.len && rl_text_is_utf8(text, safe.len));
    check_characters(text, safe.len);
    check_cuts(text, safe.len);
    rl_text_safe(&again, text, safe.len);
    assert(again.len == safe.len && memcmp(rl_buf_str(&again), text, safe.len) == 0);
    rl_text_ascii(&ascii, (const char *)bytes, n);
    for (size_t i = 0; i < ascii.len; i++)
        assert(ascii.data[i] >= 0x20 && ascii.data[i] < 0x7f);
    assert(ascii.len == rl_text_width(text, safe.len));
    rl_buf_fini(&safe);
    rl_buf_fini(&again);
    rl_buf_fini(&ascii);
    return 0;
}
