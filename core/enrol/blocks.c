/* The blocks of memory that GnuTLS takes in a handshake and has not given back, as far as they have
 * the size of what is signed in TLS 1.2: two randoms and the parameters of a curve (RFC 8422 5.4).
 * There is no other way to see it. What is found there is compared with the hash that is asked for,
 * so that nothing else can be taken for it. */
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "enrol/process.h"

enum { BLOCKS = 16, LEAST = 64 + 4 + 32, MOST = 64 + 4 + 133 };

static struct rl_enrol_block blocks[BLOCKS]; /* p NULL = free */
static size_t next;
static bool keeping;

static void *keep(void *p, size_t n)
{
    if (keeping && p != NULL && n >= LEAST && n <= MOST)
        blocks[next++ % BLOCKS] = (struct rl_enrol_block){p, n};
    return p;
}

static void forget(const void *p)
{
    for (size_t i = 0; keeping && i < BLOCKS; i++)
        if (blocks[i].p == p)
            blocks[i] = (struct rl_enrol_block){NULL, 0};
}

static void *take(size_t n)
{
    return keep(malloc(n), n);
}

static void *take_again(void *p, size_t n)
{
    forget(p);
    return keep(realloc(p, n), n);
}

static void give_back(void *p)
{
    forget(p);
    free(p);
}

void rl_enrol_blocks_watch(void)
{
    gnutls_malloc = take;
    gnutls_realloc = take_again;
    (gnutls_free) = give_back;
}

void rl_enrol_blocks_keep(bool on)
{
    keeping = on;
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = (struct rl_enrol_block){NULL, 0};
}

bool rl_enrol_block(size_t i, struct rl_enrol_block *out)
{
    for (size_t k = 0; k < BLOCKS; k++)
        if (blocks[k].p != NULL && i-- == 0) {
            *out = blocks[k];
            return true;
        }
    return false;
}
