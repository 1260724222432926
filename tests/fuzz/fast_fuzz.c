/* fast_fuzz.c - any bytes as lines, by their marks and by PCRE2 alone: the same records. */
#include <string.h>

#include "fuzz.h"
#include "httpannotate/pattern.h"

static struct ha_patterns *patterns;
static struct ha_matcher *fast, *slow;

static void set_up(void)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_problem p;
    HA_ASSERT(ha_patterns_builtin(&limits, &patterns, &p) == HA_OK);
    HA_ASSERT(ha_matcher_new(patterns, &fast) == HA_OK);
    HA_ASSERT(ha_matcher_new(patterns, &slow) == HA_OK);
}

static void check_same(const struct ha_record *a, const struct ha_record *b)
{
    HA_ASSERT(a->verdict == b->verdict && a->reason == b->reason && a->pattern == b->pattern);
    HA_ASSERT(a->has == b->has && a->status == b->status && a->method == b->method);
    HA_ASSERT(a->has_time == b->has_time && a->has_bytes == b->has_bytes);
    HA_ASSERT(a->has_duration == b->has_duration && a->duration_us == b->duration_us);
    HA_ASSERT(a->time_us == b->time_us && a->offset_min == b->offset_min);
    HA_ASSERT(a->body_bytes == b->body_bytes && ha_view_eq(a->clients, b->clients));
    for (unsigned f = 0; f < HA_FIELD_N; f++)
        if (ha_has(a, (enum ha_field)f))
            HA_ASSERT(ha_view_eq(a->field[f], b->field[f]));
}

/* The next line, which begins there. Returns its bytes, or 0 at the end. */
static size_t check_next(struct ha_marks *marks, const char *begins)
{
    struct ha_marked_line line;
    struct ha_record a, b;
    memset(&a, 0xA5, sizeof a);
    memset(&b, 0x5A, sizeof b);
    if (ha_match_ahead(fast, marks, 1, 1, &b) == 0) {
        if (!ha_marks_next(marks, &line))
            return 0;
        if (!ha_match_marked(fast, &line, &b)) {
            b.line = line.text;
            ha_match(fast, &b);
        }
        HA_ASSERT(b.line.len == line.text.len);
        b.ending = line.ending;
    }
    HA_ASSERT(b.line.ptr == begins && b.line.len + b.ending > 0);
    a.line = b.line;
    ha_match(slow, &a);
    check_same(&a, &b);
    return b.line.len + b.ending;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (patterns == NULL)
        set_up();
    char *copy = fuzz_copy(data, size);
    static struct ha_marks marks;
    size_t given = 0, more;
    ha_marks_begin(&marks, (struct ha_view){copy, size});
    while ((more = check_next(&marks, copy + given)) > 0)
        given += more;
    HA_ASSERT(given == size);
    ha_free(copy);
    return 0;
}
