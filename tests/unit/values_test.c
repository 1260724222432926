/* values_test.c - texts of fields as values, the arena they live in, lines of a file of keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "parse/arena.h"
#include "parse/json_keys.h"
#include "parse/timefmt.h"
#include "parse/values.h"

static void times_are_read_in_every_spelling(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
        int offset;
    } cases[] = {
        {"2026-11-24T10:00:00Z", 1795514400000000, 0},
        {"2026-11-24T11:00:00.123456789+01:00", 1795514400123456, 60},
        {"2026-11-24 10:00:00,5", 1795514400500000, HA_NO_ZONE},
        {"2026-11-24 10:00:00 UTC", 1795514400000000, 0},
        {"2026/11/24 10:00:00.25", 1795514400250000, HA_NO_ZONE},
        {"24/Nov/2026:10:00:00 +0000", 1795514400000000, 0},
        {"[24/Nov/2026:10:00:00 +0000]", 1795514400000000, 0},
        {"Tue, 24 Nov 2026 10:00:00 GMT", 1795514400000000, 0},
        {"1795514400", 1795514400000000, 0},
        {"1795514400.125", 1795514400125000, 0},
        {"1795514400125", 1795514400125000, 0},
        {"1795514400125000", 1795514400125000, 0},
        {"1795514400125000999", 1795514400125000, 0},
    };
    static const char *const none[] = {
        "",        "-", "12", "2026-11-24", "0.5", "now", "2026-13-24T10:00:00Z", "24/Nov/2026",
        "99999999"};
    (void)state;
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        int64_t us = 0;
        int offset = 1;
        if (!ha_read_any_time(ha_view_of(cases[i].text), &us, &offset) || us != cases[i].us ||
            offset != cases[i].offset)
            fail_msg("%s: %lld %d", cases[i].text, (long long)us, offset);
    }
    for (size_t i = 0; i < HA_COUNT(none); i++) {
        int64_t us = 0;
        int offset = 0;
        if (ha_read_any_time(ha_view_of(none[i]), &us, &offset))
            fail_msg("%s is a time: %lld", none[i], (long long)us);
    }
}

static void durations_are_read_with_their_units(void **state)
{
    static const struct {
        const char *text;
        uint64_t unit_ns, us;
    } cases[] = {
        {"0.123s", 0, 123000},       {"12ms", 1, 12000},
        {"12 ms", 1, 12000},         {"1m2.5s", 0, 62500000},
        {"24.4\xC2\xB5s", 0, 24},    {"1500000ns", 0, 1500},
        {"0.004", 1000000000, 4000}, {"250", 1000000, 250000},
        {"2h", 0, 7200000000},       {"999", 1, 0},
    };
    static const char *const none[] = {"",
                                       "-",
                                       "s",
                                       "1x",
                                       "1s2",
                                       "12  ms",
                                       "12 ",
                                       "1..2s",
                                       "-1s",
                                       "0.1, 0.2",
                                       "99999999999999999999s"};
    (void)state;
    uint64_t us = 0;
    for (size_t i = 0; i < HA_COUNT(cases); i++)
        if (!ha_read_span(ha_view_of(cases[i].text), cases[i].unit_ns, &us) || us != cases[i].us)
            fail_msg("%s: %llu", cases[i].text, (unsigned long long)us);
    for (size_t i = 0; i < HA_COUNT(none); i++)
        assert_false(ha_read_span(ha_view_of(none[i]), 1000, &us));
    assert_false(ha_read_span(HA_VIEW_LIT("12"), 0, &us)); /* of what? */
}

static void clients_lose_their_port(void **state)
{
    static const struct {
        const char *text, *client;
    } cases[] = {
        {"192.0.2.1:443", "192.0.2.1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"2001:db8::1", "2001:db8::1"},
        {"192.0.2.1", "192.0.2.1"},
        {"a.example.org:x", "a.example.org:x"},
        {"192.0.2.1, 192.0.2.2", "192.0.2.1"},
        {":80", ":80"},
    };
    (void)state;
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_record r = {.has = 0};
        ha_put_client(&r, ha_view_of(cases[i].text), true);
        struct ha_view got = ha_get(&r, HA_FIELD_CLIENT);
        if (!ha_view_is(got, cases[i].client))
            fail_msg("%s: %.*s", cases[i].text, (int)got.len, got.ptr);
    }
}

static void the_arena_keeps_its_limit(void **state)
{
    (void)state;
    struct ha_arena a = {.most = 200000};
    char *first = ha_arena_take(&a, 10);
    assert_non_null(first);
    memcpy(first, "0123456789", 10);
    assert_non_null(ha_arena_take(&a, 100000));
    assert_null(ha_arena_take(&a, 100000));
    assert_null(ha_arena_take(&a, SIZE_MAX));
    assert_memory_equal(first, "0123456789", 10);
    struct ha_view copy = ha_arena_copy(&a, HA_VIEW_LIT("abc"));
    assert_string_equal(copy.ptr, "abc");
    ha_arena_reset(&a);
    assert_non_null(ha_arena_take(&a, 130000));
    ha_arena_free(&a);
}

static void wrong_key_lines_are_told(void **state)
{
    static const struct {
        const char *word, *value;
        size_t column;
    } cases[] = {
        {"key", "nothing a", 8},
        {"key", "status", 7},
        {"key", "status a[x]", 12},
        {"key", "status a s", 11},
        {"key", "duration a y", 13},
        {"key", "status [0]", 11},
        {"key", "status a.b.c.d.e.f.g", 21},
        {"need", "", 1},
        {"reads", "xml", 4},
        {"inner", "a b", 4},
    };
    (void)state;
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_keys *keys = NULL;
        size_t column = 0;
        enum ha_err err = HA_OK;
        const char *cause = ha_keys_line(&keys, ha_view_of(cases[i].word),
                                         ha_view_of(cases[i].value), &column, &err);
        if (cause == NULL || err != HA_ERR_SYNTAX || column != cases[i].column)
            fail_msg("%s %s: %s, column %zu", cases[i].word, cases[i].value, cause, column);
        ha_keys_free(&keys);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_in_every_spelling),
        cmocka_unit_test(durations_are_read_with_their_units),
        cmocka_unit_test(clients_lose_their_port),
        cmocka_unit_test(the_arena_keeps_its_limit),
        cmocka_unit_test(wrong_key_lines_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
