/* What the files of the parser share; for this room only. No I/O. */
#ifndef RL_FEED_PARTS_H
#define RL_FEED_PARTS_H

#include <jansson.h>
#include <osipparser2/osip_message.h>

#include "feed/parse.h"

enum { RL_FEED_TEXT_MAX = 65535 }; /* a payload is never longer: HEPv3 lengths have 16 bits */

/* One HEPv3 packet, taken apart; pointers are borrowed from the datagram. */
struct rl_hep_frame {
    uint8_t type; /* RL_HEP_SIP, RL_HEP_LOG or another */
    int64_t time_us;
    struct rl_addr src, dst;
    struct rl_str key, correlation;
    const char *payload; /* NULL if there is none */
    size_t n;
};

enum { RL_HEP_SIP = 1, RL_HEP_LOG = 100 };

/* False if the bytes are not exactly one HEPv3 packet with addresses and payload type. */
bool rl_hep_read(const uint8_t *bytes, size_t n, struct rl_hep_frame *frame);

/* True if `want` is NULL or "", or the same as `key`; takes equally long wherever they differ. */
bool rl_hep_key_ok(struct rl_str key, const char *want);

/* "127.0.0.1:5061" or "[::1]:5061" into a->ip and a->port; false if it is neither. */
bool rl_addr_read(const char *text, struct rl_addr *a);

/* The method with this name; RL_M_OTHER if none is known. */
enum rl_method rl_method_find(const char *name);

/* The whole text as a number of at most `max`; false if it is not one. */
bool rl_number_read(const char *text, size_t n, uint32_t max, uint32_t *value);

/* libosip2 walks a list from its begin for each element that it adds, so one message could keep it
 * busy for a tenth of a second: what makes lists long is limited. */
enum { RL_SIP_SEPARATORS_MAX = 400, RL_SDP_LINES_MAX = 512, RL_MULTIPART_LINES_MAX = 1024 };

/* Bytes of the header lines that are read; longer ones make it no message. */
enum { RL_SIP_KEPT_MAX = 16384 };

/* Memory of the SIP parser. The last message is kept, because records borrow from it. */
struct rl_sip {
    struct rl_sip_block *blocks;                   /* all that libosip2 holds of the last message */
    osip_message_t *message;                       /* NULL before the first */
    osip_from_t *refer_to;                         /* likewise */
    char head[RL_FEED_TEXT_MAX + 1];               /* the header, unfolded */
    char text[RL_FEED_TEXT_MAX + RL_SIP_KEPT_MAX]; /* what libosip2 is given */
    char contact[RL_SIP_KEPT_MAX];                 /* the text of rl_rec_sip.contact */
    enum rl_sip_fault fault;                       /* of the last text that was no message */
};

/* Header lines that are read. */
enum rl_header {
    RL_H_VIA,
    RL_H_FROM,
    RL_H_TO,
    RL_H_CSEQ,
    RL_H_CONTACT, /* up to here: for libosip2 */
    RL_H_CALL_ID,
    RL_H_CONTENT_TYPE,
    RL_H_CONTENT_LENGTH,
    RL_H_CONTENT_ENCODING,
    RL_H_EXPIRES,
    RL_H_SESSION_EXPIRES,
    RL_H_REFER_TO,
    RL_H_REPLACES,
    RL_H_REQUIRE,
    RL_H_RACK,
    RL_H_AUTHORIZATION,
    RL_H_PROXY_AUTHORIZATION,
    RL_H_WWW_AUTHENTICATE,
    RL_H_PROXY_AUTHENTICATE,
    RL_H_CORRELATION,
    RL_HEADERS
};

struct rl_head {
    struct rl_str
        value[RL_HEADERS]; /* of the first line of its kind, in sip->head; p may be NULL */
    size_t kept;           /* bytes written to sip->text */
    size_t separators;     /* ";" and "," among them */
};

/* Bytes before the empty line that ends the header, 0 if there is none; *line: bytes of the empty
 * line. */
size_t rl_head_length(const char *text, size_t n, size_t *line);

/* Sort the n bytes in sip->head: the lines that matter are picked and the rest is dropped unread,
 * so that a broken Warning or Date does not lose the message. Values go to out->value, the first
 * line and what has structure go to sip->text, for libosip2. False if the header is ambiguous or
 * too long. `correlation` is the name of the configured header, or "". Lines are unfolded in place;
 * it can be done again. */
bool rl_head_pick(struct rl_sip *sip, size_t n, const char *correlation, bool with_contact,
                  struct rl_head *out);

/* Append "name: value" (a bare value if name is "") to sip->text; false if it is full. */
bool rl_head_keep(struct rl_sip *sip, struct rl_head *head, const char *name, struct rl_str value);

size_t rl_count(const char *p, size_t n, char c); /* how often c is in n bytes */
struct rl_str rl_trim(const char *p, size_t n);   /* without the blanks around it */
struct rl_str rl_word(struct rl_str s);           /* the first word: up to a blank or one of ";," */
bool rl_word_is(struct rl_str s, const char *what); /* the first word is this, in any case */

/* Make libosip2 take its memory here. Once, before the first message. */
void rl_sip_memory_init(void);

/* Free all blocks on the list; what libosip2 takes from now on is put there. */
void rl_sip_memory_begin(struct rl_sip_block **list);

/* Make it empty; free what was read into it. */
void rl_sip_init(struct rl_sip *sip);
void rl_sip_fini(struct rl_sip *sip);

/* Read one SIP message; false if it is none, and sip->fault says why. `correlation` is a header's
 * name, or "". */
bool rl_sip_read(struct rl_sip *sip, const char *text, size_t n, const char *correlation,
                 struct rl_rec_sip *out);

/* Read an SDP body into out->sdp, nmedia and media. `scratch` has room for n + 8 bytes. */
void rl_sdp_read(char *scratch, const char *body, size_t n, struct rl_rec_sip *out);

/* Memory of the log-event parser. */
struct rl_fact {
    json_t *event; /* the last one: records borrow from it */
    char fp[65];
};

/* Free the last event; f may be used again. */
void rl_fact_fini(struct rl_fact *fact);

/* Read one log event; false if it is none. */
bool rl_fact_read(struct rl_fact *fact, const char *json, size_t n, struct rl_rec_fact *out);

#endif
