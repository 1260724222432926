/* terminal_test.c - figures as people read them, text cut and folded by cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/terminal.h"

#include <string.h>

static void counts_are_grouped(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *want;
    } cases[] = {{0, "0"},
                 {999, "999"},
                 {1000, "1,000"},
                 {1234567, "1,234,567"},
                 {UINT64_MAX, "18,446,744,073,709,551,615"}};
    char got[HA_FIGURE];
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        size_t len = ha_figure_count(cases[i].n, got);
        assert_string_equal(got, cases[i].want);
        assert_int_equal(len, ha_view_of(got).len);
    }
}

static void shares_never_say_none_or_all_wrongly(void **state)
{
    (void)state;
    static const struct {
        uint64_t part, whole;
        const char *want;
    } cases[] = {{0, 0, "0%"},
                 {0, 5, "0%"},
                 {5, 5, "100%"},
                 {1, 3, "33.3%"},
                 {1, 2000, "0.1%"},
                 {1, 2001, "<0.1%"},
                 {1999, 2000, ">99.9%"},
                 {1998, 2000, "99.9%"},
                 {1, UINT64_MAX, "<0.1%"},
                 {UINT64_MAX / 4, UINT64_MAX, "25.0%"},
                 {UINT64_MAX - 1, UINT64_MAX, ">99.9%"}};
    char got[HA_FIGURE];
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        ha_figure_percent(cases[i].part, cases[i].whole, got);
        assert_string_equal(got, cases[i].want);
    }
}

static void sizes_have_three_digits(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *want;
    } cases[] = {{0, "0 B"},
                 {999, "999 B"},
                 {1000, "1.00 kB"},
                 {1994, "1.99 kB"},
                 {1995, "2.00 kB"},
                 {9999, "10.0 kB"},
                 {12345, "12.3 kB"},
                 {12350, "12.4 kB"},
                 {99950, "100 kB"},
                 {999499, "999 kB"},
                 {999500, "1.00 MB"},
                 {1000000, "1.00 MB"},
                 {UINT64_C(87459035331), "87.5 GB"},
                 {UINT64_C(999499999999999999), "999 PB"},
                 {UINT64_C(999500000000000000), "1.00 EB"},
                 {UINT64_MAX, "18.4 EB"}};
    char got[HA_FIGURE];
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        ha_figure_bytes(cases[i].n, got);
        assert_string_equal(got, cases[i].want);
    }
}

static void durations_and_rates_take_the_unit_that_reads_best(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *want;
    } spans[] = {{-1, "0 s"},
                 {0, "0 s"},
                 {7, "7 us"},
                 {250000, "250 ms"},
                 {1999999, "1 s"},
                 {60 * HA_US_PER_S, "1 min"},
                 {61 * HA_US_PER_S, "1 min 1 s"},
                 {3661 * HA_US_PER_S, "1 h 1 min"},
                 {90000 * HA_US_PER_S, "1 d 1 h"}};
    static const struct {
        uint64_t n;
        int64_t seconds;
        const char *want;
    } rates[] = {{10, 4, "2.5/s"},       {3, 2, "1.5/s"},  {50000, 4, "12,500/s"},
                 {10, 20, "30/min"},     {1, 120, "30/h"}, {3, 86400, "3.0/day"},
                 {1, 864000, "0.1/day"}, {5, 0, ""}};
    char got[HA_FIGURE];
    for (size_t i = 0; i < HA_COUNT(spans); i++) {
        ha_figure_duration(spans[i].us, got);
        assert_string_equal(got, spans[i].want);
    }
    for (size_t i = 0; i < HA_COUNT(rates); i++) {
        ha_figure_rate(rates[i].n, rates[i].seconds * HA_US_PER_S, got);
        assert_string_equal(got, rates[i].want);
    }
    ha_figure_rate(UINT64_MAX, 1, got);
    ha_figure_duration(INT64_MAX, got);
}

static void rates_of_errors_have_a_digit_where_it_says_something(void **state)
{
    (void)state;
    static const struct {
        double rate;
        const char *want;
    } cases[] = {{0, "below 0.1"},
                 {.04, "below 0.1"},
                 {.05, "0.1"},
                 {1, "1"},
                 {.96, "1"},
                 {4.2, "4.2"},
                 {9.94, "9.9"},
                 {9.95, "10"},
                 {312.4, "312"},
                 {1312, "1,312"},
                 {1e300, "1,000,000,000,000,000,000"}};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        char got[HA_FIGURE];
        assert_int_equal(ha_figure_errors_rate(cases[i].rate, got), strlen(cases[i].want));
        assert_string_equal(got, cases[i].want);
    }
}

static void times_have_three_digits(void **state)
{
    (void)state;
    static const struct {
        uint64_t us;
        const char *want;
    } cases[] = {
        {0, "0 us"},
        {999, "999 us"},
        {1000, "1.00 ms"},
        {1004, "1.00 ms"},
        {1005, "1.01 ms"},
        {9994, "9.99 ms"},
        {9995, "10.0 ms"},
        {199680, "200 ms"},
        {999499, "999 ms"},
        {999500, "1.00 s"},
        {59949999, "59.9 s"},
        {59950000, "1.00 min"},
        {3599999999, "1.00 h"},
        {86400000000, "1.00 d"},
        {UINT64_MAX, ">9999 d"},
    };
    char got[HA_FIGURE];
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        ha_figure_time(cases[i].us, got);
        assert_string_equal(got, cases[i].want);
    }
    struct ha_view v = {got, 0};
    for (uint64_t us = 1; us < UINT64_MAX / 3; us += us / 2 + 1) {
        v.len = ha_figure_time(us, got);
        assert_true(v.len == strlen(got) && v.len <= 8);
    }
}

static void assert_fit(struct ha_view v, size_t cells, bool unicode, const char *want)
{
    struct ha_buf b = {0};
    size_t used = ha_text_fit(&b, v, cells, unicode);
    struct ha_view got = {b.ptr, b.len};
    assert_true(ha_view_is(got, want));
    assert_int_equal(used, ha_text_width(got));
    assert_true(used <= cells);
    ha_buf_free(&b);
}

static void assert_ends(struct ha_view v, size_t cells, bool unicode, const char *want)
{
    struct ha_buf b = {0};
    size_t used = ha_text_fit_ends(&b, v, cells, unicode);
    struct ha_view got = {b.ptr, b.len};
    assert_true(ha_view_is(got, want));
    assert_int_equal(used, ha_text_width(got));
    assert_true(used <= cells);
    ha_buf_free(&b);
}

static void both_ends_of_a_long_text_stay(void **state)
{
    (void)state;
    static const struct ha_view letters = {"abcdefghijklmnopqrstuvwxyz0123456789", 36};
    assert_ends(letters, 36, true, "abcdefghijklmnopqrstuvwxyz0123456789");
    assert_ends(letters, 35, true, "abcdefghijklmnopq\u2026tuvwxyz0123456789");
    assert_ends(letters, 24, false, "abcdefghij...z0123456789");
    assert_ends(letters, 23, true, "abcdefghijklmnopqrstuv\u2026"); /* too little for two ends */
    assert_ends(letters, 1, true, "\u2026");
    /* A character of two cells is not cut apart at either end. */
    assert_ends(HA_VIEW_LIT("a\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d"
                            "\u4e2d\u4e2db"),
                24, true, "a\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d\u2026\u4e2d\u4e2d\u4e2d\u4e2d\u4e2db");
}

static void text_is_cut_between_code_points(void **state)
{
    (void)state;
    assert_fit(HA_VIEW_LIT("abcdef"), 6, true, "abcdef");
    assert_fit(HA_VIEW_LIT("abcdef"), 5, true, "abcd\u2026");
    assert_fit(HA_VIEW_LIT("abcdef"), 5, false, "ab...");
    assert_fit(HA_VIEW_LIT("abcdef"), 2, false, "..");
    assert_fit(HA_VIEW_LIT("abcdef"), 0, true, "");
    assert_fit(HA_VIEW_LIT("\u65e5\u672c\u8a9e"), 4, true, "\u65e5\u2026");
    assert_fit(HA_VIEW_LIT("\u65e5\u672c\u8a9e"), 6, true, "\u65e5\u672c\u8a9e");
}

static void text_is_folded_at_spaces(void **state)
{
    (void)state;
    struct ha_view rest = HA_VIEW_LIT("one two  three fourfivesix \u65e5\u672c");
    static const char *const want[] = {"one two", "three", "fourfiv", "esix", "\u65e5\u672c"};
    for (size_t i = 0; i < HA_COUNT(want); i++)
        assert_true(ha_view_is(ha_text_fold(&rest, 7), want[i]));
    assert_int_equal(rest.len, 0);
    assert_int_equal(ha_text_fold(&rest, 7).len, 0);
    rest = HA_VIEW_LIT("\u65e5\u672c");
    assert_true(ha_view_is(ha_text_fold(&rest, 1), "\u65e5")); /* goes on even so */
}

static void listings_hang_under_their_last_column(void **state)
{
    (void)state;
    struct ha_buf to = {0};
    ha_text_hang(&to, HA_VIEW_LIT("name  info  a text that is too long for it\nx  short\n\n"), 32);
    assert_true(
        ha_view_is((struct ha_view){to.ptr, to.len},
                   "name  info  a text that is too\n            long for it\nx  short\n\n"));
    ha_buf_clear(&to);
    ha_text_hang(&to, HA_VIEW_LIT("a-long-name-of-a-thing  and its meaning, without an ending"),
                 30);
    assert_true(
        ha_view_is((struct ha_view){to.ptr, to.len},
                   "a-long-name-of-a-thing\n    and its meaning, without\n    an ending\n"));
    ha_buf_free(&to);
}

static void inks_are_silent_without_colour(void **state)
{
    (void)state;
    struct ha_buf b = {0};
    for (int ink = HA_INK_PLAIN; ink <= HA_INK_PURPLE; ink++) {
        ha_ink_on(&b, false, (enum ha_ink)ink);
        ha_ink_off(&b, false, (enum ha_ink)ink);
    }
    ha_ink_on(&b, true, HA_INK_PLAIN);
    ha_ink_off(&b, true, HA_INK_PLAIN);
    assert_int_equal(b.len, 0);
    ha_ink_on(&b, true, ha_ink_of_class(4));
    ha_ink_off(&b, true, ha_ink_of_class(4));
    assert_true(ha_view_is((struct ha_view){b.ptr, b.len}, "\033[33m\033[0m"));
    assert_int_equal(ha_ink_of_class(9), HA_INK_PURPLE);
    assert_int_equal(ha_ink_of_class(-1), HA_INK_PURPLE);
    ha_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_grouped),
        cmocka_unit_test(shares_never_say_none_or_all_wrongly),
        cmocka_unit_test(sizes_have_three_digits),
        cmocka_unit_test(durations_and_rates_take_the_unit_that_reads_best),
        cmocka_unit_test(rates_of_errors_have_a_digit_where_it_says_something),
        cmocka_unit_test(times_have_three_digits),
        cmocka_unit_test(text_is_cut_between_code_points),
        cmocka_unit_test(both_ends_of_a_long_text_stay),
        cmocka_unit_test(text_is_folded_at_spaces),
        cmocka_unit_test(listings_hang_under_their_last_column),
        cmocka_unit_test(inks_are_silent_without_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
