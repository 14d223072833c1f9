/* SITE/log/audit.log and the files that it was rotated to. Their numbers have no gap but while they
 * are moved up, and after a kill in the middle of that. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/audit.h"
#include "engine/log.h"
#include "ringlock/time.h"

enum { FLUSH_PART = 500 };

char *rl_audit_path(const struct rl_audit *audit, int64_t number)
{
    if (number == 0)
        return rl_asprintf("%s/audit.log", audit->log_dir);
    return rl_asprintf("%s/audit.log.%lld", audit->log_dir, (long long)number);
}

/* ---- lines ---- */

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

int64_t rl_audit_time(const char *text, size_t n)
{
    static const char begin[] = "{\"time\":\"";
    char time[RL_TIME_TEXT] = "";
    if (n < sizeof begin + 23 || memcmp(text, begin, sizeof begin - 1) != 0)
        return -1;
    memcpy(time, text + sizeof begin - 1, 24);
    return rl_time_parse(time);
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

/* The first entry of a file: its number and (unless NULL) its time, -1 if that cannot be read. */
static bool first_entry(const char *path, int64_t *seq, int64_t *time_us)
{
    struct rl_audit_line first;
    char *line = NULL;
    size_t cap = 0;
    FILE *f = fopen(path, "re");
    ssize_t n = f ? getline(&line, &cap, f) : 0;
    bool found = n > 0 && rl_audit_line_read(line, (size_t)n - 1, &first);
    if (found)
        *seq = first.seq;
    if (found && time_us)
        *time_us = rl_audit_time(first.text, first.ntext);
    free(line);
    if (f)
        fclose(f);
    return found;
}

/* ---- which files there are ---- */

static bool is_there(const struct rl_audit *audit, int64_t number)
{
    char *path = rl_audit_path(audit, number);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

int64_t rl_audit_oldest(const struct rl_audit *audit)
{
    static const char begin[] = "audit.log.";
    int64_t oldest = 0;
    DIR *d = opendir(audit->log_dir);
    const struct dirent *e;
    while (d && (e = readdir(d))) {
        char *end = NULL;
        bool numbered = strncmp(e->d_name, begin, sizeof begin - 1) == 0;
        int64_t n = numbered ? strtoll(e->d_name + sizeof begin - 1, &end, 10) : 0;
        if (n > oldest && !*end)
            oldest = n;
    }
    if (d)
        closedir(d);
    return oldest;
}

/* The last entry of a file: the one before the first of the next newer. */
static int64_t last_seq(const struct rl_audit *audit, int64_t number)
{
    int64_t seq = audit->written + 1;
    bool found = false;
    while (!found && number-- > 0) {
        char *path = rl_audit_path(audit, number);
        found = first_entry(path, &seq, NULL);
        free(path);
    }
    return seq - 1;
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

/* ---- files that go ---- */

int64_t rl_audit_ends(const struct rl_audit *audit, int64_t through)
{
    int64_t ends = 0, last;
    for (int64_t i = rl_audit_oldest(audit); i > 0 && (last = last_seq(audit, i)) <= through; i--)
        ends = last;
    return ends;
}

void rl_audit_unlink(const struct rl_audit *audit, int64_t through)
{
    for (int64_t i = rl_audit_oldest(audit); i > 0 && last_seq(audit, i) <= through; i--) {
        char *path = rl_audit_path(audit, i);
        if (unlink(path) != 0 && errno != ENOENT)
            rl_log(RL_LOG_ERROR, "%s cannot be removed: %s", path, strerror(errno));
        free(path);
    }
}

enum rl_code rl_audit_set_retired(const struct rl_audit *audit, int64_t seq, struct rl_err *err)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)seq);
    return rl_store_set_meta(audit->store, RL_AUDIT_RETIRED, text, err);
}

enum rl_code rl_audit_retired(const struct rl_audit *audit, int64_t *seq, struct rl_err *err)
{
    char *text = NULL;
    enum rl_code code = rl_store_get_meta(audit->reader, RL_AUDIT_RETIRED, &text, err);
    *seq = text ? strtoll(text, NULL, 10) : 0;
    free(text);
    return code;
}

/* Files to this entry go: first remember how far, so that verify knows them from files that someone
 * took away. */
static enum rl_code retire(const struct rl_audit *audit, int64_t through, struct rl_err *err)
{
    enum rl_code code = rl_store_begin(audit->store, err);
    if (code != RL_OK)
        return code;
    code = rl_audit_set_retired(audit, through, err);
    if (code == RL_OK)
        code = rl_store_commit(audit->store, err);
    if (code != RL_OK)
        rl_store_rollback(audit->store);
    else
        rl_audit_unlink(audit, through);
    return code;
}

/* No more files than `keep` beside audit.log. */
static enum rl_code retire_surplus(const struct rl_audit *audit, struct rl_err *err)
{
    if (rl_audit_oldest(audit) <= audit->keep)
        return RL_OK;
    return retire(audit, last_seq(audit, audit->keep + 1), err);
}

/* ---- rotation ---- */

/* The files before the first number that is free move up by one. Interrupted, it is finished by
 * being done again. */
static enum rl_code move_up(const struct rl_audit *audit, struct rl_err *err)
{
    int64_t n = 1;
    enum rl_code code = RL_OK;
    while (is_there(audit, n))
        n++;
    char *to = rl_audit_path(audit, n);
    while (code == RL_OK && n-- > 0) {
        char *from = rl_audit_path(audit, n);
        if (rename(from, to) != 0 && errno != ENOENT)
            code = rl_fail(err, RL_E_IO, from, "%s cannot be rotated: %s.", from, strerror(errno));
        free(to);
        to = from;
    }
    free(to);
    return code;
}

/* A number that is free below others: audit.log was being rotated when the engine was killed. */
static enum rl_code finish_rotation(const struct rl_audit *audit, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (int64_t i = rl_audit_oldest(audit) - 1; i > 0 && code == RL_OK; i--) {
        if (is_there(audit, i))
            continue;
        rl_log(RL_LOG_NOTICE, "the rotation of audit.log was interrupted: finished");
        code = move_up(audit, err);
    }
    return code;
}

static bool is_due(const struct rl_audit *audit)
{
    struct stat st;
    int64_t seq, time_us = -1, now = rl_now_us();
    char *path = rl_audit_path(audit, 0);
    bool due = stat(path, &st) == 0 && st.st_size >= audit->rotate_size;
    if (!due && audit->rotate_age_us > 0 && first_entry(path, &seq, &time_us))
        due = time_us >= 0 && now - time_us >= audit->rotate_age_us;
    free(path);
    return due;
}

enum rl_code rl_audit_rotate(const struct rl_audit *audit, struct rl_err *err)
{
    enum rl_code code = RL_OK;
    if (!is_due(audit))
        return RL_OK;
    code = move_up(audit, err);
    return code ? code : retire_surplus(audit, err);
}

/* ---- from the table into the file ---- */

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
    enum rl_code code = rl_audit_rotate(audit, err);
    if (code != RL_OK)
        return code;
    char *path = rl_audit_path(audit, 0);
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

/* ---- at start ---- */

/* The last entry that is in a file. Without files the chain goes on after the anchor. */
static enum rl_code find_written(struct rl_audit *audit, struct rl_err *err)
{
    struct rl_audit_line last = {0};
    struct rl_audit_anchor anchor = {0};
    enum rl_code code = RL_OK;
    bool found = false;
    for (int64_t i = 0, oldest = rl_audit_oldest(audit); i <= oldest && !found; i++) {
        char *path = rl_audit_path(audit, i);
        found = last_line(path, &last);
        free(path);
    }
    if (!found)
        code = rl_audit_anchor(audit, &anchor, err);
    audit->written = found ? last.seq : anchor.seq;
    snprintf(audit->written_hash, sizeof audit->written_hash, "%s",
             found ? last.hash : anchor.hash);
    return code;
}

/* What a kill left: files half moved, files that retention or rotation were about to remove. */
static enum rl_code tidy(struct rl_audit *audit, struct rl_err *err)
{
    int64_t retired = 0;
    enum rl_code code = finish_rotation(audit, err);
    if (code == RL_OK)
        code = find_written(audit, err);
    if (code == RL_OK)
        code = rl_audit_retired(audit, &retired, err);
    if (code == RL_OK)
        rl_audit_unlink(audit, retired);
    return code ? code : retire_surplus(audit, err);
}

enum rl_code rl_audit_open(struct rl_audit *audit, struct rl_err *err)
{
    int64_t table = 0;
    char *hash = NULL;
    enum rl_code code = tidy(audit, err);
    if (code == RL_OK)
        code = rl_store_audit_last(audit->reader, &table, &hash, err);
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
