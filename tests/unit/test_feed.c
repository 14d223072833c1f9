#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feed/process.h"
#include "feed_make.h"

enum { PATIENCE_MS = 20000, HIGH_FD = 100 };

static const char closed[] =
    "{\"v\":1,\"ev\":\"closed\",\"proto\":\"tls\",\"src\":\"127.0.0.1:1\"}";

/* A feed process with the engine's end of its sockets. */
struct run {
    pid_t pid;
    int udp, tcp, pipe;
    struct sockaddr_in udp_at, tcp_at;
    struct rl_buf in;
};

static int bound(int type, struct sockaddr_in *at)
{
    socklen_t n = sizeof *at;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)at, sizeof *at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)at, &n), 0);
    return fd;
}

static void be_feed(const int *from)
{
    for (int i = 0; i < 3; i++)
        dup2(from[i], HIGH_FD + i);
    for (int i = 0; i < 3; i++)
        dup2(HIGH_FD + i, RL_FEED_UDP_FD + i);
    _exit(rl_feed_main(0, NULL));
}

static void begin_with(struct run *run, const char *line)
{
    int ends[2];

    *run = (struct run){.pid = -1};
    run->udp = bound(SOCK_DGRAM, &run->udp_at);
    run->tcp = bound(SOCK_STREAM, &run->tcp_at);
    assert_int_equal(listen(run->tcp, 8), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    run->pipe = ends[0];
    run->pid = fork();
    if (run->pid == 0)
        be_feed((int[]){run->udp, run->tcp, ends[1]});
    close(ends[1]);
    assert_int_equal(write(run->pipe, line, strlen(line)), strlen(line));
}

static void begin(struct run *run)
{
    const char *const sources[] = {"127.0.0.0/8", NULL};
    char *line = rl_feed_setup_line(&(struct rl_feed_setup){.key = "key", .sources = sources});

    begin_with(run, line);
    free(line);
}

static int status_of(struct run *run)
{
    int status;

    close(run->pipe);
    assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
    close(run->udp);
    close(run->tcp);
    rl_buf_fini(&run->in);
    return status;
}

/* Wait for the next record of this kind; texts are borrowed until the next call. */
static struct rl_rec next(struct run *run, enum rl_rec_kind kind)
{
    static struct rl_buf frame;
    struct rl_rec rec;
    char bytes[4096];

    for (;;) {
        long used = rl_rec_decode((const uint8_t *)run->in.data, run->in.len, &rec);
        assert_true(used >= 0);
        if (used > 0) {
            rl_buf_clear(&frame);
            rl_buf_add(&frame, run->in.data, (size_t)used);
            rl_buf_drop(&run->in, (size_t)used);
            rl_rec_decode((const uint8_t *)frame.data, frame.len, &rec);
            if (rec.kind == kind)
                return rec;
            continue;
        }
        struct pollfd p = {.fd = run->pipe, .events = POLLIN};
        assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
        ssize_t n = read(run->pipe, bytes, sizeof bytes);
        assert_true(n > 0);
        rl_buf_add(&run->in, bytes, (size_t)n);
    }
}

static void send_udp(struct run *run, const void *bytes, size_t n)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_int_equal(sendto(fd, bytes, n, 0, (struct sockaddr *)&run->udp_at, sizeof run->udp_at),
                     n);
    close(fd);
}

static int connect_tcp(struct run *run)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&run->tcp_at, sizeof run->tcp_at), 0);
    return fd;
}

static void assert_closed(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char c;

    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    assert_true(read(fd, &c, 1) <= 0);
    close(fd);
}

static void it_tells_what_comes_over_udp(void **state)
{
    struct rl_buf packet = {0};
    struct run run;

    (void)state;
    begin(&run);
    put_packet(&packet, 100, closed, sizeof closed - 1);
    send_udp(&run, packet.data, packet.len);
    struct rl_rec rec = next(&run, RL_REC_FACT);
    assert_true(rec.listed);
    assert_int_equal(rec.fact.event, RL_FACT_CLOSED);
    assert_text(rec.fact.call_id, "corr-1");
    int status = status_of(&run);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    rl_buf_fini(&packet);
}

/* Packets follow one another without a separator, cut anywhere. */
static void it_joins_what_comes_over_tcp(void **state)
{
    struct rl_buf packets = {0}, one = {0};
    struct run run;

    (void)state;
    begin(&run);
    put_packet(&one, 100, closed, sizeof closed - 1);
    for (int i = 0; i < 3; i++)
        rl_buf_add(&packets, one.data, one.len);
    int fd = connect_tcp(&run);
    for (size_t i = 0; i < packets.len; i += 100) {
        size_t n = packets.len - i < 100 ? packets.len - i : 100;
        assert_int_equal(send(fd, packets.data + i, n, 0), n);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(next(&run, RL_REC_FACT).fact.event, RL_FACT_CLOSED);
    close(fd);
    assert_int_equal(status_of(&run), 0);
    rl_buf_fini(&packets);
    rl_buf_fini(&one);
}

static void a_bad_tcp_peer_loses_its_connection(void **state)
{
    struct rl_buf wrong_key = {0};
    struct run run;

    (void)state;
    begin(&run);
    int fd = connect_tcp(&run);
    assert_int_equal(send(fd, "GET / HTTP/1.1\r\n", 16, MSG_NOSIGNAL), 16);
    assert_closed(fd);
    put_packet(&wrong_key, 100, closed, sizeof closed - 1);
    memcpy(memmem(wrong_key.data, wrong_key.len, "key", 3), "yek", 3);
    fd = connect_tcp(&run);
    assert_int_equal(send(fd, wrong_key.data, wrong_key.len, MSG_NOSIGNAL), wrong_key.len);
    assert_closed(fd);
    struct rl_rec rec;
    do
        rec = next(&run, RL_REC_STATS);
    while (rec.stats.refused_frame < 1 || rec.stats.refused_key < 1);
    assert_int_equal(status_of(&run), 0);
    rl_buf_fini(&wrong_key);
}

static void refusals_are_counted(void **state)
{
    struct rl_buf sip = {0}, fact = {0};
    struct run run;
    struct rl_rec rec;

    (void)state;
    begin(&run);
    send_udp(&run, "", 0);
    send_udp(&run, "HEP3", 4);
    put_packet(&sip, 1, "no SIP", 6);
    send_udp(&run, sip.data, sip.len);
    put_packet(&fact, 100, "no JSON", 7);
    send_udp(&run, fact.data, fact.len);
    do
        rec = next(&run, RL_REC_STATS);
    while (rec.stats.udp_packets < 4);
    assert_int_equal(rec.stats.refused_frame, 2);
    assert_int_equal(rec.stats.sip_head, 1);
    assert_int_equal(rec.stats.refused_fact, 1);
    assert_int_equal(rec.stats.refused_key, 0);
    assert_int_equal(status_of(&run), 0);
    rl_buf_fini(&sip);
    rl_buf_fini(&fact);
}

static void a_line_that_is_no_good_ends_it(void **state)
{
    static const char *const lines[] = {
        "\n", "{}\n", "no JSON\n",
        "{\"key\":\"\",\"correlation_header\":\"\",\"sources\":[\"x\"]}\n"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct run run;
        begin_with(&run, lines[i]);
        int status = status_of(&run);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 2);
    }
}

static void break_out(int how)
{
    const char *why;

    if (!rl_feed_sandbox(&why))
        _exit(3);
    if (how == 0)
        _exit(open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0 ? 1 : 2);
    if (how == 1)
        _exit(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? 1 : 2);
    execl("/bin/true", "true", (char *)NULL);
    _exit(1);
}

/* Opening, connecting and starting programs end the process. */
static void the_sandbox_holds(void **state)
{
    (void)state;
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
    skip(); /* the sanitizer needs what the sandbox takes */
#endif
#endif
    for (int how = 0; how < 3; how++) {
        int status;
        pid_t pid = fork();
        if (pid == 0)
            break_out(how);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
    }
}

static struct sockaddr_storage peer(const char *text)
{
    struct sockaddr_storage out = {.ss_family = AF_INET};

    if (inet_pton(AF_INET, text, &((struct sockaddr_in *)(void *)&out)->sin_addr) != 1) {
        out.ss_family = AF_INET6;
        assert_int_equal(
            inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)(void *)&out)->sin6_addr), 1);
    }
    return out;
}

static void who_is_heard(void **state)
{
    static const struct {
        const char *source, *peer;
        bool heard, listed;
    } rows[] = {
        {"192.0.2.0/24",  "192.0.2.255",      true,  true },
        {"192.0.2.0/24",  "192.0.3.0",        false, false},
        {"192.0.2.0/25",  "192.0.2.128",      false, false},
        {"192.0.2.7",     "192.0.2.7",        true,  true },
        {"192.0.2.7",     "192.0.2.6",        false, false},
        {"192.0.2.7/32",  "::ffff:192.0.2.7", true,  true },
        {"0.0.0.0/0",     "203.0.113.9",      true,  true },
        {"0.0.0.0/0",     "2001:db8::1",      false, false},
        {"2001:db8::/33", "2001:db8:7fff::1", true,  true },
        {"2001:db8::/33", "2001:db8:8000::1", false, false},
        {"::1",           "::1",              true,  true },
        {"192.0.2.7",     "127.0.0.1",        true,  false}, /* loopback is heard, but proves nothing */
        {"192.0.2.7",     "::1",              true,  false},
        {"192.0.2.7",     "::ffff:127.9.9.9", true,  false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_network network;
        bool listed;
        assert_true(rl_network_read(rows[i].source, &network));
        struct rl_feed_orders orders = {.sources = &network, .n = 1};
        struct sockaddr_storage from = peer(rows[i].peer);
        bool heard = rl_feed_hears(&orders, (struct sockaddr *)&from, &listed);
        if (heard != rows[i].heard || listed != rows[i].listed)
            fail_msg("%s from %s: heard %d, listed %d", rows[i].source, rows[i].peer, heard,
                     listed);
    }
}

static void networks_that_are_none(void **state)
{
    static const char *const rows[] = {"",
                                       "x",
                                       "192.0.2",
                                       "192.0.2.0/33",
                                       "192.0.2.0/",
                                       "192.0.2.0/x",
                                       "192.0.2.0/-1",
                                       "::/129",
                                       "/8",
                                       "192.0.2.0/8/8",
                                       "localhost"};
    struct rl_network network;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(rl_network_read(rows[i], &network));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_what_comes_over_udp),
        cmocka_unit_test(it_joins_what_comes_over_tcp),
        cmocka_unit_test(a_bad_tcp_peer_loses_its_connection),
        cmocka_unit_test(refusals_are_counted),
        cmocka_unit_test(a_line_that_is_no_good_ends_it),
        cmocka_unit_test(the_sandbox_holds),
        cmocka_unit_test(who_is_heard),
        cmocka_unit_test(networks_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
