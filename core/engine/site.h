/* The site directory: made, opened, locked (design.md, "Site directory"). */
#ifndef RL_ENGINE_SITE_H
#define RL_ENGINE_SITE_H

#include "ringlock/err.h"

/* An open site. Paths are absolute and owned by it. */
struct rl_site {
    char *dir, *conf, *db, *keys, *log;
    int lock_fd; /* holds SITE/engine.lock; -1 = not locked */
};

/* Find the directory and refuse what cannot be served: E-SITE-MISSING, E-SITE-OPEN (others than its
 * owner may write, or it belongs to neither us nor root). rl_site_close frees. */
enum rl_code rl_site_open(const char *dir, struct rl_site *out, struct rl_err *err);
/* Become the only engine of the site: E-SITE-BUSY names the process that is it. */
enum rl_code rl_site_lock(struct rl_site *site, struct rl_err *err);
/* Tell who comes next that it is free soon: rl_site_lock waits some seconds then. */
void rl_site_leave(const struct rl_site *site);
void rl_site_close(struct rl_site *site);

/* Path of a file in the site; owned by the caller. */
char *rl_site_path(const struct rl_site *site, const char *name);

/* What `ringlock init` makes. */
struct rl_site_request {
    const char *dir;
    const char *name; /* NULL: the last part of dir */
    const char *mode; /* cluster mode asked for, or NULL; all but nonsecure is E-INIT-MODE (R1) */
    const char *packs_dir;
};
/* Make the site beside its place and move it there when it is whole: a failure leaves nothing.
 * E-SITE-EXISTS, E-INIT-MODE, E-CERT-GEN, E-IO and what objects refuse. */
enum rl_code rl_site_init(const struct rl_site_request *request, struct rl_err *err);

/* The directories of a site, empty. E-IO. */
enum rl_code rl_site_make_dirs(const char *dir, struct rl_err *err);

/* Name of the user with this uid, or the number as text; owned by the caller. */
char *rl_user_name(unsigned uid);

#endif
