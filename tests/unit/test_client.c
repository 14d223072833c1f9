#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/engine.h"
#include "client/questions.h"

/* ---- questions ---- */

struct told {
    int answers, failures;
    struct rl_questions *ask_again;
};

static void tell(void *ctx, const json_t *result, const struct rl_err *err, const json_t *problems)
{
    struct told *told = ctx;
    (void)result;
    (void)problems;
    told->answers++;
    told->failures += err != NULL;
    if (told->ask_again) {
        rl_question_add(told->ask_again, tell, ctx)->deadline_us = 100;
        told->ask_again = NULL;
    }
}

static void questions_are_taken_by_number_and_deadline(void **state)
{
    struct rl_questions list = {0};
    struct told told = {0};
    (void)state;
    assert_int_equal(rl_question_first_deadline(&list), INT64_MAX);
    rl_question_add(&list, tell, &told)->deadline_us = 30;
    unsigned second = rl_question_add(&list, tell, &told)->number;
    list.first->next->deadline_us = 20;
    rl_question_add(&list, tell, &told)->deadline_us = 10;
    assert_int_equal(rl_question_first_deadline(&list), 10);
    struct rl_question *q = rl_question_take(&list, second);
    assert_int_equal(q->number, second);
    assert_null(rl_question_take(&list, second));
    rl_question_answer(q, NULL, NULL, NULL);
    assert_null(rl_question_take_overdue(&list, 9));
    q = rl_question_take_overdue(&list, 10);
    assert_int_equal(q->deadline_us, 10);
    rl_question_answer(q, NULL, &q->why, NULL);
    assert_int_equal(told.answers, 2);
    assert_int_equal(told.failures, 1);
    free(rl_question_take_overdue(&list, 30));
    assert_null(list.first);
}

/* Whoever is told of a lost connection may ask again at once: that question waits for the next one.
 */
static void failing_leaves_what_was_asked_meanwhile(void **state)
{
    struct rl_questions list = {0};
    struct told told = {.ask_again = &list};
    struct rl_err err = {0};
    (void)state;
    rl_question_add(&list, tell, &told);
    rl_question_add(&list, tell, &told);
    rl_fail(&err, RL_E_NO_ENGINE, "", "gone");
    rl_questions_fail(&list, &err);
    assert_int_equal(told.failures, 2);
    assert_non_null(list.first);
    assert_null(list.first->next);
    free(rl_question_take_overdue(&list, 100));
}

/* ---- what the engine said ---- */

static const struct {
    const char *said;
    enum rl_code code;
    const char *text;
} sayings[] = {
    {"ringlockd: E-SITE-BUSY: process 7 serves it\n",             RL_E_SITE_BUSY,  "process 7 serves it"},
    {"ringlockd: started\nringlockd: E-CONFIG: line 3: odd: x\n", RL_E_CONFIG,     "line 3: odd: x"     },
    {"E-IO: first\nE-SITE-NEWER: last\nringlockd: stopped\n",     RL_E_SITE_NEWER, "last"               },
    {"",                                                          RL_E_IO,         "otherwise"          },
    {"it failed without E-CODE\n",                                RL_E_IO,         "otherwise"          },
    {"TRUE-E-IO: no\n",                                           RL_E_IO,         "otherwise"          },
};

static void the_last_sentence_of_the_engine_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        struct rl_err err = {0};
        assert_int_equal(rl_engine_said(sayings[i].said, "otherwise", &err), sayings[i].code);
        assert_string_equal(err.text, sayings[i].text);
    }
}

/* ---- without an engine ---- */

struct seen {
    int states;
    enum rl_client_state last;
    enum rl_code why;
};

static void see(void *ctx, enum rl_client_state state, const struct rl_err *why)
{
    struct seen *seen = ctx;
    seen->states++;
    seen->last = state;
    seen->why = why ? why->code : RL_OK;
}

static void close_client(struct rl_client **client, uv_loop_t *loop)
{
    rl_client_free(client);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

static void nobody_there_is_told_and_tried_again(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct seen seen = {0};
    struct rl_client_hooks hooks = {.ctx = &seen, .state = see};
    struct rl_client_config config = {.site = "/nonexistent/ringlock-test"};
    struct rl_err err = {0};
    json_t *result = NULL;
    uv_loop_init(&loop);
    struct rl_client *client = rl_client_new(&loop, &config, &hooks);
    assert_int_equal(seen.states, 0);
    assert_int_equal(rl_client_wait_up(client, &err), RL_E_NO_ENGINE);
    assert_int_equal(seen.last, RL_CLIENT_LOST);
    assert_int_equal(seen.why, RL_E_NO_ENGINE);
    assert_int_equal(rl_client_ask(client, "status", NULL, &result, &err, NULL), RL_E_NO_ENGINE);
    assert_null(result);
    struct told told = {0};
    unsigned number = rl_client_call(client, "status", json_object(), tell, &told);
    assert_int_equal(told.answers, 0); /* never from inside the call */
    rl_client_drop(client, number);
    rl_client_call(client, "status", json_object(), tell, &told);
    close_client(&client, &loop);
    assert_int_equal(told.answers, 0);
    assert_null(client);
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct rl_client_config config = {
        .socket = "/tmp/0123456789012345678901234567890123456789012345678901234567890123456789"
                  "0123456789012345678901234567890123456789"};
    struct rl_err err = {0};
    uv_loop_init(&loop);
    struct rl_client *client = rl_client_new(&loop, &config, NULL);
    assert_int_equal(rl_client_wait_up(client, &err), RL_E_VALUE);
    assert_int_equal(rl_client_state(client), RL_CLIENT_REFUSED);
    close_client(&client, &loop);
}

static void a_site_that_is_missing_is_not_served(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct rl_client_config config = {.site = "/nonexistent/ringlock-test", .start_private = true};
    struct rl_err err = {0};
    uv_loop_init(&loop);
    struct rl_client *client = rl_client_new(&loop, &config, NULL);
    assert_int_equal(rl_client_wait_up(client, &err), RL_E_SITE_MISSING);
    close_client(&client, &loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_taken_by_number_and_deadline),
        cmocka_unit_test(failing_leaves_what_was_asked_meanwhile),
        cmocka_unit_test(the_last_sentence_of_the_engine_is_found),
        cmocka_unit_test(nobody_there_is_told_and_tried_again),
        cmocka_unit_test(a_path_too_long_for_a_socket_is_refused),
        cmocka_unit_test(a_site_that_is_missing_is_not_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
