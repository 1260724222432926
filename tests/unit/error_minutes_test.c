/* error_minutes_test.c - errors by minute and status: exact in any order and split, given up in
 * steps that depend on what was counted alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "random.h"
#include "tally/error_minutes.h"

#include <string.h>

#define MINUTES 64
#define PARTS   6

static void counts_are_read_in_order(void **state)
{
    (void)state;
    static const struct {
        int64_t second;
        int status;
    } errors[] = {{120, 503}, {121, 503}, {-1, 404}, {179, 503}, {180, 503},
                  {60, 404},  {119, 404}, {0, 599},  {-60, 404}, {-61, 400}};
    static const struct ha_error_minute want[] = {{-120, 400, 1}, {-60, 404, 2}, {60, 404, 2},
                                                  {120, 503, 3},  {180, 503, 1}, {0, 599, 1}};
    struct ha_error_minutes m;
    struct ha_error_minute *got;
    size_t count;
    assert_true(ha_error_minutes_init(&m, 100));
    for (size_t i = 0; i < HA_COUNT(errors); i++)
        assert_true(
            ha_error_minutes_add(&m, errors[i].second * HA_US_PER_S + 999999, errors[i].status));
    assert_int_equal(ha_error_minutes_read(&m, &got, &count), HA_OK);
    assert_int_equal(count, HA_COUNT(want));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(got[i].start_s, want[i].start_s);
        assert_int_equal(got[i].status, want[i].status);
        assert_int_equal(got[i].count, want[i].count);
    }
    ha_free(got);
    ha_error_minutes_done(&m);
}

/* What is left of plain counts when so many cells are held. */
static size_t expected(uint64_t counts[MINUTES][200], size_t max, enum ha_minutes_kept *kept)
{
    size_t cells[2] = {0, 0};
    for (int i = 0; i < MINUTES; i++)
        for (int s = 0; s < 200; s++) {
            cells[0] += counts[i][s] > 0;
            cells[1] += s >= 100 && counts[i][s] > 0;
        }
    *kept = cells[0] <= max   ? HA_MINUTES_ERRORS
            : cells[1] <= max ? HA_MINUTES_5XX
                              : HA_MINUTES_NONE;
    return *kept == HA_MINUTES_NONE ? 0 : cells[*kept];
}

static void assert_is(const struct ha_error_minutes *m, uint64_t counts[MINUTES][200],
                      int64_t first_minute)
{
    enum ha_minutes_kept kept;
    struct ha_error_minute *got;
    size_t count, want = expected(counts, m->max, &kept);
    assert_int_equal(m->kept, kept);
    assert_int_equal(ha_error_minutes_read(m, &got, &count), HA_OK);
    assert_int_equal(count, want);
    for (size_t i = 0; i < count; i++) {
        int64_t minute = got[i].start_s / 60 - first_minute;
        assert_in_range(minute, 0, MINUTES - 1);
        assert_int_equal(got[i].count, counts[minute][got[i].status - 400]);
    }
    ha_free(got);
}

/* Errors in runs, as they come, over some or many statuses; caps that hold and that do not. */
static void order_and_split_do_not_matter(void **state)
{
    (void)state;
    int seen[3] = {0};
    for (uint64_t seed = 0; seed < 90; seed++) {
        static uint64_t counts[MINUTES][200];
        struct random r = {seed};
        struct ha_error_minutes part[PARTS];
        size_t parts = 1 + random_below(&r, PARTS), max = (size_t)1 << random_below(&r, 14);
        uint64_t statuses = 1 + random_below(&r, seed % 3 == 0 ? 200 : 8);
        int64_t first = (int64_t)random_below(&r, 60000000) - 30000000;
        memset(counts, 0, sizeof counts);
        for (size_t p = 0; p < parts; p++)
            assert_true(ha_error_minutes_init(&part[p], max));
        for (int i = 0; i < 3000; i++) {
            uint64_t minute = random_below(&r, MINUTES), times = 1 + random_below(&r, 3);
            int status = 400 + (int)(random_below(&r, statuses) * 37 % 200);
            struct ha_error_minutes *to = &part[random_below(&r, parts)];
            int64_t at = (first + (int64_t)minute) * HA_MINUTE_US;
            counts[minute][status - 400] += times;
            for (; times > 0; times--)
                assert_true(
                    ha_error_minutes_add(to, at + (int64_t)random_below(&r, HA_MINUTE_US), status));
        }
        for (size_t left = parts; left > 1; left--) {
            size_t into = random_below(&r, left), from = random_below(&r, left - 1);
            from += from >= into;
            assert_true(ha_error_minutes_merge(&part[into], &part[from]));
            ha_error_minutes_done(&part[from]);
            part[from] = part[left - 1];
        }
        assert_is(&part[0], counts, first);
        seen[part[0].kept]++;
        ha_error_minutes_done(&part[0]);
    }
    assert_true(seen[0] > 5 && seen[1] > 5 && seen[2] > 5); /* all steps were tried */
}

/* As many as are held are kept; with one more, whatever it is, those of 4xx go, then all. */
static void the_limit_is_exact(void **state)
{
    (void)state;
    enum { MAX = 10 };
    for (size_t servers = 0; servers <= MAX + 1; servers++) {
        struct ha_error_minutes m;
        assert_true(ha_error_minutes_init(&m, MAX));
        for (size_t i = 0; i < MAX + 1; i++) {
            assert_int_equal(m.kept, HA_MINUTES_ERRORS);
            assert_int_equal(m.count, i);
            int status = i < servers ? 503 : 404;
            assert_true(ha_error_minutes_add(&m, (int64_t)i * HA_MINUTE_US, status));
            assert_true(ha_error_minutes_add(&m, (int64_t)i * HA_MINUTE_US, status));
        }
        assert_int_equal(m.kept, servers <= MAX ? HA_MINUTES_5XX : HA_MINUTES_NONE);
        assert_int_equal(m.count, servers <= MAX ? servers : 0);
        ha_error_minutes_done(&m);
    }
}

static void any_64_bits_are_a_time(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MIN, INT64_MAX, 0, -1};
    static const int64_t minutes[] = {-153722867281, 153722867280, 0, -1};
    for (size_t i = 0; i < HA_COUNT(times); i++) {
        struct ha_error_minutes m;
        struct ha_error_minute *got;
        size_t count;
        assert_true(ha_error_minutes_init(&m, 4));
        assert_true(ha_error_minutes_add(&m, times[(i + 1) % 4], 400));
        assert_true(ha_error_minutes_add(&m, times[i], 599));
        assert_int_equal(ha_error_minutes_read(&m, &got, &count), HA_OK);
        assert_int_equal(count, 2);
        assert_int_equal(got[1].start_s, minutes[i] * 60);
        ha_free(got);
        ha_error_minutes_done(&m);
    }
}

static void reset_is_as_new(void **state)
{
    (void)state;
    struct ha_error_minutes m;
    static uint64_t counts[MINUTES][200];
    memset(counts, 0, sizeof counts);
    assert_true(ha_error_minutes_init(&m, 1000));
    for (int i = 0; i < 2000; i++)
        assert_true(ha_error_minutes_add(&m, i % MINUTES * HA_MINUTE_US, 400 + i % 200));
    assert_int_equal(m.kept, HA_MINUTES_5XX);
    for (int round = 0; round < 2; round++) {
        ha_error_minutes_reset(&m);
        memset(counts, 0, sizeof counts);
        for (int i = 0; i < 400; i++) {
            counts[i % MINUTES][i % 50] += 1;
            assert_true(ha_error_minutes_add(&m, i % MINUTES * HA_MINUTE_US, 400 + i % 50));
        }
        assert_is(&m, counts, 0);
    }
    ha_error_minutes_done(&m);
}

static void counts_stop_at_their_maximum(void **state)
{
    (void)state;
    struct ha_error_minutes a, b;
    assert_true(ha_error_minutes_init(&a, 10) && ha_error_minutes_init(&b, 10));
    assert_true(ha_error_minutes_add(&a, 0, 429));
    for (int i = 0; i < 70; i++)
        assert_true(ha_error_minutes_merge(&b, &a) && ha_error_minutes_merge(&a, &b));
    assert_true(ha_error_minutes_add(&a, 0, 429));
    struct ha_error_minute *got;
    size_t count;
    assert_int_equal(ha_error_minutes_read(&a, &got, &count), HA_OK);
    assert_true(count == 1 && got[0].count == UINT64_MAX);
    ha_free(got);
    ha_error_minutes_done(&a);
    ha_error_minutes_done(&b);
}

static bool run_once(const void *context)
{
    (void)context;
    struct ha_error_minutes a = {0}, b = {0};
    struct ha_error_minute *got = NULL;
    size_t count;
    bool ok = ha_error_minutes_init(&a, 300);
    if (ok && !ha_error_minutes_init(&b, 300)) {
        ha_error_minutes_done(&a);
        return false;
    }
    for (int i = 0; i < 250 && ok; i++)
        ok = ha_error_minutes_add(&a, i * HA_MINUTE_US, 404) &&
             ha_error_minutes_add(&b, i * HA_MINUTE_US, 500 + i % 2);
    ok = ok && ha_error_minutes_merge(&a, &b) && ha_error_minutes_read(&a, &got, &count) == HA_OK;
    ha_free(got);
    ha_error_minutes_done(&a);
    ha_error_minutes_done(&b);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    fail_each_allocation(run_once, NULL, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_read_in_order),
        cmocka_unit_test(order_and_split_do_not_matter),
        cmocka_unit_test(the_limit_is_exact),
        cmocka_unit_test(any_64_bits_are_a_time),
        cmocka_unit_test(reset_is_as_new),
        cmocka_unit_test(counts_stop_at_their_maximum),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
