/* top_index.c - sets that are found at a glance, and a table behind them. */
#include "top_index.h"

#include "hash.h"
#include "top_glance.h"
#include "top_look.h"

#include <string.h>

#define FIRST_SETS  8
#define FIRST_SLOTS 16

static bool alloc_sets(struct ha_top_index *x, size_t sets)
{
    x->memory = ha_calloc(sets + 1, sizeof *x->sets);
    if (x->memory == NULL)
        return false;
    /* No set lies in two lines of the cache. */
    size_t off = (uintptr_t)x->memory % sizeof *x->sets;
    char *first = (char *)x->memory + (off == 0 ? 0 : sizeof *x->sets - off);
    x->sets = (struct ha_top_set *)(void *)first;
    x->set_mask = sets - 1;
    return true;
}

bool ha_top_index_init(struct ha_top_index *x, size_t words)
{
    *x = (struct ha_top_index){.places = 1, .mask = FIRST_SLOTS - 1};
    while ((size_t)x->places < words && x->places < INT32_MAX / 2)
        x->places = x->places << 1 | 1;
    x->tags = INT32_MAX & ~x->places;
    x->slots = ha_calloc(FIRST_SLOTS, sizeof *x->slots);
    return alloc_sets(x, FIRST_SETS) && x->slots != NULL;
}

void ha_top_index_done(struct ha_top_index *x)
{
    ha_free(x->memory);
    ha_free(x->slots);
    *x = (struct ha_top_index){0};
}

void ha_top_index_clear(struct ha_top_index *x)
{
    memset(x->sets, 0, (x->set_mask + 1) * sizeof *x->sets);
    memset(x->slots, 0, (x->mask + 1) * sizeof *x->slots);
    x->hashed = 0;
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

struct ha_top_key ha_top_key_for(const struct ha_top_list *l, struct ha_view value)
{
    struct ha_top_key key = {.ptr = value.ptr, .len = (uint32_t)value.len};
    if (__builtin_expect(value.len <= l->max_value, 1)) {
        key.full_len = key.len;
        key.glance = l->look->glance(value);
        return key;
    }
    key.full_len = value.len < UINT32_MAX ? key.len : UINT32_MAX;
    key.hash = ha_hash(value.ptr, value.len, HA_HASH_FIXED_SEED);
    key.len = cut_length(value, l->max_value) | HA_TOP_CUT;
    return key;
}

struct ha_top_key ha_top_key_of(const struct ha_top_list *l, struct ha_top_record *r)
{
    struct ha_top_key key = {0, 0, ha_top_value(r), r->len, ha_top_full_len(r)};
    if (ha_top_is_cut(r))
        key.hash = *ha_top_cut_hash(r);
    else
        key.glance = l->look->glance(ha_top_kept(r));
    return key;
}

/* What a slot of the table is found by. */
static uint64_t hash_of(const struct ha_top_list *l, const struct ha_top_key *key)
{
    return ha_top_key_is_cut(key) ? key->hash : ha_hash(key->ptr, key->len, l->seed);
}

static bool same(struct ha_top_record *r, const struct ha_top_key *key)
{
    return r->len == key->len &&
           ha_glance_equal(ha_top_value(r), key->ptr, key->len & ~HA_TOP_CUT) &&
           (!ha_top_key_is_cut(key) ||
            (*ha_top_cut_hash(r) == key->hash && *ha_top_cut_len(r) == key->full_len));
}

/* A slot has the upper half of the hash, and the place of the record, + 1. */
static struct ha_top_record *find_by_hash(const struct ha_top_list *l, const struct ha_top_key *key)
{
    const struct ha_top_index *x = &l->index;
    uint64_t hash = hash_of(l, key);
    for (size_t i = hash & x->mask; x->slots[i] != 0; i = (i + 1) & x->mask) {
        if ((x->slots[i] ^ hash) >> 32 != 0)
            continue;
        struct ha_top_record *r = ha_top_record_at(l, (x->slots[i] & UINT32_MAX) - 1);
        if (same(r, key))
            return r;
    }
    return NULL;
}

struct ha_top_record *ha_top_index_find(const struct ha_top_list *l, const struct ha_top_key *key)
{
    const struct ha_top_index *x = &l->index;
    if (!ha_top_key_is_cut(key)) {
        const struct ha_top_set *set = ha_top_set_of(x, key->glance);
        uint32_t place = ha_top_set_find(set, ha_top_tag(x, key->glance), x->places);
        if (place == 0 && !ha_top_set_is_full(set))
            return NULL;
        if (place != 0) {
            struct ha_top_record *r = ha_top_record_at(l, place - 1);
            if (same(r, key))
                return r;
        }
    }
    return x->hashed > 0 ? find_by_hash(l, key) : NULL;
}

static void put_slot(uint64_t *slots, size_t mask, uint64_t hash, uint64_t place)
{
    size_t i = hash & mask;
    while (slots[i] != 0)
        i = (i + 1) & mask;
    slots[i] = (hash & ~(uint64_t)UINT32_MAX) | place;
}

/* False where the set has no place for it. */
static bool put_in_set(struct ha_top_index *x, uint64_t glance, size_t place)
{
    struct ha_top_set *set = ha_top_set_of(x, glance);
    int32_t tag = ha_top_tag(x, glance);
    if (ha_top_set_is_full(set) || place + 1 > (size_t)x->places ||
        ha_top_set_find(set, tag, x->places) != 0)
        return false;
    int32_t *free = (int32_t *)set;
    while (*free != 0)
        free++;
    *free = tag | (int32_t)(place + 1);
    return true;
}

void ha_top_index_put(struct ha_top_list *l, const struct ha_top_key *key, size_t place)
{
    struct ha_top_index *x = &l->index;
    if (!ha_top_key_is_cut(key) && put_in_set(x, key->glance, place))
        return;
    put_slot(x->slots, x->mask, hash_of(l, key), place + 1);
    x->hashed++;
    HA_ASSERT(2 * x->hashed <= x->mask + 1);
}

void ha_top_index_fill(struct ha_top_list *l)
{
    ha_top_index_clear(&l->index);
    struct ha_top_record *r;
    for (size_t at = 0, next = 0; (r = ha_top_next(l, &next)) != NULL; at = next) {
        struct ha_top_key key = ha_top_key_of(l, r);
        ha_top_index_put(l, &key, at);
    }
}

static bool grow_slots(struct ha_top_list *l)
{
    struct ha_top_index *x = &l->index;
    size_t mask = 2 * x->mask + 1;
    uint64_t *slots = ha_calloc(mask + 1, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i <= x->mask; i++) {
        uint64_t place = x->slots[i] & UINT32_MAX;
        if (place == 0)
            continue;
        struct ha_top_key key = ha_top_key_of(l, ha_top_record_at(l, place - 1));
        put_slot(slots, mask, hash_of(l, &key), place);
    }
    ha_free(x->slots);
    x->slots = slots;
    x->mask = mask;
    return true;
}

/* In sets that are half as full no more values lack a place than before. */
static bool grow_sets(struct ha_top_list *l)
{
    struct ha_top_index *x = &l->index;
    void *before = x->memory;
    struct ha_top_set *sets = x->sets;
    if (!alloc_sets(x, 2 * (x->set_mask + 1))) {
        x->memory = before;
        x->sets = sets;
        return false;
    }
    ha_free(before);
    ha_top_index_fill(l);
    return true;
}

bool ha_top_index_reserve(struct ha_top_list *l)
{
    const struct ha_top_index *x = &l->index;
    if (2 * (l->entries + 1) > HA_TOP_SET * (x->set_mask + 1) && !grow_sets(l))
        return false;
    return 2 * (x->hashed + 1) <= x->mask + 1 || grow_slots(l);
}
