/* What enrol and the engine say to each other: one small typed record for each message of a phone
 * that calls for a decision, and one for each decision. Order, framing, TLS and deadlines are
 * enrol's; every decision is the engine's.
 *
 * CAPF, one operation for each session:
 *   enrol              engine
 *   HELLO ->           may be answered by END at once (address locked out)
 *   AUTH ->
 *                   <- KEYGEN | FETCH | DELETE | END
 *   KEY ->          <- STORE | KEYGEN | END
 *   STORED, FETCHED, DELETED ->
 *                   <- END
 *   GONE ->            once after each HELLO, also after END; nothing of the session follows
 * TVS: VERIFY or QUERY -> ANSWER, one question of a session at a time; GONE is not told. */
#ifndef RL_ENROL_RECORD_H
#define RL_ENROL_RECORD_H

#include "ringlock/buf.h"

enum rl_enr_kind {
    /* enrol to engine */
    RL_ENR_HELLO,   /* hello: a phone finished its TLS handshake with CAPF */
    RL_ENR_AUTH,    /* auth */
    RL_ENR_KEY,     /* reply: bytes is the SubjectPublicKeyInfo; none = it made no key */
    RL_ENR_STORED,  /* reply: reason, 1 = success */
    RL_ENR_FETCHED, /* reply: bytes is the certificate; none = the phone has none to give */
    RL_ENR_DELETED, /* reply: reason */
    RL_ENR_GONE,    /* gone; session 0 with RL_GONE_PROCESS: all sessions there were */
    RL_ENR_VERIFY,  /* ask: der */
    RL_ENR_QUERY,   /* ask: subject, issuer, serial */
    RL_ENR_STATS,   /* stats */
    /* engine to enrol */
    RL_ENR_SETUP,  /* setup: first of all, and again when a certificate changes */
    RL_ENR_KEYGEN, /* keygen */
    RL_ENR_STORE,  /* store: bytes is the new LSC */
    RL_ENR_FETCH,
    RL_ENR_DELETE,
    RL_ENR_END,    /* end: END_SESSION with this reason, then close */
    RL_ENR_ANSWER, /* answer, of TVS */
    RL_ENR_KINDS
};

/* END_SESSION and responses (capf.md 9). */
enum rl_capf_reason {
    RL_CAPF_NO_ACTION = 0,
    RL_CAPF_DONE = 1,
    RL_CAPF_FAILED = 7,
    RL_CAPF_UNKNOWN_DEVICE = 9
};

enum rl_gone {
    RL_GONE_ENDED,    /* after our END_SESSION */
    RL_GONE_CLOSED,   /* the phone closed, or the connection broke */
    RL_GONE_TIMEOUT,  /* it was too slow: END_SESSION 7 was sent */
    RL_GONE_PROTOCOL, /* it said something wrong: END_SESSION 7 was sent */
    RL_GONE_PROCESS   /* enrol itself ended */
};

/* Key types and curves as on the wire. */
enum rl_capf_key { RL_CAPF_RSA = 0, RL_CAPF_EC = 1 };

struct rl_enr_hello {
    struct rl_bytes ip; /* 16 bytes; IPv4 as ::ffff:a.b.c.d */
    uint16_t port;
};

/* AUTH_RESPONSE. Texts are without their final NUL. What a phone did not send has p NULL; what it
 * sent empty has n 0 and p not NULL. What the signatures cover: capf.md 6. */
struct rl_enr_auth {
    uint8_t version;             /* 1..3 */
    uint8_t reason;              /* the client's, 0 = not sent */
    struct rl_bytes device;      /* never empty, no NUL inside, otherwise foreign */
    struct rl_bytes password;    /* a secret */
    struct rl_bytes certificate; /* DER, not looked at */
    struct rl_bytes sha1;        /* element 6: signature over SHA-1(device NUL certificate) */
    uint8_t sha2_hash;           /* element 20: 1 SHA-1, 2 SHA-256, 3 SHA-512; 0 = not sent */
    struct rl_bytes sha2;        /* the signature over device NUL certificate with it */
    struct rl_bytes sudi;        /* element 16: certificate M, DER */
    struct rl_bytes sudi_sha1;   /* signature over SHA-1(session, 4 bytes little-endian, and M) */
    struct rl_bytes sudi_sha512;
};

struct rl_enr_reply {
    uint8_t reason; /* 1 = success; 0 = not sent */
    struct rl_bytes bytes;
};

struct rl_enr_gone {
    uint8_t why; /* enum rl_gone */
};

struct rl_enr_ask {
    struct rl_bytes device;          /* without its leading byte 01 and a final NUL; foreign */
    struct rl_bytes der;             /* VERIFY */
    struct rl_bytes subject, issuer; /* QUERY: texts without their final NUL; p NULL = not sent */
    struct rl_bytes serial;          /* QUERY: bytes as sent */
};

struct rl_enr_keygen {
    uint8_t type;  /* enum rl_capf_key */
    uint16_t size; /* RSA bits, or 256, 384, 521 */
};

struct rl_enr_end {
    uint8_t reason; /* enum rl_capf_reason */
};

struct rl_enr_answer {
    uint8_t status;        /* 0 known and valid, 1 not; with 1 nothing else is said */
    struct rl_bytes roles; /* one byte for each role (tvs.md 4) */
    uint32_t ttl;          /* seconds */
    struct rl_bytes der;   /* for QUERY */
};

/* What enrol has to know; milliseconds. A chain is certificates in DER one after another, the
 * service's own first; without one its port is closed to everybody. */
struct rl_enr_setup {
    uint32_t first_session; /* number of the first session; they count up from it, without 0 */
    uint8_t old_tls;        /* TLS 1.0 to 1.2, RSA key exchange and AES-CBC-SHA are taken as well */
    uint32_t connections;   /* at once, both services together */
    uint32_t per_address;   /* of these from one address */
    uint32_t handshake_ms;  /* from the connection to the end of the handshake */
    uint32_t message_ms;    /* for each answer, whole */
    uint32_t key_ms;        /* for the answer to KEY_GENERATE_REQUEST; IN_PROGRESS begins it anew */
    uint32_t session_ms;    /* for all of a session: whatever extends the others */
    struct rl_bytes capf, tvs; /* chains */
};

#define RL_ENR_COUNTERS(X)                                           \
    X(capf_connections)                                              \
    X(tvs_connections)                                               \
    X(handshakes)          /* that succeeded */                      \
    X(ended)               /* sessions that came to their end */     \
    X(refused_total)       /* too many connections at once */        \
    X(refused_address)     /* too many from one address */           \
    X(refused_certificate) /* the service has no certificate */      \
    X(handshake_failed)    /* no TLS, or none that is allowed */     \
    X(handshake_slow)                                                \
    X(slow)  /* a message that did not come in time */               \
    X(wrong) /* bytes that are no message, or not the one awaited */ \
    X(lost)  /* closed by the other side before the end */

/* Totals since this process began, sent once a second when they changed; `open` is now. */
struct rl_enr_stats {
    uint64_t open;
#define RL_ENR_COUNTER(name) uint64_t name;
    RL_ENR_COUNTERS(RL_ENR_COUNTER)
#undef RL_ENR_COUNTER
};

struct rl_enr {
    uint8_t kind;     /* enum rl_enr_kind */
    uint32_t session; /* CAPF: as on the wire. Never repeated in a site, not even after a restart */
    union {
        struct rl_enr_hello hello;
        struct rl_enr_auth auth;
        struct rl_enr_reply reply;
        struct rl_enr_gone gone;
        struct rl_enr_ask ask;
        struct rl_enr_stats stats;
        struct rl_enr_setup setup;
        struct rl_enr_keygen keygen;
        struct rl_enr_reply store;
        struct rl_enr_end end;
        struct rl_enr_answer answer;
    };
};

enum { RL_ENR_FRAME_MAX = 256 * 1024 };

/* Append the record to `out`, framed by a 32-bit length. It may hold a password: wipe it. */
void rl_enr_encode(const struct rl_enr *rec, struct rl_buf *out);

/* Decode one frame from `bytes`. Returns the bytes used, 0 if more are needed, -1 if they are no
 * record. What it points to is borrowed from `bytes`. */
long rl_enr_decode(const uint8_t *bytes, size_t n, struct rl_enr *rec);

#endif
