#include "enrol/record.h"

#include <string.h>

enum { FRAME_HEAD = 4, REC_HEAD = 5 };

enum type { U8, U16, U32, U64, BYTES };

struct field {
    uint8_t type;
    uint16_t at; /* in struct rl_enr */
};

#define AT(member) offsetof(struct rl_enr, member)
#define COUNT(a)   (sizeof(a) / sizeof *(a))

static const struct field hello[] = {
    {BYTES, AT(hello.ip)  },
    {U16,   AT(hello.port)},
};
static const struct field auth[] = {
    {U8,    AT(auth.version)    },
    {U8,    AT(auth.reason)     },
    {BYTES, AT(auth.device)     },
    {BYTES, AT(auth.password)   },
    {BYTES, AT(auth.certificate)},
    {BYTES, AT(auth.sha1)       },
    {U8,    AT(auth.sha2_hash)  },
    {BYTES, AT(auth.sha2)       },
    {BYTES, AT(auth.sudi)       },
    {BYTES, AT(auth.sudi_sha1)  },
    {BYTES, AT(auth.sudi_sha512)},
};
static const struct field reply[] = {
    {U8,    AT(reply.reason)},
    {BYTES, AT(reply.bytes) },
};
static const struct field gone[] = {
    {U8, AT(gone.why)},
};
static const struct field ask[] = {
    {BYTES, AT(ask.device) },
    {BYTES, AT(ask.der)    },
    {BYTES, AT(ask.subject)},
    {BYTES, AT(ask.issuer) },
    {BYTES, AT(ask.serial) },
};
#define COUNTER(name) {U64, AT(stats.name)},
static const struct field stats[] = {
    RL_ENR_COUNTERS(COUNTER){U64, AT(stats.open)}
};
static const struct field setup[] = {
    {U32,   AT(setup.first_session)},
    {U8,    AT(setup.old_tls)      },
    {U32,   AT(setup.connections)  },
    {U32,   AT(setup.per_address)  },
    {U32,   AT(setup.handshake_ms) },
    {U32,   AT(setup.message_ms)   },
    {U32,   AT(setup.key_ms)       },
    {U32,   AT(setup.session_ms)   },
    {BYTES, AT(setup.capf)         },
    {BYTES, AT(setup.tvs)          },
};
static const struct field keygen[] = {
    {U8,  AT(keygen.type)},
    {U16, AT(keygen.size)},
};
static const struct field end[] = {
    {U8, AT(end.reason)},
};
static const struct field answer[] = {
    {U8,    AT(answer.status)},
    {BYTES, AT(answer.roles) },
    {U32,   AT(answer.ttl)   },
    {BYTES, AT(answer.der)   },
};

static const struct {
    const struct field *fields;
    size_t n;
} shapes[RL_ENR_KINDS] = {
    [RL_ENR_HELLO] = {hello,  COUNT(hello) },
      [RL_ENR_AUTH] = {auth,   COUNT(auth)  },
    [RL_ENR_KEY] = {reply,  COUNT(reply) },
      [RL_ENR_STORED] = {reply,  COUNT(reply) },
    [RL_ENR_FETCHED] = {reply,  COUNT(reply) },
      [RL_ENR_DELETED] = {reply,  COUNT(reply) },
    [RL_ENR_GONE] = {gone,   COUNT(gone)  },
      [RL_ENR_VERIFY] = {ask,    COUNT(ask)   },
    [RL_ENR_QUERY] = {ask,    COUNT(ask)   },
      [RL_ENR_STATS] = {stats,  COUNT(stats) },
    [RL_ENR_SETUP] = {setup,  COUNT(setup) },
      [RL_ENR_KEYGEN] = {keygen, COUNT(keygen)},
    [RL_ENR_STORE] = {reply,  COUNT(reply) },
      [RL_ENR_END] = {end,    COUNT(end)   },
    [RL_ENR_ANSWER] = {answer, COUNT(answer)},
};

/* Absent and empty are told apart: the length is one more than that of what is there. */
static void put_bytes(struct rl_buf *out, const struct rl_bytes *b)
{
    rl_buf_u32(out, b->p == NULL ? 0 : (uint32_t)b->n + 1);
    if (b->p != NULL)
        rl_buf_add(out, b->p, b->n);
}

static void put_field(struct rl_buf *out, const struct field *f, const struct rl_enr *rec)
{
    const void *at = (const char *)rec + f->at;

    switch (f->type) {
    case U8:
        rl_buf_addc(out, *(const char *)at);
        break;
    case U16:
        rl_buf_u16(out, *(const uint16_t *)at);
        break;
    case U32:
        rl_buf_u32(out, *(const uint32_t *)at);
        break;
    case U64:
        rl_buf_u32(out, (uint32_t)(*(const uint64_t *)at >> 32));
        rl_buf_u32(out, (uint32_t) * (const uint64_t *)at);
        break;
    default:
        put_bytes(out, at);
        break;
    }
}

void rl_enr_encode(const struct rl_enr *rec, struct rl_buf *out)
{
    size_t head = out->len;

    rl_buf_u32(out, 0);
    rl_buf_addc(out, (char)rec->kind);
    rl_buf_u32(out, rec->session);
    for (size_t i = 0; i < shapes[rec->kind].n; i++)
        put_field(out, &shapes[rec->kind].fields[i], rec);

    size_t n = out->len - head - FRAME_HEAD;
    for (size_t i = 0; i < FRAME_HEAD; i++)
        out->data[head + i] = (char)(n >> 8 * (FRAME_HEAD - 1 - i));
}

static void get_bytes(struct rl_cur *c, struct rl_bytes *b)
{
    uint32_t n = rl_cur_u32(c);

    *b = (struct rl_bytes){0};
    if (n == 0)
        return;
    b->n = n - 1;
    b->p = rl_cur_bytes(c, n - 1);
}

static void get_field(struct rl_cur *c, const struct field *f, struct rl_enr *rec)
{
    void *at = (char *)rec + f->at;

    switch (f->type) {
    case U8:
        *(uint8_t *)at = rl_cur_u8(c);
        break;
    case U16:
        *(uint16_t *)at = rl_cur_u16(c);
        break;
    case U32:
        *(uint32_t *)at = rl_cur_u32(c);
        break;
    case U64:
        *(uint64_t *)at = rl_cur_u64(c);
        break;
    default:
        get_bytes(c, at);
        break;
    }
}

long rl_enr_decode(const uint8_t *bytes, size_t n, struct rl_enr *rec)
{
    struct rl_cur c = rl_cur_make(bytes, n);
    size_t length = rl_cur_u32(&c);

    if (n < FRAME_HEAD)
        return 0;
    if (length > RL_ENR_FRAME_MAX || length < REC_HEAD)
        return -1;
    if (n - FRAME_HEAD < length)
        return 0;

    c = rl_cur_make(bytes + FRAME_HEAD, length);
    *rec = (struct rl_enr){.kind = rl_cur_u8(&c)};
    rec->session = rl_cur_u32(&c);
    if (rec->kind >= RL_ENR_KINDS)
        return -1;
    for (size_t i = 0; i < shapes[rec->kind].n; i++)
        get_field(&c, &shapes[rec->kind].fields[i], rec);
    if (rec->kind == RL_ENR_HELLO && rec->hello.ip.n != 16)
        return -1;
    return c.bad || rl_cur_left(&c) > 0 ? -1 : (long)(FRAME_HEAD + length);
}
