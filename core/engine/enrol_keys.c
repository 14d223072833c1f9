#include "engine/enrol_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "control/ring.h"
#include "enrol/keyask.h"
#include "pki/tls.h"
#include "policy/tlsform.h"

struct rl_enrol_keys {
    const struct rl_engine *engine;
    int fd;
    struct rl_enrol_key_use *use;
    uv_thread_t thread;
};

static bool same(const char *hex, const struct rl_bytes *fingerprint)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < fingerprint->n; i++)
        if (hex[2 * i] != digits[fingerprint->p[i] >> 4] ||
            hex[2 * i + 1] != digits[fingerprint->p[i] & 15])
            return false;
    return true;
}

/* The key of that certificate, if it is one that enrol shows. Borrowed from the ring. */
static const struct rl_key *find_key(const struct rl_ring *ring, const struct rl_bytes *fingerprint)
{
    for (size_t i = 0; i < ring->n; i++) {
        const struct rl_ring_entry *e = &ring->entry[i];
        if ((e->role == RL_CERT_CAPF || e->role == RL_CERT_TVS) && !e->ec &&
            e->state == RL_OWN_ACTIVE && same(e->cert.fingerprint, fingerprint))
            return e->key;
    }
    return NULL;
}

static bool sign(const struct rl_enrol_keys *k, const struct rl_key *key,
                 const struct rl_keyask *ask, struct rl_buf *out)
{
    if (!rl_policy_tls_signable(ask->scheme, ask->data.p, ask->data.n) ||
        !rl_tls_sign(key, ask->scheme, ask->data.p, ask->data.n, out))
        return false;
    k->use->signatures++;
    return true;
}

static bool decrypt(const struct rl_enrol_keys *k, const struct rl_key *key,
                    const struct rl_keyask *ask, struct rl_buf *out)
{
    uint8_t premaster[RL_TLS_PREMASTER];
    if (!k->use->old_tls || ask->data.n != rl_key_bytes(key))
        return false;
    rl_tls_decrypt(key, ask->data.p, ask->data.n, premaster);
    rl_buf_add(out, premaster, sizeof premaster);
    explicit_bzero(premaster, sizeof premaster);
    k->use->decryptions++;
    return true;
}

/* The answer, and before it 1; or 0 alone. */
static void answer(const struct rl_enrol_keys *k, const uint8_t *packet, size_t n,
                   struct rl_buf *out)
{
    struct rl_keyask ask;
    struct rl_ring *ring = rl_ring_take(k->engine);
    const struct rl_key *key =
        rl_keyask_decode(packet, n, &ask) ? find_key(ring, &ask.fingerprint) : NULL;
    rl_buf_addc(out, 1);
    bool good =
        key && (ask.op == RL_KEYASK_SIGN ? sign(k, key, &ask, out) : decrypt(k, key, &ask, out));
    rl_ring_free(&ring);
    if (good)
        return;
    k->use->refused++;
    rl_buf_clear(out);
    rl_buf_addc(out, 0);
}

static void serve(void *ctx)
{
    const struct rl_enrol_keys *k = ctx;
    struct rl_buf out = {0};
    uint8_t packet[RL_KEYASK_MAX + 1];
    ssize_t n;
    while ((n = recv(k->fd, packet, sizeof packet, 0)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        answer(k, packet, (size_t)n, &out);
        n = send(k->fd, out.data, out.len, MSG_NOSIGNAL);
        explicit_bzero(out.data, out.len);
        rl_buf_clear(&out);
    }
    rl_buf_fini(&out);
}

struct rl_enrol_keys *rl_enrol_keys_start(const struct rl_engine *engine, int fd,
                                          struct rl_enrol_key_use *use)
{
    struct rl_enrol_keys *k = rl_alloc(sizeof *k);
    *k = (struct rl_enrol_keys){.engine = engine, .fd = fd, .use = use};
    if (uv_thread_create(&k->thread, serve, k) == 0)
        return k;
    close(fd);
    free(k);
    return NULL;
}

void rl_enrol_keys_stop(struct rl_enrol_keys **keys)
{
    struct rl_enrol_keys *k = *keys;
    *keys = NULL;
    if (!k)
        return;
    shutdown(k->fd, SHUT_RDWR);
    uv_thread_join(&k->thread);
    close(k->fd);
    free(k);
}
