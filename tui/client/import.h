/* A CSV file of objects on its way into the engine: read and sent in parts, one question at a time,
 * driven by the client's loop. Commands and console both import by it. Until its end nothing is
 * changed. */
#ifndef RL_CLIENT_IMPORT_H
#define RL_CLIENT_IMPORT_H

#include "client/client.h"
#include "ringlock/buf.h"

/* How far an import is. */
struct rl_import_progress {
    bool ending;      /* all is sent: it is checked as a whole and stored */
    bool dry_run;     /* or only checked */
    long long size;   /* bytes of the file, 0 = unknown */
    long long read;   /* bytes */
    long long lines;  /* that the engine has taken */
    long long errors; /* that it found */
    int64_t began_us; /* monotonic */
};

struct rl_import_spec {
    const char *kind; /* "phones" */
    const char *name; /* of the file, as messages tell it */
    int fd;           /* it, open for reading; borrowed until the end */
    bool dry_run;     /* check everything, change nothing */
    json_t *accept;   /* warnings that are said yes to: codes, an array; taken */
    void *ctx;
    void (*progress)(void *ctx, const struct rl_import_progress *progress); /* may be NULL */
    /* Once, unless it is forgotten before: as the answer of import.end. E-CANCELLED when it was
     * stopped, E-CSV when the file is no text, E-IO when it cannot be read. */
    rl_answer_fn done;
};

struct rl_importing;

/* Begin; `spec` is copied. It ends, and is freed, with `done`, which is called from the loop. */
struct rl_importing *rl_import_start(struct rl_client *client, const struct rl_import_spec *spec);
/* Stop: `done` tells E-CANCELLED and nothing is changed, or the result if it was too late. */
void rl_import_stop(struct rl_importing *im);
/* Nobody waits for it any more: nothing is changed, `done` is not called. Frees, sets NULL. */
void rl_import_forget(struct rl_importing **im);

/* "reading: 1200 lines (45 %), 0 errors, 3 s"; appended. */
void rl_import_progress_text(const struct rl_import_progress *progress, struct rl_buf *out);
/* "FILE: 4 lines, 1 added, ..." of the result of import.end; appended. */
void rl_import_counts_text(const char *file, const json_t *result, struct rl_buf *out);

/* "FILE:7: column: E-CODE: sentence remedy" of a problem that the engine told; appended. */
void rl_import_problem_text(const char *file, const json_t *problem, struct rl_buf *out);

#endif
