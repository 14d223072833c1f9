/* Backups: any bytes are refused, or are a head that asks for a key; and any block is no header of
 * an archive, or one that says the same when it is written again (those begin with '!'). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tar.h"
#include "pki/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct rl_seal_key key = {.passphrase = "correct horse battery"};

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
        code = rl_unseal_unlock(u, &key, &err);
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > 0 && bytes[0] == '!')
        read_header(bytes + 1, n - 1);
    else
        read_stream(bytes, n);
    return 0;
}
