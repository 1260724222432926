/* codec_test.c - compressed input read as the bytes it holds; damage told, what decoded kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/out.h"
#include "httpannotate/source.h"
#include "input/codec.h"

static char dir[] = "/tmp/codec_test.XXXXXX";
static char packed[64], plain[64];
enum { LINES = 20000 };

static int make_files(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(packed, sizeof packed, "%s/packed", dir);
    snprintf(plain, sizeof plain, "%s/plain", dir);
    FILE *f = fopen(plain, "wb");
    for (int i = 0; f != NULL && i < LINES; i++)
        fprintf(f, "line %d of a file that is longer than one block %d\n", i, i * 7919 % 10007);
    return f == NULL || fclose(f) != 0 ? -1 : 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(packed);
    unlink(plain);
    return rmdir(dir);
}

/* Runs "tool < plain > packed"; false when the tool is not there. */
static bool pack(const char *tool)
{
    char command[512];
    snprintf(command, sizeof command, "{ %s; } < %s > %s 2>/dev/null", tool, plain, packed);
    return system(command) == 0;
}

static struct ha_buf read_file(const char *path)
{
    struct ha_buf b = {0};
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t got = 1;
    while (got > 0 && ha_buf_room(&b, 65536) != NULL) {
        got = fread(b.ptr + b.len, 1, 65536, f);
        b.len += got;
    }
    fclose(f);
    return b;
}

/* All bytes that the source gives; *p.err is HA_OK when no problem was told. */
static struct ha_buf read_source(const char *path, struct ha_problem *p)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_source *s = NULL;
    struct ha_block b;
    struct ha_buf all = {0};
    *p = (struct ha_problem){.err = HA_OK};
    assert_int_equal(ha_source_open(path, &limits, -1, &s, p), HA_OK);
    for (;;) {
        enum ha_source_state state = ha_source_next(s, &b, p);
        if (state == HA_SOURCE_END)
            break;
        if (state == HA_SOURCE_BLOCK)
            ha_buf_view(&all, b.bytes);
    }
    ha_source_close(&s);
    return all;
}

static const char *const tools[] = {"gzip -c", "gzip -1",  "zstd -q -c",
                                    "xz -c",   "bzip2 -c", "lz4 -q -c"};

static void every_codec_gives_the_plain_bytes(void **state)
{
    (void)state;
    struct ha_buf want = read_file(plain);
    size_t tried = 0;
    for (size_t i = 0; i < HA_COUNT(tools); i++) {
        if (!pack(tools[i]))
            continue;
        tried++;
        struct ha_problem p;
        struct ha_buf got = read_source(packed, &p);
        if (p.err != HA_OK || got.len != want.len || memcmp(got.ptr, want.ptr, want.len) != 0)
            fail_msg("%s: %zu bytes of %zu, %s", tools[i], got.len, want.len, p.cause);
        ha_buf_free(&got);
    }
    assert_true(tried >= 2); /* gzip is everywhere */
    ha_buf_free(&want);
}

static void members_and_padding_follow_each_other(void **state)
{
    (void)state;
    struct ha_buf want = read_file(plain);
    char command[512];
    snprintf(command, sizeof command,
             "{ head -n 100 %s | gzip; tail -n +101 %s | gzip -9; head -c 700 /dev/zero; } > %s",
             plain, plain, packed);
    assert_int_equal(system(command), 0);
    struct ha_problem p;
    struct ha_buf got = read_source(packed, &p);
    assert_int_equal(p.err, HA_OK);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.ptr, want.ptr, want.len);
    ha_buf_free(&got);
    ha_buf_free(&want);
}

static void damage_is_told_and_what_decoded_is_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < HA_COUNT(tools); i++) {
        if (!pack(tools[i]))
            continue;
        struct ha_buf whole = read_file(packed);
        assert_int_equal(truncate(packed, (off_t)(whole.len * 2 / 3)), 0);
        struct ha_problem p;
        struct ha_buf got = read_source(packed, &p);
        if (p.err != HA_ERR_IO || strcmp(p.place, packed) != 0)
            fail_msg("%s cut short: %d %s", tools[i], (int)p.err, p.cause);
        if (strncmp(tools[i], "gzip", 4) == 0)
            assert_true(got.len > 100000);
        ha_buf_free(&got);
        ha_buf_free(&whole);
    }
    assert_true(pack("gzip -c"));
    FILE *f = fopen(packed, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, -6, SEEK_END), 0);
    assert_int_equal(fputc('x', f), 'x');
    assert_int_equal(fclose(f), 0);
    struct ha_problem p;
    struct ha_buf got = read_source(packed, &p);
    assert_int_equal(p.err, HA_ERR_IO);
    assert_non_null(strstr(p.cause, "checksum"));
    ha_buf_free(&got);
}

/* All that the streams hold is given, whatever stands behind them. */
static void bytes_behind_the_end_cost_nothing(void **state)
{
    (void)state;
    struct ha_buf want = read_file(plain);
    for (size_t i = 0; i < HA_COUNT(tools); i++) {
        if (!pack(tools[i]))
            continue;
        FILE *f = fopen(packed, "ab");
        assert_non_null(f);
        assert_true(fputs("none of it", f) >= 0);
        assert_int_equal(fclose(f), 0);
        struct ha_problem p;
        struct ha_buf got = read_source(packed, &p);
        if (got.len != want.len || memcmp(got.ptr, want.ptr, want.len) != 0)
            fail_msg("%s: %zu bytes of %zu", tools[i], got.len, want.len);
        assert_int_equal(p.err, HA_ERR_IO);
        assert_non_null(strstr(p.cause, "follow the"));
        ha_buf_free(&got);
    }
    ha_buf_free(&want);
}

/* Where a stream is cut short or damaged, as much is given as its own tool gives. */
static void what_decodes_before_a_fault_is_given(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"zstd -q -1 -c", "zstd -q -dc"},
                                           {"xz -c", "xz -q -dc"},
                                           {"bzip2 -1 -c", "bzip2 -q -dc"},
                                           {"lz4 -q -B4 -c", "lz4 -q -dc"}};
    for (size_t i = 0; i < HA_COUNT(pairs); i++) {
        if (!pack(pairs[i][0]))
            continue;
        struct ha_buf whole = read_file(packed);
        assert_int_equal(truncate(packed, (off_t)(whole.len * 4 / 5)), 0);
        char command[512];
        snprintf(command, sizeof command, "%s < %s 2>/dev/null | wc -c", pairs[i][1], packed);
        FILE *tool = popen(command, "r");
        assert_non_null(tool);
        char count[32] = "";
        assert_non_null(fgets(count, sizeof count, tool));
        unsigned long least = strtoul(count, NULL, 10);
        pclose(tool);
        struct ha_problem p;
        struct ha_buf got = read_source(packed, &p);
        if (got.len < least || got.len == 0)
            fail_msg("%s: %zu bytes, its tool %lu", pairs[i][0], got.len, least);
        assert_non_null(strstr(p.cause, "cut short"));
        ha_buf_free(&got);
        ha_buf_free(&whole);
    }
}

static void only_the_first_bytes_decide(void **state)
{
    (void)state;
    bool undecided = false;
    assert_string_equal(ha_codec_find(HA_VIEW_LIT("\x1f\x8b\x08xx"), &undecided)->name, "gzip");
    assert_string_equal(ha_codec_find(HA_VIEW_LIT("BZh91AY&SY"), &undecided)->name, "bzip2");
    assert_string_equal(ha_codec_find(HA_VIEW_LIT("BZh9\x17rE8P\x90"), &undecided)->name, "bzip2");
    assert_null(ha_codec_find(HA_VIEW_LIT("BZh9 is a host"), &undecided));
    assert_false(undecided);
    assert_null(ha_codec_find(HA_VIEW_LIT("BZh"), &undecided));
    assert_true(undecided);
    assert_null(ha_codec_find(HA_VIEW_LIT(""), &undecided));
    assert_true(undecided);
    assert_null(ha_codec_find(HA_VIEW_LIT("192.0.2.1"), &undecided));
    assert_false(undecided);
}

/* A file of a few bytes that could begin a codec, but do not go on, is plain. */
static void a_short_beginning_is_plain(void **state)
{
    (void)state;
    assert_true(pack("printf 'BZh'"));
    struct ha_problem p;
    struct ha_buf got = read_source(packed, &p);
    assert_int_equal(p.err, HA_OK);
    assert_int_equal(got.len, 3);
    ha_buf_free(&got);
}

static void a_source_can_be_left_in_the_middle(void **state)
{
    (void)state;
    assert_true(pack("gzip -c"));
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    limits.block_size = 1000;
    struct ha_source *s = NULL;
    struct ha_problem p;
    struct ha_block b;
    assert_int_equal(ha_source_open(packed, &limits, -1, &s, &p), HA_OK);
    assert_int_equal(ha_source_next(s, &b, &p), HA_SOURCE_BLOCK);
    ha_source_close(&s); /* the decoder still had bytes to give, and ends */
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_codec_gives_the_plain_bytes),
        cmocka_unit_test(members_and_padding_follow_each_other),
        cmocka_unit_test(damage_is_told_and_what_decoded_is_kept),
        cmocka_unit_test(bytes_behind_the_end_cost_nothing),
        cmocka_unit_test(what_decodes_before_a_fault_is_given),
        cmocka_unit_test(only_the_first_bytes_decide),
        cmocka_unit_test(a_short_beginning_is_plain),
        cmocka_unit_test(a_source_can_be_left_in_the_middle),
    };
    signal(SIGPIPE, SIG_IGN); /* as a run does */
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
