/* The rules that window, command and import share, and that a refusal changes nothing (R140). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/objects.h"
#include "site.h"
#include "store/db.h"

static struct site site;
static struct rl_buf audit; /* "who what object before after\n" */

static enum rl_code note_audit(void *ctx, const char *who, const char *what, const char *object,
                               const char *before, const char *after, struct rl_err *err)
{
    (void)ctx;
    rl_buf_addf(&audit, "%s %s|%s|%s|%s\n", who, what, object, before ? before : "-",
                after ? after : "-");
    const struct rl_audit_entry entry = {
        .text = after ? after : "", .hash = "hash", .object = object, .who = who};
    return rl_store_audit_add(site.store, &entry, NULL, err);
}

static const struct rl_auditor auditor = {.add = note_audit};
static struct rl_act act = {.audit = &auditor, .who = "alice", .mixed = true};

static enum rl_code add(enum rl_kind kind, const char *const *pairs);
#define ADD(kind, ...) add(kind, (const char *const[]){__VA_ARGS__, NULL})
#define TYPE_A         "type=Cisco 8841"

static int open_site(void **state)
{
    struct rl_err err;
    (void)state;
    site_open(&site);
    act = (struct rl_act){.store = site.store, .audit = &auditor, .who = "alice", .mixed = true};
    if (rl_objects_init(&act, "data/packs", &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    ADD(RL_PROFILE, "name=lock", TYPE_A, "mode=encrypted");
    ADD(RL_PROFILE, "name=plain", TYPE_A);
    ADD(RL_USER, "id=bob", "digest_password=abc123");
    ADD(RL_USER, "id=eve");
    rl_buf_clear(&audit);
    return 0;
}

static int close_site(void **state)
{
    (void)state;
    rl_buf_fini(&audit);
    site_close(&site);
    return 0;
}

/* All that the database holds, as text. */
static char *dump(void)
{
    static const char *const tables[] = {"phone", "gateway", "profile",    "type", "user",
                                         "audit", "tally",   "phone_line", "meta", "user_secret"};
    struct rl_buf out = {0};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        sqlite3_stmt *stmt;
        char *sql = rl_asprintf("SELECT * FROM \"%s\" ORDER BY 1, 2", tables[i]);
        assert_int_equal(sqlite3_prepare_v2(site.store->db, sql, -1, &stmt, NULL), SQLITE_OK);
        while (sqlite3_step(stmt) == SQLITE_ROW)
            for (int c = 0; c < sqlite3_column_count(stmt); c++)
                rl_buf_addf(&out, "%s|", rl_db_text(stmt, c));
        sqlite3_finalize(stmt);
        free(sql);
    }
    return rl_buf_take(&out);
}

static size_t split(const char *const *pairs, struct rl_value *values)
{
    size_t n = 0;
    for (; pairs[n]; n++) {
        char *field = rl_strdup(pairs[n]);
        field[strcspn(field, "=")] = '\0';
        values[n] = (struct rl_value){field, pairs[n] + strlen(field) + 1};
    }
    return n;
}

static void unsplit(struct rl_value *values, size_t n)
{
    while (n--)
        free((char *)values[n].field);
}

static struct rl_problems problems;

/* Add (key NULL) or set; a refusal must leave the store as it was. */
static enum rl_code change(enum rl_kind kind, const char *key, const char *const *pairs)
{
    struct rl_value values[40];
    size_t n = split(pairs, values);
    char *before = dump(), *after;
    rl_problems_fini(&problems);
    enum rl_code code = key ? rl_object_set(&act, kind, key, 0, values, n, NULL, &problems)
                            : rl_object_add(&act, kind, values, n, NULL, &problems);
    after = dump();
    if (code) {
        assert_string_equal(before, after);
        assert_true(problems.n > 0);
        for (size_t i = 0; i < problems.n; i++) {
            assert_string_not_equal(problems.item[i].object, "");
            assert_string_not_equal(problems.item[i].remedy, "");
        }
    }
    free(before);
    free(after);
    unsplit(values, n);
    return code;
}

static enum rl_code add(enum rl_kind kind, const char *const *pairs)
{
    return change(kind, NULL, pairs);
}
#define SET(kind, key, ...) change(kind, key, (const char *const[]){__VA_ARGS__, NULL})

static enum rl_code drop(enum rl_kind kind, const char *key)
{
    char *before = dump(), *after;
    rl_problems_fini(&problems);
    enum rl_code code = rl_object_remove(&act, kind, key, &problems);
    after = dump();
    if (code)
        assert_string_equal(before, after);
    free(before);
    free(after);
    return code;
}

static const char *stored(enum rl_kind kind, const char *key, int field)
{
    static char text[256];
    struct rl_row row;
    assert_int_equal(rl_store_get(site.store, kind, key, &row, &site.err), RL_OK);
    snprintf(text, sizeof text, "%s", rl_row_get(&row, field));
    rl_row_fini(&row);
    return text;
}

static void accept(const char *code)
{
    static const char *list[2];
    list[0] = code;
    act.accepted = code ? list : NULL;
}

static void init_brings_types_and_predefined_profiles(void **state)
{
    (void)state;
    struct rl_mode_counts n;
    assert_int_equal(rl_store_mode_counts(site.store, &n, &site.err), RL_OK);
    assert_true(n.types > 150);
    assert_true(n.profiles > 100);
    assert_string_equal(
        stored(RL_PROFILE, "Cisco 8841 - Standard SIP Non-Secure Profile", RL_PROFILE_PREDEFINED),
        "yes");
    /* preferred vendors come by their packs only (R77, R78) */
    struct rl_criterion vendor = {RL_TYPE_SECURITY_CLASS, RL_OP_IS, "secure-preferred-vendor"};
    struct rl_query q = {.kind = RL_TYPE, .criteria = &vendor, .ncriteria = 1};
    size_t count;
    assert_int_equal(rl_store_count(site.store, &q, &count, &site.err), RL_OK);
    assert_int_equal(count, 0);
}

static void r2_a_phone_without_profile_gets_the_predefined_one(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", "type=cisco 8841"), RL_OK);
    assert_string_equal(stored(RL_PHONE, "SEP1", RL_PHONE_PROFILE),
                        "Cisco 8841 - Standard SIP Non-Secure Profile");
    assert_string_equal(stored(RL_PHONE, "SEP1", RL_PHONE_TYPE), "Cisco 8841");
    assert_int_equal(SET(RL_PHONE, "SEP1", "profile=lock"), RL_OK);
    assert_int_equal(SET(RL_PHONE, "SEP1", "profile="), RL_OK);
    assert_string_equal(stored(RL_PHONE, "SEP1", RL_PHONE_PROFILE),
                        "Cisco 8841 - Standard SIP Non-Secure Profile");
    sqlite3_exec(site.store->db, "DELETE FROM profile WHERE name LIKE 'Cisco 8851 -%'", NULL, NULL,
                 NULL);
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", "type=Cisco 8851"), RL_E_NO_DEFAULT_PROFILE);
}

static void r40_trust_is_decided_and_logged_when_a_device_is_added(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A), RL_OK);
    assert_non_null(strstr(rl_buf_str(&audit), "\"trust\":\"Device is trusted\""));
    assert_non_null(strstr(rl_buf_str(&audit), "alice phone add|phone SEP1|-|{"));
    rl_buf_clear(&audit);
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", "type=Cisco 3905"), RL_OK);
    assert_non_null(strstr(rl_buf_str(&audit), "\"trust\":\"Device is not trusted\""));
    assert_int_equal(ADD(RL_PHONE, "name=SEP3", "type=Nokia 3310"), RL_E_UNKNOWN_TYPE);
    assert_string_equal(problems.item[0].field, "type");
}

static void r41_r47_trust_cannot_be_written(void **state)
{
    static const char *const names[] = {"trust=yes", "trusted=yes", "Device_Trust=1",
                                        "trust_message=Device is trusted", "is_TRUSTED=1"};
    (void)state;
    ADD(RL_PHONE, "name=SEP1", TYPE_A);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(SET(RL_PHONE, "SEP1", names[i]), RL_E_TRUST_READONLY);
        assert_int_equal(ADD(RL_GATEWAY, "name=G", "type=Cisco VG224", names[i]),
                         RL_E_TRUST_READONLY);
        assert_int_equal(SET(RL_TYPE, "Cisco 8841", names[i]), RL_E_TRUST_READONLY);
    }
}

static void r18_r26_status_belongs_to_the_profile(void **state)
{
    (void)state;
    ADD(RL_PHONE, "name=SEP1", TYPE_A);
    assert_int_equal(SET(RL_PHONE, "SEP1", "mode=encrypted"), RL_E_STATUS_OWNER);
    assert_int_equal(SET(RL_USER, "bob", "security_mode=encrypted"), RL_E_STATUS_OWNER);
    assert_int_equal(SET(RL_USER, "bob", "Encryption=yes"), RL_E_STATUS_OWNER);
    assert_int_equal(SET(RL_PROFILE, "plain", "mode=encrypted"), RL_OK);
}

static void fields_are_known_given_once_and_writable(void **state)
{
    (void)state;
    ADD(RL_PHONE, "name=SEP1", TYPE_A);
    assert_int_equal(SET(RL_PHONE, "SEP1", "colour=red"), RL_E_FIELD);
    assert_int_equal(SET(RL_PHONE, "SEP1", "col\x1b[2J=red"), RL_E_FIELD);
    assert_null(strchr(problems.item[0].text, 0x1b));
    assert_null(strchr(problems.item[0].field, 0x1b));
    assert_int_equal(SET(RL_PHONE, "SEP1", "owner=a", "owner=b"), RL_E_FIELD);
    assert_int_equal(SET(RL_PROFILE, "plain", "predefined=yes"), RL_E_READONLY);
    assert_int_equal(SET(RL_PROFILE, "plain", "predefined=no"), RL_OK);
    assert_int_equal(SET(RL_PHONE, "SEP1", "type=Cisco 8851"), RL_E_READONLY);
    assert_int_equal(SET(RL_PHONE, "SEP1", "type=CISCO 8841", "protocol=sip"), RL_OK);
    assert_int_equal(SET(RL_PHONE, "SEP1", "name=SEP2"), RL_E_READONLY);
    assert_int_equal(SET(RL_PHONE, "SEP9", "owner=a"), RL_E_NOT_FOUND);
}

static void r91_every_problem_is_listed(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=", "type=", "description=50%", "colour=red", "trust=1"),
                     RL_E_FIELD);
    assert_int_equal(problems.errors, 5);
    bool name = false, type = false;
    for (size_t i = 0; i < problems.n; i++) {
        name |= problems.item[i].code == RL_E_REQUIRED && !strcmp(problems.item[i].field, "name");
        type |= problems.item[i].code == RL_E_REQUIRED && !strcmp(problems.item[i].field, "type");
    }
    assert_true(name && type);
}

static void what_is_named_is_looked_up_beside_a_bad_value(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", "type=Nokia", "description=<b>", "profile=none",
                         "digest_user=zoe", "lines=1;;2"),
                     RL_E_VALUE);
    assert_int_equal(problems.errors, 5);
}

static void names_are_one_device(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A), RL_OK);
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A), RL_E_EXISTS);
    assert_int_equal(ADD(RL_GATEWAY, "name=SEP1", "type=Cisco VG224", "protocol=MGCP"),
                     RL_E_EXISTS);
    assert_int_equal(ADD(RL_GATEWAY, "name=VG", "type=Cisco VG224", "protocol=MGCP"), RL_OK);
    assert_int_equal(ADD(RL_PHONE, "name=VG", TYPE_A), RL_E_EXISTS);
    assert_int_equal(ADD(RL_PHONE, "name=VG2", "type=Cisco VG224"), RL_E_TYPE_CLASS);
}

static void r77_types_come_by_packs_only(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_TYPE, "model=Ascom i63", "vendor=Ascom", "class=phone"),
                     RL_E_TYPE_NEEDS_COP);
    assert_int_equal(SET(RL_TYPE, "Cisco 8841", "note=x"), RL_E_TYPE_NEEDS_COP);
}

static void r85_a_type_in_use_stays(void **state)
{
    (void)state;
    ADD(RL_PHONE, "name=SEP1", "type=Cisco 8851");
    assert_int_equal(drop(RL_TYPE, "Cisco 8851"), RL_E_TYPE_IN_USE);
    assert_non_null(strstr(problems.item[0].text, "1 phone"));
    assert_int_equal(drop(RL_TYPE, "Cisco 8841"), RL_E_TYPE_IN_USE);
    assert_non_null(strstr(problems.item[0].text, "2 profiles"));
    assert_int_equal(drop(RL_PHONE, "SEP1"), RL_OK);
    assert_int_equal(drop(RL_TYPE, "Cisco 8851"), RL_E_READONLY); /* it was not imported */
}

static void profiles_in_use_and_predefined_ones_stay(void **state)
{
    (void)state;
    ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=lock");
    ADD(RL_PHONE, "name=SEP2", TYPE_A, "profile=lock");
    assert_int_equal(drop(RL_PROFILE, "lock"), RL_E_PROFILE_IN_USE);
    assert_non_null(strstr(problems.item[0].text, "2 phones: SEP1, SEP2."));
    assert_int_equal(drop(RL_PROFILE, "plain"), RL_OK);
    assert_non_null(strstr(rl_buf_str(&audit), "alice profile remove|profile plain|{\"name\""));
    const char *predefined = "Cisco 8841 - Standard SIP Non-Secure Profile";
    assert_int_equal(drop(RL_PROFILE, predefined), RL_E_PROFILE_FIXED);
    assert_int_equal(SET(RL_PROFILE, predefined, "description=x"), RL_E_PROFILE_FIXED);
    assert_int_equal(SET(RL_PROFILE, predefined, "name=x"), RL_E_PROFILE_FIXED);
}

static void r92_the_profile_fits_type_and_protocol(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", "type=Cisco 8851", "profile=lock"),
                     RL_E_PROFILE_TYPE);
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=none"), RL_E_NOT_FOUND);
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=Lock"), RL_E_NOT_FOUND);
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "protocol=SCCP"), RL_E_TYPE_PROTOCOL);
}

static void phones_follow_a_renamed_profile(void **state)
{
    (void)state;
    ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=lock");
    assert_int_equal(SET(RL_PROFILE, "lock", "name=plain"), RL_E_EXISTS);
    rl_buf_clear(&audit);
    assert_int_equal(SET(RL_PROFILE, "lock", "name=AscomGroup01.acme.com"), RL_OK);
    assert_string_equal(stored(RL_PHONE, "SEP1", RL_PHONE_PROFILE), "AscomGroup01.acme.com");
    assert_string_equal(rl_buf_str(&audit), "alice profile rename|profile lock|{\"name\":\"lock\"}|"
                                            "{\"name\":\"AscomGroup01.acme.com\"}\n");
}

static void r121_a_secure_profile_needs_a_yes_in_nonsecure_mode(void **state)
{
    (void)state;
    act.mixed = false;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=lock"), RL_W_CLUSTER_NONSECURE);
    accept("W-CLUSTER-NONSECURE");
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=lock"), RL_OK);
    assert_int_equal(problems.warnings, 1);
    assert_non_null(strstr(rl_buf_str(&audit), "\"accepted\":[\"W-CLUSTER-NONSECURE\"]"));
    accept(NULL);
    assert_int_equal(SET(RL_PHONE, "SEP1", "owner=me"), RL_OK);
}

static void r125_a_digest_user_has_credentials_and_is_sip(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "digest_user=eve"), RL_E_DIGEST_NO_CRED);
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "digest_user=zoe"), RL_E_NOT_FOUND);
    assert_int_equal(
        ADD(RL_PHONE, "name=SEP1", "type=Cisco 7961", "protocol=SCCP", "digest_user=bob"),
        RL_E_DIGEST_SCCP);
    assert_int_equal(SET(RL_USER, "eve", "digest_password=geheim1"), RL_OK);
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "digest_user=eve"), RL_OK);
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", TYPE_A, "digest_user=eve"), RL_OK);
    assert_int_equal(drop(RL_USER, "eve"), RL_E_USER_IN_USE);
    assert_int_equal(drop(RL_USER, "bob"), RL_OK);
}

static void third_party_phones_have_a_digest_user_each(void **state)
{
    const char *third = "type=Third-party SIP Device (Basic)";
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=T1", third, "digest_user=bob"), RL_OK);
    assert_int_equal(ADD(RL_PHONE, "name=T2", third, "digest_user=bob"), RL_E_DIGEST_SHARED);
    assert_non_null(strstr(problems.item[0].text, "T1"));
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "digest_user=bob"), RL_E_DIGEST_SHARED);
    assert_int_equal(SET(RL_PHONE, "T1", "owner=x"), RL_OK);
}

static void secrets_stay_out_of_the_log(void **state)
{
    (void)state;
    assert_int_equal(SET(RL_USER, "bob", "digest_password=topsecret9", "name=Bob"), RL_OK);
    assert_string_equal(rl_buf_str(&audit), "alice user set|user bob|{\"name\":\"\"}|"
                                            "{\"name\":\"Bob\",\"digest_password\":"
                                            "\"(changed)\"}\n");
    assert_int_equal(SET(RL_USER, "bob", "name=Bobby", "digest_password="), RL_OK);
    assert_string_equal(stored(RL_USER, "bob", RL_USER_DIGEST_PASSWORD), "set");
}

static void r30_r32_a_mixed_shared_line_needs_a_yes(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=lock", "lines=1000;1900"), RL_OK);
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", TYPE_A, "profile=plain", "lines=1900"),
                     RL_W_SHARED_MIXED);
    assert_string_equal(problems.item[0].object, "phone SEP2");
    assert_string_equal(problems.item[0].remedy, "Give it an Encrypted profile: lock.");
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", "type=Cisco 8851", "lines=1900"),
                     RL_W_SHARED_MIXED);
    assert_non_null(strstr(problems.item[0].remedy, "Make an Encrypted profile for Cisco 8851"));
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", "type=Cisco 3905", "lines=1900"),
                     RL_W_SHARED_MIXED);
    assert_non_null(strstr(problems.item[0].remedy, "cannot be fixed on this device"));
    accept("w-shared-mixed");
    rl_buf_clear(&audit);
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", TYPE_A, "profile=plain", "lines=1900"), RL_OK);
    assert_non_null(strstr(rl_buf_str(&audit), "\"accepted\":[\"W-SHARED-MIXED\"]"));
    accept(NULL);
    assert_int_equal(SET(RL_PHONE, "SEP2", "owner=me"), RL_OK);
    assert_int_equal(SET(RL_PHONE, "SEP2", "profile=lock"), RL_OK);
    assert_int_equal(SET(RL_PHONE, "SEP1", "profile=plain"), RL_W_SHARED_MIXED);
}

static void r30_a_profile_that_changes_its_mode_is_checked_too(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A, "profile=plain", "lines=1900"), RL_OK);
    assert_int_equal(ADD(RL_PHONE, "name=SEP2", TYPE_A, "lines=1900"), RL_OK);
    assert_int_equal(SET(RL_PROFILE, "plain", "mode=encrypted"), RL_W_SHARED_MIXED);
    assert_string_equal(problems.item[0].object, "phone SEP2");
    accept("W-SHARED-MIXED");
    assert_int_equal(SET(RL_PROFILE, "plain", "mode=encrypted"), RL_OK);
    assert_string_equal(stored(RL_PROFILE, "plain", RL_PROFILE_TRANSPORT), "tls");
}

static void profile_rules_refuse(void **state)
{
    (void)state;
    assert_int_equal(ADD(RL_PROFILE, "name=a", "type=Cisco 3905", "mode=encrypted"), RL_E_NO_TLS);
    assert_int_equal(ADD(RL_PROFILE, "name=a", TYPE_A, "mode=Encrypted", "transport=udp"),
                     RL_E_TRANSPORT_TLS);
    assert_int_equal(ADD(RL_PROFILE, "name=a", "type=Nokia"), RL_E_UNKNOWN_TYPE);
}

static void a_change_needs_the_revision_it_was_made_on(void **state)
{
    struct rl_value owner = {"owner", "x"};
    (void)state;
    ADD(RL_PHONE, "name=SEP1", TYPE_A);
    SET(RL_PHONE, "SEP1", "owner=a");
    rl_problems_fini(&problems);
    assert_int_equal(rl_object_set(&act, RL_PHONE, "SEP1", 1, &owner, 1, NULL, &problems),
                     RL_E_CONFLICT);
    struct rl_row row;
    rl_problems_fini(&problems);
    assert_int_equal(rl_object_set(&act, RL_PHONE, "SEP1", 2, &owner, 1, &row, &problems), RL_OK);
    assert_int_equal(row.rev, 3);
    rl_row_fini(&row);
}

static void a_check_tells_all_and_writes_nothing(void **state)
{
    struct rl_value values[] = {
        {"name",  "SEP1"      },
        {"type",  "cisco 8841"},
        {"lines", "1900"      }
    };
    struct rl_row row;
    (void)state;
    ADD(RL_PHONE, "name=SEP0", TYPE_A, "profile=lock", "lines=1900");
    char *before = dump();
    rl_problems_fini(&problems);
    assert_int_equal(rl_object_check(&act, RL_PHONE, NULL, values, 3, &row, &problems),
                     RL_W_SHARED_MIXED);
    assert_string_equal(rl_row_get(&row, RL_PHONE_TYPE), "Cisco 8841");
    assert_string_equal(rl_row_get(&row, RL_PHONE_PROFILE),
                        "Cisco 8841 - Standard SIP Non-Secure Profile");
    rl_row_fini(&row);
    char *after = dump();
    assert_string_equal(before, after);
    free(before);
    free(after);
    assert_int_equal(rl_store_begin(site.store, &site.err), RL_OK);
    rl_store_rollback(site.store);
}

static void a_log_that_cannot_be_written_undoes_the_change(void **state)
{
    (void)state;
    sqlite3_exec(site.store->db,
                 "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN"
                 " SELECT RAISE(ABORT, 'no space'); END",
                 NULL, NULL, NULL);
    assert_int_not_equal(ADD(RL_PHONE, "name=SEP1", TYPE_A), RL_OK);
    assert_int_not_equal(drop(RL_PROFILE, "plain"), RL_OK);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_site, close_site)
    const struct CMUnitTest tests[] = {
        T(init_brings_types_and_predefined_profiles),
        T(r2_a_phone_without_profile_gets_the_predefined_one),
        T(r40_trust_is_decided_and_logged_when_a_device_is_added),
        T(r41_r47_trust_cannot_be_written),
        T(r18_r26_status_belongs_to_the_profile),
        T(fields_are_known_given_once_and_writable),
        T(r91_every_problem_is_listed),
        T(what_is_named_is_looked_up_beside_a_bad_value),
        T(names_are_one_device),
        T(r77_types_come_by_packs_only),
        T(r85_a_type_in_use_stays),
        T(profiles_in_use_and_predefined_ones_stay),
        T(r92_the_profile_fits_type_and_protocol),
        T(phones_follow_a_renamed_profile),
        T(r121_a_secure_profile_needs_a_yes_in_nonsecure_mode),
        T(r125_a_digest_user_has_credentials_and_is_sip),
        T(third_party_phones_have_a_digest_user_each),
        T(secrets_stay_out_of_the_log),
        T(r30_r32_a_mixed_shared_line_needs_a_yes),
        T(r30_a_profile_that_changes_its_mode_is_checked_too),
        T(profile_rules_refuse),
        T(a_change_needs_the_revision_it_was_made_on),
        T(a_check_tells_all_and_writes_nothing),
        T(a_log_that_cannot_be_written_undoes_the_change),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rl_problems_fini(&problems);
    return failed;
}
