/* returns.c - clients that were refused with 429 and came back at once. What is seen is that they
 * were refused again: who came back and was served is not counted. */
#include "over_time.h"

enum {
    AT_ONCE_S = HA_RETURNS_S,
    RETURNS_LEAST = 3, /* by which a client is counted, */
    SPAN_S = 10,       /* over no less time: what a page asks for together is no return */
};

/* The smallest value that half of them, rounded up, are not above. */
static uint64_t median(const uint64_t *counts)
{
    uint64_t all = 0, seen = 0;
    for (int i = 0; i <= AT_ONCE_S; i++)
        all += counts[i];
    for (int i = 0; i <= AT_ONCE_S; i++) {
        seen += counts[i];
        if (2 * seen >= all)
            return (uint64_t)i;
    }
    return 0;
}

/* How often a client came back at once, and the usual gap. */
static uint64_t returns_of(const struct ha_actor *a, uint64_t *gap)
{
    uint64_t gaps[AT_ONCE_S + 1] = {0}, times = 0;
    int64_t first = 0, last = 0, before = 0;
    bool any = false;
    for (size_t i = 0; i < a->count; i++) {
        const struct ha_period *p = &a->periods[i];
        for (uint64_t left = p->seconds[0]; left != 0; left &= left - 1) {
            int64_t s = p->start_s + __builtin_ctzll(left);
            if (any && s - before <= AT_ONCE_S) {
                first = times++ == 0 ? before : first;
                last = s;
                gaps[s - before]++;
            }
            any = true;
            before = s;
        }
    }
    *gap = median(gaps);
    return last - first >= SPAN_S ? times : 0;
}

static bool is_worse(const struct ha_actor *a, uint64_t times, const struct ha_returns *than,
                     uint64_t client)
{
    return times != than->worst_times ? times > than->worst_times : a->client < client;
}

bool ha_lint_returns(const struct ha_tally *t, struct ha_returns *out)
{
    const struct ha_conduct *c = ha_tally_conduct(t);
    uint64_t gaps[AT_ONCE_S + 1] = {0}, worst = 0;
    *out = (struct ha_returns){.one_in = ha_conduct_one_in(c, HA_CONDUCT_LIMITED)};
    out->limited = ha_conduct_actors(c, HA_CONDUCT_LIMITED);
    for (size_t i = 0; i < out->limited; i++) {
        struct ha_actor a;
        uint64_t gap;
        ha_conduct_actor(c, HA_CONDUCT_LIMITED, i, &a);
        uint64_t times = returns_of(&a, &gap);
        if (times < RETURNS_LEAST || ha_actor_is_many(&a))
            continue;
        gaps[gap]++;
        if (out->clients++ == 0 || is_worse(&a, times, out, worst)) {
            worst = a.client;
            out->worst_times = times;
            out->worst_gap_s = gap;
            out->worst_line = a.line_number;
            out->worst_source = a.source;
        }
    }
    out->median_gap_s = median(gaps);
    if (out->clients > 0 && !ha_tally_name(t, HA_TOP_CLIENTS, worst, &out->worst))
        out->worst = (struct ha_view){NULL, 0};
    return out->clients > 0;
}
