/* partial_evidence.c - the section of a partial report with the samples of evidence: how many
 * entries they may have (nothing follows where none were kept), their texts in order, each once,
 * the entries in order. Reports of earlier builds lack it. */
#include "httpannotate/facts.h"
#include "partial_parts.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS = HA_SAMPLED_TEXTS };

/* ---- writing ---- */

struct texts {
    struct ha_view *list;
    size_t count;
};

/* The name of a listed method takes the place of the token: indices are those of one build. */
static struct ha_view text_of(const struct ha_sampled *e, int which)
{
    if (which == HA_SAMPLED_TOKEN && e->method >= 0)
        return ha_view_of(ha_facts_method(e->method)->method);
    return ha_sampled_text(e, which);
}

static int by_text(const void *a, const void *b)
{
    const struct ha_view *x = a, *y = b;
    return ha_view_cmp(*x, *y);
}

static void gather(struct texts *t, const struct ha_sample_set *s)
{
    for (size_t i = 0; i < s->count; i++)
        for (int k = 0; k < TEXTS; k++)
            t->list[t->count++] = text_of(&s->entries[i], k);
}

static void put_texts(struct texts *t, struct ha_buf *to)
{
    size_t distinct = 0;
    if (t->count > 0)
        qsort(t->list, t->count, sizeof *t->list, by_text);
    for (size_t i = 0; i < t->count; i++)
        if (distinct == 0 || !ha_view_eq(t->list[i], t->list[distinct - 1]))
            t->list[distinct++] = t->list[i];
    t->count = distinct;
    ha_put_u64(to, distinct);
    for (size_t i = 0; i < distinct; i++)
        ha_put_string(to, t->list[i]);
}

static void put_entry(const struct texts *t, const struct ha_sampled *e, struct ha_buf *to)
{
    ha_put_u64(to, (uint64_t)e->status);
    ha_put_hash(to, e->hash);
    ha_put_u64(to, e->count);
    for (int k = 0; k < TEXTS; k++) {
        struct ha_view v = text_of(e, k);
        const struct ha_view *at = bsearch(&v, t->list, t->count, sizeof v, by_text);
        HA_ASSERT(at != NULL);
        ha_put_u64(to, (uint64_t)(at - t->list));
    }
}

static void put_set(const struct texts *t, const struct ha_sample_set *s, struct ha_buf *to)
{
    const struct ha_sampled **order;
    if (!ha_sample_set_sorted(s, &order)) {
        to->failed = true;
        return;
    }
    ha_put_u64(to, s->level);
    ha_put_u64(to, s->count);
    for (size_t i = 0; i < s->count; i++) {
        if (i == 0)
            ha_put_i64(to, order[i]->minute);
        else
            ha_put_u64(to, (uint64_t)(order[i]->minute - order[i - 1]->minute));
        put_entry(t, order[i], to);
    }
    ha_free((void *)order);
}

void ha_put_evidence(const struct ha_partial *p, struct ha_buf *to)
{
    const struct ha_evidence *e = ha_tally_evidence(p->tally);
    ha_put_u64(to, e == NULL ? 0 : e->errors.cap);
    ha_put_u64(to, e == NULL ? 0 : e->others.cap);
    if (e == NULL)
        return;
    struct texts t = {0};
    t.list = ha_alloc((e->errors.count + e->others.count + 1) * TEXTS * sizeof *t.list);
    if (t.list == NULL) {
        to->failed = true;
        return;
    }
    gather(&t, &e->errors);
    gather(&t, &e->others);
    put_texts(&t, to);
    put_set(&t, &e->errors, to);
    put_set(&t, &e->others, to);
    ha_free(t.list);
}

/* ---- reading ---- */

/* A sample on its way in. */
struct sample {
    const struct texts *texts;
    struct ha_sample_set *into; /* NULL: it is looked at only */
    size_t most;                /* entries */
    int first_status, last_status;
    uint64_t records; /* that there are; their counters may have stopped at their maximum */
    bool no_memory;
};

static struct ha_view take_text(const struct texts *t, struct ha_taker *from, size_t most)
{
    size_t at = (size_t)ha_take_upto(from, t->count > 0 ? t->count - 1 : 0);
    if (from->bad || t->count == 0 || t->list[at].len > most) {
        ha_take_bad(from);
        return (struct ha_view){NULL, 0};
    }
    return t->list[at];
}

static void take_method(const struct texts *t, struct ha_taker *from, struct ha_sampled *e,
                        struct ha_view *token)
{
    struct ha_view name = take_text(t, from, HA_SAMPLED_ROOM);
    int index = name.len > 0 ? ha_facts_method_index(name) : HA_NO_METHOD;
    e->method = (int16_t)index;
    if (name.len > 0 && index < 0) {
        e->method = HA_UNLISTED_METHOD;
        *token = name;
        if (name.len > HA_SAMPLED_MOST[HA_SAMPLED_TOKEN])
            ha_take_bad(from);
    }
}

static void take_entry(struct sample *s, struct ha_taker *from, uint64_t bound,
                       struct ha_sampled *e)
{
    struct ha_view texts[TEXTS] = {{NULL, 0}};
    e->status = (int16_t)ha_take_upto(from, (uint64_t)s->last_status);
    e->hash = ha_take_hash(from);
    e->count = ha_take_upto(from, s->records);
    for (int k = 0; k < HA_SAMPLED_TOKEN; k++)
        texts[k] = take_text(s->texts, from, HA_SAMPLED_MOST[k]);
    take_method(s->texts, from, e, &texts[HA_SAMPLED_TOKEN]);
    if (e->status < s->first_status || e->hash > bound || e->count == 0)
        ha_take_bad(from);
    if (from->bad)
        return;
    ha_sampled_put(e, texts);
}

static void take_set(struct sample *s, struct ha_taker *from)
{
    unsigned level = (unsigned)ha_take_upto(from, HA_SAMPLE_LEVELS);
    size_t count = ha_take_number(from, s->most);
    uint64_t bound = ha_sample_bound(level);
    struct ha_sampled e = {0}, before = {0};
    if (s->into != NULL && !from->bad)
        ha_sample_set_raise_to(s->into, level);
    if (level == HA_SAMPLE_LEVELS && count > 0)
        ha_take_bad(from);
    for (size_t i = 0; i < count && !from->bad; i++) {
        int64_t minute = i == 0 ? ha_take_i64(from)
                                : before.minute + (int64_t)ha_take_upto(from, INT64_MAX / 60);
        if (!ha_is_told_time(minute, 60))
            ha_take_bad(from);
        e.minute = minute;
        take_entry(s, from, bound, &e);
        if (!from->bad && i > 0 && ha_sampled_cmp(&before, &e) >= 0)
            ha_take_bad(from);
        if (from->bad)
            return;
        if (s->into != NULL && !ha_sample_set_add(s->into, &e))
            s->no_memory = true;
        before = e;
    }
}

/* Samples of a part are none of the whole. */
void ha_lack_evidence(struct ha_intake *in)
{
    if (in->adding && in->sums.selected > 0 && in->sums.has_time)
        ha_evidence_lose(in->into->tally->evidence);
}

void ha_take_evidence(struct ha_intake *in, struct ha_taker *from)
{
    const struct ha_limits *limits = &in->into->limits;
    uint64_t errors = ha_take_u64(from), others = ha_take_u64(from);
    if (errors != limits->evidence_errors || others != limits->evidence_others) {
        /* Samples of other sizes do not add up to one of either. */
        from->at = from->end;
        ha_lack_evidence(in);
        return;
    }
    size_t most = (limits->evidence_errors + limits->evidence_others) * TEXTS;
    struct texts t = {.count = ha_take_number(from, most)};
    t.list = ha_alloc((t.count + 1) * sizeof *t.list);
    if (t.list == NULL) {
        in->no_memory = true;
        return;
    }
    for (size_t i = 0; i < t.count; i++)
        t.list[i] = ha_take_string(from, HA_SAMPLED_ROOM);
    struct ha_evidence *into = in->adding ? in->into->tally->evidence : NULL;
    into = into != NULL && !into->lost ? into : NULL;
    struct sample s = {.texts = &t,
                       .into = into != NULL ? &into->errors : NULL,
                       .most = limits->evidence_errors,
                       .first_status = 400,
                       .last_status = 599,
                       .records = in->sums.selected};
    take_set(&s, from);
    s.into = into != NULL ? &into->others : NULL;
    s.most = limits->evidence_others;
    s.first_status = 100;
    s.last_status = 399;
    take_set(&s, from);
    in->no_memory |= s.no_memory;
    ha_free(t.list);
}
