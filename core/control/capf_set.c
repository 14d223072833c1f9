#include "control/capf_set.h"

#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/json.h"
#include "pki/proof.h"
#include "policy/capf.h"

enum { GENERATED = 8 }; /* digits */

/* One order on its way. */
struct ordering {
    const struct rl_act *act;
    const struct rl_capf_request *request;
    struct rl_device_rows rows;
    struct rl_capf capf, old;
    char *made; /* the string that was generated */
    struct rl_err err;
};

static enum rl_code judge(struct ordering *o, struct rl_problems *problems)
{
    const struct rl_capf_request *r = o->request;
    char *kept = NULL;
    if (rl_store_capf_string(o->act->store, o->capf.phone, &kept, &o->err) != RL_OK)
        return o->err.code;
    const struct rl_capf_wish wish = {.phone = &o->rows.device,
                                      .type = &o->rows.type,
                                      .profile = &o->rows.profile,
                                      .operation = r->operation,
                                      .string_given = r->string != NULL,
                                      .string_kept = kept != NULL,
                                      .generate = r->generate,
                                      .string = r->string,
                                      .past = r->by_us <= r->now_us,
                                      .service = r->service,
                                      .lsc = o->capf.lsc,
                                      .mic = o->capf.mic};
    rl_policy_capf_wish(&wish, problems);
    if (kept)
        explicit_bzero(kept, strlen(kept));
    free(kept);
    return rl_problems_verdict(o->act, problems);
}

static json_t *entry_json(const struct rl_capf *c)
{
    json_t *entry = json_pack("{s:s, s:s}", "operation", rl_capf_operation_names[c->operation],
                              "status", rl_capf_state_names[c->state]);
    if (*c->completes_by)
        json_object_set_new(entry, "completes_by", json_string(c->completes_by));
    return entry;
}

static enum rl_code audit(struct ordering *o)
{
    char label[RL_LABEL];
    const struct rl_act *act = o->act;
    json_t *before = entry_json(&o->old), *after = entry_json(&o->capf);
    if (o->request->string || o->request->generate)
        json_object_set_new(after, "string", json_string("set"));
    char *was = json_dumps(before, JSON_COMPACT), *is = json_dumps(after, JSON_COMPACT);
    enum rl_code code = act->audit->add(act->audit->ctx, act->who, "capf.set",
                                        rl_object_label(rl_object(RL_PHONE), o->capf.name, label),
                                        was, is, &o->err);
    free(was);
    free(is);
    json_decref(before);
    json_decref(after);
    return code;
}

/* The string is for one operation: none is kept without one. */
static enum rl_code write_string(struct ordering *o)
{
    const struct rl_capf_request *r = o->request;
    const char *text = r->string;
    if (r->generate) {
        if (rl_proof_digits(o->made, GENERATED, &o->err) != RL_OK)
            return o->err.code;
        text = o->made;
    }
    if (!text && r->operation != RL_CAPF_NONE)
        return RL_OK;
    return rl_store_capf_set_string(o->act->store, o->capf.phone, text, &o->err);
}

static enum rl_code write(struct ordering *o)
{
    const struct rl_capf_request *r = o->request;
    struct rl_capf *c = &o->capf;
    bool none = r->operation == RL_CAPF_NONE;
    o->old = *c;
    c->operation = r->operation;
    if (!none || c->state == RL_CAPF_PENDING) {
        c->done = r->operation;
        c->state = none ? RL_CAPF_IDLE : RL_CAPF_PENDING;
        c->why = RL_CAPF_WHY_NONE;
    }
    c->tries = 0;
    *c->locked_until = *c->completes_by = '\0';
    if (!none)
        rl_time_text(r->by_us, 0, c->completes_by);
    rl_time_text(r->now_us, 0, c->updated);
    enum rl_code code = write_string(o);
    if (!code)
        code = rl_store_capf_put(o->act->store, c, &o->err);
    return code ? code : audit(o);
}

static enum rl_code commit(struct ordering *o)
{
    enum rl_code code = rl_store_begin(o->act->store, &o->err);
    if (code)
        return code;
    code = write(o);
    if (!code)
        code = rl_store_commit(o->act->store, &o->err);
    if (code)
        rl_store_rollback(o->act->store);
    return code;
}

static enum rl_code find(struct ordering *o, const char *phone)
{
    enum rl_code code = rl_store_capf_get(o->act->store, phone, &o->capf, &o->err);
    return code ? code : rl_store_device(o->act->store, phone, &o->rows, &o->err);
}

enum rl_code rl_capf_order(const struct rl_act *act, const char *phone,
                           const struct rl_capf_request *request, char made[RL_CAPF_STRING_MAX + 1],
                           struct rl_problems *problems)
{
    struct ordering o = {.act = act, .request = request, .made = made};
    *made = '\0';
    enum rl_code code = find(&o, phone);
    if (!code) {
        code = judge(&o, problems);
        if (!code)
            code = commit(&o);
        rl_device_rows_fini(&o.rows);
    }
    if (o.err.code)
        rl_problems_add(problems, &o.err);
    return code;
}

/* --- told --- */

static json_t *known(enum rl_tristate is)
{
    return is == RL_UNKNOWN ? json_null() : json_boolean(is == RL_YES);
}

json_t *rl_json_capf(const struct rl_capf *c)
{
    char text[RL_CAPF_STATUS_TEXT];
    rl_capf_status_text(c->done, c->state, c->why, text);
    return json_pack(
        "{s:o, s:s, s:s, s:s, s:o, s:s, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "phone",
        rl_json_text(c->name), "operation", rl_capf_operation_names[c->operation], "status",
        rl_capf_state_names[c->state], "of", rl_capf_operation_names[c->done], "reason",
        rl_json_text_or_null(rl_capf_why_names[c->why]), "status_text", text, "completes_by",
        rl_json_text_or_null(c->completes_by), "tries", c->tries, "locked_until",
        rl_json_text_or_null(c->locked_until), "lsc", known(c->lsc), "mic", known(c->mic),
        "lsc_sent", rl_json_text_or_null(c->sent), "renew_at", rl_json_text_or_null(c->renew_at),
        "updated", rl_json_text_or_null(c->updated));
}
