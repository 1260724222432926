/* glance_bytes.h - looking at HA_GLANCE_BYTES bytes at a time, in vectors as the compiler has them.
 */
#ifndef HTTPANNOTATE_LINT_GLANCE_BYTES_H
#define HTTPANNOTATE_LINT_GLANCE_BYTES_H

#include "glance.h"

#include <string.h>
#if HA_GLANCE_BYTES == 32
#include <immintrin.h>
#endif

typedef signed char bytes __attribute__((vector_size(HA_GLANCE_BYTES)));

static inline bytes load(const char *from)
{
    bytes v;
    memcpy(&v, from, sizeof v);
    return v;
}

/* Whether any byte of what a comparison gave is set. */
static inline bool any(bytes v)
{
#if HA_GLANCE_BYTES == 32
    return _mm256_movemask_epi8((__m256i)v) != 0;
#else
    uint64_t half[2];
    memcpy(half, &v, sizeof half);
    return (half[0] | half[1]) != 0;
#endif
}

/* Bytes out of place in a target: controls, space, ", #, <, >, DEL, what is beyond ASCII; the
 * backslash, by which loggers escape such; and !, which costs too much to tell apart. */
static inline bytes odd_bytes(bytes v)
{
    return (bytes)(v < 0x24) | (bytes)((v | 2) == '>') | (bytes)(v == '\\') | (bytes)(v == 0x7f);
}

static inline bool is_odd(char c)
{
    return (signed char)c < 0x24 || (c | 2) == '>' || c == '\\' || c == 0x7f;
}

/* Whether the name of a secret or of an action may end so, and the same of many bytes. */
static inline bool may_end_name(char c)
{
    c |= 0x20;
    return (c | 4) == 't' || (c | 8) == 'o' || c == 'd' || c == 'h' || c == 'n' || c == 'y';
}

static inline bytes may_end_names(bytes v)
{
    v |= 0x20;
    return (bytes)((v | 4) == 't') | (bytes)((v | 8) == 'o') | (bytes)(v == 'd') |
           (bytes)(v == 'h') | (bytes)(v == 'n') | (bytes)(v == 'y');
}

static bool short_target_is_odd(const struct ha_linter *l, struct ha_view v)
{
    bool names = false;
    for (size_t i = 1; i < v.len; i++) {
        if (is_odd(v.ptr[i]))
            return true;
        names |= v.ptr[i] == '=' && may_end_name(v.ptr[i - 1]);
    }
    return names && ha_lint_names_end(l, v);
}

/* What may be odd in a target: bytes that are, and = behind what may be such a name. */
struct oddities {
    bytes byte, name;
};

/* Adds those at `at`, which has a byte before it, as far as they are its own. */
static inline void find_odd(struct oddities *o, const char *at, bytes own)
{
    bytes v = load(at);
    o->byte |= odd_bytes(v) & own;
    o->name |= (bytes)(v == '=') & may_end_names(load(at - 1)) & own;
}

static __attribute__((noinline)) bool long_target_is_odd(const struct ha_linter *l,
                                                         struct ha_view v)
{
    if (v.len < HA_GLANCE_BYTES + 1)
        return short_target_is_odd(l, v);
    struct oddities o = {{0}, {0}};
    const bytes all = ~(bytes){0};
    const char *last = v.ptr + v.len - HA_GLANCE_BYTES;
    find_odd(&o, last, all);
    for (const char *at = v.ptr + 1; at < last; at += HA_GLANCE_BYTES)
        find_odd(&o, at, all);
    return any(o.byte) || (any(o.name) && ha_lint_names_end(l, v));
}

/* Bytes that are looked at in any case where there are as many in the line: what is not the value's
 * own is masked out, as a jump by its length would be guessed wrong more often than not. */
enum { WIDE = 64 };

/* All bits of the i bytes up to 2 * WIDE, and of those from WIDE on. */
static const char own_bits[3 * WIDE] = {
#define EIGHT -1, -1, -1, -1, -1, -1, -1, -1
    [WIDE] = EIGHT, EIGHT, EIGHT, EIGHT, EIGHT,
    EIGHT,          EIGHT, EIGHT
#undef EIGHT
};

static inline bool target_is_odd(const struct ha_linter *l, const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_TARGET];
    uintptr_t before = (uintptr_t)v.ptr - (uintptr_t)r->line.ptr;
    if (before > r->line.len || r->line.len - before < WIDE + 1 || v.len > WIDE + 1)
        return long_target_is_odd(l, v);
    struct oddities o = {{0}, {0}};
    const char *own = own_bits + 2 * WIDE - (v.len - 1);
    for (int i = 0; i < WIDE; i += HA_GLANCE_BYTES)
        find_odd(&o, v.ptr + 1 + i, load(own + i));
    return any(o.byte) || (any(o.name) && ha_lint_names_end(l, v));
}

static inline bytes marks(bytes v)
{
    return (bytes)(v == '#') | (bytes)(v == '@');
}

static bool has_mark(struct ha_view v)
{
    return v.len > 1 && (memchr(v.ptr, '#', v.len) != NULL || memchr(v.ptr, '@', v.len) != NULL);
}

static inline bool referer_is_odd(const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_REFERER];
    uintptr_t before = (uintptr_t)v.ptr - (uintptr_t)r->line.ptr;
    if (__builtin_expect(before < WIDE || before > r->line.len, 0))
        return has_mark(v);
    const char *last = v.ptr + v.len - WIDE;
    const char *own = own_bits + (v.len < WIDE ? v.len : WIDE);
    bytes odd = marks(load(last)) & load(own);
    for (int i = HA_GLANCE_BYTES; i < WIDE; i += HA_GLANCE_BYTES)
        odd |= marks(load(last + i)) & load(own + i);
    for (const char *at = v.ptr; __builtin_expect(at < last, 0); at += HA_GLANCE_BYTES)
        odd |= marks(load(at));
    return any(odd);
}

#endif
