#include "engine/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/text.h"

static const struct {
    const char *name, *sentence;
    bool refusal;
} kinds[] = {
    [RL_SEEN_REGISTERED] = {"registered",     "registered",                         false},
    [RL_SEEN_UNREGISTERED] = {"unregistered",   "unregistered",                       false},
    [RL_SEEN_DENIED] = {"denied",         "was turned away",                    true },
    [RL_SEEN_WRONG_PASSWORD] = {"wrong-password", "gave a wrong user name or password", true },
    [RL_SEEN_CLOSED] = {"closed",         "closed its connection",              false},
    [RL_EVENT_EXPIRING] = {"expiring",       "",                                   false},
};

/* What the SIP server says of a refusal, for people. What is not here is shown as it came. */
static const struct {
    const char *why, *sentence;
} whys[] = {
    {"tls-required",             "its profile asks for TLS"                                  },
    {"tls-not-in-profile",       "its profile has no TLS"                                    },
    {"transport-not-in-profile", "its profile has another transport"                         },
    {"certificate-not-verified", "its certificate could not be verified"                     },
    {"certificate-unknown",      "its certificate is no known one"                           },
    {"certificate-of-another",   "its certificate is another device's"                       },
    {"san-is-not-profile",       "its certificate names another profile"                     },
    {"null-cipher",              "its connection is not encrypted, its profile asks for that"},
    {"no-such-device",           "there is no such device"                                   },
    {"no-such-line",             "there is no such number"                                   },
    {"from-of-another",          "it called with another device's number"                    },
    {"bad-from",                 "its From header has characters that are not allowed"       },
    {"bad-aor",                  "its number has characters that are not allowed"            },
    {"bad-user",                 "its digest user has characters that are not allowed"       },
    {"digest-user-of-another",   "its digest user is another device's"                       },
    {"digest",                   "digest authentication failed"                              },
};

static const struct {
    enum rl_sig_state sig;
    const char *sentence;
} faults[] = {
    {RL_SIG_CERT_UNPROVEN, "with a certificate that nothing ties to it"         },
    {RL_SIG_CERT_OTHER,    "with the certificate of another device"             },
    {RL_SIG_CERT_NOT_OWN,  "with another certificate than its own on file"      },
    {RL_SIG_CERT_EARLY,    "with a certificate that is not valid yet"           },
    {RL_SIG_CERT_EXPIRED,  "with a certificate that has expired"                },
    {RL_SIG_CERT_REMOVED,  "with a certificate that was removed here"           },
    {RL_SIG_CERT_MISSING,  "and no certificate is on file for it"               },
    {RL_SIG_CERT_NAME,     "with a certificate that is not named as its profile"},
};

static char *keep(struct rl_str s)
{
    struct rl_buf b = {0};
    rl_text_safe(&b, s.p ? s.p : "", s.n);
    return b.len ? rl_buf_take(&b) : rl_strdup("");
}

static void event_fini(struct rl_event *e)
{
    free(e->device);
    free(e->dialled);
    free(e->why);
    *e = (struct rl_event){0};
}

void rl_events_add(struct rl_events *events, const struct rl_seen *seen)
{
    bool refusal = kinds[seen->what].refusal;
    uint64_t *n = refusal ? &events->nrefusal : &events->nroutine;
    struct rl_event *e = &(refusal ? events->refusal : events->routine)[(*n)++ % RL_EVENTS_KEPT];
    event_fini(e);
    *e = (struct rl_event){.number = ++events->number,
                           .what = (uint8_t)seen->what,
                           .at_us = seen->at_us,
                           .device = keep(seen->device),
                           .dialled = keep(seen->number),
                           .why = keep(seen->why),
                           .peer = seen->peer,
                           .sig = (uint8_t)seen->sig};
}

void rl_events_certificate(struct rl_events *events, int64_t at_us, const char *device,
                           const char *sentence)
{
    struct rl_event *e = &events->routine[events->nroutine++ % RL_EVENTS_KEPT];
    event_fini(e);
    *e = (struct rl_event){.number = ++events->number,
                           .what = RL_EVENT_EXPIRING,
                           .at_us = at_us,
                           .device = rl_text_safe_dup(device),
                           .dialled = rl_strdup(""),
                           .why = rl_text_safe_dup(sentence)};
}

void rl_events_fini(struct rl_events *events)
{
    for (size_t i = 0; i < RL_EVENTS_KEPT; i++) {
        event_fini(&events->routine[i]);
        event_fini(&events->refusal[i]);
    }
}

/* The newest of one ring before `before`; `n` events were ever put into it. */
static const struct rl_event *ring_before(const struct rl_event *ring, uint64_t n, uint64_t before,
                                          const char *device)
{
    uint64_t kept = n < RL_EVENTS_KEPT ? n : RL_EVENTS_KEPT;
    for (uint64_t i = 1; i <= kept; i++) {
        const struct rl_event *e = &ring[(n - i) % RL_EVENTS_KEPT];
        if ((before == 0 || e->number < before) && (!device || strcmp(e->device, device) == 0))
            return e;
    }
    return NULL;
}

const struct rl_event *rl_events_before(const struct rl_events *events, uint64_t before,
                                        const char *device, bool refusals_only)
{
    const struct rl_event *r = ring_before(events->refusal, events->nrefusal, before, device);
    const struct rl_event *o =
        refusals_only ? NULL : ring_before(events->routine, events->nroutine, before, device);
    if (!r || !o)
        return r ? r : o;
    return r->number > o->number ? r : o;
}

const char *rl_event_name(const struct rl_event *event)
{
    return kinds[event->what].name;
}

/* What is wrong with the certificate of a phone that registered all the same; NULL if nothing is.
 */
static const char *certificate_fault(const struct rl_event *event)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (event->what == RL_SEEN_REGISTERED && faults[i].sig == event->sig)
            return faults[i].sentence;
    return NULL;
}

char *rl_event_message(const struct rl_event *event, char *out, size_t size)
{
    const char *who = *event->device    ? event->device
                      : *event->dialled ? event->dialled
                                        : "somebody";
    const char *why = event->why, *fault;
    for (size_t i = 0; i < sizeof whys / sizeof *whys; i++)
        if (strcmp(whys[i].why, why) == 0)
            why = whys[i].sentence;
    if (event->what == RL_EVENT_EXPIRING)
        snprintf(out, size, "%s", why);
    else if (event->what == RL_SEEN_DENIED && *why)
        snprintf(out, size, "%s %s: %s", who, kinds[event->what].sentence, why);
    else if ((fault = certificate_fault(event)))
        snprintf(out, size, "%s %s %s", who, kinds[event->what].sentence, fault);
    else
        snprintf(out, size, "%s %s", who, kinds[event->what].sentence);
    return out;
}
