/* teller.h - what of a group's incidents has been told, and what is to be told next.
 *
 * It compares what it has told with where the incident stands now, minute by minute; so it does not
 * matter whether that came about line by line or by doing minutes again with lines that came late.
 */
#ifndef HA_SPIKES_TELLER_H
#define HA_SPIKES_TELLER_H

#include "httpannotate/spike_clock.h"
#include "spikes/run.h"

struct ha_teller {
    enum ha_incident_state told; /* as what: NONE, OPEN or SETTLED */
    bool hushed;                 /* followed, not told: its class is */
    bool early;                  /* told before its minute was closed */
    bool said_worse;
    bool withdrawn;          /* the last look told that it was none */
    int64_t early_s;         /* when that minute ends */
    int64_t start_s;         /* of the incident, as it is known now */
    int64_t first_s;         /* the start told first: all that is told of the incident carries it */
    int64_t handled_s;       /* incidents that ended by then are done with */
    int64_t handled_first_s; /* the start that the last of them was told with */
    int64_t no_early_s;      /* no early telling before this */
};
struct ha_teller_view {
    const struct ha_spike_run *run;
    int group;
    int64_t told_s;
    const struct ha_teller *class; /* of a status whose class is watched; else NULL */
    ha_spike_tell_fn *tell;
    void *to;
};

void ha_teller_init(struct ha_teller *t);
/* After a minute was closed. A class is to be looked at before its statuses. */
void ha_teller_look(struct ha_teller *t, const struct ha_teller_view *v);
/* Whether further looks will tell nothing, and change nothing, as long as the incident stays as it
 * is. */
bool ha_teller_rests(const struct ha_teller *t);
/* Whether an early look may be told. */
bool ha_teller_may_look(const struct ha_teller *t, int64_t second);
/* Tells what an early look found; errors are those of the open minute, base_s is when bucket 0
 * began. */
void ha_teller_early(struct ha_teller *t, const struct ha_teller_view *v,
                     const struct ha_spike_look *look, uint64_t errors, int64_t base_s);

#endif
