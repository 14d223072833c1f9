#include "console/input.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"

enum {
    SEQUENCES_MAX = 160,
    SEQUENCE_LEN = 12,
    PENDING_MAX = 32,
    STRAY_MS = 150,       /* a broken arrow is "Esc", then "[A": a rest may begin for so long */
    STRAY_REST_MS = 1000, /* and go on for so long after it began */
    BURST = 16,           /* nobody types so much between two looks at the line */
    PASTE_MAX = 64 * 1024 /* the rest of a paste is dropped */
};

struct sequence {
    char bytes[SEQUENCE_LEN];
    int key;
};

/* What terminals send beside, or in spite of, their descriptions: xterm, PuTTY, linux, rxvt,
 * screen. */
static const struct sequence common[] = {
    {"\033[A",   UI_KEY_UP     },
    {"\033[B",   UI_KEY_DOWN   },
    {"\033[C",   UI_KEY_RIGHT  },
    {"\033[D",   UI_KEY_LEFT   },
    {"\033OA",   UI_KEY_UP     },
    {"\033OB",   UI_KEY_DOWN   },
    {"\033OC",   UI_KEY_RIGHT  },
    {"\033OD",   UI_KEY_LEFT   },
    {"\033[H",   UI_KEY_HOME   },
    {"\033[F",   UI_KEY_END    },
    {"\033OH",   UI_KEY_HOME   },
    {"\033OF",   UI_KEY_END    },
    {"\033[1~",  UI_KEY_HOME   },
    {"\033[4~",  UI_KEY_END    },
    {"\033[7~",  UI_KEY_HOME   },
    {"\033[8~",  UI_KEY_END    },
    {"\033[2~",  UI_KEY_INS    },
    {"\033[3~",  UI_KEY_DEL    },
    {"\033[5~",  UI_KEY_PGUP   },
    {"\033[6~",  UI_KEY_PGDN   },
    {"\033[Z",   UI_KEY_BACKTAB},
    {"\033OP",   UI_KEY_F1     },
    {"\033OQ",   UI_KEY_F1 + 1 },
    {"\033OR",   UI_KEY_F1 + 2 },
    {"\033OS",   UI_KEY_F1 + 3 },
    {"\033[[A",  UI_KEY_F1     },
    {"\033[[B",  UI_KEY_F1 + 1 },
    {"\033[[C",  UI_KEY_F1 + 2 },
    {"\033[[D",  UI_KEY_F1 + 3 },
    {"\033[[E",  UI_KEY_F1 + 4 },
    {"\033[11~", UI_KEY_F1     },
    {"\033[12~", UI_KEY_F1 + 1 },
    {"\033[13~", UI_KEY_F1 + 2 },
    {"\033[14~", UI_KEY_F1 + 3 },
    {"\033[15~", UI_KEY_F1 + 4 },
    {"\033[17~", UI_KEY_F1 + 5 },
    {"\033[18~", UI_KEY_F1 + 6 },
    {"\033[19~", UI_KEY_F1 + 7 },
    {"\033[20~", UI_KEY_F1 + 8 },
    {"\033[21~", UI_KEY_F1 + 9 },
    {"\033[23~", UI_KEY_F1 + 10},
    {"\033[24~", UI_KEY_F1 + 11},
    {"\0331",    UI_KEY_F1     },
    {"\0332",    UI_KEY_F1 + 1 },
    {"\0333",    UI_KEY_F1 + 2 },
    {"\0334",    UI_KEY_F1 + 3 },
    {"\0335",    UI_KEY_F1 + 4 },
    {"\0336",    UI_KEY_F1 + 5 },
    {"\0337",    UI_KEY_F1 + 6 },
    {"\0338",    UI_KEY_F1 + 7 },
    {"\0339",    UI_KEY_F1 + 8 },
    {"\0330",    UI_KEY_F1 + 9 },
};

enum { COMMON = sizeof common / sizeof common[0] };

static const char paste_begin[] = "\033[200~", paste_end[] = "\033[201~";

struct ui_input {
    ui_input_fn fn;
    void *ctx;
    int esc_ms;
    struct sequence own[SEQUENCES_MAX];
    size_t nown;
    char pending[PENDING_MAX];
    size_t npending;
    int64_t since_ms;       /* when the latest pending byte came */
    int64_t stray_until_ms; /* a lone Esc was given out: its late rest is dropped until then */
    bool stray;             /* such a rest is being dropped */
    bool pasting;
    struct rl_buf paste;
};

struct ui_input *ui_input_new(int esc_ms, ui_input_fn fn, void *ctx)
{
    struct ui_input *in = rl_alloc(sizeof *in);
    in->fn = fn;
    in->ctx = ctx;
    in->esc_ms = esc_ms;
    return in;
}

void ui_input_free(struct ui_input **in)
{
    if (!*in)
        return;
    rl_buf_fini(&(*in)->paste);
    free(*in);
    *in = NULL;
}

void ui_input_define(struct ui_input *in, const char *sequence, int key)
{
    size_t n = sequence ? strlen(sequence) : 0;
    if (n < 2 || n >= SEQUENCE_LEN || sequence[0] != '\033' || in->nown == SEQUENCES_MAX)
        return;
    memcpy(in->own[in->nown].bytes, sequence, n + 1);
    in->own[in->nown++].key = key;
}

static void emit(struct ui_input *in, int key)
{
    if (key != UI_KEY_NONE)
        in->fn(in->ctx, key, NULL);
}

/* Looks the pending bytes up: 1 = a key (in *key), 0 = the start of one, -1 = neither. */
static int look_up(const struct sequence *table, size_t n, const struct ui_input *in, int *key)
{
    int found = -1;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(table[i].bytes, in->pending, in->npending) != 0)
            continue;
        if (table[i].bytes[in->npending] == '\0') {
            *key = table[i].key;
            return 1;
        }
        found = 0;
    }
    return found;
}

/* True if the bytes are a whole control sequence (ECMA-48: ESC [ parameters final, ESC O final), or
 * ESC with one other character. */
static bool is_whole(const char *p, size_t n)
{
    if (n < 2)
        return false;
    if (p[1] == '[')
        return n > 2 && p[n - 1] >= 0x40 && p[n - 1] <= 0x7e && !(n == 3 && p[2] == '[');
    return p[1] != 'O' || n > 2;
}

static void forget(struct ui_input *in)
{
    in->npending = 0;
    in->pending[0] = '\0';
}

static void begin_paste(struct ui_input *in)
{
    in->pasting = true;
    rl_buf_clear(&in->paste);
    forget(in);
}

static void escape_byte(struct ui_input *in)
{
    int key = UI_KEY_NONE;
    if (strcmp(in->pending, paste_begin) == 0) {
        begin_paste(in);
        return;
    }
    int found = look_up(in->own, in->nown, in, &key);
    if (found != 1) {
        int other = look_up(common, COMMON, in, &key);
        found = other > found ? other : found;
    }
    if (found == 1 || is_whole(in->pending, in->npending) || in->npending == PENDING_MAX - 1) {
        forget(in);
        emit(in, key); /* a sequence that nobody knows is dropped whole */
    }
}

static void plain_byte(struct ui_input *in)
{
    unsigned char c = (unsigned char)in->pending[0];
    uint32_t cp = 0;
    int len = rl_text_decode(in->pending, in->npending, &cp);
    size_t want = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (len < 0 && in->npending < want)
        return;
    forget(in);
    if (len < 0)
        return;
    if (cp == 0x7f || cp == 8)
        emit(in, UI_KEY_BACKSPACE);
    else
        emit(in, cp == '\n' ? UI_KEY_ENTER : (int)cp);
}

static void paste_byte(struct ui_input *in, char c)
{
    const size_t end = sizeof paste_end - 1;
    if (in->paste.len < PASTE_MAX + end)
        rl_buf_addc(&in->paste, c);
    else {
        memmove(in->paste.data + PASTE_MAX, in->paste.data + PASTE_MAX + 1, end - 1);
        in->paste.data[PASTE_MAX + end - 1] = c;
    }
    if (in->paste.len < end || memcmp(in->paste.data + in->paste.len - end, paste_end, end) != 0)
        return;
    in->pasting = false;
    in->paste.data[in->paste.len - end] = '\0';
    in->fn(in->ctx, UI_KEY_PASTE, in->paste.data);
    rl_buf_clear(&in->paste);
}

/* True if the byte belongs to the late rest of an Esc that was given out alone. */
static bool is_stray(struct ui_input *in, char c, int64_t now_ms)
{
    if (!in->stray && in->npending == 0 && now_ms < in->stray_until_ms && (c == '[' || c == 'O')) {
        in->stray = true;
        in->stray_until_ms = now_ms + STRAY_REST_MS;
        return true;
    }
    if (in->stray && (c == '\033' || now_ms >= in->stray_until_ms))
        in->stray = false;
    if (!in->stray)
        return false;
    in->stray = (c < 0x40 || c > 0x7e) || c == '[';
    if (!in->stray) {
        in->stray_until_ms = 0;
        emit(in, UI_KEY_BROKEN);
    }
    return true;
}

static void take_byte(struct ui_input *in, char c, int64_t now_ms)
{
    if (in->pasting) {
        paste_byte(in, c);
        return;
    }
    if (is_stray(in, c, now_ms))
        return;
    if (c == '\033' && in->npending > 0) {
        bool lone = in->npending == 1 && in->pending[0] == '\033';
        forget(in);
        emit(in, lone ? UI_KEY_ESC : UI_KEY_NONE);
    }
    if (c == '\0')
        return;
    in->pending[in->npending++] = c;
    in->pending[in->npending] = '\0';
    in->since_ms = now_ms;
    if (in->pending[0] == '\033')
        escape_byte(in);
    else
        plain_byte(in);
}

void ui_input_bytes(struct ui_input *in, const char *bytes, size_t n, int64_t now_ms)
{
    ui_input_tick(in, now_ms);
    for (size_t i = 0; i < n; i++)
        take_byte(in, bytes[i], now_ms);
}

bool ui_input_is_text(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == 0x7f || (c < ' ' && c != '\r' && c != '\n' && c != '\t'))
            return false;
    }
    return true;
}

bool ui_input_is_burst(const char *bytes, size_t n)
{
    size_t same = 0;
    while (same < n && bytes[same] == bytes[0])
        same++;
    return n >= BURST && same < n && ui_input_is_text(bytes, n);
}

int ui_input_wait(const struct ui_input *in, int64_t now_ms)
{
    if (in->npending == 0 || in->pasting)
        return -1;
    int64_t left = in->since_ms + in->esc_ms - now_ms;
    return left > 0 ? (int)left : 0;
}

void ui_input_tick(struct ui_input *in, int64_t now_ms)
{
    if (ui_input_wait(in, now_ms) != 0)
        return;
    bool escape = in->pending[0] == '\033';
    bool lone = in->npending == 1;
    forget(in);
    if (!escape)
        return;
    if (lone) {
        in->stray_until_ms = now_ms + STRAY_MS;
        emit(in, UI_KEY_ESC);
    }
}
