#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pki/seal_key.h"

/* What a head may ask for: fewer rounds are no work for a guesser, more would be work for us. */
enum { ITERATIONS_MIN = 100000, ITERATIONS_MAX = 20000000 };

struct rl_unseal {
    FILE *in;
    const char *name;
    struct rl_seal_head head;
    struct rl_buf bytes; /* of the head, whole */
    gnutls_aead_cipher_hd_t cipher;
    uint64_t part;
    bool ended;
    uint8_t sealed[RL_SEAL_CHUNK + RL_SEAL_TAG], plain[RL_SEAL_CHUNK];
};

static enum rl_code damaged(const struct rl_unseal *u, struct rl_err *err, const char *what)
{
    return rl_fail(err, RL_E_BACKUP_DAMAGED, u->name, "The backup %s is damaged: %s.", u->name,
                   what);
}

static enum rl_code unreadable(const struct rl_unseal *u, struct rl_err *err)
{
    return rl_fail(err, RL_E_IO, u->name, "%s cannot be read: %s.", u->name, strerror(errno));
}

/* Append up to n bytes of the file to the head; false if there are fewer. */
static bool take(struct rl_unseal *u, size_t n)
{
    uint8_t bytes[RL_SEAL_HEAD_MAX];
    size_t got = fread(bytes, 1, n, u->in);
    rl_buf_add(&u->bytes, bytes, got);
    return got == n;
}

/* The fields before what is wrapped. */
static enum rl_code read_fixed(struct rl_unseal *u, struct rl_err *err)
{
    struct rl_cur cur = rl_cur_make(u->bytes.data, u->bytes.len);
    struct rl_seal_head *h = &u->head;
    rl_cur_bytes(&cur, sizeof rl_seal_magic);
    unsigned version = rl_cur_u16(&cur);
    if (version != RL_SEAL_VERSION)
        return rl_fail(err, RL_E_SITE_NEWER, u->name,
                       "The backup %s was written by a newer release: its form is %u, this "
                       "release knows %d.",
                       u->name, version, RL_SEAL_VERSION);
    h->kind = rl_cur_u8(&cur);
    unsigned cipher = rl_cur_u8(&cur), chunk = rl_cur_u32(&cur);
    h->iterations = rl_cur_u32(&cur);
    memcpy(h->salt, rl_cur_bytes(&cur, sizeof h->salt), sizeof h->salt);
    memcpy(h->id, rl_cur_bytes(&cur, sizeof h->id), sizeof h->id);
    h->nwrapped = rl_cur_u16(&cur);
    bool stretched = h->kind == RL_SEAL_PASSPHRASE;
    if (h->kind < RL_SEAL_PASSPHRASE || h->kind > RL_SEAL_EC || cipher != RL_SEAL_AES_256_GCM ||
        chunk != RL_SEAL_CHUNK || h->nwrapped > sizeof h->wrapped ||
        stretched != (h->nwrapped == 0) || stretched != (h->iterations != 0) ||
        (stretched && (h->iterations < ITERATIONS_MIN || h->iterations > ITERATIONS_MAX)))
        return damaged(u, err, "its head says what no release writes");
    return RL_OK;
}

static enum rl_code read_head(struct rl_unseal *u, struct rl_err *err)
{
    uint8_t sum[32];
    if (!take(u, sizeof rl_seal_magic) ||
        memcmp(u->bytes.data, rl_seal_magic, sizeof rl_seal_magic) != 0) {
        if (ferror(u->in))
            return unreadable(u, err);
        return rl_fail(err, RL_E_BACKUP_FOREIGN, u->name, "%s is no backup of ringlock.", u->name);
    }
    if (!take(u, RL_SEAL_FIXED - sizeof rl_seal_magic))
        return damaged(u, err, "it ends within its head");
    enum rl_code code = read_fixed(u, err);
    if (code != RL_OK)
        return code;
    if (!take(u, (size_t)u->head.nwrapped + RL_SEAL_CHECK + RL_SEAL_SUM))
        return damaged(u, err, "it ends within its head");
    memcpy(u->head.wrapped, u->bytes.data + RL_SEAL_FIXED, u->head.nwrapped);
    size_t n = u->bytes.len - RL_SEAL_SUM;
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, u->bytes.data, n, sum) < 0 ||
        memcmp(sum, u->bytes.data + n, RL_SEAL_SUM) != 0)
        return damaged(u, err, "its head was changed");
    return RL_OK;
}

enum rl_code rl_unseal_open(FILE *in, const char *name, struct rl_unseal **out, struct rl_err *err)
{
    struct rl_unseal *u = rl_alloc(sizeof *u);
    u->in = in;
    u->name = name;
    enum rl_code code = read_head(u, err);
    if (code != RL_OK)
        rl_unseal_free(&u);
    *out = u;
    return code;
}

bool rl_unseal_needs_key(const struct rl_unseal *u)
{
    return u->head.kind != RL_SEAL_PASSPHRASE;
}

static int import_key(const struct rl_seal_key *given, gnutls_privkey_t key)
{
    const gnutls_datum_t in = {(void *)given->pem, (unsigned)given->npem};
    return gnutls_privkey_import_x509_raw(key, &in, GNUTLS_X509_FMT_PEM, given->passphrase, 0);
}

/* The secret by the private key; *ours tells if it is that of the certificate. */
static int unwrap(const struct rl_unseal *u, gnutls_privkey_t key, bool *ours,
                  struct rl_seal_secret *secret)
{
    gnutls_pubkey_t pub;
    uint8_t id[RL_SEAL_ID];
    int rc = gnutls_pubkey_init(&pub);
    if (rc < 0)
        return rc;
    rc = gnutls_pubkey_import_privkey(pub, key, 0, 0);
    if (rc >= 0)
        rc = rl_seal_id(pub, id);
    *ours = rc >= 0 && memcmp(id, u->head.id, sizeof id) == 0;
    if (*ours)
        rc = rl_seal_unwrap(key, &u->head, secret);
    gnutls_pubkey_deinit(pub);
    return rc;
}

static enum rl_code by_key(const struct rl_unseal *u, const struct rl_seal_key *given,
                           struct rl_seal_secret *secret, struct rl_err *err)
{
    gnutls_privkey_t key;
    bool ours = false;
    if (!given->pem)
        return rl_fail(err, RL_E_BACKUP_KEY, u->name,
                       "The backup %s is sealed to a certificate: its private key is needed.",
                       u->name);
    int rc = gnutls_privkey_init(&key);
    if (rc < 0)
        return rl_fail(err, RL_E_INTERNAL, u->name, "GnuTLS could not be used.");
    rc = import_key(given, key);
    enum rl_code code = RL_OK;
    if (rc < 0)
        code = rl_fail(err, RL_E_BACKUP_KEY, u->name, "The private key cannot be read: %s",
                       gnutls_strerror(rc));
    else if (rc = unwrap(u, key, &ours, secret), !ours)
        code = rl_fail(err, RL_E_BACKUP_KEY, u->name,
                       "The backup %s is sealed to another certificate than that of this key.",
                       u->name);
    else if (rc < 0)
        code = damaged(u, err, "the private key finds no key in its head");
    gnutls_privkey_deinit(key);
    return code;
}

static enum rl_code by_passphrase(const struct rl_unseal *u, const struct rl_seal_key *given,
                                  struct rl_seal_secret *secret, struct rl_err *err)
{
    if (!given->passphrase)
        return rl_fail(err, RL_E_BACKUP_KEY, u->name,
                       "The backup %s is sealed with a passphrase, and none was given.", u->name);
    if (rl_seal_stretch(&u->head, given->passphrase, secret) < 0)
        return rl_fail(err, RL_E_INTERNAL, u->name, "GnuTLS could not be used.");
    return RL_OK;
}

/* The cipher, if the key check says that the secret is the right one. */
static enum rl_code begin(struct rl_unseal *u, const struct rl_seal_secret *secret,
                          struct rl_err *err)
{
    uint8_t key[RL_SEAL_KEY], check[RL_SEAL_CHECK];
    const gnutls_datum_t datum = {key, sizeof key};
    struct rl_buf before = {u->bytes.data, RL_SEAL_FIXED + (size_t)u->head.nwrapped, 0};
    int rc = rl_seal_derive(&u->head, &before, secret, key, check);
    bool right = rc >= 0 && gnutls_memcmp(check, u->bytes.data + before.len, sizeof check) == 0;
    if (right)
        rc = gnutls_aead_cipher_init(&u->cipher, GNUTLS_CIPHER_AES_256_GCM, &datum);
    gnutls_memset(key, 0, sizeof key);
    if (rc < 0)
        return rl_fail(err, RL_E_INTERNAL, u->name, "GnuTLS could not be used.");
    if (right)
        return RL_OK;
    return rl_fail(err, RL_E_BACKUP_KEY, u->name, "The passphrase is not that of the backup %s.",
                   u->name);
}

enum rl_code rl_unseal_unlock(struct rl_unseal *u, const struct rl_seal_key *key,
                              struct rl_err *err)
{
    struct rl_seal_secret secret = {.n = 0};
    enum rl_code code =
        rl_unseal_needs_key(u) ? by_key(u, key, &secret, err) : by_passphrase(u, key, &secret, err);
    if (code == RL_OK)
        code = begin(u, &secret, err);
    gnutls_memset(&secret, 0, sizeof secret);
    return code;
}

/* True if nothing follows. */
static bool at_end(FILE *in)
{
    int c = getc(in);
    if (c == EOF)
        return true;
    ungetc(c, in);
    return false;
}

static enum rl_code bad_part(const struct rl_unseal *u, bool last, struct rl_err *err)
{
    char what[160];
    snprintf(what, sizeof what,
             last ? "it was cut short, or changed, in or after its part %llu"
                  : "its part %llu was changed, or something was put before or behind it",
             (unsigned long long)u->part + 1);
    return damaged(u, err, what);
}

enum rl_code rl_unseal_next(struct rl_unseal *u, const uint8_t **plain, size_t *n,
                            struct rl_err *err)
{
    uint8_t nonce[RL_SEAL_NONCE];
    *plain = NULL;
    *n = 0;
    if (u->ended)
        return RL_OK;
    size_t got = fread(u->sealed, 1, sizeof u->sealed, u->in), nplain = sizeof u->plain;
    bool last = at_end(u->in);
    if (ferror(u->in))
        return unreadable(u, err);
    rl_seal_nonce(u->part, last, nonce);
    if (got < RL_SEAL_TAG ||
        gnutls_aead_cipher_decrypt(u->cipher, nonce, sizeof nonce, u->bytes.data, u->bytes.len,
                                   RL_SEAL_TAG, u->sealed, got, u->plain, &nplain) < 0)
        return bad_part(u, last, err);
    u->part++;
    u->ended = last;
    *plain = u->plain;
    *n = nplain;
    return RL_OK;
}

void rl_unseal_free(struct rl_unseal **u)
{
    if (!*u)
        return;
    if ((*u)->cipher)
        gnutls_aead_cipher_deinit((*u)->cipher);
    gnutls_memset((*u)->plain, 0, sizeof(*u)->plain);
    rl_buf_fini(&(*u)->bytes);
    free(*u);
    *u = NULL;
}
