/* compare.c - the detector beside others on the same minutes: the table of README.md.
 *
 *     compare [--seed N] [--check FILE]       --check: every row must stand in FILE
 *
 * Each of the others is shown as it is often set, and at the lowest threshold that keeps every
 * scenario without surges at no more than one false alert in 7 days, the mean over all rates; where
 * none does, at the one whose worst scenario is the least bad. For all, an alarm within 30 minutes
 * of the last one belongs to the same alert. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mc.h"
#include "noise.h"
#include "rivals.h"
#include "world.h"

enum { SERIES = 5, DAYS = 8, SPIKES = 500, SAME_ALERT = 30, WITHIN = 7, CELLS = 8 };
enum { USUAL, BEST, SETTINGS };
enum { NULL_PART = 11, SPIKE_PART = 12, SURGES = 7, ALL_AT_ONCE = 11 };

static const struct {
    double base, factor;
} cells[CELLS] = {{.3, 10}, {1, 5}, {1, 10}, {3, 5}, {3, 10}, {10, 3}, {10, 5}, {100, 3}};

struct comparison {
    const struct mc *m;
    uint64_t alerts[SCENERIES][WORLD_RATES][RIVALS][RIVAL_THRESHOLDS];
    size_t chosen[RIVALS][SETTINGS];
    uint64_t within_2[CELLS][RIVALS][SETTINGS], within_7[CELLS][RIVALS][SETTINGS];
};

/* One method at one threshold; own alerts come as alerts, the others' are joined here. */
struct watch {
    struct rival_state state;
    int64_t last; /* alarm */
};

static bool is_alert(const struct rival *r, struct watch *w, int64_t minute,
                     const struct world_minute *m)
{
    if (!r->minute(&w->state, (double)m->errors, (double)m->good))
        return false;
    bool fresh = r == &rivals[RIVALS - 1] || minute - w->last > SAME_ALERT;
    w->last = minute;
    return fresh;
}

static void watch_init(struct watch *w, double threshold)
{
    rival_init(&w->state, threshold);
    w->last = -SAME_ALERT - 1;
}

static void null_job(void *context, size_t i)
{
    struct comparison *c = context;
    size_t scenery = i % SCENERIES, rate = WORLD_RATES - 1 - i / SCENERIES;
    for (uint64_t s = 0; s < SERIES; s++) {
        struct watch watches[RIVALS][RIVAL_THRESHOLDS];
        struct world w;
        world_init(&w, &sceneries[scenery], world_rates[rate], 0, mc_seed(c->m, NULL_PART, i, s));
        for (size_t r = 0; r < RIVALS; r++)
            for (size_t t = 0; t < RIVAL_THRESHOLDS && rivals[r].thresholds[t] > 0; t++)
                watch_init(&watches[r][t], rivals[r].thresholds[t]);
        for (int64_t minute = 0; minute < DAYS * DAY; minute++) {
            struct world_minute m = world_next(&w);
            for (size_t r = 0; r < RIVALS; r++)
                for (size_t t = 0; t < RIVAL_THRESHOLDS && rivals[r].thresholds[t] > 0; t++)
                    c->alerts[scenery][rate][r][t] +=
                        is_alert(&rivals[r], &watches[r][t], minute, &m) && minute >= DAY;
        }
    }
}

/* False alerts in 7 days, the mean over all rates. */
static double false_alerts(const struct comparison *c, size_t scenery, size_t rival, size_t t)
{
    uint64_t alerts = 0;
    for (size_t r = 0; r < WORLD_RATES; r++)
        alerts += c->alerts[scenery][r][rival][t];
    return (double)alerts / (SERIES * WORLD_RATES * ((DAYS - 1) / 7.0));
}

/* The scenario without surges that has the most. */
static double worst_of(const struct comparison *c, size_t rival, size_t t)
{
    double worst = 0;
    for (size_t s = 0; s < SCENERIES; s++)
        if (s != SURGES && s != ALL_AT_ONCE)
            worst = fmax(worst, false_alerts(c, s, rival, t));
    return worst;
}

static void calibrate(struct comparison *c)
{
    for (size_t r = 0; r < RIVALS; r++) {
        double least = INFINITY;
        for (size_t t = 0; t < RIVAL_THRESHOLDS && rivals[r].thresholds[t] > 0; t++) {
            double worst = worst_of(c, r, t);
            if (rivals[r].thresholds[t] <= rivals[r].usual)
                c->chosen[r][USUAL] = t;
            if (least > 1 && worst < least) {
                least = worst;
                c->chosen[r][BEST] = t;
            }
        }
    }
}

/* Spikes of 5 minutes, after a day of a service with a daily season. */
static void spike_job(void *context, size_t i)
{
    struct comparison *c = context;
    enum { SPIKE_MINUTES = 5 };
    static const struct scenery season = {
        .phi = 1.5, .traffic_swing = .7, .weekend = 1, .trend = 1};
    for (uint64_t s = 0; s < SPIKES; s++) {
        struct watch watches[RIVALS][SETTINGS];
        struct world w;
        bool told[RIVALS][SETTINGS] = {{false}};
        world_init(&w, &season, cells[i].base, .01, mc_seed(c->m, SPIKE_PART, i, s));
        for (size_t r = 0; r < RIVALS; r++)
            for (size_t k = 0; k < SETTINGS; k++)
                watch_init(&watches[r][k], rivals[r].thresholds[c->chosen[r][k]]);
        for (int64_t minute = -DAY; minute < WITHIN; minute++) {
            bool on = minute >= 0 && minute < SPIKE_MINUTES;
            struct world_minute m = world_next_with(&w, on ? cells[i].factor : 1, 0);
            for (size_t k = 0; k < RIVALS * SETTINGS; k++) {
                size_t r = k / SETTINGS, setting = k % SETTINGS;
                if (!is_alert(&rivals[r], &watches[r][setting], minute + DAY, &m) || minute < 0 ||
                    told[r][setting])
                    continue;
                told[r][setting] = true;
                c->within_2[i][r][setting] += minute < 2;
                c->within_7[i][r][setting]++;
            }
        }
    }
}

static void row_of(const struct comparison *c, size_t r, size_t setting, char *to, size_t size)
{
    char threshold[24];
    size_t t = c->chosen[r][setting];
    snprintf(threshold, sizeof threshold, rivals[r].threshold_name, rivals[r].thresholds[t]);
    int n = snprintf(to, size, "| %s | %s | %.2f | %.2f | %.2f |", rivals[r].name, threshold,
                     worst_of(c, r, t), false_alerts(c, SURGES, r, t),
                     false_alerts(c, ALL_AT_ONCE, r, t));
    for (size_t i = 0; i < CELLS; i++)
        n += snprintf(to + n, size - (size_t)n, " %.0f / %.0f |",
                      100.0 * (double)c->within_2[i][r][setting] / SPIKES,
                      100.0 * (double)c->within_7[i][r][setting] / SPIKES);
}

static bool stands_in(const char *path, const char *row)
{
    char line[1024];
    bool found = false;
    FILE *f = fopen(path, "r");
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strcmp(line, row) == 0;
    }
    if (f != NULL)
        fclose(f);
    return found;
}

/* Prints a row; false when it does not stand in the file. */
static bool put(const char *row, const char *check)
{
    puts(row);
    if (check == NULL || stands_in(check, row))
        return true;
    fprintf(stderr, "%s has no such row\n", check);
    return false;
}

static bool print(const struct comparison *c, const char *check)
{
    char row[512];
    int n = snprintf(row, sizeof row, "| method | threshold | worst | surges | all at once |");
    for (size_t i = 0; i < CELLS; i++)
        n += snprintf(row + n, sizeof row - (size_t)n, " %g x%g |", cells[i].base, cells[i].factor);
    bool stands = put(row, check);
    stands &= put("|---|---|---:|---:|---:|---|---|---|---|---|---|---|---|", check);
    for (size_t r = 0; r < RIVALS; r++)
        for (size_t setting = 0; setting < SETTINGS; setting++) {
            if (setting == BEST && c->chosen[r][BEST] == c->chosen[r][USUAL])
                continue;
            row_of(c, r, setting, row, sizeof row);
            stands &= put(row, check);
        }
    return stands;
}

int main(int argc, char **argv)
{
    static struct comparison c;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct mc m = {.seed = 1, .threads = cores < 1 ? 1 : (unsigned)cores};
    const char *check = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--check") == 0)
            check = argv[i + 1];
        else
            m.seed = strtoull(argv[i + 1], NULL, 10);
    }
    if (!noise_tables())
        return 2;
    c.m = &m;
    mc_run(&m, (size_t)SCENERIES * WORLD_RATES, null_job, &c);
    calibrate(&c);
    mc_run(&m, CELLS, spike_job, &c);
    return print(&c, check) ? 0 : 1;
}
