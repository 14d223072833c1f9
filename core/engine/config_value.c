#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/config_keys.h"
#include "policy/capf.h"
#include "ringlock/text.h"

static bool number(const char *text, int64_t *out, const char **rest)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    *rest = end;
    return errno == 0;
}

/* A number and, if the kind has units, one letter of `units` with its factor. */
static bool scaled(const struct rl_config_key *key, const char *text, const char *units,
                   const int64_t *factors, int64_t *out)
{
    const char *rest;
    if (!number(text, out, &rest))
        return false;
    if (*rest) {
        const char *unit = strchr(units, *rest);
        if (!unit || rest[1] || *out > key->max)
            return false;
        *out *= factors[unit - units];
    }
    return *out >= key->min && *out <= key->max;
}

static bool set_number(const struct rl_config_key *key, const char *text, void *to)
{
    return scaled(key, text, "", NULL, to);
}

static bool set_size(const struct rl_config_key *key, const char *text, void *to)
{
    static const int64_t factors[] = {1 << 10, 1 << 20, 1 << 30};
    return scaled(key, text, "KMG", factors, to);
}

static bool set_duration(const struct rl_config_key *key, const char *text, void *to)
{
    static const int64_t factors[] = {1, 60, 3600, 86400};
    int64_t seconds;
    if (!scaled(key, text, "smhd", factors, &seconds))
        return false;
    *(int64_t *)to = seconds * 1000000;
    return true;
}

static bool set_enum(const struct rl_config_key *key, const char *text, void *to)
{
    for (int64_t i = 0; key->values[i]; i++) {
        if (rl_text_casecmp(key->values[i], text) == 0) {
            *(int64_t *)to = i;
            return true;
        }
    }
    return false;
}

static bool put_text(const char *text, void *to)
{
    char **slot = to;
    free(*slot);
    *slot = rl_strdup(text);
    return true;
}

static bool set_text(const struct rl_config_key *key, const char *text, void *to)
{
    return (key->max == 0 || strlen(text) <= (size_t)key->max) && put_text(text, to);
}

static bool set_path(const struct rl_config_key *key, const char *text, void *to)
{
    (void)key;
    return (*text == '\0' || *text == '/') && put_text(text, to);
}

static bool set_token(const struct rl_config_key *key, const char *text, void *to)
{
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
            return false;
    return set_text(key, text, to);
}

static bool set_release(const struct rl_config_key *key, const char *text, void *to)
{
    int order;
    (void)key;
    return (*text == '\0' || rl_policy_release_compare(text, text, &order)) && put_text(text, to);
}

static bool set_endpoint(const struct rl_config_key *key, const char *text, void *to)
{
    char *host;
    int port;
    if (!*text && !*key->def)
        return put_text(text, to);
    if (!rl_config_endpoint(text, &host, &port))
        return false;
    free(host);
    return put_text(text, to);
}

bool rl_config_endpoint(const char *text, char **host, int *port)
{
    uint8_t ip[16];
    const char *colon = strrchr(text, ':'), *rest;
    int64_t n;
    if (!colon || !number(colon + 1, &n, &rest) || *rest || n > 65535)
        return false;
    size_t len = (size_t)(colon - text);
    bool v6 = len >= 2 && text[0] == '[' && colon[-1] == ']';
    char *name = v6 ? rl_strndup(text + 1, len - 2) : rl_strndup(text, len);
    if (inet_pton(v6 ? AF_INET6 : AF_INET, name, ip) != 1) {
        free(name);
        return false;
    }
    *host = name;
    *port = (int)n;
    return true;
}

static void list_free(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

static char **list_read(const char *text)
{
    static const char gaps[] = " \t,";
    char **list = rl_alloc(sizeof *list);
    size_t n = 0;
    for (text += strspn(text, gaps); *text; text += strspn(text, gaps)) {
        size_t len = strcspn(text, gaps);
        list = rl_realloc(list, (n + 2) * sizeof *list);
        list[n++] = rl_strndup(text, len);
        list[n] = NULL;
        text += len;
    }
    return list;
}

static bool set_list(const struct rl_config_key *key, const char *text, void *to)
{
    char ***slot = to;
    (void)key;
    list_free(*slot);
    *slot = list_read(text);
    return true;
}

static bool set_numbers(const struct rl_config_key *key, const char *text, void *to)
{
    char **list = list_read(text);
    bool ok = true;
    int64_t n;
    for (size_t i = 0; list[i]; i++)
        ok = ok && scaled(key, list[i], "", NULL, &n);
    list_free(list);
    return ok && set_list(key, text, to);
}

static bool is_network(const char *text)
{
    uint8_t ip[16];
    const char *slash = strchr(text, '/'), *rest;
    int64_t bits = 0;
    bool v6 = strchr(text, ':') != NULL;
    if (slash && (!number(slash + 1, &bits, &rest) || *rest || bits > (v6 ? 128 : 32)))
        return false;
    char *host = slash ? rl_strndup(text, (size_t)(slash - text)) : rl_strdup(text);
    bool ok = inet_pton(v6 ? AF_INET6 : AF_INET, host, ip) == 1;
    free(host);
    return ok;
}

static bool set_networks(const struct rl_config_key *key, const char *text, void *to)
{
    char **list = list_read(text);
    bool ok = true;
    for (size_t i = 0; list[i]; i++)
        ok = ok && is_network(list[i]);
    list_free(list);
    return ok && set_list(key, text, to);
}

/* The name or address of a server, as phones take it (signed-config.md 5.1). */
static bool is_host(const char *text)
{
    enum { HOST_MAX = 50 };
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr(".-:", *p))
            return false;
    return strlen(text) <= HOST_MAX;
}

static bool set_hosts(const struct rl_config_key *key, const char *text, void *to)
{
    char **list = list_read(text);
    bool ok = true;
    for (size_t i = 0; list[i]; i++)
        ok = ok && i < RL_CONFIG_SERVERS && is_host(list[i]);
    list_free(list);
    return ok && set_list(key, text, to);
}

static bool set_url(const struct rl_config_key *key, const char *text, void *to)
{
    if (*text && strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
        return false;
    for (const char *p = text; *p; p++)
        if (*p <= ' ' || *p > '~')
            return false;
    return set_text(key, text, to);
}

static const struct {
    bool (*set)(const struct rl_config_key *key, const char *text, void *to);
    const char *must;
} kinds[] = {
    [RL_CONF_TEXT] = {set_text,     "must be a shorter text"                                  },
    [RL_CONF_PATH] = {set_path,     "must be an absolute path"                                },
    [RL_CONF_RELEASE] = {set_release,  "must be a release like 11.5(1)SU1 or 14SU2"              },
    [RL_CONF_TOKEN] = {set_token,    "must be a short word of letters, digits, '-' and '_'"    },
    [RL_CONF_SECRET] = {set_text,     "must be a shorter text"                                  },
    [RL_CONF_LIST] = {set_list,     "must be a list of names"                                 },
    [RL_CONF_NUMBERS] = {set_numbers,
                      "must be a list of whole numbers in the range of ringlock.conf(5)"      },
    [RL_CONF_NETWORKS] = {set_networks, "must be a list of addresses and networks like 10.0.0.0/8"},
    [RL_CONF_HOSTS] = {set_hosts,    "must be up to five names or addresses of servers"        },
    [RL_CONF_URL] = {set_url,      "must begin with http:// or https:// and have no blanks"  },
    [RL_CONF_ENDPOINT] = {set_endpoint, "must be ADDRESS:PORT or [ADDRESS]:PORT"                  },
    [RL_CONF_ENUM] = {set_enum,     "must be one of the values that ringlock.conf(5) lists"   },
    [RL_CONF_NUMBER] = {set_number,   "must be a whole number in the range of ringlock.conf(5)" },
    [RL_CONF_SIZE] = {set_size,
                      "must be a size like 512K, 16M or 1G in the range of ringlock.conf(5)"  },
    [RL_CONF_DURATION] = {set_duration,
                      "must be a time like 30s, 5m, 4h or 1d in the range of ringlock.conf(5)"},
};

bool rl_config_set(struct rl_config *config, const struct rl_config_key *key, const char *text,
                   const char **why)
{
    *why = kinds[key->kind].must;
    return kinds[key->kind].set(key, text, (char *)config + key->at);
}

void rl_config_init(struct rl_config *config)
{
    const char *why;
    *config = (struct rl_config){0};
    for (size_t i = 0; i < rl_config_nkeys; i++)
        rl_config_set(config, &rl_config_keys[i], rl_config_keys[i].def, &why);
}

void rl_config_fini(struct rl_config *config)
{
    for (size_t i = 0; i < rl_config_nkeys; i++) {
        void *at = (char *)config + rl_config_keys[i].at;
        switch (rl_config_keys[i].kind) {
        case RL_CONF_LIST:
        case RL_CONF_NUMBERS:
        case RL_CONF_NETWORKS:
        case RL_CONF_HOSTS:
            list_free(*(char ***)at);
            break;
        case RL_CONF_SECRET:
            if (*(char **)at)
                explicit_bzero(*(char **)at, strlen(*(char **)at));
            free(*(char **)at);
            break;
        case RL_CONF_TEXT:
        case RL_CONF_PATH:
        case RL_CONF_RELEASE:
        case RL_CONF_TOKEN:
        case RL_CONF_ENDPOINT:
        case RL_CONF_URL:
            free(*(char **)at);
            break;
        default:
            break;
        }
    }
    *config = (struct rl_config){0};
}
