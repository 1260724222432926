/* top_test.c - top lists: exact while there is room, and within their bound in any order after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "httpannotate/scan.h"
#include "random.h"
#include "tally/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIVERSE 4096 /* values in the tests are numbers below this, told with a few letters */

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

static unsigned number_of(struct ha_view v)
{
    uint64_t n = UNIVERSE;
    assert_true(v.len == 11 && ha_view_u64((struct ha_view){v.ptr + 7, 4}, &n));
    assert_true(n < UNIVERSE);
    return (unsigned)n;
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

/* All that is promised of a list, held against the true counts. */
static void assert_bounds_hold(const struct ha_top_list *l, const uint64_t *truth)
{
    static struct ha_top_entry entries[UNIVERSE];
    static bool listed[UNIVERSE];
    size_t n = ha_top_read(l, UNIVERSE, entries);
    uint64_t all = 0;
    assert_int_equal(n, l->entries);
    assert_true(l->entries <= l->max_entries && l->bytes <= l->max_bytes);
    memset(listed, 0, sizeof listed);
    for (size_t i = 0; i < n; i++) {
        unsigned number = number_of(entries[i].value);
        assert_false(listed[number]);
        listed[number] = true;
        assert_true(entries[i].count >= truth[number]);
        assert_true(entries[i].count - entries[i].at_most_over <= truth[number]);
        assert_true(entries[i].at_most_over <= l->bound);
        if (i > 0)
            assert_true(entries[i - 1].count > entries[i].count ||
                        (entries[i - 1].count == entries[i].count &&
                         ha_view_cmp(entries[i - 1].value, entries[i].value) < 0));
    }
    for (unsigned i = 0; i < UNIVERSE; i++) {
        all += truth[i];
        if (!listed[i])
            assert_true(truth[i] <= l->bound);
    }
    assert_true(l->bound <= 2 * all / l->max_entries);
}

/* Orders that hurt summaries. Each gives the i-th of n values. */
enum order { SORTED, ROUND_ROBIN, ALL_DISTINCT, SKEWED, HEAVY_LAST, PAIRS, ORDERS };

static uint64_t value_at(enum order order, uint64_t i, uint64_t n, struct random *r)
{
    switch (order) {
    case SORTED:
        return i * 500 / n;
    case ROUND_ROBIN:
        return i % 500;
    case ALL_DISTINCT:
        return i % UNIVERSE;
    case SKEWED:
        return random_skewed(r, UNIVERSE);
    case HEAVY_LAST: /* many that come once, then one that fills the rest */
        return i < n / 2 ? 1 + i % (UNIVERSE - 1) : 0;
    default: /* each twice in a row, so that all reach the same count just when there is a cut */
        return i / 2 % UNIVERSE;
    }
}

static void bounds_hold_in_any_order(void **state)
{
    (void)state;
    static const size_t caps[] = {2, 3, 7, 64, 250, 1000};
    for (int order = 0; order < ORDERS; order++) {
        for (size_t c = 0; c < HA_COUNT(caps); c++) {
            static uint64_t truth[UNIVERSE];
            struct random r = {(uint64_t)order * 100 + c};
            struct ha_top_list l;
            memset(truth, 0, sizeof truth);
            list_init(&l, caps[c], 1 << 20, 1);
            for (uint64_t i = 0; i < 20000; i++) {
                uint64_t v = value_at((enum order)order, i, 20000, &r);
                truth[v]++;
                add(&l, v);
                if (i % 4999 == 0)
                    assert_bounds_hold(&l, truth);
            }
            assert_bounds_hold(&l, truth);
            assert_true(l.bound > 0 || caps[c] > 500);
            ha_top_done(&l);
        }
    }
}

static void bytes_are_bounded_too(void **state)
{
    (void)state;
    static uint64_t truth[UNIVERSE];
    struct random r = {5};
    struct ha_top_list l;
    memset(truth, 0, sizeof truth);
    list_init(&l, 1000, 1100, 1); /* room for a hundred values of 11 bytes */
    for (int i = 0; i < 20000; i++) {
        uint64_t v = random_skewed(&r, UNIVERSE);
        truth[v]++;
        add(&l, v);
        assert_true(l.bytes <= 1100);
    }
    /* The bound of 100 entries, since bytes make them the limit. */
    l.max_entries = 100;
    assert_true(l.bound > 0);
    assert_bounds_hold(&l, truth);
    ha_top_done(&l);
}

static void assert_same(const struct ha_top_list *a, const struct ha_top_list *b)
{
    static struct ha_top_entry x[UNIVERSE], y[UNIVERSE];
    size_t n = ha_top_read(a, UNIVERSE, x);
    assert_int_equal(n, ha_top_read(b, UNIVERSE, y));
    assert_int_equal(a->bound, b->bound);
    for (size_t i = 0; i < n; i++) {
        assert_true(ha_view_eq(x[i].value, y[i].value));
        assert_int_equal(x[i].count, y[i].count);
        assert_int_equal(x[i].at_most_over, y[i].at_most_over);
    }
}

/* Splits a random input over random lists, merges these in random pairs and groupings, and returns
 * the one that is left, in list[0]. truth gets the counts; whole gets every value in order. */
static void split_and_merge(struct random *r, size_t entries, uint64_t n, struct ha_top_list *list,
                            size_t parts, struct ha_top_list *whole, uint64_t *truth)
{
    for (size_t i = 0; i < parts; i++)
        list_init(&list[i], entries, 1 << 20, 1 + i % 2);
    list_init(whole, entries, 1 << 20, 9);
    memset(truth, 0, UNIVERSE * sizeof *truth);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t v = random_skewed(r, UNIVERSE);
        truth[v]++;
        add(&list[random_below(r, parts)], v);
        add(whole, v);
    }
    while (parts > 1) {
        size_t into = random_below(r, parts), from = random_below(r, parts - 1);
        from += from >= into;
        assert_true(ha_top_merge(&list[into], &list[from]));
        ha_top_done(&list[from]);
        list[from] = list[--parts];
        if (into == parts)
            into = from;
    }
}

static void exact_lists_merge_to_the_whole(void **state)
{
    (void)state;
    static uint64_t truth[UNIVERSE];
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct random r = {seed};
        struct ha_top_list list[8], whole;
        split_and_merge(&r, UNIVERSE, 3000, list, 1 + seed % 8, &whole, truth);
        assert_int_equal(whole.bound, 0);
        assert_same(&list[0], &whole);
        assert_bounds_hold(&whole, truth);
        ha_top_done(&list[0]);
        ha_top_done(&whole);
    }
}

static void bounds_hold_through_merges(void **state)
{
    (void)state;
    static uint64_t truth[UNIVERSE];
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct random r = {seed};
        struct ha_top_list list[8], whole;
        split_and_merge(&r, 16 + 20 * (seed % 5), 5000, list, 1 + seed % 8, &whole, truth);
        assert_bounds_hold(&list[0], truth);
        assert_bounds_hold(&whole, truth);
        assert_true(whole.bound > 0);
        ha_top_done(&list[0]);
        ha_top_done(&whole);
    }
}

static void seed_changes_nothing(void **state)
{
    (void)state;
    struct ha_top_list a, b;
    struct random r = {3};
    list_init(&a, 100, 1 << 20, 1);
    list_init(&b, 100, 1 << 20, UINT64_C(0xfeedfacecafebeef));
    for (int i = 0; i < 10000; i++) {
        uint64_t v = random_skewed(&r, UNIVERSE);
        add(&a, v);
        add(&b, v);
    }
    assert_true(a.bound > 0);
    assert_same(&a, &b);
    ha_top_done(&a);
    ha_top_done(&b);
}

/* Every value twice, the second time when it is some thirty others later: so that values met lately
 * and new ones take turns, and counts are near the cut. */
static uint64_t echo(uint64_t i)
{
    return (i % 2 == 0 ? i / 2 : i / 2 + UNIVERSE - 30) % UNIVERSE;
}

static void many_at_once_are_as_one_by_one(void **state)
{
    (void)state;
    static char text[1000][32];
    static struct ha_view views[1000];
    static const size_t caps[] = {100, 300, UNIVERSE}; /* what is an estimate as well */
    for (size_t c = 0; c < HA_COUNT(caps); c++) {
        struct ha_top_list one, many;
        struct random r = {4};
        uint64_t echoes = 0;
        list_init(&one, caps[c], 1 << 20, 1);
        list_init(&many, caps[c], 1 << 20, 1);
        for (int round = 0; round < 40; round++) {
            size_t n = random_below(&r, 1000);
            for (size_t i = 0; i < n; i++) {
                uint64_t v = round % 2 == 0 ? echo(echoes++) : random_skewed(&r, 9 + i);
                views[i] = text_of(v, text[i], 32);
                assert_true(ha_top_add(&one, &views[i], 1));
            }
            assert_true(ha_top_add(&many, views, n));
        }
        assert_true((one.bound == 0) == (caps[c] == UNIVERSE));
        assert_same(&one, &many);
        ha_top_done(&one);
        ha_top_done(&many);
    }
}

static void reset_is_as_new(void **state)
{
    (void)state;
    struct ha_top_list used, fresh;
    list_init(&used, 100, 1 << 20, 1);
    list_init(&fresh, 100, 1 << 20, 1);
    for (uint64_t i = 0; i < 1000; i++)
        add(&used, i);
    assert_true(used.bound > 0);
    ha_top_reset(&used);
    assert_same(&used, &fresh);
    for (uint64_t i = 0; i < 150; i++) {
        add(&used, i * i % 90);
        add(&fresh, i * i % 90);
    }
    assert_true(fresh.bound == 0);
    assert_same(&used, &fresh);
    ha_top_done(&used);
    ha_top_done(&fresh);
}

static void what_was_never_forgotten_stays_exact(void **state)
{
    (void)state;
    struct ha_top_list l, other;
    struct ha_top_entry first;
    list_init(&l, 64, 1 << 20, 1);
    list_init(&other, 64, 1 << 20, 1);
    for (uint64_t i = 0; i < 9000; i++) {
        add(&l, 0);
        add(&l, 1 + i % (UNIVERSE - 1));
        add(&other, 0);
        add(&other, 1 + i % 99);
    }
    assert_true(l.bound > 0 && other.bound > 0);
    for (uint64_t sum = 9000; sum <= 18000; sum += 9000) { /* through a merge too */
        assert_int_equal(ha_top_read(&l, 1, &first), 1);
        assert_int_equal(number_of(first.value), 0);
        assert_int_equal(first.count, sum);
        assert_int_equal(first.at_most_over, 0);
        assert_true(ha_top_merge(&l, &other));
    }
    ha_top_done(&l);
    ha_top_done(&other);
}

/* Counts beyond what one pass over small ones can tell apart. */
static void cut_of_large_counts_is_their_median(void **state)
{
    (void)state;
    static const unsigned counts[] = {2046, 2047, 2048, 70000, 70001, 70000, 300000, 5};
    struct ha_top_list l;
    struct ha_top_entry to[10];
    list_init(&l, HA_COUNT(counts), 1 << 20, 1);
    for (unsigned v = 0; v < HA_COUNT(counts); v++)
        for (unsigned i = 0; i < counts[v]; i++)
            add(&l, v);
    assert_int_equal(l.bound, 0);
    add(&l, 100); /* sorted: 5 2046 2047 2048 70000 70000 70001 300000 */
    assert_int_equal(l.bound, 2048);
    assert_int_equal(ha_top_read(&l, 10, to), 5);
    assert_int_equal(to[4].count, 2049);
    assert_int_equal(to[4].at_most_over, 2048);
    for (unsigned v = 101; v < 104; v++)
        add(&l, v);
    add(&l, 104); /* above the bound: 1 1 1 1, and what is left of the large ones */
    assert_int_equal(l.bound, 2049);
    for (unsigned v = 200; v < 204; v++)
        for (unsigned i = 0; i < 67950 + v; i++)
            add(&l, v);
    /* When the last of them came: 2050 70000 70000 70001 70199 70200 70201 300000. */
    assert_int_equal(l.bound, 70001);
    assert_int_equal(ha_top_read(&l, 10, to), 5);
    assert_int_equal(to[0].count, 300000);
    assert_int_equal(to[0].at_most_over, 0);
    ha_top_done(&l);
}

static void counts_stop_at_their_maximum(void **state)
{
    (void)state;
    struct ha_top_list a, b;
    struct ha_top_entry to[2];
    list_init(&a, 100, 1 << 20, 1);
    list_init(&b, 100, 1 << 20, 1);
    add_text(&a, "value");
    for (int i = 0; i < 70; i++) { /* doubles each turn: beyond 64 bits */
        assert_true(ha_top_merge(&b, &a));
        assert_true(ha_top_merge(&a, &b));
    }
    add_text(&a, "value");
    assert_int_equal(ha_top_read(&a, 2, to), 1);
    assert_true(to[0].count == UINT64_MAX);
    ha_top_done(&a);
    ha_top_done(&b);
}

/* One run of all that allocates. False when any of it said that memory ran out. */
static bool run_once(const void *context)
{
    (void)context;
    struct ha_top_list a, b;
    struct ha_limits limits = limits_of(300, 1 << 20, 100);
    bool ok = ha_top_init(&a, &limits, 1, NULL);
    ok &= ha_top_init(&b, &limits, 2, NULL);
    for (uint64_t i = 0; ok && i < 400; i++) {
        char text[32];
        struct ha_view v = text_of(i, text, sizeof text);
        ok &= ha_top_add(&a, &v, 1);
        v = text_of(i + 350, text, sizeof text);
        ok &= ha_top_add(&b, &v, 1);
    }
    if (ok)
        ok = ha_top_merge(&a, &b);
    ha_top_done(&a);
    ha_top_done(&b);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    fail_each_allocation(run_once, NULL, 10);
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
        cmocka_unit_test(bounds_hold_in_any_order),
        cmocka_unit_test(bytes_are_bounded_too),
        cmocka_unit_test(exact_lists_merge_to_the_whole),
        cmocka_unit_test(bounds_hold_through_merges),
        cmocka_unit_test(seed_changes_nothing),
        cmocka_unit_test(many_at_once_are_as_one_by_one),
        cmocka_unit_test(reset_is_as_new),
        cmocka_unit_test(what_was_never_forgotten_stays_exact),
        cmocka_unit_test(cut_of_large_counts_is_their_median),
        cmocka_unit_test(counts_stop_at_their_maximum),
        cmocka_unit_test(every_allocation_may_fail),
    };
    /* The way that values are looked at goes by the scanner's kernel. */
    int failed = 0;
    for (size_t i = 0; (kernel = ha_scan_kernel_name(i)) != NULL; i++)
        failed += cmocka_run_group_tests_name(kernel, tests, use_kernel, NULL);
    return failed;
}
