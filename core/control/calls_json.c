#include <stdio.h>
#include <string.h>

#include "control/json.h"

static const char *const sig_names[] = {
    [RL_SIG_NO_FACT] = "no-fact",
    [RL_SIG_NOT_TLS] = "not-tls",
    [RL_SIG_NO_CERT] = "no-certificate",
    [RL_SIG_CERT_UNPROVEN] = "certificate-unproven",
    [RL_SIG_CERT_OTHER] = "certificate-other",
    [RL_SIG_CERT_NOT_OWN] = "certificate-not-own",
    [RL_SIG_CERT_EARLY] = "certificate-not-yet-valid",
    [RL_SIG_CERT_EXPIRED] = "certificate-expired",
    [RL_SIG_CERT_REMOVED] = "certificate-removed",
    [RL_SIG_CERT_MISSING] = "certificate-missing",
    [RL_SIG_CERT_NAME] = "certificate-name",
    [RL_SIG_NULL_CIPHER] = "null-cipher",
    [RL_SIG_ENCRYPTED] = "encrypted",
    [RL_SIG_CLOSED] = "closed",
    [RL_SIG_UNLISTED] = "unlisted",
};

const char *rl_json_sig_name(enum rl_sig_state sig)
{
    return sig_names[sig];
}

static const char *const protections[] = {
    [RL_PROT_NONE] = "RTP",
    [RL_PROT_SDES] = "SRTP SDES",
    [RL_PROT_DTLS] = "SRTP DTLS",
    [RL_PROT_OFF] = "SRTP, encryption off",
};

/* How the first active audio stream of a party is protected; of one that is not, what the party's
 * own side said. */
static void protection(const struct rl_party *p, const struct rl_party_out *out, char *text,
                       size_t size)
{
    const struct rl_stream_in *st = p->in.stream;
    size_t i = 0;

    while (i < p->in.nstreams && !(st[i].active && st[i].kind == RL_STREAM_AUDIO))
        i++;
    if (i == p->in.nstreams)
        snprintf(text, size, "%s", p->in.sdp_bad ? "unreadable" : "none");
    else if (st[i].prot != RL_PROT_NONE)
        snprintf(text, size, "%s", protections[st[i].prot]);
    else if (st[i].own != RL_PROT_NONE && !out->other_plain)
        snprintf(text, size, "RTP, not agreed");
    else
        snprintf(text, size, "%s, %s", protections[st[i].own],
                 st[i].offered ? "offered" : "answered");
}

static json_t *trusted_json(const struct rl_party_in *in)
{
    if (!in->known || in->trusted == RL_UNKNOWN)
        return json_null();
    return json_boolean(in->trusted == RL_YES);
}

static json_t *party_json(const struct rl_party *p, const struct rl_party_out *out)
{
    char address[RL_ADDR_TEXT], protected_by[40];
    const char *colon = strchr(rl_addr_text(&p->peer, address), ':');
    const char *media = out->media < 0 ? "none" : rl_security_text((enum rl_security)out->media);
    json_t *o = json_pack("{s:o, s:o, s:o, s:o, s:s, s:s}", "number", rl_json_text(p->number),
                          "device", rl_json_text_or_null(p->device), "type",
                          rl_json_text_or_null(p->type), "trusted", trusted_json(&p->in),
                          "signaling", rl_security_text(out->signaling), "media", media);
    json_object_set_new(o, "name", rl_json_text_or_null(p->name));
    json_object_set_new(o, "kind", rl_json_text_or_null(p->kind));
    json_object_set_new(o, "profile", rl_json_text_or_null(p->profile));
    json_object_set_new(o, "transport", json_string(rl_transport_text(p->peer.transport)));
    json_object_set_new(o, "address", json_string(colon ? colon + 1 : address));
    json_object_set_new(o, "cipher", rl_json_text_or_null(p->cipher));
    json_object_set_new(o, "certificate", rl_json_text_or_null(p->certificate));
    json_object_set_new(o, "sig", json_string(rl_json_sig_name(p->in.sig)));
    protection(p, out, protected_by, sizeof protected_by);
    json_object_set_new(o, "protection", json_string(protected_by));
    json_object_set_new(o, "other_plain", json_boolean(out->other_plain));
    json_object_set_new(o, "icon", rl_json_text(p->shows.icon));
    json_object_set_new(o, "tone", rl_json_text(p->shows.tone));
    return o;
}

static const struct rl_party *reason_party(const struct rl_call *c, const struct rl_reason *r)
{
    return r->party >= 0 && (size_t)r->party < c->nparties ? &c->party[r->party] : NULL;
}

/* Whom a reason names: its party, or for the call as a whole the weakest member of its conference.
 */
static struct rl_reason_names reason_names(const struct rl_call *c, const struct rl_reason *r)
{
    const struct rl_party *p = reason_party(c, r);

    if (p)
        return (struct rl_reason_names){
            .device = p->device ? p->device : p->number,
            .profile = p->profile,
            .named = p->named,
            .file = p->certificate,
            .said = r->stream >= 0 ? rl_stream_said(&p->in.stream[r->stream]) : NULL};
    if (r->code != RL_WHY_CONFERENCE)
        return (struct rl_reason_names){0};
    return (struct rl_reason_names){.device = c->weakest.who,
                                    .call = c->weakest.call,
                                    .level = rl_security_text(c->verdict->icon)};
}

static const char *reason_device(const struct rl_call *c, const struct rl_reason *r)
{
    const struct rl_party *p = reason_party(c, r);

    if (r->code == RL_WHY_CONFERENCE)
        return c->weakest.device ? c->weakest.who : NULL;
    return p ? p->device : NULL;
}

/* What the screen that mends it has to open: of a conference, the weakest member's call. */
static const char *screen_object(const struct rl_call *c, const struct rl_reason *r,
                                 const char *screen)
{
    const struct rl_party *p = reason_party(c, r);

    if (r->code == RL_WHY_CONFERENCE)
        return c->weakest.call;
    if (strcmp(screen, "call") == 0)
        return c->id;
    if (!p)
        return NULL;
    if (strcmp(screen, "profile") == 0)
        return p->profile;
    return strcmp(screen, "type") == 0 ? p->type : p->device;
}

/* How many others are as weak; "" for none. */
static const char *more_members(size_t others, char *out, size_t size)
{
    if (others == 0)
        return "";
    snprintf(out, size, ", and %zu more member%s", others, others == 1 ? " does" : "s do");
    return out;
}

static json_t *reason_json(const struct rl_call *c, const struct rl_reason *r)
{
    char text[400], remedy[400], more[64];
    const struct rl_reason_info *info = rl_reason_info(r->code);
    struct rl_reason_names names = reason_names(c, r);

    names.more = more_members(c->weakest.more, more, sizeof more);
    rl_reason_write(info->text, &names, text, sizeof text);
    rl_reason_write(info->remedy, &names, remedy, sizeof remedy);
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:o}", "code", info->tag, "party",
                     reason_party(c, r) ? json_integer(r->party) : json_null(), "device",
                     rl_json_text_or_null(reason_device(c, r)), "text", rl_json_text(text),
                     "remedy", rl_json_text(remedy), "rule", info->rule, "screen", info->screen,
                     "object", rl_json_text_or_null(screen_object(c, r, info->screen)));
}

static json_t *call_events(const struct rl_call *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->nevents; i++) {
        const struct rl_call_event *e = &c->event[i];
        json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:o}", "at", rl_json_time(e->at_us),
                                              "state", rl_call_state_names[e->state], "security",
                                              rl_security_text((enum rl_security)e->security),
                                              "text", rl_json_text(e->text)));
    }
    return list;
}

static void add_lists(json_t *o, const struct rl_call *c)
{
    json_t *ids = json_array(), *parties = json_array(), *reasons = json_array();
    for (size_t i = 0; i < c->nsip; i++)
        json_array_append_new(ids, rl_json_text(c->sip_call_ids[i]));
    for (size_t i = 0; i < c->nparties; i++)
        json_array_append_new(parties, party_json(&c->party[i], &c->verdict->party[i]));
    for (size_t i = 0; i < c->verdict->nreasons; i++)
        json_array_append_new(reasons, reason_json(c, &c->verdict->reason[i]));
    json_object_set_new(o, "sip_call_ids", ids);
    json_object_set_new(o, "parties", parties);
    json_object_set_new(o, "reasons", reasons);
}

json_t *rl_json_call(const struct rl_call *c, bool events)
{
    const struct rl_verdict *v = c->verdict;
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", c->id, "state",
                  rl_call_state_names[c->state], "security", rl_security_text(v->security), "icon",
                  rl_security_icon(v->icon), "started", rl_json_time(c->started_us), "answered",
                  rl_json_time(c->answered_us), "ended", rl_json_time(c->ended_us), "conference",
                  rl_json_text_or_null(c->conference));
    add_lists(o, c);
    json_object_set_new(o, "criteria",
                        json_pack("{s:b, s:b, s:b}", "trusted", v->trusted, "signaling",
                                  v->signaling, "media", v->media));
    json_object_set_new(o, "serial", json_integer((json_int_t)c->serial));
    json_object_set_new(o, "end_reason", rl_json_text_or_null(c->end_reason));
    if (events)
        json_object_set_new(o, "events", call_events(c));
    return o;
}

json_t *rl_json_counts(const struct rl_tracker_counts *n)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "live", (json_int_t)n->live, "ringing",
                     (json_int_t)n->ringing, "locked", (json_int_t)n->locked, "shielded",
                     (json_int_t)n->shielded, "open", (json_int_t)n->open, "ended",
                     (json_int_t)n->ended);
}
