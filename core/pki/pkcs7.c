#include "pki/pkcs7.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"

enum {
    SIGNATURES_MAX = 16,
    SERIAL_MAX = 64,
    TIME_IS_OURS = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS
};

/* One signature, to be tried with each signer. */
struct trial {
    gnutls_pkcs7_t pkcs7;
    int index;
    gnutls_pkcs7_signature_info_st info;
    gnutls_datum_t bytes;
    int64_t now_us;
};

static bool same(const gnutls_datum_t *a, const void *bytes, size_t n)
{
    return a->size == n && !memcmp(a->data, bytes, n);
}

/* True if the signature names this certificate: by issuer and serial number, or by its key. */
static bool names(const gnutls_pkcs7_signature_info_st *info, gnutls_x509_crt_t crt)
{
    uint8_t id[SERIAL_MAX];
    size_t n = sizeof id;
    if (info->issuer_keyid.size)
        return gnutls_x509_crt_get_subject_key_id(crt, id, &n, NULL) >= 0 &&
               same(&info->issuer_keyid, id, n);
    gnutls_datum_t issuer = {0};
    if (gnutls_x509_crt_get_serial(crt, id, &n) < 0 || !same(&info->signer_serial, id, n) ||
        gnutls_x509_crt_get_raw_issuer_dn(crt, &issuer) < 0)
        return false;
    bool is = same(&info->issuer_dn, issuer.data, issuer.size);
    gnutls_free(issuer.data);
    return is;
}

static bool valid_at(gnutls_x509_crt_t crt, int64_t now_us)
{
    time_t now = (time_t)(now_us / 1000000);
    time_t from = gnutls_x509_crt_get_activation_time(crt);
    time_t to = gnutls_x509_crt_get_expiration_time(crt);
    return from != (time_t)-1 && to != (time_t)-1 && from <= now && now <= to;
}

/* GnuTLS loses memory when it meets a key that it cannot use. */
static bool has_key(gnutls_x509_crt_t crt)
{
    gnutls_pubkey_t key;
    if (gnutls_pubkey_init(&key) < 0)
        return false;
    int rc = gnutls_pubkey_import_x509(key, crt, 0);
    gnutls_pubkey_deinit(key);
    return rc >= 0;
}

static enum rl_signature_state judge(const struct trial *t, gnutls_x509_crt_t crt)
{
    if (!names(&t->info, crt) || !has_key(crt))
        return RL_SIGNATURE_FOREIGN;
    /* without bytes GnuTLS would look at what the signature itself holds */
    int rc = t->bytes.size ? gnutls_pkcs7_verify_direct(t->pkcs7, crt, (unsigned)t->index,
                                                        &t->bytes, TIME_IS_OURS)
                           : GNUTLS_E_PK_SIG_VERIFY_FAILED;
    if (rc < 0)
        return RL_SIGNATURE_BROKEN;
    if (!gnutls_sign_is_secure2(t->info.algo, GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS))
        return RL_SIGNATURE_WEAK;
    return valid_at(crt, t->now_us) ? RL_SIGNATURE_GOOD : RL_SIGNATURE_OUTDATED;
}

static enum rl_signature_state judge_der(const struct trial *t, const struct rl_signer *signer)
{
    gnutls_datum_t der = {(void *)signer->der, (unsigned)signer->n};
    enum rl_signature_state state = RL_SIGNATURE_FOREIGN;
    gnutls_x509_crt_t crt;
    if (gnutls_x509_crt_init(&crt) < 0)
        return state;
    if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) >= 0)
        state = judge(t, crt);
    gnutls_x509_crt_deinit(crt);
    return state;
}

static void tell_by(const gnutls_pkcs7_signature_info_st *info, char out[RL_SIGNATURE_BY])
{
    const gnutls_datum_t *id = info->issuer_keyid.size ? &info->issuer_keyid : &info->signer_serial;
    gnutls_datum_t dn = {0};
    struct rl_buf text = {0};
    if (info->issuer_dn.size && gnutls_x509_rdn_get2(&info->issuer_dn, &dn, 0) >= 0)
        rl_text_safe(&text, (const char *)dn.data, dn.size);
    size_t cut = rl_text_cut(rl_buf_str(&text), text.len, RL_SIGNATURE_BY / 3, NULL);
    int n = snprintf(out, RL_SIGNATURE_BY, "%.*s%sno. ", cut < 100 ? (int)cut : 0,
                     rl_buf_str(&text), text.len ? ", " : "");
    for (size_t i = 0; i < id->size && i < 20; i++)
        n += snprintf(out + n, RL_SIGNATURE_BY - (size_t)n, "%02x", id->data[i]);
    gnutls_free(dn.data);
    rl_buf_fini(&text);
}

static void try_signature(struct trial *t, const struct rl_signer *signer, size_t nsigners,
                          struct rl_signature *out)
{
    if (out->state < RL_SIGNATURE_FOREIGN) {
        out->state = RL_SIGNATURE_FOREIGN;
        tell_by(&t->info, out->by);
    }
    for (size_t i = 0; i < nsigners && out->state != RL_SIGNATURE_GOOD; i++) {
        enum rl_signature_state state = judge_der(t, &signer[i]);
        if (state <= out->state)
            continue;
        out->state = state;
        out->signer = i;
        tell_by(&t->info, out->by);
    }
}

/* RFC 7468 8 and 9: the same bytes, labelled by their older name or their newer. */
static bool import_pem(gnutls_pkcs7_t pkcs7, const gnutls_datum_t *in)
{
    gnutls_datum_t der = {0};
    bool good = gnutls_pem_base64_decode2("PKCS7", in, &der) >= 0 ||
                gnutls_pem_base64_decode2("CMS", in, &der) >= 0;
    good = good && gnutls_pkcs7_import(pkcs7, &der, GNUTLS_X509_FMT_DER) >= 0;
    gnutls_free(der.data);
    return good;
}

static bool import(gnutls_pkcs7_t pkcs7, const void *bytes, size_t n)
{
    gnutls_datum_t in = {(void *)bytes, (unsigned)n};
    if (n && memmem(bytes, n, "-----BEGIN", 10))
        return import_pem(pkcs7, &in);
    return n && gnutls_pkcs7_import(pkcs7, &in, GNUTLS_X509_FMT_DER) >= 0;
}

void rl_pkcs7_verify(const void *signature, size_t nsignature, const void *bytes, size_t n,
                     const struct rl_signer *signer, size_t nsigners, int64_t now_us,
                     struct rl_signature *out)
{
    struct trial t = {
        .bytes = {(void *)bytes, (unsigned)n},
          .now_us = now_us
    };
    *out = (struct rl_signature){.state = RL_SIGNATURE_UNREADABLE};
    if (gnutls_pkcs7_init(&t.pkcs7) < 0)
        return;
    int count =
        import(t.pkcs7, signature, nsignature) ? gnutls_pkcs7_get_signature_count(t.pkcs7) : 0;
    for (; t.index < count && t.index < SIGNATURES_MAX && out->state != RL_SIGNATURE_GOOD;
         t.index++) {
        if (gnutls_pkcs7_get_signature_info(t.pkcs7, (unsigned)t.index, &t.info) < 0)
            continue;
        try_signature(&t, signer, nsigners, out);
        gnutls_pkcs7_signature_info_deinit(&t.info);
    }
    gnutls_pkcs7_deinit(t.pkcs7);
}

const char *rl_signature_text(enum rl_signature_state state)
{
    static const char *const texts[] = {
        [RL_SIGNATURE_GOOD] = "is good",
        [RL_SIGNATURE_UNREADABLE] = "cannot be read: it takes PKCS#7, PEM or DER",
        [RL_SIGNATURE_FOREIGN] = "is by nobody whom this site trusts to sign",
        [RL_SIGNATURE_OUTDATED] = "is by a signer whose certificate is not valid now",
        [RL_SIGNATURE_WEAK] = "was made with a hash that is broken",
        [RL_SIGNATURE_BROKEN] = "is of other bytes: what it signs was changed, or is another file",
    };
    return texts[state];
}
