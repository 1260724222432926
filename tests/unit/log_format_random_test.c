/* log_format_random_test.c - format strings made at random: by servers, and by nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format_lines.h"
#include "random.h"

static void add_text(char *to, size_t size, const char *more)
{
    size_t len = strlen(to);
    snprintf(to + len, size - len, "%s", more);
}

/* Directives, and what servers write for them. Texts that no quotes protect hold no blanks here:
 * two of them side by side can be read in several ways. */
static const struct {
    const char *apache, *nginx, *values[3];
} items[] = {
    {"%h", "$remote_addr", {"192.0.2.1", "2001:db8::1", "gate.example.org"}},
    {"%u", "$remote_user", {"-", "bob", "Mary_Ann"}},
    {"%t",
     "[$time_local]",
     {"[24/Nov/2026:10:00:00 +0000]", "[01/Jan/2027:00:00:00 -1130]",
      "[28/Feb/2028:23:59:60 +0545]"}},
    {"\"%r\"", "\"$request\"", {"\"GET /a?b=c HTTP/1.1\"", "\"-\"", "\"\\x16\\x03 \\\\ 200\""}},
    {"%b", "$body_bytes_sent", {"0", "7", "5368709120"}},
    {"\"%{User-agent}i\"", "\"$http_user_agent\"", {"\"-\"", "\"a (b; c) [d] 404 5\"", "\"\""}},
    {"%{Referer}i", "$http_referer", {"-", "https://example.org/?a=b", "x"}},
    {"%D", "$request_time", {"0", "17", "250"}},
    {"%v:%p", "$host:$server_port", {"www.example.org:80", "[2001:db8::80]:443", "a:1"}},
    {"%m %U%q %H",
     "$request_method $request_uri $server_protocol",
     {"GET /a?b HTTP/1.1", "M-SEARCH * HTTP/1.1", "- /a b HTTP/2.0"}},
    {"%A %P %k",
     "$upstream_addr $upstream_status $upstream_response_time",
     {"192.0.2.9 12 0", "192.0.2.9:80 200 0", "[::1]:80 502 1"}},
};
static const char *const separators[] = {" ", "|", "\t", " - ", ";", " <> "};

/* Any directives with any separators between them read the lines that a server would write. */
static void what_a_server_writes_is_read(void **state)
{
    (void)state;
    struct random seed = {17};
    for (size_t round = 0; round < 600; round++) {
        char string[800] = "", line[800] = "";
        bool nginx = round % 2 == 1;
        const char *between = separators[random_below(&seed, HA_COUNT(separators))];
        size_t count = 1 + random_below(&seed, 6), status_at = random_below(&seed, count + 1);
        for (size_t i = 0; i <= count; i++) {
            size_t pick = random_below(&seed, HA_COUNT(items));
            if (i > 0) {
                add_text(string, sizeof string, between);
                add_text(line, sizeof line, between);
            }
            add_text(string, sizeof string,
                     i == status_at ? nginx ? "$status" : "%>s"
                     : nginx        ? items[pick].nginx
                                    : items[pick].apache);
            add_text(line, sizeof line,
                     i == status_at ? "418" : items[pick].values[random_below(&seed, 3)]);
        }
        struct ha_problem p;
        struct ha_patterns *set = set_of(string, &p);
        if (set == NULL)
            fail_msg("%s: %zu: %s", string, p.column, p.cause);
        check_line(set, string, line, "status=418");
        ha_patterns_free(&set);
    }
}

/* clang-format off */
static const char *const parts[] = {
    "%", "$", "{", "}", "\"", "'", "\\", " ", "%h", "%>s", "%{", "}t", "}i", "%t", "%U", "%q",
    "$uri", "$is_args", "$args", "$status", "${", "%F", "%T", "%{sec}t", "%{msec_frac}t",
    "%{end:", "@", ":", "log_format ", "LogFormat ", "escape=json ", "escape=", ";", "#", "\n",
    "\t", "\x01", "\xFF", "a", "-", "[", "]", "?", "$upstream_addr", "$http_", "%400,!", "^",
    "^ti", "%%", "$1", "'$status'", "\"%h\"",
};
/* clang-format on */

/* Whatever the string, it is read or refused, and every refusal says why. */
static void no_string_does_harm(void **state)
{
    (void)state;
    static const char line[] =
        "192.0.2.1 - bob [24/Nov/2026:10:00:00 +0100] \"PUT /x HTTP/1.1\" 201 7";
    struct random seed = {42};
    size_t good = 0;
    for (size_t round = 0; round < 20000; round++) {
        char string[600] = "";
        for (size_t n = random_below(&seed, 12) + 1; n > 0; n--)
            add_text(string, sizeof string, parts[random_below(&seed, HA_COUNT(parts))]);
        if (string[0] == '@')
            continue; /* what files are there is not ours to know */
        struct ha_problem p = {.err = HA_OK};
        struct ha_patterns *set = set_of(string, &p);
        if (set == NULL) {
            if (p.err != HA_ERR_SYNTAX || p.cause[0] == '\0' || p.column > strlen(string) + 1)
                fail_msg("%s: %d, column %zu: %s", string, (int)p.err, p.column, p.cause);
            continue;
        }
        good++;
        struct ha_matcher *m = NULL;
        assert_int_equal(ha_matcher_new(set, &m), HA_OK);
        struct ha_record r = {.line = ha_view_of(line)};
        ha_match(m, &r);
        ha_matcher_free(&m);
        ha_patterns_free(&set);
    }
    assert_true(good > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_server_writes_is_read),
        cmocka_unit_test(no_string_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
