/* A HEP recording held in memory, for the tools that measure. */
#ifndef RL_BENCH_LOAD_H
#define RL_BENCH_LOAD_H

#include <stdio.h>
#include <stdlib.h>

#include "ringlock/buf.h"
#include "ringlock/hepfile.h"

struct load {
    struct rl_buf bytes, ends; /* the datagrams, and where each ends (size_t) */
    size_t n;
};

/* Fill an empty load from a recording; a bad one ends the program with a sentence. */
static inline void load_read(const char *path, struct load *load)
{
    struct rl_err err;
    struct rl_hepfile *file;
    struct rl_hep_record rec;
    bool more = true;

    if (rl_hepfile_open(path, &file, &err) != RL_OK)
        goto failed;
    while (rl_hepfile_next(file, &rec, &more, &err) == RL_OK && more) {
        rl_buf_add(&load->bytes, rec.bytes, rec.n);
        rl_buf_add(&load->ends, &load->bytes.len, sizeof load->bytes.len);
        load->n++;
    }
    rl_hepfile_close(&file);
    if (!more)
        return;
failed:
    fprintf(stderr, "%s\n", err.text);
    exit(1);
}

#endif
