/* How fast the store is with many phones: bench_store [PHONES] (1000000). Prints what it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/objects.h"
#include "ringlock/time.h"
#include "store/db.h"

enum { PAGE = 50, CHUNK = 1 << 16, TIMES_MAX = 200 };
#define QUICK 50.0 /* ms, as aims */
#define BROAD 1000.0

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

/* ---- orders ---- */

/* First page, the worst of the 20 after it, and the last. */
static void time_order(const char *name, int sort)
{
    struct rl_query q = {.kind = RL_PHONE, .sort = sort, .limit = PAGE};
    struct last l = {.sort = sort};
    double first = read_page(&q, &l), next = 0;
    for (int page = 0; page < 20 && l.n; page++) {
        q.after_value = l.value;
        q.after_key = l.key;
        double ms = read_page(&q, &l);
        next = ms > next ? ms : next;
    }
    q.after_value = q.after_key = NULL;
    q.backwards = true;
    double last = read_page(&q, &l), worst = first > next ? first : next;
    printf("  %-36s %8.2f %8.2f %8.2f   aim %4.0f  %s\n", name, first, next, last, QUICK,
           verdict(worst > last ? worst : last, QUICK));
    free(l.value);
    free(l.key);
}

static void time_orders(void)
{
    printf("  %-36s %8s %8s %8s\n", "ms for a page of 50, all, by", "first", "next", "last");
    for (int field = 0; field < (int)rl_object(RL_PHONE)->nstored; field++)
        time_order(rl_object(RL_PHONE)->fields[field].label, field);
    time_order("Trust", RL_COL_TRUSTED);
}

/* ---- queries, beside SQLite's own time for the same statements ---- */

struct samples {
    double ms[TIMES_MAX];
    size_t n;
};

static int compare_ms(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return (d > 0) - (d < 0);
}

static double percentile(struct samples *s, double share)
{
    qsort(s->ms, s->n, sizeof *s->ms, compare_ms);
    size_t i = (size_t)((double)s->n * share);
    return s->ms[i < s->n ? i : s->n - 1];
}

/* What one query made SQLite run, with its values in place; each with its NUL. */
static struct rl_buf statements;

static int note_statement(unsigned event, void *ctx, void *stmt, void *text)
{
    (void)event;
    (void)ctx;
    (void)text;
    char *sql = sqlite3_expanded_sql(stmt);
    rl_buf_add(&statements, sql, strlen(sql) + 1);
    sqlite3_free(sql);
    return 0;
}

static bool forget_row(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    (void)ctx;
    (void)row;
    (void)trusted;
    return true;
}

/* `count`: how many there are, else a page of them. */
static double ask_store(const struct rl_query *q, bool count, size_t *rows)
{
    struct rl_err err;
    int64_t start = rl_monotonic_us();
    if (count ? rl_store_count(store, q, rows, &err)
              : rl_store_list(store, q, forget_row, NULL, &err))
        fail(&err);
    return ms_since(start);
}

/* Preparing is not counted, as the store keeps what it prepared; every value is looked at. */
static double ask_sqlite(const char *sql)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        abort();
    int64_t start = rl_monotonic_us();
    while (sqlite3_step(stmt) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(stmt); i++)
            sqlite3_column_text(stmt, i);
    double ms = ms_since(start);
    sqlite3_finalize(stmt);
    return ms;
}

/* One query: the statements are noted first, which warms what both then find in memory. */
static void sample(const struct rl_query *q, bool count, struct samples *ours,
                   struct samples *theirs, size_t *rows)
{
    rl_buf_clear(&statements);
    sqlite3_trace_v2(store->db, SQLITE_TRACE_STMT, note_statement, NULL);
    ask_store(q, count, rows);
    sqlite3_trace_v2(store->db, 0, NULL, NULL);
    ours->ms[ours->n++] = ask_store(q, count, rows);
    double ms = 0;
    for (size_t at = 0; at < statements.len; at += strlen(statements.data + at) + 1)
        ms += ask_sqlite(statements.data + at);
    theirs->ms[theirs->n++] = ms;
}

/* A question: a '#' at the end of its value is a number, which differs from one time to the next.
 */
struct question {
    const char *name;
    struct rl_criterion c; /* no value: no filter */
    int times;
    double aim; /* of the 99th of 100 */
    enum { FIRST, BEHIND, AT_END, COUNT } what;
};

/* Owned. */
static char *numbered(const char *value, unsigned long number)
{
    struct rl_buf out = {0};
    rl_buf_add(&out, value, strcspn(value, "#"));
    if (strchr(value, '#'))
        rl_buf_addf(&out, "%lu", number);
    return rl_buf_take(&out);
}

static void ask_often(const struct question *question)
{
    struct samples ours = {0}, theirs = {0};
    size_t rows = 0;
    for (int i = 0; i < question->times; i++) {
        unsigned long mix = (unsigned long)(i + 1) * 7919 % (unsigned long)phones;
        char *value = NULL, key[32];
        struct rl_criterion c = question->c;
        struct rl_query q = {
            .kind = RL_PHONE, .limit = PAGE, .backwards = question->what == AT_END};
        if (c.value) {
            c.value = value = numbered(c.value, mix);
            q.criteria = &c;
            q.ncriteria = 1;
        }
        snprintf(key, sizeof key, "SEP%012lX", mix * 2654435761u % 4294967296u);
        if (question->what == BEHIND)
            q.after_key = key;
        sample(&q, question->what == COUNT, &ours, &theirs, &rows);
        free(value);
    }
    double p50 = percentile(&ours, 0.5), p99 = percentile(&ours, 0.99);
    double own = percentile(&theirs, 0.5);
    printf("  %-36s %8.2f %8.2f %8.2f %8.2f %6.2f", question->name, p50, p99, own,
           percentile(&theirs, 0.99), own > 0 ? p50 / own : 0);
    if (question->what == COUNT)
        printf("   %zu rows\n", rows);
    else
        printf("   aim %4.0f  %s\n", question->aim, verdict(p99, question->aim));
}

static void time_questions(void)
{
    enum { OFTEN = TIMES_MAX, SELDOM = 20 };
    static const struct question questions[] = {
        {"page anywhere",                        {0, RL_OP_IS, NULL},                    OFTEN,  QUICK, BEHIND},
        {"jump to the end",                      {0, RL_OP_IS, NULL},                    OFTEN,  QUICK, AT_END},
        {"exact: line",                          {RL_PHONE_LINES, RL_OP_IS, "#"},        OFTEN,  QUICK, FIRST },
        {"exact: owner",                         {RL_PHONE_OWNER, RL_OP_IS, "user#"},    OFTEN,  QUICK, FIRST },
        {"prefix: name begins SEP0000A",
         {RL_PHONE_NAME, RL_OP_BEGINS, "SEP0000A"},
         OFTEN,                                                                                  QUICK,
         FIRST                                                                                                },
        {"prefix: line begins 1000",             {RL_PHONE_LINES, RL_OP_BEGINS, "1000"}, OFTEN,  QUICK, FIRST },
        {"prefix, broad: name begins sep",
         {RL_PHONE_NAME, RL_OP_BEGINS, "sep"},
         OFTEN,                                                                                  QUICK,
         FIRST                                                                                                },
        {"prefix, broad: description begins li",
         {RL_PHONE_DESCRIPTION, RL_OP_BEGINS, "li"},
         SELDOM,                                                                                 BROAD,
         FIRST                                                                                                },
        {"narrow: description contains",
         {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "orter #"},
         SELDOM,                                                                                 BROAD,
         FIRST                                                                                                },
        {"narrow: in no description",
         {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "zzz#"},
         SELDOM,                                                                                 BROAD,
         FIRST                                                                                                },
        {"broad: description contains obb",
         {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "obb"},
         SELDOM,                                                                                 BROAD,
         FIRST                                                                                                },
        {"broad: trusted is no",                 {RL_COL_TRUSTED, RL_OP_IS, "no"},       SELDOM, BROAD, FIRST },
        {"broad, end: trusted is no",            {RL_COL_TRUSTED, RL_OP_IS, "no"},       SELDOM, BROAD, AT_END},
        {"count: trusted is no",                 {RL_COL_TRUSTED, RL_OP_IS, "no"},       SELDOM, BROAD, COUNT },
        {"count: name begins sep",               {RL_PHONE_NAME, RL_OP_BEGINS, "sep"},   SELDOM, BROAD, COUNT },
        {"count: description contains obb",
         {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "obb"},
         SELDOM,                                                                                 BROAD,
         COUNT                                                                                                },
    };
    printf("  %-36s %8s %8s %8s %8s %6s\n", "ms for 50 phones of", "p50", "p99", "SQLite",
           "its p99", "ratio");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        ask_often(&questions[i]);
    rl_buf_fini(&statements);
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
    time_orders();
    time_questions();
    rl_store_close(&store);
    unlink(path);
    snprintf(extra, sizeof extra, "%s-wal", path);
    unlink(extra);
    snprintf(extra, sizeof extra, "%s-shm", path);
    unlink(extra);
    rmdir(dir);
    return 0;
}
