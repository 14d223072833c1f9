#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "site.h"
#include "store/certs.h"

static int open_site(void **state)
{
    *state = rl_alloc(sizeof(struct site));
    struct site *t = *state;
    site_open(t);
    assert_int_equal(rl_store_begin(t->store, &t->err), RL_OK);
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

/* A digest of 64 digits that begins with `start`. */
static const char *digest(const char *start, char out[65])
{
    memset(out, '0', 64);
    memcpy(out, start, strlen(start));
    out[64] = '\0';
    return out;
}

struct cert {
    const char *name, *store, *device, *der, *pem; /* digests: how they begin */
    const char *san;                               /* or NULL */
};

static struct rl_row row_of_cert(const struct cert *c)
{
    char text[65];
    struct rl_row row = ROW(RL_CERTIFICATE, "usage=shared", "not_before=2026-01-01T00:00:00Z",
                            "subject=CN=x", "not_after=2027-01-01T00:00:00Z", "ca=yes");
    rl_row_set(&row, RL_CERTIFICATE_NAME, c->name);
    rl_row_set(&row, RL_CERTIFICATE_STORE, c->store ? c->store : "CallManager-trust");
    rl_row_set(&row, RL_CERTIFICATE_DEVICE, c->device);
    rl_row_set(&row, RL_CERTIFICATE_FINGERPRINT, digest(c->der, text));
    rl_row_set(&row, RL_CERTIFICATE_PEM_FINGERPRINT, digest(c->pem, text));
    return row;
}

static enum rl_code add(struct site *t, struct cert c)
{
    struct rl_row row = row_of_cert(&c);
    enum rl_code code =
        rl_store_cert_add(t->store, &row, c.der, strlen(c.der), &c.san, c.san ? 1 : 0, &t->err);
    if (!code)
        assert_true(row.id > 0 && row.rev == 1);
    rl_row_fini(&row);
    return code;
}

/* What callbacks were told, as "a b ". */
static bool tell_row(void *ctx, const struct rl_row *row)
{
    rl_buf_addf(ctx, "%s ", rl_row_get(row, RL_CERTIFICATE_NAME));
    return true;
}

static bool tell_der(void *ctx, const struct rl_row *row, const void *der, size_t n)
{
    rl_buf_addf(ctx, "%s=%.*s ", rl_row_get(row, RL_CERTIFICATE_NAME), (int)n, (const char *)der);
    return true;
}

static bool tell_user(void *ctx, const char *kind, const char *name)
{
    rl_buf_addf(ctx, "%s:%s ", kind, name);
    return true;
}

static void assert_told(struct rl_buf *told, const char *expected)
{
    assert_string_equal(rl_buf_str(told), expected);
    rl_buf_fini(told);
}

/* The name that a look-up finds, or the tag of its code. */
static void assert_found(struct site *t, const char *text, const char *expected)
{
    struct rl_row row;
    enum rl_code code = rl_store_cert_find(t->store, text, &row, &t->err);
    assert_string_equal(code ? rl_code_info(code)->tag : rl_row_get(&row, RL_CERTIFICATE_NAME),
                        expected);
    if (!code)
        rl_row_fini(&row);
}

static void people_find_a_certificate_by_name_and_fingerprint(void **state)
{
    struct site *t = *state;
    char text[65];
    assert_int_equal(add(t, (struct cert){"gate", .der = "abcdef0123", .pem = "99aa1122"}), RL_OK);
    assert_int_equal(add(t, (struct cert){"hall", .der = "abcdef0199", .pem = "77aa1122"}), RL_OK);
    assert_int_equal(add(t, (struct cert){"abcdef01", .der = "5512345678", .pem = "66aa1122"}),
                     RL_OK);
    assert_found(t, "gate", "gate");
    assert_found(t, "GATE", "E-NOT-FOUND");
    assert_found(t, digest("abcdef0123", text), "gate");
    assert_found(t, "AB:CD:EF:01:23", "gate");
    assert_found(t, "99aa1122", "gate");
    assert_found(t, "abcdef01", "abcdef01"); /* a name is a name */
    assert_found(t, "abcdef010", "E-NOT-FOUND");
    assert_found(t, "ab:cdef01", "E-VALUE");
    assert_found(t, "abcdef0", "E-NOT-FOUND"); /* too short to tell */
    assert_found(t, "abcdef01x", "E-NOT-FOUND");
    assert_found(t, "", "E-NOT-FOUND");
}

static void one_digest_is_once_in_a_store(void **state)
{
    struct site *t = *state;
    char text[65];
    struct rl_row row;
    bool removed;
    assert_int_equal(add(t, (struct cert){"a", .store = "pack-signers", .der = "ab", .pem = "cd"}),
                     RL_OK);
    assert_int_equal(add(t, (struct cert){"b", .der = "ab", .pem = "cd"}), RL_OK);
    assert_int_equal(add(t, (struct cert){"c", .der = "ab", .pem = "cd"}), RL_E_EXISTS);
    assert_string_equal(t->err.object, "cert b");
    assert_int_equal(add(t, (struct cert){"b", .der = "ef", .pem = "01"}), RL_E_EXISTS);
    assert_int_equal(rl_store_cert_by_digest(t->store, digest("cd", text), &row, &removed, NULL),
                     RL_OK);
    assert_string_equal(rl_row_get(&row, RL_CERTIFICATE_NAME), "b"); /* CallManager-trust leads */
    rl_row_fini(&row);
}

static void a_removed_certificate_stays_known_until_it_comes_back(void **state)
{
    struct site *t = *state;
    char text[65];
    struct rl_row row;
    bool removed = true, was = true;
    const struct cert c = {"SEP1", .device = "SEP1", .der = "ab", .pem = "cd"};
    assert_int_equal(rl_store_cert_by_digest(t->store, digest("ab", text), &row, &removed, &t->err),
                     RL_E_NOT_FOUND);
    assert_false(removed);
    assert_int_equal(add(t, c), RL_OK);
    assert_int_equal(rl_store_device_cert_removed(t->store, "SEP1", &was, NULL), RL_OK);
    assert_false(was);
    assert_int_equal(rl_store_cert_remove(t->store, "SEP1", "2026-11-23T10:00:00Z", &t->err),
                     RL_OK);
    assert_int_equal(rl_store_cert_remove(t->store, "SEP1", "2026-11-23T10:00:00Z", &t->err),
                     RL_E_NOT_FOUND);
    for (int i = 0; i < 2; i++) {
        digest(i ? "cd" : "ab", text);
        assert_int_equal(rl_store_cert_by_digest(t->store, text, &row, &removed, &t->err),
                         RL_E_NOT_FOUND);
        assert_true(removed);
    }
    assert_int_equal(rl_store_device_cert_removed(t->store, "SEP1", &was, NULL), RL_OK);
    assert_true(was);
    assert_int_equal(rl_store_device_cert_removed(t->store, "", &was, NULL), RL_OK);
    assert_false(was);
    assert_int_equal(add(t, c), RL_OK);
    assert_int_equal(rl_store_device_cert_removed(t->store, "SEP1", &was, NULL), RL_OK);
    assert_false(was);
}

static void another_store_says_nothing_of_what_phones_present(void **state)
{
    struct site *t = *state;
    char text[65];
    struct rl_row row;
    bool removed = true;
    const struct cert c = {"SEP1", .device = "SEP1", .der = "ab", .pem = "cd"};
    const struct cert copy = {"copy", .store = "tomcat-trust", .der = "ab", .pem = "cd"};
    digest("ab", text);
    assert_int_equal(add(t, copy), RL_OK);
    assert_int_equal(rl_store_cert_remove(t->store, "copy", "2026-11-23T10:00:00Z", &t->err),
                     RL_OK);
    assert_int_equal(rl_store_cert_by_digest(t->store, text, &row, &removed, &t->err),
                     RL_E_NOT_FOUND);
    assert_false(removed);
    assert_int_equal(add(t, c), RL_OK);
    assert_int_equal(rl_store_cert_remove(t->store, "SEP1", "2026-11-23T10:00:00Z", &t->err),
                     RL_OK);
    assert_int_equal(add(t, copy), RL_OK);
    assert_int_equal(rl_store_cert_by_digest(t->store, text, &row, &removed, &t->err), RL_OK);
    assert_true(removed);
    assert_string_equal(rl_row_get(&row, RL_CERTIFICATE_NAME), "copy");
    rl_row_fini(&row);
}

static void names_are_found_exactly_and_only_where_phones_are_judged(void **state)
{
    struct site *t = *state;
    struct rl_buf told = {0};
    const char *san = "Group01.acme.com";
    assert_int_equal(add(t, (struct cert){"a", .der = "a1", .pem = "b1", .san = san}), RL_OK);
    assert_int_equal(add(t, (struct cert){"b", .der = "a2", .pem = "b2", .san = san}), RL_OK);
    assert_int_equal(
        add(t, (struct cert){"c", .device = "SEP1", .der = "a3", .pem = "b3", .san = san}), RL_OK);
    assert_int_equal(
        add(t, (struct cert){"d", .store = "TVS-trust", .der = "a4", .pem = "b4", .san = san}),
        RL_OK);
    assert_int_equal(rl_store_certs_named(t->store, san, tell_row, &told, NULL), RL_OK);
    assert_told(&told, "a b ");
    assert_int_equal(rl_store_certs_named(t->store, "group01.acme.com", tell_row, &told, NULL),
                     RL_OK);
    assert_told(&told, "");
    assert_int_equal(rl_store_device_certs(t->store, "SEP1", tell_row, &told, NULL), RL_OK);
    assert_told(&told, "c ");
    assert_int_equal(rl_store_device_certs(t->store, "", tell_row, &told, NULL), RL_OK);
    assert_told(&told, "");
}

static void bodies_come_back_as_they_were(void **state)
{
    struct site *t = *state;
    struct rl_buf told = {0};
    assert_int_equal(add(t, (struct cert){"a", .der = "a1", .pem = "b1"}), RL_OK);
    assert_int_equal(add(t, (struct cert){"b", .store = "pack-signers", .der = "a2", .pem = "b2"}),
                     RL_OK);
    assert_int_equal(rl_store_cert_der(t->store, "b", &told, NULL), RL_OK);
    assert_told(&told, "a2");
    assert_int_equal(rl_store_cert_der(t->store, "z", &told, &t->err), RL_E_NOT_FOUND);
    assert_int_equal(rl_store_certs_in(t->store, "pack-signers", tell_der, &told, NULL), RL_OK);
    assert_told(&told, "b=a2 ");
    assert_int_equal(
        rl_store_cert_issuers(t->store, "CallManager-trust", "CN=x", tell_der, &told, NULL), RL_OK);
    assert_told(&told, "a=a1 ");
    assert_int_equal(
        rl_store_cert_issuers(t->store, "CallManager-trust", "CN=y", tell_der, &told, NULL), RL_OK);
    assert_told(&told, "");
}

static void add_users(struct site *t)
{
    assert_int_equal(insert_row(t, ROW(RL_TYPE, "model=Acme")), RL_OK);
    assert_int_equal(insert_row(t, ROW(RL_PROFILE, "name=Group", "type=Acme", "protocol=SIP",
                                       "mode=encrypted", "certificate=a")),
                     RL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(insert_row(t, ROW(RL_PHONE, i ? "name=SEP2" : "name=SEP1", "type=Acme",
                                           "protocol=SIP", "profile=Group")),
                         RL_OK);
}

static void what_uses_a_certificate_is_told_and_let_go(void **state)
{
    struct site *t = *state;
    struct rl_buf told = {0};
    struct rl_row row;
    assert_int_equal(add(t, (struct cert){"a", .der = "a1", .pem = "b1"}), RL_OK);
    assert_int_equal(add(t, (struct cert){"b", .device = "SEP2", .der = "a2", .pem = "b2"}), RL_OK);
    assert_int_equal(add(t, (struct cert){"c", .device = "SEP9", .der = "a3", .pem = "b3"}), RL_OK);
    add_users(t);
    assert_int_equal(rl_store_users_of(t->store, RL_CERTIFICATE, "a", tell_user, &told, NULL),
                     RL_OK);
    assert_told(&told, "profile:Group phone:SEP1 phone:SEP2 ");
    assert_int_equal(rl_store_users_of(t->store, RL_CERTIFICATE, "b", tell_user, &told, NULL),
                     RL_OK);
    assert_told(&told, "phone:SEP2 ");
    assert_int_equal(rl_store_users_of(t->store, RL_CERTIFICATE, "c", tell_user, &told, NULL),
                     RL_OK);
    assert_told(&told, "");
    assert_int_equal(rl_store_cert_remove(t->store, "a", "2026-11-23T10:00:00Z", &t->err), RL_OK);
    assert_int_equal(rl_store_get(t->store, RL_PROFILE, "Group", &row, NULL), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_PROFILE_CERTIFICATE), "");
    assert_int_equal(row.rev, 2); /* who has it open learns of it */
    rl_row_fini(&row);
}

static void assert_next(struct site *t, const char *after, const char *expected)
{
    char *next;
    assert_int_equal(rl_store_cert_next(t->store, after, &next, &t->err), RL_OK);
    assert_string_equal(next ? next : "none", expected);
    free(next);
}

static void the_next_change_of_validity_is_known(void **state)
{
    struct site *t = *state;
    assert_next(t, "2025-01-01T00:00:00Z", "none");
    assert_int_equal(add(t, (struct cert){"a", .der = "a1", .pem = "b1"}), RL_OK);
    assert_next(t, "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
    assert_next(t, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_next(t, "2027-01-01T00:00:00Z", "none");
}

static void a_notice_is_given_once(void **state)
{
    struct site *t = *state;
    static const struct {
        const char *fingerprint;
        int days;
        bool is_new;
    } notices[] = {
        {"ab", 30, true },
        {"ab", 30, false},
        {"ab", 7,  true },
        {"cd", 30, true }
    };
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
        bool is_new;
        assert_int_equal(rl_store_cert_notice(t->store, notices[i].fingerprint, notices[i].days,
                                              "2026-11-23T10:00:00Z", &is_new, &t->err),
                         RL_OK);
        assert_int_equal(is_new, notices[i].is_new);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_site, close_site)
    const struct CMUnitTest tests[] = {
        TEST(people_find_a_certificate_by_name_and_fingerprint),
        TEST(one_digest_is_once_in_a_store),
        TEST(a_removed_certificate_stays_known_until_it_comes_back),
        TEST(another_store_says_nothing_of_what_phones_present),
        TEST(names_are_found_exactly_and_only_where_phones_are_judged),
        TEST(bodies_come_back_as_they_were),
        TEST(what_uses_a_certificate_is_told_and_let_go),
        TEST(the_next_change_of_validity_is_known),
        TEST(a_notice_is_given_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
