#include <osipparser2/osip_parser.h>
#include <stdlib.h>
#include <string.h>

#include "feed/parts.h"

static const struct {
    const char *name;
    enum rl_method method;
} methods[] = {
    {"INVITE",    RL_M_INVITE   },
    {"ACK",       RL_M_ACK      },
    {"BYE",       RL_M_BYE      },
    {"CANCEL",    RL_M_CANCEL   },
    {"UPDATE",    RL_M_UPDATE   },
    {"PRACK",     RL_M_PRACK    },
    {"REGISTER",  RL_M_REGISTER },
    {"REFER",     RL_M_REFER    },
    {"NOTIFY",    RL_M_NOTIFY   },
    {"SUBSCRIBE", RL_M_SUBSCRIBE},
    {"OPTIONS",   RL_M_OPTIONS  },
    {"INFO",      RL_M_INFO     },
    {"MESSAGE",   RL_M_MESSAGE  },
};

/* One message on its way through this file. */
struct reading {
    struct rl_sip *sip;
    struct rl_head head;
    const char *body;
    size_t head_n, body_n;
    bool body_cut; /* shorter than Content-Length says, or that is no number */
};

enum rl_method rl_method_find(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].method;
    return RL_M_OTHER;
}

bool rl_number_read(const char *text, size_t n, uint32_t max, uint32_t *value)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        v = v * 10 + (uint64_t)(text[i] - '0');
        if (v > max)
            return false;
    }
    *value = (uint32_t)v;
    return n > 0;
}

static struct rl_str str(const char *s)
{
    return (struct rl_str){s, s == NULL ? 0 : (uint16_t)strlen(s)};
}

static bool parse(osip_message_t **message, const char *text, size_t n)
{
    return osip_message_init(message) == 0 && osip_message_parse(*message, text, n) == 0;
}

/* libosip2 refuses a message for one bad Contact: then it is read without. */
static bool parse_header(struct reading *r, const char *correlation)
{
    struct rl_sip *sip = r->sip;

    for (int with_contact = 1; with_contact >= 0; with_contact--) {
        if (!rl_head_pick(sip, r->head_n, correlation, with_contact, &r->head) ||
            r->head.value[RL_H_CALL_ID].n == 0)
            return false;
        memcpy(sip->text + r->head.kept, "\r\n", 3);
        /* an escaped NUL would cut names short */
        if (strstr(sip->text, "%00") != NULL)
            return false;
        if (parse(&sip->message, sip->text, r->head.kept + 2))
            return true;
    }
    return false;
}

/* How long the body is (RFC 3261 18.3): bytes behind it do not count, missing ones make it
 * unreadable. */
static void measure_body(struct reading *r)
{
    struct rl_str length = r->head.value[RL_H_CONTENT_LENGTH];
    uint32_t n;

    if (length.p == NULL)
        return;
    if (!rl_number_read(length.p, length.n, UINT32_MAX, &n) || n > r->body_n)
        r->body_cut = true;
    else
        r->body_n = n;
}

static bool is_sdp(const osip_content_type_t *ct)
{
    return ct != NULL && ct->type != NULL && ct->subtype != NULL &&
           strcasecmp(ct->type, "application") == 0 && strcasecmp(ct->subtype, "sdp") == 0;
}

/* The SDP part of a multipart body; two of them could be told apart by nobody. */
static void read_multipart(struct reading *r, struct rl_rec_sip *out)
{
    osip_message_t *whole;
    osip_list_iterator_t it;
    size_t parts = 0;

    r->head.kept = r->head.separators = 0;
    out->sdp = RL_SDP_BAD;
    if (rl_count(r->body, r->body_n, '\n') > RL_MULTIPART_LINES_MAX)
        return;
    if (!rl_head_keep(r->sip, &r->head, "", str("SIP/2.0 200 OK")) ||
        !rl_head_keep(r->sip, &r->head, "Content-Type", r->head.value[RL_H_CONTENT_TYPE]))
        return;
    memcpy(r->sip->text + r->head.kept, "\r\n", 2);
    memcpy(r->sip->text + r->head.kept + 2, r->body, r->body_n);
    if (!parse(&whole, r->sip->text, r->head.kept + 2 + r->body_n))
        return;
    out->sdp = RL_SDP_NONE;
    for (osip_body_t *b = osip_list_get_first(&whole->bodies, &it); osip_list_iterator_has_elem(it);
         b = osip_list_get_next(&it))
        if (is_sdp(b->content_type) && ++parts == 1)
            rl_sdp_read(r->sip->text, b->body, b->length, out);
    if (parts > 1) {
        out->sdp = RL_SDP_BAD;
        out->nmedia = 0;
    }
}

static void read_body(struct reading *r, struct rl_rec_sip *out)
{
    struct rl_str type = r->head.value[RL_H_CONTENT_TYPE],
                  encoding = r->head.value[RL_H_CONTENT_ENCODING];
    bool multipart = type.n > 10 && strncasecmp(type.p, "multipart/", 10) == 0;

    measure_body(r);
    if (r->body_n == 0 && !r->body_cut)
        return;
    if (!multipart && !rl_word_is(type, "application/sdp"))
        return;
    if (r->body_cut || (encoding.p != NULL && !rl_word_is(encoding, "identity")) ||
        memchr(r->body, '\0', r->body_n) != NULL)
        out->sdp = RL_SDP_BAD;
    else if (multipart)
        read_multipart(r, out);
    else
        rl_sdp_read(r->sip->text, r->body, r->body_n, out);
}

/* The user part, or the number of a tel: URI. */
static struct rl_str uri_user(const osip_uri_t *uri)
{
    if (uri == NULL)
        return str(NULL);
    if (uri->scheme != NULL && strcasecmp(uri->scheme, "tel") == 0)
        return rl_word(str(uri->string));
    return str(uri->username);
}

/* A parameter's value, "" if it has none. */
static struct rl_str param(osip_list_t *list, const char *name, bool *present)
{
    osip_generic_param_t *p = NULL;

    if (osip_generic_param_get_byname(list, (char *)name, &p) != 0)
        p = NULL;
    if (present != NULL)
        *present = p != NULL;
    return str(p == NULL ? NULL : p->gvalue);
}

/* A display name without its quotes and backslashes; changed in place. */
static struct rl_str unquote(char *name)
{
    if (name == NULL || name[0] != '"')
        return str(name);
    char *to = name;
    for (const char *p = name + 1; *p != '\0' && *p != '"'; p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        *to++ = *p;
    }
    return (struct rl_str){name, (uint16_t)(to - name)};
}

static bool fill_addresses(struct reading *r, struct rl_rec_sip *out)
{
    osip_message_t *m = r->sip->message;
    osip_list_iterator_t it;
    osip_via_t *via = osip_list_get_first(&m->vias, &it);

    if (m->from == NULL || m->to == NULL || via == NULL)
        return false;
    out->call_id = r->head.value[RL_H_CALL_ID];
    out->from_tag = param(&m->from->gen_params, "tag", NULL);
    out->to_tag = param(&m->to->gen_params, "tag", NULL);
    out->from_user = uri_user(m->from->url);
    out->from_name = unquote(m->from->displayname);
    out->to_user = uri_user(m->to->url);
    out->ruri_user = uri_user(m->req_uri);
    int vias = osip_list_size(&m->vias);
    out->vias = vias > UINT8_MAX ? UINT8_MAX : (uint8_t)vias;
    out->branch = param(&via->via_params, "branch", NULL);
    via = osip_list_get_next(&it);
    if (osip_list_iterator_has_elem(it))
        out->parent_branch = param(&via->via_params, "branch", NULL);
    return true;
}

static bool fill_start(struct reading *r, struct rl_rec_sip *out)
{
    const osip_message_t *m = r->sip->message;

    if (m->cseq == NULL || m->cseq->number == NULL || m->cseq->method == NULL ||
        !rl_number_read(m->cseq->number, strlen(m->cseq->number), UINT32_MAX, &out->cseq))
        return false;
    if (m->sip_version == NULL || strcasecmp(m->sip_version, "SIP/2.0") != 0)
        return false;
    out->method = (uint8_t)rl_method_find(m->cseq->method);
    out->request = m->sip_method != NULL;
    if (out->request)
        return strcmp(m->sip_method, m->cseq->method) == 0;
    out->status = (uint16_t)m->status_code;
    return m->status_code >= 100 && m->status_code < 700;
}

static void append(struct rl_sip *sip, size_t *n, const char *s)
{
    size_t len = s == NULL ? 0 : strlen(s);

    if (*n + len <= sizeof sip->contact) {
        memcpy(sip->contact + *n, s == NULL ? "" : s, len);
        *n += len;
    }
}

static void fill_contact(struct reading *r, struct rl_rec_sip *out)
{
    osip_list_iterator_t it;
    osip_contact_t *c = osip_list_get_first(&r->sip->message->contacts, &it);
    size_t n = 0;

    if (!osip_list_iterator_has_elem(it))
        return;
    const osip_uri_t *uri = c->url;
    out->contact_star = uri == NULL;
    param(&c->gen_params, "isfocus", &out->isfocus);
    if (uri == NULL)
        return;
    append(r->sip, &n, uri->scheme);
    append(r->sip, &n, ":");
    append(r->sip, &n, uri->username);
    append(r->sip, &n, uri->username == NULL ? NULL : "@");
    bool v6 = uri->host != NULL && strchr(uri->host, ':') != NULL;
    append(r->sip, &n, v6 ? "[" : NULL);
    append(r->sip, &n, uri->host == NULL ? uri->string : uri->host);
    append(r->sip, &n, v6 ? "]" : NULL);
    append(r->sip, &n, uri->port == NULL ? NULL : ":");
    append(r->sip, &n, uri->port);
    out->contact = (struct rl_str){r->sip->contact, (uint16_t)n};

    struct rl_str expires = param(&c->gen_params, "expires", NULL);
    uint32_t seconds;
    if (rl_number_read(expires.p, expires.n, INT32_MAX, &seconds))
        out->expires = (int32_t)seconds;
}

/* stale=true among the parameters of a challenge; what is quoted is not looked into. */
static bool says_stale(struct rl_str challenge)
{
    bool quoted = false;

    for (uint16_t i = 1; i + 9 < challenge.n; i++) {
        const char *p = challenge.p + i;
        quoted ^= *p == '"';
        if (quoted || strncasecmp(p, "stale=", 6) != 0 || !strchr(" \t,", p[-1]))
            continue;
        p += p[6] == '"' ? 7 : 6;
        return challenge.p + challenge.n - p >= 4 && strncasecmp(p, "true", 4) == 0;
    }
    return false;
}

static void fill_values(struct reading *r, struct rl_rec_sip *out)
{
    const struct rl_str *value = r->head.value;
    uint32_t seconds;

    if (out->expires < 0 &&
        rl_number_read(value[RL_H_EXPIRES].p, value[RL_H_EXPIRES].n, INT32_MAX, &seconds))
        out->expires = (int32_t)seconds;
    if (out->method != RL_M_REGISTER)
        out->expires = -1;
    struct rl_str session = rl_word(value[RL_H_SESSION_EXPIRES]);
    rl_number_read(session.p, session.n, UINT32_MAX, &out->session_expires);
    out->correlation = value[RL_H_CORRELATION];
    out->replaces = rl_word(value[RL_H_REPLACES]);
    out->credentials =
        value[RL_H_AUTHORIZATION].p != NULL || value[RL_H_PROXY_AUTHORIZATION].p != NULL;
    out->stale =
        says_stale(value[RL_H_WWW_AUTHENTICATE]) || says_stale(value[RL_H_PROXY_AUTHENTICATE]);
    if (value[RL_H_RACK].p == NULL)
        return;
    size_t first = rl_word(value[RL_H_RACK]).n;
    struct rl_str second = rl_word(rl_trim(value[RL_H_RACK].p + first, value[RL_H_RACK].n - first));
    rl_number_read(second.p, second.n, UINT32_MAX, &out->rack_cseq);
}

/* Require: 100rel among others, in a provisional response (RFC 3262). */
static void fill_require(struct reading *r, struct rl_rec_sip *out)
{
    struct rl_str list = r->head.value[RL_H_REQUIRE];

    while (list.n > 0 && !out->request && out->status > 100 && out->status < 200) {
        struct rl_str option = rl_word(list);
        out->need_prack |= rl_word_is(option, "100rel");
        uint16_t used = (uint16_t)(option.n < list.n ? option.n + 1 : option.n);
        list = rl_trim(list.p + used, (size_t)(list.n - used));
    }
}

static void fill_refer(struct reading *r, struct rl_rec_sip *out)
{
    struct rl_str value = r->head.value[RL_H_REFER_TO];
    struct rl_sip *sip = r->sip;

    if (value.p == NULL || osip_from_init(&sip->refer_to) != 0)
        return;
    ((char *)value.p)[value.n] = '\0'; /* in sip->head, at the line's end */
    if (osip_from_parse(sip->refer_to, value.p) != 0 || sip->refer_to->url == NULL)
        return;
    out->refer_to = uri_user(sip->refer_to->url);
    struct rl_str replaces = param(&sip->refer_to->url->url_headers, "Replaces", NULL);
    if (out->replaces.n == 0)
        out->replaces = rl_word(replaces);
}

static void forget(struct rl_sip *sip)
{
    rl_sip_memory_begin(&sip->blocks);
    sip->message = NULL;
    sip->refer_to = NULL;
}

static bool fault(struct rl_sip *sip, enum rl_sip_fault fault)
{
    sip->fault = fault;
    return false;
}

bool rl_sip_read(struct rl_sip *sip, const char *text, size_t n, const char *correlation,
                 struct rl_rec_sip *out)
{
    struct reading r = {.sip = sip};
    size_t line;

    forget(sip);
    memset(out, 0, sizeof *out);
    out->expires = -1;
    while (n > 0 && (*text == '\r' || *text == '\n'))
        text++, n--;
    r.head_n = n > RL_FEED_TEXT_MAX ? 0 : rl_head_length(text, n, &line);
    if (r.head_n == 0 || memchr(text, '\0', r.head_n) != NULL)
        return fault(sip, RL_SIP_HEAD);
    memcpy(sip->head, text, r.head_n);
    r.body = text + r.head_n + line;
    r.body_n = n - r.head_n - line;
    if (!parse_header(&r, correlation))
        return fault(sip, RL_SIP_SYNTAX);
    if (!fill_start(&r, out))
        return fault(sip, RL_SIP_START);
    if (!fill_addresses(&r, out))
        return fault(sip, RL_SIP_PARTIES);
    fill_contact(&r, out);
    fill_values(&r, out);
    fill_require(&r, out);
    fill_refer(&r, out);
    read_body(&r, out);
    return true;
}

static void quiet(const char *file, int line, osip_trace_level_t level, const char *format,
                  va_list args)
{
    (void)file, (void)line, (void)level, (void)format, (void)args;
}

void rl_sip_init(struct rl_sip *sip)
{
    static bool once;

    sip->blocks = NULL;
    forget(sip);
    if (once)
        return;
    once = true;
    parser_init();
    rl_sip_memory_init();
    osip_trace_initialize_func(TRACE_LEVEL0, quiet);
    for (int level = TRACE_LEVEL0; level < END_TRACE_LEVEL; level++)
        osip_trace_disable_level((osip_trace_level_t)level);
}

void rl_sip_fini(struct rl_sip *sip)
{
    forget(sip);
}
