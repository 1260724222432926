/* evidence_store.h - a sample of records that is the same whatever order they came in.
 *
 * Each record falls into a stratum and has a hash. At level L an entry is kept when its hash is
 * among the 2^(64 - L) least there can be, and it is among the `most` least of its stratum. The
 * level is the least at which no more than `cap` entries are kept.
 *
 * Why this depends on the set of all records alone. Let S be what was seen, R(L, S) the entries
 * kept of it. Both conditions only grow harder to meet: more entries in a stratum move an entry's
 * rank up, never down, and a higher level lowers the bound. So R(L, S + T) holds of S only what
 * R(l, S) holds for every l <= L: an entry that is passed over or put out can never be wanted
 * again, and one that is wanted at the end was kept from the first time it was seen, so that its
 * count misses none. The number of entries kept in a stratum at a level, the least of `most` and of
 * how many are below the bound, never falls as S grows; so the least level that fits never falls
 * either, and to raise it step by step when there are too many ends at the level of the whole. The
 * same holds for merging two samples: take the higher level, put all entries in. */
#ifndef HTTPANNOTATE_TALLY_EVIDENCE_STORE_H
#define HTTPANNOTATE_TALLY_EVIDENCE_STORE_H

#include "httpannotate/base.h"

/* Texts of an entry, one behind the other, and what each may take; a longer one is cut and ends in
 * "...". */
enum { HA_SAMPLED_CLIENT, HA_SAMPLED_TARGET, HA_SAMPLED_AGENT, HA_SAMPLED_TOKEN, HA_SAMPLED_TEXTS };
#define HA_SAMPLED_MOST ((const uint8_t[HA_SAMPLED_TEXTS]){48, 96, 60, 12})
enum { HA_SAMPLED_ROOM = 48 + 96 + 60 + 12 };

struct ha_sampled {
    int16_t status, method;
    uint64_t hash;
    int64_t minute;
    uint64_t count; /* records that are alike; not part of what tells entries apart */
    uint8_t len[HA_SAMPLED_TEXTS];
    char text[HA_SAMPLED_ROOM]; /* as much as len tells */
};

/* At the last level nothing is kept any more. */
enum { HA_SAMPLE_LEVELS = 64 };
/* The greatest hash that is kept at a level. */
static inline uint64_t ha_sample_bound(unsigned level)
{
    return level < HA_SAMPLE_LEVELS ? UINT64_MAX >> level : 0;
}

/* The entries of a stratum hang together, the greatest in order first. They are gone through often,
 * and so apart from the entries, which are large. */
struct ha_sample_link {
    uint64_t hash; /* the entry's own */
    uint32_t next; /* place + 1; 0: none */
};
struct ha_stratum;
struct ha_sample_set {
    struct ha_sampled *entries;
    struct ha_sample_link *links; /* by place, as the entries */
    struct ha_stratum *strata;    /* by hash; a power of two */
    size_t count, room, slots;
    size_t cap;
    uint32_t most; /* of a stratum; UINT32_MAX: no end, strata are parts of the hash */
    unsigned level;
    uint64_t bound; /* of the level */
};

/* most: entries of a minute and status; 0: entries are told apart by their hash alone. */
void ha_sample_set_init(struct ha_sample_set *s, size_t cap, uint32_t most);
void ha_sample_set_done(struct ha_sample_set *s);
void ha_sample_set_reset(struct ha_sample_set *s);
/* An entry of this hash, minute and status is passed over when its hash is above this, which never
 * rises while the set is not reset. */
uint64_t ha_sample_set_greatest(const struct ha_sample_set *s, uint64_t hash, int64_t minute,
                                int status);
/* Nothing is kept any more, whatever its hash. */
bool ha_sample_set_is_shut(const struct ha_sample_set *s);
/* Has the processor fetch what an entry of this hash, minute and status is found by; and, when that
 * is there, the entry that it seems to be. */
void ha_sample_set_fetch_stratum(const struct ha_sample_set *s, uint64_t hash, int64_t minute,
                                 int status);
void ha_sample_set_fetch_entry(const struct ha_sample_set *s, uint64_t hash, int64_t minute,
                               int status);
/* Whether an entry is held that is like e and has these texts, as ha_sampled_put would put them:
 * e's count is then added to it. What is repeated need not be copied to be found. */
bool ha_sample_set_count_held(struct ha_sample_set *s, const struct ha_sampled *e,
                              const struct ha_view texts[HA_SAMPLED_TEXTS]);
/* Adds an entry with its count. False when memory ran out. */
bool ha_sample_set_add(struct ha_sample_set *s, const struct ha_sampled *e) HA_MUST_USE;
/* Raises the level to at least this. */
void ha_sample_set_raise_to(struct ha_sample_set *s, unsigned level);
bool ha_sample_set_merge(struct ha_sample_set *into, const struct ha_sample_set *from) HA_MUST_USE;
/* By minute, status, hash and what else tells entries apart: less than, equal to or greater than 0.
 */
int ha_sampled_cmp(const struct ha_sampled *a, const struct ha_sampled *b);
/* The text at a place. */
struct ha_view ha_sampled_text(const struct ha_sampled *e, int which);
/* Fills e's texts, in order. */
void ha_sampled_put(struct ha_sampled *e, const struct ha_view texts[HA_SAMPLED_TEXTS]);
/* All entries in order, pointing into the set; *out from ha_alloc. False when memory ran out. */
bool ha_sample_set_sorted(const struct ha_sample_set *s,
                          const struct ha_sampled ***out) HA_MUST_USE;

#endif
