/* quantiles_test.c - held against sorted values: never off by more than is promised, whatever the
 * values, and merged parts are the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "tally/quantiles.h"

#include <stdlib.h>
#include <string.h>

#define VALUES 5000

static uint64_t values[VALUES];

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void count_all(struct ha_quantiles *q, const uint64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(ha_quantiles_add(q, from[i]));
}

/* Against the nearest rank of the values themselves. */
static void assert_near(const uint64_t *sorted, size_t n, const struct ha_quantiles *q)
{
    for (unsigned percent = 1; percent <= 100; percent++) {
        uint64_t want = sorted[(n * percent + 99) / 100 - 1], got = ha_quantiles_at(q, percent);
        uint64_t off = got > want ? got - want : want - got;
        if (off > want / 128)
            fail_msg("%u %% of %zu: %llu, not %llu", percent, n, (unsigned long long)got,
                     (unsigned long long)want);
    }
    assert_int_equal(ha_quantiles_count(q), n);
}

static void check(size_t n)
{
    struct ha_quantiles q = {0};
    count_all(&q, values, n);
    qsort(values, n, sizeof *values, by_value);
    assert_near(values, n, &q);
    assert_int_equal(q.max, values[n - 1]);
    assert_int_equal(q.min, values[0]);
    ha_quantiles_done(&q);
}

static void never_off_by_more_than_promised(void **state)
{
    (void)state;
    struct random r = {1};
    for (size_t n = 1; n <= 300; n++) {
        for (size_t i = 0; i < n; i++)
            values[i] = random_next(&r) >> random_below(&r, 64); /* every size alike */
        check(n);
    }
    for (size_t i = 0; i < VALUES; i++)
        values[i] = UINT64_MAX - i * (UINT64_C(1) << 50); /* falling */
    check(VALUES);
    for (size_t i = 0; i < VALUES; i++)
        values[i] = i % 7 == 0 ? 0 : 1000000 + random_skewed(&r, 1000); /* two heaps */
    check(VALUES);
    for (size_t i = 0; i < VALUES; i++) /* at the edges of buckets */
        values[i] = (UINT64_C(1) << i % 64) + (i % 3) - 1;
    check(VALUES);
    for (size_t i = 0; i < VALUES; i++)
        values[i] = 129;
    check(VALUES);
}

/* Nothing is told beyond the least and the largest value: of one value alone all is exact. */
static void one_value_is_exact(void **state)
{
    (void)state;
    for (uint64_t value = 1; value < UINT64_MAX / 4; value += value / 3 + 1) {
        struct ha_quantiles q = {0};
        assert_true(ha_quantiles_add(&q, value) && ha_quantiles_add(&q, value));
        for (unsigned percent = 1; percent <= 100; percent += 33)
            assert_int_equal(ha_quantiles_at(&q, percent), value);
        ha_quantiles_done(&q);
    }
}

/* Buckets follow each other without gap or overlap, and none is wider than 1/64 of its least. */
static void buckets_tile_the_numbers(void **state)
{
    (void)state;
    uint64_t least = 0;
    for (size_t b = 0; b < HA_QUANTILES_BUCKETS; b++) {
        uint64_t width = b < 128 ? 1 : UINT64_C(1) << (b / 64 - 1);
        assert_int_equal(ha_quantiles_bucket(least), b);
        assert_int_equal(ha_quantiles_bucket(least + width - 1), b);
        assert_true(width == 1 || width <= least / 64);
        least += width; /* of the last one: 2^64 */
    }
    assert_int_equal(least, 0);
    assert_int_equal(ha_quantiles_bucket(UINT64_MAX), HA_QUANTILES_BUCKETS - 1);
}

static void merged_parts_are_the_whole(void **state)
{
    (void)state;
    struct random r = {2};
    for (int round = 0; round < 30; round++) {
        struct ha_quantiles whole = {0}, parts[3] = {{0}}, sum = {0};
        for (size_t i = 0; i < VALUES; i++) {
            uint64_t value = random_next(&r) >> random_below(&r, 64);
            assert_true(ha_quantiles_add(&whole, value));
            assert_true(ha_quantiles_add(&parts[random_below(&r, 2)], value));
        }
        for (int i = 0; i < 3; i++) /* the third is empty */
            assert_true(ha_quantiles_merge(&sum, &parts[round % 2 == 0 ? i : 2 - i]));
        assert_memory_equal(sum.counts, whole.counts, HA_QUANTILES_BUCKETS * sizeof *sum.counts);
        assert_int_equal(sum.sum, whole.sum);
        assert_int_equal(sum.min, whole.min);
        assert_int_equal(sum.max, whole.max);
        ha_quantiles_done(&whole);
        ha_quantiles_done(&sum);
        for (int i = 0; i < 3; i++)
            ha_quantiles_done(&parts[i]);
    }
}

static void the_figures_of_a_report(void **state)
{
    (void)state;
    struct ha_quantiles q = {0};
    static const struct ha_spread nothing;
    struct ha_spread s = ha_quantiles_spread(&q);
    assert_memory_equal(&s, &nothing, sizeof s);
    for (uint64_t i = 1; i <= 100; i++)
        assert_true(ha_quantiles_add(&q, i));
    s = ha_quantiles_spread(&q);
    static const struct ha_spread want = {100, 51, 50, 90, 95, 99, 100}; /* the mean is 50.5 */
    assert_memory_equal(&s, &want, sizeof s);
    ha_quantiles_reset(&q);
    s = ha_quantiles_spread(&q);
    assert_memory_equal(&s, &nothing, sizeof s);
    assert_true(ha_quantiles_add(&q, 7));
    assert_int_equal(ha_quantiles_count(&q), 1);
    assert_int_equal(ha_quantiles_at(&q, 1), 7);
    ha_quantiles_reset(&q);
    struct ha_quantiles other = {0};
    assert_true(ha_quantiles_merge(&other, &q)); /* one that was emptied adds nothing */
    assert_int_equal(ha_quantiles_count(&other), 0);
    assert_true(ha_quantiles_add(&other, 3));
    assert_true(ha_quantiles_merge(&q, &other));
    assert_int_equal(ha_quantiles_at(&q, 100), 3);
    ha_quantiles_done(&q);
    ha_quantiles_done(&other);
}

static void counters_stop_at_their_maximum(void **state)
{
    (void)state;
    struct ha_quantiles q = {0}, other = {0};
    assert_true(ha_quantiles_add(&q, 5) && ha_quantiles_add(&other, UINT64_MAX));
    q.counts[ha_quantiles_bucket(5)] = UINT64_MAX;
    assert_true(ha_quantiles_add(&q, 5));
    assert_true(ha_quantiles_merge(&q, &other));
    assert_int_equal(ha_quantiles_count(&q), UINT64_MAX);
    assert_int_equal(ha_quantiles_at(&q, 99), 5);
    ha_quantiles_done(&q);
    ha_quantiles_done(&other);
}

static void the_mean_of_the_largest_is_their_mean(void **state)
{
    (void)state;
    struct ha_quantiles q = {0}, other = {0};
    for (int i = 0; i < 5; i++)
        assert_true(ha_quantiles_add(&q, UINT64_MAX - 4) && ha_quantiles_add(&other, UINT64_MAX));
    assert_int_equal(ha_quantiles_spread(&q).mean, UINT64_MAX - 4);
    assert_true(ha_quantiles_merge(&q, &other));
    assert_int_equal(ha_quantiles_spread(&q).mean, UINT64_MAX - 2);
    assert_int_equal(q.sum_high, 9);
    ha_quantiles_reset(&other);
    assert_true(ha_quantiles_add(&other, 2));
    assert_int_equal(ha_quantiles_spread(&other).mean, 2);
    /* More than there can be, as of a forged partial report. */
    q.sum_high = UINT64_MAX;
    q.sum = UINT64_MAX;
    assert_true(ha_quantiles_merge(&q, &other));
    assert_int_equal(ha_quantiles_spread(&q).mean, UINT64_MAX);
    ha_quantiles_done(&q);
    ha_quantiles_done(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_off_by_more_than_promised),
        cmocka_unit_test(one_value_is_exact),
        cmocka_unit_test(buckets_tile_the_numbers),
        cmocka_unit_test(merged_parts_are_the_whole),
        cmocka_unit_test(the_figures_of_a_report),
        cmocka_unit_test(counters_stop_at_their_maximum),
        cmocka_unit_test(the_mean_of_the_largest_is_their_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
