/* Encrypted files: those of an independent tool are read, verified, decrypted and written again
 * byte for byte; what is sealed here is opened by GnuTLS itself. */
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "control/trustfile.h"
#include "pki/recipient.h"
#include "trust/enc.h"
#include "vectors.h"

#define NAME "SEP001122334455.cnf.xml.enc.sgn"

static const struct {
    const char *folder, *device;
    uint8_t hash;
} files[] = {
    {"enc/aligned-16",         "lsc-rsa2048.pem", 1},
    {"enc/aligned-16-plus-15", "lsc-rsa2048.pem", 3},
    {"enc/lsc-rsa1024-key",    "rsa1024.pem",     1},
    {"enc/lsc-rsa4096-key",    "rsa4096.pem",     3},
    {"enc/lsc-sha1",           "lsc-rsa2048.pem", 1},
    {"enc/lsc-sha512",         "lsc-rsa2048.pem", 3},
    {"enc/mic-sha1",           "mic.pem",         1},
};
enum { FILES = sizeof files / sizeof *files, TIME = 1748779200, VERDICTS = 20, KEY_MAX = 32 };

/* ---- opening, as a phone does ---- */

static gnutls_privkey_t private_key(const char *name)
{
    struct rl_bytes pem = vector_read("certs", name);
    gnutls_datum_t datum = {(unsigned char *)pem.p, (unsigned)pem.n};
    gnutls_x509_privkey_t x509;
    gnutls_privkey_t key;
    assert_int_equal(gnutls_x509_privkey_init(&x509), 0);
    assert_int_equal(gnutls_x509_privkey_import(x509, &datum, GNUTLS_X509_FMT_PEM), 0);
    assert_int_equal(gnutls_privkey_init(&key), 0);
    assert_int_equal(gnutls_privkey_import_x509(key, x509, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE), 0);
    vector_free(&pem);
    return key;
}

struct opening {
    gnutls_privkey_t key;
    uint8_t aes[KEY_MAX]; /* what it unwrapped */
    size_t naes;
};

static void decrypt(const uint8_t *aes, size_t naes, const uint8_t *iv, uint8_t *text, size_t n)
{
    gnutls_cipher_hd_t cipher;
    gnutls_datum_t key = {(unsigned char *)aes, (unsigned)naes}, v = {(unsigned char *)iv, 16};
    assert_int_equal(
        gnutls_cipher_init(&cipher,
                           naes == KEY_MAX ? GNUTLS_CIPHER_AES_256_CBC : GNUTLS_CIPHER_AES_128_CBC,
                           &key, &v),
        0);
    assert_int_equal(gnutls_cipher_decrypt(cipher, text, n), 0);
    gnutls_cipher_deinit(cipher);
}

static enum rl_code open_text(void *ctx, const struct rl_trust_header *header, uint8_t *text,
                              size_t padded, struct rl_err *err)
{
    struct opening *o = ctx;
    gnutls_datum_t wrapped = {(unsigned char *)header->sealed.key.p,
                              (unsigned)header->sealed.key.n};
    gnutls_datum_t plain = {0};
    if (gnutls_privkey_decrypt_data(o->key, 0, &wrapped, &plain) < 0)
        return rl_fail(err, RL_E_VALUE, "", "The key was wrapped for another device.");
    assert_true(plain.size <= sizeof o->aes);
    memcpy(o->aes, plain.data, plain.size);
    o->naes = plain.size;
    gnutls_free(plain.data);
    decrypt(o->aes, o->naes, header->sealed.iv.p, text, padded);
    return RL_OK;
}

static enum rl_code digest(void *ctx, uint8_t hash, const uint8_t *text, size_t n, uint8_t *out,
                           struct rl_err *err)
{
    (void)ctx, (void)err;
    assert_int_equal(gnutls_hash_fast(hash == RL_TRUST_SHA512 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA1,
                                      text, n, out),
                     0);
    return RL_OK;
}

static enum rl_code open_with(const struct rl_enc *enc, struct opening *o, struct rl_buf *out,
                              struct rl_err *err)
{
    struct rl_enc_opener opener = {open_text, digest, o};
    return rl_enc_open(enc, "it", &opener, out, err);
}

static struct rl_enc read_verified(const struct rl_bytes *bytes)
{
    struct rl_cert tftp = vector_cert("tftp.pem");
    struct rl_enc enc;
    struct rl_err err = {0};
    if (rl_enc_read(bytes->p, bytes->n, "it", NAME, &enc, NULL, &err) ||
        rl_trust_signed_by(&enc.header, &enc.over, tftp.der, tftp.nder, "it", &err))
        fail_msg("%s", err.text);
    rl_cert_fini(&tftp);
    return enc;
}

static void every_file_is_verified_and_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        struct rl_bytes bytes = vector_read(files[i].folder, NAME);
        struct rl_bytes plain = vector_read(files[i].folder, "plain.xml");
        struct opening o = {.key = private_key(files[i].device)};
        struct rl_enc enc = read_verified(&bytes);
        struct rl_buf text = {0};
        struct rl_err err = {0};
        if (open_with(&enc, &o, &text, &err))
            fail_msg("%s: %s", files[i].folder, err.text);
        assert_int_equal(enc.header.hash, files[i].hash);
        assert_int_equal(text.len, plain.n);
        assert_memory_equal(text.data, plain.p, plain.n);
        gnutls_privkey_deinit(o.key);
        rl_buf_fini(&text);
        vector_free(&plain);
        vector_free(&bytes);
    }
}

/* ---- writing ---- */

/* What was random, taken from the file. */
struct repeated {
    const struct rl_sealed_header *sealed;
    const struct opening *opened;
};

static enum rl_code seal_again(void *ctx, uint8_t hash, uint8_t *text, size_t n, size_t padded,
                               struct rl_enc_sealed *out, struct rl_err *err)
{
    const struct repeated *r = ctx;
    gnutls_cipher_hd_t cipher;
    gnutls_datum_t key = {(unsigned char *)r->opened->aes, (unsigned)r->opened->naes};
    gnutls_datum_t iv = {(unsigned char *)r->sealed->iv.p, 16};
    digest(NULL, hash, text, n, out->digest, err);
    memcpy(out->iv, iv.data, iv.size);
    memcpy(out->key, r->sealed->key.p, r->sealed->key.n);
    out->nkey = r->sealed->key.n;
    assert_int_equal(gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_CBC, &key, &iv), 0);
    assert_int_equal(gnutls_cipher_encrypt(cipher, text, padded), 0);
    gnutls_cipher_deinit(cipher);
    return RL_OK;
}

/* Encrypt and sign as tftp.pem at the time of the vectors. */
static void write_file(uint8_t hash, const struct rl_bytes *plain,
                       const struct rl_enc_sealer *sealer, struct rl_buf *out)
{
    struct rl_cert cert = vector_cert("tftp.pem");
    struct rl_key *key = vector_key("tftp.pem");
    struct rl_trust_signer signer = {rl_trust_sign, key};
    struct rl_trust_entry entry;
    struct rl_trust_header header;
    struct rl_err err = {0};
    if (rl_trust_entry_make(cert.der, cert.nder, RL_TRUST_TFTP, "it", &entry, &err) ||
        rl_trust_header_make(&entry, RL_TLV_ENCRYPTED, "it", &header, &err))
        fail_msg("%s", err.text);
    header.hash = hash;
    header.time = TIME;
    header.file_name = (struct rl_bytes){(const uint8_t *)NAME, strlen(NAME)};
    if (rl_enc_write(&header, "it", plain->p, plain->n, sealer, &signer, out, &err))
        fail_msg("%s", err.text);
    rl_trust_entry_fini(&entry);
    rl_key_free(&key);
    rl_cert_fini(&cert);
}

static void every_file_is_written_again_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        struct rl_bytes bytes = vector_read(files[i].folder, NAME);
        struct rl_bytes plain = vector_read(files[i].folder, "plain.xml");
        struct opening o = {.key = private_key(files[i].device)};
        struct rl_enc enc = read_verified(&bytes);
        struct repeated repeated = {&enc.header.sealed, &o};
        struct rl_enc_sealer sealer = {seal_again, &repeated};
        struct rl_buf text = {0}, made = {0};
        struct rl_err err = {0};
        assert_int_equal(open_with(&enc, &o, &text, &err), RL_OK);
        write_file(files[i].hash, &plain, &sealer, &made);
        assert_int_equal(made.len, bytes.n);
        assert_memory_equal(made.data, bytes.p, bytes.n);
        gnutls_privkey_deinit(o.key);
        rl_buf_fini(&made);
        rl_buf_fini(&text);
        vector_free(&plain);
        vector_free(&bytes);
    }
}

/* ---- what is malformed ---- */

static const char *verdict(const char *file, struct rl_err *why)
{
    struct rl_bytes bytes = vector_read("bad", file);
    struct rl_cert tftp = vector_cert("tftp.pem");
    struct opening o = {.key = private_key("lsc-rsa2048.pem")};
    struct rl_problems warnings = {0};
    struct rl_buf text = {0};
    struct rl_enc enc;
    const char *said = "reject";
    if (rl_enc_read(bytes.p, bytes.n, file, NAME, &enc, &warnings, why) == RL_OK &&
        rl_trust_signed_by(&enc.header, &enc.over, tftp.der, tftp.nder, file, why) == RL_OK &&
        open_with(&enc, &o, &text, why) == RL_OK)
        said = warnings.n || o.naes != 16 ? "warn" : "accept";
    gnutls_privkey_deinit(o.key);
    rl_buf_fini(&text);
    rl_problems_fini(&warnings);
    rl_cert_fini(&tftp);
    vector_free(&bytes);
    return said;
}

static void every_bad_file_gets_its_verdict(void **state)
{
    struct vector_verdict v[VERDICTS];
    size_t n = vector_verdicts('e', v, VERDICTS), wrong = 0;
    (void)state;
    assert_int_equal(n, 14);
    for (size_t i = 0; i < n; i++) {
        struct rl_err why = {0};
        const char *said = verdict(v[i].file, &why);
        if (strcmp(said, v[i].verdict) != 0) {
            print_error("%s: %s and not %s: %s\n", v[i].file, said, v[i].verdict, why.text);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- our own sealing ---- */

static enum rl_code seal(void *ctx, uint8_t hash, uint8_t *text, size_t n, size_t padded,
                         struct rl_enc_sealed *out, struct rl_err *err)
{
    struct rl_recipient_sealed sealed = {0};
    enum rl_code code = rl_recipient_seal(
        ctx, hash == RL_TRUST_SHA512 ? RL_RSA_SHA512 : RL_RSA_SHA1, text, n, padded, &sealed, err);
    memcpy(out->iv, sealed.iv, sizeof out->iv);
    memcpy(out->key, sealed.key, sealed.nkey);
    out->nkey = sealed.nkey;
    memcpy(out->digest, sealed.digest, sizeof out->digest);
    return code;
}

static struct rl_recipient *recipient(const char *name, enum rl_code want)
{
    struct rl_cert cert = vector_cert(name);
    struct rl_recipient *r;
    struct rl_err err = {0};
    assert_int_equal(rl_recipient_read(cert.der, cert.nder, name, &r, &err), want);
    rl_cert_fini(&cert);
    return r;
}

static void what_we_seal_the_device_opens(void **state)
{
    static const char *const devices[] = {"rsa1024.pem", "lsc-rsa2048.pem", "rsa3072.pem",
                                          "rsa4096.pem"};
    static const char bytes[] = "0123456789abcdef0123456789abcdef0";
    (void)state;
    for (size_t i = 0; i < 4 * (sizeof bytes - 1); i++) {
        const char *device = devices[i % 4];
        struct rl_bytes plain = {(const uint8_t *)bytes, i / 4};
        struct rl_recipient *r = recipient(device, RL_OK);
        struct rl_enc_sealer sealer = {seal, r};
        struct opening o = {.key = private_key(device)};
        struct rl_buf made = {0}, text = {0};
        struct rl_err err = {0};
        write_file(i % 8 < 4 ? RL_TRUST_SHA1 : RL_TRUST_SHA512, &plain, &sealer, &made);
        struct rl_bytes file = {(const uint8_t *)made.data, made.len};
        struct rl_enc enc = read_verified(&file);
        if (open_with(&enc, &o, &text, &err))
            fail_msg("%s: %s", device, err.text);
        assert_int_equal(text.len, plain.n);
        assert_memory_equal(rl_buf_str(&text), bytes, plain.n);
        rl_buf_fini(&text);
        rl_buf_fini(&made);
        gnutls_privkey_deinit(o.key);
        rl_recipient_free(&r);
    }
}

static void an_ec_key_opens_nothing(void **state)
{
    (void)state;
    assert_null(recipient("ccm-ec256.pem", RL_W_ENC_KEY));
}

/* The key typed in at the phone takes the place of its private key. */
static void a_typed_key_wraps_the_fresh_one(void **state)
{
    static const uint8_t typed[KEY_MAX] = "sixteen bytes, or thirty-two";
    static const uint8_t zeros[16];
    static const struct rl_bytes plain = {(const uint8_t *)"<device/>", 9};
    (void)state;
    for (size_t n = 16; n <= KEY_MAX; n += 16) {
        struct rl_recipient *r = rl_recipient_typed(typed, n);
        struct rl_enc_sealer sealer = {seal, r};
        struct rl_buf made = {0};
        uint8_t aes[16], text[16];
        write_file(RL_TRUST_SHA1, &plain, &sealer, &made);
        struct rl_bytes file = {(const uint8_t *)made.data, made.len};
        struct rl_enc enc = read_verified(&file);
        assert_int_equal(enc.header.sealed.key.n, sizeof aes);
        memcpy(aes, enc.header.sealed.key.p, sizeof aes);
        decrypt(typed, n, zeros, aes, sizeof aes);
        memcpy(text, enc.text.p, sizeof text);
        decrypt(aes, sizeof aes, enc.header.sealed.iv.p, text, sizeof text);
        assert_memory_equal(text, "<device/>\r\r\r\r\r\r\r", sizeof text);
        rl_recipient_free(&r);
        rl_buf_fini(&made);
    }
}

static void a_certificate_has_the_hash_that_phones_know(void **state)
{
    struct rl_cert cert = vector_cert("lsc-rsa2048.pem");
    char hash[33];
    (void)state;
    rl_pki_md5(cert.der, cert.nder, hash);
    assert_string_equal(hash, "485e49069fc83794d336c4673c5d961d");
    rl_cert_fini(&cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_verified_and_opened),
        cmocka_unit_test(every_file_is_written_again_byte_for_byte),
        cmocka_unit_test(every_bad_file_gets_its_verdict),
        cmocka_unit_test(what_we_seal_the_device_opens),
        cmocka_unit_test(an_ec_key_opens_nothing),
        cmocka_unit_test(a_typed_key_wraps_the_fresh_one),
        cmocka_unit_test(a_certificate_has_the_hash_that_phones_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
