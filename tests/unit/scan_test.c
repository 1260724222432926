/* scan_test.c - the scanners against the plainest loop. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "httpannotate/scan.h"

static void newlines_are_counted(void **state)
{
    (void)state;
    enum { SIZE = 20000 };
    char *bytes = malloc(SIZE);
    assert_non_null(bytes);
    uint32_t seed = 7;
    size_t plain = 0;
    for (size_t i = 0; i < SIZE; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (seed >> 24) % 3 == 0 ? '\n' : (char)(seed >> 16);
    }
    for (size_t len = 0; len <= SIZE; len += 1 + len / 50) {
        plain = 0;
        for (size_t i = 0; i < len; i++)
            plain += bytes[i] == '\n';
        assert_int_equal(ha_count_newlines((struct ha_view){bytes, len}), plain);
    }
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = '\n';
    assert_int_equal(ha_count_newlines((struct ha_view){bytes, SIZE}), SIZE);
    assert_int_equal(ha_count_newlines((struct ha_view){NULL, 0}), 0);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newlines_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
