/* Call security: is a call locked, and if not, why not (security-model 4-7 and 10; R49-R60).
 * Pure: no clock, no allocation, no I/O. What is not proven counts as no. */
#ifndef RL_POLICY_CALLSEC_H
#define RL_POLICY_CALLSEC_H

#include "ringlock/model.h"

/* Which media must be encrypted: "Secure Call Icon Display Policy". Audio always must. */
enum rl_display_policy {
    RL_SHOW_ALL_BUT_BFCP_IX, /* default: audio and video */
    RL_SHOW_ALL_BUT_IX,
    RL_SHOW_ALL_BUT_BFCP,
    RL_SHOW_ALL,
    RL_SHOW_AUDIO_ONLY
};

/* Names for ringlock.conf: "all-but-bfcp-ix", ... NULL-terminated, in the order of the enum.
 * Static. */
extern const char *const rl_display_policy_names[];

/* What is known of the signalling of one party's own hop. */
enum rl_sig_state {
    RL_SIG_NO_FACT,       /* TLS perhaps, but no peer fact of this connection: nothing proven */
    RL_SIG_NOT_TLS,       /* UDP, TCP */
    RL_SIG_NO_CERT,       /* TLS without a certificate of the phone */
    RL_SIG_CERT_UNPROVEN, /* a certificate that nothing ties to this device */
    RL_SIG_CERT_OTHER,    /* a certificate that is another device's */
    RL_SIG_CERT_NOT_OWN,  /* another certificate than the device's own on file */
    RL_SIG_CERT_EARLY,    /* its certificate is not valid yet */
    RL_SIG_CERT_EXPIRED,  /* its certificate is no longer valid */
    RL_SIG_CERT_REMOVED,  /* a certificate that was taken off file */
    RL_SIG_CERT_MISSING,  /* a preferred vendor's device, and none is on file for it (R76) */
    RL_SIG_CERT_NAME,     /* a shared certificate whose name is not the profile's (R102) */
    RL_SIG_NULL_CIPHER,   /* authenticated, readable: proven certificate, NULL cipher */
    RL_SIG_ENCRYPTED,     /* authenticated and encrypted */
    RL_SIG_CLOSED,        /* was proven; its connection is closed since */
    RL_SIG_UNLISTED       /* told by a source that is not listed: proves nothing */
};

/* What offer and answer say of one stream. */
enum rl_stream_prot {
    RL_PROT_NONE, /* plain */
    RL_PROT_SDES,
    RL_PROT_DTLS,
    RL_PROT_OFF, /* SRTP with encryption switched off */
};

/* Kinds of media, numbered as feed numbers them (rl_media_kind). */
enum rl_stream_kind {
    RL_STREAM_AUDIO,
    RL_STREAM_VIDEO,
    RL_STREAM_BFCP,
    RL_STREAM_IX,
    RL_STREAM_OTHER
};

enum { RL_POLICY_STREAMS = 8, RL_POLICY_PARTIES = 64, RL_POLICY_REASONS = 128 };

struct rl_stream_in {
    uint8_t kind; /* rl_stream_kind */
    bool active;  /* port not 0 in offer and answer */
    uint8_t prot; /* rl_stream_prot of what offer and answer on this party's side agree on */
    /* What each of them said by itself: whose fault it is, never if it is secure. */
    uint8_t own, other; /* rl_stream_prot of this party's description, and of its counterpart */
    bool offered;       /* its own was the offer */
};

struct rl_party_in {
    bool known;               /* the device is in the store */
    enum rl_tristate trusted; /* by its type */
    enum rl_security mode;    /* of its profile: the level is never higher (security-model 4.9) */
    enum rl_sig_state sig;
    bool sdp_bad;     /* its SDP could not be read */
    bool media_known; /* its side of offer and answer was seen */
    uint8_t nstreams;
    struct rl_stream_in stream[RL_POLICY_STREAMS];
};

struct rl_call_in {
    bool mixed;    /* cluster security mode */
    bool answered; /* offer and answer are complete; else nothing is judged secure */
    enum rl_display_policy policy;
    size_t nparties;
    const struct rl_party_in *party;
    /* the conference the call is in: the least of the others' connection levels; RL_ENCRYPTED if
     * alone */
    bool in_conference;
    enum rl_security conference;
};

/* Why not: one row of the reason table each. */
#define RL_REASONS(X)                                   \
    X(CLUSTER, "E-CLUSTER-NONSECURE")                   \
    X(NOT_ANSWERED, "I-NOT-ANSWERED")                   \
    X(DEVICE_UNKNOWN, "E-DEVICE-UNKNOWN")               \
    X(NOT_TRUSTED, "E-DEVICE-NOT-TRUSTED")              \
    X(TRUST_UNKNOWN, "E-DEVICE-TRUST-UNKNOWN")          \
    X(PROFILE_NONSECURE, "E-PROFILE-NONSECURE")         \
    X(PROFILE_AUTHENTICATED, "E-PROFILE-AUTHENTICATED") \
    X(SIG_NOT_TLS, "E-SIG-NOT-TLS")                     \
    X(SIG_NO_FACT, "E-SIG-NO-FACT")                     \
    X(SIG_NO_CERT, "E-SIG-NO-CERT")                     \
    X(SIG_CERT_UNPROVEN, "E-SIG-CERT-UNPROVEN")         \
    X(SIG_CERT_OTHER, "E-SIG-CERT-OTHER")               \
    X(SIG_CERT_NOT_OWN, "E-SIG-CERT-NOT-OWN")           \
    X(SIG_CERT_EARLY, "E-SIG-CERT-NOT-YET-VALID")       \
    X(SIG_CERT_EXPIRED, "E-SIG-CERT-EXPIRED")           \
    X(SIG_CERT_REMOVED, "E-SIG-CERT-REMOVED")           \
    X(SIG_CERT_MISSING, "E-VENDOR-CERT-MISSING")        \
    X(SIG_CERT_NAME, "E-SAN-MISMATCH")                  \
    X(SIG_NULL_CIPHER, "E-SIG-NULL-CIPHER")             \
    X(SIG_CLOSED, "E-SIG-CLOSED")                       \
    X(SIG_UNLISTED, "E-SIG-UNLISTED")                   \
    X(SDP, "E-SDP")                                     \
    X(MEDIA_UNKNOWN, "E-MEDIA-UNKNOWN")                 \
    X(MEDIA_NO_AUDIO, "E-MEDIA-NO-AUDIO")               \
    X(MEDIA_NOT_SRTP, "E-MEDIA-NOT-SRTP")               \
    X(MEDIA_NOT_AGREED, "E-MEDIA-NOT-AGREED")           \
    X(MEDIA_OFF, "E-MEDIA-ENCRYPTION-OFF")              \
    X(CONFERENCE, "E-CONFERENCE-MEMBER")

#define RL_REASON_ENUM(name, tag) RL_WHY_##name,
enum rl_reason_code { RL_REASONS(RL_REASON_ENUM) RL_WHY_COUNT };
#undef RL_REASON_ENUM

struct rl_reason {
    enum rl_reason_code code;
    int party;  /* index, or -1 for the call as a whole */
    int stream; /* index of the media line, or -1 */
};

struct rl_party_out {
    enum rl_security signaling; /* proven level of its hop, at most its profile's mode */
    int media;                  /* -1 none, else enum rl_security: all its streams that count */
    bool other_plain; /* media is nonsecure by the other side alone: it said SRTP itself */
};

struct rl_verdict {
    enum rl_security security; /* of this call: the connection level */
    enum rl_security
        icon; /* what a phone that can show it shows: the conference level, if in one */
    bool trusted, signaling, media; /* the three criteria (R50) */
    struct rl_party_out party[RL_POLICY_PARTIES];
    size_t nreasons;
    struct rl_reason reason[RL_POLICY_REASONS];
};

/* The level that a proven state gives; nonsecure for all that proves nothing. */
enum rl_security rl_sig_level(enum rl_sig_state sig);

/* Judge one call. `in` is borrowed for the duration of the call. Never fails. Reasons come in the
 * order of the criteria: trust, signalling, media; what mends the first often mends the rest. */
void rl_verdict(const struct rl_call_in *in, struct rl_verdict *out);

/* The party that a call is no more secure for: that of the first reason which takes the level it
 * has; -1 if none does. */
int rl_verdict_weakest(const struct rl_verdict *v);

/* What is said about a reason. All static. `text` and `remedy` are sentences with places for names,
 * which rl_reason_write fills. `screen` is the id of the console screen that mends it ("phone",
 * "profile", "gateway", "type", "cluster", "call", ""), for the party's object. */
struct rl_reason_info {
    const char *tag, *text, *remedy, *screen, *rule;
};
const struct rl_reason_info *rl_reason_info(enum rl_reason_code code);

/* The names for the places of a sentence; NULL or "" for what is not known. Borrowed. */
struct rl_reason_names {
    const char *device;  /* %D: device or number of the party, or of the weakest member's */
    const char *profile; /* %P: its profile */
    const char *call;    /* %C: the weakest member's call */
    const char *level;   /* %L: the level of the conference */
    const char *named;   /* %N: what its certificate is for */
    const char *file;    /* %K: its certificate on file */
    const char *said;    /* %S: what it said of its media, as rl_stream_said words it */
    const char *more;    /* %M: ", and 2 more members do", or NULL */
};

/* Write a sentence of the table with its names filled in; truncates. Returns out. */
char *rl_reason_write(const char *sentence, const struct rl_reason_names *names, char *out,
                      size_t size);

/* "answered plain RTP to an offer of SRTP": of a stream that is plain by its party's own
 * description. Static. */
const char *rl_stream_said(const struct rl_stream_in *stream);

/* What one party's phone shows and plays (R56, security-model 8 and 9). */
struct rl_phone_shows {
    const char *icon; /* "[LOCK]", "[SHLD]", "[play]", "[    ]", "n/a"; static */
    const char *tone; /* "secure", "nonsecure", "none", "n/a"; static */
};
struct rl_phone_shows rl_phone_shows(enum rl_security icon, enum rl_tristate lock_icon,
                                     enum rl_tristate shield_icon, enum rl_tristate secure_tone,
                                     bool protected_device, bool other_protected,
                                     enum rl_security mode);

#endif
