/* bench_lists: how many trust lists a site makes in a second of a processor, each verified before
 * it would be published, beside what the signature and its check alone cost in the same run. Prints
 * "HASH BUILDS BARE" a line: lists a second, and bare pairs of signature and check a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/listmake.h"
#include "control/ownmake.h"
#include "pki/rsa.h"
#include "ringlock/time.h"

enum { KINDS_MAX = 16, ROUNDS = 300, SECOND_US = 1000000 };

static struct rl_ring_entry entry[KINDS_MAX];
static size_t entries;

static void fail(const struct rl_err *err)
{
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

/* A certificate of each kind, as a new site has them. */
static void make_ring(const char *keys)
{
    const struct rl_own_kind *kind;
    struct rl_err err = {0};
    while ((kind = rl_own_kind(entries))) {
        const struct rl_own_order order = {.kind = kind,
                                           .key = kind->key,
                                           .keys = keys,
                                           .organization = "bench",
                                           .first = true,
                                           .now_us = rl_now_us()};
        struct rl_own_made made;
        if (rl_own_make(&order, &made, &err))
            fail(&err);
        rl_own_made_drop(&made, keys);
        entry[entries++] = (struct rl_ring_entry){.role = kind->role,
                                                  .ec = kind->ec,
                                                  .state = RL_OWN_ACTIVE,
                                                  .cert = made.cert,
                                                  .key = made.key};
        free(made.file);
    }
}

/* Microseconds of processor so far: other programs may run meanwhile. */
static int64_t spent_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

static double builds(const struct rl_ring *ring, bool sha512, struct rl_buf *last)
{
    const struct rl_list_rules rules = {.sha512 = sha512, .ec = true};
    struct rl_err err = {0};
    int64_t begin = spent_us(), now = rl_now_us();
    for (int i = 0; i < ROUNDS; i++) {
        rl_buf_clear(last);
        if (rl_list_make(ring, RL_LIST_CTL, &rules, 1, now, last, NULL, &err))
            fail(&err);
    }
    return (double)ROUNDS * SECOND_US / (double)(spent_us() - begin);
}

static double bare(const struct rl_ring *ring, bool sha512, const struct rl_buf *list)
{
    const struct rl_ring_entry *e = rl_ring_find(ring, RL_CERT_ITLRECOVERY, false, RL_OWN_ACTIVE);
    const struct rl_bytes piece = {(const uint8_t *)list->data, list->len};
    enum rl_rsa_hash hash = sha512 ? RL_RSA_SHA512 : RL_RSA_SHA1;
    uint8_t out[RL_TRUST_SIGNATURE_MAX];
    const struct rl_bytes signature = {out, rl_key_bytes(e->key)};
    struct rl_err err = {0};
    int64_t begin = spent_us();
    for (int i = 0; i < ROUNDS; i++)
        if (rl_rsa_sign(e->key, hash, &piece, 1, out, &err) ||
            !rl_rsa_verify(e->cert.der, e->cert.nder, hash, &piece, 1, &signature))
            fail(&err);
    return (double)ROUNDS * SECOND_US / (double)(spent_us() - begin);
}

int main(void)
{
    char keys[] = "/tmp/rlbench.XXXXXX";
    struct rl_buf list = {0};
    if (!mkdtemp(keys))
        return 1;
    make_ring(keys);
    const struct rl_ring ring = {.entry = entry, .n = entries};
    for (int sha512 = 0; sha512 < 2; sha512++) {
        double made = builds(&ring, sha512, &list);
        printf("%s %.0f %.0f\n", sha512 ? "SHA-512" : "SHA-1", made, bare(&ring, sha512, &list));
    }
    rl_buf_fini(&list);
    rmdir(keys);
    return 0;
}
