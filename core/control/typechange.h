/* What new data of a type means for the profiles and devices that are there. Inside an open
 * transaction, before the new type is written. */
#ifndef RL_CONTROL_TYPECHANGE_H
#define RL_CONTROL_TYPECHANGE_H

#include "control/objects.h"

/* Name what the new data contradicts: profiles by their rules (E-NO-TLS, E-MODE-UNSUPPORTED,
 * E-COP-NO-SECURITY, E-CERT-MODE, ...), devices by class and protocol (E-TYPE-CLASS,
 * E-TYPE-PROTOCOL). W-TRUST-LOST with count and names if its devices lose trust (R43). Each names
 * the field of the type that is at fault as its field. */
void rl_type_change_judge(const struct rl_act *act, const struct rl_row *old,
                          const struct rl_row *type, struct rl_problems *problems);

/* Fill in what profiles of the type have more now, and decide the trust of its devices anew where
 * it changes, an entry each. *devices counts them up. A refusal is in the list. */
enum rl_code rl_type_change_apply(const struct rl_act *act, const struct rl_row *old,
                                  const struct rl_row *type, size_t *devices,
                                  struct rl_problems *problems);

#endif
