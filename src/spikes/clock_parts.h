/* clock_parts.h - the state of the clock, and how its minutes close. */
#ifndef HA_SPIKES_CLOCK_PARTS_H
#define HA_SPIKES_CLOCK_PARTS_H

#include "httpannotate/spike_clock.h"
#include "spikes/run.h"
#include "spikes/teller.h"

enum {
    RING = 128,           /* minutes kept as counts: more than from the earliest place to now */
    LATENESS_S = 5,       /* a minute closes so long after its end */
    TOO_LATE_S = 15 * 60, /* a line so late is not used */
    TOO_FAR_S = 16 * 60,  /* nor one so far ahead, until */
    AGREE = 3,            /* there are so many, each not before the others */
    ANOTHER_LOG = 64,     /* so many late ones in a row */
    SINGLES = 200,        /* statuses 400 to 599 */
    GROUPS = SINGLES + 2,
    NOT_WATCHED = UINT8_MAX,
};
_Static_assert(GROUPS < NOT_WATCHED, "an index has eight bits");

enum { NOW, LATER, EARLIEST, PLACES };

struct watched {
    int group;
    uint64_t next_look; /* errors in the open minute before which no look will find anything */
    struct ha_spike_run run[PLACES];
    struct ha_teller teller;
    uint32_t errors[RING];
};

struct minute {
    int64_t number;
    bool has_lines;
    uint64_t good;
};

struct ha_spike_clock {
    struct ha_spike_choice choice;
    ha_spike_tell_fn *tell;
    void *to;
    bool started; /* a line came */
    bool dirty;   /* a line came late: what was closed is to be done again */
    bool failed;
    int64_t max_s; /* the newest second */
    /* Lines of these seconds add to the newest minute, and all else stays: [from, to). */
    int64_t still_from, still_to;
    struct ha_spike_place at[PLACES];
    struct minute minutes[RING];
    struct watched *groups[GROUPS]; /* classes first, then in the order they were seen */
    size_t group_count;
    struct watched none; /* a group without errors: what a new one has been up to now */
    /* Index of a group, plus 1; 0: no line of it came yet; or NOT_WATCHED. */
    uint8_t of_status[SINGLES]; /* a status's own */
    uint8_t of_class[2];        /* of 4xx and 5xx */
    struct ahead {
        int64_t second;
        int status;
    } ahead[AGREE]; /* lines that are far ahead of all others */
    size_t ahead_count;
    uint64_t late_in_a_row;
    struct ha_spike_unused unused;
};

static inline int64_t minute_of(int64_t second)
{
    return ha_floor_div(second, HA_SPIKE_WIDTH_S);
}

static inline unsigned slot(int64_t minute)
{
    return (unsigned)((uint64_t)minute % RING);
}

/* What is needed to tell of a group now. */
struct ha_teller_view ha_clock_view(const struct ha_spike_clock *c, const struct watched *w,
                                    int64_t told_s);
/* Has one place be where another is. */
void ha_clock_move(struct ha_spike_clock *c, int from, int to);
/* Closes the next minute with what it holds, and tells of it. */
void ha_clock_close_one(struct ha_spike_clock *c);
/* Closes all minutes before this one, and tells of them. */
void ha_clock_close_before(struct ha_spike_clock *c, int64_t minute);
/* Does again what was closed since the earliest place, with the lines that came late. */
void ha_clock_close_again(struct ha_spike_clock *c);
/* Keeps a place behind every line that may still come. */
void ha_clock_keep_places(struct ha_spike_clock *c);

#endif
