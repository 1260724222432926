/* time.c - civil time and the epoch, by the day-count arithmetic of the Gregorian calendar. */
#include "httpannotate/base.h"

#include <stdio.h>
#include <string.h>

/* Days from 1970-01-01; years begin in March here, so that the leap day is a year's last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

int64_t ha_time_us(const struct ha_civil *c)
{
    int64_t seconds = days_of(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 +
                      c->second - (int64_t)c->offset_min * 60;
    return seconds * HA_US_PER_S + c->microsecond;
}

struct ha_civil ha_time_civil(int64_t time_us, int offset_min)
{
    int64_t seconds = ha_floor_div(time_us, HA_US_PER_S);
    struct ha_civil c = {.microsecond = (int)(time_us - seconds * HA_US_PER_S),
                         .offset_min = offset_min};
    seconds += (int64_t)offset_min * 60;
    int64_t days = ha_floor_div(seconds, 86400);
    int64_t rest = seconds - days * 86400;
    c.hour = (int)(rest / 3600);
    c.minute = (int)(rest / 60 % 60);
    c.second = (int)(rest % 60);
    int64_t z = days + 719468;
    int64_t era = ha_floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    return c;
}

int ha_time_offset_of_clock(int (*offset_at)(int64_t time_us), int64_t clock_us)
{
    const int64_t day_us = 86400 * HA_US_PER_S;
    int before = offset_at(clock_us - day_us), after = offset_at(clock_us + day_us);
    if (before == after || offset_at(clock_us - before * HA_MINUTE_US) == before)
        return before;
    return offset_at(clock_us - after * HA_MINUTE_US) == after ? after : before;
}

static char *put_two(char *to, int n)
{
    to[0] = (char)('0' + n / 10);
    to[1] = (char)('0' + n % 10);
    return to + 2;
}

size_t ha_time_text(int64_t time_us, int offset_min, char *to)
{
    struct ha_civil c = ha_time_civil(time_us, offset_min);
    char *at = to;
    if (c.year >= 0 && c.year <= 9999)
        at = put_two(put_two(at, c.year / 100), c.year % 100);
    else
        at += snprintf(at, HA_TIME_TEXT / 2, "%+07d", c.year);
    const struct {
        char before;
        int n;
    } parts[] = {{'-', c.month}, {'-', c.day}, {'T', c.hour}, {':', c.minute}, {':', c.second}};
    for (size_t i = 0; i < HA_COUNT(parts); i++) {
        *at++ = parts[i].before;
        at = put_two(at, parts[i].n);
    }
    if (c.microsecond != 0)
        at += snprintf(at, sizeof ".999999", ".%06u", (unsigned)c.microsecond % 1000000u);
    if (offset_min == 0) {
        *at++ = 'Z';
    } else {
        int m = (offset_min < 0 ? -offset_min : offset_min) % 6000;
        *at++ = offset_min < 0 ? '-' : '+';
        at = put_two(at, m / 60);
        *at++ = ':';
        at = put_two(at, m % 60);
    }
    *at = '\0';
    HA_ASSERT(at - to < HA_TIME_TEXT);
    return (size_t)(at - to);
}

int ha_month(const char *three)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    char low[3];
    for (int i = 0; i < 3; i++)
        low[i] = (char)(three[i] | 0x20);
    for (int m = 0; m < 12; m++)
        if (memcmp(low, names + (size_t)m * 3, 3) == 0)
            return m + 1;
    return 0;
}
