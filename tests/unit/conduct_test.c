/* conduct_test.c - what clients and targets did, counted whole or in pieces that are merged in any
 * order: the same is kept, whole as far as it is kept, in bounded room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/facts.h"
#include "httpannotate/partial.h"
#include "random.h"
#include "tally/hash.h"
#include "tally/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 4000, PARTS = 7, SOURCES = 3 };

static char texts[RECORDS][4][48];
static struct ha_record records[RECORDS];
static uint32_t sources[RECORDS];
static struct ha_report_source source_names[SOURCES] = {
    {.name = "a.log"}, {.name = "b.log"}, {.name = "c.log"}};

static void put_text(size_t i, int slot, enum ha_field f, const char *format, uint64_t n)
{
    int len = snprintf(texts[i][slot], sizeof texts[i][slot], format, (unsigned)n);
    ha_put(&records[i], f, (struct ha_view){texts[i][slot], (size_t)len});
}

static void make_record(size_t i, struct random *rnd, uint64_t clients)
{
    static const int16_t statuses[] = {200, 201, 204, 302, 401, 404, 429, 429, 504};
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "MOVE"};
    static const char *const targets[] = {"/login?%u", "/a/%u", "/dir%u/", "/%u"};
    struct ha_record *r = &records[i];
    const char *method = methods[random_below(rnd, HA_COUNT(methods))];
    memset(r, 0, sizeof *r);
    r->verdict = HA_MATCHED;
    r->line_number = i + 1;
    r->status = statuses[random_below(rnd, HA_COUNT(statuses))];
    r->method = (int16_t)ha_facts_method_index(ha_view_of(method));
    r->has_time = random_below(rnd, 50) > 0;
    /* Before 1970 too: periods must not be rounded towards it. */
    r->time_us = (int64_t)random_below(rnd, 3 * 3600 * UINT64_C(1000000)) - 3600 * HA_US_PER_S;
    ha_put(r, HA_FIELD_METHOD, ha_view_of(method));
    put_text(i, 0, HA_FIELD_CLIENT, "192.0.2.%u", random_below(rnd, clients));
    put_text(i, 1, HA_FIELD_TARGET, targets[random_below(rnd, HA_COUNT(targets))],
             random_below(rnd, clients));
    put_text(i, 2, HA_FIELD_AGENT, "agent/%u", random_below(rnd, 3));
    if (random_below(rnd, 20) == 0)
        put_text(i, 3, HA_FIELD_USER, "u%u", random_below(rnd, 9));
    sources[i] = (uint32_t)random_below(rnd, SOURCES);
}

static void make_records(uint64_t seed, uint64_t clients)
{
    struct random rnd = {seed};
    for (size_t i = 0; i < RECORDS; i++)
        make_record(i, &rnd, clients);
}

static struct ha_limits limits_of(size_t max)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    limits.conduct_periods = max;
    return limits;
}

static struct ha_tally *tally(size_t max)
{
    struct ha_tally_options o = {.limits = limits_of(max), .findings = true, .patterns = 1};
    struct ha_tally *t;
    assert_int_equal(ha_tally_new(&o, &t), HA_OK);
    return t;
}

/* All that is kept, as bytes. */
static void write(const struct ha_tally *t, struct ha_buf *to)
{
    const struct ha_report_pattern pattern = {"combined", ha_tally_pattern(t, 0)};
    struct ha_partial p = {.tally = t,
                           .selection = "",
                           .sources = source_names,
                           .source_count = SOURCES,
                           .patterns = &pattern,
                           .pattern_count = 1};
    ha_buf_clear(to);
    ha_partial_write(&p, to);
    assert_true(ha_buf_ok(to));
}

static void count_all(struct ha_tally *t)
{
    for (size_t i = 0; i < RECORDS; i++)
        ha_tally_add(t, &records[i], true, sources[i]);
    assert_true(ha_tally_ok(t));
}

static const size_t rooms[] = {40, 120, 500, 8192};

static void parts_in_any_order_are_the_whole(void **state)
{
    (void)state;
    struct random rnd = {5};
    struct ha_buf whole = {0}, sum = {0};
    for (size_t round = 0; round < 8; round++) {
        size_t max = rooms[round % HA_COUNT(rooms)];
        make_records(round, round < 4 ? 12 : 200);
        struct ha_tally *all = tally(max), *part[PARTS];
        count_all(all);
        write(all, &whole);
        for (size_t i = 0; i < PARTS; i++)
            part[i] = tally(max);
        for (size_t k = RECORDS; k-- > 0;) /* the last first */
            ha_tally_add(part[random_below(&rnd, PARTS)], &records[k], true, sources[k]);
        /* Each is added to another one that is left, at random. */
        for (size_t left = PARTS; left > 1; left--) {
            size_t from = random_below(&rnd, left);
            struct ha_tally *one = part[from];
            part[from] = part[left - 1];
            size_t into = random_below(&rnd, left - 1);
            assert_int_equal(ha_tally_merge(part[into], one), HA_OK);
            ha_tally_free(&one);
        }
        write(part[0], &sum);
        assert_int_equal(sum.len, whole.len);
        assert_memory_equal(sum.ptr, whole.ptr, whole.len);
        ha_tally_free(&part[0]);
        ha_tally_free(&all);
    }
    ha_buf_free(&whole);
    ha_buf_free(&sum);
}

static void partial_reports_add_up_to_the_whole(void **state)
{
    (void)state;
    struct ha_buf whole = {0}, line = {0}, sum = {0};
    for (size_t round = 0; round < HA_COUNT(rooms); round++) {
        struct ha_limits limits = limits_of(rooms[round]);
        struct ha_merger *m;
        struct ha_problem p;
        struct ha_merged told;
        assert_int_equal(ha_merger_new(&limits, &m), HA_OK);
        make_records(round + 20, 40);
        struct ha_tally *all = tally(rooms[round]);
        count_all(all);
        write(all, &whole);
        for (size_t piece = 4; piece-- > 0;) {
            struct ha_tally *t = tally(rooms[round]);
            for (size_t i = piece; i < RECORDS; i += 4)
                ha_tally_add(t, &records[i], true, sources[i]);
            write(t, &line);
            assert_int_equal(ha_merger_line(m, line.ptr, line.len, &p), HA_OK);
            ha_tally_free(&t);
        }
        assert_int_equal(ha_merger_read(m, &told), HA_OK);
        write(told.tally, &sum);
        assert_int_equal(sum.len, whole.len);
        assert_memory_equal(sum.ptr, whole.ptr, whole.len);
        ha_merger_free(&m);
        ha_tally_free(&all);
    }
    ha_buf_free(&whole);
    ha_buf_free(&line);
    ha_buf_free(&sum);
}

/* Of half of the records the target lies in the line, as it does but in few formats. */
static void a_batch_is_what_its_records_are(void **state)
{
    (void)state;
    struct ha_buf alone = {0}, together = {0};
    for (size_t round = 0; round < 8; round++) {
        struct ha_tally *one = tally(rooms[round % HA_COUNT(rooms)]);
        struct ha_tally *all = tally(rooms[round % HA_COUNT(rooms)]);
        make_records(round + 60, round < 4 ? 12 : 200);
        memset(sources, 0, sizeof sources);
        count_all(one);
        for (size_t i = 0; i < RECORDS; i += 2)
            records[i].line = (struct ha_view){texts[i][0], sizeof texts[i]};
        for (size_t i = 0, n; i < RECORDS; i += n) {
            n = 1 + round * 37 % 150;
            n = n < RECORDS - i ? n : RECORDS - i;
            ha_tally_add_batch(all, &records[i], NULL, n, 0);
        }
        write(one, &alone);
        write(all, &together);
        assert_int_equal(together.len, alone.len);
        assert_memory_equal(together.ptr, alone.ptr, alone.len);
        ha_tally_free(&one);
        ha_tally_free(&all);
    }
    ha_buf_free(&alone);
    ha_buf_free(&together);
}

/* The 429 of one client in one minute, counted by hand. */
static uint32_t limited_at(uint64_t client, int64_t start_s, uint64_t *seconds)
{
    uint32_t n = 0;
    *seconds = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        const struct ha_record *r = &records[i];
        struct ha_view v = ha_get(r, HA_FIELD_CLIENT);
        int64_t us = r->time_us - start_s * HA_US_PER_S;
        if (!r->has_time || r->status != 429 || us < 0 || us >= 60 * HA_US_PER_S ||
            ha_hash(v.ptr, v.len, HA_HASH_FIXED_SEED) != client)
            continue;
        n++;
        *seconds |= UINT64_C(1) << us / HA_US_PER_S;
    }
    return n;
}

static void what_is_kept_is_whole_and_bounded(void **state)
{
    (void)state;
    for (size_t round = 0; round < HA_COUNT(rooms); round++) {
        make_records(round + 40, 30);
        struct ha_tally *t = tally(rooms[round]);
        count_all(t);
        const struct ha_conduct *c = ha_tally_conduct(t);
        for (int kind = 0; kind < HA_CONDUCT_N; kind++)
            assert_true(c->table[kind].used <= rooms[round]);
        assert_true(ha_conduct_one_in(c, HA_CONDUCT_LIMITED) > 1 || rooms[round] > 120);
        for (size_t i = 0; i < ha_conduct_actors(c, HA_CONDUCT_LIMITED); i++) {
            struct ha_actor a;
            ha_conduct_actor(c, HA_CONDUCT_LIMITED, i, &a);
            for (size_t k = 0; k < a.count; k++) {
                uint64_t seconds;
                assert_true(k == 0 || a.periods[k].start_s > a.periods[k - 1].start_s);
                assert_int_equal(a.periods[k].n[0],
                                 limited_at(a.client, a.periods[k].start_s, &seconds));
                assert_int_equal(a.periods[k].seconds[0], seconds);
            }
        }
        ha_tally_free(&t);
    }
}

/* Ordinary requests are watched by way of a sample from some thousand on. */
static void reads_are_thinned_by_their_number(void **state)
{
    (void)state;
    struct ha_tally *t = tally(8192);
    make_records(1, 5);
    for (size_t i = 0; i < RECORDS; i++) {
        records[i].method = 0;
        records[i].status = 200;
        records[i].has_time = true;
    }
    for (size_t i = 0; i < 1023; i++)
        ha_tally_add(t, &records[i], true, sources[i]);
    assert_int_equal(ha_conduct_one_in(ha_tally_conduct(t), HA_CONDUCT_TWIN), 1);
    ha_tally_add(t, &records[0], true, 0);
    assert_int_equal(ha_conduct_one_in(ha_tally_conduct(t), HA_CONDUCT_TWIN), 2);
    count_all(t);
    assert_int_equal(ha_conduct_one_in(ha_tally_conduct(t), HA_CONDUCT_TWIN), 8);
    ha_tally_free(&t);
}

static void the_first_methods_are_those_named(void **state)
{
    (void)state;
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(ha_facts_method_index(ha_view_of(names[i])), i);
}

static void no_failed_allocation_goes_unnoticed(void **state)
{
    (void)state;
    make_records(9, 60);
    for (uint64_t n = 1;; n++) {
        struct ha_conduct *c = calloc(1, sizeof *c);
        assert_non_null(c);
        ha_conduct_init(c, 100);
        ha_alloc_fail_at(n);
        bool ok = true;
        for (size_t i = 0; i < RECORDS && ok; i++) {
            uint8_t may = (uint8_t)ha_conduct_may(c, records[i].method, records[i].status,
                                                  ha_has(&records[i], HA_FIELD_USER));
            ok = ha_conduct_add_batch(c, &records[i], &may, 1, sources[i]);
        }
        bool done = ha_alloc_fail_at(0) < n;
        assert_int_equal(ok, done);
        ha_conduct_done(c);
        free(c);
        if (done)
            return;
    }
}

/* Of sets of agents: three prints or more are many, fewer are kept, in whatever order and grouping
 * they are joined. */
static void agents_join_in_any_order(void **state)
{
    (void)state;
    struct random rnd = {5};
    for (int turn = 0; turn < 20000; turn++) {
        uint32_t sets[6], left = 0, right = 0, kinds = 0;
        bool seen[6] = {false};
        for (size_t i = 0; i < HA_COUNT(sets); i++) {
            size_t kind = random_below(&rnd, 1 + (uint64_t)turn % 5);
            sets[i] = 1 + (uint32_t)kind * 1018; /* up to 4073 */
            kinds += !seen[kind];
            seen[kind] = true;
        }
        for (size_t i = 0; i < HA_COUNT(sets); i++)
            left = ha_agents_join(left, sets[i]);
        for (size_t i = HA_COUNT(sets); i > 0; i -= 2)
            right = ha_agents_join(ha_agents_join(sets[i - 2], sets[i - 1]), right);
        assert_int_equal(left, right);
        assert_int_equal(left == HA_MANY_AGENTS, kinds > 2);
        assert_int_equal(left >> HA_AGENT_PRINT != 0, kinds > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_in_any_order_are_the_whole),
        cmocka_unit_test(partial_reports_add_up_to_the_whole),
        cmocka_unit_test(a_batch_is_what_its_records_are),
        cmocka_unit_test(what_is_kept_is_whole_and_bounded),
        cmocka_unit_test(reads_are_thinned_by_their_number),
        cmocka_unit_test(the_first_methods_are_those_named),
        cmocka_unit_test(agents_join_in_any_order),
        cmocka_unit_test(no_failed_allocation_goes_unnoticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
