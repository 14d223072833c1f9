/* How fast the store is with many phones: bench_store [PHONES] (1000000). Prints what it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/objects.h"
#include "ringlock/time.h"

enum { PAGE = 50, CHUNK = 1 << 16 };

static struct rl_store *store;
static long phones = 1000000;

static void fail(const struct rl_err *err)
{
    fprintf(stderr, "bench_store: %s\n", err->text);
    exit(1);
}

static enum rl_code count_audit(void *ctx, const char *who, const char *what, const char *object,
                                const char *before, const char *after, struct rl_err *err)
{
    (void)ctx;
    (void)who;
    (void)what;
    (void)object;
    (void)before;
    return rl_store_audit_add(store, after, "0123456789abcdef0123456789abcdef", NULL, err);
}

static const struct rl_auditor auditor = {.add = count_audit};

static double ms_since(int64_t start)
{
    return (double)(rl_monotonic_us() - start) / 1000;
}

/* One phone in ten is of an untrusted type; every twentieth line is shared by two. */
static void add_line(struct rl_buf *csv, long i)
{
    static const char *const types[] = {"Cisco 8841", "Cisco 8851", "Cisco 7961", "Cisco 8865"};
    static const char *const places[] = {"Hall", "Desk", "Lobby", "Lift", "Porter", "Ward"};
    unsigned long mix = (unsigned long)i * 2654435761u % 4294967296u;
    rl_buf_addf(csv, "SEP%012lX,%s,SIP,%s %lu,,%ld,user%lu\r\n", mix,
                i % 10 ? types[mix % 4] : "Cisco 3905", places[mix % 6], mix % 5000,
                i % 20 ? 100000 + i : 100000 + i + 1, mix % 100000);
}

static void import_phones(const struct rl_act *act)
{
    struct rl_err err;
    struct rl_import *im;
    struct rl_import_counts counts;
    struct rl_problems problems = {0};
    struct rl_buf csv = {0};
    if (rl_import_begin(act, RL_PHONE, false, &im, &err))
        fail(&err);
    rl_buf_adds(&csv, "name,type,protocol,description,profile,lines,owner\r\n");
    for (long i = 0; i < phones; i++) {
        add_line(&csv, i);
        if (csv.len > CHUNK || i == phones - 1) {
            rl_import_part(im, csv.data, csv.len, &problems);
            rl_buf_clear(&csv);
        }
    }
    if (rl_import_end(&im, &counts, &problems))
        fail(&problems.item[0]);
    rl_buf_fini(&csv);
    rl_problems_fini(&problems);
}

struct last {
    size_t n;
    char *value, *key;
    int sort;
};

static bool note_row(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    static const char *const words[] = {"", "no", "yes"};
    struct last *l = ctx;
    free(l->value);
    free(l->key);
    l->value = rl_strdup(l->sort == RL_COL_TRUSTED ? words[trusted] : rl_row_get(row, l->sort));
    l->key = rl_strdup(rl_row_get(row, 0));
    l->n++;
    return true;
}

/* First page, a page from the middle of what the first 20 pages lead to, the last page, the count.
 */
static void time_list(const char *name, const struct rl_criterion *criteria, size_t n, int sort)
{
    struct rl_query q = {
        .kind = RL_PHONE, .criteria = criteria, .ncriteria = n, .sort = sort, .limit = PAGE};
    struct last l = {.sort = sort};
    struct rl_err err;
    size_t count;
    int64_t start = rl_monotonic_us();
    if (rl_store_list(store, &q, note_row, &l, &err))
        fail(&err);
    double first = ms_since(start), worst = 0;
    for (int page = 0; page < 20 && l.n; page++) {
        start = rl_monotonic_us();
        q.after_value = l.value;
        q.after_key = l.key;
        if (rl_store_list(store, &q, note_row, &l, &err))
            fail(&err);
        worst = ms_since(start) > worst ? ms_since(start) : worst;
    }
    q.after_value = q.after_key = NULL;
    q.backwards = true;
    start = rl_monotonic_us();
    if (rl_store_list(store, &q, note_row, &l, &err))
        fail(&err);
    double last = ms_since(start);
    start = rl_monotonic_us();
    if (rl_store_count(store, &q, &count, &err))
        fail(&err);
    printf("  %-44s first %8.2f ms  next <= %8.2f  last %8.2f  count %8.2f (%zu)\n", name, first,
           worst, last, ms_since(start), count);
    free(l.value);
    free(l.key);
}

static void time_lists(void)
{
    static const struct {
        const char *name;
        struct rl_criterion c;
    } filters[] = {
        {"name begins with SEP0000A1 (narrow)", {RL_PHONE_NAME, RL_OP_BEGINS, "SEP0000A1"}        },
        {"name begins with SEP (broad)",        {RL_PHONE_NAME, RL_OP_BEGINS, "sep"}              },
        {"description is exactly Hall 7",       {RL_PHONE_DESCRIPTION, RL_OP_IS, "hall 6"}        },
        {"description begins with Lift",        {RL_PHONE_DESCRIPTION, RL_OP_BEGINS, "li"}        },
        {"description contains orter 49",       {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "orter 49"}},
        {"description contains nothing there",  {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "zzz"}     },
        {"line is exactly",                     {RL_PHONE_LINES, RL_OP_IS, "100021"}              },
        {"line begins with 1000",               {RL_PHONE_LINES, RL_OP_BEGINS, "1000"}            },
        {"line begins with 1",                  {RL_PHONE_LINES, RL_OP_BEGINS, "1"}               },
        {"trusted is no",                       {RL_COL_TRUSTED, RL_OP_IS, "no"}                  },
        {"trusted is yes",                      {RL_COL_TRUSTED, RL_OP_IS, "yes"}                 },
        {"digest user is not empty",            {RL_PHONE_DIGEST_USER, RL_OP_NOT_EMPTY, ""}       },
    };
    static const int sorts[] = {RL_PHONE_NAME,    RL_PHONE_TYPE,      RL_PHONE_PROTOCOL,
                                RL_PHONE_PROFILE, RL_PHONE_LINES,     RL_PHONE_OWNER,
                                RL_COL_TRUSTED,   RL_PHONE_PROTECTED, RL_PHONE_DESCRIPTION};
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        char name[64];
        snprintf(name, sizeof name, "all, by %s",
                 sorts[i] == RL_COL_TRUSTED ? "trusted"
                                            : rl_object(RL_PHONE)->fields[sorts[i]].name);
        time_list(name, NULL, 0, sorts[i]);
    }
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        char name[80];
        time_list(filters[i].name, &filters[i].c, 1, RL_PHONE_NAME);
        snprintf(name, sizeof name, "%s, by lines", filters[i].name);
        time_list(name, &filters[i].c, 1, RL_PHONE_LINES);
    }
}

static void time_devices(void)
{
    enum { TIMES = 100000 };
    struct rl_device_rows rows;
    struct rl_mode_counts counts;
    struct rl_err err;
    char name[32];
    int64_t start = rl_monotonic_us();
    for (long i = 0; i < TIMES; i++) {
        snprintf(name, sizeof name, "SEP%012lX",
                 (unsigned long)(i % phones) * 2654435761u % 4294967296u);
        if (rl_store_device(store, name, &rows, &err))
            fail(&err);
        rl_device_rows_fini(&rows);
    }
    printf("  device with type and profile: %.2f us\n", ms_since(start) * 1000 / TIMES);
    start = rl_monotonic_us();
    if (rl_store_mode_counts(store, &counts, &err))
        fail(&err);
    printf("  counts for the status: %.3f ms\n", ms_since(start));
}

static void time_profile_rename(const struct rl_act *act)
{
    struct rl_value name = {"description", "renamed"};
    struct rl_problems problems = {0};
    int64_t start = rl_monotonic_us();
    if (rl_object_set(act, RL_PHONE, "SEP000000000000", 0, &name, 1, NULL, &problems))
        fail(&problems.item[0]);
    printf("  one phone changed and on disk: %.2f ms\n", ms_since(start));
    rl_problems_fini(&problems);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/ringlock-bench-XXXXXX", path[64], extra[80];
    struct rl_err err;
    struct stat st;
    if (argc > 1)
        phones = atol(argv[1]);
    if (!mkdtemp(dir))
        return 1;
    snprintf(path, sizeof path, "%s/site.db", dir);
    struct rl_act act = {.audit = &auditor, .who = "bench", .mixed = true};
    if (rl_store_create(path, &err) || rl_store_open(path, &store, &err))
        fail(&err);
    act.store = store;
    if (rl_objects_init(&act, "data/packs", &err))
        fail(&err);
    int64_t start = rl_monotonic_us();
    import_phones(&act);
    double took = ms_since(start) / 1000;
    stat(path, &st);
    printf("store with %ld phones:\n  imported in %.1f s (%.0f a second), %.0f MB\n", phones, took,
           (double)phones / took, (double)st.st_size / 1e6);
    rl_store_close(&store);
    start = rl_monotonic_us();
    if (rl_store_open(path, &store, &err))
        fail(&err);
    printf("  opened in %.1f ms\n", ms_since(start));
    act.store = store;
    time_devices();
    time_profile_rename(&act);
    time_lists();
    rl_store_close(&store);
    unlink(path);
    snprintf(extra, sizeof extra, "%s-wal", path);
    unlink(extra);
    snprintf(extra, sizeof extra, "%s-shm", path);
    unlink(extra);
    rmdir(dir);
    return 0;
}
