#include "engine/config_keys.h"

#include <string.h>

#include "engine/log.h"
#include "policy/callsec.h"
#include "policy/objects.h"
#include "trust/listing.h"

#define AT(member) offsetof(struct rl_config, member)
#define KIB        1024L
#define MIB        (1024L * KIB)
#define DAY        86400L

static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const subjects[] = {"device", "model", NULL};
static const char *const renewals[] = {"told", "automatic", NULL};
const char *const rl_config_hashes[] = {"sha1", "sha512", NULL};

/* clang-format off */
const struct rl_config_key rl_config_keys[] = {
    { "control", "socket", RL_CONF_PATH, AT(socket), "", 0, 0, NULL,
      "Path of the control socket; empty: ringlock.sock in the site directory. Read at start only." },
    { "control", "viewer_users", RL_CONF_LIST, AT(viewer_users), "", 0, 0, NULL,
      "Users who may look at everything and change nothing." },
    { "control", "viewer_groups", RL_CONF_LIST, AT(viewer_groups), "", 0, 0, NULL,
      "Groups whose members may look." },
    { "control", "operator_users", RL_CONF_LIST, AT(operator_users), "", 0, 0, NULL,
      "Users who may change phones, gateways, profiles and users." },
    { "control", "operator_groups", RL_CONF_LIST, AT(operator_groups), "", 0, 0, NULL,
      "Groups whose members may do so." },
    { "control", "administrator_users", RL_CONF_LIST, AT(administrator_users), "", 0, 0, NULL,
      "Users who may do everything, beside root and the user that the engine runs as." },
    { "control", "administrator_groups", RL_CONF_LIST, AT(administrator_groups), "", 0, 0, NULL,
      "Groups whose members may do everything." },

    { "hep", "listen_udp", RL_CONF_ENDPOINT, AT(listen_udp), "127.0.0.1:9060", 0, 0, NULL,
      "Where HEPv3 datagrams are taken; port 0 takes a free one." },
    { "hep", "listen_tcp", RL_CONF_ENDPOINT, AT(listen_tcp), "127.0.0.1:9060", 0, 0, NULL,
      "Where HEPv3 connections are taken; port 0 takes a free one." },
    { "hep", "key", RL_CONF_SECRET, AT(hep_key), "", 0, 200, NULL,
      "What the SIP server sends as auth_key; packets with another are refused. Empty: none is asked for." },
    { "hep", "sources", RL_CONF_NETWORKS, AT(sources), "127.0.0.0/8 ::1", 0, 0, NULL,
      "Addresses and networks whose packets may prove something." },
    { "hep", "correlation_header", RL_CONF_TOKEN, AT(correlation_header), "", 0, 60, NULL,
      "SIP header in which a back-to-back user agent names the call its legs belong to." },
    { "hep", "receive_buffer", RL_CONF_SIZE, AT(receive_buffer), "64M", 64 * KIB, 1024 * MIB, NULL,
      "Kernel memory for datagrams that wait; the system may grant less." },

    { "enrol", "listen_capf", RL_CONF_ENDPOINT, AT(listen_capf), "", 0, 0, NULL,
      "Where phones come for their certificates, usually port 3804; empty: CAPF is off." },
    { "enrol", "listen_tvs", RL_CONF_ENDPOINT, AT(listen_tvs), "", 0, 0, NULL,
      "Where phones ask if a certificate is trusted, usually port 2445; empty: TVS is off." },
    { "enrol", "old_tls", RL_CONF_ENUM, AT(old_tls), "no", 0, 0, no_yes,
      "Take TLS 1.0 to 1.2 with RSA key exchange and AES-CBC-SHA on these two ports, for phones that know nothing else." },
    { "enrol", "tvs_ttl", RL_CONF_DURATION, AT(tvs_ttl_us), "1d", 1, 30 * DAY, NULL,
      "So long a phone keeps the answer that a certificate is trusted." },
    { "enrol", "connections", RL_CONF_NUMBER, AT(enrol_connections), "4000", 10, 60000, NULL,
      "How many phones are served at once." },
    { "enrol", "per_address", RL_CONF_NUMBER, AT(enrol_per_address), "1000", 1, 60000, NULL,
      "How many of these from one address." },
    { "enrol", "handshake", RL_CONF_DURATION, AT(handshake_us), "20s", 1, 600, NULL,
      "So long a TLS handshake may take." },
    { "enrol", "message", RL_CONF_DURATION, AT(message_us), "30s", 1, 600, NULL,
      "So long a phone may take for an answer, to its last byte." },
    { "enrol", "key", RL_CONF_DURATION, AT(key_us), "10m", 1, 3600, NULL,
      "So long it may take to make a key; saying that it is still at it begins the time anew." },
    { "enrol", "session", RL_CONF_DURATION, AT(session_us), "30m", 1, DAY, NULL,
      "So long a connection may last in all." },

    { "cluster", "tls_ciphers", RL_CONF_ENUM, AT(tls_ciphers), "all", 0, 0, rl_tls_ciphers_names,
      "TLS Ciphers of the SIP server; medium and strongest are GCM only." },

    { "phones", "call_managers", RL_CONF_HOSTS, AT(call_managers), "", 0, 0, NULL,
      "The call managers that phones register with, the first one first; at most five." },
    { "phones", "sip_port", RL_CONF_NUMBER, AT(sip_port), "5060", 1, 65535, NULL,
      "Where these take SIP." },
    { "phones", "secure_sip_port", RL_CONF_NUMBER, AT(secure_sip_port), "5061", 1, 65535, NULL,
      "Where these take SIP over TLS." },
    { "phones", "capf_servers", RL_CONF_HOSTS, AT(capf_servers), "", 0, 0, NULL,
      "Where phones get their LSC; empty: the first call manager." },
    { "phones", "capf_port", RL_CONF_NUMBER, AT(capf_port), "3804", 1, 65535, NULL,
      "The port of CAPF there." },
    { "phones", "tvs_servers", RL_CONF_HOSTS, AT(tvs_servers), "", 0, 0, NULL,
      "Whom phones ask about certificates; empty: the call managers." },
    { "phones", "tvs_port", RL_CONF_NUMBER, AT(tvs_port), "2445", 1, 65535, NULL,
      "The port of TVS there." },
    { "phones", "tls_resumption", RL_CONF_DURATION, AT(tls_resumption_us), "1h", 0, DAY, NULL,
      "How long a phone may resume a TLS session." },
    { "phones", "authentication_url", RL_CONF_URL, AT(url[0]), "", 0, 255, NULL,
      "Where a phone checks who pushes to it; a phone without one takes every push." },
    { "phones", "services_url", RL_CONF_URL, AT(url[1]), "", 0, 255, NULL,
      "The services menu of phones." },
    { "phones", "directory_url", RL_CONF_URL, AT(url[2]), "", 0, 255, NULL,
      "The directory of phones." },
    { "phones", "messages_url", RL_CONF_URL, AT(url[3]), "", 0, 255, NULL,
      "Voice messages of phones." },
    { "phones", "idle_url", RL_CONF_URL, AT(url[4]), "", 0, 255, NULL,
      "What an idle phone shows." },
    { "phones", "information_url", RL_CONF_URL, AT(url[5]), "", 0, 255, NULL,
      "The help texts of phones." },
    { "phones", "proxy_server_url", RL_CONF_URL, AT(url[6]), "", 0, 255, NULL,
      "The proxy through which phones fetch these." },
    { "phones", "hash", RL_CONF_ENUM, AT(config_hash), "sha1", 0, 0, rl_config_hashes,
      "By which configuration files are signed; older series know sha1 only." },
    { "phones", "settings_access", RL_CONF_ENUM, AT(hardening[0]), "enabled", 0, 0, rl_settings_access,
      "The settings menu at the phone, where the security profile says nothing else." },
    { "phones", "web_access", RL_CONF_ENUM, AT(hardening[1]), "disabled", 0, 0, rl_web_access,
      "The pages of the phone, likewise." },
    { "phones", "ssh_access", RL_CONF_ENUM, AT(hardening[2]), "disabled", 0, 0, rl_onoff,
      "The shell of the phone, likewise." },
    { "phones", "pc_port", RL_CONF_ENUM, AT(hardening[3]), "enabled", 0, 0, rl_onoff,
      "The port behind the phone, likewise." },
    { "phones", "span_to_pc", RL_CONF_ENUM, AT(hardening[4]), "disabled", 0, 0, rl_onoff,
      "A copy of the phone's traffic there, likewise." },
    { "phones", "voice_vlan_access", RL_CONF_ENUM, AT(hardening[5]), "enabled", 0, 0, rl_onoff,
      "The voice VLAN from there, likewise." },
    { "phones", "garp", RL_CONF_ENUM, AT(hardening[6]), "disabled", 0, 0, rl_onoff,
      "Whether the phone believes gratuitous ARP, likewise." },

    { "lists", "hash", RL_CONF_ENUM, AT(list_hash), "sha1", 0, 0, rl_list_hash_names,
      "Hash of the signature of CTL and ITL; sha512 only where every phone can verify it (R133)." },
    { "lists", "signer_version", RL_CONF_ENUM, AT(signer_version), "1.0", 0, 0,
      rl_signer_version_names,
      "1.1 lets newer phones use EC keys and lists EC certificates." },

    { "calls", "display_policy", RL_CONF_ENUM, AT(display_policy), "all-but-bfcp-ix", 0, 0,
      rl_display_policy_names,
      "Which media beside audio must be encrypted for a lock (Secure Call Icon Display Policy)." },
    { "calls", "silence", RL_CONF_DURATION, AT(silence_us), "4h", 1, 30 * DAY, NULL,
      "A call without a message for so long, and without a session timer, is taken as ended." },
    { "calls", "ringing", RL_CONF_DURATION, AT(ringing_us), "5m", 1, DAY, NULL,
      "The same for a call that rings." },
    { "calls", "keep_ended_age", RL_CONF_DURATION, AT(ended_age_us), "1h", 0, 30 * DAY, NULL,
      "How long an ended call is kept." },
    { "calls", "keep_ended_count", RL_CONF_NUMBER, AT(ended_count), "10000", 0, 10000000, NULL,
      "How many ended calls are kept." },
    { "calls", "max_calls", RL_CONF_NUMBER, AT(max_calls), "200000", 10, 10000000, NULL,
      "How many live calls are followed; beyond it the longest silent one gives way." },

    { "certificates", "notice_days", RL_CONF_NUMBERS, AT(notice_days), "30 14 7 1 0", 0, 3650, NULL,
      "So many days before the end of a certificate on file notice of it is given." },
    { "certificates", "notice_command", RL_CONF_PATH, AT(notice_command), "", 0, 0, NULL,
      "A program that is run once for each notice; empty: none." },
    { "certificates", "notice_timeout", RL_CONF_DURATION, AT(notice_timeout_us), "1m", 1, 3600, NULL,
      "After this time the program is killed." },

    { "capf", "tries", RL_CONF_NUMBER, AT(capf_tries), "5", 1, 1000, NULL,
      "After so many failed logins by CAPF a phone is locked out." },
    { "capf", "address_tries", RL_CONF_NUMBER, AT(capf_address_tries), "20", 1, 100000, NULL,
      "After so many of them from one address, within the time of a lock-out, the address is." },
    { "capf", "lock_time", RL_CONF_DURATION, AT(capf_lock_us), "15m", 1, 30 * DAY, NULL,
      "How long phones and addresses are locked out." },
    { "capf", "operation_days", RL_CONF_NUMBER, AT(capf_days), "10", 1, 3650, NULL,
      "How many days an operation waits for its phone, where its end is not said." },
    { "capf", "lsc_days", RL_CONF_NUMBER, AT(capf_lsc_days), "1825", 1, 3560, NULL,
      "How long an LSC is valid; none outlives the CAPF certificate." },
    { "capf", "lsc_subject", RL_CONF_ENUM, AT(capf_lsc_subject), "device", 0, 0, subjects,
      "What an LSC calls its phone: SEP001122334455, or CP-8861-SEP001122334455." },
    { "capf", "renew", RL_CONF_ENUM, AT(capf_renew), "told", 0, 0, renewals,
      "What is done when two thirds of the validity of an LSC are over: it is told, or ordered by itself." },
    { "capf", "release", RL_CONF_RELEASE, AT(capf_release), "", 0, 0, NULL,
      "Release of the call manager, as in 11.5(1)SU1: before that LSCs are signed with SHA-1. Empty: after it." },

    { "log", "target", RL_CONF_ENUM, AT(log_target), "stderr", 0, 0, rl_log_target_names,
      "Where the engine writes what it does." },
    { "log", "level", RL_CONF_ENUM, AT(log_level), "notice", 0, 0, rl_log_level_names,
      "How much it writes." },

    { "audit", "rotate_size", RL_CONF_SIZE, AT(audit_rotate), "16M", 4 * KIB, 1024 * MIB, NULL,
      "At this size log/audit.log becomes audit.log.1." },
    { "audit", "rotate_age", RL_CONF_DURATION, AT(audit_age_us), "0", 0, 3650 * DAY, NULL,
      "It does so as well when its first entry is so old; 0: at any age." },
    { "audit", "keep", RL_CONF_NUMBER, AT(audit_keep), "50", 1, 10000, NULL,
      "How many of those files are kept." },
    { "audit", "keep_days", RL_CONF_NUMBER, AT(audit_days), "0", 0, 36500, NULL,
      "Older entries are dropped from the database, and files that end before them; 0: all are kept." },

    { "backup", "warn_days", RL_CONF_NUMBER, AT(backup_days), "7", 0, 3650, NULL,
      "When the last backup is older, or there is none since the installation, status and dashboard say so; 0: never." },

    { "drafts", "keep_days", RL_CONF_NUMBER, AT(drafts_days), "30", 0, 3650, NULL,
      "Drafts of forms and wizards that nobody touched for so many days are dropped; 0: none is." },

    { "console", "idle", RL_CONF_DURATION, AT(idle_us), "15m", 0, DAY, NULL,
      "Without a key for so long a console counts a minute down and ends; 0: it stays." },
};
/* clang-format on */

const size_t rl_config_nkeys = sizeof rl_config_keys / sizeof *rl_config_keys;

static void write_choices(struct rl_buf *out, const char *const *values)
{
    rl_buf_adds(out, "# One of:");
    for (size_t i = 0; values[i]; i++)
        rl_buf_addf(out, " %s", values[i]);
    rl_buf_addc(out, '\n');
}

void rl_config_write_default(struct rl_buf *out)
{
    const char *section = "";
    rl_buf_adds(
        out,
        "# Configuration of this site; see ringlock.conf(5). Lines that begin with '#' are\n"
        "# comments: the values shown are the defaults. Values with ';' or '#' need quotes.\n"
        "# Test it with ringlockd --check-config; SIGHUP makes a running engine read it again.\n");
    for (size_t i = 0; i < rl_config_nkeys; i++) {
        const struct rl_config_key *key = &rl_config_keys[i];
        if (strcmp(section, key->section) != 0)
            rl_buf_addf(out, "\n[%s]\n", section = key->section);
        rl_buf_addf(out, "# %s\n", key->help);
        if (key->kind == RL_CONF_ENUM)
            write_choices(out, key->values);
        rl_buf_addf(out, "#%s = %s\n", key->name, key->def);
    }
}

void rl_config_list(struct rl_buf *out)
{
    for (size_t i = 0; i < rl_config_nkeys; i++)
        rl_buf_addf(out, "%s.%s = %s\n", rl_config_keys[i].section, rl_config_keys[i].name,
                    rl_config_keys[i].def);
}
