/* partial_forged_test.c - partial reports whose checksum is right and whose numbers no run could
 * have counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts_fixture.h"
#include "partial_fixture.h"
#include "tally/parts.h"
#include "tally/top_record.h"

static struct fixture_log log_lines;

/* Tallies that no run could have made. */

static void too_many_matched(struct ha_tally *t)
{
    t->sums.verdict[HA_MATCHED]++;
}
static void a_method_too_few(struct ha_tally *t)
{
    t->methods.listed[0].count--;
}
static void reasons_of_nothing(struct ha_tally *t)
{
    t->sums.reason[HA_REASON_NO_STATUS]++;
}
static void more_selected_than_matched(struct ha_tally *t)
{
    t->sums.status[200].count += 1000;
    t->methods.listed[0].count += 1000;
}
static void the_last_before_the_first(struct ha_tally *t)
{
    t->sums.last_us = t->sums.first_us - 1;
    t->sums.first_us = INT64_MAX;
}
static void a_time_beyond_time(struct ha_tally *t)
{
    t->timeline.buckets[0].start_s = INT64_MAX / 2 / t->timeline.width_s * t->timeline.width_s;
}
static void buckets_without_times(struct ha_tally *t)
{
    t->sums.has_time = false;
}
static void more_in_a_bucket_than_selected(struct ha_tally *t)
{
    t->timeline.buckets[0].n[HA_SERIES_TOTAL] += 1000;
}
static void a_register_beyond_its_rank(struct ha_tally *t)
{
    t->clients.rank[77] = 63;
}
static void more_sizes_than_requests(struct ha_tally *t)
{
    t->sizes.counts[ha_quantiles_bucket(t->sizes.max)] += 1000;
}
static void sizes_beyond_the_largest(struct ha_tally *t)
{
    t->sizes.max = UINT64_MAX;
}
static void an_answer_too_many(struct ha_tally *t)
{
    assert_non_null(t->method_statuses.rows[2]);
    t->method_statuses.rows[2][200] += 1000;
}
static struct ha_error_cell *a_cell(struct ha_tally *t)
{
    struct ha_error_cell *c = t->error_minutes.slots;
    while (c->count == 0)
        c++;
    return c;
}
static void more_errors_in_minutes_than_errors(struct ha_tally *t)
{
    a_cell(t)->count += 1000;
}
static void a_minute_beyond_time(struct ha_tally *t)
{
    a_cell(t)->key |= ha_error_key(INT64_MAX / HA_MINUTE_US + 1, 400);
}
static void minutes_that_were_given_up(struct ha_tally *t)
{
    t->error_minutes.kept = HA_MINUTES_NONE;
}
static void clients_errors_that_were_given_up(struct ha_tally *t)
{
    t->error_minutes.kept = HA_MINUTES_5XX;
}
static void a_bound_beyond_all(struct ha_tally *t)
{
    t->top[HA_TOP_AGENTS].bound = 1000;
}
/* The first two clients become one and the same. */
static void a_value_twice(struct ha_tally *t)
{
    size_t at = 0;
    struct ha_top_list *l = &t->top[HA_TOP_CLIENTS];
    struct ha_top_record *first = ha_top_next(l, &at), *other;
    while ((other = ha_top_next(l, &at)) != NULL && other->len != first->len)
        ;
    assert_non_null(other);
    memcpy(ha_top_value(other), ha_top_value(first), first->len);
}
static void a_pair_without_a_status(struct ha_tally *t)
{
    size_t at = 0;
    ha_top_value(ha_top_next(&t->top[HA_TOP_ERROR_PAIRS], &at))[1] = 'x';
}

static void what_cannot_have_been_counted_is_refused(void **state)
{
    (void)state;
    void (*const falsify[])(struct ha_tally *) = {too_many_matched,
                                                  a_method_too_few,
                                                  reasons_of_nothing,
                                                  more_selected_than_matched,
                                                  the_last_before_the_first,
                                                  a_time_beyond_time,
                                                  buckets_without_times,
                                                  more_in_a_bucket_than_selected,
                                                  a_register_beyond_its_rank,
                                                  more_sizes_than_requests,
                                                  sizes_beyond_the_largest,
                                                  an_answer_too_many,
                                                  a_bound_beyond_all,
                                                  a_value_twice,
                                                  a_pair_without_a_status,
                                                  more_errors_in_minutes_than_errors,
                                                  a_minute_beyond_time,
                                                  minutes_that_were_given_up,
                                                  clients_errors_that_were_given_up};
    struct random rnd = {4};
    struct ha_tally_options o = fixture_options(true);
    struct ha_merger *m;
    assert_int_equal(ha_merger_new(&o.limits, &m), HA_OK);
    fixture_fill(&log_lines, 80, true, &rnd);
    for (size_t k = 0; k < HA_COUNT(falsify); k++) {
        struct fixture_piece p = fixture_piece(&o);
        struct ha_buf line = {0};
        for (size_t i = 0; i < log_lines.count; i++)
            fixture_count(&p, &log_lines, i);
        struct ha_merged told = fixture_told(&p);
        falsify[k](p.tally);
        fixture_report(&told, "partial", facts, &line);
        struct ha_problem problem = {0};
        if (fixture_add(m, (struct ha_view){line.ptr, line.len}, &problem) != HA_ERR_SYNTAX)
            fail_msg("number %zu was taken", k);
        assert_non_null(strstr(problem.cause, "does not hold together"));
        ha_tally_free(&p.tally);
        ha_buf_free(&line);
    }
    assert_int_equal(ha_tally_sums(fixture_merged(m).tally)->lines, 0);
    ha_merger_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_have_been_counted_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
