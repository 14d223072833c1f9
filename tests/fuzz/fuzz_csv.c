/* CSV: however a file is cut into parts, it reads the same; every row is as wide as the header; and
 * what was read without a problem reads the same again after it was written. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/csv.h"
#include "ringlock/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct outcome {
    struct rl_buf rows;    /* each field with its length before it */
    struct rl_buf written; /* the rows as rl_csv_line writes them */
    size_t columns, problems;
};

static void take_row(void *ctx, const struct rl_csv_row *row)
{
    struct outcome *o = ctx;
    assert(row->n && row->line > 0 && (row->header ? !o->columns : row->n == o->columns));
    o->columns = row->n;
    for (size_t i = 0; i < row->n; i++) {
        size_t len = strlen(row->field[i]);
        assert(len <= RL_CSV_ROW_MAX && rl_text_is_utf8(row->field[i], len));
        rl_buf_addf(&o->rows, "%zu:%s", len, row->field[i]);
    }
    rl_buf_addc(&o->rows, '\n');
    rl_csv_line(&o->written, row->field, row->n);
}

static struct outcome read_parts(const char *bytes, size_t n, size_t part)
{
    struct outcome o = {0};
    struct rl_problems problems = {0};
    struct rl_csv *csv = rl_csv_new(take_row, &o);
    for (size_t i = 0; i < n; i += part)
        rl_csv_feed(csv, bytes + i, n - i < part ? n - i : part, &problems);
    rl_csv_end(csv, &problems);
    for (size_t i = 0; i < problems.n; i++)
        assert(problems.item[i].code == RL_E_CSV && problems.item[i].line > 0);
    o.problems = problems.errors;
    rl_problems_fini(&problems);
    rl_csv_free(&csv);
    return o;
}

static void assert_same_rows(const struct outcome *a, const struct outcome *b)
{
    assert(strcmp(rl_buf_str(&a->rows), rl_buf_str(&b->rows)) == 0);
}

static void fini(struct outcome *o)
{
    rl_buf_fini(&o->rows);
    rl_buf_fini(&o->written);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct outcome whole = read_parts((const char *)bytes, n, n ? n : 1);
    struct outcome parts = read_parts((const char *)bytes, n, 1 + n % 7);
    assert_same_rows(&whole, &parts);
    assert(whole.problems == parts.problems);
    if (!whole.problems) {
        struct outcome again = read_parts(whole.written.data, whole.written.len, 11);
        assert(!again.problems);
        assert_same_rows(&whole, &again);
        fini(&again);
    }
    fini(&whole);
    fini(&parts);
    return 0;
}
