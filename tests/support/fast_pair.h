/* fast_pair.h - the fast way held against PCRE2, line by line, for fast_test.c. */
#ifndef HTTPANNOTATE_TESTS_FAST_PAIR_H
#define HTTPANNOTATE_TESTS_FAST_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "httpannotate/pattern.h"

enum { PATTERNS_MOST = 8, MOST_AHEAD = 64 };

/* A set of patterns with two matchers: one that may take the fast way, one that never does. */
struct pair {
    const char *patterns[PATTERNS_MOST]; /* none: those built in, in their own order */
    struct ha_patterns *set;
    struct ha_matcher *fast, *slow;
};

/* A view of the line must be the same one; a text of its own must read the same. */
static bool same_view(struct ha_view a, struct ha_view b, struct ha_view line)
{
    bool within = a.ptr >= line.ptr && a.ptr <= line.ptr + line.len;
    return ha_view_eq(a, b) && (!within || a.ptr == b.ptr);
}

static const char *difference(const struct ha_record *a, const struct ha_record *b)
{
    if (a->verdict != b->verdict)
        return "verdict";
    if (a->reason != b->reason)
        return "reason";
    if (a->pattern != b->pattern)
        return "pattern";
    if (a->has != b->has)
        return "which fields";
    if (a->verdict == HA_BLANK || a->verdict == HA_DIRECTIVE)
        return NULL;
    for (unsigned f = 0; f < HA_FIELD_N; f++)
        if (ha_has(a, (enum ha_field)f) && !same_view(a->field[f], b->field[f], a->line))
            return "a field";
    if (a->clients.ptr != b->clients.ptr && !ha_view_eq(a->clients, b->clients))
        return "clients";
    if (a->has_time != b->has_time || a->time_us != b->time_us || a->offset_min != b->offset_min)
        return "time";
    if (a->has_bytes != b->has_bytes || a->body_bytes != b->body_bytes)
        return "bytes";
    if (a->has_duration != b->has_duration || a->duration_us != b->duration_us)
        return "duration";
    return a->status != b->status ? "status" : a->method != b->method ? "method" : NULL;
}

/* What plain_request says of a record that has it. */
static bool is_plain(const struct ha_record *r)
{
    static const char *const protocols[] = {"HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0"};
    struct ha_view target = ha_get(r, HA_FIELD_TARGET);
    bool plain = target.len > 0 && target.ptr[0] == '/', known = false;
    for (size_t i = 0; i < target.len; i++)
        plain &= target.ptr[i] > ' ' && target.ptr[i] < 0x7f &&
                 strchr("!\"#<=>?\\", target.ptr[i]) == NULL;
    for (size_t i = 0; i < HA_COUNT(protocols); i++)
        known |= ha_view_is(ha_get(r, HA_FIELD_PROTOCOL), protocols[i]);
    return plain && known;
}

/* What the fast way made of a line against what PCRE2 does. */
static void check(struct pair *pair, const struct ha_record *fast, struct ha_view line)
{
    struct ha_record slow;
    memset(&slow, 0x5A, sizeof slow);
    slow.line = line;
    if (fast->plain_request && !is_plain(fast))
        fail_msg("not plain: %.*s", (int)line.len, line.ptr);
    ha_match(pair->slow, &slow);
    const char *what = difference(&slow, fast);
    if (what != NULL)
        fail_msg("set of %s, kernel %s, %s (has %x, %x): PCRE2 verdict %d pattern %s, fast verdict "
                 "%d pattern %s: %.*s",
                 pair->patterns[0] == NULL ? "all" : pair->patterns[0], ha_scan_kernel(), what,
                 slow.has, fast->has, slow.verdict, ha_pattern_name(pair->set, slow.pattern),
                 fast->verdict, ha_pattern_name(pair->set, fast->pattern), (int)line.len, line.ptr);
}

/* The line that begins at *at, framed by hand, without its ending; *at becomes the next one. */
static struct ha_view frame(const char **at, const char *end, uint8_t *ending)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    size_t len = newline == NULL ? (size_t)(end - *at) : (size_t)(newline - *at);
    struct ha_view line = {*at, len};
    line.len -= newline != NULL && len > 0 && line.ptr[len - 1] == '\r';
    *ending = (uint8_t)(len - line.len + (newline != NULL));
    *at += len + (newline != NULL);
    return line;
}

static void check_place(const struct ha_record *r, struct ha_view line, uint8_t ending)
{
    assert_true(r->line.ptr == line.ptr && r->line.len == line.len);
    assert_int_equal(r->ending, ending);
}

/* A line that is not read with others: by its marks if it can be. */
static bool compare_one(struct pair *pair, struct ha_marks *marks, const char **at, const char *end)
{
    struct ha_marked_line marked;
    struct ha_record r;
    uint8_t ending;
    memset(&r, 0xA5, sizeof r); /* nothing of the line before may be seen */
    assert_true(ha_marks_next(marks, &marked));
    struct ha_view line = frame(at, end, &ending);
    assert_true(marked.text.ptr == line.ptr && marked.text.len == line.len);
    assert_int_equal(marked.ending, ending);
    bool answered = ha_match_marked(pair->fast, &marked, &r);
    if (answered) {
        check_place(&r, line, ending);
    } else {
        memset(&r, 0xA5, sizeof r);
        r.line = line;
        ha_match(pair->fast, &r);
    }
    check(pair, &r, line);
    return answered;
}

/* All lines of a block, as the worker frames them, and framed by hand; some at a time, as many as
 * `most`, which 0 leaves to be read one by one. Returns how many were answered the fast way. */
static size_t compare_by(struct pair *pair, struct ha_view block, size_t most)
{
    static struct ha_marks marks;
    static struct ha_record records[MOST_AHEAD];
    size_t answered = 0;
    const char *at = block.ptr, *end = block.ptr + block.len;
    assert_true(most <= HA_COUNT(records));
    ha_matcher_directives(pair->fast, NULL);
    ha_matcher_directives(pair->slow, NULL);
    ha_marks_begin(&marks, block);
    while (at < end) {
        memset(records, 0xA5, sizeof records);
        size_t n = most == 0 ? 0 : ha_match_ahead(pair->fast, &marks, most, answered, records);
        assert_true(n <= most);
        for (size_t i = 0; i < n; i++) {
            uint8_t ending;
            struct ha_view line = frame(&at, end, &ending);
            check_place(&records[i], line, ending);
            assert_int_equal(records[i].line_number, answered + i);
            check(pair, &records[i], line);
        }
        answered += n;
        if (n < most || most == 0)
            answered += at < end && compare_one(pair, &marks, &at, end);
    }
    struct ha_marked_line none;
    assert_false(ha_marks_next(&marks, &none));
    return answered;
}

/* The same, by one, and by as many as there are. */
static size_t compare_block(struct pair *pair, struct ha_view block)
{
    size_t answered = compare_by(pair, block, 0);
    assert_int_equal(compare_by(pair, block, 1), answered);
    assert_int_equal(compare_by(pair, block, MOST_AHEAD), answered);
    return answered;
}

#endif
