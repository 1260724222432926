/* matcher_fixture.h - the built-in patterns and a matcher, for tests that match one line at a time.
 */
#ifndef HTTPANNOTATE_TEST_MATCHER_FIXTURE_H
#define HTTPANNOTATE_TEST_MATCHER_FIXTURE_H

#include <string.h>

#include "httpannotate/pattern.h"

struct fixture {
    struct ha_patterns *set;
    struct ha_matcher *matcher;
};

/* For cmocka_run_group_tests. */
static int start(void **state)
{
    static struct fixture f;
    struct ha_limits limits = HA_LIMITS_DEFAULT;
    struct ha_problem p;
    *state = &f;
    return ha_patterns_builtin(&limits, &f.set, &p) != HA_OK ||
           ha_matcher_new(f.set, &f.matcher) != HA_OK;
}

static int stop(void **state)
{
    struct fixture *f = *state;
    ha_matcher_free(&f->matcher);
    ha_patterns_free(&f->set);
    return 0;
}

/* The record is filled with rubbish first: nothing of the line before may be seen. */
static inline struct ha_record match(struct fixture *f, struct ha_view line)
{
    struct ha_record r;
    memset(&r, 0xA5, sizeof r);
    r.line = line;
    ha_match(f->matcher, &r);
    return r;
}

static inline struct ha_record match_text(struct fixture *f, const char *line)
{
    return match(f, ha_view_of(line));
}

#endif
