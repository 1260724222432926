/* top_look_avx512.c - values up to 64 bytes at a time, whatever their length: what is not a value's
 * own is not even loaded. Compiled with the flags of its instruction set, so that it may be entered
 * only when the processor has it. */
#if defined(__x86_64__)
#include "top_look.h"

#include "count.h"

#include <immintrin.h>

enum { STEP = 64 };

/* How long the longest value of a chunk is. Asked once a chunk, as a branch that goes by the length
 * of each is guessed wrong too often. */
enum reach { HALF = STEP / 2, ONE = STEP, TWO = 2 * STEP, THREE = 3 * STEP, ANY };

/* Odd numbers without a pattern, one for each word, that make it count where a word stands. */
static const uint64_t keys[2 * STEP / sizeof(uint64_t)] = {
    UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xc2b2ae3d27d4eb4f), UINT64_C(0x165667b19e3779f9),
    UINT64_C(0x85ebca77c2b2ae63), UINT64_C(0x27d4eb2f165667c5), UINT64_C(0xd6e8feb86659fd93),
    UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db), UINT64_C(0x8ebc6af09c88c6e3),
    UINT64_C(0x589965cc75374cc3), UINT64_C(0x1d8e4e27c47d124f), UINT64_C(0xeb44accab455d165),
    UINT64_C(0xbf58476d1ce4e5b9), UINT64_C(0x94d049bb133111eb), UINT64_C(0xff51afd7ed558ccd),
    UINT64_C(0xc4ceb9fe1a85ec53),
};

/* The number of each byte in the steps that are taken whatever a length is. */
static const uint8_t numbers[3 * STEP] = {
#define EIGHT(n) (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7
#define ALL(n)                                                                                     \
    EIGHT(n), EIGHT((n) + 8), EIGHT((n) + 16), EIGHT((n) + 24), EIGHT((n) + 32), EIGHT((n) + 40),  \
        EIGHT((n) + 48), EIGHT((n) + 56)
    ALL(0), ALL(STEP), ALL(2 * STEP)
#undef EIGHT
#undef ALL
};

/* The length of a value in all bytes; the greatest that there is for what is longer. */
static inline __m512i length(size_t len, enum reach reach)
{
    if (reach > THREE)
        len = len < UINT8_MAX ? len : UINT8_MAX;
    return _mm512_set1_epi8((char)len);
}

/* A bit for each byte of a step, the first, second or third one, that is a value's own. */
static inline uint64_t own(__m512i length, int step)
{
    return _mm512_cmplt_epu8_mask(_mm512_loadu_si512(numbers + step * STEP), length);
}

static inline __m512i load(const char *p, uint64_t own)
{
    return _mm512_maskz_loadu_epi8(own, p);
}

/* The step at an offset, of which nothing is loaded where the value ends before; it may be empty,
 * and at NULL. */
static inline const char *step_at(const char *p, size_t at)
{
    return (const char *)((uintptr_t)p + at);
}

static inline __m256i load_half(const char *p, size_t len)
{
    return _mm256_maskz_loadu_epi8(_bzhi_u32(UINT32_MAX, (unsigned)len), p);
}

/* The high bytes of a word shall count in more than the high bytes of the product. */
static inline __m512i mixed(__m512i words, const uint64_t *by)
{
    words = _mm512_xor_si512(words, _mm512_srli_epi64(words, 32));
    return _mm512_mullo_epi64(words, _mm512_loadu_si512(by));
}

static inline __m256i sum_of_halves(__m512i sums)
{
    return _mm256_add_epi64(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64(sums, 1));
}

/* The sum of all words, each by a key of its own: of the first 64 bytes, and of the last 64 of
 * those behind. */
static inline __m256i sums_of(struct ha_view v, enum reach reach)
{
    if (reach == HALF) {
        __m256i words = load_half(v.ptr, v.len);
        words = _mm256_xor_si256(words, _mm256_srli_epi64(words, 32));
        return _mm256_mullo_epi64(words, _mm256_loadu_si256((const __m256i *)(const void *)keys));
    }
    __m512i len = length(v.len, reach), sums = mixed(load(v.ptr, own(len, 0)), keys);
    if (reach > ONE) {
        size_t at = (v.len > TWO ? v.len : TWO) - STEP;
        sums = _mm512_add_epi64(
            sums, mixed(load(step_at(v.ptr, at), own(len, 1)), keys + STEP / sizeof *keys));
    }
    return sum_of_halves(sums);
}

static inline uint64_t glance_at(struct ha_view v, enum reach reach)
{
    __m256i sums = sums_of(v, reach);
    __m128i two = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    uint64_t sum = (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
    __extension__ unsigned __int128 product =
        (unsigned __int128)(sum + v.len) * UINT64_C(0x9fb21c651e98df25);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Where the values of a chunk may be. */
struct ways {
    const struct ha_top_set *set[HA_TOP_CHUNK];
    int32_t tag[HA_TOP_CHUNK];
};

static inline void glance_at_all(const struct ha_top_index *x, const struct ha_top_chunk *c,
                                 enum reach reach, struct ways *to)
{
    const struct ha_view *values = c->values;
    const struct ha_top_index index = *x;
    for (size_t i = 0, n = c->n; i < n; i++) {
        uint64_t glance = glance_at(values[i], reach);
        to->set[i] = ha_top_set_of(&index, glance);
        to->tag[i] = ha_top_tag(&index, glance);
        __builtin_prefetch(to->set[i]);
    }
}

/* As ha_top_set_find. */
static inline uint32_t find(const struct ha_top_set *set, int32_t tag, __m256i places)
{
    __m256i s = _mm256_load_si256((const __m256i *)(const void *)set);
    s = _mm256_xor_si256(s, _mm256_set1_epi32(tag));
    /* With a tag of 0 the places that are free seem to have it, too, but they come behind. */
    s = _mm256_maskz_compress_epi32(_mm256_cmple_epu32_mask(s, places), s);
    return (uint32_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(s));
}

static inline void approach(const struct ha_top_list *l, struct ha_top_chunk *c, enum reach reach,
                            const struct ways *to)
{
    __m256i places = _mm256_set1_epi32(l->index.places);
    const struct ha_view *values = c->values;
    const uint64_t *words = l->words;
    uint32_t *to_places = c->places;
    for (size_t i = 0, n = c->n; i < n; i++) {
        uint32_t place = find(to->set[i], to->tag[i], places);
        to_places[i] = place;
        const char *r = (const char *)&words[place];
        size_t last = sizeof(struct ha_top_record) + values[i].len - 9;
        __builtin_prefetch(r - 8);
        if (reach > ONE) {
            __builtin_prefetch(r + 56);
            __builtin_prefetch(r + 120);
        }
        if (reach == ONE)
            __builtin_prefetch(r + (last < 56 ? last : 56));
        __builtin_prefetch(r + last);
    }
}

/* What two steps differ in, and what differed before. */
static inline __m512i differ(__m512i before, const char *a, const char *b, uint64_t own)
{
    enum { OR_OF_XOR = 0xf6 };
    return _mm512_ternarylogic_epi64(before, load(a, own), load(b, own), OR_OF_XOR);
}

static inline bool equal(const char *a, const char *b, size_t len, enum reach reach)
{
    if (reach == HALF)
        return _mm256_cmpneq_epi8_mask(load_half(a, len), load_half(b, len)) == 0;
    __m512i lengths = length(len, reach);
    __m512i differs = differ(_mm512_setzero_si512(), a, b, own(lengths, 0));
    if (reach > ONE)
        differs = differ(differs, step_at(a, STEP), step_at(b, STEP), own(lengths, 1));
    if (reach > TWO)
        differs = differ(differs, step_at(a, TWO), step_at(b, TWO), own(lengths, 2));
    for (size_t at = THREE; reach > THREE && at < len; at += STEP)
        differs = differ(differs, a + at, b + at, own(length(len - at, ANY), 0));
    return _mm512_test_epi64_mask(differs, differs) == 0;
}

static inline void count_found(const struct ha_top_list *l, struct ha_top_chunk *c,
                               enum reach reach)
{
    const struct ha_view *values = c->values;
    const uint32_t *places = c->places;
    size_t left = 0;
    for (size_t i = 0, n = c->n; i < n; i++) {
        uint32_t place = places[i];
        struct ha_view v = values[i];
        struct ha_top_record *r = ha_top_record_at(l, place - (place != 0));
        bool alike = (place != 0) & (r->len == v.len);
        /* Of a record of another length nothing is looked at: it may end before. */
        size_t len = alike ? v.len : 0;
        if (__builtin_expect(alike & equal(ha_top_value(r), v.ptr, len, reach), 1))
            ha_sat_up(&r->count);
        else
            c->which[left++] = (uint8_t)i;
    }
    c->left = left;
}

static inline __attribute__((always_inline)) void
count_within(const struct ha_top_list *l, struct ha_top_chunk *c, enum reach reach)
{
    struct ways ways;
    glance_at_all(&l->index, c, reach, &ways);
    approach(l, c, reach, &ways);
    count_found(l, c, reach);
}

static void count(const struct ha_top_list *l, struct ha_top_chunk *c)
{
    size_t longest = 0;
    for (size_t i = 0; i < c->n; i++)
        longest = c->values[i].len > longest ? c->values[i].len : longest;
    if (longest <= HALF)
        count_within(l, c, HALF);
    else if (longest <= ONE)
        count_within(l, c, ONE);
    else if (longest <= TWO)
        count_within(l, c, TWO);
    else if (longest <= THREE)
        count_within(l, c, THREE);
    else
        count_within(l, c, ANY);
}

static uint64_t glance(struct ha_view value)
{
    return glance_at(value, ANY);
}

const struct ha_top_look ha_top_look_avx512 = {"avx512", glance, count};
#endif
