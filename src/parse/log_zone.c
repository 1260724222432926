/* log_zone.c - the zone of log times that name none. */
#include "parse/log_zone.h"

#include <string.h>

#include "parse/timefmt.h"

#define DAY_US     (86400 * HA_US_PER_S)
#define QUARTER_US (900 * HA_US_PER_S)

/* The offset of a clock that shows clock_us. An hour that comes twice is taken for the first, one
 * that never comes counts on from what was before: always the same, whatever was asked before. */
static int offset_of_clock(const struct ha_log_zone *zone, int64_t clock_us)
{
    if (zone->offset_at == NULL)
        return zone->offset_min;
    int before = zone->offset_at(clock_us - DAY_US), after = zone->offset_at(clock_us + DAY_US);
    if (before == after || zone->offset_at(clock_us - before * HA_MINUTE_US) == before)
        return before;
    return zone->offset_at(clock_us - after * HA_MINUTE_US) == after ? after : before;
}

void ha_zone_settle(struct ha_zone_clock *c, struct ha_record *r)
{
    if (!r->has_time || r->offset_min != HA_NO_ZONE)
        return;
    int64_t quarter = ha_floor_div(r->time_us, QUARTER_US);
    if (!c->valid || quarter != c->quarter) {
        c->offset_min = offset_of_clock(&c->zone, quarter * QUARTER_US);
        c->quarter = quarter;
        c->valid = true;
    }
    r->offset_min = (int16_t)c->offset_min;
    r->time_us -= c->offset_min * HA_MINUTE_US;
}

static bool read_offset(struct ha_view v, int *offset_min)
{
    bool colon = v.len == 6 && v.ptr[3] == ':';
    uint64_t hour = 0, minute = 0;
    if ((v.len != 3 && v.len != 5 && !colon) || (v.ptr[0] != '+' && v.ptr[0] != '-') ||
        !ha_view_u64((struct ha_view){v.ptr + 1, 2}, &hour) || hour > 23)
        return false;
    if (v.len > 3 && (!ha_view_u64((struct ha_view){v.ptr + v.len - 2, 2}, &minute) || minute > 59))
        return false;
    *offset_min = (int)(hour * 60 + minute) * (v.ptr[0] == '-' ? -1 : 1);
    return true;
}

bool ha_log_zone_read(const char *text, int (*local_at)(int64_t time_us), struct ha_log_zone *out)
{
    struct ha_log_zone zone = {0};
    if (strcmp(text, "local") == 0)
        zone.offset_at = local_at;
    else if (!ha_view_eq_nocase(ha_view_of(text), HA_VIEW_LIT("UTC")) && strcmp(text, "Z") != 0 &&
             !read_offset(ha_view_of(text), &zone.offset_min))
        return false;
    *out = zone;
    return true;
}
