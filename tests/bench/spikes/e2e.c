/* e2e.c - tier 2 of the benchmark: generated logs in, the program's spikes out, held against what
 * is known to have happened.
 *
 *     e2e --bin PROGRAM --scenarios FOLDER [--seeds FIRST-LAST] [--quick]
 *
 * --quick leaves out the longest logs, and the repetitions of the middling ones. Exit status 1 when
 * a target is missed. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "scenarios.h"

enum {
    RUNS = 128,
    SHUFFLE_S = 5,
    NEAR_S = 120,            /* a spike that begins so near to a true one is that one */
    BYTEWISE_BYTES = 100000, /* logs that are read byte by byte, at most */
    REPEATED_SEEDS = 2,      /* the others are read once */
    QUICK_BYTES = 20000000,
    QUICK_REPEATED_BYTES = 2000000,
};

struct bench {
    const char *bin, *folder;
    long first, last;
    bool quick, failed;
    struct scenarios scenarios;
    int runs, as_wanted, missed, false_alerts;
    size_t onsets, exact; /* spikes told, and those told to begin in the right minute */
    double ends[RUNS];    /* how far off each is said to end */
    size_t end_count;
    double group_days;
};

/* What came of one scenario. */
struct outcome {
    int runs, as_wanted, same, too_late;
    size_t exact;
    double onset[RUNS], end[RUNS], delay[RUNS];
    size_t onsets, ends, delays;
};

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median_of(double *list, size_t n)
{
    qsort(list, n, sizeof *list, by_value);
    return n % 2 == 1 ? list[n / 2] : (list[n / 2 - 1] + list[n / 2]) / 2;
}

/* The last thing that had begun in the group when the spike ended: where it should end. */
static const struct log_truth *last_before(const struct log *l, const struct reported *s)
{
    const struct log_truth *last = NULL;
    for (size_t i = 0; i < l->truth_count; i++)
        if (l->truth[i].group == s->group && l->truth[i].start_s < s->end_s)
            last = &l->truth[i];
    return last;
}

static bool is_true(const struct log *l, const struct reported *s)
{
    for (size_t i = 0; i < l->truth_count; i++)
        if (l->truth[i].group == s->group && s->start_s < l->truth[i].end_s + NEAR_S &&
            s->end_s > l->truth[i].start_s)
            return true;
    return false;
}

/* The first spike of each group that has one, against the truth. */
static void judge_times(const struct log *l, const struct report *r, struct outcome *o)
{
    for (int g = 0; g < LOG_GROUPS; g++) {
        const struct log_truth *first = NULL;
        const struct reported *told = NULL;
        for (size_t i = l->truth_count; i > 0; i--)
            first = l->truth[i - 1].group == g ? &l->truth[i - 1] : first;
        for (size_t i = r->count; i > 0; i--)
            told = r->spikes[i - 1].group == g ? &r->spikes[i - 1] : told;
        if (first == NULL || told == NULL || o->onsets == RUNS)
            continue;
        o->onset[o->onsets++] = (double)(told->start_s - first->start_s);
        o->exact += told->start_s == first->start_s;
        const struct log_truth *last = last_before(l, told);
        if (!told->is_open && last != NULL)
            o->end[o->ends++] = (double)(told->end_s - last->end_s);
    }
}

static bool same_spikes(const struct report *a, const struct report *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = a->spikes[i].group == b->spikes[i].group &&
               a->spikes[i].start_s == b->spikes[i].start_s &&
               a->spikes[i].end_s == b->spikes[i].end_s;
    return same;
}

/* What was told while the log was read. */
struct heard {
    int alerts[LOG_GROUPS];
    int64_t first_s[LOG_GROUPS]; /* by the log's time; 0: nothing was told */
};

static struct heard heard_in(const struct report *r)
{
    struct heard h = {0};
    for (size_t i = 0; i < r->told_count; i++) {
        const struct told *t = &r->told[i];
        h.alerts[t->group] += t->withdrawn ? -1 : 1;
        if (!t->withdrawn && h.alerts[t->group] == 1)
            h.first_s[t->group] = t->time_s;
    }
    return h;
}

/* To the second, group by group: the commands of two groups may run in either order. */
static bool same_told(const struct report *a, const struct report *b)
{
    bool same = a->told_count == b->told_count;
    for (int group = 0; same && group < LOG_GROUPS; group++) {
        size_t j = 0;
        for (size_t i = 0; same && i < a->told_count; i++) {
            if (a->told[i].group != group)
                continue;
            while (j < b->told_count && b->told[j].group != group)
                j++;
            same = j < b->told_count && a->told[i].time_s == b->told[j].time_s &&
                   a->told[i].withdrawn == b->told[j].withdrawn;
            j++;
        }
    }
    return same;
}

/* Whether the report is the same however the log is read, and its spikes are when its lines are
 * shuffled a little. */
static bool repeat(struct bench *b, const struct log *l, const struct report *want,
                   const int alerts[LOG_GROUPS], bool *same)
{
    enum way ways[] = {IN_PIECES, IN_BYTES};
    size_t count = l->len <= BYTEWISE_BYTES ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        struct report again;
        if (!program_report(b->bin, l, ways[i], &again))
            return false;
        *same &= report_same(&again, want) && same_told(&again, want);
        report_free(&again);
    }
    struct log shuffled;
    struct report again;
    if (!log_shuffle(l, SHUFFLE_S, 7, &shuffled))
        return false;
    bool ok = program_report(b->bin, &shuffled, AS_FILE, &again);
    struct heard h = heard_in(&again);
    if (ok)
        *same &= same_spikes(&again, want) && h.alerts[0] == alerts[0] && h.alerts[1] == alerts[1];
    report_free(&again);
    log_free(&shuffled);
    return ok;
}

/* From the start of the first spike of each group that was told until it was. */
static void judge_delay(const struct scenario *s, const struct log *l, const struct heard *h,
                        struct outcome *o)
{
    for (int g = 0; g < LOG_GROUPS; g++) {
        const struct log_truth *first = NULL;
        for (size_t i = l->truth_count; i > 0; i--)
            first = l->truth[i - 1].group == g ? &l->truth[i - 1] : first;
        if (first == NULL || h->alerts[g] == 0 || o->delays == RUNS)
            continue;
        double delay = (double)(h->first_s[g] - first->start_s);
        o->delay[o->delays++] = delay;
        o->too_late += delay > (double)s->limit_s;
    }
}

static bool run_once(struct bench *b, const struct scenario *s, const struct log *l, bool once,
                     struct outcome *o)
{
    struct report r;
    bool same = true;
    if (!program_report(b->bin, l, AS_FILE, &r))
        return false;
    struct heard h = heard_in(&r);
    for (size_t i = 0; i < r.count; i++)
        b->false_alerts += !is_true(l, &r.spikes[i]);
    judge_times(l, &r, o);
    judge_delay(s, l, &h, o);
    o->runs++;
    o->as_wanted += h.alerts[0] == s->wanted[0] && h.alerts[1] == s->wanted[1];
    b->group_days += LOG_GROUPS * (double)l->minute_count / 1440;
    bool ok = once || repeat(b, l, &r, h.alerts, &same);
    o->same += same;
    report_free(&r);
    return ok;
}

static void tell(struct bench *b, const struct scenario *s, struct outcome *o)
{
    char onset[16] = "-", end[16] = "-", told[40] = "-";
    double onset_off = o->onsets > 0 ? median_of(o->onset, o->onsets) : 0;
    double end_off = o->ends > 0 ? median_of(o->end, o->ends) : 0;
    double delay = o->delays > 0 ? median_of(o->delay, o->delays) : 0; /* now sorted */
    bool ok = o->same == o->runs && o->too_late == 0 && fabs(onset_off) < 60;
    if (o->delays > 0)
        snprintf(told, sizeof told, "%.0f / %.0f (%ld)", delay, o->delay[o->delays - 1],
                 s->limit_s);
    if (o->onsets > 0)
        snprintf(onset, sizeof onset, "%+.0f", onset_off);
    if (o->ends > 0)
        snprintf(end, sizeof end, "%+.0f", end_off);
    printf("%-20s %4d %9d %5d %20s %8s %8s  %s\n", s->name, o->runs, o->as_wanted, o->same, told,
           onset, end, ok ? "ok" : "MISSED");
    fflush(stdout);
    b->missed += !ok;
    b->runs += o->runs;
    b->as_wanted += o->as_wanted;
    b->exact += o->exact;
    b->onsets += o->onsets;
    for (size_t i = 0; i < o->ends && b->end_count < RUNS; i++)
        b->ends[b->end_count++] = o->end[i];
}

static bool run_scenario(struct bench *b, const struct scenario *s)
{
    struct outcome o = {0};
    for (long seed = b->first; seed <= b->last && o.runs < RUNS; seed++) {
        struct log l;
        if (!log_make(s->line, (uint64_t)seed, &l))
            return false;
        bool left_out = b->quick && l.len > QUICK_BYTES;
        bool once = seed >= b->first + REPEATED_SEEDS || (b->quick && l.len > QUICK_REPEATED_BYTES);
        bool ok = left_out || run_once(b, s, &l, once, &o);
        log_free(&l);
        if (!ok)
            return false;
        if (left_out)
            return true;
    }
    tell(b, s, &o);
    return true;
}

static bool read_options(struct bench *b, char **argv)
{
    for (; *argv != NULL; argv++) {
        if (strcmp(*argv, "--quick") == 0) {
            b->quick = true;
            continue;
        }
        const char *value = argv[1];
        if (value == NULL)
            return false;
        if (strcmp(*argv, "--bin") == 0) {
            b->bin = value;
        } else if (strcmp(*argv, "--scenarios") == 0) {
            b->folder = value;
        } else if (strcmp(*argv, "--seeds") == 0) {
            char *end = NULL;
            b->first = b->last = strtol(value, &end, 10);
            if (*end == '-')
                b->last = strtol(end + 1, &end, 10);
            if (*end != '\0' || b->last < b->first)
                return false;
        } else {
            return false;
        }
        argv++;
    }
    return b->bin != NULL && b->folder != NULL;
}

static void judge(struct bench *b, bool ok, const char *what, double value, const char *target)
{
    printf("%-40s %8.1f  %-22s %s\n", what, value, target, ok ? "ok" : "MISSED");
    b->missed += !ok;
}

static void judge_all(struct bench *b)
{
    char target[40];
    double wanted = 100.0 * b->as_wanted / b->runs;
    judge(b, wanted >= 90, "% of runs as wanted", wanted, ">= 90");
    double budget = fmax(b->group_days / 7, 1);
    snprintf(target, sizeof target, "<= %.1f (1 in 7 days)", budget);
    judge(b, b->false_alerts <= budget, "false alerts", b->false_alerts, target);
    double exact = 100 * (double)b->exact / (double)b->onsets;
    judge(b, exact >= 90, "% said to begin in their minute", exact, ">= 90");
    double end = median_of(b->ends, b->end_count);
    judge(b, fabs(end) <= 180, "seconds the end is off, median", end, "<= 180");
}

int main(int argc, char **argv)
{
    (void)argc;
    static struct bench b = {.first = 1, .last = 5};
    if (!read_options(&b, argv + 1)) {
        fputs("usage: e2e --bin PROGRAM --scenarios FOLDER [--seeds FIRST-LAST] [--quick]\n",
              stderr);
        return 2;
    }
    if (!scenarios_read(b.folder, &b.scenarios))
        return 2;
    printf("%-20s %4s %9s %5s %20s %8s %8s\n", "scenario", "runs", "as wanted", "same",
           "told s, most (limit)", "onset s", "end s");
    for (size_t i = 0; i < b.scenarios.count; i++)
        if (!run_scenario(&b, &b.scenarios.list[i]))
            return 2;
    judge_all(&b);
    printf("%d missed; seeds %ld to %ld\n", b.missed, b.first, b.last);
    return b.missed > 0 ? 1 : 0;
}
