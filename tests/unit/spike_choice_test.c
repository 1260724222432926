/* spike_choice_test.c - which groups of errors are watched, and how a list of them is read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "httpannotate/spikes.h"

/* The groups of a choice, apart by blanks. */
static const char *groups_of(const struct ha_spike_choice *c)
{
    static char text[4096];
    char name[HA_SPIKE_GROUP_TEXT];
    size_t used = 0;
    text[0] = '\0';
    for (int group = 0; group < 1000; group++) {
        if (!ha_spike_watches(c, group))
            continue;
        assert_int_equal(ha_spike_group_text(group, name), 3);
        assert_true(used + 5 < sizeof text);
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? " " : "", name);
    }
    return text;
}

static void lists(void **state)
{
    (void)state;
    static const struct {
        const char *list, *groups;
    } cases[] = {
        {"429", "429"},
        {"429,503,404,4xx,5xx", "4xx 5xx 404 429 503"},
        {" 4XX , 5Xx", "4xx 5xx"},
        {"500-504", "500 501 502 503 504"},
        {"463-465,400-400,599,512", "400 463 464 465 512 599"},
    };
    for (size_t i = 0; i < HA_COUNT(cases); i++) {
        struct ha_spike_choice c = HA_SPIKE_CHOICE_DEFAULT;
        struct ha_problem p;
        assert_int_equal(ha_spike_choice_parse(ha_view_of(cases[i].list), &c, &p), HA_OK);
        assert_string_equal(groups_of(&c), cases[i].groups);
    }
}

static void what_is_no_list(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",     ",",        "429,",    "200",    "600",  "399",     "42",      "4290",
        "3xx",  "xx",       "504-500", "500-5x", "!429", "4xx-5xx", "500-600", "429 503",
        "-429", "429,,503", "errors",  "\xff",   "42\t", "500_504", "0x1f4",   "a comma, and more"};
    const struct ha_spike_choice before = HA_SPIKE_CHOICE_DEFAULT;
    for (size_t i = 0; i < HA_COUNT(bad); i++) {
        struct ha_spike_choice c = before;
        struct ha_problem p;
        if (ha_spike_choice_parse(ha_view_of(bad[i]), &c, &p) != HA_ERR_SYNTAX)
            fail_msg("'%s' was taken", bad[i]);
        assert_non_null(strstr(p.cause, "is no group of errors"));
        assert_memory_equal(&c, &before, sizeof c);
    }
}

static void without_a_list(void **state)
{
    (void)state;
    struct ha_spike_choice c = HA_SPIKE_CHOICE_DEFAULT;
    assert_true(ha_spike_watches(&c, 429) && ha_spike_watches(&c, 4) && ha_spike_watches(&c, 5));
    for (int status = 400; status < 600; status++)
        assert_int_equal(ha_spike_watches(&c, status), status == 429 || status >= 500);
    c.off = true;
    assert_string_equal(groups_of(&c), "");
}

static void groups_hold_statuses(void **state)
{
    (void)state;
    assert_true(ha_spike_group_has(429, 429) && ha_spike_group_has(4, 429));
    assert_true(ha_spike_group_has(5, 500) && ha_spike_group_has(5, 599));
    assert_false(ha_spike_group_has(429, 428) || ha_spike_group_has(5, 499));
    assert_false(ha_spike_group_has(5, 600) || ha_spike_group_has(4, 399));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(what_is_no_list),
        cmocka_unit_test(without_a_list),
        cmocka_unit_test(groups_hold_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
