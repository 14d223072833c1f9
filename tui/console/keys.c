#include "console/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/text.h"

static const struct {
    const char *name;
    int key;
} named[] = {
    {"Enter",     UI_KEY_ENTER    },
    {"Esc",       UI_KEY_ESC      },
    {"Tab",       UI_KEY_TAB      },
    {"Space",     ' '             },
    {"Up",        UI_KEY_UP       },
    {"Down",      UI_KEY_DOWN     },
    {"Left",      UI_KEY_LEFT     },
    {"Right",     UI_KEY_RIGHT    },
    {"Home",      UI_KEY_HOME     },
    {"End",       UI_KEY_END      },
    {"PgUp",      UI_KEY_PGUP     },
    {"PgDn",      UI_KEY_PGDN     },
    {"Ins",       UI_KEY_INS      },
    {"Del",       UI_KEY_DEL      },
    {"Backspace", UI_KEY_BACKSPACE},
    {"S-Tab",     UI_KEY_BACKTAB  },
    {"Paste",     UI_KEY_PASTE    },
};

enum { NAMED = sizeof named / sizeof named[0] };

static int parse_function_key(const char *name, size_t n)
{
    if (n < 2 || n > 3 || name[0] != 'F' || name[1] < '1' || name[1] > '9')
        return UI_KEY_NONE;
    char digits[3] = {name[1], n == 3 ? name[2] : '\0', '\0'};
    char *end;
    long number = strtol(digits, &end, 10);
    return *end == '\0' && number <= 12 ? UI_KEY_F1 + (int)number - 1 : UI_KEY_NONE;
}

int ui_key_parse(const char *name, size_t n)
{
    for (size_t i = 0; i < NAMED; i++)
        if (strlen(named[i].name) == n && memcmp(named[i].name, name, n) == 0)
            return named[i].key;
    if (n == 2 && name[0] == '^' && name[1] >= '@' && name[1] <= '_')
        return UI_CTRL(name[1]);
    int function = parse_function_key(name, n);
    if (function != UI_KEY_NONE)
        return function;
    uint32_t cp;
    int len = rl_text_decode(name, n, &cp);
    return len > 0 && (size_t)len == n && cp > ' ' ? (int)cp : UI_KEY_NONE;
}

static void encode(int key, char *out)
{
    if (key < 0x80)
        snprintf(out, UI_KEY_NAME, "%c", key);
    else
        snprintf(out, UI_KEY_NAME, "U+%04X", (unsigned)key);
}

char *ui_key_name(int key, char *out)
{
    for (size_t i = 0; i < NAMED; i++)
        if (named[i].key == key) {
            snprintf(out, UI_KEY_NAME, "%s", named[i].name);
            return out;
        }
    if (key >= UI_KEY_F1 && key <= UI_KEY_F12)
        snprintf(out, UI_KEY_NAME, "F%d", key - UI_KEY_F1 + 1);
    else if (key > 0 && key < ' ')
        snprintf(out, UI_KEY_NAME, "^%c", key | 0x40);
    else
        encode(key, out);
    return out;
}

bool ui_keys_hold(const char *names, int key)
{
    while (names && *names) {
        size_t n = strcspn(names, ",");
        if (ui_key_parse(names, n) == key)
            return true;
        names += n + (names[n] == ',');
    }
    return false;
}

bool ui_key_is_text(int key)
{
    return key >= ' ' && key != 0x7f && key < UI_KEY_UP && (key < 0x80 || key >= 0xa0);
}
