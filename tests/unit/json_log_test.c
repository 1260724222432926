/* json_log_test.c - JSON logs: families, values, wrapped lines, lines to be repaired, hostile
 * lines. */
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
#include "parse/builtin.h"
#include "parse/json_repair.h"

static void assert_field(const struct ha_record *r, enum ha_field f, const char *want)
{
    struct ha_view got = ha_get(r, f);
    if (!ha_view_is(got, want))
        fail_msg("field %d is \"%.*s\", not \"%s\"", f, (int)got.len, got.len ? got.ptr : "", want);
}

static void the_own_lines_of_every_file_hold(void **state)
{
    (void)state;
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    size_t files = 0;
    for (size_t i = 0; i < ha_builtin_pattern_count; i++) {
        if (strstr(ha_builtin_patterns[i].file, ".keys") == NULL)
            continue;
        struct ha_buf report = {0};
        struct ha_problem p;
        if (ha_pattern_check(ha_builtin_patterns[i].name, &limits, &report, &p) != HA_OK)
            fail_msg("%.*s", (int)report.len, report.ptr);
        ha_buf_free(&report);
        files++;
    }
    assert_true(files > 10);
}

static void the_family_with_more_needs_reads_the_line(void **state)
{
    static const struct {
        const char *line, *pattern;
    } cases[] = {
        {"{\"request\":{\"method\":\"GET\",\"uri\":\"/\"},\"status\":200}", "caddy_json"},
        {"{\"request\":{\"method\":\"GET\",\"uri\":\"/\"},\"response\":{\"status\":200}}",
         "kong_json"},
        {"{\"DownstreamStatus\":200,\"RequestMethod\":\"GET\",\"RequestPath\":\"/\"}",
         "traefik_json"},
        {"{\"remote_addr\":\"192.0.2.1\",\"request\":\"GET / HTTP/1.1\",\"status\":200}",
         "nginx_json"},
        {"{\"method\":\"GET\",\"path\":\"/\",\"response_code\":200,\"response_flags\":\"-\"}",
         "envoy_json"},
        {"{\"httpRequest\":{\"requestMethod\":\"GET\",\"requestUrl\":\"/\",\"status\":200}}",
         "gcp_json"},
        {"  {\"method\":\"GET\",\"path\":\"/\",\"status\":200} ", "json_any"},
    };
    struct fixture *f = *state;
    for (int round = 0; round < 2; round++) /* whatever matched before */
        for (size_t i = 0; i < HA_COUNT(cases); i++) {
            size_t n = round == 0 ? i : HA_COUNT(cases) - 1 - i;
            struct ha_record r = match_text(f, cases[n].line);
            assert_int_equal(r.verdict, HA_MATCHED);
            assert_string_equal(ha_pattern_name(f->set, r.pattern), cases[n].pattern);
        }
}

static void what_is_no_request_is_never_counted(void **state)
{
    static const struct {
        const char *line;
        enum ha_reason reason;
    } cases[] = {
        {"{\"status\": \"fine\"}", HA_REASON_NO_STATUS},
        {"{\"level\":\"error\",\"line\":404,\"message\":\"GET /\"}", HA_REASON_NO_STATUS},
        {"{\"status\":500,\"message\":\"job failed\"}", HA_REASON_NO_PATTERN},
        {"{\"method\":\"GET\",\"path\":\"/\",\"status\":42}", HA_REASON_NO_PATTERN},
        {"{\"method\":\"run\",\"path\":\"/\",\"status\":200}", HA_REASON_NO_PATTERN},
        {"{\"method\":\"GET\",\"path\":\"jobs\",\"status\":200}", HA_REASON_NO_PATTERN},
        {"{}", HA_REASON_NO_STATUS},
        {"{", HA_REASON_NO_STATUS},
        {"{\"method\":\"GET\",\"path\":\"/\",\"status\":200} and more", HA_REASON_NO_STATUS},
        {"{\"method\":\"GET\",\"path\":\"/\",\"status\":200", HA_REASON_NO_STATUS},
        {"{\"log\":\"listening on 200\\n\",\"stream\":\"stdout\"}", HA_REASON_NO_STATUS},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_record r = match_text(*state, cases[i].line);
        if (r.verdict != HA_UNMATCHED || r.reason != cases[i].reason)
            fail_msg("%s: %d %s", cases[i].line, r.verdict, ha_reason_name(r.reason));
        assert_int_equal(r.has, 0);
    }
}

static void escapes_and_nul_are_decoded(void **state)
{
    struct ha_record r =
        match_text(*state, "{\"method\":\"GET\",\"path\":\"/\\u00e9\\\"\\/\\u0000x\","
                           "\"status\":\"200\",\"user_agent\":\"a\\tb\"}");
    assert_int_equal(r.verdict, HA_MATCHED);
    struct ha_view target = ha_get(&r, HA_FIELD_TARGET);
    assert_int_equal(target.len, 7);
    assert_memory_equal(target.ptr, "/\xC3\xA9\"/\0x", 7);
    assert_field(&r, HA_FIELD_AGENT, "a\tb");
}

static void broken_json_is_repaired_and_counts_as_salvaged(void **state)
{
    struct ha_record r =
        match_text(*state, "{\"method\":\"GET\",\"path\":\"/\xFFy\",\"status\":404}");
    assert_int_equal(r.verdict, HA_SALVAGED);
    assert_int_equal(r.status, 404);
    assert_field(&r, HA_FIELD_TARGET, "/\xEF\xBF\xBDy");
    r = match_text(*state,
                   "{\"remote_addr\":\"192.0.2.1\",\"request\":\"\\x16\\x03\",\"status\":400,"
                   "\"upstream_status\":-,\"request_time\":,\"body_bytes_sent\":007}");
    assert_int_equal(r.verdict, HA_SALVAGED);
    assert_field(&r, HA_FIELD_REQUEST, "\\x16\\x03");
    assert_int_equal(r.method, HA_NO_METHOD);
    assert_int_equal(r.body_bytes, 7);
    r = match_text(
        *state, "{\"method\":\"GET\",\"path\":\"/\ta\",\"status\":200,\"x\":99999999999999999999}");
    assert_int_equal(r.verdict, HA_SALVAGED);
    assert_field(&r, HA_FIELD_TARGET, "/\ta");
}

static void repair_leaves_sound_json_alone(void **state)
{
    static const char sound[] = "{\"a\": [-1, 0.5, {\"b\": \"\\u00e9\\n\xC3\xA9\"}], \"c\":null}";
    (void)state;
    struct ha_buf out = {0};
    assert_true(ha_json_repair(ha_view_of(sound), &out));
    assert_int_equal(out.len, sizeof sound - 1);
    assert_memory_equal(out.ptr, sound, out.len);
    ha_buf_free(&out);
}

static void lines_within_objects_are_read(void **state)
{
    struct fixture *f = *state;
    struct ha_record r =
        match_text(f, "{\"log\":\"192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] "
                      "\\\"GET /\\\\\\\"q HTTP/1.1\\\" 503 5\\n\",\"stream\":\"stdout\","
                      "\"time\":\"2026-11-24T10:00:09Z\"}");
    assert_int_equal(r.verdict, HA_SALVAGED);
    assert_string_equal(ha_pattern_name(f->set, r.pattern), "common");
    assert_int_equal(r.status, 503);
    assert_field(&r, HA_FIELD_TARGET, "/\\\"q");
    assert_int_equal(r.line.ptr[0], '{'); /* the line is the whole line */
    assert_int_equal(r.time_us % 60000000, 0);
    /* Twice wrapped, an object in a text in a text; the time comes from outside. */
    r = match_text(f, "{\"message\":\"{\\\"log\\\":\\\"{\\\\\\\"method\\\\\\\":\\\\\\\"GET\\\\\\\","
                      "\\\\\\\"path\\\\\\\":\\\\\\\"/x\\\\\\\",\\\\\\\"status\\\\\\\":201}\\\"}\","
                      "\"@timestamp\":\"2026-11-24T10:00:00Z\"}");
    assert_int_equal(r.verdict, HA_SALVAGED);
    assert_int_equal(r.status, 201);
    assert_true(r.has_time);
    assert_int_equal(r.time_us, INT64_C(1795514400000000));
}

static void numbers_are_times_by_their_size(void **state)
{
    static const struct {
        const char *number;
        int64_t us;
    } cases[] = {
        {"1795514400", 1795514400000000},
        {"99999999999", 99999999999000000},
        {"100000000000", 100000000000000},
        {"1795514400.25", 1795514400250000},
        {"1795514400250", 1795514400250000},
        {"1795514400250000", 1795514400250000},
        {"1795514400250000000", 1795514400250000},
        {"1.79551440025e9", 1795514400250000},
        {"12", 0},
        {"-1795514400", 0},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        char line[128];
        snprintf(line, sizeof line,
                 "{\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"time\":%s}", cases[i].number);
        struct ha_record r = match_text(*state, line);
        assert_int_equal(r.verdict, HA_MATCHED);
        assert_int_equal(r.has_time, cases[i].us != 0);
        assert_int_equal(r.time_us, cases[i].us);
    }
}

static void each_time_is_read(void **state)
{
    for (int i = 0; i < 40; i++) {
        char line[128];
        int second = i / 2 % 3; /* each twice: the second time is as the first */
        snprintf(line, sizeof line,
                 "{\"method\":\"GET\",\"path\":\"/\",\"status\":200,"
                 "\"time\":\"2026-11-24T10:00:0%dZ\"}",
                 second);
        struct ha_record r = match_text(*state, line);
        assert_true(r.has_time);
        assert_int_equal(r.offset_min, 0);
        assert_int_equal(r.time_us, INT64_C(1795514400000000) + second * INT64_C(1000000));
    }
}

static void texts_of_a_batch_live_until_it_ends(void **state)
{
    struct fixture *f = *state;
    struct ha_matcher *m = NULL;
    struct ha_record r[64];
    char lines[64][96];
    assert_int_equal(ha_matcher_new(f->set, &m), HA_OK);
    for (int batch = 0; batch < 3; batch++) {
        ha_matcher_begin_batch(m);
        for (int i = 0; i < 64; i++) {
            int n = snprintf(lines[i], sizeof lines[i],
                             "{\"method\":\"GET\",\"path\":\"/%s%d/%d\",\"status\":200%s}",
                             i % 2 == 0 ? "\\u0041" : "A", batch, i,
                             i % 3 == 0 ? ",\"x\":\"\xFF\"" : ""); /* to be made good */
            r[i].line = (struct ha_view){lines[i], (size_t)n};
            ha_match(m, &r[i]);
        }
        for (int i = 0; i < 64; i++) {
            char want[32];
            snprintf(want, sizeof want, "/A%d/%d", batch, i);
            assert_field(&r[i], HA_FIELD_TARGET, want);
        }
    }
    ha_matcher_free(&m);
}

/* Brackets alone make values of a hundred times their size: the limit on values ends it. */
static void hostile_lines_stay_within_bounds(void **state)
{
    size_t size = 1 << 20;
    char *line = malloc(size);
    assert_non_null(line);
    static const char *const fillers[] = {"[",       "{},", "[],", "\"\\u0000",
                                          "{\"a\":", "1,",  "\\",  "\xFF"};
    for (size_t i = 0; i < HA_COUNT(fillers); i++) {
        size_t len = strlen(fillers[i]);
        memcpy(line, "{\"a\":[", 6);
        for (size_t at = 6; at < size; at++)
            line[at] = fillers[i][(at - 6) % len];
        struct ha_record r = match(*state, (struct ha_view){line, size});
        assert_int_equal(r.verdict, HA_UNMATCHED);
    }
    /* Sound JSON, but its values would take a hundred megabytes. */
    static const char tail[] = "{}],\"method\":\"GET\",\"path\":\"/\",\"status\":200}";
    for (size_t at = 6; at + 3 < size; at += 3)
        memcpy(line + at, "{},", 3);
    size_t end = 6 + (size - 6 - sizeof tail) / 3 * 3;
    memcpy(line + end, tail, sizeof tail - 1);
    assert_int_equal(match(*state, (struct ha_view){line, end + sizeof tail - 1}).verdict,
                     HA_UNMATCHED);
    /* One long text is no attack. */
    int n = snprintf(line, size, "{\"method\":\"GET\",\"status\":200,\"path\":\"/");
    memset(line + n, 'x', size - (size_t)n);
    memcpy(line + size - 2, "\"}", 2);
    struct ha_record r = match(*state, (struct ha_view){line, size});
    assert_int_equal(r.verdict, HA_MATCHED);
    assert_int_equal(ha_get(&r, HA_FIELD_TARGET).len, size - (size_t)n - 1);
    free(line);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* What a mutated line gives must be readable whole, and the same when it is read again. */
static void mutated_lines_do_no_harm(void **state)
{
    static const char seed[] =
        "{\"log\":\"{\\\"remote_addr\\\":\\\"192.0.2.1:80\\\",\\\"status\\\":\\\"200\\\","
        "\\\"request\\\":\\\"GET / "
        "HTTP/1.1\\\"}\",\"status\":200,\"method\":\"GET\",\"path\":\"/\","
        "\"query\":\"?a\",\"time\":1795514400.5,\"duration\":\"1m2s\",\"headers\":[\"x\"]}";
    static const char alphabet[] = "{}[]\":,\\u0-9.eE+tfn \x01\x80\xC3\xA9\xFF";
    uint32_t random = 2026;
    for (int i = 0; i < 4000; i++) {
        size_t len = sizeof seed - 1;
        char *line = malloc(len); /* of its exact size: a byte too far is seen */
        assert_non_null(line);
        memcpy(line, seed, len);
        for (uint32_t n = next_random(&random) % 6; n > 0; n--)
            line[next_random(&random) % len] =
                alphabet[next_random(&random) % (sizeof alphabet - 1)];
        if (next_random(&random) % 8 == 0)
            len = next_random(&random) % len;
        struct ha_record a = match(*state, (struct ha_view){line, len});
        uint64_t sum = 0;
        for (int f = 0; f < HA_FIELD_N; f++)
            for (size_t k = 0; ha_has(&a, (enum ha_field)f) && k < a.field[f].len; k++)
                sum += (unsigned char)a.field[f].ptr[k];
        struct ha_record b = match(*state, (struct ha_view){line, len});
        for (int f = 0; f < HA_FIELD_N; f++)
            for (size_t k = 0; ha_has(&b, (enum ha_field)f) && k < b.field[f].len; k++)
                sum -= (unsigned char)b.field[f].ptr[k];
        assert_int_equal(sum, 0);
        assert_int_equal(a.verdict, b.verdict);
        assert_int_equal(a.status, b.status);
        free(line);
    }
}

static void a_lack_of_memory_is_survived(void **state)
{
    (void)state;
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    static const char line[] = "{\"log\":\"{\\\"method\\\":\\\"GET\\\",\\\"path\\\":\\\"/\\\","
                               "\\\"status\\\":200}\",\"x\":\"\xFF\"}";
    bool failed = true;
    for (uint64_t n = 1; failed && n < 5000; n++) {
        struct ha_patterns *set = NULL;
        struct ha_matcher *m = NULL;
        struct ha_problem p;
        assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
        ha_alloc_fail_at(n);
        failed = ha_patterns_add(set, "json_wrapped", &p) != HA_OK ||
                 ha_patterns_add(set, "json_any", &p) != HA_OK || ha_matcher_new(set, &m) != HA_OK;
        if (!failed) {
            struct ha_record r = {.line = {line, sizeof line - 1}};
            ha_match(m, &r);
            failed = r.verdict != HA_SALVAGED;
        }
        ha_alloc_fail_at(0);
        ha_matcher_free(&m);
        ha_patterns_free(&set);
    }
    assert_false(failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_own_lines_of_every_file_hold),
        cmocka_unit_test(the_family_with_more_needs_reads_the_line),
        cmocka_unit_test(what_is_no_request_is_never_counted),
        cmocka_unit_test(escapes_and_nul_are_decoded),
        cmocka_unit_test(broken_json_is_repaired_and_counts_as_salvaged),
        cmocka_unit_test(repair_leaves_sound_json_alone),
        cmocka_unit_test(lines_within_objects_are_read),
        cmocka_unit_test(numbers_are_times_by_their_size),
        cmocka_unit_test(each_time_is_read),
        cmocka_unit_test(texts_of_a_batch_live_until_it_ends),
        cmocka_unit_test(hostile_lines_stay_within_bounds),
        cmocka_unit_test(mutated_lines_do_no_harm),
        cmocka_unit_test(a_lack_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
