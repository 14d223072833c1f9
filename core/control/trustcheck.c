#include <stdlib.h>
#include <string.h>

#include "control/trustfile.h"
#include "pki/rsa.h"
#include "ringlock/text.h"

enum { HEAD = 3 }; /* tag and length of an element */

static enum rl_rsa_hash hash_of(uint8_t code)
{
    return code == RL_TRUST_SHA512 ? RL_RSA_SHA512 : RL_RSA_SHA1;
}

/* ---- a record and its certificate ---- */

static bool is_subject(const struct rl_cert_parts *parts, const struct rl_bytes *value)
{
    return rl_dn_is(&parts->subject, value->p, value->n);
}

static bool is_issuer(const struct rl_cert_parts *parts, const struct rl_bytes *value)
{
    return rl_dn_is(&parts->issuer, value->p, value->n);
}

static bool same(const struct rl_buf *buf, const struct rl_bytes *value)
{
    return buf->len == value->n && memcmp(rl_buf_str(buf), value->p, value->n) == 0;
}

static bool is_serial(const struct rl_cert_parts *parts, const struct rl_bytes *value)
{
    return same(&parts->serial, value);
}

static bool is_key(const struct rl_cert_parts *parts, const struct rl_bytes *value)
{
    return same(&parts->key, value);
}

static bool is_signature(const struct rl_cert_parts *parts, const struct rl_bytes *value)
{
    return !value->p || same(&parts->signature, value);
}

#define AT(member) offsetof(struct rl_trust_record, member)

static const struct {
    int tag;
    const char *name;
    size_t member;
    bool (*is)(const struct rl_cert_parts *parts, const struct rl_bytes *value);
} compared[] = {
    {3, "subject name",  AT(subject),   is_subject  },
    {5, "issuer name",   AT(issuer),    is_issuer   },
    {6, "serial number", AT(serial),    is_serial   },
    {7, "public key",    AT(key),       is_key      },
    {8, "signature",     AT(signature), is_signature},
};

/* A record while it is looked at. */
struct looking {
    const struct rl_trust_list *list;
    struct rl_trust_record record;
    size_t number;
    struct rl_trust_check *check;
};

static void refuse(struct looking *l, int tag, const char *name, const struct rl_bytes *value,
                   const char *why)
{
    struct rl_err err = {0};
    const char *role = rl_trust_role_name(l->record.role);
    rl_fail(&err, RL_E_TRUST_FILE, l->list->object,
            "%s, byte %zu: element %d (%s) of record %zu (%s) %s.", l->list->object,
            (size_t)(value->p - l->list->bytes) - HEAD, tag, name, l->number,
            role ? role : "unknown role", why);
    rl_problems_add(&l->check->problems, &err);
}

/* What the record says twice must be the same. */
static void compare(struct looking *l, const struct rl_cert_parts *parts)
{
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        const struct rl_bytes *value =
            (const void *)((const uint8_t *)&l->record + compared[i].member);
        if (!compared[i].is(parts, value))
            refuse(l, compared[i].tag, compared[i].name, value, "is not that of its certificate");
    }
}

/* ---- the signer ---- */

static bool is_signer(const struct rl_cert_parts *parts, const struct rl_trust_header *header)
{
    return is_serial(parts, &header->serial) && is_issuer(parts, &header->issuer);
}

/* Where it is about: the signature, or who the signer is. */
enum about { SIGNATURE, SERIAL };

static enum rl_code refuse_signer(const struct rl_trust_header *header,
                                  const struct rl_trust_signed *over, enum about about,
                                  const char *object, struct rl_err *err, const char *why)
{
    size_t serial = (size_t)(header->serial.p - over->part[0].p) - HEAD;
    return rl_fail(err, RL_E_TRUST_SIGNATURE, object, "%s, byte %zu: element %s of the header: %s.",
                   object, about == SIGNATURE ? over->part[0].n : serial,
                   about == SIGNATURE ? "12 (signature)" : "5 (serial number)", why);
}

/* Signed by the certificate that the header names by issuer and serial number. */
static enum rl_code verify(const struct rl_trust_header *header, const struct rl_trust_signed *over,
                           const struct rl_bytes *der, const struct rl_cert_parts *parts,
                           const char *object, struct rl_err *err)
{
    if (!is_subject(parts, &header->signer))
        return refuse_signer(header, over, SERIAL, object, err,
                             "the certificate of this issuer and serial number is not that of the "
                             "signer named");
    if (!parts->rsa)
        return refuse_signer(header, over, SIGNATURE, object, err,
                             "the signer's key is no RSA key, and no other can sign");
    if (parts->key_bytes != header->signature.n)
        return refuse_signer(header, over, SIGNATURE, object, err,
                             "it is not as long as the signer's key");
    if (!rl_rsa_verify(der->p, der->n, hash_of(header->hash), over->part, 2, &header->signature))
        return refuse_signer(header, over, SIGNATURE, object, err,
                             "it is wrong; the file was changed, or another key signed it");
    return RL_OK;
}

static void look_at_signer(struct looking *l, const struct rl_cert_parts *parts)
{
    const struct rl_trust_list *list = l->list;
    struct rl_err err = {0};
    if (l->record.role != RL_TRUST_SAST || l->check->signer.p || !is_signer(parts, &list->header))
        return;
    l->check->signer = l->record.certificate;
    if (verify(&list->header, &list->over, &l->record.certificate, parts, list->object, &err))
        rl_problems_add(&l->check->problems, &err);
}

static void look(struct looking *l)
{
    struct rl_cert_parts parts;
    if (!l->record.certificate.p)
        return;
    if (rl_cert_parts_read(l->record.certificate.p, l->record.certificate.n, "", &parts, NULL)) {
        refuse(l, 9, "certificate", &l->record.certificate, "is no certificate in DER");
        return;
    }
    compare(l, &parts);
    look_at_signer(l, &parts);
    rl_cert_parts_fini(&parts);
}

void rl_trust_check(const struct rl_trust_list *list, struct rl_trust_check *out)
{
    struct looking l = {.list = list, .check = out};
    struct rl_err err = {0};
    size_t at = 0, begins;
    *out = (struct rl_trust_check){0};
    while (rl_trust_list_next(list, &at, &l.record, &begins)) {
        l.number++;
        look(&l);
    }
    if (out->signer.p)
        return;
    refuse_signer(&list->header, &list->over, SERIAL, list->object, &err,
                  "the signer's certificate is in no record with role SAST");
    rl_problems_add(&out->problems, &err);
}

void rl_trust_check_fini(struct rl_trust_check *check)
{
    rl_problems_fini(&check->problems);
}

/* ---- signed files ---- */

/* False if the file names another signer. */
static bool is_by(const struct rl_trust_header *header, const struct rl_trust_signed *over,
                  const struct rl_bytes *der, const char *object, enum rl_code *code,
                  struct rl_err *err)
{
    struct rl_cert_parts parts;
    *code = rl_cert_parts_read(der->p, der->n, "The signer's certificate", &parts, err);
    if (*code)
        return true;
    bool is = is_signer(&parts, header);
    if (is)
        *code = verify(header, over, der, &parts, object, err);
    rl_cert_parts_fini(&parts);
    return is;
}

enum rl_code rl_trust_signed_by(const struct rl_trust_header *header,
                                const struct rl_trust_signed *over, const void *der, size_t n,
                                const char *object, struct rl_err *err)
{
    struct rl_bytes bytes = {der, n};
    enum rl_code code;
    if (is_by(header, over, &bytes, object, &code, err))
        return code;
    refuse_signer(header, over, SERIAL, object, err, "another certificate has signed it");
    if (err)
        err->code = RL_E_TRUST_SIGNER;
    return RL_E_TRUST_SIGNER;
}

enum rl_code rl_trust_signed_by_list(const struct rl_trust_header *header,
                                     const struct rl_trust_signed *over,
                                     const struct rl_trust_list *list, const char *object,
                                     struct rl_err *err)
{
    struct rl_trust_record record;
    size_t at = 0, begins;
    enum rl_code code;
    while (rl_trust_list_next(list, &at, &record, &begins)) {
        bool may = record.role == RL_TRUST_TFTP || record.role == RL_TRUST_CCM_TFTP;
        if (may && record.certificate.p &&
            is_by(header, over, &record.certificate, object, &code, err))
            return code;
    }
    return refuse_signer(header, over, SERIAL, object, err,
                         "the trust list has no such certificate with role TFTP or CCM+TFTP");
}
