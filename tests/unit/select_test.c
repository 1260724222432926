/* Selection: lists, addresses, expressions, times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "httpannotate/facts.h"
#include "httpannotate/select.h"

/* 2026-11-24T10:30:00Z */
#define NOW (INT64_C(1795516200) * HA_US_PER_S)

static struct ha_selector *make(const struct ha_select_options *o)
{
    struct ha_selector *s = NULL;
    struct ha_problem p = {.cause = ""};
    if (ha_selector_new(o, &s, &p) != HA_OK)
        fail_msg("%s: %s", p.place, p.cause);
    return s;
}

static bool chosen(const struct ha_select_options *o, const struct ha_record *r)
{
    struct ha_selector *s = make(o);
    bool yes = ha_selected(s, r);
    ha_selector_free(&s);
    assert_null(s);
    return yes;
}

static void refused(const struct ha_select_options *o, const char *place, const char *word)
{
    struct ha_selector *s = NULL;
    struct ha_problem p = {.cause = ""};
    assert_int_equal(ha_selector_new(o, &s, &p), HA_ERR_SYNTAX);
    assert_null(s);
    assert_string_equal(p.place, place);
    if (strstr(p.cause, word) == NULL)
        fail_msg("'%s' does not say '%s'", p.cause, word);
}

static bool by_status(const char *list, int status)
{
    struct ha_record r = {.status = (int16_t)status, .method = HA_NO_METHOD};
    return chosen(&(struct ha_select_options){.status = list}, &r);
}

static void nothing_asked_selects_all(void **state)
{
    (void)state;
    struct ha_selector *s = make(&(struct ha_select_options){0});
    assert_true(ha_selector_is_all(s));
    assert_string_equal(ha_selector_text(s), "");
    struct ha_record r = {.status = HA_NO_STATUS, .method = HA_NO_METHOD};
    assert_true(ha_selected(s, &r));
    assert_int_equal(ha_selector_given_up(s), 0);
    ha_selector_free(&s);
}

static void statuses_classes_ranges(void **state)
{
    (void)state;
    assert_true(by_status("429,5xx", 429));
    assert_true(by_status("429,5xx", 500));
    assert_true(by_status("429,5XX", 599));
    assert_false(by_status("429,5xx", 428));
    assert_false(by_status("429,5xx", 600));
    assert_true(by_status(" 400-404 , 410", 404));
    assert_true(by_status("400-404,410", 400));
    assert_true(by_status("400-404,410", 410));
    assert_false(by_status("400-404,410", 405));
    assert_false(by_status("400-404,410", 399));
    assert_true(by_status("4xx-5xx", 599));
    assert_false(by_status("4xx-5xx", 399));
    assert_true(by_status("000", 0));
    assert_true(by_status("999", 999));
    assert_false(by_status("200", HA_NO_STATUS));
}

static void other_is_all_but_the_five_classes(void **state)
{
    (void)state;
    assert_true(by_status("other", HA_NO_STATUS));
    assert_true(by_status("other", 0));
    assert_true(by_status("other", 99));
    assert_true(by_status("other", 600));
    assert_true(by_status("other", 999));
    assert_false(by_status("other", 100));
    assert_false(by_status("other", 599));
    assert_false(by_status("!other", 600));
    assert_false(by_status("!other", HA_NO_STATUS));
    assert_true(by_status("!other", 200));
}

static void status_exclusions_in_any_order(void **state)
{
    (void)state;
    const char *lists[] = {"400-499,!404", "!404,400-499", "!404,4xx"};
    for (size_t i = 0; i < HA_COUNT(lists); i++) {
        assert_false(by_status(lists[i], 404));
        assert_true(by_status(lists[i], 403));
        assert_false(by_status(lists[i], 500));
    }
    assert_false(by_status("!2xx", 204));
    assert_true(by_status("!2xx", 304));
    assert_true(by_status("!2xx", HA_NO_STATUS));
    assert_false(by_status("!2xx,!304", 304));
    assert_false(by_status("404,!404", 404));
}

static void bad_status_lists(void **state)
{
    (void)state;
    const char *bad[] = {"4x",       "99999",   "",       ",",    "429,", "!",
                         "-",        "404-400", "4x4",    "1000", "-404", "400-",
                         "400--404", "x",       "400-40", "+40",  "4xx5", "!!404"};
    for (size_t i = 0; i < HA_COUNT(bad); i++)
        refused(&(struct ha_select_options){.status = bad[i]}, "--status", "is no status");
}

static void errors_alone_and_with_statuses(void **state)
{
    (void)state;
    struct ha_record r = {.method = HA_NO_METHOD};
    const int16_t statuses[] = {399, 400, 599, 600, HA_NO_STATUS};
    const bool want[] = {false, true, true, false, false};
    for (size_t i = 0; i < HA_COUNT(statuses); i++) {
        r.status = statuses[i];
        assert_int_equal(chosen(&(struct ha_select_options){.errors = true}, &r), want[i]);
    }
    r.status = 404;
    assert_false(chosen(&(struct ha_select_options){.errors = true, .status = "!404"}, &r));
    r.status = 403;
    assert_true(chosen(&(struct ha_select_options){.errors = true, .status = "!404"}, &r));
    r.status = 200;
    assert_false(chosen(&(struct ha_select_options){.errors = true, .status = "!404"}, &r));
}

static bool by_method(const char *list, const char *method)
{
    struct ha_record r = {.status = 200, .method = HA_NO_METHOD};
    if (method != NULL) {
        ha_put(&r, HA_FIELD_METHOD, ha_view_of(method));
        r.method = (int16_t)ha_facts_method_index(ha_view_of(method));
    }
    return chosen(&(struct ha_select_options){.method = list}, &r);
}

static void methods(void **state)
{
    (void)state;
    assert_true(by_method("POST,DELETE", "POST"));
    assert_true(by_method("POST, DELETE", "DELETE"));
    assert_false(by_method("POST,DELETE", "GET"));
    assert_false(by_method("POST,DELETE", NULL));
    assert_false(by_method("POST", "post"));
    assert_true(by_method("post", "post"));
    assert_false(by_method("!POST", "POST"));
    assert_true(by_method("!POST", "GET"));
    assert_true(by_method("!POST", NULL));
    assert_true(by_method("!POST", "BREW-NOT-LISTED"));
    assert_true(by_method("-", NULL));
    assert_false(by_method("-", "GET"));
    assert_false(by_method("!-", NULL));
    assert_true(by_method("!-", "GET"));
    assert_true(by_method("FOO-NOT-LISTED", "FOO-NOT-LISTED"));
    assert_false(by_method("FOO-NOT-LISTED", "BAR-NOT-LISTED"));
    assert_false(by_method("!FOO-NOT-LISTED", "FOO-NOT-LISTED"));
    assert_true(by_method("!FOO-NOT-LISTED", "BAR-NOT-LISTED"));
    assert_false(by_method("!FOO-NOT-LISTED,FOO-NOT-LISTED", "FOO-NOT-LISTED"));
    assert_false(by_method("!GET,GET", "GET"));
    const char *bad[] = {"", "GET,", "GE T", "GET/1", "G\"", "!"};
    for (size_t i = 0; i < HA_COUNT(bad); i++)
        refused(&(struct ha_select_options){.method = bad[i]}, "--method", "is no method");
}

static bool by_client(const char *list, const char *client)
{
    struct ha_record r = {.status = 200, .method = HA_NO_METHOD};
    if (client != NULL)
        ha_put(&r, HA_FIELD_CLIENT, ha_view_of(client));
    return chosen(&(struct ha_select_options){.client = list}, &r);
}

static void clients_ipv4(void **state)
{
    (void)state;
    assert_true(by_client("203.0.113.7", "203.0.113.7"));
    assert_false(by_client("203.0.113.7", "203.0.113.8"));
    assert_true(by_client("203.0.113.0/24", "203.0.113.255"));
    assert_false(by_client("203.0.113.0/24", "203.0.114.0"));
    assert_true(by_client("203.0.113.77/24", "203.0.113.1"));
    assert_true(by_client("203.0.113.0/25", "203.0.113.127"));
    assert_false(by_client("203.0.113.0/25", "203.0.113.128"));
    assert_true(by_client("0.0.0.0/0", "8.8.8.8"));
    assert_false(by_client("0.0.0.0/0", "2001:db8::1"));
    assert_true(by_client("203.0.113.0/24", "203.0.113.9:4711"));
    assert_true(by_client("203.0.113.0/24", "::ffff:203.0.113.9"));
    assert_true(by_client("203.0.113.0/24", "[::ffff:203.0.113.9]:80"));
    assert_true(by_client("::ffff:203.0.113.0/120", "203.0.113.9"));
    assert_false(by_client("203.0.113.0/24", NULL));
    assert_false(by_client("203.0.113.0/24", ""));
    assert_false(by_client("203.0.113.0/24", "203.0.113"));
    /* Texts that are no addresses, though they begin or end as one of the network. */
    const char *not_addresses[] = {"203.0.113.",     "203.0.113.256", "203.0.113.01",
                                   "203.0.113.1.",   "203.0.113.1.1", ".203.0.113.1",
                                   "203..113.1",     "203.0.113.1x",  "203.0.113.1 ",
                                   "203.0.113.0001", "203.0.113.-1",  "203,0.113.1"};
    for (size_t i = 0; i < HA_COUNT(not_addresses); i++)
        assert_false(by_client("203.0.113.0/24", not_addresses[i]));
}

static void clients_ipv6(void **state)
{
    (void)state;
    assert_true(by_client("2001:db8::/32", "2001:db8::7"));
    assert_false(by_client("2001:db8::/32", "2001:db9::7"));
    assert_true(by_client("2001:db8::/33", "2001:db8:7fff::"));
    assert_false(by_client("2001:db8::/33", "2001:db8:8000::"));
    assert_true(by_client("2001:db8::1", "[2001:db8::1]:443"));
    assert_true(by_client("2001:db8::1", "[2001:db8::1]"));
    assert_true(by_client("2001:DB8:0::1", "2001:db8::0:1"));
    assert_true(by_client("fe80::/10", "fe80::1%eth0"));
    assert_true(by_client("::/0", "2001:db8::1"));
    assert_false(by_client("::/0", "192.0.2.1"));
    assert_false(by_client("::/0", "::ffff:192.0.2.1"));
}

static void clients_by_name_and_exclusions(void **state)
{
    (void)state;
    assert_true(by_client("crawler.example", "crawler.example"));
    assert_true(by_client("crawler.example", "Crawler.Example"));
    assert_true(by_client("crawler.example", "crawler.example:80"));
    assert_false(by_client("crawler.example", "xcrawler.example"));
    assert_true(by_client("10.0.0.0/8, crawler.example", "crawler.example"));
    assert_true(by_client("10.0.0.0/8,crawler.example", "10.1.2.3"));
    assert_false(by_client("10.0.0.0/8,!10.1.0.0/16", "10.1.2.3"));
    assert_false(by_client("!10.1.0.0/16,10.0.0.0/8", "10.1.2.3"));
    assert_true(by_client("!10.1.0.0/16", "10.2.2.3"));
    assert_true(by_client("!10.1.0.0/16", "crawler.example"));
    assert_false(by_client("!crawler.example", "crawler.example"));
    const char *bad[] = {
        "1.2.3",      "1.2.3.4.5", "1.2.3.4/33",   "1.2.3.4/",     "2001:db8::/129", "1.2.3.4/-1",
        "1.2.3.4/ 8", "",          "a,",           "2001:db8:::",  "256.1.1.1",      "host name",
        "1.2.3.4/8x", "a/8",       "1.2.3.4/0001", "[2001:db8::1]"};
    for (size_t i = 0; i < HA_COUNT(bad); i++)
        refused(&(struct ha_select_options){.client = bad[i]}, "--client", "is no address");
}

static bool by_target(const char *expression, struct ha_view target)
{
    struct ha_record r = {.status = 200, .method = HA_NO_METHOD};
    if (target.ptr != NULL)
        ha_put(&r, HA_FIELD_TARGET, target);
    return chosen(&(struct ha_select_options){.target = expression}, &r);
}

static void targets(void **state)
{
    (void)state;
    assert_true(by_target("^/[ab]", HA_VIEW_LIT("/a/x")));
    assert_false(by_target("^/[ab]", HA_VIEW_LIT("/c/a")));
    assert_true(by_target("x=1", HA_VIEW_LIT("/b?x=1")));
    assert_true(by_target("(?i)LOGIN", HA_VIEW_LIT("/login")));
    assert_true(by_target("\\.php$", HA_VIEW_LIT("/a.php")));
    assert_true(by_target("\\x{ff}", HA_VIEW_LIT("/\xff")));
    assert_true(by_target("b$", HA_VIEW_LIT("/a\0b")));
    assert_false(by_target("a$", HA_VIEW_LIT("/a\n")));
    assert_true(by_target("", HA_VIEW_LIT("/")));
    assert_false(by_target("/", (struct ha_view){NULL, 0}));
    /* Only the view is searched, not what stands behind it. */
    assert_false(by_target("b", (struct ha_view){"/ab", 2}));
    refused(&(struct ha_select_options){.target = "a("}, "--target", "column 3");
    refused(&(struct ha_select_options){.target = "[z-a]"}, "--target", "range out of order");
}

static void a_target_that_backtracks_is_given_up_and_counted(void **state)
{
    (void)state;
    struct ha_record r = {.status = 200, .method = HA_NO_METHOD};
    char target[64];
    memset(target, 'a', sizeof target);
    ha_put(&r, HA_FIELD_TARGET, (struct ha_view){target, sizeof target});
    struct ha_selector *s = make(&(struct ha_select_options){.target = "^(a|aa)+b|(a+)+$x"});
    assert_false(ha_selected(s, &r));
    assert_int_equal(ha_selector_given_up(s), 1);
    ha_selector_free(&s);
}

static bool by_time(const char *since, const char *until, int64_t time_us)
{
    struct ha_record r = {
        .status = 200, .method = HA_NO_METHOD, .has_time = true, .time_us = time_us};
    return chosen(&(struct ha_select_options){.since = since, .until = until, .now_us = NOW}, &r);
}

static void times_since_is_within_until_is_not(void **state)
{
    (void)state;
    assert_true(by_time("now", NULL, NOW));
    assert_false(by_time("now", NULL, NOW - 1));
    assert_false(by_time(NULL, "now", NOW));
    assert_true(by_time(NULL, "now", NOW - 1));
    assert_true(by_time("-2h", "now", NOW - 7200 * HA_US_PER_S));
    assert_false(by_time("-2h", "now", NOW - 7200 * HA_US_PER_S - 1));
    struct ha_record r = {.status = 200, .method = HA_NO_METHOD};
    assert_false(chosen(&(struct ha_select_options){.since = "-2h", .now_us = NOW}, &r));
    assert_false(chosen(&(struct ha_select_options){.until = "now", .now_us = NOW}, &r));
    refused(&(struct ha_select_options){.since = "never"}, "--since", "is no time");
    refused(&(struct ha_select_options){.until = "later"}, "--until", "is no time");
    refused(&(struct ha_select_options){.since = "now", .until = "-1h", .now_us = NOW}, "--until",
            "is not after --since=now");
}

/* A clock put forward an hour at 2026-03-29T01:00:00Z and back at 2026-10-25T01:00:00Z. */
static int summer_and_winter(int64_t time_us)
{
    bool summer =
        time_us >= INT64_C(1774746000) * HA_US_PER_S && time_us < INT64_C(1792890000) * HA_US_PER_S;
    return summer ? 120 : 60;
}

static void a_time_without_zone_is_of_the_clock_of_its_day(void **state)
{
    (void)state;
    const struct {
        const char *since, *text;
    } cases[] = {{"2026-07-01 10:00", "since 2026-07-01T10:00:00+02:00"},
                 {"2026-07-01", "since 2026-07-01T00:00:00+02:00"},
                 {"2026-11-24 10:00", "since 2026-11-24T10:00:00+01:00"},
                 {"2026-07-01T10:00:00Z", "since 2026-07-01T12:00:00+02:00"},
                 /* Twice in the night of 25 October, never in that of 29 March. */
                 {"2026-10-25 02:30", "since 2026-10-25T02:30:00+02:00"},
                 {"2026-10-25 03:00", "since 2026-10-25T03:00:00+01:00"},
                 {"2026-03-29 01:45", "since 2026-03-29T01:45:00+01:00"},
                 {"2026-03-29 02:30", "since 2026-03-29T02:30:00+01:00"},
                 {"2026-03-29 03:00", "since 2026-03-29T03:00:00+02:00"},
                 {"-1h", "since 2026-11-24T10:30:00+01:00"},
                 {"today", "since 2026-11-24T00:00:00+01:00"}};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_selector *s =
            make(&(struct ha_select_options){.since = cases[i].since,
                                             .now_us = NOW,
                                             .local_offset_min = 60,
                                             .local_offset_at = summer_and_winter});
        assert_string_equal(ha_selector_text(s), cases[i].text);
        ha_selector_free(&s);
    }
}

static void all_must_hold(void **state)
{
    (void)state;
    struct ha_record r = {.status = 503,
                          .method = (int16_t)ha_facts_method_index(HA_VIEW_LIT("GET"))};
    ha_put(&r, HA_FIELD_METHOD, HA_VIEW_LIT("GET"));
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("/a"));
    ha_put(&r, HA_FIELD_CLIENT, HA_VIEW_LIT("192.0.2.1"));
    struct ha_select_options o = {
        .status = "5xx", .method = "GET", .target = "a", .client = "192.0.2.0/24"};
    assert_true(chosen(&o, &r));
    struct ha_select_options each[4] = {o, o, o, o};
    each[0].status = "4xx";
    each[1].method = "PUT";
    each[2].target = "b";
    each[3].client = "192.0.3.0/24";
    for (size_t i = 0; i < HA_COUNT(each); i++)
        assert_false(chosen(&each[i], &r));
}

static void the_text_says_what_was_asked(void **state)
{
    (void)state;
    struct ha_selector *s = make(&(struct ha_select_options){.status = "429,5xx",
                                                             .errors = true,
                                                             .method = "POST",
                                                             .target = "^/a",
                                                             .client = "::1",
                                                             .since = "-30m",
                                                             .now_us = NOW,
                                                             .local_offset_min = 60});
    assert_string_equal(
        ha_selector_text(s),
        "status 429,5xx; errors (4xx and 5xx); method POST; target ~ ^/a; client ::1; "
        "since 2026-11-24T11:00:00+01:00");
    assert_false(ha_selector_is_all(s));
    ha_selector_free(&s);
}

static void a_selector_outlives_its_options(void **state)
{
    (void)state;
    char methods_list[] = "FOO-NOT-LISTED", clients_list[] = "crawler.example";
    struct ha_selector *s =
        make(&(struct ha_select_options){.method = methods_list, .client = clients_list});
    memset(methods_list, 'x', sizeof methods_list - 1);
    memset(clients_list, 'x', sizeof clients_list - 1);
    struct ha_record r = {.status = 200, .method = HA_UNLISTED_METHOD};
    ha_put(&r, HA_FIELD_METHOD, HA_VIEW_LIT("FOO-NOT-LISTED"));
    ha_put(&r, HA_FIELD_CLIENT, HA_VIEW_LIT("crawler.example"));
    assert_true(ha_selected(s, &r));
    ha_selector_free(&s);
}

struct shared_search {
    struct ha_selector *selector;
    int wrong;
};

static void *search_many(void *context)
{
    struct shared_search *shared = context;
    struct ha_record yes = {.status = 200, .method = HA_NO_METHOD}, no = yes;
    ha_put(&yes, HA_FIELD_TARGET, HA_VIEW_LIT("/abc"));
    ha_put(&no, HA_FIELD_TARGET, HA_VIEW_LIT("/xyz"));
    for (int i = 0; i < 2000; i++)
        if (!ha_selected(shared->selector, &yes) || ha_selected(shared->selector, &no))
            __atomic_fetch_add(&shared->wrong, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void threads_share_a_selector(void **state)
{
    (void)state;
    struct shared_search shared = {make(&(struct ha_select_options){.target = "b"}), 0};
    pthread_t threads[4];
    for (size_t i = 0; i < HA_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, search_many, &shared), 0);
    for (size_t i = 0; i < HA_COUNT(threads); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(shared.wrong, 0);
    assert_int_equal(ha_selector_given_up(shared.selector), 0);
    ha_selector_free(&shared.selector);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const struct ha_select_options o = {.status = "5xx",
                                        .method = "GET,FOO-NOT-LISTED,!BAR-NOT",
                                        .client = "10.0.0.0/8,::1,a.example,b.example",
                                        .target = "^/a(b|c)+",
                                        .since = "now",
                                        .now_us = NOW};
    bool succeeded = false;
    size_t failures = 0;
    for (uint64_t n = 1; n < 200 && !succeeded; n++) {
        struct ha_selector *s = NULL;
        struct ha_problem p = {.cause = ""};
        ha_alloc_fail_at(n);
        enum ha_err err = ha_selector_new(&o, &s, &p);
        succeeded = ha_alloc_fail_at(0) < n; /* fewer were made than the one to fail */
        if (err != HA_OK) {
            assert_int_equal(err, HA_ERR_MEMORY);
            assert_null(s);
            assert_int_equal(p.err, HA_ERR_MEMORY);
            failures++;
        }
        ha_selector_free(&s);
    }
    assert_true(succeeded);
    assert_true(failures >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_selects_all),
        cmocka_unit_test(statuses_classes_ranges),
        cmocka_unit_test(other_is_all_but_the_five_classes),
        cmocka_unit_test(status_exclusions_in_any_order),
        cmocka_unit_test(bad_status_lists),
        cmocka_unit_test(errors_alone_and_with_statuses),
        cmocka_unit_test(methods),
        cmocka_unit_test(clients_ipv4),
        cmocka_unit_test(clients_ipv6),
        cmocka_unit_test(clients_by_name_and_exclusions),
        cmocka_unit_test(targets),
        cmocka_unit_test(a_target_that_backtracks_is_given_up_and_counted),
        cmocka_unit_test(times_since_is_within_until_is_not),
        cmocka_unit_test(a_time_without_zone_is_of_the_clock_of_its_day),
        cmocka_unit_test(all_must_hold),
        cmocka_unit_test(the_text_says_what_was_asked),
        cmocka_unit_test(a_selector_outlives_its_options),
        cmocka_unit_test(threads_share_a_selector),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
