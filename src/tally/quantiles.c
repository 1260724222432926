/* quantiles.c - merging and reading the buckets. */
#include "quantiles.h"

#include <string.h>

/* True when nothing was counted since it was made or reset. */
static bool is_empty(const struct ha_quantiles *q)
{
    return q->counts == NULL || q->min > q->max;
}

bool ha_quantiles_begin(struct ha_quantiles *q)
{
    q->counts = ha_calloc(HA_QUANTILES_BUCKETS, sizeof *q->counts);
    q->min = UINT64_MAX;
    return q->counts != NULL;
}

void ha_quantiles_done(struct ha_quantiles *q)
{
    ha_free(q->counts);
    *q = (struct ha_quantiles){0};
}

void ha_quantiles_reset(struct ha_quantiles *q)
{
    if (is_empty(q))
        return;
    size_t first = ha_quantiles_bucket(q->min), last = ha_quantiles_bucket(q->max);
    memset(q->counts + first, 0, (last - first + 1) * sizeof *q->counts);
    *q = (struct ha_quantiles){.counts = q->counts, .min = UINT64_MAX};
}

bool ha_quantiles_merge(struct ha_quantiles *into, const struct ha_quantiles *from)
{
    if (is_empty(from))
        return true;
    if (into->counts == NULL && !ha_quantiles_begin(into))
        return false;
    size_t first = ha_quantiles_bucket(from->min), last = ha_quantiles_bucket(from->max);
    ha_sat_add_all(into->counts + first, from->counts + first, last - first + 1);
    bool carry = __builtin_add_overflow(into->sum, from->sum, &into->sum);
    into->sum_high = ha_sat_add(ha_sat_add(into->sum_high, from->sum_high), carry);
    into->min = from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
    return true;
}

uint64_t ha_quantiles_count(const struct ha_quantiles *q)
{
    uint64_t count = 0;
    if (is_empty(q))
        return 0;
    for (size_t i = ha_quantiles_bucket(q->min); i <= ha_quantiles_bucket(q->max); i++)
        count = ha_sat_add(count, q->counts[i]);
    return count;
}

/* The middle of a bucket: no value in it is further off than half its width, and its width is at
 * most 1/64 of the least of them. */
static uint64_t middle(size_t bucket)
{
    size_t one = (size_t)1 << HA_QUANTILES_BITS;
    if (bucket < 2 * one)
        return bucket;
    size_t shift = (bucket >> HA_QUANTILES_BITS) - 1;
    uint64_t least = (uint64_t)(bucket - (shift << HA_QUANTILES_BITS)) << shift;
    return least + (UINT64_C(1) << shift) / 2;
}

uint64_t ha_quantiles_at(const struct ha_quantiles *q, unsigned percent)
{
    HA_ASSERT(percent >= 1 && percent <= 100);
    uint64_t count = ha_quantiles_count(q), seen = 0;
    if (count == 0)
        return 0;
    /* count * percent / 100, rounded up, without going over. */
    uint64_t rank = count / 100 * percent + (count % 100 * percent + 99) / 100;
    size_t i = ha_quantiles_bucket(q->min), last = ha_quantiles_bucket(q->max);
    for (; i < last; i++) {
        seen = ha_sat_add(seen, q->counts[i]);
        if (seen >= rank)
            break;
    }
    uint64_t value = middle(i);
    value = value > q->max ? q->max : value;
    return value < q->min ? q->min : value;
}

/* Rounded to the nearest, half up; a partial report made by hand may claim more than there can be.
 */
static uint64_t mean(const struct ha_quantiles *q, uint64_t count)
{
    if (q->sum_high >= count)
        return q->max;
    __extension__ unsigned __int128 sum = (unsigned __int128)q->sum_high << 64 | q->sum;
    uint64_t whole = (uint64_t)(sum / count), rest = (uint64_t)(sum % count);
    uint64_t rounded = whole + (rest >= count - rest);
    return rounded < whole || rounded > q->max ? q->max : rounded;
}

struct ha_spread ha_quantiles_spread(const struct ha_quantiles *q)
{
    uint64_t count = ha_quantiles_count(q);
    if (count == 0)
        return (struct ha_spread){0};
    return (struct ha_spread){
        .count = count,
        .mean = mean(q, count),
        .p50 = ha_quantiles_at(q, 50),
        .p90 = ha_quantiles_at(q, 90),
        .p95 = ha_quantiles_at(q, 95),
        .p99 = ha_quantiles_at(q, 99),
        .max = q->max,
    };
}
