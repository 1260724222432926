/* top.h - the values that occur most, in bounded memory, with a bound for what may be wrong.
 *
 * Exact until more different values (or bytes of them) were seen than there is room for; from
 * then on a Misra-Gries summary, kept mergeable as Agarwal, Cormode, Huang, Phillips, Wei and Yi
 * show (Mergeable Summaries, 2012). When the list is full, the median of its counts is cut: the
 * values up to it are forgotten, and the cut becomes the list's bound, for a value that comes
 * (back) later may have occurred up to that often before. At least half of the values bore each
 * cut, so that the bound is never more than 2 N / max_entries for N values counted, in whatever
 * order they came, and through any merges (where bytes run out first, max_entries is how many of
 * the longest values there is room for). Each value keeps what it may have missed before it
 * came in, so that one that was never forgotten stays exact.
 *
 * Which values are kept depends on the order of the input (and of merges) alone, not on hashes
 * nor on how the input came in batches: the seed may differ from run to run, so that nobody can
 * write a log whose values all collide, and the report is the same. */
#ifndef HTTPANNOTATE_TALLY_TOP_H
#define HTTPANNOTATE_TALLY_TOP_H

#include "distinct.h"
#include "httpannotate/tally.h"

#define HA_TOP_SET 8
typedef int32_t ha_top_four __attribute__((vector_size(16)));

/* Half a line of the cache. Each is a tag above the place of a record, + 1; 0: none. No two tags of
 * a set are the same, and none is negative. */
struct ha_top_set {
    ha_top_four half[2];
};

/* Finds records (top_index.h). */
struct ha_top_index {
    struct ha_top_set *sets;
    size_t set_mask;      /* how many sets there are, - 1 */
    int32_t places, tags; /* the bits of a place in a set, and of a tag */
    void *memory;         /* what the sets lie in */
    uint64_t *slots;      /* of what is found by hash, in open addressing */
    size_t mask, hashed;  /* how many slots there are, - 1; how many are taken */
};

struct ha_top_list {
    struct ha_top_index index;
    const struct ha_top_look *look; /* how values are looked at (top_look.h) */
    uint64_t *words;                /* the records, one behind the other, each in whole words */
    size_t used, room;              /* words in use, words allocated */
    size_t entries, bytes;          /* records, and the bytes of their values */
    size_t max_entries, max_bytes;  /* what these may be */
    uint32_t max_value;             /* longest value that is kept whole */
    uint64_t seed;                  /* of the hash */
    uint64_t moves;                 /* how often places of records became those of others */
    uint64_t bound; /* how often a value that is not in the list may have occurred; 0: exact */
    struct ha_distinct *seen; /* told of each value that comes in; NULL: nobody is */
};

/* Limits: top_entries, top_bytes, value_bytes. False when memory ran out. */
bool ha_top_init(struct ha_top_list *l, const struct ha_limits *limits, uint64_t seed,
                 struct ha_distinct *seen) HA_MUST_USE;
void ha_top_done(struct ha_top_list *l);
/* Forgets everything but keeps the memory, to be filled again. */
void ha_top_reset(struct ha_top_list *l);
/* Whether n more values cannot make it forget any, however new and long they are. */
bool ha_top_has_room(const struct ha_top_list *l, size_t n);

/* Counts n values, each once. They are taken some tens at a time, so that the memory that the
 * last step needs has been fetched by the steps before. False when memory ran out: some were
 * then not counted. */
bool ha_top_add(struct ha_top_list *l, const struct ha_view *values, size_t n) HA_MUST_USE;
/* As ha_top_add; and places[i] becomes the place of the record that values[i] was counted in, + 1,
 * which holds until l->moves changes; 0 where that is not known, as in all when memory ran out. */
bool ha_top_add_at(struct ha_top_list *l, const struct ha_view *values, size_t n,
                   uint32_t *places) HA_MUST_USE;

/* Both must have been made with the same limits; the seeds may differ. False when memory ran
 * out. What into->seen has seen is not touched. */
bool ha_top_merge(struct ha_top_list *into, const struct ha_top_list *from) HA_MUST_USE;

/* The entry of a value that is kept whole; false when there is none. */
bool ha_top_find(const struct ha_top_list *l, struct ha_view value, struct ha_top_entry *to);
/* As ha_tally_top. */
size_t ha_top_read(const struct ha_top_list *l, size_t n, struct ha_top_entry *to);

#endif
