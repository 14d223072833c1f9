#include "client/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ringlock/base64.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"

enum { LIST_MAX = 1000 };

/* Of the whole program: set once, when it starts. */
static struct {
    bool on;
    int folder; /* -1: no file at all */
} confined = {.folder = -1};

enum rl_code rl_files_confine(const char *folder, struct rl_err *err)
{
    confined.on = true;
    confined.folder = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder && confined.folder < 0)
        return rl_fail(err, RL_E_IO, folder, "%s cannot be opened: %s.", folder, strerror(errno));
    return RL_OK;
}

/* The path with the home directory in place of "~"; owned. */
static char *expand(const char *path)
{
    const char *home = getenv("HOME");
    if (confined.on || strncmp(path, "~/", 2) != 0 || !home)
        return rl_strdup(path);
    return rl_asprintf("%s%s", home, path + 1);
}

/* May a confined client name it? */
static enum rl_code check_name(const char *path, struct rl_err *err)
{
    if (!*path)
        return rl_fail(err, RL_E_VALUE, "", "The name of the file is empty.");
    if (!confined.on)
        return RL_OK;
    if (confined.folder < 0)
        return rl_fail(err, RL_E_VALUE, path, "There are no files for a locked console.");
    if (strchr(path, '/') || strcmp(path, ".") == 0 || strcmp(path, "..") == 0)
        return rl_fail(err, RL_E_VALUE, path,
                       "%s is not a plain name: a locked console has the files of one folder.",
                       path);
    return RL_OK;
}

/* The descriptor, or -1 with errno. Nothing here waits for a pipe's other end. */
static int open_named(const char *path)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    if (confined.on)
        return openat(confined.folder, path, flags | O_NOFOLLOW);
    char *full = expand(path);
    int fd = open(full, flags);
    free(full);
    return fd;
}

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a directory";
    return S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

const char *rl_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *rl_file_beside(const char *of, const char *path)
{
    bool absolute = *path == '/' || strncmp(path, "~/", 2) == 0;
    int folder = absolute ? 0 : (int)(rl_file_name(of) - of);
    return rl_asprintf("%.*s%s", folder, of, path);
}

enum rl_code rl_file_open(const char *path, int *fd, struct rl_err *err)
{
    struct stat st;
    enum rl_code code = check_name(path, err);
    if (code != RL_OK)
        return code;
    *fd = open_named(path);
    if (*fd < 0 || fstat(*fd, &st) < 0)
        code = rl_fail(err, RL_E_IO, path, "%s cannot be opened: %s.", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        code =
            rl_fail(err, RL_E_IO, path, "%s cannot be read: it is %s.", path, kind_of(st.st_mode));
    if (code != RL_OK && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return code;
}

/* Up to max + 1 bytes, so that too many are seen. */
static bool read_up_to(int fd, size_t max, struct rl_buf *out)
{
    char part[16384];
    ssize_t n = 1;
    while (n > 0 && out->len <= max) {
        size_t room = max + 1 - out->len;
        n = read(fd, part, room < sizeof part ? room : sizeof part);
        if (n > 0)
            rl_buf_add(out, part, (size_t)n);
        else if (n < 0 && errno == EINTR)
            n = 1;
    }
    return n >= 0;
}

static enum rl_code read_all(int fd, const char *name, size_t max, char **bytes, size_t *n,
                             struct rl_err *err)
{
    struct rl_buf b = {0};
    enum rl_code code = RL_OK;
    if (!read_up_to(fd, max, &b))
        code = rl_fail(err, RL_E_IO, name, "%s cannot be read: %s.", name, strerror(errno));
    else if (b.len > max)
        code = rl_fail(err, RL_E_VALUE, name, "%s is larger than %zu bytes.", name, max);
    if (code == RL_OK) {
        *n = b.len;
        *bytes = b.len ? rl_buf_take(&b) : rl_strdup("");
    }
    rl_buf_fini(&b);
    return code;
}

enum rl_code rl_file_read(const char *path, size_t max, char **bytes, size_t *n, struct rl_err *err)
{
    int fd;
    enum rl_code code = rl_file_open(path, &fd, err);
    if (code != RL_OK)
        return code;
    code = read_all(fd, path, max, bytes, n, err);
    close(fd);
    return code;
}

enum rl_code rl_input_read(size_t max, char **bytes, size_t *n, struct rl_err *err)
{
    return read_all(STDIN_FILENO, "Standard input", max, bytes, n, err);
}

bool rl_file_is_there(const char *path)
{
    struct stat st;
    char *full = expand(path);
    bool is = check_name(path, NULL) == RL_OK && fstatat(confined.on ? confined.folder : AT_FDCWD,
                                                         full, &st, AT_SYMLINK_NOFOLLOW) == 0;
    free(full);
    return is;
}

char *rl_file_data(const char *bytes, size_t n)
{
    struct rl_buf text = {0};
    if (memmem(bytes, n, "-----BEGIN", 10) && rl_text_is_utf8(bytes, n) && !memchr(bytes, 0, n))
        return rl_strndup(bytes, n);
    rl_base64_encode(&text, bytes, n);
    return n ? rl_buf_take(&text) : rl_strdup("");
}

enum rl_code rl_file_folder(const char *path, int *folder, struct rl_err *err)
{
    enum rl_code code = check_name(path, err);
    if (code != RL_OK)
        return code;
    char *full = expand(path);
    char *dir = rl_strndup(full, (size_t)(rl_file_name(full) - full));
    *folder = confined.on ? openat(confined.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                          : open(*dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0)
        code = rl_fail(err, RL_E_IO, path, "%s cannot be written: %s.", path, strerror(errno));
    free(dir);
    free(full);
    return code;
}

/* Names for completion. */

static bool is_wanted(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0 && (name[0] != '.' || start[0] == '.') &&
           strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* What can be given to rl_file_open, or leads there. */
static void add_entry(json_t *list, DIR *dir, const char *before, const char *name)
{
    struct stat st;
    int links = confined.on ? AT_SYMLINK_NOFOLLOW : 0;
    if (fstatat(dirfd(dir), name, &st, links) < 0)
        return;
    bool is_dir = S_ISDIR(st.st_mode);
    if (!S_ISREG(st.st_mode) && (!is_dir || confined.on))
        return;
    char *path = rl_asprintf("%s%s%s", before, name, is_dir ? "/" : "");
    json_t *item = json_string(path); /* NULL if it is not UTF-8: it could not be shown */
    if (item)
        json_array_append_new(list, item);
    free(path);
}

static DIR *open_folder(const char *path)
{
    if (!confined.on) {
        char *full = expand(path);
        DIR *dir = opendir(*full ? full : ".");
        free(full);
        return dir;
    }
    int fd = confined.folder < 0 || *path ? -1 : openat(confined.folder, ".", O_RDONLY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !dir)
        close(fd);
    return dir;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

static json_t *sorted(json_t *list)
{
    size_t n = json_array_size(list);
    json_t **item = rl_alloc((n + 1) * sizeof *item), *out = json_array();
    for (size_t i = 0; i < n; i++)
        item[i] = json_array_get(list, i);
    qsort(item, n, sizeof *item, by_text);
    for (size_t i = 0; i < n; i++)
        json_array_append(out, item[i]);
    free(item);
    json_decref(list);
    return out;
}

json_t *rl_files_list(const char *text)
{
    const char *start = rl_file_name(text);
    char *before = rl_strndup(text, (size_t)(start - text));
    json_t *list = json_array();
    DIR *dir = open_folder(before);
    const struct dirent *e;
    while (dir && json_array_size(list) < LIST_MAX && (e = readdir(dir)))
        if (is_wanted(e->d_name, start))
            add_entry(list, dir, before, e->d_name);
    if (dir)
        closedir(dir);
    free(before);
    return sorted(list);
}

char *rl_files_complete(const char *text)
{
    json_t *list = rl_files_list(text), *item;
    char *common = rl_strdup(json_string_value(json_array_get(list, 0)));
    size_t i;
    json_array_foreach (list, i, item) {
        const char *other = json_string_value(item);
        size_t n = 0;
        while (common[n] && common[n] == other[n])
            n++;
        while ((common[n] & 0xc0) == 0x80) /* not inside a character */
            n--;
        common[n] = '\0';
    }
    json_decref(list);
    return common;
}
