/* What every unit test includes: cmocka and short names for it. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(s, expected)                                                                    \
    do {                                                                                           \
        struct str s_ = (s);                                                                       \
        assert_int_equal(s_.n, strlen(expected));                                                  \
        assert_memory_equal(s_.p, expected, s_.n);                                                 \
    } while (0)

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

static inline int unit_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

/* A folder with all in it. */
static inline void remove_tree(const char *dir)
{
    assert_int_equal(nftw(dir, unit_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
