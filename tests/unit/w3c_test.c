/* w3c_test.c - logs led by #Fields: directives, families, columns, times, and mutated lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "httpannotate/pattern.h"
#include "matcher_fixture.h"

static void direct(struct fixture *f, const char *line)
{
    struct ha_record r = match_text(f, line);
    assert_int_equal(r.verdict, HA_DIRECTIVE);
}

static struct ha_record matched(struct fixture *f, const char *line, const char *pattern)
{
    struct ha_record r = match_text(f, line);
    if (r.verdict != HA_MATCHED || strcmp(ha_pattern_name(f->set, r.pattern), pattern) != 0)
        fail_msg("%s: %d %s", line, r.verdict, ha_pattern_name(f->set, r.pattern));
    return r;
}

static void assert_field(const struct ha_record *r, enum ha_field f, const char *want)
{
    struct ha_view got = ha_get(r, f);
    if (!ha_view_is(got, want))
        fail_msg("field %d is \"%.*s\", not \"%s\"", f, (int)got.len, got.len ? got.ptr : "", want);
}

#define TEN_OCLOCK INT64_C(1795514400000000)

static void fields_lead_and_change(void **state)
{
    struct fixture *f = *state;
    ha_matcher_directives(f->matcher, NULL);
    assert_int_equal(match_text(f, "2026-11-24 10:00:00 192.0.2.9 GET /a 404").verdict,
                     HA_UNMATCHED);
    direct(f, "#Fields: date time c-ip cs-method cs-uri-stem sc-status");
    struct ha_record r = matched(f, "2026-11-24 10:00:00 192.0.2.9 GET /a 404", "w3c");
    assert_int_equal(r.status, 404);
    assert_true(r.has_time);
    assert_int_equal(r.time_us, TEN_OCLOCK);
    assert_field(&r, HA_FIELD_METHOD, "GET");
    direct(f, "#Fields: time cs-method cs-uri-stem sc-status sc-bytes");
    assert_int_equal(match_text(f, "2026-11-24 10:00:00 192.0.2.9 GET /a 404").verdict,
                     HA_UNMATCHED);
    r = matched(f, "10:00:01 POST /b 500 99", "w3c");
    assert_false(r.has_time); /* of which day? */
    assert_int_equal(r.body_bytes, 99);
    direct(f, "#Date: 2026-11-24 00:00:00");
    r = matched(f, "10:00:01.5 POST /b 500 99", "w3c");
    assert_int_equal(r.time_us, TEN_OCLOCK + 1500000);
    direct(f, "#Remark: anything");
    matched(f, "10:00:01 POST /b 500 99", "w3c");
    /* A source of its own has directives of its own. */
    ha_matcher_directives(f->matcher, NULL);
    assert_int_equal(match_text(f, "10:00:01 POST /b 500 99").verdict, HA_UNMATCHED);
}

static void the_unit_of_time_taken_is_the_writers(void **state)
{
    static const struct {
        const char *software, *more, *line, *pattern;
        uint64_t us;
    } cases[] = {
        {"#Software: ", "", "GET / 200 2", "w3c", 2000000},
        {"#Software: Microsoft Internet Information Services 10.0", "", "GET / 200 2", "w3c_iis",
         2000},
        {"#Software: ", " sc-win32-status", "GET / 200 2 0", "w3c_iis", 2000},
        {"#Software: SGOS 7.3", "", "GET / 200 2", "w3c_proxysg", 2000},
        {"#Software: ", " x-edge-location", "GET / 200 0.002 FRA", "w3c_cloudfront", 2000},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        char fields[200];
        ha_matcher_directives(f->matcher, NULL);
        direct(f, cases[i].software);
        snprintf(fields, sizeof fields, "#Fields: cs-method cs-uri-stem sc-status time-taken%s",
                 cases[i].more);
        direct(f, fields);
        struct ha_record r = matched(f, cases[i].line, cases[i].pattern);
        assert_true(r.has_duration);
        assert_int_equal(r.duration_us, cases[i].us);
    }
}

static void columns_are_split_as_the_writers_do(void **state)
{
    struct fixture *f = *state;
    ha_matcher_directives(f->matcher, NULL);
    direct(f,
           "#fields:\tc-ip  cs-method cs-uri-stem cs-uri-query sc-status\tcs(User-Agent) x-mine");
    struct ha_record r =
        matched(f, "192.0.2.9  GET /a b=c 404 \"an \"\"agent\"\" of mine\" -", "w3c");
    assert_field(&r, HA_FIELD_AGENT, "an \"\"agent\"\" of mine");
    assert_field(&r, HA_FIELD_TARGET, "/a?b=c");
    r = matched(f, "192.0.2.9\tGET\t/a b\t-\t404\tan agent\t", "w3c");
    assert_field(&r, HA_FIELD_AGENT, "an agent");
    assert_field(&r, HA_FIELD_TARGET, "/a b");
    r = matched(f, "192.0.2.9 GET /a b=c 404 \"evil -", "w3c"); /* the client's own quote */
    assert_field(&r, HA_FIELD_AGENT, "\"evil");
    r = matched(f, "[2001:db8::1]:443 GET /a - 404 - -", "w3c");
    assert_field(&r, HA_FIELD_CLIENT, "2001:db8::1");
    assert_false(ha_has(&r, HA_FIELD_AGENT));
    static const char *const not [] = {
        "192.0.2.9 GET /a b=c 404 \"cut short -", "192.0.2.9 GET /a b=c fine ua -",
        "192.0.2.9 GET /a b=c 4040 ua -",         "192.0.2.9 GET /a b=c 404 ua",
        "192.0.2.9 GET /a b=c 404 ua - -",        "in all there are seven words here"};
    for (size_t i = 0; i < HA_COUNT(not ); i++)
        assert_int_equal(match_text(f, not [i]).verdict, HA_UNMATCHED);
}

static void other_formats_are_still_read(void **state)
{
    struct fixture *f = *state;
    ha_matcher_directives(f->matcher, NULL);
    direct(f, "#Fields: date time c-ip cs-method cs-uri-stem sc-status");
    matched(f, "203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5", "common");
    matched(f, "2026-11-24 10:00:00 192.0.2.9 GET /a 404", "w3c");
}

static void logs_without_a_status_are_not_read(void **state)
{
    struct fixture *f = *state;
    ha_matcher_directives(f->matcher, NULL);
    direct(f, "#Fields: date time action protocol src-ip dst-ip src-port dst-port size");
    assert_int_equal(
        match_text(f, "2026-11-24 10:00:00 ALLOW TCP 192.0.2.9 192.0.2.1 80 404 500").verdict,
        HA_UNMATCHED);
    direct(f, "#Fields: cs-method cs-uri-stem sc-status x-session"); /* an FTP server's */
    assert_int_equal(match_text(f, "USER anonymous 331 3b2f").verdict, HA_UNMATCHED);
    direct(f, "#Fields: c-ip cs-method cs-uri-stem sc-status");
    assert_int_equal(match_text(f, "192.0.2.9 - - -").verdict, HA_UNMATCHED);
    matched(f, "192.0.2.9 GET / -", "w3c");
    direct(f, "#Fields: sc-status");
    assert_int_equal(match_text(f, "404").verdict, HA_UNMATCHED);
}

static void too_much_is_not_followed(void **state)
{
    struct fixture *f = *state;
    static char line[HA_DIRECTIVE_FIELDS + 64] = "#Fields: cs-method cs-uri-stem sc-status";
    ha_matcher_directives(f->matcher, NULL);
    direct(f, line);
    matched(f, "GET / 200", "w3c");
    size_t at = strlen(line);
    memset(line + at, ' ', 4);
    memset(line + at + 4, 'x', sizeof line - at - 5);
    direct(f, line);
    assert_int_equal(match_text(f, "GET / 200").verdict, HA_UNMATCHED);
    assert_int_equal(match_text(f, "GET / 200 x").verdict, HA_UNMATCHED);
    /* More columns than are followed. */
    char many[1000] = "#Fields: cs-method cs-uri-stem sc-status";
    for (at = strlen(many); at < 900; at += 2)
        memcpy(many + at, " a", 3);
    direct(f, many);
    assert_int_equal(match_text(f, "GET / 200 x").verdict, HA_UNMATCHED);
}

/* A block read alone, led by what stood before it, gives what it gives in its place. */
static void a_scan_gives_what_matching_gives(void **state)
{
    static const char *const lines[] = {
        "#Software: Microsoft IIS",
        "#Fields: date time cs-method cs-uri-stem sc-status time-taken",
        "2026-11-24 10:00:00 GET /# 200 3",
        "2026-11-24 10:00:00 GET /b 404 3",
        "#Date: 2026-11-24 10:00:00",
        "#Fields: time cs-method cs-uri-stem sc-status",
        "10:00:00 GET /c 500",
        "#x",
        "10:00:01 GET /d 503",
        "#Fields:",
        "10:00:02 GET /e 500",
    };
    struct fixture *f = *state;
    struct ha_record want[HA_COUNT(lines)];
    ha_matcher_directives(f->matcher, NULL);
    for (size_t i = 0; i < HA_COUNT(lines); i++)
        want[i] = match_text(f, lines[i]);
    assert_int_equal(want[2].duration_us, 3000);
    assert_int_equal(want[8].status, 503);
    assert_int_equal(want[10].verdict, HA_UNMATCHED);
    for (size_t cut = 0; cut <= HA_COUNT(lines); cut++) {
        char before[1000] = "";
        size_t len = 0;
        for (size_t i = 0; i < cut; i++)
            len += (size_t)snprintf(before + len, sizeof before - len, "%s\r\n", lines[i]);
        struct ha_directives d = {0};
        ha_directives_scan(&d, (struct ha_view){before, len});
        ha_matcher_directives(f->matcher, &d);
        for (size_t i = cut; i < HA_COUNT(lines); i++) {
            struct ha_record got = match_text(f, lines[i]);
            assert_int_equal(got.verdict, want[i].verdict);
            assert_int_equal(got.status, want[i].status);
            assert_int_equal(got.time_us, want[i].time_us);
        }
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void mutated_lines_do_no_harm(void **state)
{
    static const char *const seeds[] = {
        "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status time-taken x",
        "2026-11-24 10:00:00 192.0.2.9 GET /a b=c 404 12 \"ua\"",
        "#Date: 2026-11-24 10:00:00",
        "2026-11-24\t10:00:00\t192.0.2.9\tGET\t/a\t-\t404\t12\tua",
    };
    static const char alphabet[] = " \t\"#:-.0123456789aZ\r\x01\xFF";
    struct fixture *f = *state;
    uint32_t random = 24112026;
    size_t matches = 0;
    for (int i = 0; i < 20000; i++) {
        const char *seed = seeds[next_random(&random) % HA_COUNT(seeds)];
        size_t len = strlen(seed);
        char *line = malloc(len);
        assert_non_null(line);
        memcpy(line, seed, len);
        for (uint32_t n = next_random(&random) % 3; n > 0; n--)
            line[next_random(&random) % len] =
                alphabet[next_random(&random) % (sizeof alphabet - 1)];
        struct ha_record r = {.line = {line, len}};
        ha_match(f->matcher, &r);
        matches += r.verdict == HA_MATCHED;
        size_t sum = 0;
        for (int k = 0; k < HA_FIELD_N; k++)
            for (size_t b = 0; ha_has(&r, (enum ha_field)k) && b < r.field[k].len; b++)
                sum += (unsigned char)r.field[k].ptr[b];
        assert_true(sum < 100000);
        struct ha_directives d = {0};
        ha_directives_scan(&d, r.line);
        free(line);
    }
    assert_true(matches > 1000);
    ha_matcher_directives(f->matcher, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_lead_and_change),
        cmocka_unit_test(the_unit_of_time_taken_is_the_writers),
        cmocka_unit_test(columns_are_split_as_the_writers_do),
        cmocka_unit_test(other_formats_are_still_read),
        cmocka_unit_test(logs_without_a_status_are_not_read),
        cmocka_unit_test(too_much_is_not_followed),
        cmocka_unit_test(a_scan_gives_what_matching_gives),
        cmocka_unit_test(mutated_lines_do_no_harm),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
