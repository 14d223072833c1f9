/* The one place where files that people name are opened, listed and written. What is read here is
 * sent to the engine as data: the engine opens no file that a client names. */
#ifndef RL_CLIENT_FILES_H
#define RL_CLIENT_FILES_H

#include <jansson.h>

#include "ringlock/err.h"

/* From now on files are plain names in `folder` alone: no directories, no links are followed.
 * NULL: no file can be opened at all. The folder is opened here, so that moving it changes
 * nothing. E-IO. */
enum rl_code rl_files_confine(const char *folder, struct rl_err *err);

/* Open a regular file for reading; directories, pipes and devices are E-IO. "~/" in front is the
 * home directory. *fd is owned: close it. E-IO, E-VALUE (no name for a confined client). */
enum rl_code rl_file_open(const char *path, int *fd, struct rl_err *err);

/* The whole of a regular file: *bytes is owned, n bytes and a NUL behind them. E-VALUE if it is
 * larger than `max` bytes, else as rl_file_open. */
enum rl_code rl_file_read(const char *path, size_t max, char **bytes, size_t *n,
                          struct rl_err *err);

/* The same of standard input, also for a confined client. */
enum rl_code rl_input_read(size_t max, char **bytes, size_t *n, struct rl_err *err);

/* The path of a file that another file names: from the folder of that one (`of`) on, unless it is
 * absolute or begins with "~/". Owned. */
char *rl_file_beside(const char *of, const char *path);

/* The last part of a path; borrowed from it. */
const char *rl_file_name(const char *path);

/* True if there is something of that name. */
bool rl_file_is_there(const char *path);

/* A file's bytes as a text that travels to the engine: PEM as it is, anything else in base64.
 * Owned. */
char *rl_file_data(const char *bytes, size_t n);

/* Write a file that is not there yet, for its owner alone. E-EXISTS, E-IO, E-VALUE as above. */
enum rl_code rl_file_write(const char *path, const char *bytes, size_t n, struct rl_err *err);

/* A file that is written in parts and is there once it is whole, not at all before: without a name
 * where the file system can do that, so that whatever happens nothing is left; else under another
 * one beside it. Mode 0600. */
struct rl_saving {
    char *path;       /* owned */
    const char *base; /* its last part */
    char *temp;       /* owned; NULL: the file has no name yet */
    int folder, fd;   /* -1: none */
    bool replace;
};
/* `replace`: in place of a file that is there. E-EXISTS, also for what is no file; E-IO, E-VALUE.
 */
enum rl_code rl_saving_begin(const char *path, bool replace, struct rl_saving *out,
                             struct rl_err *err);
/* E-IO: nothing is left. */
enum rl_code rl_saving_add(struct rl_saving *s, const void *bytes, size_t n, struct rl_err *err);
/* On the disk and under its name; frees. E-EXISTS, E-IO: nothing is left. */
enum rl_code rl_saving_end(struct rl_saving *s, struct rl_err *err);
void rl_saving_drop(struct rl_saving *s); /* nothing is left; harmless after any of the others */

/* The folder of a file that may be named, for those who make files: an owned descriptor. */
enum rl_code rl_file_folder(const char *path, int *folder, struct rl_err *err);

/* The files and directories ("sub/") whose path begins with `text`, as an owned array of paths in
 * the order of their names. Hidden ones only if a dot was typed. Never NULL. */
json_t *rl_files_list(const char *text);

/* As far as all of them agree, as a shell completes; owned. NULL if nothing begins so. */
char *rl_files_complete(const char *text);

#endif
