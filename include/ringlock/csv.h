/* CSV as RFC 4180 has it, read in parts of any size and written. UTF-8. */
#ifndef RINGLOCK_CSV_H
#define RINGLOCK_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "ringlock/buf.h"
#include "ringlock/err.h"

enum { RL_CSV_ROW_MAX = 65536 }; /* bytes of one row */

struct rl_csv;

struct rl_csv_row {
    int line;    /* where the row begins, 1-based */
    bool header; /* the first row */
    size_t n;    /* as many as the header has */
    const char *const *field;
};

/* Called for each whole row, the header first. The row is borrowed for the call. */
typedef void (*rl_csv_row_fn)(void *ctx, const struct rl_csv_row *row);

/* Owned by the caller. `ctx` goes to `fn`. */
struct rl_csv *rl_csv_new(rl_csv_row_fn fn, void *ctx);
void rl_csv_free(struct rl_csv **csv);

/* Read the next bytes of the file. Lines end with LF or CRLF; empty lines and a byte order mark at
 * the start are passed over. Refused as E-CSV with line and column (the header's name for it):
 * a row with more or fewer fields than the header, text that is not UTF-8 - these lose the row and
 * reading goes on; a quote where none may stand, NUL, a CR without LF, a row over RL_CSV_ROW_MAX -
 * after these the place in the file is lost and nothing more is read. */
void rl_csv_feed(struct rl_csv *csv, const char *bytes, size_t n, struct rl_problems *problems);

/* The file is at its end: gives its last row, or refuses a quote that was never closed. */
void rl_csv_end(struct rl_csv *csv, struct rl_problems *problems);

/* Append one line, its fields quoted where they need it, ended by CRLF. A leading = + - @, which a
 * spreadsheet takes for a formula, stays as it is: what is exported is what is imported. */
void rl_csv_line(struct rl_buf *out, const char *const *field, size_t n);
void rl_csv_field(struct rl_buf *out, const char *value); /* one field, no comma */

#endif
