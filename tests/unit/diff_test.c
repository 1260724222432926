/* diff_test.c - what is called a change, and how often chance alone is called one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/diff.h"
#include "random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= fabs(want) * 1e-4))
        fail_msg("%.8g, not %.8g", got, want);
}

/* Wilson's bounds are the roots of (x - p)^2 = z^2 p (1 - p) / n; here p = r s / (1 + r s). */
static void the_interval_is_wilsons(void **state)
{
    (void)state;
    static const double cases[][4] = {
        {1, 100, 1, 100}, {20, 1000, 4, 2000}, {3, 10, 5, 1000}, {1e9, 1e10, 1.5e9, 1e10}};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        double a = cases[i][0], all_a = cases[i][1], b = cases[i][2], all_b = cases[i][3];
        double bounds[2], n = a + b, x = a / n, z = 2.5758293035489004;
        ha_diff_interval(a, all_a, b, all_b, &bounds[0], &bounds[1]);
        double ratio = a / all_a / (b / all_b);
        assert_true(bounds[0] < ratio && ratio < bounds[1]);
        for (int k = 0; k < 2; k++) {
            double odds = bounds[k] * all_a / all_b, p = odds / (1 + odds);
            assert_near((x - p) * (x - p), z * z * p * (1 - p) / n);
        }
    }
}

static void none_has_an_open_interval(void **state)
{
    (void)state;
    double low, high;
    ha_diff_interval(0, 10, 0, 10, &low, &high);
    assert_true(low == 0 && isinf(high));
    ha_diff_interval(5, 10, 0, 10, &low, &high);
    assert_true(low > 0 && isinf(high));
    assert_near(low, 5 / (2.5758293035489004 * 2.5758293035489004)); /* n / z^2 */
    ha_diff_interval(0, 10, 5, 10, &low, &high);
    assert_true(low == 0 && high > 1);
}

/* Of two samples with the same true share, the interval of their ratio misses 1 about once in a
 * hundred times: at most twice as often is let pass. */
static void chance_is_seldom_called_a_change(void **state)
{
    (void)state;
    struct random r = {4};
    static const uint64_t rates[] = {2, 10, 50}; /* expected counts of the first */
    for (size_t k = 0; k < HA_COUNT(rates); k++) {
        int missed = 0;
        for (int round = 0; round < 2000; round++) {
            uint64_t a = 0, b = 0;
            for (int i = 0; i < 500; i++) {
                a += random_below(&r, 500) < rates[k];
                b += random_below(&r, 500) < rates[k];
                b += random_below(&r, 500) < rates[k];
            }
            double low, high;
            ha_diff_interval((double)a, 500, (double)b, 1000, &low, &high);
            missed += low > 1 || high < 1;
        }
        assert_in_range(missed, 1, 40);
    }
}

static struct ha_tally *make(size_t entries)
{
    struct ha_tally_options o = {.limits = HA_LIMITS_DEFAULT, .tops = true, .patterns = 1};
    struct ha_tally *t;
    if (entries > 0)
        o.limits.top_entries = entries;
    assert_int_equal(ha_tally_new(&o, &t), HA_OK);
    return t;
}

static void add(struct ha_tally *t, int status, const char *target, int times)
{
    struct ha_record r = {.verdict = HA_MATCHED, .status = (int16_t)status, .method = HA_NO_METHOD};
    ha_put(&r, HA_FIELD_TARGET, ha_view_of(target));
    for (int i = 0; i < times; i++)
        ha_tally_add(t, &r, true, 0);
    assert_true(ha_tally_ok(t));
}

static void assert_row(const struct ha_diff_row *r, int status, const char *target, uint64_t now,
                       uint64_t before, enum ha_diff_verdict verdict)
{
    assert_int_equal(r->status, status);
    assert_true(ha_view_is(r->target, target));
    assert_int_equal(r->now, now);
    assert_int_equal(r->before, before);
    assert_string_equal(ha_diff_verdict_name(r->verdict), ha_diff_verdict_name(verdict));
}

static void each_verdict(void **state)
{
    (void)state;
    struct ha_tally *now = make(0), *before = make(0);
    struct ha_diff d;
    add(now, 200, "/", 800);
    add(before, 200, "/", 1700); /* 80 % and 85 %: less than a tenth */
    add(now, 404, "/a", 20);
    add(before, 404, "/a", 45); /* 2 % and 2.25 % */
    add(now, 404, "/b", 1);
    add(now, 500, "/a", 90);
    add(before, 500, "/a", 20);
    add(now, 503, "/c", 10);
    add(before, 503, "/c", 120);
    add(before, 504, "/c", 115);
    add(now, 429, "/d", 79);
    assert_int_equal(ha_diff_make(now, before, 10, &d), HA_OK);
    assert_int_equal(d.now, 1000);
    assert_int_equal(d.before, 2000);
    assert_int_equal(d.status_count, 6);
    assert_row(&d.statuses[0], 200, "", 800, 1700, HA_DIFF_NONE);
    assert_row(&d.statuses[1], 404, "", 21, 45, HA_DIFF_NONE);
    assert_row(&d.statuses[2], 429, "", 79, 0, HA_DIFF_NEW);
    assert_row(&d.statuses[3], 500, "", 90, 20, HA_DIFF_UP);
    assert_row(&d.statuses[4], 503, "", 10, 120, HA_DIFF_DOWN);
    assert_row(&d.statuses[5], 504, "", 0, 115, HA_DIFF_GONE);
    assert_int_equal(d.pair_count, 5);
    assert_int_equal(d.pairs_changed, 5);
    assert_int_equal(d.pairs_same, 1);
    assert_row(&d.pairs[0], 500, "/a", 90, 20, HA_DIFF_UP);    /* 80 more */
    assert_row(&d.pairs[1], 429, "/d", 79, 0, HA_DIFF_NEW);    /* 79 */
    assert_row(&d.pairs[2], 504, "/c", 0, 115, HA_DIFF_GONE);  /* 57.5 less */
    assert_row(&d.pairs[3], 503, "/c", 10, 120, HA_DIFF_DOWN); /* 50 less */
    assert_row(&d.pairs[4], 404, "/b", 1, 0, HA_DIFF_NEW);
    ha_diff_free(&d);
    assert_int_equal(ha_diff_make(now, before, 2, &d), HA_OK);
    assert_int_equal(d.pair_count, 2);
    assert_int_equal(d.pairs_changed, 5);
    ha_diff_free(&d);
    ha_tally_free(&now);
    ha_tally_free(&before);
}

static void itself_has_no_change(void **state)
{
    (void)state;
    struct ha_tally *t = make(0), *empty = make(0);
    struct ha_diff d;
    add(t, 404, "/a", 1000);
    add(t, 500, "/b", 1);
    assert_int_equal(ha_diff_make(t, t, 10, &d), HA_OK);
    assert_int_equal(d.pairs_changed, 0);
    assert_int_equal(d.pairs_same, 2);
    assert_int_equal(d.statuses[0].verdict, HA_DIFF_NONE);
    ha_diff_free(&d);
    assert_int_equal(ha_diff_make(t, empty, 10, &d), HA_OK);
    assert_int_equal(d.status_count + d.pairs_changed + d.pairs_same, 0);
    ha_diff_free(&d);
    assert_int_equal(ha_diff_make(empty, t, 10, &d), HA_OK);
    assert_int_equal(d.status_count + d.pairs_changed + d.pairs_same, 0);
    ha_diff_free(&d);
    ha_tally_free(&t);
    ha_tally_free(&empty);
}

/* A list that had to forget may have had what it does not have: nothing is then called new, nor
 * gone. */
static void what_may_have_been_is_not_new(void **state)
{
    (void)state;
    struct ha_tally *now = make(0), *before = make(8);
    struct ha_diff d;
    for (int i = 0; i < 2000; i++) {
        char target[32];
        snprintf(target, sizeof target, "/t/%d", i);
        add(before, 404, target, 1);
    }
    assert_true(ha_tally_top_bound(before, HA_TOP_ERROR_PAIRS) > 0);
    add(now, 404, "/x", 1);
    add(now, 200, "/", 1999);
    assert_int_equal(ha_diff_make(now, before, 10, &d), HA_OK);
    for (size_t i = 0; i < d.pairs_changed; i++)
        assert_true(d.pairs[i].verdict != HA_DIFF_NEW);
    ha_diff_free(&d);
    assert_int_equal(ha_diff_make(before, now, 10, &d), HA_OK); /* exact before: these are new */
    for (size_t i = 0; i < d.pairs_changed; i++)
        assert_true(d.pairs[i].verdict != HA_DIFF_GONE);
    ha_diff_free(&d);
    ha_tally_free(&now);
    ha_tally_free(&before);
}

/* Counts that may be too high enter at their worst end. */
static void estimates_widen_the_interval(void **state)
{
    (void)state;
    struct ha_tally *now = make(0), *before = make(8);
    struct ha_diff d;
    struct ha_top_entry e;
    double low, high, ignored;
    add(before, 200, "/", 10000);
    for (int i = 0; i < 200; i++) {
        char target[32];
        snprintf(target, sizeof target, "/t/%d", i);
        add(before, 404, target, 1);
    }
    add(before, 503, "/h", 30);
    assert_true(ha_tally_pair(before, 503, HA_VIEW_LIT("/h"), &e));
    assert_true(e.at_most_over > 0);
    add(now, 200, "/", 1000);
    add(now, 503, "/h", 500);
    assert_int_equal(ha_diff_make(now, before, 10, &d), HA_OK);
    assert_row(&d.pairs[0], 503, "/h", 500, e.count, HA_DIFF_UP);
    ha_diff_interval(500, (double)d.now, (double)e.count, (double)d.before, &low, &ignored);
    assert_near(d.pairs[0].low, low);
    ha_diff_interval(500, (double)d.now, (double)(e.count - e.at_most_over), (double)d.before,
                     &ignored, &high);
    assert_near(d.pairs[0].high, high);
    ha_diff_free(&d);
    ha_tally_free(&now);
    ha_tally_free(&before);
}

/* In a large log a difference that is certain is no clear change while it is small: less than a
 * tenth more, or as much less as a tenth more would make up for. */
static void small_changes_are_not_clear(void **state)
{
    (void)state;
    static const struct {
        int now; /* of 1000 before */
        enum ha_diff_verdict verdict;
    } cases[] = {
        {1095, HA_DIFF_NONE}, {1105, HA_DIFF_UP}, {914, HA_DIFF_NONE}, {904, HA_DIFF_DOWN}};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_tally *small[2] = {make(0), make(0)}, *large[2] = {make(0), make(0)};
        struct ha_diff d;
        for (int k = 0; k < 2; k++) {
            int errors = k == 0 ? cases[i].now : 1000;
            add(small[k], 404, "/a", errors);
            add(small[k], 200, "/", 10000 - errors);
            for (int n = 0; n < 3000; n++)
                assert_int_equal(ha_tally_merge(large[k], small[k]), HA_OK);
        }
        assert_int_equal(ha_diff_make(large[0], large[1], 10, &d), HA_OK);
        assert_int_equal(d.statuses[1].verdict, cases[i].verdict);
        ha_diff_free(&d);
        for (int k = 0; k < 2; k++) {
            ha_tally_free(&small[k]);
            ha_tally_free(&large[k]);
        }
    }
}

/* A tally without lists says nothing of targets, not that they are gone. */
static void without_lists_only_statuses_compare(void **state)
{
    (void)state;
    struct ha_tally_options o = {.limits = HA_LIMITS_DEFAULT, .patterns = 1};
    struct ha_tally *with = make(0), *without;
    struct ha_diff d;
    assert_int_equal(ha_tally_new(&o, &without), HA_OK);
    add(with, 404, "/a", 1000);
    add(without, 404, "/a", 1000);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(
            ha_diff_make(turn == 0 ? with : without, turn == 0 ? without : with, 10, &d), HA_OK);
        assert_int_equal(d.status_count, 1);
        assert_int_equal(d.pairs_changed + d.pairs_same + d.pair_count, 0);
        ha_diff_free(&d);
    }
    ha_tally_free(&with);
    ha_tally_free(&without);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct ha_tally *t = make(0);
    struct ha_diff d;
    for (int i = 0; i < 100; i++) {
        char target[32];
        snprintf(target, sizeof target, "/t/%d", i);
        add(t, 404, target, 1);
    }
    ha_alloc_fail_at(0);
    assert_int_equal(ha_diff_make(t, t, 10, &d), HA_OK);
    uint64_t calls = ha_alloc_fail_at(0);
    ha_diff_free(&d);
    assert_true(calls >= 4);
    for (uint64_t n = 1; n <= calls; n++) {
        ha_alloc_fail_at(n);
        assert_int_equal(ha_diff_make(t, t, 10, &d), HA_ERR_MEMORY);
        ha_diff_free(&d);
    }
    ha_alloc_fail_at(0);
    ha_tally_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_is_wilsons),
        cmocka_unit_test(none_has_an_open_interval),
        cmocka_unit_test(chance_is_seldom_called_a_change),
        cmocka_unit_test(each_verdict),
        cmocka_unit_test(itself_has_no_change),
        cmocka_unit_test(what_may_have_been_is_not_new),
        cmocka_unit_test(estimates_widen_the_interval),
        cmocka_unit_test(small_changes_are_not_clear),
        cmocka_unit_test(without_lists_only_statuses_compare),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
