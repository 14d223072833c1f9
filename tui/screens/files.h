/* Configuration files of phones: what is published for one, and the act that publishes them all. */
#ifndef RL_SCREENS_FILES_H
#define RL_SCREENS_FILES_H

#include "console/detail.h"

/* Lines about the files of a phone; `answer` is that of phone.files, NULL: not there yet. */
void phone_files_build(const json_t *answer, struct ui_lines *out);

/* Of the cluster: how publishing goes, in words, into `out`. Returns out. */
const char *publishing_text(const json_t *status, char *out, size_t n);
/* The act of the cluster, and what it asks before. */
unsigned files_publish(struct ui_view *view);
void files_question(const json_t *status, struct rl_buf *out);

#endif
