#include "control/types.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/pack.h"
#include "policy/objects.h"
#include "ringlock/profile.h"
#include "ringlock/text.h"

static const char *const protocols[] = {"SIP", "SCCP"};
enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

/* --- packs that were imported --- */

/* "pack ascom-vowifi": a named text of the site, its version. Owned. */
static char *pack_key(const char *name)
{
    char *key = rl_asprintf("pack %s", name);
    for (char *at = key; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return key;
}

enum rl_code rl_pack_imported(struct rl_store *store, const char *name, char **version,
                              struct rl_err *err)
{
    char *key = pack_key(name);
    enum rl_code code = rl_store_get_meta(store, key, version, err);
    free(key);
    if (!code && *version && !**version) {
        free(*version);
        *version = NULL;
    }
    return code;
}

enum rl_code rl_pack_note(struct rl_store *store, const char *name, const char *version,
                          struct rl_err *err)
{
    char *key = pack_key(name);
    enum rl_code code = rl_store_set_meta(store, key, version ? version : "", err);
    free(key);
    return code;
}

enum rl_code rl_pack_types(struct rl_store *store, const char *name, rl_row_fn fn, void *ctx,
                           struct rl_err *err)
{
    char *begins = rl_asprintf("%s ", name);
    const struct rl_criterion of_pack = {RL_TYPE_PACK, RL_OP_BEGINS, begins};
    const struct rl_query q = {.kind = RL_TYPE, .criteria = &of_pack, .ncriteria = 1};
    enum rl_code code = rl_store_list(store, &q, fn, ctx, err);
    free(begins);
    return code;
}

/* --- predefined profiles --- */

static enum rl_code pass_on(struct rl_problems *problems, enum rl_code code, struct rl_err *err)
{
    if (code && problems->n)
        *err = problems->item[0];
    rl_problems_fini(problems);
    return code;
}

/* Make, change or (`wanted` NULL) remove the predefined profile of that name. */
static enum rl_code set_predefined(const struct rl_act *act, const char *name,
                                   const struct rl_row *wanted, struct rl_err *err)
{
    struct rl_row have;
    struct rl_problems problems = {0};
    enum rl_code code = rl_store_get(act->store, RL_PROFILE, name, &have, err);
    bool there = code == RL_OK;
    if (code && code != RL_E_NOT_FOUND)
        return code;
    if (!there && !wanted)
        return RL_OK;
    code = rl_change_put(act, RL_PROFILE, there ? &have : NULL, wanted, &problems);
    if (there)
        rl_row_fini(&have);
    return pass_on(&problems, code, err);
}

enum rl_code rl_type_predefined(const struct rl_act *act, const struct rl_row *type, bool keep,
                                struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < PROTOCOLS && !code; i++) {
        struct rl_row profile;
        bool wanted = keep && rl_policy_has_default_profile(type, protocols[i]);
        rl_policy_default_profile(&profile, type, protocols[i]);
        code = set_predefined(act, rl_row_get(&profile, 0), wanted ? &profile : NULL, err);
        rl_row_fini(&profile);
    }
    return code;
}

/* --- removing --- */

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* A type's own predefined profiles go with it; what else uses it keeps it (R85). */
static enum rl_code check_unused(struct rl_store *store, const char *model, struct rl_err *err)
{
    static const enum rl_kind kinds[] = {RL_PHONE, RL_GATEWAY, RL_PROFILE};
    const struct rl_criterion of_type[] = {
        {RL_PHONE_TYPE,         RL_OP_IS, model},
        {RL_PROFILE_PREDEFINED, RL_OP_IS, "no" }
    };
    enum rl_code code = RL_OK;
    char label[RL_LABEL];
    size_t n[3] = {0};
    for (size_t i = 0; i < 3 && !code; i++) {
        struct rl_query q = {
            .kind = kinds[i], .criteria = of_type, .ncriteria = kinds[i] == RL_PROFILE ? 2 : 1};
        code = rl_store_count(store, &q, &n[i], err);
    }
    if (code || n[0] + n[1] + n[2] == 0)
        return code;
    rl_object_label(rl_object(RL_TYPE), model, label);
    return rl_fail(err, RL_E_TYPE_IN_USE, label,
                   "The %s is used by %zu phone%s, %zu gateway%s and %zu profile%s.", label, n[0],
                   plural(n[0]), n[1], plural(n[1]), n[2], plural(n[2]));
}

static bool count_type(void *ctx, const struct rl_row *row, enum rl_tristate trusted)
{
    (void)row, (void)trusted;
    ++*(size_t *)ctx;
    return true;
}

/* The pack is not imported any more when its last type goes. */
static enum rl_code leave_pack(struct rl_store *store, const char *name, struct rl_err *err)
{
    size_t n = 0;
    enum rl_code code = rl_pack_types(store, name, count_type, &n, err);
    return !code && n <= 1 ? rl_pack_note(store, name, NULL, err) : code;
}

static enum rl_code refuse_shipped(const char *model, struct rl_err *err)
{
    char label[RL_LABEL];
    rl_object_label(rl_object(RL_TYPE), model, label);
    rl_fail(
        err, RL_E_READONLY, label,
        "The %s belongs to the catalogue that came with ringlock: only types that were imported "
        "are removed.",
        label);
    rl_err_remedy(err, "Leave it: a type that no device has does no harm.");
    return err->code;
}

enum rl_code rl_type_let_go(const struct rl_act *act, const struct rl_row *type, struct rl_err *err)
{
    const char *model = rl_row_get(type, RL_TYPE_MODEL), *pack = rl_row_get(type, RL_TYPE_PACK);
    char *name = rl_strndup(pack, strcspn(pack, " ")), *version = NULL;
    enum rl_code code = check_unused(act->store, model, err);
    if (!code)
        code = rl_pack_imported(act->store, name, &version, err);
    if (!code && !version)
        code = refuse_shipped(model, err);
    if (!code)
        code = rl_type_predefined(act, type, false, err);
    if (!code)
        code = leave_pack(act->store, name, err);
    free(name);
    free(version);
    return code;
}

/* --- a new site --- */

static enum rl_code add_predefined(struct rl_store *store, const struct rl_row *type,
                                   struct rl_err *err)
{
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < PROTOCOLS && !code; i++) {
        struct rl_row profile;
        if (!rl_policy_has_default_profile(type, protocols[i]))
            continue;
        rl_policy_default_profile(&profile, type, protocols[i]);
        code = rl_store_insert(store, &profile, err);
        rl_row_fini(&profile);
    }
    return code;
}

static enum rl_code add_types(const struct rl_act *act, const struct rl_pack *pack,
                              struct rl_err *err)
{
    size_t added = 0;
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < pack->n && !code; i++) {
        if (rl_type_is_preferred_vendor(&pack->type[i]))
            continue;
        code = rl_store_insert(act->store, &pack->type[i], err);
        if (!code)
            code = add_predefined(act->store, &pack->type[i], err);
        added++;
    }
    if (code || !added)
        return code;
    char *object = rl_asprintf("pack %s %s", pack->name, pack->version);
    char *after = rl_asprintf("{\"types\":%zu}", added);
    code = act->audit->add(act->audit->ctx, act->who, "type import", object, NULL, after, err);
    free(object);
    free(after);
    return code;
}

static enum rl_code add_pack(const struct rl_act *act, const char *path, struct rl_err *err)
{
    struct rl_pack pack;
    struct rl_problems problems = {0};
    enum rl_code code = rl_pack_read(path, true, &pack, &problems);
    if (code) {
        *err = problems.item[0];
    } else {
        code = add_types(act, &pack, err);
        rl_pack_fini(&pack);
    }
    rl_problems_fini(&problems);
    return code;
}

static int is_pack(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 4 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 4, ".ini");
}

static enum rl_code add_packs(const struct rl_act *act, const char *dir, struct rl_err *err)
{
    struct dirent **entries;
    enum rl_code code = RL_OK;
    int n = scandir(dir, &entries, is_pack, alphasort);
    if (n <= 0)
        return rl_fail(err, RL_E_IO, dir, "There are no device packs in %s.", dir);
    for (int i = 0; i < n; i++) {
        char *path = rl_asprintf("%s/%s", dir, entries[i]->d_name);
        if (!code)
            code = add_pack(act, path, err);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return code;
}

enum rl_code rl_objects_init(const struct rl_act *act, const char *packs_dir, struct rl_err *err)
{
    struct rl_err mine;
    err = err ? err : &mine;
    enum rl_code code = rl_store_begin(act->store, err);
    if (code)
        return code;
    code = add_packs(act, packs_dir, err);
    if (!code)
        code = rl_store_commit(act->store, err);
    if (code)
        rl_store_rollback(act->store);
    return code;
}
