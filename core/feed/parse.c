#include "feed/parse.h"

#include <stdlib.h>
#include <string.h>

#include "feed/parts.h"

struct rl_parser {
    char *key;                /* owned; NULL if none is asked for */
    char *correlation_header; /* owned; "" if none is configured */
    struct rl_fact fact;
    struct rl_sip sip;
};

struct rl_parser *rl_parser_new(const struct rl_feed_config *config)
{
    struct rl_parser *parser = rl_alloc(sizeof *parser);

    parser->key = rl_strdup(config->key);
    parser->correlation_header =
        rl_strdup(config->correlation_header ? config->correlation_header : "");
    rl_sip_init(&parser->sip);
    return parser;
}

void rl_parser_free(struct rl_parser **parser)
{
    if (*parser == NULL)
        return;
    rl_sip_fini(&(*parser)->sip);
    rl_fact_fini(&(*parser)->fact);
    if ((*parser)->key != NULL)
        explicit_bzero((*parser)->key, strlen((*parser)->key));
    free((*parser)->key);
    free((*parser)->correlation_header);
    free(*parser);
    *parser = NULL;
}

/* Line ends alone keep a connection alive (RFC 5626 3.5.1). */
static bool is_keep_alive(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] != '\r' && text[i] != '\n' && text[i] != '\0')
            return false;
    return true;
}

static enum rl_feed_result parse_sip(struct rl_parser *parser, const struct rl_hep_frame *frame,
                                     struct rl_rec *rec)
{
    if (is_keep_alive(frame->payload, frame->n))
        return RL_FEED_IGNORED;
    rec->kind = RL_REC_SIP;
    if (!rl_sip_read(&parser->sip, frame->payload, frame->n, parser->correlation_header, &rec->sip))
        return RL_FEED_BAD_SIP;
    return RL_FEED_RECORD;
}

static enum rl_feed_result parse_fact(struct rl_parser *parser, const char *json, size_t n,
                                      struct rl_rec *rec)
{
    rec->kind = RL_REC_FACT;
    if (!rl_fact_read(&parser->fact, json, n, &rec->fact))
        return RL_FEED_BAD_FACT;
    return rec->fact.event == RL_FACT_OTHER ? RL_FEED_IGNORED : RL_FEED_RECORD;
}

enum rl_sip_fault rl_parser_sip_fault(const struct rl_parser *parser)
{
    return parser->sip.fault;
}

enum rl_feed_result rl_parse_fact(struct rl_parser *parser, const char *json, size_t n,
                                  struct rl_rec *rec)
{
    memset(rec, 0, sizeof *rec);
    return parse_fact(parser, json, n, rec);
}

enum rl_feed_result rl_parse(struct rl_parser *parser, const uint8_t *datagram, size_t n,
                             struct rl_rec *rec)
{
    struct rl_hep_frame frame;

    if (!rl_hep_read(datagram, n, &frame))
        return RL_FEED_BAD_FRAME;
    if (!rl_hep_key_ok(frame.key, parser->key))
        return RL_FEED_BAD_KEY;
    if ((frame.type != RL_HEP_SIP && frame.type != RL_HEP_LOG) || frame.payload == NULL)
        return RL_FEED_IGNORED;
    rec->listed = false;
    rec->time_us = frame.time_us;
    rec->src = frame.src;
    rec->dst = frame.dst;
    rec->hep_correlation = frame.correlation;
    if (frame.type == RL_HEP_SIP)
        return parse_sip(parser, &frame, rec);
    enum rl_feed_result result = parse_fact(parser, frame.payload, frame.n, rec);
    rec->fact.call_id = frame.correlation;
    return result;
}
