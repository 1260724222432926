/* pattern_file_test.c - pattern files: what is read, and where a wrong one is wrong. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/pattern.h"
#include "parse/pattern_file.h"

static char path[] = "/tmp/pattern_test.XXXXXX.pattern";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemps(path, 8);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

#define GOOD_HEAD "name mine\nsummary it is\ntime %s\n"

static void a_file_is_read_into_its_parts(void **state)
{
    (void)state;
    struct ha_pattern_file f;
    struct ha_problem p;
    static const char text[] = "# words\r\n\nname mine\nsummary it is\ntime %s\ntime %F %T\n"
                               "duration ms\nbytes wire\ntier salvage\n"
                               "regex a${STATUS}\n   b c\n\tpast\nmatch x y \nexpect user\n"
                               "expect target /a b\nreject z\n";
    assert_int_equal(ha_pattern_file_read(HA_VIEW_LIT(text), "f", &f, &p), HA_OK);
    assert_string_equal(f.name, "mine");
    assert_string_equal(f.summary, "it is");
    assert_int_equal(f.time_count, 2);
    assert_true(ha_view_is(f.times[1], "%F %T"));
    assert_int_equal(f.duration_ns, 1000000);
    assert_int_equal(f.bytes_kind, HA_BYTES_WIRE);
    assert_int_equal(f.tier, HA_TIER_SALVAGE);
    struct ha_view regex = {f.regex.ptr, f.regex.len};
    assert_true(ha_view_is(regex, "a(?<status>[0-9]{3}|-)b cpast"));
    assert_int_equal(f.case_count, 2);
    assert_true(ha_view_is(f.cases[0].text, "x y "));
    assert_int_equal(f.cases[0].expect_count, 2);
    assert_true(ha_view_is(f.expects[0].field, "user"));
    assert_int_equal(f.expects[0].value.len, 0);
    assert_true(ha_view_is(f.expects[1].value, "/a b"));
    assert_true(f.cases[1].reject);
    /* Every byte of a piece stands where the piece does; what follows, where it was written. */
    struct ha_origin at;
    memcpy(&at, f.origins.ptr + 10 * sizeof at, sizeof at);
    assert_int_equal(at.line, 10);
    assert_int_equal(at.column, 8);
    memcpy(&at, f.origins.ptr + (f.regex.len - 1) * sizeof at, sizeof at);
    assert_int_equal(at.line, 12);
    assert_int_equal(at.column, 5);
    ha_pattern_file_free(&f);
}

static void a_wrong_file_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t line, column;
        const char *cause; /* a part of it */
    } cases[] = {
        {"", 0, 1, "no \"name\""},
        {"name a\n", 1, 1, "no \"regex\""},
        {"name a\nnom b\n", 2, 1, "begins with one of"},
        {"name a\nname b\n", 2, 1, "twice"},
        {GOOD_HEAD "time %Y-%Q%a\n", 4, 11, "time format"},
        {GOOD_HEAD "duration weeks\n", 4, 10, "unit"},
        {GOOD_HEAD "bytes all\n", 4, 7, "body"},
        {GOOD_HEAD "  regex x\n", 4, 1, "indented"},
        {GOOD_HEAD "tier last\n", 4, 6, "line, first, salvage"},
        {GOOD_HEAD "regex a\nkey status s\n", 5, 1, "not by both"},
        {GOOD_HEAD "expect user\n", 4, 1, "follow"},
        {GOOD_HEAD "regex a\nmatch z\nexpect \n", 6, 8, "a field and its value"},
        {GOOD_HEAD "regex a\nreject z\nexpect user x\n", 6, 1, "follow"},
        {GOOD_HEAD "regex ab${NOPE}c\n", 4, 9, "${NOPE}"},
        {GOOD_HEAD "regex ab${STATUS\n", 4, 9, "${STATUS"},
        {GOOD_HEAD "regex a(?<client>b\n  (oops\n", 5, 8, "parenthes"},
        {GOOD_HEAD "regex ${STATUS}*+)x\n", 4, 18, "parenthes"},
        {GOOD_HEAD "regex (?<klient>a)\n", 4, 10, "klient"},
        {GOOD_HEAD "regex a\\C\n", 4, 10, "\\C"},
    };
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_patterns *set = NULL;
        struct ha_problem p;
        write_file(cases[i].text);
        assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
        enum ha_err err = ha_patterns_add(set, path, &p);
        if (err != HA_ERR_SYNTAX || p.line != cases[i].line || p.column != cases[i].column ||
            strstr(p.cause, cases[i].cause) == NULL || strcmp(p.place, path) != 0)
            fail_msg("%zu: %d %s:%zu:%zu: %s", i, (int)err, p.place, p.line, p.column, p.cause);
        ha_patterns_free(&set);
    }
}

static void own_lines_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *report; /* a part of it */
    } cases[] = {
        {"match 200\nexpect status 200\nreject x\n", "all 2 lines"},
        {"match 200\nexpect status 201\n", ":6: status is \"200\", not \"201\""},
        {"match abc\n", ":5: does not match"},
        {"reject 200\n", ":5: matched a line it must reject"},
        {"match 200\nexpect nonsense x\n", ":6: no field"},
        {"", ":1: the file gives no line"},
    };
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_buf text = {0}, report = {0};
        ha_buf_str(&text, GOOD_HEAD "regex ${STATUS}\n");
        ha_buf_str(&text, cases[i].lines);
        ha_buf_char(&text, '\0');
        write_file(text.ptr);
        ha_buf_free(&text);
        struct ha_problem p;
        enum ha_err err = ha_pattern_check(path, &limits, &report, &p);
        ha_buf_char(&report, '\0');
        assert_true((err == HA_OK) == (i == 0));
        if (strstr(report.ptr, cases[i].report) == NULL)
            fail_msg("%zu: %s", i, report.ptr);
        ha_buf_free(&report);
    }
}

/* A file of that many such lines is taken, and one of one more is not: *p says what is too much. */
static void expect_most(const char *head, const char *line, size_t most)
{
    char cause[32];
    snprintf(cause, sizeof cause, "at most %zu", most);
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    for (size_t count = most; count <= most + 1; count++) {
        struct ha_buf text = {0};
        struct ha_patterns *set = NULL;
        struct ha_problem p = {.err = HA_OK};
        ha_buf_str(&text, head);
        for (size_t i = 0; i < count; i++)
            ha_buf_str(&text, line);
        ha_buf_char(&text, '\0');
        write_file(text.ptr);
        ha_buf_free(&text);
        assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
        assert_int_equal(ha_patterns_add(set, path, &p), count > most ? HA_ERR_SYNTAX : HA_OK);
        if (count > most && strstr(p.cause, cause) == NULL)
            fail_msg("%s", p.cause);
        ha_patterns_free(&set);
    }
}

static void what_a_file_may_hold_has_a_bound(void **state)
{
    (void)state;
    expect_most("name mine\nregex a\n", "time %Y\n", HA_PATTERN_TIMES);
    expect_most(GOOD_HEAD "regex a\n", "reject b\n", HA_PATTERN_CASES);
    expect_most(GOOD_HEAD "regex a\nmatch a\n", "expect user\n", HA_PATTERN_EXPECTS);
    expect_most(GOOD_HEAD "regex ", "(a)", 63); /* capturing groups */
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    limits.pattern_file = 100;
    struct ha_patterns *set = NULL;
    struct ha_problem p;
    assert_int_equal(ha_patterns_empty(&limits, &set), HA_OK);
    assert_int_equal(ha_patterns_add(set, "./nonexistent", &p), HA_ERR_IO);
    assert_int_equal(ha_patterns_add(set, "nonexistent", &p), HA_ERR_SYNTAX);
    char big[300];
    memset(big, '#', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    write_file(big);
    assert_int_equal(ha_patterns_add(set, path, &p), HA_ERR_LIMIT);
    assert_int_equal(ha_patterns_count(set), 0);
    ha_patterns_free(&set);
}

/* Every allocation of reading a file fails in turn: an error each time, and no leak. */
static void every_allocation_fails_in_turn(void **state)
{
    (void)state;
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    write_file(GOOD_HEAD "regex ${COMBINED}\nmatch x\nreject y\n");
    enum ha_err err = HA_ERR_MEMORY;
    uint64_t n = 0;
    while (err == HA_ERR_MEMORY && n < 1000) {
        struct ha_patterns *set = NULL;
        struct ha_problem p;
        ha_alloc_fail_at(++n);
        err = ha_patterns_empty(&limits, &set);
        if (err == HA_OK)
            err = ha_patterns_add(set, path, &p);
        ha_alloc_fail_at(0);
        ha_patterns_free(&set);
    }
    assert_int_equal(err, HA_OK);
    assert_true(n > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_into_its_parts),
        cmocka_unit_test(a_wrong_file_says_where),
        cmocka_unit_test(own_lines_are_checked),
        cmocka_unit_test(what_a_file_may_hold_has_a_bound),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(every_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
