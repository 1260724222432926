/* run.h - one group with the incident it is in or was in last, bucket by bucket.
 *
 * What happened in a bucket becomes the state of an incident here, for the list of a report and for
 * what is told while the log is read: so both mean the same. A run is a plain value: a copy of it
 * is a place that one can go back to. */
#ifndef HA_SPIKES_RUN_H
#define HA_SPIKES_RUN_H

#include "httpannotate/spikes.h"

enum ha_incident_state {
    HA_INCIDENT_NONE,
    HA_INCIDENT_OPEN,
    HA_INCIDENT_SETTLED, /* it lasts, and is the usual level now */
    HA_INCIDENT_ENDED,
};
struct ha_incident {
    enum ha_incident_state state;
    bool told;                    /* an alert; else one of a group that bursts by habit */
    bool worse;                   /* it became much worse than it was when told */
    bool lasted;                  /* it was settled once */
    int64_t onset;                /* bucket */
    int64_t start_s, end_s;       /* end_s once it is settled or ended: of the minute behind it */
    double usual;                 /* errors a minute */
    double told_rate;             /* the largest minute of its first five */
    uint64_t count, peak;         /* from its start to the last bucket closed */
    uint64_t hot_count, hot_peak; /* to where its end is likely by now */
    uint64_t end_count, end_peak; /* to its end */
};

struct ha_spike_run {
    struct ha_spike_group group;
    struct ha_incident incident;
    bool is_new; /* an incident began with the last bucket closed: the one before is past */
};

void ha_spike_run_init(struct ha_spike_run *run);
/* Errors, and the largest bucket, of those from `bucket` to the one closed last; the ring must hold
 * them still. */
uint64_t ha_spike_errors_since(const struct ha_spike_group *g, int64_t bucket, uint64_t *peak);
/* Where the buckets are in time: minute `next` is the one to be closed, `last` the newest closed
 * one that had lines, and bucket 0 is minute `base`. Minutes since the epoch. */
struct ha_spike_place {
    int64_t next, last, base;
};
/* Before any bucket was closed; the first will be that of this minute. */
struct ha_spike_place ha_spike_place_at(int64_t minute);
/* Closes the minute `next` of a place; the caller moves the place on when all groups have. */
void ha_spike_run_close(struct ha_spike_run *run, const struct ha_spike_place *at, uint64_t errors,
                        uint64_t good, bool has_lines);

/* A silence in the log is closed minute by minute; of a long one only as many as can matter. */
enum { HA_SPIKE_LONG_SILENCE = 4 * HA_SPIKE_RING };
/* Moves the place behind the minute just closed. */
void ha_spike_place_on(struct ha_spike_place *at, bool had_lines);
/* Skips what is left of a silence up to minute, of which nothing will be closed. Each group must be
 * told: what comes after it goes on with no incident from before it. */
void ha_spike_place_skip(struct ha_spike_place *at, int64_t minute);
void ha_spike_run_skip(struct ha_spike_run *run);

#endif
