#include <stdlib.h>

#include "control/json.h"
#include "control/methods.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "ringlock/time.h"

enum { IDLE_S = 60, EXPORT_PAGE = 1000, EXPORT_BYTES = 400 * 1024 };

/* One import of one connection: it holds the store's transaction, so nothing else is changed
 * meanwhile. */
struct rl_importing {
    struct rl_import *import;
    struct rl_act act;
    const char **accept; /* owned, with its texts */
    struct rl_problems problems;
    enum rl_kind kind;
    bool dry_run;
    size_t lines;
    int64_t last_us; /* when a part came last */
};

static const char **copy_accept(const struct rl_request *rq)
{
    const char **list = rl_param_accept(rq);
    for (size_t i = 0; list[i]; i++)
        list[i] = rl_strdup(list[i]);
    return list;
}

/* Frees all but the import itself, which rl_import_end or rl_import_abort took. */
static void forget(struct rl_peer *peer)
{
    struct rl_importing *im = peer->importing;
    struct rl_engine *e = rl_rpc_engine(peer->rpc);
    for (size_t i = 0; im->accept[i]; i++)
        free((char *)im->accept[i]);
    free(im->accept);
    rl_problems_fini(&im->problems);
    free(im);
    peer->importing = NULL;
    e->importer = NULL;
    e->audit.accepted = NULL;
}

void rl_importing_end(struct rl_peer *peer)
{
    if (!peer->importing)
        return;
    rl_import_abort(&peer->importing->import);
    forget(peer);
}

void rl_importing_tick(struct rl_engine *engine, int64_t now_us)
{
    struct rl_peer *peer = engine->importer;
    if (!peer || now_us - peer->importing->last_us < IDLE_S * 1000000LL)
        return;
    rl_log(RL_LOG_WARNING, "the import of %s was given up: nothing came for %d s", peer->who.user,
           IDLE_S);
    rl_importing_end(peer);
}

json_t *rl_method_import_begin(struct rl_request *rq)
{
    struct rl_act act;
    enum rl_kind kind;
    if (rl_param_kind(rq, &kind) != RL_OK || rl_request_act(rq, NULL, &act) != RL_OK)
        return NULL;
    struct rl_importing *im = rl_alloc(sizeof *im);
    im->kind = kind;
    im->dry_run = rl_param_bool(rq, "dry_run");
    im->accept = copy_accept(rq);
    im->act = act;
    im->act.accepted = rq->engine->audit.accepted = im->accept;
    im->last_us = rl_monotonic_us();
    rq->peer->importing = im;
    if (rl_import_begin(&im->act, kind, im->dry_run, &im->import, &rq->err) != RL_OK) {
        forget(rq->peer);
        return NULL;
    }
    rq->engine->importer = rq->peer;
    return json_object();
}

static struct rl_importing *under_way(struct rl_request *rq)
{
    if (!rq->peer->importing)
        rl_fail(&rq->err, RL_E_USAGE, "import", "No import is under way on this connection.");
    return rq->peer->importing;
}

static size_t count_lines(const char *csv, size_t n)
{
    size_t lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += csv[i] == '\n';
    return lines;
}

/* Problems are told at the end, all together; here only how many there are. */
json_t *rl_method_import_part(struct rl_request *rq)
{
    struct rl_importing *im = under_way(rq);
    const json_t *csv = json_object_get(rq->params, "csv");
    if (!im)
        return NULL;
    im->last_us = rl_monotonic_us();
    im->lines += count_lines(json_string_value(csv), json_string_length(csv));
    rl_import_part(im->import, json_string_value(csv), json_string_length(csv), &im->problems);
    return json_pack("{s:I, s:I}", "lines", (json_int_t)im->lines, "errors",
                     (json_int_t)im->problems.errors);
}

json_t *rl_method_import_end(struct rl_request *rq)
{
    struct rl_importing *im = under_way(rq);
    struct rl_import_counts n = {0};
    if (!im)
        return NULL;
    enum rl_code code = rl_import_end(&im->import, &n, &im->problems);
    bool dry_run = im->dry_run;
    rq->problems = im->problems; /* taken: told with the error, or with the result */
    im->problems = (struct rl_problems){0};
    enum rl_kind kind = im->kind;
    forget(rq->peer);
    if (code != RL_OK) {
        rl_request_problem(rq, code);
        return NULL;
    }
    if (!dry_run)
        rl_request_changed(rq, kind, NULL, 0);
    return json_pack("{s:I, s:I, s:I, s:I, s:b, s:o, s:o}", "lines", (json_int_t)n.lines, "added",
                     (json_int_t)n.added, "changed", (json_int_t)n.changed, "same",
                     (json_int_t)n.same, "dry_run", dry_run, "warnings",
                     rl_json_warnings(&rq->problems), "notes",
                     rl_json_apply_notes(dry_run ? 0 : n.phones));
}

json_t *rl_method_import_abort(struct rl_request *rq)
{
    if (!under_way(rq))
        return NULL;
    rl_importing_end(rq->peer);
    return json_object();
}

/* As many rows as fit into one line: a part that is too long is asked for again, shorter. */
json_t *rl_method_export(struct rl_request *rq)
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
