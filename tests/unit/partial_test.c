/* partial_test.c - partial reports: any split, any order and any grouping give the whole, to the
 * byte; counters stop at their maximum; estimates keep their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts_fixture.h"
#include "partial_fixture.h"

#define PARTS 7

static struct fixture_log log_lines;

static struct ha_view view(const struct ha_buf *b)
{
    return (struct ha_view){b->ptr, b->len};
}

static struct ha_merger *merger(const struct ha_tally_options *o)
{
    struct ha_merger *m;
    assert_int_equal(ha_merger_new(&o->limits, &m), HA_OK);
    return m;
}

static void add(struct ha_merger *m, const struct ha_buf *line)
{
    struct ha_problem p;
    if (fixture_add(m, view(line), &p) != HA_OK)
        fail_msg("%s", p.cause);
}

static void assert_same_bytes(const struct ha_buf *a, const struct ha_buf *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->ptr, b->ptr, a->len);
}

/* The log split at random, each piece as a line. */
static void write_pieces(struct random *rnd, const struct ha_tally_options *o, struct ha_buf *lines,
                         size_t parts)
{
    struct fixture_piece piece[PARTS];
    for (size_t p = 0; p < parts; p++)
        piece[p] = fixture_piece(o);
    for (size_t i = 0; i < log_lines.count; i++)
        fixture_count(&piece[random_below(rnd, parts)], &log_lines, i);
    for (size_t p = 0; p < parts; p++) {
        struct ha_merged told = fixture_told(&piece[p]);
        fixture_report(&told, "partial", facts, &lines[p]);
        ha_tally_free(&piece[p].tally);
    }
}

/* Takes two lines at random and puts their sum in their place, until one is left. */
static void merge_in_groups(struct random *rnd, const struct ha_tally_options *o,
                            struct ha_buf *lines, size_t parts)
{
    for (size_t left = parts; left > 1; left--) {
        size_t into = random_below(rnd, left), from = random_below(rnd, left - 1);
        from += from >= into;
        struct ha_merger *m = merger(o);
        add(m, &lines[into]);
        add(m, &lines[from]);
        struct ha_merged told = fixture_merged(m);
        ha_buf_clear(&lines[into]);
        fixture_report(&told, "partial", facts, &lines[into]);
        ha_merger_free(&m);
        struct ha_buf gone = lines[from];
        lines[from] = lines[left - 1];
        lines[left - 1] = gone;
    }
}

static void any_split_order_and_grouping_give_the_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct random rnd = {seed};
        struct ha_tally_options o = fixture_options(seed % 6 != 0);
        struct ha_buf lines[PARTS] = {0}, want = {0}, got = {0}, want_json = {0}, got_json = {0};
        size_t parts = 1 + seed % PARTS;
        fixture_fill(&log_lines, FIXTURE_RECORDS, true, &rnd);
        struct fixture_piece whole = fixture_piece(&o);
        for (size_t i = 0; i < log_lines.count; i++)
            fixture_count(&whole, &log_lines, i);
        struct ha_merged told = fixture_told(&whole);
        fixture_report(&told, "partial", facts, &want);
        fixture_report(&told, "json", facts, &want_json);
        write_pieces(&rnd, &o, lines, parts);
        struct ha_merger *m = merger(&o);
        for (size_t p = 0; p < parts; p++)
            add(m, &lines[p]);
        told = fixture_merged(m);
        fixture_report(&told, "partial", facts, &got);
        fixture_report(&told, "json", facts, &got_json);
        assert_same_bytes(&got_json, &want_json);
        assert_same_bytes(&got, &want);
        merge_in_groups(&rnd, &o, lines, parts);
        assert_same_bytes(&lines[0], &want);
        ha_merger_free(&m);
        ha_tally_free(&whole.tally);
        for (size_t p = 0; p < PARTS; p++)
            ha_buf_free(&lines[p]);
        ha_buf_free(&want);
        ha_buf_free(&got);
        ha_buf_free(&want_json);
        ha_buf_free(&got_json);
    }
}

static void write_whole(const struct ha_tally_options *o, struct ha_buf *to)
{
    struct fixture_piece p = fixture_piece(o);
    for (size_t i = 0; i < log_lines.count; i++)
        fixture_count(&p, &log_lines, i);
    struct ha_merged told = fixture_told(&p);
    fixture_report(&told, "partial", facts, to);
    ha_tally_free(&p.tally);
}

/* The same line again and again: a sum that doubles itself goes beyond 64 bits. */
static void counters_stop_at_their_maximum(void **state)
{
    (void)state;
    struct random rnd = {5};
    struct ha_tally_options o = fixture_options(true);
    struct ha_buf line = {0};
    fixture_fill(&log_lines, 400, true, &rnd);
    write_whole(&o, &line);
    for (int i = 0; i < 70; i++) {
        struct ha_merger *m = merger(&o);
        add(m, &line);
        add(m, &line);
        struct ha_merged told = fixture_merged(m);
        ha_buf_clear(&line);
        fixture_report(&told, "partial", facts, &line);
        if (i == 69) {
            const struct ha_tally_sums *s = ha_tally_sums(told.tally);
            assert_true(s->lines == UINT64_MAX && s->selected == UINT64_MAX);
            assert_true(s->classes[2].count == UINT64_MAX && s->errors == UINT64_MAX);
            assert_true(s->reason[HA_REASON_TOO_LONG] == UINT64_MAX);
            assert_true(told.sources[0].lines == UINT64_MAX);
            assert_true(ha_tally_pattern(told.tally, 0) == UINT64_MAX);
            struct ha_top_entry first;
            assert_int_equal(ha_tally_top(told.tally, HA_TOP_CLIENTS, 1, &first), 1);
            assert_true(first.count == UINT64_MAX && first.at_most_over == 0);
        }
        ha_merger_free(&m);
    }
    ha_buf_free(&line);
}

/* Lists so short that they forget: what they say holds all the same, in any grouping. */
static void estimates_keep_their_bounds(void **state)
{
    (void)state;
    struct random rnd = {6};
    struct ha_tally_options exact = fixture_options(true), o = exact;
    o.limits.top_entries = 32;
    fixture_fill(&log_lines, FIXTURE_RECORDS, true, &rnd);
    struct fixture_piece whole = fixture_piece(&exact);
    for (size_t i = 0; i < log_lines.count; i++)
        fixture_count(&whole, &log_lines, i);
    for (size_t parts = 2; parts <= PARTS; parts++) {
        struct ha_buf lines[PARTS] = {0};
        write_pieces(&rnd, &o, lines, parts);
        merge_in_groups(&rnd, &o, lines, parts);
        struct ha_merger *m = merger(&o);
        add(m, &lines[0]);
        struct ha_merged told = fixture_merged(m);
        static struct ha_top_entry all[FIXTURE_RECORDS], few[64];
        size_t true_count = ha_tally_top(whole.tally, HA_TOP_CLIENTS, FIXTURE_RECORDS, all);
        size_t count = ha_tally_top(told.tally, HA_TOP_CLIENTS, 64, few);
        uint64_t bound = ha_tally_top_bound(told.tally, HA_TOP_CLIENTS);
        assert_true(bound > 0 && count > 0 && count <= 32);
        for (size_t i = 0; i < true_count; i++) {
            size_t k = 0;
            while (k < count && !ha_view_eq(few[k].value, all[i].value))
                k++;
            if (k == count)
                assert_true(all[i].count <= bound);
            else
                assert_true(few[k].count >= all[i].count &&
                            few[k].count - few[k].at_most_over <= all[i].count);
        }
        bool estimated;
        uint64_t clients = ha_tally_distinct_clients(told.tally, &estimated);
        assert_true(estimated && clients > true_count * 9 / 10 && clients < true_count * 11 / 10);
        ha_merger_free(&m);
        for (size_t p = 0; p < PARTS; p++)
            ha_buf_free(&lines[p]);
    }
    ha_tally_free(&whole.tally);
}

/* Sources that are given twice, out of order, or under a name met before: one row each. */
static void sources_of_equal_name_add_up(void **state)
{
    (void)state;
    struct random rnd = {8};
    struct ha_tally_options o = fixture_options(true);
    struct ha_merger *m = merger(&o);
    static const char *const names[][FIXTURE_SOURCES] = {{"m.log", "-", "m.log"},
                                                         {"z.log", "a.log", "m.log"}};
    fixture_fill(&log_lines, 300, true, &rnd);
    for (size_t k = 0; k < 2; k++) {
        struct fixture_piece p = fixture_piece(&o);
        struct ha_buf line = {0};
        for (size_t i = 0; i < FIXTURE_SOURCES; i++)
            p.sources[i].name = names[k][i];
        for (size_t i = 0; i < log_lines.count; i++)
            fixture_count(&p, &log_lines, i);
        struct ha_merged told = fixture_told(&p);
        fixture_report(&told, "partial", facts, &line);
        add(m, &line);
        ha_buf_free(&line);
        ha_tally_free(&p.tally);
    }
    struct ha_merged all = fixture_merged(m);
    static const char *const want[] = {"-", "a.log", "m.log", "z.log"};
    assert_int_equal(all.source_count, HA_COUNT(want));
    uint64_t lines = 0;
    for (size_t i = 0; i < HA_COUNT(want); i++) {
        assert_string_equal(all.sources[i].name, want[i]);
        lines += all.sources[i].lines;
        assert_int_equal(all.sources[i].bytes, 10 * all.sources[i].lines);
    }
    assert_int_equal(lines, 600);
    const struct ha_sample *samples;
    size_t count = ha_tally_samples(all.tally, &samples);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        uint64_t record; /* "line 123 of a strange log" */
        const char *number = samples[i].text.ptr + 5;
        assert_true(ha_view_u64((struct ha_view){number, strcspn(number, " ")}, &record));
        assert_true(samples[i].source < all.source_count);
        const char *name = all.sources[samples[i].source].name;
        uint32_t source = log_lines.source[record];
        assert_true(strcmp(name, names[0][source]) == 0 || strcmp(name, names[1][source]) == 0);
    }
    ha_merger_free(&m);
}

/* Bytes depend on what was counted, not on the hash seed nor the order. */
static void the_same_counts_are_the_same_bytes(void **state)
{
    (void)state;
    struct random rnd = {9};
    struct ha_tally_options o = fixture_options(true), other = o;
    struct ha_buf a = {0}, b = {0};
    other.seed = 12345;
    fixture_fill(&log_lines, 700, true, &rnd);
    write_whole(&o, &a);
    struct fixture_piece p = fixture_piece(&other);
    for (size_t i = log_lines.count; i-- > 0;)
        fixture_count(&p, &log_lines, i);
    struct ha_merged told = fixture_told(&p);
    fixture_report(&told, "partial", facts, &b);
    assert_same_bytes(&a, &b);
    assert_null(memchr(a.ptr, '\t', a.len));
    assert_ptr_equal(memchr(a.ptr, '\n', a.len), a.ptr + a.len - 1);
    ha_tally_free(&p.tally);
    ha_buf_free(&a);
    ha_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_split_order_and_grouping_give_the_whole),
        cmocka_unit_test(counters_stop_at_their_maximum),
        cmocka_unit_test(estimates_keep_their_bounds),
        cmocka_unit_test(sources_of_equal_name_add_up),
        cmocka_unit_test(the_same_counts_are_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
