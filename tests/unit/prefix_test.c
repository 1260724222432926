/* prefix_test.c - what stands before a line: syslog, journald, container runtimes, logging
 * libraries. */
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
#include "parse/prefix.h"
#include "parse/prefix_file.h"

static const char *const prefixes[] = {
    "Nov 24 10:00:00 web1 nginx[12]: ",
    "Nov  4 10:00:00 web1 nginx: ",
    "Nov 24 2026 10:00:00 web1 haproxy[12]: ",
    "Nov 24 10:00:00.123456 web1 nginx[12]: ",
    "Nov 24 10:00:00 nginx: ",
    "<190>Nov 24 10:00:00 web1 nginx: ",
    "<134>1 2026-11-24T10:00:00.123Z web1 app 12 ID47 - ",
    "<134>1 2026-11-24T10:00:00.123+01:00 web1 app - - [x@1 a=\"b]\\\"\" c=\"d\"][y@2] ",
    "1 2026-11-24T10:00:00Z web1 app 12 - - ",
    "2026-11-24T10:00:00.123456+00:00 web1 nginx[12]: ",
    "2026-11-24T10:00:00+0000 web1 nginx[12]: ",
    "2026-11-24T10:00:00+00:00 app[web.1]: ",
    "Tue 2026-11-24 10:00:00 UTC web1 nginx[12]: ",
    "1795514400.123456 web1 nginx[12]: ",
    "[12345.678901] web1 nginx[12]: ",
    "[ 1234.567890] web1 nginx[12]: ",
    "2026-11-24T10:00:00.123456789Z ",
    "2026-11-24T10:00:00.123456789Z stdout F ",
    "2026-11-24T10:00:00.123456789+01:00 stderr P ",
    "web-1  | ",
    "\x1B[36mweb_1  |\x1B[0m ",
    "web-1  | 2026-11-24T10:00:00.123456789Z ",
    "[pod/web-7d4/nginx] ",
    "2026-11-24 10:00:00,123 INFO [main] access - ",
    "2026-11-24 10:00:00.123  INFO 1 --- [nio-8080-exec-1] c.e.AccessLog : ",
    "10:00:00.123 [main] INFO  c.e.Access - ",
    "[2026-11-24 10:00:00,123] INFO in _internal: ",
    "[2026-11-24 10:00:00 +0000] [12] [INFO] ",
    "2026-11-24 10:00:00,123 INFO  [io.undertow.accesslog] (default task-1) ",
    "[2026-11-24T10:00:00.123] [INFO] ",
    "[2026-11-24 10:00:00.123] [access] [info] ",
    "[2026-11-24 10:00:00] INFO ",
    "2026-11-24 10:00:00,123 INFO  [wsgi:234][waitress-0] ",
    "2026-11-24T10:00:00.123Z\tINFO\taccess\t",
    "2026-11-24T10:00:00.123+0100\tinfo\thttp/server.go:12\thandled request\t",
    "2026-11-24T10:00:00.00+0000 [RTR/0] OUT ",
    "2026-11-24T10:00:00.00+0000 [APP/PROC/WEB/0] ERR ",
    "info: ",
    "10:00:00 web.1   | ",
    "0|app  | ",
    "0|app  | 2026-11-24T10:00:00: ",
    "INFO:werkzeug:",
    "\xEF\xBB\xBF",
    " \t ",
    "      1 ",
    "  12 ",
    "  12 2026-11-24T10:00:00.123456789Z stdout F ",
};

static void every_prefix_gives_way_to_every_kind_of_line(void **state)
{
    static const struct {
        const char *line, *pattern;
    } inner[] = {
        {"{\"method\":\"GET\",\"path\":\"/x\",\"status\":503}", "json_any"},
        {"{\"remote_addr\":\"192.0.2.7\",\"request\":\"GET /x HTTP/1.1\",\"status\":\"503\"}",
         "nginx_json"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < HA_COUNT(prefixes); i++) {
        for (size_t k = 0; k < HA_COUNT(inner); k++) {
            char line[400];
            int n = snprintf(line, sizeof line, "%s%s", prefixes[i], inner[k].line);
            struct ha_record r = match(f, (struct ha_view){line, (size_t)n});
            /* Blanks before a brace are JSON's own. */
            bool blank = prefixes[i][strspn(prefixes[i], " \t")] == '\0';
            if (r.verdict != (blank ? HA_MATCHED : HA_SALVAGED) || r.status != 503 ||
                strcmp(ha_pattern_name(f->set, r.pattern), inner[k].pattern) != 0)
                fail_msg("%s: %d %s", line, r.verdict, ha_pattern_name(f->set, r.pattern));
            assert_ptr_equal(r.line.ptr, line);
            assert_int_equal(r.line.len, n);
        }
    }
}

static void common_lines_keep_their_views_within_the_line(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < HA_COUNT(prefixes); i++) {
        char line[400];
        int n = snprintf(
            line, sizeof line,
            "%s203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] \"GET /x HTTP/1.1\" 502 12 \"-\" "
            "\"ua\"",
            prefixes[i]);
        struct ha_record r = match(f, (struct ha_view){line, (size_t)n});
        struct ha_view client = ha_get(&r, HA_FIELD_CLIENT);
        if (r.verdict != HA_SALVAGED || !ha_view_is(client, "203.0.113.7"))
            fail_msg("%s: %d %.*s", line, r.verdict, (int)client.len, client.ptr);
        assert_int_equal(r.status, 502);
        for (int k = 0; k < HA_FIELD_N; k++)
            if (ha_has(&r, (enum ha_field)k))
                assert_in_range((uintptr_t)r.field[k].ptr, (uintptr_t)line, (uintptr_t)(line + n));
    }
}

static void a_file_and_a_number_are_told_from_addresses(void **state)
{
    static const struct {
        const char *before, *client;
        enum ha_verdict verdict;
    } cases[] = {
        {"access.log:", "203.0.113.7", HA_SALVAGED},
        {"/var/log/nginx/access.log:", "203.0.113.7", HA_SALVAGED},
        {"access.log.1:37:", "203.0.113.7", HA_SALVAGED},
        {"37:", "203.0.113.7", HA_SALVAGED},
        {"access.log:", "2001:db8::1", HA_SALVAGED},
        {"access.log:37:", "2001:db8::1", HA_SALVAGED},
        {"access.log:37:", "gate.example.org", HA_SALVAGED},
        {"37:", "gate.example.org", HA_SALVAGED},
        {"", "37:2001:db8::1", HA_MATCHED}, /* an address, as it stands */
        {"", "2001:db8::37:1", HA_MATCHED},
        {"", "fe80::1%eth0", HA_MATCHED},
        {"", "unix:", HA_MATCHED},
        {"www.example.org:443 ", "203.0.113.7", HA_MATCHED},
        {"INFO ", "203.0.113.7", HA_SALVAGED},
        {"INFO access ", "203.0.113.7", HA_SALVAGED},
        {"2026-11-24 10:00:00,123 [INFO] ", "203.0.113.7", HA_SALVAGED},
        {"8-", "203.0.113.7", HA_SALVAGED}, /* a line of context, as grep -n -C writes it */
        {"8-", "2001:db8::1", HA_SALVAGED},
        {"access.log-", "203.0.113.7", HA_SALVAGED},
        {"/var/log/web-1.log-12-", "203.0.113.7", HA_SALVAGED},
        {"access.log-12-", "2001:db8::1", HA_SALVAGED},
        {"", "8-203-0-113-7.example.org", HA_MATCHED},
        {"", "8-203.0.113.7.example.org", HA_MATCHED},
        {"", "web-1", HA_MATCHED},
        {"     8\t", "203.0.113.7", HA_SALVAGED}, /* cat -n, nl */
        {"1234567\t", "2001:db8::1", HA_SALVAGED},
        {"000008\t", "gate.example.org", HA_SALVAGED},
        {"      2 ", "203.0.113.7", HA_SALVAGED}, /* uniq -c */
        {"   2 ", "2001:db8::1", HA_SALVAGED},
        {" 123456 ", "gate.example.org", HA_SALVAGED},
        {"      2 www.example.org ", "203.0.113.7", HA_SALVAGED},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        char line[300];
        snprintf(line, sizeof line,
                 "%s%s - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 502 12 \"-\" \"ua\"",
                 cases[i].before, cases[i].client);
        struct ha_record r = match_text(*state, line);
        struct ha_view client = ha_get(&r, HA_FIELD_CLIENT);
        if (r.verdict != cases[i].verdict || !ha_view_is(client, cases[i].client))
            fail_msg("%s: %d %.*s", line, r.verdict, (int)client.len, client.ptr);
    }
}

static void a_count_is_no_host_and_no_client(void **state)
{
    struct ha_record r = match_text(
        *state, "      2 203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 502 12");
    assert_int_equal(r.verdict, HA_SALVAGED);
    assert_false(ha_has(&r, HA_FIELD_HOST));
    assert_int_equal(ha_count_prefix(HA_VIEW_LIT("      2 a")), 8);
    assert_int_equal(ha_count_prefix(HA_VIEW_LIT("2 a")), 0);
    assert_int_equal(ha_count_prefix(HA_VIEW_LIT("      2  a")), 0);
    assert_int_equal(ha_count_prefix(HA_VIEW_LIT("      2 ")), 0);
    assert_int_equal(ha_count_prefix(HA_VIEW_LIT("      2.5 a")), 0);
    assert_int_equal(ha_count_prefix(HA_VIEW_LIT("      ")), 0);
    assert_int_equal(ha_count_prefix((struct ha_view){NULL, 0}), 0);
}

static void an_address_is_one_to_its_last_byte(void **state)
{
    (void)state;
    assert_true(ha_is_address(HA_VIEW_LIT("2001:db8::1")));
    assert_true(ha_is_address(HA_VIEW_LIT("203.0.113.7:443, 192.0.2.1")));
    assert_false(ha_is_address(HA_VIEW_LIT("2001:db8::1\0x")));
    assert_false(ha_is_address(HA_VIEW_LIT("203.0.113.7\0x")));
    assert_false(ha_is_address(HA_VIEW_LIT("4001:db8::1"))); /* of a range that is reserved */
}

static void a_file_and_a_number_may_stand_before_any_format(void **state)
{
    static const char *const lines[] = {
        "access.log:{\"remote_addr\":\"192.0.2.1\",\"request\":\"GET / "
        "HTTP/1.1\",\"status\":\"502\"}",
        "37:[2026-11-24T10:00:00.123Z] \"GET /j HTTP/1.1\" 502 - 0 12 3 2 \"192.0.2.1\" \"ua\" "
        "\"id\" "
        "\"www.example.org\" \"198.51.100.2:80\"",
        "a.log:37:www.example.org:443 192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] \"GET / "
        "HTTP/1.1\" "
        "502 12 \"-\" \"ua\"",
        "a.log:192.0.2.1, 198.51.100.2 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 502 12",
        "a.log:1795514400.123    512 192.0.2.1 TCP_MISS/502 1234 GET http://www.example.org/a - "
        "HIER_DIRECT/198.51.100.2 text/html",
        "8-{\"remote_addr\":\"192.0.2.1\",\"request\":\"GET / HTTP/1.1\",\"status\":\"502\"}",
        "     8\t{\"remote_addr\":\"192.0.2.1\",\"request\":\"GET / "
        "HTTP/1.1\",\"status\":\"502\"}",
        "2026-11-24 10:00:00,123 INFO uvicorn.access 192.0.2.1:51234 - \"GET / HTTP/1.1\" 502",
    };
    for (size_t i = 0; i < HA_COUNT(lines); i++) {
        struct ha_record r = match_text(*state, lines[i]);
        struct ha_view client = ha_get(&r, HA_FIELD_CLIENT);
        if (r.verdict != HA_SALVAGED || r.status != 502 || !ha_view_is(client, "192.0.2.1"))
            fail_msg("%s: %d %.*s", lines[i], r.verdict, (int)client.len, client.ptr);
    }
}

static void the_time_of_the_prefix_serves_a_line_without_one(void **state)
{
    struct ha_record r =
        match(*state, HA_VIEW_LIT("2026-11-24T10:00:00.5Z stdout F "
                                  "{\"method\":\"GET\",\"path\":\"/\",\"status\":200}"));
    assert_true(r.has_time);
    assert_int_equal(r.time_us, INT64_C(1795514400500000));
    r = match(*state, HA_VIEW_LIT("2026-11-24T10:00:00.5Z {\"method\":\"GET\",\"path\":\"/\","
                                  "\"status\":200,\"time\":1795514401}"));
    assert_int_equal(r.time_us, INT64_C(1795514401000000));
    /* Without a zone it is told in that of the log's times; without a year it names no moment. */
    static const char *const zoneless[] = {
        "2026-11-24 10:00:00,500 INFO uvicorn.access: ", "[2026-11-24 10:00:00.500] [INFO] ",
        "[2026-11-24 11:00:00.500 +0100] [12] [INFO] ", "2026-11-24 11:00:00.5 +0100 INFO ",
        "Tue 2026-11-24 10:00:00.5 UTC web1 nginx[12]: "};
    for (size_t i = 0; i < HA_COUNT(zoneless); i++) {
        char line[200];
        snprintf(line, sizeof line, "%s{\"method\":\"GET\",\"path\":\"/\",\"status\":200}",
                 zoneless[i]);
        r = match_text(*state, line);
        if (!r.has_time || r.time_us != INT64_C(1795514400500000))
            fail_msg("%s: %d %lld", line, r.has_time, (long long)r.time_us);
    }
    r = match(*state, HA_VIEW_LIT("Tue 2026-11-24 10:00:00 CET web1 app: {\"method\":\"GET\","
                                  "\"path\":\"/\",\"status\":200}"));
    assert_false(r.has_time);
    r = match(*state, HA_VIEW_LIT("Nov 24 10:00:00 web1 app: {\"method\":\"GET\",\"path\":\"/\","
                                  "\"status\":200}"));
    assert_false(r.has_time);
}

static void prose_is_never_counted(void **state)
{
    static const char *const lines[] = {
        "Nov 24 10:00:00 host kernel: [ 200 ] ok 404",
        "Nov 24 10:00:00 host sshd[1]: error 404: GET / 200",
        "2026-11-24T10:00:00Z stdout F listening on 200",
        "2026-11-24 10:00:00,123 ERROR [main] c.e.App - request failed: 500 GET /x",
        "2026-11-24 200 404 500",
        "web-1  | GET / 200",
        "<190>Nov 24 10:00:00 web1 nginx: 200",
        "<134>1 2026-11-24T10:00:00Z h a - - [unterminated",
        "Nov 24 10:00:00 host app: {\"status\": \"fine\"}",
        "[pod/a/b] ",
        "INFO:root:404",
        "notes.txt:12:{\"status\": \"fine\"}",
        "src/a.c:12: return 404;",
        "INFO 200 files",
        "[2026-11-24 10:00:00,123] ERROR in app: Exception on /x [GET] 500",
        "2026-11-24T10:00:00.123Z\tinfo\tGET /x 200",
        "2026-11-24T10:00:00.00+0000 [APP/PROC/WEB/0] OUT GET / 200",
        "Tue 2026-11-24 10:00:00",
    };
    for (size_t i = 0; i < HA_COUNT(lines); i++) {
        struct ha_record r = match(*state, ha_view_of(lines[i]));
        if (r.verdict != HA_UNMATCHED)
            fail_msg("%s: %d", lines[i], r.verdict);
    }
}

static void what_is_no_prefix_is_left_alone(void **state)
{
    static const char *const lines[] = {
        "",
        "x",
        "203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5",
        "www.example.org:443 203.0.113.7 - -",
        "GET / 200",
        "Nov is a month",
        "{\"a\":1}",
        "[Tue Nov 24]",
        "10:00:00 and so on",
        "<b>bold</b>",
        "2026-11-24"};
    (void)state;
    struct ha_prefix p;
    for (size_t i = 0; i < HA_COUNT(lines); i++)
        if (ha_prefix_find(ha_view_of(lines[i]), &p))
            fail_msg("%s: a prefix of %zu bytes", lines[i], p.len);
}

static void a_prefix_ends_within_the_line(void **state)
{
    static const char alphabet[] = " :[]|<>-.\"=0123456789TZNov\xEF\x1B";
    (void)state;
    uint32_t random = 7;
    for (int i = 0; i < 50000; i++) {
        const char *seed = prefixes[(size_t)i % HA_COUNT(prefixes)];
        size_t len = strlen(seed);
        char *line = malloc(len);
        assert_non_null(line);
        memcpy(line, seed, len);
        random = random * 1664525u + 1013904223u;
        line[(random >> 8) % len] = alphabet[(random >> 20) % (sizeof alphabet - 1)];
        struct ha_view v = {line, len - (random >> 28) % (len < 8 ? 1 : 8)};
        struct ha_prefix p;
        if (ha_prefix_find(v, &p))
            assert_in_range(p.len, 1, v.len - 1);
        free(line);
    }
}

/* A level and blanks to the end: the bytes are the line's own, so that a sanitizer sees one more.
 */
static void a_level_alone_is_no_prefix(void **state)
{
    static const char *const levels[] = {"DEBUG", "INFO", "[INFO]"};
    (void)state;
    for (size_t i = 0; i < HA_COUNT(levels); i++) {
        char *line = malloc(40);
        assert_non_null(line);
        memset(line, ' ', 40);
        memcpy(line, levels[i], strlen(levels[i]));
        assert_false(ha_prefix_certain((struct ha_view){line, 40}));
        free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prefix_gives_way_to_every_kind_of_line),
        cmocka_unit_test(common_lines_keep_their_views_within_the_line),
        cmocka_unit_test(a_file_and_a_number_are_told_from_addresses),
        cmocka_unit_test(an_address_is_one_to_its_last_byte),
        cmocka_unit_test(a_count_is_no_host_and_no_client),
        cmocka_unit_test(a_file_and_a_number_may_stand_before_any_format),
        cmocka_unit_test(the_time_of_the_prefix_serves_a_line_without_one),
        cmocka_unit_test(prose_is_never_counted),
        cmocka_unit_test(what_is_no_prefix_is_left_alone),
        cmocka_unit_test(a_prefix_ends_within_the_line),
        cmocka_unit_test(a_level_alone_is_no_prefix),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
