/* Wizards without a socket: their steps, their drafts, and what is found wrong at which step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/wizard.h"
#include "site.h"

static struct site site;

static enum rl_code no_entry(void *ctx, const char *who, const char *what, const char *object,
                             const char *before, const char *after, struct rl_err *err)
{
    (void)ctx, (void)who, (void)what, (void)object, (void)before, (void)after, (void)err;
    return RL_OK;
}

static const struct rl_auditor silent = {NULL, no_entry};
static struct rl_act act;

#define TYPE(model, mode)                                                                 \
    ROW(RL_TYPE, "model=" model, "vendor=V", "class=third-party-phone", "protocols=SIP",  \
        "security_class=secure-preferred-vendor", "authentication=yes", "encryption=yes", \
        "tls_to_cucm=yes", "digest=yes", "cert_mode=" mode, "instructions=Read;the manual")

static int open_site(void **state)
{
    (void)state;
    site_open(&site);
    act = (struct rl_act){.store = site.store, .audit = &silent, .who = "alice", .mixed = true};
    if (rl_store_begin(site.store, NULL) || insert_row(&site, TYPE("One", "per-device")) ||
        insert_row(&site, TYPE("Group", "shared")) || insert_row(&site, TYPE("Silent", "")) ||
        insert_row(&site, ROW(RL_PROFILE, "name=One - Standard SIP Non-Secure Profile", "type=One",
                              "protocol=SIP", "mode=nonsecure", "predefined=yes")) ||
        insert_row(&site, ROW(RL_PROFILE, "name=Group - Standard SIP Non-Secure Profile",
                              "type=Group", "protocol=SIP", "mode=nonsecure", "predefined=yes")) ||
        rl_store_commit(site.store, NULL))
        return -1;
    return 0;
}

static int close_site(void **state)
{
    (void)state;
    site_close(&site);
    return 0;
}

static struct rl_draft draft_of(const char *kind)
{
    struct rl_draft d;
    rl_draft_init(&d, rl_wizard_find(kind), "draft", "alice");
    return d;
}

static enum rl_code answer(struct rl_draft *d, const char *json)
{
    struct rl_err err;
    json_t *answers = json_loads(json, 0, NULL);
    assert_non_null(answers);
    enum rl_code code = rl_draft_answer(d, answers, &err);
    json_decref(answers);
    return code;
}

static void write_draft(struct rl_draft *d)
{
    struct rl_err err;
    assert_int_equal(rl_store_begin(site.store, &err), RL_OK);
    assert_int_equal(rl_draft_write(d, site.store, &err), RL_OK);
    assert_int_equal(rl_store_commit(site.store, &err), RL_OK);
}

/* --- tables --- */

/* R86 to R94, R95 to R110: the order of the guide. */
static void steps_are_in_the_order_of_the_guide(void **state)
{
    static const struct {
        const char *kind, *steps;
    } orders[] = {
        {"per-device", "upload profiles profile phones type fields assign "                        },
        {"shared",     "certificate upload profiles name mode transport phones type fields assign "},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct rl_wizard *w = rl_wizard_find(orders[i].kind);
        struct rl_buf steps = {0};
        for (size_t s = 0; s < w->nsteps; s++) {
            rl_buf_addf(&steps, "%s ", w->steps[s].id);
            assert_int_equal(rl_wizard_step(w, w->steps[s].id), s);
            assert_int_equal(w->steps[s].rule[0], 'R');
        }
        assert_string_equal(rl_buf_str(&steps), orders[i].steps);
        rl_buf_fini(&steps);
    }
    assert_null(rl_wizard_find("both"));
    assert_int_equal(rl_wizard_step(rl_wizard_find("shared"), "check"), -1);
}

/* --- drafts --- */

static void a_draft_is_read_as_it_was_written(void **state)
{
    struct rl_draft d = draft_of("shared"), back;
    struct rl_err err;
    (void)state;
    assert_int_equal(answer(&d, "{\"profile.name\": \" x \", \"phones\": [{\"name\": \"A\"}]}"),
                     RL_OK);
    assert_int_equal(rl_draft_go(&d, "mode", &err), RL_OK);
    write_draft(&d);
    assert_int_equal(rl_draft_read(site.store, d.row.id, &back, &err), RL_OK);
    assert_true(json_equal(d.answers, back.answers));
    assert_string_equal(back.row.step, "mode");
    assert_int_equal(back.row.rev, 1);
    char *name = rl_draft_text(&back, "profile.name");
    assert_string_equal(name, " x "); /* R102: nothing is trimmed */
    free(name);
    write_draft(&back);
    assert_int_equal(back.row.rev, 2);
    assert_int_equal(rl_store_begin(site.store, &err), RL_OK);
    assert_int_equal(rl_draft_write(&d, site.store, &err), RL_E_CONFLICT);
    rl_store_rollback(site.store);
    rl_draft_fini(&d);
    rl_draft_fini(&back);
}

static void an_unreadable_draft_is_refused(void **state)
{
    static const char *const texts[] = {
        "", "{}", "[]", "{\"answers\":{}}",
        "{\"answers\":[],\"changed\":{},\"seen\":{},\"accepted\":[]}"};
    struct rl_err err;
    struct rl_draft back;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct rl_draft_row row = {.kind = (char *)(uintptr_t) "shared",
                                   .name = (char *)(uintptr_t) "",
                                   .owner = (char *)(uintptr_t) "a",
                                   .step = (char *)(uintptr_t) "name",
                                   .updated = (char *)(uintptr_t) "",
                                   .answers = (char *)(uintptr_t)texts[i]};
        assert_int_equal(rl_store_begin(site.store, &err), RL_OK);
        assert_int_equal(rl_store_draft_add(site.store, &row, &err), RL_OK);
        assert_int_equal(rl_draft_read(site.store, row.id, &back, &err), RL_E_SITE_DAMAGED);
        rl_store_rollback(site.store);
    }
    assert_int_equal(rl_draft_read(site.store, 12345, &back, &err), RL_E_NOT_FOUND);
}

static void answers_are_merged_by_their_keys(void **state)
{
    struct rl_draft d = draft_of("per-device");
    (void)state;
    answer(&d, "{\"profile.name\": \"x\", \"phones\": [{\"name\": \"A\", \"lines\": \"1\"},"
               " {\"name\": \"B\", \"lines\": \"2\"}]}");
    answer(&d, "{\"phones\": [{\"name\": \"B\"}, {\"name\": \"A\", \"lines\": null},"
               " {\"name\": \"C\"}]}");
    char *text = json_dumps(d.answers, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"phones\":[{\"lines\":\"2\",\"name\":\"B\"},{\"name\":\"A\"},"
                              "{\"name\":\"C\"}],\"profile.name\":\"x\"}");
    free(text);
    answer(&d, "{\"profile.name\": null, \"phones\": null}");
    assert_int_equal(json_object_size(d.answers), 0);
    rl_draft_fini(&d);
}

/* A private key must not lie about in a draft. */
static void what_is_no_certificate_is_not_kept(void **state)
{
    struct rl_draft d = draft_of("shared");
    struct rl_err err;
    (void)state;
    answer(&d, "{\"certificate\": {\"file\": \"/tmp/k.pem\", \"data\":"
               " \"-----BEGIN EC PRIVATE KEY-----\\nAAAA\\n-----END EC PRIVATE KEY-----\\n\"}}");
    const json_t *cert = json_object_get(d.answers, "certificate");
    assert_null(json_object_get(cert, "data"));
    assert_true(rl_draft_cert_refused(cert, &err));
    assert_int_equal(err.code, RL_E_CERT_PRIVATE_KEY);
    assert_string_equal(err.object, "k.pem");
    answer(&d, "{\"certificate\": {\"file\": null, \"data\": null}}");
    assert_false(rl_draft_cert_refused(json_object_get(d.answers, "certificate"), &err));
    rl_draft_fini(&d);
}

static void steps_are_seen_and_marked_again(void **state)
{
    struct rl_draft d = draft_of("shared");
    const struct rl_wizard *w = d.wizard;
    struct rl_err err;
    int mode = rl_wizard_step(w, "mode"), assign = rl_wizard_step(w, "assign");
    (void)state;
    assert_false(rl_draft_seen(&d, 0));
    rl_draft_go(&d, "transport", &err);
    for (int i = 0; i <= mode; i++)
        assert_true(rl_draft_seen(&d, i));
    assert_false(rl_draft_seen(&d, mode + 1));
    rl_draft_go(&d, RL_DRAFT_CHECK, &err);
    write_draft(&d);
    answer(&d, "{\"profile.mode\": \"encrypted\"}");
    assert_true(rl_draft_again(&d, rl_wizard_step(w, "transport")));
    assert_true(rl_draft_again(&d, assign));
    assert_false(rl_draft_again(&d, rl_wizard_step(w, "name")));
    write_draft(&d);
    answer(&d, "{\"profile.mode\": \"encrypted\"}"); /* the same again changes nothing */
    rl_draft_go(&d, "assign", &err);
    rl_draft_go(&d, RL_DRAFT_CHECK, &err);
    assert_false(rl_draft_again(&d, assign));
    assert_true(rl_draft_again(&d, rl_wizard_step(w, "transport")));
    assert_int_equal(rl_draft_go(&d, "nowhere", &err), RL_E_VALUE);
    assert_int_equal(rl_draft_go(&d, d.row.step, &err), RL_OK);
    rl_draft_fini(&d);
}

/* --- what is found where --- */

/* clang-format off */
static const struct {
    const char *rule, *kind, *answers;
    const char *found; /* "STEP CODE field;..." */
} runs[] = {
    {"R91", "per-device", "{}",
     "type E-REQUIRED type;phones E-REQUIRED name;profile E-REQUIRED name;profile E-REQUIRED mode;"},
    {"R107", "shared", "{}",
     "type E-REQUIRED type;phones E-REQUIRED name;certificate E-REQUIRED file;name E-REQUIRED name;"
     "mode E-REQUIRED mode;"},
    {"R84", "per-device", "{\"phone.type\": \"Group\", \"profile.name\": \"p\","
     " \"profile.mode\": \"encrypted\", \"phones\": [{\"name\": \"A\"}]}",
     "type E-CERT-MODE type;upload E-VENDOR-CERT-MISSING file;"},
    {"R84", "shared", "{\"phone.type\": \"Silent\", \"phones\": [{\"name\": \"A\"}],"
     " \"profile.name\": \"p\", \"profile.mode\": \"encrypted\"}",
     "type E-CERT-MODE-UNKNOWN type;certificate E-REQUIRED file;"},
    {"R86", "per-device", "{\"phone.type\": \"One\", \"profile.name\": \"p\","
     " \"profile.mode\": \"encrypted\", \"phones\": [{\"name\": \"A\"}, {\"name\": \"B\"}]}",
     "upload E-VENDOR-CERT-MISSING file;upload E-VENDOR-CERT-MISSING file;"},
    {"R88", "per-device", "{\"phone.type\": \"One\", \"phones\": [{\"name\": \"A\"}],"
     " \"profile.name\": \"Group - Standard SIP Non-Secure Profile\"}",
     "upload E-VENDOR-CERT-MISSING file;profile E-PROFILE-TYPE name;"},
    {"R89", "per-device", "{\"phone.type\": \"One\", \"phones\": [{\"name\": \"A\"}],"
     " \"profile.name\": \"p\", \"profile.mode\": \"Non Secure\"}",
     "upload E-VENDOR-CERT-MISSING file;profile E-MODE-NEEDED mode;"},
    {"R91", "per-device", "{\"phone.type\": \"One\", \"profile.name\": \"p\","
     " \"profile.mode\": \"encrypted\", \"phones\": [{\"name\": \"A\","
     " \"lines\": \"a b\"}, {\"name\": \"\"}, {\"name\": \"A\"}]}",
     "upload E-VENDOR-CERT-MISSING file;upload E-VENDOR-CERT-MISSING file;fields E-VALUE lines;phones E-REQUIRED name;"
     "phones E-EXISTS name;"},
    {"R92", "per-device", "{\"phone.type\": \"One\", \"phones\": [{\"name\": \"A\"}],"
     " \"phone.profile\": \"Group - Standard SIP Non-Secure Profile\"}",
     "upload E-VENDOR-CERT-MISSING file;assign E-MODE-NEEDED profile;assign E-PROFILE-TYPE profile;"},
    {"R106", "shared", "{\"phone.type\": \"Group\", \"profile.name\": \"p\","
     " \"profile.mode\": \"encrypted\", \"profile.transport\": \"udp\", \"phones\": [{\"name\": \"A\"}]}",
     "certificate E-REQUIRED file;transport E-TRANSPORT-TLS transport;"},
};
/* clang-format on */

static char *found_in(const struct rl_wizard_run *run)
{
    struct rl_buf out = {0};
    for (size_t i = 0; i < run->nproblems; i++) {
        const struct rl_wizard_problem *p = &run->problem[i];
        rl_buf_addf(&out, "%s %s %s;", run->draft->wizard->steps[p->step].id,
                    rl_code_info(p->err.code)->tag, p->err.field);
    }
    return out.len ? rl_buf_take(&out) : rl_strdup("");
}

static void problems_stand_at_their_steps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct rl_draft d = draft_of(runs[i].kind);
        bool enabled;
        assert_int_equal(answer(&d, runs[i].answers), RL_OK);
        assert_int_equal(rl_store_begin(site.store, NULL), RL_OK);
        struct rl_wizard_run *run = rl_wizard_run(&act, &d);
        char *found = found_in(run);
        if (strcmp(found, runs[i].found))
            fail_msg("%s row %zu: %s", runs[i].rule, i, found);
        json_decref(rl_wizard_points(run, &enabled));
        assert_false(enabled);
        json_decref(rl_wizard_json(run, NULL));
        rl_wizard_end(&run);
        rl_store_rollback(site.store);
        free(found);
        rl_draft_fini(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_in_the_order_of_the_guide),
        cmocka_unit_test(a_draft_is_read_as_it_was_written),
        cmocka_unit_test(an_unreadable_draft_is_refused),
        cmocka_unit_test(answers_are_merged_by_their_keys),
        cmocka_unit_test(what_is_no_certificate_is_not_kept),
        cmocka_unit_test(steps_are_seen_and_marked_again),
        cmocka_unit_test(problems_stand_at_their_steps),
    };
    return cmocka_run_group_tests(tests, open_site, close_site);
}
