/* spike_notes.c - what statuses that rose together tell of an incident, where the counts show it.
 */
#include "report/formats.h"
#include "report/spike_counts.h"

#include <stdlib.h>

enum {
    NEAR_S = 5 * 60,  /* begin so near: one incident */
    SHORT_S = 2 * 60, /* a burst of about a minute touches two */
    AFTER_S = 5 * 60, /* after it requests go on, and succeed */
};

/* The spikes of one status, whether it is watched or not. */
struct list {
    struct ha_spike *spikes;
    size_t count;
};

static enum ha_err find(const struct spike_counts *c, int status, struct list *out)
{
    spike_counts_of_status(c, status);
    return ha_spikes_find(c->minutes, c->all.count, &out->spikes, &out->count);
}

static bool is_near(int64_t a_s, int64_t b_s)
{
    return llabs((long long)(a_s - b_s)) <= NEAR_S;
}

/* The incident in which these errors rose: of a group that has the status, by itself and not within
 * another, begun near that time. NULL when there is none. */
static struct ha_report_spike *incident_of(struct ha_report *r, int status, int64_t start_s)
{
    size_t low = 0, high = r->spike_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->spikes[middle].incident_s < start_s - NEAR_S)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < r->spike_count && r->spikes[low].incident_s <= start_s + NEAR_S; low++)
        if (r->spikes[low].within == 0 && ha_spike_group_has(r->spikes[low].group, status))
            return &r->spikes[low];
    return NULL;
}

static void add(struct ha_report_spike *to, struct ha_spike_note note)
{
    if (to == NULL || to->note_count == HA_SPIKE_NOTES)
        return;
    for (size_t i = 0; i < to->note_count; i++)
        if (to->notes[i].kind == note.kind)
            return;
    to->notes[to->note_count++] = note;
}

static bool any_has(const struct ha_report *r, int status)
{
    for (size_t i = 0; i < r->spike_count; i++)
        if (ha_spike_group_has(r->spikes[i].group, status))
            return true;
    return false;
}

/* Clients leave (499) while gateways wait too long (504). */
static enum ha_err note_slow_upstreams(struct ha_report *r, const struct spike_counts *c)
{
    struct list left = {NULL, 0}, late = {NULL, 0};
    enum ha_err err = find(c, 504, &late);
    if (err == HA_OK && late.count > 0)
        err = find(c, 499, &left);
    for (size_t i = 0, from = 0; err == HA_OK && i < late.count; i++) {
        const struct ha_spike *b = &late.spikes[i];
        while (from < left.count && left.spikes[from].start_s < b->start_s - NEAR_S)
            from++;
        if (from == left.count || !is_near(left.spikes[from].start_s, b->start_s))
            continue;
        const struct ha_spike *a = &left.spikes[from];
        struct ha_report_spike *in = incident_of(r, 504, b->start_s);
        in = in != NULL ? in : incident_of(r, 499, a->start_s);
        add(in, (struct ha_spike_note){HA_SPIKE_SLOW_UPSTREAM, .count = {a->count, b->count},
                                       .span = {a->start_s < b->start_s ? a->start_s : b->start_s,
                                                a->end_s > b->end_s ? a->end_s : b->end_s}});
    }
    ha_free(left.spikes);
    ha_free(late.spikes);
    return err;
}

/* Sums from a minute on, up to another. */
struct sums {
    uint64_t server_errors, good;
};
static struct sums sums_of(const struct spike_counts *c, int64_t from_s, int64_t to_s)
{
    struct sums sums = {0, 0};
    size_t low = 0, high = c->all.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->minutes[middle].start_s < from_s)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < c->all.count && c->minutes[low].start_s < to_s; low++) {
        sums.server_errors += spike_bucket(c, low)->n[HA_SERIES_5XX];
        sums.good += c->minutes[low].good;
    }
    return sums;
}

/* 502 for about a minute, most of the server's errors, and then it is over. */
static enum ha_err note_restarts(struct ha_report *r, const struct spike_counts *c)
{
    struct list refused = {NULL, 0};
    enum ha_err err = find(c, 502, &refused);
    for (size_t i = 0; err == HA_OK && i < refused.count; i++) {
        const struct ha_spike *s = &refused.spikes[i];
        if (s->is_open || s->settled || s->end_s - s->start_s > SHORT_S)
            continue;
        uint64_t all = sums_of(c, s->start_s, s->end_s).server_errors;
        if (2 * s->count < all || sums_of(c, s->end_s, s->end_s + AFTER_S).good == 0)
            continue;
        add(incident_of(r, 502, s->start_s),
            (struct ha_spike_note){HA_SPIKE_RESTART, .count = {s->count, all},
                                   .span = {s->start_s, s->end_s}});
    }
    ha_free(refused.spikes);
    return err;
}

/* 404 may be a scan; from whom is not told by counts. */
static enum ha_err note_scans(struct ha_report *r, const struct spike_counts *c)
{
    struct list missed = {NULL, 0};
    enum ha_err err = find(c, 404, &missed);
    for (size_t i = 0; err == HA_OK && i < missed.count; i++) {
        const struct ha_spike *s = &missed.spikes[i];
        add(incident_of(r, 404, s->start_s),
            (struct ha_spike_note){HA_SPIKE_SCAN, .count = {s->count, 0},
                                   .span = {s->start_s, s->end_s}});
    }
    ha_free(missed.spikes);
    return err;
}

enum ha_err spike_notes_read(struct ha_report *r, const struct spike_counts *c)
{
    enum ha_err err = HA_OK;
    if (any_has(r, 504) || any_has(r, 499))
        err = note_slow_upstreams(r, c);
    if (err == HA_OK && any_has(r, 502))
        err = note_restarts(r, c);
    if (err == HA_OK && any_has(r, 404))
        err = note_scans(r, c);
    return err;
}

/* ---- scans ---- */

/* Whether half of it and more is of one client or network that tried many targets. */
static bool is_scan(struct ha_report *r, struct ha_spike_note *n, const struct ha_span *incidents,
                    size_t count)
{
    enum { MANY_TARGETS = 10 };
    static const enum ha_aspect aspects[] = {HA_ASPECT_CLIENTS, HA_ASPECT_NETWORKS};
    struct ha_risen risen;
    const struct ha_risen_question q = {.group = 404,
                                        .span = n->span,
                                        .errors = n->count[0],
                                        .incidents = incidents,
                                        .incident_count = count};
    ha_evidence_risen(r->evidence, &q, &risen);
    const struct ha_risen_value *best = NULL;
    for (size_t i = 0; i < HA_COUNT(aspects); i++) {
        const struct ha_risen_value *v = &risen.value[aspects[i]][0];
        if (risen.count[aspects[i]] > 0 && v->share >= .5 && v->targets >= MANY_TARGETS &&
            (best == NULL || v->share > best->share))
            best = v;
    }
    if (best == NULL)
        return false;
    n->count[1] = best->targets;
    n->who = best->value;
    n->share = best->share;
    n->estimated = best->estimated;
    return true;
}

/* The spans of all that may be scans, which are in order of time. */
static size_t spans_of(const struct ha_report *r, struct ha_span *to)
{
    size_t count = 0;
    for (size_t i = 0; i < r->spike_count; i++)
        for (size_t k = 0; k < r->spikes[i].note_count; k++)
            if (r->spikes[i].notes[k].kind == HA_SPIKE_SCAN)
                to[count++] = r->spikes[i].notes[k].span;
    return count;
}

enum ha_err ha_report_settle_notes(struct ha_report *r)
{
    struct ha_span *spans = ha_calloc(r->spike_count + 1, sizeof *spans);
    if (spans == NULL)
        return HA_ERR_MEMORY;
    size_t count = spans_of(r, spans);
    for (size_t i = 0; i < r->spike_count; i++) {
        struct ha_report_spike *one = &r->spikes[i];
        size_t kept = 0;
        for (size_t k = 0; k < one->note_count; k++)
            if (one->notes[k].kind != HA_SPIKE_SCAN ||
                (r->evidence != NULL && is_scan(r, &one->notes[k], spans, count)))
                one->notes[kept++] = one->notes[k];
        one->note_count = kept;
    }
    ha_free(spans);
    return HA_OK;
}

/* ---- words ---- */

const char *ha_spike_note_name(enum ha_spike_note_kind kind)
{
    static const char *const names[] = {[HA_SPIKE_SLOW_UPSTREAM] = "slow-upstream",
                                        [HA_SPIKE_RESTART] = "restart",
                                        [HA_SPIKE_SCAN] = "scan"};
    return names[kind];
}

void ha_spike_note_text(const struct ha_spike_note *n, struct ha_buf *to)
{
    char first[HA_FIGURE], second[HA_FIGURE];
    int minutes = (int)((n->span.to_s - n->span.from_s) / HA_SPIKE_WIDTH_S);
    ha_figure_count(n->count[0], first);
    ha_figure_count(n->count[1], second);
    switch (n->kind) {
    case HA_SPIKE_SLOW_UPSTREAM:
        ha_buf_printf(to,
                      "499 (%s) and 504 (%s) rose together: clients leave and gateways time out "
                      "where an upstream is slow",
                      first, second);
        break;
    case HA_SPIKE_RESTART:
        if (n->count[0] == n->count[1])
            ha_buf_printf(to, "all %s errors 5xx are 502", first);
        else
            ha_buf_printf(to, "%s of %s errors 5xx are 502", first, second);
        ha_buf_printf(to, ", within %d minute%s: an upstream that is restarted looks like this",
                      minutes, minutes == 1 ? "" : "s");
        break;
    case HA_SPIKE_SCAN:
        ha_buf_printf(to, "%.0f %% of %s times 404 are for ", 100 * n->share, first);
        ha_buf_quoted(to, n->who);
        ha_buf_printf(to, ", which asked for %s%s targets: a scan looks like this",
                      n->estimated ? "at least " : "", second);
        break;
    }
}
