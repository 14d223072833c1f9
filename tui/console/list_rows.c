#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/rows.h"
#include "console/list_parts.h"
#include "ringlock/text.h"

enum { PAGE = 200, WINDOW = 1200, PAGES_AHEAD = 60 };

const char *ui_member(const json_t *row, const char *key, char *room)
{
    const json_t *v = json_object_get(row, key);
    if (json_is_string(v))
        return json_string_value(v);
    if (json_is_boolean(v))
        return json_is_true(v) ? "yes" : "no";
    if (!json_is_integer(v))
        return "";
    snprintf(room, 32, "%lld", (long long)json_integer_value(v));
    return room;
}

static void member_text(const json_t *row, const char *key, struct rl_buf *out)
{
    char room[32];
    const json_t *v = json_object_get(row, key), *item;
    size_t i;
    if (!json_is_array(v)) {
        rl_buf_adds(out, ui_member(row, key, room));
        return;
    }
    json_array_foreach (v, i, item)
        rl_buf_addf(out, "%s%s", i ? ", " : "",
                    json_is_string(item) ? json_string_value(item) : "");
}

void ui_list_cell(const struct ui_list *list, size_t column, const json_t *row, struct rl_buf *out)
{
    struct rl_buf raw = {0};
    const struct ui_column *c = &list->column[column];
    const struct rl_field *field = ui_list_column_field(list, column);
    if (field)
        rl_client_shown(row, field, &raw);
    else if (c->text)
        c->text(row, &raw);
    else
        member_text(row, c->key, &raw);
    rl_text_safe(out, rl_buf_str(&raw), raw.len);
    rl_buf_fini(&raw);
}

static const char *row_id(const struct ui_list *list, const json_t *json, char *room)
{
    return ui_member(json, list->spec->id, room);
}

/* The window. */

static void drop_row(struct ui_list *list, size_t i)
{
    json_decref(list->row[i].json);
    memmove(&list->row[i], &list->row[i + 1], (list->nrows - i - 1) * sizeof list->row[0]);
    list->nrows--;
}

void ui_list_clear(struct ui_list *list)
{
    for (size_t i = 0; i < list->nrows; i++)
        json_decref(list->row[i].json);
    list->nrows = list->nshown = 0;
}

static void insert_row(struct ui_list *list, size_t at, const json_t *json)
{
    if (list->nrows == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 64;
        list->row = rl_realloc(list->row, list->cap * sizeof list->row[0]);
        list->shown = rl_realloc(list->shown, list->cap * sizeof list->shown[0]);
    }
    memmove(&list->row[at + 1], &list->row[at], (list->nrows - at) * sizeof list->row[0]);
    list->row[at] = (struct ui_held){.json = json_incref((json_t *)(uintptr_t)json)};
    list->nrows++;
}

static size_t find_row(const struct ui_list *list, const char *id)
{
    char room[32];
    for (size_t i = 0; i < list->nrows; i++)
        if (strcmp(row_id(list, list->row[i].json, room), id) == 0)
            return i;
    return list->nrows;
}

const json_t *ui_list_held(const struct ui_list *list, const char *id)
{
    size_t i = find_row(list, id);
    return i < list->nrows ? list->row[i].json : NULL;
}

void ui_list_put(struct ui_list *list, const json_t *json, bool first)
{
    char room[32];
    size_t i = find_row(list, row_id(list, json, room));
    if (i < list->nrows) {
        json_decref(list->row[i].json);
        list->row[i] = (struct ui_held){.json = json_incref((json_t *)(uintptr_t)json)};
        return;
    }
    insert_row(list, first ? 0 : list->nrows, json);
    if (list->spec->keep && list->nrows > list->spec->keep)
        drop_row(list, list->nrows - 1);
}

static void append_all(struct ui_list *list, const json_t *rows)
{
    const json_t *row;
    size_t i;
    json_array_foreach (rows, i, row)
        insert_row(list, list->nrows, row);
}

void ui_list_forget(struct ui_list *list, const char *id)
{
    size_t i = find_row(list, id);
    if (i == list->nrows)
        return;
    if (strcmp(id, list->id) == 0)
        list->row[i].gone = true;
    else
        drop_row(list, i);
}

/* Order and selection. */

bool ui_list_passes(struct ui_list *list, const json_t *row)
{
    char room[32];
    if (list->spec->paging == UI_BY_KEY)
        return true;
    if (list->spec->shows && !list->spec->shows(list, row) &&
        strcmp(row_id(list, row, room), list->id) != 0)
        return false;
    struct rl_buf text = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < list->ncriteria; i++) {
        rl_buf_clear(&text);
        ui_list_cell(list, list->criteria[i].field, row, &text);
        ok = ui_criterion_holds(&list->criteria[i], rl_buf_str(&text));
    }
    rl_buf_fini(&text);
    return ok;
}

struct ordered {
    size_t index;
    char *key;
};

static int by_key(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    int c = strcasecmp(x->key, y->key);
    return c ? c : (x->index > y->index) - (x->index < y->index);
}

static int by_key_down(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    int c = strcasecmp(y->key, x->key);
    return c ? c : (x->index > y->index) - (x->index < y->index);
}

static void sort_here(struct ui_list *list)
{
    struct ordered *o = rl_alloc((list->nshown + 1) * sizeof *o);
    for (size_t i = 0; i < list->nshown; i++) {
        struct rl_buf key = {0};
        ui_list_cell(list, (size_t)list->sort, list->row[list->shown[i]].json, &key);
        o[i].index = list->shown[i];
        o[i].key = rl_strdup(rl_buf_str(&key));
        rl_buf_fini(&key);
    }
    qsort(o, list->nshown, sizeof *o, list->descending ? by_key_down : by_key);
    for (size_t i = 0; i < list->nshown; i++) {
        list->shown[i] = o[i].index;
        free(o[i].key);
    }
    free(o);
}

void ui_list_settle(struct ui_list *list)
{
    char room[32];
    for (size_t i = 0; list->id[0] && i < list->nshown; i++)
        if (strcmp(row_id(list, list->row[list->shown[i]].json, room), list->id) == 0) {
            list->at = i;
            return;
        }
    if (list->at >= list->nshown)
        list->at = list->nshown ? list->nshown - 1 : 0;
    list->id[0] = '\0';
    if (list->nshown > 0)
        snprintf(list->id, sizeof list->id, "%s",
                 row_id(list, list->row[list->shown[list->at]].json, room));
}

void ui_list_arrange(struct ui_list *list)
{
    list->nshown = 0;
    for (size_t i = 0; i < list->nrows; i++)
        if (ui_list_passes(list, list->row[i].json))
            list->shown[list->nshown++] = i;
    if (list->spec->paging != UI_BY_KEY && list->sort >= 0)
        sort_here(list);
    ui_list_settle(list);
}

void ui_list_fill(struct ui_list *list, const json_t *rows)
{
    ui_list_clear(list);
    append_all(list, rows);
    list->loaded = true;
    ui_list_arrange(list);
}

/* Questions. */

json_t *ui_list_criteria(const struct ui_list *list)
{
    json_t *all = json_array();
    struct ui_filter_field field;
    for (size_t i = 0; i < list->ncriteria; i++) {
        const struct ui_criterion *c = &list->criteria[i];
        if (ui_list_field(list, c->field, &field) && (c->value[0] || !ui_op_has_value(c->op)))
            json_array_append_new(all, json_pack("{s:s,s:s,s:s}", "field", field.name, "op",
                                                 ui_op_names[c->op], "value", c->value));
    }
    return all;
}

static const char *sort_key(const struct ui_list *list)
{
    return list->sort >= 0 ? list->column[list->sort].key : list->spec->id;
}

static json_t *page_params(struct ui_list *list)
{
    json_t *p = json_object();
    if (list->spec->kind)
        json_object_set_new(p, "kind", json_string(list->spec->kind));
    if (list->spec->paging == UI_BY_KEY) {
        json_object_set_new(p, "criteria", ui_list_criteria(list));
        json_object_set_new(p, "sort", json_string(sort_key(list)));
        json_object_set_new(p, "descending", json_boolean(list->descending));
    }
    json_object_set_new(p, "limit", json_integer(PAGE));
    if (list->spec->params)
        list->spec->params(list, p);
    return p;
}

static void set_after(struct ui_list *list, json_t *p, const json_t *row)
{
    char key[32];
    struct rl_buf value = {0};
    const char *trust = json_is_true(json_object_get(row, "trusted"))    ? "yes"
                        : json_is_false(json_object_get(row, "trusted")) ? "no"
                                                                         : "";
    if (strcmp(sort_key(list), "trusted") == 0)
        rl_buf_adds(&value, trust);
    else
        member_text(row, sort_key(list), &value);
    json_object_set_new(
        p, "after",
        json_pack("{s:s,s:s}", "value", rl_buf_str(&value), "key", row_id(list, row, key)));
    rl_buf_fini(&value);
}

json_t *ui_list_page(struct ui_list *list, const json_t *last)
{
    json_t *params = page_params(list);
    if (last && list->spec->paging == UI_BY_KEY)
        set_after(list, params, last);
    else if (last)
        json_object_set(params, "before", json_object_get(last, list->spec->number));
    return params;
}

/* Answers that do not say so end when a page is not full. */
bool ui_list_is_last_page(const json_t *result)
{
    const json_t *more = json_object_get(result, "more");
    return more ? !json_is_true(more) : json_array_size(json_object_get(result, "rows")) < PAGE;
}

static void take_rows(struct ui_list *list, const json_t *result, bool front)
{
    const json_t *rows = json_object_get(result, "rows"), *row;
    size_t i;
    json_array_foreach (rows, i, row)
        insert_row(list, front ? i : list->nrows, row);
    list->paging = false;
    if (list->spec->answered)
        list->spec->answered(list, result);
}

static void trim(struct ui_list *list, bool front)
{
    if (list->spec->paging != UI_BY_KEY)
        return;
    while (list->nrows > WINDOW) {
        drop_row(list, front ? 0 : list->nrows - 1);
        if (!front)
            list->at_end = false;
        else if (list->base >= 0)
            list->base++;
    }
}

/* Of a window that reaches to the end. */
static void place_by_end(struct ui_list *list)
{
    int64_t held = (int64_t)list->nrows;
    if (list->at_end && list->total >= 0)
        list->base = list->total > held ? list->total - held : 0;
}

static void count_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    list->counting = false;
    if (err)
        return;
    list->total = json_integer_value(json_object_get(result, "count"));
    place_by_end(list);
}

/* The rows are there first: how many there are may take long, and be stopped. */
static void count(struct ui_list *list)
{
    if (list->at_end && list->base == 0) {
        list->total = (int64_t)list->nrows;
        return;
    }
    list->counting = true;
    ui_ask(&list->view, "object.count",
           json_pack("{s:s,s:O}", "kind", list->spec->kind, "criteria", list->counted), count_came);
}

static bool refused(struct ui_list *list, const struct rl_err *err)
{
    list->paging = false;
    if (err && err->code != RL_E_NO_ENGINE)
        ui_say_error(list->view.app, err);
    return err != NULL;
}

static void fresh_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (refused(list, err))
        return;
    while (list->nrows > (list->rest_only ? 1 : 0))
        drop_row(list, list->nrows - 1);
    take_rows(list, result, false);
    list->loaded = true;
    list->at_end = ui_list_is_last_page(result);
    ui_list_arrange(list);
    if (list->spec->paging == UI_BY_KEY)
        count(list);
    ui_list_more(list);
}

static void after_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                       const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (refused(list, err))
        return;
    take_rows(list, result, false);
    list->at_end = ui_list_is_last_page(result);
    trim(list, true);
    ui_list_arrange(list);
}

static void before_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (refused(list, err))
        return;
    size_t had = list->nrows;
    take_rows(list, result, true);
    size_t came = list->nrows - had;
    if (list->base >= 0)
        list->base = list->base > (int64_t)came ? list->base - (int64_t)came : 0;
    if (!json_is_true(json_object_get(result, "more")))
        list->base = 0;
    list->top += came;
    trim(list, false);
    ui_list_arrange(list);
}

static void last_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                      const json_t *problems)
{
    struct ui_list *list = (struct ui_list *)view;
    if (!err)
        list->base = -1; /* until they are counted */
    fresh_came(view, result, err, problems);
    if (err)
        return;
    list->at_end = true;
    place_by_end(list);
    list->at = list->nshown ? list->nshown - 1 : 0;
    list->id[0] = '\0';
    ui_list_settle(list);
}

static void ask_fresh(struct ui_list *list, json_t *params, ui_answer_fn fn)
{
    json_t *criteria = ui_list_criteria(list);
    if (!json_equal(criteria, list->counted))
        list->total = -1;
    json_decref(list->counted);
    list->counted = criteria;
    ui_stop(&list->view);
    list->paging = true;
    ui_ask(&list->view, list->spec->method, params, fn);
}

void ui_list_load(struct ui_list *list)
{
    if (list->spec->paging == UI_AT_ONCE) {
        list->spec->load(list);
        return;
    }
    json_t *params = page_params(list);
    list->rest_only = list->spec->paging == UI_BY_KEY && list->base != 0 && list->nrows > 0;
    if (list->rest_only)
        set_after(list, params, list->row[0].json);
    size_t want = list->nrows > WINDOW ? WINDOW : list->nrows;
    if (want > PAGE)
        json_object_set_new(params, "limit", json_integer((json_int_t)want));
    ask_fresh(list, params, fresh_came);
}

static void ask_after(struct ui_list *list)
{
    list->paging = true;
    ui_ask(&list->view, list->spec->method, ui_list_page(list, list->row[list->nrows - 1].json),
           after_came);
}

static void ask_before(struct ui_list *list)
{
    json_t *params = page_params(list);
    set_after(list, params, list->row[0].json);
    json_object_set_new(params, "backwards", json_true());
    list->paging = true;
    ui_ask(&list->view, list->spec->method, params, before_came);
}

void ui_list_more(struct ui_list *list)
{
    if (list->spec->paging == UI_AT_ONCE || list->paging || list->nrows == 0 ||
        !ui_is_up(list->view.app))
        return;
    size_t near = (size_t)list->visible + PAGES_AHEAD;
    bool room = list->spec->paging == UI_BY_KEY || list->nrows < list->spec->keep;
    if (!list->at_end && room && list->at + near >= list->nshown)
        ask_after(list);
    else if (list->spec->paging == UI_BY_KEY && list->base != 0 && list->at < near)
        ask_before(list);
}

void ui_list_go_first(struct ui_list *list)
{
    list->id[0] = '\0';
    list->at = list->top = 0;
    if (list->spec->paging == UI_BY_KEY && list->base != 0) {
        list->base = 0;
        list->rest_only = false;
        ask_fresh(list, page_params(list), fresh_came);
    }
    ui_list_settle(list);
}

void ui_list_go_last(struct ui_list *list)
{
    list->id[0] = '\0';
    list->at = list->nshown ? list->nshown - 1 : 0;
    if (list->spec->paging == UI_BY_KEY && !list->at_end) {
        json_t *params = page_params(list);
        json_object_set_new(params, "backwards", json_true());
        list->rest_only = false;
        ask_fresh(list, params, last_came);
    }
    ui_list_settle(list);
}

static void sought_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                        const json_t *problems)
{
    (void)problems;
    struct ui_list *list = (struct ui_list *)view;
    if (refused(list, err))
        return;
    if (json_array_size(json_object_get(result, "rows")) == 0) {
        ui_say(view->app, "i", "no %s begins with \"%s\"", list->spec->one, list->find);
        return;
    }
    ui_list_clear(list);
    take_rows(list, result, false);
    list->base = -1;
    list->at_end = false;
    list->at = list->top = 0;
    list->id[0] = '\0';
    ui_list_arrange(list);
    ask_after(list);
}

void ui_list_seek(struct ui_list *list, const char *text)
{
    if (list->spec->paging != UI_BY_KEY || (list->at_end && list->base == 0)) {
        ui_say(list->view.app, "i", "no %s holds \"%s\"", list->spec->one, text);
        return;
    }
    json_t *params = page_params(list), *all = json_object_get(params, "criteria");
    json_array_append_new(all, json_pack("{s:s,s:s,s:s}", "field", list->spec->id, "op",
                                         ui_op_names[UI_OP_BEGINS], "value", text));
    json_object_set_new(params, "limit", json_integer(1));
    list->paging = true;
    ui_ask(&list->view, list->spec->method, params, sought_came);
}

/* What can be filtered by. */

bool ui_list_field(const struct ui_list *list, size_t n, struct ui_filter_field *out)
{
    const struct rl_object *obj = list->spec->kind ? rl_object_by_name(list->spec->kind) : NULL;
    size_t plain = obj ? obj->nstored : list->spec->ncolumns;
    if (obj && n == plain && (obj->kind == RL_PHONE || obj->kind == RL_GATEWAY)) {
        *out = (struct ui_filter_field){"trusted", "Trusted"};
        return true;
    }
    if (n >= plain)
        return false;
    if (obj)
        *out = (struct ui_filter_field){obj->fields[n].name, obj->fields[n].label};
    else
        *out = (struct ui_filter_field){list->spec->columns[n].key, list->spec->columns[n].title};
    return true;
}

void ui_list_filter_text(const struct ui_list *list, struct rl_buf *out)
{
    struct ui_filter_field field;
    for (size_t i = 0; i < list->ncriteria; i++) {
        const struct ui_criterion *c = &list->criteria[i];
        if (!ui_list_field(list, c->field, &field))
            continue;
        rl_buf_addf(out, "%s%s %s", i ? ", " : "", field.label, ui_op_names[c->op]);
        if (ui_op_has_value(c->op))
            rl_buf_addf(out, " %s", c->value);
    }
    if (list->ncriteria == 0)
        rl_buf_adds(out, "(none)");
}
