/* What options say of times, durations and sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "httpannotate/select.h"

/* 2026-11-24T10:30:00Z */
#define NOW (INT64_C(1795516200) * HA_US_PER_S)

static int64_t time_of(const char *text)
{
    int64_t time_us = -1;
    struct ha_problem p = {.cause = ""};
    if (ha_parse_time(text, NOW, 60, &time_us, &p) != HA_OK)
        fail_msg("%s", p.cause);
    return time_us;
}

static void times_are_read(void **state)
{
    (void)state;
    const int64_t hour = 3600 * HA_US_PER_S;
    const int64_t midnight = NOW - 11 * hour - hour / 2; /* of a clock an hour east: 11:30 now */
    assert_int_equal(time_of("now"), NOW);
    assert_int_equal(time_of("today"), midnight);
    assert_int_equal(time_of("Yesterday"), midnight - 24 * hour);
    assert_int_equal(time_of("-2h"), NOW - 2 * hour);
    assert_int_equal(time_of("-1h30m"), NOW - hour - hour / 2);
    assert_int_equal(time_of("-7d"), NOW - 7 * 24 * hour);
    assert_int_equal(time_of("2026-11-24"), midnight);
    assert_int_equal(time_of("2026-11-24 11:30"), NOW);
    assert_int_equal(time_of("2026-11-24T11:30"), NOW);
    assert_int_equal(time_of("2026-11-24 11:30:01"), NOW + HA_US_PER_S);
    assert_int_equal(time_of("2026-11-24T10:30:00Z"), NOW);
    assert_int_equal(time_of("2026-11-24t10:30:00z"), NOW);
    assert_int_equal(time_of("2026-11-24T10:30:00.25Z"), NOW + HA_US_PER_S / 4);
    assert_int_equal(time_of("2026-11-24T10:30:00.1234567Z"), NOW + 123456);
    assert_int_equal(time_of("2026-11-24 10:30Z"), NOW);
    assert_int_equal(time_of("2026-11-24 07:00:00 -0330"), NOW);
    assert_int_equal(time_of("2026-11-24T16:00:00+05:30"), NOW);
    assert_int_equal(time_of("24/Nov/2026:10:30:00 +0000"), NOW);
    assert_int_equal(time_of("24/Nov/2026:11:30:00"), NOW);
    assert_int_equal(time_of("24/Nov/2026"), midnight);
    assert_int_equal(time_of("2024-02-29T00:00:00Z"), INT64_C(1709164800) * HA_US_PER_S);
}

static void bad_times_are_refused(void **state)
{
    (void)state;
    const char *bad[] = {"",
                         "never",
                         "2026",
                         "2026-13-01",
                         "2026-00-01",
                         "2026-11-00",
                         "2026-02-29",
                         "2026-11-31",
                         "26-11-24",
                         "2026-11-24 24:00",
                         "2026-11-24 10:60",
                         "2026-11-24 10",
                         "2026-11-24 10:00:61",
                         "2026-11-24 10:00:00.",
                         "2026-11-24T10:00:00+1",
                         "2026-11-24T10:00:00+25:00",
                         "2026-11-24T10:00:00Zx",
                         "2026-11-24x10:00",
                         "-2",
                         "-h",
                         "2h",
                         "-",
                         "24/Foo/2026",
                         "32/Nov/2026",
                         "2026-11-24 ",
                         "24/",
                         "24/Nov",
                         "1900-02-29",
                         "--2h"};
    for (size_t i = 0; i < HA_COUNT(bad); i++) {
        int64_t time_us = 77;
        struct ha_problem p = {.cause = ""};
        if (ha_parse_time(bad[i], NOW, 0, &time_us, &p) != HA_ERR_SYNTAX)
            fail_msg("'%s' was taken for a time", bad[i]);
        assert_non_null(strstr(p.cause, "it takes 2026-11-24T10:00:00Z"));
    }
}

static void durations(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t us;
    } good[] = {{"90s", 90 * HA_US_PER_S},
                {"5m", 300 * HA_US_PER_S},
                {"5min", 300 * HA_US_PER_S},
                {"1h30m", 5400 * HA_US_PER_S},
                {"2d", 172800 * HA_US_PER_S},
                {"250ms", 250000},
                {"7us", 7},
                {"36500d", INT64_C(36500) * 86400 * HA_US_PER_S},
                {"0h1s", HA_US_PER_S}};
    for (size_t i = 0; i < HA_COUNT(good); i++) {
        int64_t us = 0;
        assert_int_equal(ha_parse_duration(good[i].text, &us, NULL), HA_OK);
        assert_int_equal(us, good[i].us);
    }
    const char *bad[] = {"",          "90",
                         "s",         "0s",
                         "-1s",       "1 h",
                         "1w",        "1hs",
                         "36501d",    "1.5h",
                         "1h30",      "99999999999999999999s",
                         "36500d1us", "9223372036854775807us"};
    for (size_t i = 0; i < HA_COUNT(bad); i++) {
        int64_t us = 77;
        struct ha_problem p = {.cause = ""};
        if (ha_parse_duration(bad[i], &us, &p) != HA_ERR_SYNTAX)
            fail_msg("'%s' was taken for a duration", bad[i]);
        assert_int_equal(us, 77);
        assert_non_null(strstr(p.cause, "is no duration"));
    }
}

static void sizes(void **state)
{
    (void)state;
    const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"1000", 1000},
                {"1000B", 1000},
                {"1K", 1024},
                {"64k", 65536},
                {"64KiB", 65536},
                {"1M", 1u << 20},
                {"1MiB", 1u << 20},
                {"1MB", 1000000},
                {"2G", UINT64_C(2) << 30},
                {"1T", UINT64_C(1) << 40},
                {"1kB", 1000}};
    for (size_t i = 0; i < HA_COUNT(good); i++) {
        uint64_t bytes = 0;
        assert_int_equal(ha_parse_size(good[i].text, &bytes, NULL), HA_OK);
        assert_int_equal(bytes, good[i].bytes);
    }
    const char *bad[] = {"",     "0",    "K",    "-1", "1 K", "1X",
                         "1Ki",  "1KBx", "1.5M", "0M", "+1",  "99999999999999999999",
                         "2000T"};
    for (size_t i = 0; i < HA_COUNT(bad); i++) {
        uint64_t bytes = 77;
        struct ha_problem p = {.cause = ""};
        if (ha_parse_size(bad[i], &bytes, &p) != HA_ERR_SYNTAX)
            fail_msg("'%s' was taken for a size", bad[i]);
        assert_int_equal(bytes, 77);
        assert_non_null(strstr(p.cause, "is no size"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(bad_times_are_refused),
        cmocka_unit_test(durations),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
