/* fast.c - the common log format and its kin without PCRE2.
 *
 *   client ident user [24/Nov/2026:10:00:00 +0000] "request" 200 12 "referer" "agent" "forwarded"
 *
 * Everything is found from the quotes, whose places are known: the time stands a fixed way before
 * the first one, status and size between the second and the third. What is accepted is less than
 * what the patterns accept; a line that has anything unusual is declined as soon as that is seen.
 */
#include "parse/fast_line.h"

#include <string.h>

#include "httpannotate/facts.h"
#include "parse/values.h"
#include "parse/vector.h"

const struct ha_fast_method ha_fast_methods[HA_FAST_METHODS] = {
#define METHOD(text, a, b, c, d, e, f, g, len)                                                     \
    [HA_METHOD_AT(a, b)] = {text, WORD(a, b, c, d, e, f, g, (len) == 7 ? ' ' : 0),                 \
                            UINT64_MAX >> (56 - 8 * (len)), len}
    METHOD("GET", 'G', 'E', 'T', ' ', 0, 0, 0, 3),
    METHOD("POST", 'P', 'O', 'S', 'T', ' ', 0, 0, 4),
    METHOD("HEAD", 'H', 'E', 'A', 'D', ' ', 0, 0, 4),
    METHOD("PUT", 'P', 'U', 'T', ' ', 0, 0, 0, 3),
    METHOD("DELETE", 'D', 'E', 'L', 'E', 'T', 'E', ' ', 6),
    METHOD("OPTIONS", 'O', 'P', 'T', 'I', 'O', 'N', 'S', 7),
#undef METHOD
    /* No method leads here, and no request has NUL in it. */
    [0] = {.bits = UINT64_MAX},
    [1] = {.bits = UINT64_MAX},
};

static bool is_built_in(const struct ha_pattern *pattern, const char *name)
{
    return pattern->text == NULL && strcmp(pattern->file.name, name) == 0;
}

/* What records of a line with so many marks have alike: most lines change nothing of it. */
static void set_alike(char *to, uint32_t marks, uint16_t pattern)
{
    struct ha_record r = {.pattern = pattern, .verdict = HA_MATCHED, .reason = HA_REASON_NONE};
    r.has = REQUEST_BITS | BIT(CLIENT) | BIT(STATUS);
    if (marks > 2)
        r.has |= BIT(REFERER) | BIT(AGENT);
    r.ending = 1;
    r.has_time = r.has_bytes = true;
    _Static_assert(offsetof(struct ha_record, status) + 2 - ALIKE_AT == HA_FAST_ALIKE, "its end");
    memcpy(to, (const char *)&r + ALIKE_AT, HA_FAST_ALIKE);
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
    for (size_t i = 0; i < HA_FAST_METHODS; i++)
        f.methods[i] = (int16_t)ha_facts_method_index(
            (struct ha_view){(const char *)ha_fast_methods[i].text, ha_fast_methods[i].len});
    f.longest = set->limits.max_line < LONGEST ? set->limits.max_line : LONGEST;
    f.plain = false;
    for (size_t i = 0; i < set->count; i++) {
        bool harmless = set->list[i].file.keys != NULL;
        for (size_t k = 0; k < HA_COUNT(family); k++) {
            if (!is_built_in(&set->list[i], family[k].name))
                continue;
            harmless = true;
            if (f.of_marks[family[k].marks] != HA_FAST_NONE)
                continue;
            f.of_marks[family[k].marks] = (uint16_t)i;
            set_alike(f.alike[family[k].marks], family[k].marks, (uint16_t)i);
        }
        if (set->ordered && !harmless)
            break;
    }
    return f;
}

/* The second of the day, or -1, of "10:00:00" without the bits of "00:00:00". */
static inline int64_t second_of_day(uint64_t w)
{
    /* The three numbers, each in the byte of its tens. */
    w = (w * 10 + (w >> 8)) & WORD(0xff, 0, 0, 0xff, 0, 0, 0xff, 0);
    if (beyond(w, WORD(0x7f - 23, 0, 0, 0x7f - 59, 0, 0, 0x7f - 60, 0)) != 0)
        return -1;
    uint64_t minute = (w * (1 + (60 << 24))) >> 24 & 0xffff;
    return (int64_t)(minute * 60 + (w >> 48));
}

/* Whether what ends with the quote of a request is as the clock's frame, but for the six digits of
 * the time of day. */
static inline bool is_in_frame(const struct ha_clf_clock *clock, const char *s)
{
    static const signed char most[sizeof clock->frame] = {
        [15] = 9, [16] = 9, [18] = 9, [19] = 9, [21] = 9, [22] = 9};
    ha_bytes16 low = ha_load16(s) ^ ha_load16(clock->frame);
    ha_bytes16 high = ha_load16(s + 16) ^ ha_load16(clock->frame + 16);
    ha_bytes16 more =
        (ha_bytes16)(low > ha_load16(most)) | (ha_bytes16)(high > ha_load16(most + 16));
    return !ha_any16(more | low | high);
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
    if (!name || (hyphen && dot && ha_is_digit(v.ptr[v.len - 1])))
        return false;
    return colons == 0 || (colons > 1 && hex); /* one: it may be that of a port */
}

/* The same of up to 32 bytes, behind whose first there are as many that can be read. */
static bool is_short_name_or_ipv6(struct ha_view v)
{
    uint32_t bad = 0, hyphens = 0, colons = 0, no_address = 0;
    for (unsigned at = 0; at < 32; at += 16) {
        ha_bytes16 c = ha_load16(v.ptr + at), letter = c | 0x20;
        ha_bytes16 digit = (ha_bytes16)(c >= '-') & (ha_bytes16)(c <= ':');
        ha_bytes16 alpha = (ha_bytes16)(letter >= 'a') & (ha_bytes16)(letter <= 'z');
        bad |= ha_tops16(~(digit | alpha)) << at;
        hyphens |= ha_tops16((ha_bytes16)(c == '-')) << at;
        colons |= ha_tops16((ha_bytes16)(c == ':')) << at;
        no_address |= ha_tops16((ha_bytes16)(letter > 'f') | (ha_bytes16)(c == '/')) << at;
    }
    uint32_t ours = UINT32_MAX >> (32 - v.len);
    colons &= ours;
    if ((hyphens & ours) != 0)
        return is_name_or_ipv6(v);
    return (bad & ours) == 0 &&
           (colons == 0 || ((colons & (colons - 1)) != 0 && (no_address & ours) == 0));
}

static inline bool is_client(struct ha_view v)
{
    if (v.len - 1 >= 32)
        return is_name_or_ipv6(v);
    ha_bytes16 c = ha_load16(v.ptr);
    uint32_t no_ipv4 = ha_tops16((ha_bytes16)(c < '.') | (ha_bytes16)(c > '9')) | 1u << 16;
    return no_ipv4 << (32 - v.len) == 0 || is_short_name_or_ipv6(v);
}

bool ha_fast_client(struct ha_view v)
{
    return is_client(v);
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

/* "client ident user [time] " before the quote at q0, where the day or a column is not that of
 * most lines. */
static __attribute__((noinline)) bool read_rare_head(struct ha_record *r,
                                                     struct ha_clf_clock *clock, const char *q0)
{
    const char *open = q0 - OPEN_BEFORE;
    struct ha_view client = {r->line.ptr, (size_t)(open - r->line.ptr) - 5};
    int offset;
    if (*open != '[' || memcmp(q0 - 2, "] \"", 3) != 0 ||
        !ha_timefmt_read_clf(clock, (struct ha_view){open + 1, TIME_LEN}, &r->time_us, &offset))
        return false;
    r->offset_min = (int16_t)offset;
    if (memcmp(open - 5, " - - ", 5) != 0 && !read_ident_user(r, open, &client))
        return false;
    r->field[HA_FIELD_CLIENT] = client;
    return is_client(client);
}

/* The same: at once where the day is that of the line before, as in nearly all lines. */
static inline bool read_head(struct ha_record *r, struct ha_clf_clock *clock, const char *q0)
{
    enum { FRAME_BEFORE = sizeof clock->frame - 1, CLOCK_BEFORE = FRAME_BEFORE - 15 };
    const char *frame = q0 - FRAME_BEFORE, *space = frame - 3;
    int64_t second =
        second_of_day(ha_word_at(q0 - CLOCK_BEFORE) ^ WORD('0', '0', ':', '0', '0', ':', '0', '0'));
    if (memcmp(space, " - -", 4) != 0 || !is_in_frame(clock, frame) || second < 0)
        return read_rare_head(r, clock, q0);
    r->time_us = clock->midnight_us + second * HA_US_PER_S;
    r->offset_min = (int16_t)clock->offset_min;
    r->field[HA_FIELD_CLIENT] = (struct ha_view){r->line.ptr, (size_t)(space - r->line.ptr)};
    return is_client(r->field[HA_FIELD_CLIENT]);
}

/* Up to eight digits that end at `end`, before which more than eight bytes can be read. */
static inline bool read_size(const char *end, size_t digits, uint64_t *out)
{
    uint64_t w = (ha_word_at(end - 8) ^ ALL('0')) & (UINT64_MAX << (64 - 8 * digits));
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
    uint64_t w = ha_word_at(from - 1) >> 8 ^ WORD('"', ' ', '0', '0', '0', ' ', 0, 0);
    if ((beyond(w, WORD(0x7f, 0x7f, 0x76, 0x76, 0x76, 0x7f, 0, 0)) << 16) != 0)
        return false;
    r->field[HA_FIELD_STATUS] = (struct ha_view){from + 2, 3};
    uint32_t digits3 = (uint32_t)(w >> 16) & 0xffffff, pairs = digits3 * 10 + (digits3 >> 8);
    r->status = (int16_t)((pairs & 0xff) * 10 + (digits3 >> 16));
    if (digits > 8)
        return ha_view_u64((struct ha_view){from + BYTES_AT, (size_t)digits}, &r->body_bytes);
    if (__builtin_expect(read_size(end, (size_t)digits, &r->body_bytes), 1))
        return true;
    r->body_bytes = 0;
    return digits == 1 && end[-1] == '-';
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

bool ha_fast_line(const struct ha_fast *f, const struct ha_marked_line *line,
                  struct ha_clf_clock *clock, struct ha_record *r)
{
    const char *base = line->base, *s = line->text.ptr, *end = s + line->text.len;
    const uint32_t *at = line->marks;
    uint32_t count = line->count;
    if (count >= HA_COUNT(f->of_marks) || line->text.len > f->longest) /* unknown is greater */
        return false;
    if (f->of_marks[count] == HA_FAST_NONE)
        return false;
    const char *q0 = base + at[0], *q1 = base + at[1];
    if (q0 - s < SHORTEST_HEAD)
        return false;
    put_alike(f, count, r);
    r->line = line->text;
    r->ending = line->ending;
    if (!read_head(r, clock, q0) || !read_numbers(r, q1, count == 2 ? end : base + at[2] - 1) ||
        (count > 2 && !read_quoted(r, base, at, count, end)))
        return false;
    read_request(f, r, between(q0, q1));
    return true;
}

bool ha_fast_next(const struct ha_fast *f, struct ha_marks *m, uint64_t number,
                  struct ha_clf_clock *clock, struct ha_record *r)
{
    struct ha_marked_line line;
    uint32_t first = m->first;
    size_t start = m->start;
    if (!ha_marks_next(m, &line))
        return false;
    if (ha_fast_line(f, &line, clock, r)) {
        r->line_number = number;
        return true;
    }
    m->first = first;
    m->start = start;
    return false;
}

size_t ha_fast_ahead(const struct ha_fast *f, struct ha_marks *m, size_t most, uint64_t number,
                     struct ha_clf_clock *clock, struct ha_record *records)
{
#if defined(__x86_64__)
    if (ha_scan_by_avx2())
        return ha_fast_ahead_avx2(f, m, most, number, clock, records);
#endif
    size_t n = 0;
    while (n < most && ha_marks_ahead(m) && ha_fast_next(f, m, number + n, clock, &records[n]))
        n++;
    return n;
}
