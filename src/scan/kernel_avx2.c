/* kernel_avx2.c - 32 bytes at a time. Compiled with the flags of its instruction set, so that it
 * may be entered only when the processor has it. */
#include "kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

static bool supported(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

static __m256i load(const char *bytes)
{
    return _mm256_loadu_si256((const __m256i *)bytes);
}

/* Sums of bytes, which are taken out before they can overflow. */
size_t ha_kernel_avx2_newlines(const char *bytes, size_t len, bool *sharp)
{
    enum { MOST = 255 };
    const __m256i newline = _mm256_set1_epi8('\n'), zero = _mm256_setzero_si256();
    const __m256i hash = _mm256_set1_epi8('#');
    __m256i sharps = zero;
    size_t done = 0, count = 0;
    while (len - done > 64) { /* the byte behind a newline is looked at, too */
        size_t whole = (len - done - 1) / 64, steps = whole < MOST ? whole : MOST;
        __m256i even = zero, odd = zero;
        for (; steps > 0; steps--, done += 64) {
            __m256i a = _mm256_cmpeq_epi8(load(bytes + done), newline);
            __m256i b = _mm256_cmpeq_epi8(load(bytes + done + 32), newline);
            __m256i behind_a = _mm256_cmpeq_epi8(load(bytes + done + 1), hash);
            __m256i behind_b = _mm256_cmpeq_epi8(load(bytes + done + 33), hash);
            even = _mm256_sub_epi8(even, a);
            odd = _mm256_sub_epi8(odd, b);
            a = _mm256_or_si256(_mm256_and_si256(a, behind_a), _mm256_and_si256(b, behind_b));
            sharps = _mm256_or_si256(sharps, a);
        }
        uint64_t parts[4];
        _mm256_storeu_si256((__m256i *)parts, _mm256_add_epi64(_mm256_sad_epu8(even, zero),
                                                               _mm256_sad_epu8(odd, zero)));
        count += (size_t)(parts[0] + parts[1] + parts[2] + parts[3]);
    }
    *sharp |= _mm256_movemask_epi8(sharps) != 0;
    return count + ha_kernel_newlines(bytes + done, len - done, sharp);
}

/* The table has at each low half of a byte the one mark that ends in it; at all others a byte that
 * ends otherwise. A byte above 0x7f finds 0. */
static uint32_t marks_of_32(const char *bytes)
{
    const __m256i table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 0, '"', 0, 0, 0, 0, 0, 0, 0, 0, 0, '\\', 0, 0, 0));
    const __m256i low = _mm256_set1_epi8(0x1f);
    __m256i v = load(bytes);
    __m256i named = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v), v);
    __m256i control = _mm256_cmpeq_epi8(_mm256_max_epu8(v, low), low);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(named, control));
}

/* Most steps of a log have four marks at the most: those are put without a question. Returns how
 * many there are. */
static inline uint32_t put(uint64_t mask, uint32_t offset, uint32_t *at)
{
    uint32_t bits = (uint32_t)_mm_popcnt_u64(mask);
    for (int i = 0; i < 4; i++, mask = _blsr_u64(mask))
        at[i] = offset + (uint32_t)_tzcnt_u64(mask);
    if (__builtin_expect(bits > 4, 0))
        (void)ha_kernel_put(mask, offset, at + 4);
    return bits;
}

static void mark(struct ha_marks *m, size_t end, uint32_t room)
{
    uint32_t n = m->count;
    size_t done = m->scanned;
    for (; end - done >= HA_KERNEL_STEP && n + HA_KERNEL_STEP <= room; done += HA_KERNEL_STEP) {
        const char *from = m->base + done;
        uint64_t mask = marks_of_32(from) | (uint64_t)marks_of_32(from + 32) << 32;
        n += put(mask, (uint32_t)done, m->at + n);
    }
    m->scanned = done;
    m->count = n;
    ha_kernel_rest(m, end, room);
}

const struct ha_kernel ha_kernel_avx2 = {"avx2", supported, ha_kernel_avx2_newlines, mark};
#endif
