/* run.c - one group with its incident. */
#include "spikes/run.h"

void ha_spike_run_init(struct ha_spike_run *run)
{
    *run = (struct ha_spike_run){0};
    ha_spike_group_init(&run->group);
}

struct ha_spike_place ha_spike_place_at(int64_t minute)
{
    return (struct ha_spike_place){minute, minute - 1, minute};
}

void ha_spike_place_on(struct ha_spike_place *at, bool had_lines)
{
    if (had_lines)
        at->last = at->next;
    at->next++;
}

void ha_spike_place_skip(struct ha_spike_place *at, int64_t minute)
{
    at->base += minute - at->next;
    at->next = minute;
}

void ha_spike_run_skip(struct ha_spike_run *run)
{
    run->group.cooling = 0;
}

uint64_t ha_spike_errors_since(const struct ha_spike_group *g, int64_t bucket, uint64_t *peak)
{
    uint64_t sum = 0;
    *peak = 0;
    for (int64_t b = bucket < 0 ? 0 : bucket; b < g->now; b++) {
        uint64_t n = g->errors[(uint64_t)b % HA_SPIKE_RING];
        sum += n;
        *peak = n > *peak ? n : *peak;
    }
    return sum;
}

static int64_t time_of(const struct ha_spike_place *at, int64_t bucket)
{
    return (at->base + bucket) * HA_SPIKE_WIDTH_S;
}

static void begin(struct ha_spike_run *run, const struct ha_spike_place *at,
                  const struct ha_spike_event *e)
{
    struct ha_incident *in = &run->incident;
    *in = (struct ha_incident){
        .onset = e->since, .start_s = time_of(at, e->since), .usual = e->usual};
    in->count = in->hot_count = ha_spike_errors_since(&run->group, e->since, &in->peak);
    in->hot_peak = in->peak;
    run->is_new = true;
}

static void end(struct ha_spike_run *run, const struct ha_spike_place *at,
                const struct ha_spike_event *e, uint64_t peak_before)
{
    struct ha_incident *in = &run->incident;
    const struct ha_spike_group *g = &run->group;
    bool settled = e->kind == HA_SPIKE_SETTLED && !e->as_before;
    uint64_t peak;
    in->state = settled ? HA_INCIDENT_SETTLED : HA_INCIDENT_ENDED;
    in->lasted |= settled;
    in->end_s = time_of(at, e->end);
    in->end_count = in->hot_count;
    in->end_peak = in->hot_peak;
    if (e->end == g->onset + g->end_after)
        return;
    in->end_count = in->count - ha_spike_errors_since(g, e->end, &peak);
    in->end_peak = settled ? peak_before : in->peak;
}

static void heed(struct ha_spike_run *run, const struct ha_spike_place *at,
                 const struct ha_spike_event *e, uint64_t peak_before)
{
    struct ha_incident *in = &run->incident;
    switch (e->kind) {
    case HA_SPIKE_START:
    case HA_SPIKE_AGAIN:
        if (in->state == HA_INCIDENT_NONE || in->onset != e->since)
            begin(run, at, e);
        in->told |= e->kind == HA_SPIKE_START;
        break;
    case HA_SPIKE_WORSE:
        in->worse = true;
        break;
    case HA_SPIKE_SETTLED:
    case HA_SPIKE_END:
        if (in->state == HA_INCIDENT_OPEN || in->state == HA_INCIDENT_SETTLED)
            end(run, at, e, peak_before);
        break;
    }
}

void ha_spike_run_close(struct ha_spike_run *run, const struct ha_spike_place *at, uint64_t errors,
                        uint64_t good, bool has_lines)
{
    enum { COUNTED_SILENCE = 5 }; /* empty minutes that count as zeros */
    struct ha_spike_event events[HA_SPIKE_EVENTS];
    struct ha_incident *in = &run->incident;
    bool silent = !has_lines && at->next - at->last > COUNTED_SILENCE;
    size_t n = ha_spike_group_close(&run->group, errors, good, silent, events);
    uint64_t peak_before = in->peak;
    in->count += errors;
    in->peak = errors > in->peak ? errors : in->peak;
    run->is_new = false;
    if (run->group.onset + run->group.end_after == run->group.now) {
        in->hot_count = in->count;
        in->hot_peak = in->peak;
    }
    for (size_t i = 0; i < n; i++)
        heed(run, at, &events[i], peak_before);
    if (run->group.is_open)
        in->state = HA_INCIDENT_OPEN; /* a new one, or the last one again */
    in->told_rate = run->group.told;
}
