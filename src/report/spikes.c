/* spikes.c - the incidents of a report, from the exact counts of every minute. */
#include "report/formats.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    int group;
    size_t series;
} groups[] = {{429, HA_SERIES_429}, {4, HA_SERIES_4XX}, {5, HA_SERIES_5XX}};

static enum ha_err add_group(struct ha_report *r, int group, const struct ha_spike_minute *minutes,
                             size_t count)
{
    struct ha_spike *found = NULL;
    size_t found_count = 0;
    bool too_short = false;
    enum ha_err err = ha_spikes_find(minutes, count, &found, &found_count, &too_short);
    if (err != HA_OK)
        return err;
    if (too_short)
        r->spikes_state = HA_SPIKES_TOO_SHORT;
    if (found_count > 0) {
        size_t size = (r->spike_count + found_count) * sizeof *r->spikes;
        struct ha_report_spike *grown = ha_realloc(r->spikes, size);
        if (grown == NULL)
            err = HA_ERR_MEMORY;
        r->spikes = grown != NULL ? grown : r->spikes;
        for (size_t i = 0; grown != NULL && i < found_count; i++) {
            struct ha_report_spike *one = &grown[r->spike_count++];
            *one = (struct ha_report_spike){.group = group, .spike = found[i]};
            ha_spike_group_text(group, one->name);
        }
    }
    ha_free(found);
    return err;
}

static int by_start(const void *a, const void *b)
{
    const struct ha_report_spike *x = a, *y = b;
    if (x->spike.start_s != y->spike.start_s)
        return x->spike.start_s < y->spike.start_s ? -1 : 1;
    return strcmp(x->name, y->name);
}

static enum ha_err read_minutes(struct ha_report *r, const struct ha_spike_choice *choice,
                                const struct ha_bucket *buckets, size_t count)
{
    struct ha_spike_minute *minutes = ha_calloc(count, sizeof *minutes);
    if (minutes == NULL)
        return HA_ERR_MEMORY;
    enum ha_err err = HA_OK;
    for (size_t g = 0; g < HA_COUNT(groups) && err == HA_OK; g++) {
        if (!ha_spike_watches(choice, groups[g].group))
            continue;
        for (size_t i = 0; i < count; i++) {
            const uint64_t *n = buckets[i].n;
            minutes[i] =
                (struct ha_spike_minute){buckets[i].start_s, n[groups[g].series],
                                         n[HA_SERIES_1XX] + n[HA_SERIES_2XX] + n[HA_SERIES_3XX]};
        }
        err = add_group(r, groups[g].group, minutes, count);
    }
    ha_free(minutes);
    if (r->spike_count > 0)
        qsort(r->spikes, r->spike_count, sizeof *r->spikes, by_start);
    return err;
}

enum ha_err ha_report_read_spikes(struct ha_report *r, const struct ha_tally *t,
                                  const struct ha_spike_choice *choice)
{
    const struct ha_spike_choice usual = HA_SPIKE_CHOICE_DEFAULT;
    choice = choice != NULL ? choice : &usual;
    if (choice->off) {
        r->spikes_state = HA_SPIKES_OFF;
        return HA_OK;
    }
    struct ha_bucket *buckets = NULL;
    size_t count = 0;
    int64_t width_s = 0;
    enum ha_err err = ha_tally_timeline(t, HA_SPIKE_WIDTH_S, SIZE_MAX, &buckets, &count, &width_s);
    if (err != HA_OK)
        return err;
    if (count == 0)
        r->spikes_state = HA_SPIKES_TOO_SHORT;
    else if (width_s > HA_SPIKE_WIDTH_S)
        r->spikes_state = HA_SPIKES_TOO_LONG;
    else
        err = read_minutes(r, choice, buckets, count);
    ha_free(buckets);
    return err;
}

enum ha_err ha_report_count_spikes(const struct ha_tally *t, const struct ha_spike_choice *choice,
                                   uint64_t *count, enum ha_spikes_state *state)
{
    struct ha_report r = {0};
    enum ha_err err = ha_report_read_spikes(&r, t, choice);
    *count = r.spike_count;
    *state = r.spikes_state;
    ha_free(r.spikes);
    return err;
}
