#include "engine/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/tar.h"
#include "ringlock/protocol.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum { PART_CHUNKS = 10 }; /* in base64 they fit into a line of the protocol */

struct member {
    struct rl_tar_entry entry;
    int fd;
};

struct rl_backup {
    char *dir; /* of the site */
    struct rl_store *snapshot;
    struct rl_backup_to to;
    struct rl_seal *seal;
    atomic_bool stop;
    struct member *member;
    size_t n, cap;

    size_t next;         /* member after the one that is read */
    int64_t left;        /* bytes of that */
    struct rl_buf frame; /* what comes before them: padding, a header, the end */
    bool begun, ended;   /* the head of the stream was given; the end is in the frame */
};

/* ---- what is in it ---- */

static bool begins(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

/* One part of a path below a directory of the site. */
static bool is_plain(const char *name)
{
    return *name && name[0] != '.' && !strchr(name, '/');
}

bool rl_backup_is_name(const char *name)
{
    if (strcmp(name, RL_BACKUP_DB) == 0 || strcmp(name, "ringlock.conf") == 0)
        return true;
    if (begins(name, "keys/") || begins(name, "tftp/"))
        return is_plain(name + 5);
    return begins(name, "log/audit.log") && is_plain(name + 4);
}

static enum rl_code cannot_read(struct rl_err *err, const char *name)
{
    return rl_fail(err, RL_E_IO, name, "%s of the site cannot be read: %s.", name, strerror(errno));
}

/* Takes fd. */
static enum rl_code add_fd(struct rl_backup *b, const char *name, int fd, struct rl_err *err)
{
    struct member m = {.fd = fd};
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || strlen(name) > RL_TAR_NAME) {
        enum rl_code code = cannot_read(err, name);
        if (fd >= 0)
            close(fd);
        return code;
    }
    strcpy(m.entry.name, name);
    m.entry.mode = st.st_mode & 0777;
    m.entry.size = st.st_size;
    m.entry.mtime_s = st.st_mtime;
    if (b->n == b->cap)
        b->member = rl_realloc(b->member, (b->cap = b->cap ? 2 * b->cap : 16) * sizeof m);
    b->member[b->n++] = m;
    return RL_OK;
}

static enum rl_code add_file(struct rl_backup *b, const char *name, struct rl_err *err)
{
    char *path = rl_asprintf("%s/%s", b->dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    free(path);
    return add_fd(b, name, fd, err);
}

/* Made anew from the database when an engine opens the site: the files of each phone. */
static bool is_of_phone(const char *name)
{
    return begins(name, "tftp/") && strstr(name, ".cnf.xml");
}

/* The regular files of a directory of the site that a backup has. */
static enum rl_code add_dir(struct rl_backup *b, const char *dir, struct rl_err *err)
{
    char *path = rl_asprintf("%s/%s", b->dir, dir);
    DIR *d = opendir(path);
    enum rl_code code = d || errno == ENOENT ? RL_OK : cannot_read(err, dir);
    const struct dirent *e;
    while (d && code == RL_OK && (e = readdir(d))) {
        char *name = rl_asprintf("%s/%s", dir, e->d_name);
        struct stat st;
        if (rl_backup_is_name(name) && !is_of_phone(name) &&
            fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            code = add_file(b, name, err);
        free(name);
    }
    if (d)
        closedir(d);
    free(path);
    return code;
}

enum rl_code rl_backup_new(const struct rl_site *site, const struct rl_store *store,
                           struct rl_backup_to *to, struct rl_backup **out, struct rl_err *err)
{
    static const char *const dirs[] = {"keys", "log", "tftp"};
    struct rl_backup *b = rl_alloc(sizeof *b);
    b->dir = rl_strdup(site->dir);
    b->to = *to;
    *to = (struct rl_backup_to){0};
    enum rl_code code = rl_store_snapshot(store, &b->snapshot, err);
    if (code == RL_OK)
        code = add_file(b, "ringlock.conf", err);
    for (size_t i = 0; code == RL_OK && i < sizeof dirs / sizeof *dirs; i++)
        code = add_dir(b, dirs[i], err);
    if (code != RL_OK)
        rl_backup_free(&b);
    *out = b;
    return code;
}

/* ---- the manifest ---- */

static json_t *meta(struct rl_store *s, const char *key)
{
    char *text = NULL;
    rl_store_get_meta(s, key, &text, NULL);
    char *safe = rl_text_safe_dup(text ? text : "unknown");
    json_t *value = json_string(safe);
    free(text);
    free(safe);
    return value;
}

static enum rl_code manifest(struct rl_backup *b, json_t **out, struct rl_err *err)
{
    struct rl_mode_counts n;
    struct rl_query certs = {.kind = RL_CERTIFICATE};
    size_t ncerts = 0;
    char now[RL_TIME_TEXT];
    enum rl_code code = rl_store_mode_counts(b->snapshot, &n, err);
    if (code == RL_OK)
        code = rl_store_count(b->snapshot, &certs, &ncerts, err);
    if (code != RL_OK)
        return code;
    *out = json_pack("{s:o, s:s, s:s, s:i, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}}", "site",
                     meta(b->snapshot, "name"), "taken", rl_time_text(rl_now_us(), 0, now),
                     "release", RL_RELEASE, "schema", RL_SCHEMA_VERSION, "cluster_mode",
                     meta(b->snapshot, "cluster_mode"), "counts", "phones", (json_int_t)n.phones,
                     "gateways", (json_int_t)n.gateways, "profiles", (json_int_t)n.profiles,
                     "users", (json_int_t)n.users, "types", (json_int_t)n.types, "certificates",
                     (json_int_t)ncerts);
    return RL_OK;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    return fd >= 0 && write(fd, bytes, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0;
}

/* Put the manifest before the other members. */
static enum rl_code add_manifest(struct rl_backup *b, struct rl_err *err)
{
    json_t *m = NULL;
    enum rl_code code = manifest(b, &m, err);
    if (code != RL_OK)
        return code;
    char *text = json_dumps(m, JSON_INDENT(1));
    int fd = memfd_create(RL_BACKUP_MANIFEST, MFD_CLOEXEC);
    if (!write_all(fd, text, strlen(text)))
        code = rl_fail(err, RL_E_IO, RL_BACKUP_MANIFEST, "There is no memory for the backup.");
    if (code == RL_OK)
        code = add_fd(b, RL_BACKUP_MANIFEST, fd, err);
    else if (fd >= 0)
        close(fd);
    free(text);
    json_decref(m);
    if (code != RL_OK)
        return code;
    struct member last = b->member[b->n - 1];
    memmove(b->member + 1, b->member, (b->n - 1) * sizeof last);
    b->member[0] = last;
    b->member[0].entry.mode = 0600;
    return RL_OK;
}

/* ---- the copy of the database ---- */

static char *copy_path(const char *dir)
{
    return rl_asprintf("%s/" RL_BACKUP_DB ".copy", dir);
}

void rl_backup_clean(const struct rl_site *site)
{
    char *path = copy_path(site->dir);
    unlink(path);
    free(path);
}

static enum rl_code add_database(struct rl_backup *b, struct rl_err *err)
{
    char *path = copy_path(b->dir);
    enum rl_code code = RL_OK;
    unlink(path);
    int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        code = rl_fail(err, RL_E_IO, path, "%s cannot be made: %s.", path, strerror(errno));
    else
        code = rl_store_copy(b->snapshot, path, &b->stop, err);
    free(path);
    rl_store_close(&b->snapshot);
    if (code == RL_OK)
        return add_fd(b, RL_BACKUP_DB, fd, err);
    if (fd >= 0)
        close(fd);
    return code;
}

static enum rl_code make_seal(struct rl_backup *b, struct rl_err *err)
{
    struct rl_backup_to *to = &b->to;
    if (to->certificate)
        return rl_seal_to_certificate(to->certificate, to->ncertificate, "The certificate",
                                      &b->seal, err);
    enum rl_code code = rl_seal_to_passphrase(to->passphrase, &b->seal, err);
    explicit_bzero(to->passphrase, strlen(to->passphrase));
    return code;
}

enum rl_code rl_backup_prepare(struct rl_backup *b, struct rl_err *err)
{
    enum rl_code code = make_seal(b, err);
    if (code == RL_OK)
        code = add_manifest(b, err);
    if (code == RL_OK)
        code = add_database(b, err);
    return code;
}

int64_t rl_backup_length(const struct rl_backup *b)
{
    int64_t plain = 2 * RL_TAR_BLOCK;
    for (size_t i = 0; i < b->n; i++) {
        int64_t size = b->member[i].entry.size;
        plain += RL_TAR_BLOCK + size + (int64_t)rl_tar_padding(size);
    }
    return rl_seal_length(b->seal, plain);
}

/* ---- the stream ---- */

/* The padding of the member before, and the header of the next or the end. */
static enum rl_code next_frame(struct rl_backup *b, struct rl_err *err)
{
    static const char zeros[2 * RL_TAR_BLOCK];
    if (b->next > 0)
        rl_buf_add(&b->frame, zeros, rl_tar_padding(b->member[b->next - 1].entry.size));
    if (b->next == b->n) {
        b->ended = true;
        rl_buf_add(&b->frame, zeros, sizeof zeros);
        return RL_OK;
    }
    const struct rl_tar_entry *entry = &b->member[b->next++].entry;
    b->left = entry->size;
    if (rl_tar_head(&b->frame, entry))
        return RL_OK;
    return rl_fail(err, RL_E_IO, entry->name, "%s of the site is too large for a backup.",
                   entry->name);
}

static size_t take_frame(struct rl_backup *b, uint8_t *out, size_t n)
{
    size_t part = n < b->frame.len ? n : b->frame.len;
    memcpy(out, b->frame.data, part);
    rl_buf_drop(&b->frame, part);
    return part;
}

static enum rl_code take_member(struct rl_backup *b, uint8_t *out, size_t n, size_t *taken,
                                struct rl_err *err)
{
    const struct member *m = &b->member[b->next - 1];
    ssize_t got = read(m->fd, out, (int64_t)n < b->left ? n : (size_t)b->left);
    if (got < 0)
        return cannot_read(err, m->entry.name);
    if (got == 0)
        return rl_fail(err, RL_E_IO, m->entry.name, "%s of the site became shorter meanwhile.",
                       m->entry.name);
    b->left -= got;
    *taken += (size_t)got;
    return RL_OK;
}

/* The next bytes of the archive: n of them, unless it ends. */
static enum rl_code take(struct rl_backup *b, uint8_t *out, size_t n, size_t *taken,
                         struct rl_err *err)
{
    enum rl_code code = RL_OK;
    *taken = 0;
    while (code == RL_OK && *taken < n) {
        if (b->frame.len > 0)
            *taken += take_frame(b, out + *taken, n - *taken);
        else if (b->left > 0)
            code = take_member(b, out + *taken, n - *taken, taken, err);
        else if (!b->ended)
            code = next_frame(b, err);
        else
            break;
    }
    return code;
}

enum rl_code rl_backup_part(struct rl_backup *b, struct rl_buf *out, bool *last, struct rl_err *err)
{
    uint8_t plain[RL_SEAL_CHUNK];
    size_t n;
    enum rl_code code = RL_OK;
    *last = false;
    if (!b->begun)
        rl_buf_add(out, rl_seal_head(b->seal)->data, rl_seal_head(b->seal)->len);
    b->begun = true;
    for (int i = 0; i < PART_CHUNKS && code == RL_OK && !*last; i++) {
        code = take(b, plain, sizeof plain, &n, err);
        *last = b->ended && b->frame.len == 0;
        if (code == RL_OK)
            code = rl_seal_chunk(b->seal, plain, n, *last, out, err);
    }
    explicit_bzero(plain, sizeof plain);
    return code;
}

void rl_backup_stop(struct rl_backup *b)
{
    atomic_store(&b->stop, true);
}

void rl_backup_to_fini(struct rl_backup_to *to)
{
    if (to->passphrase)
        explicit_bzero(to->passphrase, strlen(to->passphrase));
    free(to->passphrase);
    free(to->certificate);
    *to = (struct rl_backup_to){0};
}

void rl_backup_free(struct rl_backup **backup)
{
    struct rl_backup *b = *backup;
    if (!b)
        return;
    for (size_t i = 0; i < b->n; i++)
        close(b->member[i].fd);
    free(b->member);
    rl_store_close(&b->snapshot);
    rl_seal_free(&b->seal);
    rl_backup_to_fini(&b->to);
    rl_buf_fini(&b->frame);
    free(b->dir);
    free(b);
    *backup = NULL;
}
