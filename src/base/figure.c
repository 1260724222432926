/* figure.c - numbers as people read them, the same on every machine and in every locale. */
#include "httpannotate/terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static size_t length(int printed)
{
    HA_ASSERT(printed >= 0 && printed < HA_FIGURE);
    return (size_t)printed;
}

size_t ha_figure_count(uint64_t n, char *to)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, n);
    HA_ASSERT(count > 0 && count < (int)sizeof digits);
    size_t len = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            to[len++] = ',';
        to[len++] = digits[i];
    }
    to[len] = '\0';
    return len;
}

/* part * scale / whole, rounded half up, for part at most whole and scale at most 1000. */
static uint64_t scaled(uint64_t part, uint64_t whole, uint64_t scale)
{
    while (whole > UINT64_MAX / (4 * scale)) { /* counts of 2^50 lose their last bits first */
        whole >>= 1;
        part >>= 1;
    }
    return (part * scale * 2 + whole) / (whole * 2);
}

size_t ha_figure_percent(uint64_t part, uint64_t whole, char *to)
{
    if (whole == 0 || part == 0)
        return length(snprintf(to, HA_FIGURE, "0%%"));
    if (part >= whole)
        return length(snprintf(to, HA_FIGURE, "100%%"));
    uint64_t tenths = scaled(part, whole, 1000);
    if (tenths == 0)
        return length(snprintf(to, HA_FIGURE, "<0.1%%"));
    if (tenths == 1000)
        return length(snprintf(to, HA_FIGURE, ">99.9%%"));
    return length(snprintf(to, HA_FIGURE, "%" PRIu64 ".%" PRIu64 "%%", tenths / 10, tenths % 10));
}

/* whole.part of a unit in three digits; part is in hundredths. */
static size_t three_digits(uint64_t whole, uint64_t part, const char *unit, char *to)
{
    if (whole >= 100)
        return length(snprintf(to, HA_FIGURE, "%" PRIu64 " %s", whole, unit));
    if (whole >= 10)
        return length(
            snprintf(to, HA_FIGURE, "%" PRIu64 ".%" PRIu64 " %s", whole, part / 10, unit));
    return length(snprintf(to, HA_FIGURE, "%" PRIu64 ".%02" PRIu64 " %s", whole, part, unit));
}

struct time_unit {
    const char *name;
    uint64_t us;
};

/* The largest unit that us, at least 1000, has one of. */
static const struct time_unit *unit_of(uint64_t us)
{
    static const struct time_unit units[] = {
        {"d", 86400000000}, {"h", 3600000000}, {"min", 60000000}, {"s", 1000000}, {"ms", 1000}};
    size_t i = 0;
    while (us < units[i].us)
        i++;
    return &units[i];
}

size_t ha_figure_time(uint64_t us, char *to)
{
    if (us < 1000)
        return length(snprintf(to, HA_FIGURE, "%" PRIu64 " us", us));
    const struct time_unit *unit = unit_of(us);
    uint64_t whole = us / unit->us;
    if (whole > 9999)
        return length(snprintf(to, HA_FIGURE, ">9999 d"));
    us += (whole >= 100 ? unit->us : whole >= 10 ? unit->us / 10 : unit->us / 100) / 2;
    unit = unit_of(us); /* 999.9 ms are 1.00 s */
    return three_digits(us / unit->us, us % unit->us / (unit->us / 100), unit->name, to);
}

size_t ha_figure_bytes(uint64_t n, char *to)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (n < 1000)
        return length(snprintf(to, HA_FIGURE, "%" PRIu64 " B", n));
    uint64_t one = 1000; /* bytes in one of the unit */
    size_t unit = 0;
    while (n / one >= 1000) {
        one *= 1000;
        unit++;
    }
    uint64_t whole = n / one, half = (whole >= 100 ? one : whole >= 10 ? one / 10 : one / 100) / 2;
    n += n <= UINT64_MAX - half ? half : 0;
    if (n / one >= 1000) { /* 999.9 kB are 1.00 MB */
        one *= 1000;
        unit++;
    }
    return three_digits(n / one, n % one / (one / 100), units[unit], to);
}

size_t ha_figure_duration(int64_t us, char *to)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"d", 86400 * HA_US_PER_S},
                 {"h", 3600 * HA_US_PER_S},
                 {"min", 60 * HA_US_PER_S},
                 {"s", HA_US_PER_S},
                 {"ms", 1000},
                 {"us", 1}};
    if (us <= 0)
        return length(snprintf(to, HA_FIGURE, "0 s"));
    size_t i = 0;
    while (us < units[i].us)
        i++;
    int64_t first = us / units[i].us;
    int64_t second = i < 3 ? us % units[i].us / units[i + 1].us : 0;
    if (second == 0)
        return length(snprintf(to, HA_FIGURE, "%" PRId64 " %s", first, units[i].name));
    return length(snprintf(to, HA_FIGURE, "%" PRId64 " %s %" PRId64 " %s", first, units[i].name,
                           second, units[i + 1].name));
}

size_t ha_figure_rate(uint64_t n, int64_t us, char *to)
{
    to[0] = '\0';
    if (us <= 0)
        return 0;
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"day", 86400}};
    double per_second = (double)n / ((double)us / (double)HA_US_PER_S);
    size_t i = 0;
    while (i + 1 < HA_COUNT(units) && per_second * units[i].seconds < 1)
        i++;
    double rate = per_second * units[i].seconds;
    if (rate < 9.95)
        return length(snprintf(to, HA_FIGURE, "%.1f/%s", rate, units[i].name));
    if (rate >= 1e18)
        return length(snprintf(to, HA_FIGURE, "%.3g/%s", rate, units[i].name));
    char count[HA_FIGURE];
    ha_figure_count((uint64_t)(rate + 0.5), count);
    return length(snprintf(to, HA_FIGURE, "%s/%s", count, units[i].name));
}

size_t ha_figure_errors_rate(double per_minute, char *to)
{
    double tenths = round(per_minute * 10);
    if (tenths < 1)
        return length(snprintf(to, HA_FIGURE, "below 0.1"));
    if (tenths < 100 && fmod(tenths, 10) > 0)
        return length(snprintf(to, HA_FIGURE, "%.1f", tenths / 10));
    return ha_figure_count((uint64_t)llround(fmin(per_minute, 1e18)), to);
}
