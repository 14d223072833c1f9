#include "engine/directory.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "engine/log.h"
#include "ringlock/profile.h"
#include "ringlock/time.h"
#include "store/certs.h"

enum {
    SLOTS = 1 << 20,         /* of the hash table: both sides of 100,000 calls and more */
    ENTRIES_MAX = SLOTS / 2, /* then a new table begins: foreign numbers have no end */
    KEY_MAX = 300
};

/* One answer: to a name, a number, an address or a digest. */
struct entry {
    union {
        struct rl_device device; /* its texts are owned */
        struct rl_filed filed;   /* likewise */
    };
    bool found;
    uint64_t age; /* of the directory when it was asked: ask again if that is over */
    char key[];   /* "n" name, "l" line, "a" address or "d" digest, then the text */
};

struct rl_devices {
    struct rl_store *store;
    struct entry **slot; /* open addressing */
    struct entry **full; /* the table before, or NULL: its texts may still be in use */
    size_t n;
    uint64_t age; /* the first is 1 */
};

static size_t hash(const char *key)
{
    uint64_t h = 14695981039346656037u;
    for (; *key; key++)
        h = (h ^ (uint8_t)*key) * 1099511628211u;
    return (size_t)(h ^ h >> 29) & (SLOTS - 1);
}

static struct entry **place_of(struct rl_devices *d, const char *key)
{
    size_t i = hash(key);
    while (d->slot[i] && strcmp(d->slot[i]->key, key) != 0)
        i = (i + 1) & (SLOTS - 1);
    return &d->slot[i];
}

static void filed_fini(struct rl_filed *f)
{
    free((char *)f->name);
    free((char *)f->san);
    free((char *)f->device);
}

static void answer_fini(struct entry *e)
{
    struct rl_filed *shared;
    if (*e->key == 'd') {
        filed_fini(&e->filed);
        return;
    }
    free((char *)e->device.name);
    free((char *)e->device.type);
    free((char *)e->device.profile);
    if ((shared = (struct rl_filed *)e->device.certs.shared))
        filed_fini(shared);
    free(shared);
}

static void entry_free(struct entry *e)
{
    answer_fini(e);
    free(e);
}

static void free_table(struct entry ***table)
{
    for (size_t i = 0; *table && i < SLOTS; i++)
        if ((*table)[i])
            entry_free((*table)[i]);
    free(*table);
    *table = NULL;
}

/* Answers are given up one by one, when they are asked for again: there may be many. */
void rl_devices_forget(struct rl_devices *d)
{
    d->age++;
}

/* By its digests, its device's name, and the names of devices whose profile names it. */
static bool tells_of(const struct entry *e, const struct rl_row *cert)
{
    const char *text = e->key + 1;
    if (*e->key == 'd')
        return rl_row_is(cert, RL_CERTIFICATE_FINGERPRINT, text) ||
               rl_row_is(cert, RL_CERTIFICATE_PEM_FINGERPRINT, text);
    if (*e->key != 'n' || !e->found)
        return false;
    return rl_row_is(cert, RL_CERTIFICATE_DEVICE, text) ||
           (e->device.certs.shared &&
            rl_row_is(cert, RL_CERTIFICATE_NAME, e->device.certs.shared->name));
}

void rl_devices_forget_certificate(struct rl_devices *d, const struct rl_row *cert)
{
    for (size_t i = 0; d->n && i < SLOTS; i++)
        if (d->slot[i] && tells_of(d->slot[i], cert))
            d->slot[i]->age = 0;
}

/* Who asks holds on to the texts of earlier answers while it asks on: they stay for one more table.
 */
static void begin_table(struct rl_devices *d)
{
    free_table(&d->full);
    d->full = d->slot;
    d->slot = rl_alloc(SLOTS * sizeof *d->slot);
    d->n = 0;
}

static void fill(struct rl_device *out, const struct rl_device_rows *rows)
{
    bool phone = rows->kind == RL_PHONE;
    const struct rl_row *dev = &rows->device;
    const char *protocol = rl_row_get(dev, phone ? RL_PHONE_PROTOCOL : RL_GATEWAY_PROTOCOL);
    *out = (struct rl_device){
        .name = rl_strdup(rl_row_get(dev, phone ? RL_PHONE_NAME : RL_GATEWAY_NAME)),
        .kind = phone ? "phone" : "gateway",
        .type = rl_strdup(rl_row_get(&rows->type, RL_TYPE_MODEL)),
        .profile = rl_strdup(phone ? rl_row_get(&rows->profile, RL_PROFILE_NAME) : ""),
        .trusted = rl_type_says(&rows->type, RL_TYPE_TRUSTED, protocol),
        .lock_icon = rl_type_says(&rows->type, RL_TYPE_LOCK_ICON, protocol),
        .shield_icon = rl_type_says(&rows->type, RL_TYPE_SHIELD_ICON, protocol),
        .secure_tone = rl_type_says(&rows->type, RL_TYPE_SECURE_TONE, protocol),
    };
    if (phone) {
        rl_security_parse(rl_row_get(&rows->profile, RL_PROFILE_MODE), &out->mode);
        out->protected_device = rl_row_yes(dev, RL_PHONE_PROTECTED);
    } else {
        out->mode =
            RL_ENCRYPTED; /* no profile holds it down: its calls are judged by what is seen */
    }
}

static void fill_filed(struct rl_filed *out, const struct rl_row *cert)
{
    *out = (struct rl_filed){
        .there = true,
        .nameless = rl_row_is(cert, RL_CERTIFICATE_SAN, ""),
        .name = rl_strdup(rl_row_get(cert, RL_CERTIFICATE_NAME)),
        .san = rl_strdup(rl_row_get(cert, RL_CERTIFICATE_SAN)),
        .device = rl_strdup(rl_row_get(cert, RL_CERTIFICATE_DEVICE)),
        .from_us = rl_time_parse(rl_row_get(cert, RL_CERTIFICATE_NOT_BEFORE)),
        .to_us = rl_time_parse(rl_row_get(cert, RL_CERTIFICATE_NOT_AFTER)),
    };
}

/* What CAPF made or fetched does not say that nothing else counts: the phone of a make that is
 * trusted has a MIC beside its LSC, and goes back to it when that is gone (R68, R69). */
static bool one_is_enough(void *ctx, const struct rl_row *row)
{
    bool own = !rl_row_is(row, RL_CERTIFICATE_ORIGIN, "capf") &&
               !rl_row_is(row, RL_CERTIFICATE_ORIGIN, "mic");
    *(bool *)ctx |= own;
    return !own;
}

static void fill_certs(struct rl_devices *d, const struct rl_device_rows *rows,
                       struct rl_device *out)
{
    const char *shared = rl_row_get(&rows->profile, RL_PROFILE_CERTIFICATE);
    struct rl_device_certs *certs = &out->certs;
    struct rl_row row;
    struct rl_err err = {0};
    certs->vendor = rl_type_is_preferred_vendor(&rows->type);
    enum rl_code code =
        rl_store_device_certs(d->store, out->name, one_is_enough, &certs->own, &err);
    if (code == RL_OK && *shared) {
        code = rl_store_get(d->store, RL_CERTIFICATE, shared, &row, &err);
        if (code == RL_OK) {
            struct rl_filed *filed = rl_alloc(sizeof *filed);
            fill_filed(filed, &row);
            certs->shared = filed;
            rl_row_fini(&row);
        }
    }
    if (code != RL_OK && code != RL_E_NOT_FOUND)
        rl_log_err(RL_LOG_ERROR, &err);
}

static bool ask_name(struct rl_devices *d, const char *name, struct rl_device *out)
{
    struct rl_device_rows rows;
    struct rl_err err = {0};
    enum rl_code code = rl_store_device(d->store, name, &rows, &err);
    if (code == RL_OK) {
        fill(out, &rows);
        fill_certs(d, &rows, out);
        rl_device_rows_fini(&rows);
    } else if (code != RL_E_NOT_FOUND) {
        rl_log_err(RL_LOG_ERROR, &err);
    }
    return code == RL_OK;
}

struct only {
    char *name;
    size_t n;
};

static bool count_phone(void *ctx, const char *number, const char *phone)
{
    struct only *only = ctx;
    (void)number;
    if (only->n++ == 0)
        only->name = rl_strdup(phone);
    return only->n < 2;
}

static bool ask_number(struct rl_devices *d, const char *number, struct rl_device *out)
{
    struct only only = {0};
    struct rl_err err = {0};
    enum rl_code code = rl_store_line_phones(d->store, number, count_phone, &only, &err);
    if (code != RL_OK && code != RL_E_NOT_FOUND)
        rl_log_err(RL_LOG_ERROR, &err);
    bool found = code == RL_OK && only.n == 1 && ask_name(d, only.name, out);
    free(only.name);
    return found;
}

static bool ask_address(struct rl_devices *d, const char *address, struct rl_device *out)
{
    char *name = NULL;
    struct rl_err err = {0};
    enum rl_code code = rl_store_gateway_by_address(d->store, address, &name, &err);
    if (code != RL_OK && code != RL_E_NOT_FOUND)
        rl_log_err(RL_LOG_ERROR, &err);
    bool found = code == RL_OK && name && ask_name(d, name, out);
    free(name);
    return found;
}

/* What other stores have says nothing of phones. */
static void ask_digest(struct rl_devices *d, const char *digest, struct entry *e)
{
    struct rl_row row;
    struct rl_err err = {0};
    bool removed;
    enum rl_code code = rl_store_cert_by_digest(d->store, digest, &row, &removed, &err);
    if (code == RL_OK) {
        if (rl_row_is(&row, RL_CERTIFICATE_STORE, RL_STORE_PHONES))
            fill_filed(&e->filed, &row);
        rl_row_fini(&row);
    } else if (code != RL_E_NOT_FOUND) {
        rl_log_err(RL_LOG_ERROR, &err);
    }
    e->filed.removed = removed;
    e->found = e->filed.there || removed;
}

static void ask(struct rl_devices *d, struct entry *e)
{
    const char *text = e->key + 1;
    e->age = d->age;
    if (*e->key == 'd')
        ask_digest(d, text, e);
    else if (*e->key == 'n')
        e->found = ask_name(d, text, &e->device);
    else if (*e->key == 'l')
        e->found = ask_number(d, text, &e->device);
    else
        e->found = ask_address(d, text, &e->device);
}

/* `kind` is the first letter of the key. What is longer than any name in the store is nobody. */
static const struct entry *look_up(struct rl_devices *d, char kind, const char *text, size_t n)
{
    char key[KEY_MAX];
    if (n == 0 || n + 2 > sizeof key || memchr(text, '\0', n))
        return NULL;
    key[0] = kind;
    memcpy(key + 1, text, n);
    key[n + 1] = '\0';
    struct entry **place = place_of(d, key);
    if (!*place) {
        if (d->n >= ENTRIES_MAX) {
            begin_table(d);
            place = place_of(d, key);
        }
        struct entry *e = rl_alloc(sizeof *e + n + 2);
        memcpy(e->key, key, n + 2);
        ask(d, e);
        *place = e;
        d->n++;
    } else if ((*place)->age != d->age) {
        struct entry *e = *place;
        answer_fini(e);
        memset(e, 0, offsetof(struct entry, key));
        ask(d, e);
    }
    return (*place)->found ? *place : NULL;
}

static const struct rl_device *by_name(void *ctx, const char *name, size_t n)
{
    const struct entry *e = look_up(ctx, 'n', name, n);
    return e ? &e->device : NULL;
}

/* A number's device is asked by its name again, so that one device is always one struct. */
static const struct rl_device *by_number(void *ctx, const char *number, size_t n)
{
    const struct entry *e = look_up(ctx, 'l', number, n);
    return e ? by_name(ctx, e->device.name, strlen(e->device.name)) : NULL;
}

static const struct rl_device *by_address(void *ctx, const struct rl_addr *addr)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[INET6_ADDRSTRLEN];
    bool v4 = memcmp(addr->ip, mapped, sizeof mapped) == 0;
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr->ip + 12 : addr->ip, text, sizeof text))
        return NULL;
    const struct entry *e = look_up(ctx, 'a', text, strlen(text));
    return e ? by_name(ctx, e->device.name, strlen(e->device.name)) : NULL;
}

static const struct rl_filed *by_digest(void *ctx, const uint8_t digest[RL_DIGEST_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * RL_DIGEST_BYTES];
    for (size_t i = 0; i < RL_DIGEST_BYTES; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    const struct entry *e = look_up(ctx, 'd', text, sizeof text);
    return e ? &e->filed : NULL;
}

struct rl_devices *rl_devices_new(struct rl_store *store)
{
    struct rl_devices *d = rl_alloc(sizeof *d);
    d->store = store;
    d->age = 1;
    d->slot = rl_alloc(SLOTS * sizeof *d->slot);
    return d;
}

void rl_devices_free(struct rl_devices **devices)
{
    if (!*devices)
        return;
    free_table(&(*devices)->full);
    free_table(&(*devices)->slot);
    free(*devices);
    *devices = NULL;
}

struct rl_directory rl_devices_directory(struct rl_devices *devices)
{
    return (struct rl_directory){devices, by_name, by_number, by_address, by_digest};
}
