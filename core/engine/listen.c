#include "engine/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/config.h"

static socklen_t fill_address(const char *endpoint, struct sockaddr_storage *out)
{
    char *host;
    int port;
    *out = (struct sockaddr_storage){0};
    if (!rl_config_endpoint(endpoint, &host, &port))
        return 0;
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    bool is4 = inet_pton(AF_INET, host, &v4->sin_addr) == 1;
    if (!is4)
        inet_pton(AF_INET6, host, &v6->sin6_addr);
    *(is4 ? &v4->sin_port : &v6->sin6_port) = htons((uint16_t)port);
    out->ss_family = is4 ? AF_INET : AF_INET6;
    free(host);
    return is4 ? sizeof *v4 : sizeof *v6;
}

static void write_address(int fd, char *where)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof a;
    char ip[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in *v4 = (struct sockaddr_in *)&a;
    const struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a;
    getsockname(fd, (struct sockaddr *)&a, &n);
    if (a.ss_family == AF_INET)
        snprintf(where, RL_LISTEN_TEXT, "%s:%d", inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip),
                 ntohs(v4->sin_port));
    else
        snprintf(where, RL_LISTEN_TEXT, "[%s]:%d",
                 inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip), ntohs(v6->sin6_port));
}

/* Bound to "ADDRESS:PORT", and listening if it is for streams; non-blocking, closed on exec. -1
 * with E-IO. */
static int open_socket(const struct rl_listener *l, const char *endpoint, char *where,
                       struct rl_err *err)
{
    int type = l->type;
    struct sockaddr_storage a;
    socklen_t n = fill_address(endpoint, &a);
    const char *kind = type == SOCK_DGRAM ? "UDP" : "TCP";
    int on = 1;
    int fd = socket(a.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) != 0 ||
        (type == SOCK_STREAM && listen(fd, SOMAXCONN) != 0)) {
        rl_fail(err, RL_E_IO, endpoint, "%s at %s cannot be listened at: %s.", kind, endpoint,
                strerror(errno));
        rl_err_remedy(err, "Give another address in [%s] of ringlock.conf, or stop what uses it.",
                      l->section);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    write_address(fd, where);
    return fd;
}

void rl_listener_close(struct rl_listener *l)
{
    if (l->configured)
        close(l->fd);
    free(l->configured);
    l->configured = NULL;
    l->fd = -1;
    l->where[0] = '\0';
}

enum rl_code rl_listener_set(struct rl_listener *l, const char *endpoint, struct rl_err *err)
{
    char where[RL_LISTEN_TEXT];
    if (l->configured && (strcmp(l->configured, endpoint) == 0 || strcmp(l->where, endpoint) == 0))
        return RL_OK;
    int fd = *endpoint ? open_socket(l, endpoint, where, err) : -1;
    if (*endpoint && fd < 0)
        return err->code;
    rl_listener_close(l);
    if (fd < 0)
        return RL_OK;
    l->fd = fd;
    l->configured = rl_strdup(endpoint);
    memcpy(l->where, where, sizeof where);
    return RL_OK;
}

/* SO_RCVBUFFORCE passes the system's limit where we may (CAP_NET_ADMIN). */
int rl_listen_buffer(int fd, int64_t bytes)
{
    int want = (int)(bytes / 2), got = 0; /* the kernel doubles what it is given */
    socklen_t n = sizeof got;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof want) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof want);
    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &n);
    return got;
}

void rl_listen_memory(int fd, struct rl_listen_memory *out)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t n = sizeof info;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &n) != 0)
        memset(info, 0, sizeof info);
    *out = (struct rl_listen_memory){info[SK_MEMINFO_RMEM_ALLOC], info[SK_MEMINFO_RCVBUF],
                                     info[SK_MEMINFO_DROPS]};
}
