/* The enrol process: TLS, framing and deadlines of CAPF (TCP 3804) and TVS (TCP 2445). It is
 * started as `ringlockd --enrol` on sockets that the engine made and keeps. It decides nothing and
 * holds no private key: what calls for a decision goes to the engine as a record (record.h), what
 * calls for a key as a question (keyask.h). The first record that it reads is its setup. */
#ifndef RL_ENROL_ENROL_H
#define RL_ENROL_ENROL_H

/* Where the child finds its descriptors: listening TCP sockets, either of which may be missing;
 * stream socketpair for records; SOCK_SEQPACKET socketpair for keys. */
enum { RL_ENROL_CAPF_FD = 3, RL_ENROL_TVS_FD = 4, RL_ENROL_ENGINE_FD = 5, RL_ENROL_KEYS_FD = 6 };

/* The child's main. Returns its exit status: 0 once the engine has closed the pipe, 2 if what the
 * engine said or gave is no good. */
int rl_enrol_main(int argc, char **argv);

#endif
