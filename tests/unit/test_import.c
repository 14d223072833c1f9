/* Import and export by CSV: all or nothing, every bad row named, and back again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "control/names.h"
#include "control/objects.h"
#include "site.h"

static struct site site;
static struct rl_buf audit;
static struct rl_act act;
static struct rl_problems problems;
static struct rl_import_counts counts;

static enum rl_code note_audit(void *ctx, const char *who, const char *what, const char *object,
                               const char *before, const char *after, struct rl_err *err)
{
    (void)ctx;
    rl_buf_addf(&audit, "%s|%s|%s|%s\n", what, object, before ? before : "-", after ? after : "-");
    const struct rl_audit_entry entry = {
        .text = "{}", .hash = "hash", .object = object, .who = who};
    return rl_store_audit_add(site.store, &entry, NULL, err);
}

static const struct rl_auditor auditor = {.add = note_audit};

static int open_site(void **state)
{
    struct rl_err err;
    (void)state;
    site_open(&site);
    act = (struct rl_act){.store = site.store, .audit = &auditor, .who = "alice", .mixed = true};
    return rl_objects_init(&act, "data/packs", &err) == RL_OK ? 0 : -1;
}

static int close_site(void **state)
{
    (void)state;
    rl_buf_fini(&audit);
    rl_problems_fini(&problems);
    site_close(&site);
    return 0;
}

static void begin(enum rl_kind kind, bool dry_run, struct rl_import **im)
{
    rl_problems_fini(&problems);
    rl_buf_clear(&audit);
    assert_int_equal(rl_import_begin(&act, kind, dry_run, im, &site.err), RL_OK);
}

/* Import a text that is cut into two parts at `cut`. */
static enum rl_code import_cut(enum rl_kind kind, const char *csv, size_t cut, bool dry_run)
{
    struct rl_import *im;
    begin(kind, dry_run, &im);
    rl_import_part(im, csv, cut, &problems);
    rl_import_part(im, csv + cut, strlen(csv) - cut, &problems);
    enum rl_code code = rl_import_end(&im, &counts, &problems);
    assert_null(im);
    return code;
}

static enum rl_code import(enum rl_kind kind, const char *csv)
{
    return import_cut(kind, csv, 0, false);
}

static size_t how_many(enum rl_kind kind)
{
    struct rl_query q = {.kind = kind};
    size_t n;
    assert_int_equal(rl_store_count(site.store, &q, &n, &site.err), RL_OK);
    return n;
}

static char *export(enum rl_kind kind, size_t limit)
{
    struct rl_buf out = {0};
    char *after = NULL, *last;
    do {
        assert_int_equal(rl_export_part(site.store, kind, after, limit, &out, &last, &site.err),
                         RL_OK);
        free(after);
        after = last;
    } while (after);
    return rl_buf_take(&out);
}

#define PROFILES                                                             \
    "name,type,protocol,description,mode,transport,digest,encrypted_config," \
    "sip_port\r\n"                                                           \
    "lock,Cisco 8841,SIP,\"All, locked\",Encrypted,TLS,no,yes,5060\r\n"      \
    "shield,Cisco 8841,SIP,,authenticated,tls,,,\r\n"                        \
    "sccp,Cisco 7961,SCCP,,encrypted,,,,\r\n"
#define USERS "id,name,digest_password\r\nbob,Bob,abc123\r\neve,\"Eve \"\"E\"\" Ö\",\r\n"
#define PHONES                                                           \
    "name,type,protocol,description,profile,lines,owner,digest_user\r\n" \
    "SEP1,Cisco 8841,SIP,Hall,lock,1001;1900,Ann,bob\r\n"                \
    "SEP2,cisco 8841,sip,\"a, c\",lock,1900,,\r\n"                       \
    "SEP3,Cisco 8841,SIP,,,,,\r\n"                                       \
    "SEP4,Cisco 7961,SCCP,,sccp,2001,,\r\n"
#define GATEWAYS                                 \
    "name,type,protocol,description,address\r\n" \
    "VG1,Cisco VG224,MGCP,Basement,192.0.2.1\r\n"

static void fill(void)
{
    assert_int_equal(import(RL_PROFILE, PROFILES), RL_OK);
    assert_int_equal(import(RL_USER, USERS), RL_OK);
    assert_int_equal(import(RL_PHONE, PHONES), RL_OK);
    assert_int_equal(import(RL_GATEWAY, GATEWAYS), RL_OK);
}

static void good_files_are_taken_and_logged(void **state)
{
    struct rl_row row;
    (void)state;
    fill();
    assert_int_equal(how_many(RL_PHONE), 4);
    assert_int_equal(counts.lines, 1);
    assert_int_equal(counts.added, 1);
    assert_int_equal(rl_store_get(site.store, RL_PHONE, "SEP2", &row, &site.err), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_PHONE_DESCRIPTION), "a, c");
    assert_string_equal(rl_row_get(&row, RL_PHONE_TYPE), "Cisco 8841");
    rl_row_fini(&row);
    assert_int_equal(import(RL_PHONE, PHONES), RL_OK);
    assert_int_equal(counts.same, 4);
    assert_int_equal(counts.added + counts.changed, 0);
    assert_string_equal(rl_buf_str(&audit), "");
    assert_int_equal(import(RL_PHONE, "name,owner\nSEP1,Zoe\nSEP3,\n"), RL_OK);
    assert_int_equal(counts.changed, 1);
    assert_int_equal(counts.same, 1);
    assert_string_equal(rl_buf_str(&audit),
                        "phone set|phone SEP1|{\"owner\":\"Ann\"}|{\"owner\":\"Zoe\"}\n"
                        "phone import|phones|-|{\"lines\":2,\"added\":0,\"changed\":1,"
                        "\"same\":1}\n");
}

static void parts_may_be_cut_anywhere(void **state)
{
    (void)state;
    assert_int_equal(import(RL_PROFILE, PROFILES), RL_OK);
    assert_int_equal(import(RL_USER, USERS), RL_OK);
    for (size_t cut = 0; cut <= strlen(PHONES); cut++) {
        assert_int_equal(import_cut(RL_PHONE, PHONES, cut, true), RL_OK);
        assert_int_equal(counts.added, 4);
        assert_int_equal(how_many(RL_PHONE), 0);
    }
}

static void a_dry_run_only_tells(void **state)
{
    (void)state;
    assert_int_equal(import_cut(RL_PROFILE, PROFILES, 9, true), RL_OK);
    assert_int_equal(counts.added, 3);
    assert_string_equal(rl_buf_str(&audit), "");
    assert_int_equal(import_cut(RL_PROFILE, "name,type\na,Nokia\n", 3, true), RL_E_UNKNOWN_TYPE);
    assert_int_equal(import(RL_PHONE, PHONES), RL_E_NOT_FOUND);
}

/* One problem in the list, by line, column and code. */
static bool told(int line, const char *column, enum rl_code code)
{
    for (size_t i = 0; i < problems.n; i++)
        if (problems.item[i].line == line && problems.item[i].code == code &&
            !strcmp(problems.item[i].field, column))
            return true;
    return false;
}

static void every_bad_row_is_named_and_nothing_is_taken(void **state)
{
    (void)state;
    fill();
    char *before = export(RL_PHONE, 100);
    assert_int_equal(import(RL_PHONE,
                            "name,type,protocol,description,profile,lines,owner,digest_user\n"
                            "GOOD,Cisco 8841,SIP,,,,,\n"
                            "BAD1,Nokia,SIP,,,,,\n"
                            "BAD2,Cisco 8841,SIP,<b>,,,,\n"
                            "BAD3,Cisco 8841,SIP,,none,,,\n"
                            "BAD4,Cisco 8841,SIP,,,,,eve\n"
                            "BAD5,Cisco 8841,SIP\n"
                            "BAD6,,SIP,,,,,\n"
                            ",Cisco 8841,SIP,,,,,\n"
                            "GOOD,Cisco 8841,SIP,,,,,\n"
                            "VG1,Cisco 8841,SIP,,,,,\n"
                            "BAD7,Cisco 8841,SIP,,,1;1,,\n"
                            "BAD8,Cisco 7961,SCCP,,,,,bob\n"
                            "BAD9,Cisco 8841,MGCP,,,,,\n"
                            "SEP4,Cisco 8841,,,,,,\n"),
                     RL_E_UNKNOWN_TYPE);
    assert_true(told(3, "type", RL_E_UNKNOWN_TYPE));
    assert_true(told(4, "description", RL_E_VALUE));
    assert_true(told(5, "profile", RL_E_NOT_FOUND));
    assert_true(told(6, "digest_user", RL_E_DIGEST_NO_CRED));
    assert_true(problems.item[4].line == 7 && problems.item[4].code == RL_E_CSV);
    assert_true(told(8, "type", RL_E_REQUIRED));
    assert_true(told(9, "name", RL_E_REQUIRED));
    assert_true(told(10, "name", RL_E_CSV));
    assert_true(told(11, "name", RL_E_EXISTS));
    assert_true(told(12, "lines", RL_E_VALUE));
    assert_true(told(13, "digest_user", RL_E_DIGEST_SCCP));
    assert_true(told(14, "protocol", RL_E_VALUE));
    assert_true(told(15, "type", RL_E_READONLY));
    assert_non_null(strstr(rl_problems_first_error(&problems)->text, "Nokia"));
    char *after = export(RL_PHONE, 100);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void rows_that_name_one_object_twice_are_told_with_both_lines(void **state)
{
    (void)state;
    fill();
    assert_int_equal(import(RL_PHONE, "name,owner\nSEP1,a\nSEP2,b\nSEP1,c\n"), RL_E_CSV);
    assert_int_equal(problems.n, 1);
    assert_non_null(strstr(problems.item[0].text, "Lines 2 and 4"));
}

static void strange_columns_are_refused_by_name(void **state)
{
    static const struct {
        const char *header, *column;
        enum rl_code code;
    } cases[] = {
        {"name,type,trusted",  "trusted",       RL_E_TRUST_READONLY},
        {"name,Device_Trust",  "Device_Trust",  RL_E_TRUST_READONLY},
        {"name,security_mode", "security_mode", RL_E_STATUS_OWNER  },
        {"name,colour",        "colour",        RL_E_CSV_COLUMN    },
        {"name,owner,name",    "name",          RL_E_CSV_COLUMN    },
        {"type,protocol",      "name",          RL_E_CSV_COLUMN    },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *csv = rl_asprintf("%s\nSEP1,yes,x\n", cases[i].header);
        assert_int_equal(import(RL_PHONE, csv), cases[i].code);
        assert_true(told(1, cases[i].column, cases[i].code));
        assert_int_equal(how_many(RL_PHONE), 0);
        free(csv);
    }
    assert_int_equal(import(RL_PHONE, ""), RL_E_CSV);
    assert_int_equal(import(RL_PHONE, "name,type\n"), RL_OK);
    struct rl_import *im;
    assert_int_equal(rl_import_begin(&act, RL_TYPE, false, &im, &site.err), RL_E_TYPE_NEEDS_COP);
}

static void an_open_quote_is_refused(void **state)
{
    (void)state;
    assert_int_equal(import(RL_USER, "id,name\nbob,\"Bob\n"), RL_E_CSV);
    assert_int_equal(how_many(RL_USER), 0);
}

static void an_empty_cell_keeps_what_is_stored(void **state)
{
    struct rl_row row;
    (void)state;
    fill();
    assert_int_equal(import(RL_USER, "id,name,digest_password\nbob,,\n"), RL_OK);
    assert_int_equal(counts.same, 1);
    assert_int_equal(import(RL_USER, "id,name,digest_password\nbob,Robert,\n"), RL_OK);
    assert_int_equal(rl_store_get(site.store, RL_USER, "bob", &row, &site.err), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_USER_NAME), "Robert");
    assert_string_equal(rl_row_get(&row, RL_USER_DIGEST_PASSWORD), "set");
    rl_row_fini(&row);
    assert_int_equal(import(RL_PHONE, "name,type,lines\nSEP2,,\nSEP9,Cisco 8841,\n"), RL_OK);
    assert_int_equal(counts.same, 1);
    assert_int_equal(counts.added, 1);
    assert_int_equal(rl_store_get(site.store, RL_PHONE, "SEP9", &row, &site.err), RL_OK);
    assert_string_equal(rl_row_get(&row, RL_PHONE_PROTOCOL), "SIP");
    rl_row_fini(&row);
}

static void what_is_exported_is_the_same_when_imported(void **state)
{
    static const enum rl_kind kinds[] = {RL_PROFILE, RL_USER, RL_PHONE, RL_GATEWAY};
    char *text[4], *type;
    (void)state;
    fill();
    for (size_t i = 0; i < 4; i++) {
        text[i] = export(kinds[i], 2);
        assert_int_equal(import(kinds[i], text[i]), RL_OK);
        assert_int_equal(counts.same, counts.lines);
        assert_int_equal(counts.lines, how_many(kinds[i]));
    }
    assert_null(strstr(text[1], "abc123"));
    assert_memory_equal(text[2],
                        "name,type,protocol,description,profile,lines,owner,digest_user,protected"
                        "\r\nSEP1,Cisco 8841,SIP,Hall,lock,1001;1900,Ann,bob,no\r\n",
                        70);
    /* and on a fresh site it makes the same again; passwords do not travel */
    site_close(&site);
    open_site(state);
    assert_int_equal(import(RL_PROFILE, text[0]), RL_OK);
    assert_int_equal(counts.added, 3);
    assert_int_equal(import(RL_USER, text[1]), RL_OK);
    assert_int_equal(import(RL_USER, "id,digest_password\nbob,abc123\n"), RL_OK);
    assert_int_equal(import(RL_PHONE, text[2]), RL_OK);
    assert_int_equal(import(RL_GATEWAY, text[3]), RL_OK);
    for (size_t i = 0; i < 4; i++) {
        char *again = export(kinds[i], 1000);
        assert_string_equal(again, text[i]);
        free(again);
        free(text[i]);
    }
    type = export(RL_TYPE, 50);
    assert_non_null(strstr(type, "\r\nCisco 8841,"));
    free(type);
}

static const char *const yes_shared[] = {"W-SHARED-MIXED", NULL};

static void r30_shared_lines_are_judged_when_all_rows_are_in(void **state)
{
    (void)state;
    fill();
    assert_int_equal(import(RL_PHONE, "name,type,profile,lines\nSEP5,Cisco 8841,,1900\n"),
                     RL_W_SHARED_MIXED);
    assert_int_equal(problems.item[0].line, 2);
    assert_string_equal(problems.item[0].object, "phone SEP5");
    act.accepted = yes_shared;
    assert_int_equal(import(RL_PHONE, "name,type,profile,lines\nSEP5,Cisco 8841,,1900\n"), RL_OK);
    assert_non_null(strstr(rl_buf_str(&audit), "\"accepted\":[\"W-SHARED-MIXED\"]"));
    act.accepted = NULL;
    /* every phone of the line changes: on the way it is mixed, at the end it is not */
    assert_int_equal(import(RL_PHONE, "name,profile\nSEP5,lock\n"), RL_OK);
    assert_int_equal(import(RL_PHONE, "name,profile\nSEP1,shield\nSEP2,shield\nSEP5,shield\n"),
                     RL_OK);
    assert_int_equal(import(RL_PROFILE, "name,mode,transport\nshield,nonsecure,udp\n"), RL_OK);
    assert_int_equal(import(RL_PHONE, "name,profile\nSEP1,lock\n"), RL_W_SHARED_MIXED);
}

static void r121_secure_profiles_need_a_yes_in_nonsecure_mode(void **state)
{
    static const char *const yes[] = {"W-CLUSTER-NONSECURE", NULL};
    (void)state;
    act.mixed = false;
    assert_int_equal(import(RL_PROFILE, PROFILES), RL_OK);
    assert_int_equal(import(RL_USER, USERS), RL_OK);
    assert_int_equal(import(RL_PHONE, PHONES), RL_W_CLUSTER_NONSECURE);
    assert_int_equal(problems.warnings, 3);
    assert_int_equal(how_many(RL_PHONE), 0);
    act.accepted = yes;
    assert_int_equal(import(RL_PHONE, PHONES), RL_OK);
}

static void an_import_that_is_given_up_leaves_nothing(void **state)
{
    struct rl_import *im, *second;
    (void)state;
    begin(RL_USER, false, &im);
    rl_import_part(im, USERS, strlen(USERS), &problems);
    assert_int_equal(rl_import_begin(&act, RL_USER, false, &second, &site.err), RL_E_CONFLICT);
    rl_import_abort(&im);
    rl_import_abort(&im);
    assert_int_equal(how_many(RL_USER), 0);
}

static void an_import_that_dies_leaves_nothing(void **state)
{
    int status;
    (void)state;
    rl_store_close(&site.store);
    pid_t pid = fork();
    if (pid == 0) {
        struct rl_import *im;
        if (rl_store_open(site.path, &site.store, &site.err))
            _exit(1);
        act.store = site.store;
        if (rl_import_begin(&act, RL_USER, false, &im, &site.err))
            _exit(2);
        rl_import_part(im, USERS, strlen(USERS), &problems);
        _exit(problems.n ? 3 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(rl_store_open(site.path, &site.store, &site.err), RL_OK);
    assert_int_equal(how_many(RL_USER), 0);
}

/* No file may grow any more: what SQLite meets on a full disk. */
static enum rl_code import_on_full_disk(void)
{
    struct rlimit none = {64 * 1024, 64 * 1024};
    struct rl_import *im;
    struct rl_buf csv = {0};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    rl_buf_adds(&csv, "id,name\n");
    for (int i = 0; i < 5000; i++)
        rl_buf_addf(&csv, "user%d,Somebody %d\n", i, i);
    enum rl_code code = rl_import_begin(&act, RL_USER, false, &im, &site.err);
    if (!code) {
        rl_import_part(im, csv.data, csv.len, &problems);
        code = rl_import_end(&im, &counts, &problems);
    }
    rl_buf_fini(&csv);
    return code;
}

static void a_full_disk_takes_nothing_and_says_so(void **state)
{
    int status;
    (void)state;
    rl_store_close(&site.store);
    pid_t pid = fork();
    if (pid == 0) {
        if (rl_store_open(site.path, &site.store, &site.err))
            _exit(1);
        act.store = site.store;
        _exit(import_on_full_disk() == RL_E_IO ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(rl_store_open(site.path, &site.store, &site.err), RL_OK);
    act.store = site.store;
    assert_int_equal(how_many(RL_USER), 0);
    assert_int_equal(import(RL_USER, USERS), RL_OK);
}

static void names_are_found_again(void **state)
{
    struct rl_names set = {0};
    char text[16];
    (void)state;
    for (int i = 1; i <= 5000; i++) {
        snprintf(text, sizeof text, "n%d", i);
        assert_int_equal(rl_names_add(&set, text, strlen(text), i), 0);
    }
    assert_int_equal(rl_names_add(&set, "n4999", 5, 9), 4999);
    assert_int_equal(rl_names_add(&set, "n4999x", 5, 9), 4999);
    assert_int_equal(rl_names_add(&set, "", 0, 9), 0);
    assert_string_equal(rl_names_text(&set, 41), "n42");
    rl_names_fini(&set);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_site, close_site)
    const struct CMUnitTest tests[] = {
        T(good_files_are_taken_and_logged),
        T(parts_may_be_cut_anywhere),
        T(a_dry_run_only_tells),
        T(every_bad_row_is_named_and_nothing_is_taken),
        T(rows_that_name_one_object_twice_are_told_with_both_lines),
        T(strange_columns_are_refused_by_name),
        T(an_open_quote_is_refused),
        T(an_empty_cell_keeps_what_is_stored),
        T(what_is_exported_is_the_same_when_imported),
        T(r30_shared_lines_are_judged_when_all_rows_are_in),
        T(r121_secure_profiles_need_a_yes_in_nonsecure_mode),
        T(an_import_that_is_given_up_leaves_nothing),
        T(an_import_that_dies_leaves_nothing),
        T(a_full_disk_takes_nothing_and_says_so),
        cmocka_unit_test(names_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
