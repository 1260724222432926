/* report_formats_test.c - CSV, Markdown, HTML, OpenMetrics: their bytes, and what strangers wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report_expected.h"
#include "report_fixture.h"

static const struct ha_report_style plain = {.width = 80, .top = 10};

static void formats_are_as_expected(void **state)
{
    (void)state;
    static const struct {
        const char *format, *file;
    } cases[] = {{"csv", "report.csv"},
                 {"markdown", "report.md"},
                 {"openmetrics", "report.prom"},
                 {"html", "report.html"}};
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct fixture f;
        struct ha_buf to = {0};
        write_with(cases[i].format, fixture_init(&f), &plain, &to);
        assert_expected(cases[i].file, &to);
        ha_buf_free(&to);
    }
}

/* The same text wherever a stranger's text may stand. */
static void hostile_fixture(struct fixture *f, const char *text, size_t len)
{
    struct ha_view v = {text, len};
    fixture_init(f);
    f->targets[0].value = f->targets[1].value = f->clients[0].value = v;
    f->error_targets[0].value = v;
    f->methods[3].method = v;
    f->samples[0].text = v;
    f->sources[0].name = text;
    f->report.selection = text;
}

static void write_hostile(const char *format, const char *text, size_t len, struct ha_buf *to)
{
    struct fixture f;
    hostile_fixture(&f, text, len);
    ha_buf_clear(to);
    write_with(format, &f.report, &plain, to);
    assert_true(ha_buf_ok(to));
    for (size_t i = 0; i < to->len; i++) {
        unsigned char c = (unsigned char)to->ptr[i];
        assert_true(c >= 0x20 || c == '\n');
        assert_true(c != 0x7F && c != 0xFF);
    }
}
#define HOSTILE(format, text, to) write_hostile(format, text, sizeof(text) - 1, to)

static void control_bytes_are_made_visible_in_all(void **state)
{
    (void)state;
    struct ha_buf to = {0};
    size_t count = 0;
    const struct ha_reporter *all = ha_reporters(&count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].adds_up)
            continue; /* it writes the tally, which a fixture has not */
        HOSTILE(all[i].name,
                "a\x1b[2J\r\n\t\x7f\xff\xe2\x80\xae"
                "b\0c",
                &to);
    }
    ha_buf_free(&to);
}

static void html_holds_no_markup_of_strangers(void **state)
{
    (void)state;
    struct ha_buf to = {0};
    HOSTILE("html", "<script>alert(1)</script>\"'><img src=x>&lt;", &to);
    assert_false(holds(&to, "<script"));
    assert_false(holds(&to, "<img"));
    assert_true(holds(&to, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x&gt;"
                           "&amp;lt;"));
    ha_buf_free(&to);
}

static void csv_cells_stay_cells_and_never_become_formulas(void **state)
{
    (void)state;
    static const char *const formulas[] = {"=1+1", "+1", "-1", "@x"};
    struct ha_buf to = {0};
    HOSTILE("csv", "a,\"b\",\nc", &to);
    assert_true(holds(&to, "\ntargets,\"a,\"\"b\"\",\\x0Ac\",,"));
    for (size_t i = 0; i < HA_COUNT(formulas); i++) {
        char want[32];
        write_hostile("csv", formulas[i], strlen(formulas[i]), &to);
        snprintf(want, sizeof want, ",\"'%s\",", formulas[i]);
        assert_true(holds(&to, want));
        snprintf(want, sizeof want, ",\"%s\",", formulas[i]);
        assert_false(holds(&to, want));
    }
    HOSTILE("csv", "-", &to);
    assert_true(holds(&to, "\ntargets,\"-\",,"));
    ha_buf_free(&to);
}

static void markdown_keeps_strangers_in_code_spans(void **state)
{
    (void)state;
    struct ha_buf to = {0};
    HOSTILE("markdown", "a|b", &to);
    assert_true(holds(&to, "\n| `a\\|b` |"));
    HOSTILE("markdown", "`x`` <b>", &to);
    assert_true(holds(&to, "\n| ``` `x`` <b> ``` |"));
    HOSTILE("markdown", "", &to);
    assert_true(holds(&to, "\n| (empty) |"));
    ha_buf_free(&to);
}

static void openmetrics_labels_are_quoted_and_the_end_is_marked(void **state)
{
    (void)state;
    struct ha_buf to = {0};
    HOSTILE("openmetrics", "a\"b\\c\n", &to);
    assert_true(holds(&to, "method=\"a\\\"b\\\\c\\\\x0A\""));
    assert_true(to.len > 6 && memcmp(to.ptr + to.len - 6, "# EOF\n", 6) == 0);
    ha_buf_free(&to);
}

static void an_empty_report_is_a_report(void **state)
{
    (void)state;
    struct ha_tally_sums sums = {0};
    struct ha_report r = {.sums = &sums, .selection = ""};
    struct ha_buf to = {0};
    size_t count = 0;
    const struct ha_reporter *all = ha_reporters(&count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].adds_up)
            continue; /* it writes the tally, which a fixture has not */
        ha_buf_clear(&to);
        all[i].write(&r, &plain, &to);
        assert_true(ha_buf_ok(&to) && to.len > 0);
        assert_int_equal(to.ptr[to.len - 1], '\n');
    }
    ha_buf_free(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_as_expected),
        cmocka_unit_test(control_bytes_are_made_visible_in_all),
        cmocka_unit_test(html_holds_no_markup_of_strangers),
        cmocka_unit_test(csv_cells_stay_cells_and_never_become_formulas),
        cmocka_unit_test(markdown_keeps_strangers_in_code_spans),
        cmocka_unit_test(openmetrics_labels_are_quoted_and_the_end_is_marked),
        cmocka_unit_test(an_empty_report_is_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
