/* Inside the enrol process; for this room only. */
#ifndef RL_ENROL_PROCESS_H
#define RL_ENROL_PROCESS_H

#include <gnutls/gnutls.h>
#include <uv.h>

#include "enrol/enrol.h"
#include "enrol/record.h"

enum rl_enrol_service { RL_ENROL_CAPF, RL_ENROL_TVS, RL_ENROL_SERVICES };

enum { RL_ENROL_BUCKETS = 1024 };

struct rl_enrol_cred;

struct rl_enrol {
    uv_loop_t loop;
    uv_poll_t engine, listener[RL_ENROL_SERVICES];
    uv_prepare_t prepare;
    uv_timer_t second;
    uint32_t room;                                 /* connections that the system has files for */
    struct rl_enr_setup setup;                     /* numbers only: the chains are in `cred` */
    struct rl_enrol_cred *cred[RL_ENROL_SERVICES]; /* shared; NULL = no certificate */
    gnutls_priority_t priority, before_tls12;      /* the second NULL = such are refused */
    struct rl_buf in, out;                         /* of the engine, to the engine */
    struct rl_conn *conns, *by_session[RL_ENROL_SERVICES][RL_ENROL_BUCKETS];
    uint32_t next[RL_ENROL_SERVICES]; /* session number */
    struct rl_enr_stats stats, told;
};

/* main.c: tell the engine, at the end of this turn of the loop. */
void rl_enrol_tell(struct rl_enrol *enrol, const struct rl_enr *rec);

/* ---- tls.c ---- */

/* What a service shows and proves itself with; counted, as handshakes under way keep the old one.
 */
struct rl_enrol_cred *rl_enrol_cred_new(const struct rl_bytes *chain);
void rl_enrol_cred_unref(struct rl_enrol_cred **cred); /* NULL-safe */

/* What is spoken; false if GnuTLS does not know it. */
bool rl_enrol_tls_configure(struct rl_enrol *enrol);

/* A connection's TLS. */
struct rl_enrol_tls;
/* Over a socket; NULL if GnuTLS has no memory for it. */
struct rl_enrol_tls *rl_enrol_tls_open(struct rl_enrol *enrol, struct rl_enrol_cred *cred, int fd);
void rl_enrol_tls_close(struct rl_enrol_tls **tls);
/* For what comes after the handshake. */
gnutls_session_t rl_enrol_tls_session(const struct rl_enrol_tls *tls);
/* Go on with the handshake: 0 when it is done, GNUTLS_E_AGAIN while it is not, or another error,
 * which is the end. */
int rl_enrol_tls_shake(struct rl_enrol_tls *tls);

/* ---- blocks.c ---- */

struct rl_enrol_block {
    const uint8_t *p;
    size_t n;
};

/* From here on GnuTLS takes its memory from us. */
void rl_enrol_blocks_watch(void);
/* Begin, with none, or end to keep in mind what it takes. */
void rl_enrol_blocks_keep(bool on);
/* Number i of the blocks that may be what is signed; false past the last. */
bool rl_enrol_block(size_t i, struct rl_enrol_block *out);

/* ---- conn.c: one connection ---- */

enum rl_conn_phase { RL_CONN_HANDSHAKE, RL_CONN_TALK, RL_CONN_LAST_WORDS, RL_CONN_LINGER };

/* What is said after the handshake. */
struct rl_conn_protocol {
    void (*begin)(struct rl_conn *c);
    /* Look at c->in, take what is whole. Returns bytes used, 0 if more are needed or nobody listens
     * now, -1 if they are wrong. */
    long (*take)(struct rl_conn *c, const uint8_t *bytes, size_t n);
    /* It ends, and why: say so to both sides where there is something to be said. */
    void (*end)(struct rl_conn *c, enum rl_gone why);
};

struct rl_conn {
    struct rl_enrol *enrol;
    struct rl_conn *next, **at;       /* of all; `at` points here */
    struct rl_conn *next_of, **at_of; /* of its bucket; at_of NULL = it has no number */
    const struct rl_conn_protocol *protocol;
    enum rl_enrol_service service;
    enum rl_conn_phase phase;
    int fd;
    uv_poll_t poll;
    uv_timer_t timer;
    uint64_t ends_ms; /* loop time: the session, whatever happens */
    uint8_t ip[16];
    uint16_t port;
    struct rl_enrol_tls *secure;
    gnutls_session_t tls;  /* of `secure` */
    struct rl_buf in, out; /* a message that is not whole; one that was not taken */
    uint32_t session;      /* 0 = none yet */
    size_t heard;          /* bytes */
    uint8_t step;          /* of the protocol */
    bool deaf;             /* nothing is read until this is off again */
    uint8_t command;       /* TVS: the question under way, */
    uint32_t asked;        /* and the number it has there */
};

/* Take connections from a listening socket. */
bool rl_conn_listen(struct rl_enrol *enrol, enum rl_enrol_service service, int fd);
/* Give it the next number of its service. */
void rl_conn_number(struct rl_conn *c);
struct rl_conn *rl_conn_find(struct rl_enrol *enrol, enum rl_enrol_service service,
                             uint32_t session);
/* Send one message, as one TLS record. Wipes and empties `message`. */
void rl_conn_send(struct rl_conn *c, struct rl_buf *message);
/* So long may the next message take; never beyond the end of the session. */
void rl_conn_wait(struct rl_conn *c, uint32_t ms);
/* Listen again to who was deaf: what waits is taken. */
void rl_conn_hear(struct rl_conn *c);
/* End it: what is to be said is sent, and the connection closed when the other side has it. */
void rl_conn_end(struct rl_conn *c, enum rl_gone why);

/* ---- capf.c, tvs.c ---- */

extern const struct rl_conn_protocol rl_enrol_capf, rl_enrol_tvs;
/* What the engine says to a session. */
void rl_enrol_capf_order(struct rl_enrol *enrol, const struct rl_enr *order);
void rl_enrol_tvs_answer(struct rl_enrol *enrol, const struct rl_enr *answer);

#endif
