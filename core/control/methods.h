/* The methods' handlers, one file for each noun; methods.c has the table. */
#ifndef RL_CONTROL_METHODS_H
#define RL_CONTROL_METHODS_H

#include "control/objects.h"
#include "control/rpc.h"
#include "engine/audit.h"

json_t *rl_method_hello(struct rl_request *rq);
json_t *rl_method_status(struct rl_request *rq);
json_t *rl_method_cancel(struct rl_request *rq);
json_t *rl_method_cluster_check(struct rl_request *rq);
json_t *rl_method_cluster_mode(struct rl_request *rq);

json_t *rl_method_object_list(struct rl_request *rq);
json_t *rl_method_object_count(struct rl_request *rq);
json_t *rl_method_object_show(struct rl_request *rq);
json_t *rl_method_object_add(struct rl_request *rq);
json_t *rl_method_object_set(struct rl_request *rq);
json_t *rl_method_object_remove(struct rl_request *rq);
json_t *rl_method_object_set_many(struct rl_request *rq);
json_t *rl_method_object_remove_many(struct rl_request *rq);
json_t *rl_method_object_check(struct rl_request *rq);
json_t *rl_method_object_users_of(struct rl_request *rq);
json_t *rl_method_line_list(struct rl_request *rq);
json_t *rl_method_line_mixed(struct rl_request *rq);
json_t *rl_method_line_show(struct rl_request *rq);

json_t *rl_method_phone_check(struct rl_request *rq);
json_t *rl_method_phone_typed_in(struct rl_request *rq);
json_t *rl_method_phone_files(struct rl_request *rq);

json_t *rl_method_publish(struct rl_request *rq);
json_t *rl_method_publish_status(struct rl_request *rq);

json_t *rl_method_cert_expiring(struct rl_request *rq);
/* How many certificates have ended, will within the longest notice, or last longer: a member of the
 * status. NULL and err if they cannot be counted. */
json_t *rl_json_expiry(struct rl_engine *e, struct rl_err *err);

json_t *rl_method_import_begin(struct rl_request *rq);
json_t *rl_method_import_part(struct rl_request *rq);
json_t *rl_method_import_end(struct rl_request *rq);
json_t *rl_method_import_abort(struct rl_request *rq);
json_t *rl_method_export(struct rl_request *rq);

json_t *rl_method_cert_upload(struct rl_request *rq);

/* Of the server's own certificates (methods_own.c). */
json_t *rl_method_cert_csr(struct rl_request *rq);
json_t *rl_method_cert_install(struct rl_request *rq);
json_t *rl_method_cert_regenerate(struct rl_request *rq);
json_t *rl_method_cert_activate(struct rl_request *rq);
json_t *rl_method_cert_retire(struct rl_request *rq);
json_t *rl_method_cert_history(struct rl_request *rq);
json_t *rl_method_cert_impact(struct rl_request *rq); /* methods_impact.c */
json_t *rl_method_type_import(struct rl_request *rq);

json_t *rl_method_trust_read(struct rl_request *rq);

json_t *rl_method_capf_list(struct rl_request *rq);
json_t *rl_method_capf_show(struct rl_request *rq);
json_t *rl_method_capf_known(struct rl_request *rq);
json_t *rl_method_capf_set(struct rl_request *rq);
/* CAPF in the status: operations that wait or failed, LSCs that are due, sessions, and what ended
 * since the start. NULL and err if they cannot be counted. */
json_t *rl_json_capf_status(struct rl_engine *e, struct rl_err *err);

json_t *rl_method_ctl_status(struct rl_request *rq);
json_t *rl_method_ctl_update(struct rl_request *rq);
json_t *rl_method_ctl_show(struct rl_request *rq);
json_t *rl_method_ctl_holders(struct rl_request *rq);
json_t *rl_method_ctl_seen(struct rl_request *rq);

json_t *rl_method_call_list(struct rl_request *rq);
json_t *rl_method_call_show(struct rl_request *rq);
json_t *rl_method_call_watch(struct rl_request *rq);
json_t *rl_method_event_list(struct rl_request *rq);

json_t *rl_method_wizard_list(struct rl_request *rq);
json_t *rl_method_wizard_start(struct rl_request *rq);
json_t *rl_method_wizard_open(struct rl_request *rq);
json_t *rl_method_wizard_save(struct rl_request *rq);
json_t *rl_method_wizard_show(struct rl_request *rq);
json_t *rl_method_wizard_apply(struct rl_request *rq);
json_t *rl_method_wizard_drop(struct rl_request *rq);

json_t *rl_method_view_list(struct rl_request *rq);
json_t *rl_method_view_save(struct rl_request *rq);
json_t *rl_method_view_rename(struct rl_request *rq);
json_t *rl_method_view_remove(struct rl_request *rq);
json_t *rl_method_view_use(struct rl_request *rq);

json_t *rl_method_draft_list(struct rl_request *rq);
json_t *rl_method_draft_open(struct rl_request *rq);
json_t *rl_method_draft_save(struct rl_request *rq);
json_t *rl_method_draft_drop(struct rl_request *rq);

json_t *rl_method_undo_peek(struct rl_request *rq);
json_t *rl_method_undo(struct rl_request *rq);

json_t *rl_method_backup_begin(struct rl_request *rq);
json_t *rl_method_backup_part(struct rl_request *rq);
json_t *rl_method_backup_end(struct rl_request *rq);

json_t *rl_method_audit_list(struct rl_request *rq);
json_t *rl_method_audit_verify(struct rl_request *rq);

/* Parameters, by name: the table has checked their kind. Texts are borrowed; NULL when left out. */
const char *rl_param_text(const struct rl_request *rq, const char *name);
int64_t rl_param_int(const struct rl_request *rq, const char *name, int64_t otherwise);
bool rl_param_bool(const struct rl_request *rq, const char *name);
/* "limit": at least 1, at most `max`; `max` when left out. */
size_t rl_param_limit(const struct rl_request *rq, size_t max);
/* "kind": E-USAGE if there is none of that name. */
enum rl_code rl_param_kind(struct rl_request *rq, enum rl_kind *kind);
/* The same, of what is to be changed, by somebody who may: types and certificates, which give
 * trust, are the administrator's. E-USAGE, E-NOT-ALLOWED. */
enum rl_code rl_param_kind_to_change(struct rl_request *rq, enum rl_kind *kind);
/* "name", the key of an object: of a certificate also its fingerprint. Owned; NULL (and rq->err) if
 * no certificate is meant by it. */
char *rl_param_object(struct rl_request *rq, enum rl_kind kind);
/* The same of another text. */
char *rl_param_key(struct rl_request *rq, enum rl_kind kind, const char *text);
/* "names": texts, at most RL_NAMES_MAX; borrowed, NULL if there is none. E-USAGE. */
enum rl_code rl_param_names(struct rl_request *rq, const json_t **names);
/* "file": the last part of the name, safe, as problems tell it. Owned. */
char *rl_param_file(const struct rl_request *rq, const char *otherwise);
/* A file's bytes: PEM text, or DER in base64; appended. What is neither comes as it is, for its
 * reader to refuse. */
void rl_param_data(const struct rl_request *rq, const char *name, struct rl_buf *out);
/* "accept": W-codes, NULL-terminated; the array is owned (free), its texts are borrowed. */
const char **rl_param_accept(const struct rl_request *rq);

/* What an act on objects needs to know, for a request. `accept` is borrowed. Refused while an
 * import is under way, which holds the store's transaction: E-CONFLICT. */
enum rl_code rl_request_act(struct rl_request *rq, const char *const *accept, struct rl_act *act);
/* The same for the thread that writes, which may not look at the request's peer or the engine:
 * copies of what it needs. Owned: rl_apart_fini; it may not move. E-CONFLICT as above. */
struct rl_apart {
    struct rl_act act;
    struct rl_audit audit; /* the engine's, which stands still meanwhile */
    struct rl_auditor auditor;
    const char **accept; /* owned, with its texts */
    char *who;           /* owned */
};
enum rl_code rl_request_apart(struct rl_request *rq, struct rl_apart *out);
void rl_apart_fini(struct rl_apart *apart);
/* `n` objects of this kind changed (`names` NULL: any of them may have): what was remembered of
 * devices is stale. */
void rl_request_changed(struct rl_request *rq, enum rl_kind kind, const char *const *names,
                        size_t n);
/* This certificate came on file or was taken off it: only what it concerns is judged again. */
void rl_request_filed(struct rl_request *rq, const struct rl_row *cert);
/* What is told of an object that was set: takes what is in the row. And of one that was checked
 * (`values` of the request): NULL with rq->err if they are no values. */
json_t *rl_object_told(struct rl_request *rq, struct rl_row *row);
json_t *rl_object_checked(struct rl_request *rq, const struct rl_act *act, enum rl_kind kind);
/* Does a change of this object (name may be NULL) touch so many that a thread has to make it? Then
 * these do, as handlers (methods_wide.c). */
bool rl_object_is_wide(struct rl_request *rq, enum rl_kind kind, const char *name);
json_t *rl_object_set_wide(struct rl_request *rq, const char *name);
json_t *rl_object_check_wide(struct rl_request *rq, const char *name);
/* Take the error that decides out of rq->problems into rq->err. */
void rl_request_problem(struct rl_request *rq, enum rl_code code);

/* Who imports; NULL if nobody does. Borrowed. */
const char *rl_importing_user(const struct rl_engine *engine);
/* Drop the backup of a connection that ends; once its thread is done. */
void rl_backing_end(struct rl_peer *peer);
/* Drop one for which nothing was asked for long; tell the audit log what it was not told yet. */
void rl_backing_tick(struct rl_engine *engine, int64_t now_us);
void rl_backing_close(struct rl_engine *engine);

/* Drop the import of a connection that ends. */
void rl_importing_end(struct rl_peer *peer);
/* Drop the engine's import if nothing came for it for long. */
void rl_importing_tick(struct rl_engine *engine, int64_t now_us);

#endif
