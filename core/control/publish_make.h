/* Inside the publisher: the files of one phone, made in a worker. */
#ifndef RL_CONTROL_PUBLISH_MAKE_H
#define RL_CONTROL_PUBLISH_MAKE_H

#include "control/ring.h"
#include "control/trustfile.h"
#include "engine/config.h"
#include "policy/publish.h"
#include "store/publish.h"
#include "trust/phone_config.h"

/* What the site says to all phones, with texts of its own: a worker keeps it while ringlock.conf is
 * read again. */
struct rl_publish_site {
    struct rl_phone_site phone;
    bool sha512;
    char **text; /* owned */
    size_t ntext;
};
void rl_publish_site_init(struct rl_publish_site *site, const struct rl_config *config, bool mixed);
void rl_publish_site_fini(struct rl_publish_site *site);
/* A fingerprint of all of it, beside the mode, which is noted where it changes. */
void rl_publish_site_digest(const struct rl_publish_site *site, char out[65]);

/* Who signs: of one ring, in one worker. */
struct rl_publish_signer {
    struct rl_ring *ring; /* borrowed */
    const struct rl_key *key;
    struct rl_trust_entry entry;
    struct rl_trust_header header[2]; /* of signed and of encrypted files */
    char fingerprint[65];
    bool lists; /* a trust list is published: phones ask for signed files */
};
/* The active TFTP certificate of the ring. E-INTERNAL if there is none, E-VALUE if phones take no
 * signature of its key. */
enum rl_code rl_publish_signer_init(struct rl_publish_signer *signer, struct rl_ring *ring,
                                    struct rl_store *store, struct rl_err *err);
void rl_publish_signer_fini(struct rl_publish_signer *signer);

enum rl_made_what { RL_MADE_SAME, RL_MADE_NEW, RL_MADE_GONE, RL_MADE_FAILED };
enum { RL_MADE_FILES = 3 };

struct rl_made {
    enum rl_made_what what;
    struct rl_published row; /* NEW: to be put; GONE: its name */
    struct rl_made_file {
        char *name;
        struct rl_buf bytes;
    } file[RL_MADE_FILES]; /* in the order of placing */
    size_t nfiles;
    char *stale[RL_MADE_FILES]; /* names to be taken away afterwards */
    size_t nstale;
    struct rl_err err; /* FAILED */
};
void rl_made_fini(struct rl_made *made);

/* Make the files of a phone, if they differ from what was published; `force` makes them anyway. */
void rl_publish_make(struct rl_store *store, const struct rl_publish_site *site,
                     const struct rl_publish_signer *signer, const char *phone, bool force,
                     struct rl_made *out);

/* publish_dir.c: write what was made beside its place in the open directory, wait until the disk
 * has it, put all into place and take away what is stale. What fails is marked so. */
void rl_publish_place(int dir, struct rl_made *made, size_t n);
/* Take away what a crash left there; once, before anything is placed. */
void rl_publish_sweep(int dir);
/* True if the files of a row are there with their lengths. */
bool rl_publish_is_placed(int dir, const struct rl_published *row);

#endif
