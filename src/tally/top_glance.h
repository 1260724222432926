/* top_glance.h - what finds a value among those met lately, and tells it from them.
 *
 * Values of any bytes and lengths come in any order, so that nothing here asks how long one is but
 * in a few wide classes: a branch that is guessed wrong costs more than the words that it saves. */
#ifndef HTTPANNOTATE_TALLY_TOP_GLANCE_H
#define HTTPANNOTATE_TALLY_TOP_GLANCE_H

#include "httpannotate/base.h"

#include <string.h>

typedef uint64_t ha_words2 __attribute__((vector_size(16)));

static inline uint64_t ha_glance_word(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint32_t ha_glance_half(const char *p)
{
    uint32_t half;
    memcpy(&half, p, sizeof half);
    return half;
}

static inline ha_words2 ha_glance_words2(const char *p)
{
    ha_words2 words;
    memcpy(&words, p, sizeof words);
    return words;
}

static inline uint64_t ha_glance_turned(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

/* All bytes of a value of less than eight, in one word; those of one length differ in it. */
static inline uint64_t ha_glance_short(const char *p, size_t len)
{
    if (len >= 4)
        return ha_glance_half(p) | (uint64_t)ha_glance_half(p + len - 4) << 32;
    if (len == 0)
        return 0;
    uint64_t first = (unsigned char)p[0], middle = (unsigned char)p[len / 2];
    return first | middle << 8 | (uint64_t)(unsigned char)p[len - 1] << 16;
}

/* What differs in 64 bytes, of which some may be looked at twice. */
static inline ha_words2 ha_glance_differ(const char *a, const char *b, size_t second)
{
    return (ha_glance_words2(a) ^ ha_glance_words2(b)) |
           (ha_glance_words2(a + 16) ^ ha_glance_words2(b + 16)) |
           (ha_glance_words2(a + second) ^ ha_glance_words2(b + second)) |
           (ha_glance_words2(a + second + 16) ^ ha_glance_words2(b + second + 16));
}

/* Whether two runs of more than 16 bytes are the same. */
static inline bool ha_glance_equal_long(const char *a, const char *b, size_t len)
{
    ha_words2 differ;
    if (len <= 32) {
        size_t last = len - 16;
        differ = (ha_glance_words2(a) ^ ha_glance_words2(b)) |
                 (ha_glance_words2(a + last) ^ ha_glance_words2(b + last));
    } else if (len <= 64) {
        differ = ha_glance_differ(a, b, len - 32);
    } else if (len <= 128) {
        differ = ha_glance_differ(a, b, 32) | ha_glance_differ(a + len - 64, b + len - 64, 32);
    } else {
        return memcmp(a, b, len) == 0;
    }
    return (differ[0] | differ[1]) == 0;
}

/* Whether two runs of bytes are the same. A call would cost as much as to look at what most values
 * have. */
static inline bool ha_glance_equal(const char *a, const char *b, size_t len)
{
    if (len > 16)
        return ha_glance_equal_long(a, b, len);
    if (__builtin_expect(len < sizeof(uint64_t), 0))
        return ha_glance_short(a, len) == ha_glance_short(b, len);
    size_t last = len - sizeof(uint64_t);
    return ((ha_glance_word(a) ^ ha_glance_word(b)) |
            (ha_glance_word(a + last) ^ ha_glance_word(b + last))) == 0;
}

/* A word of a value of eight bytes or more, or its last one where it ends before. */
static inline uint64_t ha_glance_at(struct ha_view v, size_t at)
{
    size_t last = v.len - sizeof(uint64_t);
    return ha_glance_word(v.ptr + (at < last ? at : last));
}

/* A quick mix of some words of a value: of where it begins and ends, as targets that begin alike
 * differ at the end, and of where agents name system and version. Values that differ elsewhere
 * alone only take the slower way in turns. */
static inline uint64_t ha_glance(struct ha_view v)
{
    const uint64_t k1 = UINT64_C(0x9e3779b97f4a7c15), k2 = UINT64_C(0xc2b2ae3d27d4eb4f);
    uint64_t a = v.len, b;
    if (__builtin_expect(v.len < sizeof(uint64_t), 0)) {
        b = ha_glance_short(v.ptr, v.len);
    } else {
        const char *last = v.ptr + v.len - sizeof(uint64_t);
        a += ha_glance_word(v.ptr);
        b = ha_glance_word(last);
        if (v.len > 16) {
            size_t back = v.len < 24 ? v.len - 8 : 16;
            a += ha_glance_turned(ha_glance_at(v, 24), 13) +
                 ha_glance_turned(ha_glance_at(v, 40), 43);
            b += ha_glance_turned(ha_glance_word(last - 8), 17) +
                 ha_glance_turned(ha_glance_word(last - back), 31) +
                 ha_glance_turned(ha_glance_word(v.ptr + (v.len - 8) / 2), 47);
        }
    }
    __extension__ unsigned __int128 product = (unsigned __int128)(a ^ k1) * (b ^ k2);
    uint64_t mixed = (uint64_t)product ^ (uint64_t)(product >> 64);
    return mixed ^ mixed >> 32;
}

#endif
