/* mc_null.c - services in which nothing is wrong: how often is something told all the same? */
#include "mc.h"

#include <stdio.h>
#include <stdlib.h>

#include "feed.h"
#include "world.h"

enum { SERIES = 20, DAYS = 8, FRESH_SERIES = 60, FRESH_MINUTES = 30, PART = 1 };

struct cell {
    uint64_t alerts,
        fresh_alerts; /* after the first day; of young series, in their first minutes */
};
struct nulls {
    const struct mc *m;
    int series, days, step; /* every step-th rate */
    struct cell cells[SCENERIES][WORLD_RATES];
};

struct alerts {
    int64_t from; /* told in this minute or later */
    uint64_t count;
};

static void heed(void *to, const struct feed_event *e)
{
    struct alerts *a = to;
    a->count += (e->kind == HA_SPIKE_START || e->kind == HA_SPIKE_WORSE) && e->told >= a->from;
}

static uint64_t alerts_in(const struct nulls *n, size_t scenery, size_t rate, int series,
                          int64_t from, int64_t minutes)
{
    struct world w;
    struct feed f;
    struct alerts a = {.from = from};
    world_init(&w, &sceneries[scenery], world_rates[rate], 0,
               mc_seed(n->m, PART, scenery * WORLD_RATES + rate, (uint64_t)series));
    feed_init(&f);
    for (int64_t t = 0; t < minutes; t++) {
        struct world_minute m = world_next(&w);
        feed_minute(&f, m.errors, m.good, heed, &a);
    }
    return a.count;
}

static void job(void *context, size_t i)
{
    struct nulls *n = context;
    size_t scenery = i % SCENERIES, rate = WORLD_RATES - 1 - i / SCENERIES; /* the longest first */
    struct cell *c = &n->cells[scenery][rate];
    if (rate % (size_t)n->step != 0)
        return;
    for (int s = 0; s < n->series; s++)
        c->alerts += alerts_in(n, scenery, rate, s, DAY, n->days * DAY);
    for (int s = 0; s < FRESH_SERIES; s++)
        c->fresh_alerts += alerts_in(n, scenery, rate, SERIES + s, 0, FRESH_MINUTES);
}

void mc_null(struct mc *m)
{
    struct nulls *n = calloc(1, sizeof *n);
    if (n == NULL) {
        fputs("no memory\n", stderr);
        m->missed++;
        return;
    }
    *n = (struct nulls){.m = m,
                        .series = m->quick ? 4 : SERIES,
                        .days = m->quick ? 3 : DAYS,
                        .step = m->quick ? 3 : 1};
    mc_run(m, (size_t)SCENERIES * WORLD_RATES, job, n);
    double weeks = n->series * (n->days - 1) / 7.0;
    for (size_t s = 0; s < SCENERIES; s++) {
        uint64_t alerts = 0, fresh = 0, rates = 0;
        for (size_t r = 0; r < WORLD_RATES; r += (size_t)n->step, rates++) {
            alerts += n->cells[s][r].alerts;
            fresh += n->cells[s][r].fresh_alerts;
            mc_rate_at_most(m, sceneries[s].name, world_rates[r], "false alerts a week",
                            n->cells[s][r].alerts, weeks, 1.5);
        }
        mc_rate_at_most(m, sceneries[s].name, -1, "false alerts a week, all rates", alerts,
                        weeks * (double)rates, .6);
        mc_rate_at_most(m, sceneries[s].name, -1, "false alerts, first 30 min", fresh,
                        (double)(FRESH_SERIES * rates), .1);
    }
    free(n);
}
