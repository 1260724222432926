/* timeline.c - buckets found by hash, widened when there are too many. */
#include "timeline.h"

#include "count.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Each divides the next. At the last one every time that 64 bits of microseconds can tell
 * falls into one of two buckets, before and after the epoch. */
static const int64_t widths[] = {
    1,
    5,
    15,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    7 * DAY,
    28 * DAY,
    364 * DAY,
    3640 * DAY,
    36400 * DAY,
    364000 * DAY,
    3640000 * DAY,
    36400000 * DAY,
    364000000 * DAY,
};

enum { MINUTE_RUNG = 3, FIRST_ROOM = 64 };

/* An entry of the index is a bucket's number below and a tag above, by which it is mostly told from
 * others without a look at the bucket; 0: it is free. */
#define NUMBER_END (UINT32_C(1) << 20)

static int64_t start_of(int64_t second, int64_t width)
{
    return ha_floor_div(second, width) * width;
}

int64_t ha_timeline_width(size_t rung)
{
    return rung < HA_COUNT(widths) ? widths[rung] : 0;
}

size_t ha_timeline_most(const struct ha_timeline *t, size_t rung)
{
    return rung == MINUTE_RUNG ? HA_MINUTES_FACTOR * t->max : t->max;
}

bool ha_timeline_has_room(const struct ha_timeline *t, size_t n)
{
    return t->count + n <= ha_timeline_most(t, t->rung);
}

void ha_timeline_init(struct ha_timeline *t, size_t max)
{
    HA_ASSERT(max <= NUMBER_END / HA_MINUTES_FACTOR);
    *t = (struct ha_timeline){.max = max < 2 ? 2 : max, .width_s = widths[0]};
}

void ha_timeline_done(struct ha_timeline *t)
{
    ha_free(t->buckets);
    ha_free(t->index);
    *t = (struct ha_timeline){.max = t->max, .width_s = widths[0]};
}

void ha_timeline_reset(struct ha_timeline *t)
{
    t->count = t->last = t->rung = 0;
    t->width_s = widths[0];
    if (t->index != NULL)
        memset(t->index, 0, (t->mask + 1) * sizeof *t->index);
}

/* Starts are multiples of the width: a plain mask of them would use few groups. */
static inline uint32_t hash_of(int64_t start_s)
{
    return (uint32_t)((uint64_t)start_s * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static inline uint32_t tag_of(uint32_t hash)
{
    return (hash | UINT32_C(1) << 31) & ~(NUMBER_END - 1);
}

/* Where the group of entries begins in which a bucket is looked for first. */
enum { GROUP = 4 };
static inline size_t group_of(const struct ha_timeline *t, uint32_t hash)
{
    return hash & t->mask & ~(size_t)(GROUP - 1);
}

/* The number of the bucket that has the hash, or so it seems; NUMBER_END or more where its group
 * has none. All entries are looked at, as a search that ends where it finds is guessed wrong too
 * often. */
static inline uint32_t guess_of(const struct ha_timeline *t, uint32_t hash)
{
    const uint32_t *group = &t->index[group_of(t, hash)];
    uint32_t tag = tag_of(hash), number = UINT32_MAX;
    for (size_t i = 0; i < GROUP; i++) {
        uint32_t other = group[i] ^ tag;
        number = other < number ? other : number;
    }
    return number;
}

/* The slot of the index that holds the bucket, or the free one where it would be put. */
static size_t slot_of(const struct ha_timeline *t, int64_t start_s)
{
    uint32_t hash = hash_of(start_s), tag = tag_of(hash);
    size_t i = group_of(t, hash);
    for (;; i = (i + 1) & t->mask) {
        uint32_t number = t->index[i] ^ tag;
        if (t->index[i] == 0 || (number < NUMBER_END && t->buckets[number].start_s == start_s))
            return i;
    }
}

static inline uint32_t number_at(const struct ha_timeline *t, size_t slot)
{
    return t->index[slot] & (NUMBER_END - 1);
}

static void bucket_merge(struct ha_bucket *into, const struct ha_bucket *from)
{
    ha_sat_add_all(into->n, from->n, HA_SERIES_N);
}

/* Rebuilds index and buckets for the width: buckets that now begin together become one. */
static void reindex(struct ha_timeline *t)
{
    size_t kept = 0;
    memset(t->index, 0, (t->mask + 1) * sizeof *t->index);
    for (size_t i = 0; i < t->count; i++) {
        struct ha_bucket b = t->buckets[i];
        b.start_s = start_of(b.start_s, t->width_s);
        size_t slot = slot_of(t, b.start_s);
        if (t->index[slot] != 0) {
            bucket_merge(&t->buckets[number_at(t, slot)], &b);
            continue;
        }
        t->index[slot] = tag_of(hash_of(b.start_s)) | (uint32_t)kept;
        t->buckets[kept++] = b;
    }
    t->count = kept;
}

static bool grow(struct ha_timeline *t)
{
    size_t room = t->room == 0 ? FIRST_ROOM : 2 * t->room, most = ha_timeline_most(t, t->rung);
    if (room > most)
        room = most;
    size_t slots = FIRST_ROOM;
    while (slots < 2 * room)
        slots *= 2;
    struct ha_bucket *buckets = ha_realloc(t->buckets, room * sizeof *buckets);
    if (buckets == NULL)
        return false;
    t->buckets = buckets;
    uint32_t *index = ha_alloc(slots * sizeof *index);
    if (index == NULL)
        return false;
    ha_free(t->index);
    t->index = index;
    t->mask = slots - 1;
    t->room = room;
    reindex(t);
    return true;
}

/* To that rung, or to the first one after it at which the buckets fit. */
static void widen_to(struct ha_timeline *t, size_t rung)
{
    do {
        HA_ASSERT(rung < HA_COUNT(widths));
        t->rung = rung++;
        t->width_s = widths[t->rung];
        if (t->index != NULL)
            reindex(t);
    } while (t->count > ha_timeline_most(t, t->rung));
}

/* The bucket that a second falls into, made when there is none; NULL when memory ran out.
 * Widens only when there is no other way: so the width is the same whatever came first. */
static struct ha_bucket *bucket_at(struct ha_timeline *t, int64_t second)
{
    for (;;) {
        if (t->index == NULL && !grow(t))
            return NULL;
        int64_t start = t->width_s == 1 ? second : start_of(second, t->width_s);
        size_t slot = slot_of(t, start);
        if (t->index[slot] != 0) {
            t->last = number_at(t, slot);
            return &t->buckets[t->last];
        }
        size_t most = ha_timeline_most(t, t->rung);
        if (t->count < t->room && t->count < most) {
            t->last = t->count++;
            t->index[slot] = tag_of(hash_of(start)) | (uint32_t)t->last;
            t->buckets[t->last] = (struct ha_bucket){.start_s = start};
            return &t->buckets[t->last];
        }
        if (t->room < most) {
            if (!grow(t))
                return NULL;
        } else {
            widen_to(t, t->rung + 1);
        }
    }
}

static inline void count_in(struct ha_bucket *b, uint8_t series)
{
    ha_sat_up(&b->n[HA_SERIES_TOTAL]);
    if (series != HA_SERIES_TOTAL)
        ha_sat_up(&b->n[series]);
    if (series == HA_SERIES_429)
        ha_sat_up(&b->n[HA_SERIES_4XX]);
}

/* True when the second is of the bucket of the record before. */
static inline bool is_last(const struct ha_timeline *t, int64_t second)
{
    /* Seconds are far from the ends of 64 bits, so that the difference cannot overflow. */
    return t->last < t->count &&
           (uint64_t)(second - t->buckets[t->last].start_s) < (uint64_t)t->width_s;
}

/* Records of one time, one behind the other: what they add to which second, and where that is
 * looked for. */
struct moment {
    int64_t second, start_s;
    uint64_t counts; /* of several: a byte for each series, the last one of those not counted */
    uint32_t hash, number;
    uint8_t series; /* of one */
};
_Static_assert(HA_SERIES_N < 8 && HA_TIMELINE_BATCH < 256, "a byte counts each series of a batch");

/* The moment that begins with record i; returns where the next one does. */
static inline size_t read_moment(const struct ha_record *records, const uint8_t *series, size_t i,
                                 size_t n, struct moment *m)
{
    int64_t us = records[i].time_us;
    m->second = ha_floor_div(us, HA_US_PER_S);
    m->series = series[i];
    m->counts = 0;
    if (i + 1 == n || records[i + 1].time_us != us)
        return i + 1;
    for (; i < n && records[i].time_us == us && records[i].has_time; i++)
        m->counts += UINT64_C(1) << (8 * series[i]);
    return i;
}

static void count_many(struct ha_bucket *b, uint64_t counts)
{
    for (int s = HA_SERIES_TOTAL; s < HA_SERIES_N; s++) {
        uint64_t count = counts >> (8 * s) & 0xff;
        ha_sat_put(&b->n[HA_SERIES_TOTAL], count);
        if (s != HA_SERIES_TOTAL)
            ha_sat_put(&b->n[s], count);
        if (s == HA_SERIES_429)
            ha_sat_put(&b->n[HA_SERIES_4XX], count);
    }
}

static inline void count_moment(struct ha_bucket *b, const struct moment *m)
{
    if (m->counts != 0)
        count_many(b, m->counts);
    else
        count_in(b, m->series);
}

/* Counts the moments that are of the last bucket; asks the memory for what the others need of the
 * index. Returns how many these are. */
static size_t count_near(struct ha_timeline *t, const struct ha_record *records,
                         const uint8_t *series, size_t n, struct moment *far)
{
    size_t count_far = 0;
    for (size_t i = 0; i < n;) {
        if (series[i] == HA_SERIES_N || !records[i].has_time) {
            i++;
            continue;
        }
        struct moment *m = &far[count_far];
        i = read_moment(records, series, i, n, m);
        if (is_last(t, m->second)) {
            count_moment(&t->buckets[t->last], m);
            continue;
        }
        m->start_s = t->width_s == 1 ? m->second : start_of(m->second, t->width_s);
        m->hash = hash_of(m->start_s);
        __builtin_prefetch(&t->index[group_of(t, m->hash)]);
        count_far++;
    }
    return count_far;
}

bool ha_timeline_add_batch(struct ha_timeline *t, const struct ha_record *records,
                           const uint8_t *series, size_t n)
{
    struct moment far[HA_TIMELINE_BATCH];
    HA_ASSERT(n <= HA_COUNT(far));
    if (t->index == NULL && !grow(t))
        return false;
    size_t count_far = count_near(t, records, series, n, far);
    for (size_t i = 0; i < count_far; i++) {
        far[i].number = guess_of(t, far[i].hash);
        __builtin_prefetch(&t->buckets[far[i].number < t->count ? far[i].number : 0], 1);
    }
    for (size_t i = 0; i < count_far; i++) {
        /* Buckets may meanwhile have been joined to wider ones: one that begins there is right. */
        size_t guess = far[i].number;
        bool right = guess < t->count && t->buckets[guess].start_s == far[i].start_s;
        struct ha_bucket *b = right ? &t->buckets[guess] : bucket_at(t, far[i].second);
        if (b == NULL)
            return false;
        if (right)
            t->last = guess;
        count_moment(b, &far[i]);
    }
    return true;
}

void ha_timeline_follow(struct ha_timeline *t, const struct ha_timeline *of)
{
    HA_ASSERT(t->count == 0);
    t->rung = of->rung;
    t->width_s = widths[t->rung];
}

bool ha_timeline_merge(struct ha_timeline *into, const struct ha_timeline *from)
{
    if (from->rung > into->rung)
        widen_to(into, from->rung);
    for (size_t i = 0; i < from->count; i++) {
        struct ha_bucket *b = bucket_at(into, from->buckets[i].start_s);
        if (b == NULL)
            return false;
        bucket_merge(b, &from->buckets[i]);
    }
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct ha_bucket *x = a, *y = b;
    return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

/* Whether buckets of that width show the span from first to last in at most max_buckets. */
static bool shows(int64_t first_s, int64_t last_s, int64_t width_s, size_t max_buckets)
{
    uint64_t steps = (uint64_t)(ha_floor_div(last_s, width_s) - ha_floor_div(first_s, width_s));
    return steps < max_buckets;
}

/* The width that is asked for, where what is kept can be told in it and there are not too many;
 * else the smallest one of the ladder above it, or the greatest one when none does. */
static int64_t shown_width(const struct ha_timeline *t, int64_t wanted_s, size_t max_buckets)
{
    int64_t first = t->buckets[0].start_s, last = first;
    for (size_t i = 1; i < t->count; i++) {
        int64_t start = t->buckets[i].start_s;
        first = start < first ? start : first;
        last = start > last ? start : last;
    }
    if (wanted_s % t->width_s == 0 && shows(first, last, wanted_s, max_buckets))
        return wanted_s;
    size_t rung = t->rung;
    while (rung + 1 < HA_COUNT(widths) &&
           (widths[rung] < wanted_s || !shows(first, last, widths[rung], max_buckets)))
        rung++;
    return widths[rung];
}

/* The same in buckets of a multiple of the width, in order, into *to. They are no more than before,
 * so that they are not widened. */
static bool coarsen(const struct ha_timeline *t, int64_t width_s, struct ha_timeline *to)
{
    ha_timeline_init(to, t->count);
    to->width_s = width_s;
    for (size_t i = 0; i < t->count; i++) {
        struct ha_bucket *b = bucket_at(to, t->buckets[i].start_s);
        if (b == NULL) {
            ha_timeline_done(to);
            return false;
        }
        bucket_merge(b, &t->buckets[i]);
    }
    ha_free(to->index);
    to->index = NULL;
    qsort(to->buckets, to->count, sizeof *to->buckets, by_start);
    return true;
}

enum ha_err ha_timeline_read(const struct ha_timeline *t, int64_t wanted_s, size_t max_buckets,
                             struct ha_bucket **out, size_t *count, int64_t *width_s)
{
    struct ha_timeline shown;
    *out = NULL;
    *count = 0;
    *width_s = 0;
    if (t->count == 0)
        return HA_OK;
    if (!coarsen(t, shown_width(t, wanted_s, max_buckets), &shown))
        return HA_ERR_MEMORY;
    *out = shown.buckets;
    *count = shown.count;
    *width_s = shown.width_s;
    return HA_OK;
}

/* A bucket by its start: of many, less to sort than they are. */
struct place {
    int64_t start_s;
    uint32_t bucket;
};
static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

uint32_t *ha_buckets_order(const struct ha_bucket *buckets, size_t count)
{
    struct place *places = ha_alloc((count + 1) * sizeof *places);
    uint32_t *order = places == NULL ? NULL : ha_alloc((count + 1) * sizeof *order);
    if (order != NULL) {
        for (size_t i = 0; i < count; i++)
            places[i] = (struct place){buckets[i].start_s, (uint32_t)i};
        qsort(places, count, sizeof *places, by_place);
        for (size_t i = 0; i < count; i++)
            order[i] = places[i].bucket;
    }
    ha_free(places);
    return order;
}

enum ha_err ha_timeline_minutes(const struct ha_timeline *t, struct ha_minutes *out)
{
    *out = (struct ha_minutes){.too_many = t->width_s > MINUTE};
    if (t->count == 0 || out->too_many)
        return HA_OK;
    struct ha_timeline coarse;
    if (t->width_s == MINUTE) {
        out->buckets = t->buckets;
        out->count = t->count;
    } else if (coarsen(t, MINUTE, &coarse)) {
        out->buckets = out->own = coarse.buckets;
        out->count = coarse.count;
    }
    if (out->count > 0)
        out->order = ha_buckets_order(out->buckets, out->count);
    if (out->order != NULL)
        return HA_OK;
    ha_minutes_done(out);
    return HA_ERR_MEMORY;
}

void ha_minutes_done(struct ha_minutes *m)
{
    ha_free(m->order);
    ha_free(m->own);
    *m = (struct ha_minutes){0};
}
