/* What the engine knows, as JSON (ringlock/protocol.h). Every text passes rl_text_safe. All results
 * are owned by the caller. */
#ifndef RL_CONTROL_JSON_H
#define RL_CONTROL_JSON_H

#include <jansson.h>

#include "calls/tracker.h"
#include "engine/events.h"
#include "pki/cert.h"
#include "store/store.h"

json_t *rl_json_text(const char *text); /* NULL gives null */
/* The same as a piece of JSON: UTF-8 that is safe already. */
void rl_json_quote(struct rl_buf *out, const char *text);
json_t *rl_json_text_or_null(const char *text); /* "" gives null, too */
json_t *rl_json_time(int64_t us);               /* RFC 3339; 0 gives null */

/* One problem: code, object, field, line, rule, remedy, message. */
json_t *rl_json_problem(const struct rl_err *err);
/* The warnings among problems, as an array. */
json_t *rl_json_warnings(const struct rl_problems *problems);

/* Notes on a change of profiles that so many phones use (profiles.md 4.9): an array, empty for 0.
 */
json_t *rl_json_apply_notes(size_t phones);

/* OBJECT: the fields of a row and its rev; trust for phones and gateways. */
json_t *rl_json_object(const struct rl_row *row, enum rl_tristate trusted);

/* CALL; with events:[] for call.show. */
json_t *rl_json_call(const struct rl_call *call, bool events);
/* "not-tls", "encrypted", ...: static. */
const char *rl_json_sig_name(enum rl_sig_state sig);
json_t *rl_json_counts(const struct rl_tracker_counts *counts);

/* One line of the registration events; and a certificate, without its bytes. Owned. */
json_t *rl_json_event(const struct rl_event *event);
json_t *rl_json_cert(const struct rl_cert *cert);
/* status_enrol.c: how enrol is, for the status. */
struct rl_enrol_child;
json_t *rl_json_enrol(const struct rl_enrol_child *enrol);

/* Rows of one answer, as many as fit into a line. False: this one did not fit any more; it was
 * freed. */
struct rl_page {
    json_t *rows;
    size_t bytes;
    bool full;
};
bool rl_page_add(struct rl_page *page, json_t *row);

#endif
