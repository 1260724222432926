/* partial_sums.c - sections of a partial report: options, sums, methods. */
#include "count.h"
#include "httpannotate/facts.h"
#include "partial_parts.h"

#include <stdlib.h>
#include <string.h>

void ha_partial_limits(const struct ha_limits *l, uint64_t to[7])
{
    const uint64_t all[7] = {l->top_entries,      l->top_bytes,    l->value_bytes,
                             l->distinct_methods, l->time_buckets, l->unmatched_samples,
                             l->sample_bytes};
    memcpy(to, all, sizeof all);
}

enum { TOPS = 1, KEEP_QUERY = 2, TEMPLATES = 4, FINDINGS = 8 };
#define SELECTION_BYTES 65536

void ha_put_options(const struct ha_partial *p, struct ha_buf *to)
{
    const struct ha_tally *t = p->tally;
    uint64_t limits[7];
    ha_partial_limits(&t->options.limits, limits);
    for (size_t i = 0; i < HA_COUNT(limits); i++)
        ha_put_u64(to, limits[i]);
    ha_put_u64(to, (uint64_t)((t->tops ? TOPS : 0) | (t->keep_query ? KEEP_QUERY : 0) |
                              (t->options.templates ? TEMPLATES : 0) |
                              (t->options.findings ? FINDINGS : 0)));
    ha_put_string(to, ha_view_of(p->selection));
}

void ha_take_options(struct ha_intake *in, struct ha_taker *from)
{
    struct ha_partial_options *o = &in->options;
    for (size_t i = 0; i < HA_COUNT(o->limits); i++)
        o->limits[i] = ha_take_u64(from);
    uint64_t flags = ha_take_u64(from);
    in->later = flags >= 2 * FINDINGS;
    o->tops = (flags & TOPS) != 0;
    o->keep_query = (flags & KEEP_QUERY) != 0;
    o->templates = (flags & TEMPLATES) != 0;
    o->findings = (flags & FINDINGS) != 0 && !in->into->no_findings;
    o->selection = ha_take_string(from, SELECTION_BYTES);
    if (o->selection.len > 0 && memchr(o->selection.ptr, '\0', o->selection.len) != NULL)
        ha_take_bad(from);
}

/* ---- sums: those that follow from others are not written ---- */

void ha_put_sums(const struct ha_partial *p, struct ha_buf *to)
{
    const struct ha_tally_sums *s = &p->tally->sums;
    ha_put_u64(to, s->bytes);
    for (size_t i = 0; i < HA_VERDICT_N; i++)
        ha_put_u64(to, s->verdict[i]);
    ha_put_u64(to, HA_REASON_N);
    for (size_t i = 0; i < HA_REASON_N; i++)
        ha_put_u64(to, s->reason[i]);
    ha_put_count(to, (struct ha_count){s->no_status, s->classes[0].body_bytes});
    ha_put_count(to, s->no_method);
    ha_put_count(to, s->other_methods);
    ha_put_u64(to, s->has_time);
    if (s->has_time) {
        ha_put_i64(to, s->first_us);
        ha_put_u64(to, (uint64_t)s->last_us - (uint64_t)s->first_us);
    }
    size_t next = 0;
    for (size_t code = 0; code < HA_COUNT(s->status); code++) {
        if (s->status[code].count == 0)
            continue;
        ha_put_u64(to, code - next);
        ha_put_count(to, s->status[code]);
        next = code + 1;
    }
}

/* To the end of the section: each code as its distance from the one that could come next. */
static void take_statuses(struct ha_tally_sums *s, struct ha_taker *from)
{
    for (size_t next = 0; ha_take_left(from) > 0; next++) {
        if (next >= HA_COUNT(s->status)) {
            ha_take_bad(from);
            return;
        }
        next += ha_take_upto(from, HA_COUNT(s->status) - 1 - next);
        struct ha_count c = ha_take_count(from);
        if (from->bad)
            return;
        s->status[next] = c;
        int class = ha_class_of((int)next);
        s->classes[class].count = ha_sat_add(s->classes[class].count, c.count);
        if (class != 0) /* those of class 0 came with the ones that have no status */
            s->classes[class].body_bytes = ha_sat_add(s->classes[class].body_bytes, c.body_bytes);
    }
}

static void take_times(struct ha_tally_sums *s, struct ha_taker *from)
{
    s->has_time = ha_take_upto(from, 1) == 1;
    if (!s->has_time)
        return;
    s->first_us = ha_take_i64(from);
    uint64_t span = ha_take_u64(from);
    if (span > (uint64_t)INT64_MAX - (uint64_t)s->first_us)
        ha_take_bad(from);
    else
        s->last_us = (int64_t)((uint64_t)s->first_us + span);
}

static uint64_t sum_of(const uint64_t *n, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum = ha_sat_add(sum, n[i]);
    return sum;
}

void ha_take_sums(struct ha_intake *in, struct ha_taker *from)
{
    struct ha_tally_sums *s = &in->sums;
    memset(s, 0, sizeof *s);
    s->bytes = ha_take_u64(from);
    for (size_t i = 0; i < HA_VERDICT_N; i++)
        s->verdict[i] = ha_take_u64(from);
    size_t reasons = ha_take_number(from, HA_REASON_N);
    for (size_t i = 0; i < reasons; i++)
        s->reason[i] = ha_take_u64(from);
    struct ha_count rest = ha_take_count(from);
    s->no_status = rest.count;
    s->classes[0] = rest;
    s->no_method = ha_take_count(from);
    s->other_methods = ha_take_count(from);
    take_times(s, from);
    take_statuses(s, from);
    s->lines = sum_of(s->verdict, HA_VERDICT_N);
    for (size_t i = 0; i < HA_COUNT(s->classes); i++)
        s->selected = ha_sat_add(s->selected, s->classes[i].count);
    s->errors = ha_sat_add(s->classes[4].count, s->classes[5].count);
    if (sum_of(s->reason, HA_REASON_N) != s->verdict[HA_UNMATCHED] ||
        s->selected > ha_sat_add(s->verdict[HA_MATCHED], s->verdict[HA_SALVAGED]))
        ha_take_bad(from);
    if (in->adding)
        ha_sums_merge(&in->into->tally->sums, s);
}

/* ---- methods, by name: another build may have other tables ---- */

static int by_name(const void *a, const void *b)
{
    const struct ha_method_count *x = a, *y = b;
    return ha_view_cmp(x->method, y->method);
}

void ha_put_methods(const struct ha_partial *p, struct ha_buf *to)
{
    struct ha_method_count *all = NULL;
    size_t count = 0;
    if (ha_tally_methods(p->tally, &all, &count) != HA_OK) {
        to->failed = true;
        return;
    }
    qsort(all, count, sizeof *all, by_name);
    for (size_t i = 0; i < count; i++) {
        ha_put_string(to, all[i].method);
        ha_put_count(to, all[i].sum);
    }
    ha_free(all);
}

static void add_method(struct ha_intake *in, struct ha_view name, struct ha_count sum)
{
    struct ha_tally *t = in->into->tally;
    int index = ha_facts_method_index(name);
    if (index >= 0)
        ha_methods_add_listed(&t->methods, index, sum);
    else if (!ha_methods_add_token(&t->methods, name, sum, &t->sums.other_methods))
        in->no_memory = true;
}

void ha_take_methods(struct ha_intake *in, struct ha_taker *from)
{
    struct ha_view before = {NULL, 0};
    in->methods = 0;
    for (size_t i = 0; ha_take_left(from) > 0; i++) {
        struct ha_view name = ha_take_string(from, HA_METHOD_TOKEN);
        struct ha_count sum = ha_take_count(from);
        if (i > 0 && ha_view_cmp(before, name) >= 0)
            ha_take_bad(from);
        if (from->bad)
            return;
        before = name;
        in->methods = ha_sat_add(in->methods, sum.count);
        if (in->adding)
            add_method(in, name, sum);
    }
}
