/* Detached signatures, made by certtool: who signed is found out, and what is wrong is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pki/pkcs7.h"
#include "ringlock/buf.h"
#include "ringlock/time.h"

#define TEXT "[pack]\nname = x\n"

static char dir[] = "/tmp/ringlock-pkcs7-XXXXXX";

static void run(const char *command)
{
    char *line = rl_asprintf("cd %s && (%s) >log 2>&1", dir, command);
    if (system(line) != 0)
        fail_msg("%s", command);
    free(line);
}

static int make(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    run("printf 'cn=\"Signer a\"\\nsigning_key\\nserial=7\\nexpiration_days=30\\n' >a.tmpl;"
        "printf 'cn=\"Signer b\"\\nsigning_key\\nserial=8\\nexpiration_days=30\\n' >b.tmpl;"
        "for s in a b; do certtool --generate-privkey --rsa --bits 2048 --outfile $s.key;"
        "certtool --generate-self-signed --load-privkey $s.key --template $s.tmpl --outfile $s.pem;"
        "certtool --certificate-info --load-certificate $s.pem --outder --outfile $s.der; done");
    run("printf 'cn=\"Signer o\"\\nsigning_key\\nserial=9\\nactivation_date=\"2020-01-01 "
        "00:00:00\"\\n"
        "expiration_date=\"2021-01-01 00:00:00\"\\n' >o.tmpl;"
        "certtool --generate-self-signed --load-privkey a.key --template o.tmpl --outfile o.pem;"
        "certtool --certificate-info --load-certificate o.pem --outder --outfile o.der");
    run("printf '" TEXT "' >text;"
        "certtool --p7-detached-sign --load-privkey a.key --load-certificate o.pem --infile text"
        " --outfile old.p7s;"
        "certtool --p7-detached-sign --load-privkey a.key --load-certificate a.pem --infile text"
        " --outfile pem.p7s;"
        "certtool --p7-detached-sign --load-privkey a.key --load-certificate a.pem --infile text"
        " --outder --outfile der.p7s;"
        "certtool --p7-detached-sign --p7-time --load-privkey a.key --load-certificate a.pem"
        " --infile text --outfile time.p7s;"
        "certtool --p7-detached-sign --hash SHA1 --load-privkey a.key --load-certificate a.pem"
        " --infile text --outfile sha1.p7s;"
        "head -c 200 der.p7s >short.p7s; printf 'no signature' >no.p7s; : >empty.p7s");
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    run("rm -f *");
    return rmdir(dir);
}

static char *read_all(const char *name, size_t *n)
{
    char *path = rl_asprintf("%s/%s", dir, name), *bytes = rl_alloc(65536);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    *n = fread(bytes, 1, 65535, f);
    fclose(f);
    free(path);
    return bytes;
}

static struct rl_signature verify(const char *signature, const char *text, const char *signers,
                                  int days)
{
    struct rl_signer signer[2];
    struct rl_signature found;
    size_t n, count = strlen(signers);
    char *bytes = read_all(signature, &n);
    for (size_t i = 0; i < count; i++) {
        char name[] = {signers[i], '.', 'd', 'e', 'r', '\0'};
        signer[i].der = read_all(name, &signer[i].n);
    }
    rl_pkcs7_verify(bytes, n, text, strlen(text), signer, count,
                    rl_now_us() + days * 86400LL * 1000000, &found);
    for (size_t i = 0; i < count; i++)
        free((void *)signer[i].der);
    free(bytes);
    return found;
}

/* clang-format off */
static const struct {
    const char *signature, *text, *signers;
    int days; /* from now */
    enum rl_signature_state state;
    size_t signer;
} cases[] = {
    {"pem.p7s",   TEXT,      "a",  0,   RL_SIGNATURE_GOOD,       0},
    {"der.p7s",   TEXT,      "a",  0,   RL_SIGNATURE_GOOD,       0},
    {"time.p7s",  TEXT,      "ba", 0,   RL_SIGNATURE_GOOD,       1},
    {"pem.p7s",   TEXT,      "ba", 0,   RL_SIGNATURE_GOOD,       1},
    {"pem.p7s",   TEXT " ",  "ab", 0,   RL_SIGNATURE_BROKEN,     0},
    {"pem.p7s",   "",        "a",  0,   RL_SIGNATURE_BROKEN,     0},
    {"pem.p7s",   TEXT,      "b",  0,   RL_SIGNATURE_FOREIGN,    0},
    {"pem.p7s",   TEXT,      "",   0,   RL_SIGNATURE_FOREIGN,    0},
    {"pem.p7s",   TEXT,      "ba", 40,  RL_SIGNATURE_OUTDATED,   1},
    {"pem.p7s",   TEXT,      "a",  -2,  RL_SIGNATURE_OUTDATED,   0},
    {"old.p7s",   TEXT,      "o",  0,   RL_SIGNATURE_OUTDATED,   0},
    {"sha1.p7s",  TEXT,      "a",  0,   RL_SIGNATURE_WEAK,       0},
    {"short.p7s", TEXT,      "a",  0,   RL_SIGNATURE_UNREADABLE, 0},
    {"no.p7s",    TEXT,      "a",  0,   RL_SIGNATURE_UNREADABLE, 0},
    {"empty.p7s", TEXT,      "a",  0,   RL_SIGNATURE_UNREADABLE, 0},
    {"a.pem",     TEXT,      "a",  0,   RL_SIGNATURE_UNREADABLE, 0},
};
/* clang-format on */

static void signatures_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_signature found =
            verify(cases[i].signature, cases[i].text, cases[i].signers, cases[i].days);
        if (found.state != cases[i].state)
            fail_msg("case %zu: %s %s", i, cases[i].signature, rl_signature_text(found.state));
        if (found.state > RL_SIGNATURE_FOREIGN)
            assert_int_equal(found.signer, cases[i].signer);
        assert_int_equal(*found.by != '\0', found.state != RL_SIGNATURE_UNREADABLE);
    }
}

static void the_signer_is_named(void **state)
{
    (void)state;
    assert_string_equal(verify("pem.p7s", TEXT, "", 0).by, "CN=Signer a, no. 07");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_judged),
        cmocka_unit_test(the_signer_is_named),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
