/* For tests of CAPF's steps: a site with one phone, and a ring whose CAPF certificate is that of
 * the recorded sessions (tests/vectors). Records go through the same code as in the engine. */
#ifndef CAPF_SCENE_H
#define CAPF_SCENE_H

#include "vectors.h"

#include "control/capf_set.h"
#include "control/capf_step.h"
#include "control/certs.h"
#include "site.h"
#include "store/certs.h"

#define PHONE "SEP001122334455"

struct scene {
    struct site site;
    struct rl_ring_entry entry;
    struct rl_ring ring;
    struct rl_act act;
    struct rl_auditor auditor;
    struct rl_capf_session session;
    int64_t now_us;
    struct rl_capf_rules rules;
    struct rl_enr answer; /* to the latest record; its bytes are in `der` */
    struct rl_buf der;
    struct rl_buf audit; /* the words of each entry, a line each */
};

static inline enum rl_code note_entry(void *ctx, const char *who, const char *what,
                                      const char *object, const char *before, const char *after,
                                      struct rl_err *err)
{
    struct scene *s = ctx;
    (void)before;
    (void)err;
    rl_buf_addf(&s->audit, "%s %s %s %s\n", who, what, object, after ? after : "");
    return RL_OK;
}

/* A CA of phones' makers comes on file. */
static inline void scene_trust(struct scene *s, const char *name)
{
    struct rl_bytes pem = vector_read("certs", name);
    struct rl_problems problems = {0};
    struct rl_uploaded up = {0};
    const char *end = strstr((const char *)pem.p, "-----BEGIN CERTIFICATE");
    const struct rl_upload upload = {.data = end,
                                     .n = pem.n - (size_t)(end - (const char *)pem.p),
                                     .store = "CAPF-trust",
                                     .now_us = s->now_us};
    if (rl_cert_upload(&s->act, &upload, &up, &problems) != RL_OK)
        fail_msg("%s", problems.item[0].text);
    rl_uploaded_fini(&up);
    rl_problems_fini(&problems);
    vector_free(&pem);
}

static inline void scene_phone(struct scene *s, const char *name)
{
    struct rl_row row = ROW(RL_PHONE, "type=Cisco 8861", "protocol=SIP", "profile=desk");
    rl_row_set(&row, RL_PHONE_NAME, name);
    assert_int_equal(insert_row(&s->site, row), RL_OK);
}

static inline void scene_open(struct scene *s)
{
    static const char *const accepted[] = {"W-SECURITY-LOST", NULL};
    *s = (struct scene){.now_us = rl_now_us()};
    s->rules = (struct rl_capf_rules){
        .tries = 3, .lock_us = 60000000, .days = 100, .sha1 = false, .model_names = false};
    s->entry = (struct rl_ring_entry){.role = RL_CERT_CAPF,
                                      .state = RL_OWN_ACTIVE,
                                      .cert = vector_cert("issuer.pem"),
                                      .key = vector_key("issuer.pem")};
    s->ring = (struct rl_ring){.entry = &s->entry, .n = 1};
    site_open(&s->site);
    s->auditor = (struct rl_auditor){s, note_entry};
    s->act = (struct rl_act){
        .store = s->site.store, .audit = &s->auditor, .who = "capf", .accepted = accepted};
    assert_int_equal(rl_store_begin(s->site.store, &s->site.err), RL_OK);
    insert_row(&s->site, ROW(RL_TYPE, "model=Cisco 8861", "protocols=SIP", "lsc_capf=yes",
                             "ec_keys=yes", "has_mic=yes"));
    insert_row(&s->site, ROW(RL_PROFILE, "name=desk", "type=Cisco 8861", "protocol=SIP",
                             "auth_mode=null-string", "key_order=rsa", "rsa_size=2048"));
    scene_phone(s, PHONE);
    assert_int_equal(rl_store_commit(s->site.store, &s->site.err), RL_OK);
    scene_trust(s, "mfg-ca.pem");
}

static inline void scene_close(struct scene *s)
{
    site_close(&s->site);
    rl_cert_fini(&s->entry.cert);
    rl_key_free(&s->entry.key);
    rl_buf_fini(&s->der);
    rl_buf_fini(&s->audit);
}

/* Settings of the profile that the phone has: field and value, NULL at the end. */
static inline void scene_profile(struct scene *s, const char *const *pairs)
{
    struct rl_row row, changes = row_of(RL_PROFILE, pairs);
    assert_int_equal(rl_store_get(s->site.store, RL_PROFILE, "desk", &row, NULL), RL_OK);
    for (int i = 0; i < RL_PROFILE_FIELDS; i++)
        if (changes.value[i])
            rl_row_set(&row, i, changes.value[i]);
    assert_int_equal(rl_store_begin(s->site.store, &s->site.err), RL_OK);
    assert_int_equal(rl_store_update(s->site.store, &row, 0, &s->site.err), RL_OK);
    assert_int_equal(rl_store_commit(s->site.store, &s->site.err), RL_OK);
    rl_row_fini(&changes);
    rl_row_fini(&row);
}
#define PROFILE(s, ...) scene_profile(s, (const char *const[]){__VA_ARGS__, NULL})

static inline void scene_order(struct scene *s, const char *phone, enum rl_capf_operation op,
                               const char *string)
{
    struct rl_problems problems = {0};
    char made[RL_CAPF_STRING_MAX + 1];
    const struct rl_capf_request r = {.operation = op,
                                      .string = string,
                                      .by_us = s->now_us + 3600000000LL,
                                      .now_us = s->now_us,
                                      .service = true};
    if (rl_capf_order(&s->act, phone, &r, made, &problems) != RL_OK)
        fail_msg("%s", problems.item[0].text);
    rl_problems_fini(&problems);
}

/* A new session; its number. */
static inline uint32_t scene_session(struct scene *s, uint32_t id)
{
    s->session = (struct rl_capf_session){.id = id};
    return id;
}

/* What the phone says; the answer's kind, 0 for none. */
static inline int scene_say(struct scene *s, const struct rl_enr *rec)
{
    struct rl_err err = {0};
    struct rl_capf_step *step = rl_capf_step_new(&s->session, rec);
    step->rules = s->rules;
    step->now_us = s->now_us;
    rl_capf_step_think(step, s->site.store, &s->ring);
    if (step->writes && rl_capf_step_write(step, &s->act, &err) != RL_OK)
        print_message("%s\n", err.text);
    s->session = step->session;
    s->answer = step->answer;
    rl_buf_fini(&s->der);
    if (step->answer.kind == RL_ENR_STORE) {
        rl_buf_add(&s->der, step->answer.store.bytes.p, step->answer.store.bytes.n);
        s->answer.store.bytes.p = (const uint8_t *)s->der.data;
    }
    rl_capf_step_free(&step);
    return s->answer.session ? s->answer.kind : 0;
}

static inline struct rl_capf scene_record(struct scene *s)
{
    struct rl_capf c;
    assert_int_equal(rl_store_capf_get(s->site.store, PHONE, &c, &s->site.err), RL_OK);
    return c;
}

static inline bool scene_count(void *ctx, const struct rl_row *row)
{
    (void)row;
    ++*(size_t *)ctx;
    return true;
}

/* How many certificates are on file for the phone. */
static inline size_t scene_filed(struct scene *s)
{
    size_t n = 0;
    rl_store_device_certs(s->site.store, PHONE, scene_count, &n, NULL);
    return n;
}

#endif
