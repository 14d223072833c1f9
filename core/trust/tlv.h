/* Elements of tag (1 byte), length (2 bytes) and value, of which trust lists and signed files are
 * made. A table says which there are; one reader and one writer go by it. Numbers are big-endian,
 * texts are UTF-8 and end in NUL. */
#ifndef RL_TRUST_TLV_H
#define RL_TRUST_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringlock/buf.h"
#include "ringlock/err.h"

/* What an element may stand in. */
enum rl_tlv_kind {
    RL_TLV_LIST = 1 << 0,     /* CTLFile.tlv, ITLFile.tlv */
    RL_TLV_SIGNED = 1 << 1,   /* .sgn */
    RL_TLV_ENCRYPTED = 1 << 2 /* .enc.sgn */
};

/* The form of a value, and the member of the struct that holds it. */
enum rl_tlv_form {
    RL_TLV_VERSION, /* struct rl_tlv_version */
    RL_TLV_U8,      /* uint8_t */
    RL_TLV_U16,     /* uint16_t */
    RL_TLV_U32,     /* uint32_t */
    RL_TLV_TEXT,    /* struct rl_bytes, without the NUL: UTF-8 that holds none */
    RL_TLV_BYTES,   /* struct rl_bytes, at least one */
    RL_TLV_GROUP,   /* other elements; no member */
    RL_TLV_PADDING  /* single bytes up to a multiple of four, at the end; no member */
};

struct rl_tlv_version {
    uint8_t major, minor;
};

enum { RL_TLV_TAGS = 32, RL_TLV_SIZE_MAX = 0xffff };

/* A row; rows stand in the order of writing, the elements of a group right behind it. */
struct rl_tlv_element {
    uint8_t tag;
    uint8_t group; /* the tag of the group that it stands in; 0: in none */
    enum rl_tlv_form form;
    uint16_t length; /* of the value; 0: any */
    unsigned may;    /* rl_tlv_kind: where it may occur */
    unsigned must;   /* and where it must */
    size_t member;   /* offset in the struct */
    const char *name;
};

/* A run of elements that begins with those of the tags 1, 2, ... up to `size`, whose value is the
 * length of the whole run, itself included. */
struct rl_tlv_table {
    const char *what; /* "header" */
    uint8_t size;
    size_t has;                           /* offset of the uint32_t with a bit for each tag */
    const struct rl_tlv_element *element; /* ends with a name of NULL */
};

/* A file being read or written. */
struct rl_tlv_file {
    const uint8_t *bytes; /* borrowed: all of it */
    size_t n;
    const char *object; /* borrowed: its name, safe */
    enum rl_tlv_kind kind;
    size_t at[RL_TLV_TAGS];       /* where the elements of the last run begin */
    struct rl_problems *warnings; /* may be NULL; told with the struct's W-TRUST-FILE */
    struct rl_err *err;
};

/* Read the run at `from`, *size bytes long, into the struct `out`, which is zeroed first; its texts
 * and bytes are borrowed from the file. E-TRUST-FILE names the byte and the element. */
enum rl_code rl_tlv_read(struct rl_tlv_file *file, const struct rl_tlv_table *table, size_t from,
                         void *out, size_t nout, size_t *size);

/* Append the run of the struct `in`: elements that must be there, and those whose bit is set. The
 * length of the whole is put in. at[] are offsets in `out`. E-VALUE for what does not fit. */
enum rl_code rl_tlv_write(struct rl_tlv_file *file, const struct rl_tlv_table *table,
                          const void *in, struct rl_buf *out);

/* Refuse an element of the last run: "NAME, byte 474: element 14 (file name) of the header ...".
 * Returns E-TRUST-FILE. */
enum rl_code rl_tlv_refuse(struct rl_tlv_file *file, const struct rl_tlv_table *table, uint8_t tag,
                           const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same as a warning. */
void rl_tlv_warn(struct rl_tlv_file *file, const struct rl_tlv_table *table, uint8_t tag,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
