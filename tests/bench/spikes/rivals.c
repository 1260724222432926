/* rivals.c - see rivals.h.
 *
 * All are given what helps: at least 5 errors, an hour's memory, and for CUSUM and GLR a baseline
 * that leaves the newest 15 minutes out. */
#include "rivals.h"

#include <math.h>

enum { LEAST_ERRORS = 5, GUARD = 15 };
static const double keep = 1 - 1.0 / 60;

void rival_init(struct rival_state *s, double threshold)
{
    *s = (struct rival_state){.threshold = threshold};
    feed_init(&s->feed);
}

/* So many errors a minute, as an alert rule has it. */
static bool count_minute(struct rival_state *s, double errors, double good)
{
    (void)good;
    return errors >= s->threshold;
}

/* The share of all requests in a minute of 120 or more: Netdata's web_log alarms (warning at 2 %,
 * critical at 5 % of 5xx). */
static bool share_minute(struct rival_state *s, double errors, double good)
{
    enum { LEAST_REQUESTS = 120 };
    return errors + good >= LEAST_REQUESTS && errors / (errors + good) >= s->threshold;
}

/* Mean and variance that forget exponentially (Roberts 1959), an alarm at so many standard
 * deviations, each taken as one error at least. */
static bool ewma_minute(struct rival_state *s, double errors, double good)
{
    enum { WARM_MINUTES = 15 };
    (void)good;
    double off = errors - s->mean;
    bool alarm = s->now++ >= WARM_MINUTES && errors >= LEAST_ERRORS &&
                 off > s->threshold * sqrt(fmax(s->var, 1));
    s->mean += (1 - keep) * off;
    s->var = keep * (s->var + (1 - keep) * off * off);
    return alarm;
}

/* Errors a minute as of 15 minutes ago; takes the minute into the ring. */
static double guarded_mean(struct rival_state *s, double errors)
{
    if (s->now >= GUARD) {
        s->errors = keep * s->errors + s->ring[(s->now - GUARD) % RIVAL_RING];
        s->minutes = keep * s->minutes + 1;
    }
    s->ring[s->now++ % RIVAL_RING] = errors;
    return (s->errors + 1) / (s->minutes + 1);
}

/* Cumulative sums of the log-likelihood ratio of three times the usual rate, Poisson (Page 1954;
 * Lucas 1985); from zero again after an alarm. */
static bool cusum_minute(struct rival_state *s, double errors, double good)
{
    (void)good;
    const double ratio = 3;
    double mean = guarded_mean(s, errors);
    s->sum = fmax(0, s->sum + errors * log(ratio) - mean * (ratio - 1));
    if (s->now <= 2 * GUARD || errors < 1 || s->sum <= s->threshold)
        return false;
    s->sum = 0;
    return true;
}

/* The largest log-likelihood ratio of the newest 1 to 15 minutes against the usual rate, Poisson:
 * what Poisson-FOCuS computes over all windows (Ward, Dilillo, Eckley, Fearnhead 2023). */
static bool glr_minute(struct rival_state *s, double errors, double good)
{
    (void)good;
    double mean = guarded_mean(s, errors), sum = 0, best = 0;
    for (int w = 1; w <= GUARD && w <= s->now; w++) {
        sum += s->ring[(s->now - w) % RIVAL_RING];
        if (sum >= LEAST_ERRORS && sum > w * mean)
            best = fmax(best, sum * log(sum / (w * mean)) - (sum - w * mean));
    }
    return s->now > 2 * GUARD && errors >= 1 && best > s->threshold;
}

static void heed(void *to, const struct feed_event *e)
{
    bool *told = to;
    *told |= e->kind == HA_SPIKE_START || e->kind == HA_SPIKE_WORSE;
}

static bool own_minute(struct rival_state *s, double errors, double good)
{
    s->told = false;
    feed_minute(&s->feed, (uint64_t)errors, (uint64_t)good, heed, &s->told);
    return s->told;
}

const struct rival rivals[RIVALS] = {
    {"errors a minute", "%g", count_minute, 20, {5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000}},
    {"share of requests", "%g", share_minute, .05, {.02, .05, .1, .15, .2, .3, .4, .5, .6, .7, .8}},
    {"EWMA + k sigma", "k = %g", ewma_minute, 4, {3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50}},
    {"Poisson CUSUM, x3", "%g", cusum_minute, 8, {4, 6, 8, 10, 15, 20, 30, 40, 60, 100, 200}},
    {"Poisson GLR", "%g", glr_minute, 10, {6, 8, 10, 12, 15, 20, 30, 50, 100, 200, 500}},
    {"**httpannotate**", "%g", own_minute, 9, {9}},
};
