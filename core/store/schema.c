/* The schema, as steps that are never changed once released.
 *
 * - Table and column names are those of the field tables; rid and rev are the store's own. A unit
 *   test holds the columns to the tables.
 * - Keys are unique character by character, since a profile may have to equal a certificate's name
 *   exactly (R102). Types are found in any case.
 * - Every list order is an index (field without regard to case, key), so that pages of a million
 *   phones need no sorting. Foreign keys have indexes of their own, in exact case.
 * - Trust is the type's. Phones and gateways have no column for it (R41, R47).
 * - A reference that may be empty is NULL then; lists read NAME_text, which is never NULL.
 * - tally counts devices per type and profile, so that the status view need not. */
#include "store/db.h"

static const char version_1[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"

    "CREATE TABLE audit (seq INTEGER PRIMARY KEY, text TEXT NOT NULL, hash TEXT NOT NULL);"

    "CREATE TABLE type ("
    " rid INTEGER PRIMARY KEY, rev INTEGER NOT NULL DEFAULT 1,"
    " model TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (model <> ''),"
    " cucm_type TEXT NOT NULL DEFAULT '', vendor TEXT NOT NULL DEFAULT '',"
    " class TEXT NOT NULL DEFAULT '', family TEXT NOT NULL DEFAULT '',"
    " protocols TEXT NOT NULL DEFAULT '', security_class TEXT NOT NULL DEFAULT '',"
    " has_mic TEXT NOT NULL DEFAULT '', lsc_capf TEXT NOT NULL DEFAULT '',"
    " max_rsa INTEGER NOT NULL DEFAULT '', ec_keys TEXT NOT NULL DEFAULT '',"
    " authentication TEXT NOT NULL DEFAULT '', encryption TEXT NOT NULL DEFAULT '',"
    " tls_to_cucm TEXT NOT NULL DEFAULT '', cert_mode TEXT NOT NULL DEFAULT '',"
    " enc_config TEXT NOT NULL DEFAULT '', enc_config_method TEXT NOT NULL DEFAULT '',"
    " manual_key TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',"
    " digest_keyed_in TEXT NOT NULL DEFAULT '', sip_oauth TEXT NOT NULL DEFAULT '',"
    " sha256_lsc TEXT NOT NULL DEFAULT '', other_sig_sha1_only TEXT NOT NULL DEFAULT '',"
    " secure_tone TEXT NOT NULL DEFAULT '', lock_icon TEXT NOT NULL DEFAULT '',"
    " shield_icon TEXT NOT NULL DEFAULT '',"
    " trusted TEXT NOT NULL DEFAULT '' CHECK (trusted IN ('', 'no', 'yes')),"
    " srtp TEXT NOT NULL DEFAULT '', autoreg_mixed TEXT NOT NULL DEFAULT '',"
    " lifecycle TEXT NOT NULL DEFAULT '', lifecycle_date TEXT NOT NULL DEFAULT '',"
    " deprecated_from TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',"
    " evidence TEXT NOT NULL DEFAULT '', criteria TEXT NOT NULL DEFAULT '',"
    " pack TEXT NOT NULL DEFAULT '');"

    "CREATE TABLE profile ("
    " rid INTEGER PRIMARY KEY, rev INTEGER NOT NULL DEFAULT 1,"
    " name TEXT NOT NULL UNIQUE CHECK (name <> ''),"
    " type TEXT NOT NULL COLLATE NOCASE REFERENCES type (model),"
    " protocol TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',"
    " mode TEXT NOT NULL DEFAULT '',"
    " transport TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',"
    " encrypted_config TEXT NOT NULL DEFAULT '', sip_port INTEGER NOT NULL DEFAULT '',"
    " nonce_validity INTEGER NOT NULL DEFAULT '', oauth TEXT NOT NULL DEFAULT '',"
    " exclude_digest TEXT NOT NULL DEFAULT '', auth_mode TEXT NOT NULL DEFAULT '',"
    " key_order TEXT NOT NULL DEFAULT '', rsa_size TEXT NOT NULL DEFAULT '',"
    " ec_size TEXT NOT NULL DEFAULT '', predefined TEXT NOT NULL DEFAULT 'no');"
    "CREATE INDEX profile_by_name ON profile (name COLLATE NOCASE, name);"
    "CREATE INDEX profile_by_type ON profile (type, name);"

    "CREATE TABLE user ("
    " rid INTEGER PRIMARY KEY, rev INTEGER NOT NULL DEFAULT 1,"
    " id TEXT NOT NULL UNIQUE CHECK (id <> ''), name TEXT NOT NULL DEFAULT '');"
    "CREATE INDEX user_by_id ON user (id COLLATE NOCASE, id);"
    "CREATE INDEX user_by_name ON user (name COLLATE NOCASE, id);"
    "CREATE TABLE user_secret ("
    " owner INTEGER NOT NULL REFERENCES user (rid) ON DELETE CASCADE,"
    " field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, field)) WITHOUT ROWID;"

    "CREATE TABLE phone ("
    " rid INTEGER PRIMARY KEY, rev INTEGER NOT NULL DEFAULT 1,"
    " name TEXT NOT NULL UNIQUE CHECK (name <> ''),"
    " type TEXT NOT NULL COLLATE NOCASE REFERENCES type (model),"
    " protocol TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',"
    " profile TEXT NOT NULL REFERENCES profile (name) ON UPDATE CASCADE,"
    " lines TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '',"
    " digest_user TEXT REFERENCES user (id) ON UPDATE CASCADE,"
    " protected TEXT NOT NULL DEFAULT 'no',"
    " profile_text TEXT AS (ifnull(profile, '')),"
    " digest_user_text TEXT AS (ifnull(digest_user, '')));"
    "CREATE INDEX phone_by_name ON phone (name COLLATE NOCASE, name);"
    "CREATE INDEX phone_by_type ON phone (type, name);"
    "CREATE INDEX phone_by_protocol ON phone (protocol COLLATE NOCASE, name);"
    "CREATE INDEX phone_by_description ON phone (description COLLATE NOCASE, name);"
    "CREATE INDEX phone_by_profile ON phone (profile_text COLLATE NOCASE, name);"
    "CREATE INDEX phone_by_profile_key ON phone (profile, name);"
    "CREATE INDEX phone_by_lines ON phone (lines COLLATE NOCASE, name);"
    "CREATE INDEX phone_by_owner ON phone (owner COLLATE NOCASE, name);"
    "CREATE INDEX phone_by_digest_user ON phone (digest_user_text COLLATE NOCASE, name);"
    "CREATE INDEX phone_of_user ON phone (digest_user, type) WHERE digest_user IS NOT NULL;"
    "CREATE INDEX phone_by_protected ON phone (protected COLLATE NOCASE, name);"
    "CREATE TABLE phone_line ("
    " number TEXT NOT NULL COLLATE NOCASE,"
    " phone INTEGER NOT NULL REFERENCES phone (rid) ON DELETE CASCADE,"
    " PRIMARY KEY (number, phone)) WITHOUT ROWID;"
    "CREATE INDEX line_of_phone ON phone_line (phone);"

    "CREATE TABLE gateway ("
    " rid INTEGER PRIMARY KEY, rev INTEGER NOT NULL DEFAULT 1,"
    " name TEXT NOT NULL UNIQUE CHECK (name <> ''),"
    " type TEXT NOT NULL COLLATE NOCASE REFERENCES type (model),"
    " protocol TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',"
    " address TEXT NOT NULL DEFAULT '', srtp_allowed TEXT NOT NULL DEFAULT '');"
    "CREATE INDEX gateway_by_name ON gateway (name COLLATE NOCASE, name);"
    "CREATE INDEX gateway_by_type ON gateway (type, name);"
    "CREATE INDEX gateway_by_address ON gateway (address COLLATE NOCASE, name);"

    "CREATE TABLE tally ("
    " kind TEXT NOT NULL, type TEXT NOT NULL COLLATE NOCASE, profile TEXT NOT NULL,"
    " n INTEGER NOT NULL, PRIMARY KEY (kind, type, profile)) WITHOUT ROWID;"
    "CREATE TRIGGER phone_added AFTER INSERT ON phone BEGIN"
    " INSERT INTO tally VALUES ('phone', new.type, new.profile, 1)"
    "  ON CONFLICT (kind, type, profile) DO UPDATE SET n = n + 1; END;"
    "CREATE TRIGGER phone_removed AFTER DELETE ON phone BEGIN"
    " UPDATE tally SET n = n - 1"
    "  WHERE kind = 'phone' AND type = old.type AND profile = old.profile; END;"
    "CREATE TRIGGER phone_moved AFTER UPDATE OF type, profile ON phone"
    " WHEN new.type <> old.type OR new.profile <> old.profile BEGIN"
    " UPDATE tally SET n = n - 1"
    "  WHERE kind = 'phone' AND type = old.type AND profile = old.profile;"
    " INSERT INTO tally VALUES ('phone', new.type, new.profile, 1)"
    "  ON CONFLICT (kind, type, profile) DO UPDATE SET n = n + 1; END;"
    "CREATE TRIGGER gateway_added AFTER INSERT ON gateway BEGIN"
    " INSERT INTO tally VALUES ('gateway', new.type, '', 1)"
    "  ON CONFLICT (kind, type, profile) DO UPDATE SET n = n + 1; END;"
    "CREATE TRIGGER gateway_removed AFTER DELETE ON gateway BEGIN"
    " UPDATE tally SET n = n - 1 WHERE kind = 'gateway' AND type = old.type AND profile = ''; END;"
    "CREATE TRIGGER gateway_moved AFTER UPDATE OF type ON gateway"
    " WHEN new.type <> old.type BEGIN"
    " UPDATE tally SET n = n - 1 WHERE kind = 'gateway' AND type = old.type AND profile = '';"
    " INSERT INTO tally VALUES ('gateway', new.type, '', 1)"
    "  ON CONFLICT (kind, type, profile) DO UPDATE SET n = n + 1; END;"
    "CREATE TRIGGER user_added AFTER INSERT ON user BEGIN"
    " INSERT INTO tally VALUES ('user', '', '', 1)"
    "  ON CONFLICT (kind, type, profile) DO UPDATE SET n = n + 1; END;"
    "CREATE TRIGGER user_removed AFTER DELETE ON user BEGIN"
    " UPDATE tally SET n = n - 1 WHERE kind = 'user'; END;";

/* Certificates, drafts of wizards, and what packs and profiles say about certificates. The body and
 * the names of a certificate stand beside its row; those of a removed one stay known (R109). */
static const char version_2[] =
    "ALTER TABLE type ADD COLUMN instructions TEXT NOT NULL DEFAULT '';"

    "CREATE TABLE cert ("
    " rid INTEGER PRIMARY KEY, rev INTEGER NOT NULL DEFAULT 1,"
    " name TEXT NOT NULL UNIQUE CHECK (name <> ''),"
    " store TEXT NOT NULL, device TEXT NOT NULL DEFAULT '', usage TEXT NOT NULL,"
    " description TEXT NOT NULL DEFAULT '', origin TEXT NOT NULL DEFAULT '',"
    " common_name TEXT NOT NULL DEFAULT '', san TEXT NOT NULL DEFAULT '',"
    " subject TEXT NOT NULL DEFAULT '', issuer TEXT NOT NULL DEFAULT '',"
    " serial TEXT NOT NULL DEFAULT '', not_before TEXT NOT NULL, not_after TEXT NOT NULL,"
    " self_signed TEXT NOT NULL DEFAULT '', ca TEXT NOT NULL DEFAULT '',"
    " key_type TEXT NOT NULL DEFAULT '', key_bits INTEGER NOT NULL DEFAULT '',"
    " signature_hash TEXT NOT NULL DEFAULT '',"
    " fingerprint TEXT NOT NULL, pem_fingerprint TEXT NOT NULL,"
    " uploaded TEXT NOT NULL DEFAULT '', UNIQUE (fingerprint, store));"
    "CREATE INDEX cert_by_name ON cert (name COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_store ON cert (store COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_device ON cert (device COLLATE NOCASE, name);"
    "CREATE INDEX cert_of_device ON cert (device, name) WHERE device <> '';"
    "CREATE INDEX cert_by_usage ON cert (usage COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_common_name ON cert (common_name COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_subject ON cert (subject COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_issuer ON cert (issuer COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_not_before ON cert (not_before COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_not_after ON cert (not_after COLLATE NOCASE, name);"
    "CREATE INDEX cert_by_pem_fingerprint ON cert (pem_fingerprint);"
    "CREATE TABLE cert_body ("
    " cert INTEGER PRIMARY KEY REFERENCES cert (rid) ON DELETE CASCADE, der BLOB NOT NULL);"
    "CREATE TABLE cert_name ("
    " value TEXT NOT NULL, cert INTEGER NOT NULL REFERENCES cert (rid) ON DELETE CASCADE,"
    " PRIMARY KEY (value, cert)) WITHOUT ROWID;"
    "CREATE INDEX name_of_cert ON cert_name (cert);"
    "CREATE TABLE cert_gone ("
    " fingerprint TEXT PRIMARY KEY, pem_fingerprint TEXT NOT NULL, name TEXT NOT NULL,"
    " device TEXT NOT NULL, removed TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX cert_gone_by_pem ON cert_gone (pem_fingerprint);"
    "CREATE INDEX cert_gone_of_device ON cert_gone (device) WHERE device <> '';"
    "CREATE TABLE cert_notice ("
    " fingerprint TEXT NOT NULL, days INTEGER NOT NULL, told TEXT NOT NULL,"
    " PRIMARY KEY (fingerprint, days)) WITHOUT ROWID;"

    "ALTER TABLE profile ADD COLUMN certificate TEXT REFERENCES cert (name) ON UPDATE CASCADE;"
    "ALTER TABLE profile ADD COLUMN certificate_text TEXT AS (ifnull(certificate, ''));"
    "CREATE INDEX profile_by_certificate ON profile (certificate) WHERE certificate IS NOT NULL;"

    "CREATE TABLE draft ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, rev INTEGER NOT NULL DEFAULT 1,"
    " kind TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL, step TEXT NOT NULL,"
    " updated TEXT NOT NULL, answers TEXT NOT NULL);";

/* The log by object, by who, by time; what a removed certificate was, so that its removal can be
 * undone. The text, which alone is chained, begins with the time. An entry that is no JSON was
 * meddled with: it is about nothing, and verify names it. Then views of lists by name, and the one
 * that each user of a list used last. */
static const char version_3[] =
    "ALTER TABLE audit ADD COLUMN object TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE audit ADD COLUMN who TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE audit ADD COLUMN renamed TEXT;"
    "ALTER TABLE audit ADD COLUMN undoes INTEGER;"
    "ALTER TABLE audit ADD COLUMN kind TEXT"
    " AS (substr(object, 1, instr(object || ' ', ' ') - 1));"
    "ALTER TABLE audit ADD COLUMN time TEXT AS (substr(text, 10, 24));"
    "UPDATE audit SET object = ifnull(json_extract(text, '$.object'), ''),"
    " who = ifnull(json_extract(text, '$.who'), '') WHERE json_valid(text);"
    "UPDATE audit SET renamed = kind || ' ' || json_extract(text, '$.after.name')"
    " WHERE json_valid(text) AND json_extract(text, '$.what') = kind || ' rename';"
    "CREATE INDEX audit_of_object ON audit (object);"
    "CREATE INDEX audit_of_kind ON audit (kind);"
    "CREATE INDEX audit_of_who ON audit (who);"
    "CREATE INDEX audit_of_time ON audit (time);"
    "CREATE INDEX audit_of_rename ON audit (renamed) WHERE renamed IS NOT NULL;"
    "CREATE INDEX audit_of_undo ON audit (undoes) WHERE undoes IS NOT NULL;"
    "ALTER TABLE cert_gone ADD COLUMN der BLOB;"

    "CREATE TABLE view ("
    " list TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,"
    " updated TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (list, owner, name)) WITHOUT ROWID;"
    "CREATE INDEX view_of_owner ON view (owner);"
    "CREATE TABLE view_used ("
    " owner TEXT NOT NULL, list TEXT NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY (owner, list)) WITHOUT ROWID;";

/* What phones trust, and what is under way with them.
 *
 * - own: our own certificates by role. Of each role and kind of key one is active; beside it stand
 *   the next one, and those before it that phones may still need; the others are history (R11).
 *   The key is a file of keys/ by a name that no other one had.
 * - trust_list: the CTL and ITL files as phones get them, each version, and since when it was in
 * its place. phone_list: which one a phone was last seen with (R16). link_due: phones that came or
 *   went, whose own names for the lists are to be made or taken away; '' stands for all. Who comes
 *   or goes again is noted anew, under another id.
 * - profile: settings of phones that shut doors (R130).
 * - published: what a phone's configuration files were made of, by the phone's name, which may be
 *   gone already; publish_due: what has to be looked at again, written with the change that is the
 *   cause, by triggers of publish.c; n grows with each cause.
 * - capf: the certificate operation of a phone. */
static const char version_4[] =
    "CREATE INDEX cert_by_serial ON cert (serial);"
    "CREATE TABLE own ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, role TEXT NOT NULL,"
    " key_type TEXT NOT NULL CHECK (key_type IN ('RSA', 'EC')),"
    " state TEXT NOT NULL CHECK (state IN ('next', 'active', 'former', 'retired')),"
    " key_file TEXT NOT NULL, fingerprint TEXT NOT NULL, der BLOB NOT NULL,"
    " made TEXT NOT NULL, since TEXT NOT NULL);"
    "CREATE UNIQUE INDEX own_active ON own (role, key_type) WHERE state = 'active';"
    "CREATE UNIQUE INDEX own_next ON own (role, key_type) WHERE state = 'next';"
    "CREATE INDEX own_of_role ON own (role, id);"
    "CREATE TABLE csr ("
    " role TEXT NOT NULL, key_type TEXT NOT NULL, key_file TEXT NOT NULL, pem TEXT NOT NULL,"
    " made TEXT NOT NULL, PRIMARY KEY (role, key_type)) WITHOUT ROWID;"

    "CREATE TABLE trust_list ("
    " kind TEXT NOT NULL CHECK (kind IN ('CTL', 'ITL')), version INTEGER NOT NULL,"
    " made TEXT NOT NULL, placed TEXT NOT NULL DEFAULT '', body BLOB NOT NULL,"
    " PRIMARY KEY (kind, version));"
    "CREATE TABLE phone_list ("
    " kind TEXT NOT NULL, phone INTEGER NOT NULL REFERENCES phone (rid) ON DELETE CASCADE,"
    " version INTEGER NOT NULL, seen TEXT NOT NULL, PRIMARY KEY (kind, phone)) WITHOUT ROWID;"
    "CREATE INDEX phone_list_by_version ON phone_list (kind, version, phone);"
    "CREATE INDEX list_of_phone ON phone_list (phone);"
    "CREATE TABLE link_due (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);"
    "CREATE TRIGGER link_added AFTER INSERT ON phone WHEN EXISTS (SELECT 1 FROM trust_list) BEGIN"
    " DELETE FROM link_due WHERE name = new.name; INSERT INTO link_due (name) VALUES (new.name);"
    " END;"
    "CREATE TRIGGER link_removed AFTER DELETE ON phone WHEN EXISTS (SELECT 1 FROM trust_list) BEGIN"
    " DELETE FROM link_due WHERE name = old.name; INSERT INTO link_due (name) VALUES (old.name);"
    " END;"

    "CREATE TABLE phone_secret ("
    " owner INTEGER NOT NULL REFERENCES phone (rid) ON DELETE CASCADE,"
    " field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, field)) WITHOUT ROWID;"
    "CREATE TABLE published ("
    " name TEXT PRIMARY KEY, digest TEXT NOT NULL, made TEXT NOT NULL, form TEXT NOT NULL,"
    " signer TEXT NOT NULL, certificate TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '',"
    " why TEXT NOT NULL DEFAULT '', files TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE publish_due ("
    " scope TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 1,"
    " PRIMARY KEY (scope, key)) WITHOUT ROWID;"
    "ALTER TABLE profile ADD COLUMN settings_access TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE profile ADD COLUMN web_access TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE profile ADD COLUMN ssh_access TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE profile ADD COLUMN pc_port TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE profile ADD COLUMN span_to_pc TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE profile ADD COLUMN voice_vlan_access TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE profile ADD COLUMN garp TEXT NOT NULL DEFAULT '';"

    "CREATE TABLE capf ("
    " phone INTEGER PRIMARY KEY REFERENCES phone (rid) ON DELETE CASCADE, name TEXT NOT NULL,"
    " operation TEXT NOT NULL DEFAULT 'none', status TEXT NOT NULL DEFAULT 'none',"
    " done TEXT NOT NULL DEFAULT 'none', reason TEXT NOT NULL DEFAULT '',"
    " tries INTEGER NOT NULL DEFAULT 0, locked_until TEXT NOT NULL DEFAULT '',"
    " completes_by TEXT NOT NULL DEFAULT '', sent TEXT NOT NULL DEFAULT '',"
    " lsc TEXT NOT NULL DEFAULT '', mic TEXT NOT NULL DEFAULT '',"
    " renew_at TEXT NOT NULL DEFAULT '', updated TEXT NOT NULL);"
    "CREATE INDEX capf_pending ON capf (completes_by, phone) WHERE operation <> 'none';"
    "CREATE INDEX capf_due ON capf (renew_at, phone) WHERE renew_at <> '';"
    "CREATE INDEX capf_by_name ON capf (name COLLATE NOCASE, name);"
    "CREATE INDEX capf_by_status ON capf (status, name COLLATE NOCASE, name);"
    "CREATE TRIGGER capf_renamed AFTER UPDATE OF name ON phone BEGIN"
    " UPDATE capf SET name = new.name WHERE phone = new.rid; END;";

const struct rl_migration rl_migrations[RL_SCHEMA_VERSION] = {
    {1, version_1},
    {2, version_2},
    {3, version_3},
    {4, version_4},
};
