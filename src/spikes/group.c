/* group.c - the detector: one group, one bucket at a time. */
#include "httpannotate/spikes.h"

#include <math.h>
#include <string.h>

#include "usual.h"

#define SCORE_ALARM  9.0 /* -ln of the chance: one in 8100 */
#define RATIO        2.0 /* at least so many times the expected */
#define LEAST_ERRORS 5   /* and so many errors in the window */
#define PHI_MARGIN   1.4
#define HABIT        6.0 /* incidents a week from which on a group bursts by habit */
#define HABIT_RATIO  2.0
#define WORSE        4.0
#define CLEAR_RATIO  1.5
#define CLEAR_MORE   2.0
enum {
    GUARD = 15, /* the newest buckets are not learned */
    QUIET = 10,
    COOLING = 20,
    SETTLE = 60,
    RESTORE = 1440,
    GRACE = 5,
    LONG_AGO = 1000000000,
};
static const int windows[] = {1, 2, 3, 4, 5, 7, 10, 15};

void ha_spike_group_init(struct ha_spike_group *g)
{
    *g = (struct ha_spike_group){.var = PHI_PRIOR * PHI_WEIGHT,
                                 .var_mean = PHI_WEIGHT,
                                 .block_var = PHI_PRIOR * PHI_WEIGHT,
                                 .block_mean = PHI_WEIGHT,
                                 .block_mu = -1,
                                 .next_mu = -1,
                                 .reference = 1,
                                 .onset = -1,
                                 .opened = -1,
                                 .first = -1,
                                 .hot = -LONG_AGO,
                                 .saved_at = -LONG_AGO,
                                 .said_worse = true};
}

/* -ln P(X >= sum), X negative binomial with mean m and size r, for sum > m. */
static double tail_score(double sum, double m, double r)
{
    double d = sum * log(sum / m) - (sum + r) * log1p((sum - m) / (m + r));
    return d + log(r * (sum - m) / (sum * (m + r))) +
           .5 * log(2 * 3.14159265358979323846 * sum * (1 + sum / r));
}

struct alarm {
    double score;
    int window;
    double mean, sum; /* expected and counted in the window */
    double lacks;     /* errors without which no window can give one; 0 or less: it is the score */
};

static struct alarm scan(const struct ha_spike_group *g, const struct usual *u, int64_t guard)
{
    double one = 1 + (usual_phi(g) - 1) * PHI_MARGIN;
    double blocks = g->block_var / g->block_mean;
    double more = 1 + (fmax(fmax(usual_phi(g), blocks), PHI_LEAST) - 1) * PHI_MARGIN;
    struct alarm best = {-1, 0, 0, 0, INFINITY};
    if (g->errors[slot(g->now)] == 0)
        return best;
    double sum = 0, mean = 0;
    size_t next = 0;
    for (int w = 1; w <= guard && w <= g->now + 1 && w <= g->fresh && next < HA_COUNT(windows);
         w++) {
        unsigned i = slot(g->now - w + 1);
        sum += g->errors[i];
        mean += usual_errors(g, i, u);
        if (w != windows[next])
            continue;
        next++;
        double lacks = fmax(LEAST_ERRORS, RATIO * mean) - sum;
        best.lacks = mean > 0 ? fmin(best.lacks, lacks) : best.lacks;
        if (mean <= 0 || lacks > 0)
            continue;
        double noise = w == 1 ? one : more;
        double r = 1 / ((noise - 1) / mean + noise / u->evidence);
        double score = tail_score(sum, mean, r);
        if (score > best.score)
            best = (struct alarm){score, w, mean, sum, best.lacks};
    }
    return best;
}

/* How far above the usual an incident must be to be told in a group that bursts by habit. */
static double habit_bar(const struct ha_spike_group *g)
{
    double n = fmax(g->habit_count, 1e-9);
    double mean = g->habit_log / n;
    double sd = sqrt(fmax(g->habit_log2 / n - mean * mean, 0));
    return mean + fmax(log(HABIT_RATIO), 2 * sd);
}

static uint32_t at_most_32(uint64_t n)
{
    return (uint32_t)(n < UINT32_MAX ? n : UINT32_MAX);
}

/* How many of the newest buckets the windows may span, and the baseline does not hold. */
static int64_t guard_of(const struct ha_spike_group *g)
{
    return (g->now + 2) / 2 < GUARD ? (g->now + 2) / 2 : GUARD;
}

/* The alarm that a bucket with so many errors and good requests would give, were it closed now. */
static struct alarm scan_open(const struct ha_spike_group *g, uint64_t errors, uint64_t good)
{
    struct ha_spike_group as_if = *g;
    unsigned i = slot(g->now);
    as_if.errors[i] = at_most_32(errors);
    as_if.good[i] = at_most_32(good);
    set_bit(&as_if.silent, i, false);
    as_if.fresh++;
    struct usual u = usual_of(&as_if);
    struct alarm a = scan(&as_if, &u, guard_of(&as_if));
    double rise = log((double)errors / fmax(usual_errors(&as_if, i, &u), .05));
    if (as_if.habit_count >= HABIT && rise <= habit_bar(&as_if))
        a.score = -1; /* it would be noted, not told */
    return a;
}

/* The fewest errors, more than `low`, with which the bucket would give an alarm. */
static uint64_t next_look(const struct ha_spike_group *g, uint64_t low, uint64_t good)
{
    uint64_t step = 1; /* low gives none */
    for (; low + step < UINT32_MAX && scan_open(g, low + step, good).score < SCORE_ALARM; step *= 2)
        low += step;
    uint64_t high = low + step;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (scan_open(g, middle, good).score < SCORE_ALARM)
            low = middle;
        else
            high = middle;
    }
    return high;
}

bool ha_spike_group_look(const struct ha_spike_group *g, uint64_t errors, uint64_t good,
                         struct ha_spike_look *look)
{
    *look = (struct ha_spike_look){.next = errors == 0 ? 1 : UINT64_MAX};
    if (errors == 0 || g->is_open || g->cooling > 0 || g->hour_buckets < LEAST_HISTORY)
        return false;
    struct alarm a = scan_open(g, errors, good);
    if (a.score >= SCORE_ALARM) {
        look->since = g->now - a.window + 1;
        look->usual = a.mean / a.window;
        look->rate = a.sum / a.window;
        return true;
    }
    look->next = a.lacks > UINT32_MAX ? UINT64_MAX
                 : a.lacks > 0        ? errors + (uint64_t)ceil(a.lacks)
                                      : next_look(g, errors, good);
    return false;
}

static void add_habit(struct ha_spike_group *g, double length)
{
    double l = log(fmax(g->incident_peak, 1) / g->reference);
    g->habit_count += 1;
    g->habit_log += l;
    g->habit_log2 += l * l;
    g->habit_length += length;
}

struct closing {
    struct ha_spike_event *events;
    size_t count;
};

static void tell(struct closing *c, const struct ha_spike_group *g, enum ha_spike_kind kind,
                 int64_t since)
{
    HA_ASSERT(c->count < HA_SPIKE_EVENTS);
    c->events[c->count++] =
        (struct ha_spike_event){kind, false, since, since, g->usual, g->peak, g->total};
}

static void judge_habit(struct ha_spike_group *g, bool is_new, double m1, double bar,
                        struct closing *c)
{
    double x = g->errors[slot(g->now)];
    double rise = log(fmax(x, 1e-9) / fmax(is_new ? m1 : g->reference, .05));
    if (is_new) {
        g->muted = g->habit_count >= HABIT && rise <= bar;
        g->reference = fmax(m1, .05);
        g->incident_peak = x;
        return;
    }
    double usual_length = 3 * g->habit_length / fmax(g->habit_count, 1e-9);
    if (g->muted && (rise > bar || (double)(g->now - g->onset) >= fmax(15, usual_length))) {
        g->muted = false;
        tell(c, g, HA_SPIKE_START, g->onset);
    }
    g->incident_peak = fmax(g->incident_peak, x);
}

static void judge_worse(struct ha_spike_group *g, double m1, struct closing *c)
{
    double x = g->errors[slot(g->now)];
    if (!g->muted && !g->said_worse && g->now - g->first >= GRACE && x >= LEAST_ERRORS &&
        x >= WORSE * fmax(g->told, m1)) {
        g->said_worse = true;
        tell(c, g, HA_SPIKE_WORSE, g->onset);
    }
    if (g->now - g->first < GRACE)
        g->told = fmax(g->told, x);
}

static void open_incident(struct ha_spike_group *g, const struct alarm *a, struct closing *c)
{
    bool again = g->cooling > 0; /* soon after the last one: the same incident */
    g->is_open = true;
    g->opened = g->now;
    if (!again) {
        g->onset = g->now - a->window + 1;
        g->peak = g->total = 0;
        g->usual = a->mean / a->window;
    }
    for (int v = 0; v < a->window; v++) {
        unsigned i = slot(g->now - v);
        set_bit(&g->excluded, i, true);
        g->total += g->errors[i];
        g->peak = fmax(g->peak, g->errors[i]);
    }
    if (!again)
        tell(c, g, g->muted ? HA_SPIKE_AGAIN : HA_SPIKE_START, g->onset);
}

static double sum_of(const struct ha_spike_group *g, const uint32_t *ring, int count)
{
    double sum = 0;
    for (int v = 0; v < count; v++)
        sum += ring[slot(g->now - v)];
    return sum;
}

/* Whether the newest buckets hold about what is usual. */
static bool is_usual(const struct ha_spike_group *g, const struct usual *u, int buckets)
{
    double mean = 0;
    for (int v = 0; v < buckets; v++)
        mean += usual_errors(g, slot(g->now - v), u);
    return sum_of(g, g->errors, buckets) < CLEAR_RATIO * mean + CLEAR_MORE;
}

static bool is_over(const struct ha_spike_group *g, const struct usual *u)
{
    return g->now - g->opened >= QUIET && g->now - g->hot >= QUIET / 2 && is_usual(g, u, QUIET);
}

/* The end is put where the likelihood of twice the usual rate up to there, and of the usual from
 * there on, is largest (a change point, Hinkley 1970): a high bucket now and then is no part of it.
 */
static void note_end(struct ha_spike_group *g, double m1, bool alarmed)
{
    double x = g->errors[slot(g->now)];
    double slack = g->end_slack + x * log(RATIO) - (RATIO - 1) * m1;
    if (alarmed || x > CLEAR_RATIO * m1 + 1)
        g->hot = g->now;
    g->end_slack = (float)fmin(slack, 0);
    if (alarmed || (g->hot == g->now && slack >= 0)) {
        g->end_slack = 0;
        g->end_after = (int32_t)(g->now + 1 - g->onset);
    }
}

static void end_incident(struct ha_spike_group *g, struct closing *c)
{
    add_habit(g, (double)(g->hot - g->onset + 1));
    g->is_open = false;
    g->cooling = COOLING;
    g->fresh = g->now - g->hot;
    for (int v = 0; v < HA_SPIKE_RING - 1; v++) {
        unsigned i = slot(g->now - v);
        if (g->now - v > g->hot && !bit(g->silent, i))
            set_bit(&g->excluded, i, false);
    }
    tell(c, g, HA_SPIKE_END, g->hot + 1);
    c->events[c->count - 1].end = g->onset + g->end_after;
}

/* What has lasted an hour becomes the usual level; the old baseline is put aside. as_before: it is
 * about the same level, and single high buckets alone kept the incident open. */
static void settle(struct ha_spike_group *g, bool as_before, struct closing *c)
{
    double errors = sum_of(g, g->errors, GUARD), good = sum_of(g, g->good, GUARD);
    const double saved[6] = {g->hour_errors, g->hour_buckets, g->hour_good,
                             g->day_errors,  g->day_buckets,  errors / GUARD};
    memcpy(g->saved, saved, sizeof saved);
    g->has_saved = true;
    g->saved_at = g->now;
    g->hour_errors = g->day_errors = errors;
    g->hour_buckets = g->day_buckets = GUARD;
    g->hour_good = good;
    add_habit(g, SETTLE);
    g->is_open = false;
    g->cooling = COOLING;
    g->fresh = 0;
    for (int v = 0; v < HA_SPIKE_RING - 1; v++)
        set_bit(&g->excluded, slot(g->now - v), true);
    tell(c, g, HA_SPIKE_SETTLED, g->now);
    if (as_before) {
        c->events[c->count - 1].as_before = true;
        c->events[c->count - 1].end = g->onset + g->end_after;
    }
}

/* The level that had been settled on is gone within a day: the old baseline holds again. */
static void restore(struct ha_spike_group *g, struct closing *c)
{
    double old = g->saved[0] / fmax(g->saved[1], 1e-9);
    if (sum_of(g, g->errors, QUIET) >= QUIET * sqrt(fmax(old, .02) * g->saved[5]))
        return;
    g->hour_errors = g->saved[0];
    g->hour_buckets = g->saved[1];
    g->hour_good = g->saved[2];
    g->day_errors = g->saved[3];
    g->day_buckets = g->saved[4];
    g->has_saved = false;
    g->saved_at = -LONG_AGO;
    g->fresh = 0;
    g->cooling = COOLING;
    g->excluded = UINT16_MAX; /* the windows must not see the incident any more */
    tell(c, g, HA_SPIKE_END, g->now - QUIET + 1);
}

static void forget_habit(struct ha_spike_group *g)
{
    double keep = 1 - 1 / WEEK;
    g->habit_count *= keep;
    g->habit_log *= keep;
    g->habit_log2 *= keep;
    g->habit_length *= keep;
}

static void watch_restore(struct ha_spike_group *g, struct closing *c)
{
    int64_t since = g->now - g->saved_at;
    if (g->now >= QUIET && g->has_saved && since >= QUIET && since < RESTORE && !g->is_open)
        restore(g, c);
}

static void watch_end(struct ha_spike_group *g, const struct usual *u, struct closing *c)
{
    if (g->now >= QUIET && g->is_open && is_over(g, u))
        end_incident(g, c);
    if (g->is_open && g->now - g->onset >= SETTLE && g->now - g->opened >= GUARD)
        settle(g, is_usual(g, u, GUARD), c);
    watch_restore(g, c);
}

/* What a bucket says of an incident: that one begins, goes on, becomes worse, ends. */
static void judge(struct ha_spike_group *g, int64_t guard, struct closing *c)
{
    unsigned i = slot(g->now);
    struct usual u = usual_of(g);
    struct alarm a = scan(g, &u, guard);
    bool alarmed = a.score >= SCORE_ALARM && g->hour_buckets >= LEAST_HISTORY && !g->is_open;
    double bar = habit_bar(g), m1 = usual_errors(g, i, &u);
    bool is_new = alarmed && g->cooling == 0;
    if (is_new || g->is_open)
        judge_habit(g, is_new, m1, bar, c);
    if (is_new) {
        g->first = g->now;
        g->said_worse = false;
        g->told = g->errors[i];
    } else if (g->is_open || alarmed) {
        judge_worse(g, m1, c);
    }
    if (alarmed) {
        open_incident(g, &a, c);
    } else if (g->is_open) {
        g->total += g->errors[i];
        g->peak = fmax(g->peak, g->errors[i]);
    }
    if (g->is_open)
        note_end(g, m1, alarmed);
    g->cooling = g->is_open ? 0 : g->cooling > 0 ? g->cooling - 1 : 0;
    watch_end(g, &u, c);
}

/* The same of a bucket without errors while there is no incident, as nearly all are. */
static void judge_quiet(struct ha_spike_group *g, struct closing *c)
{
    g->cooling -= g->cooling > 0;
    watch_restore(g, c);
}

size_t ha_spike_group_close(struct ha_spike_group *g, uint64_t errors, uint64_t good, bool silent,
                            struct ha_spike_event events[HA_SPIKE_EVENTS])
{
    struct closing c = {events, 0};
    unsigned i = slot(g->now);
    g->errors[i] = at_most_32(errors);
    g->good[i] = at_most_32(good);
    set_bit(&g->silent, i, silent);
    set_bit(&g->excluded, i, silent || g->is_open);
    g->fresh++;
    forget_habit(g);
    int64_t guard = guard_of(g);
    if (errors == 0 && !g->is_open)
        judge_quiet(g, &c);
    else
        judge(g, guard, &c);
    while (g->learned < g->now + 1 - guard)
        usual_learn(g, g->learned++);
    g->now++;
    return c.count;
}

bool ha_spike_group_rests(const struct ha_spike_group *g)
{
    return g->silent == UINT16_MAX && g->excluded == UINT16_MAX && g->now >= 2 * GUARD &&
           !g->is_open && g->cooling == 0 && !g->has_saved && g->onset + g->end_after < g->now;
}

void ha_spike_group_rest(struct ha_spike_group *g, int64_t buckets)
{
    for (int64_t i = 0; i < buckets && g->habit_count > 0; i++)
        forget_habit(g);
    g->fresh += buckets;
    g->learned += buckets;
    g->now += buckets;
}
