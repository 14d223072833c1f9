/* What phones come for: the enrol process, and who answers what it tells of them. */
#ifndef RL_ENGINE_PHONES_H
#define RL_ENGINE_PHONES_H

#include "engine/engine.h"

/* Make both; they end by rl_enrol_close and rl_enrolment_free. E-IO as rl_enrol_open. */
enum rl_code rl_phones_open(struct rl_engine *e, struct rl_err *err);

#endif
