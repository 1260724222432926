/* watch_parts.h - what the watch's files share: how a spike is told. */
#ifndef HA_WATCH_PARTS_H
#define HA_WATCH_PARTS_H

#include "httpannotate/out.h"
#include "httpannotate/spike_clock.h"

/* How live lines look, and the day of the last time told, so that a date is told where it is
 * another. */
struct ha_live_style {
    bool colour;
    int offset_min; /* of the log's own times, minutes east of UTC */
    int64_t day;    /* days since the epoch, by that offset */
};
/* The log begins: times of this day need no date. */
void ha_live_begin(struct ha_live_style *style, int64_t second);
/* "SPIKE 429  312/min, usual 4/min, since 10:42" with its line ending. */
void ha_live_line(struct ha_live_style *style, const struct ha_spike_told *told, struct ha_buf *to);
/* The same as one JSON object in a line. */
void ha_live_json(const struct ha_spike_told *told, struct ha_buf *to);

#endif
