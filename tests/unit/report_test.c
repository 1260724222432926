/* report_test.c - the formats say exactly what the numbers are, to any reader and on any width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/terminal.h"
#include "report_expected.h"
#include "report_fixture.h"

static const struct ha_report_style plain = {.width = 80, .top = 10};

static void text_is_as_expected(void **state)
{
    (void)state;
    struct fixture f;
    struct ha_buf to = {0};
    write_with("text", fixture_init(&f), &plain, &to);
    assert_expected("report.txt", &to);
    ha_buf_clear(&to);
    struct ha_report_style wide = {.width = 120, .unicode = true, .top = 10};
    write_with("text", &f.report, &wide, &to);
    assert_expected("report-wide.txt", &to);
    ha_buf_free(&to);
}

static void json_is_as_expected(void **state)
{
    (void)state;
    struct fixture f;
    struct ha_buf to = {0};
    write_with("json", fixture_init(&f), &plain, &to);
    assert_expected("report.json", &to);
    ha_buf_free(&to);
}

/* Every line at most width cells, no space at its end, no control byte but LF and, with colour,
 * ESC. */
static void assert_page(const struct ha_buf *b, size_t width, bool colour)
{
    size_t start = 0;
    assert_true(ha_buf_ok(b));
    assert_int_equal(b->ptr[b->len - 1], '\n');
    for (size_t i = 0; i < b->len; i++) {
        unsigned char c = (unsigned char)b->ptr[i];
        if (c == '\n') {
            struct ha_view line = {b->ptr + start, i - start};
            if (!colour && ha_text_width(line) > width)
                fail_msg("%zu cells: %.*s", ha_text_width(line), (int)line.len, line.ptr);
            assert_true(line.len == 0 || line.ptr[line.len - 1] != ' ');
            start = i + 1;
        } else if (c < 0x20 || c == 0x7F) {
            assert_true(colour && c == 0x1B);
        }
    }
}

static void no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    static const char hostile[] =
        "/\x1b[2J\0\xff\xe2\x80\xae\xc2\x9b\xe6\x97\xa5\xe6\x9c\xac"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct ha_view bad = {hostile, sizeof hostile - 1};
    struct fixture f;
    fixture_init(&f);
    f.targets[0].value = bad;
    f.clients[0] = (struct ha_top_entry){
        .value = bad, .count = UINT64_C(999999999999999), .at_most_over = UINT64_C(99999999999999)};
    f.methods[3].method = bad;
    f.samples[0].text = bad;
    f.sources[0].name = "a/very/long/path/to/a/log/that/has/a/name/that/is/too/long/access\033.log";
    f.report.selection = hostile;
    struct ha_buf to = {0};
    for (int huge = 0; huge < 2; huge++) {
        for (size_t width = 60; width <= 170; width++) {
            struct ha_report_style style = {.width = width, .unicode = width % 2 == 0, .top = 10};
            ha_buf_clear(&to);
            write_with("text", &f.report, &style, &to);
            assert_page(&to, width, false);
        }
        f.sums.selected = f.sums.classes[2].count = f.sums.status[200].count = UINT64_MAX;
        f.sums.lines = f.sums.verdict[HA_MATCHED] = UINT64_MAX;
        f.statuses[0].sum.count = f.methods[0].sum.count = UINT64_MAX;
        f.buckets[1].n[HA_SERIES_TOTAL] = UINT64_MAX / 2;
    }
    ha_buf_free(&to);
}

static void colour_is_escapes_and_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    struct ha_buf to = {0}, bare = {0}, want = {0};
    struct ha_report_style style = {.colour = true, .width = 80, .top = 10};
    write_with("text", fixture_init(&f), &style, &to);
    assert_page(&to, 80, true);
    for (size_t i = 0; i < to.len; i++) {
        if (to.ptr[i] != '\033') {
            ha_buf_char(&bare, to.ptr[i]);
            continue;
        }
        while (i < to.len && to.ptr[i] != 'm')
            i++;
    }
    assert_true(bare.len < to.len);
    style.colour = false;
    write_with("text", &f.report, &style, &want);
    assert_int_equal(bare.len, want.len);
    assert_memory_equal(bare.ptr, want.ptr, want.len);
    ha_buf_free(&to);
    ha_buf_free(&bare);
    ha_buf_free(&want);
}

static void nothing_to_tell_is_told(void **state)
{
    (void)state;
    struct ha_tally_sums sums = {0};
    struct ha_report r = {.sums = &sums, .selection = ""};
    struct ha_buf to = {0};
    write_with("text", &r, &plain, &to);
    assert_page(&to, 80, false);
    assert_true(holds(&to, "0 requests\nThe input was empty"));
    sums.lines = sums.verdict[HA_UNMATCHED] = sums.reason[HA_REASON_NO_STATUS] = 1;
    ha_buf_clear(&to);
    write_with("text", &r, &plain, &to);
    assert_page(&to, 80, false);
    assert_true(holds(&to, "--list-patterns"));
    assert_true(holds(&to, "\n  1 no status: ...\n"));
    sums.lines = 2;
    sums.verdict[HA_MATCHED] = 1;
    ha_buf_clear(&to);
    write_with("text", &r, &plain, &to);
    assert_true(holds(&to, "None of the requests is among those that were asked for."));
    ha_buf_clear(&to);
    write_with("json", &r, &plain, &to);
    assert_true(holds(&to, "\"time\": {\"first\": null, \"last\": null, \"seconds\": null}"));
    assert_true(holds(&to, "\"bucket_seconds\": null,\n    \"start\": null"));
    ha_buf_free(&to);
}

static void a_failed_allocation_is_seen_in_the_buffer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    size_t count = 0;
    const struct ha_reporter *all = ha_reporters(&count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].adds_up)
            continue; /* it writes the tally, which a fixture has not */
        struct ha_buf want = {0};
        all[i].write(&f.report, &plain, &want);
        for (uint64_t n = 1;; n++) {
            struct ha_buf to = {0};
            ha_alloc_fail_at(n);
            all[i].write(&f.report, &plain, &to);
            bool hit = ha_alloc_fail_at(0) >= n;
            assert_int_equal(to.failed, hit);
            if (!hit)
                assert_int_equal(to.len, want.len);
            ha_buf_free(&to);
            if (!hit)
                break;
        }
        ha_buf_free(&want);
    }
}

static void add(struct ha_tally *t, int status, const char *method, int64_t second)
{
    struct ha_record r = {.verdict = HA_MATCHED,
                          .status = (int16_t)status,
                          .has_time = true,
                          .time_us = (FIXTURE_START_S + second) * HA_US_PER_S,
                          .has_bytes = true,
                          .body_bytes = 10,
                          .method = HA_NO_METHOD,
                          .pattern = 1};
    ha_put(&r, HA_FIELD_CLIENT, HA_VIEW_LIT("192.0.2.1"));
    ha_put(&r, HA_FIELD_TARGET, HA_VIEW_LIT("/"));
    if (method != NULL) {
        r.method = (int16_t)ha_facts_method_index(ha_view_of(method));
        ha_put(&r, HA_FIELD_METHOD, ha_view_of(method));
    }
    ha_tally_add(t, &r, true, 0);
}

static struct ha_tally *small_tally(void)
{
    struct ha_tally_options options = {.limits = HA_LIMITS_DEFAULT, .tops = true, .patterns = 3};
    struct ha_tally *t = NULL;
    assert_int_equal(ha_tally_new(&options, &t), HA_OK);
    for (int i = 0; i < 4; i++)
        add(t, 200, "GET", i);
    add(t, 503, "FROB", 5);
    add(t, 777, "FROB", 599);
    add(t, 400, NULL, 7);
    add(t, 400, NULL, 8);
    add(t, 400, NULL, 9);
    struct ha_record bad = {.line = HA_VIEW_LIT("what"),
                            .line_number = 10,
                            .reason = HA_REASON_NO_STATUS,
                            .verdict = HA_UNMATCHED,
                            .status = HA_NO_STATUS,
                            .method = HA_NO_METHOD};
    ha_tally_add(t, &bad, false, 0);
    assert_true(ha_tally_ok(t));
    return t;
}

static void a_report_is_made_of_a_tally(void **state)
{
    (void)state;
    static const char *const patterns[] = {"first", "second", "third"};
    struct ha_facts *facts = NULL;
    assert_int_equal(ha_facts_load(NULL, &facts, NULL), HA_OK);
    struct ha_tally *t = small_tally();
    struct ha_report_source source = {"a.log", 10, 100};
    struct ha_report_context c = {.facts = facts,
                                  .sources = &source,
                                  .source_count = 1,
                                  .patterns = patterns,
                                  .pattern_count = 3,
                                  .top = 1};
    struct ha_report r;
    assert_int_equal(ha_report_make(t, &c, &r), HA_OK);
    assert_string_equal(r.selection, "");
    assert_int_equal(r.status_count, 4);
    assert_int_equal(r.statuses[0].fact->code, 200);
    assert_int_equal(r.statuses[3].fact->code, 777);
    assert_true(r.statuses[3].fact->meaning[0] != '\0');
    assert_int_equal(r.method_count, 3);
    assert_true(ha_view_is(r.methods[0].method, "GET"));
    assert_int_equal(r.methods[1].kind, HA_METHOD_NONE);
    assert_int_equal(r.methods[1].sum.count, 3);
    assert_true(ha_view_is(r.methods[2].method, "FROB"));
    assert_null(r.methods[2].fact);
    assert_int_equal(r.pattern_count, 1);
    assert_string_equal(r.patterns[0].name, "second");
    assert_int_equal(r.top_count[HA_TOP_CLIENTS], 1);
    assert_int_equal(r.top[HA_TOP_CLIENTS][0].count, 9);
    assert_int_equal(r.top_count[HA_TOP_ERROR_TARGETS], 1);
    assert_int_equal(r.top[HA_TOP_ERROR_TARGETS][0].count, 4);
    assert_int_equal(r.clients, 1);
    assert_true(r.bucket_span <= 120 && r.bucket_span >= 60);
    assert_int_equal(r.sample_count, 1);
    ha_report_free(&r);
    for (uint64_t n = 1;; n++) {
        ha_alloc_fail_at(n);
        enum ha_err err = ha_report_make(t, &c, &r);
        bool hit = ha_alloc_fail_at(0) >= n;
        assert_int_equal(err, hit ? HA_ERR_MEMORY : HA_OK);
        ha_report_free(&r);
        if (!hit)
            break;
    }
    ha_tally_free(&t);
    ha_facts_free(&facts);
}

static void formats_and_keys_have_their_names(void **state)
{
    (void)state;
    size_t count = 0;
    const struct ha_reporter *all = ha_reporters(&count);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(ha_reporter_find(ha_view_of(all[i].name)), &all[i]);
    assert_string_equal(all[0].name, "text");
    assert_null(ha_reporter_find(HA_VIEW_LIT("tex")));
    assert_null(ha_reporter_find(HA_VIEW_LIT("")));
    assert_string_equal(ha_top_key(HA_TOP_ERROR_CLIENTS), "error_clients");
    assert_true(ha_share(1, 4) == 0.25);
    assert_true(ha_share(1, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_as_expected),
        cmocka_unit_test(json_is_as_expected),
        cmocka_unit_test(no_line_is_wider_than_the_page),
        cmocka_unit_test(colour_is_escapes_and_nothing_else),
        cmocka_unit_test(nothing_to_tell_is_told),
        cmocka_unit_test(a_failed_allocation_is_seen_in_the_buffer),
        cmocka_unit_test(a_report_is_made_of_a_tally),
        cmocka_unit_test(formats_and_keys_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
