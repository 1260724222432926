/* top.h - the values that occur most, in bounded memory, with a bound for what may be wrong.
 *
 * Exact until more different values (or bytes of them) were seen than there is room for; from
 * then on a Misra-Gries summary, kept mergeable as Agarwal, Cormode, Huang, Phillips, Wei and Yi
 * show (Mergeable Summaries, 2012). When the list is full, the median of its counts is cut: the
 * values up to it are forgotten, and the cut becomes the list's bound, for a value that comes
 * (back) later may have occurred up to that often before. At least half of the values bore each
 * cut, so that the bound is never more than 2 N / max_entries for N values counted, in whatever
 * order they came, and through any merges. Each value keeps what it may have missed before it
 * came in, so that one that was never forgotten stays exact.
 *
 * Which values are kept depends on the order of the input alone, not on hashes: the seed may
 * differ from run to run (so that nobody can write a log whose values all collide) and the
 * report is the same. */
#ifndef HTTPANNOTATE_TALLY_TOP_H
#define HTTPANNOTATE_TALLY_TOP_H

#include "distinct.h"
#include "hash.h"
#include "httpannotate/tally.h"

/* A value ready to be counted. What is longer than the list keeps is cut; its hash and length,
 * both of the whole value, then tell it from others that begin alike. */
struct ha_top_key {
    uint64_t hash;
    const char *ptr;
    uint32_t len;      /* bytes to keep */
    uint32_t full_len; /* bytes the value has */
};

struct ha_top_list {
    uint64_t *index; /* open addressing: upper half of the hash, then place in words + 1; 0: free */
    size_t mask;     /* size of index - 1 */
    uint64_t *words; /* the records, one behind the other, each in whole words */
    size_t used, room;             /* words in use, words allocated */
    size_t entries, bytes;         /* records, and the bytes of their values */
    size_t max_entries, max_bytes; /* what these may be */
    uint32_t max_value;            /* longest value that is kept whole */
    uint64_t seed;
    uint64_t bound; /* how often a value that is not in the list may have occurred; 0: exact */
    struct ha_distinct *seen; /* told of each value that comes in; NULL: nobody is */
};

/* Limits: top_entries, top_bytes, value_bytes. False when memory ran out. */
bool ha_top_init(struct ha_top_list *l, const struct ha_limits *limits, uint64_t seed,
                 struct ha_distinct *seen) HA_MUST_USE;
void ha_top_done(struct ha_top_list *l);

/* The kept length of a value longer than max: no character of UTF-8 is cut apart. */
uint32_t ha_top_cut(struct ha_view value, uint32_t max);

static inline struct ha_top_key ha_top_key(const struct ha_top_list *l, struct ha_view value)
{
    if (__builtin_expect(value.len <= l->max_value, 1))
        return (struct ha_top_key){ha_hash(value.ptr, value.len, l->seed), value.ptr,
                                   (uint32_t)value.len, (uint32_t)value.len};
    return (struct ha_top_key){ha_hash(value.ptr, value.len, HA_HASH_FIXED_SEED), value.ptr,
                               ha_top_cut(value, l->max_value),
                               value.len < UINT32_MAX ? (uint32_t)value.len : UINT32_MAX};
}

/* The hash that ha_distinct is fed with: of the whole value, the same in every run. */
static inline uint64_t ha_top_fixed_hash(const struct ha_top_key *key)
{
    return key->len < key->full_len ? key->hash : ha_hash(key->ptr, key->len, HA_HASH_FIXED_SEED);
}

/* Counting goes in three steps over some tens of keys, so that the memory that the third needs
 * has come when it starts: ha_top_fetch for each key, ha_top_approach for all, ha_top_add for
 * all. The first two are hints; ha_top_add alone does the same. */
static inline void ha_top_fetch(const struct ha_top_list *l, const struct ha_top_key *key)
{
    __builtin_prefetch(&l->index[key->hash & l->mask]);
}
void ha_top_approach(const struct ha_top_list *l, const struct ha_top_key *keys, size_t n);
/* Counts each key once. False when memory ran out: some were then not counted. */
bool ha_top_add(struct ha_top_list *l, const struct ha_top_key *keys, size_t n) HA_MUST_USE;

/* Both must have been made with the same limits. False when memory ran out. What into->seen
 * has seen is not touched. */
bool ha_top_merge(struct ha_top_list *into, const struct ha_top_list *from) HA_MUST_USE;

/* As ha_tally_top. */
size_t ha_top_read(const struct ha_top_list *l, size_t n, struct ha_top_entry *to);

#endif
