/* timeline_test.c - counts over time: exact in any order, split and width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "random.h"
#include "tally/timeline.h"

#include <string.h>

#define US HA_US_PER_S

struct shown {
    struct ha_bucket *buckets;
    size_t count;
    int64_t width;
};

static struct shown show(const struct ha_timeline *t, int64_t min_width, size_t max)
{
    struct shown s;
    assert_int_equal(ha_timeline_read(t, min_width, max, &s.buckets, &s.count, &s.width), HA_OK);
    return s;
}

/* False when memory ran out. */
static bool add_at(struct ha_timeline *t, int64_t time_us, int status)
{
    const struct ha_record r = {.has_time = true, .time_us = time_us, .status = (int16_t)status};
    const uint8_t series = ha_series_of(status);
    return ha_timeline_add_batch(t, &r, &series, 1);
}

static void add(struct ha_timeline *t, int64_t second, int status)
{
    assert_true(add_at(t, second * US, status));
}

static void empty_has_no_buckets(void **state)
{
    (void)state;
    struct ha_timeline t;
    ha_timeline_init(&t, 100);
    struct shown s = show(&t, 1, 10);
    assert_null(s.buckets);
    assert_int_equal(s.count, 0);
    assert_int_equal(s.width, 0);
    ha_timeline_done(&t);
}

static void counts_per_class(void **state)
{
    (void)state;
    static const int statuses[] = {100, 200, 204, 301, 404, 429, 429, 503, 0, 999, HA_NO_STATUS};
    struct ha_timeline t;
    ha_timeline_init(&t, 100);
    for (size_t i = 0; i < HA_COUNT(statuses); i++)
        add(&t, 1000, statuses[i]);
    struct shown s = show(&t, 1, 10);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.width, 1);
    assert_int_equal(s.buckets[0].start_s, 1000);
    static const uint64_t expected[HA_SERIES_N] = {11, 1, 2, 1, 3, 1, 2};
    assert_memory_equal(s.buckets[0].n, expected, sizeof expected);
    ha_free(s.buckets);
    ha_timeline_done(&t);
}

static void width_follows_the_span(void **state)
{
    (void)state;
    static const struct {
        int64_t span, min_width;
        size_t max;
        int64_t width;
    } cases[] = {
        {0, 1, 1, 1},           {9, 1, 10, 1},           {10, 1, 10, 5},
        {9, 2, 10, 2},          {9, 60, 10, 60},         {9, 61, 10, 61},
        {9, 2, 4, 5},           {900, 90, 11, 90},       {900, 90, 10, 300},
        {3600, 1, 60, 300},     {86400, 1, 60, 3600},    {86400, 1, 24, 10800},
        {864000, 1, 11, 86400}, {864000, 1, 10, 604800}, {31536000, 1, 60, 604800},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_timeline t;
        ha_timeline_init(&t, 1000);
        add(&t, 0, 200);
        add(&t, cases[i].span, 200);
        struct shown s = show(&t, cases[i].min_width, cases[i].max);
        assert_int_equal(s.width, cases[i].width);
        ha_free(s.buckets);
        ha_timeline_done(&t);
    }
}

/* What is kept in minutes cannot be told in 90 seconds: five minutes are next. */
static void a_width_that_is_no_multiple_of_what_is_kept_gives_way(void **state)
{
    (void)state;
    static const struct {
        int64_t wanted, width;
    } cases[] = {{1, 60}, {60, 60}, {90, 300}, {120, 120}, {600, 600}, {7200, 7200}};
    struct ha_timeline t;
    ha_timeline_init(&t, 4);
    for (int64_t minute = 0; minute < 8; minute++)
        add(&t, minute * 60 + 7, 200);
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct shown s = show(&t, cases[i].wanted, 100);
        uint64_t all = 0;
        for (size_t k = 0; k < s.count; k++)
            all += s.buckets[k].n[HA_SERIES_TOTAL];
        assert_int_equal(s.width, cases[i].width);
        assert_int_equal(all, 8);
        ha_free(s.buckets);
    }
    ha_timeline_done(&t);
}

static void old_and_far_times_have_buckets(void **state)
{
    (void)state;
    static const int64_t seconds[] = {
        253402300799, /* 9999-12-31T23:59:59Z */
        0,
        -1,
        -5,
        -6,           /* 1969 */
        -62167219200, /* 0000-01-01T00:00:00Z */
    };
    struct ha_timeline t;
    ha_timeline_init(&t, 100);
    for (size_t i = 0; i < HA_COUNT(seconds); i++)
        assert_true(add_at(&t, seconds[i] * US + 999999, 200));
    struct shown s = show(&t, 5, SIZE_MAX);
    assert_int_equal(s.width, 5);
    assert_int_equal(s.count, 5);
    assert_int_equal(s.buckets[0].start_s, -62167219200);
    assert_int_equal(s.buckets[1].start_s, -10);
    assert_int_equal(s.buckets[2].start_s, -5);
    assert_int_equal(s.buckets[2].n[HA_SERIES_TOTAL], 2);
    assert_int_equal(s.buckets[3].start_s, 0);
    assert_int_equal(s.buckets[4].start_s, 253402300795);
    ha_free(s.buckets);
    ha_timeline_done(&t);
}

static void any_64_bits_are_a_time(void **state)
{
    (void)state;
    struct random r = {1};
    struct ha_timeline t;
    ha_timeline_init(&t, 2); /* to the end of the ladder */
    assert_true(add_at(&t, INT64_MIN, 200));
    assert_true(add_at(&t, INT64_MAX, 200));
    for (int i = 0; i < 1000; i++)
        assert_true(add_at(&t, (int64_t)random_next(&r), 200));
    struct shown s = show(&t, 1, 1);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.buckets[0].n[HA_SERIES_TOTAL] + s.buckets[1].n[HA_SERIES_TOTAL], 1002);
    ha_free(s.buckets);
    ha_timeline_done(&t);
}

static void assert_same(const struct shown *a, const struct shown *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->buckets[i].start_s, b->buckets[i].start_s);
        assert_memory_equal(a->buckets[i].n, b->buckets[i].n, sizeof a->buckets[i].n);
    }
}

/* The plainest way to the same numbers: every time is looked at for every bucket. */
static void assert_is_what_was_counted(const struct shown *s, const int64_t *seconds,
                                       const int *statuses, size_t n)
{
    uint64_t all = 0;
    for (size_t b = 0; b < s->count; b++) {
        uint64_t total = 0, of_429 = 0;
        int64_t start = s->buckets[b].start_s;
        assert_true(b == 0 || start > s->buckets[b - 1].start_s);
        assert_int_equal(start % s->width, 0);
        for (size_t i = 0; i < n; i++) {
            total += seconds[i] >= start && seconds[i] < start + s->width;
            of_429 += seconds[i] >= start && seconds[i] < start + s->width && statuses[i] == 429;
        }
        assert_true(total > 0);
        assert_int_equal(s->buckets[b].n[HA_SERIES_TOTAL], total);
        assert_int_equal(s->buckets[b].n[HA_SERIES_429], of_429);
        all += total;
    }
    assert_int_equal(all, n);
}

#define TIMES 1500
#define PARTS 6

/* Times of several shapes, in random order, split at random and merged in random groupings. */
static void order_and_split_do_not_matter(void **state)
{
    (void)state;
    static const int64_t spans[] = {1, 50, 5000, 1000000, 400000000, 90000000000};
    static const int all_statuses[] = {200, 404, 429, 500, 304, 0};
    static int64_t seconds[TIMES];
    static int statuses[TIMES];
    for (uint64_t seed = 0; seed < 48; seed++) {
        struct random r = {seed};
        struct ha_timeline whole, part[PARTS];
        size_t max = 2 + random_below(&r, 200), parts = 1 + random_below(&r, PARTS);
        ha_timeline_init(&whole, max);
        for (size_t p = 0; p < parts; p++)
            ha_timeline_init(&part[p], max);
        int64_t from = (int64_t)random_below(&r, 2000000000) - 1000000000;
        for (size_t i = 0; i < TIMES; i++) {
            seconds[i] = from + (int64_t)random_below(&r, (uint64_t)spans[seed % HA_COUNT(spans)]);
            statuses[i] = all_statuses[random_below(&r, HA_COUNT(all_statuses))];
            add(&part[random_below(&r, parts)], seconds[i], statuses[i]);
        }
        for (size_t i = TIMES; i > 0; i--) /* the whole in the reverse order */
            add(&whole, seconds[i - 1], statuses[i - 1]);
        for (size_t left = parts; left > 1; left--) {
            size_t into = random_below(&r, left - 1);
            assert_true(ha_timeline_merge(&part[into], &part[left - 1]));
        }
        assert_true(whole.count <= (whole.width_s == 60 ? HA_MINUTES_FACTOR * max : max));
        assert_int_equal(part[0].width_s, whole.width_s);
        for (size_t shown = 1; shown <= max; shown += 1 + max / 3) {
            struct shown a = show(&whole, 1, shown), b = show(&part[0], 1, shown);
            assert_same(&a, &b);
            assert_is_what_was_counted(&a, seconds, statuses, TIMES);
            ha_free(a.buckets);
            ha_free(b.buckets);
        }
        ha_timeline_done(&whole);
        for (size_t p = 0; p < parts; p++)
            ha_timeline_done(&part[p]);
    }
}

/* What is shown depends on the first and the last time alone, not on how many buckets lie between.
 */
static void shown_width_does_not_depend_on_what_lies_between(void **state)
{
    (void)state;
    struct random r = {9};
    for (int64_t span = 1; span < 100000000; span = span * 3 + 1) {
        struct ha_timeline few, many;
        ha_timeline_init(&few, 300);
        ha_timeline_init(&many, 300);
        add(&few, 7, 200);
        add(&few, 7 + span, 200);
        add(&many, 7, 200);
        add(&many, 7 + span, 200);
        for (int i = 0; i < 2000; i++)
            add(&many, 7 + (int64_t)random_below(&r, (uint64_t)span), 200);
        for (size_t max = 2; max <= 300; max += 37) {
            struct shown a = show(&few, 1, max), b = show(&many, 1, max);
            assert_int_equal(a.width, b.width);
            assert_true(b.count <= max);
            ha_free(a.buckets);
            ha_free(b.buckets);
        }
        ha_timeline_done(&few);
        ha_timeline_done(&many);
    }
}

static void wider_buckets_widen_what_they_are_merged_into(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct ha_timeline wide, fine;
        ha_timeline_init(&wide, 10);
        ha_timeline_init(&fine, 10);
        for (int64_t second = 0; second < 12; second++)
            add(&wide, second, 200);
        add(&fine, 4, 200);
        struct ha_timeline *into = order == 0 ? &fine : &wide;
        assert_true(ha_timeline_merge(into, order == 0 ? &wide : &fine));
        struct shown s = show(into, 1, 100);
        assert_int_equal(s.width, 5);
        assert_int_equal(s.count, 3);
        assert_int_equal(s.buckets[0].n[HA_SERIES_TOTAL], 6);
        ha_free(s.buckets);
        ha_timeline_done(&wide);
        ha_timeline_done(&fine);
    }
}

static void reset_is_as_new(void **state)
{
    (void)state;
    struct ha_timeline t;
    ha_timeline_init(&t, 10);
    for (int64_t second = 0; second < 100; second++)
        add(&t, second, 200);
    assert_true(t.width_s > 1);
    ha_timeline_reset(&t);
    add(&t, 50, 200);
    add(&t, 51, 429);
    struct shown s = show(&t, 1, 100);
    assert_int_equal(s.width, 1);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.buckets[0].n[HA_SERIES_TOTAL], 1);
    ha_free(s.buckets);
    ha_timeline_done(&t);
}

/* Whatever the width that is kept, as long as it is no wider. */
static void minutes_are_read_in_order(void **state)
{
    (void)state;
    static const int64_t minutes[] = {7, 3, 900, -2, 4, 3, 0};
    static const int64_t want[] = {-2, 0, 3, 4, 7, 900};
    for (size_t max = 2; max <= 40; max += 38) {
        struct ha_timeline t;
        struct ha_minutes m;
        ha_timeline_init(&t, max);
        assert_int_equal(ha_timeline_minutes(&t, &m), HA_OK);
        assert_int_equal(m.count, 0);
        for (size_t i = 0; i < HA_COUNT(minutes) && (max > 2 || i < 4); i++)
            for (int k = 0; k < 3; k++)
                add(&t, minutes[i] * 60 + 20 * k, k == 0 ? 503 : 200);
        assert_int_equal(t.width_s, max > 2 ? 1 : 60);
        assert_int_equal(ha_timeline_minutes(&t, &m), HA_OK);
        assert_false(m.too_many);
        assert_int_equal(m.count, max > 2 ? HA_COUNT(want) : 4);
        for (size_t i = 0; i < m.count; i++) {
            const struct ha_bucket *b = &m.buckets[m.order[i]];
            if (max > 2)
                assert_int_equal(b->start_s, want[i] * 60);
            if (i > 0)
                assert_true(b->start_s > m.buckets[m.order[i - 1]].start_s);
            assert_int_equal(b->n[HA_SERIES_TOTAL] % 3, 0);
            assert_int_equal(b->n[HA_SERIES_5XX] * 3, b->n[HA_SERIES_TOTAL]);
        }
        ha_minutes_done(&m);
        for (int64_t minute = 0; max == 2 && minute < 5; minute++)
            add(&t, minute * 3600, 200);
        if (max == 2) {
            assert_int_equal(ha_timeline_minutes(&t, &m), HA_OK);
            assert_true(m.too_many && m.count == 0);
        }
        ha_timeline_done(&t);
    }
}

static void gaps_are_left_out(void **state)
{
    (void)state;
    struct ha_timeline t;
    ha_timeline_init(&t, 100);
    add(&t, 3600, 200);
    add(&t, 5 * 3600, 200);
    struct shown s = show(&t, 3600, 100);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.buckets[1].start_s - s.buckets[0].start_s, 4 * 3600);
    ha_free(s.buckets);
    ha_timeline_done(&t);
}

static void counts_stop_at_their_maximum(void **state)
{
    (void)state;
    struct ha_timeline a, b;
    ha_timeline_init(&a, 100);
    ha_timeline_init(&b, 100);
    add(&a, 1, 429);
    for (int i = 0; i < 70; i++) {
        assert_true(ha_timeline_merge(&b, &a));
        assert_true(ha_timeline_merge(&a, &b));
    }
    add(&a, 1, 429);
    struct shown s = show(&a, 1, 1);
    assert_true(s.buckets[0].n[HA_SERIES_TOTAL] == UINT64_MAX);
    assert_true(s.buckets[0].n[HA_SERIES_429] == UINT64_MAX);
    ha_free(s.buckets);
    ha_timeline_done(&a);
    ha_timeline_done(&b);
}

/* Batches of records whose times stay, jump, widen the buckets, are missing or not selected count
 * as each of them by itself. */
/* Counts a record in a timeline of its own, where no other is near, and adds that. */
static void add_apart(struct ha_timeline *t, const struct ha_record *r)
{
    struct ha_timeline own;
    ha_timeline_init(&own, 2);
    assert_true(add_at(&own, r->time_us, r->status));
    assert_true(ha_timeline_merge(t, &own));
    ha_timeline_done(&own);
}

static void batches_count_as_single_records(void **state)
{
    (void)state;
    static const int statuses[] = {200, 404, 429, 503, HA_NO_STATUS};
    static const uint64_t spans[] = {2, 50, 5000, 4000000, 4000000};
    struct random r = {3};
    for (size_t k = 0; k < HA_COUNT(spans); k++) {
        struct ha_timeline by_one, by_batch;
        /* The last is of more buckets than are looked up one by one. */
        bool many = k + 1 == HA_COUNT(spans);
        ha_timeline_init(&by_one, many ? 1 << 15 : 64);
        ha_timeline_init(&by_batch, many ? 1 << 15 : 64);
        for (int round = 0; round < (many ? 700 : 200); round++) {
            struct ha_record records[HA_TIMELINE_BATCH];
            uint8_t series[HA_TIMELINE_BATCH];
            size_t n = random_below(&r, HA_TIMELINE_BATCH + 1);
            bool all = random_below(&r, 4) == 0;
            for (size_t i = 0; i < n; i++) {
                records[i].has_time = random_below(&r, 8) != 0;
                records[i].time_us = (int64_t)random_below(&r, spans[k] * 1000000) - 5000000;
                records[i].status = (int16_t)statuses[random_below(&r, HA_COUNT(statuses))];
                bool counts = all || random_below(&r, 8) != 0;
                series[i] = counts ? ha_series_of(records[i].status) : HA_SERIES_N;
                if (records[i].has_time && counts)
                    add_apart(&by_one, &records[i]);
            }
            assert_true(ha_timeline_add_batch(&by_batch, records, series, n));
        }
        size_t most = many ? SIZE_MAX : 1000;
        struct shown a = show(&by_one, 1, most), b = show(&by_batch, 1, most);
        assert_int_equal(a.count, b.count);
        assert_int_equal(a.width, b.width);
        assert_true(!many || a.count > 8192);
        assert_memory_equal(a.buckets, b.buckets, a.count * sizeof *a.buckets);
        ha_free(a.buckets);
        ha_free(b.buckets);
        ha_timeline_done(&by_one);
        ha_timeline_done(&by_batch);
    }
}

static bool run_once(const void *context)
{
    (void)context;
    struct ha_timeline a, b;
    struct shown s = {NULL, 0, 0};
    bool ok = true;
    ha_timeline_init(&a, 300);
    ha_timeline_init(&b, 300);
    for (int64_t i = 0; i < 400; i++) {
        ok &= add_at(&a, i * US, 200);
        ok &= add_at(&b, (i + 1000) * US, 200);
    }
    ok &= ha_timeline_merge(&a, &b);
    ok &= ha_timeline_read(&a, 1, 10, &s.buckets, &s.count, &s.width) == HA_OK;
    struct ha_minutes m;
    ok &= ha_timeline_minutes(&a, &m) == HA_OK;
    ha_minutes_done(&m);
    ha_free(s.buckets);
    ha_timeline_done(&a);
    ha_timeline_done(&b);
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
        cmocka_unit_test(empty_has_no_buckets),
        cmocka_unit_test(counts_per_class),
        cmocka_unit_test(width_follows_the_span),
        cmocka_unit_test(a_width_that_is_no_multiple_of_what_is_kept_gives_way),
        cmocka_unit_test(old_and_far_times_have_buckets),
        cmocka_unit_test(any_64_bits_are_a_time),
        cmocka_unit_test(order_and_split_do_not_matter),
        cmocka_unit_test(shown_width_does_not_depend_on_what_lies_between),
        cmocka_unit_test(wider_buckets_widen_what_they_are_merged_into),
        cmocka_unit_test(reset_is_as_new),
        cmocka_unit_test(minutes_are_read_in_order),
        cmocka_unit_test(gaps_are_left_out),
        cmocka_unit_test(counts_stop_at_their_maximum),
        cmocka_unit_test(batches_count_as_single_records),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
