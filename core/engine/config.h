/* ringlock.conf: one table of keys for parsing, defaults, the default file and the man page. */
#ifndef RL_ENGINE_CONFIG_H
#define RL_ENGINE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "ringlock/buf.h"
#include "ringlock/err.h"
#include "ringlock/hardening.h"

enum { RL_CONFIG_SERVERS = 5, RL_CONFIG_URLS = 7 };

/* "sha1", "sha512". */
extern const char *const rl_config_hashes[];

/* Values as the engine uses them. Texts are owned; lists are NULL-terminated, never NULL. */
struct rl_config {
    char *socket; /* "" = in the site directory */
    char **viewer_users, **viewer_groups;
    char **operator_users, **operator_groups;
    char **administrator_users, **administrator_groups;

    char *listen_udp, *listen_tcp; /* "127.0.0.1:9060", "[::1]:9060"; port 0 takes a free one */
    char *hep_key;  /* a secret: never logged, never in an argument; "" = none asked for */
    char **sources; /* addresses and networks, as written */
    char *correlation_header; /* "" = none */
    int64_t receive_buffer;   /* bytes */

    char *listen_capf, *listen_tvs; /* likewise; "" = the service is off */
    int64_t old_tls;                /* 1: TLS 1.0 to 1.2 with RSA key exchange */
    int64_t tvs_ttl_us;             /* so long a phone keeps a positive answer */
    int64_t enrol_connections, enrol_per_address;
    int64_t handshake_us, message_us, key_us, session_us; /* time-outs of both services */

    int64_t tls_ciphers; /* enum rl_tls_ciphers */

    char **call_managers, **capf_servers, **tvs_servers; /* hosts, at most RL_CONFIG_SERVERS */
    int64_t sip_port, secure_sip_port, capf_port, tvs_port;
    int64_t tls_resumption_us;
    char *url[RL_CONFIG_URLS];        /* in the order of signed-config.md 5.2; "" = none */
    int64_t config_hash;              /* of signatures: index of rl_config_hashes */
    int64_t hardening[RL_HARDENINGS]; /* indexes of the values of rl_hardenings */
    int64_t list_hash;                /* enum rl_list_hash */
    int64_t signer_version;           /* enum rl_signer_version */

    int64_t display_policy; /* enum rl_display_policy */
    int64_t silence_us, ringing_us, ended_age_us;
    int64_t ended_count, max_calls;

    char **notice_days;   /* before the end of a certificate, as written */
    char *notice_command; /* absolute path; "" = none */
    int64_t notice_timeout_us;

    int64_t capf_tries, capf_address_tries; /* failed logins until a lock-out */
    int64_t capf_lock_us;                   /* which takes so long */
    int64_t capf_days;        /* that an operation waits, where nothing else is said */
    int64_t capf_lsc_days;    /* of validity */
    int64_t capf_lsc_subject; /* enum rl_lsc_subject */
    int64_t capf_renew;       /* enum rl_capf_renew */
    char *capf_release;       /* of the call manager that phones know; "" = today's (R131) */

    int64_t log_target, log_level;                  /* enum rl_log_target, enum rl_log_level */
    int64_t audit_rotate, audit_age_us, audit_keep; /* bytes; 0 = any age; files */
    int64_t audit_days;                             /* 0 = all entries are kept */
    int64_t backup_days;                            /* 0 = they may be of any age */
    int64_t drafts_days; /* untouched for so long a draft goes; 0 = never */
    int64_t idle_us;     /* of a console without a key; 0 = for ever */
};

enum rl_lsc_subject { RL_LSC_OF_DEVICE, RL_LSC_OF_MODEL };
enum rl_capf_renew { RL_RENEW_TOLD, RL_RENEW_AUTOMATIC };

/* All defaults. rl_config_fini frees. */
void rl_config_init(struct rl_config *config);
void rl_config_fini(struct rl_config *config);

/* Read the file over the defaults. Every problem is listed with its line (E-CONFIG, E-IO); with
 * any, `config` is left as rl_config_init makes it. */
enum rl_code rl_config_load(const char *path, struct rl_config *config,
                            struct rl_problems *problems);
/* The same from memory; `file` is what problems call it. */
enum rl_code rl_config_parse(const char *text, size_t n, const char *file, struct rl_config *config,
                             struct rl_problems *problems);

/* The commented file that `ringlock init` writes. */
void rl_config_write_default(struct rl_buf *out);

/* "section.key = default", a line for each key: what ringlock.conf(5) is held to. */
void rl_config_list(struct rl_buf *out);

/* "HOST:PORT" or "[HOST]:PORT" with a numeric address into *host (owned by the caller) and *port;
 * false if it is none. */
bool rl_config_endpoint(const char *text, char **host, int *port);

#endif
