/* find.c - the incidents in minutes that are in order. */
#include "httpannotate/spikes.h"

#include <math.h>

/* An incident in the making. */
struct incident {
    struct ha_spike spike;
    int64_t onset; /* bucket */
    bool exists, told;
};

struct finding {
    struct ha_spike *list;
    size_t count, cap;
    int64_t base_s; /* time of bucket 0; moves when a long silence is skipped */
    struct incident now;
    bool failed;
};

static void keep(struct finding *f)
{
    if (!f->now.exists || !f->now.told)
        return;
    if (f->count == f->cap) {
        size_t cap = f->cap == 0 ? 8 : f->cap * 2;
        struct ha_spike *grown = ha_realloc(f->list, cap * sizeof *grown);
        if (grown == NULL) {
            f->failed = true;
            return;
        }
        f->list = grown;
        f->cap = cap;
    }
    f->list[f->count++] = f->now.spike;
}

static int64_t time_of(const struct finding *f, int64_t bucket)
{
    return f->base_s + bucket * HA_SPIKE_WIDTH_S;
}

static void heed(struct finding *f, const struct ha_spike_event *e)
{
    struct incident *now = &f->now;
    switch (e->kind) {
    case HA_SPIKE_START:
    case HA_SPIKE_AGAIN:
        if (!now->exists || now->onset != e->since) {
            keep(f);
            *now = (struct incident){.onset = e->since, .exists = true};
            now->spike.start_s = time_of(f, e->since);
            now->spike.usual_per_minute = e->usual;
        }
        now->told |= e->kind == HA_SPIKE_START;
        break;
    case HA_SPIKE_WORSE:
        break;
    case HA_SPIKE_SETTLED:
        now->spike.settled = true; /* fall through */
    case HA_SPIKE_END:
        now->spike.end_s = time_of(f, e->since);
        break;
    }
}

static void close_bucket(struct finding *f, struct ha_spike_group *g,
                         const struct ha_spike_minute *m, int silent)
{
    enum { COUNTED_SILENCE = 5 }; /* empty minutes that count as zeros */
    struct ha_spike_event events[HA_SPIKE_EVENTS];
    size_t n = ha_spike_group_close(g, m == NULL ? 0 : m->errors, m == NULL ? 0 : m->good,
                                    silent > COUNTED_SILENCE, events);
    for (size_t i = 0; i < n; i++)
        heed(f, &events[i]);
}

/* Minutes without a line: few are closed one by one; of many, as many as can matter. */
static void close_gap(struct finding *f, struct ha_spike_group *g, int64_t minutes)
{
    int64_t closed = minutes > 4 * HA_SPIKE_RING ? HA_SPIKE_RING : minutes;
    for (int silent = 1; silent <= closed; silent++)
        close_bucket(f, g, NULL, silent);
    f->base_s += (minutes - closed) * HA_SPIKE_WIDTH_S;
}

/* Counts and peaks are those of the minutes themselves. */
static void count_up(struct ha_spike *s, const struct ha_spike_minute *minutes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct ha_spike_minute *m = &minutes[i];
        if (m->start_s < s->start_s || m->start_s >= s->end_s)
            continue;
        s->count += m->errors;
        s->peak_per_minute = fmax(s->peak_per_minute, (double)m->errors);
    }
}

enum ha_err ha_spikes_find(const struct ha_spike_minute *minutes, size_t minute_count,
                           struct ha_spike **out, size_t *count, bool *too_short)
{
    enum { LEAST_MINUTES = 10 };
    *out = NULL;
    *count = 0;
    *too_short = true;
    if (minute_count == 0)
        return HA_OK;
    struct ha_spike_group g;
    ha_spike_group_init(&g);
    struct finding f = {.base_s = minutes[0].start_s};
    int64_t span = minutes[minute_count - 1].start_s - minutes[0].start_s;
    *too_short = span < LEAST_MINUTES * HA_SPIKE_WIDTH_S;
    for (size_t i = 0; i < minute_count; i++) {
        if (i > 0)
            close_gap(&f, &g, (minutes[i].start_s - minutes[i - 1].start_s) / HA_SPIKE_WIDTH_S - 1);
        close_bucket(&f, &g, &minutes[i], 0);
    }
    if (f.now.exists && g.is_open) {
        f.now.spike.is_open = true;
        f.now.spike.end_s = minutes[minute_count - 1].start_s + HA_SPIKE_WIDTH_S;
    }
    keep(&f);
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
