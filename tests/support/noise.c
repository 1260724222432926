/* noise.c - see noise.h. */
#include "httpannotate/base.h"

#include <math.h>
#include <stdlib.h>

#include "noise.h"

enum { CHUNK = 30, MOST_OF_CHUNK = 400, MOST_OF_CLUSTER = 2000 };

static uint64_t poisson_chunk(struct random *r, double mean)
{
    double p = exp(-mean), f = p, u = noise_uniform(r);
    int k = 0;
    while (u > f && k < MOST_OF_CHUNK) {
        k++;
        p *= mean / k;
        f += p;
    }
    return (uint64_t)k;
}

uint64_t noise_poisson(struct random *r, double mean)
{
    uint64_t count = 0;
    while (mean > 0) {
        double chunk = fmin(mean, CHUNK);
        mean -= chunk;
        count += poisson_chunk(r, chunk);
    }
    return count;
}

/* The sizes of so many clusters together. */
static uint64_t sum_of_clusters(struct random *r, uint64_t clusters, double phi)
{
    double th = (phi - 1) / phi, single = -th / log(1 - th);
    uint64_t sum = 0;
    for (; clusters > 0; clusters--) {
        double p = single, f = p, u = noise_uniform(r);
        int k = 1;
        while (u > f && k < MOST_OF_CLUSTER) {
            k++;
            p *= th * (k - 1) / k;
            f += p;
        }
        sum += (uint64_t)k;
    }
    return sum;
}

uint64_t noise_bursty(struct random *r, double mean, double phi)
{
    if (phi <= 1.0001)
        return noise_poisson(r, mean);
    return sum_of_clusters(r, noise_poisson(r, mean * log(phi) / (phi - 1)), phi);
}

/* The distribution of one chunk: chance[i] is that of first + i or less. start[j] is an index not
 * above the first whose chance reaches j / STARTS. */
enum { STARTS = 1024 };
struct table {
    double mean;
    uint64_t first;
    size_t size;
    double *chance;
    uint32_t start[STARTS];
};
static struct table tables[3] = {{.mean = 300000}, {.mean = 3000}, {.mean = CHUNK}};

static bool make_table(struct table *t)
{
    bool exact = t->mean <= CHUNK; /* from 0 on and by the sums of poisson_chunk, to the last bit */
    double half = 12 * sqrt(t->mean);
    t->first = exact ? 0 : (uint64_t)(t->mean - half);
    t->size = exact ? MOST_OF_CHUNK + 1 : (size_t)(2 * half);
    t->chance = malloc(t->size * sizeof *t->chance);
    if (t->chance == NULL)
        return false;
    double first = (double)t->first;
    double p = exact ? exp(-t->mean) : exp(first * log(t->mean) - t->mean - lgamma(first + 1));
    double sum = 0;
    for (size_t i = 0; i < t->size; i++) {
        if (i > 0)
            p *= t->mean / (double)(t->first + i);
        t->chance[i] = sum += p;
    }
    size_t at = 0;
    for (uint32_t j = 0; j < STARTS; j++) {
        while (at + 1 < t->size && t->chance[at] < (double)j / STARTS)
            at++;
        t->start[j] = (uint32_t)at;
    }
    return true;
}

bool noise_tables(void)
{
    for (size_t i = 0; i < HA_COUNT(tables); i++)
        if (tables[i].chance == NULL && !make_table(&tables[i]))
            return false;
    return true;
}

static uint64_t draw(const struct table *t, struct random *r)
{
    double u = noise_uniform(r);
    size_t i = t->start[(size_t)(u * STARTS)];
    while (i + 1 < t->size && u > t->chance[i])
        i++;
    return t->first + i;
}

uint64_t noise_poisson_fast(struct random *r, double mean)
{
    uint64_t count = 0;
    for (size_t i = 0; i < HA_COUNT(tables); i++) {
        const struct table *t = &tables[i];
        for (; mean >= t->mean; mean -= t->mean)
            count += draw(t, r);
    }
    return mean > 0 ? count + poisson_chunk(r, mean) : count;
}

uint64_t noise_bursty_fast(struct random *r, double mean, double phi)
{
    if (phi <= 1.0001)
        return noise_poisson_fast(r, mean);
    return sum_of_clusters(r, noise_poisson_fast(r, mean * log(phi) / (phi - 1)), phi);
}

double noise_normal(struct random *r)
{
    double u = 1 - noise_uniform(r); /* above 0 */
    double angle = 2 * 3.14159265358979323846 * noise_uniform(r);
    return sqrt(-2 * log(u)) * cos(angle);
}

double noise_gamma(struct random *r, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = noise_normal(r), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(1 - noise_uniform(r)) < .5 * x * x + d - d * v + d * log(v))
            return d * v / shape;
    }
}
