/* mc_shapes.c - incidents of several shapes: each told once, or as often as there is news. */
#include "mc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "feed.h"
#include "world.h"

enum { INCIDENTS = 200, TAIL = 100, BASES = 3, PART = 4 };
static const double bases[BASES] = {3, 10, 30};
static const double noise = 1.5;

/* The factor of the errors' rate t minutes after the incident began. */
static double box(int t)
{
    return t < 60 ? 10 : 1;
}

static double ramp(int t)
{
    return t < 10 ? 1 + .4 * (t + 1) : t < 40 ? 5 : 1;
}

static double decay(int t)
{
    return t < 60 ? 1 + 19 * exp(-t / 10.0) : 1;
}

static double flapping(int t)
{
    return t < 24 && t % 8 < 3 ? 10 : 1;
}

static double step(int t)
{
    return t < 360 ? 8 : 1;
}

static double worse(int t)
{
    return t < 20 ? 5 : t < 40 ? 60 : 1;
}

static double two(int t)
{
    return t < 10 || (t >= 130 && t < 140) ? 10 : 1;
}

static const struct shape {
    const char *name;
    double (*factor)(int t);
    int minutes;
    uint64_t alerts; /* wanted */
} shapes[] = {
    {"box x10, 60 min", box, 60, 1},          {"ramp to x5 in 10 min", ramp, 40, 1},
    {"decay from x20, tau 10", decay, 60, 1}, {"flapping 3 x (3 on, 5 off)", flapping, 24, 1},
    {"step x8, 6 hours", step, 360, 1},       {"worse: x5, then x60", worse, 40, 2},
    {"two x10, 2 h apart", two, 140, 2}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct told {
    uint64_t incidents, found, alerts, as_wanted, more, ends;
    uint64_t end_near; /* ends at most 3 minutes off */
};
struct all {
    const struct mc *m;
    uint64_t incidents;
    struct told of[SHAPES][BASES];
};
struct trial {
    int64_t start, end;
    uint64_t alerts;
};

static void heed(void *to, const struct feed_event *e)
{
    struct trial *t = to;
    if (e->told < t->start)
        return;
    t->alerts += e->kind == HA_SPIKE_START || e->kind == HA_SPIKE_WORSE;
    if (e->kind == HA_SPIKE_END && t->alerts > 0)
        t->end = e->end;
}

static void job(void *context, size_t i)
{
    struct all *all = context;
    const struct shape *s = &shapes[i % SHAPES];
    struct told *o = &all->of[i % SHAPES][i / SHAPES];
    const struct scenery flat = {.phi = noise, .weekend = 1, .trend = 1};
    for (uint64_t n = 0; n < all->incidents; n++) {
        struct world w;
        struct feed f;
        struct trial t = {.start = DAY, .end = -1};
        world_init(&w, &flat, bases[i / SHAPES], .01, mc_seed(all->m, PART, i, n));
        feed_init(&f);
        for (int at = -DAY; at < s->minutes + TAIL; at++) {
            struct world_minute m = world_next_with(&w, at >= 0 ? s->factor(at) : 1, 0);
            feed_minute(&f, m.errors, m.good, heed, &t);
        }
        o->incidents++;
        o->found += t.alerts > 0;
        o->alerts += t.alerts;
        o->as_wanted += t.alerts == s->alerts;
        o->more += t.alerts > s->alerts;
        o->ends += t.end >= 0;
        o->end_near += t.end >= 0 && llabs(t.end - DAY - s->minutes) <= 3;
    }
}

static void judge(struct mc *m, const struct shape *s, double base, const struct told *o)
{
    mc_share_at_least(m, s->name, base, "% told", o->found, o->incidents, .99);
    mc_share_at_most(m, s->name, base, "% told once too often", o->more, o->incidents, .02);
    if (s->alerts > 1)
        mc_share_at_least(m, s->name, base, "% told twice", o->as_wanted, o->incidents, .95);
    else
        mc_value_at_most(m, s->name, base, "alerts for one", (double)o->alerts / (double)o->found,
                         m->quick ? 1.05 : 1.02);
    if (s->factor == box) /* more than half of them: the median is */
        mc_share_at_least(m, s->name, base, "% end at most 3 off", o->end_near, o->ends, .5);
}

void mc_shapes(struct mc *m)
{
    struct all *all = calloc(1, sizeof *all);
    if (all == NULL) {
        fputs("no memory\n", stderr);
        m->missed++;
        return;
    }
    all->m = m;
    all->incidents = m->quick ? 20 : INCIDENTS;
    mc_run(m, (size_t)SHAPES * BASES, job, all);
    for (size_t s = 0; s < SHAPES; s++)
        for (size_t b = 0; b < BASES; b++)
            judge(m, &shapes[s], bases[b], &all->of[s][b]);
    free(all);
}
