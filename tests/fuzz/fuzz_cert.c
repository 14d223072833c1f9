/* Uploaded certificates: any bytes are refused, or are certificates in one chain whose texts are
 * safe, whose names keep to themselves, and whose forms belong together. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/certrow.h"
#include "pki/bundle.h"
#include "policy/certs.h"
#include "policy/names.h"
#include "ringlock/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void assert_safe(const char *text)
{
    char *safe = rl_text_safe_dup(text);
    assert(text && strcmp(safe, text) == 0);
    free(safe);
}

/* Names are those of the certificate: none comes from the middle of another. */
static void assert_names(const struct rl_cert *cert, const struct rl_row *row)
{
    const char *san = rl_row_get(row, RL_CERTIFICATE_SAN), *dns;
    size_t len;
    while ((dns = rl_name_next_dns(&san, &len)) != NULL) {
        bool there = false;
        for (size_t i = 0; i < cert->nsan && !there; i++)
            there = strcmp(cert->san[i].type, "DNS") == 0 && strlen(cert->san[i].value) == len &&
                    memcmp(cert->san[i].value, dns, len) == 0;
        assert(there);
    }
    assert(!strchr(cert->common_name, ';'));
}

static void assert_cert(const struct rl_cert *cert)
{
    struct rl_problems problems = {0};
    struct rl_row row;
    rl_cert_row(cert, &row);
    for (int i = 0; i < RL_CERTIFICATE_FIELDS; i++)
        assert_safe(rl_row_get(&row, i));
    assert_names(cert, &row);
    rl_policy_cert(&row, NULL, "2026-11-23T10:00:00Z", &problems);
    char *name = rl_cert_own_name(&row);
    rl_row_set(&row, RL_CERTIFICATE_NAME, name);
    free(name);
    assert(rl_field_normalise(row.obj, RL_CERTIFICATE_NAME, rl_row_get(&row, 0), &name, NULL) ==
           RL_OK);
    free(name);
    rl_problems_fini(&problems);
    rl_row_fini(&row);
}

/* What is stored is what was uploaded. */
static void assert_forms(const struct rl_cert *cert)
{
    struct rl_cert again;
    assert(rl_cert_parse(cert->pem, strlen(cert->pem), "again", &again, NULL) == RL_OK);
    assert(again.nder == cert->nder && memcmp(again.der, cert->der, cert->nder) == 0);
    assert(strcmp(again.pem_fingerprint, cert->pem_fingerprint) == 0);
    rl_cert_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct rl_bundle bundle;
    struct rl_err err = {0};
    if (rl_bundle_read(bytes, n, "some.pem", &bundle, &err) != RL_OK) {
        assert(err.code && *err.text && bundle.n == 0);
        assert_safe(err.text);
        return 0;
    }
    assert(bundle.n > 0 && !memmem(bytes, n, "PRIVATE KEY-----", 16));
    for (size_t i = 0; i < bundle.n; i++) {
        assert_cert(&bundle.cert[i]);
        assert_forms(&bundle.cert[i]);
        assert(i == 0 || rl_cert_issued(&bundle.cert[i - 1], &bundle.cert[i]));
    }
    rl_bundle_fini(&bundle);
    return 0;
}
