/* The recorded sessions of the public tools (tests/vectors/capf) against our own decisions: what
 * their client said is said again, and what we answer is held against what their server answered,
 * byte by byte but for the certificates. Where that server is weak we differ. */
#include "capf_scene.h"

#include <ctype.h>

#include "enrol/capf_wire.h"

#define NO_STRING NULL

struct recorded {
    const char *name, *mode;
    enum rl_capf_operation operation;
    const char *string, *order, *size; /* key order and size, or NULL: RSA 2048 */
    int end;                           /* 0: as recorded; else the reason that we give */
    enum rl_capf_state state;
    enum rl_capf_why why;
    bool waits; /* the operation goes on waiting */
};

#define INSTALL RL_CAPF_INSTALL
#define DELETE  RL_CAPF_DELETE
#define TROUBLE RL_CAPF_TROUBLESHOOT
#define GOOD    RL_CAPF_SUCCESS
#define BAD     RL_CAPF_REFUSED

/* clang-format off */
static const struct recorded sessions[] = {
    {"01-install-password-rsa2048", "string", INSTALL, "123456", NULL, NULL, 0, GOOD, 0, false},
    {"02-none", "null-string", RL_CAPF_NONE, NULL, NULL, NULL, 0, RL_CAPF_IDLE, 0, false},
    {"03-install-no-password-rsa2048", "null-string", INSTALL, NULL, NULL, NULL, 0, GOOD, 0, false},
    {"04-install-certificate-rsa2048", "lsc", INSTALL, NULL, NULL, NULL, 0, GOOD, 0, false},
    {"05-install-certificate-ec384-lsc", "lsc", INSTALL, NULL, "ec", "256", 0, GOOD, 0, false},
    {"06-install-ec384", "null-string", INSTALL, NULL, "ec", "384", 0, GOOD, 0, false},
    {"07-install-ec521", "null-string", INSTALL, NULL, "ec", "521", 0, GOOD, 0, false},
    {"08-fetch", "null-string", TROUBLE, NULL, NULL, NULL, 0, GOOD, 0, false},
    {"09-fetch-none", "null-string", TROUBLE, NULL, NULL, NULL, 0, BAD, RL_CAPF_INVALID_LSC, true},
    {"10-delete", "string", DELETE, "123456", NULL, NULL, 0, GOOD, 0, false},
    {"11-delete-none", "null-string", DELETE, NULL, NULL, NULL, 0, BAD, RL_CAPF_INVALID_LSC, true},
    {"12-unknown-device", "null-string", RL_CAPF_NONE, NULL, NULL, NULL, 0, RL_CAPF_IDLE, 0, false},
    {"13-wrong-password", "string", INSTALL, "123456", NULL, NULL, 0, BAD, RL_CAPF_INVALID_STRING, true},
    {"14-missing-certificate", "lsc", INSTALL, NULL, NULL, NULL, 0, BAD, RL_CAPF_INVALID_CREDENTIALS, true},
    {"15-unknown-issuer", "lsc", INSTALL, NULL, NULL, NULL, 0, BAD, RL_CAPF_INVALID_LSC, true},
    {"16-other-devices-lsc-accepted", "lsc", INSTALL, NULL, NULL, NULL, 7, BAD, RL_CAPF_INVALID_LSC, true},
    {"17-install-rsa1024", "null-string", INSTALL, NULL, "rsa", "1024", 0, GOOD, 0, false},
    {"17-install-rsa3072", "null-string", INSTALL, NULL, "rsa", "3072", 0, GOOD, 0, false},
    {"17-install-rsa4096", "null-string", INSTALL, NULL, "rsa", "4096", 0, GOOD, 0, false},
    {"18-install-rsa512", "null-string", INSTALL, NULL, "rsa", "512", 0, GOOD, 0, false},
    {"20-jabber4linux-vs-capfd-4.2-known", "null-string", INSTALL, NULL, NULL, NULL, 0, GOOD, 0, false},
    {"20-jabber4linux-vs-capfd-4.2-unknown", "null-string", RL_CAPF_NONE, NULL, NULL, NULL, 0, RL_CAPF_IDLE, 0, false},
};
/* clang-format on */

static void add_hex(struct rl_buf *out, const char *p)
{
    unsigned byte;
    for (; isxdigit((unsigned char)p[0]) && sscanf(p, "%2x", &byte) == 1; p += 2)
        rl_buf_addc(out, (char)byte);
}

static FILE *open_transcript(const char *name)
{
    char *path = rl_asprintf("tests/vectors/capf/%s.txt", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    free(path);
    return f;
}

/* The same but for the certificate: header, elements and their order. */
static void same_store(const struct rl_buf *ours, const struct rl_buf *theirs)
{
    static const size_t head[] = {0, 1, 2, 3, 4, 5}, body[] = {8, 9, 10, 11, 12, 15, 18, 19};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        assert_int_equal(ours->data[head[i]], theirs->data[head[i]]);
    for (size_t i = 0; i < sizeof body / sizeof *body; i++)
        assert_int_equal(ours->data[body[i]], theirs->data[body[i]]);
}

static void compare(const struct rl_buf *ours, const struct rl_buf *theirs, int end)
{
    if (end) {
        assert_int_equal(ours->data[1], RL_WIRE_END_SESSION);
        assert_int_equal(ours->data[ours->len - 1], end);
    } else if (theirs->data[1] == RL_WIRE_STORE_REQUEST) {
        same_store(ours, theirs);
    } else {
        assert_int_equal(ours->len, theirs->len);
        assert_memory_equal(ours->data, theirs->data, ours->len);
    }
}

/* What the phone says; our answer, if it is one for us to give, in `ours`. */
static void hear(struct scene *s, const struct rl_buf *said, struct rl_buf *ours)
{
    struct rl_wire_capf_message m;
    struct rl_enr rec;
    assert_true(rl_wire_capf_read((const uint8_t *)said->data, said->len, &m) > 0);
    if (m.command == RL_WIRE_IN_PROGRESS)
        return;
    assert_true(rl_wire_capf_record(&m, &rec));
    if (rec.kind == RL_ENR_AUTH && s->session.id == 0)
        scene_session(s, m.session);
    assert_int_not_equal(scene_say(s, &rec), 0);
    assert_true(rl_wire_capf_write(ours, &s->answer));
}

static void replay(struct scene *s, const struct recorded *r)
{
    static char line[65536];
    struct rl_buf ours = {0}, bytes = {0};
    FILE *f = open_transcript(r->name);
    while (fgets(line, sizeof line, f)) {
        bytes.len = 0;
        if (line[1] != ':')
            continue;
        add_hex(&bytes, line + 3);
        if (line[0] == 'C') {
            hear(s, &bytes, &ours);
        } else if (ours.len) { /* the first of all is enrol's own */
            compare(&ours, &bytes, r->end);
            ours.len = 0;
            if (r->end)
                break;
        }
    }
    assert_int_equal(ours.len, 0);
    fclose(f);
    rl_buf_fini(&ours);
    rl_buf_fini(&bytes);
}

static void schedule(struct scene *s, const struct recorded *r, const char *phone)
{
    const char *order = r->order ? r->order : "rsa", *size = r->size ? r->size : "2048";
    struct rl_buf mode = {0}, keys = {0}, bits = {0};
    rl_buf_addf(&mode, "auth_mode=%s", r->mode);
    rl_buf_addf(&keys, "key_order=%s", order);
    rl_buf_addf(&bits, "%s_size=%s", order, size);
    PROFILE(s, rl_buf_str(&mode), rl_buf_str(&keys), rl_buf_str(&bits));
    if (r->operation != RL_CAPF_NONE)
        scene_order(s, phone, r->operation, r->string);
    rl_buf_fini(&mode);
    rl_buf_fini(&keys);
    rl_buf_fini(&bits);
}

static void recorded_sessions_go_the_same_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
        const struct recorded *r = &sessions[i];
        bool jabber = r->name[0] == '2';
        const char *phone = jabber ? "CSFALICE" : PHONE;
        struct scene s;
        struct rl_capf c;
        print_message("%s\n", r->name);
        scene_open(&s);
        if (jabber) {
            assert_int_equal(rl_store_begin(s.site.store, &s.site.err), RL_OK);
            scene_phone(&s, phone);
            assert_int_equal(rl_store_commit(s.site.store, &s.site.err), RL_OK);
        }
        schedule(&s, r, phone);
        replay(&s, r);
        assert_int_equal(rl_store_capf_get(s.site.store, phone, &c, &s.site.err), RL_OK);
        assert_int_equal(c.state, r->state);
        assert_int_equal(c.why, r->why);
        assert_int_equal(c.operation, r->waits ? r->operation : RL_CAPF_NONE);
        scene_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_sessions_go_the_same_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
