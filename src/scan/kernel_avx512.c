/* kernel_avx512.c - 64 bytes at a time. Compiled with the flags of its instruction set, so that it
 * may be entered only when the processor has it. */
#include "kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* The compiler's function asks the operating system, too, whether it keeps the wide registers. */
static bool supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

/* Once: compilers would rather load it again for each question, and most loads touch two lines of
 * the cache. */
static inline __m512i load(const char *bytes)
{
    __m512i v = _mm512_loadu_si512(bytes);
    __asm__("" : "+v"(v));
    return v;
}

/* The table has at each low half of a byte the one mark that ends in it; at all others a byte that
 * ends otherwise. A byte above 0x7f finds 0. */
static inline uint64_t marks_of(__m512i v)
{
    const __m512i table =
        _mm512_broadcast_i32x4(_mm_setr_epi8(1, 0, '"', 0, 0, 0, 0, 0, 0, 0, 0, 0, '\\', 0, 0, 0));
    __mmask64 named = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table, v), v);
    __mmask64 control = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
    return _cvtmask64_u64(_kor_mask64(named, control));
}

/* The offsets of a mask's bits: their places in the step are moved together as bytes, of which
 * eight at a time become offsets. Most steps of a log have no more. Returns how many there are. */
static inline uint32_t put(uint64_t mask, uint32_t offset, uint32_t *at)
{
    static const uint8_t places[HA_KERNEL_STEP] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m256i from = _mm256_set1_epi32((int)offset);
    uint32_t bits = (uint32_t)_mm_popcnt_u64(mask);
    __m512i packed = _mm512_maskz_compress_epi8(mask, _mm512_loadu_si512(places));
    for (uint32_t done = 0;; packed = _mm512_alignr_epi64(packed, packed, 1)) {
        __m256i eight = _mm256_cvtepu8_epi32(_mm512_castsi512_si128(packed));
        _mm256_storeu_si256((__m256i *)(at + done), _mm256_add_epi32(eight, from));
        done += 8;
        if (__builtin_expect(done >= bits, 1))
            return bits;
    }
}

static void mark(struct ha_marks *m, size_t end, uint32_t room)
{
    const char *base = m->base;
    uint32_t count = m->count;
    size_t done = m->scanned;
    for (; end - done >= HA_KERNEL_STEP && count + HA_KERNEL_STEP <= room; done += HA_KERNEL_STEP)
        count += put(marks_of(load(base + done)), (uint32_t)done, m->at + count);
    if (done < end && end - done < HA_KERNEL_STEP && count + HA_KERNEL_STEP <= room) {
        uint64_t wanted = UINT64_MAX >> (HA_KERNEL_STEP - (end - done));
        __m512i rest = _mm512_maskz_loadu_epi8(wanted, base + done);
        count += put(marks_of(rest) & wanted, (uint32_t)done, m->at + count);
        done = end;
    }
    m->scanned = done;
    m->count = count;
}

const struct ha_kernel ha_kernel_avx512 = {"avx512", supported, ha_kernel_avx2_newlines, mark};
#endif
