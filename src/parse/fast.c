/* fast.c - the common log format and its kin without PCRE2.
 *
 *   client ident user [24/Nov/2026:10:00:00 +0000] "request" 200 12 "referer" "agent" "forwarded"
 *
 * Everything is found from the quotes, whose places are known: the time stands a fixed way before
 * the first one, status and size between the second and the third. What is accepted is less than
 * what the patterns accept; a line that has anything unusual is declined as soon as that is seen.
 */
#include "parse/fast.h"

#include <string.h>

#include "httpannotate/facts.h"
#include "parse/plain.h"
#include "parse/request.h"
#include "parse/values.h"

enum {
    TIME_LEN = 26,              /* 24/Nov/2026:10:00:00 +0000 */
    OPEN_BEFORE = TIME_LEN + 3, /* from the bracket that opens it to the quote of the request */
    SHORTEST_HEAD = OPEN_BEFORE + 6,
    /* Longer lines are rare, and their offsets may be near the patterns' limits. */
    LONGEST = 1 << 16,
    MOST_DIGITS = 18, /* of a size: what surely fits in 64 bits */
};

#define BIT(field) (UINT32_C(1) << HA_FIELD_##field)

static bool is_built_in(const struct ha_pattern *pattern, const char *name)
{
    return pattern->text == NULL && strcmp(pattern->file.name, name) == 0;
}

/* In the built-in set no two patterns read one line, which the tests hold them to. In one that the
 * user has put together only members of the family, of which that holds too, and formats that begin
 * with a brace or are led by a directive may stand before. */
struct ha_fast ha_fast_for(const struct ha_patterns *set)
{
    static const struct {
        const char *name;
        unsigned marks;
    } family[] = {{"common", 2}, {"combined", 6}, {"combined_tail", 8}};
    struct ha_fast f;
    for (size_t i = 0; i < HA_COUNT(f.of_marks); i++)
        f.of_marks[i] = HA_FAST_NONE;
    static const char *const methods[HA_FAST_METHODS] = {"GET", "POST",   "HEAD",
                                                         "PUT", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < HA_FAST_METHODS; i++)
        f.methods[i] = (int16_t)ha_facts_method_index(ha_view_of(methods[i]));
    f.longest = set->limits.max_line < LONGEST ? set->limits.max_line : LONGEST;
    f.plain = false;
    for (size_t i = 0; i < set->count; i++) {
        bool harmless = set->list[i].file.keys != NULL;
        for (size_t k = 0; k < HA_COUNT(family); k++) {
            if (!is_built_in(&set->list[i], family[k].name))
                continue;
            harmless = true;
            if (f.of_marks[family[k].marks] == HA_FAST_NONE)
                f.of_marks[family[k].marks] = (uint16_t)i;
        }
        if (set->ordered && !harmless)
            break;
    }
    return f;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Eight bytes as a number whose lowest byte is the first of them. */
static inline uint64_t word_at(const char *s)
{
    uint64_t w;
    memcpy(&w, s, sizeof w);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    w = __builtin_bswap64(w);
#endif
    return w;
}

#define ALL(byte) (UINT64_C(0x0101010101010101) * (byte))
/* Eight bytes written as they stand in the text. */
#define WORD(a, b, c, d, e, f, g, h)                                                               \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 |              \
     (uint64_t)(e) << 32 | (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

/* The top bit of each byte that is more than its limit, which `to_top` brings to 0x7f: 0x76 for a
 * digit's 9, 0x7f for 0. A carry comes only from a byte whose own top bit is set, and then all is
 * bad anyway. */
static inline uint64_t beyond(uint64_t w, uint64_t to_top)
{
    return (w | (w + to_top)) & ALL(0x80);
}

/* Whether the eight bytes of both are between '.' and '9': digits, dots, slashes. A borrow comes
 * only from a byte whose own top bit is then set. */
static inline bool are_plain(uint64_t a, uint64_t b)
{
    uint64_t low = (a - ALL('.')) | (b - ALL('.'));
    uint64_t high = (ALL('9') - a) | (ALL('9') - b);
    return ((low | high | a | b) & ALL(0x80)) == 0;
}

/* "10:00:00" as a second of the day, or -1. */
static inline int64_t second_of_day(const char *s)
{
    uint64_t w = word_at(s) ^ WORD('0', '0', ':', '0', '0', ':', '0', '0');
    if (beyond(w, WORD(0x76, 0x76, 0x7f, 0x76, 0x76, 0x7f, 0x76, 0x76)) != 0)
        return -1;
    /* The three numbers, each in the byte of its tens. */
    w = (w * 10 + (w >> 8)) & WORD(0xff, 0, 0, 0xff, 0, 0, 0xff, 0);
    if (beyond(w, WORD(0x7f - 23, 0, 0, 0x7f - 59, 0, 0, 0x7f - 60, 0)) != 0)
        return -1;
    uint64_t minute = (w * (1 + (60 << 24))) >> 24 & 0xffff;
    return (int64_t)(minute * 60 + (w >> 48));
}

/* As ha_timefmt_read_clf; without a call where the day and the zone are those of the line before.
 */
static inline bool read_time(struct ha_record *r, struct ha_clf_clock *clock, const char *s)
{
    enum { CLOCK_AT = 12, ZONE_AT = 20 };
    int64_t second = second_of_day(s + CLOCK_AT);
    int offset = clock->offset_min;
    if (second < 0 || !clock->valid || memcmp(s, clock->day, sizeof clock->day) != 0 ||
        memcmp(s + ZONE_AT, clock->zone, sizeof clock->zone) != 0) {
        if (!ha_timefmt_read_clf(clock, (struct ha_view){s, TIME_LEN}, &r->time_us, &offset))
            return false;
    } else {
        r->time_us = clock->midnight_us + second * HA_US_PER_S;
    }
    r->has_time = true;
    r->offset_min = (int16_t)offset;
    return true;
}

/* What a client may be made of here: a name, or an IPv6 address. All else may be a chain, have a
 * port, be quoted, or be what has been put before the line: 8-192.0.2.1 is no name, as the last
 * label of one has a letter. */
static bool is_name_or_ipv6(struct ha_view v)
{
    size_t colons = 0;
    bool name = v.len > 0, hex = true, hyphen = false, dot = false;
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i], letter = (unsigned char)((c | 0x20) - 'a');
        colons += c == ':';
        hyphen |= c == '-';
        dot |= c == '.';
        name &= letter < 26 || (c >= '-' && c <= ':');
        hex &= letter < 6 || (c >= '.' && c <= ':' && c != '/');
    }
    if (!name || (hyphen && dot && is_digit(v.ptr[v.len - 1])))
        return false;
    return colons == 0 || (colons > 1 && hex); /* one: it may be that of a port */
}

/* The top bit of each byte that is not below its limit; no byte may have its own top bit set. */
static inline uint64_t from_on(uint64_t w, unsigned char limit)
{
    return ((w | ALL(0x80)) - ALL(limit)) & ALL(0x80);
}

/* Whether it is made of hexadecimal digits and two colons or more, as IPv6 addresses nearly always
 * are. Behind it there must be eight bytes that can be read. */
static bool is_plain_ipv6(struct ha_view v)
{
    uint64_t colons = 0;
    for (size_t at = 0; at < v.len; at += 8) {
        uint64_t w = word_at(v.ptr + at);
        if (v.len - at < 8) {
            uint64_t ours = UINT64_MAX >> (64 - 8 * (v.len - at));
            w = (w & ours) | (ALL('0') & ~ours);
        }
        uint64_t lower = w | ALL(0x20);
        uint64_t digits = from_on(w, '0') & ~from_on(w, ':' + 1);
        uint64_t letters = from_on(lower, 'a') & ~from_on(lower, 'f' + 1);
        if ((w & ALL(0x80)) != 0 || (digits | letters) != ALL(0x80))
            return false;
        colons += (~from_on(w ^ ALL(':'), 1) & ALL(0x80)) >> 7;
    }
    return colons * ALL(1) >> 56 > 1; /* the sum of its bytes */
}

static inline bool is_client(struct ha_view v)
{
    bool ipv4 = v.len >= 8 && v.len <= 16 && are_plain(word_at(v.ptr), word_at(v.ptr + v.len - 8));
    return ipv4 || (v.len <= 39 && is_plain_ipv6(v)) || is_name_or_ipv6(v);
}

/* A column without what would end it. */
static bool is_word(struct ha_view v)
{
    return v.len > 0 && memchr(v.ptr, ' ', v.len) == NULL && memchr(v.ptr, '[', v.len) == NULL;
}

/* With a dot inside, the second column is a host. */
static void put_ident(struct ha_record *r, struct ha_view v)
{
    const char *dot = memchr(v.ptr, '.', v.len);
    bool host = dot != NULL && dot > v.ptr && dot + 1 < v.ptr + v.len;
    ha_put(r, host ? HA_FIELD_HOST : HA_FIELD_IDENT, v);
}

static inline bool is_dash(struct ha_view v)
{
    return v.len == 1 && v.ptr[0] == '-';
}

/* "client ident user ", which ends at `open`, where one of the two is known; *client becomes
 * shorter. */
static bool read_ident_user(struct ha_record *r, const char *open, struct ha_view *client)
{
    const char *s = client->ptr;
    const char *first = memchr(s, ' ', (size_t)(open - s));
    const char *last = memrchr(s, ' ', (size_t)(open - s) - 1);
    if (open[-1] != ' ' || first == NULL || last == NULL || last <= first)
        return false;
    struct ha_view ident = {first + 1, (size_t)(last - first) - 1};
    struct ha_view user = {last + 1, (size_t)(open - last) - 2};
    client->len = (size_t)(first - s);
    if (!is_word(ident) || !is_word(user))
        return false;
    if (!is_dash(ident))
        put_ident(r, ident);
    if (!is_dash(user))
        ha_put(r, HA_FIELD_USER, user);
    return true;
}

/* The columns up to the bracket of the time. */
static inline bool read_columns(struct ha_record *r, const char *open)
{
    const char *s = r->line.ptr;
    struct ha_view client = {s, (size_t)(open - s) - 5};
    uint64_t usual = word_at(open - 5) ^ WORD(' ', '-', ' ', '-', ' ', '[', 0, 0);
    if (usual << 16 != 0 && (*open != '[' || !read_ident_user(r, open, &client)))
        return false;
    r->field[HA_FIELD_CLIENT] = client;
    return is_client(client);
}

/* The method that a request of more than eight bytes begins with, and the space behind it; -1:
 * none of those that are frequent. */
static inline int frequent_method(const char *request)
{
    static const struct {
        uint64_t begins, bits;
    } methods[HA_FAST_METHODS] = {
#define METHOD(a, b, c, d, e, f, g, h)                                                             \
    {WORD(a, b, c, d, e, f, g, h),                                                                 \
     WORD((a) ? 0xff : 0, (b) ? 0xff : 0, (c) ? 0xff : 0, (d) ? 0xff : 0, (e) ? 0xff : 0,          \
          (f) ? 0xff : 0, (g) ? 0xff : 0, (h) ? 0xff : 0)}
        METHOD('G', 'E', 'T', ' ', 0, 0, 0, 0),
        METHOD('P', 'O', 'S', 'T', ' ', 0, 0, 0),
        METHOD('H', 'E', 'A', 'D', ' ', 0, 0, 0),
        METHOD('P', 'U', 'T', ' ', 0, 0, 0, 0),
        METHOD('D', 'E', 'L', 'E', 'T', 'E', ' ', 0),
        METHOD('O', 'P', 'T', 'I', 'O', 'N', 'S', ' '),
#undef METHOD
    };
    uint64_t w = word_at(request);
    for (int i = 0; i < HA_FAST_METHODS; i++)
        if (((w ^ methods[i].begins) & methods[i].bits) == 0)
            return i;
    return -1;
}

/* Whether these are the last nine bytes of a request with a version of HTTP; *known: it is one of
 * the four that there are. */
static inline bool is_version(const char *end, bool *known)
{
    uint64_t w = word_at(end) ^ WORD(' ', 'H', 'T', 'T', 'P', '/', '0', '.');
    char minor = end[8];
    if (__builtin_expect(w == WORD(0, 0, 0, 0, 0, 0, 1, 0) && minor == '1', 1))
        return *known = true;
    uint64_t limits = WORD(0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x76, 0x7f), major = w >> 48;
    *known = minor == '0' && major >= 1 && major <= 3;
    return beyond(w, limits) == 0 && is_digit(minor);
}

/* As ha_split_request; what is a frequent method with a version behind it, as nearly all are, at
 * once. Returns the fields it has put. */
static inline uint32_t read_request(const struct ha_fast *f, struct ha_record *r, struct ha_view v)
{
    static const uint8_t lengths[HA_FAST_METHODS] = {3, 4, 4, 3, 6, 7};
    enum { PROTOCOL_LEN = 8, BESIDE_METHOD = 1 + 1 + 1 + PROTOCOL_LEN }; /* a target of one byte */
    const char *protocol = v.ptr + v.len - PROTOCOL_LEN;
    bool known = false;
    int i = v.len < 3 + BESIDE_METHOD || !is_version(protocol - 1, &known) ? -1
                                                                           : frequent_method(v.ptr);
    size_t method = i < 0 ? 0 : lengths[i];
    if (i < 0 || v.len < method + BESIDE_METHOD) {
        r->has = 0;
        r->plain_request = false;
        ha_split_request(r, v);
        return r->has;
    }
    const char *target = v.ptr + method + 1;
    struct ha_view t = {target, (size_t)(protocol - target) - 1};
    r->field[HA_FIELD_REQUEST] = v;
    r->field[HA_FIELD_METHOD] = (struct ha_view){v.ptr, method};
    r->field[HA_FIELD_TARGET] = t;
    r->field[HA_FIELD_PROTOCOL] = (struct ha_view){protocol, PROTOCOL_LEN};
    r->method = f->methods[i];
    r->plain_request = known && f->plain && ha_target_is_plain(t);
    return BIT(REQUEST) | BIT(METHOD) | BIT(TARGET) | BIT(PROTOCOL);
}

/* Up to eight digits that end at `end`, before which more than eight bytes can be read. */
static inline bool read_size(const char *end, size_t digits, uint64_t *out)
{
    uint64_t w = (word_at(end - 8) ^ ALL('0')) & (UINT64_MAX << (64 - 8 * digits));
    if (beyond(w, ALL(0x76)) != 0)
        return false;
    /* Pairs, then fours and eights of digits: each step doubles the places of a sum. */
    const uint64_t pairs = UINT64_C(0x000000ff000000ff);
    w = w * 10 + (w >> 8);
    w = (w & pairs) * (100 + (UINT64_C(1000000) << 32)) +
        (w >> 16 & pairs) * (1 + (UINT64_C(10000) << 32));
    *out = w >> 32;
    return true;
}

/* " 200 12" behind the quote at `from`, up to `end`. */
static inline bool read_numbers(struct ha_record *r, const char *from, const char *end)
{
    enum { BYTES_AT = 6 };
    ptrdiff_t digits = end - from - BYTES_AT;
    if (digits < 1 || digits > MOST_DIGITS)
        return false;
    /* From one byte before, as a line may end behind one digit. */
    uint64_t w = word_at(from - 1) >> 8 ^ WORD('"', ' ', '0', '0', '0', ' ', 0, 0);
    if ((beyond(w, WORD(0x7f, 0x7f, 0x76, 0x76, 0x76, 0x7f, 0, 0)) << 16) != 0)
        return false;
    r->field[HA_FIELD_STATUS] = (struct ha_view){from + 2, 3};
    uint32_t digits3 = (uint32_t)(w >> 16) & 0xffffff, pairs = digits3 * 10 + (digits3 >> 8);
    r->status = (int16_t)((pairs & 0xff) * 10 + (digits3 >> 16));
    r->has_bytes = true;
    r->body_bytes = 0;
    if (digits > 8)
        return ha_view_u64((struct ha_view){from + BYTES_AT, (size_t)digits}, &r->body_bytes);
    return read_size(end, (size_t)digits, &r->body_bytes) || (digits == 1 && end[-1] == '-');
}

/* Sets all that neither views nor numbers below set. */
static inline void begin(struct ha_record *r, uint16_t pattern)
{
    r->has = 0;
    r->pattern = pattern;
    r->verdict = HA_MATCHED;
    r->reason = HA_REASON_NONE;
    r->has_duration = false;
    r->duration_us = 0;
    r->clients = (struct ha_view){NULL, 0};
}

/* What stands between a quote and the next. */
static inline struct ha_view between(const char *quote, const char *next)
{
    return (struct ha_view){quote + 1, (size_t)(next - quote) - 1};
}

/* True when the two are quotes that end one column and begin the next. */
static inline bool joined(const char *quote, const char *next)
{
    return next == quote + 2 && memcmp(quote, "\" \"", 3) == 0;
}

/* One more quoted column: the address that the request was forwarded for, or none. */
static bool read_forwarded(struct ha_record *r, const char *quote, const char *next)
{
    struct ha_view v = between(quote, next);
    if (is_dash(v))
        return true;
    if (!ha_is_ipv4_shape(v))
        return false;
    ha_put(r, HA_FIELD_FORWARDED, v);
    return true;
}

/* Referer and agent, quotes 2 to 5, and quotes 6 and 7 where there are eight. */
static inline bool read_quoted(struct ha_record *r, const char *base, const uint32_t *at,
                               uint32_t count, const char *end)
{
    const char *q2 = base + at[2], *q3 = base + at[3], *q4 = base + at[4], *q5 = base + at[5];
    if (memcmp(q2 - 1, " \"", 2) != 0 || !joined(q3, q4) || *q5 != '"')
        return false;
    r->field[HA_FIELD_REFERER] = between(q2, q3);
    r->field[HA_FIELD_AGENT] = between(q4, q5);
    if (count == 6)
        return q5 + 1 == end;
    const char *q6 = base + at[6], *q7 = base + at[7];
    return joined(q5, q6) && *q7 == '"' && q7 + 1 == end && read_forwarded(r, q6, q7);
}

static inline bool read_line(const struct ha_fast *f, const struct ha_marked_line *line,
                             struct ha_clf_clock *clock, struct ha_record *r)
{
    const char *base = line->base, *s = line->text.ptr, *end = s + line->text.len;
    const uint32_t *at = line->marks;
    uint32_t count = line->count;
    if (count >= HA_COUNT(f->of_marks) || line->text.len > f->longest) /* unknown is greater */
        return false;
    uint16_t pattern = f->of_marks[count];
    if (pattern == HA_FAST_NONE)
        return false;
    const char *q0 = base + at[0], *q1 = base + at[1], *open = q0 - OPEN_BEFORE;
    if (q0 - s < SHORTEST_HEAD || memcmp(q0 - 2, "] \"", 3) != 0)
        return false;
    r->line = line->text;
    begin(r, pattern);
    if (!read_time(r, clock, open + 1) || !read_columns(r, open) ||
        !read_numbers(r, q1, count == 2 ? end : base + at[2] - 1))
        return false;
    uint32_t has = r->has | BIT(CLIENT) | BIT(STATUS);
    if (count > 2) {
        if (!read_quoted(r, base, at, count, end))
            return false;
        has |= r->has | BIT(REFERER) | BIT(AGENT);
    }
    has |= read_request(f, r, between(q0, q1));
    r->has = has;
    return true;
}

size_t ha_fast_read(const struct ha_fast *f, const struct ha_marked_line *lines, size_t n,
                    uint64_t number, struct ha_clf_clock *clock, struct ha_record *records)
{
    for (size_t i = 0; i < n; i++) {
        if (!read_line(f, &lines[i], clock, &records[i]))
            return i;
        records[i].line_number = number + i;
        records[i].ending = lines[i].ending;
    }
    return n;
}
