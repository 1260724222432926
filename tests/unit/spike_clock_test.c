/* spike_clock_test.c - whatever the order of lines, the clock knows what the exact minutes say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "httpannotate/spike_clock.h"
#include "random.h"

enum { T0 = 1800000000, MOST_LINES = 60000, MOST_TOLD = 512, MINUTE = 60 };

struct line {
    int64_t second;
    int64_t comes; /* when it is written */
    int status;
};
static struct line lines[MOST_LINES];
static size_t line_count;

struct heard {
    struct ha_spike_told told[MOST_TOLD];
    size_t count;
};
static struct heard heard, heard_too;

static void hear(void *to, const struct ha_spike_told *told)
{
    struct heard *h = to;
    assert_true(h->count < MOST_TOLD);
    h->told[h->count++] = *told;
}

static struct ha_spike_clock *clock_new(struct heard *h)
{
    struct ha_spike_clock *c = NULL;
    const struct ha_spike_choice choice = HA_SPIKE_CHOICE_DEFAULT;
    h->count = 0;
    assert_int_equal(ha_spike_clock_new(&choice, hear, h, &c), HA_OK);
    return c;
}

static void one(struct ha_spike_clock *c, int64_t second, int status)
{
    bool good = status < 400;
    ha_spike_clock_lines(c, second, good, good ? HA_NO_LINE : status);
}

static int by_coming(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->comes != y->comes)
        return x->comes < y->comes ? -1 : 1;
    return (x->second > y->second) - (x->second < y->second);
}

static void add_line(int64_t second, int status, int64_t late)
{
    if (line_count < MOST_LINES)
        lines[line_count++] = (struct line){second, second + late, status};
}

/* Some hours of a log with bursts, silences short, long and very long, in the order it is written.
 * No line comes as late as `most_late`. */
static void make_log(struct random *r, int minutes, int64_t most_late)
{
    static const int codes[] = {429, 404, 500, 503, 503, 504};
    int64_t at = T0 + (int64_t)random_below(r, 1000);
    uint64_t per_minute = 1 + random_below(r, 8), late_share = random_below(r, 40);
    int burst = 0, code = 0;
    line_count = 0;
    for (int m = 0; m < minutes; m++, at += MINUTE) {
        if (random_below(r, 60) == 0) {
            burst = (int)(1 + random_below(r, 30));
            code = (int)random_below(r, 6);
        }
        if (random_below(r, 150) == 0)
            at += (int64_t)random_skewed(r, 100) * MINUTE;
        if (random_below(r, 400) == 0)
            at += INT64_C(400000) * MINUTE;
        uint64_t good = random_below(r, 2 * per_minute + 1);
        uint64_t errors = random_below(r, 3) + (burst-- > 0 ? 10 + random_below(r, 30) : 0);
        for (uint64_t i = 0; i < good + errors; i++) {
            bool is_late = random_below(r, 100) < late_share;
            int64_t late = is_late ? (int64_t)random_below(r, (uint64_t)most_late) : 0;
            int status =
                i < good ? 200 : codes[burst > 0 && i > good + 1 ? code : (int)random_below(r, 6)];
            add_line(at + (int64_t)random_below(r, MINUTE), status, late);
        }
    }
    qsort(lines, line_count, sizeof *lines, by_coming);
}

static int by_second(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return (x->second > y->second) - (x->second < y->second);
}

/* The exact minutes of a group in the first `count` lines. */
static size_t exact_minutes(size_t count, int group, struct ha_spike_minute *to)
{
    static struct line sorted[MOST_LINES];
    size_t n = 0;
    memcpy(sorted, lines, count * sizeof *lines);
    qsort(sorted, count, sizeof *sorted, by_second);
    for (size_t i = 0; i < count; i++) {
        int64_t start = sorted[i].second / MINUTE * MINUTE;
        if (n == 0 || to[n - 1].start_s != start)
            to[n++] = (struct ha_spike_minute){.start_s = start};
        to[n - 1].good += sorted[i].status < 400;
        to[n - 1].errors += ha_spike_group_has(group, sorted[i].status);
    }
    return n;
}

/* The detector over the minutes, as spikes.md has it: silences beyond 64 minutes cost 16, and what
 * comes after one goes on with nothing. */
static void close_all(const struct ha_spike_minute *minutes, size_t count, struct ha_spike_group *g)
{
    struct ha_spike_event events[HA_SPIKE_EVENTS];
    ha_spike_group_init(g);
    for (size_t i = 0; i < count; i++) {
        int64_t empty = i == 0 ? 0 : (minutes[i].start_s - minutes[i - 1].start_s) / MINUTE - 1;
        for (int64_t s = 1; s <= (empty > 64 ? 16 : empty); s++)
            ha_spike_group_close(g, 0, 0, s > 5, events);
        if (empty > 64)
            g->cooling = 0;
        ha_spike_group_close(g, minutes[i].errors, minutes[i].good, false, events);
    }
}

static const int groups[] = {429, 4, 5, 500, 503, 504};

static void assert_knows_the_minutes(const struct ha_spike_clock *c, size_t count)
{
    static struct ha_spike_minute minutes[MOST_LINES];
    size_t compared = offsetof(struct ha_spike_group, has_saved) + sizeof(bool);
    for (size_t i = 0; i < HA_COUNT(groups); i++) {
        struct ha_spike_group want;
        size_t n = exact_minutes(count, groups[i], minutes);
        close_all(minutes, n, &want);
        const struct ha_spike_group *got = ha_spike_clock_group(c, groups[i]);
        if (got != NULL)
            assert_memory_equal(got, &want, compared);
        else
            assert_int_equal(want.errors[0], 0);
    }
}

static void feed(struct ha_spike_clock *c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        one(c, lines[i].second, lines[i].status);
}

/* At the end of any part of a log. */
static void late_lines_change_nothing(void **state)
{
    (void)state;
    struct random r = {7};
    size_t told = 0;
    for (int log = 0; log < 60; log++) {
        make_log(&r, 200 + (int)random_below(&r, 300), log % 3 == 0 ? 890 : log % 3 == 1 ? 90 : 6);
        for (int part = 0; part < 4; part++) {
            size_t count = part == 0 ? line_count : random_below(&r, line_count + 1);
            struct ha_spike_clock *c = clock_new(&heard);
            feed(c, count);
            ha_spike_clock_end(c);
            assert_true(ha_spike_clock_ok(c));
            assert_int_equal(ha_spike_clock_unused(c).late, 0);
            assert_int_equal(ha_spike_clock_unused(c).ahead, 0);
            assert_knows_the_minutes(c, count);
            told += heard.count;
            ha_spike_clock_free(&c);
        }
    }
    assert_true(told > 100);
}

/* What is told of a group in all: the incidents of the list, each named by one start. */
static void assert_told_is(const struct heard *h, int group, const struct ha_spike *list,
                           size_t count)
{
    static struct ha_spike spikes[MOST_TOLD];
    static int64_t first[MOST_TOLD]; /* the start each was told with */
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++) {
        const struct ha_spike_told *t = &h->told[i];
        if (t->group != group)
            continue;
        n += t->kind == HA_TOLD_START;
        assert_true(n > 0);
        if (t->kind == HA_TOLD_START)
            first[n - 1] = t->spike.start_s;
        assert_int_equal(t->first_s, first[n - 1]);
        assert_true(t->spike.end_s == 0 || t->spike.end_s > t->first_s);
        if (t->kind == HA_TOLD_NONE) {
            assert_true(t->told_s > spikes[n - 1].start_s);
            n--;
        } else
            spikes[n - 1] = t->spike;
    }
    assert_int_equal(n, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(spikes[i].is_open, list[i].is_open);
        if (list[i].is_open)
            continue; /* its minutes may say another start than an early look did */
        assert_int_equal(spikes[i].start_s, list[i].start_s);
        assert_int_equal(spikes[i].end_s, list[i].end_s);
        assert_int_equal(spikes[i].count, list[i].count);
        assert_true(spikes[i].peak_per_minute == list[i].peak_per_minute);
        assert_true(spikes[i].usual_per_minute == list[i].usual_per_minute);
    }
}

static void what_is_told_is_what_the_report_lists(void **state)
{
    (void)state;
    static struct ha_spike_minute minutes[MOST_LINES];
    struct random r = {11};
    size_t spikes = 0;
    for (int log = 0; log < 120; log++) {
        make_log(&r, 200 + (int)random_below(&r, 400), 1 + log % 4 * 20);
        struct ha_spike_clock *c = clock_new(&heard);
        feed(c, line_count);
        ha_spike_clock_end(c);
        assert_int_equal(ha_spike_clock_unused(c).ahead, 0);
        static const int told_always[] = {429, 4, 5};
        for (size_t i = 0; i < HA_COUNT(told_always); i++) {
            struct ha_spike *list = NULL;
            size_t count = 0, n = exact_minutes(line_count, told_always[i], minutes);
            assert_int_equal(ha_spikes_find(minutes, n, &list, &count), HA_OK);
            assert_told_is(&heard, told_always[i], list, count);
            spikes += count;
            ha_free(list);
        }
        ha_spike_clock_free(&c);
    }
    assert_true(spikes > 100);
}

static void assert_same_told(const struct heard *a, const struct heard *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct ha_spike_told *x = &a->told[i], *y = &b->told[i];
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->group, y->group);
        assert_int_equal(x->told_s, y->told_s);
        assert_int_equal(x->spike.start_s, y->spike.start_s);
        assert_int_equal(x->spike.count, y->spike.count);
        assert_true(x->rate == y->rate);
    }
}

/* Lines one by one, or as runs of good ones with an error behind. */
static void runs_of_lines_are_the_lines(void **state)
{
    (void)state;
    struct random r = {13};
    for (int log = 0; log < 30; log++) {
        make_log(&r, 300, 60);
        for (size_t i = 0; log % 2 == 0 && i < line_count;
             i++) /* far from each other, either way */
            if (random_below(&r, 200) == 0)
                lines[i].second += ((int64_t)random_below(&r, 3) - 1) * 20 * MINUTE;
        struct ha_spike_clock *c = clock_new(&heard), *d = clock_new(&heard_too);
        feed(c, line_count);
        ha_spike_clock_end(c);
        for (size_t i = 0; i < line_count;) {
            uint64_t good = 0;
            int64_t second = lines[i].second;
            while (i < line_count && lines[i].second == second && lines[i].status < 400 &&
                   random_below(&r, 5) > 0) {
                good++;
                i++;
            }
            bool error = i < line_count && lines[i].second == second && lines[i].status >= 400;
            if (good + error == 0) {
                one(d, second, lines[i++].status);
                continue;
            }
            ha_spike_clock_lines(d, second, good, error ? lines[i++].status : HA_NO_LINE);
        }
        ha_spike_clock_end(d);
        assert_same_told(&heard, &heard_too);
        assert_int_equal(ha_spike_clock_unused(c).late, ha_spike_clock_unused(d).late);
        assert_int_equal(ha_spike_clock_unused(c).ahead, ha_spike_clock_unused(d).ahead);
        ha_spike_clock_free(&c);
        ha_spike_clock_free(&d);
    }
}

/* An even log: so many errors and 30 good lines a minute. */
static void even(struct ha_spike_clock *c, int from, int to, int errors, int status)
{
    for (int m = from; m < to; m++)
        for (int s = 0; s < 60; s++) {
            if (s % 2 == 0)
                one(c, T0 + m * 60 + s, 200);
            for (int e = s * errors / 60; e < (s + 1) * errors / 60; e++)
                one(c, T0 + m * 60 + s, status);
        }
}

static void a_spike_is_told_within_its_first_minute_and_ended_once(void **state)
{
    (void)state;
    struct ha_spike_clock *c = clock_new(&heard);
    even(c, 0, 100, 2, 429);
    assert_int_equal(heard.count, 0);
    even(c, 100, 105, 60, 429);
    assert_int_equal(heard.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct ha_spike_told *t = &heard.told[i];
        assert_int_equal(t->kind, HA_TOLD_START);
        assert_int_equal(t->group, i == 0 ? 4 : 429);
        assert_true(t->early);
        assert_true(t->told_s < T0 + 101 * 60);
        assert_int_equal(t->spike.start_s, T0 + 100 * 60);
        assert_true(t->spike.is_open);
    }
    even(c, 105, 130, 2, 429);
    assert_int_equal(heard.count, 4);
    const struct ha_spike_told *t = &heard.told[3];
    assert_int_equal(t->kind, HA_TOLD_END);
    assert_int_equal(t->spike.end_s, T0 + 105 * 60);
    assert_int_equal(t->spike.count, 300);
    assert_true(t->spike.peak_per_minute == 60);
    ha_spike_clock_free(&c);
}

/* A status is not told while its class is; a class that was withdrawn hides it no longer. */
static void a_status_is_told_where_its_class_is_not(void **state)
{
    (void)state;
    struct ha_spike_clock *c = clock_new(&heard);
    even(c, 0, 60, 30, 500);
    even(c, 60, 65, 30, 503); /* as many errors as ever, of another kind */
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.told[0].group, 503);
    ha_spike_clock_free(&c);
    c = clock_new(&heard);
    even(c, 0, 60, 1, 503);
    even(c, 60, 65, 30, 503);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.told[0].group, 5);
    ha_spike_clock_free(&c);
}

/* Errors first, then as much more good traffic: no more errors than so much traffic has. */
static void what_was_told_too_early_is_taken_back(void **state)
{
    (void)state;
    struct ha_spike_clock *c = clock_new(&heard);
    even(c, 0, 100, 6, 503);
    for (int e = 0; e < 30; e++)
        one(c, T0 + 100 * 60 + 5 + e / 10, 503);
    assert_int_equal(heard.count, 1);
    assert_true(heard.told[0].early);
    for (int g = 0; g < 600; g++)
        one(c, T0 + 100 * 60 + 10 + g / 15, 200);
    even(c, 101, 102, 6, 503);
    assert_int_equal(heard.count, 2);
    assert_int_equal(heard.told[1].kind, HA_TOLD_NONE);
    assert_int_equal(heard.told[1].group, 5);
    assert_int_equal(heard.told[1].spike.start_s, T0 + 100 * 60);
    ha_spike_clock_free(&c);
}

/* The log of the day before behind that of today. */
static void another_log_starts_anew(void **state)
{
    (void)state;
    struct ha_spike_clock *c = clock_new(&heard);
    even(c, 1440, 1500, 6, 429);
    even(c, 1500, 1502, 90, 429);
    size_t count = heard.count;
    assert_true(count > 0);
    even(c, 0, 100, 6, 429);
    assert_int_equal(ha_spike_clock_unused(c).late, 63);
    assert_int_equal(heard.told[count].kind, HA_TOLD_END); /* the open one, of both groups */
    assert_int_equal(heard.count, count + 2);
    even(c, 100, 103, 90, 429);
    assert_int_equal(heard.count, count + 4);
    assert_int_equal(heard.told[count + 3].kind, HA_TOLD_START);
    assert_int_equal(heard.told[count + 3].spike.start_s, T0 + 100 * 60);
    ha_spike_clock_free(&c);
}

static void one_wrong_date_changes_nothing(void **state)
{
    (void)state;
    struct ha_spike_clock *c = clock_new(&heard);
    even(c, 0, 60, 6, 429);
    one(c, T0 + INT64_C(1000000000), 429);
    one(c, T0 - INT64_C(1000000000), 429);
    even(c, 60, 120, 6, 429);
    assert_int_equal(ha_spike_clock_unused(c).ahead, 1);
    assert_int_equal(ha_spike_clock_unused(c).late, 1);
    assert_int_equal(heard.count, 0);
    for (int i = 0; i < 3; i++) /* three that agree are the next year's log */
        one(c, T0 + 31536000 + i, 200);
    assert_int_equal(ha_spike_clock_unused(c).ahead, 1);
    even(c, 120, 121, 0, 429);
    assert_int_equal(ha_spike_clock_unused(c).late, 31);
    ha_spike_clock_free(&c);
}

static void lasting_is_told_then_its_end(void **state)
{
    (void)state;
    struct ha_spike_clock *c = clock_new(&heard);
    even(c, 0, 200, 3, 500);
    even(c, 200, 320, 60, 500);
    even(c, 320, 360, 3, 500);
    static const enum ha_told_kind kinds[] = {HA_TOLD_START, HA_TOLD_SETTLED, HA_TOLD_END};
    size_t n = 0;
    for (size_t i = 0; i < heard.count; i++)
        if (heard.told[i].group == 5)
            assert_int_equal(heard.told[i].kind, kinds[n++]);
    assert_int_equal(n, 3);
    ha_spike_clock_free(&c);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    const struct ha_spike_choice choice = HA_SPIKE_CHOICE_DEFAULT;
    struct ha_spike_clock *c = NULL;
    ha_alloc_fail_at(1);
    assert_int_equal(ha_spike_clock_new(&choice, hear, &heard, &c), HA_ERR_MEMORY);
    assert_null(c);
    c = clock_new(&heard);
    ha_alloc_fail_at(1);
    one(c, T0, 503);
    ha_alloc_fail_at(0);
    assert_false(ha_spike_clock_ok(c));
    ha_spike_clock_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_lines_change_nothing),
        cmocka_unit_test(what_is_told_is_what_the_report_lists),
        cmocka_unit_test(runs_of_lines_are_the_lines),
        cmocka_unit_test(a_spike_is_told_within_its_first_minute_and_ended_once),
        cmocka_unit_test(a_status_is_told_where_its_class_is_not),
        cmocka_unit_test(what_was_told_too_early_is_taken_back),
        cmocka_unit_test(another_log_starts_anew),
        cmocka_unit_test(one_wrong_date_changes_nothing),
        cmocka_unit_test(lasting_is_told_then_its_end),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
