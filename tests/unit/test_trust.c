/* Trust lists: those of independent tools are read, verified and written again byte for byte; what
 * a strict reader must refuse is refused with its place. */
#include "control/trustfile.h"
#include "vectors.h"

static const struct {
    const char *file, *signer, *name;
    uint8_t hash, minor; /* of the signer version */
    const char *roles;
} lists[] = {
    {"ctl-device/CTLSEP001122334455.tlv", "sast.pem",    "CTLFile.tlv", 1, 0, "SAST APP-SERVER"        },
    {"ctl-sha1-v1.0/CTLFile.tlv",         "sast.pem",    "CTLFile.tlv", 1, 0, "SAST SAST CCM+TFTP CAPF"},
    {"ctl-sha512-v1.0/CTLFile.tlv",       "sast.pem",    "CTLFile.tlv", 3, 0, "SAST SAST CCM+TFTP CAPF"},
    {"itl-device/ITLSEP001122334455.tlv", "sast.pem",    "ITLFile.tlv", 1, 0, "SAST CCM TFTP"          },
    {"itl-odd-dn/ITLFile.tlv",            "sast.pem",    "ITLFile.tlv", 1, 0, "SAST CCM"               },
    {"itl-odd-dn-signer/ITLFile.tlv",     "odd-dn.pem",  "ITLFile.tlv", 1, 0, "SAST"                   },
    {"itl-rsa1024/ITLFile.tlv",           "rsa1024.pem", "ITLFile.tlv", 1, 0, "SAST CCM+TFTP"          },
    {"itl-rsa4096/ITLFile.tlv",           "rsa4096.pem", "ITLFile.tlv", 3, 0, "SAST TFTP"              },
    {"itl-sha1-v1.0/ITLFile.tlv",         "sast.pem",    "ITLFile.tlv", 1, 0,
     "SAST CCM TFTP CAPF APP-SERVER TVS"                                                               },
    {"itl-sha512-v1.0/ITLFile.tlv",       "sast.pem",    "ITLFile.tlv", 3, 0,
     "SAST CCM TFTP CAPF APP-SERVER TVS"                                                               },
    {"itl-sha512-v1.1-ec/ITLFile.tlv",    "sast.pem",    "ITLFile.tlv", 3, 1,
     "SAST CCM TFTP CAPF APP-SERVER TVS TFTP CCM"                                                      },
};
enum { LISTS = sizeof lists / sizeof *lists, TIME = 1748779200, RECORDS = 16, VERDICTS = 80 };

static void read_list(const struct rl_bytes *bytes, struct rl_trust_list *list)
{
    struct rl_err err = {0};
    struct rl_problems warnings = {0};
    if (rl_trust_list_read(bytes->p, bytes->n, "the list", list, &warnings, &err) != RL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(warnings.warnings, 0);
}

static void assert_verified(const struct rl_trust_list *list)
{
    struct rl_trust_check check;
    rl_trust_check(list, &check);
    if (check.problems.n)
        fail_msg("%s", check.problems.item[0].text);
    assert_non_null(check.signer.p);
    rl_trust_check_fini(&check);
}

static void assert_roles(const struct rl_trust_list *list, const char *roles)
{
    struct rl_trust_record record;
    struct rl_buf said = {0};
    size_t at = 0, begins;
    while (rl_trust_list_next(list, &at, &record, &begins))
        rl_buf_addf(&said, "%s%s", said.len ? " " : "", rl_trust_role_name(record.role));
    assert_string_equal(rl_buf_str(&said), roles);
    rl_buf_fini(&said);
}

static void every_list_is_read_and_verified(void **state)
{
    (void)state;
    for (size_t i = 0; i < LISTS; i++) {
        struct rl_bytes bytes = vector_read("tlv", lists[i].file);
        struct rl_trust_list list;
        read_list(&bytes, &list);
        assert_int_equal(list.header.hash, lists[i].hash);
        assert_int_equal(list.header.signer_version.minor, lists[i].minor);
        assert_int_equal(list.header.time, TIME);
        assert_int_equal(list.header.file_name.n, strlen(lists[i].name));
        assert_memory_equal(list.header.file_name.p, lists[i].name, strlen(lists[i].name));
        assert_roles(&list, lists[i].roles);
        assert_verified(&list);
        vector_free(&bytes);
    }
}

/* From nothing but roles, certificates, time and name. */
static void write_again(const struct rl_trust_list *list, const char *signer, struct rl_buf *out)
{
    struct rl_trust_entry entry[RECORDS];
    struct rl_trust_record record[RECORDS], read;
    struct rl_trust_header header;
    struct rl_key *key = vector_key(signer);
    struct rl_trust_signer sign = {rl_trust_sign, key};
    struct rl_err err = {0};
    size_t at = 0, begins, n = 0;
    for (; rl_trust_list_next(list, &at, &read, &begins); n++) {
        assert_true(n < RECORDS);
        if (rl_trust_entry_make(read.certificate.p, read.certificate.n,
                                (enum rl_trust_role)read.role, "it", &entry[n], &err))
            fail_msg("%s", err.text);
        record[n] = entry[n].record;
    }
    assert_int_equal(rl_trust_header_make(&entry[0], RL_TLV_LIST, "it", &header, &err), RL_OK);
    header.signer_version.minor = list->header.signer_version.minor;
    header.hash = list->header.hash;
    header.file_name = list->header.file_name;
    header.time = list->header.time;
    if (rl_trust_list_write(&header, record, n, "it", &sign, out, &err) != RL_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < n; i++)
        rl_trust_entry_fini(&entry[i]);
    rl_key_free(&key);
}

static void every_list_is_written_again_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < LISTS; i++) {
        struct rl_bytes bytes = vector_read("tlv", lists[i].file);
        struct rl_trust_list list;
        struct rl_buf made = {0};
        read_list(&bytes, &list);
        write_again(&list, lists[i].signer, &made);
        assert_int_equal(made.len, bytes.n);
        assert_memory_equal(made.data, bytes.p, bytes.n);
        rl_buf_fini(&made);
        vector_free(&bytes);
    }
}

static void the_layout_of_cisco_is_read(void **state)
{
    struct rl_bytes bytes = vector_read("tlv", "cucm-layout/CTLFile.tlv");
    struct rl_trust_list list;
    struct rl_trust_record record;
    size_t at = 0, begins;
    (void)state;
    read_list(&bytes, &list);
    assert_verified(&list);
    assert_false(list.header.has & RL_TRUST_HAS_SIGNER_VERSION);
    assert_true(rl_trust_list_next(&list, &at, &record, &begins));
    assert_int_equal(begins, list.header.size);
    assert_int_equal(record.dns_name.n, strlen("cucm-pub"));
    assert_memory_equal(record.dns_name.p, "cucm-pub", record.dns_name.n);
    vector_free(&bytes);
}

/* ---- verdicts ---- */

static const char *verdict(const struct rl_bytes *bytes, struct rl_err *why)
{
    struct rl_trust_list list;
    struct rl_problems warnings = {0};
    struct rl_trust_check check = {0};
    const char *said = "reject";
    if (rl_trust_list_read(bytes->p, bytes->n, "the list", &list, &warnings, why) == RL_OK) {
        rl_trust_check(&list, &check);
        const struct rl_err *first = rl_problems_first_error(&check.problems);
        if (first)
            *why = *first;
        else
            said = warnings.warnings ? "warn" : "accept";
        if (warnings.n)
            *why = warnings.item[0];
    }
    rl_problems_fini(&warnings);
    rl_trust_check_fini(&check);
    return said;
}

static void every_bad_list_gets_its_verdict(void **state)
{
    struct vector_verdict v[VERDICTS];
    size_t n = vector_verdicts('t', v, VERDICTS), wrong = 0;
    (void)state;
    assert_int_equal(n, 58);
    for (size_t i = 0; i < n; i++) {
        struct rl_bytes bytes = vector_read("bad", v[i].file);
        struct rl_err why = {0};
        const char *said = verdict(&bytes, &why);
        if (strcmp(said, v[i].verdict) != 0) {
            print_error("%s: %s and not %s: %s\n", v[i].file, said, v[i].verdict, why.text);
            wrong++;
        }
        if (strcmp(said, "reject") == 0 && bytes.n && !strstr(why.text, ", byte "))
            fail_msg("%s: no place in: %s", v[i].file, why.text);
        vector_free(&bytes);
    }
    assert_int_equal(wrong, 0);
}

/* At every length, from a block of its own: nothing behind the end is read. */
static void a_list_cut_anywhere_is_refused(void **state)
{
    struct rl_bytes bytes = vector_read("tlv", lists[0].file);
    struct rl_trust_list list;
    (void)state;
    for (size_t n = 0; n < bytes.n; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        struct rl_err why = {0};
        struct rl_bytes part = {cut, n};
        memcpy(cut, bytes.p, n);
        /* between two records a cut leaves a list: it is not the one that was signed */
        bool whole = rl_trust_list_read(cut, n, "it", &list, NULL, &why) == RL_OK;
        if (whole)
            assert_string_equal(verdict(&part, &why), "reject");
        assert_true(*why.text);
        free(cut);
    }
    vector_free(&bytes);
}

/* Any bit of what is signed, of the signature, of the lengths. */
static void a_list_with_a_bit_flipped_is_refused(void **state)
{
    struct rl_bytes bytes = vector_read("tlv", "ctl-device/CTLSEP001122334455.tlv");
    uint8_t *p = (uint8_t *)bytes.p;
    (void)state;
    for (size_t i = 0; i < bytes.n; i++) {
        struct rl_err why = {0};
        p[i] ^= (uint8_t)(1u << i % 8);
        if (strcmp(verdict(&bytes, &why), "reject") != 0)
            fail_msg("byte %zu: %s", i, why.text);
        p[i] ^= (uint8_t)(1u << i % 8);
    }
    vector_free(&bytes);
}

static enum rl_code entry_of(const char *name, struct rl_trust_entry *entry, struct rl_err *err)
{
    struct rl_cert cert = vector_cert(name);
    enum rl_code code = rl_trust_entry_make(cert.der, cert.nder, RL_TRUST_SAST, name, entry, err);
    rl_cert_fini(&cert);
    return code;
}

/* Under another name than that of the certificate. */
static void a_signer_with_a_false_name_is_refused(void **state)
{
    struct rl_trust_entry entry;
    struct rl_trust_header header;
    struct rl_err err = {0};
    struct rl_buf out = {0};
    struct rl_key *key = vector_key("sast.pem");
    struct rl_trust_signer signer = {rl_trust_sign, key};
    (void)state;
    assert_int_equal(entry_of("sast.pem", &entry, &err), RL_OK);
    assert_int_equal(rl_trust_header_make(&entry, RL_TLV_LIST, "it", &header, &err), RL_OK);
    header.hash = RL_TRUST_SHA512;
    for (int named = 0; named < 2; named++) {
        if (named)
            header.signer.n--;
        assert_int_equal(rl_trust_list_write(&header, &entry.record, 1, "it", &signer, &out, &err),
                         RL_OK);
        struct rl_bytes bytes = {(const uint8_t *)out.data, out.len};
        assert_string_equal(verdict(&bytes, &err), named ? "reject" : "accept");
        rl_buf_fini(&out);
    }
    rl_trust_entry_fini(&entry);
    rl_key_free(&key);
}

/* ---- what cannot be written ---- */

static void signers_that_phones_do_not_take_are_refused(void **state)
{
    static const char *const names[] = {"ccm-ec256.pem", "rsa3072.pem"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct rl_trust_entry entry;
        struct rl_trust_header header;
        struct rl_err err = {0};
        assert_int_equal(entry_of(names[i], &entry, &err), RL_OK);
        assert_int_equal(rl_trust_header_make(&entry, RL_TLV_LIST, names[i], &header, &err),
                         RL_E_VALUE);
        rl_trust_entry_fini(&entry);
    }
}

static void a_list_is_not_signed_with_another_key(void **state)
{
    struct rl_trust_entry entry;
    struct rl_trust_header header;
    struct rl_err err = {0};
    struct rl_buf out = {0};
    struct rl_key *key = vector_key("rsa1024.pem");
    struct rl_trust_signer signer = {rl_trust_sign, key};
    (void)state;
    assert_int_equal(entry_of("sast.pem", &entry, &err), RL_OK);
    assert_int_equal(rl_trust_header_make(&entry, RL_TLV_LIST, "it", &header, &err), RL_OK);
    header.hash = RL_TRUST_SHA1;
    assert_int_equal(rl_trust_list_write(&header, &entry.record, 1, "it", &signer, &out, &err),
                     RL_E_VALUE);
    assert_int_equal(out.len, 0);
    rl_trust_entry_fini(&entry);
    rl_key_free(&key);
}

static void what_does_not_fit_is_not_written(void **state)
{
    static char name[70000];
    struct rl_trust_entry entry;
    struct rl_trust_header header;
    struct rl_err err = {0};
    struct rl_buf out = {0};
    struct rl_key *key = vector_key("sast.pem");
    struct rl_trust_signer signer = {rl_trust_sign, key};
    static const size_t bad[] = {65535, 65534, 65000, 69999};
    (void)state;
    assert_int_equal(entry_of("sast.pem", &entry, &err), RL_OK);
    assert_int_equal(rl_trust_header_make(&entry, RL_TLV_LIST, "it", &header, &err), RL_OK);
    header.hash = RL_TRUST_SHA1;
    memset(name, 'x', sizeof name);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        header.file_name = (struct rl_bytes){(const uint8_t *)name, bad[i]};
        enum rl_code code =
            rl_trust_list_write(&header, &entry.record, 1, "it", &signer, &out, &err);
        assert_int_equal(code, bad[i] == 65000 ? RL_OK : RL_E_VALUE);
    }
    header.file_name = (struct rl_bytes){(const uint8_t *)"a\0b", 3};
    assert_int_equal(rl_trust_list_write(&header, &entry.record, 1, "it", &signer, &out, &err),
                     RL_E_VALUE);
    rl_buf_fini(&out);
    rl_trust_entry_fini(&entry);
    rl_key_free(&key);
}

/* ---- names ---- */

static struct rl_cert_parts parts_of(const char *name)
{
    struct rl_cert cert = vector_cert(name);
    struct rl_cert_parts parts;
    struct rl_err err = {0};
    if (rl_cert_parts_read(cert.der, cert.nder, name, &parts, &err) != RL_OK)
        fail_msg("%s", err.text);
    rl_cert_fini(&cert);
    return parts;
}

static void names_are_written_by_the_rules(void **state)
{
    struct rl_cert_parts parts = parts_of("wide.pem");
    struct rl_buf out = {0};
    struct rl_err err = {0};
    (void)state;
    assert_int_equal(rl_dn_write(&parts.subject, "it", &out, &err), RL_OK);
    assert_string_equal(rl_buf_str(&out), "CN=Z\xc3\xbcrich \xf0\x9f\x98\x80,O=a\\;b\\,\\ ,"
                                          "1.2.840.113549.1.9.1=\\#x@example");
    assert_int_equal(parts.serial.len, 2);
    assert_memory_equal(parts.serial.data, "\1\0", 2);
    assert_int_equal(parts.key.len, 65);
    rl_buf_fini(&out);
    rl_cert_parts_fini(&parts);
    parts = parts_of("joined.pem");
    assert_int_equal(rl_dn_write(&parts.subject, "it", &out, &err), RL_E_VALUE);
    rl_buf_fini(&out);
    rl_cert_parts_fini(&parts);
}

static void names_are_compared_in_both_forms(void **state)
{
    static const struct {
        const char *cert, *text;
        bool is;
    } cases[] = {
        {"sast.pem",   "CN=SAST-1,O=Example Telecom,OU=Voice,L=Wellington,ST=WGN,C=NZ",      true },
        {"sast.pem",   "CN=SAST-1;O=Example Telecom;OU=Voice;L=Wellington;ST=WGN;C=NZ",      true },
        {"sast.pem",   "cn=SAST-1;o=Example Telecom;ou=Voice;l=Wellington;st=WGN;c=NZ",      true },
        {"sast.pem",   "CN=sast-1,O=Example Telecom,OU=Voice,L=Wellington,ST=WGN,C=NZ",      false},
        {"sast.pem",   "CN=SAST-1;O=Example Telecom,OU=Voice,L=Wellington,ST=WGN,C=NZ",      false},
        {"sast.pem",   "CN=SAST-1,O=Example Telecom,OU=Voice,L=Wellington,ST=WGN,C=NZ,",     false},
        {"sast.pem",   "CN=SAST-1,O=Example Telecom,OU=Voice,L=Wellington,ST=WGN",           false},
        {"sast.pem",   "CN=SAST-1,O=Example Telecom,OU=Voice,L=Wellington,ST=WGN,C=N",       false},
        {"sast.pem",   "CN=SAST-1,O=Example Telecom,OU=Voice,L=Wellington,ST=WGN,C=NZ,CN=x", false},
        {"sast.pem",   "C=NZ,ST=WGN,L=Wellington,OU=Voice,O=Example Telecom,CN=SAST-1",      false},
        {"sast.pem",   "",                                                                   false},
        {"joined.pem", "CN=joined,OU=two,O=Example",                                         true },
        {"joined.pem", "OU=two,CN=joined,O=Example",                                         true },
        {"joined.pem", "OU=two,CN=joined,CN=joined,O=Example",                               false},
        {"joined.pem", "CN=joined,O=Example,OU=two",                                         false},
        {"joined.pem", "CN=joined,CN=joined,O=Example",                                      false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_cert_parts parts = parts_of(cases[i].cert);
        if (rl_dn_is(&parts.subject, cases[i].text, strlen(cases[i].text)) != cases[i].is)
            fail_msg("%s: %s", cases[i].cert, cases[i].text);
        rl_cert_parts_fini(&parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_list_is_read_and_verified),
        cmocka_unit_test(every_list_is_written_again_byte_for_byte),
        cmocka_unit_test(the_layout_of_cisco_is_read),
        cmocka_unit_test(every_bad_list_gets_its_verdict),
        cmocka_unit_test(a_list_cut_anywhere_is_refused),
        cmocka_unit_test(a_list_with_a_bit_flipped_is_refused),
        cmocka_unit_test(a_signer_with_a_false_name_is_refused),
        cmocka_unit_test(signers_that_phones_do_not_take_are_refused),
        cmocka_unit_test(a_list_is_not_signed_with_another_key),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(names_are_written_by_the_rules),
        cmocka_unit_test(names_are_compared_in_both_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
