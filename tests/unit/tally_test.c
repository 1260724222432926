/* tally_test.c - what each record adds, and that any split merges to the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/facts.h"
#include "httpannotate/tally.h"
#include "random.h"

#include <stdio.h>
#include <string.h>

static struct ha_tally_options with_tops;

static int set_up(void **state)
{
    (void)state;
    with_tops = (struct ha_tally_options){.limits = HA_LIMITS_DEFAULT, .tops = true, .patterns = 3};
    return 0;
}

static struct ha_tally *make(const struct ha_tally_options *o)
{
    struct ha_tally *t;
    assert_int_equal(ha_tally_new(o, &t), HA_OK);
    return t;
}

static struct ha_record matched(int status)
{
    return (struct ha_record){
        .verdict = HA_MATCHED, .line_number = 1, .status = (int16_t)status, .method = HA_NO_METHOD};
}

static struct ha_record with_text(int status, enum ha_field f, const char *text)
{
    struct ha_record r = matched(status);
    ha_put(&r, f, ha_view_of(text));
    return r;
}

static void add(struct ha_tally *t, struct ha_record r)
{
    ha_tally_add(t, &r, true, 0);
    assert_true(ha_tally_ok(t));
}

static void assert_first(const struct ha_tally *t, enum ha_top which, const char *value,
                         uint64_t count)
{
    struct ha_top_entry e;
    assert_int_equal(ha_tally_top(t, which, 1, &e), 1);
    assert_true(ha_view_is(e.value, value));
    assert_int_equal(e.count, count);
}

static void empty_is_all_zero(void **state)
{
    (void)state;
    struct ha_tally *t = make(&with_tops);
    static const struct ha_tally_sums zero;
    struct ha_top_entry e[3];
    struct ha_method_count *methods;
    const struct ha_sample *samples;
    size_t count;
    bool estimated = true;
    assert_memory_equal(ha_tally_sums(t), &zero, sizeof zero);
    for (int i = 0; i < HA_TOP_N; i++)
        assert_int_equal(ha_tally_top(t, (enum ha_top)i, 3, e), 0);
    assert_int_equal(ha_tally_distinct_clients(t, &estimated), 0);
    assert_false(estimated);
    assert_int_equal(ha_tally_samples(t, &samples), 0);
    assert_int_equal(ha_tally_methods(t, &methods, &count), HA_OK);
    assert_int_equal(count, 0);
    ha_free(methods);
    ha_tally_free(&t);
    assert_null(t);
    ha_tally_free(&t); /* harmless */
}

static void every_line_counts_by_its_verdict(void **state)
{
    (void)state;
    struct ha_tally *t = make(&with_tops);
    struct ha_record r = {.verdict = HA_BLANK, .reason = HA_REASON_NO_STATUS};
    add(t, r);
    r.verdict = HA_DIRECTIVE;
    add(t, r);
    r.verdict = HA_UNMATCHED;
    add(t, r);
    r.reason = HA_REASON_TOO_LONG;
    add(t, r);
    r = matched(200);
    r.pattern = 2;
    ha_tally_add(t, &r, false, 0);
    add(t, r);
    r.verdict = HA_SALVAGED;
    r.pattern = 1;
    add(t, r);
    const struct ha_tally_sums *s = ha_tally_sums(t);
    static const uint64_t verdicts[HA_VERDICT_N] = {1, 1, 2, 1, 2};
    static const uint64_t reasons[HA_REASON_N] = {0, 1, 1, 0, 0};
    assert_int_equal(s->lines, 7);
    assert_memory_equal(s->verdict, verdicts, sizeof verdicts);
    assert_memory_equal(s->reason, reasons, sizeof reasons);
    assert_int_equal(s->selected, 2);
    assert_int_equal(s->status[200].count, 2);
    assert_int_equal(ha_tally_pattern(t, 2), 2); /* selected or not: it is about lines */
    assert_int_equal(ha_tally_pattern(t, 1), 1);
    assert_int_equal(ha_tally_pattern(t, 0), 0);
    assert_int_equal(ha_tally_pattern(t, 3), 0);
    ha_tally_free(&t);
}

static void classes_and_statuses(void **state)
{
    (void)state;
    static const int statuses[] = {100, 200, 302, 404, 429, 500,
                                   599, 0,   99,  600, 999, HA_NO_STATUS};
    struct ha_tally *t = make(&with_tops);
    for (size_t i = 0; i < HA_COUNT(statuses); i++) {
        struct ha_record r = matched(statuses[i]);
        r.body_bytes = 10;
        add(t, r);
    }
    const struct ha_tally_sums *s = ha_tally_sums(t);
    static const uint64_t classes[6] = {5, 1, 1, 1, 2, 2};
    for (int c = 0; c < 6; c++) {
        assert_int_equal(s->classes[c].count, classes[c]);
        assert_int_equal(s->classes[c].body_bytes, 10 * classes[c]);
    }
    for (size_t i = 0; i + 1 < HA_COUNT(statuses); i++)
        assert_int_equal(s->status[statuses[i]].count, 1);
    assert_int_equal(s->no_status, 1);
    assert_int_equal(s->errors, 4);
    ha_tally_free(&t);
}

static void times_and_bytes(void **state)
{
    (void)state;
    struct ha_tally *t = make(&with_tops);
    struct ha_record r = matched(200);
    r.body_bytes = UINT64_MAX - 1; /* a log may claim anything */
    add(t, r);
    assert_false(ha_tally_sums(t)->has_time);
    r.has_time = true;
    static const int64_t times[] = {-5, 7000000, -9000000, 3};
    for (size_t i = 0; i < HA_COUNT(times); i++) {
        r.time_us = times[i];
        add(t, r);
    }
    ha_tally_add_bytes(t, 5);
    ha_tally_add_bytes(t, 6);
    assert_int_equal(ha_tally_sums(t)->first_us, -9000000);
    assert_int_equal(ha_tally_sums(t)->last_us, 7000000);
    assert_int_equal(ha_tally_sums(t)->bytes, 11);
    assert_true(ha_tally_sums(t)->status[200].body_bytes == UINT64_MAX);
    ha_tally_add_bytes(t, UINT64_MAX);
    assert_true(ha_tally_sums(t)->bytes == UINT64_MAX);
    ha_tally_free(&t);
}

static void targets(void **state)
{
    (void)state;
    static const struct {
        enum ha_field field;
        const char *text, *without, *with;
    } cases[] = {
        {HA_FIELD_TARGET, "/a?b=c?d", "/a", "/a?b=c?d"},
        {HA_FIELD_TARGET, "/", "/", "/"},
        {HA_FIELD_TARGET, "?x", "?x", "?x"},
        {HA_FIELD_TARGET, "*", "*", "*"},
        {HA_FIELD_TARGET, "http://h/p?q", "http://h/p", "http://h/p?q"},
        {HA_FIELD_REQUEST, "\\x16\\x03\\x01?", "\\x16\\x03\\x01?", "\\x16\\x03\\x01?"},
        {HA_FIELD_REQUEST, "", "-", "-"},
        {HA_FIELD_REQUEST, "-", "-", "-"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        for (int keep = 0; keep < 2; keep++) {
            struct ha_tally_options o = with_tops;
            o.keep_query = keep == 1;
            struct ha_tally *t = make(&o);
            add(t, with_text(404, cases[i].field, cases[i].text));
            const char *value = keep == 1 ? cases[i].with : cases[i].without;
            assert_first(t, HA_TOP_TARGETS, value, 1);
            assert_first(t, HA_TOP_ERROR_TARGETS, value, 1);
            ha_tally_free(&t);
        }
    }
}

static void who_is_listed(void **state)
{
    (void)state;
    struct ha_tally *t = make(&with_tops);
    struct ha_top_entry e[9];
    bool estimated;
    static const enum ha_field fields[] = {HA_FIELD_CLIENT, HA_FIELD_REFERER, HA_FIELD_AGENT};
    add(t, matched(200)); /* without any field */
    for (size_t f = 0; f < HA_COUNT(fields); f++) {
        add(t, with_text(200, fields[f], ""));
        add(t, with_text(500, fields[f], "-"));
        add(t, with_text(200, fields[f], "value"));
        add(t, with_text(429, fields[f], "another value"));
        add(t, with_text(200, fields[f], "value"));
    }
    assert_int_equal(ha_tally_top(t, HA_TOP_TARGETS, 9, e), 0);
    assert_int_equal(ha_tally_top(t, HA_TOP_CLIENTS, 9, e), 2);
    assert_int_equal(ha_tally_top(t, HA_TOP_REFERERS, 9, e), 2);
    assert_int_equal(ha_tally_top(t, HA_TOP_AGENTS, 9, e), 3);
    assert_true(ha_view_is(e[0].value, "-")); /* as often as "value", and before it */
    assert_int_equal(e[0].count, 2);
    assert_int_equal(ha_tally_top(t, HA_TOP_ERROR_CLIENTS, 9, e), 1);
    assert_true(ha_view_is(e[0].value, "another value"));
    assert_int_equal(e[0].full_len, 13);
    assert_int_equal(ha_tally_top_bound(t, HA_TOP_AGENTS), 0);
    assert_int_equal(ha_tally_distinct_clients(t, &estimated), 2);
    assert_false(estimated);
    ha_tally_free(&t);
}

static void add_client(struct ha_tally *t, unsigned n)
{
    char text[32];
    snprintf(text, sizeof text, "client-%u", n);
    add(t, with_text(200, HA_FIELD_CLIENT, text));
}

static void clients_beyond_the_cap_are_estimated(void **state)
{
    (void)state;
    struct ha_tally_options o = with_tops;
    bool estimated = true;
    o.limits.top_entries = 1000;
    struct ha_tally *t = make(&o);
    for (unsigned n = 0; n < 1000; n++)
        add_client(t, n);
    assert_int_equal(ha_tally_distinct_clients(t, &estimated), 1000);
    assert_false(estimated);
    for (unsigned n = 0; n < 5000; n++)
        add_client(t, n);
    assert_in_range(ha_tally_distinct_clients(t, &estimated), 4900, 5100);
    assert_true(estimated);
    assert_true(ha_tally_top_bound(t, HA_TOP_CLIENTS) > 0);
    ha_tally_free(&t);
}

static void without_lists_clients_are_estimated(void **state)
{
    (void)state;
    struct ha_tally_options o = with_tops;
    struct ha_top_entry e;
    bool estimated;
    o.tops = false;
    struct ha_tally *t = make(&o);
    add(t, with_text(200, HA_FIELD_CLIENT, "-"));
    assert_int_equal(ha_tally_distinct_clients(t, &estimated), 0);
    for (unsigned n = 0; n < 20; n++)
        add_client(t, n % 10);
    assert_int_equal(ha_tally_distinct_clients(t, &estimated), 10);
    assert_true(estimated);
    assert_int_equal(ha_tally_top(t, HA_TOP_CLIENTS, 1, &e), 0);
    assert_int_equal(ha_tally_top_bound(t, HA_TOP_CLIENTS), 0);
    ha_tally_free(&t);
}

static void add_method(struct ha_tally *t, int method, const char *token)
{
    struct ha_record r = with_text(200, HA_FIELD_METHOD, token);
    r.method = (int16_t)method;
    r.body_bytes = 3;
    add(t, r);
}

static struct ha_tally *count_methods(const char *const *unlisted, size_t n, bool backwards)
{
    struct ha_tally_options o = with_tops;
    o.limits.distinct_methods = 3;
    struct ha_tally *t = make(&o);
    for (int i = 0; i < 3; i++)
        add_method(t, ha_facts_method_index(HA_VIEW_LIT("GET")), "GET");
    for (size_t i = 0; i < n; i++)
        add_method(t, HA_UNLISTED_METHOD, unlisted[backwards ? n - 1 - i : i]);
    add_method(t, HA_NO_METHOD, "");
    return t;
}

/* Listed methods count apart always; of unlisted ones as many as may, the same ones with the same
 * counts in whatever order they came. */
static void methods_by_index_and_token(void **state)
{
    (void)state;
    char longer[100];
    memset(longer, 'X', sizeof longer);
    longer[99] = '\0';
    const char *const unlisted[] = {"get", longer, "get", "HELLO", "FROB", "get", "FROB"};
    struct ha_method_count *m, *back;
    size_t count, back_count;
    struct ha_tally *t = count_methods(unlisted, HA_COUNT(unlisted), false);
    struct ha_tally *other = count_methods(unlisted, HA_COUNT(unlisted), true);
    assert_int_equal(ha_tally_methods(t, &m, &count), HA_OK);
    assert_int_equal(ha_tally_methods(other, &back, &back_count), HA_OK);
    assert_int_equal(count, 4);
    assert_int_equal(back_count, 4);
    uint64_t sum = 0, rest = ha_tally_sums(t)->other_methods.count;
    for (size_t i = 0; i < count; i++) {
        assert_true(ha_view_eq(m[i].method, back[i].method));
        assert_int_equal(m[i].sum.count, back[i].sum.count);
        assert_int_equal(m[i].sum.body_bytes, 3 * m[i].sum.count);
        sum += m[i].sum.count;
        if (ha_view_is(m[i].method, "get") || ha_view_is(m[i].method, "GET"))
            assert_int_equal(m[i].sum.count, 3);
        if (m[i].method.ptr[0] == 'X') {
            assert_int_equal(m[i].method.len, 64);
            assert_memory_equal(m[i].method.ptr + 59, "XX...", 5);
        }
    }
    assert_true(rest > 0);
    assert_int_equal(sum + rest, 3 + HA_COUNT(unlisted));
    assert_int_equal(ha_tally_sums(other)->other_methods.count, rest);
    assert_int_equal(ha_tally_sums(t)->no_method.count, 1);
    ha_free(m);
    ha_free(back);
    ha_tally_free(&t);
    ha_tally_free(&other);
}

static void add_unmatched(struct ha_tally *t, enum ha_reason reason, uint32_t source, uint64_t line,
                          const char *text)
{
    struct ha_record r = {.verdict = HA_UNMATCHED,
                          .reason = (uint8_t)reason,
                          .line_number = line,
                          .line = ha_view_of(text)};
    ha_tally_add(t, &r, false, source);
}

static void samples_are_the_first_of_each_reason(void **state)
{
    (void)state;
    struct ha_tally_options o = with_tops;
    const struct ha_sample *s;
    o.limits.unmatched_samples = 4;
    o.limits.sample_bytes = 5;
    struct ha_tally *t = make(&o);
    for (uint64_t line = 10; line < 30; line++)
        add_unmatched(t, HA_REASON_NO_PATTERN, 1, line, "common");
    add_unmatched(t, HA_REASON_NO_STATUS, 1, 100, "rare");
    add_unmatched(t, HA_REASON_NO_PATTERN, 0, 500, "first source");
    add_unmatched(t, HA_REASON_TOO_LONG, 0, 700, "");
    assert_int_equal(ha_tally_samples(t, &s), 4);
    assert_true(s[0].source == 0 && s[0].line_number == 500 && s[0].full_len == 12);
    assert_true(ha_view_is(s[0].text, "first"));
    assert_true(s[1].source == 0 && s[1].reason == HA_REASON_TOO_LONG && s[1].text.len == 0);
    assert_true(s[2].source == 1 && s[2].line_number == 10 && ha_view_is(s[2].text, "commo"));
    assert_true(s[3].reason == HA_REASON_NO_STATUS && ha_view_is(s[3].text, "rare"));
    ha_tally_free(&t);
}

static void no_samples_when_none_are_wanted(void **state)
{
    (void)state;
    struct ha_tally_options o = with_tops;
    const struct ha_sample *s;
    o.limits.unmatched_samples = 0;
    struct ha_tally *t = make(&o);
    add_unmatched(t, HA_REASON_NO_PATTERN, 0, 1, "text");
    assert_int_equal(ha_tally_samples(t, &s), 0);
    ha_tally_free(&t);
}

static void lines_alone_when_nobody_asks_for_more(void **state)
{
    (void)state;
    struct ha_tally_options o = with_tops;
    o.tops = o.findings = false;
    o.lines_only = true;
    struct ha_tally *t = make(&o);
    add(t, with_text(404, HA_FIELD_CLIENT, "192.0.2.1"));
    add(t, matched(200));
    add_unmatched(t, HA_REASON_NO_STATUS, 0, 3, "text");
    const struct ha_tally_sums *s = ha_tally_sums(t);
    assert_int_equal(s->lines, 3);
    assert_int_equal(s->verdict[HA_MATCHED], 2);
    assert_int_equal(s->verdict[HA_UNMATCHED], 1);
    assert_int_equal(s->selected, 0);
    assert_int_equal(s->status[404].count, 0);
    ha_tally_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_is_all_zero),
        cmocka_unit_test(every_line_counts_by_its_verdict),
        cmocka_unit_test(classes_and_statuses),
        cmocka_unit_test(times_and_bytes),
        cmocka_unit_test(targets),
        cmocka_unit_test(who_is_listed),
        cmocka_unit_test(clients_beyond_the_cap_are_estimated),
        cmocka_unit_test(without_lists_clients_are_estimated),
        cmocka_unit_test(methods_by_index_and_token),
        cmocka_unit_test(samples_are_the_first_of_each_reason),
        cmocka_unit_test(no_samples_when_none_are_wanted),
        cmocka_unit_test(lines_alone_when_nobody_asks_for_more),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
