/* world.c - see world.h. */
#include "world.h"

#include <math.h>

#include "noise.h"

#define PI 3.14159265358979323846

const struct scenery sceneries[SCENERIES] = {
    {.name = "N0 flat Poisson", .phi = 1, .weekend = 1, .trend = 1},
    {.name = "N1 flat NB phi=2", .phi = 2, .weekend = 1, .trend = 1},
    {.name = "N2 flat NB phi=4", .phi = 4, .weekend = 1, .trend = 1},
    {.name = "N3 day 4:1, weekend, tied",
     .phi = 1.5,
     .traffic_swing = .7,
     .weekend = .5,
     .trend = 1},
    {.name = "N4 day 4:1 errors alone", .phi = 1.5, .error_swing = .7, .weekend = 1, .trend = 1},
    {.name = "N5 day 4:1 traffic alone",
     .phi = 1.5,
     .traffic_swing = .7,
     .weekend = 1,
     .errors_flat = true,
     .trend = 1},
    {.name = "N6 trend x4 in 7 days", .phi = 1.5, .weekend = 1, .trend = 4},
    {.name = "N7 surges x3-10, 3/day", .phi = 1.5, .weekend = 1, .trend = 1, .surges = 3},
    {.name = "N8 gaps 10-360 min, 2/day", .phi = 1.5, .weekend = 1, .trend = 1, .gaps = 2},
    {.name = "N9 wobble sd .25 tau 30", .phi = 1.5, .weekend = 1, .trend = 1, .wobble = .25},
    {.name = "N10 multiplicative CV .3",
     .phi = 1.2,
     .weekend = 1,
     .trend = 1,
     .multiplicative = .09},
    {.name = "N11 all at once",
     .phi = 2,
     .traffic_swing = .6,
     .weekend = .5,
     .trend = 2,
     .surges = 1.5,
     .gaps = .5,
     .wobble = .15,
     .multiplicative = .02},
};
const double world_rates[WORLD_RATES] = {.01, .03, .1, .3, 1, 3, 10, 30, 100, 300, 1000};

/* The mean of exp(x sin t) over a period: the modified Bessel function I0. */
static double mean_of_season(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; k < 20; k++) {
        term *= x * x / 4 / (k * k);
        sum += term;
    }
    return sum;
}

void world_init(struct world *w, const struct scenery *is, double rate, double ratio, uint64_t seed)
{
    *w = (struct world){.is = is, .r = {seed}, .rate = rate, .surge = 1};
    double any = exp(log(.001) + noise_uniform(&w->r) * log(.2 / .001));
    w->good_rate = rate / (ratio > 0 ? ratio : any);
    w->phase = noise_uniform(&w->r) * DAY;
    w->traffic_norm = mean_of_season(is->traffic_swing);
    w->error_norm = mean_of_season(is->error_swing);
    w->wobble = is->wobble > 0 ? noise_normal(&w->r) * is->wobble : 0;
}

static double traffic_now(struct world *w)
{
    const struct scenery *is = w->is;
    double at = w->minute + w->phase;
    double traffic = exp(is->traffic_swing * sin(2 * PI * at / DAY)) / w->traffic_norm;
    if ((int)(at / DAY) % 7 >= 5)
        traffic *= is->weekend;
    if (is->surges > 0) {
        static const double sizes[] = {3, 5, 10};
        if (w->surge_left == 0 && noise_uniform(&w->r) < is->surges / DAY) {
            w->surge_left = 5 + (int)random_below(&w->r, 56);
            w->surge = sizes[random_below(&w->r, 3)];
        }
        if (w->surge_left > 0) {
            traffic *= w->surge;
            w->surge_left--;
        }
    }
    return traffic;
}

struct world_minute world_next_with(struct world *w, double factor, double more)
{
    enum { WOBBLE_MEMORY = 30 };
    const struct scenery *is = w->is;
    double traffic = traffic_now(w);
    double errors = w->rate;
    if (is->error_swing > 0)
        errors *= exp(is->error_swing * sin(2 * PI * (w->minute + w->phase) / DAY)) / w->error_norm;
    if (!is->errors_flat)
        errors *= traffic;
    if (is->trend > 1)
        errors *= pow(is->trend, (double)w->minute / WEEK);
    if (is->wobble > 0) {
        double keep = exp(-1.0 / WOBBLE_MEMORY);
        w->wobble = keep * w->wobble + is->wobble * sqrt(1 - keep * keep) * noise_normal(&w->r);
        errors *= exp(w->wobble - is->wobble * is->wobble / 2);
    }
    errors = errors * factor + more;
    if (is->multiplicative > 0)
        errors *= noise_gamma(&w->r, 1 / is->multiplicative);
    struct world_minute m = {.errors = noise_bursty_fast(&w->r, errors, is->phi)};
    m.good = noise_poisson_fast(&w->r, w->good_rate * traffic);
    if (is->gaps > 0) {
        if (w->gap_left == 0 && noise_uniform(&w->r) < is->gaps / DAY)
            w->gap_left = 10 + (int)random_below(&w->r, 351);
        if (w->gap_left > 0) {
            m = (struct world_minute){.gap = true};
            w->gap_left--;
        }
    }
    w->minute++;
    return m;
}

struct world_minute world_next(struct world *w)
{
    return world_next_with(w, 1, 0);
}
