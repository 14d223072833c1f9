/* Completion for shells: data/completions/ringlock asks `ringlock --complete WORD...`. */
#ifndef RL_COMMANDS_COMPLETE_H
#define RL_COMMANDS_COMPLETE_H

/* Print what the last word may become, one a line: commands, options and values from the tables;
 * names from an engine, if one serves the site already and answers at once. The words are those
 * behind the program's name. Returns an exit status. */
int rl_complete(int nwords, char *const *words);

#endif
