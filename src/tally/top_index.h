/* top_index.h - where the records of a top list are.
 *
 * A glance at a value leads to a set of eight places, each with a tag, which holds what the value's
 * place is found by: in few bits, so that it stays in near caches, and without a branch. What the
 * set has no place for, or a tag that is taken, is found by a hash of the whole value instead, and
 * so is what was cut: that is little, unless values were made to look alike at a glance. Then
 * nothing is lost but the glance, as the hash is seeded. */
#ifndef HTTPANNOTATE_TALLY_TOP_INDEX_H
#define HTTPANNOTATE_TALLY_TOP_INDEX_H

#include "top_record.h"

/* A value to be found. What is longer than the list keeps is cut; its hash and length, both of the
 * whole value, then tell it from others that begin alike. */
struct ha_top_key {
    uint64_t glance; /* of a value that is whole */
    uint64_t hash;   /* of one that was cut; with HA_HASH_FIXED_SEED */
    const char *ptr;
    uint32_t len;      /* bytes to keep, as in a record */
    uint32_t full_len; /* bytes the value has */
};

/* For records of so many words at most. False when memory ran out. */
bool ha_top_index_init(struct ha_top_index *x, size_t words) HA_MUST_USE;
void ha_top_index_done(struct ha_top_index *x);
void ha_top_index_clear(struct ha_top_index *x);

struct ha_top_key ha_top_key_for(const struct ha_top_list *l, struct ha_view value);
/* The key by which a list finds the value of a record, of whatever list. */
struct ha_top_key ha_top_key_of(const struct ha_top_list *l, struct ha_top_record *r);

/* The record of a value, or NULL. */
struct ha_top_record *ha_top_index_find(const struct ha_top_list *l, const struct ha_top_key *key);
/* Makes room for one more record. False when memory ran out. */
bool ha_top_index_reserve(struct ha_top_list *l) HA_MUST_USE;
/* Where a record is that is not in the index; for which there is room. */
void ha_top_index_put(struct ha_top_list *l, const struct ha_top_key *key, size_t place);
/* Made anew from the records, of which there are no others than before, but perhaps fewer. */
void ha_top_index_fill(struct ha_top_list *l);

static inline bool ha_top_key_is_cut(const struct ha_top_key *key)
{
    return (key->len & HA_TOP_CUT) != 0;
}

static inline struct ha_top_set *ha_top_set_of(const struct ha_top_index *x, uint64_t glance)
{
    return &x->sets[glance & x->set_mask];
}

static inline int32_t ha_top_tag(const struct ha_top_index *x, uint64_t glance)
{
    return (int32_t)(glance >> 33) & x->tags;
}

/* The place of the record with that tag, + 1; 0: none has it. */
static inline uint32_t ha_top_set_find(const struct ha_top_set *set, int32_t tag, int32_t places)
{
    ha_top_four tags = {tag, tag, tag, tag}, most = {places, places, places, places};
    /* What has the tag is a mere place without it, all others are greater. */
    ha_top_four a = set->half[0] ^ tags, b = set->half[1] ^ tags;
    ha_top_four found = (a & (a <= most)) | (b & (b <= most));
    found |= __builtin_shufflevector(found, found, 2, 3, 0, 1);
    return (uint32_t)(found[0] | found[1]);
}

/* Whether a set may lack what leads to it; it fills from its begin. */
static inline bool ha_top_set_is_full(const struct ha_top_set *set)
{
    return set->half[1][3] != 0;
}

#endif
