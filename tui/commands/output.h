/* What commands print: tables and records for people, JSON and CSV for scripts. Nothing foreign
 * reaches the terminal as it came. */
#ifndef RL_COMMANDS_OUTPUT_H
#define RL_COMMANDS_OUTPUT_H

#include "commands/cli.h"

enum rl_column_flag {
    RL_COL_WHOLE = 1 << 0, /* cut last: the name by which a row is asked for */
    RL_COL_PLAIN = 1 << 1, /* for people only: no column of the CSV */
    RL_COL_DATA = 1 << 2,  /* for CSV only: not in the table for people */
    RL_COL_LOCK = 1 << 3,  /* LOCK, SHLD, OPEN: coloured where colour is wanted */
};

struct rl_column {
    const char *key;   /* of the CSV header */
    const char *title; /* of the table for people */
    unsigned flags;
    /* The cell's text, owned. NULL = the member `key` of the object, as rl_cmd_text gives it. */
    char *(*text)(const json_t *object);
};

/* A list that is printed as it comes, in parts. */
struct rl_listing {
    const struct rl_cli *cli;
    const struct rl_column *column;
    struct rl_column *chosen; /* owned; those of --fields, or NULL */
    size_t ncolumns;
    bool each_line; /* JSON rows are documents of their own, a line each */
    size_t rows;
    int *width;   /* owned; of each column, from the first part */
    json_t *held; /* owned; rows of the first part until the widths are known */
};

/* A list in the format that cli asks for. cli and the columns are borrowed to the end of the list.
 * 0, or the exit status of a refusal that was told: --fields names a column that there is not. */
int rl_listing_begin(struct rl_listing *l, struct rl_cli *cli, const struct rl_column *column,
                     size_t ncolumns);
/* Print one row; the object is borrowed. */
void rl_listing_row(struct rl_listing *l, const json_t *object);
/* A part is complete: what was held for the widths is printed. False when nobody reads any more. */
bool rl_listing_part(struct rl_listing *l);
/* Print what is left and end the document. */
void rl_listing_end(struct rl_listing *l);
/* All of an array in one go; the exit status of rl_listing_begin. */
int rl_cmd_rows(struct rl_cli *cli, const struct rl_column *column, size_t ncolumns,
                const json_t *rows);
/* The same of one object. */
int rl_cmd_row(struct rl_cli *cli, const struct rl_column *column, size_t ncolumns,
               const json_t *object);
/* Free without ending the document: after a failure half way. */
void rl_listing_drop(struct rl_listing *l);

/* Print one JSON value as a document; `line` puts it on one line. */
void rl_print_json(const json_t *value, bool line);

/* Print "Label  value" for people; an empty value shows as "-". The label is ours, the value made
 * safe. */
void rl_print_field(const struct rl_cli *cli, const char *label, const char *value);
/* A heading between fields. */
void rl_print_heading(const struct rl_cli *cli, const char *title);
/* Text for people, made safe; on a terminal what does not fit goes on below, indented by so many
 * cells (the first line's indent was printed). */
void rl_print_wrapped(const struct rl_cli *cli, int indent, const char *text);
/* The same without indent. */
void rl_print_line(const struct rl_cli *cli, const char *text);

/* What an answer notes beside its result, a line each, for people. */
void rl_print_notes(const struct rl_cli *cli, const json_t *result);

/* A JSON value as text: lists joined by ';', true and false as yes and no, null as "", an
 * object as it is. Owned. */
char *rl_cmd_text(const json_t *value);
/* The same for people: the protocol's words ("not-tls") as they say them ("not TLS"). Owned. */
char *rl_cmd_words(const json_t *value);
/* A member that is a string; "" if it is none. Borrowed from the object. */
const char *rl_cmd_str(const json_t *object, const char *key);

/* Flush standard output. 0, also when its reader has gone; E-IO, told, on other failures. */
int rl_output_finish(void);
/* True once writing to standard output has failed. */
bool rl_output_broken(void);

#endif
