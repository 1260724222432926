/* Conditions of --fail-if: reading them, and holding them against sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "httpannotate/thresholds.h"

static struct ha_threshold parse(const char *text)
{
    struct ha_threshold t = {.text = NULL};
    struct ha_problem p = {.cause = ""};
    if (ha_threshold_parse(text, &t, &p) != HA_OK)
        fail_msg("%s", p.cause);
    assert_ptr_equal(t.text, text);
    return t;
}

/* 97 of 200, two of 500, one of 429, in a minute and a half; with two lines unmatched, one
 * salvaged. */
static struct ha_tally_sums sums_of_hundred(void)
{
    struct ha_tally_sums s = {.lines = 200,
                              .selected = 100,
                              .errors = 3,
                              .has_time = true,
                              .first_us = 1000,
                              .last_us = 1000 + 90 * HA_US_PER_S};
    s.status[200].count = s.classes[2].count = 97;
    s.status[500].count = s.classes[5].count = 2;
    s.status[429].count = s.classes[4].count = 1;
    s.verdict[HA_UNMATCHED] = 2;
    s.verdict[HA_SALVAGED] = 1;
    return s;
}

static void conditions_are_read(void **state)
{
    (void)state;
    const struct {
        const char *text;
        enum ha_subject subject;
        int number;
        enum ha_comparison cmp;
        double value;
        enum ha_unit unit;
    } cases[] = {
        {"5xx>1%", HA_SUBJECT_CLASS, 5, HA_CMP_GT, 1, HA_UNIT_PERCENT},
        {"429>100", HA_SUBJECT_STATUS, 429, HA_CMP_GT, 100, HA_UNIT_COUNT},
        {"429>10/min", HA_SUBJECT_STATUS, 429, HA_CMP_GT, 10, HA_UNIT_PER_MINUTE},
        {"unmatched>0", HA_SUBJECT_UNMATCHED, 0, HA_CMP_GT, 0, HA_UNIT_COUNT},
        {"errors>=3%", HA_SUBJECT_ERRORS, 0, HA_CMP_GE, 3, HA_UNIT_PERCENT},
        {"4xx==0", HA_SUBJECT_CLASS, 4, HA_CMP_EQ, 0, HA_UNIT_COUNT},
        {"4XX=0", HA_SUBJECT_CLASS, 4, HA_CMP_EQ, 0, HA_UNIT_COUNT},
        {"salvaged != 0", HA_SUBJECT_SALVAGED, 0, HA_CMP_NE, 0, HA_UNIT_COUNT},
        {"requests<1", HA_SUBJECT_REQUESTS, 0, HA_CMP_LT, 1, HA_UNIT_COUNT},
        {" other <= 0.5 % ", HA_SUBJECT_CLASS, 0, HA_CMP_LE, 0.5, HA_UNIT_PERCENT},
        {"5xx > .25/s", HA_SUBJECT_CLASS, 5, HA_CMP_GT, 0.25, HA_UNIT_PER_SECOND},
        {"000>7/hour", HA_SUBJECT_STATUS, 0, HA_CMP_GT, 7, HA_UNIT_PER_HOUR},
        {"999>7/h", HA_SUBJECT_STATUS, 999, HA_CMP_GT, 7, HA_UNIT_PER_HOUR},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_threshold t = parse(cases[i].text);
        assert_int_equal(t.subject, cases[i].subject);
        assert_int_equal(t.number, cases[i].number);
        assert_int_equal(t.cmp, cases[i].cmp);
        assert_true(t.value == cases[i].value);
        assert_int_equal(t.unit, cases[i].unit);
    }
}

static void bad_conditions_are_refused(void **state)
{
    (void)state;
    const char *bad[] = {"",          "5xx",          "5xx>",
                         "5xx>>1",    "5xx>1%%",      "5xx>-1",
                         ">1",        "6xx>1",        "42>1",
                         "4290>1",    "5xx>1/day",    "5xx>1.",
                         "5xx>1..2",  "5xx>1e3",      "5xx>inf",
                         "5xx>1 2",   "5xx=>1",       "errs>1",
                         "5xx>1%/s",  "5xx!1",        "5xx>1234567890123456789",
                         "spikes>0%", "spikes>1/min", "spikes >= 1 /s",
                         "SPIKES>1/h"};
    for (size_t i = 0; i < HA_COUNT(bad); i++) {
        struct ha_threshold t = {.number = 77};
        struct ha_problem p = {.cause = ""};
        if (ha_threshold_parse(bad[i], &t, &p) != HA_ERR_SYNTAX)
            fail_msg("'%s' was taken for a condition", bad[i]);
        assert_int_equal(t.number, 77);
        assert_string_equal(p.place, "--fail-if");
        assert_non_null(strstr(p.cause, "5xx>1%"));
    }
}

static void counts_and_shares(void **state)
{
    (void)state;
    struct ha_tally_sums s = sums_of_hundred();
    const struct {
        const char *text;
        bool holds;
    } cases[] = {
        {"5xx>1%", true},
        {"5xx>2%", false},
        {"5xx>=2%", true},
        {"5xx<2%", false},
        {"5xx<=2%", true},
        {"5xx==2", true},
        {"5xx!=2", false},
        {"429>0", true},
        {"429>=2", false},
        {"errors>=3%", true},
        {"errors>3", false},
        {"500>1", true},
        {"404==0", true},
        {"404>0", false},
        {"2xx<97", false},
        {"2xx<97.5", true},
        {"unmatched>1", true},
        {"unmatched>=1%", true},
        {"unmatched>1%", false},
        {"salvaged>0.4%", true},
        {"salvaged>0.5%", false},
        {"requests<1", false},
        {"requests==100", true},
        {"requests==50%", true},
        {"spikes>1", true},
        {"spikes>2", false},
        {"Spikes == 2", true},
        {"other>0", false},
        {"other==0", true},
        {"findings>7", true},
        {"findings>8", false},
        {"findings.error>2", true},
        {"findings.error>3", false},
        {"findings.warn==0", true},
        {"findings.info>=5%", true},
    };
    const uint64_t findings[HA_THRESHOLD_SEVERITIES] = {5, 0, 3};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_threshold t = parse(cases[i].text);
        if (ha_threshold_holds(&t, &(struct ha_measured){&s, findings, 2, 0, 0}) != cases[i].holds)
            fail_msg("%s %s", cases[i].text, cases[i].holds ? "should hold" : "should not hold");
    }
}

static void noise_is_left_out_of_errors_alone(void **state)
{
    (void)state;
    struct ha_tally_sums s = {.selected = 100, .errors = 10, .classes[4] = {8, 0}};
    const struct ha_measured of = {&s, NULL, 0, 60, 6};
    const char *const holds[] = {"errors==4", "errors==10%", "4xx==8", "4xx==8%", "requests==100"};
    for (size_t i = 0; i < HA_COUNT(holds); i++) {
        struct ha_threshold t = parse(holds[i]);
        assert_true(ha_threshold_holds(&t, &of));
    }
}

static double measure(const char *text, const struct ha_tally_sums *s)
{
    struct ha_threshold t = parse(text);
    return ha_threshold_measure(&t, &(struct ha_measured){s, NULL, 0, 0, 0});
}

static void rates_are_over_the_span_but_at_least_one_unit(void **state)
{
    (void)state;
    struct ha_tally_sums s = sums_of_hundred();
    assert_true(measure("2xx>0/min", &s) == 97 / 1.5);
    assert_true(measure("2xx>0/s", &s) == 97 / 90.0);
    assert_true(measure("2xx>0/h", &s) == 97); /* a minute and a half is no hour */
    s.last_us = s.first_us;
    assert_true(measure("2xx>0/min", &s) == 97);
    s.last_us = s.first_us + 60 * HA_US_PER_S;
    assert_true(measure("2xx>0/min", &s) == 97);
    s.last_us = s.first_us + 120 * HA_US_PER_S;
    assert_true(measure("2xx>0/min", &s) == 48.5);
    s.has_time = false;
    assert_true(measure("2xx>0/min", &s) == 97);
}

static void of_nothing_a_share_is_none(void **state)
{
    (void)state;
    struct ha_tally_sums s = {.lines = 0};
    assert_true(measure("5xx>0%", &s) == 0);
    assert_true(measure("unmatched>0%", &s) == 0);
    struct ha_threshold t = parse("requests<1");
    assert_true(ha_threshold_holds(&t, &(struct ha_measured){&s, NULL, 0, 0, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_are_read),
        cmocka_unit_test(bad_conditions_are_refused),
        cmocka_unit_test(counts_and_shares),
        cmocka_unit_test(noise_is_left_out_of_errors_alone),
        cmocka_unit_test(rates_are_over_the_span_but_at_least_one_unit),
        cmocka_unit_test(of_nothing_a_share_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
