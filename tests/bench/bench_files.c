/* How fast configuration files are made, on one processor: bench_files SITE [PHONES] (1000). The
 * site is not served meanwhile, and is changed. Prints four numbers a second: files signed, phones
 * with encrypted files (two signatures each), and of GnuTLS alone signatures, and what a phone with
 * encrypted files needs of it. */
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/publish_make.h"
#include "pki/cert.h"
#include "store/db.h"

static struct rl_store *store;
static struct rl_ring *ring;
static struct rl_publish_site site;
static char **names;
static long phones = 1000, n;

static void need(enum rl_code code, const struct rl_err *err)
{
    if (!code)
        return;
    fprintf(stderr, "bench_files: %s\n", err->text);
    exit(1);
}

static bool add_name(void *ctx, const char *name)
{
    (void)ctx;
    names[n++] = rl_strdup(name);
    return n < phones;
}

static void open_site(const char *dir)
{
    struct rl_config config;
    struct rl_err err = {0};
    char *db = rl_asprintf("%s/site.db", dir), *keys = rl_asprintf("%s/keys", dir);
    need(rl_store_open(db, &store, &err), &err);
    need(rl_ring_load(store, keys, &ring, &err), &err);
    rl_phone_config_init();
    rl_config_init(&config);
    rl_publish_site_init(&site, &config, true);
    rl_config_fini(&config);
    names = rl_alloc((size_t)phones * sizeof *names);
    need(rl_store_due_names(store, RL_DUE_ALL, "", "", (size_t)phones, add_name, NULL, &err), &err);
    free(db);
    free(keys);
}

/* Phones a second of processor: who else is at work does not count. */
static double per_second(clock_t start)
{
    return (double)n * CLOCKS_PER_SEC / (double)(clock() - start);
}

static double make_all(const char *form)
{
    struct rl_publish_signer signer;
    struct rl_err err = {0};
    need(rl_publish_signer_init(&signer, ring, store, &err), &err);
    clock_t start = clock();
    for (long i = 0; i < n; i++) {
        struct rl_made made;
        rl_publish_make(store, &site, &signer, names[i], true, &made);
        if (made.what != RL_MADE_NEW || strcmp(made.row.form, form) != 0) {
            fprintf(stderr, "bench_files: %s: %s %s\n", names[i], made.err.text, made.row.why);
            exit(1);
        }
        rl_made_fini(&made);
    }
    double rate = per_second(start);
    rl_publish_signer_fini(&signer);
    return rate;
}

/* A certificate for each phone: the same bytes, since nobody looks at whose they are. */
static void give_certificates(void)
{
    struct rl_err err = {0};
    const struct rl_ring_entry *any = rl_ring_find(ring, RL_CERT_CAPF, false, RL_OWN_ACTIVE);
    need(rl_store_begin(store, &err), &err);
    need(rl_db_run(store, &err, "UPDATE profile SET encrypted_config = 'yes'", NULL), &err);
    for (long i = 0; i < n; i++) {
        need(rl_db_run(store, &err,
                       "INSERT INTO cert (name, store, device, usage, origin, not_before,"
                       " not_after, fingerprint, pem_fingerprint) VALUES (?1, 'CallManager-trust',"
                       " ?1, 'device', 'with-device', '', '', ?1, ?1)",
                       names[i], NULL),
             &err);
        sqlite3_stmt *stmt = rl_db_prepare(
            store, "INSERT INTO cert_body SELECT rid, ? FROM cert WHERE name = ?", &err);
        sqlite3_bind_blob64(stmt, 1, any->cert.der, any->cert.nder, SQLITE_STATIC);
        rl_db_bind(stmt, 2, names[i]);
        rl_db_step(store, stmt, &err);
        rl_db_done(store, &stmt);
    }
    need(rl_store_commit(store, &err), &err);
}

/* ---- GnuTLS alone ---- */

static void sign(gnutls_privkey_t key)
{
    uint8_t hash[20] = {1};
    gnutls_datum_t digest = {hash, sizeof hash}, made = {0};
    gnutls_privkey_sign_hash(key, GNUTLS_DIG_SHA1, 0, &digest, &made);
    gnutls_free(made.data);
}

static void wrap(gnutls_pubkey_t key)
{
    uint8_t bytes[16] = {1};
    gnutls_datum_t plain = {bytes, sizeof bytes}, made = {0};
    gnutls_pubkey_encrypt_data(key, 0, &plain, &made);
    gnutls_free(made.data);
}

static double alone(gnutls_privkey_t key, gnutls_pubkey_t pub)
{
    clock_t start = clock();
    for (long i = 0; i < n; i++) {
        sign(key);
        if (!pub)
            continue;
        sign(key);
        wrap(pub);
    }
    return per_second(start);
}

int main(int argc, char **argv)
{
    gnutls_privkey_t key;
    gnutls_pubkey_t pub;
    if (argc < 2)
        return 2;
    if (argc > 2)
        phones = atol(argv[2]);
    open_site(argv[1]);
    double plain = make_all("signed");
    give_certificates();
    double encrypted = make_all("encrypted");
    gnutls_privkey_init(&key);
    gnutls_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0);
    gnutls_pubkey_init(&pub);
    gnutls_pubkey_import_privkey(pub, key, 0, 0);
    double signing = alone(key, NULL), both = alone(key, pub);
    printf("%.0f %.0f %.0f %.0f\n", plain, encrypted, signing, both);
    return 0;
}
