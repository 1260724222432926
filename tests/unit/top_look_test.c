/* top_look_test.c - each way to look at values: what it finds, and what it must not even read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/scan.h"
#include "random.h"
#include "tally/top_look.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LONGEST 400

static const char *kernel;

/* The longest value that may be, in memory behind which none can be read, nor before it. */
static char *page;
static size_t page_bytes;

static int set_up(void **state)
{
    (void)state;
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    char *all = mmap(NULL, 3 * page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || page_bytes < LONGEST)
        return -1;
    page = all + page_bytes;
    return mprotect(page, page_bytes, PROT_READ | PROT_WRITE) != 0 ||
           ha_scan_use(kernel, NULL) != HA_OK;
}

static int tear_down(void **state)
{
    (void)state;
    return munmap(page - page_bytes, 3 * page_bytes);
}

static void list_init(struct ha_top_list *l, size_t entries)
{
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    limits.top_entries = entries;
    limits.value_bytes = LONGEST;
    assert_true(ha_top_init(l, &limits, 1, NULL));
    assert_ptr_equal(l->look, ha_top_look_in_use());
}

/* The first bytes of the page, or its last ones. */
static struct ha_view value_at(bool end, size_t len)
{
    return (struct ha_view){end ? page + page_bytes - len : page, len};
}

static size_t left_of(const struct ha_top_list *l, const struct ha_view *values, size_t n)
{
    uint32_t places[HA_TOP_CHUNK];
    struct ha_top_chunk c = {.values = values, .places = places, .n = n};
    l->look->count(l, &c);
    return c.left;
}

static void every_byte_tells_values_apart(void **state)
{
    (void)state;
    struct ha_top_list l;
    list_init(&l, 1000);
    for (size_t len = 1; len <= LONGEST; len++) {
        struct ha_view v = value_at(len % 2 == 0, len);
        memset(page, 'x', page_bytes);
        assert_true(ha_top_add(&l, &v, 1));
        assert_int_equal(left_of(&l, &v, 1), 0);
        for (size_t at = 0; at < len; at++) {
            ((char *)v.ptr)[at] = 'y';
            assert_int_equal(left_of(&l, &v, 1), 1);
            ((char *)v.ptr)[at] = 'x';
        }
        assert_int_equal(left_of(&l, &v, 1), 0);
        ha_top_reset(&l);
    }
    ha_top_done(&l);
}

/* How long the others of a chunk are makes no difference. */
static void values_are_found_among_any_others(void **state)
{
    (void)state;
    struct ha_top_list l;
    struct random r = {3};
    struct ha_top_entry entry;
    list_init(&l, 1000);
    memset(page, 'z', page_bytes);
    for (size_t len = 1; len <= LONGEST; len++) {
        struct ha_view v = value_at(false, len);
        assert_true(ha_top_add(&l, &v, 1));
    }
    for (int round = 0; round < 2000; round++) {
        struct ha_view values[HA_TOP_CHUNK];
        size_t n = 1 + random_below(&r, HA_TOP_CHUNK), most = 1 + random_below(&r, LONGEST);
        for (size_t i = 0; i < n; i++)
            values[i] = value_at(i % 2 == 0, 1 + random_below(&r, (uint32_t)most));
        assert_int_equal(left_of(&l, values, n), 0);
    }
    uint64_t counted = 0;
    for (size_t len = 1; len <= LONGEST; len++) {
        assert_true(ha_top_find(&l, value_at(true, len), &entry));
        counted += entry.count;
    }
    assert_true(counted > 2000 && l.entries == LONGEST);
    ha_top_done(&l);
}

/* A glance may lead to the record of another value, which is shorter and may be the last there is:
 * behind it no more is read than the value would take if it were that one. */
static void a_short_record_is_not_read_beyond(void **state)
{
    (void)state;
    enum { LONG = 32 << 20 }; /* more than all that a list keeps */
    struct ha_top_list l;
    struct ha_view s = value_at(true, 1);
    char *text = malloc(LONG);
    assert_non_null(text);
    memset(text, 'x', LONG);
    memset(page, 'y', page_bytes);
    list_init(&l, 1000);
    assert_true(ha_top_add(&l, &s, 1));
    for (size_t len = 2; len <= LONG; len += 1 + len / 2) {
        struct ha_view v = {text, len};
        assert_int_equal(left_of(&l, &v, 1), 1);
    }
    ha_top_done(&l);
    free(text);
}

/* Values that differ in a digit or two, wherever these stand, lead to places of their own. */
static void glances_differ_where_values_do(void **state)
{
    (void)state;
    const struct ha_top_look *look = ha_top_look_in_use();
    uint64_t seen[100];
    for (size_t len = 2; len <= 24; len++)
        for (size_t at = 0; at + 2 <= len; at++) {
            struct ha_view v = value_at(true, len);
            memset(page, '/', page_bytes);
            for (int n = 0; n < 100; n++) {
                ((char *)v.ptr)[at] = (char)('0' + n / 10);
                ((char *)v.ptr)[at + 1] = (char)('0' + n % 10);
                seen[n] = look->glance(v);
                for (int i = 0; i < n; i++)
                    assert_true(seen[i] != seen[n]);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_tells_values_apart),
        cmocka_unit_test(values_are_found_among_any_others),
        cmocka_unit_test(a_short_record_is_not_read_beyond),
        cmocka_unit_test(glances_differ_where_values_do),
    };
    /* The way goes by the scanner's kernel. */
    int failed = 0;
    for (size_t i = 0; (kernel = ha_scan_kernel_name(i)) != NULL; i++)
        failed += cmocka_run_group_tests_name(kernel, tests, set_up, tear_down);
    return failed;
}
