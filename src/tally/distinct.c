/* distinct.c - HyperLogLog's merge and Ertl's estimate. */
#include "distinct.h"

#include <math.h>

/* Ranks go from 0 (nothing) to 64 - 14 + 1. */
#define RANK_MAX (64 - HA_DISTINCT_BITS + 1)

void ha_distinct_merge(struct ha_distinct *into, const struct ha_distinct *from)
{
    for (unsigned i = 0; i < HA_DISTINCT_REGISTERS; i++)
        if (from->rank[i] > into->rank[i])
            into->rank[i] = from->rank[i];
}

/* Ertl's sigma: x + sum over k >= 1 of x^(2^k) * 2^(k-1), for 0 <= x < 1: what registers that are
 * still empty add to the sum, as if their ranks went on below 1. */
static double sigma(double x)
{
    double sum = x, before, weight = 1.0;
    do {
        before = sum;
        x *= x;
        sum += x * weight;
        weight += weight;
    } while (sum != before);
    return sum;
}

/* Ertl's tau: (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 * 2^-k) / 3: what registers that
 * are full add, as if their ranks went on above the greatest. */
static double tau(double x)
{
    if (x <= 0.0 || x >= 1.0)
        return 0.0;
    double sum = 1.0 - x, before, weight = 1.0;
    do {
        before = sum;
        x = sqrt(x);
        weight *= 0.5;
        sum -= (1.0 - x) * (1.0 - x) * weight;
    } while (sum != before);
    return sum / 3.0;
}

uint64_t ha_distinct_count(const struct ha_distinct *d)
{
    const double registers = HA_DISTINCT_REGISTERS;
    unsigned with_rank[RANK_MAX + 1] = {0};
    for (unsigned i = 0; i < HA_DISTINCT_REGISTERS; i++)
        with_rank[d->rank[i] <= RANK_MAX ? d->rank[i] : RANK_MAX]++;
    if (with_rank[0] == HA_DISTINCT_REGISTERS)
        return 0;
    double sum = registers * tau(1.0 - with_rank[RANK_MAX] / registers);
    for (int rank = RANK_MAX - 1; rank >= 1; rank--)
        sum = 0.5 * (sum + with_rank[rank]);
    sum += registers * sigma(with_rank[0] / registers);
    double estimate = registers * registers / (2.0 * log(2.0) * sum);
    if (!(estimate < 0x1p63)) /* every register full: no number that could be told */
        return UINT64_MAX;
    return estimate < 1.0 ? 1 : (uint64_t)llround(estimate);
}
