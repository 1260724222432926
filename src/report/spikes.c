/* spikes.c - the incidents of a report, from the exact counts of every minute. */
#include "report/formats.h"
#include "report/spike_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST_ERRORS = 5,    /* fewer are never a spike */
    EARLY = 5,           /* minutes at the beginning of a log that a plain fact is told of, */
    FACT_ERRORS = 10,    /* where there are so many errors, */
    FACT_PER_CENT = 20,  /* and so much of all requests */
    TOGETHER_S = 2 * 60, /* a status is part of its class's spike when they begin so near */
    APART_S = 24 * 3600, /* minutes this far from all others, */
    FEW_REQUESTS = 64,   /* with fewer requests in them, are likely dates gone wrong */
};

/* ---- the groups ---- */

static enum ha_err add_spikes(struct ha_report *r, int group, const struct spike_counts *c)
{
    struct ha_spike *found = NULL;
    size_t found_count = 0;
    enum ha_err err = ha_spikes_find(c->minutes, c->all.count, &found, &found_count);
    if (err != HA_OK)
        return err;
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

static enum ha_err add_group(struct ha_report *r, int group, const struct spike_counts *c)
{
    struct ha_report_spike_group *grown =
        ha_one_more(r->spike_groups, r->spike_group_count, sizeof *grown);
    if (grown == NULL)
        return HA_ERR_MEMORY;
    r->spike_groups = grown;
    struct ha_report_spike_group *g = &grown[r->spike_group_count++];
    *g = (struct ha_report_spike_group){.group = group};
    ha_spike_group_text(group, g->name);
    for (size_t i = 0; i < c->all.count; i++) {
        uint64_t n = c->minutes[i].errors;
        g->errors = g->errors > UINT64_MAX - n ? UINT64_MAX : g->errors + n;
        if (c->minutes[i].start_s - c->minutes[0].start_s < EARLY * HA_SPIKE_WIDTH_S)
            g->early_errors += n;
    }
    g->early_share = ha_share(g->early_errors, r->spikes_early);
    /* Where errors were chosen, much of what was chosen is errors: that is no fact of the log. */
    g->from_start = g->early_errors >= FACT_ERRORS && g->early_share >= FACT_PER_CENT / 100.0 &&
                    r->selection[0] == '\0';
    return g->errors < LEAST_ERRORS ? HA_OK : add_spikes(r, group, c);
}

/* 429 and the classes are series of the timeline. */
static enum ha_err read_series(struct ha_report *r, const struct ha_spike_choice *choice,
                               const struct spike_counts *c)
{
    static const struct {
        int group;
        size_t series;
    } groups[] = {{429, HA_SERIES_429}, {4, HA_SERIES_4XX}, {5, HA_SERIES_5XX}};
    enum ha_err err = HA_OK;
    for (size_t g = 0; g < HA_COUNT(groups) && err == HA_OK; g++) {
        if (!ha_spike_watches(choice, groups[g].group))
            continue;
        for (size_t i = 0; i < c->all.count; i++)
            c->minutes[i].errors = spike_bucket(c, i)->n[groups[g].series];
        err = add_group(r, groups[g].group, c);
    }
    return err;
}

void spike_counts_of_status(const struct spike_counts *c, int status)
{
    size_t low = 0, high = c->error_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->errors[middle].status < status)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t k = 0; k < c->all.count; k++) {
        struct ha_spike_minute *m = &c->minutes[k];
        m->errors = 0;
        while (low < c->error_count && c->errors[low].status == status &&
               c->errors[low].start_s < m->start_s)
            low++;
        if (low < c->error_count && c->errors[low].status == status &&
            c->errors[low].start_s == m->start_s)
            m->errors = c->errors[low++].count;
    }
}

/* Each other status that occurred. */
static enum ha_err read_statuses(struct ha_report *r, const struct ha_spike_choice *choice,
                                 const struct spike_counts *c)
{
    enum ha_err err = HA_OK;
    for (size_t i = 0; i < c->error_count && err == HA_OK; i++) {
        int status = c->errors[i].status;
        bool is_first = i == 0 || c->errors[i - 1].status != status;
        if (!is_first || status == 429 || !ha_spike_watches(choice, status))
            continue;
        spike_counts_of_status(c, status);
        err = add_group(r, status, c);
    }
    return err;
}

/* Whether a status that is watched could not be looked at, and is not part of a class that is. */
static void see_what_lacks(struct ha_report *r, const struct ha_spike_choice *choice,
                           enum ha_minutes_kept kept)
{
    for (int status = 400; status < 600; status++) {
        bool counted =
            status == 429 || kept == HA_MINUTES_ERRORS || (kept == HA_MINUTES_5XX && status >= 500);
        if (counted || r->sums->status[status].count == 0 || !ha_spike_watches(choice, status))
            continue;
        r->spikes_lack_statuses = true;
        r->spikes_lack |= !ha_spike_watches(choice, status / 100);
    }
}

/* ---- their order ---- */

static int by_start(const void *a, const void *b)
{
    const struct ha_report_spike *x = a, *y = b;
    if (x->spike.start_s != y->spike.start_s)
        return x->spike.start_s < y->spike.start_s ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Those that are part of another stand behind it. */
static int by_incident(const void *a, const void *b)
{
    const struct ha_report_spike *x = a, *y = b;
    if (x->incident_s != y->incident_s)
        return x->incident_s < y->incident_s ? -1 : 1;
    int xg = x->within != 0 ? x->within : x->group, yg = y->within != 0 ? y->within : y->group;
    if (xg != yg) {
        char xname[HA_SPIKE_GROUP_TEXT], yname[HA_SPIKE_GROUP_TEXT];
        ha_spike_group_text(xg, xname);
        ha_spike_group_text(yg, yname);
        return strcmp(xname, yname);
    }
    if ((x->within != 0) != (y->within != 0))
        return x->within != 0 ? 1 : -1;
    return by_start(a, b);
}

/* The spike of the class that began nearest to that of a status, if near enough. */
static const struct ha_report_spike *class_of(const struct ha_report *r, size_t of)
{
    const struct ha_report_spike *one = &r->spikes[of], *best = NULL;
    int64_t start_s = one->spike.start_s, nearest = TOGETHER_S + 1;
    size_t i = of;
    while (i > 0 && start_s - r->spikes[i - 1].spike.start_s <= TOGETHER_S)
        i--;
    for (; i < r->spike_count && r->spikes[i].spike.start_s - start_s <= TOGETHER_S; i++) {
        const struct ha_report_spike *other = &r->spikes[i];
        int64_t apart = llabs((long long)(other->spike.start_s - start_s));
        if (other->group == one->group / 100 && apart < nearest) {
            nearest = apart;
            best = other;
        }
    }
    return best;
}

static void put_in_order(struct ha_report *r)
{
    if (r->spike_count == 0)
        return;
    qsort(r->spikes, r->spike_count, sizeof *r->spikes, by_start);
    for (size_t i = 0; i < r->spike_count; i++) {
        struct ha_report_spike *one = &r->spikes[i];
        const struct ha_report_spike *class = one->group >= 400 ? class_of(r, i) : NULL;
        one->within = class != NULL ? class->group : 0;
        one->incident_s = class != NULL ? class->spike.start_s : one->spike.start_s;
    }
    qsort(r->spikes, r->spike_count, sizeof *r->spikes, by_incident);
}

/* ---- all of it ---- */

/* From where a run of minutes, none of which is far from the next, ends; *requests in it. */
static size_t run_end(const struct ha_minutes *m, size_t from, uint64_t *requests)
{
    size_t i = from;
    *requests = 0;
    do {
        *requests += m->buckets[m->order[i]].n[HA_SERIES_TOTAL];
        i++;
    } while (i < m->count &&
             m->buckets[m->order[i]].start_s - m->buckets[m->order[i - 1]].start_s <= APART_S);
    return i;
}

/* A few lines with a wrong date must not become the usual, nor end what goes on: where the log has
 * a part with many requests, parts far away with few of them are not looked at. That depends on the
 * counts alone, as all that a report tells. */
static void leave_out_strays(struct ha_minutes *m)
{
    uint64_t requests, most = 0;
    for (size_t i = 0; i < m->count;) {
        i = run_end(m, i, &requests);
        most = requests > most ? requests : most;
    }
    if (most < FEW_REQUESTS)
        return;
    size_t kept = 0;
    for (size_t i = 0, end; i < m->count; i = end) {
        end = run_end(m, i, &requests);
        if (requests < FEW_REQUESTS)
            continue;
        memmove(&m->order[kept], &m->order[i], (end - i) * sizeof *m->order);
        kept += end - i;
    }
    m->count = kept;
}

static enum ha_err read_minutes(struct ha_report *r, const struct ha_tally *t,
                                const struct ha_spike_choice *choice, struct spike_counts *c)
{
    struct ha_error_minute *errors = NULL;
    enum ha_err err = ha_tally_error_minutes(t, &errors, &c->error_count);
    c->errors = errors;
    c->minutes = ha_calloc(c->all.count, sizeof *c->minutes);
    if (c->minutes == NULL)
        err = HA_ERR_MEMORY;
    for (size_t i = 0; err == HA_OK && i < c->all.count; i++) {
        const struct ha_bucket *b = spike_bucket(c, i);
        c->minutes[i].start_s = b->start_s;
        c->minutes[i].good = b->n[HA_SERIES_1XX] + b->n[HA_SERIES_2XX] + b->n[HA_SERIES_3XX];
        if (b->start_s - c->minutes[0].start_s < EARLY * HA_SPIKE_WIDTH_S)
            r->spikes_early += b->n[HA_SERIES_TOTAL];
        else
            r->spikes_later = true;
    }
    if (err == HA_OK)
        err = read_series(r, choice, c);
    if (err == HA_OK)
        err = read_statuses(r, choice, c);
    see_what_lacks(r, choice, ha_tally_minutes_kept(t));
    put_in_order(r);
    if (err == HA_OK)
        err = spike_notes_read(r, c);
    ha_free(errors);
    ha_free(c->minutes);
    return err;
}

/* From the first minute to the last. */
static int64_t span_s(const struct spike_counts *c)
{
    return c->all.count == 0
               ? 0
               : spike_bucket(c, c->all.count - 1)->start_s - spike_bucket(c, 0)->start_s;
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
    struct spike_counts c = {0};
    enum ha_err err = ha_tally_minutes(t, &c.all);
    if (err != HA_OK)
        return err;
    leave_out_strays(&c.all);
    if (c.all.too_many)
        r->spikes_state = HA_SPIKES_TOO_LONG;
    else if (span_s(&c) < HA_SPIKE_LEAST_SPAN_S)
        r->spikes_state = HA_SPIKES_TOO_SHORT;
    if (c.all.count > 0)
        err = read_minutes(r, t, choice, &c);
    ha_minutes_done(&c.all);
    return err;
}

enum ha_err ha_report_count_spikes(const struct ha_tally *t, const struct ha_spike_choice *choice,
                                   uint64_t *count, enum ha_spikes_state *state)
{
    struct ha_report r = {.sums = ha_tally_sums(t), .selection = ""};
    enum ha_err err = ha_report_read_spikes(&r, t, choice);
    *count = r.spike_count;
    *state = r.spikes_lack ? HA_SPIKES_TOO_LONG : r.spikes_state;
    ha_report_free(&r);
    return err;
}
