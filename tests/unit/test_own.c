/* Our own certificates: of each role and kind of key one is active and one next, and the ring has
 * what is in use, with its keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/own.h"
#include "control/ring.h"
#include "site.h"

#define NOW "2026-11-30T12:00:00Z"

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

static char *key_path(const struct site *t, const char *file)
{
    return rl_asprintf("%s/%s", t->dir, file);
}

/* A certificate with a key of its own; returns its row's id, 0 if it was refused. */
static int64_t add(struct site *t, const char *role, const char *file, enum rl_own_state state)
{
    static const char *const names[] = {"host", NULL};
    const struct rl_cert_request rq = {role, "", names, 0, 1, false};
    struct rl_buf der = {0};
    struct rl_key *key;
    char *path = key_path(t, file), digest[65];
    assert_int_equal(rl_key_make(RL_KEY_EC_256, path, &key, &t->err), RL_OK);
    assert_int_equal(rl_cert_make(&rq, key, &der, &t->err), RL_OK);
    rl_pki_sha256(der.data, der.len, digest);
    struct rl_own own = {0, role, true, state, file, digest, der.data, der.len, NULL, NOW};
    t->err.code = rl_store_own_add(t->store, &own, &t->err);
    if (t->err.code)
        unlink(path);
    rl_key_free(&key);
    rl_buf_fini(&der);
    free(path);
    return t->err.code ? 0 : own.id;
}

static void forget(struct site *t, const char *file)
{
    char *path = key_path(t, file);
    unlink(path);
    free(path);
}

static int64_t found(const struct rl_ring *ring, enum rl_own_state state, bool *key)
{
    const struct rl_ring_entry *e = rl_ring_find(ring, RL_CERT_CALLMANAGER, true, state);
    *key = e && e->key;
    return e ? e->id : 0;
}

static void a_role_has_one_active_and_one_next(void **state)
{
    struct site *t = *state;
    assert_int_not_equal(add(t, "CallManager", "a", RL_OWN_ACTIVE), 0);
    assert_int_equal(add(t, "CallManager", "b", RL_OWN_ACTIVE), 0);
    assert_int_equal(t->err.code, RL_E_EXISTS);
    assert_int_not_equal(add(t, "CallManager", "b", RL_OWN_NEXT), 0);
    assert_int_equal(add(t, "CallManager", "c", RL_OWN_NEXT), 0);
    assert_int_not_equal(add(t, "CallManager", "c", RL_OWN_FORMER), 0);
    forget(t, "a");
    forget(t, "b");
    forget(t, "c");
}

static void a_ring_has_what_is_in_use(void **state)
{
    struct site *t = *state;
    struct rl_ring *ring;
    bool key;
    int64_t a = add(t, "CallManager", "a", RL_OWN_ACTIVE), b = add(t, "CallManager", "b", 0);
    assert_int_equal(rl_ring_load(t->store, t->dir, &ring, &t->err), RL_OK);
    assert_int_equal(found(ring, RL_OWN_ACTIVE, &key), a);
    assert_true(key);
    assert_int_equal(found(ring, RL_OWN_NEXT, &key), b);
    assert_true(key);
    assert_int_equal(found(ring, RL_OWN_FORMER, &key), 0);
    assert_null(rl_ring_find(ring, RL_CERT_CALLMANAGER, false, RL_OWN_ACTIVE));
    assert_null(rl_ring_find(ring, RL_CERT_TFTP, true, RL_OWN_ACTIVE));
    rl_ring_free(&ring);
    rl_store_own_move(t->store, a, RL_OWN_FORMER, NOW, &t->err);
    rl_store_own_move(t->store, b, RL_OWN_ACTIVE, NOW, &t->err);
    forget(t, "a"); /* a former one needs none */
    assert_int_equal(rl_ring_load(t->store, t->dir, &ring, &t->err), RL_OK);
    assert_int_equal(found(ring, RL_OWN_ACTIVE, &key), b);
    assert_int_equal(found(ring, RL_OWN_FORMER, &key), a);
    assert_false(key);
    rl_ring_free(&ring);
    rl_store_own_move(t->store, a, RL_OWN_RETIRED, NOW, &t->err);
    assert_int_equal(rl_ring_load(t->store, t->dir, &ring, &t->err), RL_OK);
    assert_int_equal(ring->n, 1);
    rl_ring_free(&ring);
    forget(t, "b");
}

static void the_key_of_another_is_refused(void **state)
{
    struct site *t = *state;
    struct rl_ring *ring;
    add(t, "CallManager", "a", RL_OWN_ACTIVE);
    char *path = key_path(t, "a");
    struct rl_key *other;
    unlink(path);
    assert_int_equal(rl_ring_load(t->store, t->dir, &ring, &t->err), RL_E_SITE_DAMAGED);
    assert_null(ring);
    assert_int_equal(rl_key_make(RL_KEY_EC_256, path, &other, &t->err), RL_OK);
    assert_int_equal(rl_ring_load(t->store, t->dir, &ring, &t->err), RL_E_SITE_DAMAGED);
    rl_key_free(&other);
    free(path);
    forget(t, "a");
}

static void states_and_kinds_have_names(void **state)
{
    static const char *const names[] = {"next", "active", "former", "retired"};
    (void)state;
    for (int i = RL_OWN_NEXT; i <= RL_OWN_RETIRED; i++)
        assert_string_equal(rl_own_state_name((enum rl_own_state)i), names[i]);
    for (size_t i = 0; rl_own_kind(i); i++) {
        const struct rl_own_kind *kind = rl_own_kind(i);
        assert_true(rl_store_is_own(kind->name));
        assert_ptr_equal(rl_own_kind_named(rl_own_role_name(kind), kind->ec), kind);
    }
    assert_false(rl_store_is_own(RL_STORE_PHONES));
    assert_null(rl_own_kind_named("TFTP", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_role_has_one_active_and_one_next, open_site, close_site),
        cmocka_unit_test_setup_teardown(a_ring_has_what_is_in_use, open_site, close_site),
        cmocka_unit_test_setup_teardown(the_key_of_another_is_refused, open_site, close_site),
        cmocka_unit_test(states_and_kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
