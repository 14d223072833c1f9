#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/capf_step.h"
#include "control/certrow.h"
#include "control/certuse.h"
#include "control/change.h"
#include "ringlock/text.h"
#include "store/certs.h"

enum { LSCS_MAX = 4 }; /* on file for one phone, while it is not known which it has */

/* One step on its way into the store. */
struct writing {
    struct rl_capf_step *step;
    const struct rl_act *act;
    struct rl_capf capf;
    char now[RL_TIME_TEXT];
    struct rl_problems problems;
    struct rl_err *err;
};

static enum rl_code failed(struct writing *w)
{
    const struct rl_err *first = rl_problems_first_error(&w->problems);
    if (first)
        *w->err = *first;
    return w->err->code ? w->err->code : RL_E_INTERNAL;
}

/* --- certificates on file --- */

static void note_filed(struct writing *w, const struct rl_row *row)
{
    struct rl_capf_step *step = w->step;
    step->filed = rl_realloc(step->filed, (step->nfiled + 1) * sizeof *step->filed);
    rl_row_copy(&step->filed[step->nfiled++], row);
}

static enum rl_code file(struct writing *w)
{
    struct rl_row row;
    bool lsc = strcmp(w->step->origin, "capf") == 0;
    char *name =
        rl_asprintf("%s %s %.8s", w->capf.name, lsc ? "LSC" : "MIC", w->step->cert.fingerprint);
    rl_cert_row(&w->step->cert, &row);
    rl_row_set(&row, RL_CERTIFICATE_NAME, name);
    rl_row_set(&row, RL_CERTIFICATE_STORE, RL_STORE_PHONES);
    rl_row_set(&row, RL_CERTIFICATE_DEVICE, w->capf.name);
    rl_row_set(&row, RL_CERTIFICATE_ORIGIN, w->step->origin);
    rl_row_set(&row, RL_CERTIFICATE_UPLOADED, w->now);
    rl_row_set(&row, RL_CERTIFICATE_USAGE, rl_cert_usage(&row));
    enum rl_code code = rl_cert_file(w->act, &row, &w->step->cert, &w->problems);
    if (!code)
        note_filed(w, &row);
    rl_row_fini(&row);
    free(name);
    return code ? failed(w) : RL_OK;
}

/* Takes it off file with its entry; its digest stays known as removed. Takes what is in `row`. */
static enum rl_code take_off(struct writing *w, struct rl_row *row)
{
    struct rl_change c;
    note_filed(w, row);
    rl_change_begin_with(&c, w->act, NULL, RL_CERTIFICATE, row, &w->problems);
    rl_row_fini(&c.row); /* nothing is left after a removal */
    enum rl_code code = rl_store_cert_remove(w->act->store, rl_row_get(&c.old, 0), w->now, w->err);
    if (!code && rl_change_audit(&c) != RL_OK)
        code = failed(w);
    rl_change_end(&c);
    return code;
}

/* The LSCs of the phone that CAPF made, the oldest first. */
struct lscs {
    struct rl_row row[2 * LSCS_MAX];
    size_t n;
};

static bool add_lsc(void *ctx, const struct rl_row *row)
{
    struct lscs *l = ctx;
    size_t at = l->n;
    if (!rl_row_is(row, RL_CERTIFICATE_ORIGIN, "capf"))
        return true;
    for (; at > 0 && l->row[at - 1].id > row->id; at--)
        l->row[at] = l->row[at - 1];
    rl_row_copy(&l->row[at], row);
    return ++l->n < sizeof l->row / sizeof *l->row;
}

static enum rl_code find_lscs(struct writing *w, struct lscs *l)
{
    l->n = 0;
    return rl_store_device_certs(w->act->store, w->capf.name, add_lsc, l, w->err);
}

enum which { ALL, ALL_BUT, ONLY };

/* Takes off file all LSCs, all but this one, or only this one. */
static enum rl_code drop(struct writing *w, enum which which, const char *fingerprint)
{
    struct lscs l;
    enum rl_code code = find_lscs(w, &l);
    for (size_t i = 0; i < l.n; i++) {
        bool is = rl_row_is(&l.row[i], RL_CERTIFICATE_FINGERPRINT, fingerprint);
        if (!code && (which == ALL || is == (which == ONLY)))
            code = take_off(w, &l.row[i]);
        else
            rl_row_fini(&l.row[i]);
    }
    return code;
}

/* A phone that comes again and again without an end may not fill the files: of those that it may
 * have, the one known longest and the newest stay. */
static enum rl_code make_room(struct writing *w)
{
    struct lscs l;
    enum rl_code code = find_lscs(w, &l);
    for (size_t i = 0; i < l.n; i++)
        if (!code && i >= 1 && i + LSCS_MAX <= l.n + 1)
            code = take_off(w, &l.row[i]);
        else
            rl_row_fini(&l.row[i]);
    return code;
}

/* --- the record --- */

static void set_time(char out[RL_TIME_TEXT], int64_t us)
{
    rl_time_text(us, 0, out);
}

/* When two thirds of its validity are over (profiles.md 5). */
static void plan_renewal(struct writing *w, const char *fingerprint)
{
    struct rl_row row;
    bool removed;
    *w->capf.renew_at = '\0';
    if (rl_store_cert_by_digest(w->act->store, fingerprint, &row, &removed, NULL) != RL_OK)
        return;
    int64_t from = rl_time_parse(rl_row_get(&row, RL_CERTIFICATE_NOT_BEFORE));
    int64_t to = rl_time_parse(rl_row_get(&row, RL_CERTIFICATE_NOT_AFTER));
    set_time(w->capf.renew_at, from + (to - from) / 3 * 2);
    rl_row_fini(&row);
}

static enum rl_code confirm(struct writing *w, const char *fingerprint)
{
    enum rl_code code = drop(w, ALL_BUT, fingerprint);
    plan_renewal(w, fingerprint);
    *w->capf.sent = '\0';
    return code;
}

static enum rl_code withdraw(struct writing *w)
{
    enum rl_code code = *w->capf.sent ? drop(w, ONLY, w->capf.sent) : RL_OK;
    *w->capf.sent = '\0';
    return code;
}

/* What the phone has shown decides about an LSC of which nobody knew whether it had come. */
static enum rl_code settle(struct writing *w)
{
    const struct rl_capf_step *step = w->step;
    char sent[sizeof w->capf.sent];
    memcpy(sent, w->capf.sent, sizeof sent);
    if (step->lsc)
        w->capf.lsc = step->lsc;
    if (step->mic)
        w->capf.mic = step->mic;
    if (*sent && (step->confirms || strcmp(step->has, sent) == 0))
        return confirm(w, sent);
    if (*sent && (step->withdraws || *step->has))
        return withdraw(w);
    if (step->deletes) {
        *w->capf.sent = *w->capf.renew_at = '\0';
        return drop(w, ALL, "");
    }
    return RL_OK;
}

static enum rl_code audit(struct writing *w, const char *what)
{
    char label[RL_LABEL];
    const struct rl_capf *c = &w->capf;
    json_t *after = json_pack("{s:s, s:s}", "operation", rl_capf_operation_names[c->done], "status",
                              rl_capf_state_names[c->state]);
    if (c->why)
        json_object_set_new(after, "reason", json_string(rl_capf_why_names[c->why]));
    if (w->step->session.by) {
        json_object_set_new(after, "proven_by", json_string(w->step->session.by));
        json_object_set_new(after, "fresh", json_boolean(w->step->session.fresh));
    }
    if (c->tries)
        json_object_set_new(after, "tries", json_integer(c->tries));
    if (*c->locked_until)
        json_object_set_new(after, "locked_until", json_string(c->locked_until));
    char *text = json_dumps(after, JSON_COMPACT);
    enum rl_code code = w->act->audit->add(w->act->audit->ctx, w->act->who, what,
                                           rl_object_label(rl_object(RL_PHONE), c->name, label),
                                           NULL, text, w->err);
    free(text);
    json_decref(after);
    return code;
}

/* The operation waits no longer; its string was for it alone. */
static enum rl_code let_go(struct writing *w)
{
    w->capf.operation = RL_CAPF_NONE;
    *w->capf.completes_by = '\0';
    return rl_store_capf_set_string(w->act->store, w->capf.phone, NULL, w->err);
}

static enum rl_code write_login(struct writing *w)
{
    const struct rl_capf_step *step = w->step;
    w->capf.done = step->session.operation;
    w->capf.state = RL_CAPF_REFUSED;
    w->capf.why = step->verdict.why;
    w->capf.tries += step->verdict.counts;
    if (step->verdict.counts && w->capf.tries >= step->rules.tries) {
        w->capf.tries = 0;
        set_time(w->capf.locked_until, step->now_us + step->rules.lock_us);
    }
    enum rl_code code = step->verdict.why == RL_CAPF_LATE ? let_go(w) : RL_OK;
    return code ? code : audit(w, "capf.refused");
}

static enum rl_code write_end(struct writing *w, bool current)
{
    const struct rl_capf_step *step = w->step;
    enum rl_code code = settle(w);
    bool known = false;
    if (!code && step->origin)
        code = rl_store_cert_has(w->act->store, step->cert.fingerprint, RL_STORE_PHONES, &known,
                                 w->err);
    if (!code && step->origin && !known)
        code = file(w);
    if (!code && current && !step->outcome.keeps)
        code = let_go(w);
    w->capf.done = step->session.operation;
    if (current || step->outcome.state == RL_CAPF_SUCCESS) {
        w->capf.state = step->outcome.state;
        w->capf.why = step->outcome.why;
    }
    if (step->outcome.state == RL_CAPF_SUCCESS) {
        w->capf.tries = 0;
        *w->capf.locked_until = '\0';
    }
    return code ? code
                : audit(w, step->outcome.state == RL_CAPF_SUCCESS ? "capf.done" : "capf.failed");
}

/* From this moment on both count, what the phone had and what it is sent, until it tells. */
static enum rl_code write_lsc(struct writing *w)
{
    enum rl_code code = make_room(w);
    if (!code)
        code = file(w);
    memcpy(w->capf.sent, w->step->cert.fingerprint, sizeof w->capf.sent);
    return code;
}

static enum rl_code write_step(struct writing *w)
{
    const struct rl_capf_step *step = w->step;
    enum rl_code code = rl_store_capf_get(w->act->store, step->device, &w->capf, w->err);
    if (code)
        return code;
    bool current = w->capf.operation == step->session.operation;
    if (!current && !step->ends)
        return rl_fail(w->err, RL_E_CONFLICT, step->device,
                       "What was ordered for %s was changed meanwhile.", step->device);
    if (step->login)
        code = write_login(w);
    else if (step->ends)
        code = write_end(w, current);
    else
        code = step->origin ? write_lsc(w) : settle(w);
    set_time(w->capf.updated, step->now_us);
    return code ? code : rl_store_capf_put(w->act->store, &w->capf, w->err);
}

enum rl_code rl_capf_step_write(struct rl_capf_step *step, const struct rl_act *act,
                                struct rl_err *err)
{
    struct writing w = {.step = step, .act = act, .err = err};
    set_time(w.now, step->now_us);
    *err = (struct rl_err){0};
    enum rl_code code = rl_store_begin(act->store, err);
    if (!code) {
        code = write_step(&w);
        if (!code)
            code = rl_store_commit(act->store, err);
        if (code)
            rl_store_rollback(act->store);
    }
    rl_problems_fini(&w.problems);
    step->written = code == RL_OK;
    if (code && step->answer.session)
        step->answer = (struct rl_enr){
            .kind = RL_ENR_END, .session = step->session.id, .end.reason = RL_CAPF_FAILED};
    return code;
}
