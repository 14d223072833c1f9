/* The configuration file of a phone, SEP<MAC>.cnf.xml (signed-config.md 5), made of its rows and of
 * what the site says to all phones. */
#ifndef RL_TRUST_PHONE_CONFIG_H
#define RL_TRUST_PHONE_CONFIG_H

#include "ringlock/buf.h"
#include "ringlock/hardening.h"

enum { RL_PHONE_URLS = 7, RL_PHONE_SERVERS = 5 };

/* What all phones are told. Lists end in NULL; more than RL_PHONE_SERVERS are not written. */
struct rl_phone_site {
    bool mixed; /* cluster security mode: else no phone is secure */
    const char *const *call_managers, *const *capf, *const *tvs;
    int sip_port, secure_sip_port, capf_port, tvs_port;
    long tls_resumption;              /* seconds */
    const char *url[RL_PHONE_URLS];   /* of authentication, services, directory, messages, idle,
                                         information, proxy; "" = none */
    int64_t hardening[RL_HARDENINGS]; /* for profiles that say nothing */
};

/* One phone. All borrowed. */
struct rl_phone_config {
    const struct rl_phone_site *site;
    const struct rl_row *phone, *type, *profile;
    const char *digest_user, *digest_password; /* "" = not in this file */
    int capf_auth_mode;                        /* 0 = no operation waits */
    const char *stamp;                         /* versionStamp; "" = none */
};

/* Before any thread makes one. */
void rl_phone_config_init(void);

/* Append the whole configuration. */
void rl_phone_config_write(const struct rl_phone_config *in, struct rl_buf *out);

/* Append the short one (signed-config.md 3.1), which a phone gets beside an encrypted one:
 * `cert_hash` names the certificate that it was encrypted for, "" for none. */
void rl_phone_config_write_short(const struct rl_phone_config *in, const char *cert_hash,
                                 struct rl_buf *out);

#endif
