#include "policy/names.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/text.h"

enum { SHOWN = 112 }; /* bytes of a name that a sentence takes */

const char *rl_name_next_dns(const char **at, size_t *len)
{
    static const char dns[] = "DNS:";
    while (**at) {
        const char *entry = *at;
        size_t n = strcspn(entry, ";");
        *at += n + (entry[n] != '\0');
        if (n >= sizeof dns - 1 && !memcmp(entry, dns, sizeof dns - 1)) {
            *len = n - (sizeof dns - 1);
            return entry + sizeof dns - 1;
        }
    }
    return NULL;
}

/* --- how alike two names are --- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    const char x[] = {a, '\0'}, y[] = {b, '\0'};
    return !rl_text_casecmp(x, y);
}

/* Bytes that both begin and end with, in any case. */
static size_t alike(const char *a, size_t na, const char *b, size_t nb)
{
    size_t most = least(na, nb), head = 0, tail = 0;
    while (head < most && same_letter(a[head], b[head]))
        head++;
    while (head + tail < most && same_letter(a[na - 1 - tail], b[nb - 1 - tail]))
        tail++;
    return head + tail;
}

/* A name with a wildcard equals none, not even itself. */
static bool equals(const char *entry, size_t len, const char *name)
{
    return len > 0 && strlen(name) == len && !memcmp(entry, name, len) && !memchr(entry, '*', len);
}

static uint32_t next_character(const char **text, size_t *left)
{
    uint32_t cp = 0;
    int n = rl_text_decode(*text, *left, &cp);
    if (n < 0) {
        cp = (unsigned char)**text;
        n = 1;
    }
    *text += n;
    *left -= (size_t)n;
    return cp;
}

static void find_difference(struct rl_name_match *m, const char *name)
{
    const char *wanted = m->nearest, *found = name;
    size_t left_wanted = m->len, left_found = strlen(name);
    do {
        m->at++;
        m->wanted = next_character(&wanted, &left_wanted);
        m->found = next_character(&found, &left_found);
    } while (m->wanted == m->found && m->wanted && m->wanted != '*');
}

/* --- the test --- */

static void consider(struct rl_name_match *m, const char *entry, size_t len, const char *name)
{
    size_t score = alike(entry, len, name, strlen(name));
    bool equal = equals(entry, len, name);
    m->names++;
    if (m->nearest && (m->code == RL_OK || (!equal && score <= m->alike)))
        return;
    m->code = equal ? RL_OK : RL_E_SAN_MISMATCH;
    m->nearest = entry;
    m->len = len;
    m->alike = score;
}

void rl_name_match(const struct rl_row *certificate, const char *name, struct rl_name_match *out)
{
    const char *at = rl_row_get(certificate, RL_CERTIFICATE_SAN), *entry;
    const char *common = rl_row_get(certificate, RL_CERTIFICATE_COMMON_NAME);
    bool any_san = *at;
    size_t len;
    *out = (struct rl_name_match){.code = RL_E_SAN_MISMATCH};
    while ((entry = rl_name_next_dns(&at, &len)))
        consider(out, entry, len, name);
    if (!any_san && *common)
        consider(out, common, strlen(common), name);
    if (!out->names)
        out->code = any_san ? RL_E_SAN_NOT_DNS : RL_E_NO_CERT_NAME;
    else if (out->code == RL_E_SAN_MISMATCH)
        find_difference(out, name);
    else if (!any_san)
        out->code = RL_W_NO_SAN;
}

/* --- in words --- */

/* Safe, and no longer than fits into a sentence. Owned by the caller. */
static char *shown(const char *text, size_t n)
{
    struct rl_buf safe = {0};
    size_t cells = SHOWN, cut;
    rl_text_safe(&safe, text, n);
    while ((cut = rl_text_cut(rl_buf_str(&safe), safe.len, cells, NULL)) > SHOWN)
        cells--;
    char *out = rl_asprintf("%.*s%s", (int)cut, rl_buf_str(&safe), cut < safe.len ? "..." : "");
    rl_buf_fini(&safe);
    return out;
}

/* Character number `at` in quotes; with its number where it may only look like another. Owned by
 * the caller. */
static char *character(const char *text, size_t n, size_t at)
{
    const char *from = text;
    uint32_t cp = 0;
    for (size_t i = 0; i < at; i++) {
        from = text;
        cp = next_character(&text, &n);
    }
    char *one = shown(from, (size_t)(text - from));
    char *out =
        cp < 0x80 ? rl_asprintf("\"%s\"", one) : rl_asprintf("\"%s\" (U+%04X)", one, (unsigned)cp);
    free(one);
    return out;
}

/* Where the names part, for the end of a sentence. Owned by the caller. */
static char *difference(const struct rl_name_match *m, const char *name)
{
    char *wanted = character(m->nearest, m->len, m->at), *out;
    char *found = character(name, strlen(name), m->at);
    if (m->wanted && m->wanted == m->found)
        out = rl_asprintf("character %zu is a wildcard, which equals no name", m->at);
    else if (!m->found)
        out = rl_asprintf("it ends before character %zu, where %s is wanted", m->at, wanted);
    else if (!m->wanted)
        out = rl_asprintf("character %zu is %s, where the name should end", m->at, found);
    else
        out = rl_asprintf("character %zu is %s, where %s is wanted", m->at, found, wanted);
    free(wanted);
    free(found);
    return out;
}

/* R103: all that it could be named. */
static void list_names(const struct rl_row *certificate, struct rl_err *err)
{
    const char *at = rl_row_get(certificate, RL_CERTIFICATE_SAN), *entry;
    struct rl_buf list = {0};
    size_t len;
    while ((entry = rl_name_next_dns(&at, &len)) && list.len + SHOWN < sizeof err->remedy - 64) {
        char *one = shown(entry, len);
        rl_buf_addf(&list, "%s%s", list.len ? ", " : "", one);
        free(one);
    }
    rl_err_remedy(err, "Name the profile exactly as one of its DNS SANs: %s%s.", rl_buf_str(&list),
                  entry ? ", ..." : "");
    rl_buf_fini(&list);
}

static void write_mismatch(const struct rl_name_match *m, const struct rl_row *certificate,
                           const char *name, const char *object, struct rl_err *err)
{
    const char *what = rl_row_is(certificate, RL_CERTIFICATE_SAN, "") ? "CN"
                       : m->names > 1                                 ? "nearest DNS SAN"
                                                                      : "DNS SAN";
    char *given = shown(name, strlen(name)), *nearest = shown(m->nearest, m->len);
    char *where = difference(m, name);
    rl_fail_field(err, RL_E_SAN_MISMATCH, object, "name",
                  "The name \"%s\" is not the certificate's %s \"%s\": %s.", given, what, nearest,
                  where);
    if (m->names > 1)
        list_names(certificate, err);
    free(given);
    free(nearest);
    free(where);
}

static void write_nameless(const struct rl_name_match *m, const struct rl_row *certificate,
                           const char *object, struct rl_err *err)
{
    const char *san = rl_row_get(certificate, RL_CERTIFICATE_SAN);
    const char *name = rl_row_get(certificate, RL_CERTIFICATE_NAME);
    char *value = m->nearest ? shown(m->nearest, m->len) : shown(san, strlen(san));
    if (m->code == RL_E_SAN_NOT_DNS)
        rl_fail_field(err, m->code, object, "name",
                      "Certificate %s has the SAN %s: none is of type DNS.", name, value);
    else if (m->code == RL_E_NO_CERT_NAME)
        rl_fail_field(err, m->code, object, "name",
                      "Certificate %s has neither a SAN nor a CN: no profile can be named after "
                      "it.",
                      name);
    else
        rl_fail_field(err, m->code, object, "name",
                      "Certificate %s has no SAN: the profile matches by its CN %s only.", name,
                      value);
    free(value);
}

void rl_name_problem(const struct rl_name_match *match, const struct rl_row *certificate,
                     const char *name, const char *object, struct rl_err *err)
{
    if (match->code == RL_E_SAN_MISMATCH)
        write_mismatch(match, certificate, name, object, err);
    else
        write_nameless(match, certificate, object, err);
}
