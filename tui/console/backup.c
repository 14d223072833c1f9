#include "console/backup.h"

#include <stdlib.h>
#include <string.h>

#include "client/files.h"
#include "console/app.h"
#include "console/classes.h"
#include "console/dialog.h"
#include "ringlock/base64.h"

enum { ROWS = 5, COLS = 56, CERT_MAX = 256 * 1024, MB = 1000000 };

/* ---- the parts ---- */

struct backing {
    struct ui_view view;
    struct rl_saving saving;
    long long all, done; /* bytes */
    bool ended;
};

static void end(struct backing *b, const struct rl_err *err)
{
    b->ended = true;
    rl_saving_drop(&b->saving);
    ui_close(&b->view);
    if (err)
        ui_say_error(b->view.app, err);
}

static void ask_part(struct backing *b);

static void told(struct ui_view *view, const json_t *result, const struct rl_err *err,
                 const json_t *problems)
{
    struct backing *b = (struct backing *)view;
    (void)result;
    (void)problems;
    end(b, err);
    if (err)
        return;
    ui_say(view->app, "i",
           "backup saved in %s, %lld bytes; ringlock restore makes the site from it",
           view->app->save_path, b->done);
    ui_load(view->below);
}

/* The file is whole: the site notes that it has a backup. */
static void finish(struct backing *b)
{
    struct rl_err err;
    if (rl_saving_end(&b->saving, &err) != RL_OK)
        end(b, &err);
    else
        ui_ask(&b->view, "backup.end", NULL, told);
}

static enum rl_code keep(struct backing *b, const json_t *data, struct rl_err *err)
{
    struct rl_buf bytes = {0};
    enum rl_code code;
    if (rl_base64_decode(&bytes, json_string_value(data), json_string_length(data)))
        code = rl_saving_add(&b->saving, bytes.data, bytes.len, err);
    else
        code = rl_fail(err, RL_E_PROTOCOL, "ringlockd", "A part of the backup cannot be read.");
    b->done += (long long)bytes.len;
    rl_buf_fini(&bytes);
    return code;
}

static void part_came(struct ui_view *view, const json_t *result, const struct rl_err *err,
                      const json_t *problems)
{
    struct backing *b = (struct backing *)view;
    struct rl_err mine;
    (void)problems;
    if (err || keep(b, json_object_get(result, "data"), &mine) != RL_OK) {
        end(b, err ? err : &mine);
        return;
    }
    if (json_is_true(json_object_get(result, "last")))
        finish(b);
    else
        ask_part(b);
    ui_changed(view->app);
}

static void ask_part(struct backing *b)
{
    ui_ask(&b->view, "backup.part", NULL, part_came);
}

static void begun(struct ui_view *view, const json_t *result, const struct rl_err *err,
                  const json_t *problems)
{
    struct backing *b = (struct backing *)view;
    (void)problems;
    if (err) {
        end(b, err);
        return;
    }
    b->all = json_integer_value(json_object_get(result, "bytes"));
    ask_part(b);
}

/* ---- the layer ---- */

static void backup_draw(struct ui_view *view, struct ui_area area)
{
    const struct backing *b = (const struct backing *)view;
    int left;
    struct ui_area in = ui_box(area, ROWS, COLS, view->title, &left);
    struct rl_buf text = {0};
    if (b->all == 0)
        rl_buf_adds(&text, "preparing: the database is copied");
    else
        rl_buf_addf(&text, "%lld%% of %lld MB", 100 * b->done / b->all, (b->all + MB - 1) / MB);
    ui_put(in.top, left, in.cols, UI_NORMAL, rl_buf_str(&text));
    ui_put(in.top + 2, left, in.cols, UI_FAINT, "^C stops.");
    ui_cursor(in.top, left);
    rl_buf_fini(&text);
}

static unsigned backup_stop(struct ui_view *view)
{
    ui_ask_drop(view);
    end((struct backing *)view, NULL);
    ui_say(view->app, "!", "stopped: no backup was saved");
    return UI_REDRAW;
}

static void backup_fini(struct ui_view *view)
{
    struct backing *b = (struct backing *)view;
    if (!b->ended) /* the console is left */
        rl_saving_drop(&b->saving);
}

/* clang-format off */
static const struct ui_action backup_actions[] = {
    {"backup-stop", "^C,Esc,q", "stop", "Stop the backup; nothing is saved", 0, UI_SAFE, backup_stop},
    {.name = NULL},
};
/* clang-format on */

const struct ui_view_class ui_backup_class = {
    .name = "backup",
    .actions = backup_actions,
    .overlay = true,
    .modal = true,
    .draw = backup_draw,
    .fini = backup_fini,
};

/* What it is sealed with, taken. */
static unsigned begin(struct ui_view *owner, json_t *sealed)
{
    struct ui_app *app = owner->app;
    struct backing *b = rl_alloc(sizeof *b);
    struct rl_err err;
    if (rl_saving_begin(app->save_path, app->save_over, &b->saving, &err) != RL_OK) {
        ui_say_error(app, &err);
        json_decref(sealed);
        free(b);
        return UI_REDRAW;
    }
    ui_view_init(&b->view, app, &ui_backup_class, NULL, "Backup");
    ui_push(app, &b->view);
    ui_ask(&b->view, "backup.begin", sealed, begun);
    return UI_REDRAW;
}

/* ---- what it is sealed with ---- */

static char first[UI_EDIT_MAX]; /* the passphrase, until it was typed again; one at a time */

static unsigned again_done(struct ui_view *view, const char *text)
{
    json_t *sealed = NULL;
    if (text && strcmp(text, first) == 0)
        sealed = json_pack("{s:s}", "passphrase", text);
    else
        ui_say(view->app, "!",
               text ? "the two passphrases differ: no backup was taken" : "no backup was taken");
    explicit_bzero(first, sizeof first);
    return sealed ? begin(view, sealed) : UI_REDRAW;
}

static unsigned first_done(struct ui_view *view, const char *text)
{
    static const struct ui_prompt_spec again = {
        .label = "passphrase again", .done = again_done, .secret = true};
    if (!text || !*text) {
        ui_say(view->app, "!", "no backup was taken");
        return UI_REDRAW;
    }
    strcpy(first, text);
    ui_prompt(view, &again, "");
    return UI_REDRAW;
}

static unsigned certificate_done(struct ui_view *view, const char *text)
{
    char *bytes = NULL;
    size_t n = 0;
    struct rl_err err;
    if (!text || !*text)
        return UI_REDRAW;
    if (rl_file_read(text, CERT_MAX, &bytes, &n, &err) != RL_OK) {
        ui_say_error(view->app, &err);
        return UI_REDRAW;
    }
    char *data = rl_file_data(bytes, n);
    json_t *sealed = json_pack("{s:s}", "certificate", data);
    free(bytes);
    free(data);
    return begin(view, sealed);
}

static unsigned way_chosen(struct ui_view *view, size_t index)
{
    static const struct ui_prompt_spec ways[] = {
        {.label = "passphrase",    .done = first_done, .secret = true},
        { .label = "certificate file",
         .done = certificate_done,
         .complete = ui_prompt_file,
         .names = ui_prompt_files},
    };
    ui_prompt(view, &ways[index], "");
    return UI_REDRAW;
}

static unsigned file_named(struct ui_view *view)
{
    static const char *const ways[] = {"With a passphrase",
                                       "To a certificate, whose private key opens it"};
    ui_menu(view, "Seal the backup", ways, 2, 0, way_chosen);
    return UI_REDRAW;
}

unsigned ui_backup(struct ui_view *view)
{
    ui_save_named(view, "ringlock.backup", file_named);
    return UI_REDRAW;
}
