/* Distance between names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "httpannotate/nearest.h"

static size_t distance(const char *a, const char *b)
{
    size_t there = ha_edit_distance(ha_view_of(a), ha_view_of(b));
    assert_int_equal(there, ha_edit_distance(ha_view_of(b), ha_view_of(a)));
    return there;
}

static void edits_are_counted(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("status", "status"), 0);
    assert_int_equal(distance("status", "STATUS"), 0);
    assert_int_equal(distance("stauts", "status"), 1); /* neighbours swapped */
    assert_int_equal(distance("statu", "status"), 1);
    assert_int_equal(distance("statuss", "status"), 1);
    assert_int_equal(distance("stetus", "status"), 1);
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("ca", "abc"), 3); /* restricted: no edit within a swapped pair */
    assert_int_equal(distance("abcdef", "badcfe"), 3);
    assert_int_equal(distance("ab", "xy"), 2);
}

static void long_names_are_cut(void **state)
{
    (void)state;
    char a[300], b[300];
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    struct ha_view va = {a, sizeof a}, vb = {b, sizeof b};
    assert_int_equal(ha_edit_distance(va, vb), 64);
    assert_int_equal(ha_edit_distance(va, va), 0);
}

static void short_names_must_be_nearer(void **state)
{
    (void)state;
    assert_int_equal(ha_near_enough(1), 1);
    assert_int_equal(ha_near_enough(3), 1);
    assert_int_equal(ha_near_enough(6), 2);
    assert_int_equal(ha_near_enough(12), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(short_names_must_be_nearer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
