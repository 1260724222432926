/* top_record.h - how a top list lays out its records: one behind the other, in whole words. */
#ifndef HTTPANNOTATE_TALLY_TOP_RECORD_H
#define HTTPANNOTATE_TALLY_TOP_RECORD_H

#include "top.h"

/* Followed by len bytes of the value, then by the mark when it was cut, up to a whole word. */
struct ha_top_record {
    uint64_t hash;
    uint64_t count; /* never less than how often the value occurred; always more than the bound */
    uint64_t over;  /* count - over is never more than that */
    uint32_t len;
    uint32_t full_len;
};
#define HA_TOP_RECORD_WORDS (sizeof(struct ha_top_record) / sizeof(uint64_t))

/* Stands for what was cut off a value. */
#define HA_TOP_MARK       "..."
#define HA_TOP_MARK_BYTES (sizeof HA_TOP_MARK - 1)

static inline struct ha_top_record *ha_top_record_at(const struct ha_top_list *l, size_t place)
{
    return (struct ha_top_record *)&l->words[place];
}

static inline char *ha_top_value(struct ha_top_record *r)
{
    return (char *)(r + 1);
}

/* Bytes that the value takes, with its mark. */
static inline size_t ha_top_kept_bytes(uint32_t len, uint32_t full_len)
{
    return len + (len < full_len ? HA_TOP_MARK_BYTES : 0);
}

static inline size_t ha_top_words(uint32_t len, uint32_t full_len)
{
    return HA_TOP_RECORD_WORDS +
           (ha_top_kept_bytes(len, full_len) + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

/* The record at *at, which becomes the place of the next; NULL at the end. Starts with 0. */
static inline struct ha_top_record *ha_top_next(const struct ha_top_list *l, size_t *at)
{
    if (*at >= l->used)
        return NULL;
    struct ha_top_record *r = ha_top_record_at(l, *at);
    *at += ha_top_words(r->len, r->full_len);
    return r;
}

#endif
