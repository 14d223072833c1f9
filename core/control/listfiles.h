/* The trust lists as files in tftp/ of the site, and the names by which phones ask for them. The
 * database is the truth; here it is brought into the directory, so that a server sees each list as
 * it was or as it is, and nothing between. Phones ask for CTLSEP001122334455.tlv: those names are
 * symbolic links to the one file, so that a new list is one rename for all of them. */
#ifndef RL_CONTROL_LISTFILES_H
#define RL_CONTROL_LISTFILES_H

#include "trust/listing.h"

/* Write a list beside its place in the directory `dir`, and wait until the disk has it. E-IO. */
enum rl_code rl_listfile_stage(const char *dir, enum rl_list_kind kind, const void *bytes, size_t n,
                               struct rl_err *err);
/* Put it into its place: servers give it to phones from now on. E-IO. */
enum rl_code rl_listfile_place(const char *dir, enum rl_list_kind kind, struct rl_err *err);
/* Take away what was written beside it. */
void rl_listfile_drop(const char *dir, enum rl_list_kind kind);

/* Make the file what the database says; NULL: there is none. What a crash left beside it goes. An
 * intact file is left alone. E-IO. */
enum rl_code rl_listfile_settle(const char *dir, enum rl_list_kind kind, const void *bytes,
                                size_t n, struct rl_err *err);

/* The two names of a phone in the open directory: made, or (`there` false) taken away. What is
 * right already is left alone. E-IO. */
enum rl_code rl_listlink_settle(int dir, const char *phone, bool there, struct rl_err *err);
/* Is this the name of a phone for a list? Its name (borrowed from `file`) and length. */
bool rl_listlink_is(const char *file, const char **phone, size_t *n);

#endif
