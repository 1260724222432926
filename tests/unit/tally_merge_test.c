/* tally_merge_test.c - random splits of a random log, counted apart and merged in any grouping,
 * give what one tally over all of it gives; and no failed allocation goes unnoticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "httpannotate/tally.h"
#include "random.h"

#include <stdio.h>
#include <string.h>

#define RECORDS 2000
#define PARTS   7
#define TOP     3000

static char texts[RECORDS][5][64];
static struct ha_record records[RECORDS];
static uint8_t selected[RECORDS];

static void put_text(size_t i, int slot, enum ha_field f, const char *format, uint64_t n)
{
    int len = snprintf(texts[i][slot], sizeof texts[i][slot], format, (unsigned)n);
    ha_put(&records[i], f, (struct ha_view){texts[i][slot], (size_t)len});
}

static void make_matched(struct ha_record *r, size_t i, struct random *rnd)
{
    static const int16_t statuses[] = {200, 200, 200, 304, 404, 429, 500, 0, HA_NO_STATUS};
    r->verdict = random_below(rnd, 20) == 0 ? HA_SALVAGED : HA_MATCHED;
    r->pattern = (uint16_t)random_below(rnd, 3);
    r->status = statuses[random_below(rnd, HA_COUNT(statuses))];
    r->body_bytes = random_next(rnd) >> random_below(rnd, 64);
    r->has_bytes = random_below(rnd, 5) > 0;
    r->has_duration = random_below(rnd, 3) > 0;
    r->duration_us = random_next(rnd) >> random_below(rnd, 64);
    r->has_time = random_below(rnd, 10) > 0;
    r->time_us = (int64_t)random_below(rnd, UINT64_C(1) << random_below(rnd, 50)) - 1000000;
    r->method = (int16_t)random_below(rnd, 5);
    if (random_below(rnd, 8) == 0) {
        r->method = HA_UNLISTED_METHOD;
        put_text(i, 0, HA_FIELD_METHOD, "ODD%u", random_below(rnd, 200));
    } else if (random_below(rnd, 8) == 0) {
        r->method = HA_NO_METHOD;
    }
    if (random_below(rnd, 10) > 0)
        put_text(i, 1, HA_FIELD_TARGET, "/a/target/%u?query", random_skewed(rnd, 1000));
    put_text(i, 2, HA_FIELD_CLIENT, "192.0.2.%u", random_skewed(rnd, 5000));
    if (random_below(rnd, 2) == 0)
        put_text(i, 3, HA_FIELD_REFERER, "https://example.com/%u", random_skewed(rnd, 50));
    put_text(i, 4, HA_FIELD_AGENT, "agent/%u (like another)", random_skewed(rnd, 9));
}

static void make_records(struct random *rnd)
{
    for (size_t i = 0; i < RECORDS; i++) {
        struct ha_record *r = &records[i];
        *r = (struct ha_record){.line_number = i + 1, .line = ha_view_of("a line")};
        selected[i] = random_below(rnd, 10) > 0;
        switch (random_below(rnd, 12)) {
        case 0:
            r->verdict = random_below(rnd, 2) == 0 ? HA_BLANK : HA_DIRECTIVE;
            break;
        case 1:
            r->verdict = HA_UNMATCHED;
            r->reason = (uint8_t)(1 + random_below(rnd, HA_REASON_N - 1));
            snprintf(texts[i][0], sizeof texts[i][0], "line %u of a strange log", (unsigned)i);
            r->line = ha_view_of(texts[i][0]);
            break;
        default:
            make_matched(r, i, rnd);
        }
    }
}

/* All that can be read of a tally. */
struct reading {
    struct ha_tally_sums sums;
    uint64_t pattern[3];
    struct ha_method_count *methods;
    size_t method_count;
    uint64_t statuses[8][1000]; /* of methods from -2 on */
    struct ha_spread durations[6], sizes;
    struct ha_top_entry *top[HA_TOP_N];
    size_t top_count[HA_TOP_N];
    uint64_t clients;
    bool estimated;
    struct ha_bucket *buckets;
    size_t bucket_count;
    int64_t width;
    struct ha_error_minute *minutes;
    size_t minute_count;
    enum ha_minutes_kept kept;
    const struct ha_sample *samples;
    size_t sample_count;
};

static bool read_all(const struct ha_tally *t, struct reading *to)
{
    static struct ha_top_entry room[2][HA_TOP_N][TOP];
    static int turn;
    memset(to, 0, sizeof *to);
    turn = 1 - turn;
    memcpy(&to->sums, ha_tally_sums(t), sizeof to->sums);
    for (size_t i = 0; i < 3; i++)
        to->pattern[i] = ha_tally_pattern(t, i);
    for (int i = 0; i < HA_TOP_N; i++) {
        to->top[i] = room[turn][i];
        to->top_count[i] = ha_tally_top(t, (enum ha_top)i, TOP, to->top[i]);
    }
    for (int i = 0; i < 8; i++) {
        const uint64_t *statuses = ha_tally_method_statuses(t, i - 2);
        if (statuses != NULL)
            memcpy(to->statuses[i], statuses, sizeof to->statuses[i]);
    }
    for (unsigned i = 0; i < 6; i++)
        if (ha_tally_durations(t, 1u << i, &to->durations[i]) != HA_OK)
            return false;
    to->sizes = ha_tally_sizes(t);
    to->kept = ha_tally_minutes_kept(t);
    to->clients = ha_tally_distinct_clients(t, &to->estimated);
    to->sample_count = ha_tally_samples(t, &to->samples);
    return ha_tally_methods(t, &to->methods, &to->method_count) == HA_OK &&
           ha_tally_timeline(t, 1, 50, &to->buckets, &to->bucket_count, &to->width) == HA_OK &&
           ha_tally_error_minutes(t, &to->minutes, &to->minute_count) == HA_OK;
}

static void reading_done(struct reading *r)
{
    ha_free(r->methods);
    ha_free(r->buckets);
    ha_free(r->minutes);
}

static void assert_same_minutes(const struct reading *a, const struct reading *b)
{
    assert_int_equal(a->kept, b->kept);
    assert_int_equal(a->minute_count, b->minute_count);
    for (size_t i = 0; i < a->minute_count; i++) {
        assert_int_equal(a->minutes[i].start_s, b->minutes[i].start_s);
        assert_int_equal(a->minutes[i].status, b->minutes[i].status);
        assert_int_equal(a->minutes[i].count, b->minutes[i].count);
    }
}

static void assert_same_lists(const struct reading *a, const struct reading *b)
{
    for (int l = 0; l < HA_TOP_N; l++) {
        assert_int_equal(a->top_count[l], b->top_count[l]);
        for (size_t i = 0; i < a->top_count[l]; i++) {
            assert_true(ha_view_eq(a->top[l][i].value, b->top[l][i].value));
            assert_int_equal(a->top[l][i].count, b->top[l][i].count);
            assert_int_equal(a->top[l][i].at_most_over, 0);
            assert_int_equal(b->top[l][i].at_most_over, 0);
        }
    }
    assert_int_equal(a->clients, b->clients);
    assert_int_equal(a->estimated, b->estimated);
}

static void assert_same(const struct ha_tally *one, const struct ha_tally *other)
{
    struct reading a, b;
    assert_true(read_all(one, &a) && read_all(other, &b));
    assert_memory_equal(&a.sums, &b.sums, sizeof a.sums);
    assert_memory_equal(a.pattern, b.pattern, sizeof a.pattern);
    assert_memory_equal(a.statuses, b.statuses, sizeof a.statuses);
    assert_memory_equal(a.durations, b.durations, sizeof a.durations);
    assert_memory_equal(&a.sizes, &b.sizes, sizeof a.sizes);
    assert_int_equal(a.method_count, b.method_count);
    for (size_t i = 0; i < a.method_count; i++) {
        assert_true(ha_view_eq(a.methods[i].method, b.methods[i].method));
        assert_memory_equal(&a.methods[i].sum, &b.methods[i].sum, sizeof a.methods[i].sum);
    }
    assert_same_lists(&a, &b);
    assert_same_minutes(&a, &b);
    assert_int_equal(a.width, b.width);
    assert_int_equal(a.bucket_count, b.bucket_count);
    for (size_t i = 0; i < a.bucket_count; i++)
        assert_memory_equal(&a.buckets[i], &b.buckets[i], sizeof a.buckets[i]);
    assert_int_equal(a.sample_count, b.sample_count);
    for (size_t i = 0; i < a.sample_count; i++) {
        assert_int_equal(a.samples[i].source, b.samples[i].source);
        assert_int_equal(a.samples[i].line_number, b.samples[i].line_number);
        assert_int_equal(a.samples[i].reason, b.samples[i].reason);
        assert_true(ha_view_eq(a.samples[i].text, b.samples[i].text));
    }
    reading_done(&a);
    reading_done(&b);
}

static struct ha_tally_options options(bool tops, uint64_t seed)
{
    struct ha_tally_options o = {
        .limits = HA_LIMITS_DEFAULT, .tops = tops, .patterns = 3, .seed = seed};
    o.limits.time_buckets = 40;
    o.limits.unmatched_samples = 6;
    o.limits.distinct_methods = 4; /* fewer than there are */
    return o;
}

static struct ha_tally *make(bool tops, uint64_t seed)
{
    struct ha_tally_options o = options(tops, seed);
    struct ha_tally *t;
    assert_int_equal(ha_tally_new(&o, &t), HA_OK);
    return t;
}

/* Each record to a part at random, in runs, so that batches of every size come up. */
static void count_in_parts(struct random *rnd, struct ha_tally **part, size_t parts)
{
    for (size_t done = 0, n; done < RECORDS; done += n) {
        size_t run = random_below(rnd, 3) == 0 ? 1 : 1 + random_below(rnd, 300);
        n = run < RECORDS - done ? run : RECORDS - done;
        struct ha_tally *t = part[random_below(rnd, parts)];
        if (n == 1)
            ha_tally_add(t, &records[done], selected[done], 0);
        else
            ha_tally_add_batch(t, &records[done], &selected[done], n, 0);
        ha_tally_add_bytes(t, n);
    }
}

static void any_split_merges_to_the_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct random rnd = {seed};
        struct ha_tally *part[PARTS], *whole = make(seed % 8 != 0, 0);
        size_t parts = 1 + seed % PARTS;
        make_records(&rnd);
        for (size_t p = 0; p < parts; p++)
            part[p] = make(seed % 8 != 0, 1 + p % 2); /* hash seeds need not be the same */
        count_in_parts(&rnd, part, parts);
        for (size_t i = 0; i < RECORDS; i++)
            ha_tally_add(whole, &records[i], selected[i], 0);
        ha_tally_add_bytes(whole, RECORDS);
        for (size_t left = parts; left > 1; left--) {
            size_t into = random_below(&rnd, left), from = random_below(&rnd, left - 1);
            from += from >= into;
            assert_int_equal(ha_tally_merge(part[into], part[from]), HA_OK);
            ha_tally_free(&part[from]);
            part[from] = part[left - 1];
        }
        assert_true(ha_tally_ok(part[0]) && ha_tally_ok(whole));
        assert_same(part[0], whole);
        ha_tally_free(&part[0]);
        ha_tally_free(&whole);
    }
}

static void empty_is_the_zero_of_merging(void **state)
{
    (void)state;
    struct random rnd = {77};
    struct ha_tally *t = make(true, 0), *same = make(true, 0), *empty = make(true, 0);
    make_records(&rnd);
    ha_tally_add_batch(t, records, selected, RECORDS, 3);
    ha_tally_add_batch(same, records, selected, RECORDS, 3);
    assert_int_equal(ha_tally_merge(t, empty), HA_OK);
    assert_same(t, same);
    assert_int_equal(ha_tally_merge(empty, t), HA_OK);
    assert_same(empty, same);
    assert_same(t, same); /* and what was merged from is as it was */
    ha_tally_free(&t);
    ha_tally_free(&same);
    ha_tally_free(&empty);
}

static void reset_is_as_new(void **state)
{
    (void)state;
    struct random rnd = {76};
    for (int tops = 0; tops < 2; tops++) {
        struct ha_tally *t = make(tops == 1, 0), *fresh = make(tops == 1, 0);
        make_records(&rnd);
        ha_tally_add_batch(t, records, selected, RECORDS, 9);
        ha_tally_add_bytes(t, 5);
        ha_tally_reset(t);
        assert_same(t, fresh);
        make_records(&rnd);
        ha_tally_add_batch(t, records, selected, RECORDS, 0);
        ha_tally_add_batch(fresh, records, selected, RECORDS, 0);
        assert_same(t, fresh);
        ha_tally_free(&t);
        ha_tally_free(&fresh);
    }
}

/* Counts a random log, and again in a small tally that hands in to another one whenever it is
 * nearly full: both must tell the same. */
static void add_up_handed_in(struct random rnd, size_t buckets,
                             void (*hand_in)(struct ha_tally *small, struct ha_tally *sum))
{
    struct ha_tally_options o = options(true, 0);
    struct ha_tally *small, *sum = make(true, 0), *whole = make(true, 0);
    int handed_in = 0;
    o.limits.top_entries = 300;
    o.limits.top_bytes = 250000;
    o.limits.time_buckets = buckets;
    assert_int_equal(ha_tally_new(&o, &small), HA_OK);
    for (int round = 0; round < 5; round++) {
        make_records(&rnd);
        ha_tally_add_batch(whole, records, selected, RECORDS, 0);
        for (size_t done = 0; done < RECORDS; done += 100) {
            ha_tally_add_batch(small, &records[done], &selected[done], 100, 0);
            if (!ha_tally_nearly_full(small, 100))
                continue;
            hand_in(small, sum);
            handed_in++;
        }
    }
    assert_int_equal(ha_tally_merge(sum, small), HA_OK);
    assert_in_range(handed_in, 5, 99); /* else it was never, or always */
    assert_same(sum, whole);
    ha_tally_free(&small);
    ha_tally_free(&sum);
    ha_tally_free(&whole);
}

static void hand_in_all(struct ha_tally *small, struct ha_tally *sum)
{
    assert_int_equal(ha_tally_merge(sum, small), HA_OK);
    ha_tally_reset(small);
}

static void hand_in_what_is_full(struct ha_tally *small, struct ha_tally *sum)
{
    assert_int_equal(ha_tally_relieve(small, sum, 100), HA_OK);
    assert_false(ha_tally_nearly_full(small, 100));
    assert_int_equal(ha_tally_sums(sum)->lines, 0);
}

/* Handed in before a list can forget anything, small tallies add up to exact lists. */
static void nearly_full_comes_in_time(void **state)
{
    (void)state;
    add_up_handed_in((struct random){75}, 1 << 12, hand_in_all);
}

/* Only what is nearly full is passed on; nothing is counted twice or lost. */
static void relieved_in_time_nothing_is_forgotten(void **state)
{
    (void)state;
    add_up_handed_in((struct random){76}, 1 << 10, hand_in_what_is_full);
}

/* The cells of a small tally fill up before its timeline does: they are handed in all the same. */
static void cells_of_errors_come_in_time(void **state)
{
    (void)state;
    struct ha_tally_options o = options(false, 0);
    struct ha_tally *small, *sum, *whole;
    o.limits.time_buckets = 2000;
    assert_int_equal(ha_tally_new(&o, &sum), HA_OK);
    assert_int_equal(ha_tally_new(&o, &whole), HA_OK);
    o.limits.time_buckets = 60;
    assert_int_equal(ha_tally_new(&o, &small), HA_OK);
    int handed_in = 0;
    for (int i = 0; i < 4000; i++) {
        struct ha_record r = {.verdict = HA_MATCHED, .has_time = true, .method = HA_NO_METHOD};
        r.time_us = i % 40 * INT64_C(60000000);
        r.status = (int16_t)(400 + i / 40 % 200);
        ha_tally_add(whole, &r, true, 0);
        ha_tally_add(small, &r, true, 0);
        if (!ha_tally_nearly_full(small, 1))
            continue;
        assert_int_equal(ha_tally_merge(sum, small), HA_OK);
        ha_tally_reset(small);
        handed_in++;
    }
    assert_int_equal(ha_tally_merge(sum, small), HA_OK);
    assert_int_equal(handed_in, 4000 / (2 * 60));
    assert_int_equal(ha_tally_minutes_kept(whole), HA_MINUTES_ERRORS);
    assert_same(sum, whole);
    ha_tally_free(&small);
    ha_tally_free(&sum);
    ha_tally_free(&whole);
}

static void no_choice_means_all(void **state)
{
    (void)state;
    struct random rnd = {78};
    struct ha_tally *a = make(true, 0), *b = make(true, 0);
    make_records(&rnd);
    ha_tally_add_batch(a, records, NULL, RECORDS, 0);
    memset(selected, 1, sizeof selected);
    ha_tally_add_batch(b, records, selected, RECORDS, 0);
    assert_same(a, b);
    ha_tally_free(&a);
    ha_tally_free(&b);
}

/* Counts until it is beyond 64 bits: doubles itself. */
static void merged_counters_stop_at_their_maximum(void **state)
{
    (void)state;
    struct random rnd = {79};
    struct ha_tally *a = make(true, 0), *b = make(true, 0);
    struct reading r;
    make_records(&rnd);
    ha_tally_add_batch(a, records, NULL, RECORDS, 0);
    for (int i = 0; i < 70; i++) {
        assert_int_equal(ha_tally_merge(b, a), HA_OK);
        assert_int_equal(ha_tally_merge(a, b), HA_OK);
    }
    ha_tally_add_batch(a, records, NULL, RECORDS, 0);
    assert_true(read_all(a, &r));
    assert_true(r.sums.lines == UINT64_MAX && r.sums.selected == UINT64_MAX);
    assert_true(r.sums.verdict[HA_BLANK] == UINT64_MAX);
    assert_true(r.sums.reason[HA_REASON_TOO_LONG] == UINT64_MAX);
    assert_true(r.sums.classes[2].count == UINT64_MAX && r.sums.status[429].count == UINT64_MAX);
    assert_true(r.sums.no_status == UINT64_MAX && r.sums.errors == UINT64_MAX);
    assert_true(r.sums.no_method.count == UINT64_MAX && r.pattern[0] == UINT64_MAX);
    assert_true(r.methods[0].sum.count == UINT64_MAX);
    assert_true(r.buckets[0].n[HA_SERIES_TOTAL] == UINT64_MAX);
    for (int i = 0; i < HA_TOP_N; i++)
        assert_true(r.top[i][0].count == UINT64_MAX);
    reading_done(&r);
    ha_tally_free(&a);
    ha_tally_free(&b);
}

/* All that allocates, once; false when any part of it said that memory ran out. */
static bool run_once(const void *tops)
{
    struct ha_tally_options o = options(*(const bool *)tops, 0);
    struct ha_tally *a = NULL, *b = NULL;
    struct reading r;
    bool ok = ha_tally_new(&o, &a) == HA_OK && ha_tally_new(&o, &b) == HA_OK;
    if (ok) {
        ha_tally_add_batch(a, records, selected, RECORDS / 2, 0);
        ha_tally_add_batch(b, records + RECORDS / 2, selected, RECORDS / 2, 0);
        bool counted = ha_tally_ok(a) && ha_tally_ok(b);
        ok = ha_tally_merge(a, b) == HA_OK;
        assert_true(ok == ha_tally_ok(a));
        assert_true(counted || !ok); /* a merge does not make whole what was short */
        if (!read_all(a, &r))
            ok = false;
        reading_done(&r);
    } else {
        assert_true(a == NULL || b == NULL);
    }
    ha_tally_free(&a);
    ha_tally_free(&b);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct random rnd = {80};
    make_records(&rnd);
    for (int i = 0; i < 2; i++) {
        bool tops = i == 1;
        fail_each_allocation(run_once, &tops, 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_split_merges_to_the_whole),
        cmocka_unit_test(empty_is_the_zero_of_merging),
        cmocka_unit_test(reset_is_as_new),
        cmocka_unit_test(nearly_full_comes_in_time),
        cmocka_unit_test(relieved_in_time_nothing_is_forgotten),
        cmocka_unit_test(cells_of_errors_come_in_time),
        cmocka_unit_test(no_choice_means_all),
        cmocka_unit_test(merged_counters_stop_at_their_maximum),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
