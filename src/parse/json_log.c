/* json_log.c - a line that is one JSON object, through jansson. */
#include "parse/json_log.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "parse/json_repair.h"
#include "parse/pattern.h"
#include "parse/request.h"
#include "parse/timefmt.h"
#include "parse/values.h"

/* The values of one line take at most this much: a line of brackets alone would make a hundred
 * times its size of them. A text as long as the longest line fits. */
enum { VALUES_MOST = 6 << 20, REPAIRED_KEPT = 1 << 18 };

struct ha_json {
    struct ha_arena values; /* jansson's, of one line */
    struct ha_buf repaired;
    json_t *root; /* lives in values; NULL: none was read */
    bool failed;  /* memory ran out */
};

/* jansson takes its memory from the arena of the line that is being read: nothing is given back
 * one by one, and hostile lines meet the arena's limit. Outside of a reading it has the
 * program's allocator. */
static _Thread_local struct ha_arena *in_use;

static void *take(size_t size)
{
    return in_use != NULL ? ha_arena_take(in_use, size) : ha_alloc(size);
}

static void give_back(void *p)
{
    if (in_use == NULL)
        ha_free(p);
}

static void prepare(void)
{
    json_set_alloc_funcs(take, give_back);
    json_object_seed(0);
}

enum ha_err ha_json_new(struct ha_json **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
    struct ha_json *j = ha_calloc(1, sizeof *j);
    *out = j;
    if (j == NULL)
        return HA_ERR_MEMORY;
    j->values.most = VALUES_MOST;
    return HA_OK;
}

void ha_json_free(struct ha_json **j)
{
    if (*j == NULL)
        return;
    ha_arena_free(&(*j)->values);
    ha_buf_free(&(*j)->repaired);
    ha_free(*j);
    *j = NULL;
}

bool ha_json_ok(const struct ha_json *j)
{
    return !j->failed && !j->values.failed;
}

bool ha_json_begins(struct ha_view v)
{
    size_t at = 0;
    while (at < v.len && (v.ptr[at] == ' ' || v.ptr[at] == '\t'))
        at++;
    return at < v.len && v.ptr[at] == '{';
}

static bool parse(struct ha_json *j, struct ha_view text, size_t flags)
{
    json_error_t error;
    ha_arena_reset(&j->values);
    in_use = &j->values;
    j->root =
        json_loadb(text.ptr, text.len, flags | JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, &error);
    in_use = NULL;
    if (!json_is_object(j->root)) {
        j->root = NULL;
        return false;
    }
    for (size_t i = (size_t)error.position; i < text.len; i++)
        if (text.ptr[i] != ' ' && text.ptr[i] != '\t' && text.ptr[i] != ',' && text.ptr[i] != '\r')
            return j->root = NULL, false;
    return true;
}

enum ha_json_state ha_json_read(struct ha_json *j, struct ha_view line)
{
    j->root = NULL;
    if (!ha_json_begins(line))
        return HA_JSON_NONE;
    if (parse(j, line, 0))
        return HA_JSON_OBJECT;
    if (j->repaired.cap > REPAIRED_KEPT)
        ha_buf_free(&j->repaired);
    ha_buf_clear(&j->repaired);
    bool repaired = ha_json_repair(line, &j->repaired);
    j->failed |= !repaired;
    if (!repaired ||
        !parse(j, (struct ha_view){j->repaired.ptr, j->repaired.len}, JSON_DECODE_INT_AS_REAL))
        return HA_JSON_NONE;
    return HA_JSON_REPAIRED;
}

static const json_t *find(const json_t *root, const struct ha_path *path)
{
    const json_t *v = root;
    for (size_t i = 0; v != NULL && i < path->count; i++)
        v = path->step[i].name != NULL ? json_object_get(v, path->step[i].name)
                                       : json_array_get(v, path->step[i].index);
    return v;
}

/* One family's reading of the object. */
struct filling {
    struct ha_arena *batch;
    struct ha_record *r;
    struct ha_view clock; /* a time of day that waits for its date */
    int64_t day_us;
    uint32_t done;      /* bit f: field f has been read */
    bool has_day, full; /* full: no room in the arena */
};

static struct ha_view string_of(const json_t *v)
{
    return (struct ha_view){json_string_value(v), json_string_length(v)};
}

static bool is_absent(struct ha_view text)
{
    return text.len == 0 || ha_view_is(text, "-");
}

/* A number or string as text in the batch's arena; a NULL pointer for other values. */
static struct ha_view kept_text(struct filling *f, const json_t *v)
{
    char space[40];
    struct ha_view text = {space, 0};
    if (json_is_string(v))
        text = string_of(v);
    else if (json_is_integer(v))
        text.len =
            (size_t)snprintf(space, sizeof space, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_real(v))
        text.len = (size_t)snprintf(space, sizeof space, "%.15g", json_real_value(v));
    else
        return (struct ha_view){NULL, 0};
    struct ha_view copy = ha_arena_copy(f->batch, text);
    f->full |= copy.ptr == NULL;
    return copy;
}

static bool whole_number(const json_t *v, uint64_t *n)
{
    double real = json_is_real(v) ? json_real_value(v) : -1;
    if (json_is_integer(v) && json_integer_value(v) >= 0)
        return *n = (uint64_t)json_integer_value(v), true;
    if (real >= 0 && real < 9e15 && real == floor(real))
        return *n = (uint64_t)real, true;
    return json_is_string(v) && ha_view_u64(string_of(v), n);
}

static bool fill_status(struct ha_record *r, const json_t *v)
{
    uint64_t n = 0;
    if (!whole_number(v, &n) || n > 999)
        return false;
    r->status = (int16_t)n;
    return true;
}

static bool fill_bytes(struct ha_record *r, const json_t *v)
{
    r->has_bytes =
        whole_number(v, &r->body_bytes) || (json_is_string(v) && ha_view_is(string_of(v), "-"));
    return r->has_bytes;
}

static bool fill_duration(struct ha_record *r, const json_t *v, uint64_t unit_ns)
{
    if (json_is_string(v))
        return r->has_duration = ha_read_span(string_of(v), unit_ns, &r->duration_us);
    double ns = json_number_value(v) * (double)unit_ns;
    if (!json_is_number(v) || unit_ns == 0 || !(ns >= 0) || ns > 9e18)
        return false;
    r->duration_us = (uint64_t)llround(ns) / 1000;
    return r->has_duration = true;
}

static bool fill_time(struct filling *f, const json_t *v)
{
    int64_t us = 0;
    int offset = 0;
    if (json_is_number(v)) {
        if (!ha_read_epoch(json_number_value(v), &us))
            return false;
    } else if (!json_is_string(v)) {
        return false;
    } else if (!ha_read_any_time(string_of(v), &us, &offset)) {
        if (!ha_read_clock(string_of(v), &us))
            return false;
        f->clock = string_of(v);
        return true;
    }
    f->r->time_us = us;
    f->r->offset_min = (int16_t)offset;
    return f->r->has_time = true;
}

/* A request line; or a path alone, as a much copied LogFormat for Apache names it. */
static bool fill_request(struct filling *f, const json_t *v)
{
    struct ha_view text = kept_text(f, v);
    if (text.ptr == NULL || !json_is_string(v))
        return false;
    if (text.len > 0 && text.ptr[0] == '/' && memchr(text.ptr, ' ', text.len) == NULL)
        ha_put(f->r, HA_FIELD_TARGET, text);
    else
        ha_split_request(f->r, text);
    return true;
}

static bool fill_text(struct filling *f, enum ha_field field, const json_t *v)
{
    if (json_is_array(v))
        v = json_array_get(v, 0);
    if (v == NULL || (json_is_string(v) && is_absent(string_of(v))))
        return false;
    if (field == HA_FIELD_DATE)
        return f->has_day = json_is_string(v) && ha_read_day(string_of(v), &f->day_us);
    struct ha_view text = kept_text(f, v);
    if (text.ptr == NULL)
        return false;
    if (field == HA_FIELD_CLIENT)
        ha_put_client(f->r, text, true);
    else
        ha_put_text(f->r, field, text);
    return field != HA_FIELD_METHOD || ha_has(f->r, HA_FIELD_METHOD);
}

static bool fill_key(struct filling *f, const struct ha_key *key, const json_t *v)
{
    switch ((enum ha_field_kind)key->kind) {
    case HA_KIND_STATUS:
        return fill_status(f->r, v);
    case HA_KIND_BYTES:
        return fill_bytes(f->r, v);
    case HA_KIND_DURATION:
        return fill_duration(f->r, v, key->unit_ns);
    case HA_KIND_TIME:
        return fill_time(f, v);
    case HA_KIND_REQUEST:
        return fill_request(f, v);
    case HA_KIND_TEXT:
        return fill_text(f, (enum ha_field)key->field, v);
    }
    return false;
}

/* The keys of the status, or all others. Of several for one field the first that gives it does. */
static void fill_keys(struct filling *f, const json_t *root, const struct ha_keys *keys,
                      bool status)
{
    for (size_t i = 0; i < keys->key_count && !f->full; i++) {
        const struct ha_key *key = &keys->key[i];
        if ((key->kind == HA_KIND_STATUS) != status || (f->done >> key->field & 1u) != 0)
            continue;
        const json_t *v = find(root, &key->path);
        if (v != NULL && !json_is_null(v) && fill_key(f, key, v))
            f->done |= UINT32_C(1) << key->field;
    }
}

static bool has_needs(const json_t *root, const struct ha_keys *keys)
{
    for (size_t i = 0; i < keys->need_count; i++) {
        bool any = false;
        for (size_t w = 0; w < keys->need[i].count && !any; w++)
            any = find(root, &keys->need[i].way[w]) != NULL;
        if (!any)
            return false;
    }
    return true;
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
static bool tells_of_a_test(const json_t *root)
{
    static const char *const keys[] = {"test",     "tests",  "testName", "test_name",  "testcase",
                                       "passed",   "expect", "expected", "assertions", "suite",
                                       "scenario", "spec",   "attack",   "iteration"};
    for (size_t i = 0; i < HA_COUNT(keys); i++)
        if (json_object_get(root, keys[i]) != NULL)
            return true;
    return false;
}

/* Who asked is what only the server of a request tells. A path will do where nothing speaks against
 * it; a whole URL is as likely in a client's account. */
static bool is_served(const struct ha_record *r, const json_t *root)
{
    static const enum ha_field who[] = {HA_FIELD_CLIENT, HA_FIELD_AGENT, HA_FIELD_FORWARDED,
                                        HA_FIELD_REFERER};
    for (size_t i = 0; i < HA_COUNT(who); i++)
        if (ha_has(r, who[i]))
            return true;
    struct ha_view target = ha_get(r, HA_FIELD_TARGET);
    return (target.ptr[0] == '/' || target.ptr[0] == '*') && !tells_of_a_test(root);
}

/* False for a format whose lines tell of responses alone (Fastify's). */
static bool names_a_request(const struct ha_keys *keys)
{
    for (size_t i = 0; i < keys->key_count; i++)
        if (keys->key[i].field == HA_FIELD_TARGET || keys->key[i].field == HA_FIELD_REQUEST)
            return true;
    return false;
}

/* A target or a request line (MinIO tells no method); by names of anyone's choice only what is
 * plainly HTTP, and plainly served. */
static bool is_request(const struct ha_record *r, const json_t *root, const struct ha_keys *keys)
{
    if (keys->need_count > 0)
        return ha_has(r, HA_FIELD_TARGET) || ha_has(r, HA_FIELD_REQUEST) || !names_a_request(keys);
    return ha_has(r, HA_FIELD_METHOD) && ha_has(r, HA_FIELD_TARGET) && r->method >= 0 &&
           r->status >= 100 && r->status <= 599 &&
           ha_is_target(ha_get(r, HA_FIELD_TARGET), ha_get(r, HA_FIELD_METHOD)) &&
           is_served(r, root);
}

enum ha_json_fit ha_json_fill(struct ha_json *j, const struct ha_keys *keys, struct ha_arena *batch,
                              struct ha_record *r)
{
    if (j->root == NULL || !has_needs(j->root, keys))
        return HA_JSON_NO_FIT;
    struct filling f = {.batch = batch, .r = r};
    fill_keys(&f, j->root, keys, true); /* most objects have none: they are done with here */
    if (r->status == HA_NO_STATUS)
        return HA_JSON_NO_FIT;
    fill_keys(&f, j->root, keys, false);
    if (f.full)
        return HA_JSON_NO_FIT;
    join_date_and_clock(&f);
    drop_method_of_target(r);
    if (!is_request(r, j->root, keys) || !ha_join_query(r, batch))
        return HA_JSON_STATUS;
    return HA_JSON_FIT;
}

static struct ha_view without_newline(struct ha_view v)
{
    while (v.len > 0 && (v.ptr[v.len - 1] == '\n' || v.ptr[v.len - 1] == '\r'))
        v.len--;
    return v;
}

/* An object written out again, as a line of its own. */
static struct ha_view written(const json_t *v, struct ha_json *j, struct ha_arena *batch)
{
    in_use = &j->values;
    size_t len = json_dumpb(v, NULL, 0, JSON_COMPACT);
    char *to = len == 0 ? NULL : ha_arena_take(batch, len);
    if (to != NULL && json_dumpb(v, to, len, JSON_COMPACT) != len)
        to = NULL;
    in_use = NULL;
    return (struct ha_view){to, to == NULL ? 0 : len};
}

size_t ha_json_inner(struct ha_json *j, const struct ha_keys *keys, struct ha_arena *batch,
                     struct ha_view *to, size_t most, struct ha_record *when)
{
    if (j->root == NULL || keys->inner_count == 0 || !has_needs(j->root, keys))
        return 0;
    size_t count = 0;
    for (size_t i = 0; i < keys->inner_count && count < most; i++) {
        const json_t *v = find(j->root, &keys->inner[i]);
        struct ha_view text = {NULL, 0};
        if (json_is_string(v))
            text = ha_arena_copy(batch, without_newline(string_of(v)));
        else if (json_is_object(v))
            text = written(v, j, batch);
        if (text.len > 0)
            to[count++] = text;
    }
    struct filling f = {.batch = batch, .r = when}; /* the zone is settled by the caller */
    for (size_t i = 0; count > 0 && i < keys->key_count && !when->has_time; i++) {
        const json_t *v = find(j->root, &keys->key[i].path);
        if (v != NULL && keys->key[i].kind == HA_KIND_TIME)
            (void)fill_time(&f, v);
    }
    return count;
}
