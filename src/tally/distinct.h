/* distinct.h - how many different values there were, in fixed memory, within about 1 %.
 *
 * HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007) over 64-bit hashes with 2^14 registers:
 * standard error 0.81 %. The estimate is Ertl's (New cardinality estimation algorithms for
 * HyperLogLog sketches, 2017), which needs no table against bias at either end of the range.
 * The registers depend only on which values were seen, not on their order, number or split. */
#ifndef HTTPANNOTATE_TALLY_DISTINCT_H
#define HTTPANNOTATE_TALLY_DISTINCT_H

#include <stdint.h>

#define HA_DISTINCT_BITS      14
#define HA_DISTINCT_REGISTERS (1u << HA_DISTINCT_BITS)

struct ha_distinct { /* all zero: nothing seen */
    uint8_t rank[HA_DISTINCT_REGISTERS];
};

/* Counts a value by its hash, which must be made with the same seed throughout. */
static inline void ha_distinct_add(struct ha_distinct *d, uint64_t hash)
{
    uint64_t place = hash >> (64 - HA_DISTINCT_BITS);
    /* The bit that is put in ends the count of zeros when all others are zero. */
    uint64_t rest = hash << HA_DISTINCT_BITS | UINT64_C(1) << (HA_DISTINCT_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    if (rank > d->rank[place])
        d->rank[place] = rank;
}

/* Afterwards into has seen what both have. */
void ha_distinct_merge(struct ha_distinct *into, const struct ha_distinct *from);
/* The estimate, rounded to a whole number. 0 only when nothing was seen. */
uint64_t ha_distinct_count(const struct ha_distinct *d);

#endif
