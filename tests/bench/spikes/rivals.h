/* rivals.h - other ways to tell a burst of errors, as small as they are usually written. */
#ifndef HTTPANNOTATE_BENCH_RIVALS_H
#define HTTPANNOTATE_BENCH_RIVALS_H

#include "feed.h"

enum { RIVAL_RING = 16, RIVAL_THRESHOLDS = 16 };

/* What a method remembers of one group. */
struct rival_state {
    double threshold;
    double mean, var, errors, minutes; /* forgetting within the hour */
    double sum;                        /* of a CUSUM */
    double ring[RIVAL_RING];           /* the newest minutes */
    int64_t now;
    bool told; /* by our own detector */
    struct feed feed;
};

struct rival {
    const char *name, *threshold_name;
    /* One minute: true when it is an alarm at the threshold. */
    bool (*minute)(struct rival_state *s, double errors, double good);
    double usual;                        /* threshold, as it is often set */
    double thresholds[RIVAL_THRESHOLDS]; /* ascending, 0 behind the last; usual is among them */
};
extern const struct rival rivals[];
enum { RIVALS = 6 }; /* the last is our own */

void rival_init(struct rival_state *s, double threshold);

#endif
