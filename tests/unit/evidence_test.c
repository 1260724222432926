/* evidence_test.c - what rose is told, what is merely large is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evidence_fixture.h"

#include <string.h>

enum { QUIET = 120, BURST = 5 }; /* minutes */
#define BURST_S (FIXTURE_START_S + QUIET * 60)

/* Who makes the errors of the burst, and what they ask for. */
typedef void attack_fn(struct asked *a, char text[64], size_t i, struct random *rnd);

static void anybody(struct asked *a, char text[64], struct random *rnd)
{
    snprintf(text, 64, "192.0.%u.%u", (unsigned)random_below(rnd, 64),
             (unsigned)random_below(rnd, 200));
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
                            int group)
{
    struct ha_span burst = {BURST_S, BURST_S + BURST * 60};
    struct ha_risen_question q = {
        .group = group, .span = burst, .incidents = &burst, .incident_count = 1};
    struct ha_risen out;
    assert_int_equal(ha_evidence_read(e, reading), HA_OK);
    ha_evidence_risen(*reading, &q, &out);
    return out;
}

static void check_text(size_t errors, size_t burst, attack_fn *attack, const char *expected)
{
    struct ha_evidence *e = log_of(errors, burst, attack, fixture_evidence(8192, 1024));
    struct ha_evidence_reading *reading;
    struct ha_risen out = rose(e, &reading, 429);
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

static void one_network_of_ipv6(struct asked *a, char text[64], size_t i, struct random *rnd)
{
    if (i % 10 == 0)
        return;
    snprintf(text, 64, "2001:db8:77:%x::%x", (unsigned)random_below(rnd, 500),
             (unsigned)random_below(rnd, 500));
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
    check_text(4, 6, one_network_of_ipv6, "50 % from 2001:db8:77::/48 (usual 0 %)");
}

/* Far more errors than are kept: a client with one kind of request, over and over, is not lost
 * among many that make one each. */
static void test_thinned(void **state)
{
    (void)state;
    check_text(300, 2700, one_client,
               "about 83 % from 203.0.113.9 (usual 0 %), about 83 % POST /login (usual 0 %), "
               "about 83 % agent knock/1 (usual 0 %)");
}

/* A burst that meets all in proportion is nobody's; whoever always has a half is not told. */
static void test_nobody(void **state)
{
    (void)state;
    check_text(4, 6, NULL, "");
    check_text(4, 200, NULL, "");
    check_text(0, 200, NULL, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_client),
        cmocka_unit_test(test_many_of_a_network),
        cmocka_unit_test(test_thinned),
        cmocka_unit_test(test_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
