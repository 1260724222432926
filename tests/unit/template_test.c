/* template_test.c - what is a number, a UUID or a hash in a target, and what only looks like one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "tally/template.h"

#include <string.h>

static void assert_template(const char *target, const char *want)
{
    char room[HA_TEMPLATE_ROOM];
    struct ha_view v = ha_view_of(target), got = ha_template(v, room);
    if (!ha_view_is(got, want))
        fail_msg("%s: %.*s, not %s", target, (int)got.len, got.ptr, want);
    assert_true((got.ptr == v.ptr) == (strcmp(target, want) == 0));
}

static void what_becomes_a_template(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/u/123/x", "/u/:n/x"},
        {"/1", "/:n"},
        {"/1/", "/:n/"},
        {"/1/2/3", "/:n/:n/:n"},
        {"//7//", "//:n//"},
        {"/0", "/:n"},
        {"/12345678901234567890", "/:n"},
        {"/img/42.jpg", "/img/:n.jpg"},
        {"/a/42.tar.gz", "/a/:n.tar.gz"},
        {"/a/42.mp4", "/a/:n.mp4"},
        {"/o/f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "/o/:uuid"},
        {"/o/F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6/1", "/o/:uuid/:n"},
        {"/o/12345678-1234-1234-1234-123456789012.json", "/o/:uuid.json"},
        {"/a/deadbeef01234567", "/a/:hash"},
        {"/a/app/DA39A3EE5E6B4B0D3255BFEF95601890AFD80709.css", "/a/app/:hash.css"},
        {"/a/abcdefabcdefabcd", "/a/:hash"},
        {"http://203.0.113.7:8080/u/9", "http://203.0.113.7:8080/u/:n"},
        {"/u/9?id=9/9", "/u/:n?id=9/9"},
        {"/9?", "/:n?"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++)
        assert_template(cases[i][0], cases[i][1]);
}

static void what_stays(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "/",
        "*",
        "12345",     /* no path */
        "/v1/users", /* a digit is no number */
        "/2x",
        "/x2",
        "/1.2", /* nor is a version */
        "/1.2.3",
        "/1.",
        "/1.html%20",
        "/1.averylongextension",
        "/1-2",
        "/-1",
        "/%31",
        "/deadbeef0123456", /* 15 digits */
        "/deadbeef0123456g",
        "/deadbeef0123456789-x",
        "/f81d4fae-7dec-11d0-a765-00a0c91e6bf", /* a digit short */
        "/f81d4fae-7dec-11d0-a765-00a0c91e6bf67",
        "/f81d4fae07dec-11d0-a765-00a0c91e6bf6",
        "/f81d4fae-7dec-11d0-a765-00a0c91e6bfg",
        "/a?b=/1/2",
        "?/1",
        "/decade/facade",
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++)
        assert_template(cases[i], cases[i]);
}

/* The longest results fit in the room, and no byte beyond it is touched. */
static void long_targets(void **state)
{
    (void)state;
    static char target[HA_TEMPLATE_TARGET + 2], room[HA_TEMPLATE_ROOM + 1];
    for (size_t i = 0; i < sizeof target; i++)
        target[i] = i % 2 == 0 ? '/' : '1';
    room[HA_TEMPLATE_ROOM] = 'x';
    struct ha_view got = ha_template((struct ha_view){target, HA_TEMPLATE_TARGET}, room);
    assert_ptr_equal(got.ptr, room);
    assert_int_equal(got.len, HA_TEMPLATE_TARGET / 2 * 3);
    assert_memory_equal(got.ptr + got.len - 6, "/:n/:n", 6);
    assert_int_equal(room[HA_TEMPLATE_ROOM], 'x');
    got = ha_template((struct ha_view){target, HA_TEMPLATE_TARGET + 1}, room);
    assert_ptr_equal(got.ptr, target);
    assert_int_equal(got.len, HA_TEMPLATE_TARGET + 1);
}

/* A template has no template but itself, and any bytes are taken. */
static void any_bytes(void **state)
{
    (void)state;
    static const char letters[] = "//////0123456789abcdef-.?:gz\0\xff%";
    struct random r = {3};
    for (int round = 0; round < 20000; round++) {
        char target[80], once[HA_TEMPLATE_ROOM], twice[HA_TEMPLATE_ROOM];
        struct ha_view v = {target, random_below(&r, sizeof target)};
        for (size_t i = 0; i < v.len; i++)
            target[i] = letters[random_below(&r, sizeof letters - 1)];
        struct ha_view first = ha_template(v, once), second = ha_template(first, twice);
        assert_true(ha_view_eq(first, second));
        assert_ptr_equal(second.ptr, first.ptr);
        assert_true(first.len <= v.len + v.len / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_a_template),
        cmocka_unit_test(what_stays),
        cmocka_unit_test(long_targets),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
