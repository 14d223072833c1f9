#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "enrol/keyask.h"
#include "enrol/process.h"

enum {
    CHAIN_MAX = 8,
    HANDSHAKE_MAX = 16 * 1024,
    HASH_MAX = 64,
    SAID_MAX = 2 * HANDSHAKE_MAX,
    MESSAGE_HASH = 254
};

struct rl_enrol_cred {
    unsigned refs;
    gnutls_certificate_credentials_t x509;
    unsigned bits;
    uint8_t fingerprint[RL_KEYASK_FINGERPRINT];
};

/* ---- the key, which is the engine's ---- */

/* What an RSA certificate may be used with, and how RFC 8446 4.2.3 numbers it. SHA-1 is for the key
 * exchange of old phones only, which signs nothing. */
static const struct {
    gnutls_sign_algorithm_t sign;
    uint16_t scheme;
} schemes[] = {
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0x0804},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, 0x0805},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, 0x0806},
    {GNUTLS_SIGN_RSA_SHA256,          0x0401},
    {GNUTLS_SIGN_RSA_SHA384,          0x0501},
    {GNUTLS_SIGN_RSA_SHA512,          0x0601},
};

static uint16_t scheme_of(gnutls_sign_algorithm_t sign)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (schemes[i].sign == sign)
            return schemes[i].scheme;
    return 0;
}

/* What a DigestInfo is of, by its size (RFC 8017 9.2, note 1: 19 bytes and the hash). */
static gnutls_sign_algorithm_t by_size(size_t n)
{
    return n == 19 + 32   ? GNUTLS_SIGN_RSA_SHA256
           : n == 19 + 48 ? GNUTLS_SIGN_RSA_SHA384
           : n == 19 + 64 ? GNUTLS_SIGN_RSA_SHA512
                          : GNUTLS_SIGN_UNKNOWN;
}

/* One question, one answer; the loop waits for it. The first byte tells if there is one. */
static int ask_engine(const struct rl_enrol_cred *cred, enum rl_keyask_op op, uint16_t scheme,
                      const struct rl_bytes *data, gnutls_datum_t *out)
{
    struct rl_keyask ask = {
        (uint8_t)op, scheme, {cred->fingerprint, sizeof cred->fingerprint},
          *data
    };
    struct rl_buf packet = {0};
    uint8_t answer[RL_KEYASK_MAX];
    ssize_t n;

    rl_keyask_encode(&ask, &packet);
    do
        n = send(RL_ENROL_KEYS_FD, packet.data, packet.len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    rl_buf_fini(&packet);
    if (n > 0)
        do
            n = recv(RL_ENROL_KEYS_FD, answer, sizeof answer, 0);
        while (n < 0 && errno == EINTR);
    if (n <= 1 || answer[0] != 1)
        return GNUTLS_E_PK_SIGN_FAILED;
    out->size = (unsigned)n - 1;
    out->data = gnutls_malloc(out->size);
    if (out->data == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    memcpy(out->data, answer + 1, out->size);
    explicit_bzero(answer, sizeof answer);
    return 0;
}

/* ---- what is to be signed ---- */

/* GnuTLS asks for the signature of a hash, which could be that of anything; the engine wants to see
 * what it signs. In TLS 1.3 that is made of the messages so far, in TLS 1.2 it is in a block of
 * memory that GnuTLS has just taken. Either is compared with the hash. */
struct rl_enrol_tls {
    gnutls_session_t session;
    struct rl_enrol *enrol;
    struct rl_enrol_cred *cred;
    struct rl_buf said; /* messages of the handshake, until what is signed is signed */
};

static struct rl_enrol_tls *shaking; /* whose handshake goes on now */

static void add_message(struct rl_buf *said, unsigned type, const void *bytes, size_t n)
{
    rl_buf_addc(said, (char)type);
    rl_buf_addc(said, (char)(n >> 16));
    rl_buf_u16(said, (uint16_t)n);
    rl_buf_add(said, bytes, n);
}

/* RFC 8446 4.4.3, with the messages hashed by `hash`. */
static bool write_verify(const struct rl_buf *said, gnutls_digest_algorithm_t hash,
                         struct rl_buf *out)
{
    static const char context[] = "TLS 1.3, server CertificateVerify";
    uint8_t digest[HASH_MAX];

    if (gnutls_hash_fast(hash, said->data, said->len, digest) < 0)
        return false;
    for (int i = 0; i < 64; i++)
        rl_buf_addc(out, ' ');
    rl_buf_add(out, context, sizeof context);
    rl_buf_add(out, digest, gnutls_hash_get_len(hash));
    return true;
}

static int sign13(const struct rl_enrol_tls *t, gnutls_sign_algorithm_t sign,
                  const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    static const gnutls_digest_algorithm_t hashes[] = {GNUTLS_DIG_SHA384, GNUTLS_DIG_SHA256};
    gnutls_digest_algorithm_t signed_hash = gnutls_sign_get_hash_algorithm(sign);
    int rc = GNUTLS_E_PK_SIGN_FAILED;

    for (size_t i = 0; i < 2 && rc < 0; i++) {
        struct rl_buf content = {0};
        uint8_t digest[HASH_MAX];
        if (write_verify(&t->said, hashes[i], &content) &&
            gnutls_hash_fast(signed_hash, content.data, content.len, digest) >= 0 &&
            gnutls_hash_get_len(signed_hash) == hash->size &&
            memcmp(digest, hash->data, hash->size) == 0)
            rc = ask_engine(t->cred, RL_KEYASK_SIGN, scheme_of(sign),
                            &(struct rl_bytes){(const uint8_t *)content.data, content.len},
                            signature);
        rl_buf_fini(&content);
    }
    return rc;
}

static int sign12(const struct rl_enrol_tls *t, gnutls_sign_algorithm_t sign,
                  const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    gnutls_datum_t client, server;
    struct rl_enrol_block block;
    gnutls_sign_algorithm_t whole = sign == GNUTLS_SIGN_RSA_RAW ? by_size(hash->size) : sign;
    gnutls_digest_algorithm_t digest = gnutls_sign_get_hash_algorithm(whole);
    size_t n = gnutls_hash_get_len(digest);
    uint8_t out[HASH_MAX];

    gnutls_session_get_random(t->session, &client, &server);
    for (size_t i = 0; n > 0 && n <= hash->size && rl_enrol_block(i, &block); i++)
        if (memcmp(block.p, client.data, client.size) == 0 &&
            memcmp(block.p + client.size, server.data, server.size) == 0 &&
            gnutls_hash_fast(digest, block.p, block.n, out) >= 0 &&
            memcmp(out, hash->data + hash->size - n, n) == 0)
            return ask_engine(t->cred, RL_KEYASK_SIGN, scheme_of(whole),
                              &(struct rl_bytes){block.p, block.n}, signature);
    return GNUTLS_E_PK_SIGN_FAILED;
}

static int sign_hash(gnutls_privkey_t key, gnutls_sign_algorithm_t sign, void *ctx, unsigned flags,
                     const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    (void)key, (void)ctx, (void)flags;
    if (shaking == NULL)
        return GNUTLS_E_PK_SIGN_FAILED;
    if (gnutls_protocol_get_version(shaking->session) >= GNUTLS_TLS1_3)
        return sign13(shaking, sign, hash, signature);
    return sign12(shaking, sign, hash, signature);
}

/* What stood before HelloRetryRequest counts by its hash (RFC 8446 4.4.1). */
static void hash_first_hello(struct rl_enrol_tls *t)
{
    gnutls_digest_algorithm_t hash = gnutls_prf_hash_get(t->session) == GNUTLS_DIG_SHA384
                                         ? GNUTLS_DIG_SHA384
                                         : GNUTLS_DIG_SHA256;
    uint8_t digest[HASH_MAX];

    gnutls_hash_fast(hash, t->said.data, t->said.len, digest);
    rl_buf_clear(&t->said);
    add_message(&t->said, MESSAGE_HASH, digest, gnutls_hash_get_len(hash));
}

static int overhear(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                    const gnutls_datum_t *message)
{
    struct rl_enrol_tls *t = gnutls_session_get_ptr(session);

    (void)when, (void)incoming;
    if (type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST)
        hash_first_hello(t);
    if (t->said.len < SAID_MAX)
        add_message(&t->said,
                    type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST ? GNUTLS_HANDSHAKE_SERVER_HELLO
                                                                 : type,
                    message->data, message->size);
    return 0;
}

static int decrypt(gnutls_privkey_t key, void *ctx, const gnutls_datum_t *secret,
                   gnutls_datum_t *plain)
{
    (void)key;
    return ask_engine(ctx, RL_KEYASK_DECRYPT, 0, &(struct rl_bytes){secret->data, secret->size},
                      plain);
}

static int about_key(gnutls_privkey_t key, unsigned flags, void *ctx)
{
    const struct rl_enrol_cred *cred = ctx;

    (void)key;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
        return GNUTLS_PK_RSA;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
        return (int)cred->bits;
    if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
        return scheme_of(GNUTLS_FLAGS_TO_SIGN_ALGO(flags)) != 0;
    return -1;
}

/* ---- certificates ---- */

/* Bytes of the DER element that begins here; 0 if it is none or not whole. */
static size_t der_size(const uint8_t *p, size_t n)
{
    size_t size = 0, digits;

    if (n < 2 || p[0] != 0x30)
        return 0;
    digits = p[1] & 0x80 ? p[1] & 0x7f : 0;
    if (digits > 3 || n < 2 + digits)
        return 0;
    for (size_t i = 0; i < digits; i++)
        size = size << 8 | p[2 + i];
    size = 2 + digits + (digits > 0 ? size : p[1]);
    return size <= n ? size : 0;
}

static size_t read_chain(const struct rl_bytes *chain, gnutls_pcert_st *list)
{
    size_t n = 0, size;

    for (size_t at = 0; at < chain->n && n < CHAIN_MAX; at += size, n++) {
        size = der_size(chain->p + at, chain->n - at);
        gnutls_datum_t der = {(unsigned char *)(uintptr_t)(chain->p + at), (unsigned)size};
        if (size == 0 || gnutls_pcert_import_x509_raw(&list[n], &der, GNUTLS_X509_FMT_DER, 0) < 0)
            break;
    }
    return n;
}

static int set_key(struct rl_enrol_cred *cred, gnutls_pcert_st *list, size_t n)
{
    gnutls_privkey_t key;
    unsigned bits = 0;
    int rc = gnutls_pubkey_get_pk_algorithm(list[0].pubkey, &bits);

    cred->bits = bits;
    if (rc != GNUTLS_PK_RSA)
        return GNUTLS_E_UNKNOWN_PK_ALGORITHM;
    rc = gnutls_fingerprint(GNUTLS_DIG_SHA256, &list[0].cert, cred->fingerprint,
                            &(size_t){sizeof cred->fingerprint});
    if (rc < 0 || (rc = gnutls_privkey_init(&key)) < 0)
        return rc;
    rc = gnutls_privkey_import_ext4(key, cred, NULL, sign_hash, decrypt, NULL, about_key, 0);
    /* the match would be tried out with a signature, which the engine refuses */
    gnutls_certificate_set_flags(cred->x509, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
    if (rc >= 0)
        rc = gnutls_certificate_set_key(cred->x509, NULL, 0, list, (int)n, key);
    if (rc < 0)
        gnutls_privkey_deinit(key);
    return rc;
}

struct rl_enrol_cred *rl_enrol_cred_new(const struct rl_bytes *chain)
{
    gnutls_pcert_st list[CHAIN_MAX];
    size_t n = read_chain(chain, list);
    struct rl_enrol_cred *cred;

    if (n == 0)
        return NULL;
    cred = rl_alloc(sizeof *cred);
    cred->refs = 1;
    int rc = gnutls_certificate_allocate_credentials(&cred->x509);
    if (rc >= 0)
        rc = set_key(cred, list, n);
    if (rc >= 0)
        return cred;
    for (size_t i = 0; i < n; i++)
        gnutls_pcert_deinit(&list[i]);
    rl_enrol_cred_unref(&cred);
    return NULL;
}

void rl_enrol_cred_unref(struct rl_enrol_cred **slot)
{
    struct rl_enrol_cred *cred = *slot;

    *slot = NULL;
    if (cred == NULL || --cred->refs > 0)
        return;
    if (cred->x509 != NULL)
        gnutls_certificate_free_credentials(cred->x509);
    free(cred);
}

/* ---- sessions ---- */

#define GROUPS ":+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1"
#define SIGNS                                                                        \
    ":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512" \
    ":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512"
/* Certificates that a CA made for CAPF may be for signing only; phones do not mind. */
#define REST ":+COMP-NULL:+CTYPE-SRV-X509:%SERVER_PRECEDENCE:%DEBUG_ALLOW_KEY_USAGE_VIOLATIONS"
#define NOW                                                                     \
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+ECDHE-RSA:+AES-256-GCM:+CHACHA20-POLY1305" \
    ":+AES-128-GCM:+AEAD" GROUPS SIGNS
#define OLD ":+RSA:+AES-256-CBC:+AES-128-CBC:+SHA1"

static const char now[] = NOW REST;
static const char now_and_old[] = NOW ":+VERS-TLS1.1:+VERS-TLS1.0" OLD REST;
/* Before TLS 1.2 only RSA key exchange: what is signed in the others cannot be told from what is
 * not of TLS. */
static const char only_old[] = "NONE:+VERS-TLS1.1:+VERS-TLS1.0" OLD REST;

bool rl_enrol_tls_configure(struct rl_enrol *enrol)
{
    bool old = enrol->setup.old_tls;

    if (enrol->priority != NULL)
        gnutls_priority_deinit(enrol->priority);
    if (enrol->before_tls12 != NULL)
        gnutls_priority_deinit(enrol->before_tls12);
    enrol->priority = enrol->before_tls12 = NULL;
    return gnutls_priority_init(&enrol->priority, old ? now_and_old : now, NULL) >= 0 &&
           (!old || gnutls_priority_init(&enrol->before_tls12, only_old, NULL) >= 0);
}

static int heard_hello(gnutls_session_t session)
{
    const struct rl_enrol_tls *t = gnutls_session_get_ptr(session);

    if (t->enrol->before_tls12 == NULL || gnutls_protocol_get_version(session) >= GNUTLS_TLS1_2)
        return 0;
    return gnutls_priority_set(session, t->enrol->before_tls12);
}

static int fd_of(gnutls_transport_ptr_t transport)
{
    return (int)(intptr_t)transport;
}

static ssize_t push(gnutls_transport_ptr_t transport, const void *bytes, size_t n)
{
    return send(fd_of(transport), bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static ssize_t pull(gnutls_transport_ptr_t transport, void *bytes, size_t n)
{
    return recv(fd_of(transport), bytes, n, MSG_DONTWAIT);
}

static bool prepare(struct rl_enrol_tls *t, int fd)
{
    if (gnutls_init(&t->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
        return false;
    gnutls_session_set_ptr(t->session, t);
    gnutls_handshake_set_post_client_hello_function(t->session, heard_hello);
    gnutls_handshake_set_hook_function(t->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, overhear);
    gnutls_handshake_set_max_packet_length(t->session, HANDSHAKE_MAX);
    gnutls_transport_set_ptr(t->session, (gnutls_transport_ptr_t)(intptr_t)fd);
    gnutls_transport_set_push_function(t->session, push);
    gnutls_transport_set_pull_function(t->session, pull);
    return gnutls_priority_set(t->session, t->enrol->priority) >= 0 &&
           gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->cred->x509) >= 0;
}

struct rl_enrol_tls *rl_enrol_tls_open(struct rl_enrol *enrol, struct rl_enrol_cred *cred, int fd)
{
    struct rl_enrol_tls *t = rl_alloc(sizeof *t);

    t->enrol = enrol;
    t->cred = cred;
    cred->refs++;
    if (!prepare(t, fd))
        rl_enrol_tls_close(&t);
    return t;
}

void rl_enrol_tls_close(struct rl_enrol_tls **slot)
{
    struct rl_enrol_tls *t = *slot;

    *slot = NULL;
    if (t->session != NULL)
        gnutls_deinit(t->session);
    rl_enrol_cred_unref(&t->cred);
    rl_buf_fini(&t->said);
    free(t);
}

gnutls_session_t rl_enrol_tls_session(const struct rl_enrol_tls *t)
{
    return t->session;
}

int rl_enrol_tls_shake(struct rl_enrol_tls *t)
{
    int rc;

    shaking = t;
    rl_enrol_blocks_keep(true);
    do
        rc = gnutls_handshake(t->session);
    while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
    shaking = NULL;
    rl_enrol_blocks_keep(false);
    if (rc != GNUTLS_E_AGAIN)
        rl_buf_fini(&t->said);
    return rc;
}
