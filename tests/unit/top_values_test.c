/* top_values_test.c - what a top list keeps of values: any bytes, long ones cut but told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/scan.h"
#include "random.h"
#include "tally/hash.h"
#include "tally/top_glance.h"
#include "tally/top_look.h"

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

enum { DIGITS_BYTES = 180 };

/* Values that differ in some digits alone, from byte `at` on. */
static struct ha_view digits_at(char *to, size_t at, unsigned n)
{
    char digits[8];
    snprintf(digits, sizeof digits, "%05u", n);
    memset(to, 'x', DIGITS_BYTES);
    memcpy(to + at, digits, 5);
    return (struct ha_view){to, DIGITS_BYTES};
}

/* Nobody shall be able to make values that cost more than others, or are taken for each other: not
 * when all look alike at a glance. */
static void what_looks_alike_is_told_apart(void **state)
{
    (void)state;
    enum { ALIKE = 70, UNLIKE = 0, VALUES = 3000 };
    static const size_t caps[] = {VALUES, 700};
    static struct ha_top_entry x[VALUES], y[VALUES];
    const struct ha_top_look *look = ha_top_look_in_use();
    char a[DIGITS_BYTES], b[DIGITS_BYTES];
    assert_true(look->glance(digits_at(a, ALIKE, 1)) == look->glance(digits_at(b, ALIKE, 20000)));
    assert_true(look->glance(digits_at(a, UNLIKE, 1)) != look->glance(digits_at(b, UNLIKE, 20000)));
    for (size_t c = 0; c < HA_COUNT(caps); c++) {
        struct ha_top_list alike, unlike, more;
        struct random r = {c};
        list_init(&alike, caps[c], 1 << 20, 1);
        list_init(&unlike, caps[c], 1 << 20, 1);
        list_init(&more, caps[c], 1 << 20, 2);
        for (int i = 0; i < 20000; i++) {
            unsigned n = (unsigned)random_skewed(&r, VALUES);
            struct ha_view v[2] = {digits_at(a, ALIKE, n), digits_at(b, UNLIKE, n)};
            assert_true(ha_top_add(i % 3 == 0 ? &more : &alike, &v[0], 1));
            assert_true(i % 3 == 0 || ha_top_add(&unlike, &v[1], 1));
        }
        size_t n = ha_top_read(&alike, VALUES, x);
        assert_int_equal(n, ha_top_read(&unlike, VALUES, y));
        assert_true(n > 200 && (alike.bound > 0) == (caps[c] < VALUES));
        for (size_t i = 0; i < n; i++) {
            assert_memory_equal(x[i].value.ptr + ALIKE, y[i].value.ptr + UNLIKE, 5);
            assert_int_equal(x[i].count, y[i].count);
            assert_int_equal(x[i].at_most_over, y[i].at_most_over);
        }
        uint64_t before = alike.bound, sum = 0;
        assert_true(ha_top_merge(&alike, &more));
        n = ha_top_read(&alike, VALUES, x);
        for (size_t i = 0; i < n; i++)
            sum += x[i].count;
        assert_true(before > 0 || sum == 20000);
        assert_true(alike.index.hashed > alike.entries - 10); /* all but a few */
        ha_top_done(&alike);
        ha_top_done(&unlike);
        ha_top_done(&more);
    }
}

/* Each length in memory of just that size, so that a sanitizer tells of any byte beyond. */
static void every_byte_tells_values_apart(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 300; len++) {
        char *a = ha_alloc(len + (len == 0)), *b = ha_alloc(len + (len == 0));
        assert_true(a != NULL && b != NULL);
        memset(a, 'x', len);
        memset(b, 'x', len);
        assert_true(ha_glance_equal(a, b, len));
        assert_true(ha_glance((struct ha_view){a, len}) == ha_glance((struct ha_view){b, len}));
        for (size_t at = 0; at < len; at++) {
            b[at] = 'y';
            assert_false(ha_glance_equal(a, b, len));
            b[at] = 'x';
        }
        ha_free(a);
        ha_free(b);
    }
}

/* Where values were counted, or 0 when one of them made others move. */
static void tells_where_values_were_counted(void **state)
{
    (void)state;
    static char text[90][32];
    struct ha_view views[90];
    uint32_t places[90];
    struct ha_top_list l;
    struct random r = {12};
    int told = 0, moved = 0;
    list_init(&l, 200, 1 << 20, 1);
    for (int round = 0; round < 300; round++) {
        size_t n = 1 + random_below(&r, 90);
        for (size_t i = 0; i < n; i++)
            views[i] = text_of(random_skewed(&r, 20 + 2 * (unsigned)round), text[i], 32);
        uint64_t moves = l.moves;
        assert_true(ha_top_add_at(&l, views, n, places));
        for (size_t i = 0; i < n; i++) {
            if (l.moves != moves) {
                assert_int_equal(places[i], 0);
                moved++;
            } else {
                assert_true(ha_view_eq(ha_top_kept(ha_top_record_at(&l, places[i] - 1)), views[i]));
                told++;
            }
        }
    }
    assert_true(told > 1000 && moved > 100);
    ha_top_done(&l);
}

static void values_that_differ_in_a_secret_are_one(void **state)
{
    (void)state;
    struct ha_limits limits = limits_of(100, 1 << 20, 20);
    static char text[3][9000];
    struct ha_top_list l;
    struct ha_top_entry to[10], found;
    uint32_t places[2];
    assert_true(ha_top_init(&l, &limits, 1, NULL));
    for (int i = 0; i < 200; i++) {
        snprintf(text[0], sizeof text[0], "/a?token=%d", i);
        add_text(&l, text[0]);
    }
    add_text(&l, "/a?token=***");
    /* Long ones, too, up to what is kept of any. */
    for (size_t i = 0; i < 3; i++) {
        memset(text[i], 'a', sizeof text[i] - 1);
        memcpy(text[i], "/b?sig=", 7);
        text[i][7 + 100 * i] = '&';
    }
    const struct ha_view longs[2] = {{text[1], 8000}, {text[2], 8000}};
    assert_true(ha_top_add_at(&l, longs, 2, places));
    assert_int_equal(places[0], places[1]);
    assert_int_equal(ha_top_read(&l, 10, to), 2);
    assert_true(ha_view_is(to[0].value, "/a?token=***"));
    assert_int_equal(to[0].count, 201);
    assert_true(ha_view_is(to[1].value, "/b?sig=***&aaaaaaaaa..."));
    assert_int_equal(to[1].count, 2);
    assert_true(ha_top_find(&l, to[0].value, &found));
    assert_int_equal(found.count, 201);
    ha_top_done(&l);
}

static const char *kernel;

static int use_kernel(void **state)
{
    (void)state;
    return ha_scan_use(kernel, NULL) == HA_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_values_are_cut_and_told_apart),
        cmocka_unit_test(values_that_differ_in_a_secret_are_one),
        cmocka_unit_test(no_character_is_cut_apart),
        cmocka_unit_test(any_bytes_are_a_value),
        cmocka_unit_test(reads_the_first_few),
        cmocka_unit_test(tells_of_each_value_that_comes_in),
        cmocka_unit_test(tells_what_there_is_room_for),
        cmocka_unit_test(what_looks_alike_is_told_apart),
        cmocka_unit_test(every_byte_tells_values_apart),
        cmocka_unit_test(tells_where_values_were_counted),
    };
    /* The way that values are looked at goes by the scanner's kernel. */
    int failed = 0;
    for (size_t i = 0; (kernel = ha_scan_kernel_name(i)) != NULL; i++)
        failed += cmocka_run_group_tests_name(kernel, tests, use_kernel, NULL);
    return failed;
}
