/* Our own certificates by role, their history, and the requests that a CA has not answered yet
 * (R8-R11). What they are for is not looked at here; keys are files, named. */
#ifndef RL_STORE_OWN_H
#define RL_STORE_OWN_H

#include "store/store.h"

/* next: made, in the lists of phones beside the active one, not used yet; active: used; former: not
 * used any more, but still in the lists; retired: history. */
enum rl_own_state { RL_OWN_NEXT, RL_OWN_ACTIVE, RL_OWN_FORMER, RL_OWN_RETIRED };
/* "next", "active", "former", "retired". Static. */
const char *rl_own_state_name(enum rl_own_state state);

/* One certificate. Texts are borrowed. */
struct rl_own {
    int64_t id; /* in the order they were made; never used again */
    const char *role;
    bool ec;
    enum rl_own_state state;
    const char *key_file;    /* in keys/ */
    const char *fingerprint; /* SHA-256 of the DER form */
    const void *der;
    size_t nder;
    const char *made;  /* RFC 3339; set by rl_store_own_add to `since` */
    const char *since; /* RFC 3339: in this state */
};

/* Add one inside the open transaction; sets its id. E-EXISTS if the role has an active or a next
 * one of this kind of key already, and it shall be such. */
enum rl_code rl_store_own_add(struct rl_store *s, struct rl_own *own, struct rl_err *err);
/* Another state, inside the open transaction, since `when` (RFC 3339). */
enum rl_code rl_store_own_move(struct rl_store *s, int64_t id, enum rl_own_state state,
                               const char *when, struct rl_err *err);

/* Those of a role, or with NULL of all, newest first; `retired` with history. Borrowed; false
 * stops. */
typedef bool (*rl_own_fn)(void *ctx, const struct rl_own *own);
enum rl_code rl_store_owns(struct rl_store *s, const char *role, bool retired, rl_own_fn fn,
                           void *ctx, struct rl_err *err);

/* The request of a role and kind of key that a CA has not answered. Texts are owned. */
struct rl_csr {
    char *key_file, *pem, *made; /* made: RFC 3339 */
};
void rl_csr_fini(struct rl_csr *csr);
/* Keep one inside the open transaction, in place of the one before. */
enum rl_code rl_store_csr_put(struct rl_store *s, const char *role, bool ec,
                              const struct rl_csr *csr, struct rl_err *err);
/* E-NOT-FOUND: none is outstanding. rl_csr_fini frees. */
enum rl_code rl_store_csr_get(struct rl_store *s, const char *role, bool ec, struct rl_csr *out,
                              struct rl_err *err);
/* It is answered, inside the open transaction. */
enum rl_code rl_store_csr_drop(struct rl_store *s, const char *role, bool ec, struct rl_err *err);

/* True (in *any) if a list of what phones trust was ever made. */
enum rl_code rl_store_lists_any(struct rl_store *s, bool *any, struct rl_err *err);

/* True (in *used) if a certificate that is not history, or a request, has this file of keys/ as its
 * key. */
enum rl_code rl_store_key_used(struct rl_store *s, const char *file, bool *used,
                               struct rl_err *err);

#endif
