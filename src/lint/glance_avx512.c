/* glance_avx512.c - the quick look, 64 bytes at a time: what is not a value's own is not even
 * loaded. Compiled with the flags of its instruction set, so that it may be entered only when the
 * processor has it. */
#if defined(__x86_64__)
#include "glance.h"

#include <immintrin.h>

enum { STEP = 64 };

/* A bit for each of the first bytes. */
static inline uint64_t first(size_t count)
{
    return count < STEP ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

static inline __m512i all(char c)
{
    return _mm512_set1_epi8(c);
}

static inline uint64_t is(__m512i v, char c)
{
    return _mm512_cmpeq_epi8_mask(v, all(c));
}

static inline uint64_t marks(const char *at, size_t left)
{
    __m512i v = _mm512_maskz_loadu_epi8(first(left), at);
    return is(v, '#') | is(v, '@');
}

static inline bool referer_is_odd(const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_REFERER];
    uint64_t odd = marks(v.ptr, v.len);
    for (size_t i = STEP; __builtin_expect(i < v.len, 0); i += STEP)
        odd |= marks(v.ptr + i, v.len - i);
    return odd != 0;
}

/* Bytes out of place in a target, as glance_bytes.h has them. */
static inline uint64_t odd_bytes(__m512i v, uint64_t own)
{
    return (_mm512_cmplt_epi8_mask(v, all(0x24)) & own) | is(_mm512_or_si512(v, all(2)), '>') |
           is(v, '\\') | is(v, 0x7f);
}

/* What the name of a secret or of an action may end in. */
static inline uint64_t ends_name(__m512i v)
{
    v = _mm512_or_si512(v, all(0x20));
    return is(_mm512_or_si512(v, all(4)), 't') | is(_mm512_or_si512(v, all(8)), 'o') | is(v, 'd') |
           is(v, 'h') | is(v, 'n') | is(v, 'y');
}

static inline bool target_is_odd(const struct ha_linter *l, const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_TARGET];
    uint64_t odd = 0, names = 0;
    for (size_t i = 1; i < v.len; i += STEP) {
        uint64_t own = first(v.len - i);
        __m512i b = _mm512_maskz_loadu_epi8(own, v.ptr + i);
        odd |= odd_bytes(b, own);
        names |= is(b, '=') & ends_name(_mm512_maskz_loadu_epi8(own, v.ptr + i - 1));
    }
    return odd != 0 || (names != 0 && ha_lint_names_end(l, v));
}

void ha_lint_glance_avx512(const struct ha_linter *l, struct ha_record *records,
                           const uint8_t *chosen, size_t n)
{
    glance_at_all(l, records, chosen, n);
}
#endif
