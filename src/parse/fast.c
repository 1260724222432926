/* fast.c - the common log format and its kin without PCRE2.
 *
 *   client ident user [24/Nov/2026:10:00:00 +0000] "request" 200 12 "referer" "agent" "forwarded"
 *
 * Everything is found from the quotes, whose places are known: the time stands a fixed way before the
 * first one, status and size between the second and the third. What is accepted is less than what the
 * patterns accept; a line that has anything unusual is declined as soon as that is seen. */
#include "parse/fast.h"

#include <string.h>

#include "httpannotate/facts.h"
#include "parse/request.h"

enum {
    TIME_LEN = 26,               /* 24/Nov/2026:10:00:00 +0000 */
    OPEN_BEFORE = TIME_LEN + 3,  /* from the bracket that opens it to the quote of the request */
    SHORTEST_HEAD = OPEN_BEFORE + 6,
    /* Longer lines are rare, and their offsets may be near the patterns' limits. */
    LONGEST = 1 << 16,
    MOST_DIGITS = 18, /* of a size: what surely fits in 64 bits */
};

static uint16_t trusted(const struct ha_patterns *set, size_t index, const char *name)
{
    const struct ha_pattern *pattern = &set->list[index];
    bool is = pattern->text == NULL && strcmp(pattern->file.name, name) == 0;
    return is ? (uint16_t)index : HA_FAST_NONE;
}

/* In the built-in set no two patterns read one line, which the tests hold them to. In one that the user
 * has put together only members of the family, of which that holds too, and formats that begin with a
 * brace or are led by a directive may stand before. */
struct ha_fast ha_fast_for(const struct ha_patterns *set)
{
    struct ha_fast f = {HA_FAST_NONE, HA_FAST_NONE, HA_FAST_NONE};
    for (size_t i = 0; i < set->count; i++) {
        uint16_t common = trusted(set, i, "common"), combined = trusted(set, i, "combined");
        uint16_t tail = trusted(set, i, "combined_tail");
        if (f.common == HA_FAST_NONE)
            f.common = common;
        if (f.combined == HA_FAST_NONE)
            f.combined = combined;
        if (f.combined_tail == HA_FAST_NONE)
            f.combined_tail = tail;
        bool harmless = set->list[i].file.keys != NULL || common != HA_FAST_NONE ||
                        combined != HA_FAST_NONE || tail != HA_FAST_NONE;
        if (set->ordered && !harmless)
            break;
    }
    return f;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* What a client may be made of here; all else may be a chain, a port, quoted, or another format's. */
static bool is_client(struct ha_view v)
{
    size_t colons = 0;
    bool plain = v.len > 0;
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        colons += c == ':';
        plain &= (unsigned char)((c | 0x20) - 'a') < 26 || (c >= '-' && c <= ':');
    }
    return plain && colons != 1; /* one: it may be that of a port */
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

static bool is_dash(struct ha_view v)
{
    return v.len == 1 && v.ptr[0] == '-';
}

/* "client ident user " up to the bracket of the time. */
static bool read_columns(struct ha_record *r, const char *open)
{
    const char *s = r->line.ptr;
    struct ha_view client = {s, (size_t)(open - s) - 5}, ident, user;
    if (memcmp(open - 5, " - - ", 5) != 0) {
        const char *first = memchr(s, ' ', (size_t)(open - s));
        const char *last = memrchr(s, ' ', (size_t)(open - s) - 1);
        if (open[-1] != ' ' || first == NULL || last == NULL || last <= first)
            return false;
        client.len = (size_t)(first - s);
        ident = (struct ha_view){first + 1, (size_t)(last - first) - 1};
        user = (struct ha_view){last + 1, (size_t)(open - last) - 2};
        if (!is_word(ident) || !is_word(user))
            return false;
        if (!is_dash(ident))
            put_ident(r, ident);
        if (!is_dash(user))
            ha_put(r, HA_FIELD_USER, user);
    }
    if (!is_client(client))
        return false;
    ha_put(r, HA_FIELD_CLIENT, client);
    return true;
}

/* As ha_split_request; what is a GET or POST with a protocol behind it, as nearly all are, at once. */
static void read_request(struct ha_record *r, struct ha_view v)
{
    enum { PROTOCOL_LEN = 8 };
    if (v.len < PROTOCOL_LEN + 7) {
        ha_split_request(r, v);
        return;
    }
    const char *protocol = v.ptr + v.len - PROTOCOL_LEN;
    size_t method = memcmp(v.ptr, "GET ", 4) == 0 ? 3 : memcmp(v.ptr, "POST ", 5) == 0 ? 4 : 0;
    if (method == 0 || memcmp(protocol - 1, " HTTP/", 6) != 0 || !is_digit(protocol[5]) ||
        protocol[6] != '.' || !is_digit(protocol[7]) || v.ptr + method + 1 >= protocol - 1) {
        ha_split_request(r, v);
        return;
    }
    ha_put(r, HA_FIELD_REQUEST, v);
    ha_put(r, HA_FIELD_METHOD, (struct ha_view){v.ptr, method});
    ha_put(r, HA_FIELD_TARGET,
           (struct ha_view){v.ptr + method + 1, (size_t)(protocol - v.ptr) - method - 2});
    ha_put(r, HA_FIELD_PROTOCOL, (struct ha_view){protocol, PROTOCOL_LEN});
    r->method = (int16_t)ha_facts_method_index((struct ha_view){v.ptr, method});
}

/* " 200 12" behind the quote at `from`, up to `end`. */
static bool read_numbers(struct ha_record *r, const char *from, const char *end)
{
    enum { BYTES_AT = 6 };
    ptrdiff_t digits = end - from - BYTES_AT;
    if (digits < 1 || digits > MOST_DIGITS || from[1] != ' ' || from[5] != ' ')
        return false;
    if (!is_digit(from[2]) || !is_digit(from[3]) || !is_digit(from[4]))
        return false;
    ha_put(r, HA_FIELD_STATUS, (struct ha_view){from + 2, 3});
    r->status = (int16_t)((from[2] - '0') * 100 + (from[3] - '0') * 10 + (from[4] - '0'));
    r->has_bytes = true;
    r->body_bytes = 0;
    if (digits == 1 && from[BYTES_AT] == '-')
        return true;
    return ha_view_u64((struct ha_view){from + BYTES_AT, (size_t)digits}, &r->body_bytes);
}

/* Four numbers of up to three digits. */
static bool is_ipv4(struct ha_view v)
{
    size_t dots = 0, digits = 0;
    for (size_t i = 0; i < v.len; i++) {
        if (is_digit(v.ptr[i])) {
            if (++digits > 3)
                return false;
        } else if (v.ptr[i] == '.' && digits > 0) {
            dots++;
            digits = 0;
        } else {
            return false;
        }
    }
    return dots == 3 && digits > 0;
}

/* Sets all that neither views nor numbers below set. */
static void begin(struct ha_record *r, uint16_t pattern)
{
    r->has = 0;
    r->pattern = pattern;
    r->verdict = HA_MATCHED;
    r->reason = HA_REASON_NONE;
    r->has_duration = false;
    r->duration_us = 0;
    r->clients = (struct ha_view){NULL, 0};
}

/* `"referer" "agent"`: quotes 2 to 5. `"referer"` begins behind a blank, as the agent does. */
static bool read_combined(struct ha_record *r, const char *const *q)
{
    if (q[2][-1] != ' ' || q[3][1] != ' ' || q[4] != q[3] + 2)
        return false;
    ha_put(r, HA_FIELD_REFERER, (struct ha_view){q[2] + 1, (size_t)(q[3] - q[2]) - 1});
    ha_put(r, HA_FIELD_AGENT, (struct ha_view){q[4] + 1, (size_t)(q[5] - q[4]) - 1});
    return true;
}

/* One more quoted column: the address that the request was forwarded for, or none. */
static bool read_forwarded(struct ha_record *r, const char *const *q)
{
    struct ha_view v = {q[6] + 1, (size_t)(q[7] - q[6]) - 1};
    if (q[5][1] != ' ' || q[6] != q[5] + 2)
        return false;
    if (is_dash(v))
        return true;
    if (!is_ipv4(v))
        return false;
    ha_put(r, HA_FIELD_FORWARDED, v);
    return true;
}

bool ha_fast_read(const struct ha_fast *f, const struct ha_marked_line *line,
                  struct ha_clf_clock *clock, struct ha_record *r)
{
    const char *q[8], *s = r->line.ptr, *end = s + r->line.len;
    uint32_t count = line->count;
    if (count == HA_MARKS_UNKNOWN || r->line.len > LONGEST)
        return false;
    count -= count > 0 && line->base + line->marks[count - 1] == end; /* the CR of the ending */
    uint16_t pattern = count == 6   ? f->combined
                       : count == 2 ? f->common
                       : count == 8 ? f->combined_tail
                                    : HA_FAST_NONE;
    if (pattern == HA_FAST_NONE)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        q[i] = line->base + line->marks[i];
        if (*q[i] != '"')
            return false;
    }
    const char *open = q[0] - OPEN_BEFORE;
    if (q[0] - s < SHORTEST_HEAD || *open != '[' || q[0][-2] != ']' || q[0][-1] != ' ')
        return false;
    int offset = 0;
    begin(r, pattern);
    if (!ha_timefmt_read_clf(clock, (struct ha_view){open + 1, TIME_LEN}, &r->time_us, &offset))
        return false;
    r->has_time = true;
    r->offset_min = (int16_t)offset;
    if (!read_columns(r, open) || !read_numbers(r, q[1], count == 2 ? end : q[2] - 1))
        return false;
    read_request(r, (struct ha_view){q[0] + 1, (size_t)(q[1] - q[0]) - 1});
    if (count == 2)
        return true;
    return q[count - 1] + 1 == end && read_combined(r, q) && (count == 6 || read_forwarded(r, q));
}
