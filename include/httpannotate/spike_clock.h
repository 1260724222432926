/* spike_clock.h - spikes while the log is read: lines in the order they come, by their own time.
 *
 * Layer 3. Time is that of the log alone: a minute closes when a line comes whose time is 5 seconds
 * behind its end, so that a file tells the same at any speed, and a log that falls silent tells
 * nothing. Lines up to 15 minutes late are counted where they belong: what was closed is done again
 * from a state kept, so that whatever the order of such lines, the clock knows what ha_spikes_find
 * finds in the exact counts. An open minute is looked at early, with what it holds so far. */
#ifndef HTTPANNOTATE_SPIKE_CLOCK_H
#define HTTPANNOTATE_SPIKE_CLOCK_H

#include "httpannotate/spikes.h"

enum ha_told_kind {
    HA_TOLD_START,   /* a spike opens */
    HA_TOLD_AGAIN,   /* one that had ended goes on */
    HA_TOLD_WORSE,   /* four times as bad as at first; once a spike */
    HA_TOLD_SETTLED, /* it has lasted an hour: its level is the usual one from here on */
    HA_TOLD_END,
    HA_TOLD_NONE, /* what was told as open is none: good traffic rose too, or late lines came */
};
struct ha_spike_told {
    enum ha_told_kind kind;
    int group;
    bool early;     /* told before its minute was closed; of HA_TOLD_NONE: had been */
    int64_t told_s; /* by the log's time: of the line that gave it early, else the minute's end */
    /* Its start as it was told first, whatever spike.start_s is by now: with the group it names the
     * incident (HA_TOLD_AGAIN goes on with that of the one that had ended). */
    int64_t first_s;
    double rate;        /* errors a minute, now */
    double rate_before; /* HA_TOLD_WORSE: the largest minute of its first five */
    /* What is known of it by now. end_s is 0 while it is open, else that of the minute behind it;
     * count and peak are up to it. */
    struct ha_spike spike;
};
typedef void ha_spike_tell_fn(void *to, const struct ha_spike_told *told);

struct ha_spike_clock;
/* tell is called as lines come, and by ha_spike_clock_end, with `to`. A class is always told; a
 * single 5xx status only while its class is not told as open. HA_ERR_MEMORY only. */
enum ha_err ha_spike_clock_new(const struct ha_spike_choice *choice, ha_spike_tell_fn *tell,
                               void *to, struct ha_spike_clock **out) HA_MUST_USE;
void ha_spike_clock_free(struct ha_spike_clock **clock);

/* Lines of one second: so many good ones (status below 400), then one with this status, or none
 * when it is HA_NO_LINE. How lines are put into such runs changes nothing of what is told. */
enum { HA_NO_LINE = -1 };
void ha_spike_clock_lines(struct ha_spike_clock *clock, int64_t second, uint64_t good, int status);
/* The log ends here: closes what is open. Lines may follow (those of another log). */
void ha_spike_clock_end(struct ha_spike_clock *clock);

/* Lines that were not used: 15 minutes late or more (64 such in a row are taken for another log, in
 * which the clock starts anew with what it knows of the usual), or so far ahead that
 * lines from before them came next (one is believed when two more come that are not before it). */
struct ha_spike_unused {
    uint64_t late, ahead;
};
struct ha_spike_unused ha_spike_clock_unused(const struct ha_spike_clock *clock);
/* What is known of a group (after ha_spike_clock_end, all); NULL while none of its errors came. */
const struct ha_spike_group *ha_spike_clock_group(const struct ha_spike_clock *clock, int group);
/* The newest second that a line was used for; 0 before the first. */
int64_t ha_spike_clock_now(const struct ha_spike_clock *clock);
/* False when memory ran out. */
bool ha_spike_clock_ok(const struct ha_spike_clock *clock);

#endif
