/* log_zone_test.c - the zone of log times that name none: what is read, and hours that come twice
 * or never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parse/log_zone.h"
#include "parse/timefmt.h"

#define MINUTE_US (60 * HA_US_PER_S)

/* A zone of our own: one hour east, two from 2026-03-29T01:00:00Z to 2026-10-25T01:00:00Z. */
#define SUMMER_US (INT64_C(1774746000) * HA_US_PER_S)
#define WINTER_US (INT64_C(1792890000) * HA_US_PER_S)
static int offset_at(int64_t us)
{
    return us >= SUMMER_US && us < WINTER_US ? 120 : 60;
}

static void zones_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good, local;
        int offset_min;
    } cases[] = {
        {"UTC", true, false, 0},
        {"utc", true, false, 0},
        {"Z", true, false, 0},
        {"local", true, true, 0},
        {"+02:00", true, false, 120},
        {"-0330", true, false, -210},
        {"+14", true, false, 840},
        {"+23:59", true, false, 1439},
        {"-00:00", true, false, 0},
        {"", false, false, 0},
        {"+5", false, false, 0},
        {"02:00", false, false, 0},
        {"+24:00", false, false, 0},
        {"+02:60", false, false, 0},
        {"+2:000", false, false, 0},
        {"+02:00 ", false, false, 0},
        {"CET", false, false, 0},
        {"Local", false, false, 0},
        {"Europe/Berlin", false, false, 0},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_log_zone zone = {.offset_min = 7};
        bool good = ha_log_zone_read(cases[i].text, offset_at, &zone);
        int want = cases[i].good ? cases[i].offset_min : 7;
        if (good != cases[i].good || zone.offset_min != want ||
            (zone.offset_at != NULL) != cases[i].local)
            fail_msg("%s: %d %d", cases[i].text, good, zone.offset_min);
    }
}

static int settled(struct ha_zone_clock *c, int64_t clock_us, int64_t *time_us)
{
    struct ha_record r = {.has_time = true, .time_us = clock_us, .offset_min = HA_NO_ZONE};
    ha_zone_settle(c, &r);
    *time_us = r.time_us;
    return r.offset_min;
}

static void times_that_name_a_zone_are_left_alone(void **state)
{
    (void)state;
    struct ha_zone_clock c = {.zone = {.offset_min = 120}};
    struct ha_record r = {.has_time = true, .time_us = 5, .offset_min = 60};
    ha_zone_settle(&c, &r);
    assert_int_equal(r.time_us, 5);
    assert_int_equal(r.offset_min, 60);
    int64_t us = 0;
    assert_int_equal(settled(&c, 120 * MINUTE_US, &us), 120);
    assert_int_equal(us, 0);
    assert_int_equal(settled(&c, 0, &us), 120);
    assert_int_equal(us, -120 * MINUTE_US);
}

/* Whatever was asked before, one clock means one moment. */
static void clocks_that_are_changed_mean_one_moment(void **state)
{
    (void)state;
    static const struct {
        int64_t clock_us;
        int offset_min;
    } cases[] = {
        {SUMMER_US + 59 * MINUTE_US, 60},              /* 01:59, the last of winter */
        {SUMMER_US + 60 * MINUTE_US, 60},              /* 02:00 never comes */
        {SUMMER_US + 90 * MINUTE_US, 60},              /* nor does 02:30 */
        {SUMMER_US + 120 * MINUTE_US, 120},            /* 03:00 */
        {WINTER_US + 59 * MINUTE_US, 120},             /* 01:59 */
        {WINTER_US + 60 * MINUTE_US, 120},             /* 02:00 comes twice: the first */
        {WINTER_US + 119 * MINUTE_US + 59000000, 120}, /* 02:59:59 too */
        {WINTER_US + 120 * MINUTE_US, 60},             /* 03:00 */
    };
    struct ha_zone_clock kept = {.zone = {.offset_at = offset_at}};
    for (int round = 0; round < 3; round++)
        for (size_t n = 0; n < HA_COUNT(cases); n++) {
            size_t i = round == 1 ? HA_COUNT(cases) - 1 - n : n;
            struct ha_zone_clock fresh = {.zone = {.offset_at = offset_at}};
            int64_t a = 0, b = 0;
            int offset = settled(&kept, cases[i].clock_us, &a);
            assert_int_equal(settled(&fresh, cases[i].clock_us, &b), offset);
            assert_int_equal(a, b);
            if (offset != cases[i].offset_min)
                fail_msg("case %zu: %d", i, offset);
            assert_int_equal(a, cases[i].clock_us - offset * MINUTE_US);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_read),
        cmocka_unit_test(times_that_name_a_zone_are_left_alone),
        cmocka_unit_test(clocks_that_are_changed_mean_one_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
