#include "engine/audit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json.h"
#include "pki/cert.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

void rl_audit_hash(const char *prev, const char *text, char out[65])
{
    struct rl_buf b = {0};
    rl_buf_adds(&b, prev);
    rl_buf_adds(&b, text);
    rl_pki_sha256(b.data, b.len, out);
    rl_buf_fini(&b);
}

/* The act that entry `seq` belongs to: begun by the first of the transaction. */
static int64_t act_of(struct rl_audit *audit, int64_t seq)
{
    int64_t transaction = rl_store_transaction(audit->store);
    if (audit->transaction != transaction) {
        audit->transaction = transaction;
        audit->act = seq;
    }
    return audit->act;
}

static void add_member(struct rl_buf *out, const char *name, const char *text)
{
    rl_buf_adds(out, name);
    rl_json_quote(out, text);
}

static void add_accepted(struct rl_buf *out, const char *const *codes)
{
    rl_buf_adds(out, ",\"accepted\":[");
    for (size_t i = 0; codes && codes[i]; i++) {
        char *safe = rl_text_safe_dup(codes[i]);
        add_member(out, i ? "," : "", safe);
        free(safe);
    }
    rl_buf_addc(out, ']');
}

/* One JSON object; the texts are safe, the states are JSON already. Owned. */
static char *entry_text(struct rl_audit *audit, int64_t seq, const struct rl_audit_entry *about,
                        const char *what, const char *before, const char *after)
{
    char at[RL_TIME_TEXT];
    struct rl_buf text = {0};
    int64_t act = act_of(audit, seq);
    add_member(&text, "{\"time\":", rl_time_text(rl_now_us(), 1, at));
    add_member(&text, ",\"who\":", about->who);
    add_member(&text, ",\"what\":", what);
    add_member(&text, ",\"object\":", about->object);
    rl_buf_adds(&text, ",\"before\":");
    rl_buf_adds(&text, before ? before : "null");
    rl_buf_adds(&text, ",\"after\":");
    rl_buf_adds(&text, after ? after : "null");
    add_accepted(&text, audit->accepted);
    if (act != seq)
        rl_buf_addf(&text, ",\"act\":%lld", (long long)act);
    if (audit->undoes)
        rl_buf_addf(&text, ",\"undoes\":%lld", (long long)audit->undoes);
    rl_buf_addc(&text, '}');
    return rl_buf_take(&text);
}

/* "profile NEW" of a rename, owned; else NULL. */
static char *renamed_to(const char *what, const char *after)
{
    size_t kind = strcspn(what, " ");
    if (strcmp(what + kind, " rename") != 0)
        return NULL;
    json_t *fields = json_loads(after, 0, NULL);
    const char *name = json_string_value(json_object_get(fields, "name"));
    char *renamed = name ? rl_asprintf("%.*s %s", (int)kind, what, name) : NULL;
    json_decref(fields);
    return renamed;
}

enum rl_code rl_audit_add(void *ctx, const char *who, const char *what, const char *object,
                          const char *before, const char *after, struct rl_err *err)
{
    struct rl_audit *audit = ctx;
    int64_t seq;
    char *prev = NULL, hash[65];
    enum rl_code code = rl_store_audit_last(audit->store, &seq, &prev, err);
    if (code != RL_OK)
        return code;
    char *safe_who = rl_text_safe_dup(who), *safe_object = rl_text_safe_dup(object);
    char *safe_what = rl_text_safe_dup(what), *renamed = renamed_to(what, after);
    struct rl_audit_entry entry = {.hash = hash,
                                   .object = safe_object,
                                   .who = safe_who,
                                   .renamed = renamed,
                                   .undoes = audit->undoes};
    char *text = entry_text(audit, seq + 1, &entry, safe_what, before, after);
    entry.text = text;
    rl_audit_hash(prev ? prev : "", text, hash);
    code = rl_store_audit_add(audit->store, &entry, NULL, err);
    free(text);
    free(renamed);
    free(safe_what);
    free(safe_object);
    free(safe_who);
    free(prev);
    return code;
}
