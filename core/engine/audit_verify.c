#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/audit.h"

enum { VERIFY_PART = 1000 };

/* One file of the log. */
struct noted {
    char *path; /* owned */
    int fd;     /* -1: it could not be opened, for the reason `error` (errno) */
    int error;
    off_t size;
};

struct rl_audit_note {
    struct rl_audit *audit; /* that drops nothing meanwhile */
    int64_t last;           /* entry of the table */
    int64_t retired;        /* last entry whose file was removed */
    struct rl_audit_anchor anchor;
    struct noted *file; /* audit.log, then its predecessors */
    size_t n;
};

/* Where a walk along the chain is: the entry before, and what is wrong with the one looked at. */
struct walk {
    const struct rl_audit_note *note;
    struct rl_store *reader;
    struct rl_audit_anchor told; /* by the last entry that tells of dropped ones */
    int64_t seq;
    char hash[65];
    bool loose; /* the hash before is that of a dropped entry: the first line alone has it */
    size_t n;
    enum rl_code code;
    struct rl_err *err;
};

/* ---- how far it goes ---- */

static void note_file(const struct rl_audit *audit, int64_t number, struct noted *f)
{
    struct stat st = {0};
    f->path = rl_audit_path(audit, number);
    f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
    f->error = errno;
    if (f->fd >= 0)
        fstat(f->fd, &st);
    f->size = st.st_size;
}

enum rl_code rl_audit_note(struct rl_audit *audit, struct rl_audit_note **out, struct rl_err *err)
{
    struct rl_audit_note *note = *out = rl_alloc(sizeof *note);
    char *hash = NULL;
    note->audit = audit;
    audit->notes++;
    enum rl_code code = rl_store_audit_last(audit->reader, &note->last, &hash, err);
    if (code == RL_OK)
        code = rl_audit_retired(audit, &note->retired, err);
    if (code == RL_OK)
        code = rl_audit_anchor(audit, &note->anchor, err);
    free(hash);
    if (code != RL_OK) {
        rl_audit_note_free(out);
        return code;
    }
    note->n = (size_t)rl_audit_oldest(audit) + 1;
    note->file = rl_alloc(note->n * sizeof *note->file);
    for (size_t i = 0; i < note->n; i++)
        note_file(audit, (int64_t)i, &note->file[i]);
    return RL_OK;
}

void rl_audit_note_free(struct rl_audit_note **note)
{
    if (!*note)
        return;
    (*note)->audit->notes--;
    for (size_t i = 0; i < (*note)->n; i++) {
        if ((*note)->file[i].fd >= 0)
            close((*note)->file[i].fd);
        free((*note)->file[i].path);
    }
    free((*note)->file);
    free(*note);
    *note = NULL;
}

/* ---- the walk ---- */

static bool step(struct walk *w, const char *place, int64_t seq, const char *text, const char *hash)
{
    char want[65];
    if (seq != w->seq + 1) {
        w->code = rl_fail(w->err, RL_E_AUDIT_CHAIN, "audit log",
                          "%s has entry %lld after entry %lld: there is a gap.", place,
                          (long long)seq, (long long)w->seq);
        return false;
    }
    rl_audit_hash(w->hash, text, want);
    if (strcmp(want, hash) != 0) {
        w->code =
            rl_fail(w->err, RL_E_AUDIT_CHAIN, "audit log",
                    "%s: entry %lld was changed: its hash does not fit.", place, (long long)seq);
        return false;
    }
    w->seq = seq;
    memcpy(w->hash, want, sizeof want);
    if (seq == w->note->anchor.seq && strcmp(want, w->note->anchor.hash) != 0)
        w->code = rl_fail(w->err, RL_E_AUDIT_CHAIN, "audit log",
                          "%s: entry %lld or one before it was changed: the database begins after "
                          "another.",
                          place, (long long)seq);
    return w->code == RL_OK;
}

/* What was dropped is told by an entry: the anchor has to be the one of the last of them. */
static void note_anchor(struct walk *w, const char *text)
{
    if (!strstr(text, "\"what\":\"" RL_AUDIT_DROP "\""))
        return;
    json_t *entry = json_loads(text, 0, NULL);
    const char *what = json_string_value(json_object_get(entry, "what"));
    const json_t *after = json_object_get(entry, "after");
    const char *hash = json_string_value(json_object_get(after, "hash"));
    if (what && strcmp(what, RL_AUDIT_DROP) == 0) {
        w->told.seq = json_integer_value(json_object_get(after, "through"));
        snprintf(w->told.hash, sizeof w->told.hash, "%s", hash ? hash : "");
    }
    json_decref(entry);
}

static bool table_row(void *ctx, const struct rl_audit_row *row)
{
    struct walk *w = ctx;
    if (row->seq > w->note->last) /* it came later */
        return false;
    w->n++;
    note_anchor(w, row->text);
    return step(w, "the database", row->seq, row->text, row->hash);
}

static enum rl_code check_anchor(struct walk *w)
{
    const struct rl_audit_anchor *anchor = &w->note->anchor;
    if (w->told.seq == anchor->seq && strcmp(w->told.hash, anchor->hash) == 0)
        return RL_OK;
    return rl_fail(w->err, RL_E_AUDIT_CHAIN, "audit log",
                   "The database begins after entry %lld, but the last entry that tells of dropped "
                   "ones names entry %lld.",
                   (long long)anchor->seq, (long long)w->told.seq);
}

static enum rl_code walk_table(struct walk *w)
{
    size_t before;
    w->seq = w->note->anchor.seq;
    memcpy(w->hash, w->note->anchor.hash, sizeof w->hash);
    do {
        before = w->n;
        enum rl_code code =
            rl_store_audit_list(w->reader, w->seq, false, VERIFY_PART, table_row, w, w->err);
        if (code != RL_OK)
            return code;
    } while (w->code == RL_OK && w->n - before == VERIFY_PART);
    return w->code ? w->code : check_anchor(w);
}

static bool file_line(struct walk *w, const char *path, char *line, size_t n)
{
    struct rl_audit_line entry;
    if (n == 0 || line[n - 1] != '\n' || !rl_audit_line_read(line, n - 1, &entry)) {
        w->code = rl_fail(w->err, RL_E_AUDIT_CHAIN, path,
                          "%s: the line after entry %lld is no entry: it was changed or cut.", path,
                          (long long)w->seq);
        return false;
    }
    if (w->loose)
        memcpy(w->hash, entry.prev, sizeof w->hash);
    w->loose = false;
    if (strcmp(entry.prev, w->hash) != 0 && entry.seq == w->seq + 1) {
        w->code = rl_fail(w->err, RL_E_AUDIT_CHAIN, path,
                          "%s: entry %lld was changed: it does not follow the one before.", path,
                          (long long)entry.seq);
        return false;
    }
    char *text = rl_strndup(entry.text, entry.ntext);
    bool ok = step(w, path, entry.seq, text, entry.hash);
    free(text);
    return ok;
}

static enum rl_code missing(struct walk *w, const struct noted *f)
{
    if (f->error != ENOENT)
        return rl_fail(w->err, RL_E_IO, f->path, "%s cannot be read: %s.", f->path,
                       strerror(f->error));
    return rl_fail(w->err, RL_E_AUDIT_CHAIN, f->path,
                   "%s is missing: entry %lld should be in it or after it.", f->path,
                   (long long)w->seq + 1);
}

/* As far as it was noted: what came later is not looked at. */
static enum rl_code walk_file(struct walk *w, struct noted *f)
{
    char *line = NULL;
    size_t cap = 0;
    FILE *in = f->fd >= 0 ? fdopen(f->fd, "r") : NULL;
    if (!in)
        return missing(w, f);
    f->fd = -1;
    off_t left = f->size;
    for (ssize_t n; w->code == RL_OK && left > 0 && (n = getline(&line, &cap, in)) > 0; left -= n)
        if (rl_store_interrupted(w->reader))
            w->code =
                rl_fail(w->err, RL_E_CANCELLED, f->path, "The walk along the log was stopped.");
        else
            file_line(w, f->path, line, (size_t)n);
    free(line);
    fclose(in);
    return w->code;
}

static bool note_hash(void *ctx, const struct rl_audit_row *row)
{
    snprintf(ctx, 65, "%s", row->hash);
    return false;
}

/* The oldest file has to begin after the last entry whose file was removed. It may still have
 * entries that the table has no more; they lead to the anchor. */
static enum rl_code begin_files(struct walk *w)
{
    const struct rl_audit_anchor *anchor = &w->note->anchor;
    w->seq = w->note->retired;
    if (w->seq > anchor->seq)
        return rl_store_audit_list(w->reader, w->seq - 1, false, 1, note_hash, w->hash, w->err);
    if (w->seq == anchor->seq)
        memcpy(w->hash, anchor->hash, sizeof w->hash);
    w->loose = w->seq > 0 && w->seq < anchor->seq;
    return RL_OK;
}

static enum rl_code walk_files(struct walk *w, const struct walk *table)
{
    enum rl_code code = begin_files(w);
    for (size_t i = w->note->n; code == RL_OK && i-- > 0;) {
        struct noted *f = &w->note->file[i];
        /* right after a rotation there is no audit.log until the next entry */
        if (i > 0 || f->fd >= 0 || f->error != ENOENT || w->seq != table->seq)
            code = walk_file(w, f);
    }
    if (code != RL_OK)
        return code;
    if (w->seq != table->seq)
        return rl_fail(w->err, RL_E_AUDIT_CHAIN, "audit log",
                       "audit.log ends with entry %lld, the database with entry %lld: "
                       "its tail is missing.",
                       (long long)w->seq, (long long)table->seq);
    if (strcmp(w->hash, table->hash) != 0)
        return rl_fail(w->err, RL_E_AUDIT_CHAIN, "audit log",
                       "audit.log: entry %lld is not that of the database.", (long long)w->seq);
    return RL_OK;
}

enum rl_code rl_audit_walk(struct rl_audit_note *note, struct rl_store *reader,
                           struct rl_audit_found *found, struct rl_err *err)
{
    struct walk table = {.note = note, .reader = reader, .err = err};
    struct walk files = {.note = note, .reader = reader, .err = err};
    enum rl_code code = walk_table(&table);
    *found = (struct rl_audit_found){table.n, note->anchor.seq};
    if (code == RL_OK)
        code = walk_files(&files, &table);
    return code;
}

enum rl_code rl_audit_verify(struct rl_audit *audit, struct rl_audit_found *found,
                             struct rl_err *err)
{
    struct rl_audit_note *note;
    enum rl_code code = rl_audit_note(audit, &note, err);
    *found = (struct rl_audit_found){0};
    if (code == RL_OK)
        code = rl_audit_walk(note, audit->reader, found, err);
    rl_audit_note_free(&note);
    return code;
}
