/* Where things stand in an INI file. iniparser gives values; this gives lines, and refuses what
 * iniparser would take in silence: the last of two equal names, a value cut at ';', a line joined
 * to the next. Does not need iniparser. */
#ifndef RINGLOCK_INIFILE_H
#define RINGLOCK_INIFILE_H

#include <stddef.h>

#include "ringlock/err.h"

enum { RL_INI_FILE_MAX = 1 << 20, RL_INI_LINE_MAX = 1000 }; /* bytes */

/* A section ("[feed]": name "feed") or a key of the section before it ("feed:listen"). Names are
 * lower-cased, as iniparser's are, so that `name` is what iniparser_getstring() takes. */
struct rl_ini_entry {
    char *name;      /* owned by the list */
    const char *key; /* part of name after the colon; NULL for a section */
    int line;        /* 1-based */
};

struct rl_ini {
    struct rl_ini_entry *entry; /* in the order of the file */
    size_t n, cap;
};

/* Scan a file's text; `ini` is initialised by it. Problems have the code given, the line, and
 * `file` as their object: lines that are neither section, key nor comment; keys before the first
 * section; names and keys given twice (both lines are told); quotes not closed; an unquoted ';' or
 * '#' within a value; a backslash at the end of a line; too long a line; bytes that are no UTF-8
 * text. */
void rl_ini_scan(struct rl_ini *ini, const char *text, size_t n, const char *file,
                 enum rl_code code, struct rl_problems *problems);
void rl_ini_fini(struct rl_ini *ini);

/* Line of "section" or "section:key"; 0 if it is not there. */
int rl_ini_line(const struct rl_ini *ini, const char *name);

/* Read a file for rl_ini_scan; *text is owned by the caller. E-IO. */
enum rl_code rl_ini_read(const char *path, char **text, size_t *n, struct rl_err *err);

#endif
