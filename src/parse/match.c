/* match.c - one line against the patterns. PCRE2 defines what a line means. */
#include <string.h>

#include "parse/pattern.h"
#include "parse/request.h"
#include "parse/timefmt.h"

enum { TIME_CACHE_TEXT = 40 };

struct ha_matcher {
    struct ha_patterns *set;
    struct ha_scratch *scratch;
    size_t last;      /* the pattern that matched last; never one of the salvage tier, which reads
                       * what others read better */
    bool hit_limit;   /* while one line is tried */
    struct ha_clf_clock clf;
    /* The last time of another format: log lines come many a second. */
    char time_text[TIME_CACHE_TEXT];
    size_t time_len, time_pattern;
    int64_t time_us;
    int offset_min;
};

enum ha_err ha_matcher_new(struct ha_patterns *set, struct ha_matcher **out)
{
    struct ha_matcher *m = ha_calloc(1, sizeof *m);
    *out = m;
    if (m == NULL)
        return HA_ERR_MEMORY;
    m->set = set;
    enum ha_err err = ha_scratch_new(set->limits.match_limit, &m->scratch);
    if (err != HA_OK)
        ha_matcher_free(out);
    return err;
}

void ha_matcher_free(struct ha_matcher **m)
{
    if (*m == NULL)
        return;
    ha_scratch_free(&(*m)->scratch);
    ha_free(*m);
    *m = NULL;
}

const char *ha_reason_name(enum ha_reason reason)
{
    static const char *const names[HA_REASON_N] = {"", "too long", "no status", "no pattern",
                                                   "match limit"};
    HA_ASSERT(reason < HA_REASON_N);
    return names[reason];
}

static bool read_by_formats(struct ha_matcher *m, const struct ha_pattern_file *f, size_t index,
                            struct ha_view text, int64_t *us, int *offset)
{
    if (text.len == m->time_len && index == m->time_pattern && text.len > 0 &&
        memcmp(text.ptr, m->time_text, text.len) == 0) {
        *us = m->time_us;
        *offset = m->offset_min;
        return true;
    }
    for (size_t i = 0; i < f->time_count; i++) {
        if (!ha_timefmt_read(f->times[i], text, us, offset))
            continue;
        if (text.len <= TIME_CACHE_TEXT) {
            memcpy(m->time_text, text.ptr, text.len);
            m->time_len = text.len;
            m->time_pattern = index;
            m->time_us = *us;
            m->offset_min = *offset;
        }
        return true;
    }
    return false;
}

static bool read_time(struct ha_matcher *m, size_t index, struct ha_view text, struct ha_record *r)
{
    const struct ha_pattern_file *f = &m->set->list[index].file;
    int64_t us = 0;
    int offset = 0;
    bool read = (f->clf_time && ha_timefmt_read_clf(&m->clf, text, &us, &offset)) ||
                read_by_formats(m, f, index, text, &us, &offset);
    r->time_us = us;
    r->offset_min = (int16_t)offset;
    return read;
}

/* 1.234 units of ns nanoseconds as microseconds, rounded down; false when it is no number or too big. */
static bool read_duration(struct ha_view text, uint64_t ns, uint64_t *us)
{
    const char *point = text.len > 0 ? memchr(text.ptr, '.', text.len) : NULL;
    struct ha_view whole = {text.ptr, point == NULL ? text.len : (size_t)(point - text.ptr)};
    uint64_t n = 0;
    if (!ha_view_u64(whole, &n) || n > UINT64_MAX / 2 / ns)
        return false;
    n *= ns;
    uint64_t scale = ns;
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

/* Several groups called duration are parts of one sum, and a part that is no number leaves none. */
static bool add_duration(struct ha_record *r, struct ha_view text, uint64_t unit_ns)
{
    uint64_t us = 0;
    if (!read_duration(text, unit_ns, &us))
        return false;
    r->duration_us += us;
    r->has_duration = true;
    return true;
}

static void read_client(struct ha_record *r, struct ha_view text)
{
    const char *comma = text.len > 0 ? memchr(text.ptr, ',', text.len) : NULL;
    if (comma != NULL) {
        r->clients = text;
        text.len = (size_t)(comma - text.ptr);
    }
    ha_put(r, HA_FIELD_CLIENT, text);
}

static int16_t read_status(struct ha_view text)
{
    uint64_t n = 0;
    return ha_view_u64(text, &n) && n <= 999 ? (int16_t)n : HA_NO_STATUS;
}

static void fill(struct ha_matcher *m, size_t index, const struct ha_compiled *c,
                 struct ha_record *r)
{
    unsigned count = 0;
    const size_t *offsets = ha_scratch_offsets(m->scratch, &count);
    bool whole = true; /* every part of the duration could be read */
    for (size_t i = 0; i < c->slot_count; i++) {
        const struct ha_slot *slot = &c->slots[i];
        if (slot->group >= count || offsets[2 * slot->group] == HA_REGEX_UNSET)
            continue;
        size_t start = offsets[2 * slot->group], end = offsets[2 * slot->group + 1];
        struct ha_view text = {r->line.ptr + start, end - start};
        switch ((enum ha_field_kind)slot->kind) {
        case HA_KIND_REQUEST: ha_split_request(r, text); break;
        case HA_KIND_STATUS: r->status = read_status(text); break;
        case HA_KIND_BYTES:
            r->has_bytes = ha_view_u64(text, &r->body_bytes) || ha_view_is(text, "-");
            break;
        case HA_KIND_TIME: r->has_time = read_time(m, index, text, r); break;
        case HA_KIND_DURATION:
            whole &= add_duration(r, text, m->set->list[index].file.duration_ns);
            break;
        case HA_KIND_TEXT:
            if (slot->field == HA_FIELD_CLIENT)
                read_client(r, text);
            else if (slot->field == HA_FIELD_METHOD)
                ha_set_method(r, text);
            else
                ha_put(r, (enum ha_field)slot->field, text);
            break;
        }
    }
    r->has_duration &= whole;
}

static bool try_pattern(struct ha_matcher *m, size_t index, struct ha_record *r)
{
    const struct ha_compiled *c = ha_pattern_compiled(m->set, index, NULL);
    if (c == NULL)
        return false;
    enum ha_regex_result result = ha_regex_match(c->regex, m->scratch, r->line);
    m->hit_limit |= result == HA_REGEX_LIMIT;
    if (result != HA_REGEX_MATCH)
        return false;
    fill(m, index, c, r);
    r->pattern = (uint16_t)index;
    r->verdict = ha_pattern_is_salvage(m->set, index) ? HA_SALVAGED : HA_MATCHED;
    if (r->verdict == HA_MATCHED)
        m->last = index;
    return true;
}

/* What may stand beside a number that is a column of its own. */
static bool delimits(char c)
{
    return c == ' ' || c == '\t' || c == '"' || c == ',' || c == '|' || c == '=' || c == ';';
}

/* Three digits that stand alone and could be a status. */
static bool mentions_status(struct ha_view v)
{
    for (size_t i = 0, run = 0; i <= v.len; i++) {
        if (i < v.len && (unsigned char)(v.ptr[i] - '0') <= 9) {
            run++;
            continue;
        }
        if (run == 3 && v.ptr[i - 3] >= '1' && v.ptr[i - 3] <= '5' &&
            (i == 3 || delimits(v.ptr[i - 4])) && (i == v.len || delimits(v.ptr[i])))
            return true;
        run = 0;
    }
    return false;
}

static bool is_blank(struct ha_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] != ' ' && v.ptr[i] != '\t')
            return false;
    return true;
}

/* Fields a former line left behind must not be seen; views are guarded by the bits of has. */
static void clear(struct ha_record *r)
{
    r->has = 0;
    r->pattern = 0;
    r->reason = HA_REASON_NONE;
    r->has_time = r->has_bytes = r->has_duration = false;
    r->status = HA_NO_STATUS;
    r->method = HA_NO_METHOD;
    r->offset_min = 0;
    r->time_us = 0;
    r->body_bytes = r->duration_us = 0;
    r->clients = (struct ha_view){NULL, 0};
}

void ha_match(struct ha_matcher *m, struct ha_record *r)
{
    clear(r);
    struct ha_patterns *set = m->set;
    if (r->line.len == 0 || (r->line.ptr[0] <= ' ' && is_blank(r->line))) {
        r->verdict = HA_BLANK;
        return;
    }
    if (r->line.ptr[0] == '#') {
        r->verdict = HA_DIRECTIVE;
        return;
    }
    m->hit_limit = false;
    size_t first = set->ordered ? 0 : m->last;
    if (first < set->count && try_pattern(m, first, r))
        return;
    for (size_t i = 0; i < set->count; i++)
        if (i != first && try_pattern(m, i, r))
            return;
    r->verdict = HA_UNMATCHED;
    r->reason = m->hit_limit                ? HA_REASON_MATCH_LIMIT
                : mentions_status(r->line) ? HA_REASON_NO_PATTERN
                                           : HA_REASON_NO_STATUS;
}
