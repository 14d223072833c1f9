/* Base64 (RFC 4648, section 4): bytes that travel in texts. */
#ifndef RINGLOCK_BASE64_H
#define RINGLOCK_BASE64_H

#include "ringlock/buf.h"

/* Append the form of n bytes, padded, without line feeds. */
void rl_base64_encode(struct rl_buf *out, const void *bytes, size_t n);

/* Append what n characters stand for; blanks and line feeds between them are skipped. False if it
 * is no base64; then `out` is as before. */
bool rl_base64_decode(struct rl_buf *out, const char *text, size_t n);

#endif
