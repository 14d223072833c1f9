/* Views of lists: everybody has own ones; those that all share are the operators'. */
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "control/methods.h"
#include "engine/engine.h"
#include "ringlock/text.h"
#include "ringlock/time.h"
#include "store/views.h"

enum {
    NAME_MAX_CELLS = 60,
    LIST_MAX = 32,
    VIEW_BYTES = 8192,
    VIEWS_OF_OWNER = 500, /* the shared ones count as those of one more */
    VIEWS_PAGE = 2 * VIEWS_OF_OWNER
};

static bool is_list_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
    return n > 0 && n <= LIST_MAX && name[n] == '\0';
}

/* Something to show as it stands: nothing in it has to be escaped. */
static enum rl_code check_name(struct rl_request *rq, const char *field)
{
    const char *name = rl_param_text(rq, field);
    size_t n = strlen(name);
    char *safe = rl_text_safe_dup(name);
    bool ok = n > 0 && strcmp(safe, name) == 0 && rl_text_width(name, n) <= NAME_MAX_CELLS &&
              name[0] != ' ' && name[n - 1] != ' ';
    if (!ok)
        rl_fail_field(&rq->err, RL_E_VALUE, safe, field,
                      "The name of a view is 1 to %d printable characters without blanks around, "
                      "not \"%s\".",
                      NAME_MAX_CELLS, safe);
    free(safe);
    return ok ? RL_OK : RL_E_VALUE;
}

/* Which view is meant, and whether the peer may change it. Borrowed from the request. */
static enum rl_code read_key(struct rl_request *rq, struct rl_view_key *key)
{
    bool shared = rl_param_bool(rq, "shared");
    *key = (struct rl_view_key){rl_param_text(rq, "list"), shared ? "" : rq->peer->who.user,
                                rl_param_text(rq, "name")};
    if (!is_list_name(key->list))
        return rl_fail_field(&rq->err, RL_E_VALUE, "view", "list", "There is no such list.");
    return shared ? rl_peer_need_role(rq->peer, RL_ROLE_OPERATOR, &rq->err) : RL_OK;
}

/* One change of a view, in a transaction of its own; what all share is in the audit log. */
typedef enum rl_code (*change_fn)(struct rl_request *rq, struct rl_store *store,
                                  const struct rl_view_key *key);

static enum rl_code audit(const struct rl_act *act, const char *what, const struct rl_view_key *key,
                          struct rl_err *err)
{
    if (*key->owner)
        return RL_OK;
    char *object = rl_asprintf("view %s of %s", key->name, key->list);
    enum rl_code code = act->audit->add(act->audit->ctx, act->who, what, object, NULL, NULL, err);
    free(object);
    return code;
}

static json_t *change(struct rl_request *rq, const char *what, change_fn fn)
{
    struct rl_act act;
    struct rl_view_key key;
    if (read_key(rq, &key) != RL_OK || rl_request_act(rq, NULL, &act) != RL_OK ||
        rl_store_begin(act.store, &rq->err) != RL_OK)
        return NULL;
    enum rl_code code = fn(rq, act.store, &key);
    if (code == RL_OK && what)
        code = audit(&act, what, &key, &rq->err);
    if (code == RL_OK)
        code = rl_store_commit(act.store, &rq->err);
    const char *to = rl_param_text(rq, "to");
    if (code == RL_OK)
        return json_pack("{s:s, s:o}", "list", key.list, "name", rl_json_text(to ? to : key.name));
    rl_store_rollback(act.store);
    return NULL;
}

static enum rl_code save(struct rl_request *rq, struct rl_store *store,
                         const struct rl_view_key *key)
{
    char now[RL_TIME_TEXT];
    int64_t n = 0;
    char *text = json_dumps(json_object_get(rq->params, "view"), JSON_COMPACT);
    enum rl_code code = rl_store_view_count(store, key->owner, &n, &rq->err);
    if (code == RL_OK && strlen(text) > VIEW_BYTES)
        code = rl_fail_field(&rq->err, RL_E_VALUE, key->name, "view",
                             "A view takes at most %d bytes.", VIEW_BYTES);
    if (code == RL_OK && n >= VIEWS_OF_OWNER)
        code = rl_fail(&rq->err, RL_E_VALUE, key->name,
                       "%d views are kept already: remove one first.", VIEWS_OF_OWNER);
    rl_time_text(rl_now_us(), 0, now);
    const struct rl_view view = {*key, now, text};
    if (code == RL_OK)
        code = rl_store_view_save(store, &view, &rq->err);
    free(text);
    return code;
}

json_t *rl_method_view_save(struct rl_request *rq)
{
    return check_name(rq, "name") == RL_OK ? change(rq, "view save", save) : NULL;
}

static enum rl_code rename_it(struct rl_request *rq, struct rl_store *store,
                              const struct rl_view_key *key)
{
    return rl_store_view_rename(store, key, rl_param_text(rq, "to"), &rq->err);
}

json_t *rl_method_view_rename(struct rl_request *rq)
{
    return check_name(rq, "to") == RL_OK ? change(rq, "view rename", rename_it) : NULL;
}

static enum rl_code remove_it(struct rl_request *rq, struct rl_store *store,
                              const struct rl_view_key *key)
{
    return rl_store_view_remove(store, key, &rq->err);
}

json_t *rl_method_view_remove(struct rl_request *rq)
{
    return change(rq, "view remove", remove_it);
}

static enum rl_code use(struct rl_request *rq, struct rl_store *store,
                        const struct rl_view_key *key)
{
    return rl_store_view_use(store, key, &rq->err);
}

json_t *rl_method_view_use(struct rl_request *rq)
{
    return check_name(rq, "name") == RL_OK ? change(rq, NULL, use) : NULL;
}

static bool add_view(void *ctx, const struct rl_view *view)
{
    struct rl_page *page = ctx;
    json_t *spec = json_loads(view->text, 0, NULL);
    return rl_page_add(page,
                       json_pack("{s:s, s:o, s:o, s:b, s:s, s:o}", "list", view->key.list, "name",
                                 rl_json_text(view->key.name), "owner",
                                 rl_json_text_or_null(view->key.owner), "shared", !*view->key.owner,
                                 "updated", view->updated, "view", spec ? spec : json_object())) &&
           json_array_size(page->rows) < VIEWS_PAGE;
}

json_t *rl_method_view_list(struct rl_request *rq)
{
    struct rl_page page = {.rows = json_array()};
    const char *list = rl_param_text(rq, "list"), *user = rq->peer->who.user;
    char *used = NULL;
    enum rl_code code = rl_store_views(rq->engine->reader, user, list, add_view, &page, &rq->err);
    if (code == RL_OK && list)
        code = rl_store_view_used(rq->engine->reader, user, list, &used, &rq->err);
    json_t *result = code == RL_OK
                         ? json_pack("{s:O, s:o}", "rows", page.rows, "used", rl_json_text(used))
                         : NULL;
    json_decref(page.rows);
    free(used);
    return result;
}
