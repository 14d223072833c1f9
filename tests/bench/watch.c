/* Consoles that watch all calls, as connections: watch SOCKET CONSOLES TIMED [USER]. For each
 * change that one of the first TIMED is told it prints the microseconds of the monotonic clock, the
 * console's number, the SIP Call-ID and the icon; the others only read. Ends with its standard
 * input. */
#include <grp.h>
#include <jansson.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ringlock/buf.h"
#include "ringlock/time.h"

enum { CONSOLES_MAX = 64 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void become(const char *user)
{
    const struct passwd *pw = getpwnam(user);
    if (!pw || setgroups(0, NULL) != 0 || setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0)
        fail(user);
}

static int connect_to(const char *path)
{
    static const char questions[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"params\":{\"version\":1}}\n"
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"call.watch\",\"params\":{}}\n";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        write(fd, questions, sizeof questions - 1) != (ssize_t)sizeof questions - 1)
        fail(path);
    return fd;
}

static void tell_changes(int console, int64_t at_us, const char *line, size_t n)
{
    json_t *message = json_loadb(line, n, 0, NULL), *call;
    const char *method = json_string_value(json_object_get(message, "method"));
    size_t i;
    if (method && strcmp(method, "calls") == 0)
        json_array_foreach (json_object_get(json_object_get(message, "params"), "changed"), i, call)
            printf("%lld %d %s %s\n", (long long)at_us, console,
                   json_string_value(json_array_get(json_object_get(call, "sip_call_ids"), 0)),
                   json_string_value(json_object_get(call, "icon")));
    json_decref(message);
}

static void take_lines(int console, struct rl_buf *in)
{
    int64_t at_us = rl_monotonic_us();
    size_t start = 0;
    const char *lf;
    while ((lf = memchr(in->data + start, '\n', in->len - start))) {
        size_t end = (size_t)(lf - in->data);
        tell_changes(console, at_us, in->data + start, end - start);
        start = end + 1;
    }
    rl_buf_drop(in, start);
}

int main(int argc, char **argv)
{
    static char bytes[1 << 18];
    static struct rl_buf in[CONSOLES_MAX];
    struct pollfd fds[CONSOLES_MAX + 1] = {
        {.fd = STDIN_FILENO, .events = POLLIN}
    };
    int n = argc > 3 ? atoi(argv[2]) : 0, timed = argc > 3 ? atoi(argv[3]) : 0;
    if (n < 1 || n > CONSOLES_MAX)
        return fputs("usage: watch SOCKET CONSOLES TIMED [USER]\n", stderr), 2;
    if (argc > 4)
        become(argv[4]);
    for (int i = 1; i <= n; i++)
        fds[i] = (struct pollfd){.fd = connect_to(argv[1]), .events = POLLIN};
    while (poll(fds, (nfds_t)n + 1, -1) > 0 && !fds[0].revents)
        for (int i = 1; i <= n; i++) {
            ssize_t got = fds[i].revents ? read(fds[i].fd, bytes, sizeof bytes) : 0;
            if (fds[i].revents && got <= 0)
                fail("a console lost its engine");
            if (got > 0 && i <= timed) {
                rl_buf_add(&in[i - 1], bytes, (size_t)got);
                take_lines(i, &in[i - 1]);
            }
        }
    return 0;
}
