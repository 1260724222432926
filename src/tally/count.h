/* count.h - counters that stop at their maximum: a sum that wrapped would read as a small one. */
#ifndef HTTPANNOTATE_TALLY_COUNT_H
#define HTTPANNOTATE_TALLY_COUNT_H

#include "httpannotate/tally.h"

/* A branch that is never taken costs less here than to choose without one: each line passes a score
 * of these. */
static inline uint64_t ha_sat_add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_expect(__builtin_add_overflow(a, b, &sum), 0) ? UINT64_MAX : sum;
}

/* Sets a counter that went over to its maximum. Of its own, so that to count is one instruction and
 * a branch, not a choice between two values. */
void ha_sat_stop(uint64_t *n) __attribute__((cold));
static inline void ha_sat_put(uint64_t *n, uint64_t more)
{
    if (__builtin_expect(__builtin_add_overflow(*n, more, n), 0))
        ha_sat_stop(n);
}
static inline void ha_sat_up(uint64_t *n)
{
    ha_sat_put(n, 1);
}

static inline void ha_count_merge(struct ha_count *into, struct ha_count from)
{
    into->count = ha_sat_add(into->count, from.count);
    into->body_bytes = ha_sat_add(into->body_bytes, from.body_bytes);
}

/* into[i] += from[i] for n counters. */
static inline void ha_sat_add_all(uint64_t *into, const uint64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        into[i] = ha_sat_add(into[i], from[i]);
}

#endif
