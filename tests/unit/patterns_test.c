/* patterns_test.c - the built-in patterns: each passes its own lines, none claims a line of
 * another, and none takes prose or an error log for requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "httpannotate/pattern.h"
#include "parse/builtin.h"
#include "parse/pattern_file.h"

enum { MOST = 256 };

struct fixture {
    struct ha_limits limits;
    size_t count;
    struct ha_pattern_file files[MOST]; /* as the binary holds them, in their order */
};

static int start(void **state)
{
    static struct fixture f;
    struct ha_problem p;
    f.limits = HA_LIMITS_DEFAULT;
    *state = &f;
    if (ha_builtin_pattern_count > MOST)
        return -1;
    for (; f.count < ha_builtin_pattern_count; f.count++) {
        const struct ha_builtin_pattern *b = &ha_builtin_patterns[f.count];
        struct ha_view text = {b->text, b->len};
        if (ha_pattern_file_read(text, b->name, &f.files[f.count], &p) != HA_OK)
            return -1;
    }
    return 0;
}

static int stop(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < f->count; i++)
        ha_pattern_file_free(&f->files[i]);
    return 0;
}

static void every_pattern_passes_its_own_lines(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < f->count; i++) {
        struct ha_buf report = {0};
        struct ha_problem p;
        if (ha_pattern_check(f->files[i].name, &f->limits, &report, &p) != HA_OK)
            fail_msg("%.*s%s:%zu: %s", (int)report.len, report.ptr, p.place, p.line, p.cause);
        ha_buf_free(&report);
    }
}

static void every_pattern_shows_what_it_does(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < f->count; i++) {
        const struct ha_pattern_file *file = &f->files[i];
        size_t matches = 0, rejects = 0;
        for (size_t c = 0; c < file->case_count; c++) {
            matches += !file->cases[c].reject;
            rejects += file->cases[c].reject;
        }
        if (file->summary == NULL || matches < (file->keys == NULL ? 2u : 1u) || rejects == 0)
            fail_msg("%s wants a summary, lines to match and one to reject", file->name);
        assert_string_equal(file->name, ha_builtin_patterns[i].name);
    }
}

/* Not the owner of its lines: those that a #Fields line leads are read so only there, and a line
 * within an object belongs to the pattern that reads it alone. */
static bool is_led(const struct ha_pattern_file *file)
{
    return file->keys != NULL && (file->keys->columns || file->keys->inner_count > 0);
}

/* The strictest reading of "disjoint": alone, a pattern matches no line of another's. */
static void no_pattern_matches_a_line_of_another(void **state)
{
    struct fixture *f = *state;
    size_t wrong = 0;
    for (size_t a = 0; a < f->count; a++) {
        struct ha_patterns *set = NULL;
        struct ha_matcher *m = NULL;
        struct ha_problem p;
        if (f->files[a].tier == HA_TIER_SALVAGE || f->files[a].keys != NULL)
            continue; /* asked only when no other pattern read the line; of keys, the most needed
                         wins */
        assert_int_equal(ha_patterns_empty(&f->limits, &set), HA_OK);
        assert_int_equal(ha_patterns_add(set, f->files[a].name, &p), HA_OK);
        assert_int_equal(ha_matcher_new(set, &m), HA_OK);
        for (size_t b = 0; b < f->count; b++) {
            if (a == b || is_led(&f->files[b]))
                continue;
            for (size_t c = 0; c < f->files[b].case_count; c++) {
                const struct ha_pattern_case *one = &f->files[b].cases[c];
                struct ha_record r = {.line = one->text};
                ha_match(m, &r);
                if (one->reject || r.verdict != HA_MATCHED)
                    continue;
                print_error("%s also matches line %zu of %s\n", f->files[a].name, one->line,
                            f->files[b].name);
                wrong++;
            }
        }
        ha_matcher_free(&m);
        ha_patterns_free(&set);
    }
    assert_int_equal(wrong, 0);
}

static void match_first_line(struct ha_matcher *m, const struct ha_pattern_file *file)
{
    for (size_t c = 0; c < file->case_count; c++) {
        if (file->cases[c].reject)
            continue;
        struct ha_record r = {.line = file->cases[c].text};
        ha_match(m, &r);
        return;
    }
}

/* How many lines of a file are claimed by another pattern, each behind a line of `before`. */
static size_t wrongly_claimed(struct ha_patterns *set, struct ha_matcher *m,
                              const struct ha_pattern_file *file,
                              const struct ha_pattern_file *before)
{
    size_t wrong = 0;
    for (size_t c = 0; c < file->case_count; c++) {
        if (file->cases[c].reject)
            continue;
        match_first_line(m, before);
        struct ha_record r = {.line = file->cases[c].text};
        ha_match(m, &r);
        bool read = r.verdict == HA_MATCHED || r.verdict == HA_SALVAGED;
        const char *by = read ? ha_pattern_name(set, r.pattern) : "none";
        if (strcmp(by, file->name) == 0)
            continue;
        print_error("line %zu of %s, behind one of %s, is read by %s\n", file->cases[c].line,
                    file->name, before->name, by);
        wrong++;
    }
    return wrong;
}

static void the_owner_claims_its_lines_whatever_came_before(void **state)
{
    struct fixture *f = *state;
    struct ha_patterns *set = NULL;
    struct ha_matcher *m = NULL;
    struct ha_problem p;
    size_t wrong = 0;
    assert_int_equal(ha_patterns_builtin(&f->limits, &set, &p), HA_OK);
    assert_int_equal(ha_matcher_new(set, &m), HA_OK);
    for (size_t before = 0; before < f->count; before++)
        for (size_t i = 0; i < f->count && !is_led(&f->files[before]); i++)
            if (!is_led(&f->files[i]) && f->files[i].tier != HA_TIER_SALVAGE)
                wrong += wrongly_claimed(set, m, &f->files[i], &f->files[before]);
    ha_matcher_free(&m);
    ha_patterns_free(&set);
    assert_int_equal(wrong, 0);
}

static const char *const no_requests[] = {
    /* error logs of web servers and proxies */
    "[Tue Nov 24 10:00:00 2026] [error] [client 192.0.2.1] File does not exist: /srv/404",
    "[Tue Nov 24 10:00:00.123456 2026] [core:error] [pid 4803:tid 1398] [client 192.0.2.1:5123] "
    "AH00126: "
    "Invalid URI in request GET /../../etc/passwd HTTP/1.1",
    "[Tue Nov 24 10:00:00.123456 2026] [proxy:error] [pid 23964] (113)No route to host: AH00957: "
    "HTTP: "
    "attempt to connect to 192.0.2.4:9000 (www.example.org) failed",
    "[Tue Nov 24 10:00:00 2026] [error] mod_jk child workerEnv in error state 6",
    "[24/Nov/2026:10:00:00 +0000] [ab:alert] [pid 4803:tid 3814] [client 192.0.2.1:24259] what was "
    "200 is 500",
    "2026/11/24 10:00:00 [error] 31#31: *1 open() \"/srv/x\" failed (2: No such file or "
    "directory), client: "
    "192.0.2.1, server: example.org, request: \"GET /x HTTP/1.1\", host: \"www.example.org\", "
    "referrer: "
    "\"https://www.example.org/\"",
    "2026/11/24 10:00:00 [warn] 3#3: *531 an upstream response is buffered to a temporary file "
    "/tmp/6/03/0000000036 while reading upstream, client: 192.0.2.1, request: \"GET / HTTP/1.1\"",
    "2026/11/24 10:00:00 [error] 7#7: *38 limiting requests, excess: 50.416 by zone \"api\", "
    "client: "
    "192.0.2.1, request: \"GET / HTTP/2.0\"",
    "2026/11/24 10:00:00 [notice] 200#404: signal process started",
    "Nov 24 10:00:00 lb1 haproxy[6103]: Server app/a is DOWN, reason: Layer7 wrong status, code: "
    "503",
    "Nov 24 10:00:00 lb1 haproxy[6103]: 192.0.2.1:56059 [24/Nov/2026:10:00:00.385] frt/f1: SSL "
    "handshake failure",
    "Nov 24 10:00:00 lb1 haproxy[6103]: Connect from 192.0.2.1:33312 to 198.51.100.31:8012 "
    "(www/HTTP)",
    "2026-11-24 10:00:00: (server.c.1828) server stopped by UID = 0 PID = 200",
    "2026/11/24 10:00:00| WARNING: HTTP: Invalid Response: No object data received for http://x/ "
    "AKA x/",
    "time=\"2026-11-24T10:00:00Z\" level=error msg=\"Error while starting server: 502 Bad "
    "Gateway\"",
    "2026-11-24T10:00:00Z ERR error=\"accept tcp [::]:443: use of closed network connection\" "
    "status=500",
    "24-Nov-2026 10:00:00.123 SEVERE [http-nio-8080-exec-1] org.example.Servlet GET /x 500 thrown",
    "[Tue Nov 24 10:00:00 2026] PHP 8.3.0 Development Server (http://localhost:8000) started",
    "[24-Nov-2026 10:00:00 UTC] PHP Warning: Undefined variable $x in /srv/index.php on line 200",
    "[pool www] server reached pm.max_children setting (404), consider raising it",
    "[GIN-debug] GET    /ping                     --> main.main.func1 (3 handlers)",
    "INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
    "[2026-11-24 10:00:00 +0000] [200] [INFO] Listening at: http://127.0.0.1:8000 (200)",
    "[2026-11-24T10:00:00.000Z] [error] upstream 502 \"Bad Gateway\" after 3 tries",
    "[Tue Nov 24 10:00:00 2026] [error] [client 192.0.2.1] ModSecurity: Access denied with code "
    "403 (phase "
    "2). [uri \"/x\"] [unique_id \"0b4a\"]",
    "2026/11/24 10:00:00 ...ers/web/auth.go:145 [E] router: completed with 500 errors",
    "level=error msg=\"upstream said status=500\" method=GET err=\"path=/x is gone\"",
    "ts=2026-11-24T10:00:00Z caller=main.go:200 level=info msg=\"Completed loading\" "
    "path=/etc/x.yml status=200",
    "worker [24/Nov/2026:10:00:00 +0000] \"job done\" 200 5",
    "RFC:9110 - \"semantics\" 200 OK",
    /* other logs */
    "Nov 24 10:00:00 host kernel: [ 200 ] ok 404",
    "Nov 24 10:00:00 host sshd[200]: Failed password for root from 192.0.2.1 port 404 ssh2",
    "Nov 24 10:00:00 host postfix/smtpd[500]: connect from mail.example.org[192.0.2.1]",
    "Nov 24 10:00:00 host systemd[1]: Started GET / HTTP service, status=200/OK.",
    "Nov 24 10:00:00 host CRON[200]: (root) CMD (curl -s \"http://localhost/\" 200 5)",
    "Nov 24 10:00:00 host dhcpd: DHCPACK on 192.0.2.200 to 00:00:5e:00:53:00 via eth0",
    "2026-11-24 10:00:00.123 UTC [404] LOG:  duration: 200.500 ms  statement: SELECT 500",
    "2026-11-24T10:00:00.123Z\t200 Query\tSELECT * FROM t WHERE status = 404",
    "1:M 24 Nov 2026 10:00:00.123 * 200 changes in 60 seconds. Saving...",
    "I1124 10:00:00.123456     200 server.go:404] GET /healthz: (1.2ms) 200",
    "level=info ts=2026-11-24T10:00:00Z caller=main.go:200 msg=\"Server is ready to receive "
    "requests.\"",
    "type=SYSCALL msg=audit(1795514400.123:200): arch=c000003e syscall=404 success=yes exit=0",
    "2 123456789012 eni-0a1 192.0.2.1 198.51.100.2 443 49152 6 200 404 1795514400 1795514460 "
    "ACCEPT OK",
    "\tat org.example.Main.main(Main.java:200)",
    "Traceback (most recent call last):",
    "  File \"/srv/app.py\", line 404, in get",
    "127.0.0.1 localhost",
    "-rw-r--r-- 1 root root 200 Nov 24 10:00 404.html",
    /* what a terminal shows */
    "curl: (22) The requested URL returned error: 404",
    "HTTP/1.1 200 OK",
    "GET / HTTP/1.1",
    "GET / 200",
    "> POST /login HTTP/1.1 403",
    "$ curl -I \"http://www.example.org/\" 200 -",
    /* tables and words */
    "2026-11-24 200 404 500",
    "\"200\" 300 \"400\"",
    "200,404,500,503",
    "status,count\n",
    "192.0.2.1,GET,/,200",
    "a - - [b] c d e",
    "- - - - - - -",
    "{\"status\": \"fine\"}",
    "The server said \"200 OK\" - and then - [sic] \"GET / HTTP/1.1\" was 404 all day.",
    "He wrote - quite rightly - that [24/Nov/2026:10:00:00 +0000] was \"no time\" for 200 changes",
    "Chapter 200: of what was seen, 404 of it [24/Nov/2026:10:00:00 +0000] not \"found\"",
    "status:200 is what one writes in a label",
    "key:value\tother:200",
    "hello, world",
    "429 Too Many Requests",
};

static void no_pattern_takes_these_for_requests(void **state)
{
    struct fixture *f = *state;
    struct ha_patterns *set = NULL;
    struct ha_matcher *m = NULL;
    struct ha_problem p;
    size_t wrong = 0;
    assert_int_equal(ha_patterns_builtin(&f->limits, &set, &p), HA_OK);
    assert_int_equal(ha_matcher_new(set, &m), HA_OK);
    for (size_t i = 0; i < HA_COUNT(no_requests); i++) {
        struct ha_record r = {.line = ha_view_of(no_requests[i])};
        ha_match(m, &r);
        if (r.verdict == HA_UNMATCHED)
            continue;
        print_error("%s: %s\n", ha_pattern_name(set, r.pattern), no_requests[i]);
        wrong++;
    }
    ha_matcher_free(&m);
    ha_patterns_free(&set);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pattern_passes_its_own_lines),
        cmocka_unit_test(every_pattern_shows_what_it_does),
        cmocka_unit_test(no_pattern_matches_a_line_of_another),
        cmocka_unit_test(the_owner_claims_its_lines_whatever_came_before),
        cmocka_unit_test(no_pattern_takes_these_for_requests),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
