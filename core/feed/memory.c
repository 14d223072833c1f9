#include <osipparser2/osip_parser.h>
#include <stdlib.h>

#include "feed/parts.h"

/* libosip2 forgets memory when it gives up half-way, for example on a broken multipart body:
 * whoever sends such messages could fill the machine. So every block it takes is on the list of the
 * message under way and goes with it. */
struct rl_sip_block {
    struct rl_sip_block *next, **at; /* `at` is what points here */
    max_align_t data[];
};

static struct rl_sip_block **blocks; /* of the message under way */

static void *link_block(struct rl_sip_block *b)
{
    b->next = *blocks;
    b->at = blocks;
    if (b->next != NULL)
        b->next->at = &b->next;
    *blocks = b;
    return b->data;
}

static struct rl_sip_block *unlink_block(void *data)
{
    struct rl_sip_block *b =
        (struct rl_sip_block *)(void *)((char *)data - offsetof(struct rl_sip_block, data));

    *b->at = b->next;
    if (b->next != NULL)
        b->next->at = b->at;
    return b;
}

static void *take(size_t n)
{
    return link_block(rl_realloc(NULL, sizeof(struct rl_sip_block) + n));
}

static void *take_again(void *data, size_t n)
{
    struct rl_sip_block *b = data == NULL ? NULL : unlink_block(data);

    return link_block(rl_realloc(b, sizeof *b + n));
}

static void give_back(void *data)
{
    if (data != NULL)
        free(unlink_block(data));
}

void rl_sip_memory_init(void)
{
    osip_set_allocators(take, take_again, give_back);
}

void rl_sip_memory_begin(struct rl_sip_block **list)
{
    while (*list != NULL) {
        struct rl_sip_block *b = *list;
        *list = b->next;
        free(b);
    }
    blocks = list;
}
