#include "control/undo.h"

#include <stdlib.h>
#include <string.h>

#include "control/certs.h"
#include "control/change.h"
#include "control/json.h"
#include "store/certs.h"

enum {
    VALUES_MAX = 64,
    NEWER_ASKED = 200,
    WIDE_ENTRIES = 100, /* put back in some 30 milliseconds */
    WIDE_PHONES = 2000
};

void rl_undo_fini(struct rl_undo *undo)
{
    json_decref(undo->entries);
    *undo = (struct rl_undo){0};
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int64_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static int64_t act_of(const json_t *entry)
{
    int64_t act = number_of(entry, "act");
    return act ? act : number_of(entry, "seq");
}

/* --- finding the act --- */

static bool add_entry(void *ctx, const struct rl_audit_row *row)
{
    json_t *entry = json_loads(row->text, 0, NULL);
    if (entry) {
        json_object_set_new(entry, "seq", json_integer(row->seq));
        json_array_insert_new(ctx, 0, entry);
    }
    return entry != NULL;
}

/* Entries from `first` to `last`, the latest first; owned. NULL: the log cannot be read. */
static json_t *read_entries(struct rl_store *store, int64_t first, int64_t last, struct rl_err *err)
{
    json_t *entries = json_array();
    size_t n = (size_t)(last - first + 1);
    if (rl_store_audit_list(store, first - 1, false, n, add_entry, entries, err) == RL_OK &&
        json_array_size(entries) == n)
        return entries;
    if (json_array_size(entries) != n)
        rl_fail(err, RL_E_AUDIT_CHAIN, "audit log",
                "The audit log has no entry %lld that is whole.", (long long)first);
    json_decref(entries);
    return NULL;
}

/* Set up with the site, as the catalogue (which came from no file of an administrator's) and its
 * own certificates were, or written into its configuration; or told to phones or by them, which
 * nothing takes back. */
static bool is_of_the_site(const json_t *entry)
{
    const char *what = text_of(entry, "what");
    const json_t *after = json_object_get(entry, "after");
    return !strcmp(what, "init") || !strcmp(what, "config") || !strncmp(what, "ctl.", 4) ||
           !strcmp(text_of(after, "usage"), "identity") ||
           (!strcmp(what, "type import") && !json_object_get(after, "file"));
}

/* Was the act undone, is it an undo itself, or none of the console's? */
static enum rl_code is_passed_over(struct rl_store *store, const json_t *entry, bool *passed,
                                   struct rl_err *err)
{
    int64_t by = 0;
    *passed = number_of(entry, "undoes") || is_of_the_site(entry);
    enum rl_code code = *passed ? RL_OK : rl_store_audit_undone(store, act_of(entry), &by, err);
    *passed = *passed || by;
    return code;
}

static enum rl_code take_act(struct rl_store *store, int64_t first, int64_t last,
                             struct rl_undo *out, struct rl_err *err)
{
    if (last - first >= RL_UNDO_MAX) {
        rl_fail(err, RL_E_UNDO, "undo",
                "Your last act changed %lld things, more than the %d that are undone at once.",
                (long long)(last - first + 1), RL_UNDO_MAX);
        rl_err_remedy(err, "Import what was there before, or restore a backup.");
        return RL_E_UNDO;
    }
    out->act = first;
    out->entries = read_entries(store, first, last, err);
    return out->entries ? RL_OK : err->code;
}

enum rl_code rl_undo_find(struct rl_store *store, const char *who, struct rl_undo *out,
                          struct rl_err *err)
{
    int64_t last = 0, below = 0;
    *out = (struct rl_undo){0};
    for (;;) {
        enum rl_code code = rl_store_audit_newest(store, who, below, &last, err);
        if (code || !last)
            return code
                       ? code
                       : rl_fail(err, RL_E_UNDO_NONE, "undo", "There is nothing of yours to undo.");
        json_t *one = read_entries(store, last, last, err);
        if (!one)
            return err->code;
        bool passed;
        int64_t first = act_of(json_array_get(one, 0));
        code = is_passed_over(store, json_array_get(one, 0), &passed, err);
        json_decref(one);
        if (code || !passed)
            return code ? code : take_act(store, first, last, out, err);
        below = first;
    }
}

/* --- what an entry is about --- */

struct entry {
    const json_t *json;
    const struct rl_object *obj; /* NULL: no object of the tables */
    const char *name;            /* in the label; borrowed */
    const char *verb;            /* "set" of "phone set"; borrowed */
};

static struct entry entry_of(const json_t *json)
{
    const char *what = text_of(json, "what"), *label = text_of(json, "object");
    size_t n = strcspn(what, " ");
    char kind[32] = "";
    if (n < sizeof kind)
        memcpy(kind, what, n);
    struct entry e = {.json = json, .obj = rl_object_by_name(kind)};
    e.verb = what[n] ? what + n + 1 : "";
    e.name = !strncmp(label, kind, n) && label[n] == ' ' ? label + n + 1 : label;
    return e;
}

/* The name it has since: after a rename the new one. */
static const char *name_now(const struct entry *e)
{
    const char *now =
        strcmp(e->verb, "rename") ? "" : text_of(json_object_get(e->json, "after"), "name");
    return *now ? now : e->name;
}

bool rl_undo_is_wide(struct rl_store *store, const struct rl_undo *undo)
{
    const json_t *json;
    size_t i, phones = 0;
    if (json_array_size(undo->entries) > WIDE_ENTRIES)
        return true;
    json_array_foreach (undo->entries, i, json) {
        struct entry e = entry_of(json);
        size_t n = 0;
        if (e.obj && e.obj->kind == RL_PROFILE)
            rl_store_profile_phones(store, name_now(&e), &n, NULL);
        phones += n;
    }
    return phones > WIDE_PHONES;
}

bool rl_undo_needs_admin(const struct rl_undo *undo)
{
    const json_t *json;
    size_t i;
    json_array_foreach (undo->entries, i, json) {
        struct entry e = entry_of(json);
        if (!e.obj || e.obj->kind == RL_TYPE || e.obj->kind == RL_CERTIFICATE)
            return true;
    }
    return false;
}

bool rl_undo_is_mode(const struct rl_undo *undo, bool *mixed)
{
    const json_t *json = json_array_get(undo->entries, 0);
    *mixed = !strcmp(text_of(json_object_get(json, "before"), "cluster_mode"), "mixed");
    return !strcmp(text_of(json, "what"), "cluster.mode");
}

/* --- who was there since --- */

struct since {
    struct rl_store *store;
    int64_t last;  /* entry of the act */
    json_t *other; /* the change that stands in the way; owned */
    enum rl_code code;
    struct rl_err *err;
};

static bool look_at(void *ctx, const struct rl_audit_row *row)
{
    struct since *s = ctx;
    bool passed = false;
    if (row->seq <= s->last)
        return false;
    json_t *entry = json_loads(row->text, 0, NULL);
    json_object_set_new(entry, "seq", json_integer(row->seq));
    s->code = is_passed_over(s->store, entry, &passed, s->err);
    if (!s->code && !passed)
        s->other = json_incref(entry);
    json_decref(entry);
    return !s->code && passed;
}

static enum rl_code look_for(struct since *s, const char *kind, const char *name)
{
    char *object = *name ? rl_asprintf("%s %s", kind, name) : rl_strdup(kind);
    const struct rl_audit_query query = {.object = object, .limit = NEWER_ASKED};
    enum rl_code code = rl_store_audit_find(s->store, &query, look_at, s, s->err);
    if (!code)
        code = s->code;
    if (!code && s->other)
        code =
            rl_fail(s->err, RL_E_CONFLICT, object, "%s was changed since: %s by %s at %s.", object,
                    text_of(s->other, "what"), text_of(s->other, "who"), text_of(s->other, "time"));
    json_decref(s->other);
    free(object);
    return code;
}

enum rl_code rl_undo_untouched(struct rl_store *store, const struct rl_undo *undo,
                               struct rl_err *err)
{
    struct since s = {.store = store, .err = err};
    const json_t *json;
    size_t i;
    enum rl_code code = RL_OK;
    s.last = number_of(json_array_get(undo->entries, 0), "seq");
    json_array_foreach (undo->entries, i, json) {
        struct entry e = entry_of(json);
        if (!code && e.obj)
            code = look_for(&s, e.obj->name, name_now(&e));
        else if (!code && !strcmp(text_of(json, "object"), "cluster"))
            code = look_for(&s, "cluster", "");
    }
    return code;
}

/* --- putting one back --- */

struct putting {
    const struct rl_act *act;
    struct rl_problems *problems;
    int64_t now_us;
    struct rl_value value[VALUES_MAX];
    size_t n;
};

static enum rl_code cannot(struct putting *p, const struct entry *e, const char *why,
                           const char *remedy)
{
    struct rl_err err;
    rl_fail(&err, RL_E_UNDO, text_of(e->json, "object"), "%s of %s cannot be undone: %s.",
            text_of(e->json, "what"), text_of(e->json, "object"), why);
    if (remedy)
        rl_err_remedy(&err, "%s", remedy);
    rl_problems_add(p->problems, &err);
    return err.code;
}

/* The fields as they were, of those that the entry is about. False: one of them is a secret. */
static bool take_before(struct putting *p, const struct entry *e)
{
    const json_t *before = json_object_get(e->json, "before"),
                 *after = json_object_get(e->json, "after");
    p->n = 0;
    for (size_t i = 0; i < e->obj->nfields; i++) {
        const struct rl_field *f = &e->obj->fields[i];
        bool about = json_object_get(before, f->name) || json_object_get(after, f->name);
        if (about && f->kind == RL_F_SECRET)
            return false;
        if (about && !(f->flags & RL_FF_SYSTEM))
            p->value[p->n++] = (struct rl_value){f->name, text_of(before, f->name)};
    }
    return true;
}

/* What came of it is what was: the rules may fill in what is not given. */
static enum rl_code is_as_before(struct putting *p, const struct entry *e, struct rl_row *row)
{
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < p->n && !code; i++) {
        int field = rl_field_index(e->obj, p->value[i].field);
        if (strcmp(rl_row_get(row, field), p->value[i].value) != 0) {
            char *why = rl_asprintf("the rules of today would make %s \"%s\"",
                                    e->obj->fields[field].label, rl_row_get(row, field));
            code = cannot(p, e, why, NULL);
            free(why);
        }
    }
    rl_row_fini(row);
    return code;
}

static enum rl_code remove_added(struct putting *p, const struct entry *e)
{
    return rl_object_remove(p->act, e->obj->kind, e->name, p->problems);
}

static enum rl_code set_back(struct putting *p, const struct entry *e)
{
    struct rl_row row = {0};
    if (!take_before(p, e))
        return cannot(p, e, "the audit log never has a password", "Give the password anew.");
    if (p->n == 0)
        return RL_OK; /* what follows from something else is put back with that */
    enum rl_code code =
        rl_object_set(p->act, e->obj->kind, name_now(e), 0, p->value, p->n, &row, p->problems);
    return code ? code : is_as_before(p, e, &row);
}

static enum rl_code file_again(struct putting *p, const struct entry *e)
{
    const json_t *before = json_object_get(e->json, "before");
    struct rl_buf der = {0};
    struct rl_uploaded uploaded = {0};
    if (rl_store_cert_gone_der(p->act->store, text_of(before, "fingerprint"), &der, NULL))
        return cannot(p, e, "the certificate itself is not kept any more",
                      "Upload its file again.");
    const struct rl_upload upload = {.data = der.data,
                                     .n = der.len,
                                     .file = e->name,
                                     .store = text_of(before, "store"),
                                     .device = text_of(before, "device"),
                                     .name = e->name,
                                     .description = text_of(before, "description"),
                                     .origin = text_of(before, "origin"),
                                     .now_us = p->now_us};
    enum rl_code code = rl_cert_upload(p->act, &upload, &uploaded, p->problems);
    rl_buf_fini(&der);
    rl_uploaded_fini(&uploaded);
    return code;
}

static enum rl_code add_removed(struct putting *p, const struct entry *e)
{
    struct rl_row row = {0};
    if (e->obj->kind == RL_CERTIFICATE)
        return file_again(p, e);
    if (!take_before(p, e))
        return cannot(p, e, "the audit log never has a password", "Add it anew, with a password.");
    enum rl_code code = rl_object_add(p->act, e->obj->kind, p->value, p->n, &row, p->problems);
    return code ? code : is_as_before(p, e, &row);
}

/* The sum of an import, whose rows have entries of their own. */
static enum rl_code nothing(struct putting *p, const struct entry *e)
{
    (void)p;
    (void)e;
    return RL_OK;
}

static enum rl_code put_back(struct putting *p, const json_t *json)
{
    static const struct {
        const char *verb;
        enum rl_code (*undo)(struct putting *p, const struct entry *e);
    } verbs[] = {
        {"add",    remove_added},
        {"set",    set_back    },
        {"rename", set_back    },
        {"remove", add_removed },
        {"import", nothing     },
    };
    struct entry e = entry_of(json);
    if (e.obj && e.obj->kind == RL_TYPE)
        return cannot(p, &e, "types come and go with their packs",
                      "Import the pack that is wanted, or remove the type.");
    for (size_t i = 0; e.obj && i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(e.verb, verbs[i].verb))
            return verbs[i].undo(p, &e);
    return cannot(p, &e, "it is no change of one object", NULL);
}

enum rl_code rl_undo_run(const struct rl_act *act, const struct rl_undo *undo, int64_t now_us,
                         struct rl_problems *problems)
{
    struct putting p = {.act = act, .problems = problems, .now_us = now_us};
    const json_t *entry;
    size_t i;
    enum rl_code code = RL_OK;
    json_array_foreach (undo->entries, i, entry)
        if (!code)
            code = put_back(&p, entry);
    return code;
}
