#include "commands/command.h"

#include <string.h>

#include "commands/verbs.h"

/* clang-format off */
const struct rl_option rl_global_options[] = {
    {"site",    "DIR",    "The site; else RINGLOCK_SITE, else the system's.", false},
    {"socket",  "PATH",   "The socket of a running engine.", false},
    {"json",    NULL,     "Print one JSON document.", false},
    {"csv",     NULL,     "Print CSV, where something is read.", false},
    {"fields",  "NAME,...", "Of what is read only these, in this order.", false},
    {"accept",  "W-CODE", "Go on in spite of this warning.", true},
    {"color",   "WHEN",   "Colour: auto, always or never.", false},
    {"help",    NULL,     "Tell what a command does and takes.", false},
    {"version", NULL,     "Tell the release.", false},
    {"list-commands", NULL, "Print every command and its options, one command a line.", false},
    {"list-keys", NULL,   "Print every key of the console, one a line.", false},
    {"locked",  NULL,     "Nothing but ringlock: no suspending, no other site; files from --files only.", false},
    {"files",   "DIR",    "With --locked: the folder that files may come from.", false},
    {0},
};

static const struct rl_option list_options[] = {
    {"filter", "FILTER", "Only rows with \"FIELD OP VALUE\" (begins, contains, is, ends, before, empty, not-empty), or FIELD=VALUE.", true},
    {"sort",   "FIELD",  "Sort by this field.", false},
    {"desc",   NULL,     "Sort downwards.", false},
    {"limit",  "N",      "At most so many rows.", false},
    {0},
};
static const struct rl_option status_options[] = {
    {"prometheus", NULL, "Print the numbers as Prometheus takes them.", false},
    {0},
};
static const struct rl_option check_options[] = {
    {"typed-in", NULL,   "Note that the digest credentials were typed in at the phone.", false},
    {0},
};
static const struct rl_option names_options[] = {
    {"names-from", "FILE", "Names from a file too, one a line; - is standard input.", false},
    {0},
};
#define SEVERAL_OPTIONS \
    {"names-from", "FILE", "Names from a file too, one a line; - is standard input.", false}, \
    {"filter", "FILTER", "And all with \"FIELD OP VALUE\", or FIELD=VALUE, as lists take them.", true}
static const struct rl_option capf_list_options[] = {
    {"status", "STATUS", "Only those with this status: none, pending, success or failed.", false},
    {"pending", NULL,    "Only those for which an operation waits.", false},
    {"due",    NULL,     "Only those whose LSC is to be renewed and for which nothing waits.", false},
    {"limit",  "N",      "At most so many rows.", false},
    {0},
};
static const struct rl_option capf_set_options[] = {
    {"operation", "OPERATION", "install, delete, troubleshoot or none; needed.", false},
    {"by",     "TIME",   "When it has to be complete, such as 2026-12-31T18:00:00Z; else in some days.", false},
    {"string", NULL,     "Read the authentication string, 4 to 10 digits, from standard input.", false},
    {"generate", NULL,   "Make an authentication string for each; it is told once.", false},
    SEVERAL_OPTIONS,
    {0},
};
static const struct rl_option capf_cancel_options[] = {
    SEVERAL_OPTIONS,
    {0},
};
static const struct rl_option limit_options[] = {
    {"limit",  "N",      "At most so many rows.", false},
    {0},
};
static const struct rl_option draft_list_options[] = {
    {"mine",   NULL,     "One's own only.", false},
    {0},
};
static const struct rl_option audit_options[] = {
    {"object", "NAME",   "Of this object only, under its earlier names too; with --kind.", false},
    {"kind",   "KIND",   "Of objects of this kind: phone, profile, user, ..., cluster.", false},
    {"who",    "USER",   "Made by this user.", false},
    {"since",  "TIME",   "Not before this time, such as 2026-09-30T14:00:00Z.", false},
    {"limit",  "N",      "At most so many rows.", false},
    {0},
};
static const struct rl_option event_options[] = {
    {"device", "NAME",   "Of this device only.", false},
    {"limit",  "N",      "At most so many rows.", false},
    {0},
};
static const struct rl_option features_options[] = {
    {"product", "MODEL",  "Of this type only.", false},
    {0},
};
static const struct rl_option expiring_options[] = {
    {"days",   "N",      "Those that end within so many days; else within the longest notice.", false},
    {"limit",  "N",      "At most so many rows.", false},
    {0},
};
static const struct rl_option view_options[] = {
    {"shared",  NULL,     "The one that all share.", false},
    {0},
};
static const struct rl_option view_save_options[] = {
    {"columns", "FIELD,...", "What it shows, in this order; else what the list shows of itself.", false},
    {"filter", "FILTER", "Only rows with \"FIELD OP VALUE\", or FIELD=VALUE, as lists take them.", true},
    {"sort",   "FIELD",  "Sort by this field.", false},
    {"desc",   NULL,     "Sort downwards.", false},
    {"shared", NULL,     "For all, not for oneself; only operators may.", false},
    {0},
};
static const struct rl_option call_list_options[] = {
    {"all",    NULL,     "Ended calls that are still kept, too.", false},
    {"limit",  "N",      "At most so many calls, the newest.", false},
    {0},
};
static const struct rl_option replay_options[] = {
    {"to",       "HOST:PORT", "Send there instead of to the engine.", false},
    {"tcp",      NULL,        "Send over TCP.", false},
    {"speed",    "N|max",     "So many times as fast as recorded; max does not wait.", false},
    {"parallel", NULL,        "Send all files at the same time.", false},
    {"loop",     NULL,        "Begin again at the end, with new Call-IDs, until stopped.", false},
    {0},
};
static const struct rl_option pack_options[] = {
    {"signature", "FILE", "Its detached PKCS#7 signature; else PACK.p7s, if it is there.", false},
    {0},
};
static const struct rl_option upload_options[] = {
    {"device",      "NAME",  "The one phone that it belongs to; the phone may come later.", false},
    {"store",       "STORE", "The trust store; else CallManager-trust.", false},
    {"name",        "NAME",  "What to call it; else the phone's name, its DNS SAN or its CN.", false},
    {"description", "TEXT",  "Any words, up to 50 characters.", false},
    {"origin",      "WHERE", "Where a phone's came from: with-device, by-device, capf or mic.", false},
    {0},
};
#define KEY_OPTIONS \
    {"key",  "KIND", "rsa2048, rsa3072 or rsa4096, ec256, ec384 or ec521; else rsa2048, or ec256.", false}, \
    {"san",  "NAME", "A DNS name or an IP address of this server; else its host name.", true}
static const struct rl_option csr_options[] = {
    KEY_OPTIONS,
    {0},
};
static const struct rl_option regenerate_options[] = {
    KEY_OPTIONS,
    {"now",  NULL,   "Use it at once, in place of the one before.", false},
    {0},
};
static const struct rl_option install_options[] = {
    {"now",  NULL,   "Use it at once, in place of the one before.", false},
    {0},
};
static const struct rl_option impact_options[] = {
    {"act",  "ACT",  "regenerate (at once), activate, retire or remove; else regenerate.", false},
    {"lscs", NULL,   "List the phones whose LSC it has signed, not those that lack a list.", false},
    {0},
};
static const struct rl_option retire_options[] = {
    {"next", NULL,   "Give up the next one instead.", false},
    {0},
};
static const struct rl_option pem_options[] = {
    {"pem", NULL, "The certificate itself, as PEM text.", false},
    {0},
};
#define PUBLISHED_OPTIONS \
    {"list",    "LIST",  "Without FILE: ctl or itl; else ctl.", false}, \
    {"number",  "N",     "Without FILE: this version; else the newest.", false}
static const struct rl_option published_options[] = {
    PUBLISHED_OPTIONS,
    {0},
};
static const struct rl_option signer_options[] = {
    {"signer", "CERT",   "The certificate of a signer that is trusted, in PEM or DER.", true},
    PUBLISHED_OPTIONS,
    {0},
};
static const struct rl_option holders_options[] = {
    {"list",   "LIST",   "Of this list, ctl or itl; else ctl.", false},
    {"older",  NULL,     "Only those that are known to hold an older one.", false},
    {"limit",  "N",      "At most so many rows.", false},
    {0},
};
static const struct rl_option seen_options[] = {
    {"list",   "LIST",   "The phones named have this list alone, ctl or itl; else all that are published.", false},
    {"from",   "LOG",    "A log of the server that gives phones their files; - is standard input.", false},
    {0},
};
static const struct rl_option publish_options[] = {
    {"all",    NULL,     "Look at all phones; from the first time on each change is published.", false},
    {0},
};
static const struct rl_option import_options[] = {
    {"dry-run", NULL,     "Check everything, change nothing.", false},
    {0},
};
static const struct rl_option undo_options[] = {
    {"dry-run", NULL,     "Tell what would be undone, change nothing.", false},
    {0},
};
static const struct rl_option backup_options[] = {
    {"to",      "CERT",  "Seal it to this certificate instead of with a passphrase.", false},
    {"passphrase-file", "FILE", "The passphrase is the first line of this file.", false},
    {"force",   NULL,    "Replace the file if it is there.", false},
    {0},
};
static const struct rl_option restore_options[] = {
    {"key",     "KEY",   "The private key of the certificate that it was sealed to.", false},
    {"passphrase-file", "FILE", "The passphrase is the first line of this file.", false},
    {"replace", NULL,    "Take the place of the site that is there, and keep that beside it.", false},
    {"dry-run", NULL,    "Read it to its end, tell what it holds, make nothing.", false},
    {0},
};
static const struct rl_option init_options[] = {
    {"name",   "NAME",   "Name of the site; else that of its directory.", false},
    {"mode",   "MODE",   "Cluster mode; a new site begins nonsecure and takes no other (R1).", false},
    {0},
};

#define WIZARD_OPTIONS \
    {"type",                "MODEL",       "The phone type; needed.", false}, \
    {"protocol",            "PROTOCOL",    "What the phones speak; else SIP.", false}, \
    {"phones",              "CSV",         "A list of phones: a column name, and others of phones.", false}, \
    {"store",               "PURPOSE",     "Where certificates go; else CallManager-trust.", false}, \
    {"origin",              "ORIGIN",      "Where they come from: with-device or by-device.", false}, \
    {"cert-description",    "TEXT",        "Description of the certificates.", false}, \
    {"profile-description", "TEXT",        "Description of the profile.", false}, \
    {"mode",                "MODE",        "Device Security Mode: encrypted or authenticated; needed.", false}, \
    {"digest",              "yes|no",      "Enable digest authentication in the profile.", false}, \
    {"description",         "TEXT",        "Description of the phones.", false}, \
    {"owner",               "USER",        "Owner of the phones.", false}, \
    {"digest-user",         "ID",          "Digest user of the phones.", false}, \
    {"assign",              "PROFILE",     "Another profile for the phones than the one made.", false}, \
    {"name",                "TEXT",        "Name of the draft.", false}, \
    {"dry-run",             NULL,          "Tell the end check, change nothing.", false}, \
    {"keep",                NULL,          "Keep the draft if it is not applied.", false}, \
    {0}
static const struct rl_option per_device_options[] = {
    {"phone",               "NAME[=FILE]", "A phone, and its certificate file.", true},
    {"profile",             "NAME",        "The profile to be made; needed.", false},
    WIZARD_OPTIONS
};
static const struct rl_option shared_options[] = {
    {"certificate",         "FILE",        "The shared certificate.", false},
    {"phone",               "NAME",        "A phone.", true},
    {"profile",             "NAME",        "The profile to be made; else named by the certificate's only DNS SAN.", false},
    {"transport",           "TRANSPORT",   "Transport Type; it must be tls.", false},
    WIZARD_OPTIONS
};
static const struct rl_option draft_options[] = {
    {"take",   NULL,      "Take the draft over from who has it open.", false},
    {0},
};

#define READ   RL_CMD_READ
#define FIELDS RL_CMD_FIELDS
#define KINDS  "phones|gateways|profiles|users"

const struct rl_command rl_commands[] = {
    {"backup", NULL, "FILE", 0, 0, backup_options, rl_cmd_backup, "Write all that the site is into one sealed file; -: standard output."},
    {"restore", NULL, "FILE", RL_CMD_LOCAL | RL_CMD_OUTSIDE, 0, restore_options, rl_cmd_restore, "Make the site of --site from a backup; -: standard input."},
    {"init", NULL, "", RL_CMD_LOCAL | RL_CMD_OUTSIDE, 0, init_options, rl_cmd_init, "Make a new site in the directory of --site."},
    {"status", NULL, "", READ, 0, status_options, rl_cmd_status, "Show release, cluster mode and what is there."},
    {"cluster", "check", "", READ, 0, NULL, rl_cmd_cluster_check, "Check the eight steps of all phones: how many are where."},
    {"cluster", "mode", "[mixed|nonsecure]", READ, 0, NULL, rl_cmd_cluster_mode, "Show the cluster security mode, or change it."},

    {"type", "list", "", READ, RL_TYPE, list_options, rl_cmd_object_list, "List the types of the device catalogue."},
    {"type", "show", "MODEL", READ, RL_TYPE, NULL, rl_cmd_object_show, "Show a type and its security features."},
    {"type", "import", "PACK", 0, RL_TYPE, pack_options, rl_cmd_type_import, "Import a device pack: types of a supplier, whole or not at all."},
    {"type", "remove", "MODEL", 0, RL_TYPE, NULL, rl_cmd_object_remove, "Remove an imported type that nothing uses."},
    {"type", "history", "MODEL", READ, RL_TYPE, limit_options, rl_cmd_history, "List the changes of a type, the newest first."},

    {"profile", "list", "", READ, RL_PROFILE, list_options, rl_cmd_object_list, "List security profiles."},
    {"profile", "show", "NAME", READ, RL_PROFILE, NULL, rl_cmd_object_show, "Show a security profile."},
    {"profile", "add", "NAME", FIELDS, RL_PROFILE, NULL, rl_cmd_object_add, "Add a security profile."},
    {"profile", "set", "[NAME]...", FIELDS, RL_PROFILE, names_options, rl_cmd_object_set, "Change fields of a security profile."},
    {"profile", "copy", "NAME NEW", FIELDS, RL_PROFILE, NULL, rl_cmd_object_copy, "Add a profile like one that is there."},
    {"profile", "rename", "NAME NEW", 0, RL_PROFILE, NULL, rl_cmd_profile_rename, "Give a profile another name; its phones follow."},
    {"profile", "users", "NAME", READ, RL_PROFILE, limit_options, rl_cmd_profile_users, "List the phones that use a profile: its dependency records."},
    {"profile", "remove", "[NAME]...", 0, RL_PROFILE, names_options, rl_cmd_object_remove, "Remove a profile that nothing uses."},
    {"profile", "history", "NAME", READ, RL_PROFILE, limit_options, rl_cmd_history, "List the changes of a security profile, the newest first."},

    {"phone", "list", "", READ, RL_PHONE, list_options, rl_cmd_object_list, "List phones."},
    {"phone", "show", "NAME", READ, RL_PHONE, NULL, rl_cmd_object_show, "Show a phone, its trust, registration and refusals."},
    {"phone", "add", "NAME", FIELDS, RL_PHONE, NULL, rl_cmd_object_add, "Add a phone."},
    {"phone", "set", "[NAME]...", FIELDS, RL_PHONE, names_options, rl_cmd_object_set, "Change fields of a phone."},
    {"phone", "copy", "NAME NEW", FIELDS, RL_PHONE, NULL, rl_cmd_object_copy, "Add a phone like one that is there."},
    {"phone", "remove", "[NAME]...", 0, RL_PHONE, names_options, rl_cmd_object_remove, "Remove a phone."},
    {"phone", "check", "NAME", READ, RL_PHONE, check_options, rl_cmd_phone_check, "Check the eight steps that make a phone secure."},
    {"phone", "security", "NAME", READ, RL_PHONE, NULL, rl_cmd_phone_security, "View the security settings of a phone."},
    {"phone", "files", "NAME", READ, RL_PHONE, NULL, rl_cmd_phone_files, "Show the configuration files that are published for a phone."},
    {"phone", "history", "NAME", READ, RL_PHONE, limit_options, rl_cmd_history, "List the changes of a phone, the newest first."},

    {"gateway", "list", "", READ, RL_GATEWAY, list_options, rl_cmd_object_list, "List gateways."},
    {"gateway", "show", "NAME", READ, RL_GATEWAY, NULL, rl_cmd_object_show, "Show a gateway and its trust."},
    {"gateway", "add", "NAME", FIELDS, RL_GATEWAY, NULL, rl_cmd_object_add, "Add a gateway."},
    {"gateway", "set", "[NAME]...", FIELDS, RL_GATEWAY, names_options, rl_cmd_object_set, "Change fields of a gateway."},
    {"gateway", "remove", "[NAME]...", 0, RL_GATEWAY, names_options, rl_cmd_object_remove, "Remove a gateway."},
    {"gateway", "history", "NAME", READ, RL_GATEWAY, limit_options, rl_cmd_history, "List the changes of a gateway, the newest first."},

    {"cert", "list", "", READ, RL_CERTIFICATE, list_options, rl_cmd_object_list, "List certificates on file."},
    {"cert", "show", "NAME", READ, RL_CERTIFICATE, pem_options, rl_cmd_cert_show, "Show a certificate, by its name or fingerprint."},
    {"cert", "upload", "FILE", 0, RL_CERTIFICATE, upload_options, rl_cmd_cert_upload, "Upload a certificate or a chain: PEM or DER, whole or not at all."},
    {"cert", "set", "[NAME]...", FIELDS, RL_CERTIFICATE, names_options, rl_cmd_object_set, "Change description or origin of a certificate."},
    {"cert", "remove", "[NAME]...", 0, RL_CERTIFICATE, names_options, rl_cmd_object_remove, "Remove a certificate from its store."},
    {"cert", "history", "NAME", READ, RL_CERTIFICATE, limit_options, rl_cmd_cert_history, "List the changes of a certificate, or those that a role had."},
    {"cert", "impact", "ROLE", READ, 0, impact_options, rl_cmd_cert_impact, "Tell what would become of phones if it changed, and the safe order."},
    {"cert", "csr", "ROLE [FILE]", 0, 0, csr_options, rl_cmd_cert_csr, "Make a signing request for a CA, in place of the one before."},
    {"cert", "install", "ROLE FILE", 0, 0, install_options, rl_cmd_cert_install, "Install what a CA made of the signing request, with its chain."},
    {"cert", "regenerate", "ROLE", 0, 0, regenerate_options, rl_cmd_cert_regenerate, "Make the next certificate of a role, which signs itself."},
    {"cert", "activate", "ROLE", 0, 0, NULL, rl_cmd_cert_activate, "Use the next certificate of a role from now on."},
    {"cert", "retire", "ROLE", 0, 0, retire_options, rl_cmd_cert_retire, "Take the former certificates of a role out of the lists of phones."},

    {"ctl", "status", "", READ, 0, NULL, rl_cmd_ctl_status, "Show the trust lists that are published, and what they lack."},
    {"ctl", "update", "", 0, 0, NULL, rl_cmd_ctl_update, "Publish new versions of the lists, with the certificates of now."},
    {"ctl", "show", "[FILE]", READ, 0, published_options, rl_cmd_ctl_show, "Show what a trust list says: of a file, - is standard input, else the CTL that is published."},
    {"ctl", "verify", "[FILE]", READ, 0, signer_options, rl_cmd_ctl_verify, "Check a trust list, its certificates and its signature."},
    {"ctl", "holders", "", READ, 0, holders_options, rl_cmd_ctl_holders, "List the phones that hold an older list, or none that is known."},
    {"ctl", "seen", "[PHONE]...", 0, 0, seen_options, rl_cmd_ctl_seen, "Note which phones have the lists, by name or by the log of a server."},

    {"capf", "list", "", READ, 0, capf_list_options, rl_cmd_capf_list, "List phones by their certificate operations."},
    {"capf", "show", "PHONE", READ, 0, NULL, rl_cmd_capf_show, "Show the certificate operation of a phone and what came of it."},
    {"capf", "set", "[PHONE]...", 0, RL_PHONE, capf_set_options, rl_cmd_capf_set, "Order a certificate operation: LSCs are installed, deleted or fetched."},
    {"capf", "cancel", "[PHONE]...", 0, RL_PHONE, capf_cancel_options, rl_cmd_capf_cancel, "Take an operation back that waits for its phone."},
    {"publish", NULL, "", 0, 0, publish_options, rl_cmd_publish, "Publish what is due of the phones' configuration files, and wait for it."},

    {"line", "list", "", READ, 0, limit_options, rl_cmd_line_list, "List directory numbers and their phones."},
    {"line", "show", "NUMBER", READ, 0, NULL, rl_cmd_line_show, "Show the phones of a directory number."},

    {"user", "list", "", READ, RL_USER, list_options, rl_cmd_object_list, "List digest users."},
    {"user", "show", "ID", READ, RL_USER, NULL, rl_cmd_object_show, "Show a digest user."},
    {"user", "add", "ID", FIELDS, RL_USER, NULL, rl_cmd_object_add, "Add a digest user."},
    {"user", "set", "[ID]...", FIELDS, RL_USER, names_options, rl_cmd_object_set, "Change fields of a digest user."},
    {"user", "digest", "ID", 0, RL_USER, NULL, rl_cmd_user_digest, "Give a user digest credentials, read from standard input."},
    {"user", "remove", "[ID]...", 0, RL_USER, names_options, rl_cmd_object_remove, "Remove a digest user."},
    {"user", "history", "ID", READ, RL_USER, limit_options, rl_cmd_history, "List the changes of a digest user, the newest first."},

    {"call", "list", "", READ, 0, call_list_options, rl_cmd_call_list, "List live calls, the newest first."},
    {"call", "show", "ID", READ, 0, NULL, rl_cmd_call_show, "Show why a call is locked or not."},
    {"call", "watch", "", READ, 0, NULL, rl_cmd_call_watch, "Print each call whenever it changes."},

    {"hep", "replay", "FILE...", RL_CMD_LOCAL | RL_CMD_OUTSIDE, 0, replay_options, rl_cmd_hep_replay, "Send recorded HEP streams."},

    {"import", NULL, KINDS " FILE", 0, 0, import_options, rl_cmd_import, "Add and change objects by CSV, all or nothing; FILE - is standard input."},
    {"export", NULL, KINDS, READ, 0, NULL, rl_cmd_export, "Print objects as CSV that import takes."},

    {"report", "overview", "", READ, 0, NULL, rl_cmd_report_overview, "Count devices by mode, trust and type, certificates and calls."},
    {"report", "shared-lines", "", READ, 0, NULL, rl_cmd_report_shared_lines, "List the lines that phones of different modes share."},
    {"report", "features", "FEATURE", READ, 0, features_options, rl_cmd_report_features, "List the types that can do something, and how many devices have them."},
    {"report", "eol", "", READ, 0, NULL, rl_cmd_report_eol, "List the types in use whose maintenance or support has ended."},
    {"report", "expiring", "", READ, 0, expiring_options, rl_cmd_report_expiring, "List the certificates that have ended or soon will."},

    {"wizard", "per-device", "", 0, 0, per_device_options, rl_cmd_wizard, "Make phones secure that have a certificate each."},
    {"wizard", "shared", "", 0, 0, shared_options, rl_cmd_wizard, "Make phones secure that share one certificate."},
    {"wizard", "list", "", READ, 0, limit_options, rl_cmd_wizard_list, "List the wizards under way."},
    {"wizard", "show", "ID", READ, 0, NULL, rl_cmd_wizard_show, "Show a wizard under way: its steps, review and end check."},
    {"wizard", "apply", "ID", 0, 0, draft_options, rl_cmd_wizard_apply, "Apply a wizard under way, all or nothing."},
    {"wizard", "drop", "ID", 0, 0, draft_options, rl_cmd_wizard_drop, "Drop a wizard under way; nothing was done yet."},

    {"draft", "list", "", READ, 0, draft_list_options, rl_cmd_draft_list, "List drafts of forms and wizards, the latest first."},
    {"draft", "drop", "ID...", 0, 0, NULL, rl_cmd_draft_drop, "Drop drafts: what was filled in and not saved."},

    {"view", "list", "[LIST]", READ, 0, NULL, rl_cmd_view_list, "List the views that are kept: one's own and those that all share."},
    {"view", "show", "LIST NAME", READ, 0, view_options, rl_cmd_view_show, "Show what a view is: filter, order, columns."},
    {"view", "save", "phones|gateways|profiles|types|users|certs NAME", 0, 0, view_save_options, rl_cmd_view_save, "Keep a view of a list, in place of one of that name."},
    {"view", "rename", "LIST NAME NEW", 0, 0, view_options, rl_cmd_view_rename, "Give a view another name."},
    {"view", "share", "LIST NAME", 0, 0, NULL, rl_cmd_view_share, "Give all a copy of one's own view; only operators may."},
    {"view", "remove", "LIST NAME", 0, 0, view_options, rl_cmd_view_remove, "Remove a view; the rows that it shows stay as they are."},

    {"undo", NULL, "", 0, 0, undo_options, rl_cmd_undo, "Undo your last change."},
    {"audit", "list", "", READ, 0, audit_options, rl_cmd_audit_list, "List changes, the newest first."},
    {"audit", "verify", "", READ, 0, NULL, rl_cmd_audit_verify, "Check that the audit log has no gap."},
    {"event", "list", "", READ, 0, event_options, rl_cmd_event_list, "List registrations and refusals, the newest first."},

    {"help", NULL, "[NOUN] [VERB]", RL_CMD_LOCAL | RL_CMD_TEXT, 0, NULL, rl_cmd_help, "Tell what commands there are."},
    {0},
};
/* clang-format on */

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

const struct rl_command *rl_command_find(const char *noun, const char *verb)
{
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++)
        if (same(cmd->noun, noun) && same(cmd->verb, verb))
            return cmd;
    return NULL;
}

bool rl_command_is_noun(const char *noun)
{
    for (const struct rl_command *cmd = rl_commands; cmd->noun; cmd++)
        if (same(cmd->noun, noun))
            return true;
    return false;
}

/* Trust has no field that can be set; the name is taken so that the engine refuses it by rule
 * (R41). */
static const struct rl_field trust_field = {
    .name = "trusted", .label = "Trust", .kind = RL_F_BOOL, .flags = RL_FF_SYSTEM};

const struct rl_field *rl_command_field(const struct rl_command *cmd, const char *option)
{
    char name[64];
    size_t n = strlen(option);
    if (!(cmd->flags & RL_CMD_FIELDS) || n >= sizeof name)
        return NULL;
    for (size_t i = 0; i <= n; i++)
        name[i] = option[i] == '-' ? '_' : option[i];
    const struct rl_object *obj = rl_object(cmd->kind);
    int field = rl_field_index(obj, name);
    if (field > 0 && !(obj->fields[field].flags & RL_FF_SYSTEM))
        return &obj->fields[field];
    return same(name, trust_field.name) ? &trust_field : NULL;
}
