#include "engine/audit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static json_t *safe_string(const char *text)
{
    char *safe = rl_text_safe_dup(text);
    json_t *s = json_string(safe);
    free(safe);
    return s;
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

/* What an entry is about; the members that stand first. */
static json_t *head_json(const char *who, const char *what, const char *object)
{
    char at[RL_TIME_TEXT];
    json_t *head = json_object();
    json_object_set_new(head, "time", json_string(rl_time_text(rl_now_us(), 1, at)));
    json_object_set_new(head, "who", safe_string(who));
    json_object_set_new(head, "what", safe_string(what));
    json_object_set_new(head, "object", safe_string(object));
    return head;
}

/* The members that stand last. */
static json_t *tail_json(struct rl_audit *audit, int64_t seq)
{
    int64_t act = act_of(audit, seq);
    json_t *accepted = json_array(), *tail = json_object();
    for (size_t i = 0; audit->accepted && audit->accepted[i]; i++)
        json_array_append_new(accepted, safe_string(audit->accepted[i]));
    json_object_set_new(tail, "accepted", accepted);
    if (act != seq)
        json_object_set_new(tail, "act", json_integer(act));
    if (audit->undoes)
        json_object_set_new(tail, "undoes", json_integer(audit->undoes));
    return tail;
}

/* One object of both and what stands between them, which is JSON already. Owned. */
static char *entry_text(const json_t *head, const char *before, const char *after,
                        const json_t *tail)
{
    char *first = json_dumps(head, JSON_COMPACT), *last = json_dumps(tail, JSON_COMPACT);
    char *text = rl_asprintf("%.*s,\"before\":%s,\"after\":%s,%s", (int)strlen(first) - 1, first,
                             before ? before : "null", after ? after : "null", last + 1);
    free(first);
    free(last);
    return text;
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

static enum rl_code add_entry(struct rl_audit *audit, const json_t *head, const char *text,
                              const char *renamed, const char *prev, struct rl_err *err)
{
    char hash[65];
    rl_audit_hash(prev, text, hash);
    const struct rl_audit_entry entry = {
        .text = text,
        .hash = hash,
        .object = json_string_value(json_object_get(head, "object")),
        .who = json_string_value(json_object_get(head, "who")),
        .renamed = renamed,
        .undoes = audit->undoes,
    };
    return rl_store_audit_add(audit->store, &entry, NULL, err);
}

enum rl_code rl_audit_add(void *ctx, const char *who, const char *what, const char *object,
                          const char *before, const char *after, struct rl_err *err)
{
    struct rl_audit *audit = ctx;
    int64_t seq;
    char *prev = NULL;
    enum rl_code code = rl_store_audit_last(audit->store, &seq, &prev, err);
    if (code != RL_OK)
        return code;
    json_t *head = head_json(who, what, object), *tail = tail_json(audit, seq + 1);
    char *text = entry_text(head, before, after, tail), *renamed = renamed_to(what, after);
    code = add_entry(audit, head, text, renamed, prev ? prev : "", err);
    json_decref(head);
    json_decref(tail);
    free(text);
    free(renamed);
    free(prev);
    return code;
}
