/* Recordings of a HEP stream: a row of 8 bytes time (microseconds since 1970), 4 bytes length, the
 * datagram; numbers are big-endian. */
#ifndef RINGLOCK_HEPFILE_H
#define RINGLOCK_HEPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringlock/err.h"

enum { RL_HEP_MIN = 6, RL_HEP_MAX = 65535 }; /* bytes of one HEPv3 packet: its length has 16 bits */

struct rl_hep_record {
    int64_t time_us;      /* when the datagram came */
    const uint8_t *bytes; /* borrowed until the next rl_hepfile_next */
    size_t n;
};

struct rl_hepfile;

/* Open a recording; "-" is standard input. *file is owned by the caller. Codes: E-IO. */
enum rl_code rl_hepfile_open(const char *path, struct rl_hepfile **file, struct rl_err *err);

/* Read the next record; *more is false, and *rec as it was, at the end. Refused, with the number of
 * the record counted from 0: a record cut short, one that is no HEPv3 packet, one whose length is
 * not the packet's own, and a file without records. Codes: E-HEP-FILE, E-IO. */
enum rl_code rl_hepfile_next(struct rl_hepfile *file, struct rl_hep_record *rec, bool *more,
                             struct rl_err *err);

/* Closes it and sets *file NULL; NULL is ignored. */
void rl_hepfile_close(struct rl_hepfile **file);

#endif
