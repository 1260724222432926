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

/* The constant that it is, which the compiler would otherwise make anew for each value. */
static inline __m512i kept(__m512i v)
{
    __asm__("" : "+v"(v));
    return v;
}

static inline bool referer_is_odd(const struct ha_record *r)
{
    const __m512i hash = kept(all('#')), at = kept(all('@'));
    struct ha_view v = r->field[HA_FIELD_REFERER];
    for (size_t i = 0;; i += STEP) {
        __m512i b = _mm512_maskz_loadu_epi8(first(v.len - i), v.ptr + i);
        if (!_kortestz_mask64_u8(_mm512_cmpeq_epi8_mask(b, hash), _mm512_cmpeq_epi8_mask(b, at)))
            return true;
        if (__builtin_expect(v.len - i <= STEP, 1))
            return false;
    }
}

/* What a byte of a target below 0x80 may be: out of place, as glance_bytes.h has it; the = behind a
 * name; what the name of a secret or of an action may end in. */
enum { ODD = 1, EQUALS = 2, ENDING = 4 };
static const char kinds[128] = {
#define SIX              ODD, ODD, ODD, ODD, ODD, ODD
#define BOTH(big, small) [big] = ENDING, [small] = ENDING
    SIX,
    SIX,
    SIX,
    SIX,
    SIX,
    SIX, /* all before $ */
    ['<'] = ODD,
    ['>'] = ODD,
    ['\\'] = ODD,
    [0x7f] = ODD,
    ['='] = EQUALS,
    BOTH('D', 'd'),
    BOTH('G', 'g'),
    BOTH('H', 'h'),
    BOTH('N', 'n'),
    BOTH('O', 'o'),
    BOTH('P', 'p'),
    BOTH('T', 't'),
    BOTH('Y', 'y')
#undef SIX
#undef BOTH
};

static inline bool target_is_odd(const struct ha_linter *l, const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_TARGET];
    const __m512i low = _mm512_loadu_si512(kinds), high = _mm512_loadu_si512(kinds + STEP);
    uint64_t odd = 0, names = 0, before = 0;
    for (size_t i = 0; i < v.len; i += STEP) {
        uint64_t own = first(v.len - i);
        __m512i b = _mm512_maskz_loadu_epi8(own, v.ptr + i);
        __m512i kind = _mm512_permutex2var_epi8(low, b, high);
        uint64_t ends = _mm512_test_epi8_mask(kind, all(ENDING));
        odd |= (_mm512_test_epi8_mask(kind, all(ODD)) & own) | _mm512_movepi8_mask(b);
        names |= _mm512_test_epi8_mask(kind, all(EQUALS)) & (ends << 1 | before);
        before = ends >> (STEP - 1);
    }
    return odd != 0 || (names != 0 && ha_lint_names_end(l, v));
}

void ha_lint_glance_avx512(const struct ha_linter *l, struct ha_record *records,
                           const uint8_t *chosen, size_t n)
{
    glance_at_all(l, records, chosen, n);
}
#endif
