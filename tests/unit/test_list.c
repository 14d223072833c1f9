/* Find and List against a list made the simple way: every row in memory, filtered and sorted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>

#include "ringlock/text.h"
#include "site.h"
#include "store/db.h"

enum { PHONES = 400, PAGE = 7 };

static struct site site;
static struct rl_row phones[PHONES];
static const char *const types[] = {"Cisco 8845", "cisco 3905", "Trunk"};
static const char *const type_trust[] = {"yes", "no", ""};

static uint32_t seed = 20261123;
static uint32_t pick(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

static void make_phone(int i, struct rl_row *row)
{
    static const char *const words[] = {"",      "Hall",   "hall 2", "100% sure",  "under_score",
                                        "Hallo", "bÄcker", "HALL",   "back\\slash"};
    char text[64];
    rl_row_init(row, rl_object(RL_PHONE));
    snprintf(text, sizeof text, "%s%04d", pick(2) ? "SEP" : "sep", i);
    rl_row_set(row, RL_PHONE_NAME, text);
    rl_row_set(row, RL_PHONE_TYPE, types[pick(3)]);
    rl_row_set(row, RL_PHONE_PROTOCOL, pick(5) ? "SIP" : "SCCP");
    rl_row_set(row, RL_PHONE_DESCRIPTION, words[pick(9)]);
    rl_row_set(row, RL_PHONE_PROFILE, pick(2) ? "open" : "Open");
    rl_row_set(row, RL_PHONE_OWNER, words[pick(9)]);
    if (pick(2))
        rl_row_set(row, RL_PHONE_DIGEST_USER, pick(2) ? "alice" : "Bob");
    if (pick(4)) {
        snprintf(text, sizeof text, "%u;%u", 1000 + pick(50), 2000 + pick(9));
        rl_row_set(row, RL_PHONE_LINES, text);
    }
}

static int fill(void **state)
{
    (void)state;
    site_open(&site);
    for (int i = 0; i < 3; i++) {
        struct rl_row type = ROW(RL_TYPE, "model=x");
        rl_row_set(&type, RL_TYPE_MODEL, types[i]);
        rl_row_set(&type, RL_TYPE_TRUSTED, type_trust[i]);
        insert_row(&site, type);
    }
    insert_row(&site, ROW(RL_USER, "id=alice"));
    insert_row(&site, ROW(RL_USER, "id=Bob"));
    insert_row(&site, ROW(RL_PROFILE, "name=open", "type=Trunk", "protocol=SIP", "sip_port=5060",
                          "mode=nonsecure"));
    insert_row(&site, ROW(RL_PROFILE, "name=Open", "type=Trunk", "protocol=SIP", "sip_port=50",
                          "mode=nonsecure"));
    insert_row(&site, ROW(RL_PROFILE, "name=big", "type=Trunk", "protocol=SIP", "sip_port=10000",
                          "mode=nonsecure"));
    for (int i = 0; i < PHONES; i++) {
        make_phone(i, &phones[i]);
        if (rl_store_insert(site.store, &phones[i], &site.err))
            return -1;
    }
    return 0;
}

static int empty(void **state)
{
    (void)state;
    for (int i = 0; i < PHONES; i++)
        rl_row_fini(&phones[i]);
    site_close(&site);
    return 0;
}

/* --- the simple way --- */

static const char *trust_of(const struct rl_row *row)
{
    for (int i = 0; i < 3; i++)
        if (!strcmp(types[i], rl_row_get(row, RL_PHONE_TYPE)))
            return type_trust[i];
    return "?";
}

static const char *value_of(const struct rl_row *row, int field)
{
    return field == RL_COL_TRUSTED ? trust_of(row) : rl_row_get(row, field);
}

static bool text_meets(const char *text, size_t n, const struct rl_criterion *c)
{
    size_t want = strlen(c->value);
    switch (c->op) {
    case RL_OP_BEGINS:
        return n >= want && !strncasecmp(text, c->value, want);
    case RL_OP_IS:
        return n == want && !strncasecmp(text, c->value, n);
    case RL_OP_BEFORE: {
        size_t both = n < want ? n : want;
        int order = strncasecmp(text, c->value, both);
        return n > 0 && (order < 0 || (order == 0 && n < want));
    }
    case RL_OP_ENDS:
        return n >= want && !strncasecmp(text + n - want, c->value, want);
    default:
        for (size_t i = 0; i + want <= n; i++)
            if (!strncasecmp(text + i, c->value, want))
                return true;
        return false;
    }
}

static bool meets(const struct rl_row *row, const struct rl_criterion *c)
{
    const char *text = value_of(row, c->field);
    if (c->op == RL_OP_EMPTY || c->op == RL_OP_NOT_EMPTY)
        return (*text == '\0') == (c->op == RL_OP_EMPTY);
    if (!*c->value)
        return true;
    if (c->field != RL_PHONE_LINES)
        return text_meets(text, strlen(text), c);
    for (size_t n; *text; text += text[n] ? n + 1 : n) {
        n = strcspn(text, ";");
        if (text_meets(text, n, c))
            return true;
    }
    return false;
}

static const struct rl_query *sorting;

static int compare(const void *a, const void *b)
{
    const struct rl_row *x = *(struct rl_row *const *)a, *y = *(struct rl_row *const *)b;
    int field = sorting->sort;
    int order = rl_text_casecmp(value_of(x, field), value_of(y, field));
    if (!order && field == RL_COL_TRUSTED)
        order = rl_text_casecmp(value_of(x, 0), value_of(y, 0));
    if (!order)
        order = strcmp(value_of(x, 0), value_of(y, 0));
    return sorting->descending ? -order : order;
}

static size_t simple_list(const struct rl_query *q, const struct rl_row **out)
{
    size_t n = 0;
    for (int i = 0; i < PHONES; i++) {
        bool all = true;
        for (size_t c = 0; c < q->ncriteria; c++)
            all = all && meets(&phones[i], &q->criteria[c]);
        if (all)
            out[n++] = &phones[i];
    }
    sorting = q;
    qsort(out, n, sizeof *out, compare);
    return n;
}

/* --- the store's way, page by page --- */

struct pages {
    size_t n;
    char *key[PHONES + PAGE], *value[PHONES + PAGE];
    int sort;
};

static bool note_row(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    struct pages *p = ctx;
    const char *const words[] = {[RL_UNKNOWN] = "", [RL_NO] = "no", [RL_YES] = "yes"};
    assert_string_equal(words[trusted], trust_of(row));
    p->key[p->n] = rl_strdup(rl_row_get(row, 0));
    p->value[p->n++] =
        rl_strdup(p->sort == RL_COL_TRUSTED ? words[trusted] : rl_row_get(row, p->sort));
    return true;
}

static void forget(struct pages *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->key[i]);
        free(p->value[i]);
    }
    p->n = 0;
}

static void read_page(struct rl_query *q, const char *value, const char *key, struct pages *p)
{
    q->after_value = value;
    q->after_key = key;
    p->sort = q->sort;
    assert_int_equal(rl_store_list(site.store, q, note_row, p, &site.err), RL_OK);
}

static void same_one_way(struct rl_query *q)
{
    const struct rl_row *want[PHONES];
    static struct pages all, page;
    size_t n = simple_list(q, want), count;
    assert_int_equal(rl_store_count(site.store, q, &count, &site.err), RL_OK);
    assert_int_equal(count, n);
    q->limit = PAGE;
    q->backwards = false;
    do {
        size_t before = all.n;
        read_page(q, before ? all.value[before - 1] : NULL, before ? all.key[before - 1] : NULL,
                  &all);
        if (all.n == before)
            break;
    } while (all.n <= n);
    assert_int_equal(all.n, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(all.key[i], rl_row_get(want[i], 0));
    /* backwards from the end, then from some rows in the middle */
    q->backwards = true;
    read_page(q, NULL, NULL, &page);
    for (size_t i = 0; i < page.n; i++)
        assert_string_equal(page.key[i], all.key[n - page.n + i]);
    assert_int_equal(page.n, n < PAGE ? n : PAGE);
    forget(&page);
    for (size_t at = 0; at < n; at += 11) {
        read_page(q, all.value[at], all.key[at], &page);
        assert_int_equal(page.n, at < PAGE ? at : PAGE);
        for (size_t i = 0; i < page.n; i++)
            assert_string_equal(page.key[i], all.key[at - page.n + i]);
        forget(&page);
    }
    forget(&all);
}

/* Both ways to find rows, by a criterion's index and by that of the order, give the same. */
static void same_as_simple(struct rl_query *q)
{
    for (site.store->narrow = 0; site.store->narrow <= RL_NARROW; site.store->narrow += RL_NARROW)
        same_one_way(q);
}

static const int sorts[] = {RL_PHONE_NAME,        RL_PHONE_TYPE,  RL_PHONE_DESCRIPTION,
                            RL_PHONE_PROFILE,     RL_PHONE_LINES, RL_PHONE_OWNER,
                            RL_PHONE_DIGEST_USER, RL_COL_TRUSTED, RL_PHONE_PROTOCOL};

static void every_order_pages_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
        for (int down = 0; down < 2; down++) {
            struct rl_query q = {.kind = RL_PHONE, .sort = sorts[i], .descending = down};
            same_as_simple(&q);
        }
}

static void every_operator_finds_what_it_says(void **state)
{
    static const struct rl_criterion criteria[] = {
        {RL_PHONE_NAME,        RL_OP_BEGINS,    "SEP00"  },
        {RL_PHONE_NAME,        RL_OP_IS,        "sep0007"},
        {RL_PHONE_NAME,        RL_OP_ENDS,      "7"      },
        {RL_PHONE_NAME,        RL_OP_CONTAINS,  ""       },
        {RL_PHONE_DESCRIPTION, RL_OP_BEGINS,    "hall"   },
        {RL_PHONE_DESCRIPTION, RL_OP_IS,        "HALL"   },
        {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS,  "%"      },
        {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS,  "_"      },
        {RL_PHONE_DESCRIPTION, RL_OP_ENDS,      "\\slash"},
        {RL_PHONE_DESCRIPTION, RL_OP_BEGINS,    "bÄ"    },
        {RL_PHONE_DESCRIPTION, RL_OP_EMPTY,     ""       },
        {RL_PHONE_DESCRIPTION, RL_OP_NOT_EMPTY, ""       },
        {RL_PHONE_NAME,        RL_OP_BEFORE,    "sep0007"},
        {RL_PHONE_DESCRIPTION, RL_OP_BEFORE,    "hall"   },
        {RL_PHONE_LINES,       RL_OP_BEFORE,    "1007"   },
        {RL_PHONE_DIGEST_USER, RL_OP_IS,        "ALICE"  },
        {RL_PHONE_DIGEST_USER, RL_OP_EMPTY,     ""       },
        {RL_PHONE_DIGEST_USER, RL_OP_NOT_EMPTY, ""       },
        {RL_PHONE_PROFILE,     RL_OP_IS,        "open"   },
        {RL_PHONE_LINES,       RL_OP_BEGINS,    "20"     },
        {RL_PHONE_LINES,       RL_OP_IS,        "1007"   },
        {RL_PHONE_LINES,       RL_OP_ENDS,      "3"      },
        {RL_PHONE_LINES,       RL_OP_CONTAINS,  "00"     },
        {RL_PHONE_LINES,       RL_OP_EMPTY,     ""       },
        {RL_PHONE_LINES,       RL_OP_NOT_EMPTY, ""       },
        {RL_COL_TRUSTED,       RL_OP_IS,        "Yes"    },
        {RL_COL_TRUSTED,       RL_OP_IS,        "no"     },
        {RL_COL_TRUSTED,       RL_OP_EMPTY,     ""       },
        {RL_PHONE_NAME,        RL_OP_IS,        "nobody" }
    };
    (void)state;
    for (size_t i = 0; i < sizeof criteria / sizeof *criteria; i++)
        for (size_t s = 0; s < sizeof sorts / sizeof *sorts; s++) {
            struct rl_query q = {
                .kind = RL_PHONE, .criteria = &criteria[i], .ncriteria = 1, .sort = sorts[s]};
            same_as_simple(&q);
        }
}

static void criteria_are_joined_by_and(void **state)
{
    static const struct rl_criterion criteria[] = {
        {RL_PHONE_NAME,        RL_OP_BEGINS,   "sep"},
        {RL_PHONE_DESCRIPTION, RL_OP_CONTAINS, "all"},
        {RL_COL_TRUSTED,       RL_OP_IS,       "yes"},
        {RL_PHONE_LINES,       RL_OP_BEGINS,   "2"  }
    };
    (void)state;
    for (size_t n = 2; n <= 4; n++)
        for (size_t s = 0; s < sizeof sorts / sizeof *sorts; s++) {
            struct rl_query q = {
                .kind = RL_PHONE, .criteria = criteria, .ncriteria = n, .sort = sorts[s]};
            same_as_simple(&q);
        }
}

static bool join_keys(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    (void)trusted;
    rl_buf_addf(ctx, "%s ", rl_row_get(row, 0));
    return ((struct rl_buf *)ctx)->len < 9;
}

static void numbers_sort_as_numbers_and_reading_can_stop(void **state)
{
    struct rl_query q = {.kind = RL_PROFILE, .sort = RL_PROFILE_SIP_PORT};
    struct rl_buf got = {0};
    (void)state;
    assert_int_equal(rl_store_list(site.store, &q, join_keys, &got, &site.err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "Open open ");
    rl_buf_clear(&got);
    q.after_value = "5060";
    q.after_key = "open";
    assert_int_equal(rl_store_list(site.store, &q, join_keys, &got, &site.err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "big ");
    rl_buf_clear(&got);
    struct rl_criterion port = {RL_PROFILE_SIP_PORT, RL_OP_BEGINS, "50"};
    q = (struct rl_query){
        .kind = RL_PROFILE, .criteria = &port, .ncriteria = 1, .sort = 0, .descending = true};
    assert_int_equal(rl_store_list(site.store, &q, join_keys, &got, &site.err), RL_OK);
    assert_string_equal(rl_buf_str(&got), "open Open ");
    rl_buf_fini(&got);
}

static void secrets_and_strange_fields_are_refused(void **state)
{
    struct rl_criterion secret = {RL_USER_DIGEST_PASSWORD, RL_OP_BEGINS, "a"};
    struct rl_query q = {.kind = RL_USER, .criteria = &secret, .ncriteria = 1};
    size_t n;
    (void)state;
    assert_int_equal(rl_store_count(site.store, &q, &n, &site.err), RL_E_FIELD);
    q.ncriteria = 0;
    q.sort = RL_USER_DIGEST_PASSWORD;
    assert_int_equal(rl_store_list(site.store, &q, join_keys, NULL, &site.err), RL_E_FIELD);
    q.sort = RL_COL_TRUSTED;
    assert_int_equal(rl_store_list(site.store, &q, join_keys, NULL, &site.err), RL_E_FIELD);
    q.kind = RL_CERTIFICATE;
    assert_int_equal(rl_store_list(site.store, &q, join_keys, NULL, &site.err), RL_E_FIELD);
    q.sort = 77;
    assert_int_equal(rl_store_list(site.store, &q, join_keys, NULL, &site.err), RL_E_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_pages_both_ways),
        cmocka_unit_test(every_operator_finds_what_it_says),
        cmocka_unit_test(criteria_are_joined_by_and),
        cmocka_unit_test(numbers_sort_as_numbers_and_reading_can_stop),
        cmocka_unit_test(secrets_and_strange_fields_are_refused),
    };
    return cmocka_run_group_tests(tests, fill, empty);
}
