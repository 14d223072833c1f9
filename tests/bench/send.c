/* send RECORDING HOST:PORT RATE: send a HEP recording over UDP at RATE datagrams a second, evenly.
 * Prints the number sent and the rate reached. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "load.h"
#include "ringlock/time.h"

enum { BATCH = 64 };

static int connect_to(const char *text)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    char host[64];
    unsigned port;
    if (sscanf(text, "%63[^:]:%u", host, &port) != 2 ||
        inet_pton(AF_INET, host, &to.sin_addr) != 1) {
        fprintf(stderr, "send: %s is no HOST:PORT\n", text);
        exit(2);
    }
    to.sin_port = htons((uint16_t)port);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int size = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror(text);
        exit(1);
    }
    return fd;
}

/* Send datagrams first..first+n-1 and return how many were taken. */
static size_t send_some(int fd, const struct load *t, size_t first, size_t n)
{
    const size_t *end = (const size_t *)(const void *)t->ends.data;
    struct mmsghdr msg[BATCH] = {0};
    struct iovec part[BATCH];
    if (n > BATCH)
        n = BATCH;
    for (size_t i = 0; i < n; i++) {
        size_t from = first + i ? end[first + i - 1] : 0;
        part[i] = (struct iovec){t->bytes.data + from, end[first + i] - from};
        msg[i].msg_hdr.msg_iov = &part[i];
        msg[i].msg_hdr.msg_iovlen = 1;
    }
    int sent = sendmmsg(fd, msg, (unsigned)n, 0);
    return sent > 0 ? (size_t)sent : 0;
}

int main(int argc, char **argv)
{
    struct load train = {0};
    if (argc != 4) {
        fprintf(stderr, "usage: send RECORDING HOST:PORT RATE\n");
        return 2;
    }
    load_read(argv[1], &train);
    int fd = connect_to(argv[2]);
    double rate = strtod(argv[3], NULL);
    size_t sent = 0;
    int64_t start = rl_monotonic_us();
    while (sent < train.n) {
        size_t due = (size_t)((double)(rl_monotonic_us() - start) * rate / 1e6);
        if (due > train.n)
            due = train.n;
        if (due > sent)
            sent += send_some(fd, &train, sent, due - sent);
        else
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    double seconds = (double)(rl_monotonic_us() - start) / 1e6;
    printf("%zu %.0f\n", sent, (double)sent / seconds);
    rl_buf_fini(&train.bytes);
    rl_buf_fini(&train.ends);
    return 0;
}
