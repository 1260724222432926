/* mc.h - the Monte Carlo on buckets: its parts, and the table they print. */
#ifndef HTTPANNOTATE_BENCH_MC_H
#define HTTPANNOTATE_BENCH_MC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mc {
    uint64_t seed;
    bool quick; /* fewer series and spikes; targets give way by three standard errors */
    bool all;   /* figures without a target too */
    unsigned threads;
    unsigned rows, missed;
};

/* Runs job 0 to count - 1, each once, on so many threads. A job's numbers depend on its own seed
 * alone. */
void mc_run(const struct mc *m, size_t count, void (*job)(void *context, size_t i), void *context);

/* A seed for one series: other for each of part, cell and series. */
uint64_t mc_seed(const struct mc *m, uint64_t part, uint64_t cell, uint64_t series);

/* Rows of the table: scenario, base rate, metric, value, target, ok. base below 0: none. */
void mc_share_at_least(struct mc *m, const char *scenario, double base, const char *metric,
                       uint64_t hits, uint64_t of, double target);
void mc_share_at_most(struct mc *m, const char *scenario, double base, const char *metric,
                      uint64_t hits, uint64_t of, double target);
/* A count of rare events in so many units (weeks, series), against so many a unit. */
void mc_rate_at_most(struct mc *m, const char *scenario, double base, const char *metric,
                     uint64_t events, double units, double target);
void mc_value_at_most(struct mc *m, const char *scenario, double base, const char *metric,
                      double value, double target);
/* No target: printed with --all, or when shown is true. */
void mc_value(struct mc *m, const char *scenario, double base, const char *metric, double value,
              bool shown);

void mc_null(struct mc *m);   /* false alarms, cold start */
void mc_find(struct mc *m);   /* spikes found, by rate, factor, duration and noise */
void mc_shapes(struct mc *m); /* incidents of several shapes, alerts for each */

#endif
