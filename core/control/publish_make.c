#include "control/publish_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki/recipient.h"
#include "ringlock/time.h"
#include "trust/enc.h"

enum { MANUAL_KEY = 32, STAMP = 16 };

/* A phone under way to its files. */
struct making {
    const struct rl_publish_site *site;
    const struct rl_publish_signer *signer;
    const char *phone;
    struct rl_phone_facts facts;
    struct rl_phone_config config;
    enum rl_file_form form;
    struct rl_recipient *recipient; /* NULL: nothing is encrypted */
    bool plain;                     /* a readable file beside, for phones without a list */
    uint8_t hash;
    struct rl_made *out;
};

void rl_made_fini(struct rl_made *made)
{
    rl_published_fini(&made->row);
    for (size_t i = 0; i < made->nfiles; i++) {
        free(made->file[i].name);
        rl_wipe_free(rl_buf_take(&made->file[i].bytes));
    }
    for (size_t i = 0; i < made->nstale; i++)
        free(made->stale[i]);
    *made = (struct rl_made){0};
}

/* ---- whom it is encrypted for ---- */

static struct rl_recipient *typed_recipient(const char *digits)
{
    uint8_t key[MANUAL_KEY] = {0};
    size_t n = strlen(digits) / 2;
    for (size_t i = 0; i < n && i < MANUAL_KEY; i++) {
        const char pair[] = {digits[2 * i], digits[2 * i + 1], '\0'};
        key[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    struct rl_recipient *r = rl_recipient_typed(key, n);
    explicit_bzero(key, sizeof key);
    return r;
}

/* A key that is not RSA opens nothing: then it is as without one. */
static void choose_form(struct making *m, struct rl_err *why)
{
    const struct rl_phone_facts *f = &m->facts;
    const struct rl_file_in in = {.phone = &f->rows.device,
                                  .type = &f->rows.type,
                                  .profile = &f->rows.profile,
                                  .certificate = f->cert.len > 0,
                                  .key_digits = strlen(f->config_key)};
    m->form = rl_policy_file_form(&in, why);
    if (m->form == RL_FILE_TYPED_KEY)
        m->recipient = typed_recipient(f->config_key);
    else if (m->form == RL_FILE_ENCRYPTED &&
             rl_recipient_read(f->cert.data, f->cert.len, f->cert_name, &m->recipient, why))
        m->form = RL_FILE_SHORT;
}

/* ---- what it is made of ---- */

static void fill_config(struct making *m)
{
    const struct rl_phone_facts *f = &m->facts;
    bool credentials = *f->digest_password && rl_policy_file_credentials(&f->rows.profile, m->form);
    bool waits = *f->capf_operation && strcmp(f->capf_operation, "none") != 0;
    m->config = (struct rl_phone_config){
        .site = &m->site->phone,
        .phone = &f->rows.device,
        .type = &f->rows.type,
        .profile = &f->rows.profile,
        .digest_user = credentials ? rl_row_get(&f->rows.device, RL_PHONE_DIGEST_USER) : "",
        .digest_password = credentials ? f->digest_password : "",
        .capf_auth_mode = waits ? rl_policy_capf_auth_mode(&f->rows.profile) : 0,
        .stamp = ""};
}

/* SHA-256 over everything that decides what the files hold. */
static void digest_all(const struct making *m, char out[65])
{
    struct rl_buf all = {0};
    char key[65] = "";
    if (m->form == RL_FILE_TYPED_KEY)
        rl_pki_sha256(m->facts.config_key, strlen(m->facts.config_key), key);
    rl_buf_addf(&all, "%s %s %d %d %s %s\n", rl_file_form_names[m->form], m->signer->fingerprint,
                m->hash, m->plain, m->recipient ? m->facts.cert_fingerprint : "", key);
    rl_phone_config_write(&m->config, &all);
    rl_pki_sha256(all.data, all.len, out);
    rl_wipe_free(rl_buf_take(&all));
}

/* ---- the files ---- */

static enum rl_code seal(void *ctx, uint8_t hash, uint8_t *text, size_t n, size_t padded,
                         struct rl_enc_sealed *out, struct rl_err *err)
{
    struct rl_recipient_sealed sealed = {0};
    enum rl_code code = rl_recipient_seal(
        ctx, hash == RL_TRUST_SHA512 ? RL_RSA_SHA512 : RL_RSA_SHA1, text, n, padded, &sealed, err);
    memcpy(out->iv, sealed.iv, sizeof out->iv);
    memcpy(out->key, sealed.key, sealed.nkey);
    out->nkey = sealed.nkey;
    memcpy(out->digest, sealed.digest, sizeof out->digest);
    return code;
}

static struct rl_made_file *add_file(struct making *m, const char *ending)
{
    struct rl_made_file *file = &m->out->file[m->out->nfiles++];
    file->name = rl_asprintf("%s%s", m->phone, ending);
    return file;
}

static struct rl_trust_header header_of(const struct making *m, bool encrypted, const char *name)
{
    struct rl_trust_header h = m->signer->header[encrypted];
    h.hash = m->hash;
    h.time = (uint32_t)(rl_now_us() / 1000000);
    h.file_name = (struct rl_bytes){(const uint8_t *)name, strlen(name)};
    return h;
}

static enum rl_code add_signed(struct making *m, const struct rl_buf *xml, struct rl_err *err)
{
    struct rl_made_file *file = add_file(m, ".cnf.xml.sgn");
    struct rl_trust_header h = header_of(m, false, file->name);
    struct rl_trust_signer signer = {rl_trust_sign, (void *)m->signer->key};
    return rl_trust_file_write(&h, RL_TLV_SIGNED, file->name, xml->data, xml->len, &signer,
                               &file->bytes, err);
}

static enum rl_code add_encrypted(struct making *m, const struct rl_buf *xml, struct rl_err *err)
{
    struct rl_made_file *file = add_file(m, ".cnf.xml.enc.sgn");
    struct rl_trust_header h = header_of(m, true, file->name);
    struct rl_trust_signer signer = {rl_trust_sign, (void *)m->signer->key};
    struct rl_enc_sealer sealer = {seal, m->recipient};
    return rl_enc_write(&h, file->name, xml->data, xml->len, &sealer, &signer, &file->bytes, err);
}

static enum rl_code add_short(struct making *m, struct rl_err *err)
{
    char hash[33] = "";
    struct rl_buf xml = {0};
    if (m->form == RL_FILE_ENCRYPTED)
        rl_pki_md5(m->facts.cert.data, m->facts.cert.len, hash);
    rl_phone_config_write_short(&m->config, hash, &xml);
    enum rl_code code = add_signed(m, &xml, err);
    rl_buf_fini(&xml);
    return code;
}

/* The encrypted one first: the short one, which tells of it, never comes before it. */
static enum rl_code add_files(struct making *m, const char *digest, struct rl_err *err)
{
    char stamp[STAMP + 3];
    struct rl_buf xml = {0};
    enum rl_code code = RL_OK;
    snprintf(stamp, sizeof stamp, "{%.*s}", STAMP, digest);
    m->config.stamp = stamp;
    if (m->form != RL_FILE_SHORT)
        rl_phone_config_write(&m->config, &xml);
    if (m->recipient)
        code = add_encrypted(m, &xml, err);
    if (!code)
        code = m->form == RL_FILE_SIGNED ? add_signed(m, &xml, err) : add_short(m, err);
    if (!code && m->plain) {
        struct rl_made_file *file = add_file(m, ".cnf.xml");
        rl_buf_add(&file->bytes, xml.data, xml.len);
    }
    rl_wipe_free(rl_buf_take(&xml));
    return code;
}

/* Names that the phone does not have any more. */
static void add_stale(struct rl_made *made, const char *phone)
{
    static const char *const endings[] = {".cnf.xml", ".cnf.xml.sgn", ".cnf.xml.enc.sgn"};
    for (size_t i = 0; i < RL_MADE_FILES; i++) {
        char *name = rl_asprintf("%s%s", phone, endings[i]);
        bool is = false;
        for (size_t k = 0; k < made->nfiles; k++)
            is |= strcmp(made->file[k].name, name) == 0;
        if (is)
            free(name);
        else
            made->stale[made->nstale++] = name;
    }
}

/* ---- the row ---- */

static char *files_text(const struct rl_made *made)
{
    struct rl_buf text = {0};
    for (size_t i = 0; i < made->nfiles; i++)
        rl_buf_addf(&text, "%s%s %zu", i ? ";" : "", made->file[i].name, made->file[i].bytes.len);
    return rl_buf_take(&text);
}

static void fill_row(const struct making *m, const char *digest, const struct rl_err *why)
{
    char now[RL_TIME_TEXT];
    const char *code = why->code ? rl_code_info(why->code)->tag : "";
    m->out->row = (struct rl_published){
        .name = rl_strdup(m->phone),
        .digest = rl_strdup(digest),
        .made = rl_strdup(rl_time_text(rl_now_us(), 0, now)),
        .form = rl_strdup(rl_file_form_names[m->form]),
        .signer = rl_strdup(m->signer->fingerprint),
        .certificate = rl_strdup(m->form == RL_FILE_ENCRYPTED ? m->facts.cert_fingerprint : ""),
        .code = rl_strdup(code),
        .why = rl_strdup(why->code ? why->text : ""),
        .files = files_text(m->out)};
}

static bool is_published(struct rl_store *store, const char *phone, const char *digest)
{
    struct rl_published p;
    if (rl_store_published(store, phone, &p, NULL) != RL_OK)
        return false;
    bool is = strcmp(p.digest, digest) == 0;
    rl_published_fini(&p);
    return is;
}

static void make(struct making *m, struct rl_store *store, bool force)
{
    struct rl_err why = {0};
    char digest[65];
    choose_form(m, &why);
    fill_config(m);
    m->hash = rl_policy_file_sha512(&m->facts.rows.type, m->site->sha512) ? RL_TRUST_SHA512
                                                                          : RL_TRUST_SHA1;
    m->plain = !m->signer->lists && m->form == RL_FILE_SIGNED;
    digest_all(m, digest);
    if (force || !is_published(store, m->phone, digest)) {
        m->out->what = add_files(m, digest, &m->out->err) ? RL_MADE_FAILED : RL_MADE_NEW;
        fill_row(m, digest, &why);
        add_stale(m->out, m->phone);
    }
    rl_recipient_free(&m->recipient);
}

void rl_publish_make(struct rl_store *store, const struct rl_publish_site *site,
                     const struct rl_publish_signer *signer, const char *phone, bool force,
                     struct rl_made *out)
{
    struct making m = {.site = site, .signer = signer, .phone = phone, .out = out};
    *out = (struct rl_made){.what = RL_MADE_SAME};
    enum rl_code code = rl_store_phone_facts(store, phone, &m.facts, &out->err);
    if (!code && rl_type_takes_files(&m.facts.rows.type)) {
        make(&m, store, force);
    } else if (!code || code == RL_E_NOT_FOUND) {
        out->what = RL_MADE_GONE;
        out->row.name = rl_strdup(phone);
        add_stale(out, phone);
    } else {
        out->what = RL_MADE_FAILED;
        out->row.name = rl_strdup(phone);
    }
    if (!code)
        rl_phone_facts_fini(&m.facts);
}
