/* spikes_test.c - the detector against the events of its written reference, and at the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "httpannotate/spikes.h"
#include "noise.h"

enum { MINUTES = 600, T0 = 1800000000 };

static void make_series(uint64_t seed, struct ha_spike_minute *to)
{
    static const double bases[] = {0.5, 2, 5, 20, 100}, phis[] = {1, 1.5, 3};
    struct random r = {seed};
    uint64_t at = 100 + random_below(&r, 300), length = 1 + random_below(&r, 40);
    double factor = (double)(2 + random_below(&r, 12));
    for (uint64_t m = 0; m < MINUTES; m++) {
        uint64_t good = noise_poisson(&r, 50);
        double mean = bases[seed % 5] * (m >= at && m < at + length ? factor : 1);
        uint64_t errors = noise_bursty(&r, mean, phis[seed % 3]);
        to[m] = (struct ha_spike_minute){T0 + (int64_t)m * 60, errors, good};
    }
}

/* 120 generated series: the incidents, from when to when. They begin where the written reference
 * has them, and end there or earlier: see note_end. */
static void incidents_are_those_expected(void **state)
{
    (void)state;
    FILE *golden = fopen(HA_SOURCE_DIR "/tests/unit/expected/spikes.tsv", "r");
    assert_non_null(golden);
    static struct ha_spike_minute minutes[MINUTES];
    char want[512];
    size_t series = 0, incidents = 0;
    while (fgets(want, sizeof want, golden) != NULL) {
        char got[512];
        uint64_t seed = strtoull(want, NULL, 10);
        make_series(seed, minutes);
        struct ha_spike *list = NULL;
        size_t count = 0;
        assert_int_equal(ha_spikes_find(minutes, MINUTES, &list, &count), HA_OK);
        int len = snprintf(got, sizeof got, "%d\t", (int)seed);
        for (size_t i = 0; i < count; i++)
            len += snprintf(got + len, sizeof got - (size_t)len, "%s%d-%d", i > 0 ? " " : "",
                            (int)((list[i].start_s - T0) / 60), (int)((list[i].end_s - T0) / 60));
        snprintf(got + len, sizeof got - (size_t)len, "\n");
        assert_string_equal(got, want);
        ha_free(list);
        series++;
        incidents += count;
    }
    fclose(golden);
    assert_int_equal(series, 120);
    assert_true(incidents > 60);
}

static size_t find(struct ha_spike_minute *minutes, size_t n, struct ha_spike *first)
{
    struct ha_spike *list = NULL;
    size_t count = 0;
    assert_int_equal(ha_spikes_find(minutes, n, &list, &count), HA_OK);
    if (count > 0)
        *first = list[0];
    ha_free(list);
    return count;
}

static void counts_and_peaks_are_the_minutes_own(void **state)
{
    (void)state;
    struct ha_spike_minute minutes[200];
    struct ha_spike s = {0};
    for (int m = 0; m < 200; m++)
        minutes[m] = (struct ha_spike_minute){T0 + m * 60, m >= 100 && m < 105 ? 40 : 1, 100};
    minutes[102].errors = 55;
    assert_int_equal(find(minutes, 200, &s), 1);
    assert_int_equal(s.start_s, T0 + 100 * 60);
    assert_int_equal(s.end_s, T0 + 105 * 60);
    assert_false(s.is_open);
    assert_int_equal(s.count, 4 * 40 + 55);
    assert_true(s.peak_per_minute == 55);
    assert_true(s.usual_per_minute > 0.8 && s.usual_per_minute < 1.2);
    assert_int_equal(find(minutes, 103, &s), 1);
    assert_true(s.is_open);
    assert_int_equal(s.end_s, T0 + 103 * 60);
}

static void little_says_nothing(void **state)
{
    (void)state;
    struct ha_spike_minute minutes[8];
    struct ha_spike *list = NULL;
    size_t count = 7;
    for (int m = 0; m < 8; m++)
        minutes[m] = (struct ha_spike_minute){T0 + m * 60, m == 7 ? 500 : 0, 10};
    assert_int_equal(ha_spikes_find(minutes, 8, &list, &count), HA_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ha_spikes_find(NULL, 0, &list, &count), HA_OK);
    assert_int_equal(count, 0);
}

/* Traffic that returns after a silence of hours or of years is no spike, nor does the silence make
 * what comes after it one. */
static void silence_is_not_nothing(void **state)
{
    (void)state;
    struct ha_spike_minute minutes[300];
    struct ha_spike s;
    static const int64_t gaps[] = {3, 40, 80, 100000, INT64_C(50000000)};
    for (size_t g = 0; g < HA_COUNT(gaps); g++) {
        for (int m = 0; m < 300; m++)
            minutes[m] = (struct ha_spike_minute){T0 + (m + (m >= 150 ? gaps[g] : 0)) * 60, 6, 100};
        assert_int_equal(find(minutes, 300, &s), 0);
        for (int m = 250; m < 255; m++)
            minutes[m].errors = 90;
        assert_int_equal(find(minutes, 300, &s), 1);
        assert_int_equal(s.start_s, minutes[250].start_s);
        assert_int_equal(s.end_s, minutes[255].start_s);
    }
}

static bool has_start(const struct ha_spike_event *events, size_t n)
{
    bool start = false;
    for (size_t i = 0; i < n; i++)
        start |= events[i].kind == HA_SPIKE_START;
    return start;
}

/* A look with the counts of the whole minute says what closing it will say; one with fewer errors
 * never says more, nor does one with fewer than `next`. */
static void an_early_look_says_what_the_closed_minute_will(void **state)
{
    (void)state;
    static struct ha_spike_minute minutes[MINUTES];
    size_t starts = 0, bounds = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        make_series(seed, minutes);
        struct ha_spike_group g;
        ha_spike_group_init(&g);
        for (int m = 0; m < MINUTES; m++) {
            struct ha_spike_event events[HA_SPIKE_EVENTS];
            struct ha_spike_look look, first;
            struct ha_spike_group before = g;
            bool early = ha_spike_group_look(&g, minutes[m].errors, minutes[m].good, &look);
            if (!ha_spike_group_look(&g, 1, 0, &first) && first.next < minutes[m].errors) {
                struct ha_spike_look at;
                assert_false(ha_spike_group_look(&g, first.next - 1, 0, &at));
                while (!ha_spike_group_look(&g, first.next, 0, &at)) {
                    assert_true(at.next > first.next);
                    if (at.next < UINT32_MAX)
                        assert_false(ha_spike_group_look(&g, at.next - 1, 0, &first));
                    first.next = at.next;
                }
                bounds++;
            }
            assert_memory_equal(&before, &g, sizeof g);
            size_t n = ha_spike_group_close(&g, minutes[m].errors, minutes[m].good, false, events);
            assert_int_equal(early, has_start(events, n) && !before.is_open);
            if (early) {
                assert_int_equal(look.since, g.onset);
                assert_true(look.usual == g.usual);
                starts++;
            } else {
                assert_true(look.next > minutes[m].errors);
            }
        }
    }
    assert_true(starts > 30 && bounds > 30);
}

/* Two errors every fifth minute are usual; after a burst of one minute they keep coming. */
static void single_high_minutes_are_no_new_level(void **state)
{
    (void)state;
    struct ha_spike_minute minutes[900];
    struct ha_spike s = {0};
    for (int m = 0; m < 900; m++)
        minutes[m] = (struct ha_spike_minute){T0 + m * 60, m % 5 == 0 ? 2 : 0, 3};
    minutes[601].errors = 38;
    assert_int_equal(find(minutes, 900, &s), 1);
    assert_int_equal(s.start_s, T0 + 601 * 60);
    assert_int_equal(s.end_s, T0 + 602 * 60);
    assert_false(s.settled);
    assert_int_equal(s.count, 38);
}

static void a_group_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct ha_spike_group) <= 512);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    static struct ha_spike_minute minutes[MINUTES];
    make_series(3, minutes);
    struct ha_spike *list = NULL;
    size_t count = 0;
    ha_alloc_fail_at(1);
    enum ha_err err = ha_spikes_find(minutes, MINUTES, &list, &count);
    ha_alloc_fail_at(0);
    assert_int_equal(err, HA_ERR_MEMORY);
    assert_null(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incidents_are_those_expected),
        cmocka_unit_test(counts_and_peaks_are_the_minutes_own),
        cmocka_unit_test(little_says_nothing),
        cmocka_unit_test(silence_is_not_nothing),
        cmocka_unit_test(an_early_look_says_what_the_closed_minute_will),
        cmocka_unit_test(single_high_minutes_are_no_new_level),
        cmocka_unit_test(a_group_is_small),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
