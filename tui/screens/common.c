#include "screens/common.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "ringlock/model.h"
#include "ringlock/time.h"

const char *member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

const char *security_word(const char *security)
{
    enum rl_security s;
    return rl_security_parse(security, &s) ? rl_security_word(s) : "-";
}

unsigned security_style(const char *security)
{
    static const unsigned styles[] = {UI_OPEN, UI_SHIELDED, UI_LOCKED};
    enum rl_security s;
    return rl_security_parse(security, &s) ? styles[s] : UI_NORMAL;
}

static void local_time(const char *rfc3339, bool seconds, struct rl_buf *out)
{
    int64_t us = rl_time_parse(rfc3339);
    if (us < 0)
        return;
    time_t at = (time_t)(us / 1000000), now = time(NULL);
    struct tm tm, today;
    char day[16], clock[16];
    localtime_r(&at, &tm);
    localtime_r(&now, &today);
    strftime(day, sizeof day, "%Y-%m-%d ", &tm);
    strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    if (!seconds)
        clock[5] = '\0';
    bool same = tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year;
    rl_buf_addf(out, "%s%s", same ? "" : day, clock);
}

void time_text(const char *rfc3339, struct rl_buf *out)
{
    local_time(rfc3339, false, out);
}

void clock_text(const char *rfc3339, struct rl_buf *out)
{
    local_time(rfc3339, true, out);
}

void since_text(const char *rfc3339, const char *until, struct rl_buf *out)
{
    int64_t from = rl_time_parse(rfc3339), to = *until ? rl_time_parse(until) : rl_now_us();
    if (from < 0)
        return;
    int64_t minutes = (to - from) / 60000000;
    if (minutes < 1)
        rl_buf_adds(out, "<1m");
    else if (minutes < 60)
        rl_buf_addf(out, "%dm", (int)minutes);
    else if (minutes < 48 * 60)
        rl_buf_addf(out, "%dh%02dm", (int)(minutes / 60), (int)(minutes % 60));
    else
        rl_buf_addf(out, "%dd", (int)(minutes / (24 * 60)));
}

bool is_trusted(const json_t *device)
{
    return json_is_true(json_object_get(device, "trusted"));
}

void trust_line(const json_t *device, struct ui_lines *out)
{
    bool trusted = is_trusted(device);
    ui_line(out, trusted ? UI_LOCKED : UI_OPEN, "%s  %s", trusted ? "ok" : "!!",
            trusted ? "Device is trusted" : "Device is not trusted");
}

void trust_text(const json_t *row, struct rl_buf *out)
{
    const json_t *trusted = json_object_get(row, "trusted");
    rl_buf_adds(out, json_is_true(trusted) ? "yes" : json_is_false(trusted) ? "no" : "unknown");
}

unsigned trust_style(const json_t *row)
{
    return is_trusted(row) ? UI_LOCKED : UI_OPEN;
}

void upper_text(const char *text, struct rl_buf *out)
{
    for (; *text; text++)
        rl_buf_addc(out, (char)toupper((unsigned char)*text));
}

void party_text(const json_t *party, struct rl_buf *out)
{
    const char *name = member(party, "name"), *digits = member(party, "number");
    rl_buf_adds(out, *digits ? digits : member(party, "device"));
    if (*name && strcmp(name, digits) != 0)
        rl_buf_addf(out, " %s", name);
}

void call_title(const json_t *call, struct rl_buf *out)
{
    const json_t *parties = json_object_get(call, "parties");
    party_text(json_array_get(parties, 0), out);
    if (json_array_size(parties) < 2)
        return;
    rl_buf_adds(out, " to ");
    party_text(json_array_get(parties, 1), out);
}

static bool waits(const json_t *call)
{
    const json_t *first = json_array_get(json_object_get(call, "reasons"), 0);
    return strcmp(member(first, "code"), "I-NOT-ANSWERED") == 0;
}

/* What the icon says: in a conference its level, which may be less than the call's own. */
static const char *shown_security(const json_t *call)
{
    const char *icon = member(call, "icon");
    if (strcmp(icon, "lock") == 0)
        return "encrypted";
    return strcmp(icon, "shield") == 0 ? "authenticated" : "nonsecure";
}

const char *call_word(const json_t *call)
{
    const char *state = member(call, "state");
    if (strcmp(state, "ended") == 0)
        return "end";
    if (strcmp(state, "ringing") == 0)
        return "ring";
    return waits(call) ? "wait" : security_word(shown_security(call));
}

unsigned call_style(const json_t *call)
{
    const char *word = call_word(call);
    bool judged = word[0] == 'L' || word[0] == 'S' || word[0] == 'O';
    return judged ? security_style(shown_security(call)) : UI_NORMAL;
}

char party_letter(json_int_t index)
{
    return index >= 0 && index < 26 ? (char)('A' + index) : '-';
}

/* Reasons in two or three words; the call's own screen has the sentences. */
static const struct {
    const char *code, *text;
} short_reasons[] = {
    {"E-CLUSTER-NONSECURE",     "cluster nonsecure"},
    {"E-DEVICE-UNKNOWN",        "unknown device"   },
    {"E-DEVICE-NOT-TRUSTED",    "not trusted"      },
    {"E-DEVICE-TRUST-UNKNOWN",  "trust unknown"    },
    {"E-PROFILE-NONSECURE",     "profile nonsecure"},
    {"E-PROFILE-AUTHENTICATED", "profile authent." },
    {"E-SIG-NOT-TLS",           "no TLS"           },
    {"E-SIG-NO-FACT",           "TLS not proven"   },
    {"E-SIG-NO-CERT",           "no certificate"   },
    {"E-SIG-CERT-UNPROVEN",     "cert unproven"    },
    {"E-SIG-CERT-OTHER",        "other's cert"     },
    {"E-SIG-NULL-CIPHER",       "NULL cipher"      },
    {"E-SIG-CLOSED",            "TLS closed"       },
    {"E-SIG-UNLISTED",          "unlisted source"  },
    {"E-SDP",                   "SDP unreadable"   },
    {"E-MEDIA-UNKNOWN",         "media unknown"    },
    {"E-MEDIA-NO-AUDIO",        "no audio"         },
    {"E-MEDIA-NOT-SRTP",        "plain RTP"        },
    {"E-MEDIA-NOT-AGREED",      "SRTP not agreed"  },
    {"E-MEDIA-ENCRYPTION-OFF",  "SRTP switched off"},
    {"E-CONFERENCE-MEMBER",     "other member"     },
};

static const char *short_reason(const char *code)
{
    for (size_t i = 0; i < sizeof short_reasons / sizeof short_reasons[0]; i++)
        if (strcmp(short_reasons[i].code, code) == 0)
            return short_reasons[i].text;
    return code;
}

void call_why(const json_t *call, struct rl_buf *out)
{
    const char *state = member(call, "state");
    const json_t *reason = json_array_get(json_object_get(call, "reasons"), 0);
    if (strcmp(state, "ended") == 0) {
        rl_buf_adds(out, member(call, "end_reason"));
        return;
    }
    bool held = strcmp(state, "held") == 0, told = reason && !waits(call);
    if (held)
        rl_buf_adds(out, told ? "held, " : "held");
    if (!told || strcmp(state, "ringing") == 0)
        return;
    if (json_is_integer(json_object_get(reason, "party")))
        rl_buf_addf(out, "%c ", party_letter(number(reason, "party")));
    rl_buf_adds(out, short_reason(member(reason, "code")));
}

static const struct {
    const char *sig, *certificate, *cipher;
} sig_texts[] = {
    {"no-fact",                   "not proven",             "not proven" },
    {"not-tls",                   "no certificate",         "no cipher"  },
    {"no-certificate",            "TLS, no certificate",    "not proven" },
    {"certificate-unproven",      "certificate unproven",   "not proven" },
    {"certificate-other",         "another's certificate",  "not proven" },
    {"certificate-not-own",       "not its own on file",    "not proven" },
    {"certificate-not-yet-valid", "not valid yet",          "not proven" },
    {"certificate-expired",       "certificate expired",    "not proven" },
    {"certificate-removed",       "certificate removed",    "not proven" },
    {"certificate-missing",       "none on file",           "not proven" },
    {"certificate-name",          "not the profile's name", "not proven" },
    {"null-cipher",               "TLS, own certificate",   "NULL cipher"},
    {"encrypted",                 "TLS, own certificate",   ""           },
    {"closed",                    "connection closed",      "closed"     },
    {"unlisted",                  "source not listed",      "not proven" },
};

static size_t sig_index(const char *sig)
{
    size_t i = 0;
    while (i + 1 < sizeof sig_texts / sizeof sig_texts[0] && strcmp(sig_texts[i].sig, sig) != 0)
        i++;
    return i;
}

const char *sig_certificate(const char *sig)
{
    return sig_texts[sig_index(sig)].certificate;
}

const char *sig_cipher(const char *sig)
{
    return sig_texts[sig_index(sig)].cipher;
}
