/* watch_test.c - what is told does not depend on how lines are put into digests; how it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "random.h"
#include "watch.h"
#include "watch_parts.h"

enum { T0 = 1800000000, MOST = 20000 };

static struct ha_record records[MOST];
static uint8_t selected[MOST];
static char clients[MOST][24], targets[MOST][32];
static size_t record_count;

static void add(struct random *r, int64_t second, int status, bool odd)
{
    HA_ASSERT(record_count < MOST);
    size_t i = record_count++;
    selected[i] = random_below(r, 20) > 0;
    struct ha_record *to = &records[i];
    *to = (struct ha_record){.has_time = true,
                             .time_us = second * HA_US_PER_S + (int64_t)random_below(r, 1000000),
                             .status = (int16_t)status,
                             .offset_min = 60,
                             .method = odd ? 1 : 0,
                             .verdict = HA_MATCHED};
    snprintf(clients[i], sizeof clients[i], "%s.%d", odd ? "203.0.113" : "192.0.2",
             (int)random_below(r, 200));
    snprintf(targets[i], sizeof targets[i], odd ? "/login?try=%d" : "/page/%d",
             (int)random_below(r, 500));
    ha_put(to, HA_FIELD_CLIENT, ha_view_of(clients[i]));
    ha_put(to, HA_FIELD_TARGET, ha_view_of(targets[i]));
    ha_put(to, HA_FIELD_AGENT, odd ? HA_VIEW_LIT("tool/1\x1b[2J") : HA_VIEW_LIT("browser/9"));
}

/* Two hours: good lines and a few errors, twice a burst of one kind from one network. */
static void make_records(uint64_t seed)
{
    struct random r = {seed};
    record_count = 0;
    for (int m = 0; m < 120; m++)
        for (int n = 0; n < 60; n++) {
            int64_t second = T0 + m * 60 + n;
            bool burst = (m >= 60 && m < 64) || (m >= 100 && m < 103);
            if (random_below(&r, 3) > 0)
                add(&r, second, random_below(&r, 40) == 0 ? 404 : 200, false);
            if (burst && random_below(&r, 2) == 0)
                add(&r, second - (int64_t)random_below(&r, 8), m < 100 ? 429 : 503, true);
        }
}

static struct ha_config config(void)
{
    struct ha_config c = {.renderer = ha_renderer_find("raw"),
                          .colour = HA_COLOUR_NEVER,
                          .spikes = HA_SPIKE_CHOICE_DEFAULT};
    return c;
}

static struct ha_watch *watch_new(void)
{
    struct ha_config c = config();
    struct ha_watch *w = NULL;
    struct ha_problem p;
    assert_int_equal(ha_watch_new(&c, &w, &p), HA_OK);
    assert_non_null(w);
    return w;
}

/* Some of the records, in batches of any size. What lies in `kept` is not copied. */
static void add_some(struct random *r, struct ha_digest *d, const struct ha_watch *w, size_t from,
                     size_t n, struct ha_view kept)
{
    ha_digest_begin(d, kept);
    for (size_t some; n > 0; from += some, n -= some) {
        some = 1 + (size_t)random_below(r, n < 100 ? n : 100);
        ha_digest_add(d, w, &records[from], selected + from, some);
    }
}

/* All records through `digests` digests in turn, each of up to `longest` records. */
static void tell(struct random *r, size_t digests, uint64_t longest, char *to, size_t size)
{
    enum { MOST_DIGESTS = 4 };
    struct ha_digest d[MOST_DIGESTS] = {{0}};
    struct ha_watch *w = watch_new();
    int said = memfd_create("said", MFD_CLOEXEC), kept = dup(STDERR_FILENO);
    assert_true(said >= 0 && kept >= 0);
    dup2(said, STDERR_FILENO);
    for (size_t at = 0; at < record_count;) {
        /* Several are filled before the first is taken, as several threads do. */
        size_t filled = 0;
        for (; filled < digests && at < record_count; filled++) {
            const struct ha_view none = {NULL, 0}, block = {targets[0], sizeof targets};
            size_t n = 1 + (size_t)random_below(r, longest);
            n = n < record_count - at ? n : record_count - at;
            add_some(r, &d[filled], w, at, n, random_below(r, 2) == 0 ? block : none);
            at += n;
        }
        for (size_t i = 0; i < filled; i++)
            if (ha_watch_take(w, &d[i]))
                ha_watch_tell(w);
    }
    ha_watch_end(w);
    dup2(kept, STDERR_FILENO);
    close(kept);
    assert_true(ha_watch_ok(w));
    ha_watch_free(&w);
    for (size_t i = 0; i < MOST_DIGESTS; i++)
        ha_digest_free(&d[i]);
    ssize_t n = pread(said, to, size - 1, 0);
    assert_true(n >= 0 && (size_t)n < size - 1);
    to[n] = '\0';
    close(said);
}

static char whole[1 << 16], parts[1 << 16];

static void what_is_told_does_not_depend_on_pieces(void **state)
{
    (void)state;
    struct random r = {5};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        make_records(seed);
        tell(&r, 1, MOST, whole, sizeof whole);
        assert_non_null(strstr(whole, "SPIKE 429"));
        assert_non_null(strstr(whole, "SPIKE 5xx"));
        assert_non_null(strstr(whole, "from 203.0.113.0/24 (usual"));
        assert_non_null(strstr(whole, "/login (usual"));
        assert_non_null(strstr(whole, "END   429"));
        assert_null(strchr(whole, '\x1b'));
        static const uint64_t longest[] = {1, 7, 400};
        for (size_t i = 0; i < HA_COUNT(longest); i++)
            for (size_t digests = 1; digests <= 4; digests++) {
                tell(&r, digests, longest[i], parts, sizeof parts);
                assert_string_equal(parts, whole);
            }
    }
}

static void nobody_is_told_who_does_not_ask(void **state)
{
    (void)state;
    struct ha_watch *w = NULL;
    struct ha_problem p;
    struct ha_config c = config();
    c.spikes.off = true;
    assert_int_equal(ha_watch_new(&c, &w, &p), HA_OK);
    assert_null(w);
    const char *files[] = {"/dev/null"};
    c = config();
    c.renderer = ha_renderer_find("none");
    c.files = files;
    c.file_count = 1;
    assert_int_equal(ha_watch_new(&c, &w, &p), HA_OK);
    assert_null(w); /* standard error of a test is no terminal */
    c.on_spike = "true";
    assert_int_equal(ha_watch_new(&c, &w, &p), HA_OK);
    assert_non_null(w);
    ha_watch_free(&w);
}

static struct ha_spike_told told_of(enum ha_told_kind kind, int group)
{
    bool over = kind >= HA_TOLD_SETTLED;
    return (struct ha_spike_told){.kind = kind,
                                  .group = group,
                                  .told_s = T0 + 100,
                                  .first_s = T0,
                                  .rate = 312,
                                  .rate_before = 60.4,
                                  .spike = {.start_s = T0 + 60, /* known now; told is the first */
                                            .end_s = over ? T0 + 660 : 0,
                                            .is_open = !over,
                                            .settled = kind == HA_TOLD_SETTLED,
                                            .count = 2311,
                                            .peak_per_minute = 1312,
                                            .usual_per_minute = 4.21}};
}

/* 2027-01-15 08:00:00 UTC is T0. */
static void each_kind_has_its_line(void **state)
{
    (void)state;
    static const struct {
        enum ha_told_kind kind;
        int group;
        const char *line;
    } cases[] = {
        {HA_TOLD_START, 429, "SPIKE 429  312/min, usual 4.2/min, since 09:00 +01:00\n"},
        {HA_TOLD_AGAIN, 5, "AGAIN 5xx  312/min, usual 4.2/min, since 09:00 +01:00\n"},
        {HA_TOLD_WORSE, 503,
         "WORSE 503  312/min, at first 60/min, usual 4.2/min, since 09:00 +01:00\n"},
        {HA_TOLD_SETTLED, 4,
         "LASTS 4xx  312/min is the usual from here on, before 4.2/min, since 09:00 +01:00, 2,311 "
         "errors\n"},
        {HA_TOLD_END, 429, "END   429  09:00 to 09:11 +01:00, peak 1,312/min, 2,311 errors\n"},
        {HA_TOLD_NONE, 429, "END   429  09:00 +01:00 was no spike: lines that came late say so\n"},
    };
    const struct ha_live_who nobody = {0};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_live_style style = {.offset_min = 60};
        struct ha_buf line = {0};
        struct ha_spike_told told = told_of(cases[i].kind, cases[i].group);
        ha_live_begin(&style, T0);
        ha_live_line(&style, &told, (struct ha_live_twin){0}, &nobody, &line);
        ha_buf_char(&line, '\0');
        assert_string_equal(line.ptr, cases[i].line);
        ha_buf_free(&line);
    }
}

/* A burst of 429 is one of 4xx: whichever is told first, the other one says so. */
static void a_status_and_its_class_are_told_as_one(void **state)
{
    (void)state;
    static const struct {
        int first, second;
        int64_t later_s;
        uint64_t count; /* of the second; the first has 2311 */
        const char *behind, *within;
    } cases[] = {
        {4, 429, 0, 2311, "  |  nearly all of the 4xx above\n", "\"within\":\"4xx\""},
        {4, 429, 120, 1849, "  |  nearly all of the 4xx above\n", "\"within\":\"4xx\""},
        {4, 429, 0, 1848, " +01:00\n", "\"within\":\"4xx\""},
        {4, 429, 180, 2311, " +01:00\n", "\"within\":null"},
        {429, 4, 60, 2888, "  |  nearly all 429, told above\n", "\"within\":null"},
        {429, 4, 0, 2890, " +01:00\n", "\"within\":null"},
        {4, 503, 0, 2311, " +01:00\n", "\"within\":null"},
    };
    const struct ha_live_who nobody = {0};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_live_open open = {0};
        struct ha_live_style style = {.offset_min = 60};
        struct ha_buf text = {0};
        struct ha_spike_told told = told_of(HA_TOLD_START, cases[i].first);
        assert_int_equal(ha_live_twin_of(&open, &told).group, 0);
        ha_live_open_take(&open, &told);
        told = told_of(HA_TOLD_START, cases[i].second);
        told.first_s += cases[i].later_s;
        told.spike.count = cases[i].count;
        struct ha_live_twin twin = ha_live_twin_of(&open, &told);
        ha_live_begin(&style, T0);
        ha_live_line(&style, &told, twin, &nobody, &text);
        ha_live_json(&told, twin, &nobody, &text);
        ha_buf_char(&text, '\0');
        if (strstr(text.ptr, cases[i].behind) == NULL || strstr(text.ptr, cases[i].within) == NULL)
            fail_msg("%zu: %s", i, text.ptr);
        told = told_of(HA_TOLD_END, cases[i].first);
        ha_live_open_take(&open, &told);
        told = told_of(HA_TOLD_START, cases[i].second);
        assert_int_equal(ha_live_twin_of(&open, &told).group, 0);
        ha_buf_free(&text);
    }
}

static void another_day_has_its_date(void **state)
{
    (void)state;
    const struct ha_live_who nobody = {0};
    struct ha_live_style style = {.offset_min = -330};
    struct ha_spike_told told = told_of(HA_TOLD_END, 503);
    struct ha_buf line = {0};
    told.first_s = T0 - 3 * 3600; /* 23:30 of the day before, there */
    told.spike.end_s = T0 - 2 * 3600;
    told.spike.count = 1;
    told.spike.peak_per_minute = 0.01;
    ha_live_begin(&style, T0);
    ha_live_line(&style, &told, (struct ha_live_twin){0}, &nobody, &line);
    told.early = true;
    told.kind = HA_TOLD_NONE;
    ha_live_line(&style, &told, (struct ha_live_twin){0}, &nobody, &line);
    ha_buf_char(&line, '\0');
    assert_string_equal(
        line.ptr,
        "END   503  2027-01-14 23:30 to 2027-01-15 00:30 -05:30, peak below 0.1/min, 1 error\n"
        "END   503  2027-01-14 23:30 -05:30 was no spike: other traffic rose as much\n");
    ha_buf_free(&line);
}

static void a_command_gets_an_object(void **state)
{
    (void)state;
    const struct ha_live_who nobody = {0};
    struct ha_spike_told told = told_of(HA_TOLD_WORSE, 429);
    struct ha_buf json = {0};
    ha_live_json(&told, (struct ha_live_twin){0}, &nobody, &json);
    ha_buf_char(&json, '\0');
    assert_string_equal(
        json.ptr, "{\"event\":\"worse\",\"group\":\"429\",\"time\":\"2027-01-15T08:01:40Z\","
                  "\"start\":\"2027-01-15T08:00:00Z\",\"end\":null,\"open\":true,\"settled\":false,"
                  "\"withdrawn\":false,\"per_minute\":312,\"count\":2311,\"peak_per_minute\":1312,"
                  "\"usual_per_minute\":4.21,\"ratio\":311.6,\"within\":null,\"who_since\":null,"
                  "\"clients\":null,"
                  "\"networks\":null,"
                  "\"targets\":null,\"methods\":null,\"agents\":null,\"statuses\":null}\n");
    ha_buf_free(&json);
}

/* Each allocation in turn, from the making of the watch to the end. */
static void memory_may_run_out(void **state)
{
    (void)state;
    make_records(1);
    for (uint64_t n = 1; n < 400; n += n < 30 ? 1 : 17) {
        struct ha_config c = config();
        struct ha_watch *w = NULL;
        struct ha_digest d = {0};
        struct ha_problem p;
        int kept = dup(STDERR_FILENO), said = memfd_create("said", MFD_CLOEXEC);
        ha_alloc_fail_at(n);
        enum ha_err err = ha_watch_new(&c, &w, &p);
        assert_true((err == HA_OK) == (w != NULL));
        dup2(said, STDERR_FILENO);
        for (size_t i = 0; w != NULL && i < record_count; i++) {
            ha_digest_add(&d, w, &records[i], &selected[i], 1);
            if (i % 50 == 49 && ha_watch_take(w, &d))
                ha_watch_tell(w);
        }
        if (w != NULL)
            ha_watch_end(w);
        bool failed = ha_alloc_fail_at(0) >= n;
        dup2(kept, STDERR_FILENO);
        close(kept);
        close(said);
        if (failed && w != NULL)
            assert_false(ha_watch_ok(w));
        ha_digest_free(&d);
        ha_watch_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_does_not_depend_on_pieces),
        cmocka_unit_test(nobody_is_told_who_does_not_ask),
        cmocka_unit_test(each_kind_has_its_line),
        cmocka_unit_test(a_status_and_its_class_are_told_as_one),
        cmocka_unit_test(another_day_has_its_date),
        cmocka_unit_test(a_command_gets_an_object),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
