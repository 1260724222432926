/* conduct_table.c - actors and their periods: found by hash, thinned when there is no room.
 *
 * The level is the smallest at which the periods of all that was seen fit, so that it depends on
 * that alone: a part of it never needs a higher one. */
#include "conduct.h"

#include "count.h"

#include <string.h>

enum { FIRST_ROOM = 16, FIRST_SLOTS = 64 };

/* Records of a kind up to which every actor is watched: kinds that ordinary records are of would
 * cost too much otherwise. 0: however many. */
static const uint64_t every_one[HA_CONDUCT_N] = {
    [HA_CONDUCT_REPEAT] = UINT64_C(1) << 11,
    [HA_CONDUCT_TWIN] = UINT64_C(1) << 10,
};

static uint32_t add32(uint32_t a, uint32_t b)
{
    return a + b < a ? UINT32_MAX : a + b;
}

uint64_t ha_conduct_key(uint64_t client, uint64_t target)
{
    uint64_t mixed = client ^ (target << 31 | target >> 33);
    return (mixed ^ mixed >> 32) * UINT64_C(0x9e3779b97f4a7c15);
}

static size_t slot_of(const struct ha_conduct_table *t, const struct ha_watched *s)
{
    return (ha_conduct_key(s->client, s->target) ^ s->key >> 32) & t->mask;
}

static bool is_same(const struct ha_watched *a, const struct ha_watched *b)
{
    return a->client == b->client && a->target == b->target;
}

static void index_put(struct ha_conduct_table *t, size_t place)
{
    size_t i = slot_of(t, &t->actors[place]);
    while (t->index[i] != 0)
        i = (i + 1) & t->mask;
    t->index[i] = (uint32_t)place + 1;
}

static struct ha_watched *find(const struct ha_conduct_table *t, const struct ha_watched *s)
{
    for (size_t i = slot_of(t, s); t->index[i] != 0; i = (i + 1) & t->mask)
        if (is_same(&t->actors[t->index[i] - 1], s))
            return &t->actors[t->index[i] - 1];
    return NULL;
}

/* Makes the index anew, with so many slots. */
static bool reindex(struct ha_conduct_table *t, size_t slots)
{
    if (t->index == NULL || slots != t->mask + 1) {
        uint32_t *index = ha_alloc(slots * sizeof *index);
        if (index == NULL)
            return false;
        ha_free(t->index);
        t->index = index;
        t->mask = slots - 1;
    }
    memset(t->index, 0, slots * sizeof *t->index);
    for (size_t i = 0; i < t->count; i++)
        index_put(t, i);
    return true;
}

/* Room for one more actor and one more period. */
static bool make_room(struct ha_conduct_table *t)
{
    if (t->count == t->room) {
        size_t room = t->room == 0 ? FIRST_ROOM : 2 * t->room;
        struct ha_watched *more = ha_realloc(t->actors, room * sizeof *more);
        if (more == NULL)
            return false;
        t->actors = more;
        t->room = room;
    }
    if (t->used == t->period_room) {
        size_t room = t->period_room == 0 ? FIRST_ROOM : 2 * t->period_room;
        struct ha_kept_period *more = ha_realloc(t->periods, room * sizeof *more);
        if (more == NULL)
            return false;
        t->periods = more;
        t->period_room = room;
    }
    if (t->index == NULL)
        return reindex(t, FIRST_SLOTS);
    return 2 * (t->count + 1) <= t->mask + 1 || reindex(t, 2 * (t->mask + 1));
}

static bool is_before(const struct ha_watched *a, const struct ha_watched *b)
{
    return b->line_number == 0 || a->source < b->source ||
           (a->source == b->source && a->line_number < b->line_number);
}

static void add_actor(struct ha_watched *to, const struct ha_watched *s)
{
    to->agents |= s->agents;
    if (s->line_number != 0 && is_before(s, to)) {
        to->line_number = s->line_number;
        to->source = s->source;
    }
}

static void add_period(struct ha_period *to, const struct ha_period *p)
{
    for (size_t i = 0; i < HA_COUNT(to->seconds); i++)
        to->seconds[i] |= p->seconds[i];
    for (size_t i = 0; i < HA_DEEDS; i++)
        to->n[i] = add32(to->n[i], p->n[i]);
}

/* A place for one more period of an actor that has HA_PERIODS: that of its last one, which is
 * forgotten. */
static uint32_t drop_last(struct ha_conduct_table *t, struct ha_watched *s)
{
    uint32_t *link = &s->first;
    while (t->periods[*link - 1].next != 0)
        link = &t->periods[*link - 1].next;
    uint32_t place = *link;
    *link = 0;
    s->count--;
    return place;
}

/* Once an actor has HA_PERIODS, one behind them all is let go: only earlier ones can come to count
 * then. */
static void put_period(struct ha_conduct_table *t, struct ha_watched *s, const struct ha_period *p)
{
    uint32_t *link = &s->first;
    while (*link != 0 && t->periods[*link - 1].p.start_s < p->start_s)
        link = &t->periods[*link - 1].next;
    if (*link != 0 && t->periods[*link - 1].p.start_s == p->start_s) {
        add_period(&t->periods[*link - 1].p, p);
        return;
    }
    if (s->count == HA_PERIODS && *link == 0)
        return;
    uint32_t place = s->count == HA_PERIODS ? drop_last(t, s) : (uint32_t)++t->used;
    /* What was dropped may have been the one that the new one stands before. */
    link = &s->first;
    while (*link != 0 && t->periods[*link - 1].p.start_s < p->start_s)
        link = &t->periods[*link - 1].next;
    t->periods[place - 1] = (struct ha_kept_period){*p, *link};
    *link = place;
    s->count++;
}

/* Watches half as many; memory is taken for what stays, so that it lies together again. */
static bool thin(struct ha_conduct_table *t)
{
    t->level++;
    if (t->used == 0)
        return true;
    struct ha_kept_period *kept = ha_alloc(t->period_room * sizeof *kept);
    if (kept == NULL)
        return false;
    size_t count = 0, used = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct ha_watched *s = &t->actors[i];
        if (!ha_conduct_watches(t->level, s->key))
            continue;
        uint32_t from = s->first;
        s->first = (uint32_t)used + 1;
        for (; from != 0; from = t->periods[from - 1].next) {
            kept[used] = (struct ha_kept_period){t->periods[from - 1].p, (uint32_t)used + 2};
            used++;
        }
        kept[used - 1].next = 0;
        t->actors[count++] = *s;
    }
    ha_free(t->periods);
    t->periods = kept;
    t->count = count;
    t->used = used;
    return reindex(t, t->mask + 1);
}

static unsigned level_for(enum ha_conduct_kind kind, uint64_t seen)
{
    uint64_t times = every_one[kind] == 0 ? 0 : seen / every_one[kind];
    return times == 0 ? 0 : (unsigned)(64 - __builtin_clzll(times));
}

bool ha_conduct_thin(struct ha_conduct_table *t, enum ha_conduct_kind kind, unsigned level,
                     uint64_t seen)
{
    t->seen = ha_sat_add(t->seen, seen);
    /* Records come one by one, and the level they need changes at powers of two alone. */
    if (seen == 1 && level == 0 && (t->seen & (t->seen - 1)) != 0)
        return true;
    unsigned needed = level_for(kind, t->seen);
    level = level > needed ? level : needed;
    while (t->level < level && t->level < HA_CONDUCT_LEVELS)
        if (!thin(t))
            return false;
    return true;
}

bool ha_conduct_put(struct ha_conduct_table *t, const struct ha_deed *deed)
{
    if (!ha_conduct_watches(t->level, deed->actor.key))
        return true;
    if (!make_room(t))
        return false;
    struct ha_watched *s = find(t, &deed->actor);
    if (s == NULL) {
        s = &t->actors[t->count];
        *s = deed->actor;
        s->first = s->count = 0;
        index_put(t, t->count++);
    } else {
        add_actor(s, &deed->actor);
    }
    put_period(t, s, &deed->period);
    while (t->used > t->max && t->level < HA_CONDUCT_LEVELS)
        if (!thin(t))
            return false;
    return true;
}
