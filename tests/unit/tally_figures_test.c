/* tally_figures_test.c - durations, sizes, statuses by method, targets and statuses of errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/facts.h"
#include "httpannotate/tally.h"

#include <stdio.h>
#include <string.h>

static struct ha_tally *make(bool templates)
{
    struct ha_tally_options o = {
        .limits = HA_LIMITS_DEFAULT, .tops = true, .templates = templates, .patterns = 1};
    struct ha_tally *t;
    assert_int_equal(ha_tally_new(&o, &t), HA_OK);
    return t;
}

static void add(struct ha_tally *t, struct ha_record r)
{
    r.verdict = HA_MATCHED;
    ha_tally_add(t, &r, true, 0);
    assert_true(ha_tally_ok(t));
}

static void add_target(struct ha_tally *t, int status, enum ha_field f, struct ha_view target)
{
    struct ha_record r = {.status = (int16_t)status, .method = HA_NO_METHOD};
    ha_put(&r, f, target);
    add(t, r);
}

static void durations_are_kept_by_class(void **state)
{
    (void)state;
    struct ha_tally *t = make(false);
    struct ha_spread s;
    static const struct ha_spread nothing;
    static const struct {
        int16_t status;
        uint64_t us;
    } records[] = {{200, 10}, {204, 20}, {302, 30}, {404, 40}, {500, 50}, {HA_NO_STATUS, 60}};
    assert_int_equal(ha_tally_durations(t, 0x3f, &s), HA_OK);
    assert_memory_equal(&s, &nothing, sizeof s);
    for (size_t i = 0; i < HA_COUNT(records); i++)
        add(t, (struct ha_record){.status = records[i].status,
                                  .has_duration = true,
                                  .duration_us = records[i].us});
    add(t, (struct ha_record){.status = 200, .duration_us = 1000}); /* it has none */
    static const struct {
        unsigned classes;
        struct ha_spread want;
    } cases[] = {
        {1u << 2, {2, 15, 10, 20, 20, 20, 20}}, {1u << 4 | 1u << 5, {2, 45, 40, 50, 50, 50, 50}},
        {1u << 0, {1, 60, 60, 60, 60, 60, 60}}, {1u << 1, {0}},
        {0x3f, {6, 35, 30, 60, 60, 60, 60}},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        assert_int_equal(ha_tally_durations(t, cases[i].classes, &s), HA_OK);
        assert_memory_equal(&s, &cases[i].want, sizeof s);
    }
    ha_alloc_fail_at(1);
    assert_int_equal(ha_tally_durations(t, 0x3f, &s), HA_ERR_MEMORY);
    ha_alloc_fail_at(0);
    ha_tally_reset(t);
    assert_int_equal(ha_tally_durations(t, 0x3f, &s), HA_OK);
    assert_memory_equal(&s, &nothing, sizeof s);
    ha_tally_free(&t);
}

static void sizes_are_of_records_that_tell_them(void **state)
{
    (void)state;
    struct ha_tally *t = make(false);
    add(t, (struct ha_record){.status = 200, .has_bytes = true, .body_bytes = 100});
    add(t, (struct ha_record){.status = 304, .has_bytes = true});
    add(t, (struct ha_record){.status = 200});
    struct ha_spread s = ha_tally_sizes(t);
    static const struct ha_spread want = {2, 50, 0, 100, 100, 100, 100};
    assert_memory_equal(&s, &want, sizeof s);
    ha_tally_free(&t);
}

static void statuses_by_method(void **state)
{
    (void)state;
    struct ha_tally *t = make(false);
    int get = ha_facts_method_index(HA_VIEW_LIT("GET"));
    assert_null(ha_tally_method_statuses(t, get));
    assert_null(ha_tally_method_statuses(t, -3));
    assert_null(ha_tally_method_statuses(t, (int)ha_facts_method_count()));
    add(t, (struct ha_record){.status = 200, .method = (int16_t)get});
    add(t, (struct ha_record){.status = 999, .method = (int16_t)get});
    add(t, (struct ha_record){.status = 200, .method = (int16_t)get});
    add(t, (struct ha_record){.status = 0, .method = HA_NO_METHOD});
    add(t, (struct ha_record){.status = 405, .method = HA_UNLISTED_METHOD});
    add(t, (struct ha_record){.status = HA_NO_STATUS, .method = (int16_t)get}); /* in no cell */
    const uint64_t *row = ha_tally_method_statuses(t, get);
    assert_true(row[200] == 2 && row[999] == 1 && row[0] == 0 && row[405] == 0);
    assert_int_equal(ha_tally_method_statuses(t, HA_NO_METHOD)[0], 1);
    assert_int_equal(ha_tally_method_statuses(t, HA_UNLISTED_METHOD)[405], 1);
    ha_tally_reset(t);
    assert_int_equal(ha_tally_method_statuses(t, get)[200], 0);
    ha_tally_free(&t);
}

static void templates_are_of_targets_of_errors_alone(void **state)
{
    (void)state;
    static const struct {
        enum ha_field field;
        const char *text, *want;
    } cases[] = {
        {HA_FIELD_TARGET, "/u/12/x?y=1", "/u/:n/x"},
        {HA_FIELD_TARGET, "/", "/"},
        {HA_FIELD_REQUEST, "no /12/ target", "no /12/ target"},
        {HA_FIELD_REQUEST, "", "-"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        for (int templates = 0; templates < 2; templates++) {
            struct ha_tally *t = make(templates == 1);
            struct ha_top_entry all, error, pair;
            add_target(t, 404, cases[i].field, ha_view_of(cases[i].text));
            assert_int_equal(ha_tally_top(t, HA_TOP_TARGETS, 1, &all), 1);
            assert_int_equal(ha_tally_top(t, HA_TOP_ERROR_TARGETS, 1, &error), 1);
            assert_int_equal(ha_tally_top(t, HA_TOP_ERROR_PAIRS, 1, &pair), 1);
            if (templates == 1)
                assert_true(ha_view_is(error.value, cases[i].want));
            else
                assert_true(ha_view_eq(error.value, all.value));
            assert_true(ha_view_eq(error.value, pair.value));
            assert_int_equal(pair.status, 404);
            assert_int_equal(pair.full_len, pair.value.len);
            assert_int_equal(error.status, 0);
            ha_tally_free(&t);
        }
    }
}

static void pairs_are_found(void **state)
{
    (void)state;
    struct ha_tally *t = make(true);
    struct ha_top_entry e;
    for (int i = 0; i < 30; i++) {
        char target[32];
        snprintf(target, sizeof target, "/t/%d", i);
        add_target(t, i % 3 == 0 ? 404 : 503, HA_FIELD_TARGET, ha_view_of(target));
        add_target(t, 404, HA_FIELD_TARGET, HA_VIEW_LIT("/x"));
        add_target(t, 200, HA_FIELD_TARGET, HA_VIEW_LIT("/x"));
    }
    assert_true(ha_tally_pair(t, 404, HA_VIEW_LIT("/t/:n"), &e));
    assert_int_equal(e.count, 10);
    assert_int_equal(e.status, 404);
    assert_true(ha_view_is(e.value, "/t/:n"));
    assert_true(ha_tally_pair(t, 503, HA_VIEW_LIT("/t/:n"), &e));
    assert_int_equal(e.count, 20);
    assert_true(ha_tally_pair(t, 404, HA_VIEW_LIT("/x"), &e));
    assert_int_equal(e.count, 30);
    assert_false(ha_tally_pair(t, 200, HA_VIEW_LIT("/x"), &e));
    assert_false(ha_tally_pair(t, 503, HA_VIEW_LIT("/x"), &e));
    assert_false(ha_tally_pair(t, 404, HA_VIEW_LIT("/t/0"), &e));
    assert_false(ha_tally_pair(t, 4, HA_VIEW_LIT("/x"), &e));
    ha_tally_free(&t);
}

/* Many long targets in one batch need more room than there is for their copies at once; targets
 * beyond what is copied whole are still told apart by what was left out. */
static void long_targets_are_told_apart(void **state)
{
    (void)state;
    static char text[70][5000];
    static struct ha_record records[70];
    struct ha_tally *t = make(true);
    struct ha_top_entry e[80];
    for (size_t i = 0; i < 70; i++) {
        memset(text[i], 'a', sizeof text[i]);
        text[i][0] = '/';
        size_t len = i < 60 ? 1000 : sizeof text[i];
        snprintf(text[i] + len - 3, 3, "%02zu", i);
        records[i] =
            (struct ha_record){.verdict = HA_MATCHED, .status = 500, .method = HA_NO_METHOD};
        ha_put(&records[i], HA_FIELD_TARGET, (struct ha_view){text[i], len});
    }
    ha_tally_add_batch(t, records, NULL, 70, 0);
    assert_true(ha_tally_ok(t));
    assert_int_equal(ha_tally_top(t, HA_TOP_ERROR_TARGETS, 80, e), 70);
    assert_int_equal(ha_tally_top(t, HA_TOP_ERROR_PAIRS, 80, e), 70);
    for (size_t i = 0; i < 70; i++)
        assert_true(e[i].count == 1 && e[i].status == 500 && e[i].value.ptr[0] == '/');
    assert_true(ha_tally_pair(t, 500, records[7].field[HA_FIELD_TARGET], e));
    assert_false(ha_tally_pair(t, 500, records[65].field[HA_FIELD_TARGET], e));
    ha_tally_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_kept_by_class),
        cmocka_unit_test(sizes_are_of_records_that_tell_them),
        cmocka_unit_test(statuses_by_method),
        cmocka_unit_test(templates_are_of_targets_of_errors_alone),
        cmocka_unit_test(pairs_are_found),
        cmocka_unit_test(long_targets_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
