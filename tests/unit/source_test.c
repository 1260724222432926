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

/* Three memories lent by turns: each block stays as it is while the next two are read. */
static void blocks_outlive_the_next_in_memory_lent(void **state)
{
    (void)state;
    char text[6000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 97 == 5 || (i > 3000 && i % 1009 == 0) ? '\n' : (char)('a' + i % 23);
    fill((struct ha_view){text, sizeof text});
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    limits.max_line = 90;
    for (limits.block_size = 1; limits.block_size < 400; limits.block_size += 13) {
        struct ha_chunk lent[3] = {{NULL, 0}};
        struct ha_block b[3] = {{.kind = HA_BLOCK_LINES}};
        struct ha_source *s = NULL;
        struct ha_problem p;
        size_t from[3] = {0}, at = 0, n = 0;
        assert_int_equal(ha_source_open(path, &limits, -1, &s, &p), HA_OK);
        for (;; n++) {
            assert_int_equal(ha_source_lend(s, &lent[n % 3]), HA_OK);
            enum ha_source_state state_now = ha_source_next(s, &b[n % 3], &p);
            for (size_t k = 0; k < 3; k++)
                if (k != n % 3 && b[k].bytes.len > 0)
                    assert_memory_equal(b[k].bytes.ptr, text + from[k], b[k].bytes.len);
            if (state_now == HA_SOURCE_END)
                break;
            assert_int_equal(state_now, HA_SOURCE_BLOCK);
            from[n % 3] = at;
            at += b[n % 3].bytes.len;
        }
        assert_int_equal(at, sizeof text);
        assert_true(n > 5);
        ha_source_close(&s);
        for (size_t k = 0; k < 3; k++)
            ha_free(lent[k].ptr);
    }
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
    ha_alloc_fail_at(1);
    assert_int_equal(ha_source_open(path, &limits, -1, &s, &p), HA_ERR_MEMORY);
    ha_alloc_fail_at(0);
    assert_null(s);
}

static void without_memory_nothing_is_read(void **state)
{
    (void)state;
    fill(HA_VIEW_LIT("one\n"));
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_source *s = NULL;
    struct ha_problem p;
    struct ha_block b;
    struct ha_chunk lent = {NULL, 0};
    assert_int_equal(ha_source_open(path, &limits, -1, &s, &p), HA_OK);
    ha_alloc_fail_at(1);
    assert_int_equal(ha_source_lend(s, &lent), HA_ERR_MEMORY);
    ha_alloc_fail_at(1);
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_ERROR);
    ha_alloc_fail_at(0);
    assert_int_equal(p.err, HA_ERR_MEMORY);
    ha_source_close(&s);
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
        cmocka_unit_test(blocks_outlive_the_next_in_memory_lent),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(without_memory_nothing_is_read),
        cmocka_unit_test(a_read_error_comes_after_what_was_read),
        cmocka_unit_test(a_wake_up_ends_the_wait),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
