/* log_zone.c - the zone of log times that name none. */
#include "parse/log_zone.h"

#include <string.h>

#include "parse/timefmt.h"

#define QUARTER_US (900 * HA_US_PER_S)

void ha_zone_settle(struct ha_zone_clock *c, struct ha_record *r)
{
    if (!r->has_time || r->offset_min != HA_NO_ZONE)
        return;
    int64_t quarter = ha_floor_div(r->time_us, QUARTER_US);
    if (!c->valid || quarter != c->quarter) {
        c->offset_min = c->zone.offset_at == NULL
                            ? c->zone.offset_min
                            : ha_time_offset_of_clock(c->zone.offset_at, quarter * QUARTER_US);
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
