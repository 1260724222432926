/* base_test.c - views, numbers, civil time, problems, injected faults. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "httpannotate/base.h"

static void views_compare_by_bytes_then_length(void **state)
{
    (void)state;
    struct ha_view nul = {"a\0b", 3};
    assert_true(ha_view_eq(nul, (struct ha_view){"a\0b", 3}));
    assert_false(ha_view_eq(nul, (struct ha_view){"a\0c", 3}));
    assert_false(ha_view_is(nul, "a"));
    assert_true(ha_view_eq((struct ha_view){NULL, 0}, HA_VIEW_LIT("")));
    assert_true(ha_view_cmp(HA_VIEW_LIT("a"), HA_VIEW_LIT("ab")) < 0);
    assert_true(ha_view_cmp(HA_VIEW_LIT("b"), HA_VIEW_LIT("ab")) > 0);
    assert_int_equal(ha_view_cmp(nul, nul), 0);
    assert_true(ha_view_eq_nocase(HA_VIEW_LIT("Http-X"), HA_VIEW_LIT("hTTP-x")));
    assert_false(ha_view_eq_nocase(HA_VIEW_LIT("["), HA_VIEW_LIT("{")));
}

static void numbers_fill_the_view_or_are_refused(void **state)
{
    (void)state;
    uint64_t n = 7;
    assert_true(ha_view_u64(HA_VIEW_LIT("18446744073709551615"), &n));
    assert_true(n == UINT64_MAX);
    n = 7;
    const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "12a", "18446744073709551616", "99999999999999999999"};
    for (size_t i = 0; i < HA_COUNT(bad); i++)
        assert_false(ha_view_u64(ha_view_of(bad[i]), &n));
    assert_int_equal(n, 7);
    assert_true(ha_view_u64(HA_VIEW_LIT("000"), &n));
    assert_int_equal(n, 0);
}

static void civil_time_and_back(void **state)
{
    (void)state;
    /* Every day from year 0 to 9999 is one day after the one before it. */
    int64_t day = ha_time_us(&(struct ha_civil){.year = 0, .month = 1, .day = 1});
    for (int i = 0; i < 3652425; i += 1) {
        struct ha_civil c = ha_time_civil(day, 0);
        int64_t back = ha_time_us(&c);
        if (back != day || c.hour != 0 || c.month < 1 || c.month > 12)
            fail_msg("day %d: %04d-%02d-%02d", i, c.year, c.month, c.day);
        day += 86400 * HA_US_PER_S;
    }
    struct ha_civil last = ha_time_civil(day - HA_US_PER_S, 0);
    assert_int_equal(last.year, 9999);
    assert_int_equal(last.month, 12);
    assert_int_equal(last.day, 31);
    assert_int_equal(last.second, 59);
}

static void times_are_written_by_rfc3339(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        int offset;
        const char *text;
    } cases[] = {
        {0, 0, "1970-01-01T00:00:00Z"},
        {-1, 0, "1969-12-31T23:59:59.999999Z"},
        {INT64_C(951782400000000), 0, "2000-02-29T00:00:00Z"},
        {INT64_C(1795514400000000), 60, "2026-11-24T11:00:00+01:00"},
        {INT64_C(1795514400000000), -210, "2026-11-24T06:30:00-03:30"},
        {INT64_C(1795514400500000), 0, "2026-11-24T10:00:00.500000Z"},
        {INT64_C(253402300799000000), 0, "9999-12-31T23:59:59Z"},
        {INT64_C(253402300800000000), 0, "+010000-01-01T00:00:00Z"},
        {INT64_C(-62167219200000001), 0, "-000001-12-31T23:59:59.999999Z"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        char text[HA_TIME_TEXT];
        assert_int_equal(ha_time_text(cases[i].us, cases[i].offset, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void months_are_english(void **state)
{
    (void)state;
    assert_int_equal(ha_month("Jan"), 1);
    assert_int_equal(ha_month("DEC"), 12);
    assert_int_equal(ha_month("may"), 5);
    assert_int_equal(ha_month("Dez"), 0);
    assert_int_equal(ha_month("anf"), 0); /* found across the border of two names */
}

static void problems_carry_place_and_cause(void **state)
{
    (void)state;
    struct ha_problem p;
    assert_int_equal(ha_problem_set(&p, HA_ERR_LIMIT, "x", "%d %s", 3, "things"), HA_ERR_LIMIT);
    assert_string_equal(p.place, "x");
    assert_string_equal(p.cause, "3 things");
    assert_int_equal(ha_problem_os(&p, "f", ENOENT), HA_ERR_IO);
    assert_string_equal(p.cause, strerror(ENOENT));
    assert_int_equal(p.os_error, ENOENT);
    char longer[1000];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ha_problem_set(&p, HA_ERR_IO, longer, "%s", longer);
    assert_int_equal(strlen(p.place), sizeof p.place - 1);
    assert_int_equal(strlen(p.cause), sizeof p.cause - 1);
    assert_int_equal(ha_problem_set(NULL, HA_ERR_IO, "x", "y"), HA_ERR_IO);
}

static void the_nth_allocation_fails(void **state)
{
    (void)state;
    ha_alloc_fail_at(2);
    void *a = ha_alloc(1);
    void *b = ha_calloc(1, 1);
    void *c = ha_alloc(1);
    uint64_t calls = ha_alloc_fail_at(0);
    assert_non_null(a);
    assert_null(b);
    assert_non_null(c);
    assert_true(calls == 3);
    ha_free(a);
    ha_free(c);
}

/* Elements are added, and some dropped from the end, in runs of all lengths: none is lost, and the
 * sanitizer sees that each has its room. */
static void arrays_have_room_for_one_more(void **state)
{
    (void)state;
    size_t *array = NULL, count = 0;
    for (size_t round = 0; round < 40; round++) {
        for (size_t i = 0; i < round; i++) {
            size_t *grown = ha_one_more(array, count, sizeof *array);
            assert_non_null(grown);
            array = grown;
            array[count] = count * 7;
            count++;
        }
        for (size_t i = 0; i < count; i++)
            assert_true(array[i] == i * 7);
        count -= round % 3 == 0 ? count / 2 : 0;
    }
    while ((count & (count - 1)) != 0)
        count--; /* at a power of two it is moved */
    ha_alloc_fail_at(1);
    assert_null(ha_one_more(array, count, sizeof *array));
    (void)ha_alloc_fail_at(0);
    assert_true(array[count - 1] == (count - 1) * 7);
    ha_free(array);
}

static void reads_and_writes_fail_on_demand(void **state)
{
    (void)state;
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    ha_write_fault((struct ha_fault){.at = 1, .os_error = ENOSPC});
    assert_int_equal(ha_write_all(pipe_fds[1], "x", 1), -1);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(ha_write_all(pipe_fds[1], "abc", 3), 0);
    char got[8];
    ha_read_fault((struct ha_fault){.at = 2, .os_error = EIO});
    assert_int_equal(ha_read(pipe_fds[0], got, sizeof got), 3);
    assert_int_equal(ha_read(pipe_fds[0], got, sizeof got), -1);
    assert_int_equal(errno, EIO);
    ha_write_fault((struct ha_fault){0});
    ha_read_fault((struct ha_fault){0});
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

/* Takes all that comes; what it has seen of it. */
static void *drain(void *arg)
{
    int fd = *(int *)arg;
    static uint64_t sum;
    unsigned char run[999];
    int64_t got;
    sum = 0;
    while ((got = ha_read(fd, run, sizeof run)) > 0)
        for (int64_t i = 0; i < got; i++)
            sum = sum * 31 + run[i];
    return &sum;
}

static void a_full_pipe_is_waited_for_though_it_does_not_block(void **state)
{
    (void)state;
    enum { MUCH = 1 << 20 };
    int ends[2];
    pthread_t reader;
    void *seen = NULL;
    uint64_t want = 0;
    unsigned char *bytes = ha_alloc(MUCH);
    assert_non_null(bytes);
    for (size_t i = 0; i < MUCH; i++) {
        bytes[i] = (unsigned char)(i * 7 + i / 256);
        want = want * 31 + bytes[i];
    }
    assert_int_equal(pipe(ends), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 4096);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(pthread_create(&reader, NULL, drain, &ends[0]), 0);
    assert_int_equal(ha_write_all(ends[1], bytes, MUCH), 0);
    close(ends[1]);
    assert_int_equal(pthread_join(reader, &seen), 0);
    assert_true(*(const uint64_t *)seen == want);
    close(ends[0]);
    ha_free(bytes);
}

static void a_pipe_is_widened_and_never_narrowed(void **state)
{
    (void)state;
    int ends[2], reference[2], file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(reference), 0);
    int granted = fcntl(reference[0], F_SETPIPE_SZ, 1 << 20); /* -1 where the system refuses */
    ha_pipe_widen(ends[1]);
    if (granted >= 1 << 20)
        assert_int_equal(fcntl(ends[0], F_GETPIPE_SZ), granted);
    int wider = fcntl(ends[0], F_SETPIPE_SZ, 1 << 21); /* privileged */
    ha_pipe_widen(ends[0]);
    if (wider > 0)
        assert_int_equal(fcntl(ends[0], F_GETPIPE_SZ), wider);
    ha_pipe_widen(file);
    ha_pipe_widen(-1);
    close(file);
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(reference[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_compare_by_bytes_then_length),
        cmocka_unit_test(numbers_fill_the_view_or_are_refused),
        cmocka_unit_test(civil_time_and_back),
        cmocka_unit_test(times_are_written_by_rfc3339),
        cmocka_unit_test(months_are_english),
        cmocka_unit_test(problems_carry_place_and_cause),
        cmocka_unit_test(the_nth_allocation_fails),
        cmocka_unit_test(arrays_have_room_for_one_more),
        cmocka_unit_test(reads_and_writes_fail_on_demand),
        cmocka_unit_test(a_full_pipe_is_waited_for_though_it_does_not_block),
        cmocka_unit_test(a_pipe_is_widened_and_never_narrowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
