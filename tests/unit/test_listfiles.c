/* Trust lists in the directory that servers read: whole, readable, and what is right is left alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/listfiles.h"
#include "ringlock/buf.h"

struct dir {
    char path[64];
    int fd;
};

static int make_dir(void **state)
{
    struct dir *d = rl_alloc(sizeof *d);
    strcpy(d->path, "/tmp/ringlock-lists-XXXXXX");
    if (!mkdtemp(d->path))
        return -1;
    d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = d;
    umask(077);
    return 0;
}

static int remove_dir(void **state)
{
    static const char *const names[] = {"CTLFile.tlv", "CTLFile.tlv.new", "CTLSEP1.tlv",
                                        "ITLSEP1.tlv"};
    struct dir *d = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlinkat(d->fd, names[i], 0);
    close(d->fd);
    int status = rmdir(d->path); /* nothing else was left */
    free(d);
    return status;
}

/* What a server would give for this name; "" for nothing. */
static const char *served(const struct dir *d, const char *name)
{
    static char text[64];
    int fd = openat(d->fd, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

static struct stat stat_of(const struct dir *d, const char *name)
{
    struct stat st;
    assert_int_equal(fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
    return st;
}

static void put(const struct dir *d, const char *name, const char *text)
{
    int fd = openat(d->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void phones_get_a_list_once_it_is_in_its_place(void **state)
{
    const struct dir *d = *state;
    struct rl_err err = {0};
    assert_int_equal(rl_listfile_stage(d->path, RL_LIST_CTL, "old", 3, &err), RL_OK);
    assert_string_equal(served(d, "CTLFile.tlv"), "");
    assert_int_equal(rl_listfile_place(d->path, RL_LIST_CTL, &err), RL_OK);
    assert_string_equal(served(d, "CTLFile.tlv"), "old");
    assert_int_equal(stat_of(d, "CTLFile.tlv").st_mode & 07777, 0644);
    assert_int_equal(rl_listfile_stage(d->path, RL_LIST_CTL, "new", 3, &err), RL_OK);
    assert_string_equal(served(d, "CTLFile.tlv"), "old");
    rl_listfile_drop(d->path, RL_LIST_CTL);
    assert_int_not_equal(rl_listfile_place(d->path, RL_LIST_CTL, &err), RL_OK);
    assert_string_equal(served(d, "CTLFile.tlv"), "old");
}

static void the_directory_is_settled(void **state)
{
    static const struct {
        const char *file, *aside, *wanted;
        bool kept; /* the file that is there is left alone */
    } cases[] = {
        {NULL,   NULL,   "body", false},
        {"body", NULL,   "body", true },
        {"bod",  NULL,   "body", false},
        {"BODY", "body", "body", false},
        {"body", "half", "body", true },
        {"body", NULL,   NULL,   false},
        {NULL,   "half", NULL,   false},
    };
    const struct dir *d = *state;
    struct rl_err err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rl_listfile_settle(d->path, RL_LIST_CTL, NULL, 0, &err);
        if (cases[i].file) {
            put(d, "CTLFile.tlv", cases[i].file);
            assert_int_equal(fchmodat(d->fd, "CTLFile.tlv", 0644, 0), 0);
        }
        ino_t before = cases[i].file ? stat_of(d, "CTLFile.tlv").st_ino : 0;
        if (cases[i].aside)
            put(d, "CTLFile.tlv.new", cases[i].aside);
        assert_int_equal(rl_listfile_settle(d->path, RL_LIST_CTL, cases[i].wanted, 4, &err), RL_OK);
        assert_string_equal(served(d, "CTLFile.tlv"), cases[i].wanted ? cases[i].wanted : "");
        assert_string_equal(served(d, "CTLFile.tlv.new"), "");
        if (cases[i].kept)
            assert_int_equal(stat_of(d, "CTLFile.tlv").st_ino, before);
    }
}

static void what_others_may_not_read_is_mended(void **state)
{
    const struct dir *d = *state;
    struct rl_err err = {0};
    put(d, "CTLFile.tlv", "body");
    assert_int_equal(rl_listfile_settle(d->path, RL_LIST_CTL, "body", 4, &err), RL_OK);
    assert_int_equal(stat_of(d, "CTLFile.tlv").st_mode & 07777, 0644);
}

static void a_phone_has_names_that_lead_to_the_lists(void **state)
{
    const struct dir *d = *state;
    struct rl_err err = {0};
    assert_int_equal(rl_listlink_settle(d->fd, "SEP1", true, &err), RL_OK);
    assert_string_equal(served(d, "CTLSEP1.tlv"), ""); /* no list: file not found */
    put(d, "CTLFile.tlv", "body");
    assert_string_equal(served(d, "CTLSEP1.tlv"), "body");
    ino_t before = stat_of(d, "ITLSEP1.tlv").st_ino;
    assert_int_equal(rl_listlink_settle(d->fd, "SEP1", true, &err), RL_OK);
    assert_int_equal(stat_of(d, "ITLSEP1.tlv").st_ino, before);
    assert_int_equal(unlinkat(d->fd, "CTLSEP1.tlv", 0), 0);
    put(d, "CTLSEP1.tlv", "foreign");
    assert_int_equal(rl_listlink_settle(d->fd, "SEP1", true, &err), RL_OK);
    assert_string_equal(served(d, "CTLSEP1.tlv"), "body");
    for (int i = 0; i < 2; i++)
        assert_int_equal(rl_listlink_settle(d->fd, "SEP1", false, &err), RL_OK);
    assert_string_equal(served(d, "CTLSEP1.tlv"), "");
}

static void a_phone_called_file_does_not_hide_the_list(void **state)
{
    const struct dir *d = *state;
    struct rl_err err = {0};
    put(d, "CTLFile.tlv", "body");
    assert_int_equal(rl_listlink_settle(d->fd, "File", true, &err), RL_OK);
    assert_int_equal(rl_listlink_settle(d->fd, "File", false, &err), RL_OK);
    assert_string_equal(served(d, "CTLFile.tlv"), "body");
}

static void names_of_phones_are_told_from_others(void **state)
{
    static const struct {
        const char *file, *phone;
    } cases[] = {
        {"CTLSEP1.tlv",      "SEP1"},
        {"ITLa.b.tlv",       "a.b" },
        {"CTLFile.tlv",      NULL  },
        {"ITLFile.tlv",      NULL  },
        {"CTL.tlv",          NULL  },
        {"CTLSEP1.tlv.new",  NULL  },
        {"SEP1.cnf.xml.sgn", NULL  },
        {"tlv",              NULL  },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *phone = NULL;
        size_t n = 0;
        assert_int_equal(rl_listlink_is(cases[i].file, &phone, &n), cases[i].phone != NULL);
        if (cases[i].phone) {
            assert_int_equal(n, strlen(cases[i].phone));
            assert_memory_equal(phone, cases[i].phone, n);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(phones_get_a_list_once_it_is_in_its_place),
        TEST(the_directory_is_settled),
        TEST(what_others_may_not_read_is_mended),
        TEST(a_phone_has_names_that_lead_to_the_lists),
        TEST(a_phone_called_file_does_not_hide_the_list),
        cmocka_unit_test(names_of_phones_are_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
