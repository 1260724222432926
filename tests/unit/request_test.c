/* request_test.c - request lines split, whatever strangers sent. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "httpannotate/facts.h"
#include "parse/request.h"

struct row {
    const char *request, *method, *target, *protocol; /* NULL: absent */
};

static void is(struct ha_view got, const char *want, const char *request)
{
    if (want == NULL ? got.ptr != NULL : !ha_view_is(got, want))
        fail_msg("\"%s\": \"%.*s\", not \"%s\"", request, (int)got.len, got.ptr, want);
}

static void requests_split(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"GET / HTTP/1.1", "GET", "/", "HTTP/1.1"},
        {"GET /a b c HTTP/1.1", "GET", "/a b c", "HTTP/1.1"},
        {"GET /", "GET", "/", NULL},
        {"GET / ", "GET", "/", NULL},
        {"GET /  ", NULL, NULL, NULL},
        {"GET x ", NULL, NULL, NULL},
        {"GET  ", NULL, NULL, NULL},
        {"OPTIONS * HTTP/1.0", "OPTIONS", "*", "HTTP/1.0"},
        {"CONNECT example.org:443 HTTP/1.1", "CONNECT", "example.org:443", "HTTP/1.1"},
        {"CONNECT example.org:443", "CONNECT", "example.org:443", NULL},
        {"GET http://example.org/ HTTP/1.1", "GET", "http://example.org/", "HTTP/1.1"},
        {"M-SEARCH * HTTP/1.1", "M-SEARCH", "*", "HTTP/1.1"},
        {"FROB /x HTTP/2.0", "FROB", "/x", "HTTP/2.0"},
        {"get /x HTTP/1.1", "get", "/x", "HTTP/1.1"},
        {"PRI * HTTP/2.0", "PRI", "*", "HTTP/2.0"},
        {"POST x HTTP/1.1", "POST", "x", "HTTP/1.1"},
        {"GET /x RTSP/1.0", "GET", "/x", "RTSP/1.0"},
        {"GET /foo http", "GET", "/foo", "http"},
        {"", NULL, NULL, NULL},
        {"-", NULL, NULL, NULL},
        {"GET", NULL, NULL, NULL},
        {"\\x16\\x03\\x01", NULL, NULL, NULL},
        {"\\x16\\x03 \\x01 HTTP/1.1", NULL, NULL, NULL},
        {"hello world", NULL, NULL, NULL},
        {"this is prose", NULL, NULL, NULL},
        {"GET /a b", NULL, NULL, NULL},
        {"GET  HTTP/1.1", NULL, NULL, NULL},
        {"123 / HTTP/1.1", NULL, NULL, NULL},
        {"{\"a\": / HTTP/1.1", NULL, NULL, NULL},
        {"GET /a 1.1", "GET", "/a", "1.1"},
        {"GET /a 2", "GET", "/a", "2"},
        {"GET /a b 2", NULL, NULL, NULL},
        {"FROB /a 2", NULL, NULL, NULL},
        {"GET a 2", NULL, NULL, NULL},
        {"GET /a 4", NULL, NULL, NULL},
        {"GET / HTTP/1.11", "GET", "/", "HTTP/1.11"},
        {"GET / HTTP/1.x", "GET", "/", "HTTP/1.x"},
        {"GET / HTTP/1.1\"", NULL, NULL, NULL},
        {"GET / HTTP/123456789", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < HA_COUNT(rows); i++) {
        struct ha_record r;
        memset(&r, 0, sizeof r);
        ha_split_request(&r, ha_view_of(rows[i].request));
        is(ha_get(&r, HA_FIELD_REQUEST), rows[i].request, rows[i].request);
        is(ha_get(&r, HA_FIELD_METHOD), rows[i].method, rows[i].request);
        is(ha_get(&r, HA_FIELD_TARGET), rows[i].target, rows[i].request);
        is(ha_get(&r, HA_FIELD_PROTOCOL), rows[i].protocol, rows[i].request);
        assert_true((r.method == HA_NO_METHOD) == (rows[i].method == NULL));
    }
}

static void methods_are_case_sensitive(void **state)
{
    (void)state;
    struct ha_record r;
    memset(&r, 0, sizeof r);
    ha_set_method(&r, HA_VIEW_LIT("PROPFIND"));
    assert_true(r.method >= 0);
    assert_string_equal(ha_facts_method(r.method)->method, "PROPFIND");
    ha_set_method(&r, HA_VIEW_LIT("propfind"));
    assert_int_equal(r.method, HA_UNLISTED_METHOD);
    memset(&r, 0, sizeof r);
    ha_set_method(&r, HA_VIEW_LIT("-"));
    assert_int_equal(r.method, HA_NO_METHOD);
    assert_false(ha_has(&r, HA_FIELD_METHOD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_split),
        cmocka_unit_test(methods_are_case_sensitive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
