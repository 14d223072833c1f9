/* bench_feed RECORDING: how fast one core turns datagrams into records. The recording is held in
 * memory, parsed and encoded for SECONDS of processor time. Prints datagrams a second and
 * microseconds for each. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feed/parse.h"
#include "load.h"

enum { SECONDS = 3, SECOND_US = 1000000 };

/* Parse all once; returns how many became records. */
static size_t parse_all(struct rl_parser *parser, const struct load *load, struct rl_buf *out)
{
    const size_t *ends = (const size_t *)(const void *)load->ends.data;
    const uint8_t *bytes = (const uint8_t *)load->bytes.data;
    size_t begin = 0, records = 0;
    struct rl_rec rec;

    for (size_t i = 0; i < load->n; begin = ends[i++]) {
        if (rl_parse(parser, bytes + begin, ends[i] - begin, &rec) != RL_FEED_RECORD)
            continue;
        records++;
        rl_rec_encode(&rec, out);
        if (out->len > 256 * 1024)
            rl_buf_clear(out);
    }
    return records;
}

static int64_t cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    struct load load = {0};
    struct rl_buf out = {0};
    struct rl_parser *parser = rl_parser_new(&(struct rl_feed_config){.key = NULL});
    size_t datagrams = 0, records = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: bench_feed RECORDING\n");
        return 2;
    }
    load_read(argv[1], &load);
    int64_t begin = cpu_us(), spent;
    do {
        records += parse_all(parser, &load, &out);
        datagrams += load.n;
        spent = cpu_us() - begin;
    } while (spent < SECONDS * SECOND_US);
    printf("%.0f datagrams/s, %.2f us each, %.1f %% became records\n",
           (double)datagrams * SECOND_US / (double)spent, (double)spent / (double)datagrams,
           100.0 * (double)records / (double)datagrams);
    rl_parser_free(&parser);
    rl_buf_fini(&out);
    rl_buf_fini(&load.bytes);
    rl_buf_fini(&load.ends);
    return 0;
}
