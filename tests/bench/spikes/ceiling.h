/* ceiling.h - the most that any detector can find. */
#ifndef HTTPANNOTATE_BENCH_CEILING_H
#define HTTPANNOTATE_BENCH_CEILING_H

/* The power of the most powerful test (Neyman and Pearson 1933) that knows the base rate and the
 * noise exactly and may be wrong once in 7 days of minutes: the chance that counts of n minutes at
 * factor times the base are told from counts at the base. phi: variance by mean; 1: Poisson, above:
 * negative binomial, whose sums are negative binomial too. At the level of n minutes' share of the
 * one false alarm, randomised, so for Poisson an upper bound. 0 to 1. */
double ceiling_of(double base, double factor, int n, double phi);

#endif
