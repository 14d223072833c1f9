#include <stdlib.h>
#include <string.h>

#include "client/certs.h"
#include "client/files.h"
#include "client/phone_list.h"
#include "console/dialog.h"
#include "console/wizard.h"

/* Names typed at once are divided by these. */
static const char dividers[] = " ,;\t";

static struct ui_wizard *as_wizard(struct ui_view *view)
{
    return (struct ui_wizard *)view;
}

size_t ui_wizard_nphones(const struct ui_wizard *w)
{
    return json_array_size(ui_wizard_answer(w, "phones"));
}

const json_t *ui_wizard_phone(const struct ui_wizard *w, size_t i)
{
    return json_array_get(ui_wizard_answer(w, "phones"), i);
}

const json_t *ui_wizard_phone_found(const struct ui_wizard *w, size_t i)
{
    const json_t *found = json_object_get(w->draft, "phones"), *phone;
    const char *name = ui_text_of(ui_wizard_phone(w, i), "name");
    phone = json_array_get(found, i);
    if (strcmp(ui_text_of(phone, "name"), name) == 0)
        return phone;
    json_array_foreach (found, i, phone) {
        if (strcmp(ui_text_of(phone, "name"), name) == 0)
            return phone;
    }
    return NULL;
}

/* Lists that the end check shows one after the other. */
enum { CHECK_LISTS = 4 };

static const json_t *check_list(const struct ui_wizard *w, size_t n)
{
    static const char *const before[CHECK_LISTS] = {NULL, "review", "points", "warnings"};
    static const char *const after[CHECK_LISTS] = {"done", "points", "warnings", NULL};
    const char *name = (w->result ? after : before)[n];
    if (!name)
        return w->result ? NULL : w->open;
    return json_object_get(w->result ? w->result : w->draft, name);
}

const json_t *ui_wizard_line(const struct ui_wizard *w, size_t i)
{
    for (size_t n = 0; n < CHECK_LISTS; n++) {
        size_t size = json_array_size(check_list(w, n));
        if (i < size)
            return json_array_get(check_list(w, n), i);
        i -= size;
    }
    return NULL;
}

size_t ui_wizard_nrows(const struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    size_t phones = ui_wizard_nphones(w), n = 0;
    if (!page) {
        for (size_t i = 0; i < CHECK_LISTS; i++)
            n += json_array_size(check_list(w, i));
        return n;
    }
    switch (page->page) {
    case RL_PAGE_CERTIFICATE:
        return 1;
    case RL_PAGE_UPLOADS:
        return phones + 1; /* the last row takes further names */
    case RL_PAGE_PROFILES:
        return json_array_size(json_object_get(w->draft, "profiles"));
    case RL_PAGE_PHONES:
        return w->phone >= 0 ? 0 : phones + (page->nfields == 0);
    case RL_PAGE_FIELDS:
        break;
    }
    return 0;
}

/* Adding. Each gives the answer as it will be, owned. */

static json_t *phones_copy(const struct ui_wizard *w)
{
    json_t *phones = json_deep_copy(ui_wizard_answer(w, "phones"));
    if (json_is_array(phones))
        return phones;
    json_decref(phones);
    return json_array();
}

/* The phone of this name, added if it is not there; borrowed. */
static json_t *phone_named(json_t *phones, const char *name)
{
    json_t *phone;
    size_t i;
    json_array_foreach (phones, i, phone) {
        if (strcmp(ui_text_of(phone, "name"), name) == 0)
            return phone;
    }
    phone = json_pack("{s:s}", "name", name);
    json_array_append_new(phones, phone);
    return phone;
}

static unsigned names_typed(struct ui_view *view, const char *text)
{
    struct ui_wizard *w = as_wizard(view);
    if (!text || !*text)
        return UI_REDRAW;
    json_t *phones = phones_copy(w);
    size_t before = json_array_size(phones), n;
    for (const char *p = text; *(p += strspn(p, dividers)); p += n) {
        n = strcspn(p, dividers);
        char *name = rl_strndup(p, n);
        phone_named(phones, name);
        free(name);
    }
    size_t added = json_array_size(phones) - before;
    ui_wizard_set(w, "phones", phones);
    ui_say(view->app, "i", "%zu added", added);
    ui_wizard_focus(w, UI_WIZARD_ROW, before);
    return UI_REDRAW;
}

static const struct ui_prompt_spec names_prompt = {.label = "phones", .done = names_typed};

/* Files. */

/* What a file holds, into an answer. */
static enum rl_code read_into(json_t *answer, const char *path, struct rl_err *err)
{
    enum rl_code code = rl_client_cert(path, answer, err);
    if (code == RL_OK)
        json_object_set_new(answer, "file", json_string(rl_file_name(path)));
    return code;
}

static unsigned file_typed(struct ui_view *view, const char *path)
{
    struct ui_wizard *w = as_wizard(view);
    size_t row = w->row;
    struct rl_err err = {0};
    if (!path || !*path)
        return UI_REDRAW;
    bool one = ui_wizard_page(w)->page == RL_PAGE_CERTIFICATE;
    json_t *answer = one ? json_object() : phones_copy(w);
    json_t *at = one ? answer : json_array_get(answer, row);
    if (!at || read_into(at, path, &err) != RL_OK) {
        if (at)
            ui_say_error(view->app, &err);
        json_decref(answer);
        return UI_REDRAW;
    }
    ui_wizard_set(w, one ? "certificate" : "phones", answer);
    if (!one)
        ui_wizard_focus(w, UI_WIZARD_ROW, row + 1);
    return UI_REDRAW;
}

static const struct ui_prompt_spec file_prompt = {
    .label = "certificate file",
    .done = file_typed,
    .complete = ui_prompt_file,
    .names = ui_prompt_files,
};

void ui_wizard_upload(struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    bool names = page && (page->page == RL_PAGE_PHONES ||
                          (page->page == RL_PAGE_UPLOADS && w->row >= ui_wizard_nphones(w)));
    if (names && page->nfields > 0 && page->page == RL_PAGE_PHONES)
        ui_say(w->form.view.app, "i", "phones are named in the step \"Add phone\"");
    else if (names)
        ui_prompt(&w->form.view, &names_prompt, "");
    else if (page && (page->page == RL_PAGE_CERTIFICATE || page->page == RL_PAGE_UPLOADS))
        ui_prompt(&w->form.view, &file_prompt, "");
    else
        ui_say(w->form.view.app, "i", "there is nothing to add in this step");
}

/* The file of a phone goes first, then the phone. */
void ui_wizard_remove_row(struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    if (page && page->page == RL_PAGE_CERTIFICATE) {
        ui_wizard_set(w, "certificate", json_null());
        return;
    }
    bool phones_page = page && (page->page == RL_PAGE_PHONES || page->page == RL_PAGE_UPLOADS);
    if (!phones_page || w->row >= ui_wizard_nphones(w)) {
        ui_say(w->form.view.app, "i", "there is nothing to take away here");
        return;
    }
    json_t *phones = phones_copy(w), *phone = json_array_get(phones, w->row);
    if (page->page == RL_PAGE_UPLOADS && json_is_string(json_object_get(phone, "file"))) {
        json_object_set_new(phone, "file", json_null());
        json_object_set_new(phone, "data", json_null());
    } else {
        json_array_remove(phones, w->row);
    }
    ui_wizard_set(w, "phones", phones);
}

/* Many phones from a file. */

/* The phones of the wizard with those of a list, which lead; owned. */
static json_t *joined(const struct ui_wizard *w, const json_t *listed)
{
    json_t *phones = phones_copy(w), *phone;
    size_t i;
    json_array_foreach (listed, i, phone)
        json_object_update(phone_named(phones, ui_text_of(phone, "name")), phone);
    return phones;
}

static void say_refused(struct ui_app *app, const char *path, const struct rl_err *err)
{
    if (err->line)
        ui_say(app, "!!", "%s: %s, line %d: %s", rl_code_info(err->code)->tag, rl_file_name(path),
               err->line, err->text);
    else
        ui_say_error(app, err);
}

static unsigned csv_typed(struct ui_view *view, const char *path)
{
    struct ui_wizard *w = as_wizard(view);
    struct rl_problems problems = {0};
    json_t *listed;
    if (!path || !*path)
        return UI_REDRAW;
    bool certificates = rl_wizard_step(w->wizard, "certificate") < 0;
    if (rl_client_phone_list(path, certificates, &listed, &problems) != RL_OK) {
        say_refused(view->app, path, rl_problems_first_error(&problems));
    } else {
        ui_wizard_set(w, "phones", joined(w, listed));
        ui_say(view->app, "i", "%zu phones from %s", ui_wizard_nphones(w), rl_file_name(path));
        json_decref(listed);
    }
    rl_problems_fini(&problems);
    return UI_REDRAW;
}

static const struct ui_prompt_spec csv_prompt = {
    .label = "CSV file",
    .done = csv_typed,
    .complete = ui_prompt_file,
    .names = ui_prompt_files,
};

void ui_wizard_from_csv(struct ui_wizard *w)
{
    const struct rl_wizard_step *page = ui_wizard_page(w);
    if (page && (page->page == RL_PAGE_UPLOADS || page->page == RL_PAGE_PHONES))
        ui_prompt(&w->form.view, &csv_prompt, "");
    else
        ui_say(w->form.view.app, "i", "phones are named in the step \"Add phone\"");
}
