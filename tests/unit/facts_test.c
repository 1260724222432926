/* The tables hold together, and look-ups find what they hold. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/facts.h"
#include "httpannotate/record.h"

static struct ha_facts *load(const char *codes_file)
{
    struct ha_facts *facts = NULL;
    struct ha_problem p = {0};
    assert_int_equal(ha_facts_load(codes_file, &facts, &p), HA_OK);
    return facts;
}

static bool one_of(const char *s, const char *const *set, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(s, set[i]) == 0)
            return true;
    }
    return false;
}

static void is_plain_text(const char *s)
{
    for (; *s != '\0'; s++)
        assert_in_range((unsigned char)*s, 0x20, 0x7E);
}

static void statuses_are_in_order_and_whole(void **state)
{
    (void)state;
    static const char *const retry[] = {"y", "n", "conditional"};
    static const char *const cache[] = {"y", "n"};
    static const char *const faults[] = {"client", "server", "upstream", "either", "none"};
    struct ha_facts *facts = load(NULL);
    size_t count = 0, registered = 0;
    const struct ha_status_fact *const *all = ha_facts_statuses(facts, &count);
    assert_int_equal(count, 104);
    for (size_t i = 0; i < count; i++) {
        const struct ha_status_fact *s = all[i];
        assert_true(i == 0 || all[i - 1]->code < s->code);
        assert_ptr_equal(ha_facts_status(facts, s->code), s);
        assert_true(s->listed);
        registered += s->registered;
        assert_int_equal(s->registered, strncmp(s->registry, "iana", 4) == 0);
        if (ha_class_of(s->code) != 0)
            assert_int_equal(s->class_name[0] - '0', ha_class_of(s->code));
        is_plain_text(s->phrase);
        is_plain_text(s->meaning);
        is_plain_text(s->hint);
        is_plain_text(s->source);
        assert_true(s->phrase[0] != '\0' && s->source[0] != '\0' && s->hint[0] != '\0');
        size_t len = strlen(s->meaning);
        assert_in_range(len, 10, 90);
        assert_int_equal(s->meaning[len - 1], '.');
        assert_true(one_of(s->cacheable, cache, HA_COUNT(cache)));
        assert_true(one_of(s->retryable, retry, HA_COUNT(retry)));
        assert_true(one_of(s->fault, faults, HA_COUNT(faults)));
    }
    assert_int_equal(registered, 64);
    ha_facts_free(&facts);
    assert_null(facts);
}

/* A slipped initialiser gives codes the names of their neighbours: some are told by hand. */
static void statuses_have_their_own_names(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *phrase, *registry, *source;
    } known[] = {
        {0, "No Response Logged", "vendor", "nginx"},
        {9, "HTTP/0.9 Exchange", "vendor", "nginx"},
        {100, "Continue", "iana", "RFC 9110 section 15.2.1"},
        {104, "Upload Resumption Supported", "iana-temporary", "draft-ietf-httpbis"},
        {200, "OK", "iana", "RFC 9110 section 15.3.1"},
        {306, "(Unused)", "iana-deprecated", "RFC 9110 section 15.4.7"},
        {413, "Content Too Large", "iana", "RFC 9110 section 15.5.14"},
        {418, "I'm a teapot", "iana-reserved", "RFC 9110 section 15.5.19"},
        {422, "Unprocessable Content", "iana", "RFC 9110 section 15.5.21"},
        {429, "Too Many Requests", "iana", "RFC 6585 section 4"},
        {451, "Unavailable For Legal Reasons", "iana", "RFC 7725 section 3"},
        {499, "Client Closed Request", "vendor", "nginx"},
        {503, "Service Unavailable", "iana", "RFC 9110 section 15.6.4"},
        {511, "Network Authentication Required", "iana", "RFC 6585 section 6"},
        {599, "Network Connect Timeout", "vendor", "secondary"},
        {999, "Request Denied", "vendor", "LinkedIn"},
    };
    struct ha_facts *facts = load(NULL);
    for (size_t i = 0; i < HA_COUNT(known); i++) {
        const struct ha_status_fact *s = ha_facts_status(facts, known[i].code);
        assert_string_equal(s->phrase, known[i].phrase);
        assert_string_equal(s->registry, known[i].registry);
        assert_memory_equal(s->source, known[i].source, strlen(known[i].source));
    }
    ha_facts_free(&facts);
}

static void unlisted_codes_are_told_by_their_class(void **state)
{
    (void)state;
    struct ha_facts *facts = load(NULL);
    size_t count = 0;
    const struct ha_status_fact *const *all = ha_facts_statuses(facts, &count);
    for (int code = 0; code < 1000; code++) {
        const struct ha_status_fact *s = ha_facts_status(facts, code);
        assert_int_equal(s->code, code);
        if (s->listed)
            continue;
        assert_false(s->registered);
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(s->phrase, all[i]->phrase);
        char like[] = "treat it like 000";
        like[14] = (char)('0' + code / 100);
        assert_non_null(strstr(s->meaning, ha_class_of(code) == 0 ? "server error" : like));
        assert_true(ha_class_of(code) == 0 || s->class_name[0] == '0' + code / 100);
    }
    assert_string_equal(ha_facts_status(facts, 402)->fault, "client");
    assert_string_equal(ha_facts_status(facts, 499)->fault, "client");
    assert_string_equal(ha_facts_status(facts, 477)->fault, "client");
    assert_string_equal(ha_facts_status(facts, 577)->fault, "server");
    ha_facts_free(&facts);
}

static void alternatives_belong_to_their_code(void **state)
{
    (void)state;
    struct ha_facts *facts = load(NULL);
    size_t sum = 0;
    for (int code = 0; code < 1000; code++) {
        size_t count = 0;
        const struct ha_status_alt *alts = ha_facts_alts(facts, code, &count);
        assert_true((alts == NULL) == (count == 0));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(alts[i].code, code);
            is_plain_text(alts[i].recognise_by);
        }
        assert_true(count == 0 || ha_facts_status(facts, code)->listed);
        sum += count;
    }
    assert_int_equal(sum, 25);
    size_t count = 0;
    assert_string_equal(ha_facts_alts(facts, 503, &count)[0].vendor,
                        "nginx limit_req / limit_conn");
    assert_int_equal(count, 3);
    ha_facts_free(&facts);
}

static void other_tables_point_at_listed_rows(void **state)
{
    (void)state;
    struct ha_facts *facts = load(NULL);
    size_t count = 0;
    const struct ha_alias_fact *aliases = ha_facts_aliases(&count);
    assert_int_equal(count, 25);
    for (size_t i = 0; i < count; i++) {
        assert_true(ha_facts_status(facts, aliases[i].code)->listed);
        assert_true(i == 0 || aliases[i - 1].code <= aliases[i].code);
    }
    const struct ha_substatus_fact *subs = ha_facts_substatuses(&count);
    assert_int_equal(count, 107);
    for (size_t i = 0; i < count; i++) {
        assert_true(ha_facts_status(facts, subs[i].status)->listed);
        assert_ptr_equal(ha_facts_substatus(subs[i].status, subs[i].substatus), &subs[i]);
    }
    assert_null(ha_facts_substatus(404, 99));
    assert_null(ha_facts_substatus(200, 0));
    assert_non_null(strstr(ha_facts_reference("413"), "Payload Too Large"));
    assert_non_null(ha_facts_reference("PUT"));
    assert_null(ha_facts_reference("200"));
    assert_null(ha_facts_reference("NOPE"));
    ha_facts_free(&facts);
}

static void marks_of_proxies_are_found_as_logs_have_them(void **state)
{
    (void)state;
    static const struct {
        const char *system, *token, *row;
    } cases[] = {
        {"haproxy", "sH", "sH"},
        {"haproxy", "sH--", "sH"},
        {"haproxy", "SHVN", "SH"},
        {"haproxy", "----", "--"},
        {"haproxy", "PRNI", "PR"},
        {"haproxy", "sHxx", NULL},
        {"haproxy", "XX--", NULL},
        {"haproxy", "UF", NULL},
        {"haproxy", "<BADREQ>", "<BADREQ>"},
        {"envoy", "UF", "UF"},
        {"envoy", "URX", "URX"},
        {"envoy", "uf", NULL},
        {"squid", "TCP_MISS", "TCP_MISS"},
        {"squid", "TCP_MISS_ABORTED", "TCP_MISS"},
        {"squid", "TAG_NONE", "TAG_NONE"},
        {"squid", "NONE_TIMEDOUT", "NONE"},
        {"squid", "TCP_MISS_MAYBE", NULL},
        {"squid", "", NULL},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        const struct ha_logtag_fact *fact =
            ha_facts_logtag(cases[i].system, ha_view_of(cases[i].token));
        if (cases[i].row == NULL) {
            assert_null(fact);
            continue;
        }
        assert_non_null(fact);
        assert_string_equal(fact->token, cases[i].row);
        assert_string_equal(fact->system, cases[i].system);
    }
    size_t count = 0;
    (void)ha_facts_logtags(&count);
    assert_int_equal(count, 70);
}

/* The token in memory of exactly its size, so that a read beyond it is seen by the sanitizer. */
static int index_of(const char *token)
{
    size_t len = strlen(token);
    char *exact = malloc(len > 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, token, len);
    int index = ha_facts_method_index((struct ha_view){exact, len});
    free(exact);
    return index;
}

static void every_method_is_found_and_no_other(void **state)
{
    (void)state;
    assert_int_equal(ha_facts_method_count(), 80);
    for (size_t i = 0; i < ha_facts_method_count(); i++) {
        const struct ha_method_fact *m = ha_facts_method((int)i);
        assert_int_equal(index_of(m->method), i);
        assert_int_equal(m->cacheable_yes, strcmp(m->cacheable, "y") == 0);
        assert_false(m->safe && !m->idempotent); /* RFC 9110 section 9.2.2 */
        char other[64];
        size_t len = strlen(m->method);
        memcpy(other, m->method, len + 1);
        other[0] = other[0] == '*' ? '+' : (char)(other[0] | 0x20);
        assert_int_equal(index_of(other), HA_UNLISTED_METHOD);
        memcpy(other, m->method, len + 1);
        other[len] = 'Q';
        other[len + 1] = '\0';
        assert_int_equal(index_of(other), HA_UNLISTED_METHOD);
        for (size_t n = 1; n < len; n++) { /* a beginning is none, or another method whole */
            other[n] = '\0';
            memcpy(other, m->method, n);
            int index = index_of(other);
            if (index != HA_UNLISTED_METHOD)
                assert_string_equal(ha_facts_method(index)->method, other);
        }
    }
    static const char *const unlisted[] = {"",
                                           "G",
                                           "GE",
                                           "GETT",
                                           "get",
                                           "FROB",
                                           "POSTS",
                                           "HEA",
                                           "\x16\x03\x01",
                                           "-",
                                           "PROPFINDPROPFINDPROPFINDPROPFIND"};
    for (size_t i = 0; i < HA_COUNT(unlisted); i++)
        assert_int_equal(index_of(unlisted[i]), HA_UNLISTED_METHOD);
    assert_string_equal(ha_facts_method(index_of("QUERY"))->source,
                        "RFC 10008 section 2 (June 2026; registry updated 2026-06-17)");
    assert_true(ha_facts_method(index_of("QUERY"))->safe);
    assert_false(ha_facts_method(index_of("POST"))->idempotent);
}

static int code_of(const char *three_digits)
{
    uint64_t n = 0;
    assert_true(ha_view_u64((struct ha_view){three_digits, 3}, &n));
    return (int)n;
}

/* The query that a row of pairs.def answers. */
static struct ha_pair_query query_of(const struct ha_pair_fact *row)
{
    struct ha_pair_query q = {.method = HA_UNLISTED_METHOD, .status = code_of(row->status)};
    q.zero_bytes = strstr(row->status, "& 0 bytes") != NULL;
    if (strcmp(row->method, "OPTIONS *") == 0) {
        q.method = index_of("OPTIONS");
        q.target = HA_VIEW_LIT("*");
    } else if (strcmp(row->method, "(none)") == 0) {
        q.method = HA_NO_METHOD;
        q.request = HA_VIEW_LIT("-");
    } else if (strcmp(row->method, "(TLS bytes)") == 0) {
        q.method = HA_NO_METHOD;
        q.request = HA_VIEW_LIT("\x16\x03\x01");
    } else if (strcmp(row->method, "(any)") != 0) {
        q.method = index_of(row->method);
        assert_true(q.method >= 0);
    }
    return q;
}

static void every_pair_is_reached(void **state)
{
    (void)state;
    struct ha_facts *facts = load(NULL);
    size_t count = 0;
    const struct ha_pair_fact *pairs = ha_facts_pairs(&count);
    assert_int_equal(count, 138);
    for (size_t i = 0; i < count; i++) {
        struct ha_pair_query q = query_of(&pairs[i]);
        assert_ptr_equal(ha_facts_pair(&q), &pairs[i]);
        assert_true(ha_facts_status(facts, q.status)->listed);
        is_plain_text(pairs[i].note);
        assert_in_range(strlen(pairs[i].note), 5, 80);
    }
    ha_facts_free(&facts);
}

static const char *note_of(struct ha_pair_query q)
{
    const struct ha_pair_fact *pair = ha_facts_pair(&q);
    return pair == NULL ? NULL : pair->note;
}

static void pairs_follow_their_order(void **state)
{
    (void)state;
    int get = index_of("GET"), head = index_of("HEAD"), post = index_of("POST");
    struct ha_view none = {NULL, 0};
    /* HEAD takes GET's row only where it has none. */
    assert_string_equal(note_of((struct ha_pair_query){.method = head, .status = 301}),
                        note_of((struct ha_pair_query){.method = get, .status = 301}));
    assert_string_not_equal(note_of((struct ha_pair_query){.method = head, .status = 405}),
                            note_of((struct ha_pair_query){.method = get, .status = 405}));
    assert_null(note_of((struct ha_pair_query){.method = post, .status = 301 + 9}));
    /* No bytes matter to GET 200 alone. */
    assert_string_not_equal(
        note_of((struct ha_pair_query){.method = get, .status = 200, .zero_bytes = true}),
        note_of((struct ha_pair_query){.method = get, .status = 200}));
    assert_string_equal(
        note_of((struct ha_pair_query){.method = post, .status = 200, .zero_bytes = true}),
        "handled, result in the reply");
    /* (any) comes last, and to every kind of request. */
    assert_non_null(note_of((struct ha_pair_query){.method = post, .status = 444}));
    assert_non_null(note_of((struct ha_pair_query){.method = HA_UNLISTED_METHOD, .status = 0}));
    assert_non_null(
        note_of((struct ha_pair_query){.method = HA_NO_METHOD, .status = 460, .request = none}));
    /* Without the request nothing is said of it. */
    assert_null(
        note_of((struct ha_pair_query){.method = HA_NO_METHOD, .status = 400, .request = none}));
    assert_null(note_of((struct ha_pair_query){.method = HA_UNLISTED_METHOD, .status = 400}));
    assert_null(note_of((struct ha_pair_query){.method = get, .status = HA_NO_STATUS}));
    assert_string_equal(note_of((struct ha_pair_query){.method = index_of("OPTIONS"),
                                                       .status = 404,
                                                       .target = HA_VIEW_LIT("*")}),
                        "preflight has no route; cross-origin call fails");
}

static void tls_is_told_in_every_spelling(void **state)
{
    (void)state;
    assert_true(ha_facts_is_tls(HA_VIEW_LIT("\x16\x03\x01\x00\xA5")));
    assert_true(ha_facts_is_tls(HA_VIEW_LIT("\\x16\\x03\\x01")));
    assert_true(ha_facts_is_tls(HA_VIEW_LIT("\\u0016\\u0003\\u0001")));
    assert_false(ha_facts_is_tls(HA_VIEW_LIT("\x16")));
    assert_false(ha_facts_is_tls(HA_VIEW_LIT("\\x16")));
    assert_false(ha_facts_is_tls(HA_VIEW_LIT("\\x80\\x03")));
    assert_false(ha_facts_is_tls(HA_VIEW_LIT("-")));
    assert_false(ha_facts_is_tls((struct ha_view){NULL, 0}));
}

/* Masks with so much room; the result must end where the room does, and stay when masked again. */
static void is_masked_to(const char *text, size_t room, const char *expected)
{
    char to[64], again[64];
    assert_true(room < sizeof to);
    struct ha_view masked = ha_facts_masked(ha_view_of(text), to, room);
    assert_true(ha_view_is(masked, expected));
    masked = ha_facts_masked(masked, again, sizeof again);
    masked.len = masked.len < room ? masked.len : room;
    assert_true(ha_view_is(masked, expected));
}

static void secrets_are_masked(void **state)
{
    (void)state;
    char room[8];
    struct ha_view plain = HA_VIEW_LIT("/a?tokens=5&q=http://a@b/"), empty = {NULL, 0};
    assert_ptr_equal(ha_facts_masked(plain, room, sizeof room).ptr, plain.ptr);
    assert_int_equal(ha_facts_masked(plain, room, sizeof room).len, plain.len);
    assert_ptr_equal(ha_facts_masked(empty, room, sizeof room).ptr, NULL);
    is_masked_to("/a?token=x", 40, "/a?token=***");
    is_masked_to("/a?q=1&PWD=long&b=2;sig=3#f", 40, "/a?q=1&PWD=***&b=2;sig=***#f");
    is_masked_to("/a;jsessionid=9F?token=5", 40, "/a;jsessionid=***");
    is_masked_to("http://u:p@a.example/?auth=1&jwt=2", 60,
                 "http://***@a.example/?auth=***&jwt=***");
    is_masked_to("/?pwd=1&u=http://u:p@a/&jwt=2", 60, "/?pwd=***&u=http://***@a/&jwt=***");
    is_masked_to("/a?token=x&more", 14, "/a?token=***&m");
    is_masked_to("/a?token=x&more", 10, "/a?token=*");
    is_masked_to("/a?token=x&more", 5, "/a?to");
    /* What lies behind four times the room is left out, and not looked at. */
    is_masked_to("/a?token=123456789012345678901&pwd=2", 9, "/a?token=");
    struct ha_view late = HA_VIEW_LIT("/a?b=789012345&pwd=2");
    assert_ptr_equal(ha_facts_masked(late, room, 3).ptr, late.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_in_order_and_whole),
        cmocka_unit_test(statuses_have_their_own_names),
        cmocka_unit_test(unlisted_codes_are_told_by_their_class),
        cmocka_unit_test(alternatives_belong_to_their_code),
        cmocka_unit_test(other_tables_point_at_listed_rows),
        cmocka_unit_test(marks_of_proxies_are_found_as_logs_have_them),
        cmocka_unit_test(every_method_is_found_and_no_other),
        cmocka_unit_test(every_pair_is_reached),
        cmocka_unit_test(pairs_follow_their_order),
        cmocka_unit_test(tls_is_told_in_every_spelling),
        cmocka_unit_test(secrets_are_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
