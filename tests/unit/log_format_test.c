/* log_format_test.c - the forms a format string is given in, and what is refused. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "format_lines.h"

#define COMMON      "%h %l %u %t \"%r\" %>s %b"
#define COMMON_LINE "192.0.2.1 - bob [24/Nov/2026:10:00:00 +0100] \"PUT /x HTTP/1.1\" 201 7"
#define COMMON_WANT                                                                                \
    "client=192.0.2.1\nident=-\nuser=bob\ntime=2026-11-24T10:00:00+01:00\nmethod=PUT\ntarget=/x\n" \
    "protocol=HTTP/1.1\nstatus=201\nbytes=7"

static void a_string_is_taken_as_the_configuration_has_it(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {COMMON, COMMON_LINE, COMMON_WANT},
        {"%h %l %u %t \\\"%r\\\" %>s %b", COMMON_LINE, COMMON_WANT},
        {"\"%h %l %u %t \\\"%r\\\" %>s %b\"", COMMON_LINE, COMMON_WANT},
        {"\"%h %l %u %t \\\"%r\\\" %>s %b\" common", COMMON_LINE, COMMON_WANT},
        {"'%h %l %u %t \"%r\" %>s %b' common", COMMON_LINE, COMMON_WANT},
        {"LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b\" common", COMMON_LINE, COMMON_WANT},
        {"  logformat \"%h %l %u %t \\\"%r\\\" \\\n%>s %b\" common\n", COMMON_LINE, COMMON_WANT},
        {"CustomLog logs/access_log \"%h %l %u %t \\\"%r\\\" %>s %b\"", COMMON_LINE, COMMON_WANT},
        {COMMON "\n", COMMON_LINE, COMMON_WANT},
        {COMMON "\\n", COMMON_LINE, COMMON_WANT},
        {COMMON, COMMON_LINE " ", NULL},
        {COMMON, "192.0.2.1 - bob [24/Nov/2026:10:00:00 +0100] \"PUT /x", NULL},
        /* A string whose own first byte is a quote. */
        {"\"%r\" %>s", "\"GET / HTTP/1.1\" 200", "target=/\nstatus=200"},
        {"\"%r\" \"%>s\"", "\"GET / HTTP/1.1\" \"200\"", "target=/\nstatus=200"},
        {"log_format a '$remote_addr [$time_local] '\n  '\"$request\" $status';",
         "192.0.2.1 [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200",
         "client=192.0.2.1\nstatus=200"},
        {"'$remote_addr '\n\"\\\"$request\\\"\" ' $status'", "192.0.2.1 \"GET / HTTP/1.1\" 200",
         "target=/\nstatus=200"},
        {"$remote_addr \\\"$request\\\" ${status}ms", "192.0.2.1 \"GET / HTTP/1.1\" 200ms",
         "target=/\nstatus=200"},
        {"escape=json {\"s\":$status,\"r\":\"$http_referer\"}", "{\"s\":404,\"r\":\"\"}",
         "status=404\nreferer="},
    };
    check_readings(cases, HA_COUNT(cases));
}

static void mistakes_point_at_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *string;
        size_t column;
        const char *words;
    } cases[] = {
        {"%h %Q", 4, "%Q is no directive of Apache's LogFormat (there is %q)"},
        {"%h %{Foo}Q %s", 4, "%{Foo}Q"},
        {"\"%h \\\"%r\\\" %Z\"", 12, "%Z"},
        {"LogFormat \"%h %Z\" x", 15, "%Z"},
        {"LogFormat \"%h \\\n %Z\" x", 18, "%Z"},
        {"%h %\xC3\xA9", 4, "%\xC3\xA9 is no directive"},
        {"%h %^xx", 4, "%^xx is no directive"},
        {"%h %{Referer i", 5, "is not closed"},
        {"%h %>", 4, "no letter"},
        {"%h %i", 4, "{NAME}"},
        {"%h %{foo}p", 4, "{canonical} {local} {remote}"},
        {"%h %{%F %V}t", 9, "%V is no directive of strftime"},
        {"%h %{%N}t", 6, "%N is no directive of strftime"},
        {"%h %{%F %}t", 9, "ends within"},
        {"%h%b", 3, "nothing stands between %h and %b"},
        {"%>s %{a}i%{b}i", 10, "nothing stands between %{a}i and %{b}i"},
        {"$remote_addr$request", 13, "nothing stands between $remote_addr and $request"},
        {"%h\\n%s", 3, "several lines"},
        {"$remote_addr $stattus", 14, "did you mean $status?"},
        {"$remote_addr $my_place", 14, "--log-format=@nginx.conf"},
        {"$remote_addr ${status", 14, "not closed"},
        {"$remote_addr $ $status", 14, "no name of a variable"},
        {"log_format x '$remote_addr '\n '$stat';", 32, "$stat is no variable"},
        {"log_format x escape=xml '$status';", 21, "default, json or none"},
        {"log_format x '$status", 14, "not closed"},
        {"log_format", 1, "no % directive and no $variable"},
        {"log_format ;", 12, "a name and a string"},
        {"hello", 1, "single quotes"},
        {"'%h' %s", 6, "behind the quote"},
        {"COMBINED", 0, "--pattern=combined"},
        {"", 0, "empty"},
        {" \n", 0, "empty"},
        {"@", 0, "the name of a file is missing"},
        {"log_format a '$status'; log_format b '$host $status';", 0, "(a, b)"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_problem p = {.err = HA_OK};
        assert_null(set_of(cases[i].string, &p));
        if (p.err != HA_ERR_SYNTAX || p.line != 0 || p.column != cases[i].column ||
            strcmp(p.place, "--log-format") != 0 || strstr(p.cause, cases[i].words) == NULL)
            fail_msg("%s: %s:%zu:%zu: %s", cases[i].string, p.place, p.line, p.column, p.cause);
    }
}

/* Strings that repeat something until there is too much of it; end is put behind. */
static void expect_too_much(const char *part, size_t times, const char *end, enum ha_err want,
                            const char *words)
{
    struct ha_buf string = {0};
    struct ha_problem p = {.err = HA_OK};
    for (size_t i = 0; i < times; i++)
        ha_buf_str(&string, part);
    ha_buf_str(&string, end);
    ha_buf_char(&string, '\0');
    struct ha_patterns *set = set_of(string.ptr, &p);
    ha_buf_free(&string);
    assert_true((set == NULL) == (want != HA_OK));
    assert_int_equal(p.err, want);
    if (want != HA_OK && strstr(p.cause, words) == NULL)
        fail_msg("%s", p.cause);
    ha_patterns_free(&set);
}

static void a_string_has_a_bound(void **state)
{
    (void)state;
    expect_too_much("x", 16384 - 4, " %>s", HA_OK, "");
    expect_too_much("x", 16385 - 4, " %>s", HA_ERR_LIMIT, "at most 16384 bytes");
    expect_too_much("%l ", 199, "%>s", HA_OK, "");
    expect_too_much("%l ", 200, "%>s", HA_ERR_SYNTAX, "at most 400");
}

static void several_strings_have_several_names(void **state)
{
    (void)state;
    struct ha_problem p;
    struct ha_patterns *set = set_of("%h %>s", &p);
    assert_int_equal(ha_patterns_add(set, "combined", &p), HA_OK);
    assert_int_equal(ha_patterns_add_log_format(set, "$remote_addr|$status", &p), HA_OK);
    assert_int_equal(ha_patterns_count(set), 3);
    assert_string_equal(ha_pattern_name(set, 0), "log_format");
    assert_string_equal(ha_pattern_summary(set, 0), "%h %>s");
    assert_string_equal(ha_pattern_name(set, 1), "combined");
    assert_string_equal(ha_pattern_name(set, 2), "log_format_2");
    check_line(set, "three patterns", "192.0.2.1|404", "client=192.0.2.1\nstatus=404");
    ha_patterns_free(&set);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const strings[] = {
        COMMON " %{%F %T}t.%{msec_frac}t",
        "log_format x '$remote_addr [$time_local] \"$request\" ' '$status';"};
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    for (size_t i = 0; i < HA_COUNT(strings); i++) {
        bool through = false;
        for (uint64_t n = 1; !through && n < 1000; n++) {
            struct ha_patterns *set = NULL;
            struct ha_problem p = {.err = HA_OK};
            assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
            ha_alloc_fail_at(n);
            enum ha_err err = ha_patterns_add_log_format(set, strings[i], &p);
            through = ha_alloc_fail_at(0) < n;
            assert_int_equal(err, through ? HA_OK : HA_ERR_MEMORY);
            assert_int_equal(p.err, err);
            ha_patterns_free(&set);
        }
        assert_true(through);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_is_taken_as_the_configuration_has_it),
        cmocka_unit_test(mistakes_point_at_their_column),
        cmocka_unit_test(a_string_has_a_bound),
        cmocka_unit_test(several_strings_have_several_names),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
