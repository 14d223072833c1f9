/* The objects and their field tables. Form, wizard, command, import, store and engine read the same
 * tables. Tables live in core/model/fields_*.c, one file for each object. No I/O, no SQL. */
#ifndef RINGLOCK_MODEL_H
#define RINGLOCK_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringlock/err.h"

enum rl_security { RL_NONSECURE, RL_AUTHENTICATED, RL_ENCRYPTED };
enum rl_tristate { RL_UNKNOWN, RL_NO, RL_YES };

/* "nonsecure", "authenticated", "encrypted". Static. */
const char *rl_security_text(enum rl_security s);
/* "unlock", "shield", "lock" and the screen words "OPEN", "SHLD", "LOCK" (R143). Static. */
const char *rl_security_icon(enum rl_security s);
const char *rl_security_word(enum rl_security s);
/* False if the text (any case, "Non Secure" too) is no mode. */
bool rl_security_parse(const char *text, enum rl_security *out);

enum rl_kind { RL_PHONE, RL_GATEWAY, RL_PROFILE, RL_TYPE, RL_USER, RL_CERTIFICATE, RL_KIND_COUNT };

enum rl_field_kind {
    RL_F_TEXT,
    RL_F_INT,    /* min..max */
    RL_F_BOOL,   /* stored "yes" or "no"; read: yes/no, true/false, 1/0, on/off */
    RL_F_ENUM,   /* one of values[]; read in any case */
    RL_F_LIST,   /* texts divided by ';', no duplicates */
    RL_F_REF,    /* name of an object of kind ref */
    RL_F_SECRET, /* never shown, logged or exported; kept when empty */
};

enum rl_field_flag {
    RL_FF_NEED = 1 << 0,     /* must not be empty */
    RL_FF_FIXED = 1 << 1,    /* cannot change after creation */
    RL_FF_SYSTEM = 1 << 2,   /* set by the system only: readable, never writable */
    RL_FF_CSV = 1 << 3,      /* one of the contract's columns; the others follow it in an export */
    RL_FF_TRISTATE = 1 << 4, /* type catalogue: empty is "unknown" */
    RL_FF_IDENT = 1 << 5,    /* begins with a letter or digit */
    RL_FF_HOST = 1 << 6      /* an IPv4 or IPv6 address, or the name of a host (RFC 1123, 2.1) */
};

struct rl_field {
    const char *name;  /* "digest_user": JSON, CSV, SQL, --set */
    const char *label; /* "Digest User": forms and lists */
    enum rl_field_kind kind;
    unsigned flags;            /* rl_field_flag */
    long min, max;             /* RL_F_INT: range; texts: length in characters, max 0 = 255 */
    const char *const *values; /* RL_F_ENUM, some lists: NULL-terminated, as stored ("tcp+udp") */
    const char *const *labels; /* RL_F_ENUM: as shown ("TCP+UDP"), beside values; NULL = values */
    enum rl_kind ref;          /* RL_F_REF */
    const char *def;           /* default, or NULL */
    const char *allowed;       /* texts: beside ASCII letters and digits; NULL = any printable */
    const char *forbidden;     /* texts: characters that it does not take, or NULL */
    const char *section;       /* heading above it in forms, or NULL = as the field before */
    const char *help;          /* one sentence, R-number at its end where a rule decides */
};

struct rl_object {
    enum rl_kind kind;
    const char *name;              /* "phone": RPC, commands, SQL table */
    const char *plural;            /* "phones": CSV kinds */
    const char *label;             /* "Phone" */
    const struct rl_field *fields; /* fields[0] is the key */
    size_t nfields;
    size_t nstored; /* the first so many; the others are taken, but kept with another object */
};

/* Table of one kind. Static. */
const struct rl_object *rl_object(enum rl_kind kind);
/* By name or plural; NULL if there is none. */
const struct rl_object *rl_object_by_name(const char *name);
/* Index of a field; -1 if there is none. */
int rl_field_index(const struct rl_object *obj, const char *name);

/* Field positions, in the order of the tables (a unit test holds them to it). */
enum rl_phone_field {
    RL_PHONE_NAME,
    RL_PHONE_TYPE,
    RL_PHONE_PROTOCOL,
    RL_PHONE_DESCRIPTION,
    RL_PHONE_PROFILE,
    RL_PHONE_LINES,
    RL_PHONE_OWNER,
    RL_PHONE_DIGEST_USER,
    RL_PHONE_PROTECTED,
    RL_PHONE_CONFIG_KEY,
    RL_PHONE_STORED, /* the rest are settings of its profile, see ringlock/profile.h */
    RL_PHONE_AUTH_MODE = RL_PHONE_STORED,
    RL_PHONE_KEY_ORDER,
    RL_PHONE_RSA_SIZE,
    RL_PHONE_EC_SIZE,
    RL_PHONE_FIELDS
};
enum rl_gateway_field {
    RL_GATEWAY_NAME,
    RL_GATEWAY_TYPE,
    RL_GATEWAY_PROTOCOL,
    RL_GATEWAY_DESCRIPTION,
    RL_GATEWAY_ADDRESS,
    RL_GATEWAY_SRTP_ALLOWED,
    RL_GATEWAY_FIELDS
};
enum rl_profile_field {
    RL_PROFILE_NAME,
    RL_PROFILE_TYPE,
    RL_PROFILE_PROTOCOL,
    RL_PROFILE_DESCRIPTION,
    RL_PROFILE_MODE,
    RL_PROFILE_TRANSPORT,
    RL_PROFILE_DIGEST,
    RL_PROFILE_ENC_CONFIG,
    RL_PROFILE_SIP_PORT,
    RL_PROFILE_NONCE_VALIDITY,
    RL_PROFILE_OAUTH,
    RL_PROFILE_EXCLUDE_DIGEST,
    RL_PROFILE_AUTH_MODE,
    RL_PROFILE_KEY_ORDER,
    RL_PROFILE_RSA_SIZE,
    RL_PROFILE_EC_SIZE,
    RL_PROFILE_SETTINGS_ACCESS, /* these seven: see ringlock/hardening.h */
    RL_PROFILE_WEB_ACCESS,
    RL_PROFILE_SSH_ACCESS,
    RL_PROFILE_PC_PORT,
    RL_PROFILE_SPAN_TO_PC,
    RL_PROFILE_VOICE_VLAN_ACCESS,
    RL_PROFILE_GARP,
    RL_PROFILE_CERTIFICATE, /* the shared one that its name equals (R103) */
    RL_PROFILE_PREDEFINED,
    RL_PROFILE_FIELDS
};
enum rl_user_field { RL_USER_ID, RL_USER_NAME, RL_USER_DIGEST_PASSWORD, RL_USER_FIELDS };
/* Certificates on file: ours and uploaded ones. Times are RFC 3339 in UTC, so that texts sort. */
enum rl_certificate_field {
    RL_CERTIFICATE_NAME,
    RL_CERTIFICATE_STORE,  /* "Certificate Purpose" */
    RL_CERTIFICATE_DEVICE, /* whose it is; it may come later than the certificate */
    RL_CERTIFICATE_USAGE,
    RL_CERTIFICATE_DESCRIPTION,
    RL_CERTIFICATE_ORIGIN,
    RL_CERTIFICATE_COMMON_NAME,
    RL_CERTIFICATE_SAN, /* "DNS:name", "IP:address", ...; as written, only printable */
    RL_CERTIFICATE_SUBJECT,
    RL_CERTIFICATE_ISSUER,
    RL_CERTIFICATE_SERIAL,
    RL_CERTIFICATE_NOT_BEFORE,
    RL_CERTIFICATE_NOT_AFTER,
    RL_CERTIFICATE_SELF_SIGNED,
    RL_CERTIFICATE_CA,
    RL_CERTIFICATE_KEY_TYPE,
    RL_CERTIFICATE_KEY_BITS,
    RL_CERTIFICATE_SIGNATURE_HASH,
    RL_CERTIFICATE_FINGERPRINT,     /* SHA-256 of the DER form, hexadecimal */
    RL_CERTIFICATE_PEM_FINGERPRINT, /* SHA-256 of the PEM text, as the SIP server tells it */
    RL_CERTIFICATE_UPLOADED,
    RL_CERTIFICATE_FIELDS
};
/* Stores that mean something to the rules. */
#define RL_STORE_CALLMANAGER "CallManager" /* the engine's own, as are the next five */
#define RL_STORE_ECDSA       "CallManager-ECDSA"
#define RL_STORE_TFTP        "TFTP"
#define RL_STORE_CAPF        "CAPF"
#define RL_STORE_TVS         "TVS"
#define RL_STORE_ITLRECOVERY "ITLRecovery"
#define RL_STORE_PHONES      "CallManager-trust" /* what phones present, and their CAs (R76) */
#define RL_STORE_SIGNERS     "pack-signers"      /* who may sign device packs (R37) */
/* True for the stores that hold the engine's own certificates, one each. */
bool rl_store_is_own(const char *store);
/* Types: the columns of the device catalogue, in its order, then what a pack adds. */
enum rl_type_field {
    RL_TYPE_MODEL,
    RL_TYPE_CUCM_TYPE,
    RL_TYPE_VENDOR,
    RL_TYPE_CLASS,
    RL_TYPE_FAMILY,
    RL_TYPE_PROTOCOLS,
    RL_TYPE_SECURITY_CLASS,
    RL_TYPE_HAS_MIC,
    RL_TYPE_LSC_CAPF,
    RL_TYPE_MAX_RSA,
    RL_TYPE_EC_KEYS,
    RL_TYPE_AUTHENTICATION,
    RL_TYPE_ENCRYPTION,
    RL_TYPE_TLS,
    RL_TYPE_CERT_MODE,
    RL_TYPE_ENC_CONFIG,
    RL_TYPE_ENC_CONFIG_METHOD,
    RL_TYPE_MANUAL_KEY,
    RL_TYPE_DIGEST,
    RL_TYPE_DIGEST_KEYED_IN,
    RL_TYPE_SIP_OAUTH,
    RL_TYPE_SHA256_LSC,
    RL_TYPE_OTHER_SIG_SHA1,
    RL_TYPE_SECURE_TONE,
    RL_TYPE_LOCK_ICON,
    RL_TYPE_SHIELD_ICON,
    RL_TYPE_TRUSTED,
    RL_TYPE_SRTP,
    RL_TYPE_AUTOREG_MIXED,
    RL_TYPE_LIFECYCLE,
    RL_TYPE_LIFECYCLE_DATE,
    RL_TYPE_DEPRECATED_FROM,
    RL_TYPE_NOTE,
    RL_TYPE_EVIDENCE,
    RL_TYPE_CRITERIA,
    RL_TYPE_INSTRUCTIONS,
    RL_TYPE_PACK,
    RL_TYPE_FIELDS
};

/* One object: a value for each field. A missing value is NULL or "". */
struct rl_row {
    const struct rl_object *obj;
    char **value; /* owned; obj->nfields entries */
    int64_t id;   /* of the store; 0 = not stored */
    int64_t rev;  /* grows by one with each change; 0 = not stored */
};

void rl_row_init(struct rl_row *row, const struct rl_object *obj); /* all values NULL */
void rl_row_defaults(struct rl_row *row); /* fills empty values from the table */
void rl_row_copy(struct rl_row *to, const struct rl_row *from); /* `to` is initialised by it */
void rl_row_fini(struct rl_row *row);
const char *rl_row_get(const struct rl_row *row, int field);           /* "" if missing; borrowed */
void rl_row_set(struct rl_row *row, int field, const char *value);     /* copies */
bool rl_row_yes(const struct rl_row *row, int field);                  /* value is "yes" */
bool rl_row_is(const struct rl_row *row, int field, const char *text); /* value is text */

/* Bring one value into its stored form (booleans to yes/no, choices to their spelling, lists
 * without blanks) and check it against its table entry alone. On success *out is owned by the
 * caller. Codes: E-REQUIRED, E-VALUE. Every message names object, field and rule. */
enum rl_code rl_field_normalise(const struct rl_object *obj, int field, const char *text,
                                char **out, struct rl_err *err);

/* Normalise and check all values of a row in place; problems (each with its field) are appended.
 * Does not look at other objects: that is policy. */
void rl_row_check(struct rl_row *row, struct rl_problems *problems);

/* Add a problem with the row and one of its fields. */
void rl_row_problem(struct rl_problems *problems, const struct rl_row *row, int field,
                    enum rl_code code, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* What the catalogue says of a capability; "sip" and "sccp" answer for that protocol only
 * ("SIP", "SCCP"). */
enum rl_tristate rl_type_says(const struct rl_row *type, int field, const char *protocol);
/* True if the catalogue lists the protocol for the type. */
bool rl_type_has_protocol(const struct rl_row *type, const char *protocol);
/* True for classes that are added as gateways (gateway, trunk, analog-port, ...); else they are
 * phones. */
bool rl_type_is_gateway(const struct rl_row *type);

/* The fields of a type that are features, in the order of the table (R62, R63). Static. */
const int *rl_type_features(size_t *n);
/* A feature in words: the label of its value, "unknown" if there is none (R62). Borrowed from
 * the row, or static. */
const char *rl_type_feature_text(const struct rl_row *type, int field);

#endif
