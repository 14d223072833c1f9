/* From a HEPv3 datagram to a record: frame, key, SIP by libosip2, SDP by libosip2, log events by
 * jansson. Used by the feed process, the unit tests and the fuzzers. No I/O. */
#ifndef RL_FEED_PARSE_H
#define RL_FEED_PARSE_H

#include "feed/record.h"

struct rl_feed_config {
    const char *key;                /* required auth key; NULL or "" = none asked for */
    const char *correlation_header; /* header that joins a B2BUA's legs; NULL or "" = none */
};

enum rl_feed_result {
    RL_FEED_RECORD,    /* *rec is filled */
    RL_FEED_IGNORED,   /* well-formed, of no interest */
    RL_FEED_BAD_FRAME, /* not HEPv3, or lengths that do not fit */
    RL_FEED_BAD_KEY,
    RL_FEED_BAD_SIP,
    RL_FEED_BAD_FACT
};

/* What is wrong with a text that is no SIP message. */
enum rl_sip_fault { RL_SIP_HEAD, RL_SIP_SYNTAX, RL_SIP_START, RL_SIP_PARTIES };

/* A parser with its scratch memory; made once for each process. */
struct rl_parser;
struct rl_parser *rl_parser_new(const struct rl_feed_config *config); /* copies config */
void rl_parser_free(struct rl_parser **parser);

/* Parse one datagram. `rec` borrows from `datagram` and from the parser until its next call.
 * `rec->listed` is left false: the caller knows the source. */
enum rl_feed_result rl_parse(struct rl_parser *parser, const uint8_t *datagram, size_t n,
                             struct rl_rec *rec);

/* Why the last packet was RL_FEED_BAD_SIP. */
enum rl_sip_fault rl_parser_sip_fault(const struct rl_parser *parser);

/* The log event alone: one JSON object of n bytes. */
enum rl_feed_result rl_parse_fact(struct rl_parser *parser, const char *json, size_t n,
                                  struct rl_rec *rec);

#endif
