/* json_log.c - a line that is one JSON object, and what families read of it. */
#include "parse/json_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "parse/json_families.h"
#include "parse/json_repair.h"
#include "parse/pattern.h"
#include "parse/request.h"
#include "parse/timefmt.h"
#include "parse/values.h"

enum { REPAIRED_KEPT = 1 << 18, TIME_TEXT = 40 };

struct ha_json {
    struct ha_json_families families;
    struct ha_json_text text; /* of the line that was read last */
    struct ha_buf repaired;   /* the text itself, where it was made good */
    bool is_repaired;
    bool failed; /* memory ran out */
    /* The last time that was a text: log lines come many a second. */
    char time_text[TIME_TEXT];
    size_t time_len;
    int64_t time_us;
    int offset_min;
};

enum ha_err ha_json_new(const struct ha_keys *const *families, size_t count, struct ha_json **out)
{
    struct ha_json *j = ha_calloc(1, sizeof *j);
    *out = j;
    if (j == NULL)
        return HA_ERR_MEMORY;
    ha_json_text_init(&j->text);
    enum ha_err err = ha_json_families_init(&j->families, families, count);
    if (err != HA_OK)
        ha_json_free(out);
    return err;
}

void ha_json_free(struct ha_json **j)
{
    if (*j == NULL)
        return;
    ha_json_families_free(&(*j)->families);
    ha_json_text_free(&(*j)->text);
    ha_buf_free(&(*j)->repaired);
    ha_free(*j);
    *j = NULL;
}

bool ha_json_ok(const struct ha_json *j)
{
    return !j->failed && !j->text.failed;
}

bool ha_json_begins(struct ha_view v)
{
    size_t at = 0;
    while (at < v.len && (v.ptr[at] == ' ' || v.ptr[at] == '\t'))
        at++;
    return at < v.len && v.ptr[at] == '{';
}

static bool parse(struct ha_json *j, struct ha_view text, enum ha_integers integers)
{
    size_t len = ha_json_text_read(&j->text, text, integers);
    for (size_t i = len; len > 0 && i < text.len; i++)
        if (text.ptr[i] != ' ' && text.ptr[i] != '\t' && text.ptr[i] != ',' && text.ptr[i] != '\r')
            return false;
    return len > 0;
}

enum ha_json_state ha_json_read(struct ha_json *j, struct ha_view line)
{
    if (!ha_json_begins(line))
        return HA_JSON_NONE;
    j->is_repaired = !parse(j, line, HA_INTEGERS_EXACT);
    if (j->is_repaired) {
        if (j->repaired.cap > REPAIRED_KEPT)
            ha_buf_free(&j->repaired);
        ha_buf_clear(&j->repaired);
        bool repaired = ha_json_repair(line, &j->repaired);
        j->failed |= !repaired;
        if (!repaired ||
            !parse(j, (struct ha_view){j->repaired.ptr, j->repaired.len}, HA_INTEGERS_AS_REALS))
            return HA_JSON_NONE;
    }
    ha_json_families_see(&j->families, &j->text);
    return j->is_repaired ? HA_JSON_REPAIRED : HA_JSON_OBJECT;
}

bool ha_json_meets(const struct ha_json *j, size_t family)
{
    return ha_json_family_meets(&j->families, family);
}

size_t ha_json_next(const struct ha_json *j, size_t from)
{
    return ha_json_family_next(&j->families, from);
}

/* One family's reading of the object. */
struct filling {
    struct ha_json *j;
    const struct ha_json_family *family;
    struct ha_arena *batch;
    struct ha_record *r;
    struct ha_view clock; /* a time of day that waits for its date */
    int64_t day_us;
    uint32_t done;      /* bit f: field f has been read */
    bool has_day, full; /* full: no room in the arena */
};

static const struct ha_value *value_at(const struct filling *f, uint16_t number)
{
    return ha_json_path_value(&f->j->families.paths, &f->j->text, number);
}

/* The value's text for as long as the batch lives; of what was made good a copy. */
static struct ha_view kept(struct filling *f, struct ha_view text)
{
    if (!f->j->is_repaired)
        return text;
    text = ha_arena_copy(f->batch, text);
    f->full |= text.ptr == NULL;
    return text;
}

/* A string with its escapes undone; empty where there is no room for it. */
static struct ha_view string_of(struct filling *f, const struct ha_value *v)
{
    struct ha_view text = ha_value_text(v);
    if (!v->escaped)
        return kept(f, text);
    char *to = ha_arena_take(f->batch, text.len);
    f->full |= to == NULL;
    return (struct ha_view){to, to == NULL ? 0 : ha_json_unescape(text, to)};
}

static bool is_string(const struct ha_value *v)
{
    return v->kind == HA_VALUE_STRING;
}

/* A number or string as text; a NULL pointer for other values. */
static struct ha_view text_of(struct filling *f, const struct ha_value *v)
{
    if (is_string(v))
        return string_of(f, v);
    if (v->kind == HA_VALUE_INTEGER) {
        struct ha_view text = ha_value_text(v);
        return ha_view_is(text, "-0") ? HA_VIEW_LIT("0") : kept(f, text);
    }
    if (v->kind != HA_VALUE_REAL)
        return (struct ha_view){NULL, 0};
    char space[40];
    struct ha_view text = {space,
                           (size_t)snprintf(space, sizeof space, "%.15g", ha_value_number(v))};
    text = ha_arena_copy(f->batch, text);
    f->full |= text.ptr == NULL;
    return text;
}

static bool whole_number(struct filling *f, const struct ha_value *v, uint64_t *n)
{
    if (is_string(v))
        return ha_view_u64(string_of(f, v), n);
    if (v->kind == HA_VALUE_INTEGER && ha_view_u64(ha_value_text(v), n))
        return true;
    double real = ha_value_is_number(v) ? ha_value_number(v) : -1;
    if (!(real >= 0 && real < 9e15 && real == floor(real)))
        return false;
    *n = (uint64_t)real;
    return true;
}

static bool fill_status(struct filling *f, const struct ha_value *v)
{
    uint64_t n = 0;
    if (!whole_number(f, v, &n) || n > 999)
        return false;
    f->r->status = (int16_t)n;
    return true;
}

static bool fill_bytes(struct filling *f, const struct ha_value *v)
{
    struct ha_record *r = f->r;
    r->has_bytes =
        whole_number(f, v, &r->body_bytes) || (is_string(v) && ha_view_is(string_of(f, v), "-"));
    return r->has_bytes;
}

static bool fill_duration(struct filling *f, const struct ha_value *v, uint64_t unit_ns)
{
    struct ha_record *r = f->r;
    if (is_string(v))
        return r->has_duration = ha_read_span(string_of(f, v), unit_ns, &r->duration_us);
    if (!ha_value_is_number(v) || unit_ns == 0)
        return false;
    double ns = ha_value_number(v) * (double)unit_ns;
    if (!(ns >= 0) || ns > 9e18)
        return false;
    r->duration_us = (uint64_t)llround(ns) / 1000;
    return r->has_duration = true;
}

static bool read_time(struct ha_json *j, struct ha_view text, int64_t *us, int *offset)
{
    if (text.len == 0 || text.len != j->time_len || memcmp(text.ptr, j->time_text, text.len) != 0) {
        if (!ha_read_any_time(text, &j->time_us, &j->offset_min)) {
            j->time_len = 0;
            return false;
        }
        j->time_len = text.len <= TIME_TEXT ? text.len : 0;
        memcpy(j->time_text, text.ptr, j->time_len);
    }
    *us = j->time_us;
    *offset = j->offset_min;
    return true;
}

static bool fill_time(struct filling *f, const struct ha_value *v)
{
    int64_t us = 0;
    int offset = 0;
    if (ha_value_is_number(v)) {
        if (!ha_read_epoch(ha_value_number(v), &us))
            return false;
    } else if (!is_string(v)) {
        return false;
    } else {
        struct ha_view text = string_of(f, v);
        if (!read_time(f->j, text, &us, &offset)) {
            if (!ha_read_clock(text, &us))
                return false;
            f->clock = text;
            return true;
        }
    }
    f->r->time_us = us;
    f->r->offset_min = (int16_t)offset;
    return f->r->has_time = true;
}

/* A request line; or a path alone, as a much copied LogFormat for Apache names it. */
static bool fill_request(struct filling *f, const struct ha_value *v)
{
    if (!is_string(v))
        return false;
    struct ha_view text = string_of(f, v);
    if (f->full)
        return false;
    if (text.len > 0 && text.ptr[0] == '/' && memchr(text.ptr, ' ', text.len) == NULL)
        ha_put(f->r, HA_FIELD_TARGET, text);
    else
        ha_split_request(f->r, text);
    return true;
}

static bool fill_text(struct filling *f, enum ha_field field, const struct ha_value *v)
{
    if (v->kind == HA_VALUE_ARRAY) { /* its first element */
        const struct ha_value *first = v + 1;
        if (v->next == (uint32_t)(first - f->j->text.value))
            return false;
        v = first;
    }
    struct ha_view text = text_of(f, v);
    if (text.ptr == NULL || (is_string(v) && ha_is_none(text)))
        return false;
    if (field == HA_FIELD_DATE)
        return f->has_day = is_string(v) && ha_read_day(text, &f->day_us);
    if (field == HA_FIELD_CLIENT)
        ha_put_client(f->r, text, true);
    else
        ha_put_text(f->r, field, text);
    return field != HA_FIELD_METHOD || ha_has(f->r, HA_FIELD_METHOD);
}

static bool fill_key(struct filling *f, const struct ha_json_key *key, const struct ha_value *v)
{
    switch ((enum ha_field_kind)key->kind) {
    case HA_KIND_STATUS:
        return fill_status(f, v);
    case HA_KIND_BYTES:
        return fill_bytes(f, v);
    case HA_KIND_DURATION:
        return fill_duration(f, v, key->unit_ns);
    case HA_KIND_TIME:
        return fill_time(f, v);
    case HA_KIND_REQUEST:
        return fill_request(f, v);
    case HA_KIND_TEXT:
        return fill_text(f, (enum ha_field)key->field, v);
    }
    return false;
}

/* Of the keys that the object has, those from one on to another. Of several for one field the first
 * that gives it does. */
static void fill_keys(struct filling *f, size_t from, size_t to)
{
    for (size_t i = from; i < to && !f->full; i++) {
        const struct ha_json_key *key = &f->family->key[f->family->has[i]];
        const struct ha_value *v = value_at(f, key->number);
        if (v->kind == HA_VALUE_NULL || (f->done >> key->field & 1u) != 0)
            continue;
        if (fill_key(f, key, v))
            f->done |= UINT32_C(1) << key->field;
    }
}

static void join_date_and_clock(struct filling *f)
{
    int64_t since_midnight = 0;
    if (f->r->has_time || !f->has_day || !ha_read_clock(f->clock, &since_midnight))
        return;
    f->r->time_us = f->day_us + since_midnight;
    f->r->offset_min = HA_NO_ZONE;
    f->r->has_time = true;
}

/* "GET /pets", as a gateway names a route: the method is told already. */
static void drop_method_of_target(struct ha_record *r)
{
    struct ha_view target = ha_get(r, HA_FIELD_TARGET), method = ha_get(r, HA_FIELD_METHOD);
    size_t len = method.len;
    if (len > 0 && target.len > len + 1 && target.ptr[len] == ' ' &&
        memcmp(target.ptr, method.ptr, len) == 0)
        ha_put(r, HA_FIELD_TARGET, (struct ha_view){target.ptr + len + 1, target.len - len - 1});
}

/* Test runners and load generators write what they asked for in the same names. */
static bool tells_of_a_test(const struct ha_json_text *object)
{
    static const char *const keys[] = {"test",     "tests",  "testName", "test_name",  "testcase",
                                       "passed",   "expect", "expected", "assertions", "suite",
                                       "scenario", "spec",   "attack",   "iteration"};
    for (size_t at = 1; at < object->count; at = object->value[at].next) {
        const struct ha_value *v = &object->value[at];
        for (size_t i = 0; i < HA_COUNT(keys); i++)
            if (ha_view_is((struct ha_view){v->key, v->key_len}, keys[i]))
                return true;
    }
    return false;
}

/* Who asked is what only the server of a request tells. A path will do where nothing speaks against
 * it; a whole URL is as likely in a client's account. */
static bool is_served(const struct ha_record *r, const struct ha_json_text *object)
{
    static const enum ha_field who[] = {HA_FIELD_CLIENT, HA_FIELD_AGENT, HA_FIELD_FORWARDED,
                                        HA_FIELD_REFERER};
    for (size_t i = 0; i < HA_COUNT(who); i++)
        if (ha_has(r, who[i]))
            return true;
    struct ha_view target = ha_get(r, HA_FIELD_TARGET);
    return (target.ptr[0] == '/' || target.ptr[0] == '*') && !tells_of_a_test(object);
}

/* A target or a request line (MinIO tells no method); by names of anyone's choice only what is
 * plainly HTTP, and plainly served. */
static bool is_request(const struct filling *f)
{
    const struct ha_record *r = f->r;
    if (f->family->keys->need_count > 0)
        return ha_has(r, HA_FIELD_TARGET) || ha_has(r, HA_FIELD_REQUEST) ||
               !f->family->names_a_request;
    return ha_has(r, HA_FIELD_METHOD) && ha_has(r, HA_FIELD_TARGET) && r->method >= 0 &&
           r->status >= 100 && r->status <= 599 &&
           ha_is_target(ha_get(r, HA_FIELD_TARGET), ha_get(r, HA_FIELD_METHOD)) &&
           is_served(r, &f->j->text);
}

enum ha_json_fit ha_json_fill(struct ha_json *j, size_t family, struct ha_arena *batch,
                              struct ha_record *r)
{
    struct filling f = {.j = j, .family = &j->families.family[family], .batch = batch, .r = r};
    ha_json_family_keys(&j->families, &j->families.family[family]);
    fill_keys(&f, 0, f.family->has_status); /* most objects have none: they are done with here */
    if (r->status == HA_NO_STATUS)
        return HA_JSON_NO_FIT;
    fill_keys(&f, f.family->has_status, f.family->has_count);
    if (f.full)
        return HA_JSON_NO_FIT;
    join_date_and_clock(&f);
    drop_method_of_target(r);
    if (!is_request(&f) || !ha_join_query(r, batch))
        return HA_JSON_STATUS;
    return HA_JSON_FIT;
}

static struct ha_view without_newline(struct ha_view v)
{
    while (v.len > 0 && (v.ptr[v.len - 1] == '\n' || v.ptr[v.len - 1] == '\r'))
        v.len--;
    return v;
}

size_t ha_json_inner(struct ha_json *j, size_t family, struct ha_arena *batch, struct ha_view *to,
                     size_t most, struct ha_record *when)
{
    /* The zone is settled by the caller. */
    struct filling f = {.j = j, .family = &j->families.family[family], .batch = batch, .r = when};
    const struct ha_keys *keys = f.family->keys;
    size_t count = 0;
    for (size_t i = 0; i < keys->inner_count && count < most; i++) {
        const struct ha_value *v = value_at(&f, f.family->inner[i]);
        struct ha_view text = {NULL, 0};
        if (v != NULL && is_string(v))
            text = without_newline(string_of(&f, v));
        else if (v != NULL && v->kind == HA_VALUE_OBJECT)
            text = kept(&f, ha_value_text(v));
        if (text.len > 0)
            to[count++] = text;
    }
    for (size_t i = 0; count > 0 && i < keys->key_count && !when->has_time; i++) {
        const struct ha_value *v = value_at(&f, f.family->key[i].number);
        if (v != NULL && f.family->key[i].kind == HA_KIND_TIME)
            (void)fill_time(&f, v);
    }
    return count;
}
