/* timefmt.c - reading times by a format. Month names are English whatever the locale. */
#include "parse/timefmt.h"

#include <string.h>

struct reading {
    struct ha_view text;
    size_t at;
    struct ha_civil civil;
    int64_t epoch_us; /* where the format counts from the epoch */
    int day_of_year;  /* 0: not given */
    bool is_epoch, is_pm, has_12h, has_zone;
};

static bool digit(const struct reading *r)
{
    return r->at < r->text.len && ha_is_digit(r->text.ptr[r->at]);
}

/* Between least and most digits. */
static bool number(struct reading *r, size_t least, size_t most, int *out)
{
    int n = 0;
    size_t got = 0;
    for (; got < most && digit(r); got++)
        n = n * 10 + (r->text.ptr[r->at++] - '0');
    *out = n;
    return got >= least;
}

static bool in_range(struct reading *r, size_t least, size_t most, int low, int high, int *out)
{
    return number(r, least, most, out) && *out >= low && *out <= high;
}

/* 123, 123456: digits beyond the sixth are dropped. */
static bool fraction_digits(struct reading *r, int *us)
{
    *us = 0;
    if (!digit(r))
        return false;
    for (int scale = 100000; digit(r); scale /= 10)
        *us += (r->text.ptr[r->at++] - '0') * scale;
    return true;
}

/* .123, .123456, ,123. */
static bool fraction(struct reading *r, int *us)
{
    *us = 0;
    if (r->at >= r->text.len || (r->text.ptr[r->at] != '.' && r->text.ptr[r->at] != ','))
        return true;
    r->at++;
    return fraction_digits(r, us);
}

static bool epoch(struct reading *r, int64_t unit_us)
{
    int64_t n = 0;
    size_t start = r->at;
    bool negative = r->at < r->text.len && r->text.ptr[r->at] == '-';
    r->at += negative;
    while (digit(r) && r->at - start < 18)
        n = n * 10 + (r->text.ptr[r->at++] - '0');
    if (r->at == start + negative || n > INT64_C(253402300799) * HA_US_PER_S / unit_us)
        return false;
    int us = 0;
    if (unit_us == HA_US_PER_S && !fraction(r, &us))
        return false;
    r->epoch_us = n * unit_us + us;
    if (negative)
        r->epoch_us = -r->epoch_us;
    r->is_epoch = true;
    return true;
}

/* +0100, +01:00, +01, Z. */
static bool zone(struct reading *r)
{
    if (r->at >= r->text.len)
        return false;
    char sign = r->text.ptr[r->at++];
    r->has_zone = true;
    if (sign == 'Z' || sign == 'z')
        return true;
    int hours = 0, minutes = 0;
    if ((sign != '+' && sign != '-') || !in_range(r, 2, 2, 0, 23, &hours))
        return false;
    if (r->at < r->text.len && r->text.ptr[r->at] == ':')
        r->at++;
    if (digit(r) && !in_range(r, 2, 2, 0, 59, &minutes))
        return false;
    r->civil.offset_min = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

static bool month_name(struct reading *r, bool whole)
{
    if (r->text.len - r->at < 3)
        return false;
    r->civil.month = ha_month(r->text.ptr + r->at);
    r->at += 3;
    while (whole && r->at < r->text.len && ha_is_letter(r->text.ptr[r->at]))
        r->at++;
    return r->civil.month != 0;
}

static bool half_day(struct reading *r)
{
    if (r->text.len - r->at < 2 || (r->text.ptr[r->at + 1] | 0x20) != 'm')
        return false;
    char c = (char)(r->text.ptr[r->at] | 0x20);
    r->at += 2;
    r->has_12h = true;
    r->is_pm = c == 'p';
    return c == 'p' || c == 'a';
}

/* A weekday's name, which says nothing that the date does not. */
static bool weekday(struct reading *r)
{
    size_t start = r->at;
    while (r->at < r->text.len && ha_is_letter(r->text.ptr[r->at]))
        r->at++;
    return r->at > start;
}

/* Names that mean one zone wherever they are written; of any other (CST, IST) the moment is not
 * known. */
static bool zone_name(struct reading *r)
{
    static const struct {
        char name[5];
        int offset_min;
    } zones[] = {{"UTC", 0},    {"GMT", 0},    {"Z", 0},      {"CET", 60},
                 {"CEST", 120}, {"JST", 540},  {"EST", -300}, {"EDT", -240},
                 {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420}};
    size_t start = r->at;
    while (r->at < r->text.len && ha_is_letter(r->text.ptr[r->at]))
        r->at++;
    struct ha_view name = {r->text.ptr + start, r->at - start};
    for (size_t i = 0; i < HA_COUNT(zones); i++) {
        if (name.len != strlen(zones[i].name) || memcmp(name.ptr, zones[i].name, name.len) != 0)
            continue;
        r->civil.offset_min = zones[i].offset_min;
        r->has_zone = true;
        return true;
    }
    return false;
}

static bool two_digit_year(struct reading *r)
{
    if (!in_range(r, 2, 2, 0, 99, &r->civil.year))
        return false;
    r->civil.year += r->civil.year < 69 ? 2000 : 1900; /* as POSIX strptime's %y */
    return true;
}

static bool literal(struct reading *r, char c)
{
    if (r->at >= r->text.len || r->text.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* Padded with a blank where it has one digit. */
static bool padded(struct reading *r, int low, int high, int *out)
{
    if (r->at < r->text.len && r->text.ptr[r->at] == ' ')
        r->at++;
    return in_range(r, 1, 2, low, high, out);
}

static bool run(struct reading *r, struct ha_view format);

static bool directive(struct reading *r, char letter)
{
    struct ha_civil *c = &r->civil;
    switch (letter) {
    case 'Y':
        return in_range(r, 4, 4, 0, 9999, &c->year);
    case 'y':
        return two_digit_year(r);
    case 'm':
        return in_range(r, 1, 2, 1, 12, &c->month);
    case 'b':
        return month_name(r, false);
    case 'B':
        return month_name(r, true);
    case 'e':
        return padded(r, 1, 31, &c->day);
    case 'j':
        return in_range(r, 1, 3, 1, 366, &r->day_of_year);
    case 'd':
        return in_range(r, 1, 2, 1, 31, &c->day);
    case 'H':
    case 'I':
        return in_range(r, 1, 2, 0, 23, &c->hour);
    case 'k':
    case 'l':
        return padded(r, 0, 23, &c->hour);
    case 'M':
        return in_range(r, 2, 2, 0, 59, &c->minute);
    case 'S':
        return in_range(r, 2, 2, 0, 60, &c->second);
    case 'p':
        return half_day(r);
    case 'z':
        return zone(r);
    case 'A':
        return weekday(r);
    case 'Z':
        return zone_name(r);
    case 'f':
        return fraction(r, &c->microsecond);
    case 'N':
        return fraction_digits(r, &c->microsecond);
    case 's':
        return epoch(r, HA_US_PER_S);
    case 'Q':
        return epoch(r, 1000);
    case 'q':
        return epoch(r, 1);
    case 'T':
        return run(r, HA_VIEW_LIT("%H:%M:%S"));
    case 'R':
        return run(r, HA_VIEW_LIT("%H:%M"));
    case 'F':
        return run(r, HA_VIEW_LIT("%Y-%m-%d"));
    case 'D':
        return run(r, HA_VIEW_LIT("%m/%d/%y"));
    default:
        return literal(r, letter);
    }
}

static bool run(struct reading *r, struct ha_view format)
{
    for (size_t i = 0; i < format.len; i++) {
        if (format.ptr[i] != '%') {
            if (!literal(r, format.ptr[i]))
                return false;
        } else if (++i >= format.len || !directive(r, format.ptr[i])) {
            return false;
        }
    }
    return true;
}

const char *ha_timefmt_check(struct ha_view format, size_t *column)
{
    for (size_t i = 0; i < format.len; i++) {
        if (format.ptr[i] != '%')
            continue;
        *column = i + 1;
        if (++i >= format.len)
            return "a % at the end of the time format";
        static const char letters[] = "YymAbBdejHkIlMSpzZfNsQqTRFD%";
        if (memchr(letters, format.ptr[i], sizeof letters - 1) == NULL)
            return "this letter is none of the time format's: Y y m A b B d e j H k I l M S p z Z "
                   "f N s Q q T R F D %";
    }
    return NULL;
}

static int days_of_month(const struct ha_civil *c)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    return days[c->month - 1] + (c->month == 2 && leap);
}

/* The 366th day of a common year stays a day that December does not have. */
static void set_day_of_year(struct ha_civil *c, int day)
{
    c->month = 1;
    c->day = day;
    while (c->month < 12 && c->day > days_of_month(c))
        c->day -= days_of_month(c), c->month++;
}

static bool month_has_day(const struct ha_civil *c)
{
    return c->day <= days_of_month(c);
}

/* A format can say a zone itself. */
static bool ends_in_utc(struct ha_view format)
{
    static const char *const ends[] = {"Z", "UTC", "GMT"};
    for (size_t i = 0; i < HA_COUNT(ends); i++) {
        size_t len = strlen(ends[i]);
        if (format.len > len && memcmp(format.ptr + format.len - len, ends[i], len) == 0 &&
            format.ptr[format.len - len - 1] != '%')
            return true;
    }
    return false;
}

bool ha_timefmt_read(struct ha_view format, struct ha_view text, int64_t *time_us, int *offset_min)
{
    struct reading r = {.text = text, .civil = {.year = 1970, .month = 1, .day = 1}};
    if (!run(&r, format) || r.at != text.len)
        return false;
    if (r.is_epoch) {
        *time_us = r.epoch_us + r.civil.microsecond;
        *offset_min = 0;
        return true;
    }
    if (r.day_of_year > 0)
        set_day_of_year(&r.civil, r.day_of_year);
    if (!month_has_day(&r.civil))
        return false;
    if (r.has_12h)
        r.civil.hour = r.civil.hour % 12 + (r.is_pm ? 12 : 0);
    *time_us = ha_time_us(&r.civil);
    *offset_min = r.has_zone || ends_in_utc(format) ? r.civil.offset_min : HA_NO_ZONE;
    return true;
}

/* Two digits as a number, or one above any limit that is asked of it. */
static unsigned two(const char *s)
{
    unsigned tens = (unsigned)(unsigned char)s[0] - '0', ones = (unsigned)(unsigned char)s[1] - '0';
    return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

enum { CLF_LEN = 26, CLF_CLOCK_AT = 12, CLF_ZONE_AT = 20, CLF_ZONE_LEN = 6, FRAME_DAY_AT = 3 };

bool ha_timefmt_read_clf(struct ha_clf_clock *clock, struct ha_view text, int64_t *time_us,
                         int *offset_min)
{
    const char *s = text.ptr;
    bool usual = text.len == CLF_LEN && s[14] == ':' && s[17] == ':';
    unsigned hour = 100, minute = 100, second = 100;
    if (usual) {
        hour = two(s + CLF_CLOCK_AT);
        minute = two(s + 15);
        second = two(s + 18);
        usual = hour < 24 && minute < 60 && second <= 60;
    }
    int64_t since_midnight = (int64_t)(hour * 3600 + minute * 60 + second) * HA_US_PER_S;
    char *day = clock->frame + FRAME_DAY_AT, *zone = day + CLF_ZONE_AT;
    if (usual && memcmp(s, day, CLF_CLOCK_AT) == 0 &&
        memcmp(s + CLF_ZONE_AT, zone, CLF_ZONE_LEN) == 0) {
        *time_us = clock->midnight_us + since_midnight;
        *offset_min = clock->offset_min;
        return true;
    }
    if (!ha_timefmt_read(HA_VIEW_LIT(HA_CLF_FORMAT), text, time_us, offset_min))
        return false;
    if (usual) {
        memcpy(clock->frame, "- [24/Nov/2026:00:00:00 +0000] \"", sizeof clock->frame);
        memcpy(day, s, CLF_CLOCK_AT);
        memcpy(zone, s + CLF_ZONE_AT, CLF_ZONE_LEN);
        clock->midnight_us = *time_us - since_midnight;
        clock->offset_min = *offset_min;
    }
    return true;
}
