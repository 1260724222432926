/* render_test.c - the line styles: bytes as they came, notes where they belong, JSON that is valid.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "httpannotate/render.h"

static const struct ha_status_fact throttled = {
    .code = 429, .phrase = "Too Many Requests", .meaning = "Too \"fast\"."};
static const char slow_down[] = "429 Too Many Requests: slow down";
static const struct ha_note note = {.text = {slow_down, sizeof slow_down - 1},
                                    .status = &throttled};
static const struct ha_render_style bytes_as_they_came;

static struct ha_record record_of(const char *line, size_t len, uint8_t ending)
{
    return (struct ha_record){.line = {line, len},
                              .ending = ending,
                              .verdict = HA_MATCHED,
                              .status = 429,
                              .method = HA_NO_METHOD};
}

static void assert_renders(const char *style_name, const struct ha_render_style *style,
                           const struct ha_record *r, const struct ha_note *n, const char *want,
                           size_t want_len)
{
    struct ha_buf to = {0};
    const struct ha_renderer *renderer = ha_renderer_find(style_name);
    assert_non_null(renderer);
    struct ha_buf ready = {0};
    struct ha_note with_ready = n == NULL ? (struct ha_note){.text = {NULL, 0}} : *n;
    if (n != NULL && renderer->ready != NULL) {
        renderer->ready(style, n, &ready);
        with_ready.ready = (struct ha_view){ready.ptr, ready.len};
    }
    renderer->line(style, r, n == NULL ? NULL : &with_ready, &to);
    assert_true(ha_buf_ok(&to));
    ha_buf_free(&ready);
    if (!ha_view_eq((struct ha_view){to.ptr, to.len}, (struct ha_view){want, want_len}))
        fail_msg("%s: got %.*s", style_name, (int)to.len, to.ptr);
    ha_buf_free(&to);
}
#define RENDERS(name, style, record, n, want)                                                      \
    assert_renders(name, style, record, n, want, sizeof(want) - 1)

static void append_keeps_every_byte_and_the_ending(void **state)
{
    (void)state;
    static const char line[] = "a\0b\xff\x1b[2J\t429";
    struct ha_record r = record_of(line, sizeof line - 1, 1);
    RENDERS("append", &bytes_as_they_came, &r, &note,
            "a\0b\xff\x1b[2J\t429\t# 429 Too Many Requests: slow down\n");
    r.ending = 2;
    RENDERS("append", &bytes_as_they_came, &r, &note,
            "a\0b\xff\x1b[2J\t429\t# 429 Too Many Requests: slow down\r\n");
    r.ending = 0;
    RENDERS("append", &bytes_as_they_came, &r, &note,
            "a\0b\xff\x1b[2J\t429\t# 429 Too Many Requests: slow down");
    RENDERS("append", &bytes_as_they_came, &r, NULL, "a\0b\xff\x1b[2J\t429");
    RENDERS("raw", &bytes_as_they_came, &r, &note, "a\0b\xff\x1b[2J\t429");
    r.ending = 2;
    RENDERS("raw", &bytes_as_they_came, &r, &note, "a\0b\xff\x1b[2J\t429\r\n");
    struct ha_record empty = record_of("", 0, 1);
    RENDERS("append", &bytes_as_they_came, &empty, NULL, "\n");
    RENDERS("raw", &bytes_as_they_came, &empty, NULL, "\n");
}

static void below_puts_the_note_on_a_line_of_its_own(void **state)
{
    (void)state;
    struct ha_record r = record_of("x", 1, 1);
    RENDERS("below", &bytes_as_they_came, &r, &note, "x\n    # 429 Too Many Requests: slow down\n");
    r.ending = 2;
    RENDERS("below", &bytes_as_they_came, &r, &note,
            "x\r\n    # 429 Too Many Requests: slow down\r\n");
    r.ending = 0;
    RENDERS("below", &bytes_as_they_came, &r, &note, "x\n    # 429 Too Many Requests: slow down");
    RENDERS("below", &bytes_as_they_came, &r, NULL, "x");
}

static void a_terminal_is_not_driven_by_the_log(void **state)
{
    (void)state;
    const struct ha_render_style visible = {.visible = true};
    static const char line[] = "a\x1b]0;x\x07\x9b\t\x7f\0";
    struct ha_record r = record_of(line, sizeof line - 1, 1);
    RENDERS("append", &visible, &r, NULL, "a\\x1B]0;x\\x07\\x9B\t\\x7F\\x00\n");
    RENDERS("raw", &visible, &r, NULL, "a\\x1B]0;x\\x07\\x9B\t\\x7F\\x00\n");
    RENDERS("below", &visible, &r, NULL, "a\\x1B]0;x\\x07\\x9B\t\\x7F\\x00\n");
    struct ha_note evil = {.text = HA_VIEW_LIT("429 \x1b[5m: x\x07")};
    RENDERS("append", &visible, &r, &evil,
            "a\\x1B]0;x\\x07\\x9B\t\\x7F\\x00\t# 429 \\x1B[5m: x\\x07\n");
}

static void colour_tints_the_status_and_the_head_of_the_note(void **state)
{
    (void)state;
    const struct ha_render_style colour = {.colour = true, .visible = true};
    static const char line[] = "\"GET /\" 429 7";
    struct ha_record r = record_of(line, sizeof line - 1, 1);
    RENDERS("raw", &colour, &r, &note, "\"GET /\" 429 7\n");
    ha_put(&r, HA_FIELD_STATUS, (struct ha_view){line + 8, 3});
    RENDERS("raw", &colour, &r, &note, "\"GET /\" \033[33m429\033[0m 7\n");
    RENDERS("append", &colour, &r, &note,
            "\"GET /\" \033[33m429\033[0m 7\t\033[2m# \033[0m\033[33m429 Too Many Requests\033[0m"
            "\033[2m: slow down\033[0m\n");
    r.status = 503;
    const struct ha_status_fact unavailable = {.code = 503};
    const struct ha_note brief = {.text = HA_VIEW_LIT("503 Service Unavailable"),
                                  .status = &unavailable};
    RENDERS("append", &colour, &r, &brief,
            "\"GET /\" \033[1;31m429\033[0m 7\t\033[2m# \033[0m"
            "\033[1;31m503 Service Unavailable\033[0m\n");
    /* A status that was decoded elsewhere is not looked for in the line. */
    ha_put(&r, HA_FIELD_STATUS, HA_VIEW_LIT("429"));
    RENDERS("raw", &colour, &r, &note, "\"GET /\" 429 7\n");
}

static void json_has_every_key(void **state)
{
    (void)state;
    static const char line[] = "\xff\"\\\x01 x";
    struct ha_record r = record_of(line, sizeof line - 1, 1);
    r.has_time = true;
    r.time_us = INT64_C(1793491200) * HA_US_PER_S;
    r.offset_min = -210;
    r.has_bytes = r.has_duration = true;
    r.body_bytes = 0;
    r.duration_us = 1500;
    r.method = HA_UNLISTED_METHOD;
    ha_put(&r, HA_FIELD_CLIENT, HA_VIEW_LIT("192.0.2.1"));
    ha_put(&r, HA_FIELD_USER, HA_VIEW_LIT("-"));
    ha_put(&r, HA_FIELD_HOST, HA_VIEW_LIT("example.org"));
    ha_put(&r, HA_FIELD_METHOD, HA_VIEW_LIT("FROB"));
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("/\\x22"));
    ha_put(&r, HA_FIELD_PROTOCOL, HA_VIEW_LIT("HTTP/1.1"));
    ha_put(&r, HA_FIELD_REFERER, HA_VIEW_LIT("-"));
    ha_put(&r, HA_FIELD_AGENT, HA_VIEW_LIT(""));
    ha_put(&r, HA_FIELD_IDENT, HA_VIEW_LIT("-"));
    ha_put(&r, HA_FIELD_PORT, HA_VIEW_LIT("8080"));
    ha_put(&r, HA_FIELD_TERMINATION, HA_VIEW_LIT("sH--"));
    RENDERS("json", &bytes_as_they_came, &r, &note,
            "{\"line\":\"\xEF\xBF\xBD\\\"\\\\\\u0001 x\",\"time\":\"2026-10-31T20:30:00-03:30\","
            "\"client\":\"192.0.2.1\",\"user\":null,\"host\":\"example.org\",\"method\":\"FROB\","
            "\"target\":\"/\\\\x22\",\"protocol\":\"HTTP/1.1\",\"status\":429,\"class\":\"4xx\","
            "\"phrase\":\"Too Many Requests\",\"meaning\":\"Too \\\"fast\\\".\","
            "\"method_meaning\":null,\"note\":\"429 Too Many Requests: slow down\",\"bytes\":0,"
            "\"duration_us\":1500,\"referer\":null,\"agent\":\"\",\"findings\":null,"
            "\"port\":\"8080\",\"termination\":\"sH--\"}\n");
}

static void json_keeps_a_request_that_is_no_http(void **state)
{
    (void)state;
    struct ha_record r = record_of("x", 1, 0);
    r.clients = HA_VIEW_LIT("192.0.2.1, 198.51.100.2");
    const struct ha_status_fact none = {.code = 0, .phrase = "No Response Logged", .meaning = "x"};
    const struct ha_note gone = {.text = HA_VIEW_LIT("000 No Response Logged"), .status = &none};
    r.status = 0;
    ha_put(&r, HA_FIELD_CLIENT, HA_VIEW_LIT("192.0.2.1"));
    ha_put(&r, HA_FIELD_REQUEST, HA_VIEW_LIT("-"));
    RENDERS("json", &bytes_as_they_came, &r, &gone,
            "{\"line\":\"x\",\"time\":null,\"client\":\"192.0.2.1\",\"user\":null,\"host\":null,"
            "\"method\":null,\"target\":null,\"protocol\":null,\"status\":0,\"class\":\"other\","
            "\"phrase\":\"No Response Logged\",\"meaning\":\"x\","
            "\"method_meaning\":null,\"note\":\"000 No Response Logged\",\"bytes\":null,"
            "\"duration_us\":null,\"referer\":null,\"agent\":null,\"findings\":null,"
            "\"clients\":\"192.0.2.1, 198.51.100.2\",\"request\":\"-\"}\n");
}

static void json_of_a_line_that_was_not_read_says_why(void **state)
{
    (void)state;
    struct ha_record r = record_of("what\0?", 6, 1);
    r.verdict = HA_UNMATCHED;
    r.reason = HA_REASON_NO_STATUS;
    RENDERS("json", &bytes_as_they_came, &r, NULL,
            "{\"line\":\"what\\u0000?\",\"time\":null,\"client\":null,\"user\":null,\"host\":null,"
            "\"method\":null,\"target\":null,\"protocol\":null,\"status\":null,\"class\":null,"
            "\"phrase\":null,\"meaning\":null,\"method_meaning\":null,\"note\":null,"
            "\"bytes\":null,\"duration_us\":null,\"referer\":null,\"agent\":null,"
            "\"findings\":null,\"reason\":\"no status\"}\n");
    r.verdict = HA_BLANK;
    RENDERS("json", &bytes_as_they_came, &r, NULL, "");
    r.verdict = HA_DIRECTIVE;
    RENDERS("json", &bytes_as_they_came, &r, NULL, "");
}

static void styles_are_found_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"append", "below", "json", "raw", "none"};
    size_t count = 0;
    const struct ha_renderer *all = ha_renderers(&count);
    assert_int_equal(count, HA_COUNT(names));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(all[i].name, names[i]);
        assert_ptr_equal(ha_renderer_find(names[i]), &all[i]);
    }
    assert_null(ha_renderer_find("appen"));
    assert_null(ha_renderer_find("none")->line);
}

static void a_failed_allocation_is_seen_in_the_buffer(void **state)
{
    (void)state;
    static const char *const names[] = {"append", "below", "json", "raw"};
    static char line[5000]; /* long enough for the buffer to grow more than once */
    memset(line, 'x', sizeof line);
    struct ha_record r = record_of(line, sizeof line, 1);
    struct ha_note ready = note;
    ready.ready = note.text;
    for (size_t i = 0; i < HA_COUNT(names); i++) {
        for (uint64_t n = 1;; n++) {
            struct ha_buf to = {0};
            ha_alloc_fail_at(n);
            ha_renderer_find(names[i])->line(&bytes_as_they_came, &r, &ready, &to);
            bool hit = ha_alloc_fail_at(0) >= n;
            assert_int_equal(ha_buf_ok(&to), !hit);
            ha_buf_free(&to);
            if (!hit)
                break;
            assert_true(n < 100);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_keeps_every_byte_and_the_ending),
        cmocka_unit_test(below_puts_the_note_on_a_line_of_its_own),
        cmocka_unit_test(a_terminal_is_not_driven_by_the_log),
        cmocka_unit_test(colour_tints_the_status_and_the_head_of_the_note),
        cmocka_unit_test(json_has_every_key),
        cmocka_unit_test(json_keeps_a_request_that_is_no_http),
        cmocka_unit_test(json_of_a_line_that_was_not_read_says_why),
        cmocka_unit_test(styles_are_found_by_name),
        cmocka_unit_test(a_failed_allocation_is_seen_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
