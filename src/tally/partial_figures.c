/* partial_figures.c - sections of a partial report: statuses by method, durations and sizes. */
#include "httpannotate/facts.h"
#include "partial_parts.h"

#include <stdlib.h>
#include <string.h>

/* Rows of numbers of which most are 0: each other one with its distance from where it could be. */
static void put_row(const uint64_t *n, size_t count, struct ha_buf *to)
{
    size_t seen = 0, next = 0;
    for (size_t i = 0; i < count; i++)
        seen += n[i] > 0;
    ha_put_u64(to, seen);
    for (size_t i = 0; i < count; i++) {
        if (n[i] == 0)
            continue;
        ha_put_u64(to, i - next);
        ha_put_u64(to, n[i]);
        next = i + 1;
    }
}

/* Reads a row over *n, which is all 0. Returns the sum. */
static uint64_t take_row(struct ha_taker *from, uint64_t *n, size_t count)
{
    uint64_t sum = 0;
    size_t seen = ha_take_number(from, count);
    for (size_t next = 0; seen > 0; seen--, next++) {
        if (next >= count)
            return ha_take_bad(from);
        next += ha_take_upto(from, count - 1 - next);
        uint64_t number = ha_take_u64(from);
        if (number == 0 || from->bad)
            return ha_take_bad(from);
        n[next] = number;
        sum = ha_sat_add(sum, number);
    }
    return sum;
}

/* ---- statuses by method: unlisted tokens and requests without a method have rows of their own,
 * before the listed ones, which are in order of their names ---- */

enum { UNLISTED_ROW, NONE_ROW, LISTED_ROWS };

static bool is_used(const uint64_t *row)
{
    for (size_t i = 0; row != NULL && i < HA_METHOD_STATUSES; i++)
        if (row[i] > 0)
            return true;
    return false;
}

static int by_method(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return ha_view_cmp(ha_view_of(ha_facts_method((int)(x - LISTED_ROWS))->method),
                       ha_view_of(ha_facts_method((int)(y - LISTED_ROWS))->method));
}

void ha_put_method_statuses(const struct ha_partial *p, struct ha_buf *to)
{
    uint64_t *const *rows = p->tally->method_statuses.rows;
    size_t all = ha_method_statuses_rows(), count = 0;
    static const uint64_t none[HA_METHOD_STATUSES];
    for (size_t i = 0; i < LISTED_ROWS; i++)
        put_row(rows[i] != NULL ? rows[i] : none, HA_METHOD_STATUSES, to);
    size_t *order = ha_alloc(all * sizeof *order);
    if (order == NULL) {
        to->failed = true;
        return;
    }
    for (size_t i = LISTED_ROWS; i < all; i++)
        if (is_used(rows[i]))
            order[count++] = i;
    qsort(order, count, sizeof *order, by_method);
    for (size_t i = 0; i < count; i++) {
        ha_put_string(to, ha_view_of(ha_facts_method((int)(order[i] - LISTED_ROWS))->method));
        put_row(rows[order[i]], HA_METHOD_STATUSES, to);
    }
    ha_free(order);
}

/* Reads a row and, while adding, adds it to that of the tally. Returns its sum. */
static uint64_t take_statuses(struct ha_intake *in, struct ha_taker *from, size_t row)
{
    uint64_t n[HA_METHOD_STATUSES] = {0};
    uint64_t sum = take_row(from, n, HA_METHOD_STATUSES);
    if (!in->adding || sum == 0)
        return sum;
    uint64_t *into = ha_method_statuses_row(&in->into->tally->method_statuses, row);
    if (into != NULL)
        ha_sat_add_all(into, n, HA_METHOD_STATUSES);
    else
        in->no_memory = true;
    return sum;
}

void ha_take_method_statuses(struct ha_intake *in, struct ha_taker *from)
{
    struct ha_view before = {NULL, 0};
    uint64_t sum = 0;
    for (size_t i = 0; i < LISTED_ROWS; i++)
        sum = ha_sat_add(sum, take_statuses(in, from, i));
    for (size_t i = 0; ha_take_left(from) > 0; i++) {
        struct ha_view name = ha_take_string(from, HA_METHOD_TOKEN);
        if (i > 0 && ha_view_cmp(before, name) >= 0)
            ha_take_bad(from);
        before = name;
        /* What another build lists and this one does not is one of the unlisted here. */
        int index = from->bad ? HA_NO_METHOD : ha_facts_method_index(name);
        size_t row = index >= 0 ? (size_t)index + LISTED_ROWS : UNLISTED_ROW;
        sum = ha_sat_add(sum, take_statuses(in, from, row));
    }
    if (sum > in->sums.selected)
        ha_take_bad(from);
}

/* ---- durations by class, then sizes ---- */

static void put_quantiles(const struct ha_quantiles *q, struct ha_buf *to)
{
    if (ha_quantiles_count(q) == 0) {
        ha_put_u64(to, 0);
        return;
    }
    /* What earlier versions can read, wherever it is all there is to say. */
    ha_put_u64(to, q->sum_high == 0 ? 1 : 2);
    ha_put_u64(to, q->min);
    ha_put_u64(to, q->max);
    ha_put_u64(to, q->sum);
    if (q->sum_high > 0)
        ha_put_u64(to, q->sum_high);
    size_t first = ha_quantiles_bucket(q->min);
    put_row(q->counts + first, ha_quantiles_bucket(q->max) - first + 1, to);
}

void ha_put_quantiles(const struct ha_partial *p, struct ha_buf *to)
{
    for (size_t i = 0; i < HA_COUNT(p->tally->durations); i++)
        put_quantiles(&p->tally->durations[i], to);
    put_quantiles(&p->tally->sizes, to);
}

/* into NULL: it is only looked at. False when memory ran out. */
static bool take_quantiles(struct ha_taker *from, uint64_t most, struct ha_quantiles *into)
{
    struct ha_quantiles q = {0};
    uint64_t words = ha_take_upto(from, 2);
    if (words == 0)
        return true;
    if (!ha_quantiles_begin(&q))
        return false;
    q.min = ha_take_u64(from);
    q.max = ha_take_u64(from);
    q.sum = ha_take_u64(from);
    q.sum_high = words == 2 ? ha_take_u64(from) : 0;
    bool ok = true;
    if (from->bad || q.min > q.max) {
        ha_take_bad(from);
    } else {
        size_t first = ha_quantiles_bucket(q.min), last = ha_quantiles_bucket(q.max);
        uint64_t count = take_row(from, q.counts + first, last - first + 1);
        if (count == 0 || count > most || (words == 2 && q.sum_high == 0) || q.sum_high >= count ||
            q.counts[first] == 0 || q.counts[last] == 0)
            ha_take_bad(from);
        else if (into != NULL)
            ok = ha_quantiles_merge(into, &q);
    }
    ha_quantiles_done(&q);
    return ok;
}

void ha_take_quantiles(struct ha_intake *in, struct ha_taker *from)
{
    struct ha_tally *t = in->adding ? in->into->tally : NULL;
    for (size_t i = 0; i < HA_COUNT(t->durations); i++)
        if (!take_quantiles(from, in->sums.classes[i].count, t != NULL ? &t->durations[i] : NULL))
            in->no_memory = true;
    if (!take_quantiles(from, in->sums.selected, t != NULL ? &t->sizes : NULL))
        in->no_memory = true;
}
