/* follow_test.c - files by name: every line once, whatever happens to the files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "httpannotate/follow.h"
#include "input/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/follow_test.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void put(const char *name, const char *mode, const char *text)
{
    FILE *f = fopen(name, mode);
    assert_non_null(f);
    assert_int_equal(fputs(text, f) < 0, 0);
    assert_int_equal(fclose(f), 0);
}

static int remove_files(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "a.0", "a.1", "a.2", "a.copy", "b"};
    for (size_t i = 0; i < HA_COUNT(names); i++)
        (void)unlink(names[i]);
    return 0;
}

/* What came up to the moment when there is no more, every block behind its name. */
struct got {
    struct ha_buf text;
    struct ha_chunk chunk;
    size_t errors, notes;
    struct ha_problem last;
    enum ha_follow_state state; /* HA_FOLLOW_WAIT, HA_FOLLOW_END; HA_FOLLOW_ERROR: out of memory */
};

static void take(struct got *g, struct ha_follow *f, const char *const *names)
{
    do {
        struct ha_block block;
        size_t name = 0;
        g->state = ha_follow_next(f, &g->chunk, &block, &name, &g->last);
        if (g->state == HA_FOLLOW_BLOCK) {
            ha_buf_str(&g->text, names[name]);
            ha_buf_char(&g->text, ':');
            ha_buf_view(&g->text, block.bytes);
            ha_buf_char(&g->text, ';');
        }
        g->notes += g->state == HA_FOLLOW_NOTE;
        g->errors += g->state == HA_FOLLOW_ERROR;
        assert_true(g->state != HA_FOLLOW_STOP);
    } while (g->state == HA_FOLLOW_BLOCK || g->state == HA_FOLLOW_NOTE ||
             (g->state == HA_FOLLOW_ERROR && g->last.err != HA_ERR_MEMORY));
}

static void forget(struct got *g)
{
    ha_buf_free(&g->text);
    ha_free(g->chunk.ptr);
    *g = (struct got){0};
}

#define GOT(g, want) assert_true(ha_view_is((struct ha_view){(g)->text.ptr, (g)->text.len}, want))

static const char *const one[] = {"a"};

static struct ha_follow *open_names(const char *const *names, size_t count, bool once)
{
    const struct ha_follow_options options = {
        .limits = HA_LIMITS_DEFAULT, .wake_fd = -1, .once = once};
    struct ha_follow *f = NULL;
    return ha_follow_new(names, count, &options, &f) == HA_OK ? f : NULL;
}

/* Reads "a" once, from the place on; *place becomes the new one. */
static struct got read_once(struct ha_place *place)
{
    struct got g = {0};
    struct ha_follow *f = open_names(one, 1, true);
    assert_non_null(f);
    if (place->inode != 0)
        assert_int_equal(ha_follow_begin_at(f, 0, place), HA_OK);
    take(&g, f, one);
    assert_int_equal(g.state, HA_FOLLOW_END);
    (void)ha_follow_place(f, 0, place);
    ha_follow_free(&f);
    return g;
}

static void expect_once(struct ha_place *place, const char *want, size_t notes)
{
    struct got g = read_once(place);
    if (!ha_view_is((struct ha_view){g.text.ptr, g.text.len}, want))
        fail_msg("got '%.*s', want '%s'", (int)g.text.len, g.text.ptr, want);
    assert_int_equal(g.notes, notes);
    assert_int_equal(g.errors, 0);
    forget(&g);
}

static void once_reads_what_was_added(void **state)
{
    (void)state;
    struct ha_place place = {0};
    put("a", "w", "1\n2\n");
    expect_once(&place, "a:1\n2\n;", 0);
    assert_int_equal(place.lines, 2);
    expect_once(&place, "", 0);
    put("a", "a", "3\nhal");
    expect_once(&place, "a:3\n;", 0);
    assert_int_equal(place.offset, 6);
    put("a", "a", "f\n");
    assert_int_equal(rename("a", "a.1"), 0);
    put("a", "w", "4\n");
    expect_once(&place, "a:half\n;a:4\n;", 0);
    assert_int_equal(place.offset, 2);
    assert_int_equal(place.lines, 1);
}

static void once_finds_the_copy_of_what_was_truncated(void **state)
{
    (void)state;
    struct ha_place place = {0};
    put("a", "w", "1\n2\n");
    expect_once(&place, "a:1\n2\n;", 0);
    put("a.copy", "w", "1\n2\n3\n4");
    put("b", "w", "1\n2\nfrom another log\n"); /* its name begins otherwise */
    put("a", "w", "5\n6\n7\n8\n");
    expect_once(&place, "a:3\n;a:4;a:5\n6\n7\n8\n;", 0);
    put("a", "w", "9\n");
    expect_once(&place, "a:9\n;", 1);
}

/* Whether the file system keeps when a file was made. */
static bool births_are_kept(void)
{
    struct statx st;
    return statx(AT_FDCWD, "a", 0, STATX_BTIME, &st) == 0 && (st.stx_mask & STATX_BTIME) != 0;
}

static void once_reads_all_that_had_the_name_meanwhile(void **state)
{
    (void)state;
    struct ha_place place = {0};
    put("a", "w", "1\n");
    put("a.0", "w", "of a day before\n");
    expect_once(&place, "a:1\n;", 0);
    if (!births_are_kept())
        skip();
    place.time_us -= 60 * HA_US_PER_S; /* the clock of files is not as fine as that of the system */
    assert_int_equal(unlink("a.0"), 0);
    put("a", "a", "2\n");
    assert_int_equal(rename("a", "a.2"), 0);
    put("a", "w", "3\n");
    assert_int_equal(rename("a", "a.1"), 0);
    put("a.copy", "w", "none of them: its name has no number\n");
    put("a", "w", "4\n");
    expect_once(&place, "a:2\n;a:3\n;a:4\n;", 0);
    expect_once(&place, "", 0);
    /* Those that were made before the last run were read by it, or by none. */
    put("a", "a", "5\n");
    assert_int_equal(unlink("a.2"), 0);
    assert_int_equal(rename("a", "a.2"), 0);
    put("a", "w", "6\n");
    place.time_us += 3600 * HA_US_PER_S;
    expect_once(&place, "a:5\n;a:6\n;", 0);
}

/* As a signal may have it. */
static void once_broken_off_between_two_files_nothing_is_lost(void **state)
{
    (void)state;
    struct ha_place place = {0};
    struct ha_block block;
    size_t name;
    struct got g = {0};
    put("a", "w", "1\n");
    expect_once(&place, "a:1\n;", 0);
    if (!births_are_kept())
        skip();
    place.time_us -= 60 * HA_US_PER_S;
    for (int truncated = 0; truncated < 2; truncated++) {
        put("a", "a", "2\n");
        if (truncated) {
            put("a.2", "w", "1\n2\n");
        } else {
            assert_int_equal(rename("a", "a.2"), 0);
            put("a", "w", "3\n");
            assert_int_equal(rename("a", "a.1"), 0);
        }
        put("a", "w", "4\n5\n6\n");
        struct ha_place before = place;
        struct ha_follow *f = open_names(one, 1, true);
        assert_int_equal(ha_follow_begin_at(f, 0, &place), HA_OK);
        assert_int_equal(ha_follow_next(f, &g.chunk, &block, &name, &g.last), HA_FOLLOW_BLOCK);
        assert_true(ha_view_is(block.bytes, "2\n"));
        bool moved = ha_follow_place(f, 0, &place);
        assert_int_equal(moved, !truncated);
        ha_follow_free(&f);
        expect_once(&place, truncated ? "a:2\n;a:4\n5\n6\n;" : "a:3\n;a:4\n5\n6\n;", 0);
        (void)remove_files(state);
        place = before;
        put("a", "w", "1\n");
        place.inode = 0;
        expect_once(&place, "a:1\n;", 0);
        place.time_us -= 60 * HA_US_PER_S;
    }
    forget(&g);
}

static void once_a_file_without_a_size_is_read_once(void **state)
{
    (void)state;
    static const char *const names[] = {"/proc/self/status"};
    struct got g = {0};
    struct stat st;
    if (stat(names[0], &st) != 0 || st.st_size != 0)
        skip();
    struct ha_follow *f = open_names(names, 1, true);
    take(&g, f, names);
    assert_int_equal(g.state, HA_FOLLOW_END);
    assert_non_null(memmem(g.text.ptr, g.text.len, "Pid:", 4));
    ha_follow_free(&f);
    forget(&g);
}

static void once_a_file_that_is_gone_is_told(void **state)
{
    (void)state;
    struct ha_place place = {0};
    put("a", "w", "1\n");
    expect_once(&place, "a:1\n;", 0);
    put("b", "w", "2\n");
    assert_int_equal(rename("b", "a"), 0);
    expect_once(&place, "a:2\n;", 1);
}

static void once_what_cannot_be_read_keeps_its_place(void **state)
{
    (void)state;
    struct ha_place place = {0}, before;
    put("a", "w", "1\n");
    expect_once(&place, "a:1\n;", 0);
    put("a", "a", "2\n");
    before = place;
    ha_read_fault((struct ha_fault){.at = 1, .os_error = EIO});
    struct got g = read_once(&place);
    ha_read_fault((struct ha_fault){0});
    assert_int_equal(g.errors, 1);
    assert_int_equal(g.last.os_error, EIO);
    assert_int_equal(place.offset, before.offset);
    forget(&g);
    expect_once(&place, "a:2\n;", 0);
}

static void the_rest_of_an_old_file_is_read_though_the_new_one_cannot_be(void **state)
{
    (void)state;
    struct ha_place place = {0};
    put("a", "w", "1\n");
    expect_once(&place, "a:1\n;", 0);
    put("a", "a", "2\n");
    assert_int_equal(rename("a", "a.1"), 0);
    assert_int_equal(mkdir("a", 0700), 0);
    struct got g = read_once(&place);
    GOT(&g, "a:2\n;");
    assert_int_equal(g.errors, 1);
    forget(&g);
    assert_int_equal(rmdir("a"), 0);
    put("a.1", "a", "3\n");
    put("a", "w", "4\n");
    expect_once(&place, "a:3\n;a:4\n;", 0);
}

/* Goes on until so much came, however long that takes. */
static void take_until(struct got *g, struct ha_follow *f, const char *const *names,
                       const char *want)
{
    for (take(g, f, names); !ha_view_is((struct ha_view){g->text.ptr, g->text.len}, want);
         take(g, f, names)) {
        size_t len = strlen(want);
        if (g->text.len > len || memcmp(g->text.ptr != NULL ? g->text.ptr : "", want, g->text.len))
            fail_msg("got '%.*s', want '%s'", (int)g->text.len, g->text.ptr, want);
        ha_follow_wait(f);
    }
    ha_buf_clear(&g->text);
}

static void live_goes_through_rotations(void **state)
{
    (void)state;
    struct got g = {0};
    put("a", "w", "1\nha");
    struct ha_follow *f = open_names(one, 1, false);
    take_until(&g, f, one, "a:1\n;");
    put("a", "a", "lf\n");
    take_until(&g, f, one, "a:half\n;");
    put("a", "a", "cut");
    assert_int_equal(rename("a", "a.1"), 0);
    put("a", "w", "2\n");
    take_until(&g, f, one, "a:cut;a:2\n;");
    put("a.1", "a", "late\n");
    take_until(&g, f, one, "a:late\n;");
    put("a", "w", "3\n4\n5\n");
    take_until(&g, f, one, "a:3\n4\n5\n;");
    assert_int_equal(unlink("a"), 0);
    put("a", "w", "6\n");
    take_until(&g, f, one, "a:6\n;");
    assert_int_equal(g.errors + g.notes, 0);
    ha_follow_free(&f);
    forget(&g);
}

static void truncated_before_its_size_was_seen(void **state)
{
    (void)state;
    struct got g = {0};
    struct ha_block block;
    size_t name;
    put("a", "w", "1\n");
    struct ha_follow *f = open_names(one, 1, false);
    assert_int_equal(ha_follow_next(f, &g.chunk, &block, &name, &g.last), HA_FOLLOW_BLOCK);
    put("a.1", "w", "1\n2\n");
    assert_int_equal(truncate("a", 0), 0);
    take_until(&g, f, one, "a:2\n;");
    put("a", "a", "3\n");
    take_until(&g, f, one, "a:3\n;");
    ha_follow_free(&f);
    forget(&g);
}

/* Half a line of the old file makes the new one wait for seconds. */
static void truncated_before_its_turn(void **state)
{
    (void)state;
    for (int has_copy = 0; has_copy < 2; has_copy++) {
        struct got g = {0};
        put("a", "w", "1\ncut");
        struct ha_follow *f = open_names(one, 1, false);
        take_until(&g, f, one, "a:1\n;");
        assert_int_equal(rename("a", "a.0"), 0);
        assert_int_equal(unlink("a.0"), 0);
        put("b", "w", "2\n3\n");
        assert_int_equal(rename("b", "a"), 0);
        ha_follow_wait(f);
        take(&g, f, one);
        assert_int_equal(g.text.len, 0);
        if (has_copy)
            put("a.1", "w", "2\n3\n4\n");
        put("a", "w", "5\n");
        take_until(&g, f, one, has_copy ? "a:cut;a:2\n3\n4\n;a:5\n;" : "a:cut;a:5\n;");
        assert_int_equal(g.notes, !has_copy);
        ha_follow_free(&f);
        forget(&g);
    }
}

static void rotated_twice_between_two_looks(void **state)
{
    (void)state;
    struct got g = {0};
    put("a", "w", "1\n");
    if (!births_are_kept())
        skip();
    struct ha_follow *f = open_names(one, 1, false);
    take_until(&g, f, one, "a:1\n;");
    put("a", "a", "2\n");
    put("a.0", "w", "1\n2\n"); /* a copy of what is read anyway */
    assert_int_equal(rename("a", "a.2"), 0);
    put("a", "w", "3\n");
    assert_int_equal(rename("a", "a.1"), 0);
    put("a.copy", "w", "none of them: its name has no number\n");
    put("a", "w", "4\n");
    take_until(&g, f, one, "a:2\n;a:3\n;a:4\n;");
    put("a", "a", "5\n");
    assert_int_equal(rename("a", "a.3"), 0);
    put("a", "w", "6\n");
    take_until(&g, f, one, "a:5\n;a:6\n;");
    assert_int_equal(g.notes + g.errors, 0);
    assert_int_equal(unlink("a.3"), 0);
    ha_follow_free(&f);
    forget(&g);
}

static void a_file_that_has_the_name_for_a_moment_is_read(void **state)
{
    (void)state;
    int notify = ha_notify_open();
    if (notify < 0)
        skip(); /* nobody tells of that moment */
    close(notify);
    struct got g = {0};
    put("a", "w", "1\n");
    struct ha_follow *f = open_names(one, 1, false);
    take_until(&g, f, one, "a:1\n;");
    assert_int_equal(rename("a", "a.1"), 0);
    put("a", "w", "2\n");
    ha_follow_wait(f);
    take(&g, f, one);
    assert_int_equal(rename("a", "a.2"), 0);
    put("a", "w", "3\n");
    take_until(&g, f, one, "a:2\n;a:3\n;");
    ha_follow_free(&f);
    forget(&g);
}

static void live_keeps_half_lines_of_several_apart(void **state)
{
    (void)state;
    static const char *const two[] = {"a", "b"};
    struct got g = {0};
    put("a", "w", "1 of a, ");
    put("b", "w", "1 of b, ");
    struct ha_follow *f = open_names(two, 2, false);
    take(&g, f, two);
    assert_int_equal(g.text.len, 0);
    put("b", "a", "whole\n2 of b, ");
    take_until(&g, f, two, "b:1 of b, whole\n;");
    put("a", "a", "whole\n");
    take_until(&g, f, two, "a:1 of a, whole\n;");
    put("b", "a", "whole\n");
    take_until(&g, f, two, "b:2 of b, whole\n;");
    ha_follow_free(&f);
    forget(&g);
}

static bool read_with_little_memory(const void *context)
{
    (void)context;
    struct ha_place place = {.inode = 1};
    struct got g = {0};
    struct ha_follow *f = open_names(one, 1, true);
    bool ok = f != NULL && ha_follow_begin_at(f, 0, &place) == HA_OK;
    if (ok)
        take(&g, f, one);
    ok = ok && g.state == HA_FOLLOW_END && g.errors == 0 && ha_buf_ok(&g.text);
    ha_follow_free(&f);
    forget(&g);
    return ok;
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    put("a", "w", "1\nhalf");
    fail_each_allocation(read_with_little_memory, NULL, 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, remove_files)
    const struct CMUnitTest tests[] = {
        TEST(once_reads_what_was_added),
        TEST(once_finds_the_copy_of_what_was_truncated),
        TEST(once_reads_all_that_had_the_name_meanwhile),
        TEST(once_broken_off_between_two_files_nothing_is_lost),
        TEST(once_a_file_without_a_size_is_read_once),
        TEST(once_a_file_that_is_gone_is_told),
        TEST(once_what_cannot_be_read_keeps_its_place),
        TEST(the_rest_of_an_old_file_is_read_though_the_new_one_cannot_be),
        TEST(live_goes_through_rotations),
        TEST(truncated_before_its_size_was_seen),
        TEST(truncated_before_its_turn),
        TEST(rotated_twice_between_two_looks),
        TEST(a_file_that_has_the_name_for_a_moment_is_read),
        TEST(live_keeps_half_lines_of_several_apart),
        TEST(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
