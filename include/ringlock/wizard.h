/* The two wizards that make preferred-vendor phones secure, as tables of steps in the order of the
 * guide (R86 to R110). Console, command and engine read the same tables. No I/O. */
#ifndef RINGLOCK_WIZARD_H
#define RINGLOCK_WIZARD_H

#include "ringlock/model.h"

/* A question of a step: the field of an object that the wizard will make. In answers it stands as
 * "KIND.FIELD", for example "profile.mode". */
struct rl_wizard_field {
    enum rl_kind kind;
    int field;
};

enum rl_wizard_page {
    RL_PAGE_FIELDS,      /* the questions alone */
    RL_PAGE_CERTIFICATE, /* one certificate file, and what is read from it (R95, R97) */
    RL_PAGE_UPLOADS,     /* one certificate file for each phone (R86) */
    RL_PAGE_PROFILES,    /* the profiles that there are for the type (R87, R99) */
    RL_PAGE_PHONES       /* the phones to be made or changed, a row each (R90, R107) */
};

struct rl_wizard_step {
    const char *id;       /* "upload" */
    const char *label;    /* "Upload": the line of steps */
    const char *sentence; /* "Upload one certificate for each phone." */
    const char *window;   /* where administrators know it from, as the guide names it */
    const char *help;     /* what matters here, one or two sentences */
    const char *rule;     /* "R86" */
    enum rl_wizard_page page;
    const struct rl_wizard_field *fields; /* nfields of them; of the objects' tables */
    size_t nfields;
};

struct rl_wizard {
    const char *kind;  /* "per-device", "shared": commands, drafts, cert_mode of a type */
    const char *title; /* "Per-device certificates" */
    const struct rl_wizard_step *steps;
    size_t nsteps;
};

/* Both of them. Static; ends with a kind of NULL. */
extern const struct rl_wizard rl_wizards[];
/* By kind; NULL if there is none. */
const struct rl_wizard *rl_wizard_find(const char *kind);
/* Index of a step; -1 if there is none. */
int rl_wizard_step(const struct rl_wizard *w, const char *id);

#endif
