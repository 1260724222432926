/* top_record.h - how a top list lays out its records: one behind the other, in whole words. */
#ifndef HTTPANNOTATE_TALLY_TOP_RECORD_H
#define HTTPANNOTATE_TALLY_TOP_RECORD_H

#include "top.h"

/* What is needed to count, small and next to the value, as memory is what counting waits for.
 *
 * Behind it the bytes of the value, with the mark where it was cut, up to a whole word; then a word
 * for how much of count may be too much; then, of a value that was cut, a word for its hash and one
 * for its length. */
struct ha_top_record {
    uint64_t count; /* never less than how often the value occurred; always more than the bound */
    uint32_t len;   /* bytes of the value that are kept; and whether others were cut off */
    uint32_t in_errors; /* place of the record in a list of errors that this one leads to, + 1; 0:
                         * not known (errors.h) */
};
#define HA_TOP_RECORD_WORDS (sizeof(struct ha_top_record) / sizeof(uint64_t))
#define HA_TOP_CUT          (UINT32_C(1) << 31)

/* Stands for what was cut off a value. */
#define HA_TOP_MARK       "..."
#define HA_TOP_MARK_BYTES (sizeof HA_TOP_MARK - 1)

static inline struct ha_top_record *ha_top_record_at(const struct ha_top_list *l, size_t place)
{
    return (struct ha_top_record *)&l->words[place];
}

static inline size_t ha_top_place_of(const struct ha_top_list *l, const struct ha_top_record *r)
{
    return (size_t)((const uint64_t *)r - l->words);
}

static inline char *ha_top_value(struct ha_top_record *r)
{
    return (char *)(r + 1);
}

static inline bool ha_top_is_cut(const struct ha_top_record *r)
{
    return (r->len & HA_TOP_CUT) != 0;
}

/* The value as far as it is kept, without a mark. */
static inline struct ha_view ha_top_kept(struct ha_top_record *r)
{
    return (struct ha_view){ha_top_value(r), r->len & ~HA_TOP_CUT};
}

/* Bytes that a value takes whose length is as in a record, with its mark. */
static inline size_t ha_top_bytes(uint32_t len)
{
    return (len & HA_TOP_CUT) == 0 ? len : (len & ~HA_TOP_CUT) + HA_TOP_MARK_BYTES;
}

/* Words from the begin of a record to what stands behind its value. */
static inline size_t ha_top_words_before(uint32_t len)
{
    return HA_TOP_RECORD_WORDS + (ha_top_bytes(len) + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

static inline size_t ha_top_words(uint32_t len)
{
    return ha_top_words_before(len) + ((len & HA_TOP_CUT) != 0 ? 3 : 1);
}

/* count without that is never more than how often the value occurred. */
static inline uint64_t *ha_top_over(struct ha_top_record *r)
{
    return (uint64_t *)r + ha_top_words_before(r->len);
}

/* Of a value that was cut: the hash of the whole of it, with HA_HASH_FIXED_SEED. */
static inline uint64_t *ha_top_cut_hash(struct ha_top_record *r)
{
    return ha_top_over(r) + 1;
}

/* Of a value that was cut: bytes that it had. */
static inline uint64_t *ha_top_cut_len(struct ha_top_record *r)
{
    return ha_top_over(r) + 2;
}

/* Bytes that the value had. */
static inline uint32_t ha_top_full_len(struct ha_top_record *r)
{
    return ha_top_is_cut(r) ? (uint32_t)*ha_top_cut_len(r) : r->len;
}

/* The record at *at, which becomes the place of the next; NULL at the end. Starts with 0. */
static inline struct ha_top_record *ha_top_next(const struct ha_top_list *l, size_t *at)
{
    if (*at >= l->used)
        return NULL;
    struct ha_top_record *r = ha_top_record_at(l, *at);
    *at += ha_top_words(r->len);
    return r;
}

#endif
