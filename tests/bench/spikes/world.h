/* world.h - minutes of made-up services in which nothing is wrong: errors and good requests with
 * seasons, trends, surges, gaps and noise of several laws. */
#ifndef HTTPANNOTATE_BENCH_WORLD_H
#define HTTPANNOTATE_BENCH_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "random.h"

enum { DAY = 1440, WEEK = 7 * DAY };

/* What a service is like. */
struct scenery {
    const char *name;
    double phi;           /* variance by mean of the errors of a minute */
    double traffic_swing; /* traffic goes with exp(swing sin(day)) */
    double error_swing;   /* the same of errors alone */
    double weekend;       /* factor of traffic on two days of seven */
    bool errors_flat;     /* errors do not follow traffic */
    double trend;         /* factor of the errors in seven days */
    double wobble;        /* sd of the logarithm of the error rate, with a memory of 30 minutes */
    double
        multiplicative;  /* squared coefficient of variation of the error rate, minute by minute */
    double surges, gaps; /* a day: traffic 3, 5 or 10 times for 5 to 60 minutes; 10 to 360 silent */
};
/* N0 to N11. */
extern const struct scenery sceneries[];
enum { SCENERIES = 12 };

/* Errors a minute. */
extern const double world_rates[];
enum { WORLD_RATES = 11 };

struct world {
    const struct scenery *is;
    struct random r;
    double rate, good_rate, phase, traffic_norm, error_norm, wobble;
    int surge_left, gap_left, minute;
    double surge;
};
struct world_minute {
    uint64_t errors, good;
    bool gap;
};

/* One service with that many errors a minute; errors by good requests: from 1 in 1000 to 1 in 5, or
 * as given. noise_tables must have been called. */
void world_init(struct world *w, const struct scenery *is, double rate, double ratio,
                uint64_t seed);
struct world_minute world_next(struct world *w);

/* The same minute with the errors' rate multiplied and added to: what an incident does. */
struct world_minute world_next_with(struct world *w, double factor, double more);

#endif
