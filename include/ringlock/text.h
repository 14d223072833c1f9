/* Text from outside: made safe to show, measured, cut. UTF-8 throughout. */
#ifndef RINGLOCK_TEXT_H
#define RINGLOCK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringlock/buf.h"

/* Append `n` bytes of foreign text to `out` so that nothing in them can act on a terminal, log or
 * file: C0, DEL, C1, bidi controls, zero-width and other unseen characters and private-use ones
 * become \x1b, \u202e and the like; bytes that are not UTF-8 become \xNN; a backslash stays as it
 * is. Combining marks stay, at most four on one base; marks without a base are escaped. The result
 * is valid UTF-8, printable, one line. */
void rl_text_safe(struct rl_buf *out, const char *in, size_t n);

/* The same for a string; owned by the caller. NULL gives "". */
char *rl_text_safe_dup(const char *in);

/* As rl_text_safe, then what is not ASCII becomes one '?' a cell: for terminals that are not UTF-8.
 */
void rl_text_ascii(struct rl_buf *out, const char *in, size_t n);

/* Cells that safe text takes on a terminal: wide characters 2, combining marks 0, ambiguous 1. */
size_t rl_text_width(const char *s, size_t n);

/* Longest start of `s`, in bytes, that fits into `cells`; never splits a character from its marks.
 * `used` (may be NULL) receives the cells taken. */
size_t rl_text_cut(const char *s, size_t n, size_t cells, size_t *used);

/* True if the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool rl_text_is_utf8(const char *s, size_t n);

/* Decode one character; returns its length in bytes, 0 at the end, and -1 for a byte that is not
 * UTF-8. */
int rl_text_decode(const char *s, size_t n, uint32_t *cp);

/* Compare without regard to ASCII case, as Find and List does: 0 if equal. */
int rl_text_casecmp(const char *a, const char *b);

#endif
