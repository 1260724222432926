/* usual.c - what is usual in a group, learned from buckets that are no part of an incident. */
#include "usual.h"

#include <math.h>

#define SHRINK  3.0  /* events by which the hour leans on the day */
#define OUTLIER 30.0 /* an incident's bucket counts as so many variances at most */
#define TRAFFIC 2.0  /* good requests added to both sides of the traffic's factor */
#define SURGE   2.0
enum {
    BLOCK = 10,
    SURGES = 60, /* a surge of traffic is not learned for so long */
};

struct usual usual_of(const struct ha_spike_group *g)
{
    double day = (g->day_errors + 1) / (g->day_buckets + 1);
    return (struct usual){(g->hour_errors + SHRINK) / (g->hour_buckets + SHRINK / day),
                          g->hour_errors + fmin(SHRINK, g->day_errors + 1),
                          g->hour_good / fmax(g->hour_buckets, 1e-9)};
}

double usual_factor(double good, double usual_good)
{
    return fmax(1, (good + TRAFFIC) / (usual_good + TRAFFIC));
}

double usual_phi(const struct ha_spike_group *g)
{
    return fmax(g->var / g->var_mean, PHI_LEAST);
}

double usual_errors(const struct ha_spike_group *g, unsigned slot, const struct usual *u)
{
    return bit(g->silent, slot) ? 0 : u->mu * usual_factor(g->good[slot], u->good);
}

static void learn_block(struct ha_spike_group *g, const struct usual *u, double errors, double good)
{
    if (g->block_count == 0) {
        g->block_mu = g->next_mu;
        g->block_good = g->next_good;
        g->next_mu = u->mu;
        g->next_good = u->good;
    }
    g->block_errors += errors;
    g->block_expected += g->block_mu * usual_factor(good, g->block_good);
    if (++g->block_count < BLOCK)
        return;
    double m = fmax(g->block_expected, 1e-9);
    double weight = g->block_mu > 0 ? 1 : 0; /* the first block has no baseline of its own */
    double off = g->block_errors - m;
    double most = OUTLIER * fmax(g->block_var / g->block_mean, PHI_LEAST) * fmax(m, 1);
    double e2 = fmin(fmax(off * off - usual_phi(g) * m * m / fmax(u->evidence, 1), 0), most);
    double keep = 1 - BLOCK / WEEK;
    g->block_var = g->block_var * keep + PHI_PRIOR * PHI_WEIGHT * (1 - keep) + weight * e2;
    g->block_mean = g->block_mean * keep + PHI_WEIGHT * (1 - keep) + weight * m;
    g->block_errors = g->block_expected = 0;
    g->block_count = 0;
}

void usual_learn(struct ha_spike_group *g, int64_t bucket)
{
    unsigned i = slot(bucket);
    double errors = g->errors[i], good = g->good[i];
    bool excluded = bit(g->excluded, i), usable = !excluded;
    if (excluded && bit(g->silent, i))
        return; /* nothing can be learned from it */
    struct usual u = usual_of(g);
    bool history = g->hour_buckets >= LEAST_HISTORY;
    double f = g->hour_buckets > 0 ? usual_factor(good, u.good) : 1;
    bool surge = f >= SURGE && history;
    if (usable) {
        g->surges = surge ? g->surges + 1 : 0;
        if (surge && g->surges <= SURGES)
            usable = false;
    }
    double m = u.mu * f, d2 = (errors - m) * (errors - m);
    if (history && (usable || excluded)) {
        if (excluded)
            d2 = fmin(d2, OUTLIER * usual_phi(g) * fmax(m, 1));
        double keep = 1 - 1 / WEEK;
        g->var = g->var * keep + PHI_PRIOR * PHI_WEIGHT * (1 - keep) + d2;
        g->var_mean = g->var_mean * keep + PHI_WEIGHT * (1 - keep) + m;
    }
    if (!usable)
        return;
    if (history)
        learn_block(g, &u, errors, good);
    double hour = 1 - 1 / HOUR, day = 1 - 1 / DAY;
    g->hour_errors = g->hour_errors * hour + errors;
    g->hour_buckets = g->hour_buckets * hour + 1;
    g->hour_good = g->hour_good * hour + good;
    g->day_errors = g->day_errors * day + errors;
    g->day_buckets = g->day_buckets * day + 1;
}
