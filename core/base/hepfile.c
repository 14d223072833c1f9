#include "ringlock/hepfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"

enum { HEAD = 12 };

struct rl_hepfile {
    FILE *f;
    char *path;
    size_t record; /* number of the next one */
    uint8_t bytes[RL_HEP_MAX];
};

enum rl_code rl_hepfile_open(const char *path, struct rl_hepfile **file, struct rl_err *err)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (f == NULL)
        return rl_fail(err, RL_E_IO, path, "%s cannot be opened: %s.", path, strerror(errno));
    *file = rl_alloc(sizeof **file);
    (*file)->f = f;
    (*file)->path = rl_strdup(path);
    return RL_OK;
}

void rl_hepfile_close(struct rl_hepfile **file)
{
    if (*file == NULL)
        return;
    if ((*file)->f != stdin)
        fclose((*file)->f);
    free((*file)->path);
    free(*file);
    *file = NULL;
}

static enum rl_code refuse(const struct rl_hepfile *file, struct rl_err *err, const char *why)
{
    if (ferror(file->f))
        return rl_fail(err, RL_E_IO, file->path, "%s cannot be read.", file->path);
    return rl_fail(err, RL_E_HEP_FILE, file->path, "%s: record %zu (counted from 0) %s.",
                   file->path, file->record, why);
}

static enum rl_code at_end(const struct rl_hepfile *file, size_t head, bool *more,
                           struct rl_err *err)
{
    if (head > 0 || ferror(file->f))
        return refuse(file, err, "is cut short");
    if (file->record == 0)
        return rl_fail(err, RL_E_HEP_FILE, file->path, "%s holds no record.", file->path);
    *more = false;
    return RL_OK;
}

enum rl_code rl_hepfile_next(struct rl_hepfile *file, struct rl_hep_record *rec, bool *more,
                             struct rl_err *err)
{
    uint8_t head[HEAD];
    size_t got = fread(head, 1, HEAD, file->f);
    if (got < HEAD)
        return at_end(file, got, more, err);
    struct rl_cur cur = rl_cur_make(head, HEAD);
    uint64_t time = rl_cur_u64(&cur);
    size_t n = rl_cur_u32(&cur);
    if (n < RL_HEP_MIN || n > RL_HEP_MAX || time > INT64_MAX)
        return refuse(file, err, "is not a HEPv3 packet");
    if (fread(file->bytes, 1, n, file->f) < n)
        return refuse(file, err, "is cut short");
    if (memcmp(file->bytes, "HEP3", 4) != 0)
        return refuse(file, err, "is not a HEPv3 packet");
    if ((size_t)(file->bytes[4] << 8 | file->bytes[5]) != n)
        return refuse(file, err, "has another length than the packet in it says");
    *rec = (struct rl_hep_record){(int64_t)time, file->bytes, n};
    *more = true;
    file->record++;
    return RL_OK;
}
