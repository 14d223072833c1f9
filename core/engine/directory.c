#include "engine/directory.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "engine/log.h"

enum {
    SLOTS = 1 << 20,         /* of the hash table: both sides of 100,000 calls and more */
    ENTRIES_MAX = SLOTS / 2, /* then a new table begins: foreign numbers have no end */
    KEY_MAX = 300
};

/* One answer: to a name, a number or an address. */
struct entry {
    struct rl_device device; /* its texts are owned */
    bool found;
    char key[]; /* "n" name, "l" line or "a" address, then the text */
};

struct rl_devices {
    struct rl_store *store;
    struct entry **slot; /* open addressing */
    struct entry **full; /* the table before, or NULL: its texts may still be in use */
    size_t n;
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

static void entry_free(struct entry *e)
{
    free((char *)e->device.name);
    free((char *)e->device.type);
    free((char *)e->device.profile);
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

void rl_devices_forget(struct rl_devices *d)
{
    free_table(&d->full);
    if (d->n == 0)
        return;
    free_table(&d->slot);
    d->slot = rl_alloc(SLOTS * sizeof *d->slot);
    d->n = 0;
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

static bool ask_name(struct rl_devices *d, const char *name, struct rl_device *out)
{
    struct rl_device_rows rows;
    struct rl_err err = {0};
    enum rl_code code = rl_store_device(d->store, name, &rows, &err);
    if (code == RL_OK) {
        fill(out, &rows);
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

/* `kind` is the first letter of the key. What is longer than any name in the store is nobody. */
static const struct rl_device *look_up(struct rl_devices *d, char kind, const char *text, size_t n,
                                       bool (*ask)(struct rl_devices *, const char *,
                                                   struct rl_device *))
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
        e->found = ask(d, key + 1, &e->device);
        *place = e;
        d->n++;
    }
    return (*place)->found ? &(*place)->device : NULL;
}

static const struct rl_device *by_name(void *ctx, const char *name, size_t n)
{
    return look_up(ctx, 'n', name, n, ask_name);
}

/* A number's device is asked by its name again, so that one device is always one struct. */
static const struct rl_device *by_number(void *ctx, const char *number, size_t n)
{
    const struct rl_device *d = look_up(ctx, 'l', number, n, ask_number);
    return d ? by_name(ctx, d->name, strlen(d->name)) : NULL;
}

static const struct rl_device *by_address(void *ctx, const struct rl_addr *addr)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[INET6_ADDRSTRLEN];
    bool v4 = memcmp(addr->ip, mapped, sizeof mapped) == 0;
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr->ip + 12 : addr->ip, text, sizeof text))
        return NULL;
    const struct rl_device *d = look_up(ctx, 'a', text, strlen(text), ask_address);
    return d ? by_name(ctx, d->name, strlen(d->name)) : NULL;
}

struct rl_devices *rl_devices_new(struct rl_store *store)
{
    struct rl_devices *d = rl_alloc(sizeof *d);
    d->store = store;
    d->slot = rl_alloc(SLOTS * sizeof *d->slot);
    return d;
}

void rl_devices_free(struct rl_devices **devices)
{
    if (!*devices)
        return;
    rl_devices_forget(*devices);
    free((*devices)->slot);
    free(*devices);
    *devices = NULL;
}

struct rl_directory rl_devices_directory(struct rl_devices *devices)
{
    return (struct rl_directory){devices, by_name, by_number, by_address};
}
