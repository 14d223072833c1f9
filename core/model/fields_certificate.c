#include <string.h>

#include "model/tables.h"

enum { OWN = 6 }; /* of `stores` the first */
static const char *const stores[] = {RL_STORE_CALLMANAGER,
                                     RL_STORE_ECDSA,
                                     RL_STORE_TFTP,
                                     RL_STORE_CAPF,
                                     RL_STORE_TVS,
                                     RL_STORE_ITLRECOVERY,
                                     RL_STORE_PHONES,
                                     "CAPF-trust",
                                     "TVS-trust",
                                     "Phone-trust",
                                     "Phone-VPN-trust",
                                     "Phone-SAST-trust",
                                     "Phone-CTL-trust",
                                     "tomcat-trust",
                                     "ipsec-trust",
                                     "directory-trust",
                                     "userlicensing-trust",
                                     RL_STORE_SIGNERS,
                                     NULL};
static const char *const usages[] = {"identity", "device", "shared", "ca", "signer", NULL};
static const char *const usage_labels[] = {"Identity", "One device",  "Shared",
                                           "CA",       "Pack signer", NULL};
static const char *const origins[] = {"with-device", "by-device", "capf", "mic", NULL};
static const char *const origin_labels[] = {"Came with the device", "Made by the device",
                                            "LSC, by CAPF", "MIC, fetched by CAPF", NULL};

bool rl_store_is_own(const char *store)
{
    for (size_t i = 0; i < OWN; i++)
        if (strcmp(store, stores[i]) == 0)
            return true;
    return false;
}

/* clang-format off */
const struct rl_field rl_certificate_fields[RL_CERTIFICATE_FIELDS] = {
    [RL_CERTIFICATE_NAME] = {
        .name = "name", .label = "Certificate", .kind = RL_F_TEXT, .max = 128,
        .allowed = ".-_ ()+@", .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED | RL_FF_IDENT,
        .section = "Certificate",
        .help = "What lists call it: the device's name, else the certificate's own." },
    [RL_CERTIFICATE_STORE] = {
        .name = "store", .label = "Certificate Purpose", .kind = RL_F_ENUM, .values = stores,
        .def = RL_STORE_PHONES, .flags = RL_FF_NEED | RL_FF_CSV | RL_FF_FIXED,
        .help = "The trust store it is in; phones' certificates belong into CallManager-trust, "
                "those who sign device packs into pack-signers (R37, R76)." },
    [RL_CERTIFICATE_DEVICE] = {
        .name = "device", .label = "Device", .kind = RL_F_TEXT, .max = 128, .allowed = "._-",
        .flags = RL_FF_CSV | RL_FF_FIXED,
        .help = "The one phone that it belongs to; the phone may be added later (R86)." },
    [RL_CERTIFICATE_USAGE] = {
        .name = "usage", .label = "Usage", .kind = RL_F_ENUM, .values = usages,
        .labels = usage_labels, .flags = RL_FF_CSV | RL_FF_SYSTEM,
        .help = "Ours, one device's, shared by the phones of a profile, a CA's, or a signer's of "
                "device packs." },
    [RL_CERTIFICATE_DESCRIPTION] = {
        .name = "description", .label = "Description", .kind = RL_F_TEXT, .max = 50,
        .forbidden = RL_DESCRIPTION_FORBIDDEN, .flags = RL_FF_CSV,
        .help = "Any words, up to 50 characters; not \" % & \\ < >." },
    [RL_CERTIFICATE_ORIGIN] = {
        .name = "origin", .label = "Origin", .kind = RL_F_ENUM, .values = origins,
        .labels = origin_labels, .flags = RL_FF_CSV,
        .help = "Whether a vendor's phone came with it or made it itself (R74), or CAPF made it or "
                "fetched it from the phone (R112)." },
    [RL_CERTIFICATE_COMMON_NAME] = {
        .name = "common_name", .label = "Common Name", .kind = RL_F_TEXT, .max = 0,
        .flags = RL_FF_SYSTEM, .section = "Contents",
        .help = "CN of the subject; names the profile where there is no SAN (R101)." },
    [RL_CERTIFICATE_SAN] = {
        .name = "san", .label = "SAN", .kind = RL_F_LIST, .max = 255,
        .flags = RL_FF_CSV | RL_FF_SYSTEM,
        .help = "Subject alternative names, each with its type (R96, R97)." },
    [RL_CERTIFICATE_SUBJECT] = {
        .name = "subject", .label = "Subject", .kind = RL_F_TEXT, .max = 1024,
        .flags = RL_FF_SYSTEM, .help = "Whose it is (R9)." },
    [RL_CERTIFICATE_ISSUER] = {
        .name = "issuer", .label = "Issued By", .kind = RL_F_TEXT, .max = 1024,
        .flags = RL_FF_SYSTEM, .help = "Who signed it (R9)." },
    [RL_CERTIFICATE_SERIAL] = {
        .name = "serial", .label = "Serial", .kind = RL_F_TEXT, .flags = RL_FF_SYSTEM,
        .help = "The issuer's number of it, hexadecimal (R9)." },
    [RL_CERTIFICATE_NOT_BEFORE] = {
        .name = "not_before", .label = "Valid From", .kind = RL_F_TEXT,
        .flags = RL_FF_CSV | RL_FF_SYSTEM, .help = "It does not count before (R86)." },
    [RL_CERTIFICATE_NOT_AFTER] = {
        .name = "not_after", .label = "Expiration", .kind = RL_F_TEXT,
        .flags = RL_FF_CSV | RL_FF_SYSTEM, .help = "It does not count after (R86)." },
    [RL_CERTIFICATE_SELF_SIGNED] = {
        .name = "self_signed", .label = "Self-Signed", .kind = RL_F_BOOL, .flags = RL_FF_SYSTEM,
        .help = "Signed with its own key (R9)." },
    [RL_CERTIFICATE_CA] = {
        .name = "ca", .label = "CA", .kind = RL_F_BOOL, .flags = RL_FF_SYSTEM,
        .help = "It may sign others." },
    [RL_CERTIFICATE_KEY_TYPE] = {
        .name = "key_type", .label = "Key Type", .kind = RL_F_TEXT, .flags = RL_FF_SYSTEM,
        .help = "RSA or EC (R9)." },
    [RL_CERTIFICATE_KEY_BITS] = {
        .name = "key_bits", .label = "Key Size", .kind = RL_F_INT, .min = 1, .max = 65536,
        .flags = RL_FF_SYSTEM, .help = "Bits of the key (R9)." },
    [RL_CERTIFICATE_SIGNATURE_HASH] = {
        .name = "signature_hash", .label = "Signature Hash", .kind = RL_F_TEXT,
        .flags = RL_FF_SYSTEM, .help = "The hash that is signed (R9)." },
    [RL_CERTIFICATE_FINGERPRINT] = {
        .name = "fingerprint", .label = "SHA-256", .kind = RL_F_TEXT,
        .flags = RL_FF_CSV | RL_FF_SYSTEM, .help = "Of the DER form, hexadecimal (R9)." },
    [RL_CERTIFICATE_PEM_FINGERPRINT] = {
        .name = "pem_fingerprint", .label = "SHA-256 of PEM", .kind = RL_F_TEXT,
        .flags = RL_FF_SYSTEM,
        .help = "Of the PEM text with lines of 64, by which SIP servers tell it." },
    [RL_CERTIFICATE_UPLOADED] = {
        .name = "uploaded", .label = "Uploaded", .kind = RL_F_TEXT, .flags = RL_FF_SYSTEM,
        .help = "When it came on file." },
};
