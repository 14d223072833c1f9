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
    (void)what;
    (void)before;
    const struct rl_audit_entry entry = {
        .text = after, .hash = "0123456789abcdef0123456789abcdef", .object = object, .who = who};
    return rl_store_audit_add(store, &entry, NULL, err);
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

static double read_page(struct rl_query *q, struct last *l)
{
    struct rl_err err;
    int64_t start = rl_monotonic_us();
    if (rl_store_list(store, q, note_row, l, &err))
        fail(&err);
    return ms_since(start);
}

static const char *verdict(double ms, double aim)
{
    return ms < aim ? "hit" : "MISS";
}

/* First page, the worst of the 20 after it, the last, and the count. `aim` is in ms, for pages. */
static void time_list(const char *name, const struct rl_criterion *c, int sort, double aim)
{
    struct rl_query q = {
        .kind = RL_PHONE, .criteria = c, .ncriteria = c ? 1 : 0, .sort = sort, .limit = PAGE};
    struct last l = {.sort = sort};
    struct rl_err err;
    size_t count;
    double first = read_page(&q, &l), next = 0;
    for (int page = 0; page < 20 && l.n; page++) {
        q.after_value = l.value;
        q.after_key = l.key;
        double ms = read_page(&q, &l);
        next = ms > next ? ms : next;
    }
    q.after_value = q.after_key = NULL;
    q.backwards = true;
    double last = read_page(&q, &l);
    int64_t start = rl_monotonic_us();
    if (rl_store_count(store, &q, &count, &err))
        fail(&err);
    double counted = ms_since(start), worst = first > next ? first : next;
    printf("  %-36s %8.2f %8.2f %8.2f %8.2f %9zu   aim %4.0f  %s\n", name, first, next, last,
           counted, count, aim, verdict(worst > last ? worst : last, aim));
    free(l.value);
    free(l.key);
}

static void time_lists(void)
{
    enum { QUICK = 50, BROAD = 1000 };
    static const struct {
        const char *name;
        struct rl_criterion c;
        double aim;
    } filters[] = {
        {"name begins with SEP0000A",       {RL_PHONE_NAME, RL_OP_BEGINS, "SEP0000A"},     QUICK},
        {"name begins with SEP",            {RL_PHONE_NAME, RL_OP_BEGINS, "sep"},          BROAD},
        {"description is exactly Hall 6",   {RL_PHONE_DESCRIPTION, RL_OP_IS, "hall 6"},    QUICK},
        {"description begins with Li",      {RL_PHONE_DESCRIPTION, RL_OP_BEGINS, "li"},    BROAD},
        {"description contains orter 49",
         {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "orter 49"},
         BROAD                                                                                  },
        {"description contains nothing so", {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "zzz"}, BROAD},
        {"line is exactly 100021",          {RL_PHONE_LINES, RL_OP_IS, "100021"},          QUICK},
        {"line begins with 1000",           {RL_PHONE_LINES, RL_OP_BEGINS, "1000"},        QUICK},
        {"line begins with 1",              {RL_PHONE_LINES, RL_OP_BEGINS, "1"},           BROAD},
        {"trusted is no",                   {RL_COL_TRUSTED, RL_OP_IS, "no"},              BROAD},
        {"trusted is yes",                  {RL_COL_TRUSTED, RL_OP_IS, "yes"},             BROAD},
    };
    printf("  %-36s %8s %8s %8s %8s %9s\n", "ms for a page of 50: all, by", "first", "next", "last",
           "count", "rows");
    for (int field = 0; field < (int)rl_object(RL_PHONE)->nstored; field++)
        time_list(rl_object(RL_PHONE)->fields[field].label, NULL, field, QUICK);
    time_list("Trust", NULL, RL_COL_TRUSTED, QUICK);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        time_list(filters[i].name, &filters[i].c, RL_PHONE_NAME, filters[i].aim);
        time_list("  the same, by lines", &filters[i].c, RL_PHONE_LINES, filters[i].aim);
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

static void time_change(const struct rl_act *act)
{
    struct rl_value text = {"description", "moved"};
    struct rl_problems problems = {0};
    int64_t start = rl_monotonic_us();
    if (rl_object_set(act, RL_PHONE, "SEP000000000000", 0, &text, 1, NULL, &problems))
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
    time_change(&act);
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
