/* watch_evidence.c - who and what rose, from samples of the lines up to now.
 *
 * Errors are kept for the hour that goes on and the one before: a spike is told of within its first
 * minute, and needs them all. Of other requests a sample of all that came serves. */
#include "watch_parts.h"

#include <stdlib.h>

enum {
    ERRORS = 4096, /* entries of an hour */
    OTHERS = 2048,
    HOUR_S = 3600,
    PAST = 64, /* incidents remembered, of all groups */
};

struct past {
    int group;
    struct ha_span span;
};

struct ha_live_evidence {
    struct ha_evidence_options options;
    struct ha_evidence *errors[2]; /* of this hour, of the one before */
    struct ha_evidence *others;
    int64_t hour_s;     /* when this hour began */
    int64_t since_s[2]; /* from when on the errors are all there: the first has all before, too */
    bool begun;
    struct past past[PAST];
    size_t past_count; /* all in all; the newest of them are held */
};

static enum ha_err make(const struct ha_live_evidence *e, size_t errors, size_t others,
                        struct ha_evidence **out)
{
    struct ha_evidence_options o = e->options;
    o.errors = errors;
    o.others = others;
    return ha_evidence_new(&o, out);
}

enum ha_err ha_live_evidence_new(bool keep_query, bool templates, struct ha_live_evidence **out)
{
    struct ha_live_evidence *e = ha_calloc(1, sizeof *e);
    *out = e;
    if (e == NULL)
        return HA_ERR_MEMORY;
    e->since_s[0] = e->since_s[1] = INT64_MIN;
    e->options = (struct ha_evidence_options){.keep_query = keep_query, .templates = templates};
    enum ha_err err = make(e, ERRORS, 1, &e->errors[0]);
    if (err == HA_OK)
        err = make(e, ERRORS, 1, &e->errors[1]);
    if (err == HA_OK)
        err = make(e, 1, OTHERS, &e->others);
    if (err != HA_OK)
        ha_live_evidence_free(out);
    return err;
}

void ha_live_evidence_free(struct ha_live_evidence **out)
{
    struct ha_live_evidence *e = *out;
    if (e == NULL)
        return;
    ha_evidence_free(&e->errors[0]);
    ha_evidence_free(&e->errors[1]);
    ha_evidence_free(&e->others);
    ha_free(e);
    *out = NULL;
}

static void begin_hour(struct ha_live_evidence *e, int64_t second)
{
    struct ha_evidence *last = e->errors[1];
    e->errors[1] = e->errors[0];
    e->errors[0] = last;
    e->since_s[1] = e->since_s[0];
    e->since_s[0] = e->begun ? second : INT64_MIN;
    ha_evidence_reset(last);
    e->hour_s = second;
    e->begun = true;
}

bool ha_live_evidence_add(struct ha_live_evidence *e, const struct ha_witness *w, int64_t now_s)
{
    if (!e->begun || now_s >= e->hour_s + HOUR_S || now_s < e->hour_s - HOUR_S)
        begin_hour(e, now_s);
    return ha_evidence_add(w->status >= 400 ? e->errors[0] : e->others, w);
}

uint64_t ha_live_evidence_bound(const struct ha_live_evidence *e)
{
    return ha_evidence_bound(e->others);
}

static int by_time(const void *a, const void *b)
{
    const struct ha_span *x = a, *y = b;
    return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

/* The incidents of the group that are remembered, and one more, in order, and apart. */
static size_t past_of(const struct ha_live_evidence *e, int group, struct ha_span more,
                      struct ha_span to[PAST + 1])
{
    size_t held = e->past_count < PAST ? e->past_count : PAST, count = 0, kept = 0;
    for (size_t i = 0; i < held; i++)
        if (e->past[i].group == group)
            to[count++] = e->past[i].span;
    if (more.from_s < more.to_s)
        to[count++] = more;
    qsort(to, count, sizeof *to, by_time);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && to[i].from_s < to[kept - 1].to_s) /* one told again, with a later end */
            to[kept - 1].to_s = to[i].to_s > to[kept - 1].to_s ? to[i].to_s : to[kept - 1].to_s;
        else
            to[kept++] = to[i];
    }
    return kept;
}

/* Of the minute in which an hour began the first part is gone. */
static int64_t whole_minute(int64_t second)
{
    return ha_floor_div(second + HA_SPIKE_WIDTH_S - 1, HA_SPIKE_WIDTH_S) * HA_SPIKE_WIDTH_S;
}

enum ha_err ha_live_evidence_ask(struct ha_live_evidence *e, const struct ha_spike_told *told,
                                 struct ha_live_who *who)
{
    const struct ha_spike *s = &told->spike;
    struct ha_span past[PAST + 1], gone = {s->start_s, s->start_s};
    int64_t now_s = told->told_s + HA_SPIKE_WIDTH_S - told->told_s % HA_SPIKE_WIDTH_S;
    struct ha_risen_question q = {.group = told->group,
                                  .span = {s->start_s, s->is_open ? now_s : s->end_s},
                                  .errors = s->count,
                                  .incidents = past};
    *who = (struct ha_live_who){0};
    bool all = e->since_s[1] == INT64_MIN;
    int64_t kept_s = all ? 0 : whole_minute(e->since_s[1]);
    if (!all && q.span.from_s < kept_s) {
        who->since_s = q.span.from_s = gone.to_s = kept_s;
        q.errors = 0; /* of this part they are not known: those that are kept are counted */
    }
    q.incident_count = past_of(e, told->group, gone, past);
    enum ha_err err = make(e, 2 * ERRORS, OTHERS, &who->all);
    bool ok = err == HA_OK && ha_evidence_merge(who->all, e->errors[1]) &&
              ha_evidence_merge(who->all, e->errors[0]) && ha_evidence_merge(who->all, e->others);
    err = ok ? ha_evidence_read(who->all, &who->reading) : HA_ERR_MEMORY;
    if (err == HA_OK)
        ha_evidence_risen(who->reading, &q, &who->risen);
    else
        ha_live_who_free(who);
    return err;
}

void ha_live_evidence_over(struct ha_live_evidence *e, const struct ha_spike_told *told)
{
    e->past[e->past_count++ % PAST] =
        (struct past){told->group, {told->spike.start_s, told->spike.end_s}};
}

void ha_live_who_free(struct ha_live_who *who)
{
    ha_evidence_reading_free(&who->reading);
    ha_evidence_free(&who->all);
}
