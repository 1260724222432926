/* mc_find.c - spikes on a steady base: how many are found, how soon, told how often. */
#include "mc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ceiling.h"
#include "feed.h"
#include "world.h"

enum { SPIKES = 1000, TAIL = 100, FACTORS = 4, DURATIONS = 3, BASES = 11, PHIS = 3, PART = 2 };
enum { FOUND_WITHIN = 2, JUDGED_ENDS = 200, LONGEST = 30, ADDED = 3 };
static const double factors[FACTORS] = {2, 3, 5, 10};
static const int durations[DURATIONS] = {1, 5, LONGEST};
static const double phis[PHIS] = {1, 1.5, 2};
static const double bases[BASES] = {.3, 1, 3, 4, 5, 7, 10, 15, 20, 30, 100};
static const double added[ADDED] = {5, 10, 20}; /* from nothing */

/* What came of the spikes of one kind. Errors in minutes, by how many spikes: OFF below and above.
 */
enum { OFF = 20, ERRORS = 2 * OFF + 1 };
struct outcome {
    uint64_t spikes, within_1, within_2, found, twice, alerts;
    uint64_t onset[ERRORS], end[ERRORS];
};
struct finds {
    const struct mc *m;
    uint64_t spikes;
    struct outcome of[PHIS][BASES][FACTORS][DURATIONS], nothing[ADDED];
};

/* One spike as it is watched. */
struct trial {
    int64_t start;
    int64_t told, onset, end;
    uint64_t alerts;
};

static void heed(void *to, const struct feed_event *e)
{
    struct trial *t = to;
    if (e->told < t->start)
        return;
    if (e->kind == HA_SPIKE_START || e->kind == HA_SPIKE_WORSE) {
        if (t->alerts++ == 0) {
            t->told = e->told;
            t->onset = e->since;
        }
    } else if (e->kind == HA_SPIKE_END && t->alerts > 0 && t->end < 0) {
        t->end = e->end;
    }
}

static size_t error_slot(int64_t off)
{
    return (size_t)(off < -OFF ? 0 : off > OFF ? ERRORS - 1 : off + OFF);
}

/* Lets one spike happen from here on, in copies of the service and of what the detector knows. */
static void try_spike(struct world w, struct feed f, uint64_t seed, double factor, double more,
                      int minutes, struct outcome *o)
{
    struct trial t = {.start = f.minute, .told = -1, .end = -1};
    w.r.state = seed;
    for (int i = 0; i < minutes + TAIL; i++) {
        bool on = i < minutes;
        struct world_minute m = world_next_with(&w, on ? factor : 1, on ? more : 0);
        feed_minute(&f, m.errors, m.good, heed, &t);
    }
    int64_t delay = t.told - t.start + 1;
    bool found = t.alerts > 0 && delay <= minutes + FOUND_WITHIN;
    o->spikes++;
    o->within_1 += found && delay <= 1;
    o->within_2 += found && delay <= 2;
    o->found += found;
    if (!found)
        return;
    o->alerts += t.alerts;
    o->twice += t.alerts > 1;
    o->onset[error_slot(t.onset - t.start)]++;
    if (t.end >= 0)
        o->end[error_slot(t.end - t.start - minutes)]++;
}

static void warm_up(struct world *w, struct feed *f)
{
    struct trial nothing = {.start = INT64_MAX};
    feed_init(f);
    for (int t = 0; t < DAY; t++) {
        struct world_minute m = world_next(w);
        feed_minute(f, m.errors, m.good, heed, &nothing);
    }
}

static bool is_left_out(const struct mc *m, size_t base, size_t phi)
{
    return m->quick && (phi == 1 || (bases[base] != 1 && bases[base] != 5 && bases[base] != 20));
}

static void job(void *context, size_t i)
{
    struct finds *all = context;
    size_t phi = i % PHIS, base = BASES - 1 - i / PHIS;
    if (is_left_out(all->m, base, phi))
        return;
    struct scenery flat = {.phi = phis[phi], .weekend = 1, .trend = 1};
    for (uint64_t s = 0; s < all->spikes; s++) {
        struct world w;
        struct feed f;
        world_init(&w, &flat, bases[base], .01, mc_seed(all->m, PART, i, s));
        warm_up(&w, &f);
        for (size_t k = 0; k < FACTORS; k++)
            for (size_t d = 0; d < DURATIONS; d++)
                try_spike(w, f, random_next(&w.r), factors[k], 0, durations[d],
                          &all->of[phi][base][k][d]);
    }
}

/* From nothing: no error for a day, then so many a minute, Poisson. */
static void nothing_job(void *context, size_t i)
{
    struct finds *all = context;
    static const struct scenery flat = {.phi = 1, .weekend = 1, .trend = 1};
    for (uint64_t s = 0; s < all->spikes; s++) {
        struct world w;
        struct feed f;
        world_init(&w, &flat, 1, .01, mc_seed(all->m, PART + 1, i, s));
        w.rate = 0; /* the good requests stay */
        warm_up(&w, &f);
        try_spike(w, f, random_next(&w.r), 0, added[i], 5, &all->nothing[i]);
    }
}

static double median_of(const uint64_t *errors, uint64_t *of)
{
    uint64_t all = 0, sum = 0;
    for (size_t i = 0; i < ERRORS; i++)
        all += errors[i];
    *of = all;
    for (size_t i = 0; i < ERRORS; i++) {
        sum += errors[i];
        if (2 * sum >= all)
            return (double)i - OFF;
    }
    return 0;
}

/* Found within 1 or 2 minutes, for spikes of 5. */
static void judge_finds(struct mc *m, const char *name, double base, size_t phi, double factor,
                        const struct outcome *o)
{
    static const double x3_99[PHIS] = {15, 20, 30}, x10_99[PHIS] = {3, 1e9, 5};
    double most = ceiling_of(base, factor, 2, phis[phi]);
    if (factor == 5 && most >= .999)
        mc_share_at_least(m, name, base, "% within 2", o->within_2, o->spikes, .99);
    else if (factor == 5 && most >= .3)
        mc_share_at_least(m, name, base, "% within 2, of 0.6 x ceiling", o->within_2, o->spikes,
                          .6 * most);
    else if (factor == 3 && base >= x3_99[phi])
        mc_share_at_least(m, name, base, "% within 2", o->within_2, o->spikes, .99);
    else if (factor == 3 && base == 10 && phi == 0)
        mc_share_at_least(m, name, base, "% within 2", o->within_2, o->spikes, .985);
    else
        mc_value(m, name, base, "% within 2", 100 * (double)o->within_2 / (double)o->spikes, false);
    if (factor == 10 && base >= x10_99[phi])
        mc_share_at_least(m, name, base, "% within 1", o->within_1, o->spikes, .99);
    else
        mc_value(m, name, base, "% within 1", 100 * (double)o->within_1 / (double)o->spikes, false);
    if (factor == 5 && base == 1 && phi == 0)
        mc_share_at_least(m, name, base, "% found", o->found, o->spikes, .85);
}

/* A median of fewer ends says little. */
static void tell_cell(struct mc *m, const char *name, double base, const struct outcome *o)
{
    uint64_t of = 0;
    double onset = median_of(o->onset, &of), end = median_of(o->end, &of);
    mc_value(m, name, base, "% found", 100 * (double)o->found / (double)o->spikes, false);
    if (o->found == 0)
        return;
    mc_value(m, name, base, "alerts for one", (double)o->alerts / (double)o->found, false);
    mc_value(m, name, base, "onset off by, median", onset, false);
    if (of >= JUDGED_ENDS && base >= 1)
        mc_value_at_most(m, name, base, "end off by, median", fabs(end), 3);
    else if (of > 0)
        mc_value(m, name, base, "end off by, median", end, false);
}

static void pool(struct outcome *to, const struct outcome *from, double base)
{
    to->found += from->found;
    to->twice += from->twice;
    to->alerts += from->alerts;
    for (size_t i = 0; i < ERRORS; i++) {
        to->onset[i] += base >= 3 ? from->onset[i] : 0;
        to->end[i] += from->end[i];
    }
}

/* Of all rates together: alerts for each, and where it is said to begin and end. */
static void judge_telling(struct mc *m, const char *name, double factor, const struct outcome *o)
{
    uint64_t onsets = 0, ends = 0;
    double onset = median_of(o->onset, &onsets), end = median_of(o->end, &ends);
    uint64_t near = o->onset[OFF - 1] + o->onset[OFF] + o->onset[OFF + 1];
    if (o->found < 20)
        return;
    mc_value_at_most(m, name, -1, "alerts for one", (double)o->alerts / (double)o->found,
                     m->quick ? 1.05 : 1.02);
    mc_share_at_most(m, name, -1, "% with a second alert", o->twice, o->found, .02);
    if (factor >= 3) {
        mc_value_at_most(m, name, -1, "onset off by, median, base >= 3", fabs(onset), 0);
        mc_share_at_least(m, name, -1, "% onset within 1, base >= 3", near, onsets, .9);
    }
    mc_value_at_most(m, name, -1, "end off by, median", fabs(end), 3);
}

static void judge_nothing(struct mc *m, const struct finds *all)
{
    for (size_t a = 0; a < ADDED; a++) {
        const struct outcome *o = &all->nothing[a];
        char name[40];
        snprintf(name, sizeof name, "from nothing to %g", added[a]);
        if (added[a] >= 10) {
            mc_share_at_least(m, name, 0, "% within 1", o->within_1, o->spikes, .95);
            mc_share_at_least(m, name, 0, "% within 2", o->within_2, o->spikes, .999);
        } else {
            mc_value(m, name, 0, "% within 1", 100 * (double)o->within_1 / (double)o->spikes, true);
            mc_value(m, name, 0, "% within 2", 100 * (double)o->within_2 / (double)o->spikes, true);
        }
        mc_share_at_most(m, name, 0, "% with a second alert", o->twice, o->found, .02);
    }
}

/* Spikes of one noise, factor and duration, at every rate. */
static void judge_kind(struct mc *m, const struct finds *all, size_t phi, size_t factor,
                       size_t duration)
{
    struct outcome pooled = {0};
    char name[40];
    snprintf(name, sizeof name, "x%g, %d min, phi %g", factors[factor], durations[duration],
             phis[phi]);
    for (size_t b = 0; b < BASES; b++) {
        const struct outcome *o = &all->of[phi][b][factor][duration];
        if (o->spikes == 0)
            continue;
        if (durations[duration] == 5)
            judge_finds(m, name, bases[b], phi, factors[factor], o);
        tell_cell(m, name, bases[b], o);
        pool(&pooled, o, bases[b]);
    }
    judge_telling(m, name, factors[factor], &pooled);
}

void mc_find(struct mc *m)
{
    struct finds *all = calloc(1, sizeof *all);
    if (all == NULL) {
        fputs("no memory\n", stderr);
        m->missed++;
        return;
    }
    all->m = m;
    all->spikes = m->quick ? 60 : SPIKES;
    mc_run(m, (size_t)PHIS * BASES, job, all);
    mc_run(m, ADDED, nothing_job, all);
    for (size_t p = 0; p < PHIS; p++)
        for (size_t k = 0; k < FACTORS; k++)
            for (size_t d = 0; d < DURATIONS; d++)
                judge_kind(m, all, p, k, d);
    judge_nothing(m, all);
    free(all);
}
