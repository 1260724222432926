/* random.h - numbers that look random and are the same in every run of a test. */
#ifndef HTTPANNOTATE_TESTS_RANDOM_H
#define HTTPANNOTATE_TESTS_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood, 2014). */
static inline uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to n - 1. */
static inline uint64_t random_below(struct random *r, uint64_t n)
{
    return random_next(r) % n;
}

/* 0 to n - 1, small ones far more often: about as often as 1 / (1 + value). */
static inline uint64_t random_skewed(struct random *r, uint64_t n)
{
    return random_below(r, 1 + random_below(r, n));
}

#endif
