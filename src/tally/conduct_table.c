/* conduct_table.c - actors and their periods: found by hash, thinned when there is no room.
 *
 * The level is the smallest at which the periods of all that was seen fit, so that it depends on
 * that alone: a part of it never needs a higher one. */
#include "conduct.h"

#include "count.h"

#include <string.h>

enum { FIRST_ROOM = 16, FIRST_SLOTS = 64 };

/* Records of a kind up to which every actor is watched, as powers of two: kinds that ordinary
 * records are of would cost too much otherwise. 0: however many. */
static const uint8_t every_one[HA_CONDUCT_N] = {[HA_CONDUCT_REPEAT] = 11, [HA_CONDUCT_TWIN] = 10};

static uint32_t add32(uint32_t a, uint32_t b)
{
    return a + b < a ? UINT32_MAX : a + b;
}

static uint64_t hash_of(const struct ha_watched *s)
{
    return ha_conduct_key(s->client, s->target) ^ s->key >> 32;
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

static bool is_same(const struct ha_watched *a, const struct ha_watched *b)
{
    return a->client == b->client && a->target == b->target;
}

static void index_put(struct ha_conduct_table *t, uint64_t hash, size_t place)
{
    size_t i = hash & t->mask;
    while (t->index[i].place != 0)
        i = (i + 1) & t->mask;
    t->index[i] = (struct ha_conduct_slot){(uint32_t)place + 1, tag_of(hash)};
}

static struct ha_watched *find(const struct ha_conduct_table *t, const struct ha_watched *s,
                               uint64_t hash)
{
    for (size_t i = hash & t->mask; t->index[i].place != 0; i = (i + 1) & t->mask)
        if (t->index[i].tag == tag_of(hash) && is_same(&t->actors[t->index[i].place - 1], s))
            return &t->actors[t->index[i].place - 1];
    return NULL;
}

static void reindex(struct ha_conduct_table *t)
{
    memset(t->index, 0, (t->mask + 1) * sizeof *t->index);
    for (size_t i = 0; i < t->count; i++)
        index_put(t, hash_of(&t->actors[i]), i);
}

/* Makes the index anew, with so many slots. */
static bool make_index(struct ha_conduct_table *t, size_t slots)
{
    struct ha_conduct_slot *index = ha_alloc(slots * sizeof *index);
    if (index == NULL)
        return false;
    ha_free(t->index);
    t->index = index;
    t->mask = slots - 1;
    reindex(t);
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
    if (t->free == 0 && t->touched == t->period_room) {
        size_t room = t->period_room == 0 ? FIRST_ROOM : 2 * t->period_room;
        struct ha_kept_period *more = ha_realloc(t->periods, room * sizeof *more);
        if (more == NULL)
            return false;
        t->periods = more;
        t->period_room = room;
    }
    if (t->index == NULL)
        return make_index(t, FIRST_SLOTS);
    return 2 * (t->count + 1) <= t->mask + 1 || make_index(t, 2 * (t->mask + 1));
}

static bool is_before(const struct ha_watched *a, const struct ha_watched *b)
{
    return b->line_number == 0 || a->source < b->source ||
           (a->source == b->source && a->line_number < b->line_number);
}

uint32_t ha_agents_join(uint32_t a, uint32_t b)
{
    enum { HIGHEST = (1 << HA_AGENT_PRINT) - 1 };
    if (a == b || b == 0)
        return a;
    if (a == 0)
        return b;
    if (a == HA_MANY_AGENTS || b == HA_MANY_AGENTS)
        return HA_MANY_AGENTS;
    const uint32_t prints[] = {a & HIGHEST, a >> HA_AGENT_PRINT, b & HIGHEST, b >> HA_AGENT_PRINT};
    uint32_t low = 0, high = 0;
    for (size_t i = 0; i < HA_COUNT(prints); i++) {
        uint32_t one = prints[i];
        if (one == 0 || one == low || one == high)
            continue;
        if (high != 0)
            return HA_MANY_AGENTS;
        high = low == 0 ? 0 : one > low ? one : low;
        low = low == 0 || one < low ? one : low;
    }
    return low | high << HA_AGENT_PRINT;
}

static void add_actor(struct ha_watched *to, const struct ha_watched *s)
{
    to->agents = ha_agents_join(to->agents, s->agents) & HA_MANY_AGENTS;
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

/* A place for one more period. */
static uint32_t take_place(struct ha_conduct_table *t)
{
    uint32_t place = t->free;
    if (place != 0)
        t->free = t->periods[place - 1].next;
    else
        place = (uint32_t)++t->touched;
    t->used++;
    return place;
}

/* A place for one more period of an actor that has HA_PERIODS: that of its last one, which is
 * forgotten. */
static uint32_t drop_last(struct ha_conduct_table *t, struct ha_watched *s)
{
    uint32_t place = s->last, before = s->first;
    while (t->periods[before - 1].next != place)
        before = t->periods[before - 1].next;
    t->periods[before - 1].next = 0;
    s->last = before;
    s->last_s = t->periods[before - 1].p.start_s;
    s->count--;
    return place;
}

/* Puts a period behind all of the actor's. */
static void append(struct ha_conduct_table *t, struct ha_watched *s, const struct ha_period *p)
{
    uint32_t place = take_place(t);
    t->periods[place - 1] = (struct ha_kept_period){*p, 0};
    if (s->count++ == 0)
        s->first = place;
    else
        t->periods[s->last - 1].next = place;
    s->last = place;
    s->last_s = p->start_s;
}

/* The link to the first period that does not begin earlier. */
static uint32_t *link_at(struct ha_conduct_table *t, struct ha_watched *s, int64_t start_s)
{
    uint32_t *link = &s->first;
    while (*link != 0 && t->periods[*link - 1].p.start_s < start_s)
        link = &t->periods[*link - 1].next;
    return link;
}

/* Puts a period before the actor's last one. */
static void insert(struct ha_conduct_table *t, struct ha_watched *s, const struct ha_period *p)
{
    uint32_t *link = link_at(t, s, p->start_s);
    if (t->periods[*link - 1].p.start_s == p->start_s) {
        add_period(&t->periods[*link - 1].p, p);
        return;
    }
    uint32_t place = s->count == HA_PERIODS ? drop_last(t, s) : take_place(t);
    /* What was dropped may have been the one that the new one stands before. */
    link = link_at(t, s, p->start_s);
    if (*link == 0) {
        s->last = place;
        s->last_s = p->start_s;
    }
    t->periods[place - 1] = (struct ha_kept_period){*p, *link};
    *link = place;
    s->count++;
}

/* Once an actor has HA_PERIODS, one behind them all is let go: only earlier ones can come to count
 * then. Records mostly come in order of time, so that the last period is the one to look at. */
static void put_period(struct ha_conduct_table *t, struct ha_watched *s, const struct ha_period *p)
{
    if (s->count > 0 && p->start_s == s->last_s)
        add_period(&t->periods[s->last - 1].p, p);
    else if (s->count > 0 && p->start_s < s->last_s)
        insert(t, s, p);
    else if (s->count < HA_PERIODS)
        append(t, s, p);
}

/* Watches half as many. */
static void thin(struct ha_conduct_table *t)
{
    t->level++;
    if (t->used == 0)
        return;
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct ha_watched *s = &t->actors[i];
        if (ha_conduct_watches(t->level, s->key)) {
            t->actors[count++] = *s;
            continue;
        }
        t->periods[s->last - 1].next = t->free;
        t->free = s->first;
        t->used -= s->count;
    }
    t->count = count;
    reindex(t);
}

static unsigned level_for(enum ha_conduct_kind kind, uint64_t seen)
{
    uint64_t times = every_one[kind] == 0 ? 0 : seen >> every_one[kind];
    return times == 0 ? 0 : (unsigned)(64 - __builtin_clzll(times));
}

void ha_conduct_thin(struct ha_conduct_table *t, enum ha_conduct_kind kind, unsigned level,
                     uint64_t seen)
{
    t->seen = ha_sat_add(t->seen, seen);
    unsigned needed = level_for(kind, t->seen);
    level = level > needed ? level : needed;
    while (t->level < level && t->level < HA_CONDUCT_LEVELS)
        thin(t);
}

void ha_conduct_fetch_slot(const struct ha_conduct_table *t, const struct ha_watched *actor)
{
    if (t->index != NULL)
        __builtin_prefetch(&t->index[hash_of(actor) & t->mask]);
}

void ha_conduct_fetch_actor(const struct ha_conduct_table *t, const struct ha_watched *actor)
{
    if (t->index == NULL)
        return;
    uint64_t hash = hash_of(actor);
    struct ha_conduct_slot slot = t->index[hash & t->mask];
    if (slot.place != 0 && slot.tag == tag_of(hash))
        __builtin_prefetch(&t->actors[slot.place - 1]);
}

bool ha_conduct_put(struct ha_conduct_table *t, const struct ha_deed *deed)
{
    if (!ha_conduct_watches(t->level, deed->actor.key))
        return true;
    if (!make_room(t))
        return false;
    uint64_t hash = hash_of(&deed->actor);
    struct ha_watched *s = find(t, &deed->actor, hash);
    if (s == NULL) {
        s = &t->actors[t->count];
        *s = deed->actor;
        s->count = 0;
        index_put(t, hash, t->count++);
    } else {
        add_actor(s, &deed->actor);
    }
    put_period(t, s, &deed->period);
    while (t->used > t->max && t->level < HA_CONDUCT_LEVELS)
        thin(t);
    return true;
}
