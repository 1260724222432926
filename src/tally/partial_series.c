/* partial_series.c - sections of a partial report: the timeline, what tells how many clients there
 * were, the top lists. */
#include "count.h"
#include "error_pairs.h"
#include "partial_parts.h"

#include <string.h>

/* Starts in widths, each as its distance from the one before; which series are not 0, and those. */
static void put_bucket(const struct ha_bucket *b, struct ha_buf *to)
{
    unsigned which = 0;
    for (size_t i = 0; i < HA_SERIES_N; i++)
        which |= (unsigned)(b->n[i] > 0) << i;
    ha_put_u64(to, which);
    for (size_t i = 0; i < HA_SERIES_N; i++)
        if (b->n[i] > 0)
            ha_put_u64(to, b->n[i]);
}

void ha_put_timeline(const struct ha_partial *p, struct ha_buf *to)
{
    const struct ha_timeline *t = &p->tally->timeline;
    ha_put_u64(to, (uint64_t)t->width_s);
    uint32_t *order = ha_buckets_order(t->buckets, t->count);
    if (order == NULL) {
        to->failed = true;
        return;
    }
    int64_t before = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct ha_bucket *b = &t->buckets[order[i]];
        int64_t start = b->start_s / t->width_s;
        if (i == 0)
            ha_put_i64(to, start);
        else
            ha_put_u64(to, (uint64_t)(start - before) - 1);
        put_bucket(b, to);
        before = start;
    }
    ha_free(order);
}

static bool take_bucket(struct ha_taker *from, struct ha_bucket *b)
{
    unsigned which = (unsigned)ha_take_upto(from, (1u << HA_SERIES_N) - 1);
    for (size_t i = 0; i < HA_SERIES_N; i++)
        b->n[i] = which >> i & 1u ? ha_take_u64(from) : 0;
    return !from->bad;
}

void ha_take_timeline(struct ha_intake *in, struct ha_taker *from)
{
    uint64_t width = ha_take_upto(from, INT64_MAX);
    size_t rung = 0, count = 0;
    while (ha_timeline_width(rung) != 0 && (uint64_t)ha_timeline_width(rung) != width)
        rung++;
    if (ha_timeline_width(rung) == 0) {
        ha_take_bad(from);
        return;
    }
    /* One bucket at a time: the merge asks for the width and the buckets alone. */
    struct ha_bucket b = {0};
    struct ha_timeline one = {.buckets = &b, .count = 1, .rung = rung, .width_s = (int64_t)width};
    uint64_t total = 0;
    for (int64_t start = 0; ha_take_left(from) > 0;) {
        start =
            count == 0 ? ha_take_i64(from) : start + 1 + (int64_t)ha_take_upto(from, INT64_MAX / 2);
        if (!ha_is_told_time(start, one.width_s) ||
            ++count > ha_timeline_most(&in->into->tally->timeline, rung))
            ha_take_bad(from);
        if (!take_bucket(from, &b))
            return;
        b.start_s = start * one.width_s;
        total = ha_sat_add(total, b.n[HA_SERIES_TOTAL]);
        if (in->adding && !ha_timeline_merge(&in->into->tally->timeline, &one))
            in->no_memory = true;
    }
    if (total > in->sums.selected || (count > 0) != in->sums.has_time)
        ha_take_bad(from);
}

/* ---- HyperLogLog's registers: the few that are not 0, or all of them in six bits each ---- */

enum { SPARSE, DENSE };
#define RANK_MAX    (64 - HA_DISTINCT_BITS + 1)
#define DENSE_BYTES (HA_DISTINCT_REGISTERS / 4 * 3)
/* A register that is not 0 takes two bytes as a rule. */
#define SPARSE_MOST (DENSE_BYTES / 2)

static void put_sparse(const struct ha_distinct *d, struct ha_buf *to)
{
    unsigned next = 0;
    for (unsigned i = 0; i < HA_DISTINCT_REGISTERS; i++) {
        if (d->rank[i] == 0)
            continue;
        ha_put_u64(to, i - next);
        ha_put_u64(to, d->rank[i]);
        next = i + 1;
    }
}

static void put_dense(const struct ha_distinct *d, struct ha_buf *to)
{
    for (unsigned i = 0; i < HA_DISTINCT_REGISTERS; i += 4) {
        const uint8_t *r = &d->rank[i];
        ha_buf_char(to, (char)(r[0] | r[1] << 6));
        ha_buf_char(to, (char)(r[1] >> 2 | r[2] << 4));
        ha_buf_char(to, (char)(r[2] >> 4 | r[3] << 2));
    }
}

void ha_put_clients(const struct ha_partial *p, struct ha_buf *to)
{
    const struct ha_distinct *d = &p->tally->clients;
    size_t seen = 0;
    for (size_t i = 0; i < HA_DISTINCT_REGISTERS; i++)
        seen += d->rank[i] > 0;
    bool dense = seen > SPARSE_MOST;
    ha_put_u64(to, dense ? DENSE : SPARSE);
    (dense ? put_dense : put_sparse)(d, to);
}

static void take_sparse(struct ha_taker *from, struct ha_distinct *d)
{
    for (uint64_t next = 0; ha_take_left(from) > 0 && next < HA_DISTINCT_REGISTERS; next++) {
        next += ha_take_upto(from, HA_DISTINCT_REGISTERS - 1 - next);
        uint8_t rank = (uint8_t)ha_take_upto(from, RANK_MAX);
        if (from->bad)
            return;
        d->rank[next] = rank;
    }
}

static void take_dense(struct ha_taker *from, struct ha_distinct *d)
{
    struct ha_view v = ha_take_bytes(from, DENSE_BYTES);
    for (size_t i = 0; i < v.len / 3; i++) {
        const unsigned char *b = (const unsigned char *)v.ptr + 3 * i;
        uint8_t *r = &d->rank[4 * i];
        r[0] = b[0] & 63;
        r[1] = (uint8_t)((b[0] >> 6 | b[1] << 2) & 63);
        r[2] = (uint8_t)((b[1] >> 4 | b[2] << 4) & 63);
        r[3] = b[2] >> 2;
        if (r[0] > RANK_MAX || r[1] > RANK_MAX || r[2] > RANK_MAX || r[3] > RANK_MAX)
            ha_take_bad(from);
    }
}

void ha_take_clients(struct ha_intake *in, struct ha_taker *from)
{
    struct ha_distinct d = {{0}};
    if (ha_take_upto(from, DENSE) == DENSE)
        take_dense(from, &d);
    else
        take_sparse(from, &d);
    if (in->adding)
        ha_distinct_merge(&in->into->tally->clients, &d);
}

/* ---- top lists, in the order of enum ha_top ---- */

void ha_put_tops(const struct ha_partial *p, struct ha_buf *to)
{
    ha_put_u64(to, p->tally->tops ? HA_TOP_N : 0);
    for (size_t i = 0; p->tally->tops && i < HA_TOP_N; i++)
        ha_top_put(&p->tally->top[i], to);
}

/* A status of three digits and a space lead the target. */
static bool is_pair(struct ha_view v)
{
    if (v.len < HA_PAIR_STATUS || v.ptr[0] < '1' || v.ptr[0] > '9' || v.ptr[3] != ' ')
        return false;
    return v.ptr[1] >= '0' && v.ptr[1] <= '9' && v.ptr[2] >= '0' && v.ptr[2] <= '9';
}

void ha_take_tops(struct ha_intake *in, struct ha_taker *from)
{
    size_t count = (size_t)ha_take_u64(from);
    if (count != (in->options.tops ? HA_TOP_N : 0)) {
        ha_take_bad(from);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct ha_top_list *into = in->adding ? &in->into->tally->top[i] : NULL;
        bool pairs = i == HA_TOP_ERROR_PAIRS;
        if (!ha_top_take(from, &in->into->limits, in->sums.selected, pairs ? is_pair : NULL, into))
            in->no_memory = true;
    }
}
