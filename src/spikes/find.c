/* find.c - the incidents in minutes that are in order. */
#include "spikes/run.h"

#include <math.h>

struct finding {
    struct ha_spike *list;
    size_t count;
    struct ha_spike_run run;
    struct ha_spike_place at;
    bool failed;
};

static void keep(struct finding *f, const struct ha_incident *in)
{
    if (in->state == HA_INCIDENT_NONE || !in->told)
        return;
    struct ha_spike *grown = ha_one_more(f->list, f->count, sizeof *grown);
    if (grown == NULL) {
        f->failed = true;
        return;
    }
    f->list = grown;
    f->list[f->count++] = (struct ha_spike){.start_s = in->start_s,
                                            .end_s = in->end_s,
                                            .is_open = in->state == HA_INCIDENT_OPEN,
                                            .settled = in->lasted,
                                            .usual_per_minute = in->usual};
}

static void close_minute(struct finding *f, const struct ha_spike_minute *m)
{
    struct ha_incident before = f->run.incident;
    ha_spike_run_close(&f->run, &f->at, m == NULL ? 0 : m->errors, m == NULL ? 0 : m->good,
                       m != NULL);
    ha_spike_place_on(&f->at, m != NULL);
    if (f->run.is_new)
        keep(f, &before);
}

/* Minutes without a line: few are closed one by one; of many, as many as can matter. */
static void close_silence(struct finding *f, int64_t until)
{
    int64_t minutes = until - f->at.next;
    int64_t closed = minutes > HA_SPIKE_LONG_SILENCE ? HA_SPIKE_RING : minutes;
    for (int64_t i = 0; i < closed; i++)
        close_minute(f, NULL);
    if (closed == minutes)
        return;
    ha_spike_place_skip(&f->at, until);
    ha_spike_run_skip(&f->run);
}

/* Counts and peaks are those of the minutes themselves. */
static void count_up(struct ha_spike *s, const struct ha_spike_minute *minutes, size_t count)
{
    size_t low = 0, high = count; /* the first minute of the spike */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (minutes[middle].start_s < s->start_s)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < count && minutes[low].start_s < s->end_s; low++) {
        uint64_t n = minutes[low].errors;
        s->count = s->count > UINT64_MAX - n ? UINT64_MAX : s->count + n;
        s->peak_per_minute = fmax(s->peak_per_minute, (double)n);
    }
}

enum ha_err ha_spikes_find(const struct ha_spike_minute *minutes, size_t minute_count,
                           struct ha_spike **out, size_t *count)
{
    *out = NULL;
    *count = 0;
    if (minute_count == 0)
        return HA_OK;
    struct finding f = {.at = ha_spike_place_at(minutes[0].start_s / HA_SPIKE_WIDTH_S)};
    ha_spike_run_init(&f.run);
    int64_t last_s = minutes[minute_count - 1].start_s;
    for (size_t i = 0; i < minute_count; i++) {
        close_silence(&f, minutes[i].start_s / HA_SPIKE_WIDTH_S);
        close_minute(&f, &minutes[i]);
    }
    if (f.run.incident.state == HA_INCIDENT_OPEN)
        f.run.incident.end_s = last_s + HA_SPIKE_WIDTH_S;
    keep(&f, &f.run.incident);
    if (f.failed) {
        ha_free(f.list);
        return HA_ERR_MEMORY;
    }
    for (size_t i = 0; i < f.count; i++)
        count_up(&f.list[i], minutes, minute_count);
    *out = f.list;
    *count = f.count;
    return HA_OK;
}
