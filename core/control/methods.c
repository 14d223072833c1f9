#include "control/methods.h"

#define NONE  RL_ROLE_NONE
#define VIEW  RL_ROLE_VIEWER
#define OPER  RL_ROLE_OPERATOR
#define ADMIN RL_ROLE_ADMINISTRATOR
#define KIND                    \
    {                           \
        "kind", RL_P_TEXT, true \
    }
#define NAME                    \
    {                           \
        "name", RL_P_TEXT, true \
    }
#define LIMIT                    \
    {                            \
        "limit", RL_P_INT, false \
    }
#define TAKES                      \
    {                              \
        "accept", RL_P_LIST, false \
    }
#define NEED true
#define MAY  false

/* clang-format off */
const struct rl_rpc_method rl_rpc_methods[] = {
    {"hello", NONE, rl_method_hello, {{"version", RL_P_INT, NEED}, {"client", RL_P_TEXT, MAY}}},
    {"status", VIEW, rl_method_status, {{0}}},
    {"cancel", VIEW, rl_method_cancel, {{"question", RL_P_ID, NEED}}},
    {"cluster.check", VIEW, rl_method_cluster_check, {{0}}},
    {"cluster.mode", ADMIN, rl_method_cluster_mode, {{"mode", RL_P_TEXT, NEED}}},

    {"object.list", VIEW, rl_method_object_list,
     {KIND, {"criteria", RL_P_LIST, MAY}, {"sort", RL_P_TEXT, MAY}, {"descending", RL_P_BOOL, MAY},
      {"after", RL_P_OBJECT, MAY}, {"backwards", RL_P_BOOL, MAY}, LIMIT}},
    {"object.count", VIEW, rl_method_object_count, {KIND, {"criteria", RL_P_LIST, MAY}}},
    {"object.show", VIEW, rl_method_object_show, {KIND, NAME}},
    {"object.add", OPER, rl_method_object_add, {KIND, {"values", RL_P_OBJECT, NEED}, TAKES}},
    {"object.set", OPER, rl_method_object_set,
     {KIND, NAME, {"values", RL_P_OBJECT, NEED}, {"rev", RL_P_INT, MAY}, TAKES}},
    {"object.remove", OPER, rl_method_object_remove, {KIND, NAME, TAKES}},
    {"object.set_many", OPER, rl_method_object_set_many,
     {KIND, {"names", RL_P_LIST, NEED}, {"values", RL_P_OBJECT, NEED}, TAKES}},
    {"object.remove_many", OPER, rl_method_object_remove_many,
     {KIND, {"names", RL_P_LIST, NEED}, TAKES}},
    {"object.check", VIEW, rl_method_object_check,
     {KIND, {"name", RL_P_TEXT, MAY}, {"values", RL_P_OBJECT, NEED}}},
    {"object.users_of", VIEW, rl_method_object_users_of,
     {KIND, {"name", RL_P_TEXT, MAY}, {"names", RL_P_LIST, MAY}, {"skip", RL_P_INT, MAY}, LIMIT}},
    {"line.list", VIEW, rl_method_line_list, {{"after", RL_P_TEXT, MAY}, LIMIT}},
    {"line.mixed", VIEW, rl_method_line_mixed, {{"after", RL_P_OBJECT, MAY}, LIMIT}},
    {"line.show", VIEW, rl_method_line_show, {{"number", RL_P_TEXT, NEED}}},

    {"phone.check", VIEW, rl_method_phone_check, {NAME}},
    {"phone.typed_in", OPER, rl_method_phone_typed_in, {NAME}},
    {"phone.files", VIEW, rl_method_phone_files, {NAME}},
    {"publish", ADMIN, rl_method_publish, {{"all", RL_P_BOOL, MAY}}},
    {"publish.status", VIEW, rl_method_publish_status, {{0}}},

    {"cert.expiring", VIEW, rl_method_cert_expiring,
     {{"days", RL_P_INT, MAY}, {"after", RL_P_OBJECT, MAY}, LIMIT}},

    {"import.begin", OPER, rl_method_import_begin, {KIND, {"dry_run", RL_P_BOOL, MAY}, TAKES}},
    {"import.part", OPER, rl_method_import_part, {{"csv", RL_P_TEXT, NEED}}},
    {"import.end", OPER, rl_method_import_end, {{0}}},
    {"import.abort", OPER, rl_method_import_abort, {{0}}},
    {"export", VIEW, rl_method_export, {KIND, {"after", RL_P_TEXT, MAY}, LIMIT}},

    {"cert.csr", ADMIN, rl_method_cert_csr,
     {{"role", RL_P_TEXT, NEED}, {"key", RL_P_TEXT, MAY}, {"san", RL_P_LIST, MAY}}},
    {"cert.install", ADMIN, rl_method_cert_install,
     {{"role", RL_P_TEXT, NEED}, {"data", RL_P_TEXT, NEED}, {"file", RL_P_TEXT, MAY},
      {"now", RL_P_BOOL, MAY}, TAKES}},
    {"cert.regenerate", ADMIN, rl_method_cert_regenerate,
     {{"role", RL_P_TEXT, NEED}, {"key", RL_P_TEXT, MAY}, {"san", RL_P_LIST, MAY},
      {"now", RL_P_BOOL, MAY}, TAKES}},
    {"cert.activate", ADMIN, rl_method_cert_activate, {{"role", RL_P_TEXT, NEED}, TAKES}},
    {"cert.retire", ADMIN, rl_method_cert_retire,
     {{"role", RL_P_TEXT, NEED}, {"next", RL_P_BOOL, MAY}, TAKES}},
    {"cert.impact", VIEW, rl_method_cert_impact,
     {{"role", RL_P_TEXT, NEED}, {"act", RL_P_TEXT, MAY}, {"lscs", RL_P_BOOL, MAY},
      {"after", RL_P_OBJECT, MAY}, LIMIT}},
    {"cert.history", VIEW, rl_method_cert_history, {{"role", RL_P_TEXT, NEED}}},
    {"cert.upload", ADMIN, rl_method_cert_upload,
     {{"data", RL_P_TEXT, NEED}, {"file", RL_P_TEXT, MAY}, {"store", RL_P_TEXT, MAY},
      {"device", RL_P_TEXT, MAY}, {"name", RL_P_TEXT, MAY}, {"description", RL_P_TEXT, MAY},
      {"origin", RL_P_TEXT, MAY}, TAKES}},
    {"type.import", ADMIN, rl_method_type_import,
     {{"pack", RL_P_TEXT, NEED}, {"file", RL_P_TEXT, MAY}, {"signature", RL_P_TEXT, MAY}, TAKES}},

    {"trust.read", VIEW, rl_method_trust_read,
     {{"data", RL_P_TEXT, NEED}, {"file", RL_P_TEXT, MAY}, {"signers", RL_P_LIST, MAY}}},

    {"capf.list", VIEW, rl_method_capf_list,
     {{"status", RL_P_TEXT, MAY}, {"due", RL_P_BOOL, MAY}, {"after", RL_P_TEXT, MAY}, LIMIT}},
    {"capf.show", VIEW, rl_method_capf_show, {NAME}},
    {"capf.known", VIEW, rl_method_capf_known, {{0}}},
    {"capf.set", OPER, rl_method_capf_set,
     {{"names", RL_P_LIST, NEED}, {"operation", RL_P_TEXT, NEED}, {"string", RL_P_TEXT, MAY},
      {"generate", RL_P_BOOL, MAY}, {"completes_by", RL_P_TEXT, MAY}, TAKES}},

    {"ctl.status", VIEW, rl_method_ctl_status, {{0}}},
    {"ctl.update", ADMIN, rl_method_ctl_update, {{0}}},
    {"ctl.show", VIEW, rl_method_ctl_show,
     {{"list", RL_P_TEXT, MAY}, {"version", RL_P_INT, MAY}, {"signers", RL_P_LIST, MAY}}},
    {"ctl.holders", VIEW, rl_method_ctl_holders,
     {{"list", RL_P_TEXT, MAY}, {"older", RL_P_BOOL, MAY}, {"before", RL_P_TEXT, MAY}, LIMIT}},
    {"ctl.seen", OPER, rl_method_ctl_seen,
     {{"list", RL_P_TEXT, MAY}, {"phones", RL_P_LIST, MAY}, {"fetches", RL_P_LIST, MAY}}},

    {"call.list", VIEW, rl_method_call_list, {{"all", RL_P_BOOL, MAY}, {"before", RL_P_INT, MAY}, LIMIT}},
    {"call.show", VIEW, rl_method_call_show, {{"id", RL_P_TEXT, NEED}}},
    {"call.watch", VIEW, rl_method_call_watch, {{"on", RL_P_BOOL, MAY}, {"all", RL_P_BOOL, MAY}}},
    {"event.list", VIEW, rl_method_event_list, {LIMIT, {"device", RL_P_TEXT, MAY}}},

    {"wizard.list", VIEW, rl_method_wizard_list, {LIMIT}},
    {"wizard.start", OPER, rl_method_wizard_start,
     {KIND, {"type", RL_P_TEXT, MAY}, {"phones", RL_P_LIST, MAY}, {"name", RL_P_TEXT, MAY}}},
    {"wizard.open", OPER, rl_method_wizard_open, {{"id", RL_P_INT, NEED}, {"take", RL_P_BOOL, MAY}}},
    {"wizard.save", OPER, rl_method_wizard_save,
     {{"id", RL_P_INT, NEED}, {"rev", RL_P_INT, NEED}, {"step", RL_P_TEXT, MAY},
      {"answers", RL_P_OBJECT, MAY}, TAKES}},
    {"wizard.show", VIEW, rl_method_wizard_show, {{"id", RL_P_INT, NEED}}},
    {"wizard.apply", ADMIN, rl_method_wizard_apply,
     {{"id", RL_P_INT, NEED}, {"rev", RL_P_INT, NEED}, TAKES}},
    {"wizard.drop", OPER, rl_method_wizard_drop, {{"id", RL_P_INT, NEED}}},

    {"view.list", VIEW, rl_method_view_list, {{"list", RL_P_TEXT, MAY}}},
    {"view.save", VIEW, rl_method_view_save,
     {{"list", RL_P_TEXT, NEED}, NAME, {"view", RL_P_OBJECT, NEED}, {"shared", RL_P_BOOL, MAY}}},
    {"view.rename", VIEW, rl_method_view_rename,
     {{"list", RL_P_TEXT, NEED}, NAME, {"to", RL_P_TEXT, NEED}, {"shared", RL_P_BOOL, MAY}}},
    {"view.remove", VIEW, rl_method_view_remove,
     {{"list", RL_P_TEXT, NEED}, NAME, {"shared", RL_P_BOOL, MAY}}},
    {"view.use", VIEW, rl_method_view_use, {{"list", RL_P_TEXT, NEED}, NAME}},

    {"backup.begin", ADMIN, rl_method_backup_begin,
     {{"passphrase", RL_P_TEXT, MAY}, {"certificate", RL_P_TEXT, MAY}}},
    {"backup.part", ADMIN, rl_method_backup_part, {{0}}},
    {"backup.end", ADMIN, rl_method_backup_end, {{0}}},

    {"audit.list", VIEW, rl_method_audit_list,
     {{"object", RL_P_TEXT, MAY}, {"kind", RL_P_TEXT, MAY}, {"who", RL_P_TEXT, MAY},
      {"since", RL_P_TEXT, MAY}, {"before", RL_P_INT, MAY}, LIMIT}},
    {"draft.list", VIEW, rl_method_draft_list,
     {{"kind", RL_P_TEXT, MAY}, {"name", RL_P_TEXT, MAY}, {"act", RL_P_TEXT, MAY}, LIMIT}},
    {"draft.open", OPER, rl_method_draft_open, {{"id", RL_P_INT, NEED}, {"take", RL_P_BOOL, MAY}}},
    {"draft.save", OPER, rl_method_draft_save,
     {KIND, {"act", RL_P_TEXT, MAY}, {"name", RL_P_TEXT, MAY}, {"values", RL_P_OBJECT, NEED},
      {"before", RL_P_OBJECT, MAY}, {"object_rev", RL_P_INT, MAY}, {"id", RL_P_INT, MAY},
      {"rev", RL_P_INT, MAY}}},
    {"draft.drop", OPER, rl_method_draft_drop, {{"id", RL_P_INT, NEED}}},

    {"undo.peek", OPER, rl_method_undo_peek, {{0}}},
    {"undo", OPER, rl_method_undo, {{"act", RL_P_INT, MAY}, TAKES}},
    {"audit.verify", VIEW, rl_method_audit_verify, {{0}}},
};
/* clang-format on */

const size_t rl_rpc_nmethods = sizeof rl_rpc_methods / sizeof *rl_rpc_methods;
