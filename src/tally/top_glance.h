/* top_glance.h - what finds a value among those met lately, and tells it from them. */
#ifndef HTTPANNOTATE_TALLY_TOP_GLANCE_H
#define HTTPANNOTATE_TALLY_TOP_GLANCE_H

#include "httpannotate/base.h"

#include <string.h>

static inline uint64_t ha_glance_word(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t ha_glance_turned(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

/* Whether two runs of at least eight bytes are the same. A call would cost as much as to look at
 * what most values have. */
static inline bool ha_glance_equal(const char *a, const char *b, size_t len)
{
    if (len > 4 * sizeof(uint64_t))
        return memcmp(a, b, len) == 0;
    size_t last = len - sizeof(uint64_t);
    uint64_t differ = (ha_glance_word(a) ^ ha_glance_word(b)) |
                      (ha_glance_word(a + last) ^ ha_glance_word(b + last));
    if (len > 2 * sizeof(uint64_t))
        differ |= (ha_glance_word(a + 8) ^ ha_glance_word(b + 8)) |
                  (ha_glance_word(a + last - 8) ^ ha_glance_word(b + last - 8));
    return differ == 0;
}

/* A quick mix of some words of a value of 8 bytes or more: of its beginning, its middle, and the
 * end, where agents and targets that begin alike differ. Values that differ elsewhere only take the
 * slower way in turns. Never 0 in its lower half. */
static inline uint64_t ha_glance(struct ha_view v)
{
    const uint64_t k1 = UINT64_C(0x9e3779b97f4a7c15), k2 = UINT64_C(0xc2b2ae3d27d4eb4f);
    size_t last = v.len - sizeof(uint64_t);
    const char *end = v.ptr + last;
    uint64_t a = ha_glance_word(v.ptr) + v.len,
             b = ha_glance_word(end) ^ ha_glance_turned(ha_glance_word(v.ptr + last / 2), 29);
    if (last >= 3 * sizeof(uint64_t)) {
        a ^= ha_glance_turned(ha_glance_word(end - 24), 21) + ha_glance_word(end - 8);
        b += ha_glance_word(end - 16);
    } else {
        a ^= ha_glance_turned(ha_glance_word(v.ptr + last / 4), 21);
    }
    __extension__ unsigned __int128 product = (unsigned __int128)(a ^ k1) * (b ^ k2);
    return ((uint64_t)product ^ (uint64_t)(product >> 64)) | 1;
}

#endif
