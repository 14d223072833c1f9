/* Every code that ringlock can answer with: name, tag, exit status, rule, remedy.
 * Exit status: 0 done, 1 refused by a rule, 2 wrong usage, 3 no engine, 4 not allowed, 5 other
 * failure. Keep the groups; add a code to the group of the room that raises it. */
#ifndef RINGLOCK_CODES_H
#define RINGLOCK_CODES_H

/* clang-format off */
#define RL_CODES(X) \
    X(OK,                 "OK",                 0, "",     "") \
    /* everywhere */ \
    X(E_INTERNAL,         "E-INTERNAL",         5, "",     "Report this with the log of ringlockd.") \
    X(E_USAGE,            "E-USAGE",            2, "",     "See ringlock(1).") \
    X(E_NO_ENGINE,        "E-NO-ENGINE",        3, "",     "Start ringlockd for this site, or name the site with --site.") \
    X(E_NOT_ALLOWED,      "E-NOT-ALLOWED",      4, "",     "Ask an administrator of this site.") \
    X(E_IO,               "E-IO",               5, "",     "Check the file, its permissions and the free space.") \
    X(E_PROTOCOL,         "E-PROTOCOL",         5, "",     "Install the console and the engine of the same release.") \
    X(E_CANCELLED,        "E-CANCELLED",        5, "",     "Ask again, or for less.") \
    X(E_BUSY,             "E-BUSY",             5, "",     "Wait for the answers that are due, then ask again.") \
    X(E_FORMAT,           "E-FORMAT",           1, "",     "Correct the input at the place named.") \
    /* site and engine */ \
    X(E_CONFIG,           "E-CONFIG",           2, "",     "Correct ringlock.conf; ringlockd --check-config tests it.") \
    X(E_RELEASE,          "E-RELEASE",          2, "R131", "Name a release in the field's form: 11.5(1), 11.5(1)SU1, 14SU2.") \
    X(E_INIT_MODE,        "E-INIT-MODE",        1, "R1",   "Make the site first, then use: ringlock cluster mode mixed.") \
    X(E_SITE_EXISTS,      "E-SITE-EXISTS",      1, "",     "Name another directory, or use the site that is there.") \
    X(E_SITE_MISSING,     "E-SITE-MISSING",     5, "",     "Make the site with: ringlock init --site DIR.") \
    X(E_SITE_OPEN,        "E-SITE-OPEN",        5, "",     "Take the permission away: chmod go-w DIR.") \
    X(E_SITE_BUSY,        "E-SITE-BUSY",        5, "",     "Use the engine that serves the site, or stop it first.") \
    X(E_SITE_NEWER,       "E-SITE-NEWER",       5, "",     "Install the release that made the site, or a later one.") \
    X(E_SITE_DAMAGED,     "E-SITE-DAMAGED",     5, "",     "Restore the site from a backup: ringlock restore FILE --site DIR --replace.") \
    X(E_UPGRADE_MODE_DRIFT,"E-UPGRADE-MODE-DRIFT",5,"R3",  "Go on with the release before, and report this with the log of ringlockd.") \
    X(E_UPGRADE_CERT_REISSUED,"E-UPGRADE-CERT-REISSUED",5,"R13","Go on with the release before, and report this with the log of ringlockd.") \
    X(E_CERT_GEN,         "E-CERT-GEN",         5, "R8",   "Check that the keys directory can be written.") \
    X(E_CERT_PARSE,       "E-CERT-PARSE",       1, "R9",   "Give a certificate in PEM or DER form.") \
    X(E_CERT_PRIVATE_KEY, "E-CERT-PRIVATE-KEY", 1, "R9",   "Upload the certificate alone; keep the key where it was made.") \
    X(E_CERT_PKCS12,      "E-CERT-PKCS12",      1, "R10",  "Take the certificate out of it: openssl pkcs12 -nokeys -in FILE.") \
    X(E_CERT_DATES,       "E-CERT-DATES",       1, "R86",  "Get a certificate that is valid now.") \
    X(E_CERT_WEAK,        "E-CERT-WEAK",        1, "R9",   "Get a certificate with RSA 2048 to 4096 or EC 256 and more, signed with SHA-2.") \
    X(E_CERT_WILDCARD,    "E-CERT-WILDCARD",    1, "R102", "Get a certificate that names the thing in full.") \
    X(E_CERT_CHAIN,       "E-CERT-CHAIN",       1, "R10",  "Put one certificate and those that signed it into the file.") \
    X(E_CERT_NO_CHAIN,    "E-CERT-NO-CHAIN",    1, "R10",  "Upload the certificates of its CA first: root, then intermediates.") \
    X(E_CERT_CSR_MISMATCH,"E-CERT-CSR-MISMATCH",1, "R10",  "Send the CA the request that is outstanding: ringlock cert csr ROLE.") \
    X(E_CERT_CA,          "E-CERT-CA",          1, "R131", "Have it signed as a subordinate CA: CA:TRUE, with keyCertSign.") \
    X(E_CERT_SELF,        "E-CERT-SELF",        1, "",     "Leave the anchor of all lists to this server: ringlock cert regenerate ITLRecovery.") \
    X(E_CERT_ROLLOVER,    "E-CERT-ROLLOVER",    1, "",     "Retire the former one first, when its phones have the new list: ringlock cert retire ROLE.") \
    X(E_CERT_REUSED,      "E-CERT-REUSED",      1, "R86",  "Give each phone a certificate of its own.") \
    X(E_CERT_FIXED,       "E-CERT-FIXED",       1, "",     "Renew it instead: ringlock cert impact ROLE tells how.") \
    X(E_CERT_UPLOAD,      "E-CERT-UPLOAD",      1, "R76",  "Upload it: ringlock cert upload FILE.") \
    X(E_TRUST_FILE,       "E-TRUST-FILE",       1, "",     "Give it to no phone; take the file again from the server that made it.") \
    X(E_TRUST_SIGNATURE,  "E-TRUST-SIGNATURE",  1, "",     "Give it to no phone: it was changed, or its signer is another than it says.") \
    X(E_TRUST_SIGNER,     "E-TRUST-SIGNER",     1, "",     "Find out who made it before any phone gets it.") \
    X(E_PUBLISH_OFF,      "E-PUBLISH-OFF",      1, "",     "Publish the files of all phones first: ringlock publish --all.") \
    X(E_CTL_NONE,         "E-CTL-NONE",         1, "R15",  "Change the cluster to mixed mode, which publishes one: ringlock cluster mode mixed.") \
    X(E_CTL_SIGNER,       "E-CTL-SIGNER",       1, "R15",  "Give the role a certificate that is valid now, with its key.") \
    X(E_SHA1_ONLY,        "E-SHA1-ONLY",        1, "R133", "Set [lists] hash to sha1 in ringlock.conf, as long as there are such phones.") \
    X(E_SERVER_CERT,      "E-SERVER-CERT",      1, "R12",  "Renew it: ringlock cert impact CallManager tells how.") \
    X(E_DEVICE_CTL_OLD,   "E-DEVICE-CTL-OLD",   1, "R16",  "Reset the phone, so that it takes the new CTL file.") \
    X(E_AUDIT_CHAIN,      "E-AUDIT-CHAIN",      1, "R141", "Keep the log as it is and find out who changed it.") \
    X(E_BACKUP_FOREIGN,   "E-BACKUP-FOREIGN",   1, "",     "Name a file that was made as a backup.") \
    X(E_BACKUP_DAMAGED,   "E-BACKUP-DAMAGED",   1, "",     "Take another backup: nothing of this one was used.") \
    X(E_BACKUP_KEY,       "E-BACKUP-KEY",       1, "",     "Give the passphrase that it was made with, or its certificate's private key: --key KEY.pem.") \
    /* objects */ \
    X(E_NOT_FOUND,        "E-NOT-FOUND",        1, "",     "List what is there and name one of those.") \
    X(E_EXISTS,           "E-EXISTS",           1, "",     "Choose another name, or change the one that is there.") \
    X(E_CONFLICT,         "E-CONFLICT",         1, "",     "Read it again and make the change on what is there now.") \
    X(E_REQUIRED,         "E-REQUIRED",         1, "R91",  "Fill in the field named.") \
    X(E_VALUE,            "E-VALUE",            1, "",     "Give a value that the field takes.") \
    X(E_FIELD,            "E-FIELD",            1, "",     "Use one of the field's object; see ringlock(1).") \
    X(E_READONLY,         "E-READONLY",         1, "",     "Leave the field out; the system sets it.") \
    X(E_TRUST_READONLY,   "E-TRUST-READONLY",   1, "R41",  "Leave it out: trust comes from the device type alone.") \
    X(E_STATUS_OWNER,     "E-STATUS-OWNER",     1, "R18",  "Set the mode in the security profile of the device.") \
    X(E_UNKNOWN_TYPE,     "E-UNKNOWN-TYPE",     1, "R40",  "Choose a type of ringlock type list, or import its pack: ringlock type import.") \
    X(E_TYPE_NEEDS_COP,   "E-TYPE-NEEDS-COP",   1, "R77",  "Import the supplier's pack: ringlock type import PACK.") \
    X(E_TYPE_IN_USE,      "E-TYPE-IN-USE",      1, "R85",  "Remove its devices and profiles first.") \
    X(E_TYPE_PROTOCOL,    "E-TYPE-PROTOCOL",    1, "R62",  "Choose a protocol that the type has.") \
    X(E_TYPE_CLASS,       "E-TYPE-CLASS",       1, "R46",  "Add phones with phone add and gateways with gateway add.") \
    X(E_NO_DEFAULT_PROFILE,"E-NO-DEFAULT-PROFILE",1,"R2",  "Name a security profile for the device.") \
    X(E_PROFILE_TYPE,     "E-PROFILE-TYPE",     1, "R92",  "Choose a profile of the same type and protocol.") \
    X(E_PROFILE_FIXED,    "E-PROFILE-FIXED",    1, "",     "Copy the predefined profile and change the copy.") \
    X(E_PROFILE_IN_USE,   "E-PROFILE-IN-USE",   1, "",     "Give its devices another profile first; they are listed by: ringlock profile users.") \
    X(E_NO_TLS,           "E-NO-TLS",           1, "R82",  "Leave the mode out: the type has no Device Security Mode.") \
    X(E_MODE_UNSUPPORTED, "E-MODE-UNSUPPORTED", 1, "R62",  "Choose a mode that the type can do.") \
    X(E_TRANSPORT_TLS,    "E-TRANSPORT-TLS",    1, "R106", "Use transport TLS with a secure mode.") \
    X(E_TRANSPORT,        "E-TRANSPORT",        1, "",     "Choose a transport that fits the mode.") \
    X(E_ENC_CONFIG,       "E-ENC-CONFIG",       1, "R129", "Leave encrypted configuration off for this type.") \
    X(E_OAUTH,            "E-OAUTH",            1, "",     "Use OAuth with mode Encrypted, without digest and encrypted configuration.") \
    X(E_KEY_SIZE,         "E-KEY-SIZE",         1, "",     "Choose a key that the type can make.") \
    X(E_DIGEST_SCCP,      "E-DIGEST-SCCP",      1, "R126", "Leave digest out: it belongs to SIP.") \
    X(E_DIGEST_NO_CRED,   "E-DIGEST-NO-CRED",   1, "R125", "Give the user digest credentials first.") \
    X(E_DIGEST_SHARED,    "E-DIGEST-SHARED",    1, "R81",  "Use one digest user for each third-party phone.") \
    X(E_USER_IN_USE,      "E-USER-IN-USE",      1, "",     "Take the user from its phones first.") \
    /* catalogue and packs */ \
    X(E_CATALOGUE_TRUST,  "E-CATALOGUE-TRUST",  1, "R37",  "State every criterion and sign the pack: ringlock cert upload SIGNER --store pack-signers.") \
    X(E_CATALOGUE_CLASS,  "E-CATALOGUE-CLASS",  1, "R61",  "Name exactly one security class.") \
    X(E_VENDOR_MIC,       "E-VENDOR-MIC",       1, "R72",  "Preferred-vendor types have no MIC: say has_mic = no.") \
    X(E_VENDOR_CAPF,      "E-VENDOR-CAPF",      1, "R73",  "Preferred-vendor types have no CAPF: say lsc_capf = no.") \
    X(E_CAPF_DOWN,        "E-CAPF-DOWN",        1, "R69",  "Switch the service on: set listen_capf in [enrol] of ringlock.conf.") \
    X(E_COP_INVALID,      "E-COP-INVALID",      1, "R80",  "Have the supplier correct the pack.") \
    X(E_FEATURE,          "E-FEATURE",          1, "R136", "Name one of the features listed.") \
    X(E_COP_NO_SECURITY,  "E-COP-NO-SECURITY",  1, "R79",  "Ask the supplier for a pack that enables security for the type.") \
    /* preferred-vendor phones and their wizards */ \
    X(E_VENDOR_CERT_MISSING,"E-VENDOR-CERT-MISSING",1,"R76","Upload its certificate: ringlock cert upload FILE.") \
    X(E_CERT_MODE,        "E-CERT-MODE",        1, "R84",  "Use the wizard of the mode that the supplier names.") \
    X(E_CERT_MODE_UNKNOWN,"E-CERT-MODE-UNKNOWN",1, "R84",  "Ask the supplier which certificates the phones take.") \
    X(E_MODE_NEEDED,      "E-MODE-NEEDED",      1, "R89",  "Choose Encrypted or Authenticated.") \
    X(E_SAN_NOT_DNS,      "E-SAN-NOT-DNS",      1, "R96",  "Get a certificate with a SAN of type DNS.") \
    X(E_SAN_MISMATCH,     "E-SAN-MISMATCH",     1, "R102", "Name the profile exactly as the certificate's DNS SAN.") \
    X(E_NO_CERT_NAME,     "E-NO-CERT-NAME",     1, "R101", "Get a certificate with a DNS SAN, or with a CN.") \
    X(E_UNDO,             "E-UNDO",             1, "",     "Make the change by hand: the history tells what was there before.") \
    X(E_UNDO_NONE,        "E-UNDO-NONE",        1, "",     "Only what you did yourself is undone, and each act once.") \
    X(E_DRAFT_TAKEN,      "E-DRAFT-TAKEN",      1, "R93",  "Take it over, or ask who works on it.") \
    X(E_DRAFT_LIMIT,      "E-DRAFT-LIMIT",      1, "",     "Save or drop drafts that are not needed any more.") \
    X(E_DRAFT_OPEN,       "E-DRAFT-OPEN",       1, "R93",  "Finish the steps named, then apply.") \
    /* files */ \
    X(E_CSV,              "E-CSV",              1, "",     "Correct the line named; the form is that of RFC 4180.") \
    X(E_CSV_COLUMN,       "E-CSV-COLUMN",       1, "",     "Use the columns that ringlock export writes.") \
    X(E_HEP_FILE,         "E-HEP-FILE",         1, "",     "Give a recording of HEPv3 datagrams.") \
    /* warnings: go on with --accept CODE */ \
    X(W_CLUSTER_NONSECURE,"W-CLUSTER-NONSECURE",1, "R121", "Change the cluster to mixed mode: ringlock cluster mode mixed.") \
    X(W_DIGEST_CLEAR,     "W-DIGEST-CLEAR",     1, "R129", "Turn encrypted configuration on in the profile.") \
    X(W_SHARED_MIXED,     "W-SHARED-MIXED",     1, "R30",  "Give every phone of the line an Encrypted profile.") \
    X(W_TRUST_UNKNOWN,    "W-TRUST-UNKNOWN",    1, "R46",  "Nothing can be set: the catalogue does not know the type's trust.") \
    X(W_KEY_SIZE,         "W-KEY-SIZE",         1, "",     "Choose 2048 bits or more.") \
    X(W_LSC_NEEDED,       "W-LSC-NEEDED",       1, "R70",  "Give it a nonsecure profile, install an LSC by CAPF, then give it the secure one.") \
    X(W_NULL_STRING,      "W-NULL-STRING",      1, "",     "Use an authentication string or an existing certificate: anybody may come as the phone.") \
    X(W_CAPF_PROOF,       "W-CAPF-PROOF",       1, "",     "Set the authentication mode By Authentication String in its profile.") \
    X(W_PROFILE_CAPF,     "W-PROFILE-CAPF",     1, "",     "Change the settings in the profile instead, for all phones that use it.") \
    X(W_CERT_ORIGIN,      "W-CERT-ORIGIN",      1, "R74",  "Say whether it came with the device or was made by it.") \
    X(W_VENDOR_NO_INSTRUCTIONS,"W-VENDOR-NO-INSTRUCTIONS",1,"R75","Ask the supplier how its phones get a certificate.") \
    X(W_ENC_KEY,          "W-ENC-KEY",          1, "R129", "Install an LSC with an RSA key: only for that a configuration file can be encrypted.") \
    X(W_TLS_CIPHERS,      "W-TLS-CIPHERS",      1, "",     "Choose Encrypted, or set tls_ciphers to what the SIP server takes.") \
    X(W_NO_SAN,           "W-NO-SAN",           1, "R101", "Get a certificate with a SAN of type DNS.") \
    X(W_SECURITY_LOST,    "W-SECURITY-LOST",    1, "R109", "Give the phones named another certificate first.") \
    X(W_TRUST_LOST,       "W-TRUST-LOST",       1, "R43",  "Look at the devices of the type: their calls will open.") \
    X(W_AUDIT_CHAIN,      "W-AUDIT-CHAIN",      1, "R141", "Find out who changed the log before you go on with the site.") \
    X(W_CTL_MISSING,      "W-CTL-MISSING",      1, "R15",  "Publish one: ringlock ctl update.") \
    X(W_CTL_STALE,        "W-CTL-STALE",        1, "R14",  "Write a new one: ringlock ctl update; then reset the phones.") \
    X(W_CERT_IMPACT,      "W-CERT-IMPACT",      1, "R16",  "Keep to the order that this tells: ringlock cert impact ROLE.") \
    X(W_TRUST_FILE,       "W-TRUST-FILE",       1, "",     "Try the file with the phones that will get it.") \
    X(W_TRUST_SIGNER,     "W-TRUST-SIGNER",     1, "",     "Name the certificate of the signer that phones trust: --signer CERT.")
/* clang-format on */

#endif
