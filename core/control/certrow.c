#include "control/certrow.h"

#include <stdlib.h>
#include <string.h>

#include "policy/names.h"
#include "ringlock/buf.h"
#include "ringlock/time.h"

enum { NAME_ROOM = 100 }; /* of the 128 characters that a name takes */

static bool has_entry(const char *list, const char *entry)
{
    size_t n = strlen(entry);
    for (const char *p = list; (p = strstr(p, entry)) != NULL; p += n)
        if ((p == list || p[-1] == ';') && (!p[n] || p[n] == ';'))
            return true;
    return false;
}

/* "DNS:a;IP:b": each once. */
static char *san_list(const struct rl_cert *cert)
{
    struct rl_buf list = {0};
    for (size_t i = 0; i < cert->nsan; i++) {
        char *entry = rl_asprintf("%s:%s", cert->san[i].type, cert->san[i].value);
        if (!has_entry(rl_buf_str(&list), entry))
            rl_buf_addf(&list, "%s%s", list.len ? ";" : "", entry);
        free(entry);
    }
    return list.len ? rl_buf_take(&list) : rl_strdup("");
}

static void set_time(struct rl_row *row, int field, int64_t us)
{
    char text[RL_TIME_TEXT];
    rl_row_set(row, field, rl_time_text(us, 0, text));
}

void rl_cert_row(const struct rl_cert *cert, struct rl_row *row)
{
    char *san = san_list(cert), *bits = rl_asprintf("%u", cert->key_bits);
    const struct {
        int field;
        const char *value;
    } texts[] = {
        {RL_CERTIFICATE_COMMON_NAME,     cert->common_name               },
        {RL_CERTIFICATE_SAN,             san                             },
        {RL_CERTIFICATE_SUBJECT,         cert->subject                   },
        {RL_CERTIFICATE_ISSUER,          cert->issuer                    },
        {RL_CERTIFICATE_SERIAL,          cert->serial                    },
        {RL_CERTIFICATE_SELF_SIGNED,     cert->self_signed ? "yes" : "no"},
        {RL_CERTIFICATE_CA,              cert->ca ? "yes" : "no"         },
        {RL_CERTIFICATE_KEY_TYPE,        cert->key_type                  },
        {RL_CERTIFICATE_KEY_BITS,        bits                            },
        {RL_CERTIFICATE_SIGNATURE_HASH,  cert->signature_hash            },
        {RL_CERTIFICATE_FINGERPRINT,     cert->fingerprint               },
        {RL_CERTIFICATE_PEM_FINGERPRINT, cert->pem_fingerprint           },
    };
    rl_row_init(row, rl_object(RL_CERTIFICATE));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        rl_row_set(row, texts[i].field, texts[i].value);
    set_time(row, RL_CERTIFICATE_NOT_BEFORE, cert->not_before_us);
    set_time(row, RL_CERTIFICATE_NOT_AFTER, cert->not_after_us);
    free(san);
    free(bits);
}

/* What its name may be, of the characters that the field takes. */
static char *fitting(const char *text, size_t n)
{
    const char *allowed = rl_object(RL_CERTIFICATE)->fields[RL_CERTIFICATE_NAME].allowed;
    struct rl_buf out = {0};
    for (size_t i = 0; i < n && out.len < NAME_ROOM; i++) {
        char c = text[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (out.len ? alnum || (c && strchr(allowed, c)) : alnum)
            rl_buf_addc(&out, c);
        else if (out.len)
            rl_buf_addc(&out, '_');
    }
    while (out.len && strchr(" _", out.data[out.len - 1]))
        out.data[--out.len] = '\0';
    return out.len ? rl_buf_take(&out) : rl_strdup("certificate");
}

char *rl_cert_own_name(const struct rl_row *row)
{
    const char *device = rl_row_get(row, RL_CERTIFICATE_DEVICE);
    const char *san = rl_row_get(row, RL_CERTIFICATE_SAN);
    const char *name = rl_row_get(row, RL_CERTIFICATE_COMMON_NAME);
    size_t n, ndns;
    const char *dns = rl_name_next_dns(&san, &ndns);
    n = strlen(name);
    if (*device) {
        name = device;
        n = strlen(device);
    } else if (dns) {
        name = dns;
        n = ndns;
    }
    return fitting(name, n);
}

const char *rl_cert_usage(const struct rl_row *row)
{
    const char *san = rl_row_get(row, RL_CERTIFICATE_SAN);
    size_t n;
    if (rl_store_is_own(rl_row_get(row, RL_CERTIFICATE_STORE)))
        return "identity";
    if (rl_row_is(row, RL_CERTIFICATE_STORE, RL_STORE_SIGNERS))
        return "signer";
    if (*rl_row_get(row, RL_CERTIFICATE_DEVICE))
        return "device";
    /* makers of self-signed certificates like to call them CAs: a DNS name says what it is for */
    return rl_row_yes(row, RL_CERTIFICATE_CA) && !rl_name_next_dns(&san, &n) ? "ca" : "shared";
}
