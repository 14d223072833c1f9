#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringlock/hepfile.h"

/* A record: time, length, and a packet of six bytes. */
#define TIME   "\0\0\0\0\0\0\0\x07"
#define RECORD TIME "\0\0\0\x06HEP3\0\x06"

static struct rl_hepfile *file_with(const void *bytes, size_t n, char *path)
{
    struct rl_hepfile *file = NULL;
    struct rl_err err;

    strcpy(path, "/tmp/rl-hepfile-XXXXXX");
    int fd = mkstemp(path);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
    assert_int_equal(rl_hepfile_open(path, &file, &err), RL_OK);
    unlink(path);
    return file;
}

static void records_come_one_by_one(void **state)
{
    char path[64];
    struct rl_hepfile *file = file_with(RECORD RECORD, 2 * (sizeof RECORD - 1), path);
    struct rl_hep_record rec;
    struct rl_err err;
    bool more;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rl_hepfile_next(file, &rec, &more, &err), RL_OK);
        assert_true(more);
        assert_int_equal(rec.time_us, 7);
        assert_int_equal(rec.n, 6);
        assert_memory_equal(rec.bytes, "HEP3\0\x06", 6);
    }
    assert_int_equal(rl_hepfile_next(file, &rec, &more, &err), RL_OK);
    assert_false(more);
    rl_hepfile_close(&file);
    assert_null(file);
}

/* What may follow a good record: refused by its number, 1. */
static void damage_is_named_by_record(void **state)
{
#define ROW(bytes)              \
    {                           \
        bytes, sizeof bytes - 1 \
    }
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        ROW("\0"),
        ROW(TIME "\0\0\0"),
        ROW(TIME "\0\0\0\x06HEP3\0"),
        ROW(TIME "\0\0\0\x05HEP3\0"),
        ROW(TIME "\0\0\0\x06HEP4\0\x06"),
        ROW(TIME "\0\0\0\x06HEP3\0\x07"),
        ROW(TIME "\0\x01\0\0HEP3\0\x06"),
        ROW(TIME "\xff\xff\xff\xffHEP3"),
        ROW("\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x06HEP3\0\x06"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[64], bytes[256] = RECORD;
        struct rl_hep_record rec;
        struct rl_err err;
        bool more;
        memcpy(bytes + sizeof RECORD - 1, rows[i].bytes, rows[i].n);
        struct rl_hepfile *file = file_with(bytes, sizeof RECORD - 1 + rows[i].n, path);
        assert_int_equal(rl_hepfile_next(file, &rec, &more, &err), RL_OK);
        assert_int_equal(rl_hepfile_next(file, &rec, &more, &err), RL_E_HEP_FILE);
        assert_non_null(strstr(err.text, "record 1 "));
        rl_hepfile_close(&file);
    }
}

static void files_that_are_no_recording(void **state)
{
    char path[64];
    struct rl_hepfile *file = file_with("", 0, path);
    struct rl_hep_record rec;
    struct rl_err err;
    bool more;

    (void)state;
    assert_int_equal(rl_hepfile_next(file, &rec, &more, &err), RL_E_HEP_FILE);
    rl_hepfile_close(&file);
    assert_int_equal(rl_hepfile_open("/nowhere/at/all.hep", &file, &err), RL_E_IO);
    assert_int_equal(rl_hepfile_open("/tmp", &file, &err), RL_OK);
    assert_int_equal(rl_hepfile_next(file, &rec, &more, &err), RL_E_IO);
    rl_hepfile_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_one_by_one),
        cmocka_unit_test(damage_is_named_by_record),
        cmocka_unit_test(files_that_are_no_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
