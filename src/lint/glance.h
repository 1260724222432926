/* glance.h - which records rules look at: nearly none.
 *
 * A table over method and status has what follows from them and says whether any other rule could
 * look; beside that only odd bytes in the target, a query, a version that is not one of four, or a
 * mark in the Referer lead to the rules. Of most requests the reader has seen that they have none
 * of that (plain_request).
 *
 * It is compiled once for each instruction set, by a file that sets how many bytes are looked at at
 * a time. */
#ifndef HTTPANNOTATE_LINT_GLANCE_H
#define HTTPANNOTATE_LINT_GLANCE_H

#include "lint.h"

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

/* Whether a name that rules look for may end before one of the =, by its last two letters. */
static __attribute__((noinline)) bool names_end(const struct ha_linter *l, struct ha_view v)
{
    const char *end = v.ptr + v.len;
    for (const char *at = v.ptr + 2; at < end; at++) {
        at = memchr(at, '=', (size_t)(end - at));
        if (at == NULL)
            return false;
        if ((l->endings[at[-1] & 31] >> (at[-2] & 31) & 1) != 0)
            return true;
    }
    return false;
}

static bool short_target_is_odd(const struct ha_linter *l, struct ha_view v)
{
    bool names = false;
    for (size_t i = 1; i < v.len; i++) {
        if (is_odd(v.ptr[i]))
            return true;
        names |= v.ptr[i] == '=' && may_end_name(v.ptr[i - 1]);
    }
    return names && names_end(l, v);
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
    return any(o.byte) || (any(o.name) && names_end(l, v));
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

/* Whether rules look at a target that begins with /. */
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
    return any(o.byte) || (any(o.name) && names_end(l, v));
}

/* # or @ in it. */
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

static inline bool protocol_is_odd(const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_PROTOCOL];
    if (!ha_has(r, HA_FIELD_PROTOCOL))
        return ha_has(r, HA_FIELD_REQUEST);
    return v.len != 8 ||
           !((memcmp(v.ptr, "HTTP/1.1", 8) == 0) | (memcmp(v.ptr, "HTTP/1.0", 8) == 0) |
             (memcmp(v.ptr, "HTTP/2.0", 8) == 0) | (memcmp(v.ptr, "HTTP/3.0", 8) == 0));
}

/* Whether an error is that of robots.txt, or of a cache. */
static bool others_look(const struct ha_record *r, unsigned look)
{
    static const char robots[] = "/robots.txt";
    struct ha_view target = ha_get(r, HA_FIELD_TARGET);
    size_t len = sizeof robots - 1;
    return ha_has(r, HA_FIELD_CACHE) || ((look & HA_IF_ROBOTS) != 0 && target.len >= len &&
                                         memcmp(target.ptr, robots, len) == 0);
}

/* Which groups of rules the table sends a record to. */
static inline unsigned table_says(const struct ha_record *r, unsigned look)
{
    if (__builtin_expect(look == 0, 1))
        return 0;
    unsigned groups = look & HA_GROUPS;
    if ((look & HA_IF_BYTES) != 0 && r->body_bytes > 0)
        groups |= HA_LOOK_CONTENT;
    if ((look & (HA_IF_CACHE | HA_IF_ROBOTS)) != 0 && others_look(r, look))
        groups |= HA_LOOK_OTHERS;
    return groups;
}

/* Which groups the form of its request, if it is not as nearly all are, sends a record to. */
static __attribute__((noinline)) unsigned request_says(const struct ha_linter *l,
                                                       const struct ha_record *r)
{
    unsigned groups = protocol_is_odd(r) ? HA_LOOK_REQUEST : 0;
    if (!ha_has(r, HA_FIELD_TARGET))
        return groups;
    struct ha_view target = r->field[HA_FIELD_TARGET];
    if (target.len == 0 || target.ptr[0] != '/')
        groups |= HA_LOOK_TARGET | HA_LOOK_REQUEST;
    else if (target_is_odd(l, r))
        groups |= HA_LOOK_TARGET;
    return groups;
}

static inline void glance(const struct ha_linter *l, struct ha_record *r)
{
    HA_ASSERT(r->pattern < l->format_count);
    const struct ha_lint_says *says = &l->row[r->method + 2][r->status + 1];
    uint64_t content = r->body_bytes > 0 ? says->some : says->none;
    bool counts = l->formats[r->pattern].counts_content & r->has_bytes;
    r->findings[HA_MILD] = says->found[HA_MILD] | (content & (uint64_t) - (int64_t)counts);
    r->findings[HA_GRAVE] = says->found[HA_GRAVE];
    unsigned groups = table_says(r, says->look);
    if (!r->plain_request)
        groups |= request_says(l, r);
    if (ha_has(r, HA_FIELD_REFERER) && referer_is_odd(r))
        groups |= HA_LOOK_REFERER;
    if (__builtin_expect(groups != 0, 0))
        ha_lint_examine(l, r, groups);
}

static inline void glance_at_all(const struct ha_linter *l, struct ha_record *records,
                                 const uint8_t *chosen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ha_record *r = &records[i];
        if (chosen[i] != 0 && r->verdict == HA_MATCHED)
            glance(l, r);
        else
            r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
    }
}

#endif
