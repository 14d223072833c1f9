#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/capf_step.h"
#include "control/certchain.h"
#include "pki/lsc.h"
#include "pki/proof.h"
#include "ringlock/profile.h"
#include "ringlock/text.h"
#include "store/certs.h"

#define CAPF_TRUST "CAPF-trust"

enum { SHA512_CODE = 3 }; /* the only one of element 20 that phones send (capf.md 6) */

/* --- steps --- */

struct rl_capf_step *rl_capf_step_new(const struct rl_capf_session *session,
                                      const struct rl_enr *rec)
{
    struct rl_capf_step *step = rl_alloc(sizeof *step);
    step->session = *session;
    step->lsc = session->lsc;
    step->mic = session->mic;
    memcpy(step->device, session->phone, sizeof step->device);
    rl_enr_encode(rec, &step->bytes);
    if (rl_enr_decode((const uint8_t *)step->bytes.data, step->bytes.len, &step->rec) <= 0)
        step->rec.kind = RL_ENR_KINDS; /* nothing that a phone says */
    return step;
}

void rl_capf_step_free(struct rl_capf_step **at)
{
    struct rl_capf_step *step = *at;
    if (!step)
        return;
    if (step->bytes.data)
        explicit_bzero(step->bytes.data, step->bytes.len);
    rl_buf_fini(&step->bytes);
    if (step->cert.der)
        rl_cert_fini(&step->cert);
    for (size_t i = 0; i < step->nfiled; i++)
        rl_row_fini(&step->filed[i]);
    free(step->filed);
    free(step);
    *at = NULL;
}

static void end_with(struct rl_capf_step *step, int reason)
{
    step->answer = (struct rl_enr){
        .kind = RL_ENR_END, .session = step->session.id, .end.reason = (uint8_t)reason};
}

/* The operation under way comes to this end. */
static void end_by(struct rl_capf_step *step, enum rl_capf_event event)
{
    step->ends = step->writes = true;
    step->outcome = rl_policy_capf_outcome(step->session.operation, event);
    end_with(step, step->outcome.end);
}

static void order_key(struct rl_capf_step *step, const struct rl_capf_order *order)
{
    step->answer = (struct rl_enr){
        .kind = RL_ENR_KEYGEN,
        .session = step->session.id,
        .keygen = {order->ec ? RL_CAPF_EC : RL_CAPF_RSA, (uint16_t)order->bits}
    };
}

/* --- certificates that phones show --- */

/* One of them, and what is known of it. */
struct shown {
    struct rl_cert cert;
    bool read;
    bool lsc, maker; /* a CAPF certificate of ours is its issuer, or a CA of CAPF-trust */
    enum rl_capf_proof proof;
};

static char *sans_of(const struct rl_cert *cert)
{
    struct rl_buf out = {0};
    for (size_t i = 0; i < cert->nsan; i++)
        rl_buf_addf(&out, "%s%s:%s", i ? ";" : "", cert->san[i].type, cert->san[i].value);
    return out.len ? rl_buf_take(&out) : rl_strdup("");
}

static bool names(const struct rl_cert *cert, const char *device)
{
    char *san = sans_of(cert);
    bool does = rl_policy_capf_names(cert->common_name, san, device);
    free(san);
    return does;
}

static bool is_ours(const struct rl_ring *ring, const struct rl_cert *cert)
{
    for (size_t i = 0; i < ring->n; i++)
        if (ring->entry[i].role == RL_CERT_CAPF && ring->entry[i].state != RL_OWN_NEXT &&
            rl_cert_issued(cert, &ring->entry[i].cert))
            return true;
    return false;
}

/* A maker's CA of CAPF-trust that counts now proves it. */
static bool is_makers(struct rl_store *store, const struct rl_cert *cert, int64_t now_us)
{
    char now[RL_TIME_TEXT];
    struct rl_row row;
    struct rl_cert issuer;
    bool found = false;
    rl_time_text(now_us, 0, now);
    if (rl_cert_find_issuer(store, CAPF_TRUST, cert, now, &row, &issuer, &found, NULL) || !found)
        return false;
    bool valid = issuer.not_before_us <= now_us && now_us <= issuer.not_after_us;
    rl_row_fini(&row);
    rl_cert_fini(&issuer);
    return valid;
}

/* One that was taken off file counts no more, whoever issued it. */
static bool was_removed(struct rl_store *store, const struct rl_cert *cert)
{
    struct rl_row row;
    bool removed = false;
    if (rl_store_cert_by_digest(store, cert->fingerprint, &row, &removed, NULL) == RL_OK)
        rl_row_fini(&row);
    return removed;
}

/* Whose it is, and whether it counts (capf.md 6): issued by us or by a maker, valid, of this
 * device, no CA's, and not taken back. */
static void look_at(struct shown *s, struct rl_store *store, const struct rl_ring *ring,
                    const struct rl_bytes *der, const char *device, int64_t now_us)
{
    *s = (struct shown){.proof = der->p ? RL_CAPF_BAD : RL_CAPF_ABSENT};
    s->read = der->p && rl_cert_parse(der->p, der->n, device, &s->cert, NULL) == RL_OK &&
              s->cert.nder == der->n;
    if (!s->read)
        return;
    s->lsc = is_ours(ring, &s->cert);
    s->maker = !s->lsc && is_makers(store, &s->cert, now_us);
    if ((s->lsc || s->maker) && !s->cert.ca && s->cert.not_before_us <= now_us &&
        now_us <= s->cert.not_after_us && names(&s->cert, device) && !was_removed(store, &s->cert))
        s->proof = RL_CAPF_GOOD;
}

static void shown_fini(struct shown *s)
{
    if (s->read)
        rl_cert_fini(&s->cert);
}

/* --- the signatures --- */

static bool proves_device(const struct rl_enr_auth *a)
{
    const struct rl_bytes piece[] = {
        a->device, {(const uint8_t *)"", 1},
         a->certificate
    };
    return a->sha2_hash == SHA512_CODE &&
           rl_proof_holds(a->certificate.p, a->certificate.n, RL_RSA_SHA1, piece, 3, &a->sha1) &&
           rl_proof_holds(a->certificate.p, a->certificate.n, RL_RSA_SHA512, piece, 3, &a->sha2);
}

static bool proves_session(const struct rl_enr_auth *a, uint32_t session)
{
    uint8_t number[4];
    const struct rl_bytes piece[] = {
        {number, 4},
        a->sudi
    };
    for (int i = 0; i < 4; i++)
        number[i] = (uint8_t)(session >> 8 * i);
    return rl_proof_holds(a->sudi.p, a->sudi.n, RL_RSA_SHA1, piece, 2, &a->sudi_sha1) &&
           rl_proof_holds(a->sudi.p, a->sudi.n, RL_RSA_SHA512, piece, 2, &a->sudi_sha512);
}

/* Whatever was shown beside it, a proof that is wrong spoils all. */
static void spoil(struct rl_capf_login *l)
{
    l->lsc = l->lsc == RL_CAPF_GOOD ? RL_CAPF_BAD : l->lsc;
    l->mic = l->mic == RL_CAPF_GOOD ? RL_CAPF_BAD : l->mic;
}

/* Elements 4, 6 and 20 are needed; 16 may come, and must be right then. What nobody known has
 * issued is taken as an LSC of elsewhere. */
static void look_at_proofs(struct rl_capf_step *step, struct rl_store *store,
                           const struct rl_ring *ring, struct rl_capf_login *l)
{
    const struct rl_enr_auth *a = &step->rec.auth;
    struct shown own, sudi;
    look_at(&own, store, ring, &a->certificate, step->device, step->now_us);
    look_at(&sudi, store, ring, &a->sudi, step->device, step->now_us);
    bool fresh = sudi.proof == RL_CAPF_GOOD && proves_session(a, step->session.id);
    bool signs = own.proof == RL_CAPF_GOOD && proves_device(a);
    if (own.proof != RL_CAPF_ABSENT) {
        if (sudi.proof != RL_CAPF_ABSENT)
            *(sudi.lsc ? &l->lsc : &l->mic) = sudi.proof;
        *(own.maker ? &l->mic : &l->lsc) = own.proof;
        if (!signs || (sudi.proof != RL_CAPF_ABSENT && !fresh))
            spoil(l);
    }
    step->session.fresh = fresh;
    step->lsc = l->lsc == RL_CAPF_GOOD ? RL_YES : RL_UNKNOWN;
    step->mic = l->mic == RL_CAPF_GOOD ? RL_YES : RL_UNKNOWN;
    if (own.lsc && l->lsc == RL_CAPF_GOOD)
        memcpy(step->has, own.cert.fingerprint, sizeof step->has);
    shown_fini(&own);
    shown_fini(&sudi);
}

/* --- who it is --- */

static bool is_past(const char *time, int64_t now_us)
{
    return *time && rl_time_parse(time) <= now_us;
}

static enum rl_capf_proof string_of(struct rl_capf_step *step, struct rl_store *store,
                                    int64_t phone)
{
    const struct rl_bytes *given = &step->rec.auth.password;
    char *wanted = NULL;
    enum rl_capf_proof proof = RL_CAPF_ABSENT;
    if (given->n == 0 || rl_store_capf_string(store, phone, &wanted, NULL) != RL_OK || !wanted)
        return RL_CAPF_ABSENT;
    proof = rl_proof_same(given->p, given->n, wanted, strlen(wanted)) ? RL_CAPF_GOOD : RL_CAPF_BAD;
    explicit_bzero(wanted, strlen(wanted));
    free(wanted);
    return proof;
}

static void begin_operation(struct rl_capf_step *step, const struct rl_device_rows *rows)
{
    struct rl_capf_session *s = &step->session;
    if (s->operation != RL_CAPF_INSTALL) {
        step->answer =
            (struct rl_enr){.kind = s->operation == RL_CAPF_DELETE ? RL_ENR_DELETE : RL_ENR_FETCH,
                            .session = s->id};
        return;
    }
    s->ec_only = rl_row_is(&rows->profile, RL_PROFILE_KEY_ORDER, "ec");
    if (!rl_policy_capf_order(&rows->profile, &rows->type, true, &s->backup))
        s->backup.bits = 0;
    if (rl_policy_capf_order(&rows->profile, &rows->type, false, &s->order))
        order_key(step, &s->order);
    else
        end_by(step, RL_CAPF_EV_NO_KEY);
}

static void judge(struct rl_capf_step *step, struct rl_store *store, const struct rl_ring *ring,
                  const struct rl_device_rows *rows, const struct rl_capf *capf)
{
    struct rl_capf_login l = {
        .profile = &rows->profile,
        .operation = capf->operation,
        .locked = step->address_locked ||
                  (*capf->locked_until && !is_past(capf->locked_until, step->now_us)),
        .late = is_past(capf->completes_by, step->now_us)};
    step->session.operation = capf->operation;
    if (!l.locked && l.operation != RL_CAPF_NONE) {
        if (rl_row_is(&rows->profile, RL_PROFILE_AUTH_MODE, "string"))
            l.string = string_of(step, store, capf->phone);
        else if (!rl_row_is(&rows->profile, RL_PROFILE_AUTH_MODE, "null-string"))
            look_at_proofs(step, store, ring, &l);
    }
    step->verdict = rl_policy_capf_login(&l);
    step->session.by = step->verdict.by;
    if (step->verdict.next == RL_CAPF_GO_ON) {
        step->writes = *capf->sent && *step->has; /* it settles which of the two it has */
        step->session.lsc = step->lsc;
        step->session.mic = step->mic;
        memcpy(step->session.phone, step->device, sizeof step->device);
        begin_operation(step, rows);
    } else {
        step->login = step->writes = step->verdict.why != RL_CAPF_WHY_NONE;
        end_with(step, step->verdict.next == RL_CAPF_NOTHING ? RL_CAPF_NO_ACTION : RL_CAPF_FAILED);
    }
}

/* Names that no phone of a site has are those of phones that are not known. */
static bool read_device(struct rl_capf_step *step)
{
    const struct rl_bytes *device = &step->rec.auth.device;
    if (device->n >= sizeof step->device || memchr(device->p, 0, device->n) ||
        !rl_text_is_utf8((const char *)device->p, device->n))
        return false;
    memcpy(step->device, device->p, device->n);
    step->device[device->n] = '\0';
    return true;
}

static void think_auth(struct rl_capf_step *step, struct rl_store *store,
                       const struct rl_ring *ring)
{
    struct rl_device_rows rows;
    struct rl_capf capf;
    struct rl_err err;
    if (!read_device(step) || rl_store_device(store, step->device, &rows, NULL) != RL_OK) {
        end_with(step, step->address_locked ? RL_CAPF_FAILED : RL_CAPF_UNKNOWN_DEVICE);
        return;
    }
    enum rl_code code = rows.kind == RL_PHONE ? rl_store_capf_get(store, step->device, &capf, &err)
                                              : RL_E_NOT_FOUND;
    if (code == RL_OK)
        judge(step, store, ring, &rows, &capf);
    else
        end_with(step, code == RL_E_NOT_FOUND ? RL_CAPF_UNKNOWN_DEVICE : RL_CAPF_FAILED);
    rl_device_rows_fini(&rows);
}

/* --- install --- */

/* The phone's CN in an LSC. Owned. */
static char *common_name(const char *model, const char *device, bool model_name)
{
    struct rl_buf out = {0};
    if (model_name) {
        rl_buf_adds(&out, "CP-");
        for (const char *p = strncmp(model, "Cisco ", 6) == 0 ? model + 6 : model; *p; p++)
            rl_buf_addc(&out, *p == ' ' ? '-' : *p);
        rl_buf_addc(&out, '-');
    }
    rl_buf_adds(&out, device);
    return rl_buf_take(&out);
}

static bool is_ordered(const struct rl_capf_step *step)
{
    const struct rl_bytes *spki = &step->rec.reply.bytes;
    bool ec = false;
    unsigned bits = 0;
    return rl_lsc_key(spki->p, spki->n, &ec, &bits) && ec == step->session.order.ec &&
           bits == (unsigned)step->session.order.bits;
}

/* The model, for its name in the certificate. Owned. */
static char *model_of(struct rl_store *store, const char *device)
{
    struct rl_row phone;
    if (rl_store_get(store, RL_PHONE, device, &phone, NULL) != RL_OK)
        return rl_strdup("");
    char *model = rl_strdup(rl_row_get(&phone, RL_PHONE_TYPE));
    rl_row_fini(&phone);
    return model;
}

static enum rl_code make_lsc(struct rl_capf_step *step, struct rl_store *store,
                             const struct rl_ring_entry *ca, struct rl_err *err)
{
    const struct rl_bytes *spki = &step->rec.reply.bytes;
    struct rl_buf der = {0};
    char *model = model_of(store, step->device);
    char *cn = common_name(model, step->device, step->rules.model_names);
    const struct rl_lsc_request rq = {.device = step->device,
                                      .common_name = cn,
                                      .from_us = step->now_us,
                                      .days = step->rules.days,
                                      .sha1 = step->rules.sha1};
    enum rl_code code =
        rl_lsc_make(&rq, spki->p, spki->n, ca->key, ca->cert.der, ca->cert.nder, &der, err);
    if (code == RL_OK)
        code = rl_cert_parse(der.data, der.len, step->device, &step->cert, err);
    rl_buf_fini(&der);
    free(cn);
    free(model);
    return code;
}

static void issue(struct rl_capf_step *step, struct rl_store *store, const struct rl_ring *ring)
{
    struct rl_err err;
    const struct rl_ring_entry *ca = rl_ring_find(ring, RL_CERT_CAPF, false, RL_OWN_ACTIVE);
    if (!ca || !ca->key) {
        end_by(step, RL_CAPF_EV_NO_CA);
    } else if (step->now_us < ca->cert.not_before_us || step->now_us >= ca->cert.not_after_us ||
               make_lsc(step, store, ca, &err) != RL_OK) {
        end_by(step, RL_CAPF_EV_NOT_SIGNED);
    } else {
        step->writes = true;
        step->origin = "capf";
        step->answer = (struct rl_enr){
            .kind = RL_ENR_STORE,
            .session = step->session.id,
            .store.bytes = {step->cert.der, step->cert.nder}
        };
    }
}

/* A phone that makes no EC key is asked for an RSA key, where that is its backup. */
static void think_key(struct rl_capf_step *step, struct rl_store *store, const struct rl_ring *ring)
{
    struct rl_capf_session *s = &step->session;
    bool none = step->rec.reply.bytes.n == 0;
    if (!none && is_ordered(step)) {
        issue(step, store, ring);
    } else if (s->backup.bits && s->order.ec) {
        s->order = s->backup;
        s->backup.bits = 0;
        order_key(step, &s->order);
    } else if (none && s->ec_only) {
        end_by(step, RL_CAPF_EV_NO_EC);
    } else {
        end_by(step, none ? RL_CAPF_EV_NO_KEY : RL_CAPF_EV_WRONG_KEY);
    }
}

static void think_stored(struct rl_capf_step *step)
{
    bool done = step->rec.reply.reason == RL_CAPF_DONE;
    step->confirms = done;
    step->withdraws = !done;
    step->lsc = done ? RL_YES : step->lsc;
    end_by(step, done ? RL_CAPF_EV_STORED : RL_CAPF_EV_NOT_STORED);
}

/* --- delete and troubleshoot --- */

static void think_deleted(struct rl_capf_step *step)
{
    bool done = step->rec.reply.reason == RL_CAPF_DONE;
    step->deletes = done;
    step->lsc = done ? RL_NO : step->lsc;
    end_by(step, done ? RL_CAPF_EV_DELETED : RL_CAPF_EV_NOTHING);
}

/* What a phone gives back comes on file if it is its own, whichever of the two it is. */
static void think_fetched(struct rl_capf_step *step, struct rl_store *store,
                          const struct rl_ring *ring)
{
    struct shown s;
    look_at(&s, store, ring, &step->rec.reply.bytes, step->device, step->now_us);
    if (s.proof == RL_CAPF_GOOD) {
        *(s.lsc ? &step->lsc : &step->mic) = RL_YES;
        if (s.lsc)
            memcpy(step->has, s.cert.fingerprint, sizeof step->has);
        step->origin = s.lsc ? "capf" : "mic";
        step->cert = s.cert;
        end_by(step, RL_CAPF_EV_FETCHED);
        return;
    }
    step->lsc = s.proof == RL_CAPF_ABSENT ? RL_NO : step->lsc;
    end_by(step, s.proof == RL_CAPF_ABSENT ? RL_CAPF_EV_NOTHING : RL_CAPF_EV_BAD_FETCHED);
    shown_fini(&s);
}

/* --- the whole --- */

static void think_gone(struct rl_capf_step *step)
{
    if (step->rec.gone.why == RL_GONE_TIMEOUT && step->session.waits == RL_ENR_KEY)
        end_by(step, RL_CAPF_EV_NO_KEY);
    else
        end_by(step, RL_CAPF_EV_LOST);
    step->answer.session = 0; /* nobody is there to hear it */
}

void rl_capf_step_think(struct rl_capf_step *step, struct rl_store *store,
                        const struct rl_ring *ring)
{
    switch (step->rec.kind) {
    case RL_ENR_AUTH:
        think_auth(step, store, ring);
        break;
    case RL_ENR_KEY:
        think_key(step, store, ring);
        break;
    case RL_ENR_STORED:
        think_stored(step);
        break;
    case RL_ENR_FETCHED:
        think_fetched(step, store, ring);
        break;
    case RL_ENR_DELETED:
        think_deleted(step);
        break;
    case RL_ENR_GONE:
        think_gone(step);
        break;
    default:
        end_with(step, RL_CAPF_FAILED);
    }
}
