/* partial_names.c - sections of a partial report that have names: patterns, sources, samples. */
#include "count.h"
#include "partial_parts.h"

#include <stdlib.h>
#include <string.h>

void ha_names_done(struct ha_names *n)
{
    for (size_t i = 0; i < n->count; i++)
        ha_free(n->items[i].name);
    ha_free(n->items);
    *n = (struct ha_names){0};
}

/* Where the name is, or would be put. */
static size_t place_of(const struct ha_names *n, struct ha_view name)
{
    size_t low = 0, high = n->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ha_view_cmp(ha_view_of(n->items[middle].name), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct ha_name *ha_names_at(struct ha_names *n, struct ha_view name, size_t *at, bool *fresh)
{
    *at = place_of(n, name);
    *fresh = *at == n->count || !ha_view_is(name, n->items[*at].name);
    if (!*fresh)
        return &n->items[*at];
    if (n->count == n->room) {
        size_t room = n->room == 0 ? 16 : 2 * n->room;
        struct ha_name *grown = ha_realloc(n->items, room * sizeof *grown);
        if (grown == NULL)
            return NULL;
        n->items = grown;
        n->room = room;
    }
    char *copy = ha_strdup_view(name);
    if (copy == NULL)
        return NULL;
    memmove(&n->items[*at + 1], &n->items[*at], (n->count - *at) * sizeof *n->items);
    n->items[*at] = (struct ha_name){.name = copy};
    n->count++;
    n->bytes += name.len;
    return &n->items[*at];
}

/* A row of a section: a name and its sums. */
struct row {
    struct ha_view name;
    uint64_t sum[2];
};

static int by_name(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return ha_view_cmp(x->name, y->name);
}

/* Sorts the rows, adds up those of one name, and writes them with so many sums each. */
static void put_rows(struct row *rows, size_t count, size_t sums, struct ha_buf *to)
{
    qsort(rows, count, sizeof *rows, by_name);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && ha_view_eq(rows[i].name, rows[i + 1].name)) {
            ha_sat_add_all(rows[i + 1].sum, rows[i].sum, sums);
            continue;
        }
        ha_put_string(to, rows[i].name);
        for (size_t k = 0; k < sums; k++)
            ha_put_u64(to, rows[i].sum[k]);
    }
}

static struct ha_view name_of(const char *name)
{
    struct ha_view v = ha_view_of(name);
    if (v.len > HA_PARTIAL_NAME)
        v.len = HA_PARTIAL_NAME;
    return v;
}

void ha_put_patterns(const struct ha_partial *p, struct ha_buf *to)
{
    struct row *rows = ha_calloc(p->pattern_count + 1, sizeof *rows);
    if (rows == NULL) {
        to->failed = true;
        return;
    }
    for (size_t i = 0; i < p->pattern_count; i++)
        rows[i] = (struct row){name_of(p->patterns[i].name), {p->patterns[i].count, 0}};
    put_rows(rows, p->pattern_count, 1, to);
    ha_free(rows);
}

void ha_put_sources(const struct ha_partial *p, struct ha_buf *to)
{
    struct row *rows = ha_calloc(p->source_count + 1, sizeof *rows);
    if (rows == NULL) {
        to->failed = true;
        return;
    }
    for (size_t i = 0; i < p->source_count; i++)
        rows[i] =
            (struct row){name_of(p->sources[i].name), {p->sources[i].lines, p->sources[i].bytes}};
    put_rows(rows, p->source_count, 2, to);
    ha_free(rows);
}

/* Behind a source that is new all others have moved up: so do those that samples and
 * findings mean. */
static void move_findings(struct ha_findings *f, size_t at)
{
    for (int form = 0; form < HA_FORMS; form++)
        for (int rule = 0; rule < HA_RULE_N; rule++)
            f->found[form][rule].source += f->found[form][rule].source >= at;
}

static void move_conduct(struct ha_conduct *c, size_t at)
{
    for (int kind = 0; kind < HA_CONDUCT_N; kind++)
        for (size_t i = 0; i < c->table[kind].count; i++)
            c->table[kind].actors[i].source += c->table[kind].actors[i].source >= at;
}

static void move_samples(struct ha_samples *s, size_t at)
{
    for (size_t reason = 0; reason < HA_REASON_N; reason++)
        for (size_t i = 0; i < s->list[reason].count; i++)
            if (s->list[reason].items[i].source >= at)
                s->list[reason].items[i].source++;
}

/* Index of a source of that name among the merger's, made when there is none. */
bool ha_partial_source_at(struct ha_intake *in, struct ha_view name, size_t *at)
{
    bool fresh = false;
    if (ha_names_at(&in->into->sources, name, at, &fresh) == NULL) {
        in->no_memory = true;
        return false;
    }
    if (fresh) {
        move_samples(&in->into->tally->samples, *at);
        move_findings(&in->into->tally->findings, *at);
        move_conduct(&in->into->tally->conduct, *at);
    }
    return true;
}

/* The next row; false at the end, or when it is not as it must be: in order, and a C string. */
static bool take_row(struct ha_taker *from, size_t sums, const struct ha_view *before,
                     struct row *row)
{
    if (ha_take_left(from) == 0)
        return false;
    row->name = ha_take_string(from, HA_PARTIAL_NAME);
    for (size_t k = 0; k < sums; k++)
        row->sum[k] = ha_take_u64(from);
    if (row->name.len > 0 && memchr(row->name.ptr, '\0', row->name.len) != NULL)
        ha_take_bad(from);
    if (before != NULL && ha_view_cmp(*before, row->name) >= 0)
        ha_take_bad(from);
    return !from->bad;
}

/* Whether the merger has the name, or room for it and those in *more, to which it is added. */
static bool has_room(const struct ha_names *n, struct ha_view name, struct ha_names *more)
{
    size_t at = place_of(n, name);
    if (at < n->count && ha_view_is(name, n->items[at].name))
        return true;
    more->count++;
    more->bytes += name.len;
    return n->count + more->count <= HA_PARTIAL_NAMES &&
           n->bytes + more->bytes <= HA_PARTIAL_NAME_BYTES;
}

void ha_take_patterns(struct ha_intake *in, struct ha_taker *from)
{
    struct row row;
    struct ha_view before;
    struct ha_names more = {0};
    in->matched = 0;
    for (size_t i = 0; take_row(from, 1, i > 0 ? &before : NULL, &row); i++) {
        before = row.name;
        in->matched = ha_sat_add(in->matched, row.sum[0]);
        if (!in->adding) {
            in->full |= !has_room(&in->into->patterns, row.name, &more);
            continue;
        }
        size_t at;
        bool fresh;
        struct ha_name *n = ha_names_at(&in->into->patterns, row.name, &at, &fresh);
        if (n == NULL)
            in->no_memory = true;
        else
            n->sum[0] = ha_sat_add(n->sum[0], row.sum[0]);
    }
}

void ha_take_sources(struct ha_intake *in, struct ha_taker *from)
{
    struct row row;
    struct ha_view before;
    struct ha_names more = {0};
    in->sources = *from;
    for (size_t i = 0; take_row(from, 2, i > 0 ? &before : NULL, &row); i++) {
        before = row.name;
        size_t at;
        if (in->adding && ha_partial_source_at(in, row.name, &at))
            ha_sat_add_all(in->into->sources.items[at].sum, row.sum, 2);
        else if (!in->adding && !has_room(&in->into->sources, row.name, &more))
            in->full = true;
    }
}

bool ha_partial_has_source(const struct ha_intake *in, struct ha_view name)
{
    struct ha_taker sources = in->sources;
    struct row row;
    while (take_row(&sources, 2, NULL, &row))
        if (ha_view_eq(row.name, name))
            return true;
    return false;
}

/* ---- samples, each with the name of its source ---- */

struct ha_view ha_partial_source(const struct ha_partial *p, uint32_t source)
{
    return source < p->source_count ? name_of(p->sources[source].name) : (struct ha_view){NULL, 0};
}

static bool sample_before(const struct ha_partial *p, const struct ha_sample *a,
                          const struct ha_sample *b)
{
    int order = ha_view_cmp(ha_partial_source(p, a->source), ha_partial_source(p, b->source));
    if (order == 0)
        order = (a->line_number > b->line_number) - (a->line_number < b->line_number);
    return order != 0 ? order < 0 : ha_view_cmp(a->text, b->text) < 0;
}

static void put_list(const struct ha_partial *p, const struct ha_sample_list *list,
                     struct ha_buf *to)
{
    const struct ha_sample **order = ha_alloc((list->count + 1) * sizeof *order);
    if (order == NULL) {
        to->failed = true;
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        size_t at = i; /* they are few */
        for (; at > 0 && sample_before(p, &list->items[i], order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = &list->items[i];
    }
    for (size_t i = 0; i < list->count; i++) {
        if (order[i]->source >= p->source_count)
            continue; /* nobody could find the line */
        ha_put_u64(to, order[i]->reason);
        ha_put_string(to, ha_partial_source(p, order[i]->source));
        ha_put_u64(to, order[i]->line_number);
        ha_put_u64(to, order[i]->full_len);
        ha_put_string(to, order[i]->text);
    }
    ha_free(order);
}

void ha_put_samples(const struct ha_partial *p, struct ha_buf *to)
{
    for (size_t reason = 0; reason < HA_REASON_N; reason++)
        put_list(p, &p->tally->samples.list[reason], to);
}

void ha_take_samples(struct ha_intake *in, struct ha_taker *from)
{
    for (size_t most = HA_REASON_N * in->into->limits.unmatched_samples; ha_take_left(from) > 0;
         most--) {
        struct ha_sample s = {.reason = (uint8_t)ha_take_upto(from, HA_REASON_N - 1)};
        struct ha_view source = ha_take_string(from, HA_PARTIAL_NAME);
        s.line_number = ha_take_u64(from);
        s.full_len = (size_t)ha_take_u64(from);
        s.text = ha_take_string(from, in->into->limits.sample_bytes);
        if (most == 0 || s.text.len > s.full_len || !ha_partial_has_source(in, source))
            ha_take_bad(from);
        size_t at;
        if (from->bad || !in->adding || !ha_partial_source_at(in, source, &at))
            continue;
        s.source = (uint32_t)at;
        if (!ha_samples_add(&in->into->tally->samples, &s))
            in->no_memory = true;
    }
}
