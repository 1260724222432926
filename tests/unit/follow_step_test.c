/* follow_step_test.c - what is done next about a name, for everything that a look can show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "httpannotate/base.h"
#include "input/follow_step.h"

#define MS INT64_C(1000)
#define S  (1000 * MS)

/* The name leads to the newest file that is open: the one that is read, */
#define NAMED .open = true, .there = true, .known = true
/* another one that waits behind it, */
#define NEXT NAMED, .next = true
/* and has something in it. */
#define FILLED NEXT, .filled = true

static const struct {
    struct ha_sight sight;
    enum ha_step step;
} cases[] = {
    /* nothing is open */
    {{0}, HA_STEP_WAIT},
    {{.there = true}, HA_STEP_OPEN},
    {{.there = true, .once = true}, HA_STEP_OPEN},
    {{.once = true}, HA_STEP_WAIT},
    /* the open file has the name */
    {{NAMED}, HA_STEP_WAIT},
    {{NAMED, .more = true}, HA_STEP_READ},
    {{NAMED, .changed = true}, HA_STEP_RESTART},
    {{NAMED, .changed = true, .more = true}, HA_STEP_RESTART},
    {{NAMED, .quiet_us = 9000 * S}, HA_STEP_WAIT},
    /* another one has it: it is opened at once */
    {{.open = true, .there = true}, HA_STEP_OPEN},
    {{.open = true, .there = true, .more = true}, HA_STEP_OPEN},
    {{.open = true, .there = true, .next = true, .more = true}, HA_STEP_OPEN},
    {{.open = true, .there = true, .next = true, .many = true, .more = true}, HA_STEP_READ},
    {{.open = true, .there = true, .next = true, .many = true}, HA_STEP_SWITCH},
    /* ... and read later: the old one comes first, for a while after it has gone silent */
    {{FILLED, .more = true, .filled_us = 9 * S}, HA_STEP_READ},
    {{FILLED, .changed = true, .filled_us = 9 * S}, HA_STEP_RESTART},
    {{FILLED, .quiet_us = 9 * S}, HA_STEP_WAIT},
    {{FILLED, .filled_us = 300 * MS, .quiet_us = 100 * MS}, HA_STEP_WAIT},
    {{FILLED, .filled_us = 300 * MS, .quiet_us = 300 * MS}, HA_STEP_SWITCH},
    /* half a line is waited for longer */
    {{FILLED, .half_line = true, .filled_us = 300 * MS, .quiet_us = 300 * MS}, HA_STEP_WAIT},
    {{FILLED, .half_line = true, .filled_us = 2 * S, .quiet_us = 2 * S}, HA_STEP_SWITCH},
    /* a server that never leaves the old file does not hold up the new one */
    {{FILLED, .filled_us = 3 * S}, HA_STEP_SWITCH},
    /* the new one is empty: the old one may go on for long */
    {{NEXT, .away_us = 59 * S, .quiet_us = 59 * S}, HA_STEP_WAIT},
    {{NEXT, .away_us = 61 * S, .quiet_us = 1 * S}, HA_STEP_WAIT},
    {{NEXT, .away_us = 61 * S, .quiet_us = 61 * S}, HA_STEP_SWITCH},
    /* there is none */
    {{.open = true, .more = true}, HA_STEP_READ},
    {{.open = true, .away_us = 9000 * S, .quiet_us = 9000 * S}, HA_STEP_WAIT},
    {{.open = true, .unlinked = true, .away_us = 1 * S, .quiet_us = 9000 * S}, HA_STEP_WAIT},
    {{.open = true, .unlinked = true, .away_us = 60 * S, .quiet_us = 60 * S}, HA_STEP_DROP},
    /* once: nobody is waited for */
    {{.once = true, .open = true, .there = true}, HA_STEP_OPEN},
    {{.once = true, NEXT}, HA_STEP_SWITCH},
    {{.once = true, FILLED, .half_line = true}, HA_STEP_SWITCH},
    {{.once = true, NEXT, .more = true}, HA_STEP_READ},
    {{.once = true, NAMED, .half_line = true}, HA_STEP_WAIT},
    {{.once = true, .open = true, .unlinked = true, .away_us = 60 * S, .quiet_us = 60 * S},
     HA_STEP_WAIT},
};

static void each_look_has_its_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < HA_COUNT(cases); i++)
        if (ha_follow_step(&cases[i].sight) != cases[i].step)
            fail_msg("case %zu: step %d, want %d", i, (int)ha_follow_step(&cases[i].sight),
                     (int)cases[i].step);
}

static void a_name_that_changes_hands_is_watched_closely(void **state)
{
    (void)state;
    assert_false(ha_follow_soon(&(struct ha_sight){.there = true}));
    assert_false(ha_follow_soon(&(struct ha_sight){.open = true, .there = true, .known = true}));
    assert_true(ha_follow_soon(&(struct ha_sight){.open = true, .away_us = 1 * S}));
    assert_true(ha_follow_soon(&(struct ha_sight){
        .open = true, .there = true, .next = true, .filled = true, .away_us = 900 * S}));
    /* ... but not for ever */
    assert_false(ha_follow_soon(&(struct ha_sight){.open = true, .away_us = 6 * S}));
    assert_false(ha_follow_soon(&(struct ha_sight){.open = true, .there = true, .away_us = 6 * S}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_look_has_its_step),
        cmocka_unit_test(a_name_that_changes_hands_is_watched_closely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
