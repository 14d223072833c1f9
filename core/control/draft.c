#include "control/draft.h"

#include <stdlib.h>
#include <string.h>

#include "control/values.h"
#include "pki/bundle.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum { ANSWERS_MAX = 192 << 10, CERTIFICATES_MAX = 8 << 20 }; /* bytes */

/* --- stored and read --- */

static void set_time(struct rl_draft *d)
{
    char now[RL_TIME_TEXT];
    free(d->row.updated);
    d->row.updated = rl_strdup(rl_time_text(rl_now_us(), 0, now));
}

void rl_draft_init(struct rl_draft *draft, const struct rl_wizard *wizard, const char *name,
                   const char *owner)
{
    *draft = (struct rl_draft){.wizard = wizard,
                               .answers = json_object(),
                               .changed = json_object(),
                               .seen = json_object(),
                               .accepted = json_array()};
    draft->row.kind = rl_strdup(wizard->kind);
    draft->row.name = rl_strdup(name);
    draft->row.owner = rl_strdup(owner);
    draft->row.step = rl_strdup(wizard->steps[0].id);
}

static json_t *part(const json_t *whole, const char *name, json_type type)
{
    json_t *value = json_object_get(whole, name);
    return value && json_typeof(value) == type ? json_incref(value) : NULL;
}

enum rl_code rl_draft_read(struct rl_store *store, int64_t id, struct rl_draft *out,
                           struct rl_err *err)
{
    *out = (struct rl_draft){0};
    enum rl_code code = rl_store_draft_get(store, id, &out->row, err);
    if (code)
        return code;
    json_t *whole = json_loads(out->row.answers, JSON_REJECT_DUPLICATES, NULL);
    out->wizard = rl_wizard_find(out->row.kind);
    out->answers = part(whole, "answers", JSON_OBJECT);
    out->changed = part(whole, "changed", JSON_OBJECT);
    out->seen = part(whole, "seen", JSON_OBJECT);
    out->accepted = part(whole, "accepted", JSON_ARRAY);
    json_decref(whole);
    if (!out->wizard) {
        rl_draft_fini(out);
        return rl_fail(err, RL_E_NOT_FOUND, "draft", "Draft %lld is no wizard's.", (long long)id);
    }
    if (out->answers && out->changed && out->seen && out->accepted)
        return RL_OK;
    rl_draft_fini(out);
    return rl_fail(err, RL_E_SITE_DAMAGED, "draft", "Draft %lld cannot be read.", (long long)id);
}

void rl_draft_fini(struct rl_draft *draft)
{
    rl_draft_row_fini(&draft->row);
    json_decref(draft->answers);
    json_decref(draft->changed);
    json_decref(draft->seen);
    json_decref(draft->accepted);
    *draft = (struct rl_draft){0};
}

enum rl_code rl_draft_write(struct rl_draft *draft, struct rl_store *store, struct rl_err *err)
{
    json_t *whole = json_pack("{s:O, s:O, s:O, s:O}", "answers", draft->answers, "changed",
                              draft->changed, "seen", draft->seen, "accepted", draft->accepted);
    free(draft->row.answers);
    draft->row.answers = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    set_time(draft);
    return draft->row.id ? rl_store_draft_save(store, &draft->row, err)
                         : rl_store_draft_add(store, &draft->row, err);
}

/* --- certificates --- */

bool rl_draft_cert_refused(const json_t *answer, struct rl_err *err)
{
    const json_t *why = json_object_get(answer, "refused");
    const char *tag = json_string_value(json_object_get(why, "code"));
    const char *text = json_string_value(json_object_get(why, "message"));
    if (!tag || !text)
        return false;
    char *file = rl_value_file(json_object_get(answer, "file"), "The file");
    rl_fail_field(err, rl_code_by_tag(tag), file, "file", "%s", text);
    free(file);
    return true;
}

/* What cannot be read is not kept: it may be a private key. */
static void check_data(json_t *answer)
{
    struct rl_bundle *bundle = rl_alloc(sizeof *bundle);
    struct rl_err err;
    struct rl_buf bytes = {0};
    char *file = rl_value_file(json_object_get(answer, "file"), "The file");
    rl_value_data(json_object_get(answer, "data"), &bytes);
    json_object_del(answer, "refused");
    if (rl_bundle_read(rl_buf_str(&bytes), bytes.len, file, bundle, &err)) {
        json_object_del(answer, "data");
        json_object_set_new(
            answer, "refused",
            json_pack("{s:s, s:s}", "code", rl_code_info(err.code)->tag, "message", err.text));
    } else {
        rl_bundle_fini(bundle);
    }
    rl_buf_fini(&bytes);
    free(bundle);
    free(file);
}

/* Certificates are told back without what they hold. */
static bool is_told_data(const char *key, const json_t *value)
{
    return !strcmp(key, "data") && json_is_true(value);
}

/* A certificate, or a phone, over what was answered before (may be NULL): keys that are left out
 * stay, as does data that is told as true. */
static json_t *merge(const json_t *before, const json_t *given)
{
    json_t *out = before ? json_copy((json_t *)(uintptr_t)before) : json_object(), *value;
    const char *key;
    bool fresh = json_is_string(json_object_get(given, "data"));
    json_object_foreach ((json_t *)(uintptr_t)given, key, value) {
        if (!strcmp(key, "refused") || is_told_data(key, value))
            continue;
        if (!json_is_null(value))
            json_object_set(out, key, value);
        else
            json_object_del(out, key);
    }
    if (fresh)
        check_data(out);
    else if (json_is_null(json_object_get(given, "data")))
        json_object_del(out, "refused");
    return out;
}

/* --- answers --- */

static bool is_text_or_nothing(const json_t *value)
{
    return !value || json_is_null(value) || json_is_string(value);
}

static enum rl_code check_cert(const json_t *cert, const char *what, struct rl_err *err)
{
    const json_t *data = json_object_get(cert, "data");
    if (!json_is_object(cert) || !is_text_or_nothing(json_object_get(cert, "file")) ||
        !(is_text_or_nothing(data) || json_is_boolean(data)))
        return rl_fail_field(err, RL_E_VALUE, "draft", what,
                             "%s must be an object with the texts file and data.", what);
    return RL_OK;
}

static const json_t *find_phone(const json_t *list, const char *name)
{
    const json_t *phone;
    size_t i;
    json_array_foreach (list, i, phone) {
        if (!strcmp(json_string_value(json_object_get(phone, "name")), name))
            return phone;
    }
    return NULL;
}

/* Beside its certificate: values of its fields. */
static enum rl_code check_phone(const json_t *phone, struct rl_err *err)
{
    const char *key;
    json_t *value;
    enum rl_code code = check_cert(phone, "phones", err);
    if (!code && !json_is_string(json_object_get(phone, "name")))
        code = rl_fail_field(err, RL_E_VALUE, "draft", "phones",
                             "Each of the phones must have a name.");
    json_object_foreach ((json_t *)(uintptr_t)phone, key, value) {
        if (code || !strcmp(key, "refused"))
            continue;
        char *text = rl_value_text(value), *safe = rl_text_safe_dup(key);
        if (!text)
            code = rl_fail_field(err, RL_E_VALUE, "draft", "phones",
                                 "The value %s of a phone is neither text, number, list nor yes or "
                                 "no.",
                                 safe);
        free(text);
        free(safe);
    }
    return code;
}

static enum rl_code check_phones(const json_t *list, struct rl_err *err)
{
    const json_t *phone;
    size_t i;
    if (!json_is_array(list))
        return rl_fail_field(err, RL_E_VALUE, "draft", "phones", "phones must be an array.");
    if (json_array_size(list) > RL_DRAFT_PHONES)
        return rl_fail_field(err, RL_E_VALUE, "draft", "phones",
                             "One wizard takes %d phones at most, not %zu: make several.",
                             RL_DRAFT_PHONES, json_array_size(list));
    json_array_foreach (list, i, phone) {
        enum rl_code code = check_phone(phone, err);
        if (code)
            return code;
    }
    return RL_OK;
}

static json_t *merge_phones(const json_t *before, const json_t *given)
{
    json_t *out = json_array();
    const json_t *phone;
    size_t i;
    json_array_foreach (given, i, phone) {
        const char *name = json_string_value(json_object_get(phone, "name"));
        json_array_append_new(out, merge(find_phone(before, name), phone));
    }
    return out;
}

/* "KIND.FIELD", of a step or, for phones, what all of them get. */
static enum rl_code check_field(const struct rl_draft *d, const char *key, const json_t *value,
                                struct rl_err *err)
{
    for (size_t s = 0; s < d->wizard->nsteps; s++)
        for (size_t i = 0; i < d->wizard->steps[s].nfields; i++) {
            const struct rl_wizard_field *f = &d->wizard->steps[s].fields[i];
            const struct rl_object *obj = rl_object(f->kind);
            size_t n = strlen(obj->name);
            if (strncmp(key, obj->name, n) || key[n] != '.' ||
                strcmp(key + n + 1, obj->fields[f->field].name))
                continue;
            char *text = rl_value_text(value);
            free(text);
            return text ? RL_OK
                        : rl_fail_field(err, RL_E_VALUE, "draft", key,
                                        "The answer %s is neither text, number, list nor yes or "
                                        "no.",
                                        key);
        }
    return rl_fail_field(err, RL_E_FIELD, "draft", key, "The wizard asks for no %s.", key);
}

static enum rl_code check_answer(const struct rl_draft *d, const char *key, const json_t *value,
                                 struct rl_err *err)
{
    if (!strcmp(key, "phones"))
        return json_is_null(value) ? RL_OK : check_phones(value, err);
    if (!strcmp(key, "certificate") && rl_wizard_step(d->wizard, "certificate") >= 0)
        return json_is_null(value) ? RL_OK : check_cert(value, key, err);
    char *safe = rl_text_safe_dup(key);
    enum rl_code code = check_field(d, safe, value, err);
    free(safe);
    return code;
}

/* The value as it will be kept; owned, NULL if it is taken back. */
static json_t *kept(const struct rl_draft *d, const char *key, json_t *value)
{
    const json_t *before = json_object_get(d->answers, key);
    if (json_is_null(value))
        return NULL;
    if (!strcmp(key, "phones"))
        return merge_phones(before, value);
    return json_is_object(value) ? merge(before, value) : json_incref(value);
}

static size_t data_bytes(const json_t *answer)
{
    return json_string_length(json_object_get(answer, "data"));
}

/* What is told back has to fit into one message, and a draft is no store of files. */
static enum rl_code check_size(const struct rl_draft *d, struct rl_err *err)
{
    size_t data = data_bytes(json_object_get(d->answers, "certificate")), i;
    const json_t *phone;
    json_array_foreach (rl_draft_phones(d), i, phone)
        data += data_bytes(phone);
    size_t whole = json_dumpb(d->answers, NULL, 0, JSON_COMPACT);
    if (data <= CERTIFICATES_MAX && whole < data + ANSWERS_MAX)
        return RL_OK;
    return rl_fail(err, RL_E_VALUE, "draft",
                   "The answers are too long: a wizard takes %d KiB of them, and %d MiB of "
                   "certificates.",
                   ANSWERS_MAX >> 10, CERTIFICATES_MAX >> 20);
}

enum rl_code rl_draft_answer(struct rl_draft *draft, const json_t *answers, struct rl_err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)answers, key, value) {
        enum rl_code code = check_answer(draft, key, value, err);
        if (code)
            return code;
    }
    json_object_foreach ((json_t *)(uintptr_t)answers, key, value) {
        json_t *now = kept(draft, key, value);
        const json_t *before = json_object_get(draft->answers, key);
        if (now ? !json_equal(now, before) : before != NULL)
            json_object_set_new(draft->changed, key, json_integer(draft->row.rev + 1));
        if (now)
            json_object_set_new(draft->answers, key, now);
        else
            json_object_del(draft->answers, key);
    }
    return check_size(draft, err);
}

void rl_draft_accept(struct rl_draft *draft, const json_t *codes)
{
    const json_t *code, *have;
    size_t i, k;
    json_array_foreach (codes, i, code) {
        bool known = !json_is_string(code) || json_string_length(code) > 40;
        json_array_foreach (draft->accepted, k, have)
            known = known || json_equal(have, code);
        if (!known && json_array_size(draft->accepted) < RL_CODE_COUNT)
            json_array_append(draft->accepted, (json_t *)(uintptr_t)code);
    }
}

char *rl_draft_text(const struct rl_draft *draft, const char *key)
{
    const json_t *value = json_object_get(draft->answers, key);
    return value ? rl_value_text(value) : rl_strdup("");
}

const json_t *rl_draft_phones(const struct rl_draft *draft)
{
    return json_object_get(draft->answers, "phones");
}

/* --- steps --- */

static int step_index(const struct rl_draft *d, const char *step)
{
    return strcmp(step, RL_DRAFT_CHECK) ? rl_wizard_step(d->wizard, step) : (int)d->wizard->nsteps;
}

static void see(struct rl_draft *d, int step)
{
    if (step < (int)d->wizard->nsteps)
        json_object_set_new(d->seen, d->wizard->steps[step].id, json_integer(d->row.rev + 1));
}

enum rl_code rl_draft_go(struct rl_draft *draft, const char *step, struct rl_err *err)
{
    int from = step_index(draft, draft->row.step), to = step_index(draft, step);
    if (to < 0)
        return rl_fail_field(err, RL_E_VALUE, "draft", "step", "The wizard has no step %s.", step);
    for (int i = 0; i < to; i++)
        if (!rl_draft_seen(draft, i))
            see(draft, i);
    if (from != to)
        see(draft, from);
    char *copy = rl_strdup(step); /* it may be the draft's own */
    free(draft->row.step);
    draft->row.step = copy;
    return RL_OK;
}

bool rl_draft_seen(const struct rl_draft *draft, int step)
{
    return json_object_get(draft->seen, draft->wizard->steps[step].id) != NULL;
}

/* What a step rests on, beside its own answers. */
static const struct {
    const char *step, *keys[4];
} rests_on[] = {
    {"upload",    {"phone.type", "certificate"}                 },
    {"profiles",  {"phone.type", "phone.protocol"}              },
    {"profile",   {"phone.type", "phone.protocol"}              },
    {"name",      {"phone.type", "certificate"}                 },
    {"mode",      {"phone.type", "phone.protocol"}              },
    {"transport", {"profile.mode"}                              },
    {"fields",    {"phone.type"}                                },
    {"assign",    {"phone.type", "profile.name", "profile.mode"}},
};

static json_int_t revision(const json_t *revisions, const char *key)
{
    return json_integer_value(json_object_get(revisions, key));
}

bool rl_draft_again(const struct rl_draft *draft, int step)
{
    const char *id = draft->wizard->steps[step].id;
    for (size_t i = 0; i < sizeof rests_on / sizeof *rests_on; i++)
        for (size_t k = 0; !strcmp(rests_on[i].step, id) && k < 4 && rests_on[i].keys[k]; k++)
            if (revision(draft->changed, rests_on[i].keys[k]) > revision(draft->seen, id))
                return true;
    return false;
}
