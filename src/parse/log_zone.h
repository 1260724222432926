/* log_zone.h - the zone of log times that name none. */
#ifndef HTTPANNOTATE_PARSE_LOG_ZONE_H
#define HTTPANNOTATE_PARSE_LOG_ZONE_H

#include "httpannotate/pattern.h"

/* One thread's memory of the offset last found. Initialise with {.zone = ...}. */
struct ha_zone_clock {
    struct ha_log_zone zone;
    int64_t quarter; /* of an hour, of clocks there: offsets change at its ends only */
    int offset_min;
    bool valid;
};
/* Settles the time of a record whose text named no zone (HA_NO_ZONE); others are left alone. */
void ha_zone_settle(struct ha_zone_clock *c, struct ha_record *r);

#endif
