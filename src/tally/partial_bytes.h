/* partial_bytes.h - numbers and byte strings of a partial report, written and read.
 *
 * Numbers are little-endian base 128, the high bit of a byte says that another one follows; strings
 * have their length before them. Reading never goes beyond the end: what is not there, or more than
 * the caller takes, makes the reader bad, and from then on everything reads as 0. */
#ifndef HTTPANNOTATE_TALLY_PARTIAL_BYTES_H
#define HTTPANNOTATE_TALLY_PARTIAL_BYTES_H

#include "httpannotate/out.h"
#include "httpannotate/tally.h"

static inline void ha_put_u64(struct ha_buf *to, uint64_t n)
{
    char *at = ha_buf_room(to, 10);
    if (at == NULL)
        return;
    for (; n >= 0x80; n >>= 7)
        *at++ = (char)(n | 0x80);
    *at++ = (char)n;
    to->len = (size_t)(at - to->ptr);
}

/* Signed numbers near 0 are short: 0, -1, 1, -2, ... are written as 0, 1, 2, 3, ... */
static inline void ha_put_i64(struct ha_buf *to, int64_t n)
{
    ha_put_u64(to, n < 0 ? ~((uint64_t)n << 1) : (uint64_t)n << 1);
}

static inline void ha_put_string(struct ha_buf *to, struct ha_view v)
{
    ha_put_u64(to, v.len);
    ha_buf_view(to, v);
}

/* Eight bytes, the lowest first: a hash has no short form. */
static inline void ha_put_hash(struct ha_buf *to, uint64_t hash)
{
    for (unsigned k = 0; k < sizeof hash; k++)
        ha_buf_char(to, (char)(hash >> 8 * k & 0xff));
}

static inline void ha_put_count(struct ha_buf *to, struct ha_count c)
{
    ha_put_u64(to, c.count);
    ha_put_u64(to, c.body_bytes);
}

struct ha_taker {
    const char *at, *end;
    bool bad;
};

static inline size_t ha_take_left(const struct ha_taker *t)
{
    return (size_t)(t->end - t->at);
}

static inline uint64_t ha_take_bad(struct ha_taker *t)
{
    t->bad = true;
    t->at = t->end;
    return 0;
}

static inline uint64_t ha_take_u64(struct ha_taker *t)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64 && t->at < t->end; shift += 7) {
        uint64_t byte = (unsigned char)*t->at++;
        uint64_t bits = byte & 0x7f;
        if (bits << shift >> shift != bits)
            return ha_take_bad(t);
        n |= bits << shift;
        if (byte < 0x80)
            return n;
    }
    return ha_take_bad(t);
}

static inline int64_t ha_take_i64(struct ha_taker *t)
{
    uint64_t n = ha_take_u64(t);
    return (int64_t)(n % 2 != 0 ? ~(n >> 1) : n >> 1);
}

/* A number of at most `most`. */
static inline uint64_t ha_take_upto(struct ha_taker *t, uint64_t most)
{
    uint64_t n = ha_take_u64(t);
    return n <= most ? n : ha_take_bad(t);
}

/* The number of things to come, each of at least a byte: never more than there can be. */
static inline size_t ha_take_number(struct ha_taker *t, size_t most)
{
    size_t n = (size_t)ha_take_upto(t, most);
    return n <= ha_take_left(t) ? n : (size_t)ha_take_bad(t);
}

static inline struct ha_view ha_take_bytes(struct ha_taker *t, uint64_t len)
{
    if (len > ha_take_left(t)) {
        ha_take_bad(t);
        return (struct ha_view){t->end, 0};
    }
    struct ha_view v = {t->at, (size_t)len};
    t->at += len;
    return v;
}

static inline struct ha_view ha_take_string(struct ha_taker *t, size_t most)
{
    return ha_take_bytes(t, ha_take_upto(t, most));
}

static inline uint64_t ha_take_hash(struct ha_taker *t)
{
    struct ha_view v = ha_take_bytes(t, sizeof(uint64_t));
    uint64_t hash = 0;
    for (size_t k = 0; k < v.len; k++)
        hash |= (uint64_t)(unsigned char)v.ptr[k] << 8 * k;
    return hash;
}

/* Whether 64 bits of microseconds can tell a time in the span that begins at start * width_s. */
static inline bool ha_is_told_time(int64_t start, int64_t width_s)
{
    const int64_t last = INT64_MAX / HA_US_PER_S / width_s;
    return start <= last && start >= -last - 1;
}

static inline struct ha_count ha_take_count(struct ha_taker *t)
{
    struct ha_count c;
    c.count = ha_take_u64(t);
    c.body_bytes = ha_take_u64(t);
    return c;
}

#endif
