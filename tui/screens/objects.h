/* What the screens of phones, gateways, profiles, types and users do alike. */
#ifndef RL_SCREENS_OBJECTS_H
#define RL_SCREENS_OBJECTS_H

#include "console/detail.h"
#include "console/form.h"
#include "console/list.h"

/* What is known of what is under the cursor, or shown; borrowed, may be NULL. */
const json_t *object_data(struct ui_view *view);

/* Open the detail of what is under the cursor. */
unsigned object_open(struct ui_view *view, const char *screen);

/* Forms of one kind: to add, to change what is under the cursor, to add one like it. */
unsigned object_add(struct ui_view *view, const struct ui_form_spec *spec);
unsigned object_edit(struct ui_view *view, const struct ui_form_spec *spec);
unsigned object_copy(struct ui_view *view, const struct ui_form_spec *spec);

/* The forms, each in the file of its screen. */
extern const struct ui_form_spec phone_form, gateway_form, profile_form, user_form, cert_form;

/* Remove the marked rows, else what is under the cursor; its name was typed before. */
unsigned object_remove(struct ui_view *view, enum rl_kind kind);

/* Parameters of object.show for a detail; `kind` is its name. */
json_t *object_params(struct ui_detail *d, const char *kind);

/* Every field that the object has by its table, under its sections; what refers to another object
 * leads there. */
void object_fields(struct ui_detail *d, enum rl_kind kind, struct ui_lines *out);

/* Tab "Used by": object.users_of. */
json_t *object_users_params(struct ui_detail *d);
void object_users_build(struct ui_detail *d, struct ui_lines *out);

/* Tab "Calls": the calls that the device takes part in. */
json_t *object_calls_params(struct ui_detail *d);
void object_calls_build(struct ui_detail *d, struct ui_lines *out);

/* The type has the protocol offered. */
bool form_has_protocol(const struct ui_form *form, const char *protocol);
bool type_is_gateway(const json_t *type);
/* One criterion more for the list that a reference is picked from. */
void form_criterion(json_t *criteria, const char *field, const char *value);

#endif
