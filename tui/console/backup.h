/* A backup of the site into a file that is named, sealed with a passphrase or to a certificate. */
#ifndef RL_CONSOLE_BACKUP_H
#define RL_CONSOLE_BACKUP_H

#include "console/ui.h"

/* Ask for the file and for what it is sealed with, then take the backup: a layer says how far it
 * is. Nothing is in the file until all is. Returns consequences. */
unsigned ui_backup(struct ui_view *view);

#endif
