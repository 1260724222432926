/* timefmt_test.c - times read by their formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "parse/timefmt.h"

static const struct reading {
    /* want: RFC 3339, with ? where no zone is named; NULL when it is no such time */
    const char *format, *text, *want;
} readings[] = {
    {HA_CLF_FORMAT, "24/Nov/2026:10:00:00 +0000", "2026-11-24T10:00:00Z"},
    {HA_CLF_FORMAT, "24/nov/2026:10:00:00 -0330", "2026-11-24T10:00:00-03:30"},
    {HA_CLF_FORMAT, "4/Nov/2026:10:00:00 +0530", "2026-11-04T10:00:00+05:30"},
    {HA_CLF_FORMAT, "31/Dec/2016:23:59:60 +0000", "2017-01-01T00:00:00Z"},
    {HA_CLF_FORMAT, "24/Dez/2026:10:00:00 +0000", NULL},
    {HA_CLF_FORMAT, "29/Feb/2026:10:00:00 +0000", NULL},
    {HA_CLF_FORMAT, "29/Feb/2028:10:00:00 +0000", "2028-02-29T10:00:00Z"},
    {HA_CLF_FORMAT, "24/Nov/2026:24:00:00 +0000", NULL},
    {HA_CLF_FORMAT, "24/Nov/2026:10:60:00 +0000", NULL},
    {HA_CLF_FORMAT, "24/Nov/2026:10:00:00 +0000 ", NULL},
    {HA_CLF_FORMAT, "24/Nov/2026:10:00:00", NULL},
    {HA_CLF_FORMAT, "", NULL},
    {"%FT%T%f%z", "2026-11-24T10:00:00.25Z", "2026-11-24T10:00:00.250000Z"},
    {"%FT%T%f%z", "2026-11-24T10:00:00+01:00", "2026-11-24T10:00:00+01:00"},
    {"%FT%T%f%z", "2026-11-24T10:00:00.123456789+0100", "2026-11-24T10:00:00.123456+01:00"},
    {"%F %T %Z", "2026-11-24 10:00:00 GMT", "2026-11-24T10:00:00Z"},
    {"%F %T %Z", "2026-11-24 10:00:00 EST", "2026-11-24T10:00:00-05:00"},
    {"%F %T %Z", "2026-11-24 10:00:00 CEST", "2026-11-24T10:00:00+02:00"},
    {"%F %T %Z", "2026-11-24 10:00:00 CST", NULL},
    {"%F %T %Z", "2026-11-24 10:00:00 UTCX", NULL},
    {"%F %T%f", "2026-11-24 10:00:00,5", "2026-11-24T10:00:00.500000?"},
    {"%F %T%f", "2026-11-24 10:00:00.", NULL},
    {"%s", "1795514400.25", "2026-11-24T10:00:00.250000Z"},
    {"%Q", "1795514400250", "2026-11-24T10:00:00.250000Z"},
    {"%s [%N]", "1795514400 [250]", "2026-11-24T10:00:00.250000Z"},
    {"%F %T.%N", "2026-11-24 10:00:00.000007", "2026-11-24T10:00:00.000007?"},
    {"%F %T.%N", "2026-11-24 10:00:00.", NULL},
    {"%Y.%j", "2026.328", "2026-11-24T00:00:00?"},
    {"%Y.%j", "2028.366", "2028-12-31T00:00:00?"},
    {"%Y.%j", "2026.366", NULL},
    {"%F %k:%M", "2026-11-24  9:05", "2026-11-24T09:05:00?"},
    {"%F %l:%M %p", "2026-11-24  9:05 PM", "2026-11-24T21:05:00?"},
    {"%q", "1795514400250000", "2026-11-24T10:00:00.250000Z"},
    {"%s", "-1", "1969-12-31T23:59:59Z"},
    {"%s", "99999999999999", NULL},
    {"%A %F", "Tue 2026-11-24", "2026-11-24T00:00:00?"},
    {"%a", "Mon", NULL},
    {"%d/%m/%y %I:%M:%S %p", "24/11/26 12:00:01 AM", "2026-11-24T00:00:01?"},
    {"%D %I:%M:%S %p", "11/24/26 01:00:01 pm", "2026-11-24T13:00:01?"},
    {"%e %B %Y %R", " 4 November 2026 07:05", "2026-11-04T07:05:00?"},
    {"%FT%TZ", "2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"},
    {"%F %T UTC", "2026-11-24 10:00:00 UTC", "2026-11-24T10:00:00Z"},
    {"100%% %Y", "100% 2026", "2026-01-01T00:00:00?"},
};

static void formats_read_their_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < HA_COUNT(readings); i++) {
        int64_t us = 0;
        int offset = 0;
        char text[HA_TIME_TEXT] = "none";
        if (ha_timefmt_read(ha_view_of(readings[i].format), ha_view_of(readings[i].text), &us,
                            &offset))
            ha_time_text(us, offset == HA_NO_ZONE ? 0 : offset, text);
        if (offset == HA_NO_ZONE)
            text[ha_time_text(us, 0, text) - 1] = '?';
        if (strcmp(text, readings[i].want != NULL ? readings[i].want : "none") != 0)
            fail_msg("%s by %s: %s", readings[i].text, readings[i].format, text);
    }
}

static void wrong_formats_say_where(void **state)
{
    (void)state;
    size_t column = 0;
    assert_null(ha_timefmt_check(HA_VIEW_LIT(HA_CLF_FORMAT), &column));
    assert_non_null(ha_timefmt_check(HA_VIEW_LIT("%Y-%a"), &column));
    assert_int_equal(column, 4);
    assert_non_null(ha_timefmt_check(HA_VIEW_LIT("%Y%"), &column));
    assert_int_equal(column, 3);
}

/* The fast reader says what the general one says, for good times and for every one-byte change. */
static void the_clf_clock_equals_the_format(void **state)
{
    (void)state;
    struct ha_clf_clock clock = {0};
    static const char *const texts[] = {"24/Nov/2026:10:00:00 +0000", "24/Nov/2026:23:59:60 +0000",
                                        "25/Nov/2026:00:00:00 +0100", "25/Nov/2026:00:00:01 -0100",
                                        "1/Nov/2026:00:00:01 +00:00", "31/Dec/9999:23:59:59 -0000"};
    static const char changes[] = "0 9:/zZ\0+";
    for (size_t i = 0; i < HA_COUNT(texts); i++) {
        char text[32];
        size_t len = strlen(texts[i]);
        for (size_t at = 0; at <= len; at++) {
            for (size_t c = 0; c < sizeof changes - 1; c++) {
                memcpy(text, texts[i], len + 1);
                if (at < len)
                    text[at] = changes[c];
                struct ha_view v = {text, len};
                int64_t fast = -1, slow = -1;
                int fast_offset = -1, slow_offset = -1;
                bool a = ha_timefmt_read_clf(&clock, v, &fast, &fast_offset);
                bool b = ha_timefmt_read(HA_VIEW_LIT(HA_CLF_FORMAT), v, &slow, &slow_offset);
                if (a != b || (a && (fast != slow || fast_offset != slow_offset)))
                    fail_msg("\"%s\": %d %d", text, a, b);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_read_their_times),
        cmocka_unit_test(wrong_formats_say_where),
        cmocka_unit_test(the_clf_clock_equals_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
