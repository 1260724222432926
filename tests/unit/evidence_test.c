/* evidence_test.c - what rose is told, what is merely large is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evidence_fixture.h"
#include "tally/evidence_parts.h"

#include <string.h>

enum { QUIET = 120, BURST = 5 }; /* minutes */
#define BURST_S (FIXTURE_START_S + QUIET * 60)

/* Who makes the errors of the burst, and what they ask for. */
typedef void attack_fn(struct asked *a, char text[64], size_t i, struct random *rnd);

static void anybody(struct asked *a, char text[64], struct random *rnd)
{
    unsigned host = (unsigned)random_below(rnd, 200); /* compilers order arguments as they like */
    snprintf(text, 64, "192.0.%u.%u", (unsigned)random_below(rnd, 64), host);
    a->client = text;
    a->method = random_below(rnd, 10) == 0 ? "POST" : "GET";
    a->target = random_below(rnd, 2) == 0 ? "/" : "/items/17";
    a->agent = random_below(rnd, 2) == 0 ? "one/1" : "other/2";
}

/* Two hours of usual traffic: 60 requests and `errors` errors a minute, of which one client, who
 * makes a half of all, has his part. Then five minutes of `burst` errors each. */
static struct ha_evidence *log_of(size_t errors, size_t burst, attack_fn *attack,
                                  struct ha_evidence *e)
{
    struct random rnd = {7};
    char text[64];
    for (size_t minute = 0; minute < QUIET + BURST; minute++) {
        size_t attacks = minute < QUIET ? 0 : burst;
        for (size_t i = 0; i < 60 + errors + attacks; i++) {
            struct asked a = {.time_s = FIXTURE_START_S + (int64_t)(minute * 60 + i % 60),
                              .status = i < 60 ? 200 : 429};
            anybody(&a, text, &rnd);
            if (random_below(&rnd, 2) == 0)
                a.client = "198.51.100.7";
            if (i >= 60 + errors && attack != NULL)
                attack(&a, text, i - 60 - errors, &rnd);
            fixture_add(e, &a);
        }
    }
    return e;
}

static struct ha_risen rose(const struct ha_evidence *e, struct ha_evidence_reading **reading,
                            int group, uint64_t errors)
{
    struct ha_span burst = {BURST_S, BURST_S + BURST * 60};
    struct ha_risen_question q = {
        .group = group, .span = burst, .errors = errors, .incidents = &burst, .incident_count = 1};
    struct ha_risen out;
    assert_int_equal(ha_evidence_read(e, reading), HA_OK);
    ha_evidence_risen(*reading, &q, &out);
    return out;
}

static void check_text(size_t errors, size_t burst, attack_fn *attack, const char *expected)
{
    struct ha_evidence *e = log_of(errors, burst, attack, fixture_evidence(8192, 1024));
    struct ha_evidence_reading *reading;
    struct ha_risen out = rose(e, &reading, 429, BURST * (errors + burst));
    struct ha_buf text = {0};
    ha_risen_text(&out, &text);
    ha_buf_char(&text, '\0');
    assert_string_equal(text.ptr, expected);
    ha_buf_free(&text);
    ha_evidence_reading_free(&reading);
    ha_evidence_free(&e);
}

static void one_client(struct asked *a, char text[64], size_t i, struct random *rnd)
{
    (void)text;
    (void)rnd;
    if (i % 10 == 0)
        return;
    a->client = "203.0.113.9";
    a->method = "POST";
    a->target = "/login?user=1";
    a->agent = "knock/1";
}

static void one_network(struct asked *a, char text[64], size_t i, struct random *rnd)
{
    one_client(a, text, i, rnd);
    if (i % 10 == 0)
        return;
    snprintf(text, 64, "203.0.113.%u", (unsigned)random_below(rnd, 200));
    a->client = text;
}

static void three_of_a_network(struct asked *a, char text[64], size_t i, struct random *rnd)
{
    (void)rnd;
    if (i % 10 == 0)
        return;
    snprintf(text, 64, "203.0.113.%u", (unsigned)(i % 3));
    a->client = text;
}

static void one_network_of_ipv6(struct asked *a, char text[64], size_t i, struct random *rnd)
{
    if (i % 10 == 0)
        return;
    unsigned host = (unsigned)random_below(rnd, 500);
    snprintf(text, 64, "2001:db8:77:%x::%x", (unsigned)random_below(rnd, 500), host);
    a->client = text;
}

static void test_one_client(void **state)
{
    (void)state;
    check_text(4, 6, one_client,
               "50 % from 203.0.113.9 (usual 0 %), 50 % POST /login (usual 0 %), "
               "50 % agent knock/1 (usual 0 %)");
}

static void test_many_of_a_network(void **state)
{
    (void)state;
    check_text(4, 6, one_network,
               "50 % from 203.0.113.0/24 (usual 0 %), 50 % POST /login (usual 0 %), "
               "50 % agent knock/1 (usual 0 %)");
    check_text(4, 60, three_of_a_network, "about 84 % from 203.0.113.0/24 (usual 0 %)");
    check_text(4, 6, one_network_of_ipv6, "50 % from 2001:db8:77::/48 (usual 0 %)");
}

/* Far more errors than are kept: a client with one kind of request, over and over, is not lost
 * among many that make one each. */
static void test_thinned(void **state)
{
    (void)state;
    static const size_t bursts[] = {450, 900, 2700, 20000};
    for (size_t i = 0; i < HA_COUNT(bursts); i++) {
        double truth = 0.9 * (double)bursts[i] / (double)(300 + bursts[i]);
        struct ha_evidence *e = log_of(300, bursts[i], one_client, fixture_evidence(8192, 1024));
        struct ha_evidence_reading *reading;
        uint64_t errors = BURST * (300 + bursts[i]);
        struct ha_risen out = rose(e, &reading, 429, errors);
        assert_int_equal(out.count[HA_ASPECT_CLIENTS], 1);
        const struct ha_risen_value *client = &out.value[HA_ASPECT_CLIENTS][0];
        assert_true(ha_view_is(client->value, "203.0.113.9"));
        assert_true(client->share > truth - 0.1 && client->share < truth + 0.1);
        assert_true(client->estimated && client->usual_share == 0 && client->targets == 1);
        assert_int_equal(client->count, (uint64_t)(client->share * (double)errors + 0.5));
        ha_evidence_reading_free(&reading);
        ha_evidence_free(&e);
    }
}

/* A burst that meets all in proportion is nobody's; whoever always has a half is not told. */
static void test_nobody(void **state)
{
    (void)state;
    check_text(4, 6, NULL, "");
    check_text(4, 200, NULL, "");
    check_text(0, 200, NULL, "");
}

/* An outage in proportion, where the few errors before were of somebody else: whoever makes a half
 * of all requests has a half of the errors, and is not told. */
static void test_usual_errors_of_others(void **state)
{
    (void)state;
    struct ha_evidence *e = log_of(0, 40, NULL, fixture_evidence(8192, 1024));
    for (int64_t i = 0; i < 40; i++)
        fixture_add(e, &(struct asked){FIXTURE_START_S + i * 60, 429, "203.0.113.77", "GET",
                                       "/robots", "bot/1"});
    struct ha_evidence_reading *reading;
    struct ha_risen out = rose(e, &reading, 429, 200);
    for (int i = 0; i < HA_ASPECT_N; i++)
        assert_int_equal(out.count[i], 0);
    ha_evidence_reading_free(&reading);
    ha_evidence_free(&e);
}

static void forgers(struct asked *a, char text[64], size_t i, struct random *rnd)
{
    one_client(a, text, i, rnd);
    if (i % 10 == 0)
        return;
    a->client = "x\\ (usual 0 %), \"y";
    a->target = i % 2 == 0 ? "/x (usual 0 %), 99 % from 192.0.2.1" : "192.0.2.1";
    a->method = i % 2 == 0 ? "POST" : "from";
    a->agent = "a, b";
}

/* Nobody writes a part of the sentence. */
static void test_forgers(void **state)
{
    (void)state;
    check_text(0, 20, forgers,
               "90 % from \"x\\\\ (usual 0 %), \\\"y\" (usual 0 %), "
               "50 % \"from 192.0.2.1\" (usual 0 %), "
               "40 % POST \"/x (usual 0 %), 99 % from 192.0.2.1\" (usual 0 %), "
               "90 % agent \"a, b\" (usual 0 %)");
}

/* Where the group had no errors before, all traffic is what is usual. */
static void test_from_nothing(void **state)
{
    (void)state;
    check_text(0, 10, one_client,
               "90 % from 203.0.113.9 (usual 0 %), 90 % POST /login (usual 0 %), "
               "90 % agent knock/1 (usual 0 %)");
    /* Nothing to compare with: no word, however plain it looks. */
    struct ha_evidence *e = fixture_evidence(8192, 1024);
    struct ha_evidence_reading *reading;
    for (int i = 0; i < 60; i++)
        fixture_add(e, &(struct asked){BURST_S + i, 429, "203.0.113.9", "GET", "/", "x"});
    struct ha_risen out = rose(e, &reading, 429, 60);
    struct ha_buf text = {0};
    ha_risen_text(&out, &text);
    assert_int_equal(text.len, 0);
    ha_evidence_reading_free(&reading);
    ha_evidence_free(&e);
}

/* Of a class its statuses, too; of a status not. */
static void test_statuses(void **state)
{
    (void)state;
    struct ha_evidence *e = fixture_evidence(8192, 1024);
    struct ha_evidence_reading *reading;
    for (int minute = 0; minute < QUIET + BURST; minute++)
        for (int i = 0; i < (minute < QUIET ? 10 : 30); i++) {
            char client[32];
            snprintf(client, sizeof client, "192.0.2.%d", i % 10);
            int64_t time_s = FIXTURE_START_S + minute * 60 + i;
            fixture_add(e, &(struct asked){time_s, 200, client, "GET", "/", "x"});
            fixture_add(
                e, &(struct asked){time_s, i < 10 ? 500 + i % 4 : 503, client, "GET", "/", "x"});
        }
    struct ha_risen out = rose(e, &reading, 5, 150);
    assert_int_equal(out.count[HA_ASPECT_STATUSES], 1);
    const struct ha_risen_value *v = &out.value[HA_ASPECT_STATUSES][0];
    assert_true(ha_view_is(v->value, "503") && v->count == 110 && !v->estimated);
    assert_true(v->usual_share > 0.19 && v->usual_share < 0.21);
    for (int i = 0; i < HA_ASPECT_STATUSES; i++)
        assert_int_equal(out.count[i], 0);
    ha_evidence_reading_free(&reading);
    out = rose(e, &reading, 503, 110);
    assert_int_equal(out.count[HA_ASPECT_STATUSES], 0);
    ha_evidence_reading_free(&reading);
    ha_evidence_free(&e);
}

/* Earlier incidents are not what is usual. */
static void test_earlier_incidents(void **state)
{
    (void)state;
    struct ha_evidence *e = log_of(4, 6, one_client, fixture_evidence(8192, 1024));
    for (int64_t i = 0; i < 500; i++) /* he was there before, half an hour long */
        fixture_add(e, &(struct asked){FIXTURE_START_S + 1800 + i * 3, 429, "203.0.113.9", "POST",
                                       "/login", "knock/1"});
    const struct ha_span incidents[] = {{FIXTURE_START_S + 1800, FIXTURE_START_S + 3600},
                                        {BURST_S, BURST_S + BURST * 60}};
    struct ha_evidence_reading *reading;
    struct ha_risen out;
    assert_int_equal(ha_evidence_read(e, &reading), HA_OK);
    struct ha_risen_question q = {429, incidents[1], 50, incidents, 2};
    ha_evidence_risen(reading, &q, &out);
    assert_int_equal(out.count[HA_ASPECT_CLIENTS], 1);
    q.incidents = &incidents[1];
    q.incident_count = 1;
    ha_evidence_risen(reading, &q, &out);
    assert_int_equal(out.count[HA_ASPECT_CLIENTS], 0);
    ha_evidence_reading_free(&reading);
    ha_evidence_free(&e);
}

static void check_target(bool keep_query, const char *method, const char *target,
                         const char *expected)
{
    struct ha_evidence_options o = {64, 64, keep_query, true};
    struct ha_evidence *e;
    struct ha_evidence_reading *reading;
    assert_int_equal(ha_evidence_new(&o, &e), HA_OK);
    for (int i = 0; i < 30; i++) {
        fixture_add(e, &(struct asked){FIXTURE_START_S + i, 200, "192.0.2.1", "GET", "/", NULL});
        fixture_add(e, &(struct asked){BURST_S + i, 429, NULL, method, target, NULL});
    }
    struct ha_risen out = rose(e, &reading, 429, 30);
    assert_int_equal(out.count[HA_ASPECT_TARGETS], 1);
    struct ha_view v = out.value[HA_ASPECT_TARGETS][0].value;
    assert_int_equal(v.len, strlen(expected));
    assert_memory_equal(v.ptr, expected, v.len);
    ha_evidence_reading_free(&reading);
    ha_evidence_free(&e);
}

static void test_targets(void **state)
{
    (void)state;
    check_target(false, "GET", "/items/17?a=b", "GET /items/:n");
    check_target(true, "GET", "/items/17?a=b", "GET /items/:n?a=b");
    check_target(false, "FROBNICATETHAT", "/x", "FROBNICAT... /x");
    check_target(false, NULL, "/x", "/x");
    char target[200] = "/";
    memset(target + 1, 'y', sizeof target - 2);
    char expected[200];
    snprintf(expected, sizeof expected, "PUT %.93s...", target);
    check_target(false, "PUT", target, expected);
}

static void test_no_witnesses(void **state)
{
    (void)state;
    struct ha_witness w;
    struct asked a = {FIXTURE_START_S, 429, "-", "GET", "/", ""};
    struct ha_record r = fixture_record(&a);
    assert_true(ha_witness_of(&r, UINT64_MAX, &w));
    assert_true(w.client.len == 0 && ha_view_is(w.agent, "-"));
    r.has_time = false;
    assert_false(ha_witness_of(&r, UINT64_MAX, &w));
    static const int none[] = {HA_NO_STATUS, 0, 99, 600, 999};
    for (size_t i = 0; i < HA_COUNT(none); i++) {
        a.status = none[i];
        r = fixture_record(&a);
        assert_false(ha_witness_of(&r, UINT64_MAX, &w));
    }
    a = (struct asked){-1, 429, "x", NULL, NULL, NULL};
    r = fixture_record(&a);
    assert_true(ha_witness_of(&r, UINT64_MAX, &w));
    assert_int_equal(w.minute, -1);
}

static void test_networks(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"203.0.113.9", "203.0.113.0/24"},
        {"203.0.113.9:443", "203.0.113.0/24"},
        {"::ffff:203.0.113.9", "203.0.113.0/24"},
        {"2001:db8:1:2::3", "2001:db8:1::/48"},
        {"[2001:db8::1]:80", "2001:db8::/48"},
        {"fe80::1%eth0", "fe80::/48"},
        {"ffff:ffff:ffff:1::", "ffff:ffff:ffff::/48"},
        {"host.example.org", ""},
        {"203.0.113", ""},
        {"203.0.113.999", ""},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        char text[HA_NETWORK_TEXT];
        size_t len = ha_evidence_network(ha_view_of(cases[i][0]), text);
        assert_int_equal(len, strlen(cases[i][1]));
        assert_memory_equal(text, cases[i][1], len);
    }
}

/* Whichever allocation fails: it is told, and nothing is left behind. */
static void test_no_memory(void **state)
{
    (void)state;
    struct ha_evidence *e;
    struct ha_evidence_reading *reading;
    struct ha_evidence_options o = {.errors = 300, .others = 100};
    bool whole = false;
    for (uint64_t at = 1; !whole; at++) {
        ha_alloc_fail_at(at);
        whole = ha_evidence_new(&o, &e) == HA_OK;
        for (int i = 0; whole && i < 1000; i++) {
            char client[32];
            snprintf(client, sizeof client, "192.0.2.%d", i % 250);
            struct asked a = {
                FIXTURE_START_S + i * 7, i % 3 == 0 ? 404 : 200, client, "GET", client, client};
            struct ha_record r = fixture_record(&a);
            struct ha_witness w;
            whole = !ha_witness_of(&r, UINT64_MAX, &w) || ha_evidence_add(e, &w);
        }
        if (whole) {
            whole = ha_evidence_read(e, &reading) == HA_OK;
            ha_evidence_reading_free(&reading);
        }
        ha_evidence_free(&e);
    }
    ha_alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_client),
        cmocka_unit_test(test_many_of_a_network),
        cmocka_unit_test(test_thinned),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_usual_errors_of_others),
        cmocka_unit_test(test_from_nothing),
        cmocka_unit_test(test_forgers),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_earlier_incidents),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_no_witnesses),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
