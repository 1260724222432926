/* follow_step.c - what to do next about a name that is followed. */
#include "input/follow_step.h"

#define MS     INT64_C(1000)
#define SECOND (1000 * MS)

/* A server goes on to write the old file until it is told of the new one. Lines that come later
 * than this are still read, but behind the first ones of the new file. */
#define GRACE           (250 * MS)
#define HALF_LINE_GRACE (2 * SECOND)
#define GRACE_MOST      (3 * SECOND)
/* The new file is empty, or there is none. */
#define PATIENCE (60 * SECOND)
/* How long a change is looked out for more often. */
#define WATCHFUL (5 * SECOND)

static bool is_over(const struct ha_sight *s)
{
    if (s->once || s->many)
        return true;
    if (!s->filled)
        return s->away_us >= PATIENCE && s->quiet_us >= PATIENCE;
    int64_t grace = s->half_line ? HALF_LINE_GRACE : GRACE;
    return (s->quiet_us >= grace && s->filled_us >= grace) || s->filled_us >= GRACE_MOST;
}

enum ha_step ha_follow_step(const struct ha_sight *s)
{
    if (s->there && (!s->open || (!s->known && !s->many)))
        return HA_STEP_OPEN;
    if (!s->open)
        return HA_STEP_WAIT;
    if (s->changed)
        return HA_STEP_RESTART;
    if (s->more)
        return HA_STEP_READ;
    if (s->next)
        return is_over(s) ? HA_STEP_SWITCH : HA_STEP_WAIT;
    return !s->there && !s->once && s->unlinked && is_over(s) ? HA_STEP_DROP : HA_STEP_WAIT;
}

bool ha_follow_soon(const struct ha_sight *s)
{
    bool away = s->next || !s->there || !s->known;
    return s->open && away && (s->filled || s->away_us < WATCHFUL);
}
