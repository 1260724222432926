/* diff.c - shares of two runs side by side, and what of their difference is clear. */
#include "httpannotate/diff.h"

#include <math.h>
#include <stdlib.h>

/* The quantile of the normal distribution for HA_DIFF_CONFIDENCE, two-sided. */
#define Z 2.5758293035489004

const char *ha_diff_verdict_name(enum ha_diff_verdict v)
{
    static const char *const names[] = {"no clear change", "new", "up", "down", "gone"};
    return names[v];
}

void ha_diff_interval(double a, double all_a, double b, double all_b, double *low, double *high)
{
    double n = a + b;
    *low = 0;
    *high = INFINITY;
    if (n <= 0)
        return;
    double middle = a + Z * Z / 2, half = Z * sqrt(a * b / n + Z * Z / 4), all = n + Z * Z;
    double scale = all_b / all_a;
    if (a > 0)
        *low = (middle - half) / (all - middle + half) * scale;
    if (b > 0)
        *high = (middle + half) / (all - middle - half) * scale;
}

/* What a count can be: that of a list may be too high, and what a list does not have may have been
 * forgotten. */
struct range {
    double low, high;
};

static void judge(struct ha_diff_row *row, const struct ha_diff *d, struct range now,
                  struct range before)
{
    double ignored, all_now = (double)d->now, all_before = (double)d->before;
    ha_diff_interval(now.low, all_now, before.high, all_before, &row->low, &ignored);
    ha_diff_interval(now.high, all_now, before.low, all_before, &ignored, &row->high);
    row->excess = (double)row->now - (double)row->before * (all_now / all_before);
    if (now.low > 0 && before.high <= 0)
        row->verdict = HA_DIFF_NEW;
    else if (row->low > 1 + HA_DIFF_LEAST)
        row->verdict = HA_DIFF_UP;
    else if (row->high < 1 / (1 + HA_DIFF_LEAST))
        row->verdict = now.high <= 0 ? HA_DIFF_GONE : HA_DIFF_DOWN;
    else
        row->verdict = HA_DIFF_NONE;
}

static enum ha_err compare_statuses(struct ha_diff *d, const struct ha_tally_sums *now,
                                    const struct ha_tally_sums *before)
{
    d->statuses = ha_calloc(HA_COUNT(now->status), sizeof *d->statuses);
    if (d->statuses == NULL)
        return HA_ERR_MEMORY;
    for (int code = 0; code < (int)HA_COUNT(now->status); code++) {
        uint64_t a = now->status[code].count, b = before->status[code].count;
        struct ha_diff_row row = {.status = code, .now = a, .before = b};
        if (a == 0 && b == 0)
            continue;
        judge(&row, d, (struct range){(double)a, (double)a}, (struct range){(double)b, (double)b});
        d->statuses[d->status_count++] = row;
    }
    return HA_OK;
}

/* All pairs of a tally; *count of them. NULL when memory ran out. */
static struct ha_top_entry *all_pairs(const struct ha_tally *t, size_t *count)
{
    size_t room = 64;
    for (;; room *= 4) {
        struct ha_top_entry *e = ha_alloc(room * sizeof *e);
        if (e == NULL)
            return NULL;
        *count = ha_tally_top(t, HA_TOP_ERROR_PAIRS, room, e);
        if (*count < room)
            return e;
        ha_free(e);
    }
}

static struct range range_in(const struct ha_tally *t, const struct ha_top_entry *e)
{
    if (e != NULL)
        return (struct range){(double)(e->count - e->at_most_over), (double)e->count};
    return (struct range){0, (double)ha_tally_top_bound(t, HA_TOP_ERROR_PAIRS)};
}

static void put_pair(struct ha_diff *d, const struct ha_diff_row *row)
{
    if (row->verdict == HA_DIFF_NONE)
        d->pairs_same++;
    else
        d->pairs[d->pairs_changed++] = *row;
}

/* Each pair that is there now, then those that were there before only. */
static void add_pairs(struct ha_diff *d, const struct ha_tally *here, const struct ha_tally *there,
                      const struct ha_top_entry *entries, size_t count, bool only_here)
{
    for (size_t i = 0; i < count; i++) {
        const struct ha_top_entry *e = &entries[i];
        struct ha_top_entry other;
        bool found = ha_tally_pair(there, e->status, e->value, &other);
        struct ha_diff_row row = {.status = e->status, .target = e->value};
        struct range a = range_in(here, e), b = range_in(there, found ? &other : NULL);
        if (!only_here) {
            row.now = e->count;
            row.before = found ? other.count : 0;
            judge(&row, d, a, b);
            put_pair(d, &row);
        } else if (!found) {
            row.before = e->count;
            judge(&row, d, b, a);
            put_pair(d, &row);
        }
    }
}

static int by_excess(const void *a, const void *b)
{
    const struct ha_diff_row *x = a, *y = b;
    double more = fabs(x->excess), less = fabs(y->excess);
    if (more != less)
        return more > less ? -1 : 1;
    if (x->status != y->status)
        return x->status < y->status ? -1 : 1;
    return ha_view_cmp(x->target, y->target);
}

static enum ha_err compare_pairs(struct ha_diff *d, const struct ha_tally *now,
                                 const struct ha_tally *before, size_t most)
{
    size_t now_count = 0, before_count = 0;
    struct ha_top_entry *of_now = all_pairs(now, &now_count);
    struct ha_top_entry *of_before = all_pairs(before, &before_count);
    d->pairs = ha_calloc(now_count + before_count + 1, sizeof *d->pairs);
    bool ok = of_now != NULL && of_before != NULL && d->pairs != NULL;
    if (ok) {
        add_pairs(d, now, before, of_now, now_count, false);
        add_pairs(d, before, now, of_before, before_count, true);
        qsort(d->pairs, d->pairs_changed, sizeof *d->pairs, by_excess);
        d->pair_count = d->pairs_changed < most ? d->pairs_changed : most;
    }
    ha_free(of_now);
    ha_free(of_before);
    return ok ? HA_OK : HA_ERR_MEMORY;
}

enum ha_err ha_diff_make(const struct ha_tally *now, const struct ha_tally *before, size_t most,
                         struct ha_diff *out)
{
    const struct ha_tally_sums *a = ha_tally_sums(now), *b = ha_tally_sums(before);
    *out = (struct ha_diff){.now = a->selected,
                            .before = b->selected,
                            .has_time = b->has_time,
                            .first_us = b->first_us,
                            .last_us = b->last_us};
    if (out->now == 0 || out->before == 0)
        return HA_OK;
    enum ha_err err = compare_statuses(out, a, b);
    if (err == HA_OK && ha_tally_made_with(now).tops && ha_tally_made_with(before).tops)
        err = compare_pairs(out, now, before, most);
    if (err != HA_OK)
        ha_diff_free(out);
    return err;
}

void ha_diff_free(struct ha_diff *d)
{
    ha_free(d->statuses);
    ha_free(d->pairs);
    *d = (struct ha_diff){0};
}
