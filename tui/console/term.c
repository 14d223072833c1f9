#include "console/term.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "ringlock/base64.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

enum {
    COPY_MAX = 8192, /* bytes of text offered to the clipboard */
    GOODBYE_MS = 300 /* for a terminal to take what it was sent before */
};

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

static struct {
    SCREEN *screen;
    bool utf8, colored, brackets, old;
    volatile sig_atomic_t writing;
    int rows, cols, cursor_row, cursor_col;
    struct termios saved;
    char restore[256]; /* written by the crash handler, prepared at the start */
    size_t restore_len;
} term;

static const struct look {
    short color; /* -1 = the terminal's own */
    attr_t with_color, without;
} looks[UI_STYLES] = {
    [UI_NORMAL] = {-1,           A_NORMAL, A_NORMAL},
    [UI_FAINT] = {-1,           A_DIM,    A_DIM   },
    [UI_STRONG] = {-1,           A_BOLD,   A_BOLD  },
    [UI_LOCKED] = {COLOR_GREEN,  A_NORMAL, A_NORMAL},
    [UI_SHIELDED] = {COLOR_CYAN,   A_NORMAL, A_NORMAL},
    [UI_OPEN] = {COLOR_RED,    A_BOLD,   A_BOLD  },
    [UI_WARNING] = {COLOR_YELLOW, A_NORMAL, A_BOLD  },
    [UI_ERROR] = {COLOR_RED,    A_BOLD,   A_BOLD  },
};

static const struct {
    const char *capability;
    int key;
} described[] = {
    {"kcuu1", UI_KEY_UP       },
    {"kcud1", UI_KEY_DOWN     },
    {"kcub1", UI_KEY_LEFT     },
    {"kcuf1", UI_KEY_RIGHT    },
    {"khome", UI_KEY_HOME     },
    {"kend",  UI_KEY_END      },
    {"kpp",   UI_KEY_PGUP     },
    {"knp",   UI_KEY_PGDN     },
    {"kich1", UI_KEY_INS      },
    {"kdch1", UI_KEY_DEL      },
    {"kcbt",  UI_KEY_BACKTAB  },
    {"kbs",   UI_KEY_BACKSPACE},
    {"kent",  UI_KEY_ENTER    },
    {"kf1",   UI_KEY_F1       },
    {"kf2",   UI_KEY_F1 + 1   },
    {"kf3",   UI_KEY_F1 + 2   },
    {"kf4",   UI_KEY_F1 + 3   },
    {"kf5",   UI_KEY_F1 + 4   },
    {"kf6",   UI_KEY_F1 + 5   },
    {"kf7",   UI_KEY_F1 + 6   },
    {"kf8",   UI_KEY_F1 + 7   },
    {"kf9",   UI_KEY_F1 + 8   },
    {"kf10",  UI_KEY_F1 + 9   },
    {"kf11",  UI_KEY_F1 + 10  },
    {"kf12",  UI_KEY_F1 + 11  },
};

static const char *capability(const char *name)
{
    const char *s = tigetstr(name);
    return s && s != (const char *)-1 ? s : NULL;
}

static void put_raw(const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, n);
        if (done < 0 && errno != EINTR)
            return;
        if (done > 0) {
            bytes += done;
            n -= (size_t)done;
        }
    }
}

/* Async-signal-safe: only prepared bytes and two calls that may be made here. */
static void on_crash(int sig)
{
    put_raw(term.restore, term.restore_len);
    tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
    raise(sig); /* SA_RESETHAND: now with its own effect */
}

/* Without the pauses of old terminals, which are asked for as "$<2>". */
static void add_bytes(struct rl_buf *b, const char *s)
{
    for (const char *pad; (pad = strstr(s, "$<")); s = strchr(pad, '>') + 1) {
        rl_buf_add(b, s, (size_t)(pad - s));
        if (!strchr(pad, '>'))
            return;
    }
    rl_buf_adds(b, s);
}

static void prepare_restore(void)
{
    static const char *const names[] = {"rmkx", "sgr0", "cnorm", "rmcup"};
    struct rl_buf b = {0};
    if (term.brackets)
        rl_buf_adds(&b, PASTE_OFF);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (capability(names[i]))
            add_bytes(&b, capability(names[i]));
    rl_buf_adds(&b, "\r\n");
    term.restore_len = b.len < sizeof term.restore ? b.len : 0;
    memcpy(term.restore, rl_buf_str(&b), term.restore_len);
    rl_buf_fini(&b);
}

static void watch_crashes(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction act = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        sigaction(fatal[i], &act, NULL);
}

static bool wants_color(enum ui_color color)
{
    const char *no = getenv("NO_COLOR");
    if (color == UI_COLOR_AUTO && no && *no)
        color = UI_COLOR_NEVER;
    return color != UI_COLOR_NEVER && has_colors();
}

static void start_colors(enum ui_color color)
{
    term.colored = wants_color(color) && start_color() == OK;
    if (!term.colored)
        return;
    bool own = use_default_colors() == OK;
    for (short i = 0; i < UI_STYLES; i++)
        init_pair((short)(i + 1),
                  looks[i].color >= 0 ? looks[i].color
                  : own               ? -1
                                      : COLOR_WHITE,
                  own ? -1 : COLOR_BLACK);
}

static enum rl_code describe_terminal(struct rl_err *err)
{
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return rl_fail(err, RL_E_USAGE, NULL,
                       "the console needs a terminal; for scripts see ringlock --help");
    int status = 0;
    if (!name || !*name || setupterm(name, STDOUT_FILENO, &status) != OK)
        return rl_fail(
            err, RL_E_USAGE, NULL,
            "the terminal type \"%s\" is not known here; set TERM, or see ringlock --help",
            name ? name : "");
    bool places = capability("cup") != NULL;
    del_curterm(cur_term);
    if (!places)
        return rl_fail(
            err, RL_E_USAGE, NULL,
            "the terminal type \"%s\" cannot place its cursor; set TERM, or see ringlock --help",
            name);
    return RL_OK;
}

static void modes_on(void)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    if (term.brackets)
        put_raw(PASTE_ON, strlen(PASTE_ON));
}

enum rl_code ui_term_start(enum ui_color color, struct rl_err *err)
{
    setlocale(LC_CTYPE, "");
    term.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    enum rl_code code = describe_terminal(err);
    if (code != RL_OK)
        return code;
    tcgetattr(STDIN_FILENO, &term.saved);
    term.screen = newterm(NULL, stdout, stdin);
    if (!term.screen)
        return rl_fail(err, RL_E_USAGE, NULL, "the terminal could not be set up");
    const char *up = capability("kcuu1");
    term.brackets = up && (strncmp(up, "\033[", 2) == 0 || strncmp(up, "\033O", 2) == 0);
    start_colors(color);
    prepare_restore();
    watch_crashes();
    modes_on();
    return RL_OK;
}

static void modes_off(void)
{
    if (term.brackets)
        put_raw(PASTE_OFF, strlen(PASTE_OFF));
    endwin();
}

void ui_term_stop(void)
{
    if (!term.screen)
        return;
    if (!ui_term_takes(GOODBYE_MS))
        tcflush(STDOUT_FILENO, TCOFLUSH); /* nobody reads it: make room for the last words */
    modes_off();
    tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
    delscreen(term.screen);
    term.screen = NULL;
}

void ui_term_suspend(void)
{
    modes_off();
    struct sigaction own, plain = {.sa_handler = SIG_DFL};
    sigaction(SIGTSTP, &plain, &own);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &own, NULL);
    ui_term_resume();
}

void ui_term_resume(void)
{
    modes_on();
    ui_repaint();
}

int ui_term_esc_ms(void)
{
    const char *set = getenv("ESCDELAY");
    long ms = set ? strtol(set, NULL, 10) : 0;
    return ms > 0 && ms <= 5000 ? (int)ms : 100;
}

void ui_term_define_keys(struct ui_input *in)
{
    for (size_t i = 0; i < sizeof described / sizeof described[0]; i++)
        ui_input_define(in, capability(described[i].capability), described[i].key);
}

void ui_term_unblock(void)
{
    if (term.writing)
        tcflush(STDOUT_FILENO, TCOFLUSH);
}

bool ui_term_takes(int wait_ms)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&p, 1, wait_ms) != 0;
}

int ui_term_read(char *bytes, int size)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&p, 1, 0) <= 0)
        return 0;
    ssize_t n = read(STDIN_FILENO, bytes, (size_t)size);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    return n > 0 ? (int)n : -1;
}

void ui_term_copy(const char *text)
{
    struct rl_buf safe = {0}, out = {0};
    if (!term.brackets)
        return;
    for (size_t n; *text; text += n) {
        n = strcspn(text, "\n");
        rl_text_safe(&safe, text, n);
        if (text[n] == '\n') {
            rl_buf_addc(&safe, '\n');
            n++;
        }
    }
    rl_buf_adds(&out, "\033]52;c;");
    rl_base64_encode(&out, rl_buf_str(&safe), safe.len < COPY_MAX ? safe.len : COPY_MAX);
    rl_buf_adds(&out, "\a");
    term.writing = 1;
    put_raw(out.data, out.len);
    term.writing = 0;
    rl_buf_fini(&safe);
    rl_buf_fini(&out);
}

void ui_term_size(int *rows, int *cols)
{
    struct winsize ws;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 && ws.ws_col > 0 &&
        (ws.ws_row != LINES || ws.ws_col != COLS))
        resizeterm(ws.ws_row, ws.ws_col);
    *rows = term.rows = LINES;
    *cols = term.cols = COLS;
}

void ui_begin(void)
{
    erase();
    term.old = false;
    term.cursor_row = term.cursor_col = 0;
}

void ui_end(void)
{
    move(term.cursor_row, term.cursor_col);
    term.writing = 1;
    refresh();
    term.writing = 0;
}

void ui_repaint(void)
{
    clearok(stdscr, TRUE);
}

void ui_old(bool old)
{
    term.old = old;
}

static void set_style(unsigned style)
{
    unsigned base = style & (UI_FOCUS - 1u);
    const struct look *look = &looks[term.old && base == UI_NORMAL ? UI_FAINT : base];
    attr_t attr = term.colored ? look->with_color | COLOR_PAIR(look - looks + 1) : look->without;
    attrset(style & UI_FOCUS ? attr | A_REVERSE : attr);
}

void ui_put(int row, int col, int width, unsigned style, const char *text)
{
    if (row < 0 || row >= term.rows || col < 0 || col >= term.cols || width <= 0)
        return;
    if (width > term.cols - col)
        width = term.cols - col;
    struct rl_buf safe = {0};
    (term.utf8 ? rl_text_safe : rl_text_ascii)(&safe, text, strlen(text));
    const char *s = rl_buf_str(&safe);
    size_t n = safe.len;
    bool cut = rl_text_width(s, n) > (size_t)width;
    if (cut)
        n = rl_text_cut(s, n, (size_t)width - 1, NULL);
    set_style(style);
    mvaddnstr(row, col, s, (int)n);
    if (cut)
        addch('~');
    rl_buf_fini(&safe);
}

void ui_fill(int row, int col, int width, unsigned style, char c)
{
    if (row < 0 || row >= term.rows || col < 0 || col >= term.cols)
        return;
    set_style(style);
    mvhline(row, col, (chtype)(unsigned char)c, width < term.cols - col ? width : term.cols - col);
}

void ui_cursor(int row, int col)
{
    term.cursor_row = row < 0 ? 0 : row < term.rows ? row : term.rows - 1;
    term.cursor_col = col < 0 ? 0 : col < term.cols ? col : term.cols - 1;
}
