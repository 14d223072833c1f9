#include "policy/impact.h"

#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"

enum { ALL = (1 << RL_IMPACT_ACTS) - 1 };

const char *const rl_impact_acts[] = {"regenerate", "activate", "retire", "remove", NULL};

const char *rl_impact_kind_name(enum rl_impact_kind kind)
{
    static const char *const names[] = {"trust", "files", "register", "enrol", "ask"};
    return names[kind];
}

/* Into a text of fixed size, cut at its end; takes `text`. */
static void put(char *out, size_t size, char *text)
{
    size_t n = strlen(text);
    n = n < size ? n : size - 1;
    memcpy(out, text, n);
    out[n] = '\0';
    free(text);
}

/* ---- what would happen ---- */

#define AT(act) (1 << RL_IMPACT_##act)

/* Whom a row is about. */
enum whom {
    LACKING, /* their list lacks the certificate that is used after the act */
    SECURE,  /* of these, those that register over TLS */
    KEPT,    /* who hold a CTL from the time of mixed mode */
    LSCS,    /* whose LSC was signed by the one that goes */
    FILES    /* whose configuration files it has signed */
};

/* security-model.md 13: what each certificate is for, and what lists have it. */
static const struct {
    enum rl_impact_role role;
    unsigned acts;
    enum rl_impact_kind kind;
    enum whom whom;
    bool files; /* only where configuration files are published */
    const char *text;
} effects_of[] = {
    {RL_IMPACT_CALLMANAGER, ALL,                     RL_IMPACT_REGISTER, SECURE,  false,
     "would not register over TLS: their list lacks the certificate that authenticates the server "
     "(E-DEVICE-CTL-OLD)"                                                         },
    {RL_IMPACT_TFTP,        ALL,                     RL_IMPACT_FILES,    LACKING, true,
     "would refuse their configuration files, encrypted ones too, signed by a certificate "
     "that their list lacks"                                                      },
    {RL_IMPACT_TFTP,        AT(RETIRE) | AT(REMOVE), RL_IMPACT_FILES,    FILES,   true,
     "would refuse their configuration files, which are not signed anew yet"      },
    {RL_IMPACT_CAPF,        ALL,                     RL_IMPACT_ENROL,    LACKING, false,
     "would not speak with CAPF, and get no LSC: their list lacks its certificate"},
    {RL_IMPACT_CAPF,        AT(RETIRE) | AT(REMOVE), RL_IMPACT_REGISTER, LSCS,    false,
     "would lose their LSC, which it has signed: it proves nothing over TLS any more, and their "
     "encrypted files are made for it"                                            },
    {RL_IMPACT_TVS,         ALL,                     RL_IMPACT_ASK,      LACKING, false,
     "could not ask about certificates that their list lacks: the way out of a lost signer is "
     "closed"                                                                     },
    {RL_IMPACT_ITLRECOVERY, ALL,                     RL_IMPACT_TRUST,    LACKING, false,
     "would refuse each later trust list, signed by a certificate that is no signer in "
     "theirs"                                                                     },
    {RL_IMPACT_ITLRECOVERY, ALL,                     RL_IMPACT_TRUST,    KEPT,    false,
     "would judge the ITL by a CTL from the time of mixed mode: it lacks the signer, so "
     "that they have to ask TVS"                                                  },
};

/* Nobody has the list with a certificate that is not made yet; without any nobody has anything. */
static size_t lacking(const struct rl_impact_facts *f)
{
    if (!f->lists)
        return 0;
    return f->act == RL_IMPACT_REGENERATE || f->act == RL_IMPACT_REMOVE ? f->holders : f->lacking;
}

/* Phones may have fetched a list that nobody told of. */
static size_t unseen(const struct rl_impact_facts *f)
{
    return f->lists && f->phones > f->holders ? f->phones - f->holders : 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* "2 phones, and up to 3 that were never seen with a list,". Owned. */
static char *whom_text(size_t known, size_t maybe, bool all)
{
    const char *s = known == 1 ? "" : "s", *upto = all ? "" : "Up to ";
    if (!maybe)
        return rl_asprintf("%s%zu phone%s", upto, known, s);
    if (!known)
        return rl_asprintf("Up to %zu phone%s never seen with a list", maybe,
                           maybe == 1 ? "" : "s");
    return rl_asprintf("%s%zu phone%s, and up to %zu never seen with a list,", upto, known, s,
                       maybe);
}

static bool judge(const struct rl_impact_facts *f, size_t i, struct rl_impact_effect *e)
{
    enum whom whom = effects_of[i].whom;
    bool by_list = whom == LACKING || whom == SECURE;
    size_t known = whom == LSCS    ? f->lscs
                   : whom == KEPT  ? f->kept
                   : whom == FILES ? f->unsigned_yet
                                   : lacking(f);
    size_t maybe = by_list ? unseen(f) : 0;
    if (whom == SECURE) {
        known = least(known, f->secure);
        maybe = least(maybe, f->secure - known);
    }
    if (effects_of[i].role != f->role || !(effects_of[i].acts >> f->act & 1) ||
        (effects_of[i].files && !f->files) || known + maybe == 0)
        return false;
    *e = (struct rl_impact_effect){effects_of[i].kind, known + maybe, whom == LSCS, ""};
    char *phones = whom_text(known, maybe, whom != SECURE);
    put(e->text, sizeof e->text, rl_asprintf("%s %s.", phones, effects_of[i].text));
    free(phones);
    return true;
}

size_t rl_policy_impact(const struct rl_impact_facts *f,
                        struct rl_impact_effect effects[RL_IMPACT_EFFECTS])
{
    size_t n = 0;
    if ((f->act == RL_IMPACT_ACTIVATE && !f->next) || (f->act == RL_IMPACT_RETIRE && !f->former))
        return 0; /* there is nothing that it could be done with */
    for (size_t i = 0; i < sizeof effects_of / sizeof *effects_of; i++)
        n += judge(f, i, &effects[n]);
    return n;
}

/* ---- the safe order ---- */

/* Of a rollover: nothing is begun, the next one is there, or it is used and the former one left. */
enum stage { BEGIN, NEXT, USED };

static enum stage stage_of(const struct rl_impact_facts *f)
{
    return f->next ? NEXT : f->former ? USED : BEGIN;
}

static bool tvs_done(const struct rl_impact_facts *f, size_t *left)
{
    (void)left;
    return !f->tvs_moves;
}

static bool made(const struct rl_impact_facts *f, size_t *left)
{
    (void)left;
    return stage_of(f) != BEGIN;
}

static bool listed(const struct rl_impact_facts *f, size_t *left)
{
    (void)left;
    return stage_of(f) != BEGIN && (!f->lists || f->listed);
}

static bool waited(const struct rl_impact_facts *f, size_t *left)
{
    *left = stage_of(f) == BEGIN || !f->lists ? 0 : f->lacking + unseen(f);
    return listed(f, left) && !*left;
}

static bool activated(const struct rl_impact_facts *f, size_t *left)
{
    (void)left;
    return stage_of(f) == USED;
}

static bool filed(const struct rl_impact_facts *f, size_t *left)
{
    *left = stage_of(f) == USED ? f->unsigned_yet : 0;
    return stage_of(f) == USED && !f->unsigned_yet;
}

static bool renewed(const struct rl_impact_facts *f, size_t *left)
{
    *left = stage_of(f) == USED ? f->lscs : 0;
    return stage_of(f) == USED && !f->lscs;
}

static bool never(const struct rl_impact_facts *f, size_t *left)
{
    (void)f;
    (void)left;
    return false; /* once it is, nothing is begun again */
}

#define ROLE(role) (1 << RL_IMPACT_##role)
enum { EVERY = (1 << RL_IMPACT_ROLES) - 1 };

/* Both anchors of a phone must not go at once: TVS comes before those that it vouches for. */
static const struct {
    const char *id;
    unsigned roles;
    bool (*done)(const struct rl_impact_facts *f, size_t *left);
    const char *text, *command;
    bool named; /* the command takes the certificate's name */
} steps_of[] = {
    {"tvs",      EVERY & ~ROLE(TVS), tvs_done,
     "Bring the change of TVS to its end: of two anchors one stays as it is.",                            "ringlock cert impact TVS", false},
    {"make",     EVERY,              made,      "Make the next certificate.",                             "ringlock cert regenerate", true },
    {"list",     EVERY,              listed,    "Publish the trust lists, which have both from then on.",
     "ringlock ctl update",                                                                                                           false},
    {"wait",     EVERY,              waited,    "Wait until all phones have them: restart those left.",
     "ringlock ctl holders --older",                                                                                                  false},
    {"activate", EVERY,              activated, "Use the next certificate.",                              "ringlock cert activate",   true },
    {"files",    ROLE(TFTP),         filed,     "Sign the configuration files with it.",                  "ringlock publish",
     false                                                                                                                                 },
    {"renew",    ROLE(CAPF),         renewed,   "Renew the LSCs that the former one has signed.",
     "ringlock capf set --operation install",                                                                                         false},
    {"retire",   EVERY,              never,     "Take the former certificate out of the lists.",
     "ringlock cert retire",                                                                                                          true },
};

size_t rl_policy_impact_steps(const struct rl_impact_facts *f,
                              struct rl_impact_step steps[RL_IMPACT_STEPS])
{
    size_t n = 0;
    bool found = false;
    for (size_t i = 0; i < sizeof steps_of / sizeof *steps_of; i++) {
        if (!(steps_of[i].roles >> f->role & 1))
            continue;
        struct rl_impact_step *s = &steps[n++];
        *s = (struct rl_impact_step){.id = steps_of[i].id};
        s->done = steps_of[i].done(f, &s->left);
        s->next = !s->done && !found;
        found |= s->next;
        put(s->command, sizeof s->command,
            rl_asprintf("%s%s%s", steps_of[i].command, steps_of[i].named ? " " : "",
                        steps_of[i].named ? f->name : ""));
        s->text = steps_of[i].text;
    }
    return n;
}
