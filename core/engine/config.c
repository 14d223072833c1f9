#include "engine/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/inivalues.h"
#include "engine/config_keys.h"
#include "ringlock/inifile.h"

static const struct rl_config_key *find_key(const char *section, size_t n, const char *name)
{
    for (size_t i = 0; i < rl_config_nkeys; i++)
        if (strlen(rl_config_keys[i].section) == n &&
            memcmp(rl_config_keys[i].section, section, n) == 0 &&
            strcmp(rl_config_keys[i].name, name) == 0)
            return &rl_config_keys[i];
    return NULL;
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < rl_config_nkeys; i++)
        if (strcmp(rl_config_keys[i].section, name) == 0)
            return true;
    return false;
}

static void problem_of(struct rl_problems *problems, enum rl_code code, const char *path, int line,
                       const char *field, const char *sentence)
{
    struct rl_err err = {0};
    rl_fail_field(&err, code, path, field, "%s line %d: %s.", path, line, sentence);
    err.line = line;
    rl_problems_add(problems, &err);
}

static void problem(struct rl_problems *problems, const char *path, int line, const char *field,
                    const char *sentence)
{
    problem_of(problems, RL_E_CONFIG, path, line, field, sentence);
}

/* "must be a number ..." with what the key in question allows. */
static char *must_be(const struct rl_config_key *key, const char *why)
{
    struct rl_buf text = {0};
    rl_buf_addf(&text, "%s %s", key->name, why);
    for (size_t i = 0; key->kind == RL_CONF_ENUM && key->values[i]; i++)
        rl_buf_addf(&text, "%s %s", i ? "," : ":", key->values[i]);
    if (key->kind == RL_CONF_NUMBER || key->kind == RL_CONF_SIZE || key->kind == RL_CONF_DURATION)
        rl_buf_addf(&text, " (%lld to %lld%s)", (long long)key->min, (long long)key->max,
                    key->kind == RL_CONF_SIZE       ? " bytes"
                    : key->kind == RL_CONF_DURATION ? " seconds"
                                                    : "");
    return rl_buf_take(&text);
}

static void take_value(struct rl_config *config, const struct rl_config_key *key, const char *value,
                       const char *path, int line, struct rl_problems *problems)
{
    const char *why;
    if (rl_config_set(config, key, value, &why))
        return;
    char *text = must_be(key, why);
    problem_of(problems, key->kind == RL_CONF_RELEASE ? RL_E_RELEASE : RL_E_CONFIG, path, line,
               key->name, text);
    free(text);
}

static void take_entry(struct rl_config *config, const struct rl_ini_entry *entry,
                       const dictionary *values, const char *path, struct rl_problems *problems)
{
    char text[200];
    if (!entry->key) {
        if (is_section(entry->name))
            return;
        snprintf(text, sizeof text, "there is no section [%.60s]", entry->name);
        problem(problems, path, entry->line, entry->name, text);
        return;
    }
    size_t n = (size_t)(entry->key - entry->name) - 1;
    const struct rl_config_key *key = find_key(entry->name, n, entry->key);
    if (key) {
        take_value(config, key, iniparser_getstring(values, entry->name, ""), path, entry->line,
                   problems);
        return;
    }
    snprintf(text, sizeof text, "there is no key %.60s in section [%.*s]", entry->key,
             (int)(n < 60 ? n : 60), entry->name);
    problem(problems, path, entry->line, entry->key, text);
}

static void read_values(struct rl_config *config, const struct rl_ini *ini, const char *text,
                        size_t n, const char *path, struct rl_problems *problems)
{
    dictionary *values = rl_ini_values(text, n);
    if (!values) {
        problem(problems, path, 1, "", "the file cannot be read");
        return;
    }
    for (size_t i = 0; i < ini->n; i++)
        take_entry(config, &ini->entry[i], values, path, problems);
    iniparser_freedict(values);
}

enum rl_code rl_config_parse(const char *text, size_t n, const char *file, struct rl_config *config,
                             struct rl_problems *problems)
{
    struct rl_ini ini;
    rl_config_init(config);
    rl_ini_scan(&ini, text, n, file, RL_E_CONFIG, problems);
    if (problems->errors == 0)
        read_values(config, &ini, text, n, file, problems);
    rl_ini_fini(&ini);
    if (problems->errors == 0)
        return RL_OK;
    rl_config_fini(config);
    rl_config_init(config);
    return RL_E_CONFIG;
}

enum rl_code rl_config_load(const char *path, struct rl_config *config,
                            struct rl_problems *problems)
{
    struct rl_err err = {0};
    char *text;
    size_t n;
    if (rl_ini_read(path, &text, &n, &err) != RL_OK) {
        rl_config_init(config);
        rl_problems_add(problems, &err);
        return err.code;
    }
    enum rl_code code = rl_config_parse(text, n, path, config, problems);
    explicit_bzero(text, n);
    free(text);
    return code;
}
