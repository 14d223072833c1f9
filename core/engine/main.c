#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/config.h"
#include "engine/engine.h"
#include "engine/log.h"
#include "engine/restore.h"
#include "engine/site.h"
#include "enrol/enrol.h"
#include "feed/feed.h"
#include "ringlock/buf.h"
#include "ringlock/protocol.h"
#include "ringlock/text.h"

#define SYSTEM_SITE "/var/lib/ringlock"

enum { PASSPHRASE_MAX = 257 };

enum option_id {
    OPT_SITE = 1,
    OPT_INIT,
    OPT_NAME,
    OPT_MODE,
    OPT_RESTORE,
    OPT_REPLACE,
    OPT_DRY_RUN,
    OPT_KEY,
    OPT_PASSPHRASE,
    OPT_ACCEPT,
    OPT_CHECK,
    OPT_LIST,
    OPT_PRIVATE,
    OPT_LEVEL,
    OPT_SYSLOG,
    OPT_FEED,
    OPT_ENROL,
    OPT_VERSION,
    OPT_HELP
};

struct option_row {
    enum option_id id;
    const char *name, *value; /* value: what it takes, or NULL */
    const char *help;         /* NULL: for the engine's own use */
};

/* clang-format off */
static const struct option_row options[] = {
    { OPT_SITE,    "site",         "DIR",   "the site to serve, make or check; else RINGLOCK_SITE, else " SYSTEM_SITE },
    { OPT_INIT,    "init",         NULL,    "make the site, then end" },
    { OPT_NAME,    "name",         "NAME",  "with --init: the name of the site (otherwise the last part of DIR)" },
    { OPT_MODE,    "mode",         "MODE",  "with --init: nonsecure, which is how every site begins" },
    { OPT_RESTORE, "restore",      "FILE",  "make the site from a backup (-: standard input), tell in JSON what it holds, then end" },
    { OPT_REPLACE, "replace",      NULL,    "with --restore: take the place of the site that is there, and keep that beside it" },
    { OPT_DRY_RUN, "dry-run",      NULL,    "with --restore: make nothing, only read the backup to its end" },
    { OPT_KEY,     "key",          "FILE",  "with --restore: the private key, PEM, of the certificate that it is sealed to" },
    { OPT_PASSPHRASE, "passphrase-fd", "N", "with --restore: file descriptor to read the passphrase from" },
    { OPT_ACCEPT,  "accept",       "CODE",  "with --restore: W-AUDIT-CHAIN, to restore a broken audit log" },
    { OPT_CHECK,   "check-config", NULL,    "read the site's ringlock.conf, tell what is wrong with it, then end" },
    { OPT_LIST,    "list-config",  NULL,    "print every key of ringlock.conf with its default, then end" },
    { OPT_PRIVATE, "private",      NULL,    "listen on free loopback ports and end with the last client" },
    { OPT_LEVEL,   "log-level",    "LEVEL", "error, warning, notice, info or debug, whatever ringlock.conf says" },
    { OPT_SYSLOG,  "syslog",       NULL,    "log to syslog, whatever ringlock.conf says" },
    { OPT_FEED,    "feed",         NULL,    NULL },
    { OPT_ENROL,   "enrol",        NULL,    NULL },
    { OPT_VERSION, "version",      NULL,    "print the release, then end" },
    { OPT_HELP,    "help",         NULL,    "print this, then end" },
};
/* clang-format on */
enum { OPTIONS = sizeof options / sizeof *options };

struct arguments {
    bool given[OPT_HELP + 1];
    const char *site, *name, *mode, *file, *key, *accept;
    int passphrase_fd;
    int log_level;
};

static void print_help(void)
{
    puts("usage: ringlockd [--site DIR] [option...]\n");
    puts("The engine of ringlock; see ringlockd(8).\n");
    for (size_t i = 0; i < OPTIONS; i++) {
        char left[40];
        snprintf(left, sizeof left, "--%s%s%s", options[i].name, options[i].value ? " " : "",
                 options[i].value ? options[i].value : "");
        if (options[i].help)
            printf("  %-18s  %s\n", left, options[i].help);
    }
}

/* "ringlockd: CODE: sentence", and what to do. Returns the exit status. */
static int complain(const struct rl_err *err)
{
    const struct rl_code_info *info = rl_code_info(err->code);
    char *text = rl_text_safe_dup(err->text), *remedy = rl_text_safe_dup(err->remedy);
    fprintf(stderr, "ringlockd: %s: %s\n", info->tag, text);
    if (*remedy)
        fprintf(stderr, "  %s\n", remedy);
    free(text);
    free(remedy);
    return info->exit_status;
}

__attribute__((format(printf, 1, 2))) static int usage(const char *fmt, ...)
{
    struct rl_err err = {0};
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    rl_fail(&err, RL_E_USAGE, NULL, "%s", text);
    rl_err_remedy(&err, "See ringlockd --help.");
    return complain(&err);
}

static int level_by_name(const char *name)
{
    for (int i = 0; rl_log_level_names[i]; i++)
        if (strcmp(rl_log_level_names[i], name) == 0)
            return i;
    return -1;
}

static int take_option(struct arguments *a, enum option_id id, const char *value)
{
    a->given[id] = true;
    if (id == OPT_SITE)
        a->site = value;
    else if (id == OPT_NAME)
        a->name = value;
    else if (id == OPT_MODE)
        a->mode = value;
    else if (id == OPT_RESTORE)
        a->file = value;
    else if (id == OPT_KEY)
        a->key = value;
    else if (id == OPT_ACCEPT)
        a->accept = value;
    else if (id == OPT_PASSPHRASE)
        a->passphrase_fd = atoi(value);
    else if (id == OPT_LEVEL && (a->log_level = level_by_name(value)) < 0)
        return usage("there is no log level %s", value);
    return 0;
}

static int read_arguments(int argc, char **argv, struct arguments *a)
{
    struct option longs[OPTIONS + 1] = {{0}};
    int id, status = 0;
    a->log_level = -1;
    for (size_t i = 0; i < OPTIONS; i++)
        longs[i] =
            (struct option){options[i].name, options[i].value ? required_argument : no_argument,
                            NULL, (int)options[i].id};
    opterr = 0;
    while (status == 0 && (id = getopt_long(argc, argv, "+:", longs, NULL)) != -1) {
        if (id == '?')
            return usage("there is no option %s", argv[optind - 1]);
        if (id == ':')
            return usage("%s needs a value", argv[optind - 1]);
        status = take_option(a, (enum option_id)id, optarg);
    }
    if (status == 0 && optind < argc)
        return usage("%s is no option", argv[optind]);
    return status;
}

/* Where the device packs are: $RINGLOCK_DATA, else beside the build, else where they are installed.
 */
static char *packs_dir(void)
{
    const char *env = getenv("RINGLOCK_DATA");
    char self[PATH_MAX];
    if (env && *env)
        return rl_asprintf("%s/packs", env);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash) {
        char *beside = rl_asprintf("%.*s/../data/packs", (int)(slash - self), self);
        if (access(beside, R_OK | X_OK) == 0)
            return beside;
        free(beside);
    }
    return rl_strdup(RL_DATADIR "/packs");
}

static int init_site(const struct arguments *a)
{
    struct rl_err err = {0};
    char *packs = packs_dir();
    struct rl_site_request rq = {
        .dir = a->site, .name = a->name, .mode = a->mode, .packs_dir = packs};
    enum rl_code code = rl_site_init(&rq, &err);
    free(packs);
    return code == RL_OK ? 0 : complain(&err);
}

/* One line, into a buffer that is wiped. False if it is empty or too long. */
static bool read_passphrase(int fd, char *out, size_t size)
{
    size_t n = 0;
    while (n < size && read(fd, out + n, 1) == 1 && out[n] != '\n')
        n++;
    if (n == 0 || n == size)
        return false;
    out[n] = '\0';
    return true;
}

/* A private key, PEM; owned. */
static enum rl_code read_key(const char *path, struct rl_buf *out, struct rl_err *err)
{
    char bytes[4096];
    size_t n = 0;
    FILE *f = fopen(path, "re");
    while (f && out->len < 64 * 1024 && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
        rl_buf_add(out, bytes, n);
    bool good = f && !ferror(f);
    if (!good)
        rl_fail(err, RL_E_IO, path, "%s cannot be read: %s.", path, strerror(errno));
    if (f)
        fclose(f);
    explicit_bzero(bytes, sizeof bytes);
    return good ? RL_OK : RL_E_IO;
}

static int restore_site(const struct arguments *a)
{
    struct rl_err err = {0};
    struct rl_buf key = {0};
    char passphrase[PASSPHRASE_MAX];
    json_t *report = NULL;
    struct rl_restore_request rq = {.file = a->file,
                                    .dir = a->given[OPT_DRY_RUN] ? NULL : a->site,
                                    .replace = a->given[OPT_REPLACE],
                                    .accept_audit =
                                        a->accept && strstr(a->accept, "W-AUDIT-CHAIN")};
    if (!a->site && !a->given[OPT_DRY_RUN])
        return usage("--restore needs --site DIR");
    if (a->given[OPT_PASSPHRASE] &&
        read_passphrase(a->passphrase_fd, passphrase, sizeof passphrase))
        rq.key.passphrase = passphrase;
    enum rl_code code = a->key ? read_key(a->key, &key, &err) : RL_OK;
    if (a->key) {
        rq.key.pem = rl_buf_str(&key);
        rq.key.npem = key.len;
    }
    umask(077);
    if (code == RL_OK)
        code = rl_restore(&rq, &report, &err);
    explicit_bzero(passphrase, sizeof passphrase);
    if (key.len > 0)
        explicit_bzero(key.data, key.len);
    rl_buf_fini(&key);
    if (code != RL_OK)
        return complain(&err);
    json_dumpf(report, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(report);
    return 0;
}

static int check_config(const struct arguments *a)
{
    struct rl_config config;
    struct rl_problems problems = {0};
    char *path = rl_asprintf("%s/ringlock.conf", a->site);
    int status = 0;
    rl_config_load(path, &config, &problems);
    for (size_t i = 0; i < problems.n; i++)
        status = complain(&problems.item[i]);
    if (status == 0)
        printf("%s: no errors\n", path);
    rl_problems_fini(&problems);
    rl_config_fini(&config);
    free(path);
    return status;
}

static int list_config(void)
{
    struct rl_buf text = {0};
    rl_config_list(&text);
    fputs(rl_buf_str(&text), stdout);
    rl_buf_fini(&text);
    return 0;
}

/* Who verifies the audit log holds all its files open, and there may be many. */
static void raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static int serve(const struct arguments *a)
{
    struct rl_err err = {0};
    struct rl_engine_options o = {.dir = a->site,
                                  .private_engine = a->given[OPT_PRIVATE],
                                  .log_level = a->log_level,
                                  .log_target = a->given[OPT_SYSLOG] ? RL_LOG_SYSLOG : -1};
    return rl_engine_run(&o, &err) == RL_OK ? 0 : complain(&err);
}

int main(int argc, char **argv)
{
    struct arguments a = {0};
    json_set_alloc_funcs(malloc, rl_wipe_free); /* passphrases come and go in it */
    if (argc == 2 && strcmp(argv[1], "--feed") == 0) {
        prctl(PR_SET_NAME, "ringlockd-feed"); /* for ps(1): it was started as /proc/self/exe */
        return rl_feed_main(argc, argv);
    }
    if (argc == 2 && strcmp(argv[1], "--enrol") == 0) {
        prctl(PR_SET_NAME, "ringlockd-enrol");
        return rl_enrol_main(argc, argv);
    }
    int status = read_arguments(argc, argv, &a);
    if (status != 0)
        return status;
    raise_files();
    if (a.given[OPT_HELP])
        return print_help(), 0;
    if (a.given[OPT_VERSION])
        return puts("ringlockd " RL_RELEASE), 0;
    if (a.given[OPT_LIST])
        return list_config();
    if (!a.site)
        a.site = getenv("RINGLOCK_SITE");
    if (a.given[OPT_INIT])
        return a.site ? init_site(&a) : usage("--init needs --site DIR");
    if (a.given[OPT_RESTORE])
        return restore_site(&a);
    if (!a.site)
        a.site = SYSTEM_SITE;
    return a.given[OPT_CHECK] ? check_config(&a) : serve(&a);
}
