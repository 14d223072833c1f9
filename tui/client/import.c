#include "client/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/text.h"
#include "ringlock/time.h"

enum {
    PART = 128 * 1024, /* stays below a line of the protocol when every byte is escaped */
    AHEAD = 3 /* parts sent before the first of them is answered: the engine is never idle */
};

struct rl_importing {
    struct rl_client *client;
    struct rl_import_spec spec;
    struct rl_import_progress progress;
    struct rl_buf held;    /* read, not sent: at most the start of one character */
    int line;              /* of the next byte */
    bool last;             /* the file is read to its end */
    unsigned asked[AHEAD]; /* questions under way, the first leading */
    size_t nasked;
};

static void import_free(struct rl_importing *im)
{
    rl_buf_fini(&im->held);
    json_decref(im->spec.accept);
    free((char *)im->spec.name);
    free(im);
}

/* Tell how it ended; frees. */
static void end(struct rl_importing *im, const json_t *result, const struct rl_err *err,
                const json_t *problems)
{
    rl_answer_fn done = im->spec.done;
    void *ctx = im->spec.ctx;
    import_free(im);
    done(ctx, result, err, problems);
}

static void nothing(void *ctx, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    (void)ctx, (void)result, (void)err, (void)problems;
}

static void ask(struct rl_importing *im, const char *method, json_t *params, rl_answer_fn fn)
{
    im->asked[im->nasked++] = rl_client_call(im->client, method, params, fn, im);
}

static void drop_asked(struct rl_importing *im)
{
    while (im->nasked > 0)
        rl_client_drop(im->client, im->asked[--im->nasked]);
}

/* What was asked is answered in that order. */
static void note_answer(struct rl_importing *im)
{
    memmove(im->asked, im->asked + 1, --im->nasked * sizeof im->asked[0]);
}

static void abort_import(struct rl_importing *im)
{
    drop_asked(im);
    rl_client_call(im->client, "import.abort", NULL, nothing, NULL);
}

static void fail(struct rl_importing *im, const struct rl_err *err, const json_t *problems)
{
    abort_import(im);
    end(im, NULL, err, problems);
}

/* ---- the text ---- */

/* Count lines up to the byte at fault, for the message. */
static void count_lines(struct rl_importing *im, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        im->line += bytes[i] == '\n';
}

/* Length of the start of the text that is whole UTF-8 without NUL. */
static size_t good_length(const char *text, size_t n)
{
    size_t at = 0;
    uint32_t cp;
    int len;
    while (at < n && text[at] && (len = rl_text_decode(text + at, n - at, &cp)) > 0)
        at += (size_t)len;
    return at;
}

/* True if the rest may be the start of a character whose end is still to be read. */
static bool may_go_on(const char *rest, size_t n)
{
    return n < 4 && (unsigned char)rest[0] >= 0xc2 && (unsigned char)rest[0] <= 0xf4;
}

static enum rl_code refuse_text(const struct rl_importing *im, const char *what, struct rl_err *err)
{
    return rl_fail(err, RL_E_CSV, im->spec.name, "%s:%d: %s.", im->spec.name, im->line, what);
}

/* Read until there is something to send, or the end; *n is the length of the whole text held. */
static enum rl_code read_part(struct rl_importing *im, size_t *n, struct rl_err *err)
{
    static char part[PART];
    *n = 0;
    while (*n == 0 && !im->last) {
        ssize_t got = read(im->spec.fd, part, sizeof part);
        if (got < 0)
            return rl_fail(err, RL_E_IO, im->spec.name, "%s cannot be read: %s.", im->spec.name,
                           strerror(errno));
        rl_buf_add(&im->held, part, (size_t)got);
        im->progress.read += got;
        im->last = got == 0;
        *n = good_length(rl_buf_str(&im->held), im->held.len);
        const char *rest = rl_buf_str(&im->held) + *n;
        size_t left = im->held.len - *n;
        count_lines(im, rl_buf_str(&im->held), *n);
        if (left > 0 && (im->last || !may_go_on(rest, left)))
            return refuse_text(im, *rest ? "this is not valid UTF-8" : "there is a NUL byte", err);
    }
    return RL_OK;
}

/* ---- the questions ---- */

static void ended(void *ctx, const json_t *result, const struct rl_err *err, const json_t *problems)
{
    end(ctx, result, err, problems);
}

static void tell_progress(struct rl_importing *im)
{
    if (im->spec.progress)
        im->spec.progress(im->spec.ctx, &im->progress);
}

static void answered(void *ctx, const json_t *result, const struct rl_err *err,
                     const json_t *problems);

static void send_parts(struct rl_importing *im)
{
    struct rl_err err = {0};
    while (!im->last && im->nasked < AHEAD) {
        size_t n;
        if (read_part(im, &n, &err) != RL_OK) {
            fail(im, &err, NULL);
            return;
        }
        if (n > 0)
            ask(im, "import.part", json_pack("{s:s%}", "csv", rl_buf_str(&im->held), n), answered);
        rl_buf_drop(&im->held, n);
    }
    if (im->nasked > 0)
        return;
    im->progress.ending = true;
    ask(im, "import.end", NULL, ended);
    tell_progress(im);
}

static void answered(void *ctx, const json_t *result, const struct rl_err *err,
                     const json_t *problems)
{
    struct rl_importing *im = ctx;
    note_answer(im);
    if (err) {
        fail(im, err, problems);
        return;
    }
    im->progress.lines = json_integer_value(json_object_get(result, "lines"));
    im->progress.errors = json_integer_value(json_object_get(result, "errors"));
    tell_progress(im);
    send_parts(im);
}

static void begun(void *ctx, const json_t *result, const struct rl_err *err, const json_t *problems)
{
    struct rl_importing *im = ctx;
    note_answer(im);
    (void)result;
    if (err)
        end(im, NULL, err, problems);
    else
        send_parts(im);
}

struct rl_importing *rl_import_start(struct rl_client *client, const struct rl_import_spec *spec)
{
    struct rl_importing *im = rl_alloc(sizeof *im);
    struct stat st;
    im->client = client;
    im->spec = *spec;
    im->spec.name = rl_strdup(spec->name);
    im->line = 1;
    im->progress =
        (struct rl_import_progress){.dry_run = spec->dry_run, .began_us = rl_monotonic_us()};
    if (fstat(spec->fd, &st) == 0 && S_ISREG(st.st_mode))
        im->progress.size = st.st_size;
    ask(im, "import.begin",
        json_pack("{s:s, s:b, s:O}", "kind", spec->kind, "dry_run", spec->dry_run, "accept",
                  spec->accept),
        begun);
    return im;
}

static void stopped(void *ctx, const json_t *result, const struct rl_err *err,
                    const json_t *problems)
{
    struct rl_importing *im = ctx;
    struct rl_err why = {0};
    (void)result, (void)problems;
    rl_fail(&why, RL_E_CANCELLED, im->spec.name, "%s was stopped: nothing was changed.",
            im->spec.name);
    end(im, NULL, err && err->code == RL_E_NO_ENGINE ? err : &why, NULL);
}

/* What is being stored is stored or not when its answer is there, and only then. */
void rl_import_stop(struct rl_importing *im)
{
    if (im->progress.ending) {
        rl_client_cancel(im->client, im->asked[0]);
        return;
    }
    drop_asked(im);
    ask(im, "import.abort", NULL, stopped);
    im->progress.ending = true;
}

void rl_import_forget(struct rl_importing **im)
{
    if (!*im)
        return;
    abort_import(*im);
    import_free(*im);
    *im = NULL;
}

/* ---- what is told ---- */

void rl_import_progress_text(const struct rl_import_progress *p, struct rl_buf *out)
{
    const char *what = !p->ending ? "reading" : p->dry_run ? "checking" : "storing";
    rl_buf_addf(out, "%s: %lld lines", what, p->lines);
    if (p->size > 0 && p->read <= p->size)
        rl_buf_addf(out, " (%lld %%)", p->read * 100 / p->size);
    rl_buf_addf(out, ", %lld error%s, %lld s", p->errors, p->errors == 1 ? "" : "s",
                (long long)((rl_monotonic_us() - p->began_us) / 1000000));
}

static long long count_of(const json_t *result, const char *key)
{
    return json_integer_value(json_object_get(result, key));
}

void rl_import_counts_text(const char *file, const json_t *result, struct rl_buf *out)
{
    bool dry = json_is_true(json_object_get(result, "dry_run"));
    rl_buf_addf(out, "%s: %lld lines, %lld added, %lld changed, %lld as before%s", file,
                count_of(result, "lines"), count_of(result, "added"), count_of(result, "changed"),
                count_of(result, "same"), dry ? " (dry run: nothing was changed)" : "");
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

void rl_import_problem_text(const char *file, const json_t *problem, struct rl_buf *out)
{
    const char *field = text_of(problem, "field"), *remedy = text_of(problem, "remedy");
    rl_buf_addf(out, "%s:%lld: %s%s%s: %s%s%s", file, count_of(problem, "line"), field,
                *field ? ": " : "", text_of(problem, "code"), text_of(problem, "message"),
                *remedy ? " " : "", remedy);
}
