/* Signed files: those of independent tools are read, verified and written again byte for byte. */
#include "control/trustfile.h"
#include "trust/sgn.h"
#include "vectors.h"

static const struct {
    const char *folder, *original, *signed_file, *name, *signer;
    uint8_t hash;
} files[] = {
    {"sgn/binary",               "ring.raw",                "ring.raw.sgn",                "ring.raw.sgn",                 "tftp.pem",   1},
    {"sgn/config-odd-dn-signer", "SEP001122334455.cnf.xml", "SEP001122334455.cnf.xml.sgn",
     "SEP001122334455.cnf.xml.sgn",                                                                                        "odd-dn.pem", 1},
    {"sgn/config-sha1",          "SEP001122334455.cnf.xml", "SEP001122334455.cnf.xml.sgn",
     "SEP001122334455.cnf.xml.sgn",                                                                                        "tftp.pem",   1},
    {"sgn/config-sha512",        "SEP001122334455.cnf.xml", "SEP001122334455.cnf.xml.sgn",
     "SEP001122334455.cnf.xml.sgn",                                                                                        "tftp.pem",   3},
    {"sgn/empty-file",           "empty.xml",               "empty.xml.sgn",               "empty.xml.sgn",                "tftp.pem",   3},
    {"sgn/rsa4096",              "DialTemplate.xml",        "DialTemplate.xml.sgn",        "DialTemplate.xml.sgn",
     "rsa4096.pem",                                                                                                                      3},
    {"sgn/subdirectory-name",    "g3-tones.xml",            "g3-tones.xml.sgn",            "New_Zealand/g3-tones.xml.sgn",
     "ccm.pem",                                                                                                                          1},
};
enum { FILES = sizeof files / sizeof *files, TIME = 1748779200, VERDICTS = 20 };

static void every_file_is_read_and_verified(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        struct rl_bytes bytes = vector_read(files[i].folder, files[i].signed_file);
        struct rl_bytes original = vector_read(files[i].folder, files[i].original);
        struct rl_cert cert = vector_cert(files[i].signer);
        struct rl_sgn sgn;
        struct rl_err err = {0};
        if (rl_sgn_read(bytes.p, bytes.n, "it", files[i].name, &sgn, NULL, &err) ||
            rl_trust_signed_by(&sgn.header, &sgn.over, cert.der, cert.nder, "it", &err))
            fail_msg("%s", err.text);
        assert_int_equal(sgn.header.hash, files[i].hash);
        assert_int_equal(sgn.header.time, TIME);
        assert_int_equal(sgn.body.n, original.n);
        assert_memory_equal(sgn.body.p, original.p, original.n);
        rl_cert_fini(&cert);
        vector_free(&original);
        vector_free(&bytes);
    }
}

static void write_file(size_t i, struct rl_buf *out)
{
    struct rl_bytes original = vector_read(files[i].folder, files[i].original);
    struct rl_cert cert = vector_cert(files[i].signer);
    struct rl_key *key = vector_key(files[i].signer);
    struct rl_trust_signer signer = {rl_trust_sign, key};
    struct rl_trust_entry entry;
    struct rl_trust_header header;
    struct rl_err err = {0};
    if (rl_trust_entry_make(cert.der, cert.nder, RL_TRUST_TFTP, "it", &entry, &err) ||
        rl_trust_header_make(&entry, RL_TLV_SIGNED, "it", &header, &err))
        fail_msg("%s", err.text);
    header.hash = files[i].hash;
    header.time = TIME;
    header.file_name = (struct rl_bytes){(const uint8_t *)files[i].name, strlen(files[i].name)};
    if (rl_trust_file_write(&header, RL_TLV_SIGNED, "it", original.p, original.n, &signer, out,
                            &err))
        fail_msg("%s", err.text);
    rl_trust_entry_fini(&entry);
    rl_key_free(&key);
    rl_cert_fini(&cert);
    vector_free(&original);
}

static void every_file_is_written_again_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        struct rl_bytes bytes = vector_read(files[i].folder, files[i].signed_file);
        struct rl_buf made = {0};
        write_file(i, &made);
        assert_int_equal(made.len, bytes.n);
        assert_memory_equal(made.data, bytes.p, bytes.n);
        rl_buf_fini(&made);
        vector_free(&bytes);
    }
}

static const char *verdict(const char *file, const struct rl_cert *tftp, struct rl_err *why)
{
    struct rl_bytes bytes = vector_read("bad", file);
    struct rl_problems warnings = {0};
    struct rl_sgn sgn;
    const char *said = "reject";
    if (rl_sgn_read(bytes.p, bytes.n, file, "SEP001122334455.cnf.xml.sgn", &sgn, &warnings, why) ==
            RL_OK &&
        rl_trust_signed_by(&sgn.header, &sgn.over, tftp->der, tftp->nder, file, why) == RL_OK)
        said = warnings.n ? "warn" : "accept";
    rl_problems_fini(&warnings);
    vector_free(&bytes);
    return said;
}

static void every_bad_file_gets_its_verdict(void **state)
{
    struct vector_verdict v[VERDICTS];
    size_t n = vector_verdicts('s', v, VERDICTS), wrong = 0;
    struct rl_cert tftp = vector_cert("tftp.pem");
    (void)state;
    assert_int_equal(n, 14);
    for (size_t i = 0; i < n; i++) {
        struct rl_err why = {0};
        const char *said = verdict(v[i].file, &tftp, &why);
        if (strcmp(said, v[i].verdict) != 0) {
            print_error("%s: %s and not %s: %s\n", v[i].file, said, v[i].verdict, why.text);
            wrong++;
        }
        if (strcmp(said, "reject") == 0 && !strstr(why.text, ", byte "))
            fail_msg("%s: no place in: %s", v[i].file, why.text);
    }
    assert_int_equal(wrong, 0);
    rl_cert_fini(&tftp);
}

/* By role, not by being in the list. */
static void a_list_says_who_may_sign(void **state)
{
    static const struct {
        const char *list, *folder, *file;
        bool may;
    } cases[] = {
        {"itl-sha1-v1.0/ITLFile.tlv", "sgn/config-sha1",       "SEP001122334455.cnf.xml.sgn", true },
        {"itl-sha1-v1.0/ITLFile.tlv", "sgn/subdirectory-name", "g3-tones.xml.sgn",            false},
        {"ctl-sha1-v1.0/CTLFile.tlv", "sgn/subdirectory-name", "g3-tones.xml.sgn",            true },
        {"ctl-sha1-v1.0/CTLFile.tlv", "sgn/config-sha1",       "SEP001122334455.cnf.xml.sgn", false},
        {"itl-sha1-v1.0/ITLFile.tlv", "bad",                   "s05-body-flip.cnf.xml.sgn",   false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_bytes list_bytes = vector_read("tlv", cases[i].list);
        struct rl_bytes bytes = vector_read(cases[i].folder, cases[i].file);
        struct rl_trust_list list;
        struct rl_sgn sgn;
        struct rl_err err = {0};
        assert_int_equal(rl_trust_list_read(list_bytes.p, list_bytes.n, "it", &list, NULL, &err),
                         RL_OK);
        assert_int_equal(rl_sgn_read(bytes.p, bytes.n, "it", NULL, &sgn, NULL, &err), RL_OK);
        assert_int_equal(rl_trust_signed_by_list(&sgn.header, &sgn.over, &list, "it", &err),
                         cases[i].may ? RL_OK : RL_E_TRUST_SIGNATURE);
        vector_free(&bytes);
        vector_free(&list_bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_read_and_verified),
        cmocka_unit_test(every_file_is_written_again_byte_for_byte),
        cmocka_unit_test(every_bad_file_gets_its_verdict),
        cmocka_unit_test(a_list_says_who_may_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
