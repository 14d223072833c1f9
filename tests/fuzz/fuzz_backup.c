/* Backups: any bytes are refused, or are a head that asks for a key; any block is no header of an
 * archive, or one that says the same when it is written again (those begin with '!'); any archive
 * that was sealed properly is read to its end, or refused ('#'); and one of which a byte was
 * changed after that is always refused ('%', where and how in three bytes). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/tar.h"
#include "engine/unpack.h"
#include "pki/cert.h"
#include "pki/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct rl_seal_key sealed_with = {.passphrase = "correct horse battery"};

static void assert_told(enum rl_code code, const struct rl_err *err)
{
    assert(code == RL_OK || (err->code == code && *err->text));
}

/* A head with a passphrase is not unlocked: that takes as long as it is meant to. */
static void read_stream(const uint8_t *bytes, size_t n)
{
    struct rl_unseal *u = NULL;
    struct rl_err err = {0};
    FILE *in = fmemopen((void *)bytes, n, "r");
    if (!in)
        return;
    enum rl_code code = rl_unseal_open(in, "a.backup", &u, &err);
    assert_told(code, &err);
    assert((code == RL_OK) == (u != NULL));
    if (u && rl_unseal_needs_key(u)) {
        code = rl_unseal_unlock(u, &sealed_with, &err);
        assert(code == RL_E_BACKUP_KEY && *err.text);
    }
    rl_unseal_free(&u);
    fclose(in);
}

static void read_header(const uint8_t *bytes, size_t n)
{
    struct rl_tar_entry entry;
    struct rl_buf out = {0};
    uint8_t block[RL_TAR_BLOCK] = {0};
    memcpy(block, bytes, n < sizeof block ? n : sizeof block);
    if (!rl_tar_read(block, &entry))
        return;
    assert(strlen(entry.name) <= RL_TAR_NAME && entry.size >= 0 && entry.mode <= 0777);
    if (rl_tar_head(&out, &entry)) {
        struct rl_tar_entry again;
        assert(rl_tar_read((const uint8_t *)out.data, &again));
        assert(strcmp(again.name, entry.name) == 0 && again.size == entry.size);
    }
    rl_buf_fini(&out);
}

/* ---- sealed with a key that is known ---- */

static struct rl_buf key_pem, cert_pem;

static void read_file(const char *path, struct rl_buf *out)
{
    char bytes[4096];
    size_t n;
    FILE *f = fopen(path, "r");
    assert(f);
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
        rl_buf_add(out, bytes, n);
    fclose(f);
    unlink(path);
}

static void make_key(void)
{
    char dir[] = "/tmp/fuzz_backup.XXXXXX";
    assert(mkdtemp(dir));
    char *key_path = rl_asprintf("%s/key", dir);
    static const char *const names[] = {"fuzz", NULL};
    const struct rl_cert_request rq = {"fuzz", "fuzz", names, 0, 1, false};
    struct rl_err err = {0};
    struct rl_key *key;
    struct rl_buf der = {0};
    struct rl_cert cert;
    assert(rl_key_make(RL_KEY_RSA_2048, key_path, &key, &err) == RL_OK);
    assert(rl_cert_make(&rq, key, &der, &err) == RL_OK);
    assert(rl_cert_parse(der.data, der.len, "fuzz", &cert, &err) == RL_OK);
    rl_buf_adds(&cert_pem, cert.pem);
    rl_cert_fini(&cert);
    rl_buf_fini(&der);
    rl_key_free(&key);
    read_file(key_path, &key_pem);
    rmdir(dir);
    free(key_path);
}

static void seal(const uint8_t *plain, size_t n, struct rl_buf *out)
{
    struct rl_seal *s = NULL;
    struct rl_err err = {0};
    assert(rl_seal_to_certificate(cert_pem.data, cert_pem.len, "cert", &s, &err) == RL_OK);
    rl_buf_add(out, rl_seal_head(s)->data, rl_seal_head(s)->len);
    bool last;
    do {
        size_t part = n < RL_SEAL_CHUNK ? n : RL_SEAL_CHUNK;
        last = part == n;
        assert(rl_seal_chunk(s, plain, part, last, out, &err) == RL_OK);
        plain += part;
        n -= part;
    } while (!last);
    rl_seal_free(&s);
}

static enum rl_code read_archive(const struct rl_buf *file)
{
    const struct rl_seal_key mine = {.pem = key_pem.data, .npem = key_pem.len};
    struct rl_archive a = {.name = "a.backup"};
    struct rl_err err = {0};
    FILE *in = fmemopen(file->data, file->len, "r");
    assert(in);
    enum rl_code code = rl_unseal_open(in, a.name, &a.stream, &err);
    if (code == RL_OK)
        code = rl_unseal_unlock(a.stream, &mine, &err);
    if (code == RL_OK)
        code = rl_archive_manifest(&a, &err);
    if (code == RL_OK)
        code = rl_archive_unpack(&a, NULL, &err);
    assert_told(code, &err);
    json_decref(a.manifest);
    rl_unseal_free(&a.stream);
    fclose(in);
    return code;
}

static void read_sealed(const uint8_t *bytes, size_t n)
{
    struct rl_buf file = {0};
    if (!key_pem.len)
        make_key();
    seal(bytes, n, &file);
    read_archive(&file);
    rl_buf_fini(&file);
}

static void read_damaged(const uint8_t *bytes, size_t n)
{
    struct rl_buf file = {0};
    if (n < 3)
        return;
    if (!key_pem.len)
        make_key();
    seal(bytes + 3, n - 3, &file);
    file.data[(bytes[0] << 8 | bytes[1]) % file.len] ^= (char)(bytes[2] | 1);
    assert(read_archive(&file) != RL_OK);
    rl_buf_fini(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > 0 && bytes[0] == '!')
        read_header(bytes + 1, n - 1);
    else if (n > 0 && bytes[0] == '#')
        read_sealed(bytes + 1, n - 1);
    else if (n > 0 && bytes[0] == '%')
        read_damaged(bytes + 1, n - 1);
    else
        read_stream(bytes, n);
    return 0;
}
