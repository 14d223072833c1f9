/* What the site says to all phones, and who signs it. */
#include <stdlib.h>
#include <string.h>

#include "control/publish_make.h"
#include "store/lists.h"

/* ---- the site ---- */

static const char *keep(struct rl_publish_site *site, const char *text)
{
    site->text = rl_realloc(site->text, (site->ntext + 1) * sizeof *site->text);
    return site->text[site->ntext++] = rl_strdup(text);
}

/* A list with an end, kept as another text. */
static const char *const *keep_list(struct rl_publish_site *site, char *const *list)
{
    size_t n = 0;
    while (list[n])
        n++;
    const char **copy = rl_alloc((n + 1) * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = keep(site, list[i]);
    site->text = rl_realloc(site->text, (site->ntext + 1) * sizeof *site->text);
    site->text[site->ntext++] = (char *)copy;
    return copy;
}

void rl_publish_site_init(struct rl_publish_site *site, const struct rl_config *config, bool mixed)
{
    *site = (struct rl_publish_site){.sha512 = config->config_hash != 0};
    site->phone = (struct rl_phone_site){
        .mixed = mixed,
        .call_managers = keep_list(site, config->call_managers),
        .capf = keep_list(site, config->capf_servers),
        .tvs = keep_list(site, config->tvs_servers),
        .sip_port = (int)config->sip_port,
        .secure_sip_port = (int)config->secure_sip_port,
        .capf_port = (int)config->capf_port,
        .tvs_port = (int)config->tvs_port,
        .tls_resumption = (long)(config->tls_resumption_us / 1000000),
    };
    for (size_t i = 0; i < RL_PHONE_URLS; i++)
        site->phone.url[i] = keep(site, config->url[i]);
    memcpy(site->phone.hardening, config->hardening, sizeof site->phone.hardening);
}

void rl_publish_site_fini(struct rl_publish_site *site)
{
    for (size_t i = 0; i < site->ntext; i++)
        free(site->text[i]);
    free(site->text);
    *site = (struct rl_publish_site){0};
}

static void add_list(struct rl_buf *out, const char *const *list)
{
    for (; *list; list++)
        rl_buf_addf(out, "%s ", *list);
    rl_buf_addc(out, '\n');
}

void rl_publish_site_digest(const struct rl_publish_site *site, char out[65])
{
    const struct rl_phone_site *p = &site->phone;
    struct rl_buf all = {0};
    add_list(&all, p->call_managers);
    add_list(&all, p->capf);
    add_list(&all, p->tvs);
    rl_buf_addf(&all, "%d %d %d %d %ld %d\n", p->sip_port, p->secure_sip_port, p->capf_port,
                p->tvs_port, p->tls_resumption, site->sha512);
    add_list(&all, (const char *const[]){p->url[0], p->url[1], p->url[2], p->url[3], p->url[4],
                                         p->url[5], p->url[6], NULL});
    for (size_t i = 0; i < RL_HARDENINGS; i++)
        rl_buf_addf(&all, "%d ", (int)p->hardening[i]);
    rl_pki_sha256(all.data, all.len, out);
    rl_buf_fini(&all);
}

/* ---- the signer ---- */

static bool found(void *ctx, const struct rl_list_row *row)
{
    bool *is = ctx;
    (void)row;
    *is = true;
    return false;
}

static enum rl_code has_lists(struct rl_store *store, bool *has, struct rl_err *err)
{
    *has = false;
    enum rl_code code = rl_store_lists(store, "ITL", found, has, err);
    return code || *has ? code : rl_store_lists(store, "CTL", found, has, err);
}

enum rl_code rl_publish_signer_init(struct rl_publish_signer *signer, struct rl_ring *ring,
                                    struct rl_store *store, struct rl_err *err)
{
    static const enum rl_tlv_kind kinds[] = {RL_TLV_SIGNED, RL_TLV_ENCRYPTED};
    *signer = (struct rl_publish_signer){.ring = ring};
    const struct rl_ring_entry *tftp = rl_ring_find(ring, RL_CERT_TFTP, false, RL_OWN_ACTIVE);
    if (!tftp || !tftp->key)
        return rl_fail(err, RL_E_INTERNAL, "TFTP",
                       "There is no TFTP certificate to sign configuration files with.");
    signer->key = tftp->key;
    rl_pki_sha256(tftp->cert.der, tftp->cert.nder, signer->fingerprint);
    enum rl_code code = rl_trust_entry_make(tftp->cert.der, tftp->cert.nder, RL_TRUST_TFTP,
                                            "The TFTP certificate", &signer->entry, err);
    for (size_t i = 0; !code && i < 2; i++)
        code = rl_trust_header_make(&signer->entry, kinds[i], "The TFTP certificate",
                                    &signer->header[i], err);
    return code ? code : has_lists(store, &signer->lists, err);
}

void rl_publish_signer_fini(struct rl_publish_signer *signer)
{
    if (signer->key)
        rl_trust_entry_fini(&signer->entry);
}
