/* spike_who.c - who and what rose in each incident of a report, from the tally's samples. */
#include "report/formats.h"
#include "report/spike_counts.h"

#include <stdlib.h>

static int by_time(const void *a, const void *b)
{
    const struct ha_span *x = a, *y = b;
    return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

static struct ha_span span_of(const struct ha_report_spike *one)
{
    return (struct ha_span){one->spike.start_s, one->spike.end_s};
}

/* All incidents of the group of the spike at `first`, in order. */
static size_t gather(const struct ha_report *r, size_t first, struct ha_span *to)
{
    size_t count = 0;
    for (size_t i = first; i < r->spike_count; i++)
        if (r->spikes[i].group == r->spikes[first].group)
            to[count++] = span_of(&r->spikes[i]);
    qsort(to, count, sizeof *to, by_time);
    return count;
}

static void ask(struct ha_report *r, size_t first, struct ha_span *room)
{
    size_t count = gather(r, first, room);
    for (size_t i = first; i < r->spike_count; i++) {
        struct ha_report_spike *one = &r->spikes[i];
        if (one->group != r->spikes[first].group)
            continue;
        struct ha_risen_question q = {.group = one->group,
                                      .span = span_of(one),
                                      .errors = one->spike.count,
                                      .incidents = room,
                                      .incident_count = count};
        ha_evidence_risen(r->evidence, &q, &r->risen[i]);
        one->risen = &r->risen[i];
    }
}

/* Samples tell of statuses what the counts of every minute know, where those are kept. */
static enum ha_err read_statuses(struct ha_report *r, const struct ha_tally *t,
                                 struct ha_span *room)
{
    enum ha_minutes_kept kept = ha_tally_minutes_kept(t);
    struct ha_error_minute *errors = NULL;
    size_t error_count = 0;
    enum ha_err err = ha_tally_error_minutes(t, &errors, &error_count);
    for (int class = 4; err == HA_OK && class <= 5; class ++) {
        size_t first = 0;
        while (first < r->spike_count && r->spikes[first].group != class)
            first++;
        if (first == r->spike_count ||
            (kept != HA_MINUTES_ERRORS && (kept != HA_MINUTES_5XX || class == 4)))
            continue;
        size_t count = gather(r, first, room);
        spike_statuses_read(r, class, room, count, errors, error_count);
    }
    ha_free(errors);
    return err;
}

enum ha_err ha_report_read_who(struct ha_report *r, const struct ha_tally *t)
{
    const struct ha_evidence *e = ha_tally_evidence(t);
    if (r->spike_count == 0 || e == NULL)
        return HA_OK;
    struct ha_span *room = ha_calloc(r->spike_count, sizeof *room);
    r->risen = ha_calloc(r->spike_count, sizeof *r->risen);
    enum ha_err err = room == NULL || r->risen == NULL ? HA_ERR_MEMORY : HA_OK;
    if (err == HA_OK)
        err = ha_evidence_read(e, &r->evidence);
    for (size_t i = 0; err == HA_OK && i < r->spike_count; i++)
        if (r->spikes[i].risen == NULL)
            ask(r, i, room);
    if (err == HA_OK)
        err = read_statuses(r, t, room);
    ha_free(room);
    return err;
}

static bool is_told(const struct ha_risen *of, int aspect, struct ha_view value)
{
    for (size_t i = 0; i < of->count[aspect]; i++)
        if (ha_view_eq(of->value[aspect][i].value, value))
            return true;
    return false;
}

struct ha_risen ha_spike_news(const struct ha_report *r, size_t i)
{
    const struct ha_report_spike *one = &r->spikes[i];
    struct ha_risen news = {0};
    size_t class = i;
    while (one->within != 0 && class > 0 && r->spikes[class].group != one->within)
        class --;
    const struct ha_risen *of = class < i ? r->spikes[class].risen : NULL;
    for (int aspect = 0; one->risen != NULL && aspect < HA_ASPECT_N; aspect++)
        for (size_t k = 0; k < one->risen->count[aspect]; k++)
            if (of == NULL || !is_told(of, aspect, one->risen->value[aspect][k].value))
                news.value[aspect][news.count[aspect]++] = one->risen->value[aspect][k];
    return news;
}
