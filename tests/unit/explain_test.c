/* -x: what terms lead to, and that text folds and JSON parses. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "facts_fixture.h"
#include "httpannotate/explain.h"

static const struct ha_explain_style plain = {.width = 80};
static const struct ha_explain_style json = {.json = true, .width = 80};

/* What a term is explained with; `unknown` behind it. Static, NUL-terminated. */
static const char *explain(const char *term, const struct ha_explain_style *style)
{
    static char text[1 << 18];
    struct ha_buf to = {0}, unknown = {0};
    size_t missing = ha_explain(facts, &term, 1, style, &to, &unknown);
    assert_int_equal(missing, unknown.len > 0 ? 1 : 0);
    ha_buf_view(&to, (struct ha_view){unknown.ptr, unknown.len});
    ha_buf_char(&to, '\0');
    assert_true(ha_buf_ok(&to));
    assert_true(to.len <= sizeof text);
    memcpy(text, to.ptr, to.len);
    ha_buf_free(&to);
    ha_buf_free(&unknown);
    return text;
}

static void starts(const char *term, const char *head)
{
    const char *text = explain(term, &plain);
    if (strncmp(text, head, strlen(head)) != 0)
        fail_msg("%s: %.200s", term, text);
}

static void holds(const char *term, const char *part)
{
    const char *text = explain(term, &plain);
    if (strstr(text, part) == NULL)
        fail_msg("%s has no \"%s\": %.2000s", term, part, text);
}

static void a_card_tells_all(void **state)
{
    (void)state;
    assert_string_equal(
        explain("428", &plain),
        "428 Precondition Required  4xx client error\n"
        "  meaning      The server only takes conditional requests here, e.g. with\n"
        "               If-Match.\n"
        "  hint         API writers not sending ETags; fix the client.\n"
        "  fault        client\n"
        "  retry        after a change or a pause, or when the method is idempotent\n"
        "  cacheable    not by default\n"
        "  registered   in the IANA registry\n"
        "  source       RFC 6585 section 3\n"
        "  by method    PUT: server wants If-Match before overwriting (worth a "
        "look)\n");
    holds("413", "\"Payload Too Large\" (RFC 7231");
    holds("413", "AWS ALB: Payload Too Large. Lambda target");
    holds("413", "reference page: calls it \"Payload Too Large\"");
    holds("404", "25 sub-statuses, listed by -x 404.x");
    holds("499", "nginx");
    holds("104", "provisionally");
    starts("000", "000 No Response Logged  no HTTP status\n");
    starts("9", "009 HTTP/0.9 Exchange");
    starts("477", "477 Unlisted 4xx  4xx client error\n");
    starts("742", "742 Not a Legal Status");
    starts("BREW", "BREW  vendor (joke, HTCPCP)\n");
    holds("PUT", "reference page: tells of replacing only");
    holds("OPTIONS", "200: target *: server ping");
}

static void terms_lead_to_their_rows(void **state)
{
    (void)state;
    starts("Multiple Choice", "300 Multiple Choices");
    starts("payload too large", "413 Content Too Large");
    starts("Moved Temporarily", "302 Found");
    starts("ok", "200 OK");
    starts("  Gone ", "410 Gone");
    holds("unauthorized", "401 Unauthorized");
    holds("unauthorized", "561 Unauthorized");
    holds("(Unused)", "306 (Unused)");
    holds("(Unused)", "418 I'm a teapot");
    starts("GET", "GET  method\n");
    starts("*", "*  method\n");
    starts("get", "Method names are case-sensitive; the one in capitals is meant here.\n\nGET  ");
    starts("POST 303", "POST 303\n  together     Post/Redirect/Get done by the book\n");
    starts("303 post", "POST 303\n");
    starts("HEAD 301", "HEAD 301  as with GET\n");
    starts("POST 444", "POST 444  as with every method\n");
    starts("HEAD 405", "HEAD 405\n");
    starts("GET 200 & 0 bytes", "GET 200  and 0 bytes\n");
    starts("(none) 408", "(none) 408\n");
    starts("(TLS bytes) 400", "(TLS bytes) 400\n");
    starts("OPTIONS * 200", "OPTIONS * 200\n");
    holds("PATCH 418", "nothing particular");
    starts("404.13", "404.13  sub-status of IIS\n");
    starts("404.x", "404.x: sub-statuses of IIS\n  404.0    file missing");
    starts("sH--", "sH  haproxy\n");
    holds("UF,URX", "URX  envoy\n");
    holds("LR", "LR  haproxy\n");
    holds("LR", "LR  envoy\n");
    starts("TCP_MISS_ABORTED/200", "TCP_MISS  squid\n");
    holds("TCP_MISS_ABORTED/200", "_ABORTED  squid\n");
}

static void lists(void **state)
{
    (void)state;
    starts("5xx", "5xx server error; clients treat a code not listed here like 500\n"
                  "  500 Internal Server Error       The server tripped over");
    starts("5XX", "5xx server error");
    holds("5xx", "  599 Network Connect Timeout");
    assert_null(strstr(explain("5xx", &plain), "499"));
    assert_null(strstr(explain("5xx", &plain), "600"));
    starts("9xx", "9xx no legal status");
    holds("9xx", "999 Request Denied");
    starts("400-403", "400 to 403, the listed ones\n  400 Bad Request");
    assert_null(strstr(explain("400-403", &plain), "404"));
    holds("too many", "429 Too Many Requests");
    holds("TOO MANY", "429 Too Many Requests");
    holds("cloudflare", "525 SSL Handshake Failed");
    holds("slowloris", "408 Request Timeout");
    holds("quota period", "429 Too Many Requests"); /* both words, not side by side */
    holds("ALB", "460 Client Closed Connection");
}

static void unknown_terms_name_the_nearest(void **state)
{
    (void)state;
    assert_string_equal(explain("GETT", &plain), "GETT: unknown; nearest: GET\n");
    assert_string_equal(explain("PSOT", &plain), "PSOT: unknown; nearest: POST\n");
    assert_string_equal(explain("To Many Requets", &plain),
                        "To Many Requets: unknown; nearest: Too Many Requests\n");
    assert_string_equal(explain("xyzzyxyzzy", &plain),
                        "xyzzyxyzzy: unknown; -x alone lists all that can be explained\n");
    assert_string_equal(explain("4291", &plain), "4291: unknown; nearest: 421, 429\n");
    holds("", ": unknown;");
    holds("a\x1b[2Jb", "a\\x1B[2Jb: unknown;");
    holds("404-400", "unknown");
    holds("404.99", "unknown");
    holds("POST 9999", "unknown");
    assert_string_equal(explain("GETT", &json), "[]\nGETT: unknown; nearest: GET\n");
}

static void several_terms(void **state)
{
    (void)state;
    static const char *const terms[] = {"404", "NOPE!", "GET"};
    struct ha_buf to = {0}, unknown = {0};
    assert_int_equal(ha_explain(facts, terms, 3, &plain, &to, &unknown), 1);
    ha_buf_char(&to, '\0');
    assert_non_null(strstr(to.ptr, "404 Not Found"));
    assert_non_null(strstr(to.ptr, "\n\nGET  method\n")); /* a blank line between */
    ha_buf_free(&to);
    ha_buf_free(&unknown);
}

/* Every line ends before the width, none in a space, and nothing but plain text is in it. */
static void is_folded(const char *text, size_t width)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        assert_int_equal(text[len], '\n');
        bool one_word = memchr(text + strspn(text, " "), ' ', len - strspn(text, " ")) == NULL;
        if (len > width && !one_word)
            fail_msg("%zu columns of %zu: %.*s", len, width, (int)len, text);
        assert_true(len == 0 || text[len - 1] != ' ');
        for (size_t i = 0; i < len; i++)
            assert_in_range((unsigned char)text[i], 0x20, 0x7E);
        text += len + 1;
    }
}

static void text_is_folded_at_the_width(void **state)
{
    (void)state;
    static const size_t widths[] = {80, 100, 200};
    for (size_t w = 0; w < HA_COUNT(widths); w++) {
        struct ha_explain_style style = {.width = widths[w]};
        for (int code = 0; code < 1000; code++) {
            char term[4] = {(char)('0' + code / 100), (char)('0' + code / 10 % 10),
                            (char)('0' + code % 10), '\0'};
            is_folded(explain(term, &style), widths[w]);
        }
        for (size_t i = 0; i < ha_facts_method_count(); i++)
            is_folded(explain(ha_facts_method((int)i)->method, &style), widths[w]);
        static const char *const terms[] = {"4xx", "5xx", "nginx", "404.x", "POST 303", "the"};
        for (size_t i = 0; i < HA_COUNT(terms); i++)
            is_folded(explain(terms[i], &style), widths[w]);
        struct ha_buf to = {0}, unknown = {0};
        assert_int_equal(ha_explain(facts, NULL, 0, &style, &to, &unknown), 0);
        ha_buf_char(&to, '\0');
        is_folded(to.ptr, widths[w]);
        ha_buf_free(&to);
    }
}

static void narrow_and_unknown_widths_still_work(void **state)
{
    (void)state;
    struct ha_explain_style style = {.width = 0};
    char usual[4096];
    snprintf(usual, sizeof usual, "%s", explain("429", &plain));
    assert_string_equal(explain("429", &style), usual);
    style.width = 1;
    assert_non_null(strstr(explain("429", &style), "429 Too Many Requests"));
}

static void colour_only_when_asked(void **state)
{
    (void)state;
    struct ha_explain_style style = {.colour = true, .width = 80};
    static const struct {
        const char *term, *head;
    } cases[] = {
        {"101", "\x1b[1;36m101"}, {"200", "\x1b[1;32m200"}, {"301", "\x1b[1;34m301"},
        {"404", "\x1b[1;33m404"}, {"500", "\x1b[1;31m500"}, {"999", "\x1b[1;35m999"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        const char *text = explain(cases[i].term, &style);
        assert_memory_equal(text, cases[i].head, strlen(cases[i].head));
        assert_null(strchr(explain(cases[i].term, &plain), '\x1b'));
    }
}

/* A reader of JSON that only says where a value ends; NULL when it is none (RFC 8259). */
static const char *value(const char *s);

static const char *space(const char *s)
{
    return s + strspn(s, " \n");
}

static const char *string(const char *s)
{
    if (*s++ != '"')
        return NULL;
    for (; *s != '"'; s++) {
        if ((unsigned char)*s < 0x20)
            return NULL;
        if (*s == '\\' && strchr("\"\\/bfnrtu", *++s) == NULL)
            return NULL;
    }
    return s + 1;
}

static const char *members(const char *s, char close, bool keys)
{
    s = space(s + 1);
    if (*s == close)
        return s + 1;
    for (;;) {
        if (keys) {
            s = string(space(s));
            if (s == NULL || *(s = space(s)) != ':')
                return NULL;
            s++;
        }
        s = value(space(s));
        if (s == NULL)
            return NULL;
        s = space(s);
        if (*s == close)
            return s + 1;
        if (*s++ != ',')
            return NULL;
    }
}

static const char *value(const char *s)
{
    static const char *const words[] = {"true", "false", "null"};
    if (*s == '{')
        return members(s, '}', true);
    if (*s == '[')
        return members(s, ']', false);
    if (*s == '"')
        return string(s);
    for (size_t i = 0; i < HA_COUNT(words); i++) {
        if (strncmp(s, words[i], strlen(words[i])) == 0)
            return s + strlen(words[i]);
    }
    size_t digits = strspn(s, "0123456789");
    return digits > 0 && (s[0] != '0' || digits == 1) ? s + digits : NULL;
}

static void is_json_array(const char *text)
{
    assert_int_equal(text[0], '[');
    const char *end = value(text);
    assert_non_null(end);
    assert_string_equal(end, "\n");
}

static void json_is_whole(void **state)
{
    (void)state;
    static const char *const terms[] = {"429",  "000",      "477",      "GET",       "POST",
                                        "*",    "5xx",      "POST 303", "PATCH 418", "404.13",
                                        "sH--", "too many", "404.x",    "(any) 444"};
    for (size_t i = 0; i < HA_COUNT(terms); i++)
        is_json_array(explain(terms[i], &json));
    assert_non_null(strstr(explain("429", &json),
                           "{\"status\": 429, \"code\": \"429\", \"phrase\": "
                           "\"Too Many Requests\", \"class\": \"4xx\""));
    assert_non_null(strstr(explain("429", &json), "\"registered\": true"));
    assert_non_null(strstr(explain("999", &json), "\"class\": \"other\""));
    assert_non_null(strstr(explain("404", &json), "\"cacheable\": true"));
    assert_non_null(strstr(explain("POST", &json),
                           "\"safe\": false, \"idempotent\": false, \"cacheable\": false, "
                           "\"cacheable_when\": \"explicit freshness"));
    assert_non_null(strstr(explain("PUT", &json), "\"reference_page\": \"tells of replacing"));
    struct ha_buf to = {0}, unknown = {0};
    assert_int_equal(ha_explain(facts, NULL, 0, &json, &to, &unknown), 0);
    ha_buf_char(&to, '\0');
    is_json_array(to.ptr);
    size_t objects = 0;
    for (const char *at = to.ptr; (at = strstr(at, "\n{\"")) != NULL; at++)
        objects++;
    assert_int_equal(objects, 104 + 80);
    ha_buf_free(&to);
}

static void a_failed_allocation_is_told(void **state)
{
    (void)state;
    static const char *const terms[] = {"413", "5xx", "too many", "GETT", "POST 303", "GET"};
    for (int as_json = 0; as_json < 2; as_json++) {
        for (uint64_t n = 1;; n++) {
            struct ha_buf to = {0}, unknown = {0};
            (void)ha_alloc_fail_at(n);
            (void)ha_explain(facts, terms, HA_COUNT(terms), as_json ? &json : &plain, &to,
                             &unknown);
            uint64_t made = ha_alloc_fail_at(0);
            bool ok = ha_buf_ok(&to) && ha_buf_ok(&unknown);
            assert_int_equal(ok, made < n);
            ha_buf_free(&to);
            ha_buf_free(&unknown);
            if (ok)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_tells_all),
        cmocka_unit_test(terms_lead_to_their_rows),
        cmocka_unit_test(lists),
        cmocka_unit_test(unknown_terms_name_the_nearest),
        cmocka_unit_test(several_terms),
        cmocka_unit_test(text_is_folded_at_the_width),
        cmocka_unit_test(narrow_and_unknown_widths_still_work),
        cmocka_unit_test(colour_only_when_asked),
        cmocka_unit_test(json_is_whole),
        cmocka_unit_test(a_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
