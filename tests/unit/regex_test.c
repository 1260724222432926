/* regex_test.c - expressions: what they say is the same before and after machine code is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "parse/regex.h"

enum { ASKED = 200, THREADS = 4, MATCH_LIMIT = 1 << 20 };

static struct ha_regex *compiled(const char *text)
{
    struct ha_regex *re;
    struct ha_problem p;
    size_t at;
    assert_int_equal(ha_regex_compile(ha_view_of(text), &re, &at, &p), HA_OK);
    return re;
}

static enum ha_regex_result asked(struct ha_regex *re, struct ha_scratch *s, const char *subject)
{
    return ha_regex_match(re, s, ha_view_of(subject));
}

static void check_answers(uint32_t limit)
{
    struct ha_scratch *s;
    unsigned count;
    assert_int_equal(ha_scratch_new(limit, &s), HA_OK);
    for (int first = 0; first < ASKED; first += 7) {
        struct ha_regex *re = compiled("(?<a>a+)x(?<b>b*)");
        for (int i = 0; i < first; i++)
            assert_int_equal(asked(re, s, i % 2 == 0 ? "aab" : ""), HA_REGEX_NO_MATCH);
        assert_int_equal(asked(re, s, "aaxbbb"), HA_REGEX_MATCH);
        const size_t *offsets = ha_scratch_offsets(s, &count);
        assert_int_equal(count, 3);
        assert_int_equal(offsets[2], 0);
        assert_int_equal(offsets[3], 2);
        assert_int_equal(offsets[4], 3);
        assert_int_equal(offsets[5], 6);
        assert_int_equal(asked(re, s, "aaxbbbx"), HA_REGEX_NO_MATCH);
        ha_regex_free(&re);
    }
    ha_scratch_free(&s);
}

static void answers_are_the_same_whenever_asked(void **state)
{
    (void)state;
    check_answers(MATCH_LIMIT);
    check_answers(100); /* too near for a look */
}

/* What a look leaves open is told as ever: here a match that takes long, and one that takes too
 * long. */
static void a_look_says_only_what_is_sure(void **state)
{
    (void)state;
    struct ha_scratch *s;
    assert_int_equal(ha_scratch_new(MATCH_LIMIT, &s), HA_OK);
    struct ha_regex *slow = compiled("(?:a|aa)*b|a*c"), *endless = compiled("(?:(?:a*)*)*b");
    assert_int_equal(asked(slow, s, "aaaaaaaaaaaaac"), HA_REGEX_MATCH);
    assert_int_equal(asked(endless, s, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaacb"), HA_REGEX_LIMIT);
    assert_int_equal(asked(slow, s, "aaaaaaaaaaaaac"), HA_REGEX_MATCH);
    assert_int_equal(asked(endless, s, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaacb"), HA_REGEX_LIMIT);
    ha_regex_free(&slow);
    ha_regex_free(&endless);
    ha_scratch_free(&s);
}

static void *ask(void *arg)
{
    struct ha_regex *re = arg;
    struct ha_scratch *s;
    uintptr_t wrong = 0;
    if (ha_scratch_new(MATCH_LIMIT, &s) != HA_OK)
        return (void *)1;
    for (int i = 0; i < ASKED; i++) {
        wrong += asked(re, s, "aab") != HA_REGEX_NO_MATCH;
        if (i == 5)
            wrong += asked(re, s, "aaxb") != HA_REGEX_MATCH;
    }
    ha_scratch_free(&s);
    return (void *)wrong;
}

static void threads_may_ask_together(void **state)
{
    (void)state;
    struct ha_regex *re = compiled("a+xb*");
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, re), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    ha_regex_free(&re);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_the_same_whenever_asked),
        cmocka_unit_test(a_look_says_only_what_is_sure),
        cmocka_unit_test(threads_may_ask_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
