/* match.c - one line against the patterns. PCRE2 defines what a line means; JSON and W3C logs,
 * which describe themselves, are read by keys. */
#include <string.h>

#include "parse/families.h"
#include "parse/fast.h"
#include "parse/json_log.h"
#include "parse/log_zone.h"
#include "parse/pattern.h"
#include "parse/prefix.h"
#include "parse/request.h"
#include "parse/timefmt.h"
#include "parse/values.h"
#include "parse/w3c.h"

enum { TIME_CACHE_TEXT = 40, ARENA_MOST = 16 << 20, PREFIXES = 3, WRAPS = 3, INNER_LINES = 8 };

struct ha_matcher {
    struct ha_patterns *set;
    struct ha_scratch *scratch;
    size_t last;    /* the pattern that matched last; never one of the salvage tier, which reads
                     * what others read better */
    bool failed;    /* memory ran out: a line may have been taken for unmatched */
    bool hit_limit; /* while one line is tried */
    size_t lines;   /* patterns before those of the salvage tier */
    struct ha_families families;
    struct ha_json *json;            /* NULL: no family reads JSON */
    enum ha_json_state json_state;   /* of the line that is tried, once it was read */
    bool json_read, json_has_status; /* the latter: some family saw one */
    struct ha_directives directives;
    struct ha_columns columns;
    struct ha_arena arena; /* texts of the batch that are not part of their lines */
    bool batched;          /* its end is told by ha_matcher_begin_batch */
    struct ha_clf_clock clf;
    struct ha_zone_clock zone;
    struct ha_fast fast;
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
    m->zone.zone = set->zone;
    m->arena.most = ARENA_MOST;
    while (m->lines < set->count && !ha_pattern_is_salvage(set, m->lines))
        m->lines++;
    m->fast = ha_fast_for(set);
    enum ha_err err = ha_scratch_new(set->limits.match_limit, &m->scratch);
    if (err == HA_OK)
        err = ha_families_find(set, &m->families);
    if (err == HA_OK && m->families.json_count > 0)
        err = ha_json_new(m->families.json_keys, m->families.json_count, &m->json);
    if (err != HA_OK)
        ha_matcher_free(out);
    return err;
}

void ha_matcher_free(struct ha_matcher **m)
{
    if (*m == NULL)
        return;
    ha_scratch_free(&(*m)->scratch);
    ha_families_free(&(*m)->families);
    ha_json_free(&(*m)->json);
    ha_arena_free(&(*m)->arena);
    ha_free(*m);
    *m = NULL;
}

void ha_matcher_begin_batch(struct ha_matcher *m)
{
    m->batched = true;
    ha_arena_reset(&m->arena);
}

/* Which family reads the lines that the directives lead. */
static void follow_directives(struct ha_matcher *m)
{
    m->columns.count = 0;
    for (size_t i = 0; i < m->families.columns_count && m->columns.count == 0; i++) {
        size_t index = m->families.columns[i];
        if (ha_columns_read(&m->columns, &m->directives, m->set->list[index].file.keys))
            m->columns.pattern = index;
    }
}

static bool same_directives(const struct ha_directives *a, const struct ha_directives *b)
{
    return a->fields_len == b->fields_len && a->software_len == b->software_len &&
           a->has_day == b->has_day && a->day_us == b->day_us &&
           memcmp(a->fields, b->fields, a->fields_len) == 0 &&
           memcmp(a->software, b->software, a->software_len) == 0;
}

void ha_matcher_directives(struct ha_matcher *m, const struct ha_directives *d)
{
    static const struct ha_directives none = {0};
    if (d == NULL)
        d = &none;
    if (same_directives(&m->directives, d))
        return;
    m->directives = *d;
    follow_directives(m);
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

/* Several groups called duration are parts of one sum, and a part that is no number leaves none. */
static bool add_duration(struct ha_record *r, struct ha_view text, uint64_t unit_ns)
{
    uint64_t us = 0;
    if (!ha_read_span(text, unit_ns, &us))
        return false;
    r->duration_us += us;
    r->has_duration = true;
    return true;
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
        case HA_KIND_REQUEST:
            ha_split_request(r, text);
            break;
        case HA_KIND_STATUS:
            r->status = ha_read_status(text);
            ha_put(r, HA_FIELD_STATUS, text);
            break;
        case HA_KIND_BYTES:
            r->has_bytes = ha_view_u64(text, &r->body_bytes) || ha_view_is(text, "-");
            break;
        case HA_KIND_TIME:
            r->has_time = read_time(m, index, text, r);
            break;
        case HA_KIND_DURATION:
            whole &= add_duration(r, text, m->set->list[index].file.duration_ns);
            break;
        case HA_KIND_TEXT:
            if (slot->field == HA_FIELD_CLIENT)
                ha_put_client(r, text, false);
            else
                ha_put_text(r, (enum ha_field)slot->field, text);
            break;
        }
    }
    r->has_duration &= whole;
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
    r->has_time = r->has_bytes = r->has_duration = r->plain_request = false;
    r->status = HA_NO_STATUS;
    r->method = HA_NO_METHOD;
    r->offset_min = 0;
    r->time_us = 0;
    r->body_bytes = r->duration_us = 0;
    r->clients = (struct ha_view){NULL, 0};
}

static bool claim(struct ha_matcher *m, size_t index, struct ha_record *r)
{
    ha_zone_settle(&m->zone, r);
    r->pattern = (uint16_t)index;
    r->verdict = ha_pattern_is_salvage(m->set, index) ? HA_SALVAGED : HA_MATCHED;
    return true;
}

static bool try_regex(struct ha_matcher *m, size_t index, struct ha_record *r)
{
    const struct ha_compiled *c = ha_pattern_compiled(m->set, index, NULL);
    m->failed |= c == NULL; /* it compiled when the set was read: only memory can be short */
    if (c == NULL || c->regex == NULL)
        return false;
    enum ha_regex_result result = ha_regex_match(c->regex, m->scratch, r->line);
    m->hit_limit |= result == HA_REGEX_LIMIT;
    if (result != HA_REGEX_MATCH)
        return false;
    fill(m, index, c, r);
    if (ha_has(r, HA_FIELD_QUERY) && !ha_join_query(r, &m->arena)) {
        clear(r);
        return false;
    }
    claim(m, index, r);
    if (r->verdict == HA_MATCHED)
        m->last = index;
    return true;
}

/* Reads the line as an object unless that was done. */
static bool is_object(struct ha_matcher *m, const struct ha_record *r)
{
    if (!m->json_read)
        m->json_state = ha_json_read(m->json, r->line);
    m->json_read = true;
    return m->json_state != HA_JSON_NONE;
}

/* family: its index among those that read JSON; the object meets its needs. */
static bool try_json(struct ha_matcher *m, size_t family, struct ha_record *r)
{
    enum ha_json_fit fit = ha_json_fill(m->json, family, &m->arena, r);
    m->json_has_status |= fit != HA_JSON_NO_FIT;
    if (fit != HA_JSON_FIT) {
        clear(r);
        return false;
    }
    claim(m, m->families.json[family], r);
    if (m->json_state == HA_JSON_REPAIRED)
        r->verdict = HA_SALVAGED;
    return true;
}

static bool try_columns(struct ha_matcher *m, struct ha_record *r)
{
    if (m->columns.count == 0)
        return false;
    if (ha_columns_fill(&m->columns, &m->arena, r))
        return claim(m, m->columns.pattern, r);
    clear(r);
    return false;
}

static bool try_any(struct ha_matcher *m, size_t index, struct ha_record *r)
{
    const struct ha_keys *keys = m->set->list[index].file.keys;
    if (keys == NULL)
        return try_regex(m, index, r);
    if (keys->columns || !is_object(m, r))
        return false;
    size_t family = 0;
    while (m->families.json[family] != index)
        family++;
    return ha_json_meets(m->json, family) && try_json(m, family, r);
}

/* The whole of r->line by the patterns before the salvage tier. What the log says of itself goes
 * first; then, unless the user gave an order, the pattern that matched last. */
static bool match_whole(struct ha_matcher *m, struct ha_record *r)
{
    m->json_read = false;
    m->json_state = HA_JSON_NONE;
    if (try_columns(m, r))
        return true;
    if (m->set->ordered) {
        for (size_t i = 0; i < m->lines; i++)
            if (try_any(m, i, r))
                return true;
        return false;
    }
    if (m->json != NULL && ha_json_begins(r->line) && is_object(m, r)) {
        size_t count = m->families.json_count;
        for (size_t f = ha_json_next(m->json, 0); f < count; f = ha_json_next(m->json, f + 1))
            if (try_json(m, f, r))
                return true;
        return false; /* no expression of ours reads an object */
    }
    if (m->last < m->lines && try_regex(m, m->last, r))
        return true;
    for (size_t i = 0; i < m->lines; i++)
        if (i != m->last && try_regex(m, i, r))
            return true;
    return false;
}

static bool match_salvage(struct ha_matcher *m, struct ha_record *r)
{
    for (size_t i = m->lines; i < m->set->count; i++)
        if (try_any(m, i, r))
            return true;
    return false;
}

/* A line that came inside of another: it counts as salvaged, and where it has no time of its
 * own, the time of what it came in is taken. */
static void came_inside(struct ha_matcher *m, struct ha_record *r, bool has_time, int64_t time_us,
                        int offset_min)
{
    r->verdict = HA_SALVAGED;
    if (r->has_time || !has_time)
        return;
    r->has_time = true;
    r->time_us = time_us;
    r->offset_min = (int16_t)offset_min;
    ha_zone_settle(&m->zone, r);
}

static bool match_wrapped(struct ha_matcher *m, struct ha_record *r, int depth);

/* What is behind a prefix of syslog or a container runtime; only with a salvage tier. */
static bool match_prefixed(struct ha_matcher *m, struct ha_record *r, int depth)
{
    struct ha_view whole = r->line;
    struct ha_prefix one, timed = {0};
    bool matched = false;
    if (m->lines == m->set->count)
        return false;
    for (int i = 0; i < PREFIXES && !matched && ha_prefix_find(r->line, &one); i++) {
        r->line = (struct ha_view){r->line.ptr + one.len, r->line.len - one.len};
        if (one.has_time)
            timed = one;
        matched = match_whole(m, r) || match_wrapped(m, r, depth);
    }
    r->line = whole;
    if (matched)
        came_inside(m, r, timed.has_time, timed.time_us, timed.offset_min);
    return matched;
}

/* A line that is a text within a JSON object, as container runtimes and log shippers pass it on.
 * To be called when match_whole has read the object. */
static bool match_wrapped(struct ha_matcher *m, struct ha_record *r, int depth)
{
    struct ha_view whole = r->line, inner[INNER_LINES];
    struct ha_record outer = {.has_time = false};
    size_t count = 0;
    if (m->json_state == HA_JSON_NONE || depth == WRAPS)
        return false;
    size_t families = m->families.json_count;
    for (size_t f = ha_json_next(m->json, 0); f < families && count == 0;
         f = ha_json_next(m->json, f + 1))
        count = ha_json_inner(m->json, f, &m->arena, inner, INNER_LINES, &outer);
    ha_zone_settle(&m->zone, &outer);
    bool matched = false;
    for (size_t i = 0; i < count && !matched; i++) {
        r->line = inner[i];
        matched = match_whole(m, r) || match_wrapped(m, r, depth + 1) ||
                  match_prefixed(m, r, depth + 1) || match_salvage(m, r);
    }
    r->line = whole;
    if (matched)
        came_inside(m, r, outer.has_time, outer.time_us, outer.offset_min);
    return matched;
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

static enum ha_reason reason_of(const struct ha_matcher *m, struct ha_view line, bool object)
{
    if (m->hit_limit)
        return HA_REASON_MATCH_LIMIT;
    bool status = object ? m->json_has_status : mentions_status(line);
    return status ? HA_REASON_NO_PATTERN : HA_REASON_NO_STATUS;
}

void ha_match(struct ha_matcher *m, struct ha_record *r)
{
    clear(r);
    if (r->line.len == 0 || (r->line.ptr[0] <= ' ' && is_blank(r->line))) {
        r->verdict = HA_BLANK;
        return;
    }
    if (ha_is_directive(r->line)) {
        r->verdict = HA_DIRECTIVE;
        if (ha_directives_line(&m->directives, r->line))
            follow_directives(m);
        return;
    }
    if (!m->batched)
        ha_arena_reset(&m->arena);
    m->hit_limit = m->json_has_status = false;
    /* Before an object's brace no prefix is certain. */
    bool prefixed = r->line.ptr[0] != '{' && ha_prefix_certain(r->line);
    if ((prefixed && match_prefixed(m, r, 0)) || match_whole(m, r))
        return;
    bool object = m->json_state != HA_JSON_NONE;
    if (match_wrapped(m, r, 0) || (!prefixed && match_prefixed(m, r, 0)) || match_salvage(m, r))
        return;
    r->verdict = HA_UNMATCHED;
    r->reason = (uint8_t)reason_of(m, r->line, object);
}

bool ha_matcher_ok(const struct ha_matcher *m)
{
    return !m->failed && !m->arena.failed && (m->json == NULL || ha_json_ok(m->json));
}

bool ha_match_marked(struct ha_matcher *m, const struct ha_marked_line *line, struct ha_record *r)
{
    if (m->columns.count > 0 || !ha_fast_line(&m->fast, line, &m->clf, r))
        return false;
    m->last = r->pattern;
    return true;
}

size_t ha_match_ahead(struct ha_matcher *m, struct ha_marks *marks, size_t most, uint64_t number,
                      struct ha_record *records)
{
    if (m->columns.count > 0)
        return 0;
    size_t read = ha_fast_ahead(&m->fast, marks, most, number, &m->clf, records);
    if (read > 0)
        m->last = records[read - 1].pattern;
    return read;
}

void ha_matcher_see_plain(struct ha_matcher *m)
{
    m->fast.plain = true;
}
