#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feed/parts.h"
#include "feed/process.h"

enum { LINE_MAX_BYTES = 1 << 20 };

static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};

char *rl_feed_setup_line(const struct rl_feed_setup *setup)
{
    json_t *sources = json_array();

    for (const char *const *s = setup->sources; s != NULL && *s != NULL; s++)
        json_array_append_new(sources, json_string(*s));
    json_t *all =
        json_pack("{s:s,s:s,s:o}", "key", setup->key ? setup->key : "", "correlation_header",
                  setup->correlation_header ? setup->correlation_header : "", "sources", sources);
    char *json = json_dumps(all, JSON_COMPACT);
    char *line = rl_asprintf("%s\n", json == NULL ? "" : json);
    free(json);
    json_decref(all);
    return line;
}

bool rl_network_read(const char *text, struct rl_network *network)
{
    char host[INET6_ADDRSTRLEN];
    size_t n = strcspn(text, "/");
    uint32_t bits = 128, spare = 0;

    if (n >= sizeof host)
        return false;
    memcpy(host, text, n);
    host[n] = '\0';
    if (inet_pton(AF_INET, host, network->ip + 12) == 1) {
        memcpy(network->ip, v4_mapped, sizeof v4_mapped);
        spare = 96;
    } else if (inet_pton(AF_INET6, host, network->ip) != 1) {
        return false;
    }
    if (text[n] == '/' && !rl_number_read(text + n + 1, strlen(text + n + 1), 128 - spare, &bits))
        return false;
    network->bits = (uint8_t)(text[n] == '/' ? bits + spare : 128);
    return true;
}

static bool contains(const struct rl_network *network, const uint8_t *ip)
{
    size_t whole = network->bits / 8, rest = network->bits % 8;

    if (memcmp(network->ip, ip, whole) != 0)
        return false;
    return rest == 0 || (network->ip[whole] ^ ip[whole]) >> (8 - rest) == 0;
}

static bool is_loopback(const uint8_t *ip)
{
    static const struct rl_network loopback[] = {
        {{[10] = 0xff, [11] = 0xff, [12] = 127}, 104},
        {{[15] = 1},                             128},
    };
    return contains(&loopback[0], ip) || contains(&loopback[1], ip);
}

bool rl_feed_hears(const struct rl_feed_orders *orders, const struct sockaddr *peer, bool *listed)
{
    uint8_t ip[16];

    *listed = false;
    if (peer->sa_family == AF_INET) {
        memcpy(ip, v4_mapped, sizeof v4_mapped);
        memcpy(ip + 12, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    } else if (peer->sa_family == AF_INET6) {
        memcpy(ip, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16);
    } else {
        return false;
    }
    for (size_t i = 0; i < orders->n && !*listed; i++)
        *listed = contains(&orders->sources[i], ip);
    return *listed || is_loopback(ip);
}

/* Bytes up to the line feed, one by one: what follows is not ours to read. */
static bool read_line(int fd, struct rl_buf *line)
{
    char c;

    while (line->len < LINE_MAX_BYTES) {
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        if (c == '\n')
            return true;
        rl_buf_addc(line, c);
    }
    return false;
}

static bool take_sources(const json_t *list, struct rl_feed_orders *orders)
{
    size_t n = json_array_size(list);

    orders->sources = rl_alloc((n + 1) * sizeof *orders->sources);
    for (; orders->n < n; orders->n++) {
        const char *text = json_string_value(json_array_get(list, orders->n));
        if (text == NULL || !rl_network_read(text, &orders->sources[orders->n]))
            return false;
    }
    return json_is_array(list);
}

bool rl_feed_orders_read(int fd, struct rl_feed_orders *orders, const char **why)
{
    struct rl_buf line = {0};
    bool good = false;

    memset(orders, 0, sizeof *orders);
    *why = "no line from the engine";
    if (!read_line(fd, &line))
        goto out;
    *why = "the engine's line is not understood";
    json_t *all = json_loadb(rl_buf_str(&line), line.len, JSON_REJECT_DUPLICATES, NULL);
    orders->key = rl_strdup(json_string_value(json_object_get(all, "key")));
    orders->correlation_header =
        rl_strdup(json_string_value(json_object_get(all, "correlation_header")));
    good = orders->key != NULL && orders->correlation_header != NULL &&
           take_sources(json_object_get(all, "sources"), orders);
    json_decref(all);
out:
    if (line.len > 0)
        explicit_bzero(line.data, line.len);
    rl_buf_fini(&line);
    return good;
}

void rl_feed_orders_fini(struct rl_feed_orders *orders)
{
    if (orders->key != NULL)
        explicit_bzero(orders->key, strlen(orders->key));
    free(orders->key);
    free(orders->correlation_header);
    free(orders->sources);
    memset(orders, 0, sizeof *orders);
}
