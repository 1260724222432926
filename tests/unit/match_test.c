/* match_test.c - lines against the built-in patterns: verdicts, reasons, fields, and hostile
 * lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/pattern.h"
#include "matcher_fixture.h"

#define HEAD "203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "

static void lines_get_their_verdicts(void **state)
{
    static const struct {
        const char *line;
        enum ha_verdict verdict;
        enum ha_reason reason;
        int status;
    } cases[] = {
        {"", HA_BLANK, HA_REASON_NONE, -1},
        {" \t ", HA_BLANK, HA_REASON_NONE, -1},
        {"#Version: 1.0", HA_DIRECTIVE, HA_REASON_NONE, -1},
        {HEAD "\"GET / HTTP/1.1\" 200 5", HA_MATCHED, HA_REASON_NONE, 200},
        {HEAD "\"GET / HTTP/1.1\" 000 5", HA_MATCHED, HA_REASON_NONE, 0},
        {HEAD "\"GET / HTTP/1.1\" - 5", HA_MATCHED, HA_REASON_NONE, -1},
        {"  " HEAD "\"GET / HTTP/1.1\" 404 5", HA_SALVAGED, HA_REASON_NONE, 404},
        {HEAD "\"GET /\"x\" HTTP/1.1\" 500 5 \"-\" \"cut", HA_SALVAGED, HA_REASON_NONE, 500},
        {HEAD "\"GET / HTTP/1.1\" 2000 5", HA_UNMATCHED, HA_REASON_NO_STATUS, -1},
        {HEAD "\"GET / HTTP/1.1\" 200", HA_MATCHED, HA_REASON_NONE, 200},
        {HEAD "\"GET / HTTP/1.1\" 200 took long", HA_UNMATCHED, HA_REASON_NO_PATTERN, -1},
        {"hello, world", HA_UNMATCHED, HA_REASON_NO_STATUS, -1},
        {"\"200\" 300 \"400\"", HA_UNMATCHED, HA_REASON_NO_PATTERN, -1},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_record r = match(*state, ha_view_of(cases[i].line));
        if (r.verdict != cases[i].verdict || r.reason != cases[i].reason ||
            r.status != cases[i].status)
            fail_msg("%s: %d %s %d", cases[i].line, r.verdict, ha_reason_name(r.reason), r.status);
    }
}

static void fields_and_numbers_are_read(void **state)
{
    struct ha_record r = match(
        *state, HA_VIEW_LIT("198.51.100.1, 192.0.2.7 - amy [24/Nov/2026:10:00:01 +0100] "
                            "\"PUT /a?b=c HTTP/2.0\" 201 18446744073709551615 \"-\" \"ua\\\"x\""));
    assert_int_equal(r.verdict, HA_MATCHED);
    assert_true(ha_view_is(ha_get(&r, HA_FIELD_CLIENT), "198.51.100.1"));
    assert_true(ha_view_is(r.clients, "198.51.100.1, 192.0.2.7"));
    assert_true(ha_view_is(ha_get(&r, HA_FIELD_USER), "amy"));
    assert_true(ha_view_is(ha_get(&r, HA_FIELD_TARGET), "/a?b=c"));
    assert_true(ha_view_is(ha_get(&r, HA_FIELD_AGENT), "ua\\\"x"));
    assert_true(r.has_bytes && r.body_bytes == UINT64_MAX);
    assert_true(r.has_time);
    assert_int_equal(r.offset_min, 60);
    char text[HA_TIME_TEXT];
    ha_time_text(r.time_us, r.offset_min, text);
    assert_string_equal(text, "2026-11-24T10:00:01+01:00");
    assert_false(ha_has(&r, HA_FIELD_HOST));
    assert_false(r.has_duration);
    /* A time that cannot be one and a size that no counter holds leave the line matched without
     * them. */
    r = match(*state, HA_VIEW_LIT("192.0.2.1 - - [31/Feb/2026:10:00:00 +0000] \"GET / HTTP/1.1\" "
                                  "200 18446744073709551616"));
    assert_int_equal(r.verdict, HA_MATCHED);
    assert_false(r.has_time);
    assert_false(r.has_bytes);
    assert_true(r.body_bytes == 0);
}

static void bytes_are_data(void **state)
{
    struct ha_record r =
        match(*state, HA_VIEW_LIT(HEAD "\"GET /\0\xff\x80 HTTP/1.1\" 200 5 \"\x01\" \"\n\""));
    assert_int_equal(r.verdict, HA_MATCHED);
    assert_true(ha_view_eq(ha_get(&r, HA_FIELD_TARGET), HA_VIEW_LIT("/\0\xff\x80")));
}

static void the_last_pattern_does_not_change_the_claim(void **state)
{
    struct fixture *f = *state;
    static const char *const lines[] = {
        HEAD "\"GET / HTTP/1.1\" 200 5", HEAD "\"GET / HTTP/1.1\" 200 5 \"-\" \"ua\"",
        HEAD "\"GET / HTTP/1.1\" 200 5 \"-\" \"ua\" \"192.0.2.1\"",
        HEAD "\"GET / HTTP/1.1\" 200 5 0.001", "example.org:80 " HEAD "\"GET / HTTP/1.1\" 200 5"};
    for (size_t a = 0; a < HA_COUNT(lines); a++) {
        struct ha_record first = match(f, ha_view_of(lines[a]));
        for (size_t b = 0; b < HA_COUNT(lines); b++) {
            match(f, ha_view_of(lines[b]));
            assert_int_equal(match(f, ha_view_of(lines[a])).pattern, first.pattern);
        }
    }
}

static void a_pattern_that_backtracks_hits_its_limit(void **state)
{
    (void)state;
    char path[] = "/tmp/match_test.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    assert_true(fputs("name slow\nregex (?<client>(a*)*)*b(?<status>200)\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct fixture f = {0};
    struct ha_problem p;
    assert_int_equal(ha_patterns_empty(&limits, &f.set), HA_OK);
    assert_int_equal(ha_patterns_add(f.set, path, &p), HA_OK);
    assert_int_equal(ha_matcher_new(f.set, &f.matcher), HA_OK);
    char line[64];
    memset(line, 'a', sizeof line);
    memcpy(line + 60, "c200", 4);
    struct ha_record r = match(&f, (struct ha_view){line, sizeof line});
    assert_int_equal(r.verdict, HA_UNMATCHED);
    assert_int_equal(r.reason, HA_REASON_MATCH_LIMIT);
    void *as_state = &f;
    stop(&as_state);
    unlink(path);
}

/* Lines of one repeated byte or pair, up to the longest a run takes: no pattern may need more than
 * its match limit, whatever the bytes. */
static void no_line_makes_a_pattern_slow(void **state)
{
    static const char *const seeds[] = {"a",
                                        "\"",
                                        "\\",
                                        "[",
                                        " ",
                                        "-",
                                        "\" 200 5 ",
                                        "a ",
                                        "\\\"",
                                        ", ",
                                        "[24/Nov/2026:10:00:00 +0000] ",
                                        "{",
                                        "1.",
                                        ":",
                                        "\t"};
    enum { LEN = 200000 };
    char *line = malloc(LEN + 200);
    assert_non_null(line);
    for (size_t i = 0; i < HA_COUNT(seeds); i++) {
        for (int tail = 0; tail < 3; tail++) {
            size_t len = 0, seed = strlen(seeds[i]);
            if (tail > 0) {
                memcpy(line, HEAD "\"GET ", sizeof HEAD + 4);
                len = sizeof HEAD + 4;
            }
            while (len + seed <= LEN) {
                memcpy(line + len, seeds[i], seed);
                len += seed;
            }
            if (tail == 2) {
                memcpy(line + len, "\" 200 5 \"-\" \"u", 14);
                len += 14;
            }
            struct ha_record r = match(*state, (struct ha_view){line, len});
            assert_true(r.verdict == HA_UNMATCHED || r.verdict == HA_MATCHED ||
                        r.verdict == HA_SALVAGED || r.verdict == HA_BLANK);
            if (tail < 2 && r.verdict == HA_UNMATCHED && r.reason == HA_REASON_MATCH_LIMIT)
                fail_msg("seed %zu, tail %d", i, tail);
        }
    }
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_get_their_verdicts),
        cmocka_unit_test(fields_and_numbers_are_read),
        cmocka_unit_test(bytes_are_data),
        cmocka_unit_test(the_last_pattern_does_not_change_the_claim),
        cmocka_unit_test(a_pattern_that_backtracks_hits_its_limit),
        cmocka_unit_test(no_line_makes_a_pattern_slow),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
