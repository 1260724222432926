/* timefmt.h - reading times by a format, whatever the locale. */
#ifndef HTTPANNOTATE_PARSE_TIMEFMT_H
#define HTTPANNOTATE_PARSE_TIMEFMT_H

#include "httpannotate/base.h"

/* A time format in strftime's letters: %d %e %j %m %b %B %y %Y %H %k %I %l %M %S %p %z %Z %T %F %D
 * %R, and
 *   %Z  a zone's name; where it is none that means one zone only, the time cannot be read
 *   %A  a weekday's name, passed over
 *   %f  a fraction of a second, with the point or comma before it, or nothing
 *   %N  a fraction's digits alone
 *   %s %Q %q  seconds (with a fraction), milliseconds, microseconds since the epoch
 *   %%  a percent sign. Letters of other formats are refused.
 * Any other character stands for itself. */
/* Checks a format: NULL, or what is wrong with it; *column is then 1-based. Static text. */
const char *ha_timefmt_check(struct ha_view format, size_t *column);

/* What stands for the offset of a time that names no zone. */
#define HA_NO_ZONE INT16_MIN
/* Reads text by format; the whole text must be used. False when it is no such time. A format
 * without a zone (or a Z, UTC or GMT at its end, or a count since the epoch) gives *offset_min
 * HA_NO_ZONE, and *time_us as if it were UTC. */
bool ha_timefmt_read(struct ha_view format, struct ha_view text, int64_t *time_us, int *offset_min);

/* The time of the common log format, "%d/%b/%Y:%H:%M:%S %z", as ha_timefmt_read reads it, faster
 * where day and zone are those of the last one. Initialise the clock with {0}. */
#define HA_CLF_FORMAT "%d/%b/%Y:%H:%M:%S %z"
struct ha_clf_clock {
    /* The last time as it stands in most lines, its time of day being 0; all NUL at first:
     * "- [24/Nov/2026:00:00:00 +0000] \"" */
    char frame[32];
    int64_t midnight_us; /* of that day in that zone */
    int offset_min;
};
bool ha_timefmt_read_clf(struct ha_clf_clock *clock, struct ha_view text, int64_t *time_us,
                         int *offset_min);

#endif
