/* quantiles.h - how large values are, by rank, in fixed memory, within 1/128 of the true one.
 *
 * Buckets whose width grows with the value, as DDSketch (Masson, Rim, Lee, 2019) has them, but
 * by integers alone: each power of two is cut into 64 equal buckets, and below 128 each number has
 * its own. So every machine counts alike, and sketches merge exactly: the sum of two is what one
 * would have been that saw both, whatever the order or split. */
#ifndef HTTPANNOTATE_TALLY_QUANTILES_H
#define HTTPANNOTATE_TALLY_QUANTILES_H

#include "count.h"

#define HA_QUANTILES_BITS    6 /* a power of two has 2^6 buckets */
#define HA_QUANTILES_BUCKETS ((64 - HA_QUANTILES_BITS + 1) << HA_QUANTILES_BITS)

struct ha_quantiles { /* all zero: nothing counted */
    uint64_t *counts; /* of each bucket; NULL until something is counted */
    /* The sum of the values, 2^64 sum_high + sum: there are logs with sizes of nearly 2^64, and a
     * sum that stopped would make the mean too low. */
    uint64_t sum, sum_high;
    uint64_t min, max;
};

void ha_quantiles_done(struct ha_quantiles *q);
/* Forgets what was counted, and keeps the room. */
void ha_quantiles_reset(struct ha_quantiles *q);
/* Makes room for the counts; false when memory ran out. */
bool ha_quantiles_begin(struct ha_quantiles *q) HA_MUST_USE;

static inline size_t ha_quantiles_bucket(uint64_t value)
{
    /* The bit that is put in makes small numbers their own buckets. */
    int shift = 63 - HA_QUANTILES_BITS - __builtin_clzll(value | 1u << HA_QUANTILES_BITS);
    return ((size_t)shift << HA_QUANTILES_BITS) + (size_t)(value >> shift);
}

/* Counts a value; there is room (ha_quantiles_begin). */
static inline void ha_quantiles_put(struct ha_quantiles *q, uint64_t value)
{
    ha_sat_up(&q->counts[ha_quantiles_bucket(value)]);
    q->sum_high += __builtin_add_overflow(q->sum, value, &q->sum);
    if (__builtin_expect(value < q->min, 0))
        q->min = value;
    if (__builtin_expect(value > q->max, 0))
        q->max = value;
}
/* Counts a value. False when memory ran out. */
static inline bool ha_quantiles_add(struct ha_quantiles *q, uint64_t value)
{
    if (__builtin_expect(q->counts == NULL, 0) && !ha_quantiles_begin(q))
        return false;
    ha_quantiles_put(q, value);
    return true;
}

/* Adds all of from to into. False when memory ran out. */
bool ha_quantiles_merge(struct ha_quantiles *into, const struct ha_quantiles *from) HA_MUST_USE;
/* Values counted. */
uint64_t ha_quantiles_count(const struct ha_quantiles *q);
/* The value that a share of percent per cent is not above (the nearest rank: the smallest value of
 * which that is true), never more than 1/128 of it off; 0 when nothing was counted. percent: 1 to
 * 100. */
uint64_t ha_quantiles_at(const struct ha_quantiles *q, unsigned percent);
/* The figures of a report. */
struct ha_spread ha_quantiles_spread(const struct ha_quantiles *q);

#endif
