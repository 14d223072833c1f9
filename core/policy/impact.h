/* What becomes of phones when one of the server's own certificates is replaced or taken away, and
 * the order in which nothing does (security-model.md 13; R12, R16). Facts in, sentences out. Pure.
 */
#ifndef RL_POLICY_IMPACT_H
#define RL_POLICY_IMPACT_H

#include <stdbool.h>
#include <stddef.h>

/* The roles, by what phones need them for. */
enum rl_impact_role {
    RL_IMPACT_CALLMANAGER,
    RL_IMPACT_TFTP,
    RL_IMPACT_CAPF,
    RL_IMPACT_TVS,
    RL_IMPACT_ITLRECOVERY,
    RL_IMPACT_ROLES
};
/* regenerate: another one takes its place at once; activate: the next one does; retire: the former
 * ones leave the lists; remove: it goes, and nothing comes. */
enum rl_impact_act {
    RL_IMPACT_REGENERATE,
    RL_IMPACT_ACTIVATE,
    RL_IMPACT_RETIRE,
    RL_IMPACT_REMOVE,
    RL_IMPACT_ACTS
};
/* "regenerate", "activate", "retire", "remove". Static. */
extern const char *const rl_impact_acts[];

struct rl_impact_facts {
    const char *name; /* of the certificate: "CallManager-ECDSA" */
    enum rl_impact_role role;
    enum rl_impact_act act;
    bool lists;          /* a list with this role is published */
    bool files;          /* configuration files are */
    bool next, former;   /* there is such a one */
    bool listed;         /* the newest lists have the next one; without one, the active one */
    bool tvs_moves;      /* TVS has a next or former one */
    size_t phones;       /* in the site */
    size_t holders;      /* seen with one of the lists */
    size_t lacking;      /* of these: with one that lacks the certificate `listed` is about */
    size_t kept;         /* seen with a CTL that is withdrawn and lacks the signer after the act */
    size_t secure;       /* whose profile is not nonsecure */
    size_t lscs;         /* phones with an LSC that the certificate that goes has signed */
    size_t unsigned_yet; /* phones whose configuration files another one signed than the active */
};

/* What phones do not do any more. */
enum rl_impact_kind {
    RL_IMPACT_TRUST,    /* take new trust lists */
    RL_IMPACT_FILES,    /* take configuration files, encrypted ones neither */
    RL_IMPACT_REGISTER, /* register over TLS */
    RL_IMPACT_ENROL,    /* get, renew or give up an LSC */
    RL_IMPACT_ASK       /* ask about certificates that they do not know */
};
/* "trust", "files", "register", "enrol", "ask". Static. */
const char *rl_impact_kind_name(enum rl_impact_kind kind);

struct rl_impact_effect {
    enum rl_impact_kind kind;
    size_t phones; /* with those that were never seen with a list, and may have any */
    bool lscs;     /* they are those with an LSC, else those that lack a list */
    char text[320];
};
enum { RL_IMPACT_EFFECTS = 4, RL_IMPACT_STEPS = 8 };
/* What the act would do now; returns how many there are. None: nothing happens to phones. */
size_t rl_policy_impact(const struct rl_impact_facts *facts,
                        struct rl_impact_effect effects[RL_IMPACT_EFFECTS]);

/* One step of the safe order. */
struct rl_impact_step {
    const char *id;   /* "tvs", "make", "list", "wait", "activate", "files", "renew", "retire" */
    bool done, next;  /* next: the first that is open */
    size_t left;      /* phones, or files, that it waits for */
    const char *text; /* static */
    char command[96];
};
/* The safe order, with what is done of it: it is found in the facts, so that it goes on after each
 * break. Returns how many steps there are. */
size_t rl_policy_impact_steps(const struct rl_impact_facts *facts,
                              struct rl_impact_step steps[RL_IMPACT_STEPS]);

#endif
