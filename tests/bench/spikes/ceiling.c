/* ceiling.c - see ceiling.h. */
#include "ceiling.h"

#include <math.h>

static double chance_of(double k, double mean, double phi)
{
    if (phi <= 1)
        return exp(k * log(mean) - mean - lgamma(k + 1));
    double size = mean / (phi - 1);
    return exp(lgamma(k + size) - lgamma(size) - lgamma(k + 1) - size * log(phi) +
               k * log(1 - 1 / phi));
}

/* The chance of k or more; summed upwards until nothing is added. */
static double tail_of(double k, double mean, double phi)
{
    double sum = 0;
    for (double i = k;; i++) {
        double p = chance_of(i, mean, phi);
        sum += p;
        if (i > mean && p < 1e-18)
            return sum;
    }
}

double ceiling_of(double base, double factor, int n, double phi)
{
    const double level = n / 10080.0;
    double mean = base * n, raised = mean * factor;
    double k = ceil(mean);
    double tail = tail_of(k, mean, phi);
    while (tail > level) /* the least count that chance alone reaches seldom enough */
        tail -= chance_of(k++, mean, phi);
    double edge = chance_of(k - 1, mean, phi);
    double share = (level - tail) / edge;
    return tail_of(k, raised, phi) + fmin(fmax(share, 0), 1) * chance_of(k - 1, raised, phi);
}
