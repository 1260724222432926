/* top.c - a hash table whose records lie one behind the other, and the cut when it is full. */
#include "top.h"

#include "count.h"
#include "hash.h"
#include "httpannotate/facts.h"
#include "top_look.h"

#include <string.h>

#define FIRST_WORDS 512

/* What is kept at most of a value that has secrets in it: more than a list shows of any. */
#define MASKED 4096

bool ha_top_init(struct ha_top_list *l, const struct ha_limits *limits, uint64_t seed,
                 struct ha_distinct *seen)
{
    *l = (struct ha_top_list){.seed = seed, .seen = seen, .look = ha_top_look_in_use()};
    l->max_entries = limits->top_entries < 2 ? 2 : limits->top_entries;
    l->max_bytes = limits->top_bytes < 64 ? 64 : limits->top_bytes;
    /* A cut frees half of the bytes: what is left must take any one value. */
    size_t longest = l->max_bytes / 2 - HA_TOP_MARK_BYTES;
    size_t value = limits->value_bytes < longest ? limits->value_bytes : longest;
    l->max_value = value < UINT32_MAX / 2 ? (uint32_t)value : UINT32_MAX / 2;
    size_t words =
        l->max_entries * ha_top_words(sizeof(uint64_t)) + l->max_bytes / sizeof(uint64_t);
    return ha_top_index_init(&l->index, words);
}

void ha_top_reset(struct ha_top_list *l)
{
    ha_top_index_clear(&l->index);
    l->used = l->entries = l->bytes = 0;
    l->bound = 0;
    l->moves++;
}

void ha_top_done(struct ha_top_list *l)
{
    ha_top_index_done(&l->index);
    ha_free(l->words);
    l->words = NULL;
}

/* The hash that ha_distinct is fed with: of the whole value, the same in every run. */
static uint64_t fixed_hash(const struct ha_top_key *key)
{
    return ha_top_key_is_cut(key) ? key->hash : ha_hash(key->ptr, key->len, HA_HASH_FIXED_SEED);
}

/* Room for one more record of so many words. */
static bool make_room(struct ha_top_list *l, size_t words)
{
    if (l->room - l->used < words) {
        size_t room = l->room == 0 ? FIRST_WORDS : l->room;
        while (room - l->used < words)
            room += room / 2;
        HA_ASSERT(room < UINT32_MAX);
        uint64_t *grown = ha_realloc(l->words, room * sizeof *grown);
        if (grown == NULL)
            return false;
        l->words = grown;
        l->room = room;
    }
    return ha_top_index_reserve(l);
}

/* The cut: what is above the bound, in a distribution. Weighed by records or by their bytes. */
#define DIGIT_BITS 11
#define DIGITS     (1u << DIGIT_BITS)

static uint64_t weight(const struct ha_top_record *r, bool by_bytes)
{
    return by_bytes ? ha_top_bytes(r->len) : 1;
}

/* The digit in which the weighted median lies; *rank, the weight up to and with it that is still
 * wanted, becomes what is wanted within that digit. */
static unsigned digit_at(const uint64_t *weights, uint64_t *rank)
{
    unsigned d = 0;
    while (d + 1 < DIGITS && weights[d] < *rank)
        *rank -= weights[d++];
    return d;
}

/* Digit by digit from the highest, as nothing is assumed of the counts. */
static uint64_t median_of_large(const struct ha_top_list *l, bool by_bytes, uint64_t rank)
{
    uint64_t found = 0;
    for (int shift = 64 - 64 % DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
        uint64_t weights[DIGITS] = {0};
        const struct ha_top_record *r;
        for (size_t at = 0; (r = ha_top_next(l, &at)) != NULL;) {
            uint64_t above = r->count - l->bound;
            /* Two shifts, since one by 64 has no meaning. */
            if (((above ^ found) >> shift) >> DIGIT_BITS == 0)
                weights[(above >> shift) % DIGITS] += weight(r, by_bytes);
        }
        found |= (uint64_t)digit_at(weights, &rank) << shift;
    }
    return found;
}

/* The smallest c so that records of half the weight or more are not above c; then those of half the
 * weight or more are not below it either. */
static uint64_t median(const struct ha_top_list *l, bool by_bytes)
{
    uint64_t weights[DIGITS] = {0};
    const struct ha_top_record *r;
    for (size_t at = 0; (r = ha_top_next(l, &at)) != NULL;) {
        uint64_t above = r->count - l->bound;
        weights[above < DIGITS - 1 ? above : DIGITS - 1] += weight(r, by_bytes);
    }
    uint64_t all = by_bytes ? l->bytes : l->entries, half = all / 2 + all % 2, rank = half;
    unsigned digit = digit_at(weights, &rank);
    /* Counts are mostly small, and then one pass has told; the last digit stands for all above. */
    return digit < DIGITS - 1 ? digit : median_of_large(l, by_bytes, half);
}

static void cut(struct ha_top_list *l, bool by_bytes)
{
    l->bound = ha_sat_add(l->bound, median(l, by_bytes));
    size_t to = 0;
    struct ha_top_record *r;
    for (size_t at = 0, next = 0; (r = ha_top_next(l, &next)) != NULL; at = next) {
        if (r->count > l->bound) {
            memmove(&l->words[to], r, (next - at) * sizeof *l->words);
            to += next - at;
        } else {
            l->entries--;
            l->bytes -= ha_top_bytes(r->len);
        }
    }
    l->used = to;
    l->moves++;
    ha_top_index_fill(l);
}

/* A new record for a value that is not in the list: it counts as often as it may have come before.
 * NULL when memory ran out. */
static struct ha_top_record *insert(struct ha_top_list *l, const struct ha_top_key *key)
{
    size_t bytes = ha_top_bytes(key->len), words = ha_top_words(key->len);
    if (l->entries >= l->max_entries)
        cut(l, false);
    if (l->bytes + bytes > l->max_bytes)
        cut(l, true);
    if (!make_room(l, words))
        return NULL;
    struct ha_top_record *r = ha_top_record_at(l, l->used);
    *r = (struct ha_top_record){l->bound, key->len, 0};
    uint64_t *over = ha_top_over(r);
    if (bytes > 0)
        over[-1] = 0; /* the last word of the value is not all written */
    over[0] = l->bound;
    size_t len = key->len & ~HA_TOP_CUT;
    if (len > 0)
        memcpy(ha_top_value(r), key->ptr, len);
    if (ha_top_key_is_cut(key)) {
        memcpy(ha_top_value(r) + len, HA_TOP_MARK, HA_TOP_MARK_BYTES);
        over[1] = key->hash;
        over[2] = key->full_len;
    }
    ha_top_index_put(l, key, l->used);
    l->used += words;
    l->entries++;
    l->bytes += bytes;
    return r;
}

/* Finds the record of a value that is not in the list as it stands: secrets in it are masked before
 * it comes in, so that no report has them, and those that differ in them alone are one. */
static struct ha_top_record *find_masked(const struct ha_top_list *l, struct ha_view value,
                                         char room[MASKED], struct ha_top_key *key)
{
    struct ha_view masked = ha_facts_masked(value, room, MASKED);
    if (masked.ptr == value.ptr)
        return NULL;
    *key = ha_top_key_for(l, masked);
    return ha_top_index_find(l, key);
}

/* Counts one value. Returns its record's place, + 1; 0 when memory ran out. */
static uint32_t count_one(struct ha_top_list *l, struct ha_view value)
{
    char room[MASKED];
    struct ha_top_key key = ha_top_key_for(l, value);
    struct ha_top_record *r = ha_top_index_find(l, &key);
    if (r == NULL)
        r = find_masked(l, value, room, &key);
    if (r == NULL) {
        r = insert(l, &key);
        if (r == NULL)
            return 0;
        if (l->seen != NULL)
            ha_distinct_add(l->seen, fixed_hash(&key));
    }
    ha_sat_up(&r->count);
    return (uint32_t)ha_top_place_of(l, r) + 1;
}

bool ha_top_has_room(const struct ha_top_list *l, size_t n)
{
    return n <= l->max_entries - l->entries &&
           n * (l->max_value + HA_TOP_MARK_BYTES) <= l->max_bytes - l->bytes;
}

/* False when memory ran out. */
static bool add_chunk(struct ha_top_list *l, struct ha_top_chunk *c)
{
    /* Near a cut it tells in which order values are counted. */
    if (l->entries > 0 && ha_top_has_room(l, c->n)) {
        l->look->count(l, c);
    } else {
        for (c->left = 0; c->left < c->n; c->left++)
            c->which[c->left] = (uint8_t)c->left;
    }
    for (size_t i = 0; i < c->left; i++) {
        size_t at = c->which[i];
        c->places[at] = count_one(l, c->values[at]);
        if (c->places[at] == 0)
            return false;
    }
    return true;
}

bool ha_top_add_at(struct ha_top_list *l, const struct ha_view *values, size_t n, uint32_t *places)
{
    bool ok = true;
    uint64_t moves = l->moves;
    for (size_t done = 0; done < n && ok; done += HA_TOP_CHUNK) {
        struct ha_top_chunk c;
        c.values = values + done;
        c.places = places + done;
        c.n = n - done < HA_TOP_CHUNK ? n - done : HA_TOP_CHUNK;
        ok = add_chunk(l, &c);
    }
    if (!ok || l->moves != moves)
        memset(places, 0, n * sizeof *places);
    return ok;
}

bool ha_top_add(struct ha_top_list *l, const struct ha_view *values, size_t n)
{
    uint32_t places[8 * HA_TOP_CHUNK];
    bool ok = true;
    for (size_t done = 0, some; done < n && ok; done += some) {
        some = n - done < HA_COUNT(places) ? n - done : HA_COUNT(places);
        ok = ha_top_add_at(l, values + done, some, places);
    }
    return ok;
}

/* Adds a record of another list. False when memory ran out. */
static bool merge_record(struct ha_top_list *into, const struct ha_top_list *from,
                         struct ha_top_record *theirs, const struct ha_top_key *key)
{
    struct ha_top_record *r = ha_top_index_find(into, key);
    if (r == NULL)
        r = insert(into, key);
    if (r == NULL)
        return false;
    r->count = ha_sat_add(r->count, theirs->count - from->bound);
    *ha_top_over(r) -= from->bound - *ha_top_over(theirs);
    return true;
}

/* Some at a time, so that the memory that the last step needs has been fetched by the steps
 * before: it is large, and has been out of use for long. */
static bool merge_records(struct ha_top_list *into, const struct ha_top_list *from)
{
    enum { AT_ONCE = 16 };
    struct ha_top_key keys[AT_ONCE];
    struct ha_top_record *theirs[AT_ONCE];
    const struct ha_top_index *x = &into->index;
    for (size_t at = 0, n = AT_ONCE; n == AT_ONCE;) {
        for (n = 0; n < AT_ONCE && (theirs[n] = ha_top_next(from, &at)) != NULL; n++) {
            keys[n] = ha_top_key_of(into, theirs[n]);
            __builtin_prefetch(ha_top_set_of(x, keys[n].glance));
        }
        for (size_t i = 0; i < n && into->entries > 0; i++) {
            uint32_t place = ha_top_set_find(ha_top_set_of(x, keys[i].glance),
                                             ha_top_tag(x, keys[i].glance), x->places);
            __builtin_prefetch(&into->words[place]);
        }
        for (size_t i = 0; i < n; i++)
            if (!merge_record(into, from, theirs[i], &keys[i]))
                return false;
    }
    return true;
}

/* First every value of `into` may have occurred as often in `from` as its bound says; then each of
 * from's takes its own count in place of that. A cut in between does no harm: it forgets only what
 * both together are known to have had no more often than the bound. */
bool ha_top_merge(struct ha_top_list *into, const struct ha_top_list *from)
{
    HA_ASSERT(into->max_value == from->max_value && into != from);
    struct ha_top_record *r;
    if (from->bound > 0) {
        for (size_t at = 0; (r = ha_top_next(into, &at)) != NULL;) {
            r->count = ha_sat_add(r->count, from->bound);
            *ha_top_over(r) = ha_sat_add(*ha_top_over(r), from->bound);
        }
        into->bound = ha_sat_add(into->bound, from->bound);
    }
    return merge_records(into, from);
}
