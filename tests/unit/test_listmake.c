/* Lists from a ring of real certificates: what is in them, when none is made, and when one is out
 * of date (R14, R17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/listmake.h"
#include "control/ownmake.h"
#include "control/trustfile.h"
#include "ringlock/time.h"

enum { ENTRIES = 12, TIME = 1796000000, FORMERS = 40 };

static struct rl_ring_entry entry[ENTRIES];
static struct rl_ring ring = {.entry = entry};
static const struct rl_list_rules plain = {0}, newer = {.sha512 = true, .ec = true};

static void add(const struct rl_own_kind *kind, enum rl_own_state state, enum rl_key_kind key)
{
    char keys[] = "/tmp/ringlock-lists-XXXXXX";
    struct rl_own_made made;
    struct rl_err err = {0};
    assert_non_null(mkdtemp(keys));
    const struct rl_own_order order = {.kind = kind,
                                       .key = key,
                                       .keys = keys,
                                       .organization = "t",
                                       .first = true,
                                       .now_us = rl_now_us()};
    if (rl_own_make(&order, &made, &err) != RL_OK)
        fail_msg("%s", err.text);
    rl_own_made_drop(&made, keys);
    rmdir(keys);
    free(made.file);
    entry[ring.n++] = (struct rl_ring_entry){
        .role = kind->role, .ec = kind->ec, .state = state, .cert = made.cert, .key = made.key};
}

/* A new site's: one of each kind. */
static int make_ring(void **state)
{
    const struct rl_own_kind *kind;
    (void)state;
    for (size_t i = 0; (kind = rl_own_kind(i)); i++)
        add(kind, RL_OWN_ACTIVE, kind->key);
    return 0;
}

static int free_ring(void **state)
{
    (void)state;
    for (size_t i = 0; i < ring.n; i++) {
        rl_cert_fini(&entry[i].cert);
        rl_key_free(&entry[i].key);
    }
    ring.n = 0;
    return 0;
}

static struct rl_ring_entry *of(enum rl_cert_role role)
{
    return (struct rl_ring_entry *)rl_ring_find(&ring, role, false, RL_OWN_ACTIVE);
}

static enum rl_code make(enum rl_list_kind kind, const struct rl_list_rules *rules,
                         struct rl_list_content *content, struct rl_problems *warnings)
{
    struct rl_buf out = {0};
    struct rl_err err = {0};
    enum rl_code code = rl_list_make(&ring, kind, rules, TIME, rl_now_us(), &out, warnings, &err);
    if (!code)
        assert_true(rl_list_content(out.data, out.len, content));
    rl_buf_fini(&out);
    return code;
}

static void a_list_says_what_it_was_made_of(void **state)
{
    struct rl_list_content c;
    struct rl_problems warnings = {0};
    (void)state;
    assert_int_equal(make(RL_LIST_CTL, &plain, &c, &warnings), RL_OK);
    assert_int_equal(c.n, 4);
    assert_false(c.sha512 || c.ec);
    assert_int_equal(c.time, TIME);
    assert_string_equal(c.signer, of(RL_CERT_ITLRECOVERY)->cert.fingerprint);
    assert_false(rl_list_has(&c, of(RL_CERT_TVS)->cert.fingerprint));
    assert_int_equal(make(RL_LIST_ITL, &newer, &c, &warnings), RL_OK);
    assert_int_equal(c.n, 6);
    assert_true(c.sha512 && c.ec && rl_list_has(&c, of(RL_CERT_TVS)->cert.fingerprint));
    assert_int_equal(warnings.n, 0);
}

static void none_is_made_that_phones_could_not_use(void **state)
{
    static const enum rl_cert_role needed[] = {RL_CERT_ITLRECOVERY, RL_CERT_CALLMANAGER};
    struct rl_list_content c;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rl_ring_entry *e = of(needed[i]), kept = *e;
        e->cert.not_after_us = 1;
        assert_int_equal(make(RL_LIST_CTL, &plain, &c, NULL), RL_E_CTL_SIGNER);
        *e = kept;
        e->cert.not_before_us = INT64_MAX;
        assert_int_equal(make(RL_LIST_CTL, &plain, &c, NULL), RL_E_CTL_SIGNER);
        *e = kept;
        e->key = NULL;
        assert_int_equal(make(RL_LIST_CTL, &plain, &c, NULL), RL_E_CTL_SIGNER);
        *e = kept;
        e->state = RL_OWN_FORMER;
        assert_int_equal(make(RL_LIST_CTL, &plain, &c, NULL), RL_E_CTL_SIGNER);
        *e = kept;
    }
    struct rl_ring_entry *signer = of(RL_CERT_ITLRECOVERY);
    struct rl_key *own = signer->key;
    signer->key = of(RL_CERT_TFTP)->key; /* not that of its certificate */
    assert_int_equal(make(RL_LIST_CTL, &plain, &c, NULL), RL_E_CTL_SIGNER);
    signer->key = own;
}

static void what_phones_may_not_take_is_told(void **state)
{
    struct rl_list_content c;
    struct rl_problems warnings = {0};
    struct rl_ring_entry *signer = of(RL_CERT_ITLRECOVERY), kept = *signer, many[FORMERS + 2];
    struct rl_ring large = {.entry = many, .n = FORMERS + 2};
    struct rl_buf out = {0};
    (void)state;
    signer->cert.key_bits = 4096;
    assert_int_equal(make(RL_LIST_CTL, &plain, &c, &warnings), RL_OK);
    assert_int_equal(warnings.item[0].code, RL_W_TRUST_FILE);
    *signer = kept;
    many[0] = *signer;
    many[1] = *of(RL_CERT_CALLMANAGER);
    for (size_t i = 2; i < FORMERS + 2; i++) {
        many[i] = *of(RL_CERT_TFTP);
        many[i].state = RL_OWN_FORMER;
    }
    assert_int_equal(
        rl_list_make(&large, RL_LIST_CTL, &plain, TIME, rl_now_us(), &out, &warnings, NULL), RL_OK);
    assert_non_null(strstr(warnings.item[1].text, "42 certificates"));
    rl_buf_fini(&out);
    rl_problems_fini(&warnings);
}

/* How many are told, and whether it would be made anew just so. */
static void assert_stale(const struct rl_list_content *c, size_t n, bool current)
{
    struct rl_problems problems = {0};
    rl_list_stale(&ring, RL_LIST_CTL, c, &problems);
    assert_int_equal(problems.n, n);
    for (size_t i = 0; i < problems.n; i++)
        assert_int_equal(problems.item[i].code, RL_W_CTL_STALE);
    assert_int_equal(rl_list_is_current(&ring, RL_LIST_CTL, &plain, c), current);
    rl_problems_fini(&problems);
}

static void a_list_is_out_of_date_when_what_is_used_is_not_in_it(void **state)
{
    struct rl_list_content c;
    (void)state;
    assert_int_equal(make(RL_LIST_CTL, &plain, &c, NULL), RL_OK);
    assert_stale(&c, 0, true);
    assert_false(rl_list_is_current(&ring, RL_LIST_CTL, &newer, &c));
    struct rl_ring_entry *tvs = of(RL_CERT_TVS), *tftp = of(RL_CERT_TFTP), kept = *tftp;
    char digit = tvs->cert.fingerprint[0];
    tvs->cert.fingerprint[0] = 'x'; /* another TVS: the CTL has none */
    assert_stale(&c, 0, true);
    tvs->cert.fingerprint[0] = digit;
    tftp->cert.fingerprint[0] = 'x'; /* another TFTP: the CTL has the one that is gone */
    assert_stale(&c, 2, false);
    *tftp = kept;
    add(rl_own_kind_named("TFTP", false), RL_OWN_NEXT, RL_KEY_RSA_2048); /* not used yet */
    assert_stale(&c, 0, false);
    entry[ring.n - 1].state = RL_OWN_ACTIVE; /* used, and the one before is still listed */
    tftp->state = RL_OWN_FORMER;
    assert_stale(&c, 1, false);
}

static void what_is_no_list_has_no_content(void **state)
{
    struct rl_list_content c;
    (void)state;
    assert_false(rl_list_content("no list", 7, &c));
    assert_false(rl_list_has(&c, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_says_what_it_was_made_of),
        cmocka_unit_test(none_is_made_that_phones_could_not_use),
        cmocka_unit_test(what_phones_may_not_take_is_told),
        cmocka_unit_test(a_list_is_out_of_date_when_what_is_used_is_not_in_it),
        cmocka_unit_test(what_is_no_list_has_no_content),
    };
    return cmocka_run_group_tests(tests, make_ring, free_ring);
}
