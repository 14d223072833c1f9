/* What the screens of ringlock say alike: the words of the locks, times, links. */
#ifndef RL_SCREENS_COMMON_H
#define RL_SCREENS_COMMON_H

#include "console/detail.h"
#include "console/list.h"

/* Member as text, "" if missing or null; borrowed from the object. */
const char *member(const json_t *object, const char *key);
json_int_t number(const json_t *object, const char *key);

/* "LOCK", "SHLD", "OPEN" of "encrypted", "authenticated", "nonsecure" (R143); "-" if it is none. */
const char *security_word(const char *security);
unsigned security_style(const char *security);

/* "14:02" of an RFC 3339 text, local; with the day if it is another one. */
void time_text(const char *rfc3339, struct rl_buf *out);
/* With seconds: "14:02:24". */
void clock_text(const char *rfc3339, struct rl_buf *out);
/* How long since: "<1m", "3m", "1h02m", "2d". Changes once a minute, not more. */
void since_text(const char *rfc3339, const char *until, struct rl_buf *out);

/* Of a phone or gateway as JSON: is its type trusted? False where nothing says so. */
bool is_trusted(const json_t *device);
/* "ok Device is trusted" or "!! Device is not trusted": exactly one of the two (R42, R45). */
void trust_line(const json_t *device, struct ui_lines *out);
void trust_text(const json_t *row, struct rl_buf *out);
unsigned trust_style(const json_t *row);

/* In capitals: "TLS". */
void upper_text(const char *text, struct rl_buf *out);

/* "5512 Adler" of a party; "Conference ..." where it is one. */
void party_text(const json_t *party, struct rl_buf *out);
/* "1001 to 1002" */
void call_title(const json_t *call, struct rl_buf *out);
/* Lock, ring, wait or end: what the first column of a call says. */
const char *call_word(const json_t *call);
unsigned call_style(const json_t *call);
/* The first reason in a few words: "B no TLS". */
void call_why(const json_t *call, struct rl_buf *out);
/* 'A', 'B', ... of a party's index; '-' for none. */
char party_letter(json_int_t index);

/* What is known of the certificate and of the cipher of a party or registration, by its "sig": in
 * at most 22 cells; the cipher's is "" if its own name says it. Static. */
const char *sig_certificate(const char *sig);
const char *sig_cipher(const char *sig);

#endif
