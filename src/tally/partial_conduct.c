/* partial_conduct.c - the section of a partial report with what clients and targets did over
 * time. */
#include "partial_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- a period: how far it lies behind the one before, which sums are not 0, and those ---- */

static void put_period(const struct ha_period *p, int64_t length, int64_t *next, struct ha_buf *to)
{
    int64_t start = p->start_s / length;
    unsigned which = 0;
    for (size_t i = 0; i < HA_DEEDS; i++)
        which |= (unsigned)(p->n[i] > 0) << i;
    for (size_t i = 0; i < HA_COUNT(p->seconds); i++)
        which |= (unsigned)(p->seconds[i] != 0) << (HA_DEEDS + i);
    ha_put_i64(to, start - *next);
    ha_put_u64(to, which);
    for (size_t i = 0; i < HA_DEEDS; i++)
        if (p->n[i] > 0)
            ha_put_u64(to, p->n[i]);
    for (size_t i = 0; i < HA_COUNT(p->seconds); i++)
        if (p->seconds[i] != 0)
            ha_put_u64(to, p->seconds[i]);
    *next = start + 1;
}

static void take_period(struct ha_taker *from, int64_t length, bool first, int64_t *next,
                        struct ha_period *p)
{
    const int64_t far = INT64_MAX / 2;
    int64_t ahead = ha_take_i64(from);
    unsigned which = (unsigned)ha_take_upto(from, (1u << (HA_DEEDS + 2)) - 1);
    if (ahead > far || ahead < -far || (!first && ahead < 0) ||
        !ha_is_told_time(*next + ahead, length)) {
        ha_take_bad(from);
        return;
    }
    *p = (struct ha_period){.start_s = (*next + ahead) * length};
    *next += ahead + 1;
    for (size_t i = 0; i < HA_DEEDS; i++)
        if ((which >> i & 1) != 0)
            p->n[i] = (uint32_t)ha_take_upto(from, UINT32_MAX);
    uint64_t within = length < 64 ? (UINT64_C(1) << length) - 1 : 0;
    for (size_t i = 0; i < HA_COUNT(p->seconds); i++)
        if ((which >> (HA_DEEDS + i) & 1) != 0)
            p->seconds[i] = ha_take_upto(from, within);
}

/* ---- an actor ---- */

enum { CLIENT = 1, TARGET = 2, PATH = 4, LINE = 8, SOURCE = 16, KEY = 32 };

/* source: the one that the actor before it was of, so that it stands once for many. */
static void put_actor(const struct ha_partial *p, const struct ha_watched *s, uint32_t *source,
                      struct ha_buf *to)
{
    bool told = s->line_number != 0 && s->source < p->source_count;
    bool fresh = told && s->source != *source;
    bool key = s->key != ha_conduct_key(s->client, s->target);
    ha_put_u64(to, (s->client != 0 ? CLIENT : 0) | (s->target != 0 ? TARGET : 0) |
                       (s->path != 0 ? PATH : 0) | (told ? LINE : 0) | (fresh ? SOURCE : 0) |
                       (key ? KEY : 0));
    if (s->client != 0)
        ha_put_hash(to, s->client);
    if (s->target != 0)
        ha_put_hash(to, s->target);
    if (s->path != 0)
        ha_put_hash(to, s->path);
    if (fresh) {
        ha_put_string(to, ha_partial_source(p, s->source));
        *source = s->source;
    }
    if (told)
        ha_put_u64(to, s->line_number);
    if (key)
        ha_put_hash(to, s->key);
    ha_put_u64(to, s->agents);
    ha_put_u64(to, s->count);
}

static void take_source(struct ha_intake *in, struct ha_taker *from, struct ha_view *source)
{
    *source = ha_take_string(from, HA_PARTIAL_NAME);
    if (!from->bad && !ha_partial_has_source(in, *source))
        ha_take_bad(from);
}

static void take_actor(struct ha_intake *in, struct ha_taker *from, struct ha_view *source,
                       struct ha_watched *s)
{
    unsigned has = (unsigned)ha_take_upto(from, 2 * KEY - 1);
    *s = (struct ha_watched){.client = (has & CLIENT) != 0 ? ha_take_hash(from) : 0};
    s->target = (has & TARGET) != 0 ? ha_take_hash(from) : 0;
    s->path = (has & PATH) != 0 ? ha_take_hash(from) : 0;
    if ((has & SOURCE) != 0)
        take_source(in, from, source);
    if ((has & LINE) != 0) {
        s->line_number = ha_take_u64(from);
        size_t at;
        if (source->ptr == NULL)
            ha_take_bad(from);
        else if (in->adding && ha_partial_source_at(in, *source, &at))
            s->source = (uint32_t)at;
    }
    s->key = (has & KEY) != 0 ? ha_take_hash(from) : ha_conduct_key(s->client, s->target);
    s->agents = ha_take_upto(from, HA_MANY_AGENTS) & HA_MANY_AGENTS;
    s->count = ha_take_upto(from, HA_PERIODS) & 0xff;
    /* A key that is watched at every level would be there for ever. */
    if (s->count == 0 || (s->key == 0 && (s->client | s->target) != 0))
        ha_take_bad(from);
}

/* ---- tables, in order of actors ---- */

static int by_hashes(const void *a, const void *b)
{
    const struct ha_watched *x = a, *y = b;
    if (x->client != y->client)
        return x->client < y->client ? -1 : 1;
    return (x->target > y->target) - (x->target < y->target);
}

static void put_table(const struct ha_partial *p, enum ha_conduct_kind kind, struct ha_buf *to)
{
    const struct ha_conduct_table *t = &p->tally->conduct.table[kind];
    struct ha_watched *order = ha_alloc((t->count + 1) * sizeof *order);
    uint32_t source = UINT32_MAX;
    if (order == NULL) {
        to->failed = true;
        return;
    }
    if (t->count > 0)
        memcpy(order, t->actors, t->count * sizeof *order);
    qsort(order, t->count, sizeof *order, by_hashes);
    ha_put_u64(to, t->level);
    ha_put_u64(to, t->seen);
    ha_put_u64(to, t->count);
    for (size_t i = 0; i < t->count; i++) {
        int64_t next = 0;
        put_actor(p, &order[i], &source, to);
        for (uint32_t at = order[i].first; at != 0; at = t->periods[at - 1].next)
            put_period(&t->periods[at - 1].p, ha_conduct_period(kind), &next, to);
    }
    ha_free(order);
}

/* Adds the periods of one actor; returns how many there were. */
static size_t take_periods(struct ha_intake *in, struct ha_taker *from, enum ha_conduct_kind kind,
                           struct ha_deed *d)
{
    struct ha_conduct_table *t = &in->into->tally->conduct.table[kind];
    int64_t next = 0;
    size_t count = d->actor.count;
    for (size_t i = 0; i < count && !from->bad; i++) {
        take_period(from, ha_conduct_period(kind), i == 0, &next, &d->period);
        if (!from->bad && in->adding && !in->into->no_findings && !ha_conduct_put(t, d))
            in->no_memory = true;
    }
    return count;
}

static void take_table(struct ha_intake *in, struct ha_taker *from, enum ha_conduct_kind kind)
{
    unsigned level = (unsigned)ha_take_upto(from, HA_CONDUCT_LEVELS);
    uint64_t seen = ha_take_upto(from, in->sums.selected);
    size_t count = ha_take_number(from, in->into->limits.conduct_periods), periods = 0;
    struct ha_view source = {NULL, 0};
    struct ha_deed before = {.actor.client = 0}, d;
    if (in->adding && !in->into->no_findings)
        ha_conduct_thin(&in->into->tally->conduct.table[kind], kind, level, seen);
    for (size_t i = 0; i < count && !from->bad; i++) {
        take_actor(in, from, &source, &d.actor);
        if (!ha_conduct_watches(level, d.actor.key) ||
            (i > 0 && by_hashes(&before.actor, &d.actor) >= 0))
            ha_take_bad(from);
        before = d;
        if (!from->bad)
            periods += take_periods(in, from, kind, &d);
        if (periods > in->into->limits.conduct_periods)
            ha_take_bad(from);
    }
}

/* ---- who was welcome: the bits that are set, or all of them ---- */

static size_t count_bits(const uint64_t *words)
{
    size_t n = 0;
    for (size_t i = 0; i < HA_WELCOME_WORDS; i++)
        n += (size_t)__builtin_popcountll(words[i]);
    return n;
}

static void put_welcome(const struct ha_conduct *c, struct ha_buf *to)
{
    size_t set = count_bits(c->welcome), next = 0;
    bool all = set > HA_WELCOME_WORDS * sizeof(uint64_t) / 2;
    ha_put_u64(to, all ? UINT64_C(1) << HA_WELCOME_BITS : set);
    for (size_t i = 0; i < HA_WELCOME_WORDS; i++) {
        if (all)
            ha_put_hash(to, c->welcome[i]);
        for (uint64_t bits = all ? 0 : c->welcome[i]; bits != 0; bits &= bits - 1) {
            size_t place = i * 64 + (size_t)__builtin_ctzll(bits);
            ha_put_u64(to, place - next);
            next = place + 1;
        }
    }
}

static void add_welcome(struct ha_intake *in, size_t word, uint64_t bits)
{
    struct ha_conduct *c = &in->into->tally->conduct;
    if (!in->adding || in->into->no_findings || bits == 0)
        return;
    c->welcome[word] |= bits;
    c->any_welcome = true;
}

static void take_welcome(struct ha_intake *in, struct ha_taker *from)
{
    const uint64_t most = UINT64_C(1) << HA_WELCOME_BITS;
    uint64_t set = ha_take_upto(from, most), place = 0;
    for (size_t i = 0; set == most && i < HA_WELCOME_WORDS && !from->bad; i++)
        add_welcome(in, i, ha_take_hash(from));
    for (uint64_t i = 0; set < most && i < set && !from->bad; i++) {
        place += ha_take_upto(from, most - 1);
        if (place >= most)
            ha_take_bad(from);
        else
            add_welcome(in, place / 64, UINT64_C(1) << place % 64);
        place++;
    }
}

void ha_put_conduct(const struct ha_partial *p, struct ha_buf *to)
{
    ha_put_u64(to, HA_CONDUCT_N);
    for (int kind = 0; kind < HA_CONDUCT_N; kind++)
        put_table(p, (enum ha_conduct_kind)kind, to);
    put_welcome(&p->tally->conduct, to);
}

void ha_take_conduct(struct ha_intake *in, struct ha_taker *from)
{
    if (ha_take_u64(from) != HA_CONDUCT_N)
        ha_take_bad(from);
    for (int kind = 0; kind < HA_CONDUCT_N && !from->bad; kind++)
        take_table(in, from, (enum ha_conduct_kind)kind);
    if (!from->bad)
        take_welcome(in, from);
}

/* What was not watched cannot be judged: as if there had been too much of it. */
void ha_lack_conduct(struct ha_intake *in)
{
    for (int kind = 0; kind < HA_CONDUCT_N && in->adding && in->options.findings; kind++)
        ha_conduct_thin(&in->into->tally->conduct.table[kind], (enum ha_conduct_kind)kind,
                        HA_CONDUCT_LEVELS, 0);
}
