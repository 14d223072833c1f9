#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/audit.h"

enum { VERIFY_PART = 1000 };

/* Where a walk along the chain is: the entry before, and what is wrong with the one looked at. */
struct walk {
    const struct rl_audit *audit;
    int64_t seq;
    char hash[65];
    size_t n;
    enum rl_code code;
    struct rl_err *err;
};

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
    return true;
}

static bool table_row(void *ctx, const struct rl_audit_row *row)
{
    struct walk *w = ctx;
    w->n++;
    return step(w, "the database", row->seq, row->text, row->hash);
}

static enum rl_code walk_table(struct walk *w)
{
    size_t before;
    do {
        before = w->n;
        enum rl_code code =
            rl_store_audit_list(w->audit->reader, w->seq, false, VERIFY_PART, table_row, w, w->err);
        if (code != RL_OK)
            return code;
    } while (w->code == RL_OK && w->n - before == VERIFY_PART);
    return w->code;
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

static enum rl_code walk_file(struct walk *w, const char *path)
{
    char *line = NULL;
    size_t cap = 0;
    FILE *f = fopen(path, "re");
    if (!f)
        return rl_fail(w->err, errno == ENOENT ? RL_E_AUDIT_CHAIN : RL_E_IO, path,
                       "%s is missing: entry %lld should be in it or after it.", path,
                       (long long)w->seq + 1);
    for (ssize_t n; w->code == RL_OK && (n = getline(&line, &cap, f)) > 0;)
        file_line(w, path, line, (size_t)n);
    free(line);
    fclose(f);
    return w->code;
}

/* Where the oldest file has to begin: after what rotation deleted. */
struct begin {
    int64_t seq;
    char hash[65];
};

static bool begin_row(void *ctx, const struct rl_audit_row *row)
{
    snprintf(((struct begin *)ctx)->hash, 65, "%s", row->hash);
    return false;
}

static enum rl_code begin_files(const struct rl_audit *audit, struct walk *w)
{
    char *retired = NULL;
    struct begin begin = {0};
    enum rl_code code = rl_store_get_meta(audit->reader, RL_AUDIT_RETIRED, &retired, w->err);
    begin.seq = retired ? strtoll(retired, NULL, 10) : 0;
    free(retired);
    if (code == RL_OK && begin.seq > 0)
        code =
            rl_store_audit_list(audit->reader, begin.seq - 1, false, 1, begin_row, &begin, w->err);
    w->seq = begin.seq;
    memcpy(w->hash, begin.hash, sizeof w->hash);
    return code;
}

static int64_t oldest_file(const struct rl_audit *audit)
{
    int64_t oldest = 0;
    for (int64_t i = 1; i <= audit->keep; i++) {
        char *path = rl_audit_path(audit, i);
        if (access(path, F_OK) == 0)
            oldest = i;
        free(path);
    }
    return oldest;
}

static enum rl_code walk_files(struct walk *w, const struct walk *table)
{
    enum rl_code code = begin_files(w->audit, w);
    for (int64_t i = oldest_file(w->audit); code == RL_OK && i >= 0; i--) {
        char *path = rl_audit_path(w->audit, i);
        /* right after a rotation there is no audit.log until the next entry */
        if (i > 0 || access(path, F_OK) == 0 || w->seq != table->seq)
            code = walk_file(w, path);
        free(path);
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

enum rl_code rl_audit_verify(const struct rl_audit *audit, size_t *entries, struct rl_err *err)
{
    struct walk table = {.audit = audit, .err = err};
    struct walk files = {.audit = audit, .err = err};
    enum rl_code code = walk_table(&table);
    *entries = table.n;
    if (code == RL_OK)
        code = walk_files(&files, &table);
    return code;
}
