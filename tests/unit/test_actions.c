/* Every key that can be pressed on a screen does one thing there, and what it may cost is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "console/app.h"
#include "console/classes.h"
#include "console/depend.h"

/* The first key of `a` that `b` has, too: its length; 0 if there is none. */
static size_t shared_key(const struct ui_action *a, const struct ui_action *b, const char **key)
{
    for (*key = a->keys; *key && **key;) {
        size_t n = strcspn(*key, ",");
        if (ui_keys_hold(b->keys, ui_key_parse(*key, n)))
            return n;
        *key += n + ((*key)[n] == ',');
    }
    return 0;
}

static int count_shadowed(const struct ui_view *view)
{
    const struct ui_action *a, *b;
    const char *key;
    int bad = 0;
    for (size_t i = 0; (a = ui_action_at(view, i, NULL)); i++)
        for (size_t j = i + 1; (b = ui_action_at(view, j, NULL)); j++) {
            size_t n = shared_key(a, b, &key);
            if (n > 0) {
                print_error("%s: %.*s is %s and %s\n", view->screen->name, (int)n, key, a->name,
                            b->name);
                bad++;
            }
        }
    return bad;
}

static void no_key_is_shadowed(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; ui_screens[i]; i++) {
        const struct ui_view view = {.class = ui_screens[i]->class, .screen = ui_screens[i]};
        bad += count_shadowed(&view);
    }
    assert_int_equal(bad, 0);
}

/* ---- danger (tui.md A10) ---- */

static void each_action(void (*fn)(const struct ui_action *a))
{
    const struct ui_action *a;
    for (size_t i = 0; ui_screens[i]; i++)
        for (a = ui_screens[i]->actions; a && a->name; a++)
            fn(a);
    for (size_t i = 0; ui_classes[i]; i++)
        for (a = ui_classes[i]->actions; a && a->name; a++)
            fn(a);
    for (a = ui_global_actions; a->name; a++)
        fn(a);
    for (a = ui_terminal_actions; a->name; a++)
        fn(a);
}

/* What needs somebody who may write, and yet changes nothing by itself: what it opens does. */
static const char *const opening[] = {
    "phone-add",      "phone-edit",     "phone-copy",   "phone-profile",     "phone-assign",
    "gateway-add",    "gateway-edit",   "cert-edit",    "phone-certificate", "gateway-assign",
    "profile-add",    "profile-edit",   "profile-copy", "profile-assign",    "phone-wizard",
    "user-add",       "user-edit",      "user-assign",  "cert-upload",       "type-import",
    "wizard-open",    "wizard-begin",   "start-choose", "wizard-take",       "phone-import",
    "gateway-import", "profile-import", "user-import",  "draft-open",
};

/* Called as if they lost something, but they only change what is shown or asked for. */
static const char *const harmless[] = {
    "wizard-remove", /* from the answers of the draft, by whom gave them */
    "columns-reset",
    "filter-clear",
};

static bool is_among(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}
#define AMONG(name, names) is_among(name, names, sizeof(names) / sizeof *(names))

static bool loses(const char *name)
{
    static const char *const verbs[] = {"delete", "remove", "drop",  "mode", "revoke",
                                        "reset",  "clear",  "purge", "undo", "afresh"};
    const char *verb = strrchr(name, '-');
    return AMONG(verb ? verb + 1 : name, verbs);
}

static void is_classed(const struct ui_action *a)
{
    bool writes = a->needs & (UI_NEED_WRITE | UI_NEED_ADMIN);
    if (a->danger < UI_SAFE || a->danger > UI_TYPE_NAME)
        fail_msg("%s does not say how dangerous it is", a->name);
    if (loses(a->name) && a->danger < UI_ASKS_SELF && !AMONG(a->name, harmless))
        fail_msg("%s loses something and does not ask", a->name);
    if (writes && a->danger == UI_SAFE && !AMONG(a->name, opening))
        fail_msg("%s changes something and is called safe", a->name);
    if (strstr(a->name, "-delete") && a->danger != UI_TYPE_NAME)
        fail_msg("%s does not have the name typed", a->name);
}

static void every_action_says_how_dangerous_it_is(void **state)
{
    (void)state;
    each_action(is_classed);
}

/* A page on which everything that asks is asked for. */
static int ran;

static unsigned run_counted(struct ui_view *view)
{
    (void)view;
    ran++;
    return UI_NOTHING;
}

static const char *owner_object(struct ui_view *view)
{
    (void)view;
    return "it";
}

static const struct ui_view_class owner_class = {.name = "owner", .object = owner_object};

static void press(struct ui_app *app, int key)
{
    unsigned consequence;
    struct ui_view *top = ui_top(app);
    if (!top->class->typed || !top->class->typed(top, key, NULL, &consequence))
        ui_dispatch(top, key, &consequence);
}

static void press_keys_of(struct ui_app *app, const struct ui_action *a)
{
    for (const char *key = a->keys; key && *key;) {
        size_t n = strcspn(key, ",");
        if (ui_top(app)->class == &ui_question_class)
            press(app, ui_key_parse(key, n));
        key += n + (key[n] == ',');
    }
}

/* Ask, and press: its own keys, then those of `keys`. How often it ran. */
static int ask_and_press(const struct ui_action *a, bool own, const int *keys, size_t n)
{
    struct ui_app app = {0};
    struct ui_view owner = {.class = &owner_class, .app = &app};
    struct ui_action counted = *a;
    counted.run = run_counted;
    ran = 0;
    app.top[0] = &owner;
    ui_action_ask(&owner, &counted, "");
    struct ui_view *question = app.top[0];
    assert_ptr_equal(question->class, &ui_question_class);
    if (own)
        press_keys_of(&app, a);
    for (size_t i = 0; i < n && ui_top(&app) == question; i++)
        press(&app, keys[i]);
    question->class->fini(question);
    free(question);
    ui_message_fini(&app);
    free(app.asked);
    return ran;
}

static size_t asked;

static void asks_first(const struct ui_action *a)
{
    static const int enter[] = {UI_KEY_ENTER, UI_KEY_ENTER, UI_KEY_ENTER};
    static const int go[] = {UI_KEY_TAB, UI_KEY_ENTER};
    static const int type[] = {'i', 't', UI_KEY_ENTER, UI_KEY_ENTER};
    if (a->danger < UI_ASKS)
        return;
    asked++;
    if (ask_and_press(a, true, enter, 3) != 0)
        fail_msg("%s is done by the key that asked, or by Enter alone", a->name);
    bool typed = a->danger == UI_TYPE_NAME;
    if (typed && ask_and_press(a, false, go, 2) != 0)
        fail_msg("%s is done without its name", a->name);
    if (ask_and_press(a, false, typed ? type : go, typed ? 4 : 2) != 1)
        fail_msg("%s is not done when it is said yes to", a->name);
}

static void what_asks_has_a_harmless_default(void **state)
{
    (void)state;
    asked = 0;
    each_action(asks_first);
    assert_true(asked > 8);
}

/* ---- what is said ---- */

enum { YOUNG_MS = 1000, OLD_MS = 6000 };

static bool stands(const char *mark, int age_ms, int key)
{
    struct ui_app app = {0};
    ui_say(&app, mark, "said");
    app.message_ms -= age_ms;
    ui_message_dismiss(&app, key);
    bool shown = ui_message_shown(&app) != NULL;
    ui_message_fini(&app);
    return shown;
}

static void messages_stay_as_long_as_they_should(void **state)
{
    (void)state;
    assert_true(stands("i", YOUNG_MS, 'j') && stands("i", YOUNG_MS, UI_KEY_ESC));
    assert_true(stands("!!", YOUNG_MS, UI_KEY_ESC));
    assert_false(stands("i", OLD_MS, 'j'));
    assert_false(stands("!", OLD_MS, '2'));
    assert_true(stands("!!", OLD_MS, 'j') && stands("!!", OLD_MS, '2'));
    assert_false(stands("!!", OLD_MS, UI_KEY_ESC));
}

/* ---- what depends on what is removed ---- */

static const struct {
    enum rl_kind kind;
    size_t n;
    const char *answer, *text;
} dependants[] = {
    {RL_USER,        1, "{\"users\":[], \"more\":false}",                                           "Nothing depends on it.\nIt cannot be undone."               },
    {RL_PHONE,       2, "{\"users\":[], \"more\":false}",
     "Nothing depends on them. Calls with a device that is unknown are open.\nU undoes it."                                                                      },
    {RL_PROFILE,     1, "{\"users\":[{\"kind\":\"phone\",\"name\":\"A\\u202e\"}], \"more\":false}",
     "On it depend: 1 phone (A\\u202e). Profiles that phones have are not removed.\nU undoes it."                                                                },
    {RL_CERTIFICATE, 3,
     "{\"users\":[{\"kind\":\"profile\",\"name\":\"P\"},{\"kind\":\"phone\",\"name\":\"A\"},"
     "{\"kind\":\"phone\",\"name\":\"B\"},{\"kind\":\"phone\",\"name\":\"C\"},"
     "{\"kind\":\"phone\",\"name\":\"D\"},{\"kind\":\"phone\",\"name\":\"A\"}], \"more\":true}",    "On them depend: 4 phones or more (A, B, C and 1 more), 1 profile or more (P). Phones without "
     "another certificate are not secure any more.\nU undoes it."},
};

static void what_depends_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dependants / sizeof *dependants; i++) {
        struct rl_buf text = {0};
        json_t *answer = json_loads(dependants[i].answer, 0, NULL);
        ui_depend_text(dependants[i].kind, dependants[i].n, answer, &text);
        assert_string_equal(rl_buf_str(&text), dependants[i].text);
        json_decref(answer);
        rl_buf_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_key_is_shadowed),
        cmocka_unit_test(every_action_says_how_dangerous_it_is),
        cmocka_unit_test(what_asks_has_a_harmless_default),
        cmocka_unit_test(messages_stay_as_long_as_they_should),
        cmocka_unit_test(what_depends_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
