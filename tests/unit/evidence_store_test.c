/* evidence_store_test.c - a sample is what its definition says, of the set of all records alone:
 * whatever their order, however they are split and merged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "tally/evidence_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 6000, PARTS = 6 };

static struct ha_sampled records[RECORDS];

static struct ha_sampled sampled(uint64_t hash, int64_t minute, int status, const char *client)
{
    struct ha_sampled e = {.hash = hash, .minute = minute, .status = (int16_t)status, .count = 1};
    const struct ha_view texts[HA_SAMPLED_TEXTS] = {[HA_SAMPLED_CLIENT] = ha_view_of(client)};
    ha_sampled_put(&e, texts);
    return e;
}

/* Some minutes have many records, most few; some records are alike, some alike in their hash. */
static void make_records(struct random *rnd)
{
    for (size_t i = 0; i < RECORDS; i++) {
        char client[32];
        uint64_t hash = random_next(rnd);
        if (random_below(rnd, 5) == 0)
            hash = (hash % 50) << 50;
        snprintf(client, sizeof client, "192.0.2.%u", (unsigned)random_below(rnd, 3));
        int64_t minute = (int64_t)random_skewed(rnd, random_below(rnd, 3) == 0 ? 3 : 2000) - 9;
        records[i] = sampled(hash, minute, 400 + (int)random_below(rnd, 2), client);
        if (i > 0 && random_below(rnd, 4) == 0)
            records[i] = records[random_below(rnd, i)];
    }
}

static int by_order(const void *a, const void *b)
{
    return ha_sampled_cmp(a, b);
}

/* Distinct records with their counts, in order. */
static size_t distinct(struct ha_sampled *to)
{
    static struct ha_sampled order[RECORDS];
    size_t count = 0;
    memcpy(order, records, sizeof order);
    qsort(order, RECORDS, sizeof *order, by_order);
    for (size_t i = 0; i < RECORDS; i++) {
        if (count > 0 && ha_sampled_cmp(&to[count - 1], &order[i]) == 0)
            to[count - 1].count++;
        else
            to[count++] = order[i];
    }
    return count;
}

/* What the definition keeps: by rank in its stratum and by hash, at the least level that fits. */
static size_t oracle(struct ha_sampled *to, size_t cap, size_t most, unsigned *level)
{
    static struct ha_sampled all[RECORDS];
    size_t count = distinct(all);
    for (*level = 0;; ++*level) {
        size_t kept = 0, rank = 0;
        for (size_t i = 0; i < count; i++) {
            bool same =
                i > 0 && all[i].minute == all[i - 1].minute && all[i].status == all[i - 1].status;
            rank = same ? rank + 1 : 0;
            if (rank<most && * level<64 && all[i].hash <= UINT64_MAX>> * level)
                to[kept++] = all[i];
        }
        if (kept <= cap)
            return kept;
    }
}

static void assert_is_oracle(const struct ha_sample_set *s, size_t most)
{
    static struct ha_sampled wanted[RECORDS];
    const struct ha_sampled **order;
    unsigned level;
    size_t count = oracle(wanted, s->cap, most, &level);
    assert_int_equal(s->level, level);
    assert_int_equal(s->count, count);
    assert_true(ha_sample_set_sorted(s, &order));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ha_sampled_cmp(order[i], &wanted[i]), 0);
        assert_int_equal(order[i]->count, wanted[i].count);
    }
    ha_free((void *)order);
}

static void shuffle(struct random *rnd)
{
    for (size_t i = RECORDS; i > 1; i--) {
        size_t k = random_below(rnd, i);
        struct ha_sampled other = records[k];
        records[k] = records[i - 1];
        records[i - 1] = other;
    }
}

/* Adds an entry, now and then by way of its texts. */
static void add(struct ha_sample_set *s, const struct ha_sampled *e, struct random *rnd)
{
    struct ha_view texts[HA_SAMPLED_TEXTS];
    for (int i = 0; i < HA_SAMPLED_TEXTS; i++)
        texts[i] = ha_sampled_text(e, i);
    if (random_below(rnd, 2) == 0 || !ha_sample_set_count_held(s, e, texts))
        assert_true(ha_sample_set_add(s, e));
}

/* Parts have smaller caps than the whole and are put in before they are full, as those of workers
 * are; when emptied they go on at the level of the whole. */
static void count_in_parts(struct ha_sample_set *whole, size_t cap, size_t most, struct random *rnd)
{
    struct ha_sample_set part[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        ha_sample_set_init(&part[i], cap / 2 + 1, (uint32_t)most);
    for (size_t i = 0; i < RECORDS; i++) {
        struct ha_sample_set *p = &part[random_below(rnd, PARTS)];
        add(p, &records[i], rnd);
        if (p->count == p->cap || random_below(rnd, 500) == 0) {
            assert_true(ha_sample_set_merge(whole, p));
            ha_sample_set_reset(p);
            ha_sample_set_raise_to(p, whole->level);
        }
    }
    for (size_t i = 0; i < PARTS; i++) {
        size_t k = i + random_below(rnd, PARTS - i);
        struct ha_sample_set p = part[k];
        part[k] = part[i];
        assert_true(ha_sample_set_merge(whole, &p));
        ha_sample_set_done(&p);
    }
}

static void samples_are_what_is_defined(void **state)
{
    (void)state;
    static const struct {
        size_t cap, most;
    } sizes[] = {{10000, 33}, {2000, 33}, {400, 33}, {400, 5}, {70, 1}, {7, 3}, {1, 2}, {300, 0}};
    struct random rnd = {11};
    for (size_t i = 0; i < 3 * HA_COUNT(sizes); i++) {
        size_t cap = sizes[i / 3].cap, most = sizes[i / 3].most;
        struct ha_sample_set s, whole;
        ha_sample_set_init(&s, cap, (uint32_t)most);
        ha_sample_set_init(&whole, cap, (uint32_t)most);
        make_records(&rnd);
        for (size_t k = 0; k < RECORDS; k++)
            assert_true(ha_sample_set_add(&s, &records[k]));
        assert_is_oracle(&s, most == 0 ? SIZE_MAX : most);
        shuffle(&rnd);
        count_in_parts(&whole, cap, most, &rnd);
        assert_is_oracle(&whole, most == 0 ? SIZE_MAX : most);
        ha_sample_set_done(&s);
        ha_sample_set_done(&whole);
    }
}

static void what_is_held_is_found_by_its_texts(void **state)
{
    (void)state;
    char client[60], dots[60];
    memset(client, 'c', sizeof client);
    memset(dots, 'c', sizeof dots);
    memcpy(dots + 45, "...", 3);
    struct ha_view texts[HA_SAMPLED_TEXTS] = {
        {client, sizeof client}, HA_VIEW_LIT("/a"), HA_VIEW_LIT("agent of some length"), {NULL, 0}};
    struct ha_sample_set s;
    ha_sample_set_init(&s, 4, 33);
    struct ha_sampled e = {.hash = 7, .minute = 1, .status = 404, .count = 1}, twin = e;
    twin.method = 1; /* alike in all that leads to it */
    ha_sampled_put(&e, texts);
    assert_false(ha_sample_set_count_held(&s, &e, texts));
    assert_true(ha_sample_set_add(&s, &e));
    assert_true(ha_sample_set_count_held(&s, &e, texts));
    assert_false(ha_sample_set_count_held(&s, &twin, texts));
    ha_sampled_put(&twin, texts);
    assert_true(ha_sample_set_add(&s, &twin));
    assert_true(ha_sample_set_count_held(&s, &e, texts));
    /* Cut, both are the same; what ends as the mark does is it, too; what goes on otherwise not. */
    client[46] = 'd';
    assert_true(ha_sample_set_count_held(&s, &e, texts));
    texts[HA_SAMPLED_CLIENT] = (struct ha_view){dots, 48};
    assert_true(ha_sample_set_count_held(&s, &e, texts));
    texts[HA_SAMPLED_CLIENT] = (struct ha_view){client, 48};
    assert_false(ha_sample_set_count_held(&s, &e, texts));
    texts[HA_SAMPLED_CLIENT].len = 45;
    assert_false(ha_sample_set_count_held(&s, &e, texts));
    assert_int_equal(s.count, 2);
    assert_int_equal(s.entries[0].count, 5);
    assert_int_equal(s.entries[1].count, 1);
    ha_sample_set_done(&s);
}

/* Nothing that a hostile partial report could hold makes it go on for ever. */
static void hashes_that_cannot_be_thinned_end_it(void **state)
{
    (void)state;
    struct ha_sample_set s;
    ha_sample_set_init(&s, 4, 33);
    for (unsigned i = 0; i < 9; i++) {
        struct ha_sampled e = sampled(0, i, 400, "192.0.2.1");
        assert_true(ha_sample_set_add(&s, &e));
        assert_int_equal(s.count, i < 4 ? i + 1 : 0);
        assert_int_equal(s.level, i < 4 ? 0 : 64);
    }
    ha_sample_set_done(&s);
}

static void long_texts_are_cut_and_marked(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'x', sizeof text);
    struct ha_sampled e = {0};
    const struct ha_view texts[HA_SAMPLED_TEXTS] = {
        {text, sizeof text}, {text, 96}, {NULL, 0}, {text, 13}};
    ha_sampled_put(&e, texts);
    assert_int_equal(e.len[HA_SAMPLED_CLIENT], 48);
    assert_memory_equal(ha_sampled_text(&e, HA_SAMPLED_CLIENT).ptr + 44, "x...", 4);
    assert_int_equal(e.len[HA_SAMPLED_TARGET], 96);
    assert_memory_equal(ha_sampled_text(&e, HA_SAMPLED_TARGET).ptr + 92, "xxxx", 4);
    assert_int_equal(e.len[HA_SAMPLED_AGENT], 0);
    assert_memory_equal(ha_sampled_text(&e, HA_SAMPLED_TOKEN).ptr, "xxxxxxxxx...", 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_what_is_defined),
        cmocka_unit_test(hashes_that_cannot_be_thinned_end_it),
        cmocka_unit_test(what_is_held_is_found_by_its_texts),
        cmocka_unit_test(long_texts_are_cut_and_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
