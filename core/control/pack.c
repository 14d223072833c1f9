#include "control/pack.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/inivalues.h"
#include "policy/objects.h"
#include "ringlock/buf.h"
#include "ringlock/inifile.h"
#include "ringlock/text.h"

/* Keys that a pack may have beside the fields of a type (fields of rl_object(RL_TYPE), but for
 * "pack" and "criteria"; "instructions_1" stands for nine): ringlock-pack(5) tells what they are.
 */
static const struct pack_key {
    const char *section; /* "pack", or "type" for each [type-N] */
    const char *key;
    bool need;
} pack_keys[] = {
    {"pack", "name",                true },
    {"pack", "version",             true },
    {"pack", "vendor",              true },
    {"pack", "source",              false},
    {"pack", "date",                true },
    {"type", "instructions_1",      false},
    {"type", "criteria_encryption", false},
    {"type", "criteria_hardening",  false},
    {"type", "criteria_assurance",  false},
    {NULL,   NULL,                  false},
};

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
enum { WORD_MAX = 60 };

/* A pack being read. */
struct reading {
    const char *file;
    bool shipped;
    dictionary *values; /* of iniparser */
    struct rl_pack *pack;
    struct rl_problems *problems;
};

static void refuse(struct reading *r, int line, const char *field, enum rl_code code,
                   const char *text)
{
    struct rl_err err;
    rl_fail_field(&err, code, r->file, field, "%s line %d: %s", r->file, line, text);
    err.line = line;
    rl_problems_add(r->problems, &err);
}

static void refusef(struct reading *r, int line, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void refusef(struct reading *r, int line, const char *field, const char *fmt, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    refuse(r, line, field, RL_E_COP_INVALID, text);
}

static const char *value_of(const struct reading *r, const char *name)
{
    const char *text = iniparser_getstring(r->values, name, "");
    return text ? text : "";
}

/* --- [pack] --- */

static char **header_slot(struct rl_pack *pack, const char *key)
{
    const struct {
        const char *key;
        char **slot;
    } slots[] = {
        {"name",    &pack->name   },
        {"version", &pack->version},
        {"vendor",  &pack->vendor },
        {"source",  &pack->source },
        {"date",    &pack->date   }
    };
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (!strcmp(slots[i].key, key))
            return slots[i].slot;
    return NULL;
}

static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i;
    for (i = 0; form[i]; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return !text[i];
}

/* Names and versions are told as "NAME VERSION". */
static bool is_word(const char *text)
{
    size_t n = strlen(text);
    return n <= WORD_MAX && strspn(text, WORD) == n;
}

static void read_header_key(struct reading *r, const struct rl_ini_entry *e)
{
    char **slot = header_slot(r->pack, e->key);
    const char *text = value_of(r, e->name);
    char *safe = rl_text_safe_dup(text);
    if (!slot)
        refusef(r, e->line, e->key, "[pack] has no key %s.", e->key);
    else if (strcmp(safe, text) || strlen(text) > 255)
        refusef(r, e->line, e->key, "%s takes up to 255 printable characters.", e->key);
    else if (!strcmp(e->key, "date") && !is_date(text))
        refusef(r, e->line, e->key, "date is of the form YYYY-MM-DD.");
    else if ((slot == &r->pack->name || slot == &r->pack->version) && !is_word(text))
        refusef(r, e->line, e->key, "%s takes up to %d letters, digits and any of ._- only.",
                e->key, WORD_MAX);
    else
        *slot = rl_strdup(text);
    free(safe);
}

static void check_header(struct reading *r)
{
    int line = rl_ini_line(&r->pack->ini, "pack");
    for (const struct pack_key *k = pack_keys; k->section; k++) {
        char **slot = header_slot(r->pack, k->key);
        if (slot && k->need && (!*slot || !**slot))
            refusef(r, line ? line : 1, k->key, "[pack] must have %s.", k->key);
    }
}

/* --- [type-N] --- */

static const char criteria_prefix[] = "criteria_";

static bool read_criterion(struct rl_row *row, const char *key, const char *text)
{
    size_t n = sizeof criteria_prefix - 1;
    for (size_t i = 0; !strncmp(key, criteria_prefix, n) && rl_trust_criteria[i]; i++) {
        const char *have = rl_row_get(row, RL_TYPE_CRITERIA);
        if (strcmp(key + n, rl_trust_criteria[i]))
            continue;
        char *all = rl_asprintf("%s%s%s: %s", have, *have ? "; " : "", rl_trust_criteria[i], text);
        if (*text)
            rl_row_set(row, RL_TYPE_CRITERIA, all);
        free(all);
        return true;
    }
    return false;
}

/* True for "instructions_1" to "instructions_9". */
static bool is_numbered(const char *key, const char *name)
{
    size_t n = strlen(name);
    return strlen(key) == n + 2 && !strncmp(key, name, n) && key[n] == '_' && key[n + 1] >= '1' &&
           key[n + 1] <= '9';
}

static void take_value(struct reading *r, struct rl_row *row, int field, const char *text,
                       const struct rl_ini_entry *e)
{
    struct rl_err err;
    char *value;
    if (rl_field_normalise(row->obj, field, text, &value, &err) == RL_OK)
        rl_row_set(row, field, value);
    else /* R61: whatever is not exactly one class */
        refuse(r, e->line, e->key,
               field == RL_TYPE_SECURITY_CLASS ? RL_E_CATALOGUE_CLASS : RL_E_COP_INVALID, err.text);
    free(value);
}

/* Sentences follow each other as they stand in the file. */
static void take_instructions(struct reading *r, struct rl_row *row, const struct rl_ini_entry *e)
{
    const char *have = rl_row_get(row, RL_TYPE_INSTRUCTIONS);
    char *all = rl_asprintf("%s%s%s", have, *have ? ";" : "", value_of(r, e->name));
    take_value(r, row, RL_TYPE_INSTRUCTIONS, all, e);
    free(all);
}

static void read_type_key(struct reading *r, struct rl_row *row, const struct rl_ini_entry *e)
{
    const char *text = value_of(r, e->name);
    int field = rl_field_index(row->obj, e->key);
    if (read_criterion(row, e->key, text))
        return;
    if (field == RL_TYPE_INSTRUCTIONS || is_numbered(e->key, "instructions"))
        take_instructions(r, row, e);
    else if (field < 0 || field == RL_TYPE_PACK || field == RL_TYPE_CRITERIA)
        refusef(r, e->line, e->key, "a type has no key %s.", e->key);
    else
        take_value(r, row, field, text, e);
}

static void check_criteria(struct reading *r, const struct rl_row *row, int line)
{
    struct rl_err err;
    char *value;
    if (rl_field_normalise(row->obj, RL_TYPE_CRITERIA, rl_row_get(row, RL_TYPE_CRITERIA), &value,
                           &err))
        refuse(r, line, "criteria", RL_E_COP_INVALID, err.text);
    free(value);
}

static void check_needed(struct reading *r, const struct rl_row *row, int line)
{
    for (int i = 0; i < RL_TYPE_FIELDS; i++) {
        const struct rl_field *f = &row->obj->fields[i];
        /* the shipped catalogue knows types whose protocols it does not know */
        bool need = f->flags & RL_FF_NEED || (i == RL_TYPE_PROTOCOLS && !r->shipped);
        if (need && rl_row_is(row, i, ""))
            refusef(r, line, f->name, "the type must have %s.", f->name);
    }
}

/* The rules on the whole type, told at its place in the file. */
static void check_rules(struct reading *r, const struct rl_row *row, const char *section, int line)
{
    struct rl_problems found = {0};
    rl_policy_type(row, r->shipped, &found);
    for (size_t i = 0; i < found.n; i++) {
        char *name = rl_asprintf("%s:%s", section, found.item[i].field);
        int at = rl_ini_line(&r->pack->ini, name);
        refuse(r, at ? at : line, found.item[i].field, found.item[i].code, found.item[i].text);
        free(name);
    }
    rl_problems_fini(&found);
}

static void check_model(struct reading *r, const struct rl_row *row, int line)
{
    for (size_t i = 0; i + 1 < r->pack->n; i++)
        if (!rl_text_casecmp(rl_row_get(&r->pack->type[i], RL_TYPE_MODEL),
                             rl_row_get(row, RL_TYPE_MODEL)))
            refusef(r, line, "model", "%s is described in line %d too.",
                    rl_row_get(row, RL_TYPE_MODEL), r->pack->line[i]);
}

/* Read one [type-N]; `e` is its section entry. Returns the first entry after it. */
static const struct rl_ini_entry *read_type(struct reading *r, const struct rl_ini_entry *e,
                                            const struct rl_ini_entry *end)
{
    const struct rl_ini_entry *section = e;
    struct rl_pack *pack = r->pack;
    pack->type = rl_realloc(pack->type, (pack->n + 1) * sizeof *pack->type);
    pack->line = rl_realloc(pack->line, (pack->n + 1) * sizeof *pack->line);
    struct rl_row *row = &pack->type[pack->n];
    rl_row_init(row, rl_object(RL_TYPE));
    pack->line[pack->n++] = section->line;
    if (pack->vendor)
        rl_row_set(row, RL_TYPE_VENDOR, pack->vendor);
    for (e++; e < end && e->key; e++)
        read_type_key(r, row, e);
    char *origin =
        rl_asprintf("%s %s", pack->name ? pack->name : "", pack->version ? pack->version : "");
    rl_row_set(row, RL_TYPE_PACK, origin);
    free(origin);
    check_needed(r, row, section->line);
    check_criteria(r, row, section->line);
    check_model(r, row, section->line);
    check_rules(r, row, section->name, section->line);
    return e;
}

static const struct rl_ini_entry *read_section(struct reading *r, const struct rl_ini_entry *e,
                                               const struct rl_ini_entry *end)
{
    static const char type[] = "type-";
    const char *number = e->name + sizeof type - 1;
    if (!strncmp(e->name, type, sizeof type - 1) && *number &&
        !number[strspn(number, "0123456789")])
        return read_type(r, e, end);
    if (strcmp(e->name, "pack"))
        refusef(r, e->line, e->name, "a pack has the sections [pack], [type-1], [type-2]...");
    for (bool header = !strcmp((e++)->name, "pack"); e < end && e->key; e++)
        if (header)
            read_header_key(r, e);
    return e;
}

static void read_all(struct reading *r)
{
    if (!r->pack->ini.n || strcmp(r->pack->ini.entry[0].name, "pack")) {
        refusef(r, r->pack->ini.n ? r->pack->ini.entry[0].line : 1, "",
                "a pack begins with [pack].");
        return;
    }
    const struct rl_ini_entry *e = r->pack->ini.entry, *end = e + r->pack->ini.n;
    e = read_section(r, e, end);
    check_header(r);
    while (e < end)
        e = read_section(r, e, end);
    if (!r->pack->n)
        refusef(r, 1, "", "the pack has no [type-1].");
}

/* --- the file --- */

static void parse(struct reading *r, const char *text, size_t n)
{
    rl_ini_scan(&r->pack->ini, text, n, r->file, RL_E_COP_INVALID, r->problems);
    if (!r->problems->n) {
        r->values = rl_ini_values(text, n);
        if (r->values)
            read_all(r);
        else
            refusef(r, 1, "", "the file cannot be read.");
        iniparser_freedict(r->values);
    }
}

enum rl_code rl_pack_parse(const char *text, size_t n, const char *file, bool shipped,
                           struct rl_pack *pack, struct rl_problems *problems)
{
    struct rl_problems found = {0};
    struct reading r = {file, shipped, NULL, pack, &found};
    enum rl_code code = RL_OK;
    *pack = (struct rl_pack){0};
    parse(&r, text, n);
    if (found.n) {
        code = found.item[0].code;
        rl_pack_fini(pack);
    }
    for (size_t i = 0; i < found.n; i++)
        rl_problems_add(problems, &found.item[i]);
    rl_problems_fini(&found);
    return code;
}

enum rl_code rl_pack_read(const char *path, bool shipped, struct rl_pack *pack,
                          struct rl_problems *problems)
{
    struct rl_err err;
    char *text;
    size_t n;
    *pack = (struct rl_pack){0};
    enum rl_code code = rl_ini_read(path, &text, &n, &err);
    if (code != RL_OK) {
        rl_problems_add(problems, &err);
        return code;
    }
    code = rl_pack_parse(text, n, path, shipped, pack, problems);
    free(text);
    return code;
}

int rl_pack_line(const struct rl_pack *pack, size_t type, const char *key)
{
    int begins = type == RL_PACK_HEADER ? 0 : pack->line[type], line = 0;
    const struct rl_ini_entry *e = pack->ini.entry, *end = e + pack->ini.n;
    while (e < end && e->line < begins)
        e++;
    for (line = e < end ? e->line : 1; ++e < end && e->key;)
        if (!strcmp(e->key, key))
            return e->line;
    return line;
}

/* The number that a text begins with: its first digit that counts, and how many do. */
static size_t digits(const char **text)
{
    *text += strspn(*text, "0");
    return strspn(*text, "0123456789");
}

int rl_pack_version_cmp(const char *a, const char *b)
{
    while (*a && *b) {
        if (!isdigit((unsigned char)*a) || !isdigit((unsigned char)*b)) {
            int differ = tolower((unsigned char)*a++) - tolower((unsigned char)*b++);
            if (differ)
                return differ;
            continue;
        }
        size_t n = digits(&a), m = digits(&b);
        int differ = n == m ? strncmp(a, b, n) : n < m ? -1 : 1;
        if (differ)
            return differ;
        a += n;
        b += m;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

void rl_pack_fini(struct rl_pack *pack)
{
    for (size_t i = 0; i < pack->n; i++)
        rl_row_fini(&pack->type[i]);
    free(pack->type);
    free(pack->line);
    free(pack->name);
    free(pack->version);
    free(pack->vendor);
    free(pack->source);
    free(pack->date);
    rl_ini_fini(&pack->ini);
    *pack = (struct rl_pack){0};
}
