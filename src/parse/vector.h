/* vector.h - sixteen bytes at a time, on any processor. Private to src/parse. */
#ifndef HTTPANNOTATE_PARSE_VECTOR_H
#define HTTPANNOTATE_PARSE_VECTOR_H

#include <string.h>

#include "httpannotate/base.h"

/* Comparisons set all bits of the bytes of which they hold. */
typedef signed char ha_bytes16 __attribute__((vector_size(16)));
typedef unsigned char ha_unsigned16 __attribute__((vector_size(16)));
#if defined(__SSE2__)
typedef char ha_char16 __attribute__((vector_size(16)));
#endif

static inline ha_bytes16 ha_load16(const void *from)
{
    ha_bytes16 v;
    memcpy(&v, from, sizeof v);
    return v;
}

/* The top bits of the bytes, that of the first one lowest. */
static inline unsigned ha_tops16(ha_bytes16 v)
{
#if defined(__SSE2__)
    return (unsigned)__builtin_ia32_pmovmskb128((ha_char16)v);
#else
    unsigned tops = 0;
    for (unsigned i = 0; i < 16; i++)
        tops |= (unsigned)(v[i] < 0) << i;
    return tops;
#endif
}

/* Whether a byte has its top bit set. */
static inline bool ha_any16(ha_bytes16 v)
{
#if defined(__SSE2__)
    return ha_tops16(v) != 0;
#else
    uint64_t halves[2];
    memcpy(halves, &v, sizeof halves);
    return ((halves[0] | halves[1]) & UINT64_C(0x8080808080808080)) != 0;
#endif
}

/* All bits of the first n bytes of 16, from 0 to 16. */
static inline ha_bytes16 ha_first16(size_t n)
{
    static const signed char bits[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1,
                                         -1, -1, -1, -1, -1, -1, -1, 0};
    return ha_load16(bits + 16 - n);
}

#endif
