/* top_values_test.c - what a top list keeps of values: any bytes, long ones cut but told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "tally/hash.h"
#include "tally/top.h"

#include <stdio.h>
#include <string.h>

static struct ha_limits limits_of(size_t entries, size_t bytes, size_t value)
{
    struct ha_limits l = HA_LIMITS_DEFAULT;
    l.top_entries = entries;
    l.top_bytes = bytes;
    l.value_bytes = value;
    return l;
}

static void list_init(struct ha_top_list *l, size_t entries, size_t bytes, uint64_t seed)
{
    struct ha_limits limits = limits_of(entries, bytes, 200);
    assert_true(ha_top_init(l, &limits, seed, NULL));
}

static struct ha_view text_of(uint64_t n, char *to, size_t size)
{
    int len = snprintf(to, size, "/value/%04u", (unsigned)n);
    return (struct ha_view){to, (size_t)len};
}

static void add(struct ha_top_list *l, uint64_t n)
{
    char text[32];
    struct ha_view v = text_of(n, text, sizeof text);
    assert_true(ha_top_add(l, &v, 1));
}

static void add_text(struct ha_top_list *l, const char *text)
{
    struct ha_view v = ha_view_of(text);
    assert_true(ha_top_add(l, &v, 1));
}

static void long_values_are_cut_and_told_apart(void **state)
{
    (void)state;
    struct ha_limits limits = limits_of(100, 1 << 20, 20);
    struct ha_top_list l, other;
    struct ha_top_entry to[10];
    assert_true(ha_top_init(&l, &limits, 1, NULL));
    assert_true(ha_top_init(&other, &limits, 2, NULL));
    add_text(&l, "/a/long/prefix/same/one");
    add_text(&l, "/a/long/prefix/same/two");
    add_text(&l, "/a/long/prefix/same/two");
    add_text(&l, "/a/long/prefix/same/and longer");
    add_text(&l, "/a/long/prefix/same/"); /* 20 bytes: whole */
    add_text(&l, "/a/long/prefix/same/...");
    assert_int_equal(ha_top_read(&l, 10, to), 5);
    assert_true(ha_view_is(to[0].value, "/a/long/prefix/same/..."));
    assert_int_equal(to[0].count, 2);
    assert_int_equal(to[0].full_len, 23);
    assert_true(ha_view_is(to[1].value, "/a/long/prefix/same/"));
    assert_int_equal(to[1].full_len, 20);
    assert_int_equal(to[2].full_len, 23);
    assert_int_equal(to[4].full_len, 30);
    add_text(&other, "/a/long/prefix/same/and longer");
    add_text(&other, "/a/long/prefix/same/two");
    assert_true(ha_top_merge(&l, &other));
    assert_int_equal(ha_top_read(&l, 10, to), 5);
    assert_int_equal(to[0].count, 3);
    assert_int_equal(to[1].count, 2);
    assert_int_equal(to[1].full_len, 30);
    ha_top_done(&l);
    ha_top_done(&other);
}

static void no_character_is_cut_apart(void **state)
{
    (void)state;
    struct ha_limits limits = limits_of(100, 1 << 20, 5);
    struct ha_top_list l;
    struct ha_top_entry to[10];
    assert_true(ha_top_init(&l, &limits, 1, NULL));
    add_text(&l, "abc\xe2\x82\xac"
                 "def");
    add_text(&l, "\x80\x80\x80\x80\x80\x80\x80\x80\x80"); /* no UTF-8 at all */
    assert_int_equal(ha_top_read(&l, 10, to), 2);
    assert_true(ha_view_is(to[0].value, "abc..."));
    assert_true(ha_view_is(to[1].value, "\x80\x80..."));
    ha_top_done(&l);
}

static void any_bytes_are_a_value(void **state)
{
    (void)state;
    static const struct ha_view views[] = {{"", 0},         {NULL, 0},       {"\0", 1}, {"\0\0", 2},
                                           {"a\0b", 3},     {"a\0c", 3},     {"a", 1},  {"-", 1},
                                           {"12345678", 8}, {"1234567\0", 8}};
    struct ha_top_list l;
    struct ha_top_entry to[10];
    list_init(&l, 100, 1 << 20, 1);
    assert_true(ha_top_add(&l, views, HA_COUNT(views)));
    assert_true(ha_top_add(&l, views, HA_COUNT(views)));
    assert_int_equal(ha_top_read(&l, 10, to), 9);
    assert_int_equal(to[0].count, 4);
    assert_int_equal(to[0].value.len, 0);
    for (int i = 1; i < 9; i++)
        assert_int_equal(to[i].count, 2);
    ha_top_done(&l);
}

static void reads_the_first_few(void **state)
{
    (void)state;
    struct ha_top_list l;
    struct ha_top_entry few[7], all[500];
    struct random r = {8};
    list_init(&l, 1000, 1 << 20, 1);
    assert_int_equal(ha_top_read(&l, 7, few), 0);
    for (int i = 0; i < 2000; i++)
        add(&l, random_skewed(&r, 500));
    assert_int_equal(ha_top_read(&l, 0, few), 0);
    size_t n = ha_top_read(&l, 500, all);
    assert_true(n > 100);
    for (size_t k = 1; k <= 7; k++) {
        assert_int_equal(ha_top_read(&l, k, few), k);
        for (size_t i = 0; i < k; i++)
            assert_true(few[i].value.ptr == all[i].value.ptr);
    }
    ha_top_done(&l);
}

static void tells_of_each_value_that_comes_in(void **state)
{
    (void)state;
    static struct ha_distinct seen, expected;
    struct ha_limits limits = limits_of(50, 1 << 20, 10); /* values of 11 bytes: also cut ones */
    for (uint64_t seed = 1; seed < 3; seed++) {
        struct ha_top_list l;
        memset(&seen, 0, sizeof seen);
        memset(&expected, 0, sizeof expected);
        assert_true(ha_top_init(&l, &limits, seed, &seen));
        for (uint64_t i = 0; i < 3000; i++) {
            char text[32];
            struct ha_view v = text_of(i % 1000, text, sizeof text);
            if (i % 2 == 0)
                v.len -= 2;
            assert_true(ha_top_add(&l, &v, 1));
            ha_distinct_add(&expected, ha_hash(v.ptr, v.len, HA_HASH_FIXED_SEED));
        }
        assert_memory_equal(&seen, &expected, sizeof seen);
        ha_top_done(&l);
    }
}

static void tells_what_there_is_room_for(void **state)
{
    (void)state;
    struct ha_limits limits = limits_of(100, 1000, 20);
    struct ha_top_list l;
    assert_true(ha_top_init(&l, &limits, 1, NULL));
    assert_true(ha_top_has_room(&l, 43)); /* each with a mark: 43 * 23 = 989 */
    assert_false(ha_top_has_room(&l, 44));
    add_text(&l, "12345678901");
    add_text(&l, "12345678901");
    assert_true(ha_top_has_room(&l, 43));
    add_text(&l, "1");
    assert_false(ha_top_has_room(&l, 43));
    ha_top_done(&l);
    limits.top_entries = 10;
    assert_true(ha_top_init(&l, &limits, 1, NULL));
    assert_true(ha_top_has_room(&l, 10));
    assert_false(ha_top_has_room(&l, 11));
    ha_top_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_values_are_cut_and_told_apart),
        cmocka_unit_test(no_character_is_cut_apart),
        cmocka_unit_test(any_bytes_are_a_value),
        cmocka_unit_test(reads_the_first_few),
        cmocka_unit_test(tells_of_each_value_that_comes_in),
        cmocka_unit_test(tells_what_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
