/* What CAPF does with phones that fail, try, come twice or go away, step by step as in the engine.
 */
#include "capf_scene.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#define INSTALL RL_CAPF_INSTALL

static int open_scene(void **state)
{
    *state = rl_alloc(sizeof(struct scene));
    scene_open(*state);
    return 0;
}

static int close_scene(void **state)
{
    scene_close(*state);
    free(*state);
    return 0;
}

static int auth_as(struct scene *s, const char *name, const char *password)
{
    struct rl_enr rec = {
        .kind = RL_ENR_AUTH,
        .session = s->session.id,
        .auth = {.version = 3, .device = {(const uint8_t *)name, strlen(name)}}
    };
    if (password)
        rec.auth.password = (struct rl_bytes){(const uint8_t *)password, strlen(password)};
    return scene_say(s, &rec);
}

static int auth(struct scene *s, const char *password)
{
    return auth_as(s, PHONE, password);
}

static int reply(struct scene *s, int kind, int reason, const void *bytes, size_t n)
{
    const struct rl_enr rec = {
        .kind = (uint8_t)kind,
        .session = s->session.id,
        .reply = {.reason = (uint8_t)reason, .bytes = {bytes, n}}
    };
    return scene_say(s, &rec);
}

static int gone(struct scene *s, int why)
{
    const struct rl_enr rec = {
        .kind = RL_ENR_GONE, .session = s->session.id, .gone.why = (uint8_t)why};
    return scene_say(s, &rec);
}

/* The key of a certificate of the vectors, as a phone sends it. */
static const struct key {
    const char *file; /* of certs/ */
} rsa2048 = {"ccm.pem"}, rsa1024 = {"rsa1024.pem"}, p256 = {"ccm-ec256.pem"};

static int send_key(struct scene *s, const struct key *key)
{
    struct rl_cert cert = vector_cert(key->file);
    gnutls_datum_t der = {cert.der, (unsigned)cert.nder}, spki = {0};
    gnutls_x509_crt_t crt;
    gnutls_pubkey_t pub;
    gnutls_x509_crt_init(&crt);
    gnutls_pubkey_init(&pub);
    assert_int_equal(gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER), 0);
    assert_int_equal(gnutls_pubkey_import_x509(pub, crt, 0), 0);
    assert_int_equal(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &spki), 0);
    int answer = reply(s, RL_ENR_KEY, 1, spki.data, spki.size);
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(pub);
    gnutls_x509_crt_deinit(crt);
    rl_cert_fini(&cert);
    return answer;
}

static int end_reason(const struct scene *s)
{
    return s->answer.kind == RL_ENR_END ? s->answer.end.reason : -1;
}

/* An enrolment up to STORE. */
static void begin_install(struct scene *s, uint32_t id)
{
    scene_session(s, id);
    assert_int_equal(auth(s, NULL), RL_ENR_KEYGEN);
    assert_int_equal(send_key(s, &rsa2048), RL_ENR_STORE);
}

static struct rl_row filed_row(struct scene *s, const char *digest)
{
    struct rl_row row;
    bool removed;
    assert_int_equal(rl_store_cert_by_digest(s->site.store, digest, &row, &removed, NULL), RL_OK);
    return row;
}

static void a_phone_gets_its_lsc(void **state)
{
    struct scene *s = *state;
    struct rl_cert lsc;
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 7);
    struct rl_capf c = scene_record(s);
    assert_int_equal(c.state, RL_CAPF_PENDING);
    assert_int_equal(rl_cert_parse(s->der.data, s->der.len, "", &lsc, NULL), RL_OK);
    assert_string_equal(c.sent, lsc.fingerprint);
    assert_string_equal(lsc.common_name, PHONE);
    assert_string_equal(lsc.subject,
                        "C=NZ,ST=WGN,L=Wellington,OU=Voice,O=Example Telecom,CN=" PHONE);
    assert_string_equal(lsc.signature_hash, "SHA256");
    assert_true(rl_cert_issued(&lsc, &s->entry.cert));
    assert_int_equal(lsc.nsan, 1);
    assert_string_equal(lsc.san[0].type, "URI");
    assert_string_equal(lsc.san[0].value, PHONE);
    assert_int_equal(lsc.not_after_us - lsc.not_before_us, 100 * 86400000000LL);
    assert_false(lsc.ca);
    assert_int_equal(reply(s, RL_ENR_STORED, 1, NULL, 0), RL_ENR_END);
    assert_int_equal(end_reason(s), 1);
    c = scene_record(s);
    assert_int_equal(c.state, RL_CAPF_SUCCESS);
    assert_int_equal(c.operation, RL_CAPF_NONE);
    assert_int_equal(c.lsc, RL_YES);
    assert_string_equal(c.sent, "");
    struct rl_row row = filed_row(s, lsc.fingerprint);
    assert_string_equal(rl_row_get(&row, RL_CERTIFICATE_DEVICE), PHONE);
    assert_string_equal(rl_row_get(&row, RL_CERTIFICATE_ORIGIN), "capf");
    int64_t renew = rl_time_parse(c.renew_at), third = (lsc.not_after_us - lsc.not_before_us) / 3;
    assert_true(llabs(renew - (lsc.not_before_us + 2 * third)) < 2000000);
    rl_row_fini(&row);
    rl_cert_fini(&lsc);
}

/* R131 and the other form of the subject. */
static void older_releases_get_sha1(void **state)
{
    struct scene *s = *state;
    struct rl_cert lsc;
    s->rules.sha1 = s->rules.model_names = true;
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 7);
    assert_int_equal(rl_cert_parse(s->der.data, s->der.len, "", &lsc, NULL), RL_OK);
    assert_string_equal(lsc.signature_hash, "SHA1");
    assert_string_equal(lsc.common_name, "CP-8861-" PHONE);
    rl_cert_fini(&lsc);
}

/* The old one counts until the new one is confirmed, and no longer. */
static void the_one_before_goes_when_the_new_one_is_there(void **state)
{
    struct scene *s = *state;
    char first[65];
    bool removed;
    struct rl_row row;
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 1);
    strcpy(first, scene_record(s).sent);
    reply(s, RL_ENR_STORED, 1, NULL, 0);
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 2);
    assert_int_equal(scene_filed(s), 2);
    reply(s, RL_ENR_STORED, 1, NULL, 0);
    assert_int_equal(scene_filed(s), 1);
    assert_int_equal(rl_store_cert_by_digest(s->site.store, first, &row, &removed, NULL),
                     RL_E_NOT_FOUND);
    assert_true(removed);
}

/* The connection broke after STORE: nobody knows which of the two the phone has. */
static void a_lost_phone_keeps_both(void **state)
{
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 1);
    reply(s, RL_ENR_STORED, 1, NULL, 0);
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 2);
    assert_int_equal(gone(s, RL_GONE_CLOSED), 0);
    struct rl_capf c = scene_record(s);
    assert_int_equal(c.why, RL_CAPF_COMMUNICATION);
    assert_int_equal(c.operation, INSTALL);
    assert_string_not_equal(c.sent, "");
    assert_int_equal(scene_filed(s), 2);
    for (uint32_t id = 3; id < 12; id++) { /* it may come as often as it likes */
        begin_install(s, id);
        gone(s, RL_GONE_CLOSED);
        assert_in_range(scene_filed(s), 2, 4);
    }
    begin_install(s, 20);
    reply(s, RL_ENR_STORED, 1, NULL, 0);
    assert_int_equal(scene_filed(s), 1);
}

static void one_that_was_not_taken_is_withdrawn(void **state)
{
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 1);
    assert_int_equal(reply(s, RL_ENR_STORED, 7, NULL, 0), RL_ENR_END);
    assert_int_equal(end_reason(s), 7);
    assert_int_equal(scene_filed(s), 0);
    assert_int_equal(scene_record(s).operation, INSTALL);
}

/* Another key than was ordered, or none that is one, is not signed. */
static void only_the_key_that_was_ordered_is_signed(void **state)
{
    static const uint8_t junk[300] = {0x30, 0x82, 0x01, 0x28};
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    const struct key *const wrong[] = {&rsa1024, &p256};
    for (size_t i = 0; i < 4; i++) {
        scene_session(s, (uint32_t)i + 1);
        assert_int_equal(auth(s, NULL), RL_ENR_KEYGEN);
        int answer = i < 2    ? send_key(s, wrong[i])
                     : i == 2 ? reply(s, RL_ENR_KEY, 0, junk, sizeof junk)
                              : reply(s, RL_ENR_KEY, 7, NULL, 0);
        assert_int_equal(answer, RL_ENR_END);
        assert_int_equal(end_reason(s), 7);
        assert_int_equal(scene_record(s).why, RL_CAPF_KEY_GENERATION);
        assert_int_equal(scene_filed(s), 0);
    }
}

static void ec_falls_back_on_rsa(void **state)
{
    struct scene *s = *state;
    PROFILE(s, "key_order=ec-rsa", "ec_size=256");
    scene_order(s, PHONE, INSTALL, NULL);
    scene_session(s, 1);
    assert_int_equal(auth(s, NULL), RL_ENR_KEYGEN);
    assert_int_equal(s->answer.keygen.type, RL_CAPF_EC);
    assert_int_equal(s->answer.keygen.size, 256);
    assert_int_equal(reply(s, RL_ENR_KEY, 7, NULL, 0), RL_ENR_KEYGEN);
    assert_int_equal(s->answer.keygen.type, RL_CAPF_RSA);
    assert_int_equal(s->answer.keygen.size, 2048);
    assert_int_equal(send_key(s, &rsa2048), RL_ENR_STORE);
}

static void ec_only_says_so(void **state)
{
    struct scene *s = *state;
    PROFILE(s, "key_order=ec", "ec_size=256");
    scene_order(s, PHONE, INSTALL, NULL);
    scene_session(s, 1);
    assert_int_equal(auth(s, NULL), RL_ENR_KEYGEN);
    assert_int_equal(reply(s, RL_ENR_KEY, 7, NULL, 0), RL_ENR_END);
    assert_int_equal(scene_record(s).why, RL_CAPF_NO_EC);
}

static void tries_end_in_a_lock_out(void **state)
{
    struct scene *s = *state;
    PROFILE(s, "auth_mode=string");
    scene_order(s, PHONE, INSTALL, "123456");
    for (int i = 1; i <= 3; i++) {
        scene_session(s, (uint32_t)i);
        assert_int_equal(auth(s, "123457"), RL_ENR_END);
        assert_int_equal(end_reason(s), 7);
        assert_int_equal(scene_record(s).tries, i % 3);
    }
    assert_string_not_equal(scene_record(s).locked_until, "");
    scene_session(s, 4);
    assert_int_equal(auth(s, "123456"), RL_ENR_END);
    assert_int_equal(end_reason(s), 7);
    s->now_us += s->rules.lock_us + 1000000;
    scene_session(s, 5);
    assert_int_equal(auth(s, "123456"), RL_ENR_KEYGEN);
    assert_null(strstr(rl_buf_str(&s->audit), "12345"));
    assert_non_null(strstr(rl_buf_str(&s->audit), "locked_until"));
}

/* A prefix, nothing at all, and one byte more are wrong. */
static void strings_have_to_be_the_same(void **state)
{
    static const char *const wrong[] = {"12345", "", "1234560", NULL};
    struct scene *s = *state;
    s->rules.tries = 100;
    PROFILE(s, "auth_mode=string");
    scene_order(s, PHONE, INSTALL, "123456");
    for (size_t i = 0; i < 4; i++) {
        scene_session(s, (uint32_t)i + 1);
        assert_int_equal(auth(s, wrong[i]), RL_ENR_END);
        assert_int_equal(scene_record(s).why, RL_CAPF_INVALID_STRING);
    }
}

static void the_string_is_for_one_operation(void **state)
{
    struct scene *s = *state;
    char *string;
    PROFILE(s, "auth_mode=string");
    scene_order(s, PHONE, INSTALL, "123456");
    scene_session(s, 1);
    auth(s, "123456");
    send_key(s, &rsa2048);
    reply(s, RL_ENR_STORED, 1, NULL, 0);
    assert_int_equal(rl_store_capf_string(s->site.store, scene_record(s).phone, &string, NULL),
                     RL_OK);
    assert_null(string);
    scene_session(s, 2);
    assert_int_equal(auth(s, "123456"), RL_ENR_END);
    assert_int_equal(end_reason(s), 0);
}

static void late_phones_are_turned_away(void **state)
{
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    s->now_us += 2 * 3600000000LL;
    scene_session(s, 1);
    assert_int_equal(auth(s, NULL), RL_ENR_END);
    assert_int_equal(end_reason(s), 7);
    assert_int_equal(scene_record(s).why, RL_CAPF_LATE);
    assert_int_equal(scene_record(s).operation, RL_CAPF_NONE);
}

static void names_that_are_no_phones_are_not_known(void **state)
{
    static const char *const names[] = {"SEP", "nobody", "\xff\xfe", "../../etc",
                                        "a-name-longer-than-that-of-any-phone-can-be-on-file"};
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        scene_session(s, (uint32_t)i + 1);
        assert_int_equal(auth_as(s, names[i], NULL), RL_ENR_END);
        assert_int_equal(end_reason(s), 9);
    }
}

/* Somebody took it back while the phone was making its key. */
static void what_was_taken_back_is_not_done(void **state)
{
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    scene_session(s, 1);
    assert_int_equal(auth(s, NULL), RL_ENR_KEYGEN);
    scene_order(s, PHONE, RL_CAPF_NONE, NULL);
    assert_int_equal(send_key(s, &rsa2048), RL_ENR_END);
    assert_int_equal(end_reason(s), 7);
    assert_int_equal(scene_filed(s), 0);
    assert_int_equal(scene_record(s).state, RL_CAPF_IDLE);
}

static void no_ca_is_told(void **state)
{
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    scene_session(s, 1);
    assert_int_equal(auth(s, NULL), RL_ENR_KEYGEN);
    s->entry.state = RL_OWN_NEXT;
    assert_int_equal(send_key(s, &rsa2048), RL_ENR_END);
    assert_int_equal(scene_record(s).why, RL_CAPF_CA_COMMUNICATION);
    s->entry.state = RL_OWN_ACTIVE;
    s->now_us = s->entry.cert.not_after_us + 1000000;
    scene_order(s, PHONE, INSTALL, NULL);
    scene_session(s, 2);
    assert_int_equal(auth(s, NULL), RL_ENR_KEYGEN);
    assert_int_equal(send_key(s, &rsa2048), RL_ENR_END);
    assert_int_equal(scene_record(s).why, RL_CAPF_CA_REJECTED);
}

static void a_deleted_lsc_counts_no_more(void **state)
{
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    begin_install(s, 1);
    reply(s, RL_ENR_STORED, 1, NULL, 0);
    scene_order(s, PHONE, RL_CAPF_DELETE, NULL);
    scene_session(s, 2);
    assert_int_equal(auth(s, NULL), RL_ENR_DELETE);
    assert_int_equal(reply(s, RL_ENR_DELETED, 1, NULL, 0), RL_ENR_END);
    assert_int_equal(scene_filed(s), 0);
    assert_int_equal(scene_record(s).lsc, RL_NO);
    assert_string_equal(scene_record(s).renew_at, "");
}

/* Troubleshoot: its MIC comes on file; another's, and what nobody known issued, does not. */
static void only_its_own_certificates_are_taken_back(void **state)
{
    static const struct {
        const char *file;
        bool good;
    } given[] = {
        {"mic.pem",              true },
        {"rogue-lsc.pem",        false},
        {"lsc-other-device.pem", false},
        {"ccm.pem",              false},
        {"lsc-ec384.pem",        true },
    };
    struct scene *s = *state;
    size_t n = 0;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        struct rl_cert cert = vector_cert(given[i].file);
        scene_order(s, PHONE, RL_CAPF_TROUBLESHOOT, NULL);
        scene_session(s, (uint32_t)i + 1);
        assert_int_equal(auth(s, NULL), RL_ENR_FETCH);
        assert_int_equal(reply(s, RL_ENR_FETCHED, 1, cert.der, cert.nder), RL_ENR_END);
        assert_int_equal(end_reason(s), 0);
        assert_int_equal(scene_record(s).state, given[i].good ? RL_CAPF_SUCCESS : RL_CAPF_REFUSED);
        n += given[i].good;
        assert_int_equal(scene_filed(s), n);
        rl_cert_fini(&cert);
    }
    assert_int_equal(scene_record(s).mic, RL_YES);
    assert_int_equal(scene_record(s).lsc, RL_YES);
}

static void slow_keys_have_a_status_of_their_own(void **state)
{
    struct scene *s = *state;
    scene_order(s, PHONE, INSTALL, NULL);
    scene_session(s, 1);
    auth(s, NULL);
    s->session.waits = RL_ENR_KEY;
    gone(s, RL_GONE_TIMEOUT);
    assert_int_equal(scene_record(s).why, RL_CAPF_KEY_GENERATION);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)
    const struct CMUnitTest tests[] = {
        TEST(a_phone_gets_its_lsc),
        TEST(older_releases_get_sha1),
        TEST(the_one_before_goes_when_the_new_one_is_there),
        TEST(a_lost_phone_keeps_both),
        TEST(one_that_was_not_taken_is_withdrawn),
        TEST(only_the_key_that_was_ordered_is_signed),
        TEST(ec_falls_back_on_rsa),
        TEST(ec_only_says_so),
        TEST(tries_end_in_a_lock_out),
        TEST(strings_have_to_be_the_same),
        TEST(the_string_is_for_one_operation),
        TEST(late_phones_are_turned_away),
        TEST(names_that_are_no_phones_are_not_known),
        TEST(what_was_taken_back_is_not_done),
        TEST(no_ca_is_told),
        TEST(a_deleted_lsc_counts_no_more),
        TEST(only_its_own_certificates_are_taken_back),
        TEST(slow_keys_have_a_status_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
