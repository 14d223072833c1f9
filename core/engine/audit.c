#include "engine/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/log.h"
#include "pki/cert.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum { FLUSH_PART = 500 };

void rl_audit_hash(const char *prev, const char *text, char out[65])
{
    struct rl_buf b = {0};
    rl_buf_adds(&b, prev);
    rl_buf_adds(&b, text);
    rl_pki_sha256(b.data, b.len, out);
    rl_buf_fini(&b);
}

char *rl_audit_path(const struct rl_audit *audit, int64_t number)
{
    if (number == 0)
        return rl_asprintf("%s/audit.log", audit->log_dir);
    return rl_asprintf("%s/audit.log.%lld", audit->log_dir, (long long)number);
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

/* The form is ours to the byte, so that the hashed text can be found again:
 * {"seq":1,"prev":"...","hash":"...","entry":{...}} */
static void line_write(struct rl_buf *out, const char *prev, const struct rl_audit_row *row)
{
    rl_buf_addf(out, "{\"seq\":%lld,\"prev\":\"%s\",\"hash\":\"%s\",\"entry\":%s}\n",
                (long long)row->seq, prev, row->hash, row->text);
}

static bool skip(const char **p, const char *end, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(end - *p) < n || memcmp(*p, word, n) != 0)
        return false;
    *p += n;
    return true;
}

static bool take_hex(const char **p, const char *end, char out[65])
{
    size_t n = 0;
    while (*p < end && n < 64 && strchr("0123456789abcdef", **p))
        out[n++] = *(*p)++;
    out[n] = '\0';
    return n == 64 || n == 0;
}

bool rl_audit_line_read(const char *line, size_t n, struct rl_audit_line *out)
{
    const char *p = line, *end = line + n;
    if (!skip(&p, end, "{\"seq\":"))
        return false;
    out->seq = 0;
    while (p < end && *p >= '0' && *p <= '9' && out->seq < INT64_MAX / 100)
        out->seq = out->seq * 10 + (*p++ - '0');
    if (!skip(&p, end, ",\"prev\":\"") || !take_hex(&p, end, out->prev) ||
        !skip(&p, end, "\",\"hash\":\"") || !take_hex(&p, end, out->hash) ||
        !skip(&p, end, "\",\"entry\":"))
        return false;
    if (end - p < 3 || end[-1] != '}')
        return false;
    out->text = p;
    out->ntext = (size_t)(end - p) - 1;
    return true;
}

/* Read the last whole line of a file; a piece of a line after it is cut off. False if there is
 * none. */
static bool last_line(const char *path, struct rl_audit_line *out)
{
    FILE *f = fopen(path, "r+e");
    char *line = NULL;
    size_t cap = 0;
    off_t whole = 0;
    bool found = false;
    if (!f)
        return false;
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0;) {
        if (line[n - 1] != '\n') {
            rl_log(RL_LOG_WARNING, "%s ended with part of a line: taken away", path);
            if (ftruncate(fileno(f), whole) != 0)
                rl_log(RL_LOG_ERROR, "%s cannot be cut: %s", path, strerror(errno));
            break;
        }
        whole += n;
        found = rl_audit_line_read(line, (size_t)n - 1, out) || found;
    }
    free(line);
    fclose(f);
    return found;
}

/* The oldest file goes: remember how far, so that verify knows it from a file that someone took
 * away. */
static enum rl_code retire(const struct rl_audit *audit, const char *path, struct rl_err *err)
{
    struct rl_audit_line last;
    char seq[24];
    if (!last_line(path, &last))
        return RL_OK;
    snprintf(seq, sizeof seq, "%lld", (long long)last.seq);
    enum rl_code code = rl_store_begin(audit->store, err);
    if (code != RL_OK)
        return code;
    code = rl_store_set_meta(audit->store, RL_AUDIT_RETIRED, seq, err);
    if (code == RL_OK)
        code = rl_store_commit(audit->store, err);
    if (code != RL_OK)
        rl_store_rollback(audit->store);
    else
        unlink(path);
    return code;
}

/* Move audit.log to audit.log.1, .1 to .2, and so on; what is past `keep` goes. */
static enum rl_code rotate(const struct rl_audit *audit, struct rl_err *err)
{
    char *to = rl_audit_path(audit, audit->keep);
    enum rl_code code = retire(audit, to, err);
    for (int64_t i = audit->keep - 1; code == RL_OK && i >= 0; i--) {
        char *from = rl_audit_path(audit, i);
        if (rename(from, to) != 0 && errno != ENOENT)
            code = rl_fail(err, RL_E_IO, from, "%s cannot be rotated: %s.", from, strerror(errno));
        free(to);
        to = from;
    }
    free(to);
    return code;
}

struct flush {
    struct rl_audit *audit;
    struct rl_buf lines;
    size_t n;
    int64_t seq;
    char hash[65];
};

static bool flush_row(void *ctx, const struct rl_audit_row *row)
{
    struct flush *f = ctx;
    line_write(&f->lines, f->hash, row);
    f->seq = row->seq;
    snprintf(f->hash, sizeof f->hash, "%s", row->hash);
    f->n++;
    return true;
}

static enum rl_code append(struct rl_audit *audit, const struct rl_buf *lines, struct rl_err *err)
{
    struct stat st;
    enum rl_code code = RL_OK;
    char *path = rl_audit_path(audit, 0);
    if (stat(path, &st) == 0 && st.st_size >= audit->rotate_size)
        code = rotate(audit, err);
    if (code != RL_OK) {
        free(path);
        return code;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    if (fd < 0 || write(fd, lines->data, lines->len) != (ssize_t)lines->len) {
        code = rl_fail(err, RL_E_IO, path, "%s cannot be written: %s.", path, strerror(errno));
        if (fd >= 0 && ftruncate(fd, size) != 0)
            rl_log(RL_LOG_ERROR, "%s ends with part of a line", path);
    }
    if (fd >= 0)
        close(fd);
    free(path);
    return code;
}

enum rl_code rl_audit_flush(struct rl_audit *audit, struct rl_err *err)
{
    enum rl_code code;
    size_t n;
    do {
        struct flush f = {.audit = audit, .seq = audit->written};
        memcpy(f.hash, audit->written_hash, sizeof f.hash);
        code = rl_store_audit_list(audit->reader, audit->written, false, FLUSH_PART, flush_row, &f,
                                   err);
        if (code == RL_OK && f.n > 0)
            code = append(audit, &f.lines, err);
        rl_buf_fini(&f.lines);
        n = f.n;
        if (code == RL_OK && n > 0) {
            audit->written = f.seq;
            memcpy(audit->written_hash, f.hash, sizeof f.hash);
        }
    } while (code == RL_OK && n == FLUSH_PART);
    return code;
}

enum rl_code rl_audit_open(struct rl_audit *audit, struct rl_err *err)
{
    struct rl_audit_line last = {0};
    int64_t table = 0;
    char *hash = NULL;
    bool found = false;
    for (int64_t i = 0; i <= 1 && !found; i++) {
        char *path = rl_audit_path(audit, i);
        found = last_line(path, &last);
        free(path);
    }
    audit->written = found ? last.seq : 0;
    snprintf(audit->written_hash, sizeof audit->written_hash, "%s", found ? last.hash : "");
    enum rl_code code = rl_store_audit_last(audit->reader, &table, &hash, err);
    free(hash);
    if (code != RL_OK)
        return code;
    if (audit->written > table)
        rl_log(RL_LOG_ERROR,
               "audit.log holds entry %lld, the database only %lld entries: run audit verify",
               (long long)audit->written, (long long)table);
    else if (audit->written < table)
        rl_log(RL_LOG_NOTICE, "audit.log lacked %lld entries: added from the database",
               (long long)(table - audit->written));
    return rl_audit_flush(audit, err);
}

void rl_audit_size(const struct rl_audit *audit, struct rl_audit_size *out)
{
    *out = (struct rl_audit_size){0};
    for (int64_t i = 0; i <= audit->keep; i++) {
        struct stat st;
        char *path = rl_audit_path(audit, i);
        bool there = stat(path, &st) == 0;
        free(path);
        if (!there && i > 0) /* after a rotation there is no audit.log until the next entry */
            break;
        out->files += there;
        out->bytes += there ? st.st_size : 0;
    }
}
