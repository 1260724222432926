/* top.c - a hash table whose records lie one behind the other, and the cut when it is full. */
#include "top.h"

#include "count.h"
#include "hash.h"
#include "top_glance.h"
#include "top_record.h"

#include <string.h>

/* A value ready to be counted. What is longer than the list keeps is cut; its hash and length,
 * both of the whole value, then tell it from others that begin alike. */
struct key {
    uint64_t hash;
    const char *ptr;
    uint32_t len;      /* bytes to keep */
    uint32_t full_len; /* bytes the value has */
    uint64_t glance;   /* what finds it among the recent ones; 0: it is too short for that */
    uint32_t likely;   /* place of the record that it likely has, + 1; 0: none was found */
};

/* Keys that are hashed and fetched together: as many as memory can be asked for at once, and
 * few enough that what was fetched is still near when it is used. */
#define CHUNK 32
/* Chunks that are counted without a glance after one in which few glances helped. */
#define PAUSE 7

#define FIRST_SLOTS 64
#define FIRST_WORDS 512

static uint64_t slot_value(uint64_t hash, size_t place)
{
    return (hash & ~UINT64_C(0xffffffff)) | (uint64_t)(place + 1);
}

static size_t place_in(uint64_t slot)
{
    return (size_t)(slot & UINT64_C(0xffffffff)) - 1;
}

bool ha_top_init(struct ha_top_list *l, const struct ha_limits *limits, uint64_t seed,
                 struct ha_distinct *seen)
{
    *l = (struct ha_top_list){.mask = FIRST_SLOTS - 1, .seed = seed, .seen = seen};
    l->max_entries = limits->top_entries < 2 ? 2 : limits->top_entries;
    l->max_bytes = limits->top_bytes < 64 ? 64 : limits->top_bytes;
    /* A cut frees half of the bytes: what is left must take any one value. */
    size_t longest = l->max_bytes / 2 - HA_TOP_MARK_BYTES;
    size_t value = limits->value_bytes < longest ? limits->value_bytes : longest;
    l->max_value = value < UINT32_MAX / 2 ? (uint32_t)value : UINT32_MAX / 2;
    l->index = ha_calloc(FIRST_SLOTS, sizeof *l->index);
    return l->index != NULL;
}

void ha_top_reset(struct ha_top_list *l)
{
    memset(l->index, 0, (l->mask + 1) * sizeof *l->index);
    memset(l->recent, 0, sizeof l->recent);
    l->used = l->entries = l->bytes = 0;
    l->bound = 0;
}

void ha_top_done(struct ha_top_list *l)
{
    ha_free(l->index);
    ha_free(l->words);
    l->index = NULL;
    l->words = NULL;
}

/* The kept length of a value longer than max: no character of UTF-8 is cut apart. */
static uint32_t cut_length(struct ha_view value, uint32_t max)
{
    uint32_t len = max;
    /* A character has at most three bytes behind its first. */
    for (int i = 0; i < 3 && len > 0 && ((unsigned char)value.ptr[len] & 0xc0) == 0x80; i++)
        len--;
    return len;
}

static struct key key_for(const struct ha_top_list *l, struct ha_view value, uint64_t glance)
{
    struct key key = {.ptr = value.ptr, .len = (uint32_t)value.len, .glance = glance};
    key.full_len = value.len < UINT32_MAX ? key.len : UINT32_MAX;
    if (__builtin_expect(value.len <= l->max_value, 1)) {
        key.hash = ha_hash(value.ptr, value.len, l->seed);
        return key;
    }
    key.hash = ha_hash(value.ptr, value.len, HA_HASH_FIXED_SEED);
    key.len = cut_length(value, l->max_value);
    key.glance = 0;
    return key;
}

/* The hash that ha_distinct is fed with: of the whole value, the same in every run. */
static uint64_t fixed_hash(const struct key *key)
{
    return key->len < key->full_len ? key->hash : ha_hash(key->ptr, key->len, HA_HASH_FIXED_SEED);
}

static bool same(struct ha_top_record *r, const struct key *key)
{
    if (r->hash != key->hash || r->len != key->len || r->full_len != key->full_len)
        return false;
    if (key->len >= sizeof(uint64_t))
        return ha_glance_equal(ha_top_value(r), key->ptr, key->len);
    return key->len == 0 || memcmp(ha_top_value(r), key->ptr, key->len) == 0;
}

static struct ha_top_recent *recent_at(struct ha_top_list *l, uint64_t glance)
{
    return &l->recent[glance >> (64 - HA_TOP_RECENT_BITS)];
}

/* The record of a value that was met lately, or NULL, which says nothing. */
static inline struct ha_top_record *find_recent(struct ha_top_list *l, struct ha_view value,
                                                uint64_t glance)
{
    const struct ha_top_recent *recent = recent_at(l, glance);
    if (recent->tag != (uint32_t)glance) /* where there is none the tag is 0 */
        return NULL;
    struct ha_top_record *r = ha_top_record_at(l, recent->place - 1);
    return r->len == value.len && r->full_len == value.len &&
                   ha_glance_equal(ha_top_value(r), value.ptr, value.len)
               ? r
               : NULL;
}

static struct ha_top_record *find(const struct ha_top_list *l, const struct key *key)
{
    for (size_t i = key->hash & l->mask; l->index[i] != 0; i = (i + 1) & l->mask) {
        if ((l->index[i] ^ key->hash) >> 32 != 0)
            continue;
        struct ha_top_record *r = ha_top_record_at(l, place_in(l->index[i]));
        if (same(r, key))
            return r;
    }
    return NULL;
}

static void index_put(struct ha_top_list *l, uint64_t hash, size_t place)
{
    size_t i = hash & l->mask;
    while (l->index[i] != 0)
        i = (i + 1) & l->mask;
    l->index[i] = slot_value(hash, place);
}

static void reindex(struct ha_top_list *l)
{
    memset(l->index, 0, (l->mask + 1) * sizeof *l->index);
    struct ha_top_record *r;
    for (size_t at = 0, next = 0; (r = ha_top_next(l, &next)) != NULL; at = next)
        index_put(l, r->hash, at);
}

/* Room for one more record of so many words, at a load of one half at most. */
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
    if (2 * (l->entries + 1) > l->mask + 1) {
        size_t slots = 2 * (l->mask + 1);
        uint64_t *index = ha_alloc(slots * sizeof *index);
        if (index == NULL)
            return false;
        ha_free(l->index);
        l->index = index;
        l->mask = slots - 1;
        reindex(l);
    }
    return true;
}

/* The cut: what is above the bound, in a distribution. Weighed by records or by their bytes. */
#define DIGIT_BITS 11
#define DIGITS     (1u << DIGIT_BITS)

static uint64_t weight(const struct ha_top_record *r, bool by_bytes)
{
    return by_bytes ? ha_top_kept_bytes(r->len, r->full_len) : 1;
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
            l->bytes -= ha_top_kept_bytes(r->len, r->full_len);
        }
    }
    l->used = to;
    l->cuts++;
    memset(l->recent, 0, sizeof l->recent);
    reindex(l);
}

/* A new record for a value that is not in the list: it counts as often as it may have come before.
 * NULL when memory ran out. */
static struct ha_top_record *insert(struct ha_top_list *l, const struct key *key)
{
    size_t bytes = ha_top_kept_bytes(key->len, key->full_len),
           words = ha_top_words(key->len, key->full_len);
    if (l->entries >= l->max_entries)
        cut(l, false);
    if (l->bytes + bytes > l->max_bytes)
        cut(l, true);
    if (!make_room(l, words))
        return NULL;
    struct ha_top_record *r = ha_top_record_at(l, l->used);
    l->words[l->used + words - 1] = 0; /* the last word is not all written */
    *r = (struct ha_top_record){key->hash, l->bound, l->bound, key->len, key->full_len};
    if (key->len > 0)
        memcpy(ha_top_value(r), key->ptr, key->len);
    if (key->len < key->full_len)
        memcpy(ha_top_value(r) + key->len, HA_TOP_MARK, HA_TOP_MARK_BYTES);
    index_put(l, key->hash, l->used);
    l->used += words;
    l->entries++;
    l->bytes += bytes;
    return r;
}

/* Finds the record that a key is likely to have, without a look at it, and asks for it. */
static void approach(const struct ha_top_list *l, struct key *key)
{
    key->likely = 0;
    for (size_t i = key->hash & l->mask; l->index[i] != 0; i = (i + 1) & l->mask) {
        if ((l->index[i] ^ key->hash) >> 32 == 0) {
            key->likely = (uint32_t)l->index[i];
            const char *r = (const char *)ha_top_record_at(l, place_in(l->index[i]));
            __builtin_prefetch(r);
            __builtin_prefetch(r + 64);
            return;
        }
    }
}

/* The record of a key, or NULL. unmoved: what approach found is where it was. */
static inline struct ha_top_record *look_up(const struct ha_top_list *l, const struct key *key,
                                            bool unmoved)
{
    if (unmoved && key->likely != 0) {
        struct ha_top_record *r = ha_top_record_at(l, key->likely - 1);
        if (same(r, key))
            return r;
    }
    return find(l, key);
}

/* Counts one key, as look_up does. False when memory ran out. */
static bool count_key(struct ha_top_list *l, const struct key *key, bool unmoved)
{
    struct ha_top_record *r = look_up(l, key, unmoved);
    if (r == NULL) {
        r = insert(l, key);
        if (r == NULL)
            return false;
        if (l->seen != NULL)
            ha_distinct_add(l->seen, fixed_hash(key));
    }
    ha_sat_up(&r->count);
    if (key->glance != 0)
        *recent_at(l, key->glance) = (struct ha_top_recent){
            (uint32_t)key->glance, (uint32_t)((const uint64_t *)r - l->words) + 1};
    return true;
}

bool ha_top_has_room(const struct ha_top_list *l, size_t n)
{
    return n <= l->max_entries - l->entries &&
           n * (l->max_value + HA_TOP_MARK_BYTES) <= l->max_bytes - l->bytes;
}

static inline void take_key(struct ha_top_list *l, struct ha_view value, uint64_t glance,
                            struct key *key)
{
    *key = key_for(l, value, glance);
    __builtin_prefetch(&l->index[key->hash & l->mask]);
}

/* Counts those of n values that were met lately, makes keys of the others. Returns how many these
 * are. */
static size_t take_by_glance(struct ha_top_list *l, const struct ha_view *values, size_t n,
                             struct key *keys)
{
    const size_t least = sizeof(uint64_t), span = l->max_value - least;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        struct ha_view value = values[i];
        if (value.len - least > span) { /* too short for a glance, or to be cut */
            take_key(l, value, 0, &keys[count++]);
            continue;
        }
        uint64_t glance = ha_glance(value);
        struct ha_top_record *r = find_recent(l, value, glance);
        if (r != NULL)
            ha_sat_up(&r->count);
        else
            take_key(l, value, glance, &keys[count++]);
    }
    return count;
}

/* Hashes values until there are keys enough, and asks for their slots; recent ones it counts at
 * once. Returns how many values it took. */
static size_t take(struct ha_top_list *l, const struct ha_view *values, size_t n, struct key *keys,
                   size_t *count)
{
    size_t end = n < CHUNK ? n : CHUNK;
    /* Where nearly every value is new, looking at the recent ones first is time lost; and near a
     * cut it would change the order of counting, and so what is cut. */
    if (l->without_glance == 0 && l->max_value >= sizeof(uint64_t) && ha_top_has_room(l, CHUNK)) {
        *count = take_by_glance(l, values, end, keys);
        if (end - *count < end / 8)
            l->without_glance = PAUSE;
        return end;
    }
    for (size_t i = 0; i < end; i++)
        take_key(l, values[i], 0, &keys[i]);
    *count = end;
    if (l->without_glance > 0)
        l->without_glance--;
    return end;
}

bool ha_top_add(struct ha_top_list *l, const struct ha_view *values, size_t n)
{
    bool ok = true;
    for (size_t done = 0; done < n;) {
        struct key keys[CHUNK];
        size_t count;
        uint64_t cuts = l->cuts; /* until there is another one no record moves */
        done += take(l, values + done, n - done, keys, &count);
        for (size_t i = 0; i < count; i++)
            approach(l, &keys[i]);
        for (size_t i = 0; i < count; i++)
            ok &= count_key(l, &keys[i], l->cuts == cuts);
    }
    return ok;
}

/* The key of a record of another list, whose seed may differ. */
static struct key key_of(const struct ha_top_list *l, struct ha_top_record *r, uint64_t its_seed)
{
    struct key key = {r->hash, ha_top_value(r), r->len, r->full_len, 0, 0};
    if (its_seed != l->seed && r->len == r->full_len)
        key.hash = ha_hash(key.ptr, key.len, l->seed);
    return key;
}

/* Adds a record of another list, as look_up does. False when memory ran out. */
static bool merge_record(struct ha_top_list *into, const struct ha_top_list *from,
                         const struct ha_top_record *theirs, const struct key *key, bool unmoved)
{
    struct ha_top_record *r = look_up(into, key, unmoved);
    if (r == NULL)
        r = insert(into, key);
    if (r == NULL)
        return false;
    r->count = ha_sat_add(r->count, theirs->count - from->bound);
    r->over -= from->bound - theirs->over;
    return true;
}

/* Some at a time, so that the memory that the last step needs has been fetched by the steps
 * before: it is large, and has been out of use for long. */
static bool merge_records(struct ha_top_list *into, const struct ha_top_list *from)
{
    enum { AT_ONCE = 16 };
    struct key keys[AT_ONCE];
    struct ha_top_record *theirs[AT_ONCE];
    for (size_t at = 0, n = AT_ONCE; n == AT_ONCE;) {
        for (n = 0; n < AT_ONCE && (theirs[n] = ha_top_next(from, &at)) != NULL; n++) {
            keys[n] = key_of(into, theirs[n], from->seed);
            __builtin_prefetch(&into->index[keys[n].hash & into->mask]);
        }
        for (size_t i = 0; i < n; i++)
            approach(into, &keys[i]);
        uint64_t cuts = into->cuts;
        for (size_t i = 0; i < n; i++)
            if (!merge_record(into, from, theirs[i], &keys[i], into->cuts == cuts))
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
            r->over = ha_sat_add(r->over, from->bound);
        }
        into->bound = ha_sat_add(into->bound, from->bound);
    }
    return merge_records(into, from);
}
