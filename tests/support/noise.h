/* noise.h - counts of random events, the same for the same seed on every machine whose libm agrees.
 *
 * SplitMix64 and inversion, nothing else: a generator in another language writes the same numbers.
 */
#ifndef HTTPANNOTATE_TESTS_NOISE_H
#define HTTPANNOTATE_TESTS_NOISE_H

#include <stdbool.h>

#include "random.h"

/* From 0 to below 1. */
static inline double noise_uniform(struct random *r)
{
    return (double)(random_next(r) >> 11) * (1.0 / 9007199254740992.0);
}

/* Poisson of that mean, by inversion in chunks of mean 30. */
uint64_t noise_poisson(struct random *r, double mean);

/* Negative binomial with a variance of phi times the mean (NB1): a Poisson number of clusters whose
 * sizes follow the logarithmic series (Quenouille 1949). phi up to 1: Poisson. */
uint64_t noise_bursty(struct random *r, double mean, double phi);

/* As noise_poisson, but from tables for means of 300000, 3000 and 30 at a time: the same law, and
 * up to a mean of 3000 the same numbers. For the millions of buckets of the Monte Carlo.
 * noise_tables makes the tables, once, before any thread asks. false: no memory. */
bool noise_tables(void);
uint64_t noise_poisson_fast(struct random *r, double mean);
uint64_t noise_bursty_fast(struct random *r, double mean, double phi);

/* Standard normal (Box and Muller 1958), and gamma with that shape and a mean of 1 (Marsaglia and
 * Tsang 2000; shape at least 1). */
double noise_normal(struct random *r);
double noise_gamma(struct random *r, double shape);

#endif
