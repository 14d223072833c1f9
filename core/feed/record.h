/* What feed tells the engine: one small typed record for each mirrored SIP message or log event.
 * Keys, credentials and bodies never leave feed. */
#ifndef RL_FEED_RECORD_H
#define RL_FEED_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringlock/buf.h"

/* Text of a record: borrowed from the bytes it was decoded from; n may be 0, p then may be NULL.
 * It is foreign: bytes as they came, at most 255 of them (longer ones are hashed by feed, see
 * rl_rec_encode). */
struct rl_str {
    const char *p;
    uint16_t n;
};

enum rl_transport { RL_TP_UNKNOWN, RL_TP_UDP, RL_TP_TCP, RL_TP_TLS, RL_TP_SCTP };

/* One end of a hop. IPv4 is kept as ::ffff:a.b.c.d, so that equal addresses are equal bytes. */
struct rl_addr {
    uint8_t ip[16];
    uint16_t port;
    uint8_t transport; /* rl_transport */
};

enum rl_rec_kind { RL_REC_SIP, RL_REC_FACT, RL_REC_STATS };

enum rl_method {
    RL_M_OTHER,
    RL_M_INVITE,
    RL_M_ACK,
    RL_M_BYE,
    RL_M_CANCEL,
    RL_M_UPDATE,
    RL_M_PRACK,
    RL_M_REGISTER,
    RL_M_REFER,
    RL_M_NOTIFY,
    RL_M_SUBSCRIBE,
    RL_M_OPTIONS,
    RL_M_INFO,
    RL_M_MESSAGE
};

enum rl_media_kind { RL_MEDIA_AUDIO, RL_MEDIA_VIDEO, RL_MEDIA_BFCP, RL_MEDIA_IX, RL_MEDIA_OTHER };
enum rl_media_dir { RL_DIR_SENDRECV, RL_DIR_SENDONLY, RL_DIR_RECVONLY, RL_DIR_INACTIVE };

enum rl_media_flag {
    RL_MF_SAVP = 1 << 0,       /* RTP/SAVP or RTP/SAVPF */
    RL_MF_DTLS_PROTO = 1 << 1, /* UDP/TLS/RTP/SAVP(F), or UDP/DTLS/... for data lines */
    RL_MF_CRYPTO =
        1 << 2, /* at least one usable a=crypto: a suite we know, with a key, encryption on */
    RL_MF_CRYPTO_OFF = 1 << 3,  /* an a=crypto line with UNENCRYPTED_SRTP (or a NULL suite) */
    RL_MF_FINGERPRINT = 1 << 4, /* a=fingerprint at this line or above all lines */
    RL_MF_SETUP = 1 << 5,       /* a=setup likewise */
    RL_MF_RTCP_CLEAR = 1 << 6,  /* UNENCRYPTED_SRTCP */
    RL_MF_UNAUTH = 1 << 7       /* UNAUTHENTICATED_SRTP */
};

enum { RL_REC_MEDIA = 8 }; /* m-lines kept; an SDP with more is RL_SDP_BAD */

struct rl_media {
    uint8_t kind;   /* rl_media_kind */
    uint8_t dir;    /* rl_media_dir; a connection address 0.0.0.0 makes sendrecv sendonly */
    uint16_t port;  /* 0 = not active */
    uint16_t flags; /* rl_media_flag */
    uint32_t tags;  /* bit n set: an a=crypto line with tag n (1..31) is usable */
};

enum rl_sdp_state { RL_SDP_NONE, RL_SDP_OK, RL_SDP_BAD };

/* A SIP message as it matters to the tracker. */
struct rl_rec_sip {
    bool request;
    uint8_t method;  /* rl_method: of the request line, or of CSeq in a response */
    uint16_t status; /* 0 in a request */
    uint32_t cseq;
    struct rl_str call_id, from_tag, to_tag;
    struct rl_str from_user, from_name, to_user, ruri_user; /* numbers as written, unescaped */
    struct rl_str branch, parent_branch; /* of the first and second Via; "" if there is none */
    uint8_t vias;                        /* how many Via entries */
    struct rl_str contact;               /* first Contact: "scheme:user@host:port", no parameters */
    bool contact_star;
    bool isfocus;    /* Contact carries ;isfocus (RFC 4579) */
    int32_t expires; /* REGISTER and its 200: seconds (Contact's, else Expires), -1 = not said */
    uint32_t session_expires;  /* Session-Expires in seconds, 0 = none (RFC 4028) */
    struct rl_str correlation; /* value of the configured header, "" = none */
    struct rl_str refer_to;    /* user of Refer-To */
    struct rl_str replaces;    /* Call-ID of Replaces */
    bool credentials;          /* Authorization or Proxy-Authorization present */
    bool stale;         /* 401, 407: only the nonce of the credentials was old (RFC 7616 3.3) */
    bool need_prack;    /* Require: 100rel in a provisional response */
    uint32_t rack_cseq; /* PRACK: the CSeq number in RAck */
    uint8_t sdp;        /* rl_sdp_state */
    uint8_t nmedia;
    struct rl_media media[RL_REC_MEDIA];
};

/* A log event of the SIP server: what it knows of the peer at `src` (kamailio hlog, one JSON
 * object). */
enum rl_fact_event {
    RL_FACT_OTHER,
    RL_FACT_REQUEST,
    RL_FACT_REPLY,
    RL_FACT_REGISTERED,
    RL_FACT_UNREGISTERED,
    RL_FACT_CHALLENGE,
    RL_FACT_DENY,
    RL_FACT_CLOSED
};
struct rl_rec_fact {
    uint8_t event;  /* rl_fact_event */
    uint8_t method; /* rl_method */
    uint16_t status;
    struct rl_str why;    /* of a deny or challenge */
    struct rl_str device; /* as the SIP server named it; "" = it did not */
    struct rl_addr peer;  /* transport, address and port of the peer's connection */
    struct rl_str con;    /* the server's connection number */
    bool verified, selfsigned;
    struct rl_str cn, san; /* percent-decoded */
    struct rl_str serial;
    struct rl_str fp; /* 64 hexadecimal digits: SHA-256 of the PEM text; "" = no certificate */
    struct rl_str tls, cipher;
    int bits;              /* of the cipher; 0 = NULL cipher; -1 = not said */
    struct rl_str call_id; /* HEP correlation id */
};

/* What feed counts; a packet that was taken is a record, refused by one cause, or ignored. */
#define RL_REC_COUNTERS(X)                                                 \
    X(udp_packets)                                                         \
    X(udp_bytes)                                                           \
    X(tcp_packets)                                                         \
    X(tcp_bytes)                                                           \
    X(tcp_connections)                                                     \
    X(records)                                                             \
    X(ignored)            /* well-formed, of no interest */                \
    X(refused_source)     /* of a peer that may not be heard */            \
    X(refused_key)        /* without the key that is asked for */          \
    X(refused_frame)      /* no HEPv3 */                                   \
    X(refused_unfinished) /* over TCP, and its end did not come */         \
    X(refused_fact)       /* no log event */                               \
    X(sip_head)           /* no header, or no end of it */                 \
    X(sip_syntax)         /* header lines that cannot be read */           \
    X(sip_start)          /* request or status line, or CSeq against it */ \
    X(sip_parties)        /* From, To or Via missing */                    \
    X(sdp)                /* a record all the same: media unproven */

/* Counters, sent by feed once a second when they changed, and totals since feed began. */
struct rl_rec_stats {
#define RL_REC_COUNTER(name) uint64_t name;
    RL_REC_COUNTERS(RL_REC_COUNTER)
#undef RL_REC_COUNTER
};

struct rl_rec {
    uint8_t kind;            /* rl_rec_kind */
    bool listed;             /* came from a listed source: may prove something */
    int64_t time_us;         /* of the HEP packet */
    struct rl_addr src, dst; /* of the mirrored message */
    struct rl_str hep_correlation;
    union {
        struct rl_rec_sip sip;
        struct rl_rec_fact fact;
        struct rl_rec_stats stats;
    };
};

/* Append the record to `out`, framed by a 32-bit length. A text over 255 bytes is replaced by "#"
 * and 64 hexadecimal digits of a hash, so that equal texts stay equal. */
void rl_rec_encode(const struct rl_rec *rec, struct rl_buf *out);

/* Decode one frame from `bytes`. Returns the bytes used, 0 if more are needed, -1 if they are no
 * record. Texts are borrowed from `bytes`. */
long rl_rec_decode(const uint8_t *bytes, size_t n, struct rl_rec *rec);

/* "tls:127.0.0.1:5061" / "tls:[2001:db8::5]:5061" into out (64 bytes). Returns out. */
enum { RL_ADDR_TEXT = 64 };
char *rl_addr_text(const struct rl_addr *a, char *out);
bool rl_addr_equal(const struct rl_addr *a, const struct rl_addr *b);
const char *rl_transport_text(enum rl_transport t); /* "tls"; static */

#endif
