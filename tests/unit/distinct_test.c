/* distinct_test.c - the estimate of distinct values, from none to millions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "tally/distinct.h"
#include "tally/hash.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct ha_distinct a, b, c, empty;

static void clear(void)
{
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    memset(&c, 0, sizeof c);
}

static void add_number(struct ha_distinct *d, uint64_t n)
{
    /* As long as the hash's branch for keys of up to 128 bytes could read: gcc at -O3 does not see
     * that four bytes of an address are never so long. */
    char text[128];
    int len = snprintf(text, sizeof text, "%u.%u.%u.%u", (unsigned)(n >> 24 & 255),
                       (unsigned)(n >> 16 & 255), (unsigned)(n >> 8 & 255), (unsigned)(n & 255));
    ha_distinct_add(d, ha_hash(text, (size_t)len, HA_HASH_FIXED_SEED));
}

static double error_of(const struct ha_distinct *d, uint64_t truth)
{
    return fabs((double)ha_distinct_count(d) - (double)truth) / (double)truth;
}

static void nothing_is_zero(void **state)
{
    (void)state;
    clear();
    assert_int_equal(ha_distinct_count(&a), 0);
    ha_distinct_merge(&a, &empty);
    assert_int_equal(ha_distinct_count(&a), 0);
    add_number(&a, 1);
    assert_int_equal(ha_distinct_count(&a), 1);
}

/* Addresses as texts, so that the hash is held to account too. */
static void within_two_percent_at_every_size(void **state)
{
    (void)state;
    uint64_t check = 10;
    clear();
    for (uint64_t n = 1; n <= 2000000; n++) {
        add_number(&a, n);
        if (n == check || n == 2000000) {
            assert_true(error_of(&a, n) < 0.02);
            check += check / 4;
        }
    }
}

/* The error must not lean to one side: over many sets its mean is near 0, in the middle of the
 * range, where plain HyperLogLog has its bias, as well. */
static void has_no_bias(void **state)
{
    (void)state;
    struct random r = {1};
    static const uint64_t sizes[] = {1000, 20000, 45000, 80000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        double mean = 0, square = 0;
        for (int set = 0; set < 60; set++) {
            clear();
            for (uint64_t i = 0; i < sizes[s]; i++)
                ha_distinct_add(&a, random_next(&r));
            double error = (double)ha_distinct_count(&a) / (double)sizes[s] - 1;
            mean += error / 60;
            square += error * error / 60;
        }
        assert_true(fabs(mean) < 0.004); /* four times the standard error of such a mean */
        assert_true(sqrt(square) < 0.011);
    }
}

static void repeats_and_order_do_not_count(void **state)
{
    (void)state;
    clear();
    for (uint64_t i = 0; i < 5000; i++)
        add_number(&a, i);
    for (int turn = 0; turn < 3; turn++)
        for (uint64_t i = 5000; i > 0; i--)
            add_number(&b, i - 1);
    assert_memory_equal(&a, &b, sizeof a);
}

static void merge_is_the_union(void **state)
{
    (void)state;
    struct random r = {2};
    clear();
    for (uint64_t i = 0; i < 50000; i++) {
        uint64_t n = random_below(&r, 30000);
        add_number(random_below(&r, 2) == 0 ? &a : &b, n);
        add_number(&c, n);
    }
    struct ha_distinct other = b;
    ha_distinct_merge(&other, &a);
    ha_distinct_merge(&a, &b);
    assert_memory_equal(&a, &c, sizeof a);
    assert_memory_equal(&other, &c, sizeof a);
    ha_distinct_merge(&a, &a);
    ha_distinct_merge(&a, &empty);
    assert_memory_equal(&a, &c, sizeof a);
}

static void ends_of_the_range(void **state)
{
    (void)state;
    clear();
    ha_distinct_add(&a, 0); /* no bit set: the highest rank */
    assert_int_equal(a.rank[0], 64 - HA_DISTINCT_BITS + 1);
    ha_distinct_add(&a, UINT64_MAX);
    assert_int_equal(a.rank[HA_DISTINCT_REGISTERS - 1], 1);
    assert_int_equal(ha_distinct_count(&a), 2);
    /* Half of the registers full, the others nearly: what the series in the paper give. */
    memset(&a, 48, sizeof a);
    memset(a.rank, 51, HA_DISTINCT_REGISTERS / 2);
    assert_true(fabs((double)ha_distinct_count(&a) / 6189278822139346000.0 - 1) < 1e-9);
    memset(&a, 64 - HA_DISTINCT_BITS + 1, sizeof a); /* every register full */
    assert_true(ha_distinct_count(&a) == UINT64_MAX);
    memset(&a, 255, sizeof a); /* as a damaged partial might have it: no rank is like that */
    assert_true(ha_distinct_count(&a) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_zero),    cmocka_unit_test(within_two_percent_at_every_size),
        cmocka_unit_test(has_no_bias),        cmocka_unit_test(repeats_and_order_do_not_count),
        cmocka_unit_test(merge_is_the_union), cmocka_unit_test(ends_of_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
