/* spikes.h - bursts of errors against what is usual: when they began, ended, and how high they
 * were.
 *
 * Layer 3. A scan detector over counts per minute with a negative-binomial tail, a baseline that
 * forgets (an hour, a day) and good traffic as denominator. For each of the last 1, 2, 3, 4, 5, 7,
 * 10 and 15 minutes it asks how likely so many errors are, given how bursty the group has shown
 * itself to be; the score is -ln of that chance by a saddle point (Daniels 1954; Lugannani and Rice
 * 1980). The windows are those of count-burst triggers (Poisson-FOCuS: Ward, Dilillo, Eckley,
 * Fearnhead 2023), the noise law that of disease surveillance (Hoehle and Paul 2008). */
#ifndef HTTPANNOTATE_SPIKES_H
#define HTTPANNOTATE_SPIKES_H

#include "httpannotate/base.h"

enum {
    HA_SPIKE_WIDTH_S = 60,       /* a bucket: a minute of the log's own time */
    HA_SPIKE_LEAST_SPAN_S = 600, /* from the first to the last minute, to know what is usual */
};

/* Which groups of errors are watched. A group is named by a number: a status from 400 to 599, or a
 * class, 4 or 5. */
struct ha_spike_choice {
    bool off;       /* none is: --no-spikes */
    bool every_5xx; /* each status from 500 to 599 */
    bool class_4xx, class_5xx;
    uint64_t status[4]; /* single ones: bit s - 400 */
};
/* 429, each 5xx status, 4xx and 5xx. */
#define HA_SPIKE_CHOICE_DEFAULT                                                                    \
    ((struct ha_spike_choice){.every_5xx = true,                                                   \
                              .class_4xx = true,                                                   \
                              .class_5xx = true,                                                   \
                              .status = {UINT64_C(1) << (429 - 400)}})
/* False for what is no group, too. */
bool ha_spike_watches(const struct ha_spike_choice *c, int group);
/* Reads "429,503,500-504,4xx,5xx": those and no other. HA_ERR_SYNTAX says what it takes, and leaves
 * *out as it was. */
enum ha_err ha_spike_choice_parse(struct ha_view list, struct ha_spike_choice *out,
                                  struct ha_problem *p) HA_MUST_USE;
/* "429", "5xx", with a NUL behind; returns its length without it. */
#define HA_SPIKE_GROUP_TEXT 4
size_t ha_spike_group_text(int group, char to[HA_SPIKE_GROUP_TEXT]);
/* Whether a response of this status counts in the group. */
bool ha_spike_group_has(int group, int status);

/* One monitored group: what it remembers. Fixed size, no allocation. */
enum { HA_SPIKE_RING = 16 };
struct ha_spike_group {
    double hour_errors, hour_buckets, hour_good; /* forgetting sums: the last hour */
    double day_errors, day_buckets;              /* the last day */
    double var, var_mean;                        /* burstiness by the bucket: V / U */
    double block_var, block_mean;                /* the same by blocks of ten */
    double block_errors, block_expected, block_mu, block_good, next_mu, next_good;
    double habit_count, habit_log, habit_log2, habit_length;
    double usual, total, peak; /* of the incident */
    double told, incident_peak, reference;
    double saved[6]; /* the baseline put aside when a lasting level was settled on */
    uint32_t errors[HA_SPIKE_RING], good[HA_SPIKE_RING];
    int64_t now, learned, fresh; /* buckets closed, learned, since the windows may look back */
    int64_t onset, opened, first, hot, saved_at;
    uint16_t excluded, silent; /* bit a bucket of the ring: not to be learned; no line at all */
    int block_count, cooling, surges;
    int32_t end_after; /* buckets from the onset to where the end is likely, were it over */
    float end_slack;   /* how much less likely an end is here, as a logarithm; 0 or below */
    bool is_open, muted, said_worse, has_saved;
};

enum ha_spike_kind {
    HA_SPIKE_START, /* an alert */
    HA_SPIKE_AGAIN, /* one of a group that bursts by habit: noted, no alert */
    HA_SPIKE_WORSE,
    HA_SPIKE_END,
    HA_SPIKE_SETTLED, /* the new level is the usual one from here on */
};
struct ha_spike_event {
    enum ha_spike_kind kind;
    bool as_before; /* of a level settled on: it is about the usual one, so that the incident is
                     * told as ended */
    int64_t since;  /* bucket (0: the first one closed) it speaks of; for an end the one behind the
                     * last that was above the usual */
    int64_t end;    /* for an end: the bucket behind the last one that rather was the incident's
                     * than the usual; so what is told as its end */
    double usual;   /* per bucket, when the incident began */
    double peak, total;
};
enum { HA_SPIKE_EVENTS = 4 }; /* at most so many events a bucket */

void ha_spike_group_init(struct ha_spike_group *g);
/* Closes one bucket with so many errors of the group and so many good requests (status below 400).
 * silent: the log had no line in it, nor in the five before. Writes what happened to events and
 * returns how many. */
size_t ha_spike_group_close(struct ha_spike_group *g, uint64_t errors, uint64_t good, bool silent,
                            struct ha_spike_event events[HA_SPIKE_EVENTS]);

/* Whether silent buckets change nothing but how long ago all was: there is no incident, nor was one
 * just now, and the newest buckets were silent. */
bool ha_spike_group_rests(const struct ha_spike_group *g);
/* Closes so many silent buckets of a group that rests, at once. */
void ha_spike_group_rest(struct ha_spike_group *g, int64_t buckets);

/* A look at the bucket that is still open: whether its counts so far would give an alarm if it were
 * closed with them. Counts of errors only grow, so the closed bucket will give it too, unless good
 * traffic rises meanwhile. The group does not change. */
struct ha_spike_look {
    int64_t since; /* bucket */
    double usual;  /* per bucket */
    double rate;   /* errors a bucket in the window that gave the alarm */
    uint64_t next; /* without an alarm: with fewer errors than this, and no fewer good requests, no
                    * look before the bucket closes will give one */
};
bool ha_spike_group_look(const struct ha_spike_group *g, uint64_t errors, uint64_t good,
                         struct ha_spike_look *look);

/* One incident, as it is told. Times in seconds since the epoch. */
struct ha_spike {
    int64_t start_s, end_s; /* end_s: of the last minute seen while is_open */
    bool is_open;           /* the log ends before it does */
    bool settled;           /* it lasted until its level was the usual one */
    uint64_t count;         /* errors of the group from start to end */
    double peak_per_minute, usual_per_minute;
};
/* Errors and good requests of one minute that had lines. */
struct ha_spike_minute {
    int64_t start_s; /* a multiple of 60 */
    uint64_t errors, good;
};
/* The incidents of one group in minutes that are in order, each at most once. *out from ha_alloc,
 * *count of them; NULL and 0 when there are none, as in a log too short to know what is usual.
 * HA_ERR_MEMORY only. */
enum ha_err ha_spikes_find(const struct ha_spike_minute *minutes, size_t minute_count,
                           struct ha_spike **out, size_t *count) HA_MUST_USE;

#endif
