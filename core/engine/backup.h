/* A backup under way: what a site is at one moment, as a sealed stream (ringlock-backup(5)).
 *
 * rl_backup_new fixes the moment and is quick; rl_backup_prepare and rl_backup_part are for a
 * worker thread, one call at a time. */
#ifndef RL_ENGINE_BACKUP_H
#define RL_ENGINE_BACKUP_H

#include <jansson.h>

#include "engine/site.h"
#include "pki/seal.h"
#include "store/store.h"

/* The first member of the archive, and what it says. */
#define RL_BACKUP_MANIFEST "backup.json"
#define RL_BACKUP_DB       "site.db"
enum { RL_BACKUP_MANIFEST_MAX = 16 * 1024 };

/* May a file of this name be in a backup? Names of a site alone: none leaves its directory. */
bool rl_backup_is_name(const char *name);

struct rl_backup;

/* Whom it is sealed to: one of the two. */
struct rl_backup_to {
    char *passphrase;  /* owned; wiped by rl_backup_prepare */
    char *certificate; /* owned; PEM or DER */
    size_t ncertificate;
};

void rl_backup_to_fini(struct rl_backup_to *to); /* wipes the passphrase */

/* The moment is now: the database as committed, and the files of the site as they are. Takes `to`.
 * E-IO, and what the store refuses. */
enum rl_code rl_backup_new(const struct rl_site *site, const struct rl_store *store,
                           struct rl_backup_to *to, struct rl_backup **out, struct rl_err *err);
/* Copy the database, make the key: takes long. E-VALUE, E-CERT-PARSE, E-CERT-WEAK, E-IO. */
enum rl_code rl_backup_prepare(struct rl_backup *b, struct rl_err *err);
/* How long the stream will be, in bytes; after rl_backup_prepare. */
int64_t rl_backup_length(const struct rl_backup *b);
/* Append the next part of the stream; *last tells that it was the last. E-IO. */
enum rl_code rl_backup_part(struct rl_backup *b, struct rl_buf *out, bool *last,
                            struct rl_err *err);
/* Before the first backup: remove the copy of the database, which an engine that was killed in the
 * instant between making and opening it has left. */
void rl_backup_clean(const struct rl_site *site);
/* Make a call that is under way in the worker end soon; from any thread. */
void rl_backup_stop(struct rl_backup *b);
void rl_backup_free(struct rl_backup **b);

#endif
