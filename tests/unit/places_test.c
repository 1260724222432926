/* places_test.c - the text of --resume: what is written is read, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "base/hash.h"
#include "httpannotate/place.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ha_view view_of(const struct ha_buf *b)
{
    return (struct ha_view){b->ptr, b->len};
}

static void put(struct ha_places *places, const char *name, struct ha_place place)
{
    assert_int_equal(ha_places_put(places, name, &place), HA_OK);
}

static struct ha_places sample(void)
{
    struct ha_places places = {0};
    put(&places, "/var/log/access.log",
        (struct ha_place){.device = 2049,
                          .inode = 77,
                          .offset = 1000,
                          .lines = 12,
                          .time_us = 1793491200,
                          .print = 5});
    put(&places, "/a b\\c\n\x7f\xff",
        (struct ha_place){.device = UINT64_MAX,
                          .inode = UINT64_MAX,
                          .offset = INT64_MAX,
                          .lines = UINT64_MAX,
                          .print = UINT64_MAX,
                          .in_line = true,
                          .coded = true});
    put(&places, "/z", (struct ha_place){.coded = true});
    return places;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct ha_places places = sample(), again = {0};
    struct ha_buf text = {0}, twice = {0};
    struct ha_problem p;
    ha_places_write(&places, &text);
    assert_int_equal(ha_places_read(view_of(&text), "st", &again, &p), HA_OK);
    assert_int_equal(again.count, 3);
    const struct ha_place *odd = ha_places_find(&again, "/a b\\c\n\x7f\xff");
    assert_non_null(odd);
    assert_true(odd->in_line && odd->coded);
    assert_int_equal(odd->offset, INT64_MAX);
    assert_int_equal(odd->lines, UINT64_MAX);
    const struct ha_place *plain = ha_places_find(&again, "/var/log/access.log");
    assert_true(!plain->in_line && !plain->coded && plain->inode == 77 && plain->print == 5 &&
                plain->time_us == 1793491200);
    ha_places_write(&again, &twice);
    assert_true(ha_view_eq(view_of(&text), view_of(&twice)));
    assert_null(memchr(text.ptr, 0x7f, text.len));
    ha_buf_free(&text);
    ha_buf_free(&twice);
    ha_places_done(&places);
    ha_places_done(&again);
}

static void each_name_is_there_once(void **state)
{
    (void)state;
    struct ha_places places = sample();
    put(&places, "/z", (struct ha_place){.offset = 9});
    assert_int_equal(places.count, 3);
    assert_int_equal(ha_places_find(&places, "/z")->offset, 9);
    ha_places_drop(&places, "/var/log/access.log");
    ha_places_drop(&places, "/never");
    assert_int_equal(places.count, 2);
    assert_null(ha_places_find(&places, "/var/log/access.log"));
    assert_non_null(ha_places_find(&places, "/z"));
    ha_places_done(&places);
}

static void places_have_a_limit(void **state)
{
    (void)state;
    struct ha_places places = {0}, again = {0};
    struct ha_buf text = {0};
    struct ha_problem p;
    char name[32];
    for (int i = 0; i < HA_PLACES_MOST; i++) {
        snprintf(name, sizeof name, "/log/%d", i);
        put(&places, name, (struct ha_place){0});
    }
    assert_int_equal(ha_places_put(&places, "/more", &(struct ha_place){0}), HA_ERR_LIMIT);
    put(&places, "/log/7", (struct ha_place){.offset = 1});
    ha_places_write(&places, &text);
    assert_int_equal(ha_places_read(view_of(&text), "st", &again, &p), HA_OK);
    assert_int_equal(again.count, HA_PLACES_MOST);
    ha_buf_free(&text);
    ha_places_done(&places);
    ha_places_done(&again);
}

static void refused(struct ha_view text, const char *why)
{
    struct ha_places places = {0};
    struct ha_problem p;
    assert_int_equal(ha_places_read(text, "st", &places, &p), HA_ERR_SYNTAX);
    assert_string_equal(p.place, "st");
    if (strstr(p.cause, why) == NULL)
        fail_msg("'%s' does not say '%s'", p.cause, why);
    assert_null(places.items);
    assert_int_equal(places.count, 0);
}

static void no_byte_of_it_can_be_another_one(void **state)
{
    (void)state;
    struct ha_places places = sample();
    struct ha_buf text = {0};
    ha_places_write(&places, &text);
    for (size_t i = 0; i < text.len; i++) {
        char was = text.ptr[i];
        text.ptr[i] = (char)(was ^ 1);
        refused(view_of(&text), "file of --resume");
        text.ptr[i] = was;
    }
    for (size_t len = 1; len < text.len; len++)
        refused((struct ha_view){text.ptr, len}, "file of --resume");
    ha_buf_str(&text, "more\n");
    refused(view_of(&text), "damaged");
    ha_buf_free(&text);
    ha_places_done(&places);
}

static void nothing_holds_no_places(void **state)
{
    (void)state;
    struct ha_places places = {0};
    struct ha_problem p;
    assert_int_equal(ha_places_read(HA_VIEW_LIT(""), "st", &places, &p), HA_OK);
    assert_int_equal(places.count, 0);
}

/* The checksum is right; what it stands behind is not. */
static void forged(const char *lines, size_t count)
{
    struct ha_buf text = {0};
    ha_buf_str(&text, "httpannotate.resume/1\n");
    ha_buf_str(&text, lines);
    uint64_t sum = ha_hash(text.ptr, text.len, 0);
    ha_buf_printf(&text, "end %zu %016llx\n", count, (unsigned long long)sum);
    refused(view_of(&text), "damaged");
    ha_buf_free(&text);
}

static void what_strangers_write_is_refused(void **state)
{
    (void)state;
    refused(HA_VIEW_LIT("192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5\n"),
            "no file of --resume");
    refused(HA_VIEW_LIT("httpannotate.resume/2\nend 0 0\n"), "another version");
    refused(HA_VIEW_LIT("httpannotate.resume/1\n"), "damaged");
    forged("1 2 3 4 5 - 0000000000000005 relative\n", 1);
    forged("1 2 3 4 5 - 0000000000000005 \n", 1);
    forged("1 2 3 4 5 - 000000000000005 /a\n", 1);
    forged("1 2 3 4 5 - 000000000000000G /a\n", 1);
    forged("1 2 3 4 5 x 0000000000000005 /a\n", 1);
    forged("1 2 3 4 - 0000000000000005 /a\n", 1);
    forged("1 2 -3 4 5 - 0000000000000005 /a\n", 1);
    forged("1 2 3 4 9223372036854775808 - 0000000000000005 /a\n", 1);
    forged("1 2 9223372036854775808 4 5 - 0000000000000005 /a\n", 1);
    forged("99999999999999999999 2 3 4 5 - 0000000000000005 /a\n", 1);
    forged("1 2 3 4 5 - 0000000000000005 /a\\x0\n", 1);
    forged("1 2 3 4 5 - 0000000000000005 /a\\x00\n", 1);
    forged("1 2 3 4 5 - 0000000000000005 /a\\x41\n", 1);
    forged("1 2 3 4 5 - 0000000000000005 /a\tb\n", 1);
    forged("1 2 3 4 5 - 0000000000000005 /a\n1 2 3 4 5 - 0000000000000005 /a\n", 2);
    forged("1 2 3 4 5 - 0000000000000005 /a\n", 2);
    forged("\n", 1);
}

static bool write_and_read(const void *context)
{
    (void)context;
    struct ha_places places = {0}, again = {0};
    struct ha_buf text = {0};
    struct ha_problem p;
    bool ok = ha_places_put(&places, "/a", &(struct ha_place){.offset = 1}) == HA_OK &&
              ha_places_put(&places, "/b", &(struct ha_place){.offset = 2}) == HA_OK;
    if (ok)
        ha_places_write(&places, &text);
    enum ha_err err =
        ok && ha_buf_ok(&text) ? ha_places_read(view_of(&text), "st", &again, &p) : HA_ERR_MEMORY;
    assert_true(err == HA_OK || err == HA_ERR_MEMORY);
    assert_int_equal(again.count, err == HA_OK ? 2 : 0);
    ha_buf_free(&text);
    ha_places_done(&places);
    ha_places_done(&again);
    return err == HA_OK;
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    fail_each_allocation(write_and_read, NULL, 4);
}

/* ---- trails ---- */

static int file_of(const char *bytes, size_t len)
{
    char path[] = "/tmp/places_test.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, bytes, len), len);
    return fd;
}

static void a_trail_is_the_same_however_it_came_to_be(void **state)
{
    (void)state;
    enum { SIZE = 2000 };
    char bytes[SIZE];
    struct random r = {7};
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)random_next(&r);
    int fd = file_of(bytes, SIZE);
    for (int round = 0; round < 200; round++) {
        size_t end = (size_t)(random_next(&r) % (SIZE + 1));
        struct ha_trail added = {0}, loaded;
        for (size_t at = 0; at < end;) {
            size_t len = (size_t)(random_next(&r) % (round % 2 ? 9 : 700));
            len = len < end - at ? len : end - at;
            ha_trail_add(&added, (struct ha_view){bytes + at, len});
            at += len;
        }
        assert_true(ha_trail_load(&loaded, fd, end));
        assert_int_equal(added.offset, end);
        assert_int_equal(ha_trail_print(&added), ha_trail_print(&loaded));
        assert_true(ha_trail_fits(&added, fd));
    }
    close(fd);
}

static void a_trail_fits_no_other_file(void **state)
{
    (void)state;
    enum { SIZE = 600 };
    char bytes[SIZE];
    memset(bytes, 'x', SIZE);
    struct ha_trail trail = {0};
    ha_trail_add(&trail, (struct ha_view){bytes, SIZE});
    static const size_t seen[] = {0, HA_TRAIL_BYTES - 1, SIZE - HA_TRAIL_BYTES, SIZE - 1};
    for (size_t i = 0; i < HA_COUNT(seen); i++) {
        bytes[seen[i]] = 'y';
        int fd = file_of(bytes, SIZE);
        struct ha_trail other;
        assert_false(ha_trail_fits(&trail, fd));
        assert_true(ha_trail_load(&other, fd, SIZE));
        assert_int_not_equal(ha_trail_print(&other), ha_trail_print(&trail));
        bytes[seen[i]] = 'x';
        close(fd);
    }
    int shorter = file_of(bytes, SIZE - 1);
    assert_false(ha_trail_fits(&trail, shorter));
    close(shorter);
    struct ha_trail before = {0};
    ha_trail_add(&before, (struct ha_view){bytes, SIZE - 1});
    assert_int_not_equal(ha_trail_print(&before), ha_trail_print(&trail));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(each_name_is_there_once),
        cmocka_unit_test(places_have_a_limit),
        cmocka_unit_test(no_byte_of_it_can_be_another_one),
        cmocka_unit_test(nothing_holds_no_places),
        cmocka_unit_test(what_strangers_write_is_refused),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(a_trail_is_the_same_however_it_came_to_be),
        cmocka_unit_test(a_trail_fits_no_other_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
