/* mc_table.c - jobs on threads, and the rows of the table. */
#include "mc.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "random.h"

struct crew {
    atomic_size_t next;
    size_t count;
    void (*job)(void *context, size_t i);
    void *context;
};

static void *work(void *of)
{
    struct crew *c = of;
    for (;;) {
        size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->count)
            return NULL;
        c->job(c->context, i);
    }
}

void mc_run(const struct mc *m, size_t count, void (*job)(void *context, size_t i), void *context)
{
    enum { MOST = 64 };
    struct crew c = {.count = count, .job = job, .context = context};
    pthread_t threads[MOST];
    unsigned started = 0;
    while (started + 1 < m->threads && started < MOST &&
           pthread_create(&threads[started], NULL, work, &c) == 0)
        started++;
    work(&c);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

uint64_t mc_seed(const struct mc *m, uint64_t part, uint64_t cell, uint64_t series)
{
    const uint64_t parts[] = {part, cell, series};
    struct random r = {m->seed};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint64_t n = random_next(&r);
        r.state ^= n + parts[i];
    }
    return random_next(&r);
}

static void row(struct mc *m, const char *scenario, double base, const char *metric, double value,
                const char *sign, double target, bool ok)
{
    char rate[16] = "-";
    if (base >= 0)
        snprintf(rate, sizeof rate, "%g", base);
    m->rows++;
    m->missed += !ok;
    printf("%-27s %6s  %-34s %8.3f  %s %-8.4g %s\n", scenario, rate, metric, value, sign, target,
           ok ? "ok" : "MISSED");
}

/* Three standard errors of a share at its target in a quick run, which has few trials. */
static double slack(const struct mc *m, double target, uint64_t of)
{
    double p = fmin(fmax(target, .01), .99);
    return m->quick && of > 0 ? 3 * sqrt(p * (1 - p) / (double)of) : 0;
}

void mc_share_at_least(struct mc *m, const char *scenario, double base, const char *metric,
                       uint64_t hits, uint64_t of, double target)
{
    double value = of > 0 ? (double)hits / (double)of : 0;
    double bound = target - slack(m, target, of);
    row(m, scenario, base, metric, 100 * value, ">=", 100 * bound, of > 0 && value >= bound);
}

void mc_share_at_most(struct mc *m, const char *scenario, double base, const char *metric,
                      uint64_t hits, uint64_t of, double target)
{
    double value = of > 0 ? (double)hits / (double)of : 1;
    double bound = target + slack(m, target, of);
    row(m, scenario, base, metric, 100 * value, "<=", 100 * bound, of > 0 && value <= bound);
}

void mc_rate_at_most(struct mc *m, const char *scenario, double base, const char *metric,
                     uint64_t events, double units, double target)
{
    double bound = target + (m->quick ? 3 * sqrt(target / units) : 0);
    double value = (double)events / units;
    row(m, scenario, base, metric, value, "<=", bound, value <= bound);
}

void mc_value_at_most(struct mc *m, const char *scenario, double base, const char *metric,
                      double value, double target)
{
    row(m, scenario, base, metric, value, "<=", target, value <= target);
}

void mc_value(struct mc *m, const char *scenario, double base, const char *metric, double value,
              bool shown)
{
    char rate[16] = "-";
    if (base >= 0)
        snprintf(rate, sizeof rate, "%g", base);
    if (shown || m->all)
        printf("%-27s %6s  %-34s %8.3f  -\n", scenario, rate, metric, value);
}
