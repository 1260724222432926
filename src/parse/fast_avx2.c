/* fast_avx2.c - the reader of fast.c for processors that multiply bytes and add neighbours: a time,
 * a status and a size take a few steps, and what is wrong in any of them is asked once. What is not
 * as in most lines is left to the other reader. Compiled with the flags of its instruction set, so
 * that it may be entered only when the processor has it. */
#if defined(__x86_64__)
#include "parse/fast_line.h"

#include <immintrin.h>

static inline __m128i load16(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

/* From the four numbers that pairs of digits make: hours, tens of minutes as tens, minutes,
 * seconds; in two sums. */
static inline __m128i seconds_of(__m128i numbers)
{
    return _mm_madd_epi16(numbers, _mm_setr_epi16(3600, 60, 60, 1, 0, 0, 0, 0));
}

/* What is more than it may be of the time that ends with the quote of a request: not 0 where its
 * day or zone is not the clock's, or where it is no time. *sums become those of the seconds. */
static inline __m256i beyond_clock(const struct ha_clf_clock *clock, const char *quote,
                                   __m128i *sums)
{
    enum { FRAME_BEFORE = sizeof clock->frame - 1, CLOCK_AT = 15 };
    const __m256i most = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 0, 9,
                                          9, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i weights =
        _mm_setr_epi8(10, 1, 0, 10, 1, 0, 10, 1, 0, 0, 0, 0, 0, 0, 0, 0); /* of HH:MM:SS */
    const __m128i greatest = _mm_setr_epi16(23, 50, 9, 60, 0, 0, 0, 0);
    const char *frame = quote - FRAME_BEFORE;
    __m256i all = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)frame),
                                   _mm256_loadu_si256((const __m256i *)clock->frame));
    __m128i time = _mm_xor_si128(load16(frame + CLOCK_AT), load16(clock->frame + CLOCK_AT));
    __m128i numbers = _mm_maddubs_epi16(time, weights);
    *sums = seconds_of(numbers);
    return _mm256_or_si256(_mm256_subs_epu8(all, most),
                           _mm256_zextsi128_si256(_mm_subs_epu16(numbers, greatest)));
}

/* Which bytes are looked at of what stands around a status and of a size that is right-aligned
 * behind it, by the digits of the size. */
#define SIZE_OF(a, b, c, d, e, f, g, h)                                                            \
    {                                                                                              \
        0, 0, -1, -1, -1, -1, -1, -1, a, b, c, d, e, f, g, h                                       \
    }
static const signed char looked_at[9][16] = {
    SIZE_OF(0, 0, 0, 0, 0, 0, 0, 0),         SIZE_OF(0, 0, 0, 0, 0, 0, 0, -1),
    SIZE_OF(0, 0, 0, 0, 0, 0, -1, -1),       SIZE_OF(0, 0, 0, 0, 0, -1, -1, -1),
    SIZE_OF(0, 0, 0, 0, -1, -1, -1, -1),     SIZE_OF(0, 0, 0, -1, -1, -1, -1, -1),
    SIZE_OF(0, 0, -1, -1, -1, -1, -1, -1),   SIZE_OF(0, -1, -1, -1, -1, -1, -1, -1),
    SIZE_OF(-1, -1, -1, -1, -1, -1, -1, -1),
};
#undef SIZE_OF

/* Of `" 200 12`, where the quote is at `from` and the size of so many digits ends at `end`: what is
 * more than it may be; the low half of *both becomes the status, the high one the size. */
static inline __m128i beyond_numbers(const char *from, const char *end, size_t digits,
                                     uint64_t *both)
{
    const __m128i zeros =
        _mm_setr_epi8(0, 0, '"', ' ', '0', '0', '0', ' ', '0', '0', '0', '0', '0', '0', '0', '0');
    const __m128i most = _mm_setr_epi8(0, 0, 0, 0, 9, 9, 9, 0, 9, 9, 9, 9, 9, 9, 9, 9);
    const __m128i tens = _mm_setr_epi8(0, 0, 0, 0, 100, 10, 1, 0, 10, 1, 10, 1, 10, 1, 10, 1);
    const __m128i hundreds = _mm_setr_epi16(0, 0, 1, 1, 100, 1, 100, 1);
    const __m128i myriads = _mm_setr_epi16(0, 1, 10000, 1, 0, 0, 0, 0);
    __m128i text = _mm_set_epi64x((int64_t)ha_word_at(end - 8), (int64_t)ha_word_at(from - 2));
    text = _mm_and_si128(_mm_xor_si128(text, zeros), load16(looked_at[digits]));
    __m128i sums = _mm_madd_epi16(_mm_maddubs_epi16(text, tens), hundreds);
    sums = _mm_madd_epi16(_mm_packus_epi32(sums, sums), myriads);
    *both = (uint64_t)_mm_cvtsi128_si64(sums);
    return _mm_subs_epu8(text, most);
}

/* Nearly all clients are IPv4 addresses. */
static inline bool is_client(struct ha_view v)
{
    /* The top bit of a byte that is none of ./0123456789. */
    __m128i other = _mm_sub_epi8(load16(v.ptr), _mm_set1_epi8('.'));
    other = _mm_adds_epu8(other, _mm_set1_epi8(0x80 - ('9' - '.' + 1)));
    unsigned others = (unsigned)_mm_movemask_epi8(other);
    return (v.len <= 16 && _bzhi_u32(others, (unsigned)v.len) == 0) || ha_fast_client(v);
}

/* Whether Referer and agent stand between the quotes at[2] to at[5], and the line ends there. What
 * is a quote or an LF is one of the marks, so that they are all where they must be. */
static inline bool are_quoted(const char *base, const uint32_t *at)
{
    const char *q2 = base + at[2], *q3 = base + at[3], *q5 = base + at[5];
    uint32_t joint; /* behind its three bytes there are two marks more */
    memcpy(&joint, q3, sizeof joint);
    return memcmp(q2 - 1, " \"", 2) == 0 && (joint & 0xffffff) == ('"' | ' ' << 8 | '"' << 16) &&
           memcmp(q5, "\"\n", 2) == 0;
}

/* A line that begins at s and whose LF is the mark behind so many, if it is as most lines are. */
static inline __attribute__((always_inline)) bool
read_usual(const struct ha_fast *f, const struct ha_clf_clock *clock, const char *base,
           const char *s, const uint32_t *at, unsigned marks, struct ha_record *r)
{
    enum { CLIENT_BEFORE = sizeof clock->frame - 1 + 3, SIZE_AT = 6 };
    const char *q0 = base + at[0], *q1 = base + at[1], *end = base + at[marks];
    const char *size_end = marks == 2 ? end : base + at[2] - 1;
    size_t digits = (size_t)(size_end - q1) - SIZE_AT;
    if (q0 - s < SHORTEST_HEAD || digits - 1 >= 8 || (size_t)(end - s) > f->longest)
        return false;
    digits -= size_end[-1] == '-'; /* of more than one the last is looked at, and is no digit */
    __m128i seconds;
    uint64_t numbers;
    __m256i beyond = beyond_clock(clock, q0, &seconds);
    beyond = _mm256_or_si256(
        beyond, _mm256_zextsi128_si256(beyond_numbers(q1, size_end, digits, &numbers)));
    r->field[HA_FIELD_CLIENT] = (struct ha_view){s, (size_t)(q0 - s) - CLIENT_BEFORE};
    if (!_mm256_testz_si256(beyond, beyond) || memcmp(q0 - CLIENT_BEFORE, " - -", 4) != 0 ||
        !is_client(r->field[HA_FIELD_CLIENT]) ||
        (marks == 6 ? !are_quoted(base, at) : *end != '\n'))
        return false;
    put_alike(f, marks, r);
    r->line = (struct ha_view){s, (size_t)(end - s)};
    uint64_t sums = (uint64_t)_mm_cvtsi128_si64(seconds);
    r->time_us = clock->midnight_us + (int64_t)((uint32_t)sums + (sums >> 32)) * HA_US_PER_S;
    r->offset_min = (int16_t)clock->offset_min;
    r->field[HA_FIELD_STATUS] = (struct ha_view){q1 + 2, 3};
    r->status = (int16_t)numbers;
    r->body_bytes = numbers >> 32;
    if (marks == 6) {
        r->field[HA_FIELD_REFERER] = between(base + at[2], base + at[3]);
        r->field[HA_FIELD_AGENT] = between(base + at[4], base + at[5]);
    }
    read_request(f, r, between(q0, q1));
    return true;
}

/* The next lines with so many marks, as far as they are at hand and as most lines are. */
static inline __attribute__((always_inline)) size_t
read_alike(const struct ha_fast *f, struct ha_marks *m, size_t most, uint64_t number,
           const struct ha_clf_clock *clock, struct ha_record *records, unsigned marks)
{
    const char *base = m->base, *s = base + m->start;
    const uint32_t *at = m->at + m->first, *whole = m->at + m->whole;
    size_t n = 0;
    if (f->of_marks[marks] == HA_FAST_NONE)
        return 0;
    for (; n < most && whole - at > (ptrdiff_t)marks; n++) {
        if (!read_usual(f, clock, base, s, at, marks, &records[n]))
            break;
        records[n].line_number = number + n;
        s = base + at[marks] + 1;
        at += marks + 1;
    }
    m->first = (uint32_t)(at - m->at);
    m->start = (size_t)(s - base);
    return n;
}

size_t ha_fast_ahead_avx2(const struct ha_fast *f, struct ha_marks *m, size_t most, uint64_t number,
                          struct ha_clf_clock *clock, struct ha_record *records)
{
    size_t n = 0;
    while (n < most && ha_marks_ahead(m)) {
        n += read_alike(f, m, most - n, number + n, clock, records + n, 6);
        n += read_alike(f, m, most - n, number + n, clock, records + n, 2);
        if (n == most || m->first == m->whole)
            continue;
        if (!ha_fast_next(f, m, number + n, clock, &records[n]))
            break;
        n++;
    }
    return n;
}
#endif
