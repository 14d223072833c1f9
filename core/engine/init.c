#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/own.h"
#include "engine/audit.h"
#include "engine/config_audit.h"
#include "engine/place.h"
#include "engine/site.h"
#include "ringlock/protocol.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum { NAME_MAX_CHARS = 64 };

enum rl_code rl_site_make_dirs(const char *dir, struct rl_err *err)
{
    static const struct {
        const char *name;
        mode_t mode;
    } dirs[] = {
        {"keys", 0700},
        {"tftp", 0755},
        {"log",  0700},
    };
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        char *path = rl_asprintf("%s/%s", dir, dirs[i].name);
        bool ok = mkdir(path, dirs[i].mode) == 0 && chmod(path, dirs[i].mode) == 0;
        enum rl_code code = ok ? RL_OK : rl_place_fail(err, path);
        free(path);
        if (code != RL_OK)
            return code;
    }
    return RL_OK;
}

static enum rl_code make_conf(const char *dir, struct rl_err *err)
{
    struct rl_buf text = {0};
    char *path = rl_asprintf("%s/ringlock.conf", dir);
    rl_config_write_default(&text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    enum rl_code code = ok ? RL_OK : rl_place_fail(err, path);
    if (fd >= 0)
        close(fd);
    free(path);
    rl_buf_fini(&text);
    return code;
}

static enum rl_code set_meta(struct rl_store *store, const char *name, struct rl_err *err)
{
    char now[RL_TIME_TEXT];
    const char *const texts[][2] = {
        {"name",         name                    },
        {"cluster_mode", "nonsecure"             },
        {"release",      RL_RELEASE              },
        {"installed_at", rl_time_text(rl_now_us(), 0, now)},
        {"upgraded_from",          "none"                                 },
    };
    enum rl_code code = rl_store_begin(store, err);
    for (size_t i = 0; code == RL_OK && i < sizeof texts / sizeof *texts; i++)
        code = rl_store_set_meta(store, texts[i][0], texts[i][1], err);
    if (code == RL_OK)
        return code;
    rl_store_rollback(store);
    return code;
}

/* The first entry of the audit log; commits what set_meta began. */
static enum rl_code first_entry(struct rl_store *store, struct rl_audit *audit, const char *who,
                                struct rl_err *err)
{
    enum rl_code code =
        rl_audit_add(audit, who, "init", "site", NULL,
                     "{\"cluster_mode\":\"nonsecure\",\"release\":\"" RL_RELEASE "\"}", err);
    if (code == RL_OK)
        code = rl_store_commit(store, err);
    if (code != RL_OK)
        rl_store_rollback(store);
    return code;
}

static enum rl_code fill_db(struct rl_store *store, struct rl_audit *audit, const char *dir,
                            const struct rl_site_request *rq, const char *name, struct rl_err *err)
{
    char *who = rl_user_name(getuid()), *keys = rl_asprintf("%s/keys", dir);
    struct rl_auditor auditor = {audit, rl_audit_add};
    struct rl_act act = {.store = store, .audit = &auditor, .who = who};
    enum rl_code code = set_meta(store, name, err);
    if (code == RL_OK)
        code = first_entry(store, audit, who, err);
    if (code == RL_OK)
        code = rl_objects_init(&act, rq->packs_dir, err);
    if (code == RL_OK)
        code = rl_own_begin(&act, keys, name, err);
    if (code == RL_OK)
        code = rl_audit_flush(audit, err);
    free(who);
    free(keys);
    return code;
}

static enum rl_code make_db(const char *dir, const struct rl_site_request *rq, const char *name,
                            struct rl_err *err)
{
    struct rl_store *store = NULL;
    struct rl_config config;
    char *path = rl_asprintf("%s/site.db", dir), *log = rl_asprintf("%s/log", dir);
    rl_config_init(&config);
    enum rl_code code = rl_store_create(path, err);
    if (code == RL_OK)
        code = rl_store_open(path, &store, err);
    if (code == RL_OK) {
        struct rl_audit audit = {.store = store, .reader = store, .log_dir = log};
        rl_config_set_audit(&audit, &config);
        code = fill_db(store, &audit, dir, rq, name, err);
    }
    rl_store_close(&store);
    rl_config_fini(&config);
    free(path);
    free(log);
    return code;
}

static enum rl_code fill(const char *dir, const struct rl_site_request *rq, const char *name,
                         struct rl_err *err)
{
    enum rl_code code = rl_site_make_dirs(dir, err);
    if (code == RL_OK)
        code = make_conf(dir, err);
    if (code == RL_OK)
        code = make_db(dir, rq, name, err);
    return code;
}

static enum rl_code check_name(const char *name, struct rl_err *err)
{
    char *safe = rl_text_safe_dup(name);
    bool ok = *name && strcmp(safe, name) == 0 && strlen(name) <= NAME_MAX_CHARS;
    free(safe);
    if (ok)
        return RL_OK;
    return rl_fail_field(err, RL_E_VALUE, "site", "name",
                         "The name of a site is 1 to %d printable characters.", NAME_MAX_CHARS);
}

enum rl_code rl_site_init(const struct rl_site_request *request, struct rl_err *err)
{
    struct rl_place place;
    if (request->mode && strcmp(request->mode, "nonsecure") != 0)
        return rl_fail(err, RL_E_INIT_MODE, "site",
                       "A new site begins in nonsecure mode, not in mode %s.", request->mode);
    if (rl_place_taken(request->dir))
        return rl_fail(err, RL_E_SITE_EXISTS, request->dir, "%s exists already.", request->dir);
    enum rl_code code = rl_place_begin(request->dir, &place, err);
    const char *slash = strrchr(place.dir, '/');
    const char *name = request->name ? request->name : slash ? slash + 1 : place.dir;
    if (code == RL_OK)
        code = check_name(name, err);
    if (code == RL_OK)
        code = fill(place.work, request, name, err);
    if (code == RL_OK)
        code = rl_place_finish(&place, NULL, err);
    rl_place_fini(&place);
    return code;
}
