#include "pki/dn.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PARTS_OF_RDN = 16 }; /* in any order; of more only in that of the certificate */

void rl_dn_fini(struct rl_dn *dn)
{
    for (size_t i = 0; i < dn->n; i++) {
        free(dn->part[i].type);
        free(dn->part[i].value);
    }
    free(dn->part);
    *dn = (struct rl_dn){0};
}

/* Append a value with what has to be escaped. */
static void escape(struct rl_buf *out, const char *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = value[i];
        if (c == '\0') {
            rl_buf_adds(out, "\\00");
            continue;
        }
        if (strchr("\\\"+,;<>", c) || (i == 0 && c == '#') || (c == ' ' && (i == 0 || i == n - 1)))
            rl_buf_addc(out, '\\');
        rl_buf_addc(out, c);
    }
}

enum rl_code rl_dn_write(const struct rl_dn *dn, const char *object, struct rl_buf *out,
                         struct rl_err *err)
{
    for (size_t i = 0; i < dn->n; i++) {
        if (i && dn->part[i].rdn == dn->part[i - 1].rdn)
            return rl_fail(err, RL_E_VALUE, object,
                           "The certificate %s cannot go into a trust list: its name joins %s and "
                           "%s in one part.",
                           object, dn->part[i - 1].type, dn->part[i].type);
        rl_buf_addf(out, "%s%s=", i ? "," : "", dn->part[i].type);
        escape(out, dn->part[i].value, dn->part[i].n);
    }
    return RL_OK;
}

/* ---- comparing ---- */

struct matching {
    const char *at, *end;
    char separator; /* ',' with escapes, ';' without */
};

static bool take(struct matching *m, const char *bytes, size_t n)
{
    if ((size_t)(m->end - m->at) < n || (n && memcmp(m->at, bytes, n) != 0))
        return false;
    m->at += n;
    return true;
}

/* The part stands here, up to a separator or the end; goes past both. */
static bool take_part(struct matching *m, const struct rl_dn_part *part)
{
    struct matching try = *m;
    struct rl_buf escaped = {0};
    size_t ntype = strlen(part->type);
    if ((size_t)(try.end - try.at) <= ntype || strncasecmp(try.at, part->type, ntype) != 0 ||
        try.at[ntype] != '=')
        return false;
    try.at += ntype + 1;
    if (m->separator == ',')
        escape(&escaped, part->value, part->n);
    bool taken = m->separator == ',' ? take(&try, escaped.data, escaped.len)
                                     : take(&try, part->value, part->n);
    rl_buf_fini(&escaped);
    taken = taken && (try.at == try.end || *try.at++ == m->separator);
    if (taken)
        *m = try;
    return taken;
}

/* The n parts of one RDN, in any order. */
static bool take_rdn(struct matching *m, const struct rl_dn_part *part, size_t n)
{
    uint32_t taken = 0;
    for (size_t left = n; left; left--) {
        size_t i = n > PARTS_OF_RDN ? n - left : 0;
        if (n > PARTS_OF_RDN) {
            if (!take_part(m, &part[i]))
                return false;
            continue;
        }
        while (i < n && (taken & 1u << i || !take_part(m, &part[i])))
            i++;
        if (i == n)
            return false;
        taken |= 1u << i;
    }
    return true;
}

static bool matches(const struct rl_dn *dn, const char *text, size_t n, char separator)
{
    struct matching m = {text, text + n, separator};
    if (n && text[n - 1] == separator)
        return false; /* ends in one that nothing follows */
    for (size_t i = 0, next; i < dn->n; i = next) {
        for (next = i + 1; next < dn->n && dn->part[next].rdn == dn->part[i].rdn; next++)
            ;
        if (!take_rdn(&m, &dn->part[i], next - i))
            return false;
    }
    return m.at == m.end;
}

bool rl_dn_is(const struct rl_dn *dn, const void *text, size_t n)
{
    return matches(dn, text, n, ',') || matches(dn, text, n, ';');
}
