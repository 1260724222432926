/* select_parse.c - what options say of times, durations and sizes. */
#include "httpannotate/select.h"

#include <string.h>

#define US_PER_DAY (INT64_C(86400) * HA_US_PER_S)
/* A hundred years: longer durations are mistakes, and none can overflow a time. */
#define LONGEST_US   (36500 * US_PER_DAY)
#define LARGEST_SIZE (UINT64_C(1) << 50)

/* Takes c off the front of *v. */
static bool take(struct ha_view *v, char c)
{
    if (v->len == 0 || *v->ptr != c)
        return false;
    v->ptr++, v->len--;
    return true;
}

/* Takes exactly n digits off the front of *v. */
static bool take_digits(struct ha_view *v, size_t n, int *number)
{
    if (v->len < n)
        return false;
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!ha_is_digit(v->ptr[i]))
            return false;
        sum = sum * 10 + (v->ptr[i] - '0');
    }
    v->ptr += n, v->len -= n;
    *number = sum;
    return true;
}

/* Takes digits off the front of *v, as microseconds of a fraction; digits beyond the sixth are
 * dropped. */
static bool take_fraction(struct ha_view *v, int *microsecond)
{
    size_t n = 0;
    int sum = 0;
    for (; n < v->len && ha_is_digit(v->ptr[n]); n++)
        if (n < 6)
            sum = sum * 10 + (v->ptr[n] - '0');
    for (size_t i = n; i < 6; i++)
        sum *= 10;
    v->ptr += n, v->len -= n;
    *microsecond = sum;
    return n > 0;
}

/* "Z", "+01:00", "-0330", after an optional blank. */
static bool take_zone(struct ha_view *v, int *offset_min)
{
    (void)take(v, ' ');
    if (take(v, 'Z') || take(v, 'z')) {
        *offset_min = 0;
        return true;
    }
    bool west = v->len > 0 && *v->ptr == '-';
    int hour, minute;
    if (!take(v, '+') && !take(v, '-'))
        return false;
    if (!take_digits(v, 2, &hour))
        return false;
    (void)take(v, ':');
    if (!take_digits(v, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *offset_min = (hour * 60 + minute) * (west ? -1 : 1);
    return true;
}

/* "10:00" with ":SS" and ".fraction" where they are. */
static bool take_clock(struct ha_view *v, struct ha_civil *c)
{
    if (!take_digits(v, 2, &c->hour) || !take(v, ':') || !take_digits(v, 2, &c->minute))
        return false;
    if (take(v, ':')) {
        if (!take_digits(v, 2, &c->second))
            return false;
        if (take(v, '.') && !take_fraction(v, &c->microsecond))
            return false;
    }
    return c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

static bool is_day(const struct ha_civil *c)
{
    static const int days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (c->month < 1 || c->month > 12 || c->day < 1)
        return false;
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    return c->day <= days[c->month] + (c->month == 2 && leap ? 1 : 0);
}

/* "2026-11-24" or "24/Nov/2026"; *clock_mark is what stands between it and a time of day. */
static bool take_day(struct ha_view *v, struct ha_civil *c, const char **clock_marks)
{
    if (v->len > 2 && v->ptr[2] == '/') {
        if (!take_digits(v, 2, &c->day) || !take(v, '/') || v->len < 4)
            return false;
        c->month = ha_month(v->ptr);
        v->ptr += 3, v->len -= 3;
        *clock_marks = ": ";
        return take(v, '/') && take_digits(v, 4, &c->year) && is_day(c);
    }
    *clock_marks = "T t";
    return take_digits(v, 4, &c->year) && take(v, '-') && take_digits(v, 2, &c->month) &&
           take(v, '-') && take_digits(v, 2, &c->day) && is_day(c);
}

static bool read_calendar(struct ha_view v, int local_offset_min, int64_t *time_us)
{
    struct ha_civil c = {.offset_min = local_offset_min};
    const char *clock_marks;
    if (!take_day(&v, &c, &clock_marks))
        return false;
    if (v.len > 0) {
        if (*v.ptr == '\0' || strchr(clock_marks, *v.ptr) == NULL)
            return false;
        v.ptr++, v.len--;
        if (!take_clock(&v, &c))
            return false;
        if (v.len > 0 && !(take_zone(&v, &c.offset_min) && v.len == 0))
            return false;
    }
    *time_us = ha_time_us(&c);
    return true;
}

static int64_t day_start(int64_t time_us, int local_offset_min)
{
    struct ha_civil c = ha_time_civil(time_us, local_offset_min);
    c.hour = c.minute = c.second = c.microsecond = 0;
    return ha_time_us(&c);
}

enum ha_err ha_parse_time(const char *text, int64_t now_us, int local_offset_min, int64_t *time_us,
                          struct ha_problem *p)
{
    struct ha_view v = ha_view_of(text);
    if (ha_view_eq_nocase(v, HA_VIEW_LIT("now"))) {
        *time_us = now_us;
        return HA_OK;
    }
    if (ha_view_eq_nocase(v, HA_VIEW_LIT("today"))) {
        *time_us = day_start(now_us, local_offset_min);
        return HA_OK;
    }
    if (ha_view_eq_nocase(v, HA_VIEW_LIT("yesterday"))) {
        *time_us = day_start(now_us, local_offset_min) - US_PER_DAY;
        return HA_OK;
    }
    int64_t ago;
    if (*text == '-' && ha_parse_duration(text + 1, &ago, NULL) == HA_OK) {
        *time_us = now_us - ago;
        return HA_OK;
    }
    if (read_calendar(v, local_offset_min, time_us))
        return HA_OK;
    return ha_problem_set(
        p, HA_ERR_SYNTAX, "",
        "'%.60s' is no time; it takes 2026-11-24T10:00:00Z, \"2026-11-24 10:00\", "
        "2026-11-24, -2h, yesterday, today or now",
        text);
}

/* A unit and the microseconds in one. */
struct time_unit {
    const char *name;
    int64_t us;
};
static const struct time_unit time_units[] = {
    {"us", 1},
    {"ms", 1000},
    {"s", HA_US_PER_S},
    {"m", 60 * HA_US_PER_S},
    {"min", 60 * HA_US_PER_S},
    {"h", 3600 * HA_US_PER_S},
    {"d", US_PER_DAY},
};

/* Takes a number and its unit off the front of *v and adds it to *sum. */
static bool take_duration(struct ha_view *v, int64_t *sum)
{
    size_t digits = 0;
    while (digits < v->len && ha_is_digit(v->ptr[digits]))
        digits++;
    uint64_t number;
    if (!ha_view_u64((struct ha_view){v->ptr, digits}, &number))
        return false;
    size_t end = digits;
    while (end < v->len && !ha_is_digit(v->ptr[end]))
        end++;
    struct ha_view unit = {v->ptr + digits, end - digits};
    v->ptr += end, v->len -= end;
    for (size_t i = 0; i < HA_COUNT(time_units); i++) {
        if (!ha_view_is(unit, time_units[i].name))
            continue;
        if (number > (uint64_t)(LONGEST_US / time_units[i].us))
            return false;
        *sum += (int64_t)number * time_units[i].us;
        return *sum <= LONGEST_US;
    }
    return false;
}

enum ha_err ha_parse_duration(const char *text, int64_t *us, struct ha_problem *p)
{
    struct ha_view v = ha_view_of(text);
    int64_t sum = 0;
    bool good = v.len > 0;
    while (good && v.len > 0)
        good = take_duration(&v, &sum);
    if (good && sum > 0) {
        *us = sum;
        return HA_OK;
    }
    return ha_problem_set(p, HA_ERR_SYNTAX, "",
                          "'%.60s' is no duration; it takes numbers with a unit (us, ms, s, m or "
                          "min, h, d), as 90s or 1h30m, more than 0 and at most 36500d",
                          text);
}

/* The factor of a unit of size: K and KiB are 1024, KB is 1000. */
static bool size_unit(struct ha_view unit, uint64_t *factor)
{
    static const char letters[] = "KMGT";
    *factor = 1;
    if (unit.len == 0 || ha_view_is(unit, "B"))
        return true;
    const char *at = strchr(letters, *unit.ptr == 'k' ? 'K' : *unit.ptr);
    if (*unit.ptr == '\0' || at == NULL)
        return false;
    struct ha_view tail = {unit.ptr + 1, unit.len - 1};
    bool decimal = ha_view_is(tail, "B");
    if (tail.len > 0 && !decimal && !ha_view_is(tail, "iB"))
        return false;
    for (const char *c = letters; c <= at; c++)
        *factor *= decimal ? 1000 : 1024;
    return true;
}

enum ha_err ha_parse_size(const char *text, uint64_t *bytes, struct ha_problem *p)
{
    struct ha_view v = ha_view_of(text);
    size_t digits = 0;
    while (digits < v.len && ha_is_digit(v.ptr[digits]))
        digits++;
    uint64_t number, factor;
    if (ha_view_u64((struct ha_view){v.ptr, digits}, &number) && number > 0 &&
        size_unit((struct ha_view){v.ptr + digits, v.len - digits}, &factor) &&
        number <= LARGEST_SIZE / factor) {
        *bytes = number * factor;
        return HA_OK;
    }
    return ha_problem_set(
        p, HA_ERR_SYNTAX, "",
        "'%.60s' is no size; it takes a number of bytes, or one with K, M, G or T "
        "(64K, 1MiB: powers of 1024; 1MB: of 1000), more than 0",
        text);
}
