#include "policy/callsec.h"

#include <assert.h>
#include <string.h>

const char *const rl_display_policy_names[] = {
    "all-but-bfcp-ix", "all-but-ix", "all-but-bfcp", "all", "audio-only", NULL};

/* clang-format off */
static const struct {
    uint8_t level, reason;
} sig_means[] = {
    [RL_SIG_NO_FACT]       = {RL_NONSECURE, RL_WHY_SIG_NO_FACT},
    [RL_SIG_NOT_TLS]       = {RL_NONSECURE, RL_WHY_SIG_NOT_TLS},
    [RL_SIG_NO_CERT]       = {RL_NONSECURE, RL_WHY_SIG_NO_CERT},
    [RL_SIG_CERT_UNPROVEN] = {RL_NONSECURE, RL_WHY_SIG_CERT_UNPROVEN},
    [RL_SIG_CERT_OTHER]    = {RL_NONSECURE, RL_WHY_SIG_CERT_OTHER},
    [RL_SIG_CERT_NOT_OWN]  = {RL_NONSECURE, RL_WHY_SIG_CERT_NOT_OWN},
    [RL_SIG_CERT_EARLY]    = {RL_NONSECURE, RL_WHY_SIG_CERT_EARLY},
    [RL_SIG_CERT_EXPIRED]  = {RL_NONSECURE, RL_WHY_SIG_CERT_EXPIRED},
    [RL_SIG_CERT_REMOVED]  = {RL_NONSECURE, RL_WHY_SIG_CERT_REMOVED},
    [RL_SIG_CERT_MISSING]  = {RL_NONSECURE, RL_WHY_SIG_CERT_MISSING},
    [RL_SIG_CERT_NAME]     = {RL_NONSECURE, RL_WHY_SIG_CERT_NAME},
    [RL_SIG_NULL_CIPHER]   = {RL_AUTHENTICATED, RL_WHY_SIG_NULL_CIPHER},
    [RL_SIG_ENCRYPTED]     = {RL_ENCRYPTED, RL_WHY_COUNT},
    [RL_SIG_CLOSED]        = {RL_NONSECURE, RL_WHY_SIG_CLOSED},
    [RL_SIG_UNLISTED]      = {RL_NONSECURE, RL_WHY_SIG_UNLISTED},
};
/* clang-format on */

enum rl_security rl_sig_level(enum rl_sig_state sig)
{
    return (enum rl_security)sig_means[sig].level;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void say(struct rl_verdict *out, enum rl_reason_code code, int party, int stream)
{
    if (out->nreasons < RL_POLICY_REASONS)
        out->reason[out->nreasons++] = (struct rl_reason){code, party, stream};
}

/* Media that the display policy asks for; what it leaves out may be plain (security-model 7). */
static bool kind_counts(enum rl_display_policy policy, int kind)
{
    if (kind == RL_STREAM_AUDIO || policy == RL_SHOW_ALL)
        return true;
    if (policy == RL_SHOW_AUDIO_ONLY)
        return false;
    if (kind == RL_STREAM_BFCP)
        return policy == RL_SHOW_ALL_BUT_IX;
    if (kind == RL_STREAM_IX)
        return policy == RL_SHOW_ALL_BUT_BFCP;
    return true;
}

static bool judge_trust(const struct rl_party_in *p, int i, struct rl_verdict *out)
{
    if (p->known && p->trusted == RL_YES)
        return true;
    if (!p->known)
        say(out, RL_WHY_DEVICE_UNKNOWN, i, -1);
    else
        say(out, p->trusted == RL_NO ? RL_WHY_NOT_TRUSTED : RL_WHY_TRUST_UNKNOWN, i, -1);
    return false;
}

/* The registered level is the profile's mode, never higher (security-model 4.9). A connection that
 * is as weak as the profile allows follows from the profile: then that alone is the reason. */
static int judge_signaling(const struct rl_party_in *p, int i, bool mixed, struct rl_verdict *out)
{
    int proven = rl_sig_level(p->sig), reason = sig_means[p->sig].reason;
    bool follows = false;

    if (p->known && p->mode == RL_NONSECURE) {
        say(out, RL_WHY_PROFILE_NONSECURE, i, -1);
        follows = p->sig == RL_SIG_NOT_TLS || p->sig == RL_SIG_NO_FACT || p->sig == RL_SIG_NO_CERT;
    } else if (p->known && p->mode == RL_AUTHENTICATED) {
        say(out, RL_WHY_PROFILE_AUTHENTICATED, i, -1);
        follows = p->sig == RL_SIG_NULL_CIPHER;
    }
    if (reason != RL_WHY_COUNT && !follows)
        say(out, (enum rl_reason_code)reason, i, -1);
    if (!mixed || !p->known)
        return RL_NONSECURE;
    return least(proven, p->mode);
}

/* Another party's own description made this media line plain. */
static bool other_is_plain(const struct rl_call_in *in, size_t but, int stream)
{
    for (size_t i = 0; i < in->nparties; i++) {
        const struct rl_party_in *p = &in->party[i];
        const struct rl_stream_in *st = &p->stream[stream];

        if (i != but && p->media_known && !p->sdp_bad && stream < p->nstreams && st->active &&
            kind_counts(in->policy, st->kind) && st->prot == RL_PROT_NONE &&
            st->own == RL_PROT_NONE)
            return true;
    }
    return false;
}

/* Who is to blame for a stream that is not encrypted. The party that said SRTP itself is not, if
 * the reason names one that did not; so there is always a reason. */
static void blame(const struct rl_call_in *in, int i, int s, struct rl_verdict *out)
{
    const struct rl_stream_in *st = &in->party[i].stream[s];

    if (st->prot == RL_PROT_OFF)
        say(out, RL_WHY_MEDIA_OFF, i, s);
    else if (st->own == RL_PROT_NONE)
        say(out, RL_WHY_MEDIA_NOT_SRTP, i, s);
    else if (st->other != RL_PROT_NONE || !other_is_plain(in, (size_t)i, s))
        say(out, RL_WHY_MEDIA_NOT_AGREED, i, s);
}

static bool judge_streams(const struct rl_call_in *in, int i, struct rl_verdict *out)
{
    const struct rl_party_in *p = &in->party[i];
    bool ok = true, audio = false;

    for (int s = 0; s < p->nstreams; s++) {
        const struct rl_stream_in *st = &p->stream[s];
        if (!st->active)
            continue;
        audio |= st->kind == RL_STREAM_AUDIO;
        if (!kind_counts(in->policy, st->kind) || st->prot == RL_PROT_SDES ||
            st->prot == RL_PROT_DTLS)
            continue;
        blame(in, i, s, out);
        ok = false;
    }
    if (!audio)
        say(out, RL_WHY_MEDIA_NO_AUDIO, i, -1);
    return ok && audio;
}

static bool any_active(const struct rl_party_in *p)
{
    for (int s = 0; s < p->nstreams; s++)
        if (p->stream[s].active)
            return true;
    return false;
}

static bool judge_media(const struct rl_call_in *in, int i, struct rl_verdict *out,
                        struct rl_party_out *of)
{
    const struct rl_party_in *p = &in->party[i];
    size_t before = out->nreasons;
    bool ok = false;

    of->media = -1;
    of->other_plain = false;
    if (!in->answered)
        return false;
    if (p->sdp_bad)
        say(out, RL_WHY_SDP, i, -1);
    else if (!p->media_known)
        say(out, RL_WHY_MEDIA_UNKNOWN, i, -1);
    else
        ok = judge_streams(in, i, out);
    if (p->sdp_bad || (p->media_known && any_active(p)))
        of->media = ok ? RL_ENCRYPTED : RL_NONSECURE;
    of->other_plain = !ok && out->nreasons == before && before < RL_POLICY_REASONS;
    return ok;
}

/* security-model 5: an untrusted device or an open leg makes the call nonsecure whatever else
 * holds. */
static enum rl_security call_level(const struct rl_call_in *in, bool trusted, int sig, bool media)
{
    if (!in->mixed || !in->answered || !trusted || sig == RL_NONSECURE)
        return RL_NONSECURE;
    return sig == RL_ENCRYPTED && media ? RL_ENCRYPTED : RL_AUTHENTICATED;
}

void rl_verdict(const struct rl_call_in *in, struct rl_verdict *out)
{
    bool complete = in->nparties >= 2;
    bool trusted = complete, media = complete && in->answered;
    int sig = complete ? RL_ENCRYPTED : RL_NONSECURE;

    out->nreasons = 0;
    if (!in->mixed)
        say(out, RL_WHY_CLUSTER, -1, -1);
    if (!in->answered)
        say(out, RL_WHY_NOT_ANSWERED, -1, -1);
    if (!complete)
        say(out, RL_WHY_DEVICE_UNKNOWN, -1, -1);
    for (size_t i = 0; i < in->nparties; i++)
        trusted = judge_trust(&in->party[i], (int)i, out) && trusted;
    for (size_t i = 0; i < in->nparties; i++) {
        int level = judge_signaling(&in->party[i], (int)i, in->mixed, out);

        sig = least(sig, level);
        if (i < RL_POLICY_PARTIES)
            out->party[i].signaling = (enum rl_security)level;
    }
    for (size_t i = 0; i < in->nparties; i++) {
        struct rl_party_out beyond;

        media =
            judge_media(in, (int)i, out, i < RL_POLICY_PARTIES ? &out->party[i] : &beyond) && media;
    }
    out->trusted = trusted;
    out->signaling = sig == RL_ENCRYPTED;
    out->media = media;
    out->security = call_level(in, trusted, sig, media);
    out->icon = out->security;
    if (in->in_conference && in->conference < out->security) {
        say(out, RL_WHY_CONFERENCE, -1, -1);
        out->icon = in->conference;
    }
}

int rl_verdict_weakest(const struct rl_verdict *v)
{
    for (size_t i = 0; i < v->nreasons; i++) {
        const struct rl_reason *r = &v->reason[i];
        bool leaves_shield = r->code == RL_WHY_PROFILE_AUTHENTICATED || /* other reasons of trust */
                             r->code == RL_WHY_SIG_NULL_CIPHER;         /* and signalling do not */

        if (r->party >= 0 && (v->security != RL_NONSECURE || !leaves_shield))
            return r->party;
    }
    return -1;
}

/* In the order of RL_REASONS. For the places see rl_reason_names. */
/* clang-format off */
static const struct rl_reason_info infos[] = {
    [RL_WHY_CLUSTER] = {
        "E-CLUSTER-NONSECURE",
        "The cluster is in nonsecure mode: every device counts as nonsecure.",
        "Set it to mixed mode: ringlock cluster mode mixed, or 1 Dashboard > Cluster.",
        "cluster", "R1"},
    [RL_WHY_NOT_ANSWERED] = {
        "I-NOT-ANSWERED",
        "Nobody has answered yet: a call is judged when it is answered.",
        "Wait for the answer: 6 Calls shows it by itself.",
        "call", "R24"},
    [RL_WHY_DEVICE_UNKNOWN] = {
        "E-DEVICE-UNKNOWN",
        "%D is not among the phones and gateways of this site.",
        "Add it: ringlock phone add NAME --type TYPE, or 2 Phones > Add.",
        "phone", "R19"},
    [RL_WHY_NOT_TRUSTED] = {
        "E-DEVICE-NOT-TRUSTED",
        "%D is of a type that is not trusted.",
        "Nothing can be set, trust comes from the type: use a trusted type instead, "
        "ringlock type list.",
        "type", "R52"},
    [RL_WHY_TRUST_UNKNOWN] = {
        "E-DEVICE-TRUST-UNKNOWN",
        "The catalogue does not know if the type of %D is trusted.",
        "Use a type that is known to be trusted: ringlock type list, or 8 Types.",
        "type", "R46"},
    [RL_WHY_PROFILE_NONSECURE] = {
        "E-PROFILE-NONSECURE",
        "The profile %P of %D is Non Secure.",
        "Give it a profile with mode Encrypted: ringlock phone set %D --profile NAME, or 2 "
        "Phones > %D > Profile.",
        "phone", "R20"},
    [RL_WHY_PROFILE_AUTHENTICATED] = {
        "E-PROFILE-AUTHENTICATED",
        "The profile %P of %D is Authenticated: its signaling is not encrypted.",
        "Set the mode to Encrypted: ringlock profile set '%P' --mode encrypted, or 4 "
        "Profiles > %P > Mode.",
        "profile", "R54"},
    [RL_WHY_SIG_NOT_TLS] = {
        "E-SIG-NOT-TLS",
        "%D signals over UDP or TCP, without TLS.",
        "Have it use TLS: ringlock profile set '%P' --transport tls, or 4 Profiles > %P > "
        "Transport; restart the phone.",
        "profile", "R50"},
    [RL_WHY_SIG_NO_FACT] = {
        "E-SIG-NO-FACT",
        "The SIP server told nothing about the TLS connection of %D.",
        "See that the SIP server logs peer facts: ringlock phone security %D, or 2 Phones "
        "> %D > Security.",
        "phone", "R50"},
    [RL_WHY_SIG_NO_CERT] = {
        "E-SIG-NO-CERT",
        "%D presented no certificate.",
        "Install one in the phone, then look again: ringlock phone security %D, or 2 "
        "Phones > %D > Security.",
        "phone", "R50"},
    [RL_WHY_SIG_CERT_UNPROVEN] = {
        "E-SIG-CERT-UNPROVEN",
        "Nothing ties the certificate that %D presented to it.",
        "Give it one of a CA that the SIP server trusts: ringlock phone security %D, or 2 "
        "Phones > %D > Security.",
        "phone", "R50"},
    [RL_WHY_SIG_CERT_OTHER] = {
        "E-SIG-CERT-OTHER",
        "%D presented the certificate of another device.",
        "Find out who uses it, then give %D its own: ringlock phone security %D, or 2 "
        "Phones > %D > Security.",
        "phone", "R50"},
    [RL_WHY_SIG_CERT_NOT_OWN] = {
        "E-SIG-CERT-NOT-OWN",
        "%D presented another certificate than the one on file for it.",
        "If it is its new one, upload it: ringlock cert upload FILE --device %D; else find out "
        "who uses its name.",
        "phone", "R50"},
    [RL_WHY_SIG_CERT_EARLY] = {
        "E-SIG-CERT-NOT-YET-VALID",
        "The certificate %K of %D is not valid yet.",
        "Compare its dates with the clock of this server: ringlock cert show '%K'; it counts from "
        "then on.",
        "phone", "R86"},
    [RL_WHY_SIG_CERT_EXPIRED] = {
        "E-SIG-CERT-EXPIRED",
        "The certificate %K of %D has expired.",
        "Put a new one into the phone and upload it: ringlock cert upload FILE --device %D, or "
        "without --device if its profile shares one.",
        "phone", "R86"},
    [RL_WHY_SIG_CERT_REMOVED] = {
        "E-SIG-CERT-REMOVED",
        "%D presented a certificate that was removed from this site.",
        "Upload it again if it may count: ringlock cert upload FILE --device %D; else give the "
        "phone another.",
        "phone", "R76"},
    [RL_WHY_SIG_CERT_MISSING] = {
        "E-VENDOR-CERT-MISSING",
        "No certificate is on file for %D: of a preferred vendor's phone nothing else counts.",
        "Upload it: ringlock cert upload FILE --device %D; one that phones share without --device, "
        "before their profile is saved.",
        "phone", "R76"},
    [RL_WHY_SIG_CERT_NAME] = {
        "E-SAN-MISMATCH",
        "%D presented a certificate for %N, its profile is %P: they must be equal, character by "
        "character.",
        "Give it a certificate with the SAN DNS:%P, or name the profile as the certificate: "
        "ringlock profile rename '%P' NAME.",
        "profile", "R102"},
    [RL_WHY_SIG_NULL_CIPHER] = {
        "E-SIG-NULL-CIPHER",
        "The TLS connection of %D uses a NULL cipher: it can be read.",
        "Set the mode to Encrypted, and refuse NULL ciphers at the SIP server: ringlock "
        "profile set '%P' --mode encrypted.",
        "profile", "R54"},
    [RL_WHY_SIG_CLOSED] = {
        "E-SIG-CLOSED",
        "The TLS connection of %D was closed during the call.",
        "It is judged anew with the next re-INVITE: ringlock phone security %D, or 2 "
        "Phones > %D > Security.",
        "phone", "R24"},
    [RL_WHY_SIG_UNLISTED] = {
        "E-SIG-UNLISTED",
        "The call was told by a source that is not listed: it proves nothing.",
        "List the SIP server under [hep] in ringlock.conf, with its key.",
        "call", "R50"},
    [RL_WHY_SDP] = {
        "E-SDP",
        "The session description of %D could not be read.",
        "6 Calls > Events shows when it came; have the supplier of %D mend it.",
        "call", "R50"},
    [RL_WHY_MEDIA_UNKNOWN] = {
        "E-MEDIA-UNKNOWN",
        "Offer and answer were not both seen on the side of %D.",
        "See that nothing is lost on the way from the SIP server: ringlock status.",
        "call", "R50"},
    [RL_WHY_MEDIA_NO_AUDIO] = {
        "E-MEDIA-NO-AUDIO",
        "The call has no active audio at %D.",
        "Audio must be there and encrypted: 6 Calls > Legs shows the streams.",
        "call", "R50"},
    [RL_WHY_MEDIA_NOT_SRTP] = {
        "E-MEDIA-NOT-SRTP",
        "%D %S.",
        "Turn SRTP on there: ringlock phone set %D --profile NAME with mode "
        "Encrypted, or 2 Phones > %D.",
        "phone", "R50"},
    [RL_WHY_MEDIA_NOT_AGREED] = {
        "E-MEDIA-NOT-AGREED",
        "Offer and answer on the side of %D did not agree on SRTP: its media counts as plain RTP.",
        "Allow the same kind of SRTP and a common suite at both ends: ringlock phone show %D, or 2 "
        "Phones > %D.",
        "phone", "R50"},
    [RL_WHY_MEDIA_OFF] = {
        "E-MEDIA-ENCRYPTION-OFF",
        "Media of %D is SRTP with encryption switched off.",
        "Take UNENCRYPTED_SRTP and NULL suites out of its settings: 2 Phones > %D > Security.",
        "phone", "R50"},
    [RL_WHY_CONFERENCE] = {
        "E-CONFERENCE-MEMBER",
        "%D in call %C makes the conference %L%M.",
        "Mend or release it: Enter shows why it is no more secure, ringlock call show %C.",
        "call", "R58"},
};
/* clang-format on */
static_assert(sizeof infos / sizeof *infos == RL_WHY_COUNT, "one row for each reason");

const struct rl_reason_info *rl_reason_info(enum rl_reason_code code)
{
    assert(code < RL_WHY_COUNT);
    return &infos[code];
}

/* The name for a place of a sentence; NULL if c marks none. */
static const char *name_at(char c, const struct rl_reason_names *names)
{
    const struct {
        char mark;
        const char *name, *unknown;
    } places[] = {
        {'D', names->device,  "the other side"},
        {'P', names->profile, "its profile"   },
        {'N', names->named,   "no name"       },
        {'K', names->file,    "on file"       },
        {'C', names->call,    "another call"  },
        {'L', names->level,   "less secure"   },
        {'S', names->said,    "uses plain RTP"},
        {'M', names->more,    ""              },
    };

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].mark == c)
            return places[i].name && *places[i].name ? places[i].name : places[i].unknown;
    return NULL;
}

char *rl_reason_write(const char *sentence, const struct rl_reason_names *names, char *out,
                      size_t size)
{
    size_t n = 0;

    for (const char *p = sentence; *p && n + 1 < size; p++) {
        const char *name = *p == '%' ? name_at(p[1], names) : NULL;
        if (!name) {
            out[n++] = *p;
            continue;
        }
        p++;
        size_t len = strnlen(name, size - 1 - n);
        memcpy(out + n, name, len);
        n += len;
    }
    if (size)
        out[n] = '\0';
    return out;
}

const char *rl_stream_said(const struct rl_stream_in *stream)
{
    bool alone = stream->other != RL_PROT_NONE;

    if (stream->offered)
        return alone ? "offered plain RTP, though SRTP was answered" : "offered plain RTP";
    return alone ? "answered plain RTP to an offer of SRTP" : "answered plain RTP";
}

static const char *icon_shown(enum rl_security icon, bool lock, bool shield)
{
    if (!lock && !shield)
        return "n/a";
    switch (icon) {
    case RL_ENCRYPTED:
        return lock ? "[LOCK]" : "n/a";
    case RL_AUTHENTICATED:
        return shield ? "[SHLD]" : "[play]"; /* only the lock: its plain call-state icon */
    default:
        return "[    ]";
    }
}

struct rl_phone_shows rl_phone_shows(enum rl_security icon, enum rl_tristate lock_icon,
                                     enum rl_tristate shield_icon, enum rl_tristate secure_tone,
                                     bool protected_device, bool other_protected,
                                     enum rl_security mode)
{
    struct rl_phone_shows s = {icon_shown(icon, lock_icon == RL_YES, shield_icon == RL_YES),
                               "none"};

    if (secure_tone != RL_YES)
        s.tone = "n/a";
    else if (protected_device)
        s.tone = other_protected && icon == RL_ENCRYPTED && mode == RL_ENCRYPTED ? "secure"
                                                                                 : "nonsecure";
    return s;
}
