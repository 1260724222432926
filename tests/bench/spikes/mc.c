/* mc.c - tier 1 of the benchmark: the detector on made-up minutes, without a line of log.
 *
 *     mc [--quick] [--all] [--seed N] [--threads N]
 *
 * Prints rows of: scenario, base rate (errors a minute), metric, value, target, whether it holds.
 * Exit status 1 when a target is missed. */
#include "mc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ceiling.h"
#include "feed.h"
#include "noise.h"

static bool read_number(const char *text, uint64_t *to)
{
    char *end = NULL;
    errno = 0;
    *to = text == NULL ? 0 : strtoull(text, &end, 10);
    return text != NULL && end != text && *end == '\0' && errno == 0;
}

static bool read_options(struct mc *m, char **argv)
{
    for (; *argv != NULL; argv++) {
        uint64_t n = 0;
        if (strcmp(*argv, "--quick") == 0) {
            m->quick = true;
        } else if (strcmp(*argv, "--all") == 0) {
            m->all = true;
        } else if (strcmp(*argv, "--seed") == 0 && read_number(argv[1], &n)) {
            m->seed = n;
            argv++;
        } else if (strcmp(*argv, "--threads") == 0 && read_number(argv[1], &n)) {
            m->threads = (unsigned)n;
            argv++;
        } else {
            return false;
        }
    }
    return true;
}

static void heed_nothing(void *to, const struct feed_event *e)
{
    (void)to;
    (void)e;
}

/* Told, not judged: time says nothing on a machine that does other things too. */
static void tell_cost(struct mc *m)
{
    enum { BUCKETS = 1 << 16 };
    static uint64_t errors[BUCKETS];
    struct random r = {m->seed};
    struct feed f;
    feed_init(&f);
    for (size_t i = 0; i < BUCKETS; i++)
        errors[i] = noise_bursty_fast(&r, 10, 2);
    clock_t start = clock();
    for (size_t i = 0; i < BUCKETS; i++)
        feed_minute(&f, errors[i], 1000, heed_nothing, NULL);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    mc_value(m, "cost", 10, "ns of processor a bucket", seconds / BUCKETS * 1e9, true);
}

/* The ceilings against published figures of the same test. */
static void check_ceilings(struct mc *m)
{
    static const struct {
        double base, factor, phi, want;
        int n;
    } known[] = {{1, 5, 1, 64.2, 2}, {10, 3, 1, 99.9, 2}, {10, 3, 1.5, 96.8, 2},
                 {3, 5, 2, 23.3, 1}, {1, 10, 3, 43.0, 2}, {.1, 10, 1, 5.8, 1}};
    for (size_t i = 0; i < HA_COUNT(known); i++) {
        double off = 100 * ceiling_of(known[i].base, known[i].factor, known[i].n, known[i].phi) -
                     known[i].want;
        mc_value_at_most(m, "ceiling", known[i].base, "points off the published one",
                         off < 0 ? -off : off, .0501);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct mc m = {.seed = 1, .threads = cores < 1 ? 1 : (unsigned)cores};
    if (!read_options(&m, argv + 1)) {
        fputs("usage: mc [--quick] [--all] [--seed N] [--threads N]\n", stderr);
        return 2;
    }
    if (!noise_tables()) {
        fputs("no memory\n", stderr);
        return 2;
    }
    printf("%-27s %6s  %-34s %8s  %-11s ok\n", "scenario", "base", "metric", "value", "target");
    check_ceilings(&m);
    mc_null(&m);
    mc_find(&m);
    mc_shapes(&m);
    mc_value_at_most(&m, "memory", -1, "bytes of a group", (double)sizeof(struct ha_spike_group),
                     512);
    tell_cost(&m);
    printf("%u targets, %u missed; seed %llu\n", m.rows, m.missed, (unsigned long long)m.seed);
    return m.missed > 0 ? 1 : 0;
}
