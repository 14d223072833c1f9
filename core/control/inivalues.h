/* Values of an INI file that was scanned (ringlock/inifile.h), by iniparser. */
#ifndef RL_CONTROL_INIVALUES_H
#define RL_CONTROL_INIVALUES_H

#include <iniparser/iniparser.h>
#include <stddef.h>

/* The very text that was scanned, as iniparser reads it: iniparser_getstring() takes the names that
 * rl_ini_scan gives. Freed with iniparser_freedict; NULL if it could not be read. */
dictionary *rl_ini_values(const char *text, size_t n);

#endif
