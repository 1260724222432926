/* usual.h - what is usual in a group: its baseline, its traffic, how bursty it is. */
#ifndef HA_SPIKES_USUAL_H
#define HA_SPIKES_USUAL_H

#include "httpannotate/spikes.h"

/* Memories, in buckets of a minute. */
#define HOUR 60.0
#define DAY  1440.0
#define WEEK 10080.0
/* Burstiness is variance by mean. Before anything is known it is PHI_PRIOR, with the weight of
 * PHI_WEIGHT expected events; never below PHI_LEAST. */
#define PHI_PRIOR  1.5
#define PHI_WEIGHT 10.0
#define PHI_LEAST  1.05
enum { LEAST_HISTORY = 5 }; /* buckets learned before anything can be unusual */

struct usual {
    double mu;       /* errors a bucket */
    double evidence; /* events that mu rests on */
    double good;     /* good requests a bucket */
};
struct usual usual_of(const struct ha_spike_group *g);
/* How many times the usual traffic so many good requests are, never less than once. */
double usual_factor(double good, double usual_good);
/* Burstiness by the bucket. */
double usual_phi(const struct ha_spike_group *g);
/* Errors to be expected in a bucket of the ring. */
double usual_errors(const struct ha_spike_group *g, unsigned slot, const struct usual *u);
/* Takes a bucket that is old enough in, unless it was part of something unusual. */
void usual_learn(struct ha_spike_group *g, int64_t bucket);

/* The ring. */
static inline unsigned slot(int64_t bucket)
{
    return (unsigned)bucket % HA_SPIKE_RING;
}
static inline bool bit(uint16_t bits, unsigned i)
{
    return ((unsigned)bits >> i & 1u) != 0;
}
static inline void set_bit(uint16_t *bits, unsigned i, bool on)
{
    *bits = (uint16_t)((*bits & ~(1u << i)) | (unsigned)on << i);
}

#endif
