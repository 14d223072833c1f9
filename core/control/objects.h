/* Objects under the rules: what window, command and import may do to phones, gateways, profiles,
 * types and users. Each act is one transaction with its audit entries, or nothing (R140-R142). */
#ifndef RL_CONTROL_OBJECTS_H
#define RL_CONTROL_OBJECTS_H

#include "policy/objects.h"
#include "ringlock/buf.h"
#include "store/store.h"

/* Writes one audit entry inside the open transaction. before/after: JSON object texts or NULL; no
 * secrets. */
struct rl_auditor {
    void *ctx;
    enum rl_code (*add)(void *ctx, const char *who, const char *what, const char *object,
                        const char *before, const char *after, struct rl_err *err);
};

/* Who acts, and what they have accepted. */
struct rl_act {
    struct rl_store *store;
    const struct rl_auditor *audit;
    const char *who;             /* "alice" */
    const char *const *accepted; /* W-codes, NULL-terminated; may be NULL */
    bool mixed;                  /* cluster security mode */
    enum rl_tls_ciphers ciphers; /* of the site */
};

/* Values by name, as they came from a form, an option or a CSV row. */
struct rl_value {
    const char *field, *value;
};

/* Add: unknown fields, E-TRUST-READONLY, defaults, the predefined nonsecure profile if none is
 * named (R2), normalise, rules, store. On success `out` (may be NULL) is the stored row. All
 * problems are listed; returns the code of the first refusal, or of the first warning that is not
 * accepted. */
enum rl_code rl_object_add(const struct rl_act *act, enum rl_kind kind,
                           const struct rl_value *values, size_t n, struct rl_row *out,
                           struct rl_problems *problems);
/* Set fields of one object; `rev` as in rl_store_update. */
enum rl_code rl_object_set(const struct rl_act *act, enum rl_kind kind, const char *key,
                           int64_t rev, const struct rl_value *values, size_t n, struct rl_row *out,
                           struct rl_problems *problems);
enum rl_code rl_object_remove(const struct rl_act *act, enum rl_kind kind, const char *key,
                              struct rl_problems *problems);
/* The same checks without writing: for forms. key NULL = as if added. */
enum rl_code rl_object_check(const struct rl_act *act, enum rl_kind kind, const char *key,
                             const struct rl_value *values, size_t n, struct rl_row *out,
                             struct rl_problems *problems);

/* Import by CSV (RFC 4180, header line first), all or nothing, in parts of any size. Existing
 * objects are changed, new ones added; an empty cell leaves what is stored (and a default in a new
 * object). */
struct rl_import;
struct rl_import_counts {
    size_t lines, added, changed, same;
    size_t phones; /* that use the profiles that were changed */
};
enum rl_code rl_import_begin(const struct rl_act *act, enum rl_kind kind, bool dry_run,
                             struct rl_import **out, struct rl_err *err);
enum rl_code rl_import_part(struct rl_import *im, const char *csv, size_t n,
                            struct rl_problems *problems);
/* Commits if there is no problem (and it is no dry run), else rolls back. Frees *im. */
enum rl_code rl_import_end(struct rl_import **im, struct rl_import_counts *counts,
                           struct rl_problems *problems);
void rl_import_abort(struct rl_import **im);

/* One part of an export: header when after_key is NULL, then up to `limit` rows; *last_key is owned
 * by the caller, NULL when nothing is left. */
enum rl_code rl_export_part(struct rl_store *store, enum rl_kind kind, const char *after_key,
                            size_t limit, struct rl_buf *out, char **last_key, struct rl_err *err);

/* At `ringlock init`: the catalogue's types and the predefined nonsecure profile of each type and
 * protocol (R2, profiles.md 4.1). `packs_dir` holds *.ini; preferred-vendor types are left out
 * (R77). */
enum rl_code rl_objects_init(const struct rl_act *act, const char *packs_dir, struct rl_err *err);

#endif
