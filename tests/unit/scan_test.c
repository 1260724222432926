/* scan_test.c - every kernel against the plainest loop, over bytes that end where their allocation
 * does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "httpannotate/scan.h"
#include "random.h"

static const char *kernel; /* in use */

/* Calls test once with each kernel. */
static void with_each(void (*test)(void))
{
    size_t n = 0;
    for (; (kernel = ha_scan_kernel_name(n)) != NULL; n++) {
        assert_int_equal(ha_scan_use(kernel, NULL), HA_OK);
        assert_string_equal(ha_scan_kernel(), kernel);
        test();
    }
    assert_true(n > 0);
}

static char *random_bytes(struct random *r, size_t len, unsigned marks_of_100)
{
    static const char marks[] = "\"\"\"\\\n\n\r\t\x1b\x1f";
    char *bytes = malloc(len > 0 ? len : 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = random_below(r, 100) < marks_of_100 ? marks[random_below(r, sizeof marks)]
                                                       : (char)(0x20 + random_below(r, 0xe0));
    return bytes;
}

static void count_newlines(void)
{
    struct random r = {7};
    for (size_t len = 0; len < 70000; len += 1 + len / 20) {
        char *bytes = random_bytes(&r, len, 50);
        size_t plain = 0;
        bool sharp = true;
        for (size_t i = 0; i < len; i++) {
            bytes[i] = bytes[i] == '#' ? '$' : bytes[i];
            plain += bytes[i] == '\n';
        }
        assert_int_equal(ha_count_newlines((struct ha_view){bytes, len}, &sharp), plain);
        assert_false(sharp);
        memset(bytes, '\n', len);
        assert_int_equal(ha_count_newlines((struct ha_view){bytes, len}, &sharp), len);
        assert_false(sharp);
        free(bytes);
    }
    bool sharp = true;
    assert_int_equal(ha_count_newlines((struct ha_view){"", 0}, &sharp), 0);
    assert_false(sharp);
}

/* At every place, of runs that end at every place in a step. */
static void find_sharps(void)
{
    enum { MOST = 200 };
    char bytes[MOST];
    for (size_t len = 1; len <= MOST; len++) {
        for (size_t at = 0; at < len; at++) {
            bool sharp = false;
            memset(bytes, 'a', len);
            bytes[at] = '#';
            ha_count_newlines((struct ha_view){bytes, len}, &sharp);
            assert_int_equal(sharp, at == 0);
            bytes[at > 0 ? at - 1 : at] = '\n';
            ha_count_newlines((struct ha_view){bytes, len}, &sharp);
            assert_int_equal(sharp, at > 0);
        }
    }
}

static void a_sharp_is_found_where_a_line_begins(void **state)
{
    (void)state;
    with_each(find_sharps);
}

static void newlines_are_counted(void **state)
{
    (void)state;
    with_each(count_newlines);
}

static bool is_mark(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* One line that was given out, against a byte by byte look at it. Returns whether its marks are
 * known. */
static bool check_line(const struct ha_marked_line *l, const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t len = newline == NULL ? (size_t)(end - at) : (size_t)(newline - at);
    bool cr = newline != NULL && len > 0 && at[len - 1] == '\r';
    assert_ptr_equal(l->text.ptr, at);
    assert_int_equal(l->text.len, len - cr);
    assert_int_equal(l->ending, (newline != NULL) + cr);
    len -= cr;
    uint32_t count = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_mark((unsigned char)at[i]))
            continue;
        if (l->count != HA_MARKS_UNKNOWN) {
            assert_in_range(count, 0, (uintmax_t)l->count - 1);
            assert_ptr_equal(l->base + l->marks[count], at + i);
        }
        count++;
    }
    if (l->count != HA_MARKS_UNKNOWN)
        assert_int_equal(l->count, count);
    else
        assert_true(count > HA_MARKS_ROOM / 2); /* given up only where there are very many */
    return l->count != HA_MARKS_UNKNOWN;
}

static size_t check_run(const char *bytes, size_t len)
{
    static struct ha_marks marks;
    struct ha_marked_line line;
    const char *at = bytes, *end = bytes + len;
    size_t known = 0;
    ha_marks_begin(&marks, (struct ha_view){bytes, len});
    for (;;) {
        bool ahead = ha_marks_ahead(&marks);
        assert_ptr_equal(marks.base + marks.start, at);
        uint32_t first = marks.first;
        if (!ha_marks_next(&marks, &line))
            break;
        if (ahead) {
            assert_true(line.ending > 0 && line.count != HA_MARKS_UNKNOWN);
            assert_ptr_equal(line.marks, marks.at + first);
        }
        known += check_line(&line, at, end);
        at += line.text.len + line.ending;
    }
    assert_ptr_equal(at, end);
    return known;
}

static void mark_lines(void)
{
    static const unsigned densities[] = {0, 1, 3, 10, 50, 100};
    struct random r = {11};
    for (size_t len = 0; len < 40000; len += 1 + len / 16)
        for (size_t d = 0; d < HA_COUNT(densities); d++) {
            char *bytes = random_bytes(&r, len, densities[d]);
            (void)check_run(bytes, len);
            free(bytes);
        }
}

static void marks_of_lines_are_found(void **state)
{
    (void)state;
    with_each(mark_lines);
}

/* Every byte value, at every place of a step. */
static void mark_each_byte(void)
{
    for (unsigned value = 0; value < 256; value++) {
        char bytes[200];
        memset(bytes, 'x', sizeof bytes);
        for (size_t place = 0; place < 130; place += 1 + place / 8) {
            bytes[place] = (char)value;
            (void)check_run(bytes, sizeof bytes);
            bytes[place] = 'x';
        }
    }
}

static void every_byte_is_told_right(void **state)
{
    (void)state;
    with_each(mark_each_byte);
}

static void mark_crowded(void)
{
    enum { LINE = 20000, LINES = 5 };
    char *bytes = malloc(LINE * LINES);
    assert_non_null(bytes);
    memset(bytes, '"', LINE * LINES);
    for (size_t i = 0; i < LINES; i += 2)
        memset(bytes + i * LINE, 'x', LINE);
    for (size_t i = 1; i <= LINES; i++)
        bytes[i * LINE - 1] = '\n';
    assert_int_equal(check_run(bytes, LINE * LINES), 3);
    assert_int_equal(check_run(bytes, LINE * 2 - 1), 1); /* no end of line behind the crowded one */
    free(bytes);
}

static void crowded_lines_go_without(void **state)
{
    (void)state;
    with_each(mark_crowded);
}

static void unknown_kernels_are_refused(void **state)
{
    (void)state;
    struct ha_problem p;
    const char *before = ha_scan_kernel();
    assert_int_equal(ha_scan_use("mmx", &p), HA_ERR_SYNTAX);
    assert_string_equal(p.place, "HA_CPU");
    assert_non_null(strstr(p.cause, "'mmx'"));
    assert_non_null(strstr(p.cause, "scalar"));
    assert_ptr_equal(ha_scan_kernel(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newlines_are_counted),
        cmocka_unit_test(a_sharp_is_found_where_a_line_begins),
        cmocka_unit_test(marks_of_lines_are_found),
        cmocka_unit_test(every_byte_is_told_right),
        cmocka_unit_test(crowded_lines_go_without),
        cmocka_unit_test(unknown_kernels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
