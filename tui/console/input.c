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
    REST_MS = 1000,       /* nobody types the begin of a sequence: more of it is waited for */
    PASTE_REST_MS = 3000, /* the end of a paste is waited for, from its latest byte on */
    BURST = 16,           /* nobody types so much between two looks at the line */
    PASTE_MAX = 64 * 1024 /* the rest of a paste is dropped */
};

struct sequence {
    char bytes[SEQUENCE_LEN];
    int key;
};

/* What terminals send beside, or in spite of, their descriptions: xterm, PuTTY, linux, rxvt,
 * screen; the keypad of VT100 and PuTTY in the application mode that curses turns on. */
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
    {"\033OM",   UI_KEY_ENTER  },
    {"\033Oj",   '*'           },
    {"\033Ok",   '+'           },
    {"\033Ol",   ','           },
    {"\033Om",   '-'           },
    {"\033On",   '.'           },
    {"\033Oo",   '/'           },
    {"\033Op",   '0'           },
    {"\033Oq",   '1'           },
    {"\033Or",   '2'           },
    {"\033Os",   '3'           },
    {"\033Ot",   '4'           },
    {"\033Ou",   '5'           },
    {"\033Ov",   '6'           },
    {"\033Ow",   '7'           },
    {"\033Ox",   '8'           },
    {"\033Oy",   '9'           },
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
    int64_t since_ms;       /* when the latest byte came */
    int64_t stray_until_ms; /* a lone Esc was given out: its late rest may begin until then */
    bool stray;             /* what is pending is such a rest */
    bool in_string;         /* an answer of the terminal to somebody's question is being dropped */
    char before;            /* its latest byte */
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
    in->stray = false;
}

static void add_pending(struct ui_input *in, char c)
{
    in->pending[in->npending++] = c;
    in->pending[in->npending] = '\0';
}

static bool is_lone_escape(const struct ui_input *in)
{
    return in->npending == 1 && in->pending[0] == '\033';
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
    if (in->npending == 2 && strchr("]P_^X", in->pending[1])) {
        in->in_string = true; /* ECMA-48 5.6: to its terminator */
        forget(in);
        return;
    }
    int found = look_up(in->own, in->nown, in, &key);
    if (found != 1) {
        int other = look_up(common, COMMON, in, &key);
        found = other > found ? other : found;
    }
    if (found == 1 || is_whole(in->pending, in->npending) || in->npending == PENDING_MAX - 1) {
        key = in->stray ? UI_KEY_BROKEN : key;
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

static void end_paste(struct ui_input *in)
{
    rl_buf_addc(&in->paste, '\0');
    in->pasting = false;
    in->fn(in->ctx, UI_KEY_PASTE, in->paste.data);
    rl_buf_clear(&in->paste);
}

static void paste_byte(struct ui_input *in, char c)
{
    const size_t end = sizeof paste_end - 1;
    if (c == '\0')
        return;
    if (in->paste.len < PASTE_MAX + end)
        rl_buf_addc(&in->paste, c);
    else {
        memmove(in->paste.data + PASTE_MAX, in->paste.data + PASTE_MAX + 1, end - 1);
        in->paste.data[PASTE_MAX + end - 1] = c;
    }
    if (in->paste.len < end || memcmp(in->paste.data + in->paste.len - end, paste_end, end) != 0)
        return;
    in->paste.len -= end;
    end_paste(in);
}

static void string_byte(struct ui_input *in, char c)
{
    bool ends = (c == '\\' && in->before == '\033') || ((unsigned char)c < ' ' && c != '\033');
    in->before = c;
    in->in_string = !ends;
}

/* What stands for "Esc [" or "Esc O": the 8-bit controls of a VT220, and the late rest of an Esc
 * that was given out alone. */
static char begin_sequence(struct ui_input *in, char c, int64_t now_ms)
{
    bool late = now_ms < in->stray_until_ms && (c == '[' || c == 'O');
    bool wide = (unsigned char)c == 0x9b || (unsigned char)c == 0x8f;
    if (in->npending > 0 || !(late || wide))
        return c;
    add_pending(in, '\033');
    in->stray = late;
    in->stray_until_ms = 0;
    return late ? c : (unsigned char)c == 0x9b ? '[' : 'O';
}

static void key_byte(struct ui_input *in, char c, int64_t now_ms)
{
    bool lone = is_lone_escape(in);
    if (c == '\033' && in->npending > 0) {
        forget(in);
        emit(in, lone ? UI_KEY_ESC : UI_KEY_NONE);
    } else if (in->npending > 0 && in->pending[0] != '\033' && (c & 0xc0) != 0x80) {
        forget(in); /* a character that did not become whole */
    }
    if (c == '\0')
        return;
    add_pending(in, begin_sequence(in, c, now_ms));
    if (in->pending[0] == '\033')
        escape_byte(in);
    else
        plain_byte(in);
}

static void take_byte(struct ui_input *in, char c, int64_t now_ms)
{
    if (!in->in_string) /* which comes at once: somebody's Alt+] takes no more than a second */
        in->since_ms = now_ms;
    if (in->pasting)
        paste_byte(in, c);
    else if (in->in_string)
        string_byte(in, c);
    else
        key_byte(in, c, now_ms);
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

static int patience_ms(const struct ui_input *in)
{
    if (in->pasting)
        return PASTE_REST_MS;
    return is_lone_escape(in) ? in->esc_ms : REST_MS;
}

int ui_input_wait(const struct ui_input *in, int64_t now_ms)
{
    if (in->npending == 0 && !in->pasting && !in->in_string)
        return -1;
    int64_t left = in->since_ms + patience_ms(in) - now_ms;
    return left > 0 ? (int)left : 0;
}

void ui_input_tick(struct ui_input *in, int64_t now_ms)
{
    if (ui_input_wait(in, now_ms) != 0)
        return;
    bool lone = is_lone_escape(in);
    in->in_string = false;
    forget(in);
    if (in->pasting) {
        end_paste(in);
    } else if (lone) {
        in->stray_until_ms = now_ms + STRAY_MS;
        emit(in, UI_KEY_ESC);
    }
}
