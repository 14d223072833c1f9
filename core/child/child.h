/* What the engine's children have in common: the only programs here that read bytes from the
 * network. They open nothing, connect nowhere and start nobody. */
#ifndef RL_CHILD_CHILD_H
#define RL_CHILD_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/* What one of them needs once its loop runs, beyond what all do: reading, polling, memory, time. */
struct rl_jail {
    const int *calls; /* SCMP_SYS(...) */
    size_t ncalls;
    const int *writable; /* descriptors for write(2), beside stderr */
    size_t nwritable;
    unsigned files; /* descriptors at most, if the system grants as many */
};

/* The first thing in a child: signals of the terminal are the engine's, and descriptors beyond
 * last_fd are nobody's. */
void rl_child_begin(int last_fd);

/* From here on whatever is not in the list ends the process. False if the kernel refuses; *why says
 * what (static). */
bool rl_child_jail(const struct rl_jail *jail, const char **why);

/* "NAME: SENTENCE" on stderr by write(2): printf asks for system calls that the jail kills. */
void rl_child_log(const char *name, const char *sentence);

#endif
