/* For tests of trust files: the vectors in tests/vectors/trust. */
#ifndef VECTORS_H
#define VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki/cert.h"
#include "pki/rsa.h"
#include "ringlock/buf.h"

#define VECTORS "tests/vectors/trust/"

/* The path of a file; owned. */
static inline char *vector_path(const char *folder, const char *name)
{
    return rl_asprintf(VECTORS "%s/%s", folder, name);
}

/* All of a file, in a block of its own; freed with vector_free. */
static inline struct rl_bytes vector_read(const char *folder, const char *name)
{
    char *path = vector_path(folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s is missing", path);
    free(path);
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = malloc(n ? n : 1);
    assert_int_equal(fread(bytes, 1, n, f), n);
    fclose(f);
    return (struct rl_bytes){bytes, n};
}

static inline void vector_free(struct rl_bytes *bytes)
{
    free((void *)bytes->p);
}

/* A certificate of certs/ ("sast.pem"), and its key; both owned. */
static inline struct rl_cert vector_cert(const char *name)
{
    char *path = vector_path("certs", name);
    struct rl_cert cert;
    struct rl_err err = {0};
    if (rl_cert_load(path, &cert, &err) != RL_OK)
        fail_msg("%s", err.text);
    free(path);
    return cert;
}

static inline struct rl_key *vector_key(const char *name)
{
    struct rl_key *key;
    struct rl_err err = {0};
    struct rl_bytes pem = vector_read("certs", name);
    if (rl_key_read(pem.p, pem.n, name, &key, &err) != RL_OK)
        fail_msg("%s", err.text);
    vector_free(&pem);
    return key;
}

/* One line of verdicts.tsv after the other whose file begins with this letter. */
struct vector_verdict {
    char file[80], verdict[16];
};

static inline size_t vector_verdicts(char letter, struct vector_verdict *out, size_t max)
{
    size_t n = 0;
    char line[1024];
    FILE *f = fopen(VECTORS "bad/verdicts.tsv", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        if (line[0] != letter)
            continue;
        assert_true(n < max);
        assert_int_equal(sscanf(line, "%79[^\t]\t%*[^\t]\t%*[^\t]\t%*[^\t]\t%15[^\t]", out[n].file,
                                out[n].verdict),
                         2);
        n++;
    }
    fclose(f);
    return n;
}

#endif
