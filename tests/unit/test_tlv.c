/* The form of trust lists, element by element: what is wrong is refused where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"
#include "trust/list.h"

/* A list in words: "TAG=HEX" is an element, "TAG{...}" a group, "TAG=#" the length of the run that
 * began at the start or after '|', "TAG=*" 64 bytes, "!HEX" bytes as they are. */
static const char good[] =
    "1=0102 2=# 28=0100 3{4=7800 6=7800 5=07} 7{8=01 9{10=00 11=00}} 12=* 14=6600 15=00000001 "
    "!0d0d0d | 1=# 3=7800 5=7800 6=07 4=0000 7=6b 9=30";

struct making {
    struct rl_buf out;
    size_t run;    /* where it begins */
    size_t length; /* where the length of the run stands; 0: nowhere */
};

static void put_u16(struct making *m, size_t at, size_t value)
{
    m->out.data[at] = (char)(value >> 8);
    m->out.data[at + 1] = (char)value;
}

static void end_run(struct making *m)
{
    if (m->length)
        put_u16(m, m->length, m->out.len - m->run);
    m->run = m->out.len;
    m->length = 0;
}

static const char *hex(struct making *m, const char *p)
{
    for (; isxdigit((unsigned char)*p); p += 2) {
        char byte[3] = {p[0], p[1], '\0'};
        rl_buf_addc(&m->out, (char)strtol(byte, NULL, 16));
    }
    return p;
}

static const char *value(struct making *m, const char *p)
{
    static const char zeros[64];
    if (*p == '*') {
        rl_buf_add(&m->out, zeros, sizeof zeros);
    } else if (*p == '#') {
        m->length = m->out.len;
        rl_buf_u16(&m->out, 0);
    } else {
        return hex(m, p);
    }
    return p + 1;
}

static const char *make_some(struct making *m, const char *p)
{
    while (*p && *p != '}') {
        char *after;
        if (*p == ' ' || *p == '|') {
            if (*p++ == '|')
                end_run(m);
        } else if (*p == '!') {
            p = hex(m, p + 1);
        } else {
            rl_buf_addc(&m->out, (char)strtol(p, &after, 10));
            size_t at = m->out.len;
            rl_buf_u16(&m->out, 0);
            p = *after == '{' ? make_some(m, after + 1) + 1 : value(m, after + 1);
            put_u16(m, at, m->out.len - at - 2);
        }
    }
    return p;
}

/* The list with `from` replaced by `to`, in a block of its own. */
static struct rl_bytes make(const char *from, const char *to)
{
    struct making m = {0};
    const char *at = strstr(good, from);
    assert_non_null(at);
    char *words = rl_asprintf("%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    make_some(&m, words);
    end_run(&m);
    uint8_t *bytes = malloc(m.out.len);
    memcpy(bytes, m.out.data, m.out.len);
    size_t n = m.out.len;
    free(words);
    rl_buf_fini(&m.out);
    return (struct rl_bytes){bytes, n};
}

/* clang-format off */
static const struct {
    const char *from, *to;
    const char *refusal, *warning; /* part of the sentence; NULL: there is none */
} cases[] = {
    {"", "", NULL, NULL},
    {"28=0100 ", "", NULL, NULL},
    {"4=7800 6=7800 5=07", "5=07 6=00 4=7800", NULL, NULL},
    {"!0d0d0d", "", NULL, NULL},
    {"!0d0d0d", "!0d0d0d0d0d0d0d0d", NULL, NULL},
    {"28=0100", "28=0101", NULL, NULL},
    {"28=0100", "28=0102", NULL, "element 28 (signer version) of the header is 1.2"},
    {"1=0102", "1=0103", NULL, "is 1.3"},
    /* order and presence */
    {"1=0102 ", "", "byte 0: a header has element 1 (header version) here, not 2", NULL},
    {"1=0102 2=#", "2=# 1=0102", "not 2", NULL},
    {"2=# 28=0100", "28=0100 2=#", "a header has element 2 (header length) here, not 28", NULL},
    {"4=7800 ", "", "has no element 4 (signer name)", NULL},
    {"6=7800 ", "", "has no element 6 (issuer name)", NULL},
    {" 5=07", "", "has no element 5 (serial number)", NULL},
    {"8=01 ", "", "element 7 (signature info) of the header has length 11 and not 15", NULL},
    {"12=* ", "", "has no element 12 (signature)", NULL},
    {"14=6600 ", "", "has no element 14 (file name)", NULL},
    {"15=00000001 ", "", "has no element 15 (timestamp)", NULL},
    {"3=7800 5=7800 6", "5=7800 6", "has no element 3 (subject name)", NULL},
    {"6=07 4", "4", "has no element 6 (serial number)", NULL},
    {" 4=0000", "", "has no element 4 (role)", NULL},
    {" 7=6b", "", "has no element 7 (public key)", NULL},
    {"14=6600", "!0d 14=6600", "the padding of the header is followed by byte 14", NULL},
    /* twice */
    {"14=6600", "14=6600 14=6600", "element 14 (file name) of the header is there twice", NULL},
    {"12=*", "12=* 12=*", "element 12 (signature) of the header is there twice", NULL},
    {"28=0100", "28=0100 1=0102", "element 1 (header version) of the header is there twice", NULL},
    {"6=07 4", "6=07 6=07 4", "element 6 (serial number) of the record is there twice", NULL},
    /* place */
    {"14=6600", "3{14=6600}", "is there twice", NULL},
    {" 5=07}", "} 5=07", "element 5 (serial number) of the header stands outside of element 3", NULL},
    {"5=07}", "5=07 14=6600}", "element 14 (file name) of the header stands inside of element 3", NULL},
    {"5=07}", "5=07 !0d}", "element 13 (padding) of the header stands inside of element 3", NULL},
    {"28=0100", "16{}", "element 16 (encryption info) of the header does not belong", NULL},
    {"28=0100", "31=00", "there is no element 31 in a header", NULL},
    {"28=0100", "255=00", "there is no element 255 in a header", NULL},
    {" 9=30", " 13=30", "there is no element 13 in a record", NULL},
    /* lengths */
    {"1=0102", "1=010200", "element 1 (header version) of the header has length 3 and not 2", NULL},
    {"2=#", "2=ffff", "says 65535 bytes, and the file has", NULL},
    {"2=#", "2=0000", "says 0, which is less than it takes", NULL},
    {"1=# 3", "1=ffff 3", "says 65535 bytes, and the file has", NULL},
    {"1=# 3", "1=0004 3", "says 4, which is less than it takes", NULL},
    {"4=0000", "4=000000", "element 4 (role) of the record has length 3 and not 2", NULL},
    {"8=01 9", "8=0101 9", "element 7 (signature info) of the header has length 16 and not 15", NULL},
    {"8=01 9", "8= 9", "element 7 (signature info) of the header has length 14 and not 15", NULL},
    {"15=00000001", "15=0000000001", "element 15 (timestamp) of the header has length 5", NULL},
    {"5=07}", "5=}", "element 5 (serial number) of the header is empty", NULL},
    {"7=6b", "7=", "element 7 (public key) of the record is empty", NULL},
    {"9=30", "!090005", "element 9 (certificate) of the record is cut off", NULL},
    {"9=30", "!09000530", "element 9 (certificate) of the record has length 5, and 1 bytes follow", NULL},
    {"9=30", "9=30 | !01", "element 1 (record length) of the record is cut off", NULL},
    /* values */
    {"1=0102", "1=0002", "is 0.2, and such a file has 1", NULL},
    {"5=07}", "5=0007}", "element 5 (serial number) of the header begins with a zero byte", NULL},
    {"{8=01", "{8=02", "element 8 (hash algorithm) of the header is 2", NULL},
    {"10=00", "10=01", "element 10 (signature algorithm) of the header is 1", NULL},
    {" 11=00", " 11=01", "is 1, and the signature has 64 bytes", NULL},
    {" 11=00", " 11=04", "element 11 (modulus size code) of the header is 4", NULL},
    {"14=6600", "14=66", "is a text that does not end in NUL", NULL},
    {"14=6600", "14=660066", "is a text that does not end in NUL", NULL},
    {"14=6600", "14=66006600", "is a text with a NUL inside", NULL},
    {"14=6600", "14=c3a900", NULL, NULL},
    {"14=6600", "14=c300", "is a text that is not UTF-8", NULL},
    {"14=6600", "14=eda08000", "is a text that is not UTF-8", NULL},
    {"3=7800 5=7800 6", "3=00 5=00 6", NULL, NULL},
    {"4=0000", "4=0008", NULL, "element 4 (role) of the record is 8, which nobody knows"},
    {"4=0000", "4=0015", NULL, NULL},
    {" 9=30", "", NULL, "is that of a record without certificate"},
    {"9=30", "11=0000000000000000000000000000000000000000 12=01", NULL, NULL},
    {"9=30", "11=00", NULL, "element 11 (certificate hash) of the record has length 1, as no hash"},
    {"9=30", "9=30 10=0a000001", NULL, NULL},
    {"9=30", "9=30 10=00000000000000000000000000000001", NULL, "element 10 (IP address)"},
};
/* clang-format on */

static void each_case_is_told_where_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_bytes bytes = make(cases[i].from, cases[i].to);
        struct rl_trust_list list;
        struct rl_problems warnings = {0};
        struct rl_err err = {0};
        enum rl_code code = rl_trust_list_read(bytes.p, bytes.n, "it", &list, &warnings, &err);
        const char *warned = warnings.n ? warnings.item[0].text : "";
        if (code != (cases[i].refusal ? RL_E_TRUST_FILE : RL_OK) ||
            (cases[i].refusal && !strstr(err.text, cases[i].refusal)))
            fail_msg("%s -> %s: %s", cases[i].from, cases[i].to, err.text);
        if (!cases[i].warning != !*warned ||
            (cases[i].warning && !strstr(warned, cases[i].warning)))
            fail_msg("%s -> %s: warned \"%s\"", cases[i].from, cases[i].to, warned);
        rl_problems_fini(&warnings);
        free((void *)bytes.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_case_is_told_where_it_stands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
