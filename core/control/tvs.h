/* TVS: is a certificate one that phones may trust, and as what? Our own in the roles that trust
 * lists give them, those on file by the trust store they are in; only while they are valid. */
#ifndef RL_CONTROL_TVS_H
#define RL_CONTROL_TVS_H

#include "enrol/record.h"

struct rl_engine;

/* Answer a VERIFY (by the whole certificate) or QUERY (by issuer and serial number). Whatever goes
 * wrong makes the answer "not known". */
void rl_tvs_ask(struct rl_engine *engine, const struct rl_enr *question);

#endif
