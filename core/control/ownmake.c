#include "control/ownmake.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringlock/text.h"
#include "store/own.h"

enum { MARK = 8, HOST = 256 };

/* Eight digits that no two of a site share, as far as anybody will live to see. */
static void new_mark(char out[MARK + 1])
{
    uint8_t bytes[MARK / 2];
    rl_pki_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* "CallManager.key", later ones "CallManager-1f0ca3d2.key"; so is one that finds the first name
 * taken, by what a crash left. */
static char *new_file(const struct rl_own_order *order)
{
    char mark[MARK + 1];
    char *plain = rl_asprintf("%s.key", order->kind->name);
    char *path = rl_asprintf("%s/%s", order->keys, plain);
    bool taken = !order->first || access(path, F_OK) == 0;
    free(path);
    if (!taken)
        return plain;
    free(plain);
    new_mark(mark);
    return rl_asprintf("%s-%s.key", order->kind->name, mark);
}

/* A CA is told from the ones before it by its name, as phones' certificates name it. */
static char *common_name(const struct rl_own_kind *kind)
{
    char mark[MARK + 1];
    if (kind->role != RL_CERT_CAPF)
        return rl_strdup(kind->name);
    new_mark(mark);
    return rl_asprintf("%s-%s", kind->name, mark);
}

static enum rl_code sign(const struct rl_cert_request *rq, struct rl_own_made *made,
                         struct rl_err *err)
{
    struct rl_buf der = {0};
    enum rl_code code = rl_cert_make(rq, made->key, &der, err);
    if (!code)
        code = rl_cert_parse(rl_buf_str(&der), der.len, made->kind->name, &made->cert, err);
    rl_buf_fini(&der);
    return code;
}

static enum rl_code ask(const struct rl_cert_request *rq, struct rl_own_made *made,
                        struct rl_err *err)
{
    struct rl_buf pem = {0};
    enum rl_code code = rl_csr_make(rq, made->key, &pem, err);
    if (!code)
        made->csr = rl_buf_take(&pem);
    rl_buf_fini(&pem);
    return code;
}

static enum rl_code make(const struct rl_own_order *order,
                         enum rl_code (*how)(const struct rl_cert_request *, struct rl_own_made *,
                                             struct rl_err *),
                         struct rl_own_made *out, struct rl_err *err)
{
    char host[HOST] = "";
    const char *const names[] = {host, NULL};
    *out = (struct rl_own_made){.kind = order->kind, .file = new_file(order)};
    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        strcpy(host, "localhost");
    char *path = rl_asprintf("%s/%s", order->keys, out->file), *name = common_name(order->kind);
    const struct rl_cert_request rq = {.common_name = name,
                                       .organization = order->organization,
                                       .names = order->names ? order->names : names,
                                       .from_us = order->now_us,
                                       .years = order->kind->years,
                                       .ca = order->kind->role == RL_CERT_CAPF};
    enum rl_code code = rl_key_make(order->key, path, &out->key, err);
    if (!code && (code = how(&rq, out, err)) != RL_OK)
        unlink(path);
    free(path);
    free(name);
    return code;
}

enum rl_code rl_own_make(const struct rl_own_order *order, struct rl_own_made *out,
                         struct rl_err *err)
{
    return make(order, sign, out, err);
}

enum rl_code rl_own_ask(const struct rl_own_order *order, struct rl_own_made *out,
                        struct rl_err *err)
{
    return make(order, ask, out, err);
}

void rl_own_made_drop(const struct rl_own_made *made, const char *keys)
{
    char *path = rl_asprintf("%s/%s", keys, made->file);
    unlink(path);
    free(path);
}

enum rl_code rl_own_adopt(const struct rl_own_kind *kind, const char *keys, struct rl_own_made *out,
                          struct rl_err *err)
{
    *out = (struct rl_own_made){.kind = kind, .file = rl_asprintf("%s.key", kind->name)};
    char *key = rl_asprintf("%s/%s", keys, out->file);
    char *cert = rl_asprintf("%s/%s.pem", keys, kind->name);
    enum rl_code code = rl_cert_load(cert, &out->cert, err);
    if (!code)
        code = rl_key_load(key, &out->key, err);
    if (!code && !rl_key_fits(out->key, out->cert.der, out->cert.nder))
        code = rl_fail(err, RL_E_SITE_DAMAGED, key, "The key %s is not that of the certificate %s.",
                       key, cert);
    free(key);
    free(cert);
    return code;
}

void rl_own_made_fini(struct rl_own_made *made)
{
    free(made->file);
    rl_key_free(&made->key);
    rl_cert_fini(&made->cert);
    free(made->csr);
}

/* ---- what is left ---- */

/* A name that new_file gives. */
static bool is_made_here(const char *file)
{
    const struct rl_own_kind *kind;
    for (size_t i = 0; (kind = rl_own_kind(i)); i++) {
        size_t n = strlen(kind->name);
        if (strncmp(file, kind->name, n) != 0)
            continue;
        const char *rest = file + n;
        if (strcmp(rest, ".key") == 0)
            return true;
        if (*rest == '-' && strspn(rest + 1, "0123456789abcdef") == MARK &&
            strcmp(rest + 1 + MARK, ".key") == 0)
            return true;
    }
    return false;
}

void rl_own_sweep(struct rl_store *store, const char *keys)
{
    DIR *dir = opendir(keys);
    const struct dirent *e;
    while (dir && (e = readdir(dir))) {
        bool used;
        if (is_made_here(e->d_name) && !rl_store_key_used(store, e->d_name, &used, NULL) && !used)
            unlinkat(dirfd(dir), e->d_name, 0);
    }
    if (dir)
        closedir(dir);
}
