/* log_fuzz.c - any bytes as a log of several lines: records of a batch live together, and a block
 * that is read alone, led by the directives before it, gives what it gives in its place. */
#include <string.h>

#include "fuzz.h"
#include "httpannotate/pattern.h"

enum { LINES = 64 };

static struct ha_patterns *patterns;
static struct ha_matcher *whole, *part;

static void set_up(void)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_problem p;
    HA_ASSERT(ha_patterns_builtin(&limits, &patterns, &p) == HA_OK);
    HA_ASSERT(ha_matcher_new(patterns, &whole) == HA_OK);
    HA_ASSERT(ha_matcher_new(patterns, &part) == HA_OK);
}

static size_t match_all(struct ha_matcher *m, struct ha_view log, struct ha_record *records)
{
    size_t count = 0;
    ha_matcher_begin_batch(m);
    while (log.len > 0 && count < LINES) {
        const char *end = memchr(log.ptr, '\n', log.len);
        size_t len = end == NULL ? log.len : (size_t)(end - log.ptr);
        records[count].line = (struct ha_view){log.ptr, len};
        ha_match(m, &records[count++]);
        len += end != NULL;
        log = (struct ha_view){log.ptr + len, log.len - len};
    }
    return count;
}

static void same(const struct ha_record *a, const struct ha_record *b)
{
    HA_ASSERT(a->verdict == b->verdict && a->reason == b->reason && a->status == b->status);
    HA_ASSERT(a->has == b->has && a->has_time == b->has_time && a->time_us == b->time_us);
    HA_ASSERT(a->pattern == b->pattern && a->method == b->method);
    HA_ASSERT(a->has_bytes == b->has_bytes && a->body_bytes == b->body_bytes);
    HA_ASSERT(a->has_duration == b->has_duration && a->duration_us == b->duration_us);
    for (unsigned f = 0; f < HA_FIELD_N; f++)
        HA_ASSERT(!ha_has(a, (enum ha_field)f) || ha_view_eq(a->field[f], b->field[f]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ha_record all[LINES], rest[LINES];
    if (patterns == NULL)
        set_up();
    char *copy = fuzz_copy(data, size);
    struct ha_view log = {copy, size};
    ha_matcher_directives(whole, NULL);
    size_t count = match_all(whole, log, all);
    for (size_t first = 0; first < count; first++) {
        size_t before = (size_t)(all[first].line.ptr - copy);
        struct ha_directives d = {0};
        ha_directives_scan(&d, (struct ha_view){copy, before});
        ha_matcher_directives(part, &d);
        size_t got = match_all(part, (struct ha_view){copy + before, size - before}, rest);
        for (size_t i = 0; i < got && first + i < count; i++)
            same(&all[first + i], &rest[i]);
        if (first > 4)
            break; /* a few starts are enough */
    }
    ha_free(copy);
    return 0;
}
