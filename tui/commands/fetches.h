/* Logs of the servers that phones fetch their files from: which trust list was fetched, and when.
 * Lines of tftpd-hpa, atftpd and dnsmasq in syslog, of Apache and nginx (common or combined), and
 * whatever begins with a time as RFC 3339 has it and names a list. */
#ifndef RL_COMMANDS_FETCHES_H
#define RL_COMMANDS_FETCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RL_FETCH_NAME = 80 };

struct rl_fetch {
    char file[RL_FETCH_NAME]; /* "CTLSEP001122334455.tlv", without its directory */
    int64_t at_us;            /* since 1970 */
};

/* Read one line, without its end. Times of syslog have neither year nor zone: the zone is that of
 * this process, the year the latest in which the time is not after tomorrow. False: it tells of no
 * list that was given. Time is linear. */
bool rl_fetch_read(const char *line, size_t n, int64_t now_us, struct rl_fetch *out);

#endif
