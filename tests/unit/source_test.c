/* source_test.c - framing: the blocks put together are the input, cut only between lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "httpannotate/out.h"
#include "httpannotate/source.h"

static char path[] = "/tmp/source_test.XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void fill(struct ha_view v)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(v.ptr, 1, v.len, f), v.len);
    assert_int_equal(fclose(f), 0);
}

struct seen {
    struct ha_buf all;
    size_t lines, long_lines;
};

/* Reads the file whole and checks the order of the kinds of blocks. */
static struct seen read_all(size_t block_size, size_t max_line)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    limits.block_size = block_size;
    limits.max_line = max_line;
    struct ha_source *s = NULL;
    struct ha_problem p;
    assert_int_equal(ha_source_open(path, &limits, -1, &s, &p), HA_OK);
    struct seen seen = {0};
    bool in_long = false;
    struct ha_block b;
    enum ha_source_state state;
    while ((state = ha_source_next(s, &b, &p)) == HA_SOURCE_BLOCK) {
        ha_buf_view(&seen.all, b.bytes);
        if (b.kind == HA_BLOCK_LINES) {
            assert_false(in_long);
            for (size_t i = 0; i < b.bytes.len; i++)
                seen.lines += b.bytes.ptr[i] == '\n';
            seen.lines += b.bytes.ptr[b.bytes.len - 1] != '\n';
        } else {
            assert_true(in_long == (b.kind != HA_BLOCK_LONG_FIRST));
            in_long = b.kind != HA_BLOCK_LONG_LAST;
            seen.long_lines += b.kind == HA_BLOCK_LONG_LAST;
        }
    }
    assert_int_equal(state, HA_SOURCE_END);
    assert_false(in_long);
    assert_true(ha_source_bytes(s) == seen.all.len);
    ha_source_close(&s);
    return seen;
}

static void check(struct ha_view text, size_t block, size_t max_line, size_t lines, size_t longs)
{
    fill(text);
    struct seen seen = read_all(block, max_line);
    assert_int_equal(seen.all.len, text.len);
    if (text.len > 0)
        assert_memory_equal(seen.all.ptr, text.ptr, text.len);
    assert_int_equal(seen.lines, lines);
    assert_int_equal(seen.long_lines, longs);
    ha_buf_free(&seen.all);
}

static void lines_stay_whole(void **state)
{
    (void)state;
    for (size_t block = 1; block < 40; block++) {
        check(HA_VIEW_LIT(""), block, 100, 0, 0);
        check(HA_VIEW_LIT("\n"), block, 100, 1, 0);
        check(HA_VIEW_LIT("a\r\n\nb\0c\nno ending"), block, 100, 4, 0);
        check(HA_VIEW_LIT("a line of some length\nand another one\n\n\nlast"), block, 100, 5, 0);
    }
}

static void a_line_too_long_comes_in_pieces(void **state)
{
    (void)state;
    char text[4000];
    memset(text, 'x', sizeof text);
    text[1] = '\n';
    text[3000] = '\n';
    check((struct ha_view){text, sizeof text}, 16, 64, 1, 2);
    check((struct ha_view){text, 3001}, 16, 64, 1, 1);
    text[2999] = '\r';
    check((struct ha_view){text, 3100}, 16, 64, 1, 2);
    check((struct ha_view){text, 3100}, 4096, 64, 3, 0);
}

static void failures_are_told(void **state)
{
    (void)state;
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_source *s = NULL;
    struct ha_problem p;
    assert_int_equal(ha_source_open("/nonexistent/x", &limits, -1, &s, &p), HA_ERR_IO);
    assert_null(s);
    assert_string_equal(p.place, "/nonexistent/x");
    assert_int_equal(p.os_error, ENOENT);
    assert_int_equal(ha_source_open("/", &limits, -1, &s, &p), HA_ERR_IO);
    assert_int_equal(p.os_error, EISDIR);
    for (uint64_t n = 1; n <= 2; n++) {
        ha_alloc_fail_at(n);
        assert_int_equal(ha_source_open(path, &limits, -1, &s, &p), HA_ERR_MEMORY);
        ha_alloc_fail_at(0);
        assert_null(s);
    }
}

static void a_read_error_comes_after_what_was_read(void **state)
{
    (void)state;
    fill(HA_VIEW_LIT("one\ntwo\nthree"));
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_source *s = NULL;
    struct ha_problem p;
    struct ha_block b;
    assert_int_equal(ha_source_open(path, &limits, -1, &s, &p), HA_OK);
    ha_read_fault((struct ha_fault){.at = 2, .os_error = EIO});
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_BLOCK);
    assert_int_equal(b.bytes.len, 8);
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_ERROR);
    assert_int_equal(p.os_error, EIO);
    assert_string_equal(p.place, path);
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_BLOCK);
    assert_int_equal(b.bytes.len, 5);
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_END);
    ha_read_fault((struct ha_fault){0});
    ha_source_close(&s);
}

static void a_wake_up_ends_the_wait(void **state)
{
    (void)state;
    fill(HA_VIEW_LIT("one\n"));
    int wake = eventfd(1, EFD_NONBLOCK);
    assert_true(wake >= 0);
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_source *s = NULL;
    struct ha_problem p;
    struct ha_block b;
    assert_int_equal(ha_source_open(path, &limits, wake, &s, &p), HA_OK);
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_STOP);
    uint64_t count = 0;
    assert_int_equal(read(wake, &count, sizeof count), sizeof count);
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_BLOCK);
    ha_source_close(&s);
    close(wake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_stay_whole),
        cmocka_unit_test(a_line_too_long_comes_in_pieces),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(a_read_error_comes_after_what_was_read),
        cmocka_unit_test(a_wake_up_ends_the_wait),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
