#include "enrol/capf_wire.h"

#include <string.h>

enum { PROTOCOL = 0x55, HEAD = 8, TEXT_MAX = 255, VERSION_NOW = 3, TYPE_LSC = 1 };

enum tag {
    REASON = 1,
    CERTIFICATE_TYPE = 3,
    CERTIFICATE = 4,
    SIGNED_DATA = 6,
    VERSION = 7,
    AUTH_TYPE = 8,
    PUBLIC_KEY = 9,
    KEY_SIZE = 10,
    PASSWORD = 11,
    DEVICE_NAME = 13,
    SUDI_DATA = 16,
    KEY_TYPE = 17,
    CURVE = 18,
    SHA2_SIGNED_DATA = 20
};

enum sudi_tag { SUDI_CERTIFICATE = 0, SUDI_SHA1 = 1, SUDI_SHA512 = 3 };

long rl_wire_capf_read(const uint8_t *bytes, size_t n, struct rl_wire_capf_message *message)
{
    struct rl_cur c = rl_cur_make(bytes, n);

    if (n > 0 && bytes[0] != PROTOCOL)
        return -1;
    if (n < HEAD)
        return 0;
    rl_cur_u8(&c);
    message->command = rl_cur_u8(&c);
    message->session = rl_cur_u32(&c);
    size_t length = rl_cur_u16(&c);
    if (length > RL_WIRE_BODY_MAX)
        return -1;
    if (rl_cur_left(&c) < length)
        return 0;
    return rl_wire_read(bytes + HEAD, length, &message->body) ? (long)(HEAD + length) : -1;
}

/* The certificate in its wrapper (capf.md 7): of several, the first. */
static struct rl_bytes unwrap(const struct rl_bytes *element, bool *bad)
{
    struct rl_cur c = rl_cur_make(element->p, element->n);
    struct rl_bytes der = {0};

    if (element->p == NULL)
        return der;
    uint8_t count = rl_cur_u8(&c);
    size_t length = rl_cur_u16(&c);
    rl_cur_u16(&c); /* type */
    der.n = length > 2 ? length - 2 : 0;
    der.p = rl_cur_bytes(&c, der.n);
    if (c.bad || count == 0 || der.n == 0)
        *bad = true;
    return der;
}

static void read_sha2(const struct rl_bytes *element, struct rl_enr_auth *auth, bool *bad)
{
    struct rl_cur c = rl_cur_make(element->p, element->n);

    if (element->p == NULL)
        return;
    auth->sha2_hash = rl_cur_u8(&c);
    auth->sha2.n = rl_cur_u16(&c);
    auth->sha2.p = rl_cur_bytes(&c, auth->sha2.n);
    if (c.bad || auth->sha2_hash == 0)
        *bad = true;
}

static void read_sudi(const struct rl_bytes *element, struct rl_enr_auth *auth, bool *bad)
{
    struct rl_wire_body inner;

    if (element->p == NULL)
        return;
    if (!rl_wire_read(element->p, element->n, &inner))
        *bad = true;
    auth->sudi = inner.element[SUDI_CERTIFICATE];
    auth->sudi_sha1 = inner.element[SUDI_SHA1];
    auth->sudi_sha512 = inner.element[SUDI_SHA512];
}

static bool read_auth(const struct rl_wire_body *body, struct rl_enr *rec)
{
    struct rl_enr_auth *auth = &rec->auth;
    bool bad = false;

    *auth = (struct rl_enr_auth){.version = rl_wire_u8(body, VERSION, &bad),
                                 .reason = rl_wire_u8(body, REASON, &bad),
                                 .device = rl_wire_text(body, DEVICE_NAME),
                                 .password = rl_wire_text(body, PASSWORD),
                                 .certificate = unwrap(&body->element[CERTIFICATE], &bad),
                                 .sha1 = body->element[SIGNED_DATA]};
    read_sha2(&body->element[SHA2_SIGNED_DATA], auth, &bad);
    read_sudi(&body->element[SUDI_DATA], auth, &bad);
    if (auth->version < 1 || auth->version > VERSION_NOW)
        return false;
    if (auth->device.n == 0 || auth->device.n > TEXT_MAX || auth->password.n > TEXT_MAX)
        return false;
    return !bad && memchr(auth->device.p, '\0', auth->device.n) == NULL;
}

static bool read_key(const struct rl_wire_body *body, struct rl_enr *rec)
{
    bool bad = false;

    rec->reply = (struct rl_enr_reply){rl_wire_u8(body, REASON, &bad), body->element[PUBLIC_KEY]};
    return !bad;
}

static bool read_fetched(const struct rl_wire_body *body, struct rl_enr *rec)
{
    bool bad = false;

    rec->reply = (struct rl_enr_reply){rl_wire_u8(body, REASON, &bad),
                                       unwrap(&body->element[CERTIFICATE], &bad)};
    return !bad;
}

static bool read_reason(const struct rl_wire_body *body, struct rl_enr *rec)
{
    bool bad = body->element[REASON].p == NULL;

    rec->reply = (struct rl_enr_reply){.reason = rl_wire_u8(body, REASON, &bad)};
    return !bad;
}

static const struct {
    uint8_t command, kind;
    bool (*read)(const struct rl_wire_body *body, struct rl_enr *rec);
} answers[] = {
    {RL_WIRE_AUTH_RESPONSE,   RL_ENR_AUTH,    read_auth   },
    {RL_WIRE_KEY_RESPONSE,    RL_ENR_KEY,     read_key    },
    {RL_WIRE_STORE_RESPONSE,  RL_ENR_STORED,  read_reason },
    {RL_WIRE_FETCH_RESPONSE,  RL_ENR_FETCHED, read_fetched},
    {RL_WIRE_DELETE_RESPONSE, RL_ENR_DELETED, read_reason },
};

bool rl_wire_capf_record(const struct rl_wire_capf_message *message, struct rl_enr *rec)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].command == message->command) {
            *rec = (struct rl_enr){.kind = answers[i].kind, .session = message->session};
            return answers[i].read(&message->body, rec);
        }
    return false;
}

static size_t begin(struct rl_buf *out, uint8_t command, uint32_t session)
{
    rl_buf_addc(out, (char)PROTOCOL);
    rl_buf_addc(out, (char)command);
    rl_buf_u32(out, session);
    rl_buf_u16(out, 0);
    return out->len;
}

static void finish(struct rl_buf *out, size_t body)
{
    size_t n = out->len - body;

    out->data[body - 2] = (char)(n >> 8);
    out->data[body - 1] = (char)n;
}

void rl_wire_capf_write_hello(struct rl_buf *out, uint32_t session)
{
    size_t body = begin(out, RL_WIRE_AUTH_REQUEST, session);

    rl_wire_put_u8(out, VERSION, VERSION_NOW);
    rl_wire_put_u8(out, AUTH_TYPE, 0);
    finish(out, body);
}

static bool write_keygen(struct rl_buf *out, const struct rl_enr *order)
{
    static const uint16_t curves[] = {256, 384, 521};
    uint16_t size = order->keygen.size;

    if (order->keygen.type == RL_CAPF_RSA) {
        rl_wire_put(out, KEY_SIZE, (uint8_t[]){(uint8_t)(size >> 8), (uint8_t)size}, 2);
        rl_wire_put_u8(out, KEY_TYPE, RL_CAPF_RSA);
        return true;
    }
    for (uint8_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (curves[i] == size) {
            rl_wire_put_u8(out, KEY_TYPE, RL_CAPF_EC);
            rl_wire_put_u8(out, CURVE, i);
            return true;
        }
    return false;
}

static bool write_store(struct rl_buf *out, const struct rl_enr *order)
{
    const struct rl_bytes *der = &order->store.bytes;

    if (der->n == 0 || der->n > RL_WIRE_BODY_MAX - HEAD - 16) /* one TLS record takes it all */
        return false;
    rl_wire_put_u8(out, CERTIFICATE_TYPE, TYPE_LSC);
    rl_buf_addc(out, CERTIFICATE);
    rl_buf_u16(out, (uint16_t)(der->n + 5));
    rl_buf_addc(out, 1);
    rl_buf_u16(out, (uint16_t)(der->n + 2));
    rl_buf_u16(out, TYPE_LSC);
    rl_buf_add(out, der->p, der->n);
    return true;
}

static bool write_end(struct rl_buf *out, const struct rl_enr *order)
{
    rl_wire_put_u8(out, REASON, order->end.reason);
    return true;
}

static bool write_nothing(struct rl_buf *out, const struct rl_enr *order)
{
    (void)out, (void)order;
    return true;
}

static const struct {
    uint8_t kind, command;
    bool (*write)(struct rl_buf *out, const struct rl_enr *order);
} orders[] = {
    {RL_ENR_KEYGEN, RL_WIRE_KEY_REQUEST,    write_keygen },
    {RL_ENR_STORE,  RL_WIRE_STORE_REQUEST,  write_store  },
    {RL_ENR_FETCH,  RL_WIRE_FETCH_REQUEST,  write_nothing},
    {RL_ENR_DELETE, RL_WIRE_DELETE_REQUEST, write_nothing},
    {RL_ENR_END,    RL_WIRE_END_SESSION,    write_end    },
};

bool rl_wire_capf_write(struct rl_buf *out, const struct rl_enr *order)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (orders[i].kind != order->kind)
            continue;
        size_t body = begin(out, orders[i].command, order->session);
        if (!orders[i].write(out, order))
            return false;
        finish(out, body);
        return true;
    }
    return false;
}
