/* fast_line.h - what the readers of fast.c and fast_avx2.c have alike. Private to the two. */
#ifndef HTTPANNOTATE_PARSE_FAST_LINE_H
#define HTTPANNOTATE_PARSE_FAST_LINE_H

#include <string.h>

#include "parse/fast.h"
#include "parse/plain.h"
#include "parse/request.h"

enum {
    TIME_LEN = 26,              /* 24/Nov/2026:10:00:00 +0000 */
    OPEN_BEFORE = TIME_LEN + 3, /* from the bracket that opens it to the quote of the request */
    SHORTEST_HEAD = OPEN_BEFORE + 6,
    /* Longer lines are rare, and their offsets may be near the patterns' limits. */
    LONGEST = 1 << 16,
    MOST_DIGITS = 18, /* of a size: what surely fits in 64 bits */
};

#define BIT(field)   (UINT32_C(1) << HA_FIELD_##field)
#define REQUEST_BITS (BIT(REQUEST) | BIT(METHOD) | BIT(TARGET) | BIT(PROTOCOL))
#define ALIKE_AT     offsetof(struct ha_record, has)

#define ALL(byte) (UINT64_C(0x0101010101010101) * (byte))
/* Eight bytes written as they stand in the text. */
#define WORD(a, b, c, d, e, f, g, h)                                                               \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 |              \
     (uint64_t)(e) << 32 | (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

/* The frequent methods, each at the place that the first two of its bytes lead to. */
#define HA_METHOD_AT(first, second) (((unsigned)(first) | (unsigned)(second) << 8) * 2127 >> 13 & 7)
struct ha_fast_method {
    char text[8];
    uint64_t begins, bits; /* of a request: the method and a space */
    uint8_t len;
};
extern const struct ha_fast_method ha_fast_methods[HA_FAST_METHODS];

/* The top bit of each byte that is more than its limit, which `to_top` brings to 0x7f: 0x76 for a
 * digit's 9, 0x7f for 0. A carry comes only from a byte whose own top bit is set, and then all is
 * bad anyway. */
static inline uint64_t beyond(uint64_t w, uint64_t to_top)
{
    return (w | (w + to_top)) & ALL(0x80);
}

/* Not 0 where what is left of a version of HTTP without the bits of HTTP/0.0 is more than digits.
 */
static inline uint64_t not_a_version(uint64_t w)
{
    return beyond(w, WORD(0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x76, 0x7f, 0x76));
}

/* Of such a version, whether it is one of the four that there are: 1.0, 1.1, 2.0, 3.0. */
static inline bool is_known_version(uint64_t w)
{
    enum { KNOWN = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 }; /* at 2 * major + minor */
    unsigned major = (w >> 40) & 0xff, minor = (unsigned)(w >> 56);
    return (minor < 2) & (KNOWN >> (2 * major + minor) % 32);
}

/* As ha_split_request; what is a frequent method with a version behind it, as nearly all are, at
 * once. */
static inline void read_request(const struct ha_fast *f, struct ha_record *r, struct ha_view v)
{
    enum { PROTOCOL_LEN = 8, BESIDE_METHOD = 1 + 1 + 1 + PROTOCOL_LEN }; /* a target of one byte */
    const char *protocol = v.ptr + v.len - PROTOCOL_LEN;
    size_t at = 0, method = 0;
    uint64_t version = ha_word_at(protocol) ^ WORD('H', 'T', 'T', 'P', '/', '0', '.', '0');
    bool usual = false;
    if (v.len >= 3 + BESIDE_METHOD) {
        uint64_t begins = ha_word_at(v.ptr);
        at = HA_METHOD_AT(begins & 0xff, begins >> 8 & 0xff);
        method = ha_fast_methods[at].len;
        usual = (((begins ^ ha_fast_methods[at].begins) & ha_fast_methods[at].bits) |
                 not_a_version(version)) == 0;
        usual &= protocol[-1] == ' ' && v.len >= method + BESIDE_METHOD;
    }
    if (!usual) {
        r->has &= ~REQUEST_BITS;
        ha_split_request(r, v);
        return;
    }
    const char *target = v.ptr + method + 1;
    struct ha_view t = {target, (size_t)(protocol - target) - 1};
    r->field[HA_FIELD_REQUEST] = v;
    r->field[HA_FIELD_METHOD] = (struct ha_view){v.ptr, method};
    r->field[HA_FIELD_TARGET] = t;
    r->field[HA_FIELD_PROTOCOL] = (struct ha_view){protocol, PROTOCOL_LEN};
    r->method = f->methods[at];
    if (f->plain)
        r->plain_request = is_known_version(version) && ha_target_is_plain(t);
}

/* What stands between a quote and the next. */
static inline struct ha_view between(const char *quote, const char *next)
{
    return (struct ha_view){quote + 1, (size_t)(next - quote) - 1};
}

/* What is the same for most lines with so many marks. */
static inline void put_alike(const struct ha_fast *f, uint32_t marks, struct ha_record *r)
{
    memcpy((char *)r + ALIKE_AT, f->alike[marks], HA_FAST_ALIKE);
    r->duration_us = 0;
    r->clients = (struct ha_view){NULL, 0};
}

#endif
