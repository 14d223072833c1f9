#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "commands/output.h"
#include "commands/replay_ids.h"
#include "commands/verbs.h"
#include "ringlock/buf.h"
#include "ringlock/hepfile.h"
#include "ringlock/time.h"

enum {
    NAP_US = 100000, /* between looks at whether to stop */
    MAX_SPEED = 100  /* without waiting, the datagrams' own times pass so many times as fast */
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

/* One recording that is being sent. */
struct player {
    const char *path;
    struct rl_hepfile *file;
    struct rl_hep_record record; /* the next to be sent */
    bool more;
    int64_t first_us, latest_us; /* of the recording; its time never runs backwards */
    int64_t begun_us;
    int64_t mirrored_us; /* of its first datagram, as that says itself; from now on this is */
    int64_t now_us;      /* this time */
};

struct replay {
    struct rl_cli *cli;
    struct player *player; /* owned array */
    size_t nplayers;
    double speed; /* 0 = do not wait */
    bool loop, parallel, tcp;
    char target[300];
    int fd;
    struct rl_replay_ids *ids; /* NULL without --loop */
    uint64_t round,
        first_names; /* the latter is another in each run: its names are new to the engine */
    long long sent;
    int64_t latest_us; /* the latest time that a datagram was given */
    struct rl_err err;
};

/* ---- reading ---- */

static enum rl_code open_player(struct replay *r, struct player *p)
{
    enum rl_code code = rl_hepfile_open(p->path, &p->file, &r->err);
    if (code == RL_OK)
        code = rl_hepfile_next(p->file, &p->record, &p->more, &r->err);
    p->first_us = p->latest_us = p->record.time_us;
    p->begun_us = rl_monotonic_us();
    p->mirrored_us = rl_replay_time(p->record.bytes, p->record.n);
    p->now_us = rl_now_us() > r->latest_us ? rl_now_us() : r->latest_us + 1;
    return code;
}

static enum rl_code next_record(struct replay *r, struct player *p)
{
    enum rl_code code = rl_hepfile_next(p->file, &p->record, &p->more, &r->err);
    if (p->record.time_us > p->latest_us)
        p->latest_us = p->record.time_us;
    return code;
}

/* Read a file to its end before the first datagram leaves: a bad one is refused whole. */
static enum rl_code check_file(struct replay *r, struct player *p)
{
    size_t number = 0;
    if (strcmp(p->path, "-") == 0)
        return rl_fail(&r->err, RL_E_USAGE, "",
                       "A recording is read twice: it cannot come from \"-\".");
    enum rl_code code = open_player(r, p);
    while (code == RL_OK && p->more) {
        if (r->ids)
            code = rl_replay_ids_note(r->ids, p->record.bytes, p->record.n, &r->err);
        if (code != RL_OK) {
            struct rl_err why = r->err;
            rl_fail(&r->err, code, p->path, "%s: record %zu: %s", p->path, number, why.text);
        } else {
            code = next_record(r, p);
            number++;
        }
    }
    rl_hepfile_close(&p->file);
    return code;
}

static enum rl_code check_files(struct replay *r)
{
    enum rl_code code = RL_OK;
    for (size_t i = 0; i < r->nplayers && code == RL_OK; i++)
        code = check_file(r, &r->player[i]);
    return code;
}

/* ---- sending ---- */

static enum rl_code send_failed(struct replay *r)
{
    if (errno == ECONNREFUSED || errno == EPIPE || errno == ECONNRESET)
        return rl_fail(&r->err, RL_E_NO_ENGINE, r->target, "Nobody takes HEP at %s: %s.", r->target,
                       strerror(errno));
    return rl_fail(&r->err, RL_E_IO, r->target, "%s cannot be sent to: %s.", r->target,
                   strerror(errno));
}

static enum rl_code send_bytes(struct replay *r, const uint8_t *bytes, size_t n)
{
    while (n > 0 && !stopped) {
        ssize_t gone = send(r->fd, bytes, n, MSG_NOSIGNAL);
        if (gone < 0 && errno != EINTR)
            return send_failed(r);
        if (gone > 0) {
            bytes += gone;
            n -= (size_t)gone;
        }
    }
    return RL_OK;
}

/* Move a datagram's own time to now; their order among one another stays. */
static void set_time(struct replay *r, const struct player *p, uint8_t *datagram, size_t n)
{
    int64_t mirrored = rl_replay_time(datagram, n);
    double passed = (double)(mirrored - p->mirrored_us) / (r->speed > 0 ? r->speed : MAX_SPEED);
    int64_t us = p->now_us + (int64_t)passed;
    if (!mirrored)
        return;
    rl_replay_set_time(datagram, n, us);
    if (us > r->latest_us)
        r->latest_us = us;
}

static enum rl_code send_record(struct replay *r, const struct player *p)
{
    static uint8_t copy[RL_HEP_MAX];
    size_t n = p->record.n;
    memcpy(copy, p->record.bytes, n);
    set_time(r, p, copy, n);
    if (r->round > 0)
        rl_replay_ids_rename(r->ids, r->first_names + r->round, copy, n);
    r->sent++;
    return send_bytes(r, copy, n);
}

/* "127.0.0.1:9060", "[::1]:9060", "name:9060" into two texts; false if it is neither. */
static bool split_target(const char *target, char host[256], char port[32])
{
    const char *colon = strrchr(target, ':');
    if (!colon || colon == target || !colon[1] || strlen(colon + 1) >= 32 || colon - target >= 256)
        return false;
    bool brackets = target[0] == '[' && colon[-1] == ']';
    int n = (int)(colon - target) - 2 * brackets;
    snprintf(host, 256, "%.*s", n, target + brackets);
    snprintf(port, 32, "%s", colon + 1);
    return n > 0;
}

static enum rl_code open_target(struct replay *r)
{
    char host[256], port[32];
    struct addrinfo hints = {.ai_socktype = r->tcp ? SOCK_STREAM : SOCK_DGRAM}, *list = NULL;
    if (!split_target(r->target, host, port))
        return rl_fail(&r->err, RL_E_USAGE, "", "--to takes HOST:PORT, not \"%s\".", r->target);
    int rc = getaddrinfo(host, port, &hints, &list);
    if (rc != 0)
        return rl_fail(&r->err, RL_E_IO, r->target, "%s is not known: %s.", r->target,
                       gai_strerror(rc));
    for (struct addrinfo *a = list; a && r->fd < 0; a = a->ai_next) {
        r->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (r->fd >= 0 && connect(r->fd, a->ai_addr, a->ai_addrlen) != 0) {
            int why = errno;
            close(r->fd);
            r->fd = -1;
            errno = why;
        }
    }
    freeaddrinfo(list);
    return r->fd >= 0 ? RL_OK : send_failed(r);
}

/* ---- time ---- */

static int64_t due_us(const struct replay *r, const struct player *p)
{
    double passed = (double)(p->latest_us - p->first_us);
    return r->speed > 0 ? p->begun_us + (int64_t)(passed / r->speed) : 0;
}

static void wait_until(int64_t due)
{
    int64_t left;
    while (!stopped && (left = due - rl_monotonic_us()) > 0) {
        int64_t nap = left < NAP_US ? left : NAP_US;
        struct timespec ts = {.tv_nsec = (long)nap * 1000};
        nanosleep(&ts, NULL);
    }
}

static struct player *first_due(const struct replay *r, struct player *player, size_t n)
{
    struct player *first = NULL;
    for (size_t i = 0; i < n; i++)
        if (player[i].more && (!first || due_us(r, &player[i]) < due_us(r, first)))
            first = &player[i];
    return first;
}

/* Send these recordings at the same time, to their ends. */
static enum rl_code play(struct replay *r, struct player *player, size_t n)
{
    enum rl_code code = RL_OK;
    struct player *p;
    for (size_t i = 0; i < n && code == RL_OK; i++)
        code = open_player(r, &player[i]);
    while (code == RL_OK && !stopped && (p = first_due(r, player, n))) {
        wait_until(due_us(r, p));
        if (!stopped)
            code = send_record(r, p);
        if (code == RL_OK)
            code = next_record(r, p);
    }
    for (size_t i = 0; i < n; i++)
        rl_hepfile_close(&player[i].file);
    return code;
}

static enum rl_code play_round(struct replay *r)
{
    enum rl_code code = RL_OK;
    if (r->parallel)
        return play(r, r->player, r->nplayers);
    for (size_t i = 0; i < r->nplayers && code == RL_OK && !stopped; i++)
        code = play(r, &r->player[i], 1);
    return code;
}

static enum rl_code play_all(struct replay *r)
{
    enum rl_code code = check_files(r);
    if (code == RL_OK)
        code = open_target(r);
    do {
        if (code == RL_OK)
            code = play_round(r);
        r->round++;
    } while (code == RL_OK && r->loop && !stopped);
    if (r->fd >= 0)
        close(r->fd);
    return code;
}

/* ---- the command ---- */

static bool read_speed(struct rl_cli *cli, double *speed)
{
    const char *text = rl_parsed_option(cli->args, "speed");
    char *end;
    *speed = 1;
    if (!text)
        return true;
    *speed = 0;
    if (strcmp(text, "max") == 0)
        return true;
    *speed = strtod(text, &end);
    if (*text && !*end && *speed >= 0.001 && *speed <= 1e6)
        return true;
    rl_cli_usage(cli, "--speed takes a number above 0, or max, not \"%s\".", text);
    return false;
}

static int run_replay(struct replay *r)
{
    struct sigaction action = {.sa_handler = stop};
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < 3; i++)
        sigaction(ending[i], &action, NULL);
    if (play_all(r) != RL_OK)
        return rl_cli_fail(r->cli, &r->err, NULL);
    if (r->cli->args->format == RL_JSON) {
        json_t *told =
            json_pack("{s:I, s:I}", "sent", (json_int_t)r->sent, "rounds", (json_int_t)r->round);
        rl_print_json(told, false);
        json_decref(told);
    } else {
        printf("%lld datagrams sent to %s\n", r->sent, r->target);
    }
    return 0;
}

/* Send to the engine's own port, and stay connected meanwhile: a private engine ends with us. */
static int replay_to_engine(struct replay *r)
{
    int status = rl_cli_connect(r->cli);
    if (status == 0) {
        const struct rl_client_info *info = rl_client_info(r->cli->client);
        snprintf(r->target, sizeof r->target, "%s", r->tcp ? info->hep_tcp : info->hep_udp);
        if (*r->target)
            status = run_replay(r);
        else
            status =
                rl_cli_usage(r->cli, "The engine takes no HEP over %s.", r->tcp ? "TCP" : "UDP");
    }
    rl_cli_disconnect(r->cli);
    return status;
}

int rl_cmd_hep_replay(struct rl_cli *cli)
{
    const struct rl_parsed *args = cli->args;
    const char *to = rl_parsed_option(args, "to");
    struct replay r = {
        .cli = cli,
        .nplayers = args->nargs,
        .loop = rl_parsed_option(args, "loop") != NULL,
        .parallel = rl_parsed_option(args, "parallel") != NULL,
        .tcp = rl_parsed_option(args, "tcp") != NULL,
        .first_names = (uint64_t)rl_now_us(),
        .fd = -1,
    };
    if (!read_speed(cli, &r.speed))
        return rl_code_info(RL_E_USAGE)->exit_status;
    if (r.loop)
        r.ids = rl_replay_ids_new();
    r.player = rl_alloc(args->nargs * sizeof *r.player);
    for (size_t i = 0; i < args->nargs; i++)
        r.player[i].path = args->arg[i];
    snprintf(r.target, sizeof r.target, "%s", to ? to : "");
    int status = to ? run_replay(&r) : replay_to_engine(&r);
    rl_replay_ids_free(&r.ids);
    free(r.player);
    return status;
}
