/* Trust lists on file, and which phones were seen with which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "site.h"
#include "store/lists.h"

#define OK(call)                                    \
    do {                                            \
        if ((call) != RL_OK)                        \
            fail_msg("%s: %s", #call, t->err.text); \
    } while (0)

static int open_site(void **state)
{
    *state = rl_alloc(sizeof(struct site));
    struct site *t = *state;
    site_open(t);
    struct rl_row type =
        ROW(RL_TYPE, "model=m", "class=phone", "protocols=SIP", "security_class=none");
    struct rl_row profile = ROW(RL_PROFILE, "name=p", "type=m", "protocol=SIP", "mode=nonsecure");
    OK(rl_store_begin(t->store, &t->err));
    OK(rl_store_insert(t->store, &type, &t->err));
    OK(rl_store_insert(t->store, &profile, &t->err));
    OK(rl_store_commit(t->store, &t->err));
    rl_row_fini(&type);
    rl_row_fini(&profile);
    OK(rl_store_begin(t->store, &t->err));
    return 0;
}

static int close_site(void **state)
{
    struct site *t = *state;
    rl_store_rollback(t->store);
    site_close(t);
    free(t);
    return 0;
}

static void add_phone(struct site *t, const char *name)
{
    struct rl_row row = ROW(RL_PHONE, "type=m", "protocol=SIP", "profile=p");
    rl_row_set(&row, RL_PHONE_NAME, name);
    OK(rl_store_insert(t->store, &row, &t->err));
    rl_row_fini(&row);
}

static int64_t add_list(struct site *t, const char *kind, const char *body)
{
    struct rl_list_row row = {.made = "2026-01-01T00:00:00.000Z", .body = body, .n = strlen(body)};
    OK(rl_store_list_add(t->store, kind, &row, &t->err));
    return row.version;
}

/* ---- what is told, as text ---- */

static bool tell_list(void *ctx, const struct rl_list_row *row)
{
    rl_buf_addf(ctx, "%d %.*s %s;", (int)row->version, (int)row->n, (const char *)row->body,
                *row->placed ? "placed" : "not yet");
    return true;
}

static bool tell_holder(void *ctx, const struct rl_list_holder *holder)
{
    rl_buf_addf(ctx, "%s %d;", holder->phone, (int)holder->version);
    return true;
}

static bool tell_link(void *ctx, int64_t id, const char *name, bool there)
{
    rl_buf_addf(ctx, "%d %s %s;", (int)id, *name ? name : "all", there ? "there" : "gone");
    return true;
}

static void assert_text(struct rl_buf *said, const char *wanted)
{
    assert_string_equal(rl_buf_str(said), wanted);
    rl_buf_fini(said);
}

static void assert_due(struct site *t, const char *wanted)
{
    struct rl_buf said = {0};
    OK(rl_store_links_due(t->store, 10, tell_link, &said, &t->err));
    assert_text(&said, wanted);
}

/* ---- tests ---- */

static void versions_count_up_for_each_list(void **state)
{
    struct site *t = *state;
    struct rl_buf said = {0};
    assert_int_equal(add_list(t, "CTL", "one"), 1);
    assert_int_equal(add_list(t, "ITL", "other"), 1);
    assert_int_equal(add_list(t, "CTL", "two"), 2);
    OK(rl_store_list_placed(t->store, "CTL", 1, "2026-01-01T00:00:01.000Z", &t->err));
    OK(rl_store_lists(t->store, "CTL", tell_list, &said, &t->err));
    assert_text(&said, "2 two not yet;1 one placed;");
}

static void what_was_seen_last_counts(void **state)
{
    struct site *t = *state;
    int64_t version;
    add_phone(t, "SEP1");
    OK(rl_store_list_seen(t->store, "CTL", "SEP1", 2, "2026-01-02", &t->err));
    OK(rl_store_list_seen(t->store, "CTL", "SEP1", 1, "2026-01-01", &t->err));
    OK(rl_store_list_of(t->store, "CTL", "SEP1", &version, &t->err));
    assert_int_equal(version, 2);
    OK(rl_store_list_seen(t->store, "CTL", "SEP1", 1, "2026-01-03", &t->err)); /* it was reset */
    OK(rl_store_list_of(t->store, "CTL", "SEP1", &version, &t->err));
    assert_int_equal(version, 1);
    OK(rl_store_list_of(t->store, "ITL", "SEP1", &version, &t->err));
    assert_int_equal(version, 0);
    assert_int_equal(rl_store_list_seen(t->store, "CTL", "SEP2", 1, "2026-01-01", &t->err),
                     RL_E_NOT_FOUND);
}

static void holders_come_by_version_and_in_pages(void **state)
{
    struct site *t = *state;
    static const struct {
        const char *phone;
        int64_t version;
    } seen[] = {
        {"SEP1", 2},
        {"SEP2", 1},
        {"SEP3", 3},
        {"SEP5", 1}
    };
    struct rl_list_counts n;
    for (const char *const *name =
             (const char *const[]){"SEP1", "SEP2", "SEP3", "SEP4", "SEP5", "SEP6", NULL};
         *name; name++)
        add_phone(t, *name);
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        OK(rl_store_list_seen(t->store, "CTL", seen[i].phone, seen[i].version, "2026-01-01",
                              &t->err));
    OK(rl_store_list_counts(t->store, "CTL", 3, &n, &t->err));
    assert_int_equal(n.phones, 6);
    assert_int_equal(n.older, 3);
    assert_int_equal(n.unknown, 2);
    static const struct {
        int64_t version, place;
        size_t limit;
        const char *wanted;
    } pages[] = {
        {-1, 0, 9, "SEP2 1;SEP5 1;SEP1 2;SEP4 0;SEP6 0;"},
        {-1, 0, 2, "SEP2 1;SEP5 1;"                     },
        {1,  5, 2, "SEP1 2;SEP4 0;"                     },
        {0,  4, 2, "SEP6 0;"                            },
        {0,  6, 2, ""                                   },
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct rl_buf said = {0};
        const struct rl_list_query q = {"CTL", 3, pages[i].version, pages[i].place, pages[i].limit};
        OK(rl_store_list_holders(t->store, &q, tell_holder, &said, &t->err));
        assert_text(&said, pages[i].wanted);
    }
}

static void names_are_due_as_phones_come_and_go(void **state)
{
    struct site *t = *state;
    add_phone(t, "SEP1");
    assert_due(t, ""); /* nobody asks for lists that are not there */
    add_list(t, "ITL", "one");
    assert_due(t, "1 all gone;");
    OK(rl_store_link_done(t->store, 1, &t->err));
    add_phone(t, "SEP2");
    assert_due(t, "2 SEP2 there;");
    OK(rl_store_link_done(t->store, 2, &t->err));
    OK(rl_store_remove(t->store, RL_PHONE, "SEP1", &t->err));
    OK(rl_store_remove(t->store, RL_PHONE, "SEP2", &t->err));
    assert_due(t, "3 SEP1 gone;4 SEP2 gone;");
    add_phone(t, "SEP2"); /* it comes again while its names are taken away */
    OK(rl_store_link_done(t->store, 4, &t->err));
    assert_due(t, "3 SEP1 gone;5 SEP2 there;");
}

static bool tell_type(void *ctx, const char *type, size_t phones, const char *first)
{
    rl_buf_addf(ctx, "%s %zu %s;", type, phones, first);
    return true;
}

static void phones_that_take_only_sha1_are_counted(void **state)
{
    struct site *t = *state;
    struct rl_buf said = {0};
    struct rl_row type;
    add_phone(t, "SEP1");
    add_phone(t, "SEP0");
    OK(rl_store_sha1_only(t->store, tell_type, &said, &t->err));
    assert_text(&said, "");
    OK(rl_store_get(t->store, RL_TYPE, "m", &type, &t->err));
    rl_row_set(&type, RL_TYPE_OTHER_SIG_SHA1, "yes");
    OK(rl_store_update(t->store, &type, 0, &t->err));
    rl_row_fini(&type);
    OK(rl_store_sha1_only(t->store, tell_type, &said, &t->err));
    assert_text(&said, "m 2 SEP0;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_count_up_for_each_list, open_site, close_site),
        cmocka_unit_test_setup_teardown(what_was_seen_last_counts, open_site, close_site),
        cmocka_unit_test_setup_teardown(holders_come_by_version_and_in_pages, open_site,
                                        close_site),
        cmocka_unit_test_setup_teardown(phones_that_take_only_sha1_are_counted, open_site,
                                        close_site),
        cmocka_unit_test_setup_teardown(names_are_due_as_phones_come_and_go, open_site, close_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
