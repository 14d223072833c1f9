#include <stdlib.h>
#include <string.h>

#include "client/certs.h"
#include "client/files.h"
#include "console/undo.h"
#include "ringlock/protocol.h"
#include "screens/certs.h"
#include "screens/common.h"
#include "screens/screens.h"

/* The form of an upload. The file is read here and sent as data. */

enum {
    UPLOAD_FILE,
    UPLOAD_STORE,
    UPLOAD_DEVICE,
    UPLOAD_NAME,
    UPLOAD_DESCRIPTION,
    UPLOAD_ORIGIN,
    UPLOAD_FIELDS
};

static struct rl_field upload_fields[UPLOAD_FIELDS] = {
    [UPLOAD_FILE] = {.name = "file",
                     .label = "Upload File",
                     .kind = RL_F_REF,
                     .flags = RL_FF_NEED,
                     .max = 1024,
                     .section = "Upload Certificate/Certificate chain",
                     .help = "In PEM or DER form, where this console runs; Tab completes the name, "
                             "F4 lists."},
};

static const struct rl_object upload_object = {
    .kind = RL_CERTIFICATE,
    .name = "cert",
    .plural = "certs",
    .label = "Certificate",
    .fields = upload_fields,
    .nfields = UPLOAD_FIELDS,
};

/* The others are the certificate's own, without their headings; nothing but the file and its
 * purpose is needed. */
static void take_fields(void)
{
    static const int from[UPLOAD_FIELDS] = {
        [UPLOAD_STORE] = RL_CERTIFICATE_STORE,   [UPLOAD_DEVICE] = RL_CERTIFICATE_DEVICE,
        [UPLOAD_NAME] = RL_CERTIFICATE_NAME,     [UPLOAD_DESCRIPTION] = RL_CERTIFICATE_DESCRIPTION,
        [UPLOAD_ORIGIN] = RL_CERTIFICATE_ORIGIN,
    };
    for (int i = UPLOAD_STORE; i < UPLOAD_FIELDS; i++) {
        upload_fields[i] = rl_object(RL_CERTIFICATE)->fields[from[i]];
        upload_fields[i].section = NULL;
    }
    upload_fields[UPLOAD_NAME].flags &= ~(unsigned)RL_FF_NEED;
    upload_fields[UPLOAD_DEVICE].kind = RL_F_REF;
    upload_fields[UPLOAD_DEVICE].ref = RL_PHONE;
}

static char *upload_complete(const struct ui_form *form, int field, const char *text)
{
    (void)form;
    return field == UPLOAD_FILE ? rl_files_complete(text) : NULL;
}

static json_t *upload_names(const struct ui_form *form, int field)
{
    return field == UPLOAD_FILE ? rl_files_list(form->edit.text) : NULL;
}

/* Certificates of ours are made here, never uploaded. */
static bool upload_offers(const struct ui_form *form, int field, const char *value,
                          const json_t *object)
{
    (void)form;
    (void)object;
    return field != UPLOAD_STORE || !rl_store_is_own(value);
}

/* A file that cannot be read is named when the cursor leaves its field. */
static void upload_filled(struct ui_form *form)
{
    struct rl_err err;
    const char *path = ui_form_get(form, UPLOAD_FILE);
    if (!*path || !form->field[UPLOAD_FILE].visited)
        return;
    json_t *p = json_object();
    if (rl_client_cert(path, p, &err) != RL_OK)
        ui_form_problem(form, UPLOAD_FILE, rl_code_info(err.code)->tag, err.text);
    json_decref(p);
}

static json_t *upload_params(const struct ui_form *form, struct rl_err *err)
{
    json_t *p = json_object();
    if (rl_client_cert(ui_form_get(form, UPLOAD_FILE), p, err) != RL_OK) {
        strcpy(err->field, "file");
        json_decref(p);
        return NULL;
    }
    for (int i = 0; i < UPLOAD_FIELDS; i++)
        if (*ui_form_get(form, i))
            json_object_set_new(p, upload_fields[i].name, json_string(ui_form_get(form, i)));
    return p;
}

static const char *upload_saved(struct ui_form *form, const json_t *result)
{
    const json_t *certs = json_object_get(result, "certificates"), *note;
    const char *name = member(json_array_get(certs, 0), "name");
    size_t i, n = json_array_size(certs);
    json_array_foreach (json_object_get(result, "notes"), i, note)
        ui_say(form->view.app, "i", "%s", json_string_value(note));
    if (n > 1)
        ui_say(form->view.app, "i", "Upload successful: cert %s and %zu of its chain", name, n - 1);
    else
        ui_say(form->view.app, "i", "Upload successful: cert %s" UI_UNDOES, name);
    return name;
}

static const struct ui_form_spec upload_form = {
    .kind = RL_CERTIFICATE,
    .obj = &upload_object,
    .offers = upload_offers,
    .names = upload_names,
    .complete = upload_complete,
    .filled = upload_filled,
    .method = "cert.upload",
    .act = "upload",
    .of = UPLOAD_DEVICE,
    .params = upload_params,
    .saved = upload_saved,
};

void cert_upload_open(struct ui_app *app, const char *device)
{
    take_fields();
    json_t *from = json_object();
    for (int i = 0; i < UPLOAD_FIELDS; i++)
        if (upload_fields[i].def)
            json_object_set_new(from, upload_fields[i].name, json_string(upload_fields[i].def));
    json_object_set_new(from, upload_fields[UPLOAD_DEVICE].name, json_string(device));
    ui_form_open(app, &upload_form, NULL, from);
    json_decref(from);
}
