/* kernel_sse2.c - 16 bytes at a time, which every 64-bit x86 processor can. */
#include "kernel.h"

#if defined(__x86_64__)
#include <emmintrin.h>

static bool supported(void)
{
    return __builtin_cpu_supports("sse2");
}

static __m128i load(const char *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

/* Sums of bytes, which are taken out before they can overflow. */
static size_t count_newlines(const char *bytes, size_t len, bool *sharp)
{
    enum { MOST = 255 };
    const __m128i newline = _mm_set1_epi8('\n'), zero = _mm_setzero_si128();
    __m128i sharps = zero;
    size_t done = 0, count = 0;
    while (len - done > 16) { /* the byte behind a newline is looked at, too */
        size_t whole = (len - done - 1) / 16, steps = whole < MOST ? whole : MOST;
        __m128i sums = zero;
        for (; steps > 0; steps--, done += 16) {
            __m128i at = _mm_cmpeq_epi8(load(bytes + done), newline);
            __m128i behind = _mm_cmpeq_epi8(load(bytes + done + 1), _mm_set1_epi8('#'));
            sums = _mm_sub_epi8(sums, at);
            sharps = _mm_or_si128(sharps, _mm_and_si128(at, behind));
        }
        uint64_t halves[2];
        _mm_storeu_si128((__m128i *)halves, _mm_sad_epu8(sums, zero));
        count += (size_t)(halves[0] + halves[1]);
    }
    *sharp |= _mm_movemask_epi8(sharps) != 0;
    return count + ha_kernel_newlines(bytes + done, len - done, sharp);
}

static uint64_t marks_of_16(const char *bytes)
{
    const __m128i low = _mm_set1_epi8(0x1f);
    __m128i v = load(bytes);
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(v, low), low);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control));
}

static uint64_t marks_of(const char *bytes)
{
    return marks_of_16(bytes) | marks_of_16(bytes + 16) << 16 | marks_of_16(bytes + 32) << 32 |
           marks_of_16(bytes + 48) << 48;
}

static void mark(struct ha_marks *m, size_t end, uint32_t room)
{
    ha_kernel_steps(m, end, room, marks_of);
    ha_kernel_rest(m, end, room);
}

const struct ha_kernel ha_kernel_sse2 = {"sse2", supported, count_newlines, mark};
#endif
