/* An import: it holds the store's transaction, so nothing else is changed meanwhile. The thread
 * that writes takes its parts and its end, the loop waits for neither. */
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "control/work.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/time.h"

enum { IDLE_S = 60, EXPORT_PAGE = 1000, EXPORT_BYTES = 400 * 1024 };

/* One import of one connection. While questions are under way it is the writing thread's, but for
 * the members that say whose it is. */
struct rl_importing {
    struct rl_engine *engine;
    struct rl_peer *peer; /* NULL: its connection is gone, it ends when nothing is under way */
    size_t asked;         /* questions under way */
    bool ending;          /* its end was asked for */
    bool torn;            /* a part was cancelled before it was taken: it can only be undone */
    int64_t last_us;      /* when a question came last */

    struct rl_import *import; /* NULL once it has ended */
    struct rl_apart apart;
    struct rl_problems problems;
    struct rl_import_counts counts;
    enum rl_kind kind;
    enum rl_code code; /* of its end */
    bool dry_run;
    size_t lines;
};

static void forget(struct rl_importing *im)
{
    struct rl_engine *e = im->engine;
    rl_problems_fini(&im->problems);
    if (im->peer)
        im->peer->importing = NULL;
    e->importing = NULL;
    rl_apart_fini(&im->apart);
    free(im);
}

static json_t *undo(struct rl_request *rq)
{
    struct rl_importing *im = rq->ctx;
    rl_import_abort(&im->import);
    return json_object();
}

static json_t *undone(struct rl_request *rq, json_t *result)
{
    forget(rq->ctx);
    return result;
}

/* What was not ended is undone first, which takes long if it was much. */
static void give_up(struct rl_importing *im)
{
    static const struct rl_work undoing = {.run = undo, .finish = undone, .writes = true};
    if (!im->import) {
        forget(im);
        return;
    }
    if (im->peer)
        im->peer->importing = NULL;
    im->peer = NULL;
    im->asked++;
    rl_works_do(im->engine, &undoing, im);
}

const char *rl_importing_user(const struct rl_engine *engine)
{
    return engine->importing ? engine->importing->apart.who : NULL;
}

void rl_importing_end(struct rl_peer *peer)
{
    struct rl_importing *im = peer->importing;
    if (!im)
        return;
    peer->importing = NULL;
    im->peer = NULL;
    if (!im->asked)
        give_up(im);
}

void rl_importing_tick(struct rl_engine *engine, int64_t now_us)
{
    struct rl_importing *im = engine->importing;
    if (!im || im->asked || now_us - im->last_us < IDLE_S * 1000000LL)
        return;
    rl_log(RL_LOG_WARNING, "the import of %s was given up: nothing came for %d s", im->apart.who,
           IDLE_S);
    give_up(im);
}

json_t *rl_method_import_begin(struct rl_request *rq)
{
    enum rl_kind kind;
    if (rl_param_kind(rq, &kind) != RL_OK)
        return NULL;
    struct rl_importing *im = rl_alloc(sizeof *im);
    if (rl_request_apart(rq, &im->apart) != RL_OK) {
        free(im);
        return NULL;
    }
    im->engine = rq->engine;
    im->kind = kind;
    im->dry_run = rl_param_bool(rq, "dry_run");
    im->last_us = rl_monotonic_us();
    if (rl_import_begin(&im->apart.act, kind, im->dry_run, &im->import, &rq->err) != RL_OK) {
        forget(im);
        return NULL;
    }
    im->peer = rq->peer;
    rq->peer->importing = rq->engine->importing = im;
    return json_object();
}

/* The import that this question is of; it is under way from now on. */
static struct rl_importing *ask(struct rl_request *rq)
{
    struct rl_importing *im = rq->peer->importing;
    if (!im || im->ending) {
        rl_fail(&rq->err, RL_E_USAGE, "import", "No import is under way on this connection.");
        return NULL;
    }
    im->asked++;
    im->last_us = rl_monotonic_us();
    rq->ctx = im;
    return im;
}

static void answered(struct rl_importing *im)
{
    if (!--im->asked && (!im->peer || im->ending))
        give_up(im);
}

static size_t count_lines(const char *csv, size_t n)
{
    size_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += csv[i] == '\n';
    return lines;
}

/* Problems are told at the end, all together; here only how many there are. */
static json_t *take_part(struct rl_request *rq)
{
    struct rl_importing *im = rq->ctx;
    const json_t *csv = json_object_get(rq->params, "csv");
    im->lines += count_lines(json_string_value(csv), json_string_length(csv));
    rl_import_part(im->import, json_string_value(csv), json_string_length(csv), &im->problems);
    return json_pack("{s:I, s:I}", "lines", (json_int_t)im->lines, "errors",
                     (json_int_t)im->problems.errors);
}

static json_t *part_taken(struct rl_request *rq, json_t *result)
{
    struct rl_importing *im = rq->ctx;
    im->torn |= !result;
    answered(im);
    return result;
}

json_t *rl_method_import_part(struct rl_request *rq)
{
    static const struct rl_work work = {.run = take_part, .finish = part_taken, .writes = true};
    return ask(rq) ? rl_work_later(rq, &work) : NULL;
}

/* Commits, and writes the entries into audit.log. */
static json_t *end(struct rl_request *rq)
{
    struct rl_importing *im = rq->ctx;
    struct rl_err err = {0};
    if (im->torn) {
        rl_import_abort(&im->import);
        rl_fail(&rq->err, RL_E_CANCELLED, "import", "A part of the import was stopped.");
        return NULL;
    }
    im->code = rl_import_end(&im->import, &im->counts, &im->problems);
    if (im->code == RL_OK && !im->dry_run && rl_audit_flush(&im->apart.audit, &err) != RL_OK)
        rl_log_err(RL_LOG_ERROR, &err);
    return json_null();
}

static json_t *ended_json(struct rl_request *rq, const struct rl_importing *im)
{
    const struct rl_import_counts *n = &im->counts;
    return json_pack("{s:I, s:I, s:I, s:I, s:b, s:o, s:o}", "lines", (json_int_t)n->lines, "added",
                     (json_int_t)n->added, "changed", (json_int_t)n->changed, "same",
                     (json_int_t)n->same, "dry_run", im->dry_run, "warnings",
                     rl_json_warnings(&rq->problems), "notes",
                     rl_json_apply_notes(im->dry_run ? 0 : n->phones));
}

/* `ran` is NULL if the end was cancelled before it began: what was taken is undone. */
static json_t *ended(struct rl_request *rq, json_t *ran)
{
    struct rl_importing *im = rq->ctx;
    struct rl_engine *e = im->engine;
    json_t *result = NULL;
    if (ran) {
        rq->problems = im->problems; /* taken: told with the error, or with the result */
        im->problems = (struct rl_problems){0};
        e->audit.written = im->apart.audit.written;
        memcpy(e->audit.written_hash, im->apart.audit.written_hash, sizeof e->audit.written_hash);
    }
    if (ran && im->code == RL_OK)
        result = ended_json(rq, im);
    else if (ran)
        rl_request_problem(rq, im->code);
    bool changed = result && !im->dry_run;
    enum rl_kind kind = im->kind;
    json_decref(ran);
    answered(im);
    if (changed)
        rl_request_changed(rq, kind, NULL, 0);
    return result;
}

json_t *rl_method_import_end(struct rl_request *rq)
{
    static const struct rl_work work = {.run = end, .finish = ended, .writes = true};
    struct rl_importing *im = ask(rq);
    if (!im)
        return NULL;
    im->ending = true;
    return rl_work_later(rq, &work);
}

static json_t *aborted(struct rl_request *rq, json_t *result)
{
    answered(rq->ctx);
    return result;
}

json_t *rl_method_import_abort(struct rl_request *rq)
{
    static const struct rl_work work = {.run = undo, .finish = aborted, .writes = true};
    struct rl_importing *im = ask(rq);
    if (!im)
        return NULL;
    im->ending = true;
    return rl_work_later(rq, &work);
}

/* As many rows as fit into one line: a part that is too long is asked for again, shorter. */
static json_t *export_part(struct rl_request *rq)
{
    enum rl_kind kind;
    struct rl_buf csv = {0};
    char *last = NULL;
    size_t limit = rl_param_limit(rq, EXPORT_PAGE);
    if (rl_param_kind(rq, &kind) != RL_OK)
        return NULL;
    for (;; limit /= 2) {
        if (rl_export_part(rq->store, kind, rl_param_text(rq, "after"), limit, &csv, &last,
                           &rq->err) != RL_OK) {
            rl_buf_fini(&csv);
            return NULL;
        }
        if (csv.len <= EXPORT_BYTES || limit == 1)
            break;
        rl_buf_clear(&csv);
        free(last);
        last = NULL;
    }
    json_t *result = json_pack("{s:o, s:o}", "csv", json_stringn(rl_buf_str(&csv), csv.len),
                               "after", rl_json_text(last));
    rl_buf_fini(&csv);
    free(last);
    return result;
}

json_t *rl_method_export(struct rl_request *rq)
{
    static const struct rl_work exporting = {.run = export_part};
    return rl_work_later(rq, &exporting);
}
