/* Lines of servers' logs: which list was given, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands/fetches.h"
#include "ringlock/time.h"

#define NOW "2026-11-30T14:00:00Z"

/* `at` NULL: it tells of no list that was given. */
static const struct {
    const char *line, *at, *file;
} cases[] = {
  /* tftpd-hpa, by rsyslog with times of either kind, and by journalctl -o short-iso */
    {"Nov 30 13:48:19 pbx in.tftpd[123]: RRQ from 192.0.2.7 filename CTLSEP001122334455.tlv",
     "2026-11-30T13:48:19.000Z",                                                                                               "CTLSEP001122334455.tlv"},
    {"Dec  3 01:02:03 pbx in.tftpd[123]: RRQ from 192.0.2.7 filename /ITLSEP001122334455.tlv",
     "2025-12-03T01:02:03.000Z",                                                                                               "ITLSEP001122334455.tlv"},
    {"Dec  1 13:00:00 pbx in.tftpd[1]: RRQ from ::1 filename CTLSEP1.tlv",
     "2026-12-01T13:00:00.000Z",                                                                                               "CTLSEP1.tlv"           },
    {"2026-11-30T13:48:19.250+01:00 pbx in.tftpd[1]: RRQ from ::1 filename CTLSEP1.tlv",
     "2026-11-30T12:48:19.250Z",                                                                                               "CTLSEP1.tlv"           },
    {"2026-11-30T13:48:19-0130 pbx in.tftpd[1]: RRQ from ::1 filename CTLSEP1.tlv",
     "2026-11-30T15:18:19.000Z",                                                                                               "CTLSEP1.tlv"           },
    {"Nov 30 13:48:19 pbx in.tftpd[1]: sending NAK (1, File not found) to ::1 for CTLSEP1.tlv",
     NULL,                                                                                                                     NULL                    },
 /* dnsmasq and atftpd */
    {"Nov 30 13:48:19 pbx dnsmasq-tftp[9]: sent /srv/tftp/CTLSEP1.tlv to 192.0.2.7",
     "2026-11-30T13:48:19.000Z",                                                                                               "CTLSEP1.tlv"           },
    {"Nov 30 13:48:19 pbx dnsmasq-tftp[9]: file /srv/tftp/CTLSEP1.tlv not found for 192.0.2.7",
     NULL,                                                                                                                     NULL                    },
    {"Nov 30 13:48:19 pbx atftpd[9]: Serving CTLSEP1.tlv to 192.0.2.7:50001",
     "2026-11-30T13:48:19.000Z",                                                                                               "CTLSEP1.tlv"           },
 /* Apache and nginx */
    {"192.0.2.7 - - [30/Nov/2026:13:48:19 +0200] \"GET /CTLSEP1.tlv HTTP/1.1\" 200 2048 \"-\" "
     "\"Cisco/1\"",                                                                           "2026-11-30T11:48:19.000Z", "CTLSEP1.tlv"           },
    {"192.0.2.7 - - [30/Nov/2026:13:48:19 +0000] \"GET /tftp/CTLSEP1.tlv HTTP/1.1\" 404 12",       NULL,
     NULL                                                                                                                                              },
    {"192.0.2.7 - - [30/Nov/2026:13:48:19 +0000] \"GET /CTLSEP1.tlv HTTP/1.1\" 206 12",            NULL,                       NULL                    },
    {"192.0.2.7 - - [30/Nov/2026:13:48:19 +0000] \"HEAD /CTLSEP1.tlv HTTP/1.1\" 200 0",            NULL,                       NULL                    },
    {"192.0.2.7 - - [30/Nov/2026:13:48:19 +0000] \"GET / HTTP/1.1\" 200 9 \"/CTLSEP1.tlv\" \"x\"",
     NULL,                                                                                                                     NULL                    },
 /* others */
    {"2026-11-30T13:48:19Z CTLSEP1.tlv",                                                           "2026-11-30T13:48:19.000Z", "CTLSEP1.tlv"           },
    {"2026-11-30T13:48:19Z SEP1.cnf.xml.sgn",                                                      NULL,                       NULL                    },
    {"2026-11-30T13:48:19Z XTLSEP1.tlv CTL.tlv",                                                   NULL,                       NULL                    },
    {"CTLSEP1.tlv",                                                                                NULL,                       NULL                    },
    {"2026-11-30T13:48:19Z",                                                                       NULL,                       NULL                    },
    {"2026-11-30 13:48:19 CTLSEP1.tlv",                                                            NULL,                       NULL                    },
    {"Foo 30 13:48:19 pbx in.tftpd[1]: RRQ from ::1 filename CTLSEP1.tlv",                         NULL,                       NULL                    },
    {"2026-11-30T13:48:19Z \xff CTLSEP1.tlv",                                                      NULL,                       NULL                    },
    {"",                                                                                           NULL,                       NULL                    },
};

static void lines_are_read_as_they_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rl_fetch fetch;
        char at[RL_TIME_TEXT];
        bool is = rl_fetch_read(cases[i].line, strlen(cases[i].line), rl_time_parse(NOW), &fetch);
        if (is != (cases[i].at != NULL))
            fail_msg("%s", cases[i].line);
        if (!is)
            continue;
        assert_string_equal(rl_time_text(fetch.at_us, 1, at), cases[i].at);
        assert_string_equal(fetch.file, cases[i].file);
    }
}

static void what_is_too_long_is_passed_over(void **state)
{
    enum { LONG = 10000 };
    static const char head[] = "2026-11-30T13:48:19Z CTL", tail[] = ".tlv";
    char *line = malloc(LONG);
    struct rl_fetch fetch;
    (void)state;
    for (size_t n = 110; n <= LONG; n += LONG - 110) {
        memset(line, 'x', n);
        memcpy(line, head, strlen(head));
        memcpy(line + n - strlen(tail), tail, strlen(tail));
        assert_false(rl_fetch_read(line, n, rl_time_parse(NOW), &fetch));
    }
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_as_they_come),
        cmocka_unit_test(what_is_too_long_is_passed_over),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
