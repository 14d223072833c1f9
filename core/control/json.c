#include "control/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/protocol.h"
#include "ringlock/text.h"
#include "ringlock/time.h"

enum { PAGE_BYTES = 800 * 1024 }; /* leaves room for the rest of a message below RL_LINE_MAX */

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

json_t *rl_json_text(const char *text)
{
    if (!text)
        return json_null();
    if (is_plain(text))
        return json_string_nocheck(text);
    char *safe = rl_text_safe_dup(text);
    json_t *s = json_string(safe);
    free(safe);
    return s;
}

void rl_json_quote(struct rl_buf *out, const char *text)
{
    if (is_plain(text) && !strpbrk(text, "\"\\")) {
        rl_buf_addc(out, '"');
        rl_buf_adds(out, text);
        rl_buf_addc(out, '"');
        return;
    }
    json_t *value = json_string(text);
    char *quoted = json_dumps(value, JSON_ENCODE_ANY);
    rl_buf_adds(out, quoted ? quoted : "null");
    free(quoted);
    json_decref(value);
}

json_t *rl_json_text_or_null(const char *text)
{
    return rl_json_text(text && *text ? text : NULL);
}

json_t *rl_json_time(int64_t us)
{
    char text[RL_TIME_TEXT];
    return us > 0 ? json_string(rl_time_text(us, 0, text)) : json_null();
}

json_t *rl_json_problem(const struct rl_err *err)
{
    const struct rl_code_info *info = rl_code_info(err->code);
    json_t *row =
        json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "code", info->tag, "object",
                  rl_json_text(err->object), "field", rl_json_text(err->field), "rule", info->rule,
                  "remedy", rl_json_text(err->remedy), "message", rl_json_text(err->text));
    if (err->line > 0)
        json_object_set_new(row, "line", json_integer(err->line));
    return row;
}

json_t *rl_json_warnings(const struct rl_problems *problems)
{
    json_t *list = json_array();
    for (size_t i = 0; i < problems->n; i++)
        if (rl_code_is_warning(problems->item[i].code))
            json_array_append_new(list, rl_json_problem(&problems->item[i]));
    return list;
}

json_t *rl_json_apply_notes(size_t phones)
{
    json_t *notes = json_array();
    char *text = rl_asprintf("%zu phone%s it: Apply Config or a reset brings the change to %s.",
                             phones, phones == 1 ? " uses" : "s use", phones == 1 ? "it" : "them");
    if (phones)
        json_array_append_new(notes, json_string(text));
    free(text);
    return notes;
}

static json_t *list_json(const char *text)
{
    json_t *list = json_array();
    for (size_t n; *text; text += n + (text[n] == ';')) {
        n = strcspn(text, ";");
        char *item = rl_strndup(text, n);
        json_array_append_new(list, rl_json_text(item));
        free(item);
    }
    return list;
}

/* Unknown stays unknown: an empty tri-state, number or choice is null, never false or 0. */
static json_t *field_json(const struct rl_field *field, const char *value)
{
    bool yes = strcmp(value, "yes") == 0, no = strcmp(value, "no") == 0;
    switch (field->kind) {
    case RL_F_SECRET:
        return json_boolean(*value != '\0');
    case RL_F_BOOL:
        return yes                                          ? json_true()
               : *value || !(field->flags & RL_FF_TRISTATE) ? json_false()
                                                            : json_null();
    case RL_F_INT:
        return *value ? json_integer(strtoll(value, NULL, 10)) : json_null();
    case RL_F_LIST:
        return list_json(value);
    default:
        if (field->flags & RL_FF_TRISTATE)
            return yes ? json_true() : no ? json_false() : rl_json_text_or_null(value);
        return rl_json_text(value);
    }
}

/* Exactly one of two messages (R42, R45): a trust that is not known counts as not trusted (R46). */
static void add_trust(json_t *object, enum rl_tristate trusted)
{
    json_object_set_new(object, "trusted",
                        trusted == RL_UNKNOWN ? json_null() : json_boolean(trusted == RL_YES));
    json_object_set_new(
        object, "trust_message",
        json_string(trusted == RL_YES ? "Device is trusted" : "Device is not trusted"));
}

/* How a certificate stands now. */
static void add_validity(json_t *object, const struct rl_row *cert)
{
    int64_t now = rl_now_us();
    int64_t begin = rl_time_parse(rl_row_get(cert, RL_CERTIFICATE_NOT_BEFORE));
    int64_t end = rl_time_parse(rl_row_get(cert, RL_CERTIFICATE_NOT_AFTER));
    int64_t left = rl_days_until(now, end);
    json_object_set_new(object, "state",
                        json_string(left < 0      ? "expired"
                                    : now < begin ? "not-yet-valid"
                                                  : "valid"));
    json_object_set_new(object, "days_left", json_integer(left));
}

json_t *rl_json_object(const struct rl_row *row, enum rl_tristate trusted)
{
    json_t *object = json_object();
    for (size_t i = 0; i < row->obj->nstored; i++) {
        const struct rl_field *field = &row->obj->fields[i];
        json_object_set_new(object, field->name, field_json(field, rl_row_get(row, (int)i)));
    }
    json_object_set_new(object, "rev", json_integer(row->rev));
    if (row->obj->kind == RL_PHONE || row->obj->kind == RL_GATEWAY)
        add_trust(object, trusted);
    if (row->obj->kind == RL_CERTIFICATE)
        add_validity(object, row);
    return object;
}

json_t *rl_json_event(const struct rl_event *event)
{
    char message[400], address[RL_ADDR_TEXT];
    bool seen = event->peer.transport != RL_TP_UNKNOWN;
    const char *colon = strchr(rl_addr_text(&event->peer, address), ':');
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "time", rl_json_time(event->at_us),
                     "event", rl_event_name(event), "device", rl_json_text_or_null(event->device),
                     "number", rl_json_text_or_null(event->dialled), "why",
                     rl_json_text(event->why), "transport",
                     seen ? json_string(rl_transport_text(event->peer.transport)) : json_null(),
                     "address", seen ? json_string(colon ? colon + 1 : address) : json_null(),
                     "message", rl_json_text(rl_event_message(event, message, sizeof message)));
}

static json_t *roles_json(unsigned roles)
{
    json_t *list = json_array();
    unsigned bit;
    const char *name;
    for (size_t i = 0; (name = rl_cert_role_name(i, &bit)); i++)
        if (roles & bit)
            json_array_append_new(list, json_string(name));
    return list;
}

json_t *rl_json_cert(const struct rl_cert *cert)
{
    json_t *san = json_array();
    for (size_t i = 0; i < cert->nsan; i++)
        json_array_append_new(san, json_pack("{s:s, s:o}", "type", cert->san[i].type, "value",
                                             rl_json_text(cert->san[i].value)));
    return json_pack("{s:o, s:b, s:o, s:o, s:s, s:o, s:o, s:s, s:i, s:s, s:o, s:s, s:o}", "roles",
                     roles_json(cert->roles), "self_signed", cert->self_signed, "subject",
                     rl_json_text(cert->subject), "issuer", rl_json_text(cert->issuer), "serial",
                     cert->serial, "not_before", rl_json_time(cert->not_before_us), "not_after",
                     rl_json_time(cert->not_after_us), "key_type", cert->key_type, "key_bits",
                     (int)cert->key_bits, "signature_hash", cert->signature_hash, "san", san,
                     "fingerprint", cert->fingerprint, "pem", json_string(cert->pem));
}

bool rl_page_add(struct rl_page *page, json_t *row)
{
    if (!page->rows)
        page->rows = json_array();
    size_t n = json_dumpb(row, NULL, 0, JSON_COMPACT) + 1;
    if (page->full || (page->bytes > 0 && page->bytes + n > PAGE_BYTES)) {
        page->full = true;
        json_decref(row);
        return false;
    }
    page->bytes += n;
    json_array_append_new(page->rows, row);
    return true;
}
