/* values.c - how the text of a field becomes a value of the record. */
#include "parse/values.h"

#include <math.h>
#include <string.h>

#include "parse/request.h"
#include "parse/timefmt.h"

int16_t ha_read_status(struct ha_view text)
{
    uint64_t n = 0;
    return ha_view_u64(text, &n) && n <= 999 ? (int16_t)n : HA_NO_STATUS;
}

bool ha_read_duration(struct ha_view text, uint64_t unit_ns, uint64_t *us)
{
    const char *point = text.len > 0 ? memchr(text.ptr, '.', text.len) : NULL;
    struct ha_view whole = {text.ptr, point == NULL ? text.len : (size_t)(point - text.ptr)};
    uint64_t n = 0;
    if (!ha_view_u64(whole, &n) || n > UINT64_MAX / 2 / unit_ns)
        return false;
    n *= unit_ns;
    uint64_t scale = unit_ns;
    for (size_t i = whole.len + 1; point != NULL && i < text.len; i++) {
        unsigned digit = (unsigned)(unsigned char)text.ptr[i] - '0';
        if (digit > 9)
            return false;
        scale /= 10;
        n += digit * scale;
    }
    *us = n / 1000;
    return true;
}

static const struct {
    const char *word;
    uint64_t ns;
} units[] = {
    {"ns", 1},
    {"us", 1000},
    {"\xC2\xB5s", 1000}, /* micro sign */
    {"\xCE\xBCs", 1000}, /* Greek mu */
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", 60 * UINT64_C(1000000000)},
    {"h", 3600 * UINT64_C(1000000000)},
};

static uint64_t unit_of(struct ha_view word)
{
    for (size_t i = 0; i < HA_COUNT(units); i++)
        if (ha_view_is(word, units[i].word))
            return units[i].ns;
    return 0;
}

bool ha_read_span(struct ha_view text, uint64_t unit_ns, uint64_t *us)
{
    uint64_t sum = 0;
    size_t at = 0, parts = 0;
    while (at < text.len) {
        size_t start = at;
        while (at < text.len && (ha_is_digit(text.ptr[at]) || text.ptr[at] == '.'))
            at++;
        struct ha_view number = {text.ptr + start, at - start};
        at += at + 1 < text.len && text.ptr[at] == ' ';
        start = at;
        while (at < text.len && !ha_is_digit(text.ptr[at]) && text.ptr[at] != '.')
            at++;
        struct ha_view word = {text.ptr + start, at - start};
        uint64_t ns = word.len > 0 ? unit_of(word) : unit_ns, one = 0;
        if (ns == 0 || (word.len == 0 && parts > 0) || !ha_read_duration(number, ns, &one) ||
            one > UINT64_MAX / 2 - sum)
            return false;
        sum += one;
        parts++;
    }
    *us = sum;
    return parts > 0;
}

bool ha_read_epoch(double count, int64_t *time_us)
{
    static const struct {
        double below, us;
    } scales[] = {{1e11, 1e6}, {1e14, 1e3}, {1e17, 1}, {9e18, 1e-3}};
    if (!(count >= 1e8)) /* 1973: smaller numbers are no times but something else */
        return false;
    for (size_t i = 0; i < HA_COUNT(scales); i++) {
        if (count >= scales[i].below)
            continue;
        *time_us = (int64_t)llround(count * scales[i].us);
        return true;
    }
    return false;
}

/* Digits, with a fraction or without: read exactly, as a double would not be for nanoseconds. */
static bool read_epoch_text(struct ha_view text, int64_t *time_us)
{
    const char *point = memchr(text.ptr, '.', text.len);
    struct ha_view whole = {text.ptr, point == NULL ? text.len : (size_t)(point - text.ptr)};
    uint64_t n = 0, unit_ns = 1, us = 0;
    if (!ha_view_u64(whole, &n) || n < 100000000)
        return false;
    if (n < UINT64_C(100000000000))
        unit_ns = 1000000000;
    else if (n < UINT64_C(100000000000000))
        unit_ns = 1000000;
    else if (n < UINT64_C(100000000000000000))
        unit_ns = 1000;
    /* Seconds as nanoseconds may pass 64 bits; whole and fraction are read apart. */
    struct ha_view rest = {text.ptr + whole.len, text.len - whole.len};
    uint64_t part = 0;
    if (rest.len > 1) {
        char zero[24] = "0";
        size_t keep = rest.len < sizeof zero - 1 ? rest.len : sizeof zero - 1;
        memcpy(zero + 1, rest.ptr, keep);
        if (!ha_read_duration((struct ha_view){zero, keep + 1}, unit_ns, &part))
            return false;
    }
    us = unit_ns >= 1000 ? n * (unit_ns / 1000) : n / 1000;
    *time_us = (int64_t)(us + part);
    return true;
}

static bool read_by(const char *const *formats, size_t count, struct ha_view text, int64_t *us,
                    int *offset)
{
    for (size_t i = 0; i < count; i++)
        if (ha_timefmt_read(ha_view_of(formats[i]), text, us, offset))
            return true;
    return false;
}

static bool read_dashed(struct ha_view text, int64_t *us, int *offset)
{
    static const char *const with_t[] = {"%Y-%m-%dT%H:%M:%S%f%z", "%Y-%m-%dT%H:%M:%S%f"};
    static const char *const with_blank[] = {"%Y-%m-%d %H:%M:%S%f", "%Y-%m-%d %H:%M:%S%f%z",
                                             "%Y-%m-%d %H:%M:%S%f %z"};
    const struct ha_view utc = HA_VIEW_LIT(" UTC");
    if (text.ptr[10] == 'T' || text.ptr[10] == 't') {
        if (text.ptr[10] == 'T')
            return read_by(with_t, HA_COUNT(with_t), text, us, offset);
        static const char *const small[] = {"%Y-%m-%dt%H:%M:%S%f%z"};
        return read_by(small, 1, text, us, offset);
    }
    bool is_utc =
        text.len > utc.len && memcmp(text.ptr + text.len - utc.len, utc.ptr, utc.len) == 0;
    text.len -= is_utc ? utc.len : 0;
    if (!read_by(with_blank, HA_COUNT(with_blank), text, us, offset))
        return false;
    if (is_utc && *offset == HA_NO_ZONE)
        *offset = 0;
    return true;
}

bool ha_read_any_time(struct ha_view text, int64_t *time_us, int *offset_min)
{
    static const char *const slashed[] = {"%Y/%m/%d %H:%M:%S%f", "%Y/%m/%d %H:%M:%S%f %z"};
    static const char *const imf[] = {"%d %b %Y %H:%M:%S GMT", "%d %b %Y %H:%M:%S %z"};
    static const char *const clf[] = {HA_CLF_FORMAT, "%d/%b/%Y:%H:%M:%S%f %z",
                                      "%d/%b/%Y:%H:%M:%S%f"};
    *offset_min = 0;
    if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        text = (struct ha_view){text.ptr + 1, text.len - 2};
    if (text.len < 9)
        return false;
    if (text.len >= 19 && text.ptr[4] == '-')
        return read_dashed(text, time_us, offset_min);
    if (text.len >= 19 && text.ptr[4] == '/')
        return read_by(slashed, HA_COUNT(slashed), text, time_us, offset_min);
    if (text.len >= 20 && (text.ptr[2] == '/' || text.ptr[1] == '/'))
        return read_by(clf, HA_COUNT(clf), text, time_us, offset_min);
    if (text.len >= 25 && text.ptr[3] == ',' && text.ptr[4] == ' ')
        return read_by(imf, HA_COUNT(imf), (struct ha_view){text.ptr + 5, text.len - 5}, time_us,
                       offset_min);
    return ha_is_digit(text.ptr[0]) && read_epoch_text(text, time_us);
}

bool ha_read_day(struct ha_view text, int64_t *time_us)
{
    int offset = 0;
    return text.len == 10 && ha_timefmt_read(HA_VIEW_LIT("%Y-%m-%d"), text, time_us, &offset);
}

bool ha_read_clock(struct ha_view text, int64_t *since_midnight_us)
{
    int offset = 0;
    return text.len >= 8 && text.ptr[2] == ':' &&
           ha_timefmt_read(HA_VIEW_LIT("%H:%M:%S%f"), text, since_midnight_us, &offset);
}

bool ha_is_ipv4_shape(struct ha_view v)
{
    size_t dots = 0, digits = 0;
    for (size_t i = 0; i < v.len; i++) {
        if (ha_is_digit(v.ptr[i])) {
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

struct ha_view ha_without_port(struct ha_view v)
{
    const char *colon = v.len > 0 ? memrchr(v.ptr, ':', v.len) : NULL;
    if (v.len > 2 && v.ptr[0] == '[') {
        const char *end = memchr(v.ptr, ']', v.len);
        if (end == NULL)
            return v;
        size_t behind = v.len - (size_t)(end - v.ptr) - 1;
        if (behind == 0 || end[1] == ':')
            return (struct ha_view){v.ptr + 1, (size_t)(end - v.ptr) - 1};
        return v;
    }
    if (colon == NULL || memchr(v.ptr, ':', (size_t)(colon - v.ptr)) != NULL)
        return v;
    size_t digits = v.len - (size_t)(colon - v.ptr) - 1;
    for (size_t i = 0; i < digits; i++)
        if (!ha_is_digit(colon[1 + i]))
            return v;
    if (digits == 0 || digits > 5 || colon == v.ptr)
        return v;
    return (struct ha_view){v.ptr, (size_t)(colon - v.ptr)};
}

void ha_put_client(struct ha_record *r, struct ha_view text, bool with_port)
{
    const char *comma = text.len > 0 ? memchr(text.ptr, ',', text.len) : NULL;
    if (comma != NULL) {
        r->clients = text;
        text.len = (size_t)(comma - text.ptr);
    }
    ha_put(r, HA_FIELD_CLIENT, with_port ? ha_without_port(text) : text);
}

void ha_put_text(struct ha_record *r, enum ha_field f, struct ha_view text)
{
    if (f == HA_FIELD_METHOD)
        ha_set_method(r, text);
    else
        ha_put(r, f, text);
}

bool ha_join_query(struct ha_record *r, struct ha_arena *to)
{
    struct ha_view target = ha_get(r, HA_FIELD_TARGET), query = ha_get(r, HA_FIELD_QUERY);
    if (query.len > 0 && query.ptr[0] == '?')
        query = (struct ha_view){query.ptr + 1, query.len - 1};
    if (target.len == 0 || query.len == 0 || ha_view_is(query, "-") ||
        memchr(target.ptr, '?', target.len) != NULL)
        return true;
    char *joined = ha_arena_take(to, target.len + query.len + 1);
    if (joined == NULL)
        return false;
    memcpy(joined, target.ptr, target.len);
    joined[target.len] = '?';
    memcpy(joined + target.len + 1, query.ptr, query.len);
    ha_put(r, HA_FIELD_TARGET, (struct ha_view){joined, target.len + 1 + query.len});
    return true;
}
