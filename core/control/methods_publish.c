/* Configuration files of phones: publish them, and tell what is published. */
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/lists.h"
#include "control/methods.h"
#include "control/publish.h"
#include "control/work.h"
#include "engine/engine.h"
#include "ringlock/hardening.h"
#include "store/publish.h"

/* ---- publish ---- */

static enum rl_code publish_all(struct rl_request *rq, const struct rl_act *act)
{
    struct rl_engine *e = rq->engine;
    const char *before = rl_publisher_is_on(e) ? "{\"publish\":\"on\"}" : "{\"publish\":\"off\"}";
    enum rl_code code = rl_store_begin(act->store, &rq->err);
    if (code)
        return code;
    code = rl_publisher_all(e, &rq->err);
    if (!code)
        code = act->audit->add(act->audit->ctx, act->who, "publish", "site", before,
                               "{\"publish\":\"on\",\"phones\":\"all\"}", &rq->err);
    if (!code)
        code = rl_store_commit(act->store, &rq->err);
    if (code)
        rl_store_rollback(act->store);
    return code;
}

/* The lists come first: no phone sees a file whose signer is in none. */
json_t *rl_method_publish(struct rl_request *rq)
{
    struct rl_act act;
    if (rl_request_act(rq, NULL, &act) != RL_OK)
        return NULL;
    if (rl_param_bool(rq, "all")) {
        if (publish_all(rq, &act) != RL_OK ||
            rl_lists_publish(rq->engine, act.who, false, &rq->problems, &rq->err) != RL_OK)
            return NULL;
    } else if (!rl_publisher_is_on(rq->engine)) {
        rl_fail(&rq->err, RL_E_PUBLISH_OFF, "site",
                "Configuration files are not published in this site yet.");
        return NULL;
    }
    rl_publisher_wake(rq->engine);
    json_t *status = rl_json_publishing(rq->engine);
    json_object_set_new(status, "warnings", rl_json_warnings(&rq->problems));
    return status;
}

/* ---- what is published ---- */

static bool add_form(void *ctx, const char *form, const char *code, int64_t n)
{
    json_array_append_new(ctx, json_pack("{s:s, s:o, s:I}", "form", form, "code",
                                         rl_json_text_or_null(code), "phones", (json_int_t)n));
    return true;
}

static json_t *count_forms(struct rl_request *rq)
{
    json_t *forms = json_array();
    if (rl_store_published_forms(rq->store, add_form, forms, &rq->err) == RL_OK)
        return forms;
    json_decref(forms);
    return NULL;
}

static json_t *add_publishing(struct rl_request *rq, json_t *forms)
{
    if (!forms)
        return NULL;
    json_t *status = rl_json_publishing(rq->engine);
    json_object_set_new(status, "forms", forms);
    return status;
}

json_t *rl_method_publish_status(struct rl_request *rq)
{
    static const struct rl_work counting = {.run = count_forms, .finish = add_publishing};
    return rl_work_later(rq, &counting);
}

/* "NAME BYTES;NAME BYTES" as rows. */
static json_t *files_json(const char *text)
{
    json_t *files = json_array();
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, " ");
        char *name = rl_strndup(p, n);
        json_array_append_new(files, json_pack("{s:o, s:I}", "name", rl_json_text(name), "bytes",
                                               (json_int_t)atoll(p + n)));
        free(name);
        p += strcspn(p, ";");
        p += *p == ';';
    }
    return files;
}

static void add_published(const struct rl_published *p, json_t *out)
{
    json_object_set_new(out, "made", rl_json_text_or_null(p->made));
    json_object_set_new(out, "form", rl_json_text_or_null(p->form));
    json_object_set_new(out, "signer", rl_json_text_or_null(p->signer));
    json_object_set_new(out, "certificate", rl_json_text_or_null(p->certificate));
    json_object_set_new(out, "code", rl_json_text_or_null(p->code));
    json_object_set_new(out, "why", rl_json_text_or_null(p->why));
    json_object_set_new(out, "files", files_json(p->files ? p->files : ""));
}

static bool takes_files(struct rl_store *store, const struct rl_row *phone)
{
    struct rl_row type;
    if (rl_store_get(store, RL_TYPE, rl_row_get(phone, RL_PHONE_TYPE), &type, NULL) != RL_OK)
        return false;
    bool takes = rl_type_takes_files(&type);
    rl_row_fini(&type);
    return takes;
}

static json_t *phone_files(struct rl_request *rq, const struct rl_row *phone)
{
    const char *name = rl_row_get(phone, RL_PHONE_NAME);
    struct rl_published p = {0};
    bool due = false, on = rl_publisher_is_on(rq->engine);
    enum rl_code code = on ? rl_store_due_is(rq->store, phone, &due, &rq->err) : RL_OK;
    if (!code)
        code = rl_store_published(rq->store, name, &p, &rq->err);
    if (code && code != RL_E_NOT_FOUND)
        return NULL;
    json_t *out = json_pack("{s:o, s:b, s:b, s:b}", "name", rl_json_text(name), "on", on, "takes",
                            takes_files(rq->store, phone), "due", due);
    add_published(&p, out);
    rl_published_fini(&p);
    return out;
}

json_t *rl_method_phone_files(struct rl_request *rq)
{
    struct rl_row phone;
    if (rl_store_get(rq->store, RL_PHONE, rl_param_text(rq, "name"), &phone, &rq->err) != RL_OK)
        return NULL;
    json_t *result = phone_files(rq, &phone);
    rl_row_fini(&phone);
    return result;
}
