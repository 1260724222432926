/* out_test.c - buffers, text made safe for JSON and terminals, files replaced whole. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "httpannotate/out.h"
#include "random.h"

static void expect(struct ha_buf *b, const char *want)
{
    assert_true(ha_buf_ok(b));
    assert_int_equal(b->len, strlen(want));
    assert_memory_equal(b->ptr, want, b->len);
    ha_buf_free(b);
}

static void buffers_grow_and_format(void **state)
{
    (void)state;
    struct ha_buf b = {0};
    ha_buf_u64(&b, 0);
    ha_buf_char(&b, ' ');
    ha_buf_u64(&b, UINT64_MAX);
    ha_buf_printf(&b, " %d%s", -5, "x");
    ha_buf_fill(&b, '.', 3);
    ha_buf_view(&b, (struct ha_view){NULL, 0});
    expect(&b, "0 18446744073709551615 -5x...");
    for (int i = 0; i < 10000; i++)
        ha_buf_str(&b, "0123456789");
    assert_int_equal(b.len, 100000);
    assert_memory_equal(b.ptr + 99990, "0123456789", 10);
    ha_buf_free(&b);
}

static void a_failed_buffer_stays_failed(void **state)
{
    (void)state;
    struct ha_buf b = {0};
    ha_buf_str(&b, "kept");
    ha_alloc_fail_at(1);
    ha_buf_fill(&b, 'x', 100000);
    ha_alloc_fail_at(0);
    ha_buf_str(&b, "more");
    assert_false(ha_buf_ok(&b));
    assert_int_equal(b.len, 4);
    ha_buf_free(&b);
    assert_true(ha_buf_ok(&b));
}

/* What a pipe gives, with that read failing with os_error (0: none). */
static enum ha_err read_all(struct ha_buf *b, const char *given, size_t most, uint64_t failing,
                            int os_error, struct ha_problem *p)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(ha_write_all(ends[1], given, strlen(given)), 0);
    close(ends[1]);
    ha_read_fault((struct ha_fault){.at = failing, .os_error = os_error});
    enum ha_err err = ha_buf_read(b, ends[0], "some file", most, p);
    ha_read_fault((struct ha_fault){0});
    close(ends[0]);
    return err;
}

static void small_files_are_read_whole(void **state)
{
    (void)state;
    struct ha_buf b = {0};
    struct ha_problem p;
    ha_buf_str(&b, "before, ");
    assert_int_equal(read_all(&b, "all of it", 9, 0, 0, &p), HA_OK);
    expect(&b, "before, all of it");
    assert_int_equal(read_all(&b, "interrupted", 11, 1, EINTR, &p), HA_OK);
    expect(&b, "interrupted");
    assert_int_equal(read_all(&b, "one more", 7, 0, 0, &p), HA_ERR_LIMIT);
    assert_string_equal(p.place, "some file");
    assert_non_null(strstr(p.cause, "7 bytes"));
    ha_buf_free(&b);
    assert_int_equal(read_all(&b, "x", 9, 2, EIO, &p), HA_ERR_IO);
    assert_int_equal(p.os_error, EIO);
    ha_buf_free(&b);
    ha_alloc_fail_at(1);
    assert_int_equal(read_all(&b, "x", 9, 0, 0, &p), HA_ERR_MEMORY);
    ha_alloc_fail_at(0);
    ha_buf_free(&b);
}

static void json_strings_are_valid_utf8(void **state)
{
    (void)state;
    const struct {
        struct ha_view in;
        const char *out;
    } cases[] = {
        {HA_VIEW_LIT(""), "\"\""},
        {HA_VIEW_LIT("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
        {HA_VIEW_LIT("\b\t\n\v\f\r\0\x1b\x7f"), "\"\\b\\t\\n\\u000b\\f\\r\\u0000\\u001b\\u007f\""},
        {HA_VIEW_LIT("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x98"),
         "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x98\""},
        {HA_VIEW_LIT("\xff-\xc3"), "\"\xef\xbf\xbd-\xef\xbf\xbd\""},
        {HA_VIEW_LIT("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
        {HA_VIEW_LIT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
        {HA_VIEW_LIT("\xf4\x90\x80\x80"),
         "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* above U+10FFFF */
        {HA_VIEW_LIT("\xc2\x9b"
                     "31m \xc2\x80\xc2\x9f\xc2\xa0"),
         "\"\\u009b31m \\u0080\\u009f\xc2\xa0\""}, /* C1 controls, and the one behind them */
        {HA_VIEW_LIT("\xe2\x80\xae"
                     "x\xe2\x80\xa8\xe2\x80\x8b\xe2\x80\x8d"),
         "\"\\u202ex\\u2028\\u200b\\u200d\""},
        {HA_VIEW_LIT("\xd8\x9c\xe2\x81\xa6\xe2\x81\xa9\xef\xbb\xbf"),
         "\"\\u061c\\u2066\\u2069\\ufeff\""},
        {HA_VIEW_LIT("\xf3\xa0\x80\xa0\xf3\xa0\x81\xbf"),
         "\"\\udb40\\udc20\\udb40\\udc7f\""}, /* surrogate pairs */
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_buf b = {0};
        ha_buf_json_string(&b, cases[i].in);
        expect(&b, cases[i].out);
    }
}

/* Bytes are copied many at a time; what each becomes does not depend on what stands around it, nor
 * on where the text ends. */
static void json_of_a_text_is_that_of_its_parts(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "a", "Z9",       "plain ",           "\"", "\\",  "\"\"", "\t", "\xff", "\x7f", "\xc3\xa9",
        "~", "\xc2\x9b", "\xf0\x9f\x90\x98", " ",  "\x1f"};
    struct random r = {11};
    for (int turn = 0; turn < 20000; turn++) {
        /* Some texts are of quotes alone: each needs more room than it has. */
        size_t kinds = turn % 3 == 0 ? HA_COUNT(parts) : 6, least = turn % 50 == 0 ? 3 : 0;
        struct ha_buf text = {0}, want = {0}, got = {0};
        ha_buf_char(&want, '"');
        for (uint64_t n = random_below(&r, 60); n > 0; n--) {
            struct ha_view part = ha_view_of(parts[least + random_below(&r, kinds - least)]);
            struct ha_buf alone = {0};
            ha_buf_view(&text, part);
            ha_buf_json_string(&alone, part);
            ha_buf_bytes(&want, alone.ptr + 1, alone.len - 2);
            ha_buf_free(&alone);
        }
        ha_buf_char(&want, '"');
        char *copy = text.len == 0 ? NULL : ha_alloc(text.len); /* nothing behind it can be read */
        if (copy != NULL)
            memcpy(copy, text.ptr, text.len);
        ha_buf_json_string(&got, (struct ha_view){copy, text.len});
        assert_int_equal(got.len, want.len);
        assert_memory_equal(got.ptr, want.ptr, want.len);
        ha_free(copy);
        ha_buf_free(&text);
        ha_buf_free(&want);
        ha_buf_free(&got);
    }
}

static void what_could_drive_a_terminal_is_shown(void **state)
{
    (void)state;
    const struct {
        struct ha_view in;
        const char *out;
    } cases[] = {
        {HA_VIEW_LIT("plain \xc3\xa9"), "plain \xc3\xa9"},
        {HA_VIEW_LIT("\x1b]0;x\x07"), "\\x1B]0;x\\x07"},
        {HA_VIEW_LIT("a\tb\0c\x7f"), "a\\x09b\\x00c\\x7F"},
        {HA_VIEW_LIT("\x9b"
                     "31m"),
         "\\x9B31m"}, /* C1 as one byte */
        {HA_VIEW_LIT("\xc2\x9b"
                     "31m"),
         "\\xC2\\x9B31m"}, /* C1 as UTF-8 */
        {HA_VIEW_LIT("\xe2\x80\xae"
                     "x"),
         "\\xE2\\x80\\xAEx"}, /* right-to-left override */
        {HA_VIEW_LIT("\xe2\x81\xa6\xf3\xa0\x80\xa0"), "\\xE2\\x81\\xA6\\xF3\\xA0\\x80\\xA0"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_buf b = {0};
        ha_buf_visible(&b, cases[i].in, false);
        expect(&b, cases[i].out);
    }
    struct ha_buf b = {0};
    ha_buf_visible(&b, HA_VIEW_LIT("a\tb"), true);
    expect(&b, "a\tb");
}

static void a_word_of_a_sentence_stays_one(void **state)
{
    (void)state;
    const struct {
        struct ha_view in;
        const char *out;
    } cases[] = {
        {HA_VIEW_LIT("/a:b?c=d#%20~"), "/a:b?c=d#%20~"},
        {HA_VIEW_LIT("2001:db8::/48"), "2001:db8::/48"},
        {HA_VIEW_LIT(""), "\"\""},
        {HA_VIEW_LIT("/x (usual 0 %), 9"), "\"/x (usual 0 %), 9\""},
        {HA_VIEW_LIT("a\"b\\c\"\""), "\"a\\\"b\\\\c\\\"\\\"\""},
        {HA_VIEW_LIT("a,b"), "\"a,b\""},
        {HA_VIEW_LIT("a|b"), "\"a|b\""},
        {HA_VIEW_LIT("a'b"), "\"a'b\""},
        {HA_VIEW_LIT("a\x1b"), "\"a\\x1B\""},
        {HA_VIEW_LIT("a\xc2\xa0"
                     "b"),
         "\"a\xc2\xa0"
         "b\""}, /* a blank that is none in ASCII */
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_buf b = {0};
        ha_buf_quoted(&b, cases[i].in);
        expect(&b, cases[i].out);
    }
}

static void widths_count_cells(void **state)
{
    (void)state;
    assert_int_equal(ha_text_width(HA_VIEW_LIT("")), 0);
    assert_int_equal(ha_text_width(HA_VIEW_LIT("abc")), 3);
    assert_int_equal(ha_text_width(HA_VIEW_LIT("\xc3\xa9")), 1);
    assert_int_equal(ha_text_width(HA_VIEW_LIT("e\xcc\x81")), 1);
    assert_int_equal(ha_text_width(HA_VIEW_LIT("\xe6\xbc\xa2")), 2);
}

static size_t slurp(const char *path, char *to, size_t size)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t n = read(fd, to, size);
    close(fd);
    assert_true(n >= 0);
    return (size_t)n;
}

static void a_file_is_replaced_whole_or_left(void **state)
{
    (void)state;
    char dir[] = "/tmp/out_test.XXXXXX";
    assert_non_null(mkdtemp(dir));
    char path[64], got[32];
    snprintf(path, sizeof path, "%s/report", dir);
    struct ha_problem p;
    assert_int_equal(ha_file_replace(path, HA_VIEW_LIT("one"), &p), HA_OK);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(ha_file_replace(path, HA_VIEW_LIT("second"), &p), HA_OK);
    assert_int_equal(slurp(path, got, sizeof got), 6);
    assert_memory_equal(got, "second", 6);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    ha_write_fault((struct ha_fault){.at = 1, .os_error = ENOSPC});
    assert_int_equal(ha_file_replace(path, HA_VIEW_LIT("third"), &p), HA_ERR_IO);
    ha_write_fault((struct ha_fault){0});
    assert_int_equal(p.os_error, ENOSPC);
    assert_int_equal(slurp(path, got, sizeof got), 6);
    char link[64];
    snprintf(link, sizeof link, "%s/link", dir);
    assert_int_equal(symlink("report", link), 0);
    assert_int_equal(ha_file_replace(link, HA_VIEW_LIT("by link"), &p), HA_OK);
    assert_int_equal(slurp(path, got, sizeof got), 7);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(unlink(link), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0); /* so no temporary file was left */
    assert_int_equal(ha_file_replace(path, HA_VIEW_LIT("x"), &p), HA_ERR_IO);
    assert_int_equal(p.os_error, ENOENT);
    assert_string_equal(p.place, path);
}

static void a_lock_goes_over_to_the_new_file(void **state)
{
    (void)state;
    char dir[] = "/tmp/out_test.XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/places", dir);
    struct ha_problem p;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    for (int turn = 0; turn < 3; turn++) {
        /* A failure leaves the lock where it was. */
        ha_write_fault((struct ha_fault){.at = turn == 1, .os_error = ENOSPC});
        enum ha_err err = ha_file_replace_locked(path, HA_VIEW_LIT("new"), &fd, &p);
        ha_write_fault((struct ha_fault){0});
        assert_int_equal(err, turn == 1 ? HA_ERR_IO : HA_OK);
        int other = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
        assert_int_equal(errno, EWOULDBLOCK);
        close(other);
    }
    close(fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    close(fd);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_grow_and_format),
        cmocka_unit_test(a_failed_buffer_stays_failed),
        cmocka_unit_test(small_files_are_read_whole),
        cmocka_unit_test(json_strings_are_valid_utf8),
        cmocka_unit_test(json_of_a_text_is_that_of_its_parts),
        cmocka_unit_test(what_could_drive_a_terminal_is_shown),
        cmocka_unit_test(a_word_of_a_sentence_stays_one),
        cmocka_unit_test(widths_count_cells),
        cmocka_unit_test(a_file_is_replaced_whole_or_left),
        cmocka_unit_test(a_lock_goes_over_to_the_new_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
