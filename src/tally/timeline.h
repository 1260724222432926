/* timeline.h - counts over time, exact, in a bounded number of buckets.
 *
 * Buckets begin at multiples of their width from the epoch on, and each width divides the
 * next, so that widening loses nothing but detail. The width is the smallest at which the
 * buckets that are not empty fit; it depends only on the times counted, not on their order or
 * split. */
#ifndef HTTPANNOTATE_TALLY_TIMELINE_H
#define HTTPANNOTATE_TALLY_TIMELINE_H

#include "httpannotate/tally.h"

struct ha_timeline {
    struct ha_bucket *buckets; /* in the order in which they came to be */
    uint32_t *index;           /* by hash, in groups: a tag and the number of a bucket; 0: free */
    size_t mask;               /* size of index - 1 */
    size_t count, room;        /* buckets in use, allocated */
    size_t max;                /* allowed, of most widths */
    size_t last;               /* the bucket of the record before: times mostly stay or go on */
    size_t rung;               /* of the ladder of widths */
    int64_t width_s;
};

/* The width of a rung of the ladder in seconds; 0 beyond its last one. */
int64_t ha_timeline_width(size_t rung);
/* Buckets held at a rung before they are widened: of a minute more, so that spikes can be looked
 * for in a log of six weeks. Whatever the numbers, the rung is the first one at which the
 * buckets fit: a part never has more of them than the whole. */
#define HA_MINUTES_FACTOR 2
size_t ha_timeline_most(const struct ha_timeline *t, size_t rung);
/* max: buckets held before they are widened, at least 2; of a minute HA_MINUTES_FACTOR times as
 * many. */
void ha_timeline_init(struct ha_timeline *t, size_t max);
void ha_timeline_done(struct ha_timeline *t);
/* Whether n more fit for sure. */
bool ha_timeline_has_room(const struct ha_timeline *t, size_t n);
/* Forgets everything but keeps the memory. */
void ha_timeline_reset(struct ha_timeline *t);
/* t is empty: its buckets become as wide as those of `of`, into which it will be merged. */
void ha_timeline_follow(struct ha_timeline *t, const struct ha_timeline *of);
/* The series that a status is of, besides the total: HA_SERIES_TOTAL when of no other, and
 * HA_SERIES_429 stands for HA_SERIES_4XX, too. */
static inline uint8_t ha_series_of(int status)
{
    int class = ha_class_of(status);
    return status == 429 ? HA_SERIES_429
                         : (uint8_t)(class > 0 ? HA_SERIES_1XX + class - 1 : HA_SERIES_TOTAL);
}
/* Counts the records that have a time, up to HA_TIMELINE_BATCH of them; series[i] of record i, or
 * HA_SERIES_N: it is not to be counted. Where times jump the memory is asked for all buckets before
 * the first is needed. False when memory ran out. */
#define HA_TIMELINE_BATCH 64
bool ha_timeline_add_batch(struct ha_timeline *t, const struct ha_record *records,
                           const uint8_t *series, size_t n) HA_MUST_USE;
/* False when memory ran out. */
bool ha_timeline_merge(struct ha_timeline *into, const struct ha_timeline *from) HA_MUST_USE;
/* The numbers of the buckets in order of time, from ha_alloc; NULL when memory ran out. */
uint32_t *ha_buckets_order(const struct ha_bucket *buckets, size_t count);
/* As ha_tally_minutes. */
enum ha_err ha_timeline_minutes(const struct ha_timeline *t, struct ha_minutes *out) HA_MUST_USE;
/* As ha_tally_timeline. */
enum ha_err ha_timeline_read(const struct ha_timeline *t, int64_t wanted_s, size_t max_buckets,
                             struct ha_bucket **out, size_t *count, int64_t *width_s) HA_MUST_USE;

#endif
