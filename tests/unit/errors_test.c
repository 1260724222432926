/* errors_test.c - errors counted by places that are known, against lists that count their texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "tally/error_pairs.h"
#include "tally/parts.h"

#include <stdio.h>
#include <string.h>

#define RECORDS 3000
#define TOP     4000
#define LONG    (HA_TEMPLATE_TARGET + 40)

static char targets[RECORDS][LONG + 32], clients[RECORDS][64];
static struct ha_record records[RECORDS];

static int repeat(char *to, const char *text, int times)
{
    int len = (int)strlen(text);
    for (int i = 0; i < times; i++)
        memcpy(to + i * len, text, (size_t)len);
    return times * len;
}

/* What is alike in all but number, status, kind and client. */
static void make_record(size_t i, struct random *rnd)
{
    static const int16_t statuses[] = {200, 304, 400, 404, 404, 429, 500, 599, 600, HA_NO_STATUS};
    struct ha_record *r = &records[i];
    *r = (struct ha_record){.verdict = HA_MATCHED, .line_number = i + 1, .method = HA_NO_METHOD};
    r->status = statuses[random_below(rnd, HA_COUNT(statuses))];
    unsigned n = (unsigned)random_skewed(rnd, 300);
    int len;
    switch (random_below(rnd, 12)) {
    case 4: /* a template that is too long to be looked at, and a target that reads like it */
    case 5:
        len = repeat(targets[i], random_below(rnd, 2) == 0 ? "/1" : "/:n", 690);
        break;
    case 0: /* of which the template is that of others */
        len = snprintf(targets[i], sizeof targets[i], "/a/:n/b");
        break;
    case 1: /* too long for a template, alike in what is kept; none may be kept whole */
        len = snprintf(targets[i], sizeof targets[i], "/%0*u/%u", LONG, 1, n % 20);
        break;
    case 2: /* a template longer than what a list keeps, of a target that is shorter */
        len = snprintf(targets[i], sizeof targets[i], "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/%u", n % 9);
        break;
    case 3:
        len = snprintf(targets[i], sizeof targets[i], "/word-%u", n);
        break;
    default:
        len = snprintf(targets[i], sizeof targets[i], "/a/%u/b", n);
    }
    /* The same bytes as target and as a request that is no HTTP have different templates. */
    enum ha_field f = random_below(rnd, 4) == 0 ? HA_FIELD_REQUEST : HA_FIELD_TARGET;
    if (random_below(rnd, 20) > 0)
        ha_put(r, f, (struct ha_view){targets[i], (size_t)len});
    len = snprintf(clients[i], sizeof clients[i], random_below(rnd, 9) > 0 ? "client-%u" : "-",
                   (unsigned)random_skewed(rnd, 600));
    if (random_below(rnd, 20) > 0)
        ha_put(r, HA_FIELD_CLIENT, (struct ha_view){clients[i], (size_t)len});
}

static void make_records(struct random *rnd)
{
    for (size_t i = 0; i < RECORDS; i++)
        make_record(i, rnd);
}

/* The lists of errors, by text. */
struct truth {
    struct ha_top_list targets, clients, pairs;
};

static void truth_add(struct truth *l, const struct ha_record *r, bool templates)
{
    static char text[HA_PAIR_ROOM];
    size_t used;
    struct ha_view target = ha_get(r, HA_FIELD_TARGET), client = ha_get(r, HA_FIELD_CLIENT);
    bool is_path = target.len > 0;
    if (!is_path)
        target = ha_get(r, HA_FIELD_REQUEST);
    if (r->status < 400 || r->status > 599)
        return;
    if (target.len > 0) {
        struct ha_error_values v =
            ha_error_values(target, templates && is_path, r->status, text, &used);
        assert_true(ha_top_add(&l->targets, &v.target, 1));
        assert_true(ha_top_add(&l->pairs, &v.pair, 1));
    }
    if (!ha_is_none(client))
        assert_true(ha_top_add(&l->clients, &client, 1));
}

static void assert_same(const struct ha_top_list *a, const struct ha_top_list *b)
{
    static struct ha_top_entry x[TOP], y[TOP];
    size_t n = ha_top_read(a, TOP, x);
    assert_int_equal(n, ha_top_read(b, TOP, y));
    assert_int_equal(a->bound, b->bound);
    for (size_t i = 0; i < n; i++) {
        assert_true(ha_view_eq(x[i].value, y[i].value));
        assert_int_equal(x[i].count, y[i].count);
        assert_int_equal(x[i].at_most_over, y[i].at_most_over);
        assert_int_equal(x[i].full_len, y[i].full_len);
    }
}

static void truth_init(struct truth *l, const struct ha_limits *limits)
{
    assert_true(ha_top_init(&l->targets, limits, 5, NULL));
    assert_true(ha_top_init(&l->clients, limits, 5, NULL));
    assert_true(ha_top_init(&l->pairs, limits, 5, NULL));
}

static void truth_reset(struct truth *l)
{
    ha_top_reset(&l->targets);
    ha_top_reset(&l->clients);
    ha_top_reset(&l->pairs);
}

static void truth_done(struct truth *l)
{
    ha_top_done(&l->targets);
    ha_top_done(&l->clients);
    ha_top_done(&l->pairs);
}

/* One list of a tally is emptied while the others go on, as when it is relieved. */
static void reset_one(struct ha_tally *t, struct truth *l, uint64_t which)
{
    switch (which) {
    case 0:
        ha_top_reset(&t->top[HA_TOP_ERROR_TARGETS]);
        ha_top_reset(&l->targets);
        break;
    case 1:
        ha_top_reset(&t->top[HA_TOP_ERROR_CLIENTS]);
        ha_top_reset(&l->clients);
        break;
    case 2:
        ha_top_reset(&t->top[HA_TOP_ERROR_PAIRS]);
        ha_top_reset(&l->pairs);
        break;
    case 3:
        ha_top_reset(&t->top[HA_TOP_TARGETS]);
        break;
    case 4:
        ha_top_reset(&t->top[HA_TOP_CLIENTS]);
        break;
    default:
        ha_tally_reset(t);
        truth_reset(l);
    }
}

static void run(uint64_t seed, const struct ha_tally_options *options)
{
    struct random rnd = {seed};
    struct ha_tally *t = NULL;
    struct truth l;
    make_records(&rnd);
    assert_int_equal(ha_tally_new(options, &t), HA_OK);
    truth_init(&l, &options->limits);
    for (size_t done = 0, n; done < RECORDS; done += n) {
        n = 1 + random_below(&rnd, 100);
        if (n > RECORDS - done)
            n = RECORDS - done;
        ha_tally_add_batch(t, records + done, NULL, n, 0);
        for (size_t i = done; i < done + n; i++)
            truth_add(&l, &records[i], options->templates);
        if (random_below(&rnd, 12) == 0)
            reset_one(t, &l, random_below(&rnd, 6));
    }
    assert_true(ha_tally_ok(t));
    assert_same(&t->top[HA_TOP_ERROR_TARGETS], &l.targets);
    assert_same(&t->top[HA_TOP_ERROR_CLIENTS], &l.clients);
    assert_same(&t->top[HA_TOP_ERROR_PAIRS], &l.pairs);
    ha_tally_free(&t);
    truth_done(&l);
}

static void places_count_as_texts_do(void **state)
{
    (void)state;
    static const size_t entries[] = {1 << 15, 400, 250, 150, 60};
    static const size_t value_bytes[] = {1024, 40, LONG + 20, 24};
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct ha_tally_options o = {
            .limits = HA_LIMITS_DEFAULT, .tops = true, .templates = seed % 3 > 0, .patterns = 1};
        o.limits.top_entries = entries[seed % HA_COUNT(entries)];
        o.limits.value_bytes = value_bytes[seed % HA_COUNT(value_bytes)];
        run(seed, &o);
    }
}

/* Its lists are new ones then, but for one. */
static void what_is_kept_to_be_compared_can_be_added_to(void **state)
{
    (void)state;
    struct ha_tally_options o = {
        .limits = HA_LIMITS_DEFAULT, .tops = true, .templates = true, .patterns = 1};
    struct ha_tally *t = NULL;
    struct random rnd = {11};
    struct truth l;
    make_records(&rnd);
    assert_int_equal(ha_tally_new(&o, &t), HA_OK);
    truth_init(&l, &o.limits);
    for (int turn = 0; turn < 2; turn++) {
        /* The other way round, so that places are those of other values. */
        for (size_t i = 0; i < RECORDS; i++) {
            const struct ha_record *r = &records[turn == 0 ? i : RECORDS - 1 - i];
            ha_tally_add(t, r, true, 0);
            truth_add(&l, r, true);
        }
        if (turn == 0) {
            assert_int_equal(ha_tally_keep_compared(t), HA_OK);
            ha_top_reset(&l.targets);
            ha_top_reset(&l.clients);
        }
    }
    assert_same(&t->top[HA_TOP_ERROR_TARGETS], &l.targets);
    assert_same(&t->top[HA_TOP_ERROR_CLIENTS], &l.clients);
    assert_same(&t->top[HA_TOP_ERROR_PAIRS], &l.pairs);
    ha_tally_free(&t);
    truth_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_count_as_texts_do),
        cmocka_unit_test(what_is_kept_to_be_compared_can_be_added_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
