/* The status of a site, for people, for scripts and for Prometheus. One table says what each number
 * is called by whom; ringlock(1), METRICS, is held to it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands/fields.h"
#include "commands/output.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum unit { TEXT, COUNT, BYTES, SECONDS, TIME };

struct line {
    const char *label; /* for people; NULL: for scripts only */
    const char *path;  /* in the JSON; NULL: a heading */
    enum unit unit;
    const char *metric; /* NULL: no number for Prometheus; "_total" ends a counter's name */
    const char *labels; /* "cause=\"key\"", or NULL */
    const char *help;   /* of the metric, at its first line */
};

/* clang-format off */
static const struct line lines[] = {
    {"Site", "name", TEXT, NULL, NULL, NULL},
    {"Directory", "site", TEXT, NULL, NULL, NULL},
    {"Release", "release", TEXT, NULL, NULL, NULL},
    {"Installed", "installed_at", TEXT, NULL, NULL, NULL},
    {"Installed with release", "installed_release", TEXT, NULL, NULL, NULL},
    {"Upgraded from", "upgraded_from", TEXT, NULL, NULL, NULL},
    {"Last backup", "last_backup", TIME, "ringlock_last_backup_timestamp_seconds", NULL, "When a backup was taken last, in seconds since 1970; none if never."},
    {"  too old", "backup_overdue", TEXT, "ringlock_backup_overdue", NULL, "1 when the last backup is older than warn_days, or there is none since the installation."},
    {"Cluster security mode", "cluster_mode", TEXT, NULL, NULL, NULL},
    {"CTL file", "ctl", TEXT, NULL, NULL, NULL},
    {NULL, "lists.ctl.version", COUNT, "ringlock_trust_list_version", "list=\"ctl\"", "The version of a trust list that phones get; none where it is not published."},
    {NULL, "lists.ctl.published", TEXT, NULL, NULL, NULL},
    {"  in its place", "lists.ctl.placed", TEXT, "ringlock_trust_list_placed", "list=\"ctl\"", "1 when the file that servers read is the version that is published."},
    {"  records", "lists.ctl.records", COUNT, NULL, NULL, NULL},
    {NULL, "lists.ctl.bytes", BYTES, NULL, NULL, NULL},
    {"  out of date", "lists.ctl.stale", TEXT, "ringlock_trust_list_stale", "list=\"ctl\"", "1 when a trust list lacks a certificate in use, or has a retired one."},
    {"ITL file, version", "lists.itl.version", COUNT, "ringlock_trust_list_version", "list=\"itl\"", NULL},
    {NULL, "lists.itl.published", TEXT, NULL, NULL, NULL},
    {"  in its place", "lists.itl.placed", TEXT, "ringlock_trust_list_placed", "list=\"itl\"", NULL},
    {"  records", "lists.itl.records", COUNT, NULL, NULL, NULL},
    {NULL, "lists.itl.bytes", BYTES, NULL, NULL, NULL},
    {"  out of date", "lists.itl.stale", TEXT, "ringlock_trust_list_stale", "list=\"itl\"", NULL},

    {"What is there", NULL, TEXT, NULL, NULL, NULL},
    {"Devices, Non Secure", "devices.by_mode.nonsecure", COUNT, "ringlock_devices", "mode=\"nonsecure\"", "Phones by the mode of their security profile."},
    {"Devices, Authenticated", "devices.by_mode.authenticated", COUNT, "ringlock_devices", "mode=\"authenticated\"", NULL},
    {"Devices, Encrypted", "devices.by_mode.encrypted", COUNT, "ringlock_devices", "mode=\"encrypted\"", NULL},
    {"Phones", "devices.phones", COUNT, "ringlock_objects", "kind=\"phone\"", "Objects of the site by kind."},
    {"Gateways", "devices.gateways", COUNT, "ringlock_objects", "kind=\"gateway\"", NULL},
    {"Security profiles", "devices.profiles", COUNT, "ringlock_objects", "kind=\"profile\"", NULL},
    {"Digest users", "devices.users", COUNT, "ringlock_objects", "kind=\"user\"", NULL},
    {"Device types", "devices.types", COUNT, "ringlock_objects", "kind=\"type\"", NULL},
    {"Certificates, valid", "expiry.valid", COUNT, "ringlock_certificates", "state=\"valid\"", "Certificates on file by their end; soon is within the longest notice."},
    {"Certificates, ending soon", "expiry.soon", COUNT, "ringlock_certificates", "state=\"soon\"", NULL},
    {"Certificates, expired", "expiry.expired", COUNT, "ringlock_certificates", "state=\"expired\"", NULL},
    {NULL, "expiry.days", COUNT, "ringlock_certificate_notice_days", NULL, "How many days before its end a certificate ends soon."},

    {"Configuration files", NULL, TEXT, NULL, NULL, NULL},
    {"Publishing", "publishing.on", TEXT, "ringlock_publishing", NULL, "1 once configuration files of phones are published."},
    {NULL, "publishing.busy", TEXT, NULL, NULL, NULL},
    {"  due", "publishing.due", COUNT, "ringlock_publish_due", NULL, "Notes of changes that configuration files do not have yet."},
    {"  phones looked at", "publishing.looked", COUNT, "ringlock_publish_phones_total", "what=\"looked\"", "Phones whose configuration files were looked at, and what became of them."},
    {"  with new files", "publishing.written", COUNT, "ringlock_publish_phones_total", "what=\"written\"", NULL},
    {"  with none any more", "publishing.removed", COUNT, "ringlock_publish_phones_total", "what=\"removed\"", NULL},
    {"  failed", "publishing.failed", COUNT, "ringlock_publish_phones_total", "what=\"failed\"", NULL},
    {"CAPF is on", "capf.on", TEXT, NULL, NULL, NULL},
    {"  operations that wait", "capf.pending", COUNT, "ringlock_capf_operations", "state=\"pending\"", "Phones by what stands of their certificate operations: waiting, or failed."},
    {"  failed", "capf.failed", COUNT, "ringlock_capf_operations", "state=\"failed\"", NULL},
    {"  LSCs due to be renewed", "capf.due", COUNT, "ringlock_capf_due", NULL, "LSCs of which two thirds of the validity are over, and nothing is ordered."},
    {"  sessions", "capf.sessions", COUNT, "ringlock_capf_sessions", NULL, "Phones that CAPF speaks with now."},
    {"  addresses locked out", "capf.locked_addresses", COUNT, "ringlock_capf_locked_addresses", NULL, "Addresses that are locked out after failed logins."},
    {"  operations that succeeded", "capf.ended", COUNT, "ringlock_capf_ended_total", "outcome=\"success\"", "Operations and logins that ended, since the engine's start, by outcome."},
    {"  that failed, and logins", "capf.refused", COUNT, "ringlock_capf_ended_total", "outcome=\"failed\"", NULL},

    {"Calls", NULL, TEXT, NULL, NULL, NULL},
    {"Live calls", "calls.live", COUNT, NULL, NULL, NULL},
    {"  ringing", "calls.ringing", COUNT, "ringlock_calls", "state=\"ringing\",icon=\"none\"", "Live calls by state and icon."},
    {"  LOCK", "calls.locked", COUNT, NULL, NULL, NULL},
    {"  SHLD", "calls.shielded", COUNT, NULL, NULL, NULL},
    {"  OPEN", "calls.open", COUNT, NULL, NULL, NULL},
    {NULL, "calls.connected.lock", COUNT, "ringlock_calls", "state=\"connected\",icon=\"lock\"", NULL},
    {NULL, "calls.connected.shield", COUNT, "ringlock_calls", "state=\"connected\",icon=\"shield\"", NULL},
    {NULL, "calls.connected.unlock", COUNT, "ringlock_calls", "state=\"connected\",icon=\"unlock\"", NULL},
    {NULL, "calls.held.lock", COUNT, "ringlock_calls", "state=\"held\",icon=\"lock\"", NULL},
    {NULL, "calls.held.shield", COUNT, "ringlock_calls", "state=\"held\",icon=\"shield\"", NULL},
    {NULL, "calls.held.unlock", COUNT, "ringlock_calls", "state=\"held\",icon=\"unlock\"", NULL},
    {"Ended calls still kept", "calls.ended", COUNT, "ringlock_calls_ended_kept", NULL, "Ended calls that are still kept."},
    {"Calls given up, too many", "calls.dropped", COUNT, "ringlock_calls_dropped_total", NULL, "Live calls given up because there were more than max_calls."},
    {"Registrations", "calls.registrations", COUNT, "ringlock_registrations", NULL, "Devices that are registered now."},
    {NULL, "calls.dialogs", COUNT, "ringlock_dialogs", NULL, "SIP dialogs that are followed."},
    {NULL, "calls.connections", COUNT, "ringlock_signalling_peers", NULL, "Connections of devices that something is known of."},
    {NULL, "calls.records", COUNT, "ringlock_tracker_records_total", NULL, "Records that the engine took from the feed."},

    {"HEP", NULL, TEXT, NULL, NULL, NULL},
    {"HEP over UDP", "hep.udp", TEXT, NULL, NULL, NULL},
    {"  packets", "feed.udp.packets", COUNT, "ringlock_hep_packets_total", "transport=\"udp\"", "HEP packets that arrived, whatever became of them."},
    {"  bytes", "feed.udp.bytes", BYTES, "ringlock_hep_bytes_total", "transport=\"udp\"", "Bytes of HEP packets that arrived."},
    {"  waiting in the kernel", "hep.waiting", BYTES, "ringlock_hep_buffer_waiting_bytes", NULL, "Kernel memory that waiting datagrams take."},
    {"  room for them", "hep.room", BYTES, "ringlock_hep_buffer_bytes", NULL, "Kernel memory that waiting datagrams may take."},
    {NULL, "hep.receive_buffer", BYTES, NULL, NULL, NULL},
    {"  dropped by the kernel", "feed.kernel_drops", COUNT, "ringlock_hep_kernel_drops_total", NULL, "Datagrams that found the kernel's buffer full and were lost."},
    {"  the last of them", "feed.dropped_at", TIME, NULL, NULL, NULL},
    {"HEP over TCP", "hep.tcp", TEXT, NULL, NULL, NULL},
    {"  packets", "feed.tcp.packets", COUNT, "ringlock_hep_packets_total", "transport=\"tcp\"", NULL},
    {"  bytes", "feed.tcp.bytes", BYTES, "ringlock_hep_bytes_total", "transport=\"tcp\"", NULL},
    {"  connections so far", "feed.tcp.connections", COUNT, "ringlock_hep_connections_total", NULL, "HEP connections over TCP that came."},
    {"HEP packets", "feed.datagrams", COUNT, NULL, NULL, NULL},
    {"  became records", "feed.records", COUNT, "ringlock_hep_records_total", NULL, "Packets that became a record for the engine."},
    {"  of no interest", "feed.ignored", COUNT, "ringlock_hep_ignored_total", NULL, "Packets in order but of no interest: keep-alives, other payloads."},
    {"  refused: source not listed", "feed.refused.source", COUNT, "ringlock_hep_refused_total", "cause=\"source\"", "Packets and connections refused, by cause."},
    {"  refused: wrong key", "feed.refused.key", COUNT, "ringlock_hep_refused_total", "cause=\"key\"", NULL},
    {"  refused: no HEPv3", "feed.refused.frame", COUNT, "ringlock_hep_refused_total", "cause=\"frame\"", NULL},
    {"  refused: not finished", "feed.refused.unfinished", COUNT, "ringlock_hep_refused_total", "cause=\"unfinished\"", NULL},
    {"  refused: no SIP message", "feed.refused.sip", COUNT, "ringlock_hep_refused_total", "cause=\"sip\"", NULL},
    {"  refused: no log event", "feed.refused.fact", COUNT, "ringlock_hep_refused_total", "cause=\"fact\"", NULL},
    {"SIP that cannot be read", NULL, TEXT, NULL, NULL, NULL},
    {"  no header", "feed.parse_errors.head", COUNT, "ringlock_sip_parse_errors_total", "cause=\"head\"", "SIP messages and bodies that could not be read, by cause; sdp: the message counts, its media is unproven."},
    {"  header lines", "feed.parse_errors.syntax", COUNT, "ringlock_sip_parse_errors_total", "cause=\"syntax\"", NULL},
    {"  start line or CSeq", "feed.parse_errors.start", COUNT, "ringlock_sip_parse_errors_total", "cause=\"start\"", NULL},
    {"  no From, To or Via", "feed.parse_errors.parties", COUNT, "ringlock_sip_parse_errors_total", "cause=\"parties\"", NULL},
    {"  body: SDP", "feed.parse_errors.sdp", COUNT, "ringlock_sip_parse_errors_total", "cause=\"sdp\"", NULL},

    {"CAPF and TVS", NULL, TEXT, NULL, NULL, NULL},
    {"CAPF", "enrol.capf", TEXT, NULL, NULL, NULL},
    {"  connections so far", "enrol.connections.capf", COUNT, "ringlock_enrol_connections_total", "service=\"capf\"", "Connections of phones that came, whatever became of them."},
    {"TVS", "enrol.tvs", TEXT, NULL, NULL, NULL},
    {"  connections so far", "enrol.connections.tvs", COUNT, "ringlock_enrol_connections_total", "service=\"tvs\"", NULL},
    {"Phones connected", "enrol.connections.open", COUNT, "ringlock_enrol_connections", NULL, "Connections to CAPF and TVS that are open now."},
    {"TLS handshakes done", "enrol.connections.secured", COUNT, "ringlock_enrol_handshakes_total", NULL, "TLS handshakes of phones that came to their end."},
    {"  failed: not allowed, or no TLS", "enrol.ends.handshake_failed", COUNT, "ringlock_enrol_ends_total", "cause=\"handshake_failed\"", "How connections ended: in order, lost by the phone, by wrong or late bytes, in the handshake."},
    {"  failed: too slow", "enrol.ends.handshake_slow", COUNT, "ringlock_enrol_ends_total", "cause=\"handshake_slow\"", NULL},
    {"Ended in order", "enrol.ends.ended", COUNT, "ringlock_enrol_ends_total", "cause=\"ended\"", NULL},
    {"Closed by the phone", "enrol.ends.lost", COUNT, "ringlock_enrol_ends_total", "cause=\"lost\"", NULL},
    {"Ended: wrong bytes", "enrol.ends.wrong", COUNT, "ringlock_enrol_ends_total", "cause=\"wrong\"", NULL},
    {"Ended: too slow", "enrol.ends.slow", COUNT, "ringlock_enrol_ends_total", "cause=\"slow\"", NULL},
    {"Refused: too many at once", "enrol.refused.total", COUNT, "ringlock_enrol_refused_total", "cause=\"total\"", "Connections refused, by cause."},
    {"Refused: too many from one address", "enrol.refused.address", COUNT, "ringlock_enrol_refused_total", "cause=\"address\"", NULL},
    {"Refused: no certificate to show", "enrol.refused.certificate", COUNT, "ringlock_enrol_refused_total", "cause=\"certificate\"", NULL},
    {"Signatures for TLS", "enrol.keys.signatures", COUNT, "ringlock_enrol_key_operations_total", "operation=\"sign\"", "Private-key operations that the engine did for enrol."},
    {"Decryptions for TLS", "enrol.keys.decryptions", COUNT, "ringlock_enrol_key_operations_total", "operation=\"decrypt\"", NULL},
    {"Refused key operations", "enrol.keys.refused", COUNT, "ringlock_enrol_keys_refused_total", NULL, "Private-key operations that the engine refused, as no TLS handshake asks for them."},

    {"Engine", NULL, TEXT, NULL, NULL, NULL},
    {"Serving for", "uptime", SECONDS, "ringlock_uptime_seconds", NULL, "Since the engine began to serve the site."},
    {"Private engine", "private", TEXT, NULL, NULL, NULL},
    {"Process", "process.pid", COUNT, NULL, NULL, NULL},
    {"  memory", "process.memory", BYTES, "ringlock_memory_bytes", "process=\"engine\"", "Resident memory by process."},
    {"  busy for", "process.busy", SECONDS, "ringlock_loop_busy_seconds_total", NULL, "Time in which the engine's loop did not wait."},
    {"  longest turn lately", "process.longest_turn", SECONDS, "ringlock_loop_longest_turn_seconds", NULL, "The longest turn of the engine's loop in the last minute or two: so long nobody was answered."},
    {"Feed runs", "feed.running", TEXT, "ringlock_feed_running", NULL, "1 while the feed process runs."},
    {"  process", "feed.pid", COUNT, NULL, NULL, NULL},
    {"  memory", "feed.memory", BYTES, "ringlock_memory_bytes", "process=\"feed\"", NULL},
    {"  started again", "feed.restarts", COUNT, "ringlock_feed_restarts_total", NULL, "How often the feed process ended unasked and was started again."},
    {"  the last time", "feed.restarted_at", TIME, NULL, NULL, NULL},
    {"  records not read yet", "feed.pipe", BYTES, "ringlock_feed_pipe_bytes", NULL, "Bytes of records that the engine has not read yet."},
    {"Enrol runs", "enrol.running", TEXT, "ringlock_enrol_running", NULL, "1 while the enrol process runs."},
    {"  process", "enrol.pid", COUNT, NULL, NULL, NULL},
    {"  memory", "enrol.memory", BYTES, "ringlock_memory_bytes", "process=\"enrol\"", NULL},
    {"  started again", "enrol.restarts", COUNT, "ringlock_enrol_restarts_total", NULL, "How often the enrol process ended unasked and was started again."},
    {"  the last time", "enrol.restarted_at", TIME, NULL, NULL, NULL},
    {"Questions being worked on", "control.working", COUNT, "ringlock_questions", "state=\"working\"", "Questions that take long: those that workers are at, and those that wait for one."},
    {"  waiting for a worker", "control.waiting", COUNT, "ringlock_questions", "state=\"waiting\"", NULL},
    {"Connections", "control.connections", COUNT, "ringlock_connections", NULL, "Connections to the control socket."},
    {"  watching calls", "control.watching", COUNT, "ringlock_watchers", NULL, "Connections that watch calls: consoles and call watch."},
    {"  waiting for them", "control.queued", BYTES, "ringlock_peer_queue_bytes", NULL, "Bytes of answers and news that wait for connections."},
    {"  most for one of them", "control.queued_longest", BYTES, "ringlock_peer_queue_longest_bytes", NULL, "Bytes that wait for the connection that reads least."},
    {"Import under way", "control.importing", TEXT, "ringlock_importing", NULL, "1 while an import is under way."},
    {"Database", "database.bytes", BYTES, "ringlock_database_bytes", NULL, "Size of the database."},
    {"  of it unused", "database.unused", BYTES, "ringlock_database_unused_bytes", NULL, "Pages of the database that hold nothing."},
    {"  its log", "database.log", BYTES, "ringlock_database_log_bytes", NULL, "Size of the database's write-ahead log."},
    {"Audit entries", "audit.entries", COUNT, "ringlock_audit_entries", NULL, "Entries of the audit log in the database."},
    {"  audit.log and those before", "audit.bytes", BYTES, "ringlock_audit_log_bytes", NULL, "Size of audit.log and the files that it was rotated to."},
    {"  files", "audit.files", COUNT, "ringlock_audit_log_files", NULL, "How many they are."},
    {"Disk of the site", "disk.bytes", BYTES, "ringlock_disk_bytes", NULL, "Size of the file system that the site is on."},
    {"  free", "disk.free", BYTES, "ringlock_disk_free_bytes", NULL, "What is free of it."},
};
/* clang-format on */

enum { LINES = sizeof lines / sizeof *lines };

/* "calls.live" of the status. */
static const json_t *member_at(const json_t *status, const char *path)
{
    char name[64];
    snprintf(name, sizeof name, "%s", path);
    for (char *save, *word = strtok_r(name, ".", &save); word; word = strtok_r(NULL, ".", &save))
        status = json_object_get(status, word);
    return status;
}

/* ---- for people ---- */

static char *bytes_text(double bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;
    while (bytes >= 1024 && i + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        i++;
    }
    return rl_asprintf("%.*f %s", i > 0 && bytes < 100, bytes, units[i]);
}

static char *seconds_text(double seconds)
{
    long long s = (long long)seconds;
    if (s < 60)
        return rl_asprintf("%.3g s", seconds);
    if (s < 86400)
        return rl_asprintf("%lld h %02lld min", s / 3600, s / 60 % 60);
    return rl_asprintf("%lld d %02lld h", s / 86400, s / 3600 % 24);
}

static char *shown(const struct line *line, const json_t *value)
{
    char *text = rl_cmd_text(value);
    if (*text && line->unit != BYTES && line->unit != SECONDS)
        return text;
    free(text);
    if (json_is_number(value))
        return (line->unit == BYTES ? bytes_text : seconds_text)(json_number_value(value));
    return rl_strdup(line->unit == TIME ? "never" : "unknown");
}

/* One line for each identity certificate (R8, R9). */
static char *cert_text(const json_t *cert)
{
    bool own = json_is_true(json_object_get(cert, "self_signed"));
    return rl_asprintf("%s, %s %d, until %s, SHA-256 %.16s...", own ? "self-signed" : "CA-signed",
                       rl_cmd_str(cert, "key_type"),
                       (int)json_integer_value(json_object_get(cert, "key_bits")),
                       rl_cmd_str(cert, "not_after"), rl_cmd_str(cert, "fingerprint"));
}

static void print_certs(const struct rl_cli *cli, const json_t *certs)
{
    const json_t *cert;
    size_t i;
    json_array_foreach ((json_t *)certs, i, cert) {
        char *role = rl_cmd_text(json_object_get(cert, "roles")), *text = cert_text(cert);
        char *label = rl_asprintf("%s certificate", role);
        rl_print_field(cli, label, text);
        free(role);
        free(label);
        free(text);
    }
}

static void print_people(const struct rl_cli *cli, const json_t *status)
{
    for (size_t i = 0; i < LINES; i++) {
        const struct line *line = &lines[i];
        if (!line->path) {
            rl_print_heading(cli, line->label);
        } else if (line->label) {
            char *text = shown(line, member_at(status, line->path));
            rl_print_field(cli, line->label, text);
            free(text);
        }
    }
    rl_print_heading(cli, "Certificates of the server");
    print_certs(cli, json_object_get(status, "certificates"));
}

/* ---- for scripts ---- */

static void add_row(struct rl_listing *listing, const char *name, char *value)
{
    json_t *row = json_pack("{s:s, s:s}", "name", name, "value", *value ? value : "unknown");
    rl_listing_row(listing, row);
    json_decref(row);
    free(value);
}

static void print_csv(struct rl_cli *cli, const json_t *status)
{
    static const struct rl_column columns[] = {
        {"name",  "Name",  0, NULL},
        {"value", "Value", 0, NULL}
    };
    const json_t *certs = json_object_get(status, "certificates"), *cert;
    struct rl_listing listing;
    size_t i;
    rl_listing_begin(&listing, cli, columns, 2);
    for (i = 0; i < LINES; i++)
        if (lines[i].path)
            add_row(&listing, lines[i].path, rl_cmd_text(member_at(status, lines[i].path)));
    json_array_foreach ((json_t *)certs, i, cert) {
        char *name = rl_asprintf("certificates.%zu", i);
        add_row(&listing, name, cert_text(cert));
        free(name);
    }
    rl_listing_end(&listing);
}

/* ---- for Prometheus, text exposition format 0.0.4 ---- */

static bool is_counter(const char *metric)
{
    size_t n = strlen(metric);
    return n > 6 && strcmp(metric + n - 6, "_total") == 0;
}

static void print_head(const char *metric, const char *type, const char *help)
{
    printf("# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}

static void print_sample(const struct line *line, const json_t *value)
{
    const char *labels = line->labels ? line->labels : "";
    bool is_time = line->unit == TIME && json_is_string(value);
    if (!json_is_number(value) && !json_is_boolean(value) && !is_time)
        return; /* not known now */
    printf("%s%s%s%s ", line->metric, *labels ? "{" : "", labels, *labels ? "}" : "");
    if (is_time)
        printf("%lld\n", (long long)(rl_time_parse(json_string_value(value)) / 1000000));
    else if (json_is_real(value))
        printf("%.9g\n", json_real_value(value));
    else
        printf("%" JSON_INTEGER_FORMAT "\n",
               json_is_boolean(value) ? json_is_true(value) : json_integer_value(value));
}

/* A text between the quotes of a label. */
static void print_label(const char *name, const char *text)
{
    char *safe = rl_text_safe_dup(text);
    printf("%s=\"", name);
    for (const char *p = safe; *p; p++) {
        if (*p == '\\' || *p == '"')
            putchar('\\');
        putchar(*p);
    }
    putchar('"');
    free(safe);
}

static void print_info(const json_t *status)
{
    print_head("ringlock_info", "gauge", "1; release, cluster security mode and name of the site.");
    fputs("ringlock_info{", stdout);
    print_label("release", rl_cmd_str(status, "release"));
    putchar(',');
    print_label("mode", rl_cmd_str(status, "cluster_mode"));
    putchar(',');
    print_label("site", rl_cmd_str(status, "name"));
    fputs("} 1\n", stdout);
}

/* All samples of a metric stand together, wherever their lines are in the table. */
static void print_prometheus(const json_t *status)
{
    print_info(status);
    for (size_t i = 0; i < LINES; i++) {
        const char *metric = lines[i].metric;
        if (!lines[i].help)
            continue;
        print_head(metric, is_counter(metric) ? "counter" : "gauge", lines[i].help);
        for (size_t k = i; k < LINES; k++)
            if (lines[k].metric && strcmp(lines[k].metric, metric) == 0)
                print_sample(&lines[k], member_at(status, lines[k].path));
    }
}

/* With --fields: the status as one flat document, by the paths. */
static int print_fields(struct rl_cli *cli, const json_t *status)
{
    struct rl_column columns[LINES];
    size_t n = 0;
    int code;
    json_t *flat = json_object();
    for (size_t i = 0; i < LINES; i++) {
        if (!lines[i].path)
            continue;
        json_object_set(flat, lines[i].path, (json_t *)member_at(status, lines[i].path));
        columns[n++] = (struct rl_column){lines[i].path, lines[i].path, 0, NULL};
    }
    if (!rl_fields_document(cli, flat, NULL, &code))
        code = rl_cmd_row(cli, columns, n, flat);
    json_decref(flat);
    return code;
}

int rl_cmd_status(struct rl_cli *cli)
{
    json_t *result;
    bool prometheus = rl_parsed_option(cli->args, "prometheus") != NULL;
    if (prometheus && (cli->args->format != RL_PLAIN || cli->args->fields))
        return rl_cli_usage(
            cli, "--prometheus is a form of its own: leave out --json, --csv and --fields.");
    int status = rl_cli_ask(cli, "status", json_object(), &result);
    if (status)
        return status;
    if (prometheus)
        print_prometheus(result);
    else if (cli->args->fields)
        status = print_fields(cli, result);
    else if (cli->args->format == RL_JSON)
        rl_print_json(result, false);
    else if (cli->args->format == RL_CSV)
        print_csv(cli, result);
    else
        print_people(cli, result);
    json_decref(result);
    return status;
}
